// Holds the files of dashboards/ against the types that Grafana publishes (npm's @grafana/schema): each dashboard, and of each
// panel its options and the settings of its own fields, with no property that the types do not have.
//
//   tests/setup node          where there is neither node nor npm
//   npm install --prefix DIR @grafana/schema@12 ts-json-schema-generator@2 ajv@8
//   NODE_PATH=DIR/node_modules node tools/dashboards/schema.js DIR
"use strict";

const fs = require("fs");
const path = require("path");
const { createGenerator } = require("ts-json-schema-generator");
const Ajv = require("ajv");

const folder = path.resolve(process.argv[2]);
const types = path.join(folder, "node_modules/@grafana/schema/dist/types/raw");
const boards = path.join(__dirname, "../../dashboards");
const settings = path.join(folder, "tsconfig.json");
fs.writeFileSync(settings, JSON.stringify({ compilerOptions: { skipLibCheck: true, moduleResolution: "node", target: "es2020", strict: true } }));

// The folder of the types of each kind of panel.
const KINDS = {
  stat: "stat", table: "table", timeseries: "timeseries", bargauge: "bargauge", heatmap: "heatmap", xychart: "xychart",
  "state-timeline": "statetimeline", text: "text",
};
// Kinds whose fields have no settings of their own.
const BARE = ["stat", "bargauge", "text"];

const ajv = new Ajv({ strict: false, allErrors: true });
const readers = new Map();

function reader(file, type) {
  const key = `${file} ${type}`;
  if (!readers.has(key)) {
    const generator = createGenerator({
      path: path.join(types, file), type, tsconfig: settings, skipTypeCheck: true, additionalProperties: false, jsDoc: "none",
    });
    readers.set(key, ajv.compile(generator.createSchema(type)));
  }
  return readers.get(key);
}

let checked = 0, wrong = 0;

function check(place, file, type, value) {
  const fits = reader(file, type);
  checked++;
  if (!fits(value)) {
    wrong++;
    for (const { instancePath, message, params } of fits.errors.slice(0, 5)) console.log(`${place}: ${instancePath} ${message} ${JSON.stringify(params)}`);
  }
}

for (const name of fs.readdirSync(boards).filter((name) => name.endsWith(".json")).sort()) {
  const board = JSON.parse(fs.readFileSync(path.join(boards, name)));
  check(name, "dashboard/x/types.gen.d.ts", "Dashboard", board);
  for (const panel of board.panels.filter((panel) => panel.type !== "row")) {
    const place = `${name}: ${panel.title}`, file = `composable/${KINDS[panel.type]}/panelcfg/x/types.gen.d.ts`;
    check(place, file, "Options", panel.options);
    if (!BARE.includes(panel.type)) check(place, file, "FieldConfig", panel.fieldConfig.defaults.custom);
  }
}
console.log(`${checked} objects, ${wrong} not as Grafana's types have them`);
process.exit(wrong ? 1 : 0);
