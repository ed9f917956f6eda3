// One function for each kind of panel. Colours, dashes, units and words come from the panel's JSON alone.
"use strict";

function element(name, attributes = {}, ...children) {
  const svg = ["svg", "path", "rect", "text", "line", "circle", "g"].includes(name);
  const one = svg ? document.createElementNS("http://www.w3.org/2000/svg", name) : document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) if (value !== undefined) one.setAttribute(key, value);
  one.append(...children.filter((child) => child !== undefined && child !== null));
  return one;
}

// What overrides say of a field or series.
function properties(panel, name) {
  const found = {};
  for (const { matcher, properties: list } of panel.fieldConfig.overrides) {
    let fits = matcher.options === name;
    if (matcher.id === "byRegexp") {
      const [, pattern, flags] = /^\/(.*)\/(\w*)$/.exec(matcher.options);
      fits = new RegExp(pattern, flags).test(name);
    }
    if (fits) for (const { id, value } of list) found[id] = value;
  }
  return found;
}

const SPARE = ["#56B4E9", "#E69F00", "#009E73", "#CC79A7", "#0072B2", "#D55E00"];

function look(panel, name, at) {
  const own = properties(panel, name);
  return { colour: own.color?.fixedColor || SPARE[at % SPARE.length], dash: own["custom.lineStyle"]?.dash?.join(" ") };
}

function judged(panel, value) {
  const word = panel.fieldConfig.defaults.mappings?.map((m) => m.options[String(value)]).find(Boolean);
  let colour = word?.color;
  if (!colour) for (const step of panel.fieldConfig.defaults.thresholds.steps) if (step.value === null || value >= step.value) colour = step.color;
  return { colour, text: word?.text };
}

const shown = (panel, value, unit) => judged(panel, value).text ?? format(value, unit ?? panel.fieldConfig.defaults.unit, panel.fieldConfig.defaults.decimals);
const last = (one) => one.points.map(([, v]) => v).filter((v) => !Number.isNaN(v)).at(-1);

function ticks(least, most, count) {
  const raw = (most - least) / count, power = 10 ** Math.floor(Math.log10(raw));
  const step = [1, 2, 5, 10].map((f) => f * power).find((s) => s >= raw);
  const all = [];
  for (let v = Math.ceil(least / step) * step; v <= most + step * 1e-9; v += step) all.push(Math.abs(v) < step * 1e-9 ? 0 : v);
  return all;
}

const clock = (time) => new Date(time * 1000).toISOString().slice(11, 19);

function timeAxis(svg, { start, end }, box) {
  const x = (time) => box.left + ((time - start) / (end - start)) * (box.right - box.left);
  const count = Math.max(2, Math.floor((box.right - box.left) / 110));
  for (let i = 0; i <= count; i++) {
    const time = start + ((end - start) * i) / count;
    const anchor = i === 0 ? "start" : i === count ? "end" : "middle";
    svg.append(element("text", { x: x(time), y: box.bottom + 15, "text-anchor": anchor }, clock(time)));
  }
  return x;
}

const DRAW = {
  stat(panel, body, { series }) {
    const coloured = panel.options.colorMode !== "none";
    const box = element("div", { class: "stats" });
    for (const one of series) {
      const { colour } = judged(panel, last(one));
      const style = coloured ? `background:${colour};color:#111` : "color:#56B4E9";
      const name = series.length > 1 || panel.fieldConfig.defaults.mappings?.length ? one.name : "";
      box.append(element("div", { class: "stat", style }, element("div", { class: "n", title: one.name }, name), element("div", { class: "x" }, shown(panel, last(one)))));
    }
    body.append(box);
    // As large as fits all of them.
    for (let size = 24; size > 10; size--) {
      box.querySelectorAll(".x").forEach((x) => (x.style.fontSize = size + "px"));
      const tight = [...box.querySelectorAll(".stat")].some((s) => s.scrollWidth > s.clientWidth || s.scrollHeight > s.clientHeight);
      if (!tight && box.scrollHeight <= body.clientHeight) break;
    }
  },

  bargauge(panel, body, { series }) {
    const box = element("div", { class: "bars" });
    const most = panel.fieldConfig.defaults.max ?? Math.max(...series.map(last).filter(Number.isFinite), 1e-12);
    const least = Math.min(0, panel.fieldConfig.defaults.min ?? 0, ...series.map(last).filter(Number.isFinite));
    for (const one of series) {
      const value = last(one), share = Math.max(0, Math.min(1, (value - least) / (most - least)));
      box.append(element("div", { class: "bar" },
        element("div", { class: "n", title: one.name }, one.name),
        element("div", { class: "t" }, element("div", { class: "f", style: `width:${share * 100}%;background:${judged(panel, value).colour}` })),
        element("div", { class: "x" }, shown(panel, value))));
    }
    body.append(box);
  },

  table(panel, body, { series }) {
    const [frame] = frames(panel, series);
    const table = element("table"), head = element("tr");
    const is = Object.fromEntries(frame.fields.map((field) => [field, properties(panel, field)]));
    const words = (field) => frame.rows.some((row) => typeof row[field] === "string");
    for (const field of frame.fields) {
      const width = is[field]["custom.width"];
      head.append(element("th", { class: words(field) ? "t" : "", style: width ? `width:${width}px` : "", title: field }, field));
    }
    table.append(head);
    for (const row of frame.rows) {
      const line = element("tr");
      for (const field of frame.fields) {
        const value = row[field];
        const cell = is[field]["custom.cellOptions"]?.type ?? panel.fieldConfig.defaults.custom.cellOptions.type;
        const style = cell === "color-background" && typeof value === "number" ? `background:${judged(panel, value).colour};color:#111` : "";
        line.append(element("td", { class: typeof value === "string" ? "t" : "", style, title: String(value ?? "") }, typeof value === "number" ? shown(panel, value, is[field].unit) : value ?? ""));
      }
      table.append(line);
    }
    body.append(table);
  },

  text(panel, body) {
    const html = panel.options.content.replace(/&/g, "&amp;").replace(/</g, "&lt;")
      .replace(/\*\*(.+?)\*\*/g, "<b>$1</b>").replace(/\*(.+?)\*/g, "<em>$1</em>").replace(/`(.+?)`/g, "<code>$1</code>");
    body.innerHTML = `<p>${html}</p>`;
  },

  timeseries(panel, body, data) {
    const { defaults } = panel.fieldConfig, stacked = defaults.custom.stacking.mode === "normal";
    const series = data.series.filter((one) => one.points.some(([, v]) => Number.isFinite(v)));
    const legend = element("div", { class: "legend" }, element("div", { class: "h" }, "Name"), element("div", { class: "h r" }, "Last"), element("div", { class: "h r" }, "Max"));
    const looks = series.map((one, at) => look(panel, one.name, at));
    series.forEach((one, at) => {
      const key = element("svg", { width: 22, height: 8, style: "display:inline-block;margin-right:6px" }, element("line", { x1: 0, x2: 22, y1: 4, y2: 4, stroke: looks[at].colour, "stroke-width": 3, "stroke-dasharray": looks[at].dash }));
      const finite = one.points.map(([, v]) => v).filter(Number.isFinite);
      legend.append(element("div", { title: one.name }, key, one.name), element("div", { class: "r" }, shown(panel, last(one))), element("div", { class: "r" }, shown(panel, Math.max(...finite))));
    });
    if (panel.options.legend.placement === "right") body.parentElement.classList.add("aside");
    body.after(legend);
    const width = body.clientWidth - 20, height = body.clientHeight - 12;
    const sums = new Map();
    const placed = series.map((one) => one.points.filter(([, v]) => Number.isFinite(v)).map(([time, value]) => {
      const below = stacked ? sums.get(time) ?? 0 : 0;
      if (stacked) sums.set(time, below + value);
      return [time, below + value, below];
    }));
    const values = placed.flat().map(([, v]) => v);
    let [least, most] = [defaults.min ?? Math.min(...values, stacked ? 0 : Infinity), defaults.max ?? Math.max(...values)];
    if (!(most > least)) [least, most] = defaults.min === undefined && least !== 0 ? [least - Math.abs(least) * 0.05, least + Math.abs(least) * 0.05] : [least, least + (Math.abs(least) || 1)];
    const marks = ticks(least, most, 4).map((v) => [v, format(v, defaults.unit)]);
    const label = defaults.custom.axisLabel;
    const box = { left: 12 + Math.max(...marks.map(([, t]) => t.length)) * 7 + (label ? 14 : 0), right: width - 6, top: 6, bottom: height - 20 };
    const svg = element("svg", { width, height });
    const x = timeAxis(svg, data, box), y = (v) => box.bottom - ((v - least) / (most - least)) * (box.bottom - box.top);
    for (const [v, text] of marks) {
      svg.append(element("line", { x1: box.left, x2: box.right, y1: y(v), y2: y(v), stroke: "#2a2c33" }), element("text", { x: box.left - 6, y: y(v) + 4, "text-anchor": "end" }, text));
    }
    if (label) svg.append(element("text", { transform: `translate(11 ${(box.top + box.bottom) / 2}) rotate(-90)`, "text-anchor": "middle" }, label));
    placed.forEach((points, at) => {
      const { colour, dash } = looks[at];
      let path = "", before = -Infinity;
      for (const [time, value] of points) {
        path += `${time - before > data.step * 1.5 ? "M" : "L"}${x(time).toFixed(1)} ${y(value).toFixed(1)}`;
        before = time;
      }
      if (stacked && points.length > 1) {
        const back = [...points].reverse().map(([time, , below]) => `L${x(time).toFixed(1)} ${y(below).toFixed(1)}`).join("");
        svg.append(element("path", { d: path.replace(/(?!^)M/g, "L") + back + "Z", fill: colour, "fill-opacity": 0.4 }));
      }
      svg.append(element("path", { d: path, fill: "none", stroke: colour, "stroke-width": 2, "stroke-dasharray": dash }));
      if (points.length < 40) for (const [time, value] of points) svg.append(element("circle", { cx: x(time), cy: y(value), r: 2.5, fill: colour }));
    });
    body.append(svg);
  },

  heatmap(panel, body, data) {
    const edges = data.series.map((one) => [one.labels.le === "+Inf" ? Infinity : Number(one.labels.le), one]).sort(([a], [b]) => a - b);
    const cells = [];
    let below = new Map();
    edges.forEach(([, one], at) => {
      const now = new Map(one.points);
      for (const [time, value] of now) {
        const count = value - (below.get(time) ?? 0);
        if (count > 1e-9) cells.push([time, at, count]);
      }
      below = now;
    });
    const used = cells.map(([, at]) => at), from = Math.max(0, Math.min(...used) - 1), to = Math.min(edges.length - 1, Math.max(...used) + 1);
    const width = body.clientWidth - 20, height = body.clientHeight - 12, rows = to - from + 1;
    const names = edges.map(([le]) => format(le, panel.options.yAxis.unit));
    const box = { left: 12 + Math.max(...names.slice(from, to + 1).map((n) => n.length)) * 7, right: width - 6, top: 6, bottom: height - 20 };
    const svg = element("svg", { width, height }), x = timeAxis(svg, data, box);
    const most = Math.max(...cells.map(([, , count]) => count)), tall = (box.bottom - box.top) / rows;
    const wide = Math.max(1.5, ((box.right - box.left) * data.step) / (data.end - data.start));
    // From dark to light along viridis, a few of its colours.
    const scale = ["#440154", "#414487", "#2a788e", "#22a884", "#7ad151", "#fde725"];
    for (const [time, at, count] of cells) {
      const shade = scale[Math.min(scale.length - 1, Math.floor(Math.sqrt(count / most) * scale.length))];
      svg.append(element("rect", { x: x(time) - wide / 2, y: box.bottom - (at - from + 1) * tall, width: wide, height: Math.max(1, tall - 1), fill: shade }));
    }
    const every = Math.ceil(rows / Math.max(2, Math.floor((box.bottom - box.top) / 16)));
    for (let at = from; at <= to; at += every) svg.append(element("text", { x: box.left - 6, y: box.bottom - (at - from + 1) * tall + 4 + (tall > 12 ? 4 : 0), "text-anchor": "end" }, names[at]));
    body.append(svg);
  },

  xychart(panel, body, { series }) {
    const all = frames(panel, series);
    const [xs, ys] = all[0].fields.filter((field) => all.some((frame) => frame.rows.some((row) => typeof row[field] === "number")));
    const points = all.flatMap((frame, at) => frame.rows.filter((row) => Number.isFinite(row[xs]) && Number.isFinite(row[ys])).map((row) => ({ at, name: frame.name, x: row[xs], y: row[ys] })));
    const list = element("div", { class: "list" });
    all.forEach((frame, at) => list.append(element("span", {}, element("span", { style: `color:${look(panel, frame.name, at).colour}` }, "● "), frame.name)));
    body.after(list);
    const width = body.clientWidth - 20, height = body.clientHeight - 12;
    const [xUnit, yUnit] = [xs, ys].map((field) => properties(panel, field).unit);
    const box = { left: 64, right: width - 16, top: 8, bottom: height - 36 };
    const most = Math.max(...points.map((p) => p.x)) * 1.08, least = Math.min(...points.map((p) => p.y)), top = Math.max(...points.map((p) => p.y));
    const [low, high] = [Math.max(0, least - 0.05), Math.min(1.02, top + 0.05)];
    const x = (v) => box.left + (v / most) * (box.right - box.left), y = (v) => box.bottom - ((v - low) / (high - low)) * (box.bottom - box.top);
    const svg = element("svg", { width, height });
    for (const v of ticks(low, Math.min(high, 1), 5)) svg.append(element("line", { x1: box.left, x2: box.right, y1: y(v), y2: y(v), stroke: "#2a2c33" }), element("text", { x: box.left - 6, y: y(v) + 4, "text-anchor": "end" }, format(v, yUnit)));
    for (const v of ticks(0, most, 4)) svg.append(element("line", { x1: x(v), x2: x(v), y1: box.top, y2: box.bottom, stroke: "#2a2c33" }), element("text", { x: x(v), y: box.bottom + 15, "text-anchor": "middle" }, format(v, xUnit)));
    svg.append(element("text", { x: (box.left + box.right) / 2, y: height - 4, "text-anchor": "middle" }, xs), element("text", { transform: `translate(11 ${(box.top + box.bottom) / 2}) rotate(-90)`, "text-anchor": "middle" }, ys));
    for (const p of points) svg.append(element("circle", { cx: x(p.x), cy: y(p.y), r: 6, fill: look(panel, p.name, p.at).colour, stroke: "#eee", "stroke-width": 1 }));
    body.append(svg);
  },

  "state-timeline"(panel, body, data) {
    const { series } = data, width = body.clientWidth - 20, height = body.clientHeight - 12;
    const box = { left: 8 + Math.min(width / 3, Math.max(...series.map((one) => one.name.length)) * 7), right: width - 6, top: 2, bottom: height - 20 };
    const svg = element("svg", { width, height }), x = timeAxis(svg, data, box), tall = (box.bottom - box.top) / series.length;
    series.forEach((one, at) => {
      const top = box.top + at * tall;
      svg.append(element("text", { x: box.left - 6, y: top + tall / 2 + 4, "text-anchor": "end" }, one.name));
      const runs = [];
      for (const [time, value] of one.points) {
        const before = runs.at(-1);
        if (before && before.value === value && time - before.end <= data.step * 1.5) before.end = time;
        else runs.push({ value, begin: time, end: time });
      }
      for (const { value, begin, end } of runs) {
        const { colour, text } = judged(panel, value), wide = Math.max(2, x(end + data.step) - x(begin));
        svg.append(element("rect", { x: x(begin), y: top + 1, width: Math.min(wide, box.right - x(begin)), height: tall * 0.8, fill: colour, "fill-opacity": 0.7 }));
        if (wide > 9 * String(text ?? value).length && tall > 11) svg.append(element("text", { x: x(begin) + 5, y: top + tall * 0.4 + 5, style: "fill:#fff" }, text ?? format(value)));
      }
    });
    body.append(svg);
  },
};
