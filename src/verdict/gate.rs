//! Conditions on figures and on how they differ from a baseline, for pipelines: each passes, fails, or is undecided where its 95 %
//! interval does not say.
//!
//! A condition says when to fail: `accuracy<-2pt` fails where accuracy is more than two points below the baseline's. It fails
//! when the whole interval is beyond the limit, passes when no part of it is, and is undecided in between. Differences are
//! paired by item where both were graded on the same ones; else, and for times and shares, the interval of a difference or a
//! ratio is made of both intervals (MOVER: Zou & Donner 2008, Statistics in Medicine 27, 1693–1702; for shares that is Newcombe
//! 1998, method 10).

use super::{Ends, Pair, Standing};
use crate::domain::Verdict;
use crate::stats::{Interval, Level, wilson};
use std::fmt;
use std::str::FromStr;

/// What a condition is on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Gated {
    /// Correct over graded.
    Accuracy,
    /// USD.
    CostPerCorrect,
    /// Seconds to the first token, the median.
    TtftP50,
    /// … what 99 of 100 keep.
    TtftP99,
    /// Seconds to the last token, the median.
    DurationP50,
    /// … what 99 of 100 keep.
    DurationP99,
    /// The share of samples without an answer.
    Failed,
    /// The share of samples whose answer could not be read.
    Unparsed,
    /// The share of samples that were declined.
    Refused,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Share,
    Usd,
    Seconds,
}

impl Gated {
    /// Every one.
    pub const ALL: [Self; 9] = [
        Self::Accuracy,
        Self::CostPerCorrect,
        Self::TtftP50,
        Self::TtftP99,
        Self::DurationP50,
        Self::DurationP99,
        Self::Failed,
        Self::Unparsed,
        Self::Refused,
    ];

    /// The word in a condition.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::Accuracy => "accuracy",
            Self::CostPerCorrect => "cost_per_correct",
            Self::TtftP50 => "ttft_p50",
            Self::TtftP99 => "ttft_p99",
            Self::DurationP50 => "duration_p50",
            Self::DurationP99 => "duration_p99",
            Self::Failed => "failed",
            Self::Unparsed => "unparsed",
            Self::Refused => "refused",
        }
    }

    const fn kind(self) -> Kind {
        match self {
            Self::Accuracy | Self::Failed | Self::Unparsed | Self::Refused => Kind::Share,
            Self::CostPerCorrect => Kind::Usd,
            Self::TtftP50 | Self::TtftP99 | Self::DurationP50 | Self::DurationP99 => Kind::Seconds,
        }
    }
}

/// How a value is meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Against {
    /// By itself.
    Nothing,
    /// Less the baseline's.
    Difference,
    /// Over the baseline's.
    Ratio,
}

/// When to fail.
#[derive(Debug, Clone, PartialEq)]
pub struct Condition {
    text: String,
    /// On what.
    pub on: Gated,
    /// Held against what.
    pub against: Against,
    less: bool,
    or_equal: bool,
    /// In shares, USD, seconds, or as a ratio.
    pub limit: f64,
}

impl fmt::Display for Condition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl FromStr for Condition {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let at = text.find(['<', '>']).ok_or("expected MEASURE<LIMIT or MEASURE>LIMIT, such as accuracy<-2pt")?;
        let (word, rest) = text.split_at(at);
        let (word, less) = (word.trim(), rest.starts_with('<'));
        let rest = rest.get(1..).unwrap_or_default();
        let (or_equal, limit) = rest.strip_prefix('=').map_or((false, rest), |limit| (true, limit));
        let Some(on) = Gated::ALL.into_iter().find(|on| on.label() == word) else {
            let words = Gated::ALL.map(Gated::label);
            let near =
                crate::config::suggest(word, words).map(|near| format!("did you mean {near}? ")).unwrap_or_default();
            return Err(format!("{word:?} is no measure: {near}known are {}", words.join(", ")));
        };
        let (against, limit) = read_limit(on, limit.trim())?;
        Ok(Self { text: text.trim().to_owned(), on, against, less, or_equal, limit })
    }
}

/// A number with its unit; with a sign it is a difference or a change.
fn read_limit(on: Gated, text: &str) -> Result<(Against, f64), String> {
    let signed = text.starts_with(['+', '-']);
    let split = text.find(|c: char| !(c.is_ascii_digit() || matches!(c, '.' | '+' | '-'))).unwrap_or(text.len());
    let (number, unit) = text.split_at(split);
    let number: f64 =
        number.parse().ok().filter(|n: &f64| n.is_finite()).ok_or_else(|| format!("{text:?} is no limit"))?;
    let word = on.label();
    match (on.kind(), signed, unit.trim()) {
        (Kind::Share, true, "pt") => Ok((Against::Difference, number / 100.0)),
        (Kind::Share, true, _) => Err(format!("{word}: a change is written in points, such as {word}<-2pt")),
        (Kind::Share, false, unit @ ("" | "%")) => {
            let share = if unit == "%" { number / 100.0 } else { number };
            if !(0.0..=1.0).contains(&share) {
                return Err(format!("{word} is from 0 to 1, or in %: {text} could never be crossed, or always is"));
            }
            Ok((Against::Nothing, share))
        }
        (Kind::Share, false, "pt") => {
            Err(format!("{word}: points are of a change, such as {word}<-2pt; of the figure itself write %"))
        }
        (Kind::Usd | Kind::Seconds, true, "%") if number > -100.0 => Ok((Against::Ratio, 1.0 + number / 100.0)),
        (Kind::Usd | Kind::Seconds, true, "%") => Err(format!("{word} can't fall by 100 % or more")),
        (Kind::Seconds, true, "ms") => Ok((Against::Difference, number / 1e3)),
        (Kind::Seconds, true, "s") => Ok((Against::Difference, number)),
        (Kind::Seconds, false, "ms") => Ok((Against::Nothing, number / 1e3)),
        (Kind::Seconds, false, "" | "s") | (Kind::Usd, false, "" | "USD") => Ok((Against::Nothing, number)),
        (Kind::Usd, true, _) => Err(format!("{word}: a change is written in %, such as {word}>+10%")),
        (Kind::Seconds, true, _) => Err(format!("{word}: a change is written in %, ms or s, such as {word}>+10%")),
        (Kind::Usd, false, "%") | (Kind::Seconds, false, "%") => {
            Err(format!("{word}: a change has a sign, such as {word}>+10%"))
        }
        (_, _, unit) => Err(format!("{word}: {unit:?} is no unit of it")),
    }
}

/// A figure with its 95 % interval; an end that is not known is none, and may lie anywhere.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Value {
    /// The figure.
    pub estimate: f64,
    /// The lower end.
    pub lower: Option<f64>,
    /// The upper end.
    pub upper: Option<f64>,
}

impl From<Interval> for Value {
    fn from(interval: Interval) -> Self {
        Self { estimate: interval.estimate, lower: Some(interval.lower), upper: Some(interval.upper) }
    }
}

impl Value {
    /// Less another, that does not depend on it.
    fn less(self, other: Self) -> Self {
        let distance = |a: f64, b: f64| a.hypot(b);
        let lower = self.lower.zip(other.upper).map(|(l, u)| distance(self.estimate - l, u - other.estimate));
        let upper = self.upper.zip(other.lower).map(|(u, l)| distance(u - self.estimate, other.estimate - l));
        let estimate = self.estimate - other.estimate;
        Self { estimate, lower: lower.map(|by| estimate - by), upper: upper.map(|by| estimate + by) }
    }

    /// Over another, that does not depend on it; none where one of them is not above 0.
    fn over(self, other: Self) -> Option<Self> {
        let positive = |x: f64| x > 0.0 && x.is_finite();
        if !positive(self.estimate) || !positive(other.estimate) {
            return None;
        }
        let logs = |value: Self| Self {
            estimate: value.estimate.ln(),
            lower: value.lower.filter(|end| positive(*end)).map(f64::ln),
            upper: value.upper.filter(|end| positive(*end)).map(f64::ln),
        };
        let Self { estimate, lower, upper } = logs(self).less(logs(other));
        Some(Self { estimate: estimate.exp(), lower: lower.map(f64::exp), upper: upper.map(f64::exp) })
    }
}

/// What is known of a target in a part.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Figures(pub Vec<(Gated, Value)>);

impl Figures {
    /// Of a standing.
    #[must_use]
    pub fn of(standing: &Standing) -> Self {
        let share = |verdicts: &[Verdict]| {
            let some: u64 = verdicts.iter().map(|verdict| standing.count(*verdict)).sum();
            wilson(some, standing.samples(), Level::P95).map(Value::from)
        };
        let time = |estimate: f64, Ends { lower, upper }: Ends| Value { estimate, lower, upper };
        let cost = standing.per_correct.map(|cost| Value {
            estimate: cost.estimate,
            lower: Some(cost.lower),
            upper: cost.upper,
        });
        let all = [
            (Gated::Accuracy, standing.accuracy.map(Value::from)),
            (Gated::CostPerCorrect, cost),
            (Gated::TtftP50, standing.first.map(|q| time(q.p50, q.p50_ends))),
            (Gated::TtftP99, standing.first.map(|q| time(q.p99, q.p99_ends))),
            (Gated::DurationP50, standing.whole.map(|q| time(q.p50, q.p50_ends))),
            (Gated::DurationP99, standing.whole.map(|q| time(q.p99, q.p99_ends))),
            (Gated::Failed, share(&[Verdict::Failed, Verdict::Unknown])),
            (Gated::Unparsed, share(&[Verdict::Unparsed])),
            (Gated::Refused, share(&[Verdict::Refused])),
        ];
        Self(all.into_iter().filter_map(|(on, value)| Some((on, value?))).collect())
    }

    fn get(&self, on: Gated) -> Option<Value> {
        self.0.iter().find(|(other, _)| *other == on).map(|(_, value)| *value)
    }
}

/// How a condition came out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ruling {
    /// Shown not to be so.
    Pass,
    /// Shown to be so.
    Fail,
    /// The interval holds the limit.
    Undecided,
    /// Something that it takes was not measured.
    Unmeasured,
}

impl Ruling {
    /// The word in records.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::Pass => "pass",
            Self::Fail => "fail",
            Self::Undecided => "undecided",
            Self::Unmeasured => "not_measured",
        }
    }
}

/// A condition with what was found.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Ruled {
    /// How it came out.
    pub ruling: Ruling,
    /// The figure, difference or ratio.
    pub value: Option<Value>,
    /// Whether it is paired by item.
    pub paired: bool,
}

impl Condition {
    /// How a value of it is shown: times a factor, less so much, in this unit.
    #[must_use]
    pub const fn shown(&self) -> (f64, f64, &'static str) {
        match (self.on.kind(), self.against) {
            (_, Against::Ratio) => (100.0, 100.0, "%"),
            (Kind::Share, Against::Difference) => (100.0, 0.0, "pt"),
            (Kind::Share, Against::Nothing) => (100.0, 0.0, "%"),
            (Kind::Usd, _) => (1.0, 0.0, "USD"),
            (Kind::Seconds, _) => (1e3, 0.0, "ms"),
        }
    }

    /// Holds it against what is known: of the target, of the baseline, and of both on the same items (the target first).
    #[must_use]
    pub fn rule(&self, own: Option<&Figures>, baseline: Option<&Figures>, pair: Option<&Pair>) -> Ruled {
        let own = own.and_then(|figures| figures.get(self.on));
        let base = baseline.and_then(|figures| figures.get(self.on));
        let (value, paired) = match (self.against, self.on, pair) {
            (Against::Nothing, ..) => (own, false),
            (Against::Difference, Gated::Accuracy, Some(pair)) => (Some(pair.difference.into()), true),
            (Against::Ratio, Gated::CostPerCorrect, Some(Pair { cost_ratio: Some(ratio), .. })) => {
                // A price of nothing has no ratio that tells.
                (own.zip(base).map(|_| (*ratio).into()), true)
            }
            (Against::Difference, ..) => (own.zip(base).map(|(own, base)| own.less(base)), false),
            (Against::Ratio, ..) => (own.zip(base).and_then(|(own, base)| own.over(base)), false),
        };
        let value = value.filter(|value: &Value| !value.estimate.is_nan());
        let Some(Value { lower, upper, .. }) = value else {
            return Ruled { ruling: Ruling::Unmeasured, value: None, paired };
        };
        let beyond = |end: f64| match (self.less, self.or_equal) {
            (true, false) => end < self.limit,
            (true, true) => end <= self.limit,
            (false, false) => end > self.limit,
            (false, true) => end >= self.limit,
        };
        // The end that is least, and the one that is most, on the failing side.
        let (least, most) = if self.less { (upper, lower) } else { (lower, upper) };
        let ruling = match (least.map(beyond), most.map(beyond)) {
            (Some(true), _) => Ruling::Fail,
            (_, Some(false)) => Ruling::Pass,
            _ => Ruling::Undecided,
        };
        Ruled { ruling, value, paired }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn condition(text: &str) -> Condition {
        text.parse().unwrap()
    }

    fn value(estimate: f64, lower: f64, upper: f64) -> Value {
        Value { estimate, lower: Some(lower), upper: Some(upper) }
    }

    fn known(on: Gated, value: Value) -> Figures {
        Figures(vec![(on, value)])
    }

    #[test]
    fn conditions_are_read() {
        for (text, on, against, limit) in [
            ("accuracy<-2pt", Gated::Accuracy, Against::Difference, -0.02),
            ("accuracy < 90%", Gated::Accuracy, Against::Nothing, 0.9),
            ("failed>=0.01", Gated::Failed, Against::Nothing, 0.01),
            ("failed>+1pt", Gated::Failed, Against::Difference, 0.01),
            ("cost_per_correct>+10%", Gated::CostPerCorrect, Against::Ratio, 1.1),
            ("cost_per_correct>0.002", Gated::CostPerCorrect, Against::Nothing, 0.002),
            ("ttft_p99>500ms", Gated::TtftP99, Against::Nothing, 0.5),
            ("ttft_p99>0.5", Gated::TtftP99, Against::Nothing, 0.5),
            ("duration_p50>+0.2s", Gated::DurationP50, Against::Difference, 0.2),
        ] {
            let got = condition(text);
            assert_eq!((got.on, got.against, got.to_string()), (on, against, text.to_owned()));
            assert!((got.limit - limit).abs() < 1e-12, "{text}: {}", got.limit);
        }
    }

    #[test]
    fn what_is_no_condition_is_told() {
        for (bad, part) in [
            ("accuracy", "expected MEASURE<LIMIT"),
            ("acuracy<-2pt", "did you mean accuracy?"),
            ("accuracy<-2%", "a change is written in points, such as accuracy<-2pt"),
            ("accuracy<90", "accuracy is from 0 to 1, or in %"),
            ("accuracy<2pt", "points are of a change"),
            ("cost_per_correct>10%", "a change has a sign, such as cost_per_correct>+10%"),
            ("cost_per_correct>+0.01", "a change is written in %"),
            ("ttft_p99>+5", "a change is written in %, ms or s"),
            ("ttft_p99>5m", "\"m\" is no unit of it"),
            ("ttft_p99<-100%", "can't fall by 100 %"),
            ("ttft_p99>", "is no limit"),
        ] {
            let error = bad.parse::<Condition>().unwrap_err();
            assert!(error.contains(part), "{bad}: {error}");
        }
    }

    #[test]
    fn an_interval_passes_fails_or_does_not_say() {
        let rule =
            |text: &str, value: Value| condition(text).rule(Some(&known(condition(text).on, value)), None, None).ruling;
        assert_eq!(rule("accuracy<0.9", value(0.8, 0.75, 0.85)), Ruling::Fail);
        assert_eq!(rule("accuracy<0.9", value(0.95, 0.91, 0.97)), Ruling::Pass);
        assert_eq!(rule("accuracy<0.9", value(0.91, 0.88, 0.93)), Ruling::Undecided);
        assert_eq!(rule("accuracy<0.9", value(0.92, 0.9, 0.94)), Ruling::Pass, "equal is not below");
        assert_eq!(rule("accuracy<=0.9", value(0.92, 0.9, 0.94)), Ruling::Undecided);
        assert_eq!(rule("ttft_p99>500ms", value(0.7, 0.6, 0.9)), Ruling::Fail);
        let open = Value { estimate: 0.3, lower: Some(0.2), upper: None };
        assert_eq!(rule("ttft_p99>500ms", open), Ruling::Undecided, "too few samples bound nothing");
        assert_eq!(rule("ttft_p99>100ms", open), Ruling::Fail);
        assert_eq!(condition("accuracy<0.9").rule(None, None, None).ruling, Ruling::Unmeasured);
        let alone = known(Gated::Accuracy, value(0.8, 0.7, 0.9));
        assert_eq!(condition("accuracy<-2pt").rule(Some(&alone), None, None).ruling, Ruling::Unmeasured);
    }

    #[test]
    fn differences_are_newcombes_and_pairs_go_first() {
        // Newcombe (1998), method 10: 56/70 less 48/80 is 0.2000 (0.0524 to 0.3339).
        let of = |k, n| known(Gated::Accuracy, wilson(k, n, Level::P95).unwrap().into());
        let ruled = condition("accuracy<-2pt").rule(Some(&of(56, 70)), Some(&of(48, 80)), None);
        let Value { estimate, lower, upper } = ruled.value.unwrap();
        assert!(
            (estimate - 0.2).abs() < 1e-9
                && (lower.unwrap() - 0.0524).abs() < 5e-5
                && (upper.unwrap() - 0.3339).abs() < 5e-5
        );
        assert_eq!((ruled.ruling, ruled.paired), (Ruling::Pass, false));
        let name = |text| crate::domain::Name::new(text).unwrap();
        let difference = Interval { estimate: -0.05, lower: -0.08, upper: -0.03 };
        let pair = Pair {
            a: name("a"),
            b: name("b"),
            items: 9,
            only: None,
            difference,
            p: 0.01,
            cost_ratio: None,
            cost_p: None,
        };
        let ruled = condition("accuracy<-2pt").rule(Some(&of(56, 70)), Some(&of(48, 80)), Some(&pair));
        assert_eq!((ruled.ruling, ruled.paired), (Ruling::Fail, true));
    }

    proptest! {
        #[test]
        fn ratios_are_differences_of_logarithms(a in 0.1..9.0f64, b in 0.1..9.0f64, half in 1.01..2.0f64) {
            let with = |x: f64| value(x, x / half, x * half);
            let Value { estimate, lower, upper } = with(a).over(with(b)).unwrap();
            let by = half.powf(std::f64::consts::SQRT_2);
            prop_assert!((estimate / (a / b) - 1.0).abs() < 1e-9);
            prop_assert!((lower.unwrap() * by / estimate - 1.0).abs() < 1e-9 && (upper.unwrap() / by / estimate - 1.0).abs() < 1e-9);
        }

        #[test]
        fn any_text_is_read_or_refused(text in "[a-z_0-9<>=+%. -]{0,24}|(accuracy|ttft_p99|cost_per_correct)[<>]=?[+-]?[0-9.]{0,5}(pt|%|ms|s|USD)?") {
            if let Ok(read) = text.parse::<Condition>() {
                prop_assert!(read.limit.is_finite());
                prop_assert_eq!(read.to_string().parse::<Condition>(), Ok(read));
            }
        }
    }
}
