// The pages on which the API can be tried out. Nothing is asked of any other host.
"use strict";
const docs = document.getElementById("docs");
window.SwaggerUIBundle({
  url: docs.dataset.description,
  domNode: docs,
  deepLinking: true,
  validatorUrl: null,
  docExpansion: "list",
  defaultModelsExpandDepth: 0,
});
