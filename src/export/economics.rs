//! Own hardware against an API: what an hour costs, what a correct answer costs at a duty, and from which duty on it is the
//! cheaper one. As a table, Markdown and JSON.
//!
//! A figure that was not measured is not there: it is named with how to come by it, and what rests on it is left out.

use super::report::{Column, Table, drawn, significant, usd, wrapped};
use crate::pricing::{BreakEven, Duty, DutySource, Estimate, SCI_ANSWERS, over, product};
use serde_json::{Map, Value, json};

/// A figure with where it is from.
#[derive(Debug, Clone, PartialEq)]
pub struct Sourced {
    /// The figure.
    pub estimate: Estimate,
    /// Where it is from, in words.
    pub source: String,
}

/// What the hardware's energy comes to in an hour.
#[derive(Debug, Clone, PartialEq)]
pub struct EnergyHour {
    /// Watts of the hardware, the building's part apart.
    pub watts: f64,
    /// How they are known, in words.
    pub source: String,
    /// What the building takes for each unit that the hardware does.
    pub pue: f64,
    /// USD per kWh, on average over a year; none where the energy is in the price.
    pub tariff: Option<f64>,
}

impl EnergyHour {
    /// USD an hour.
    #[must_use]
    pub fn usd(&self) -> f64 {
        self.watts / 1e3 * self.pue * self.tariff.unwrap_or(0.0)
    }
}

/// What energy comes to.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Rates {
    /// What the building takes for each unit that the hardware does.
    pub pue: f64,
    /// USD per kWh, on average over a year; none where the energy is in the price.
    pub tariff: Option<f64>,
    /// Grams of CO₂-equivalent per kWh, on average over a year; none where nobody said.
    pub intensity: Option<f64>,
}

/// Grams of CO₂-equivalent in an hour.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct CarbonHour {
    /// Of the energy, the building's part included; none where the power is not known.
    pub operational: Option<f64>,
    /// Of the making of the hardware; none where nobody said.
    pub embodied: Option<f64>,
}

/// All that is known of the two. None is not known.
#[derive(Debug, Clone, PartialEq)]
pub struct Economics {
    /// The target on own (or rented) hardware.
    pub own: String,
    /// The target that is compared with.
    pub api: String,
    /// Out of which scenario.
    pub scenario: Option<String>,
    /// What an hour of the hardware costs by its parts in USD, energy apart.
    pub hour: Vec<(String, f64)>,
    /// Its energy.
    pub energy: Option<EnergyHour>,
    /// What its energy comes to where the power is found out later.
    pub rates: Rates,
    /// Its emissions.
    pub carbon: Option<CarbonHour>,
    /// The share of its answers that are right.
    pub accuracy: Option<Sourced>,
    /// Graded answers in an hour at saturation.
    pub answers_per_hour: Option<Sourced>,
    /// Output tokens per second at saturation.
    pub tokens_per_second: Option<Sourced>,
    /// USD per correct answer of the API.
    pub api_cost: Option<Sourced>,
    /// The duty that is, or is assumed, and where it is from in words.
    pub duty: Option<(Duty, String)>,
    /// What else a reader must know, a sentence each.
    pub notes: Vec<String>,
}

/// A format.
#[derive(Debug, Clone, Copy)]
pub struct Format {
    /// The word on the command line.
    pub name: &'static str,
    /// Renders it.
    pub render: fn(&Economics) -> String,
}

/// Every format.
pub const FORMATS: &[Format] = &[
    Format { name: "table", render: Economics::text },
    Format { name: "md", render: Economics::markdown },
    Format { name: "json", render: Economics::json },
];

/// The duties that are always shown.
const DUTIES: [f64; 6] = [0.05, 0.1, 0.25, 0.5, 0.75, 1.0];

const DEFINITIONS: [&str; 4] = [
    "u*: C_h / (correct answers an hour at saturation × the API's cost per correct); the share of its time that the hardware \
     must work at saturation for its correct answers to cost the same",
    "at a duty u: C_h / (what an hour at saturation brings × u); power is taken as the same at every duty",
    "intervals: 95 %, delta method on logarithms out of the intervals of accuracy, answers an hour and the API's cost per \
     correct, each side by its own distances, inputs taken as independent; C_h has none",
    "J: at the hardware; g CO2e: with PUE, and the share of what making it emitted where that is known",
];

/// What one duty comes to.
struct Row {
    duty: f64,
    from: &'static str,
    per_million: Option<f64>,
    per_correct: Option<Estimate>,
    joules: Option<f64>,
    grams: Option<f64>,
}

impl Economics {
    /// USD an hour in all, as far as it is known.
    #[must_use]
    pub fn per_hour(&self) -> f64 {
        self.hour.iter().map(|(_, usd)| usd).sum::<f64>() + self.energy.as_ref().map_or(0.0, EnergyHour::usd)
    }

    /// Correct answers an hour at saturation; none where that is not known.
    #[must_use]
    pub fn correct_per_hour(&self) -> Option<Estimate> {
        product(&[self.accuracy.as_ref()?.estimate, self.answers_per_hour.as_ref()?.estimate])
    }

    /// Takes power that was found out otherwise, where it is not known yet.
    pub fn powered(&mut self, watts: f64, source: String) {
        if self.energy.is_some() || !(watts > 0.0 && watts.is_finite()) {
            return;
        }
        let Rates { pue, tariff, intensity } = self.rates;
        self.energy = Some(EnergyHour { watts, source, pue, tariff });
        if let (Some(carbon), Some(intensity)) = (&mut self.carbon, intensity) {
            carbon.operational = Some(watts / 1e3 * pue * intensity);
        }
    }

    /// The break-even; none where something that it takes is not known.
    #[must_use]
    pub fn break_even(&self) -> Option<BreakEven> {
        let [accuracy, answers, api] = [&self.accuracy, &self.answers_per_hour, &self.api_cost];
        let [accuracy, answers, api] = [accuracy, answers, api].map(|figure| figure.as_ref().map(|f| f.estimate));
        BreakEven::of(self.per_hour(), accuracy?, answers?, api?)
    }

    /// What was not measured, and how it is come by.
    #[must_use]
    pub fn missing(&self) -> Vec<String> {
        let Self { own, api, accuracy, answers_per_hour, tokens_per_second, api_cost, energy, .. } = self;
        let on = self.scenario.as_ref().map_or_else(String::new, |scenario| format!(" on {scenario}"));
        let mut lines = Vec::new();
        if accuracy.is_none() {
            lines.push(format!("the accuracy of {own}{on} was not measured: run it to its end, or give --accuracy"));
        }
        if answers_per_hour.is_none() {
            lines.push(format!(
                "the saturation throughput of {own}{on} was not measured: run it with arrival = {{ kind = \"sweep\", … }}, or \
                 with arrival = {{ kind = \"closed\", … }} and as many at once as it can take, or give --throughput"
            ));
        }
        if answers_per_hour.is_some() && tokens_per_second.is_none() {
            lines.push("output tokens per second were not measured: give --tokens-per-second".to_owned());
        }
        if api_cost.is_none() {
            lines.push(format!(
                "the cost per correct answer of {api}{on} was not measured: run it to its end with a price, or give --api-cost"
            ));
        }
        if energy.is_none() {
            lines.push(format!(
                "the power of {own} was not measured: its energy is in no figure; give it a meter, declare power = \
                 {{ nameplate = \"700 W\" }}, or give --watts"
            ));
        }
        lines
    }

    fn rows(&self) -> Vec<Row> {
        let given = self.duty.as_ref().map(|(duty, _)| (duty.share(), duty.source.label()));
        let usual = DUTIES.into_iter().filter(|u| given.is_none_or(|(duty, _)| (duty - u).abs() > 1e-9));
        let equal = self.break_even().map(|b| b.duty.value).filter(|u| *u < 1.0).map(|u| (u, "break-even"));
        let assumed = usual.map(|u| (u, DutySource::Assumed.label()));
        let mut duties: Vec<_> = assumed.chain(given).chain(equal).collect();
        duties.sort_by(|a, b| a.0.total_cmp(&b.0));
        let correct = self.correct_per_hour();
        let per_hour = self.per_hour();
        let row = |(u, from): (f64, &'static str)| {
            let duty = Duty::new(u, DutySource::Assumed)?;
            let each = |hour: Option<f64>| Some(duty.per_correct(hour?, correct?.value));
            let grams = self.carbon.and_then(|carbon| {
                let CarbonHour { operational, embodied } = carbon;
                Some(operational? + embodied.unwrap_or(0.0))
            });
            Some(Row {
                duty: u,
                from,
                per_million: self
                    .tokens_per_second
                    .as_ref()
                    .map(|tokens| duty.per_million_tokens(per_hour, tokens.estimate.value)),
                per_correct: correct.and_then(|correct| over(per_hour / u, &[correct])),
                joules: each(self.energy.as_ref().map(|energy| energy.watts * 3600.0)),
                grams: each(grams),
            })
        };
        duties.into_iter().filter_map(row).collect()
    }

    fn title(&self) -> String {
        let on = self.scenario.as_ref().map_or_else(String::new, |scenario| format!(" on {scenario}"));
        format!("own hardware ({}) against {}{on}", self.own, self.api)
    }

    fn tables(&self) -> Vec<Table> {
        let mut hour: Vec<Vec<String>> =
            self.hour.iter().map(|(part, usd)| vec![part.clone(), significant(*usd, 4)]).collect();
        if let Some(energy) = &self.energy {
            let EnergyHour { watts, source, pue, tariff } = energy;
            let watts = significant(*watts, 3);
            let price = match tariff {
                Some(tariff) => {
                    format!("energy: {watts} W ({source}) × PUE {pue} × {} USD/kWh", significant(*tariff, 3))
                }
                None => format!("energy: {watts} W ({source}), in the price"),
            };
            hour.push(vec![price, significant(energy.usd(), 4)]);
        }
        hour.push(vec!["C_h, in all".to_owned(), significant(self.per_hour(), 4)]);
        let figure = |name: &str, figure: &Option<Sourced>, show: &dyn Fn(f64) -> String| {
            let (shown, from) = match figure {
                Some(Sourced { estimate, source }) => (interval(*estimate, show), source.clone()),
                None => ("not measured".to_owned(), "–".to_owned()),
            };
            vec![name.to_owned(), shown, from]
        };
        let share = |x: f64| format!("{} %", significant(x * 100.0, 3));
        let three = |x: f64| significant(x, 4);
        let mut inputs = vec![
            figure("accuracy", &self.accuracy, &share),
            figure("answers an hour at saturation", &self.answers_per_hour, &three),
            figure("output tokens/s at saturation", &self.tokens_per_second, &three),
            figure("cost per correct of the API", &self.api_cost, &usd),
        ];
        if let Some((duty, from)) = &self.duty {
            inputs.push(vec![
                "duty".to_owned(),
                significant(duty.share(), 3),
                format!("{}: {from}", duty.source.label()),
            ]);
        }
        let nothing = || "–".to_owned();
        let cells = |row: Row| {
            let Row { duty, from, per_million, per_correct, joules, grams } = row;
            let against = per_correct
                .zip(self.api_cost.as_ref())
                .map_or_else(nothing, |(own, api)| format!("× {}", significant(own.value / api.estimate.value, 3)));
            vec![
                format!("{duty:.3} ({from})"),
                per_million.map_or_else(nothing, usd),
                per_correct.map_or_else(nothing, |cost| interval(cost, &usd)),
                against,
                joules.map_or_else(nothing, |j| significant(j, 3)),
                grams.map_or_else(nothing, |g| significant(g, 3)),
            ]
        };
        let table = |title: &str, columns: Vec<Column>, rows| Table { title: title.to_owned(), columns, rows };
        vec![
            table(&format!("an hour of {}", self.own), vec![Column::text("part"), Column::number("USD")], hour),
            table(
                "what goes in",
                vec![Column::text("figure"), Column::number("value (95 %)"), Column::text("from")],
                inputs,
            ),
            table(
                "what comes out, by duty",
                vec![
                    Column::text("duty"),
                    Column::number("per 1M tokens"),
                    Column::number("per correct (95 %)"),
                    Column::number("the API's"),
                    Column::number("J per correct"),
                    Column::number("g CO2e per correct"),
                ],
                self.rows().into_iter().map(cells).collect(),
            ),
        ]
    }

    /// What it comes to, a sentence each.
    #[must_use]
    pub fn findings(&self) -> Vec<String> {
        let mut lines = Vec::new();
        if let Some(found) = self.break_even() {
            let BreakEven { duty, answers_per_day } = found;
            let u = interval(duty, &|x| significant(x, 3));
            let answers = significant(answers_per_day, 4);
            lines.push(match found.verdict() {
                crate::pricing::Verdict::Reachable => {
                    format!("break-even duty u* = {u}: above it {} is cheaper; that is {answers} answers a day", self.own)
                }
                crate::pricing::Verdict::Unresolved => format!(
                    "break-even duty u* = {u}: the interval does not settle on which side of 1 it is; {answers} answers a day"
                ),
                crate::pricing::Verdict::Never => {
                    format!("break-even duty u* = {u}: above 1, so never at this price, however busy {} is", self.own)
                }
            });
        }
        if let (Some(correct), Some(CarbonHour { operational: Some(operational), embodied })) =
            (self.correct_per_hour(), self.carbon)
        {
            let grams = (operational + embodied.unwrap_or(0.0)) / correct.value * f64::from(SCI_ANSWERS);
            let of = if embodied.is_some() { "" } else { ", without what making it emitted" };
            lines.push(format!("SCI at saturation: {} g CO2e for 1000 correct answers{of}", significant(grams, 3)));
        }
        lines
    }

    fn text(&self) -> String {
        let mut text = self.title() + "\n";
        for table in self.tables() {
            text.push_str(&format!("\n{}\n{}\n", table.title, drawn(&table)));
        }
        text.push('\n');
        self.findings().iter().for_each(|line| wrapped(&mut text, "", line));
        self.missing().iter().chain(&self.notes).for_each(|line| wrapped(&mut text, "! ", line));
        text.push('\n');
        DEFINITIONS.iter().for_each(|line| wrapped(&mut text, "  ", line));
        text
    }

    fn markdown(&self) -> String {
        let mut text = format!("**{}**\n", self.title());
        for Table { title, columns, rows } in self.tables() {
            let line =
                |cells: &mut dyn Iterator<Item = &str>| format!("| {} |\n", cells.collect::<Vec<_>>().join(" | "));
            text.push_str(&format!("\n{title}\n\n"));
            text.push_str(&line(&mut columns.iter().map(|column| column.head.as_str())));
            text.push_str(&line(&mut columns.iter().map(|column| if column.number { "--:" } else { "---" })));
            rows.iter().for_each(|cells| text.push_str(&line(&mut cells.iter().map(String::as_str))));
        }
        text.push('\n');
        let all = self.findings().into_iter().chain(self.missing()).chain(self.notes.iter().cloned());
        all.for_each(|finding| text.push_str(&format!("- {finding}\n")));
        text
    }

    fn json(&self) -> String {
        let sourced = |figure: &Option<Sourced>| match figure {
            Some(Sourced { estimate, source }) => {
                let mut fields = ends(*estimate);
                fields.insert("from".to_owned(), json!(source));
                Value::Object(fields)
            }
            None => Value::Null,
        };
        let hour: Map<String, Value> = self.hour.iter().map(|(part, usd)| (part.clone(), json!(usd))).collect();
        let row = |row: Row| {
            let Row { duty, from, per_million, per_correct, joules, grams } = row;
            json!({
                "duty": duty,
                "from": from,
                "usd_per_million_tokens": per_million,
                "usd_per_correct": per_correct.map(ends),
                "joules_per_correct": joules,
                "co2e_grams_per_correct": grams,
            })
        };
        let document = json!({
            "schema": "assayd.breakeven/1",
            "own": self.own,
            "api": self.api,
            "scenario": self.scenario,
            "usd_per_hour": {
                "parts": hour,
                "energy": self.energy.as_ref().map(|energy| json!({
                    "usd": energy.usd(),
                    "watts": energy.watts,
                    "from": energy.source,
                    "pue": energy.pue,
                    "usd_per_kwh": energy.tariff,
                })),
                "total": self.per_hour(),
            },
            "accuracy": sourced(&self.accuracy),
            "answers_per_hour": sourced(&self.answers_per_hour),
            "output_tokens_per_second": sourced(&self.tokens_per_second),
            "api_usd_per_correct": sourced(&self.api_cost),
            "duty": self.duty.as_ref().map(|(duty, from)| json!({
                "share": duty.share(),
                "source": duty.source.label(),
                "from": from,
            })),
            "by_duty": self.rows().into_iter().map(row).collect::<Vec<_>>(),
            "break_even": self.break_even().map(|found| json!({
                "duty": ends(found.duty),
                "answers_per_day": found.answers_per_day,
                "verdict": found.verdict().label(),
            })),
            "findings": self.findings(),
            "missing": self.missing(),
            "notes": self.notes,
            "definitions": DEFINITIONS,
        });
        serde_json::to_string_pretty(&document).unwrap_or_default() + "\n"
    }
}

/// A figure with its ends; null where the data can't bound it.
fn ends(estimate: Estimate) -> Map<String, Value> {
    let Estimate { value, lower, upper } = estimate;
    [("estimate", json!(value)), ("lower", json!(lower)), ("upper", json!(upper))]
        .map(|(key, value)| (key.to_owned(), value))
        .into_iter()
        .collect()
}

fn interval(estimate: Estimate, show: &dyn Fn(f64) -> String) -> String {
    let Estimate { value, lower, upper } = estimate;
    if !estimate.has_interval() {
        return show(value);
    }
    let lower = lower.map_or_else(|| "0".to_owned(), show);
    format!("{} ({lower} – {})", show(value), upper.map_or_else(|| "∞".to_owned(), show))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sourced(estimate: Estimate, source: &str) -> Option<Sourced> {
        Some(Sourced { estimate, source: source.to_owned() })
    }

    fn whole() -> Economics {
        let run = "run nightly of 2026-11-23";
        Economics {
            own: "own-gpu".into(),
            api: "gpt-x".into(),
            scenario: Some("support-zh".into()),
            hour: vec![("depreciation".into(), 0.9), ("capital".into(), 0.32), ("opex".into(), 0.05)],
            rates: Rates { pue: 1.3, tariff: Some(0.15), intensity: Some(400.0) },
            energy: Some(EnergyHour { watts: 700.0, source: "nameplate".into(), pue: 1.3, tariff: Some(0.15) }),
            carbon: Some(CarbonHour { operational: Some(364.0), embodied: Some(1.0) }),
            accuracy: sourced(Estimate::new(0.8, 0.763, Some(0.833)), run),
            answers_per_hour: sourced(Estimate::exact(9_000.0), "given"),
            tokens_per_second: sourced(Estimate::exact(750.0), "given"),
            api_cost: sourced(Estimate::new(0.000_5, 0.000_45, Some(0.000_56)), run),
            duty: Duty::new(0.4, DutySource::Prometheus)
                .map(|duty| (duty, "avg(busy) of http://prometheus:9090".into())),
            notes: vec!["what was asked of own-gpu changed during the run".into()],
        }
    }

    #[test]
    fn economics_as_a_table() {
        insta::assert_snapshot!(whole().text());
    }

    #[test]
    fn economics_as_markdown() {
        insta::assert_snapshot!(whole().markdown());
    }

    #[test]
    fn what_is_not_known_is_named_and_never_made_up() {
        let bare = Economics {
            energy: None,
            carbon: None,
            accuracy: None,
            answers_per_hour: None,
            tokens_per_second: None,
            api_cost: None,
            duty: None,
            notes: Vec::new(),
            ..whole()
        };
        assert_eq!(bare.break_even(), None);
        insta::assert_snapshot!(bare.text());
    }

    #[test]
    fn power_that_is_found_out_later_counts_as_if_it_were_given() {
        let mut later = whole();
        later.energy = None;
        later.carbon = Some(CarbonHour { operational: None, embodied: Some(1.0) });
        later.powered(700.0, "nameplate".into());
        assert_eq!(later.energy, whole().energy);
        let CarbonHour { operational, embodied } = later.carbon.unwrap();
        assert!((operational.unwrap() - 364.0).abs() < 1e-9 && embodied == Some(1.0));
        later.powered(1.0, "too late".into());
        assert_eq!(later.energy, whole().energy);
    }

    #[test]
    fn json_has_the_same_figures() {
        let document: Value = serde_json::from_str(&whole().json()).unwrap();
        let total = document["usd_per_hour"]["total"].as_f64().unwrap();
        assert!((total - 1.4065).abs() < 1e-12);
        let duty = document["break_even"]["duty"]["estimate"].as_f64().unwrap();
        assert!((duty - 1.4065 / 3.6).abs() < 1e-12);
        assert_eq!(document["break_even"]["verdict"], "reachable");
        // 7 duties: the usual ones, the given one, and the break-even.
        assert_eq!(document["by_duty"].as_array().unwrap().len(), 8);
        assert_eq!(document["by_duty"][4]["from"], "prometheus");
    }

    #[test]
    fn dear_hardware_never_breaks_even() {
        let mut dear = whole();
        dear.hour.push(("gold".into(), 100.0));
        assert!(dear.findings()[0].contains("never at this price"), "{:?}", dear.findings());
        dear.hour.pop();
        dear.hour.push(("silver".into(), 2.4));
        assert!(dear.findings()[0].contains("does not settle"), "{:?}", dear.findings());
    }
}
