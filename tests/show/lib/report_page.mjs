// Opens reports in a browser whose network is cut, as they are and as they are printed, and holds them against what they promise:
//
//   node tests/show/lib/report_page.mjs FOLDER REPORT.html...
//
// nothing is requested, nothing is complained of, every chart is drawn and answers to the pointer, the colours follow the
// reader's, what is printed and what is read without scripts has our own drawings, and axe-core finds nothing serious. Pictures and
// PDFs go to FOLDER. Prints a line a miss, and the figure last.
import { basename, join, resolve } from "node:path";
import { found, grave, judge } from "./axe.mjs";
import { launch } from "./chromium.mjs";

const [folder, ...files] = process.argv.slice(2);
const browser = await launch(found("chromium"), { offline: true });
const misses = [];
let charts = 0;
let looks = 0;
let lesser = 0;

const holds = (what, condition) => {
  if (!condition) misses.push(what);
};

// Every chart, and how it is shown.
const STATE = `[...document.querySelectorAll("figure")].map((figure) => ({
  id: figure.id,
  live: figure.querySelector(".live .main-svg") !== null && figure.querySelector(".live").offsetHeight > 100,
  still: getComputedStyle(figure.querySelector("svg.own")).display !== "none",
  named: document.getElementById(figure.getAttribute("aria-labelledby"))?.textContent.length > 5,
  rows: figure.querySelectorAll("details tbody tr").length,
}))`;

async function look(file, scheme, width) {
  const name = `${basename(file, ".html")}-${scheme}-${width}`;
  const page = await browser.page({ width, height: 900, scheme });
  const url = `file://${resolve(file)}`;
  await page.open(url);
  await page.until(`document.documentElement.dataset.charts === "drawn"`);
  const state = await page.evaluate(STATE);
  charts += state.length;
  looks += 1;
  holds(`${name}: there are charts`, state.length > 0);
  for (const { id, live, still, named, rows } of state) {
    holds(`${name}: ${id} is drawn, in place of its still drawing`, live && !still);
    holds(`${name}: ${id} has a name and a table of the same figures`, named && rows > 0);
  }
  const wide = await page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth");
  holds(`${name}: it is as wide as the window (${wide} px more)`, wide <= 0);
  const findings = await judge(page);
  for (const { impact, rule, help, nodes } of findings) console.error(`${name}: axe: ${impact}: ${rule}: ${help}\n    ${nodes.join("\n    ")}`);
  holds(`${name}: axe finds nothing serious`, !findings.some(grave));
  lesser += findings.filter((finding) => !grave(finding)).length;
  await page.picture(join(folder, `${name}.png`));
  // The pointer over the first point of the first chart.
  const point = await page.evaluate(`(() => {
    document.querySelector("figure").scrollIntoView();
    const { x, y, width, height } = document.querySelector("figure .points path").getBoundingClientRect();
    return { x: x + width / 2, y: y + height / 2 };
  })()`);
  await page.call("Input.dispatchMouseEvent", { type: "mouseMoved", x: point.x - 3, y: point.y });
  await page.call("Input.dispatchMouseEvent", { type: "mouseMoved", ...point });
  await page.until(`document.querySelector("figure .hoverlayer .hovertext") !== null`);
  const ink = `getComputedStyle(document.querySelector("figure .xtick text")).fill`;
  const before = await page.evaluate(ink);
  await page.media(scheme === "dark" ? "light" : "dark");
  await page.until(`${ink} !== ${JSON.stringify(before)}`);
  // On paper.
  await page.media("light", "print");
  const printed = await page.evaluate(STATE);
  holds(`${name}: our own drawings are printed`, printed.length > 0 && printed.every(({ still, live }) => still && !live));
  if (scheme === "light" && width > 1000) await page.print(join(folder, `${name}.pdf`));
  holds(`${name}: nothing was requested (${page.requests.join(" ")})`, page.requests.every((asked) => asked === url || asked.startsWith("data:") || asked.startsWith("blob:")));
  for (const complaint of page.complaints) misses.push(`${name}: ${complaint}`);
}

async function withoutScripts(file) {
  const page = await browser.page();
  await page.call("Emulation.setScriptExecutionDisabled", { value: true });
  await page.open(`file://${resolve(file)}`);
  await page.picture(join(folder, `${basename(file, ".html")}-without-scripts.png`));
  // Scripts of the page are off, ours still answer.
  const state = await page.evaluate(STATE);
  holds(`${basename(file)}: without scripts our own drawings are there`, state.length > 0 && state.every(({ still, live }) => still && !live));
}

try {
  for (const file of files) {
    for (const [scheme, width] of [["light", 1200], ["dark", 1200], ["light", 390]]) await look(file, scheme, width);
    await withoutScripts(file);
  }
} finally {
  await browser.close();
}
for (const miss of misses) console.error(`MISSES  ${miss}`);
console.log(
  `${files.length} reports in ${looks} looks (light, dark, a phone's width), network cut: ${charts} charts drawn and answering to the pointer, ` +
    `0 requests, axe-core: 0 serious or critical findings, ${lesser} lesser; ${misses.length} misses`,
);
process.exitCode = misses.length === 0 ? 0 : 1;
