// Answers are never kept here unless the worker asked for it (the shelf "kept", filled by page.js).
"use strict";
const SHELF = "pages-{{ version }}";
const FIRST = [{% for one in first %}"{{ one|escapejs }}"{% if not forloop.last %}, {% endif %}{% endfor %}];

self.addEventListener("install", (event) => {
  event.waitUntil(caches.open(SHELF).then((shelf) => shelf.addAll(FIRST)).then(() => self.skipWaiting()));
});

self.addEventListener("activate", (event) => {
  event.waitUntil(
    caches.keys()
      .then((names) => Promise.all(names.filter((n) => n !== SHELF && n !== "kept").map((n) => caches.delete(n))))
      .then(() => self.clients.claim()),
  );
});

self.addEventListener("fetch", (event) => {
  const request = event.request;
  const url = new URL(request.url);
  if (request.method !== "GET" || url.origin !== location.origin) return;
  if (url.pathname.startsWith("/kept/")) {
    event.respondWith(caches.match(request.url).then((found) => found || fetch(request)));
    return;
  }
  event.respondWith(
    fetch(request)
      .then((answer) => {
        const free = answer.ok && !(answer.headers.get("Cache-Control") || "").includes("no-store");
        if (free && !url.search) {
          const copy = answer.clone();
          caches.open(SHELF).then((shelf) => shelf.put(request, copy));
        }
        return answer;
      })
      .catch(async () => (await caches.match(request.url)) || (request.mode === "navigate" ? caches.match("/offline/") : Response.error())),
  );
});
