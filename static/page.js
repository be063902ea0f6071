// All pages work without this. It makes opened pages readable without a network, and keeps an answer on the phone for
// who asks for that.
"use strict";
(() => {
  if ("serviceWorker" in navigator) navigator.serviceWorker.register("/offline.js").catch(() => {});

  const keep = document.getElementById("keep");
  if (keep && "caches" in window) {
    const name = keep.dataset.name;
    keep.hidden = false;
    const button = keep.querySelector("button");
    const done = keep.querySelector("[role=status]");
    button.addEventListener("click", async () => {
      const page = document.documentElement.cloneNode(true);
      page.querySelectorAll("form, .no-print, script").forEach((part) => part.remove());
      page.querySelectorAll("details").forEach((part) => part.setAttribute("open", ""));
      const shelf = await caches.open("kept");
      const body = "<!doctype html>" + page.outerHTML;
      await shelf.put(name, new Response(body, { headers: { "Content-Type": "text/html; charset=utf-8" } }));
      done.textContent = done.dataset.said;
    });
  }

  const kept = document.getElementById("kept");
  if (kept && "caches" in window) {
    const show = async () => {
      const shelf = await caches.open("kept");
      const pages = await shelf.keys();
      kept.hidden = pages.length === 0;
      const list = kept.querySelector("ul");
      list.replaceChildren();
      for (const page of pages) {
        const html = await (await shelf.match(page)).text();
        const title = new DOMParser().parseFromString(html, "text/html").querySelector("h1");
        const link = document.createElement("a");
        link.href = new URL(page.url).pathname;
        link.textContent = title ? title.textContent : link.href;
        const item = document.createElement("li");
        item.append(link);
        list.append(item);
      }
    };
    kept.querySelector("button").addEventListener("click", async () => {
      await caches.delete("kept");
      await show();
    });
    show();
  }
})();
