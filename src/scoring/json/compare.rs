//! How far a value is the expected one: how many of its leaves are right, and where the first is not.

use super::value::{Value, beginning};
use crate::scoring::text::uniform;
use std::collections::BTreeMap;

/// What counts as equal beyond being the same.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Rules {
    /// Texts are compared after folding form, case and white space.
    pub fold: bool,
    /// Arrays are compared as if they had no order.
    pub unordered: bool,
    /// Objects may have fields that are not expected.
    pub extra: bool,
}

/// What came of a comparison.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Tally {
    /// Expected leaves that are right.
    pub right: usize,
    /// Leaves that are expected, and those that are there and should not be.
    pub all: usize,
    /// The first difference: where, and what.
    pub miss: Option<String>,
}

/// Comparisons of elements that share no place, at the most: beyond them no more pairs are looked for.
const PAIRS: usize = 2_000;

impl Tally {
    /// Whether nothing is missing, wrong or too much.
    #[must_use]
    pub const fn is_whole(&self) -> bool {
        self.miss.is_none()
    }

    /// The share of leaves that are right; 1 only where all is.
    #[must_use]
    pub fn share(&self) -> f64 {
        if self.is_whole() {
            return 1.0;
        }
        #[expect(clippy::cast_precision_loss, reason = "leaves of a text of 32 KiB")]
        let share = self.right as f64 / self.all.max(self.right + 1) as f64;
        share
    }

    /// Takes another's leaves in.
    pub fn add(&mut self, other: Self) {
        let Self { right, all, miss } = other;
        self.right += right;
        self.all += all;
        self.miss = self.miss.take().or(miss);
    }

    fn right() -> Self {
        Self { right: 1, all: 1, miss: None }
    }

    /// So many leaves, none of them right.
    pub fn wrong(leaves: usize, miss: String) -> Self {
        Self { right: 0, all: leaves, miss: Some(miss) }
    }
}

impl Rules {
    /// Compares what is there with what is expected; `path` is where they stand, as a JSON pointer.
    pub fn compare(self, expected: &Value, found: &Value, path: &str) -> Tally {
        match (expected, found) {
            (Value::Object(expected), Value::Object(found)) if !(expected.is_empty() && found.is_empty()) => {
                self.objects(expected, found, path)
            }
            (Value::List(expected), Value::List(found)) if !(expected.is_empty() && found.is_empty()) => {
                self.lists(expected, found, path)
            }
            _ if self.same(expected, found) => Tally::right(),
            _ => {
                let (place, found, wanted) = (shown(path), brief(found), brief(expected));
                Tally::wrong(expected.leaves(), format!("{place} is {found}, not {wanted}"))
            }
        }
    }

    fn objects(self, expected: &BTreeMap<String, Value>, found: &BTreeMap<String, Value>, path: &str) -> Tally {
        let mut tally = Tally::default();
        for (name, wanted) in expected {
            let place = below(path, name);
            tally.add(match found.get(name) {
                Some(found) => self.compare(wanted, found, &place),
                None => Tally::wrong(wanted.leaves(), format!("{place} is missing")),
            });
        }
        for (name, more) in found.iter().filter(|(name, _)| !self.extra && !expected.contains_key(*name)) {
            tally.add(Tally::wrong(more.leaves(), format!("{} is not expected", below(path, name))));
        }
        tally
    }

    fn lists(self, expected: &[Value], found: &[Value], path: &str) -> Tally {
        let mut tally = Tally::default();
        if !self.unordered {
            for (place, wanted) in expected.iter().enumerate() {
                let path = below(path, &place.to_string());
                tally.add(match found.get(place) {
                    Some(found) => self.compare(wanted, found, &path),
                    None => Tally::wrong(wanted.leaves(), format!("{path} is missing")),
                });
            }
            for (place, more) in found.iter().enumerate().skip(expected.len()) {
                tally.add(Tally::wrong(more.leaves(), format!("{} is not expected", below(path, &place.to_string()))));
            }
            return tally;
        }
        for (place, tallied) in self.paired(expected, found, path) {
            tally.add(tallied.unwrap_or_else(|| {
                let wanted = expected.get(place).map_or(1, Value::leaves);
                Tally::wrong(wanted, format!("{} is missing", below(path, &place.to_string())))
            }));
        }
        let more = found.len().saturating_sub(expected.len());
        if more > 0 {
            tally.add(Tally::wrong(more, format!("{} has {more} elements too many", shown(path))));
        }
        tally
    }

    /// Each expected element with the tally of the element that it is paired with: first those that are equal, by their
    /// normal form; then the largest first, each with the best that is left. None where nothing is left.
    fn paired(self, expected: &[Value], found: &[Value], path: &str) -> Vec<(usize, Option<Tally>)> {
        let mut equal: BTreeMap<Value, Vec<usize>> = BTreeMap::new();
        for (place, value) in found.iter().enumerate() {
            equal.entry(self.normal(value)).or_default().push(place);
        }
        let mut free = vec![true; found.len()];
        let (mut pairs, mut rest) = (Vec::with_capacity(expected.len()), Vec::new());
        for (place, wanted) in expected.iter().enumerate() {
            match equal.get_mut(&self.normal(wanted)).and_then(Vec::pop) {
                Some(taken) => {
                    if let Some(free) = free.get_mut(taken) {
                        *free = false;
                    }
                    pairs.push((place, Some(Tally { right: wanted.leaves(), all: wanted.leaves(), miss: None })));
                }
                None => rest.push((place, wanted)),
            }
        }
        rest.sort_by_key(|(_, wanted)| std::cmp::Reverse(wanted.leaves()));
        let mut budget = PAIRS;
        for (place, wanted) in rest {
            let path = below(path, &place.to_string());
            let mut best: Option<(usize, Tally)> = None;
            for (at, found) in found.iter().enumerate().filter(|(at, _)| free.get(*at) == Some(&true)) {
                if budget == 0 || best.as_ref().is_some_and(|(_, best)| best.is_whole()) {
                    break;
                }
                budget -= 1;
                let tally = self.compare(wanted, found, &path);
                if best.as_ref().is_none_or(|(_, best)| tally.share() > best.share()) {
                    best = Some((at, tally));
                }
            }
            if let Some((at, _)) = &best
                && let Some(free) = free.get_mut(*at)
            {
                *free = false;
            }
            pairs.push((place, best.map(|(_, tally)| tally)));
        }
        pairs
    }

    /// Whether two values are equal.
    pub fn same(self, a: &Value, b: &Value) -> bool {
        a == b || ((self.fold || self.unordered || has_marks(a)) && self.normal(a) == self.normal(b))
    }

    /// The form in which equal values are the same. Accents are composed in any case: nobody sees how they were written.
    fn normal(self, value: &Value) -> Value {
        match value {
            Value::Text(text) if self.fold => {
                Value::Text(uniform(text).to_lowercase().split_whitespace().collect::<Vec<_>>().join(" "))
            }
            Value::Text(text) if !text.is_ascii() => {
                use unicode_normalization::UnicodeNormalization;
                Value::Text(text.nfc().collect())
            }
            Value::List(all) => {
                let mut all: Vec<Value> = all.iter().map(|value| self.normal(value)).collect();
                if self.unordered {
                    all.sort();
                }
                Value::List(all)
            }
            Value::Object(all) => {
                Value::Object(all.iter().map(|(name, value)| (name.clone(), self.normal(value))).collect())
            }
            other => other.clone(),
        }
    }
}

/// Whether a text may be written in more than one way.
fn has_marks(value: &Value) -> bool {
    matches!(value, Value::Text(text) if !text.is_ascii())
}

/// The pointer of a part.
pub fn below(path: &str, name: &str) -> String {
    format!("{path}/{}", name.replace('~', "~0").replace('/', "~1"))
}

/// A pointer for people: that of the whole is empty.
pub fn shown(path: &str) -> &str {
    if path.is_empty() { "the whole" } else { path }
}

/// The beginning of a value.
pub fn brief(value: &Value) -> String {
    beginning(value, 60)
}

#[cfg(test)]
mod tests {
    use super::super::read::whole;
    use super::*;

    fn compare(rules: Rules, expected: &str, found: &str) -> (String, String) {
        let tally = rules.compare(&whole(expected, false).unwrap(), &whole(found, false).unwrap(), "");
        (format!("{}/{}", tally.right, tally.all), tally.miss.unwrap_or_default())
    }

    #[test]
    fn leaves_are_counted_and_the_first_difference_is_told() {
        for (expected, found, share, miss) in [
            (r#"{"a": 1, "b": "x"}"#, r#"{"b": "x", "a": 1.0}"#, "2/2", ""),
            (r#"{"a": 1, "b": "x"}"#, r#"{"a": 1, "b": "X"}"#, "1/2", "/b is \"X\", not \"x\""),
            (r#"{"a": 1, "b": "x"}"#, r#"{"a": 1}"#, "1/2", "/b is missing"),
            (r#"{"a": 1}"#, r#"{"a": 1, "c": [1, 2]}"#, "1/3", "/c is not expected"),
            (r#"{"a": {"b/c": [1, 2]}}"#, r#"{"a": {"b/c": [1, 3]}}"#, "1/2", "/a/b~1c/1 is 3, not 2"),
            (r#"{"a": {"b": 1, "c": 2}}"#, r#"{"a": "x"}"#, "0/2", "/a is \"x\", not {\"b\": 1, \"c\": 2}"),
            ("[1, 2]", "[2, 1]", "0/2", "/0 is 2, not 1"),
            ("[1, 2]", "[1, 2, 3]", "2/3", "/2 is not expected"),
            ("[]", "[]", "1/1", ""),
            ("[]", "[1]", "0/1", "/0 is not expected"),
            ("{}", "[]", "0/1", "the whole is [], not {}"),
            (r#""é""#, r#""é""#, "1/1", ""),
            ("1", "\"1\"", "0/1", "the whole is \"1\", not 1"),
            ("null", "false", "0/1", "the whole is false, not null"),
        ] {
            assert_eq!(compare(Rules::default(), expected, found), (share.into(), miss.into()), "{expected} {found}");
        }
    }

    #[test]
    fn settings_make_more_equal() {
        let fold = Rules { fold: true, ..Rules::default() };
        assert_eq!(compare(fold, r#"{"a": "New  York"}"#, r#"{"a": "new york "}"#).1, "");
        assert_eq!(compare(fold, r#"{"a": "Ａ１"}"#, r#"{"a": "a1"}"#).1, "");
        assert_ne!(compare(fold, r#"{"a": "x"}"#, r#"{"A": "x"}"#).1, "", "names are never folded");
        let extra = Rules { extra: true, ..Rules::default() };
        assert_eq!(compare(extra, r#"{"a": 1}"#, r#"{"a": 1, "b": 2}"#).1, "");
        let unordered = Rules { unordered: true, ..Rules::default() };
        assert_eq!(compare(unordered, "[1, 2, 2]", "[2, 1, 2]").1, "");
        assert_eq!(compare(unordered, "[1, 2, 2]", "[2, 1, 1]"), ("2/3".into(), "/2 is 1, not 2".into()));
        assert_eq!(compare(unordered, "[[1, 2], [3]]", "[[3], [2, 1]]").1, "");
        assert_eq!(compare(unordered, "[1]", "[1, 1]"), ("1/2".into(), "the whole has 1 elements too many".into()));
        let both = Rules { extra: true, ..unordered };
        assert_eq!(compare(both, r#"[{"a": 1}, {"a": 1, "b": 2}]"#, r#"[{"a": 1, "b": 2}, {"a": 1, "c": 3}]"#).1, "");
    }

    #[test]
    fn many_elements_without_a_place_are_bounded() {
        let numbers = |from: usize| (from..from + 5000).map(|n| n.to_string()).collect::<Vec<_>>().join(",");
        let unordered = Rules { unordered: true, ..Rules::default() };
        let (share, _) = compare(unordered, &format!("[{}]", numbers(0)), &format!("[{}]", numbers(2500)));
        assert_eq!(share, "2500/5000");
    }
}
