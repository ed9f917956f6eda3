//! The part of a text that it states as its answer: its last box, or what its last announcement announces.

use super::{Marker, Pattern, line_at, pattern, plain, statements, tail, turns};
use std::sync::LazyLock;

/// What a text states, and how.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Part {
    /// In a box.
    Boxed(String),
    /// Behind an announcement: the forms that may be meant, the longest first. The line to its end; up to the end of
    /// its sentence; up to where it gives a reason or adds something in brackets.
    Announced(Vec<String>),
}

impl Part {
    /// The forms that may be meant, the longest first.
    #[must_use]
    pub fn forms(&self) -> &[String] {
        match self {
            Self::Boxed(text) => std::slice::from_ref(text),
            Self::Announced(forms) => forms,
        }
    }
}

/// Where an announced answer may end before its line does.
static END: LazyLock<Pattern> = LazyLock::new(|| {
    pattern(
        r"(?i)[.!]\s+(?:\p{Lu}|\p{Han}|\()|[。;!]|\s\(|\(\p{Han}|,?\s+(?:because|since|as\s+(?:it|the|he|she|they|this|that)|which|who|where|not|rather\s+than|instead\s+of|for\s+the\s+reason)\b|,\s+(?:the|a|an|as|so|and\s+not|with|for)\s|\s-+\s|,?(?:因为|由于|而不是|不是|而非|其中|它是|他是|她是)",
    )
});
/// What leaves an answer open, or takes it back, right behind it.
static OPEN: LazyLock<Pattern> = LazyLock::new(|| {
    pattern(r"(?i)\A[\s,(]*(?:or|maybe|perhaps|possibly|and/or|either|alternatively|或|还是|也可能|也可以)\b?")
});

/// The last part of a text (visible and folded) that it states as its answer; none where it states none.
#[must_use]
pub fn part(shown: &str) -> Option<Part> {
    let plain = plain(tail(shown));
    let announced = statements(&plain.text)
        .filter(|s| s.marker == Marker::Words || ends_with(&plain.text, s.body))
        .map(|s| (s.at, line_at(&plain.text, s.body)))
        .map(|(at, line)| (at, line.split("</").next().unwrap_or(line).trim()))
        .filter(|(_, line)| !line.is_empty())
        .last();
    match (plain.boxed.clone(), announced) {
        (Some(range), Some((at, line))) if at > range.start => Some(Part::Announced(forms(line))),
        (Some(_), _) => Some(Part::Boxed(plain.boxed_text().unwrap_or("").to_owned())),
        (None, Some((_, line))) => Some(Part::Announced(forms(line))),
        (None, None) => None,
    }
}

/// `#### Paris` announces where nothing comes after it; else it is a heading.
fn ends_with(text: &str, body: usize) -> bool {
    let rest = text.get(body..).unwrap_or("").trim();
    !rest.is_empty() && !rest.contains('\n')
}

fn forms(line: &str) -> Vec<String> {
    if let Some(value) = json(line) {
        return vec![value];
    }
    let mut forms = vec![line.to_owned()];
    for found in END.find_iter(line).take(8) {
        let (head, rest) = line.split_at_checked(found.start()).unwrap_or((line, ""));
        let behind = rest.trim_start_matches(['.', '!', '。', ';', ' ']);
        if !head.trim().is_empty() && !turns(rest) && !OPEN.is_match(behind) {
            forms.push(head.trim().to_owned());
        }
    }
    forms
}

/// The text of a JSON value: `"Paris", "confidence": 0.9}`.
fn json(line: &str) -> Option<String> {
    let inner = line.strip_prefix('"')?;
    let mut escaped = false;
    let end = inner.char_indices().find_map(|(at, c)| {
        let closes = c == '"' && !escaped;
        escaped = c == '\\' && !escaped;
        closes.then_some(at)
    })?;
    let behind = inner.get(end + 1..)?.trim_start();
    let value = inner.get(..end)?;
    (behind.starts_with([',', '}']) || behind.is_empty()).then(|| value.replace("\\\"", "\""))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_stated_part_is_found() {
        for (text, want) in [
            ("The answer is Paris.", &["Paris."][..]),
            ("The answer is Paris. It is in France.", &["Paris. It is in France.", "Paris"]),
            ("Answer: Paris, because it is.", &["Paris, because it is.", "Paris"]),
            ("Answer: Paris. No, wait, Rome.", &["Paris. No, wait, Rome."]),
            ("Answer: Paris (or Rome)", &["Paris (or Rome)"]),
            ("{\"answer\": \"Paris\", \"n\": 1}", &["Paris"]),
            ("so\n#### Paris", &["Paris"]),
            (
                "答案是北京。因为它是首都。",
                &["北京。因为它是首都。", "北京", "北京。", "北京。因为", "北京。因为它是首都"],
            ),
            (r"\boxed{Rome} The answer is Paris", &["Paris"]),
            (r"The answer is Paris: \boxed{\text{Rome}}", &["Rome"]),
        ] {
            let found = part(text).unwrap();
            assert_eq!(found.forms(), want, "{text}");
        }
        assert_eq!(part("Paris"), None);
        assert_eq!(part("#### History\nParis is old."), None);
    }
}
