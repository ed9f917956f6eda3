// Votes by key: 1 to 4, or a, b, t, x; n goes on to the next two answers. Nothing here is needed to vote.
(() => {
  "use strict";
  const on = document.getElementById("keys");
  if (on) {
    try { on.checked = localStorage.getItem("assayd-keys") !== "off"; } catch { /* not kept then */ }
    on.addEventListener("change", () => {
      try { localStorage.setItem("assayd-keys", on.checked ? "on" : "off"); } catch { /* not kept then */ }
    });
  }
  let gone = false;
  document.addEventListener("keydown", (event) => {
    if (gone || event.repeat || event.ctrlKey || event.altKey || event.metaKey || (on && !on.checked)) return;
    const key = event.key.toLowerCase();
    for (const element of document.querySelectorAll("[data-keys]")) {
      if (element.dataset.keys.split(" ").includes(key)) {
        event.preventDefault();
        gone = true;
        element.click();
        return;
      }
    }
  });
  // Back from the next page: it may be voted on again, and is then told that it was.
  addEventListener("pageshow", () => { gone = false; });
})();
