//! Reasoning blocks are never graded: what a model thinks is not what it answers.

/// How reasoning begins and ends in the output of models that show it in their text. Compared without case.
const OPENINGS: &[&str] = &[
    "<think>",
    "<thinking>",
    "<thought>",
    "<thoughts>",
    "<reasoning>",
    "<seed:think>",
    "<|begin_of_thought|>",
    "<|channel|>analysis<|message|>",
    "[think]",
    "◁think▷",
];
const CLOSINGS: &[&str] = &[
    "</think>",
    "</thinking>",
    "</thought>",
    "</thoughts>",
    "</reasoning>",
    "</seed:think>",
    "<|end_of_thought|>",
    "<|channel|>final<|message|>",
    "[/think]",
    "◁/think▷",
];
/// Control tokens that leak into text and mean nothing.
const NOISE: &[&str] = &[
    "<|begin_of_solution|>",
    "<|end_of_solution|>",
    "<|im_end|>",
    "<|eot_id|>",
    "<|endoftext|>",
    "<|end|>",
    "<|return|>",
    "</s>",
];

/// A text without its reasoning.
pub(super) struct Kept {
    pub text: String,
    /// Whether there was any.
    pub stripped: bool,
}

/// Drops reasoning blocks. A closing without an opening (the template swallowed it) drops all before it; an opening
/// without a closing (cut off while thinking) drops all after it; openings inside a block are part of its text.
pub(super) fn strip(text: &str) -> Kept {
    let mut kept = Kept { text: String::new(), stripped: false };
    let (mut from, mut inside, mut at) = (0, false, 0);
    let bytes = text.as_bytes();
    for here in (0..bytes.len()).filter(|&place| may_begin(bytes, place)) {
        if here < at {
            continue;
        }
        let rest = text.get(here..).unwrap_or("");
        if let Some(length) = prefix(rest, CLOSINGS) {
            if !inside {
                kept.text.clear();
            }
            (inside, kept.stripped, from, at) = (false, true, here + length, here + length);
        } else if let Some(length) = prefix(rest, OPENINGS) {
            if !inside {
                kept.text.push_str(text.get(from..here).unwrap_or(""));
            }
            (inside, kept.stripped, at) = (true, true, here + length);
        } else if let Some(length) = prefix(rest, NOISE).filter(|_| !inside) {
            kept.text.push_str(text.get(from..here).unwrap_or(""));
            (from, at) = (here + length, here + length);
        }
    }
    if !inside {
        kept.text.push_str(text.get(from..).unwrap_or(""));
    }
    kept
}

/// Whether any of the words may begin here, told by few bytes: a long text may be all brackets or all tags.
fn may_begin(bytes: &[u8], at: usize) -> bool {
    let next = |n: usize| bytes.get(at + n).map_or(0, u8::to_ascii_lowercase);
    let named = |n: usize| matches!((next(n), next(n + 1)), (b't', b'h') | (b'r', b'e') | (b's', b'e' | b'>'));
    match bytes.get(at) {
        Some(b'<') => match next(1) {
            b'|' => true,
            b'/' => named(2),
            _ => named(1),
        },
        Some(b'[') => matches!((next(1), next(2)), (b't', b'h') | (b'/', b't')),
        // ◁
        Some(0xE2) => (next(1), next(2)) == (0x97, 0x81),
        _ => false,
    }
}

fn prefix(text: &str, words: &[&str]) -> Option<usize> {
    words.iter().find(|w| text.get(..w.len()).is_some_and(|head| head.eq_ignore_ascii_case(w))).map(|w| w.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks_go_paired_or_not() {
        for (raw, want) in [
            ("plain < text", "plain < text"),
            ("<think>A</think>B", "B"),
            ("<THINKING>A\n</Thinking> B", " B"),
            ("A so far</think>B", "B"),
            ("before <think>never closed: A", "before "),
            ("<think>A", ""),
            ("<think>one</think>B<think>two</think>C", "BC"),
            ("<think>I write <think> here</think>B", "B"),
            ("<|begin_of_thought|>A<|end_of_thought|><|begin_of_solution|>B<|end_of_solution|>", "B"),
            ("<|channel|>analysis<|message|>A<|end|><|start|>assistant<|channel|>final<|message|>B", "B"),
            ("◁think▷A◁/think▷B", "B"),
            ("[THINK]A[/THINK]B", "B"),
            ("B<|im_end|>", "B"),
        ] {
            assert_eq!(strip(raw).text, want, "{raw}");
        }
    }

    #[test]
    fn every_word_is_looked_for_where_it_begins() {
        for word in [OPENINGS, CLOSINGS, NOISE].concat() {
            for word in [word.to_owned(), word.to_uppercase()] {
                assert!(may_begin(word.as_bytes(), 0), "{word}");
            }
        }
    }
}
