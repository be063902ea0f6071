"use strict";
// allauth tells of a passkey that was refused, cancelled or not found; people need words, not the browser's console.
document.addEventListener("allauth.error", (event) => {
  event.preventDefault();
  document.getElementById("passkey-trouble").hidden = false;
});
