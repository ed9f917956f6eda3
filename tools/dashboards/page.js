// Lays a dashboard's panels out on Grafana's grid, draws them, and tells what is cut off or failed.
"use strict";

async function main() {
  const dashboard = await (await fetch(`/dashboards/${asked.get("d") || "assayd-overview"}.json`)).json();
  const span = seconds(asked.get("since") || dashboard.time.from.replace("now-", ""));
  const values = await variables(dashboard, span);
  const header = document.querySelector("header");
  header.append(element("h1", {}, dashboard.title));
  for (const one of dashboard.templating.list) header.append(element("span", { class: "v" }, element("b", {}, one.label), values[one.name].text));
  header.append(element("span", { class: "v" }, element("b", {}, "from"), `now-${asked.get("since") || dashboard.time.from.replace("now-", "")}`));
  const links = element("span", { class: "links" });
  for (const name of (asked.get("others") || "").split(",").filter(Boolean)) links.append(element("a", { href: `?d=${name}` }, name.replace("assayd-", "")));
  header.append(links);

  const grid = document.getElementById("grid"), problems = [];
  const unit = (document.documentElement.clientWidth - 32) / 24;
  let bottom = 0, empty = 0, drawn = 0;
  for (const panel of dashboard.panels) {
    const { x, y, w, h } = panel.gridPos;
    bottom = Math.max(bottom, (y + h) * 38);
    const style = `left:${x * unit}px;top:${y * 38}px;width:${w * unit - 8}px;height:${h * 38 - 8}px`;
    if (panel.type === "row") {
      grid.append(element("div", { class: "row", style }, "▾ " + panel.title));
      continue;
    }
    const body = element("div", { class: "body" });
    const title = panel.title ? element("h2", { title: panel.description }, panel.title, element("i", {}, "i")) : undefined;
    const box = element("div", { class: "panel" + (panel.transparent ? " bare" : ""), style }, title, body);
    grid.append(box);
    try {
      const data = await answers(panel, values, span, w * unit);
      const some = data.series.some((one) => one.points.some(([, v]) => !Number.isNaN(v)));
      if (panel.type !== "text" && !some) {
        empty++;
        body.append(element("div", { class: "none" }, panel.fieldConfig.defaults.noValue || "No data"));
      } else {
        drawn++;
        DRAW[panel.type](panel, body, data);
      }
    } catch (error) {
      problems.push(`${panel.title}: ${error.message}`);
      body.append(element("div", { class: "none" }, String(error.message)));
    }
  }
  grid.style.height = bottom + "px";
  // What does not fit its place, in words: titles, names and cells that end in dots, and panels that hide something.
  for (const one of document.querySelectorAll("h2, .n, td, th, .legend div, .x, header span.v")) {
    if (one.scrollWidth > one.clientWidth + 1) problems.push(`cut: ${one.closest(".panel")?.querySelector("h2")?.textContent ?? "header"}: ${one.textContent}`);
  }
  for (const one of document.querySelectorAll(".body, .legend")) {
    if (one.scrollHeight > one.clientHeight + 1) problems.push(`hidden below: ${one.closest(".panel").querySelector("h2")?.textContent ?? "text"}`);
  }
  document.getElementById("report").textContent = `${drawn} drawn, ${empty} empty\n${problems.join("\n")}`;
  document.title = "ready";
}

main().catch((error) => {
  document.getElementById("report").textContent = `failed: ${error.stack}`;
});
