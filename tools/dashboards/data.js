// Questions to Prometheus with the variables in place, and what Grafana's transformations make of the answers.
"use strict";

const asked = new URLSearchParams(location.search);

async function ask(path, parameters) {
  const reply = await fetch(path, { method: "POST", body: new URLSearchParams(parameters) });
  const json = await reply.json();
  if (json.status !== "success") throw new Error(json.error || reply.status);
  return json.data;
}

function seconds(text) {
  const [, number, unit] = /(\d+)([smhd])/.exec(text);
  return number * { s: 1, m: 60, h: 3600, d: 86400 }[unit];
}

// What variables stand for: what the address says (var-NAME), else all there is, else the first.
async function variables(dashboard, span) {
  const values = {};
  for (const one of dashboard.templating.list) {
    const given = asked.getAll("var-" + one.name);
    if (one.type === "query") {
      const [, selector, label] = /^label_values\((.*), (\w+)\)$/.exec(one.query);
      const now = Date.now() / 1000;
      const all = await ask(`/api/v1/label/${label}/values`, { "match[]": substitute(selector, values, 1), start: now - span, end: now }).catch(() => []);
      values[one.name] = { text: given.length ? given.join(" + ") : "All", value: given.length ? `(${given.join("|")})` : one.allValue, all };
    } else if (one.type === "custom") {
      const value = given[0] || one.current.value;
      values[one.name] = { text: value, value };
    } else {
      values[one.name] = { text: "Prometheus", value: "prometheus" };
    }
  }
  return values;
}

function substitute(expr, values, step, span) {
  const scrape = Number(asked.get("scrape") || 15);
  let text = expr.replaceAll("$__rate_interval", `${Math.ceil(Math.max(step + scrape, 4 * scrape))}s`).replaceAll("$__range", `${span}s`);
  for (const [name, { value }] of Object.entries(values)) text = text.replaceAll(new RegExp("\\$" + name + "\\b", "g"), value.replaceAll("\\", "\\\\"));
  return text;
}

// The answers of a panel's targets: series with name, labels and points (one, where it was asked for now alone).
async function answers(panel, values, span, width) {
  const end = Math.floor(Date.now() / 1000), step = Math.max(1, Math.round(span / Math.max(60, width)));
  const each = (panel.targets || []).map(async (target) => {
    const query = substitute(target.expr, values, step, span);
    const data = target.instant
      ? await ask("/api/v1/query", { query, time: end })
      : await ask("/api/v1/query_range", { query, start: end - span, end, step });
    const list = data.resultType === "scalar" ? [{ metric: {}, value: data.result }] : data.result;
    return list.map((one) => ({
      target: target.refId,
      labels: one.metric,
      name: target.legendFormat.replace(/{{\s*(\w+)\s*}}/g, (_, label) => one.metric[label] ?? ""),
      points: (one.values || [one.value]).map(([time, value]) => [time, value === "+Inf" ? Infinity : value === "-Inf" ? -Infinity : Number(value)]),
    }));
  });
  return { series: (await Promise.all(each)).flat(), start: end - span, end, step };
}

// A frame is a list of field names and rows that are objects by field.
function frames(panel, series) {
  const several = panel.targets.length > 1;
  const by = panel.targets.map((target) => {
    const mine = series.filter((one) => one.target === target.refId);
    const value = several ? "Value #" + target.refId : "Value";
    const names = [...new Set(mine.flatMap((one) => Object.keys(one.labels)))];
    return { fields: ["Time", ...names, value], rows: mine.map((one) => ({ Time: one.points[0][0], ...one.labels, [value]: one.points[0][1] })) };
  }).filter((frame) => frame.rows.length);
  return (panel.transformations || []).reduce((all, step) => TRANSFORMATIONS[step.id](all, step.options), by);
}

const TRANSFORMATIONS = {
  merge(all) {
    const fields = [...new Set(all.flatMap((frame) => frame.fields))];
    const shared = fields.filter((field) => all.every((frame) => frame.fields.includes(field)));
    const rows = [];
    for (const row of all.flatMap((frame) => frame.rows)) {
      const free = (one) => Object.keys(row).every((field) => one[field] === undefined || one[field] === row[field]);
      const same = rows.find((one) => shared.every((field) => one[field] === row[field]) && free(one));
      if (same) Object.assign(same, row); else rows.push({ ...row });
    }
    return all.length ? [{ fields, rows }] : [];
  },
  filterFieldsByName: (all, { include }) => all.map(({ fields, rows }) => ({ fields: fields.filter((field) => include.names.includes(field)), rows })),
  organize: (all, { indexByName, renameByName }) => all.map(({ fields, rows }) => {
    const at = (field) => indexByName[field] ?? 99;
    const name = (field) => renameByName[field] || field;
    return {
      fields: [...fields].sort((a, b) => at(a) - at(b)).map(name),
      rows: rows.map((row) => Object.fromEntries(Object.entries(row).map(([field, value]) => [name(field), value]))),
    };
  }),
  sortBy: (all, { sort: [{ field, desc }] }) => all.map(({ fields, rows }) => {
    const order = (a, b) => (typeof a === "string" ? a.localeCompare(b) : (a ?? Infinity) - (b ?? Infinity));
    return { fields, rows: [...rows].sort((a, b) => order(a[field], b[field]) * (desc ? -1 : 1)) };
  }),
  groupingToMatrix: (all, { rowField, columnField, valueField }) => all.map(({ rows }) => {
    const corner = `${rowField}\\${columnField}`;
    const columns = [...new Set(rows.map((row) => row[columnField]))], named = [...new Set(rows.map((row) => row[rowField]))];
    const cell = (r, c) => rows.find((row) => row[rowField] === r && row[columnField] === c)?.[valueField];
    return { fields: [corner, ...columns], rows: named.map((r) => ({ [corner]: r, ...Object.fromEntries(columns.map((c) => [c, cell(r, c)])) })) };
  }),
  partitionByValues: (all, { fields: [by] }) => all.flatMap(({ fields, rows }) =>
    [...new Set(rows.map((row) => row[by]))].map((value) => ({ name: value, fields: fields.filter((field) => field !== by), rows: rows.filter((row) => row[by] === value) }))),
};
