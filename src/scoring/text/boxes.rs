//! Several boxes side by side: `\boxed{A}, \boxed{C}` says two things at once.

use super::markup::plain;
use super::pattern::{Pattern, pattern};
use std::sync::LazyLock;

/// How many boxes are looked at, from the end.
const MOST: usize = 32;

/// What may stand between two boxes that belong together.
static GLUE: LazyLock<Pattern> =
    LazyLock::new(|| pattern(r"(?i)\A[\s,;、$&¤\u{2009}]*(?:(?:and|or|和|与|及|以及|或)[\s$¤]*)?\z"));

/// The content of the last box and of those that stand right before it with nothing but commas or "and" between, in
/// their order. Of nested boxes none is read here.
#[must_use]
pub fn last_boxes(text: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut end = text.len();
    for (start, _) in text.rmatch_indices("\\boxed").take(MOST) {
        let piece = plain(text.get(start..end).unwrap_or(""));
        let Some(range) = piece.boxed.clone() else { break };
        if !found.is_empty() && !piece.text.get(range.end..).is_some_and(|rest| GLUE.is_match(rest)) {
            break;
        }
        found.push(piece.boxed_text().unwrap_or("").to_owned());
        end = start;
    }
    found.reverse();
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn boxes_side_by_side_belong_together() {
        for (text, want) in [
            (r"$\boxed{A}$, $\boxed{C}$.", vec!["A", "C"]),
            (r"\boxed{A} and \boxed{C}", vec!["A", "C"]),
            (r"\boxed{A}和\boxed{C}都正确", vec!["A", "C"]),
            (r"\boxed{A}. No: \boxed{C}", vec!["C"]),
            (r"\boxed{A}, then \boxed{B} \boxed{C}", vec!["B", "C"]),
            (r"\boxed{\boxed{A}}", vec!["A"]),
            (r"\boxed{A", vec![]),
            ("none", vec![]),
        ] {
            assert_eq!(last_boxes(text), want, "{text}");
        }
    }
}
