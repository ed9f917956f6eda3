"use strict";
// Keeps the parts of a page that are marked data-live as the server would render them now. The server says when something
// has changed (/api/v1/events); the page is then asked for again, at most every two seconds, and what differs is replaced.
(() => {
  const pause = 2000, quiet = 20000, slow = 10000;
  const news = document.getElementById("news");
  let asking = false, again = false, told = 0, said = "";

  const key = (element) => {
    if (!element || element === document.body) return null;
    if (element.id) return "#" + CSS.escape(element.id);
    if (element.matches(".wide")) return `.wide[aria-label="${CSS.escape(element.getAttribute("aria-label"))}"]`;
    const href = element.getAttribute("href");
    return href ? `a[href="${CSS.escape(href)}"]` : null;
  };

  const replace = (old, fresh) => {
    const inside = old.contains(document.activeElement);
    const focus = inside ? key(document.activeElement) : null;
    const scrolled = [...old.querySelectorAll(".wide")].map((region) => region.scrollLeft);
    const opened = new Set([...old.querySelectorAll("details[id]")].filter((d) => d.open).map((d) => d.id));
    const node = document.importNode(fresh, true);
    old.replaceWith(node);
    node.querySelectorAll(".wide").forEach((region, at) => { region.scrollLeft = scrolled[at] || 0; });
    node.querySelectorAll("details[id]").forEach((d) => { if (opened.has(d.id)) d.open = true; });
    if (focus) (node.matches(focus) ? node : node.querySelector(focus))?.focus({ preventScroll: true });
  };

  const refresh = async () => {
    if (asking) { again = true; return; }
    asking = true;
    try {
      const reply = await fetch(location.href, { credentials: "same-origin" });
      if (reply.ok) {
        const fresh = new DOMParser().parseFromString(await reply.text(), "text/html");
        for (const old of document.querySelectorAll("[data-live][id]")) {
          const next = fresh.getElementById(old.id);
          if (next && next.outerHTML !== old.outerHTML) replace(old, next);
        }
        document.title = fresh.title;
        document.documentElement.dataset.updated = String(Date.now());
      }
    } catch { /* The server is away: the stream says when it is back. */ }
    setTimeout(() => {
      asking = false;
      if (again) { again = false; refresh(); }
    }, pause);
  };

  // One sentence to whoever listens rather than looks: not more often than every twenty seconds, and not twice the same.
  const tell = (text) => {
    if (!news || !text || text === said || Date.now() - told < quiet) return;
    told = Date.now();
    said = text;
    news.textContent = text;
  };

  const sentence = (status) => {
    const running = status.runs.filter((run) => run.phase === "running");
    const words = running.map((run) => `${run.name}: ${run.done} of ${run.total} done`);
    if (status.problems.length) words.unshift(status.problems.length === 1 ? "1 problem" : `${status.problems.length} problems`);
    return words.join(". ") || "No run goes on.";
  };

  const listen = () => {
    const source = new EventSource("/api/v1/events");
    source.addEventListener("status", (event) => {
      let status;
      try { status = JSON.parse(event.data); } catch { return; }
      tell(sentence(status));
      if (document.visibilityState === "visible") refresh(); else again = true;
    });
    // Refused (too many listen already): look every ten seconds instead.
    source.addEventListener("error", () => {
      if (source.readyState === EventSource.CLOSED) setInterval(refresh, slow);
    });
    document.addEventListener("visibilitychange", () => {
      if (document.visibilityState === "visible" && again) { again = false; refresh(); }
    });
    addEventListener("pagehide", () => source.close());
    addEventListener("pageshow", (event) => { if (event.persisted) location.reload(); });
  };

  if (document.querySelector("[data-live]")) listen();
})();
