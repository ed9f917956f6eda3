//! Rule files as YAML: only what rules need, with expressions as they are written and prose wrapped.

use super::promql::Scale;
use super::rules::{Group, Rule};
use std::fmt::Write as _;

/// Where prose is wrapped.
const WIDTH: usize = 120;

/// A whole file.
pub(super) fn file(about: &str, groups: &[Group], scale: Scale) -> String {
    let mut out = String::from("# Written by `assayd provision` from src/export/provision: change that.\n");
    for line in wrapped(about, WIDTH - 2) {
        let _ = writeln!(out, "# {line}");
    }
    out.push_str("groups:\n");
    for group in groups {
        let _ = writeln!(out, "  - name: {}", group.name);
        if let Some(interval) = group.interval {
            let _ = writeln!(out, "    interval: {}", scale.interval(interval));
        }
        out.push_str("    rules:\n");
        group.rules.iter().for_each(|one| rule(&mut out, one, scale));
    }
    out
}

fn rule(out: &mut String, rule: &Rule, scale: Scale) {
    match rule {
        Rule::Record { name, expr } => {
            let _ = writeln!(out, "      - record: {name}");
            block(out, 8, "expr", "|-", expr.lines().map(str::to_owned));
        }
        Rule::Alert(alert) => {
            let _ = writeln!(out, "      - alert: {}", alert.name);
            block(out, 8, "expr", "|-", alert.expr.lines().map(str::to_owned));
            if let Some(after) = alert.after {
                let _ = writeln!(out, "        for: {}", scale.span(after));
            }
            let _ = writeln!(out, "        labels:\n          severity: {}", alert.severity.label());
            out.push_str("        annotations:\n");
            block(out, 10, "summary", ">-", wrapped(alert.summary, WIDTH - 12).into_iter());
            block(out, 10, "description", ">-", wrapped(&alert.description, WIDTH - 12).into_iter());
            let _ = writeln!(out, "          runbook_url: {}", alert.runbook_url());
        }
    }
}

fn block(out: &mut String, indent: usize, key: &str, style: &str, lines: impl Iterator<Item = String>) {
    let _ = writeln!(out, "{:indent$}{key}: {style}", "");
    for line in lines {
        let _ = writeln!(out, "{:1$}{line}", "", indent + 2);
    }
}

/// Broken at spaces, which a folded block gives back.
fn wrapped(text: &str, width: usize) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for word in text.split(' ') {
        match lines.last_mut() {
            Some(line) if line.chars().count() + 1 + word.chars().count() <= width => {
                line.push(' ');
                line.push_str(word);
            }
            _ => lines.push(word.to_owned()),
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn wrapping_loses_nothing(words in proptest::collection::vec("[a-z{}$.]{1,12}", 1..40)) {
            let text = words.join(" ");
            let lines = wrapped(&text, 30);
            prop_assert!(lines.iter().all(|line| line.len() <= 30));
            prop_assert_eq!(lines.join(" "), text);
        }
    }
}
