// Judges pages with axe-core (WCAG 2.2 A and AA, and what axe calls best practice).
//
//   node tests/show/lib/axe.mjs [--scheme light|dark|both] [--width PIXELS] URL...
//
// prints what it finds, one line a finding, and fails where any is serious or critical. As a module: `judge(page, axe)`.
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { launch } from "./chromium.mjs";

const SETUP = fileURLToPath(new URL("../../setup", import.meta.url));

// Where something that tests/setup knows is; installed first where it is missing.
export function found(name) {
  const ask = () =>
    execFileSync(SETUP, ["--print"], { encoding: "utf8" })
      .split("\n")
      .map((line) => line.split(/ (.*)/))
      .find(([key]) => key === name)?.[1] ?? "-";
  if (ask() === "-") execFileSync(SETUP, [name], { stdio: ["ignore", "ignore", "inherit"] });
  const path = ask();
  if (path === "-") throw new Error(`no ${name}: tests/setup ${name}`);
  return path;
}

// What axe finds on a page as it stands: `{ impact, rule, help, count, nodes }` each, the worst first. A page whose policy forbids scripts
// is judged all the same: the protocol evaluates outside of it.
export async function judge(page, axe = found("axe")) {
  await page.evaluate(`${readFileSync(axe, "utf8")};0`);
  const violations = await page.evaluate(`axe.run(document, { resultTypes: ["violations"] }).then((result) => result.violations.map((rule) => ({
    impact: rule.impact, rule: rule.id, help: rule.help, count: rule.nodes.length,
    nodes: rule.nodes.slice(0, 5).map((node) => node.target.join(" ") + ": " + (node.any[0]?.message ?? node.all[0]?.message ?? node.none[0]?.message ?? "")),
  })))`);
  const order = ["critical", "serious", "moderate", "minor"];
  return violations.sort((one, other) => order.indexOf(one.impact) - order.indexOf(other.impact));
}

// Whether a finding is one that nobody may ship.
export const grave = ({ impact }) => impact === "serious" || impact === "critical";

async function main(words) {
  const urls = [];
  let schemes = ["light", "dark"];
  let width = 1200;
  while (words.length > 0) {
    const word = words.shift();
    if (word === "--scheme") {
      const scheme = words.shift();
      if (scheme !== "both") schemes = [scheme];
    } else if (word === "--width") width = Number(words.shift());
    else urls.push(word);
  }
  if (urls.length === 0) throw new Error("which page? axe.mjs [--scheme light|dark|both] [--width PIXELS] URL...");
  const browser = await launch(found("chromium"));
  let bad = 0;
  try {
    for (const url of urls) {
      for (const scheme of schemes) {
        const page = await browser.page({ width, scheme });
        await page.open(url);
        const findings = await judge(page);
        for (const { impact, rule, help, count, nodes } of findings) {
          console.log(`${url} ${scheme}: ${impact}: ${rule}: ${help} (${count})\n    ${nodes.join("\n    ")}`);
        }
        bad += findings.filter(grave).length;
        console.log(`${url} ${scheme}: ${findings.length} findings, ${findings.filter(grave).length} of them serious or critical`);
      }
    }
  } finally {
    await browser.close();
  }
  process.exitCode = bad === 0 ? 0 : 1;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await main(process.argv.slice(2));
