//! What a gate found: a table for people, JSON, and JUnit's XML for pipelines. That XML is valid by Jenkins' schemas, and by Ant's but
//! for `skipped`, which Ant's older one does not know: a suite for each target, a case for each condition.

use super::report::{Column, NOTHING, Table, drawn, rfc3339, significant, wrapped};
use crate::verdict::gate::{Against, Condition, Ruling, Value};
use serde_json::json;
use std::fmt::Write as _;

/// A condition on one target in one part, and how it came out.
#[derive(Debug, Clone, PartialEq)]
pub struct Line {
    /// Whose.
    pub target: String,
    /// On what, such as `domain mod`; empty is everything together.
    pub part: String,
    /// As it was written.
    pub condition: String,
    /// How it came out.
    pub ruling: Ruling,
    /// What was found, in words with its interval; none where nothing was measured.
    pub found: Option<String>,
    /// The figure, difference or ratio, and what a condition's limit is on it.
    pub value: Option<(Value, f64)>,
    /// How it was come by, or why it was not.
    pub how: String,
}

impl Line {
    /// Of a condition that was held against figures.
    #[must_use]
    pub fn of(target: String, part: String, condition: &Condition, ruled: crate::verdict::gate::Ruled) -> Self {
        let how = match (ruled.value, condition.against, ruled.paired) {
            (None, Against::Nothing, _) => "it was not measured",
            (None, ..) => "it was not measured of both",
            (_, Against::Nothing, _) => "95 % interval",
            (_, _, true) => "paired by item, 95 % interval",
            (..) => "95 % interval out of both intervals",
        };
        Self {
            target,
            part,
            condition: condition.to_string(),
            ruling: ruled.ruling,
            found: ruled.value.map(|value| words(condition, &value)),
            value: ruled.value.map(|value| (value, condition.limit)),
            how: how.to_owned(),
        }
    }
}

/// A value with its interval: `-3.1 pt (-4.4 to -1.9)`.
fn words(condition: &Condition, value: &Value) -> String {
    let (factor, less, unit) = condition.shown();
    let number = |x: f64| {
        let x = x * factor - less;
        match (condition.against, unit) {
            (Against::Nothing, "%") => format!("{x:.1}"),
            (Against::Nothing, _) => significant(x, 3),
            // −0.0 is 0.0.
            _ => format!("{:+.1}", if x.abs() < 0.05 { 0.0 } else { x }),
        }
    };
    let end = |end: Option<f64>, none: &str| end.map_or_else(|| none.to_owned(), number);
    let estimate = if value.estimate.is_finite() { number(value.estimate) } else { "∞".to_owned() };
    format!("{estimate} {unit} ({} to {})", end(value.lower, "?"), end(value.upper, "?"))
}

/// All that a gate found.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct GateReport {
    /// Held against what, in words; empty is nothing.
    pub baseline: String,
    /// Milliseconds since the Unix epoch when it was made.
    pub made_unix_ms: i64,
    /// Whether what is undecided fails.
    pub undecided_fails: bool,
    /// By target and condition.
    pub lines: Vec<Line>,
}

/// A format.
#[derive(Debug, Clone, Copy)]
pub struct Format {
    /// The word on the command line.
    pub name: &'static str,
    /// Renders it.
    pub render: fn(&GateReport) -> String,
}

/// Every format.
pub const FORMATS: &[Format] = &[
    Format { name: "table", render: GateReport::text },
    Format { name: "json", render: GateReport::json },
    Format { name: "junit", render: GateReport::junit },
];

impl GateReport {
    fn fails(&self, line: &Line) -> bool {
        match line.ruling {
            Ruling::Pass => false,
            // Silence is no success.
            Ruling::Fail | Ruling::Unmeasured => true,
            Ruling::Undecided => self.undecided_fails,
        }
    }

    /// Whether every condition is met.
    #[must_use]
    pub fn passes(&self) -> bool {
        !self.lines.iter().any(|line| self.fails(line))
    }

    fn count(&self, ruling: Ruling) -> usize {
        self.lines.iter().filter(|line| line.ruling == ruling).count()
    }

    fn text(&self) -> String {
        let columns = ["target", "on", "fails if", "ruling", "found", "how"].map(Column::text).into();
        let row = |line: &Line| {
            let Line { target, part, condition, ruling, found, how, .. } = line;
            let part = if part.is_empty() { "everything" } else { part };
            let found = found.as_deref().unwrap_or(NOTHING);
            [target.as_str(), part, condition, ruling.label(), found, how].map(str::to_owned).into()
        };
        let table = Table { title: String::new(), columns, rows: self.lines.iter().map(row).collect() };
        let mut text =
            if self.baseline.is_empty() { String::new() } else { format!("held against {}\n", self.baseline) };
        let _ = writeln!(text, "{}", drawn(&table));
        let undecided = self.count(Ruling::Undecided);
        let _ = writeln!(
            text,
            "\n{}: {} passed, {} failed, {undecided} undecided, {} not measured",
            if self.passes() { "PASS" } else { "FAIL" },
            self.count(Ruling::Pass),
            self.count(Ruling::Fail),
            self.count(Ruling::Unmeasured)
        );
        if undecided > 0 {
            let policy =
                if self.undecided_fails { "which fails here" } else { "which passes unless --undecided fail is given" };
            wrapped(
                &mut text,
                "  ",
                &format!("Undecided is a condition whose interval holds its limit, {policy}: more items tell."),
            );
        }
        text
    }

    fn json(&self) -> String {
        let lines = self.lines.iter().map(|line| {
            json!({
                "target": line.target,
                "part": line.part,
                "fails_if": line.condition,
                "ruling": line.ruling.label(),
                "estimate": line.value.map(|(value, _)| value.estimate).filter(|x| x.is_finite()),
                "lower": line.value.and_then(|(value, _)| value.lower),
                "upper": line.value.and_then(|(value, _)| value.upper),
                "limit": line.value.map(|(_, limit)| limit),
                "how": line.how,
            })
        });
        let whole = json!({
            "schema": "assayd.gate/1",
            "made": rfc3339(self.made_unix_ms),
            "version": env!("CARGO_PKG_VERSION"),
            "baseline": self.baseline,
            "undecided": if self.undecided_fails { "fail" } else { "pass" },
            "pass": self.passes(),
            "conditions": lines.collect::<Vec<_>>(),
        });
        format!("{whole:#}\n")
    }

    fn junit(&self) -> String {
        // Without a zone: Ant's schema has none, and takes it for the machine's; it is UTC.
        let stamp: String = rfc3339(self.made_unix_ms).chars().take("2026-11-01T00:00:00".len()).collect();
        let mut text = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites>\n".to_owned();
        let mut targets: Vec<&str> = self.lines.iter().map(|line| line.target.as_str()).collect();
        targets.dedup();
        for (id, target) in targets.iter().enumerate() {
            let lines = || self.lines.iter().filter(|line| line.target == *target);
            let errors = lines().filter(|line| line.ruling == Ruling::Unmeasured).count();
            let failures = lines().filter(|line| self.fails(line)).count() - errors;
            let _ = writeln!(
                text,
                "  <testsuite id=\"{id}\" package=\"assayd.gate\" name=\"{}\" timestamp=\"{stamp}\" hostname=\"localhost\" \
                 tests=\"{}\" failures=\"{failures}\" errors=\"{errors}\" time=\"0\">\n    <properties>\n      <property \
                 name=\"baseline\" value=\"{}\"/>\n    </properties>",
                xml(target),
                lines().count(),
                xml(&self.baseline)
            );
            lines().for_each(|line| self.case(&mut text, line));
            text += "    <system-out/>\n    <system-err/>\n  </testsuite>\n";
        }
        text + "</testsuites>\n"
    }

    fn case(&self, text: &mut String, line: &Line) {
        let part = if line.part.is_empty() { String::new() } else { format!(" on {}", line.part) };
        let name = format!("fails if {}{part}", line.condition);
        let found = line.found.as_deref().unwrap_or("not measured");
        let message = format!("{found}; {}", line.how);
        let _ = write!(
            text,
            "    <testcase classname=\"assayd.gate.{}\" name=\"{}\" time=\"0\"",
            xml(&line.target),
            xml(&name)
        );
        let element = match line.ruling {
            Ruling::Pass => None,
            Ruling::Unmeasured => Some("error"),
            Ruling::Undecided if !self.undecided_fails => Some("skipped"),
            Ruling::Fail | Ruling::Undecided => Some("failure"),
        };
        let _ = match element {
            None => writeln!(text, "/>"),
            // Text alone: the older of Jenkins' schemas has no attribute there.
            Some("skipped") => writeln!(text, "><skipped>undecided: {}</skipped></testcase>", xml(&message)),
            Some(element) => writeln!(
                text,
                "><{element} type=\"{}\" message=\"{}\">{}</{element}></testcase>",
                line.ruling.label(),
                xml(&message),
                xml(&format!("{}: {name}: {message}", line.target))
            ),
        };
    }
}

/// Text as XML has it; what XML can't hold is left out.
fn xml(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out += "&amp;",
            '<' => out += "&lt;",
            '>' => out += "&gt;",
            '"' => out += "&quot;",
            '\'' => out += "&apos;",
            '\n' | '\t' | '\r' => out.push(' '),
            c if u32::from(c) < 0x20 || matches!(c, '\u{fffe}' | '\u{ffff}') => {}
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::verdict::gate::{Figures, Gated, Ruled};

    fn line(condition: &str, ruling: Ruling, found: Option<(f64, f64, f64)>) -> Line {
        let condition: Condition = condition.parse().unwrap();
        let value = found.map(|(estimate, lower, upper)| Value { estimate, lower: Some(lower), upper: Some(upper) });
        Line::of(
            "gpt-x".to_owned(),
            "domain <law> & \"co\"\u{1}".to_owned(),
            &condition,
            Ruled { ruling, value, paired: true },
        )
    }

    fn report() -> GateReport {
        let lines = vec![
            line("accuracy<-2pt", Ruling::Fail, Some((-0.0312, -0.044, -0.0201))),
            line("cost_per_correct>+10%", Ruling::Undecided, Some((1.05, 0.97, 1.1304))),
            line("ttft_p99>500ms", Ruling::Pass, Some((0.3214, 0.3, 0.35))),
            line("duration_p99>+1s", Ruling::Unmeasured, None),
        ];
        GateReport { baseline: "base".to_owned(), made_unix_ms: 1_790_000_000_000, undecided_fails: false, lines }
    }

    #[test]
    fn every_format() {
        let all: Vec<String> = FORMATS.iter().map(|format| (format.render)(&report())).collect();
        insta::assert_snapshot!(all.join("\n").replace(env!("CARGO_PKG_VERSION"), "VERSION"));
    }

    #[test]
    fn what_is_undecided_fails_where_it_is_to() {
        let undecided = vec![line("accuracy<-2pt", Ruling::Undecided, Some((-0.02, -0.04, 0.0)))];
        let lenient = GateReport { lines: undecided, ..report() };
        assert!(lenient.passes() && lenient.junit().contains("<skipped>undecided: -2.0 pt (-4.0 to +0.0);"));
        let strict = GateReport { undecided_fails: true, ..lenient };
        assert!(
            !strict.passes()
                && strict.junit().contains("failures=\"1\"")
                && strict.junit().contains("<failure type=\"undecided\"")
        );
        assert!(GateReport::default().passes());
    }

    #[test]
    fn an_endless_figure_is_told() {
        let cost = Value { estimate: f64::INFINITY, lower: Some(0.5), upper: None };
        let figures = Figures(vec![(Gated::CostPerCorrect, cost)]);
        let condition: Condition = "cost_per_correct>0.01".parse().unwrap();
        let ruled = condition.rule(Some(&figures), None, None);
        assert_eq!(ruled.ruling, Ruling::Fail);
        assert_eq!(words(&condition, &ruled.value.unwrap()), "∞ USD (0.500 to ?)");
    }
}
