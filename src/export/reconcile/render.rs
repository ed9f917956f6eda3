//! What was reconciled, as a table, CSV or JSON.

use super::{Difference, Reconciled, Row};
use jiff::civil::Date;
use rust_decimal::Decimal;
use serde_json::{Value as Json, json};

/// A format.
#[derive(Debug, Clone, Copy)]
pub struct Format {
    /// The word after `--format`.
    pub name: &'static str,
    /// Writes it.
    pub render: fn(&Reconciled) -> String,
}

/// Every format.
pub const FORMATS: &[Format] = &[
    Format { name: "table", render: table },
    Format { name: "csv", render: csv },
    Format { name: "json", render: json },
];

const HEADER: [&str; 16] = [
    "date",
    "model",
    "targets",
    "side",
    "exchanges",
    "input",
    "input_invoiced",
    "input_percent",
    "output",
    "output_invoiced",
    "output_percent",
    "usd",
    "usd_invoiced",
    "usd_more",
    "usd_percent",
    "usd_unknown_at_most",
];

fn side(row: &Row) -> &'static str {
    match (&row.invoiced, row.exchanges) {
        (None, _) => "ledger only",
        (Some(_), 0) => "invoice only",
        (Some(_), _) => "both",
    }
}

fn percent(difference: Option<Difference>) -> String {
    difference
        .map_or_else(String::new, |d| d.percent.map_or_else(|| "-".into(), |p| p.round_dp(3).normalize().to_string()))
}

fn cells(day: &str, model: &str, row: &Row) -> Vec<String> {
    let [input, output, usd] = row.differences();
    let theirs = row.invoiced.clone().unwrap_or_default();
    let text = |n: Option<u64>| n.map_or_else(String::new, |n| n.to_string());
    let money = |usd: Decimal| usd.normalize().to_string();
    vec![
        day.to_owned(),
        model.to_owned(),
        row.targets.iter().cloned().collect::<Vec<_>>().join(" "),
        side(row).to_owned(),
        row.exchanges.to_string(),
        row.tokens.0.to_string(),
        text(theirs.input),
        percent(input),
        row.tokens.1.to_string(),
        text(theirs.output),
        percent(output),
        money(row.usd),
        theirs.usd.map(money).unwrap_or_default(),
        usd.map(|d| money(d.more)).unwrap_or_default(),
        percent(usd),
        money(row.unknown),
    ]
}

fn all(reconciled: &Reconciled) -> Vec<Vec<String>> {
    let day = |day: &Date| day.to_string();
    let mut rows: Vec<Vec<String>> =
        reconciled.rows.iter().map(|((at, model), row)| cells(&day(at), model, row)).collect();
    rows.extend(reconciled.models.iter().map(|(model, row)| cells("all days", model, row)));
    rows.push(cells("all days", "total", &reconciled.total));
    rows
}

fn table(reconciled: &Reconciled) -> String {
    let mut table = comfy_table::Table::new();
    table.load_style(comfy_table::presets::NOTHING);
    table.set_header(HEADER.map(|name| name.replace('_', " ")).to_vec());
    table.add_rows(all(reconciled));
    let lines: Vec<String> = table.lines().map(|line| line.trim_end().to_owned()).collect();
    lines.join("\n") + "\n"
}

fn csv(reconciled: &Reconciled) -> String {
    let quote = |cell: &String| {
        let plain = !cell.contains([',', '"', '\n', '\r']);
        if plain { cell.clone() } else { format!("\"{}\"", cell.replace('"', "\"\"")) }
    };
    let line = |cells: &[String]| cells.iter().map(quote).collect::<Vec<_>>().join(",") + "\n";
    let head = HEADER.join(",") + "\n";
    all(reconciled).iter().fold(head, |out, row| out + &line(row))
}

fn json(reconciled: &Reconciled) -> String {
    let one = |row: Vec<String>| -> Json {
        HEADER
            .iter()
            .zip(row)
            .map(|(name, cell)| ((*name).to_owned(), Json::from(cell)))
            .collect::<serde_json::Map<_, _>>()
            .into()
    };
    let rows: Vec<Json> =
        reconciled.rows.iter().map(|((day, model), row)| one(cells(&day.to_string(), model, row))).collect();
    let models: Vec<Json> = reconciled.models.iter().map(|(model, row)| one(cells("", model, row))).collect();
    let whole = json!({ "rows": rows, "models": models, "total": one(cells("", "", &reconciled.total)) });
    format!("{whole:#}\n")
}
