// Values as Grafana writes them, by unit: about three significant digits, and a prefix where the unit takes one.
"use strict";

function digits(value, decimals) {
  if (decimals !== undefined && decimals !== null) return value.toFixed(decimals);
  if (value === 0) return "0";
  const size = Math.floor(Math.log10(Math.abs(value)));
  const text = value.toFixed(Math.max(0, Math.min(10, 2 - size)));
  return text.includes(".") ? text.replace(/\.?0+$/, "") : text;
}

function scaled(value, decimals, steps, unit) {
  const size = Math.abs(value);
  let [factor, name] = steps[0];
  for (const [f, n] of steps) if (size >= f) [factor, name] = [f, n];
  return digits(value / factor, decimals) + (name || unit ? " " : "") + name + unit;
}

const THOUSANDS = [[1, ""], [1e3, "K"], [1e6, "Mil"], [1e9, "Bil"]];
const SI = [[1e-6, "µ"], [1e-3, "m"], [1, ""], [1e3, "k"], [1e6, "M"], [1e9, "G"], [1e12, "T"]];
const BINARY = [[1, ""], [1024, "Ki"], [1024 ** 2, "Mi"], [1024 ** 3, "Gi"], [1024 ** 4, "Ti"]];
const TIME = [[1e-9, "ns"], [1e-6, "µs"], [1e-3, "ms"], [1, "s"], [60, "min"], [3600, "hours"], [86400, "days"]];

function format(value, unit, decimals) {
  if (value === null || value === undefined) return "";
  if (typeof value === "string") return value;
  if (Number.isNaN(value)) return "NaN";
  if (!Number.isFinite(value)) return value > 0 ? "+Inf" : "-Inf";
  switch (unit) {
    case "percentunit": return digits(value * 100, decimals ?? (Math.abs(value) < 0.1 ? 2 : 1)) + "%";
    case "currencyUSD": return value < 0 ? "-" + format(-value, unit, decimals) : "$" + scaled(value, decimals, THOUSANDS, "").replace(" ", "");
    case "short": return scaled(value, decimals, THOUSANDS, "");
    case "s": return value === 0 ? "0 s" : scaled(value, decimals, TIME, "");
    case "h": return digits(value, decimals) + " hour";
    case "joule": return scaled(value, decimals, SI.slice(2), "J");
    case "watt": return scaled(value, decimals, SI.slice(2), "W");
    case "hertz": return scaled(value, decimals, SI.slice(2), "Hz");
    case "massg": return digits(value, decimals) + " g";
    case "celsius": return digits(value, decimals) + " °C";
    case "bytes": return scaled(value, decimals, BINARY, "B");
    case "reqps": return scaled(value, decimals, THOUSANDS, "req/s").replace(/ ([KM])/, " $1 ");
    default: return digits(value, decimals);
  }
}
