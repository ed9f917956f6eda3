//! `--fail-if 'accuracy<0.9'`: thresholds that make a run fail, for pipelines; and `assayd gate`, which has conditions on
//! differences too.

mod command;
mod saved;

pub(super) use command::Gate;

use crate::board::Figures;
use crate::domain::Verdict;
use std::fmt;
use std::str::FromStr;

type Read = fn(&Figures) -> Option<f64>;

/// What a threshold can be set on. A figure that was not measured misses every threshold: silence is no success.
const MEASURES: &[(&str, &str, Read)] = &[
    ("accuracy", "correct / graded, 0 to 1", |f| f.accuracy.as_ref().map(|i| i.estimate)),
    ("accuracy_lower", "lower end of its 95 % interval", |f| f.accuracy.as_ref().map(|i| i.lower)),
    ("cost_per_correct", "USD", |f| f.per_correct.as_ref().map(|p| p.estimate)),
    ("cost_per_correct_upper", "upper end of its 95 % interval, USD", |f| {
        f.per_correct.as_ref().map(|p| p.upper.unwrap_or(f64::INFINITY))
    }),
    ("cost", "USD, known", |f| (f.unpriced == 0).then(|| f.cost.total().usd())),
    ("failed", "share of samples without an answer, 0 to 1", |f| share(f, &[Verdict::Failed, Verdict::Unknown])),
    ("unparsed", "share of samples whose answer could not be read, 0 to 1", |f| share(f, &[Verdict::Unparsed])),
    ("refused", "share of samples that were declined, 0 to 1", |f| share(f, &[Verdict::Refused])),
    ("ttft_p50", "seconds", |f| f.first_token.p50),
    ("ttft_p99", "seconds", |f| f.first_token.p99),
    ("duration_p99", "seconds", |f| f.duration.p99),
    ("tokens_per_second", "output tokens", |f| f.tokens_per_second),
    ("valid", "1 where the timing may be believed, else 0", |f| Some(f64::from(u8::from(f.validity.is_valid())))),
    ("slo_attainment", "share of what was asked that was inside the SLO, 0 to 1", |f| {
        f.attainment.map(|a| a.share.estimate)
    }),
    ("slo_attainment_lower", "lower end of its 95 % interval, 0 to 1", |f| f.attainment.map(|a| a.share.lower)),
    ("correct_goodput", "correct answers inside the SLO per second", |f| f.correct_goodput),
];

#[expect(clippy::cast_precision_loss, reason = "a share")]
fn share(figures: &Figures, verdicts: &[Verdict]) -> Option<f64> {
    let some: u64 = verdicts.iter().map(|v| figures.count(*v)).sum();
    let all = figures.samples();
    (all > 0).then(|| some as f64 / all as f64)
}

/// One threshold.
#[derive(Clone)]
pub(super) struct Threshold {
    text: String,
    read: Read,
    less: bool,
    or_equal: bool,
    limit: f64,
}

impl FromStr for Threshold {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let at = text.find(['<', '>']).ok_or("expected MEASURE<NUMBER or MEASURE>NUMBER, such as accuracy<0.9")?;
        let (word, rest) = text.split_at(at);
        let word = word.trim();
        let less = rest.starts_with('<');
        let rest = rest.get(1..).unwrap_or("");
        let (or_equal, number) = rest.strip_prefix('=').map_or((false, rest), |number| (true, number));
        let limit = number.trim().parse().ok().filter(|n: &f64| n.is_finite());
        let limit = limit.ok_or_else(|| format!("{:?} is not a number", number.trim()))?;
        let Some((_, unit, read)) = MEASURES.iter().find(|(name, ..)| *name == word) else {
            let near = crate::config::suggest(word, MEASURES.iter().map(|(name, ..)| *name));
            let near = near.map(|n| format!("did you mean {n}? ")).unwrap_or_default();
            let known: Vec<String> = MEASURES.iter().map(|(name, unit, _)| format!("{name} ({unit})")).collect();
            return Err(format!("{word:?} is no measure: {near}known are {}", known.join(", ")));
        };
        if unit.contains("0 to 1") && !(0.0..=1.0).contains(&limit) {
            return Err(format!("{word} is from 0 to 1: {limit} could never be crossed, or always is"));
        }
        Ok(Self { text: text.to_owned(), read: *read, less, or_equal, limit })
    }
}

impl fmt::Debug for Threshold {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl Threshold {
    /// What a row has of it; none where it was not measured.
    fn value(&self, row: &Figures) -> Option<f64> {
        (self.read)(row)
    }

    /// What is wrong with a row, if the threshold says so.
    pub(super) fn missed(&self, row: &Figures) -> Option<String> {
        let value = self.value(row);
        let fails = value.is_none_or(|v| match (self.less, self.or_equal) {
            (true, false) => v < self.limit,
            (true, true) => v <= self.limit,
            (false, false) => v > self.limit,
            (false, true) => v >= self.limit,
        });
        let what = || value.map_or_else(|| "not measured".into(), |v| format!("{v:.6}"));
        fails.then(|| format!("{} / {}: fails if {}: {}", row.target, row.scenario, self.text, what()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_thresholds_and_says_what_is_wrong_with_others() {
        for good in ["accuracy<0.9", "ttft_p99 >= 0.5", "cost_per_correct>0.01"] {
            assert!(good.parse::<Threshold>().is_ok(), "{good}");
        }
        for (bad, part) in [
            ("accuracy", "expected MEASURE<NUMBER"),
            ("acuracy<0.9", "did you mean accuracy?"),
            ("accuracy<x", "\"x\" is not a number"),
            ("accuracy<", "\"\" is not a number"),
            ("accuracy<90", "accuracy is from 0 to 1"),
        ] {
            let error = bad.parse::<Threshold>().unwrap_err();
            assert!(error.contains(part), "{error}");
        }
    }
}
