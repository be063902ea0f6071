// Keys for those who like them: / to search, n for a new case, e to edit, c to compare, s to "mark all as seen",
// j and k to walk the list, ? for help.
// Off while somebody writes, with Ctrl, Alt or Meta held, and for good once switched off in the help (WCAG 2.1.4).
"use strict";
(() => {
  const OFF = "keys-off";
  const list = () => [...document.querySelectorAll("table.cases th a")];
  const walk = (step) => {
    const links = list();
    if (!links.length) return false;
    const at = links.indexOf(document.activeElement);
    links[Math.min(Math.max(at + step, 0), links.length - 1)].focus();
    return true;
  };
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.altKey || event.metaKey || event.defaultPrevented) return;
    if (event.target.closest("input, select, textarea, dialog")) return;
    const help = document.getElementById("keys");
    if (event.key === "?" && help) { help.showModal(); event.preventDefault(); return; }
    if (localStorage.getItem(OFF)) return;
    if (event.key === "j" && walk(1) || event.key === "k" && walk(-1)) { event.preventDefault(); return; }
    const target = document.querySelector(`[data-key="${CSS.escape(event.key)}"]`);
    if (!target) return;
    event.preventDefault();
    if (target.matches("a")) target.click(); else target.focus();
  });
  document.addEventListener("DOMContentLoaded", () => {
    // On a telephone the menu is wider than the screen: show the part where one is.
    document.querySelector(".bar nav [aria-current]")?.scrollIntoView({ inline: "center", block: "nearest", behavior: "instant" });
    const box = document.getElementById("keys-on");
    if (!box) return;
    box.checked = !localStorage.getItem(OFF);
    box.addEventListener("change", () => {
      if (box.checked) localStorage.removeItem(OFF); else localStorage.setItem(OFF, "1");
    });
    const open = document.getElementById("keys-open");
    open.hidden = false;
    open.addEventListener("click", () => document.getElementById("keys").showModal());
  });
})();
