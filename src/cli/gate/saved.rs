//! A comparison that was saved as JSON, as far as a gate holds figures against it.

use crate::domain::{Name, Verdict};
use crate::stats::{Level, wilson};
use crate::verdict::Part;
use crate::verdict::gate::{Figures, Gated, Value};
use serde_json::Value as Json;
use std::path::Path;

/// What was saved.
pub(super) struct Saved {
    /// When it was made, as it says.
    pub(super) made: String,
    /// By part and target.
    figures: Vec<(Part, Name, Figures)>,
}

/// Reads a file that `assayd compare --format json` wrote.
pub(super) fn read(path: &Path) -> Result<Saved, String> {
    let place = path.display();
    let text = std::fs::read_to_string(path).map_err(|error| format!("{place}: {error}"))?;
    parse(&text).map_err(|problem| format!("{place}: {problem}"))
}

fn parse(text: &str) -> Result<Saved, String> {
    let json: Json = serde_json::from_str(text).map_err(|error| format!("it is no JSON: {error}"))?;
    let schema = json.get("schema").and_then(Json::as_str);
    if schema != Some("assayd.compare/1") {
        return Err(format!(
            "its schema is {}, not assayd.compare/1; hint: write it by `assayd compare --format json --out FILE`",
            schema.unwrap_or("not told")
        ));
    }
    let mut figures = Vec::new();
    for part in list(&json, "parts") {
        let named = part.get("part").unwrap_or(&Json::Null);
        let word = |key: &str| named.get(key).and_then(Json::as_str).unwrap_or_default();
        let of = match word("kind") {
            "all" => Part::All,
            "scenario" => Part::Scenario(Name::new(word("name")).map_err(|error| format!("a scenario: {error}"))?),
            "domain" => Part::Domain(word("name").to_owned()),
            other => return Err(format!("a part of kind {other:?}")),
        };
        for target in list(part, "targets") {
            let name = target.get("target").and_then(Json::as_str).unwrap_or_default();
            let name = Name::new(name).map_err(|error| format!("a target: {error}"))?;
            figures.push((of.clone(), name, figures_of(target)));
        }
    }
    let made = json.get("made").and_then(Json::as_str).unwrap_or("an unknown time").to_owned();
    Ok(Saved { made, figures })
}

fn list<'a>(json: &'a Json, key: &str) -> &'a [Json] {
    json.get(key).and_then(Json::as_array).map_or(&[], Vec::as_slice)
}

fn figures_of(target: &Json) -> Figures {
    let value = |json: &Json| {
        let number = |key: &str| json.get(key).and_then(Json::as_f64);
        Some(Value { estimate: number("estimate")?, lower: number("lower"), upper: number("upper") })
    };
    let time = |of: &str, quantile: &str| {
        let of = target.get(of)?;
        let ends = of.get(format!("{quantile}_interval"));
        let end = |key: &str| ends?.get(key)?.as_f64();
        Some(Value { estimate: of.get(quantile)?.as_f64()?, lower: end("lower"), upper: end("upper") })
    };
    let samples = target.get("samples").and_then(Json::as_u64).unwrap_or_default();
    let share = |verdicts: &[Verdict]| {
        let counts = target.get("verdicts")?;
        let some: u64 = verdicts.iter().filter_map(|verdict| counts.get(verdict.label())?.as_u64()).sum();
        wilson(some, samples, Level::P95).map(Value::from)
    };
    let all = [
        (Gated::Accuracy, target.get("accuracy").and_then(value)),
        (Gated::CostPerCorrect, target.get("cost_per_correct_usd").and_then(value)),
        (Gated::TtftP50, time("ttft_seconds", "p50")),
        (Gated::TtftP99, time("ttft_seconds", "p99")),
        (Gated::DurationP50, time("duration_seconds", "p50")),
        (Gated::DurationP99, time("duration_seconds", "p99")),
        (Gated::Failed, share(&[Verdict::Failed, Verdict::Unknown])),
        (Gated::Unparsed, share(&[Verdict::Unparsed])),
        (Gated::Refused, share(&[Verdict::Refused])),
    ];
    Figures(all.into_iter().filter_map(|(on, value)| Some((on, value?))).collect())
}

impl Saved {
    /// Of a target in a part.
    pub(super) fn figures(&self, part: &Part, target: &Name) -> Option<Figures> {
        let found = self.figures.iter().find(|(of, name, _)| of == part && name == target);
        found.map(|(_, _, figures)| figures.clone())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_saved_is_read_back_and_anything_else_refused() {
        let text = r#"{ "schema": "assayd.compare/1", "made": "2026-11-01T00:00:00Z", "parts": [
            { "part": { "kind": "domain", "name": "mod" }, "targets": [ { "target": "a", "samples": 10, "verdicts": { "failed": 1 },
              "accuracy": { "estimate": 0.9, "lower": 0.8, "upper": 0.95 }, "cost_per_correct_usd": null,
              "ttft_seconds": { "p50": 0.2, "p99": 0.9, "p50_interval": { "lower": 0.1, "upper": 0.3 }, "p99_interval": { "lower": 0.5, "upper": null } }
            } ] } ] }"#;
        let saved = parse(text).unwrap();
        let figures = saved.figures(&Part::Domain("mod".to_owned()), &Name::new("a").unwrap()).unwrap();
        let of = |on: Gated| figures.0.iter().find(|(other, _)| *other == on).map(|(_, value)| *value);
        assert_eq!(of(Gated::Accuracy), Some(Value { estimate: 0.9, lower: Some(0.8), upper: Some(0.95) }));
        assert_eq!(of(Gated::TtftP99), Some(Value { estimate: 0.9, lower: Some(0.5), upper: None }));
        assert_eq!(of(Gated::CostPerCorrect), None);
        assert!(of(Gated::Failed).is_some_and(|failed| (failed.estimate - 0.1).abs() < 1e-12));
        assert!(saved.figures(&Part::All, &Name::new("a").unwrap()).is_none());
        for (text, part) in [
            ("x", "it is no JSON"),
            ("{}", "its schema is not told"),
            (r#"{"schema":"assayd.gate/1"}"#, "not assayd.compare/1"),
        ] {
            assert!(parse(text).is_err_and(|problem| problem.contains(part)), "{text}");
        }
    }
}
