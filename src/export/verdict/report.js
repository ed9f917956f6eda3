"use strict";
// Draws each chart by plotly.js in place of its still drawing, in the page's own colours, and again when those change. A chart that
// can't be drawn leaves its still drawing where it is.
(() => {
  const { locale, words, charts } = JSON.parse(document.getElementById("plots").textContent);
  if (locale !== "en") Plotly.register({ moduleType: "locale", name: locale, dictionary: words, format: {} });
  const config = {
    locale,
    responsive: true,
    displaylogo: false,
    // On a phone it would lie over the names.
    displayModeBar: innerWidth > 600 ? "hover" : false,
    modeBarButtons: [["zoom2d", "pan2d", "resetScale2d", "toImage"]],
  };
  const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

  const axis = (own) => ({
    automargin: true,
    color: colour("--ink"),
    gridcolor: colour("--line"),
    linecolor: colour("--line"),
    zeroline: false,
    ...own,
  });

  // Colours that a chart names by their meaning.
  const paint = (value) => {
    if (Array.isArray(value)) return value.map(paint);
    if (value && typeof value === "object") return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, paint(inner)]));
    if (value === "soft") return colour("--soft");
    if (value === "paper") return colour("--paper");
    return value;
  };

  const layout = (own) => ({
    height: 440,
    margin: { l: 60, r: 20, t: 20, b: 50 },
    paper_bgcolor: "rgba(0,0,0,0)",
    plot_bgcolor: "rgba(0,0,0,0)",
    font: { family: getComputedStyle(document.body).fontFamily, size: 13, color: colour("--ink") },
    legend: { orientation: "h", x: 0, y: 1.02, yanchor: "bottom" },
    hoverlabel: { bgcolor: colour("--tint"), bordercolor: colour("--line"), font: { color: colour("--ink") } },
    modebar: { bgcolor: "rgba(0,0,0,0)", color: colour("--soft"), activecolor: colour("--accent") },
    ...own,
    xaxis: axis(own.xaxis),
    yaxis: axis(own.yaxis),
  });

  const draw = async ({ id, plot }) => {
    const figure = document.getElementById(`figure-${id}`);
    const live = figure.querySelector(".live");
    live.hidden = false;
    figure.classList.add("drawn");
    try {
      await Plotly.react(live, paint(plot.data), layout(plot.layout), config);
    } catch (error) {
      live.hidden = true;
      figure.classList.remove("drawn");
      console.error(`chart ${id}:`, error);
    }
  };

  const all = () => Promise.all(charts.map(draw)).then(() => (document.documentElement.dataset.charts = "drawn"));
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", all);
  all();
})();
