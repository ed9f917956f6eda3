//! Scorer `exact`: the answer equals an accepted one after normalisation. Never a part of a text.
//!
//! Compared are the whole answer; its last box or announced answer ("Answer: …", to the end of the line or of its first
//! sentence, or up to a reason); and, where nothing is announced, a first or last line that stands apart from prose.
//! Normalised: width and other forms folded, white space collapsed, markup and one layer of quotes or backticks around
//! the whole, one full stop at its end, and case (unless `case_sensitive = true`).

use super::text::{self, Part, Pattern, TAIL, part, pattern, refuses, spoken, tail, turns, uniform, visible_whole};
use super::{Graded, Kind, Scorer};
use crate::config::Section;
use crate::domain::{Answer, Finding, Item, Verdict};
use std::sync::{Arc, LazyLock};

/// `scorer = "exact"`.
pub const KIND: Kind = Kind {
    name: "exact",
    about: "equal to an accepted answer after normalising form, space and (unless `case_sensitive = true`) case",
    build,
};

/// Grows whenever a verdict could change.
const VERSION: u32 = 8;

#[derive(Debug)]
struct Exact {
    case_sensitive: bool,
}

fn build(section: Option<&Section<'_>>) -> Option<Arc<dyn Scorer>> {
    let case_sensitive = match section {
        None => Some(false),
        Some(section) => {
            let case_sensitive = section.or("case_sensitive", false);
            section.finish();
            case_sensitive
        }
    };
    Some(Arc::new(Exact { case_sensitive: case_sensitive? }))
}

impl Scorer for Exact {
    fn grade(&self, item: &Item, answer: &Answer) -> Graded {
        // What may be right only as a whole is compared as a whole, however long it is.
        let long = item.answers.iter().any(|accepted| accepted.len() > TAIL);
        let finding = match if long { visible_whole(answer) } else { spoken(answer) } {
            Err(finding) => finding,
            Ok(shown) => self.judge(item, &shown.text),
        };
        finding.into()
    }

    fn accepts(&self, item: &Item) -> Result<(), String> {
        if item.answers.is_empty() {
            return Err("an exact item needs an answer".into());
        }
        match item.answers.iter().find(|a| self.normal(&uniform(a)).is_empty()) {
            Some(answer) => Err(format!("the answer {answer:?} is empty after normalisation")),
            None => Ok(()),
        }
    }

    fn fingerprint(&self) -> String {
        format!("exact/{VERSION} case_sensitive={}", self.case_sensitive)
    }
}

impl Exact {
    fn judge(&self, item: &Item, shown: &str) -> Finding {
        let accepted: Vec<String> = item.answers.iter().map(|a| self.normal(&uniform(a))).collect();
        let judged = |candidate: &str, rule| {
            let normal = self.normal(candidate);
            Finding::judged(accepted.contains(&normal), text::excerpt(&normal), rule)
        };
        let whole = judged(shown, "exact/whole");
        if whole.verdict == Verdict::Correct {
            return whole;
        }
        match part(shown) {
            Some(Part::Boxed(content)) => judged(&content, "exact/boxed"),
            Some(Part::Announced(forms)) => {
                let mut all = forms.iter().map(|form| judged(form, "exact/marker"));
                let first = all.next().unwrap_or_else(|| whole.clone());
                let right = |f: &Finding| f.verdict == Verdict::Correct;
                if right(&first) { first } else { all.find(right).unwrap_or(first) }
            }
            None if refuses(shown) => Finding::bare(Verdict::Refused, "refused/text"),
            None => match alone(shown) {
                Some((line, rule)) => judged(line, rule),
                None => whole,
            },
        }
    }

    /// The form in which texts are compared; the text is folded already.
    fn normal(&self, text: &str) -> String {
        let spaced = text.split_whitespace().collect::<Vec<_>>().join(" ");
        let mut bare = spaced.as_str();
        // Each round takes one layer off; a text has few.
        for _ in 0..4 {
            let inner = unwrapped(bare);
            if inner == bare {
                break;
            }
            bare = inner;
        }
        if self.case_sensitive { bare.to_owned() } else { bare.to_lowercase() }
    }
}

/// The line that stands alone as an answer: the first one before an explanation in prose, or the last one after it, an
/// empty line between.
fn alone(shown: &str) -> Option<(&str, &'static str)> {
    static PROSE: LazyLock<Pattern> =
        LazyLock::new(|| pattern(r"(?:\p{L}+[\s,]+){4}|\p{Han}{8}|\p{Han}{2,}[,。]\p{Han}{2,}"));
    let text = tail(shown).trim();
    let short = |line: &str| !line.contains('\n') && !PROSE.is_match(line) && line.chars().count() <= 80;
    let (first, behind) = text.split_once("\n\n")?;
    if short(first) && PROSE.is_match(behind.lines().next().unwrap_or("")) && !turns(behind) {
        return Some((first.trim(), "exact/leading"));
    }
    let (before, last) = text.rsplit_once("\n\n")?;
    let ends = before.trim_end().ends_with(['.', '。', ':', '!', '?', ';']);
    (short(last) && ends && PROSE.is_match(before)).then(|| (last.trim(), "exact/last-line"))
}

/// One layer less: a full stop at the end, quotes or markup around the whole.
fn unwrapped(text: &str) -> &str {
    const PAIRS: [(&str, &str); 13] = [
        ("```", "```"),
        ("`", "`"),
        ("**", "**"),
        ("*", "*"),
        ("__", "__"),
        ("\"", "\""),
        ("'", "'"),
        ("「", "」"),
        ("『", "』"),
        ("$$", "$$"),
        ("$", "$"),
        ("\\(", "\\)"),
        ("\\[", "\\]"),
    ];
    let text = text.trim();
    for (open, close) in PAIRS {
        if let Some(inner) = text.strip_prefix(open).and_then(|t| t.strip_suffix(close))
            && !inner.trim().is_empty()
            && !inner.contains(open)
        {
            return inner.trim();
        }
    }
    match text.strip_suffix(['.', '。']) {
        // An ellipsis and a lone full stop are no sentence end.
        Some(inner) if !inner.is_empty() && !inner.ends_with(['.', '。']) => inner.trim_end(),
        _ => text,
    }
}

#[cfg(test)]
mod tests;
