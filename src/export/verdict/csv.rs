//! CSV: a row for each target in each part, a header, plain numbers.

use super::Document;
use crate::domain::Verdict;
use crate::export::report::exact_usd;
use crate::verdict::{Part, Standing};
use std::fmt::Write as _;

const HEADER: &str = "part,name,target,items,graded,correct,accuracy,accuracy_lower,accuracy_upper,cost_usd,unpriced,\
                      cost_per_correct_usd,cost_per_correct_lower_usd,cost_per_correct_upper_usd,ttft_p50_s,ttft_p99_s,\
                      duration_p50_s,duration_p99_s,output_tokens,joules_per_correct";

pub(super) fn render(document: &Document) -> String {
    let mut text = format!("{HEADER}\n");
    for (part, standings) in &document.comparison.standings {
        for standing in standings {
            let _ = writeln!(text, "{}", row(part, standing));
        }
    }
    text
}

fn row(part: &Part, standing: &Standing) -> String {
    let number = |value: Option<f64>| value.filter(|v| v.is_finite()).map(|v| v.to_string()).unwrap_or_default();
    let (kind, name) = match part {
        Part::All => ("all", String::new()),
        Part::Scenario(name) => ("scenario", name.to_string()),
        Part::Domain(domain) => ("domain", domain.clone()),
    };
    let Standing { target, items, accuracy, per_correct, cost, unpriced, first, whole, tokens, joules, .. } = standing;
    let cells = [
        kind.to_owned(),
        quoted(&name),
        quoted(target.as_str()),
        items.to_string(),
        standing.graded().to_string(),
        standing.count(Verdict::Correct).to_string(),
        number(accuracy.map(|a| a.estimate)),
        number(accuracy.map(|a| a.lower)),
        number(accuracy.map(|a| a.upper)),
        exact_usd(*cost),
        unpriced.to_string(),
        number(per_correct.map(|c| c.estimate)),
        number(per_correct.map(|c| c.lower)),
        number(per_correct.and_then(|c| c.upper)),
        number(first.map(|q| q.p50)),
        number(first.map(|q| q.p99)),
        number(whole.map(|q| q.p50)),
        number(whole.map(|q| q.p99)),
        number(*tokens),
        number(*joules),
    ];
    cells.join(",")
}

fn quoted(text: &str) -> String {
    if text.contains([',', '"', '\n', '\r']) { format!("\"{}\"", text.replace('"', "\"\"")) } else { text.to_owned() }
}
