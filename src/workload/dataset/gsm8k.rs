//! `gsm8k`: `{"question": …, "answer": "working #### 42"}`, one object a line.

use super::gather::{self, Fault, Gather, Good, Labels, lines_of};
use super::json::Document;
use super::{Kind, Loaded};
use crate::config::Section;
use crate::domain::{Item, Split, Tags};

/// The format.
pub const KIND: Kind =
    Kind { name: "gsm8k", about: "GSM8K's JSON lines: question, answer (working #### number)", read };

fn read(section: &Section<'_>) -> Option<Loaded> {
    let labels = Labels::read(section, ["word problems", "reasoning", "en"], Split::Public);
    let loaded = gather::whole(section, &["jsonl"], |gather, found, take| {
        let each = |gather: &mut Gather, line, text: &str| {
            let Some(Labels { tags }) = &labels else { return };
            if !text.trim().is_empty() {
                take(gather, row(line, text, &found.stem, tags));
            }
        };
        lines_of(gather, found, each, || {})
    });
    labels.and(loaded)
}

fn row(line: usize, text: &str, stem: &str, tags: &Tags) -> Result<Good, Fault> {
    let (document, root) = Document::new(text, (line, 1))?;
    let need = |field: &str| {
        let value = document.find(root, field).ok_or_else(|| Fault::at((line, 1), field, "is missing"))?;
        let text = document.text(value, field)?;
        if text.trim().is_empty() {
            return Err(document.fault(value, field, "must not be empty"));
        }
        Ok((text, value))
    };
    let (question, _) = need("question")?;
    let (whole, value) = need("answer")?;
    let (working, answer) = whole.rsplit_once("####").ok_or_else(|| {
        document
            .fault(value, "answer", "expected `#### ` and the number at its end")
            .hint("of the form: working #### 42")
    })?;
    let answer = number(answer).ok_or_else(|| {
        document.fault(value, "answer", format!("expected a number after ####, found {:?}", answer.trim()))
    })?;
    let id = document.find(root, "id").map(|id| document.text(id, "id")).transpose()?;
    let id = id.unwrap_or_else(|| format!("{stem}-{line}"));
    let explanation = plain(working);
    let item = Item::question(&id, question.trim(), vec![answer], tags.clone());
    Ok(Good { line, item, explanation: (!explanation.is_empty()).then_some(explanation) })
}

/// The number as scorers read it: `1,234` is 1234, a currency or per cent sign is not part of it.
fn number(text: &str) -> Option<String> {
    let bare = text.trim().trim_end_matches(['.', '%']).replace(['$', ',', ' '], "");
    let digits = bare.strip_prefix('-').unwrap_or(&bare);
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, "0"));
    let all = |text: &str| text.bytes().all(|b| b.is_ascii_digit());
    let right = !(whole.is_empty() && fraction.is_empty()) && all(whole) && all(fraction) && !digits.is_empty();
    right.then_some(bare)
}

/// The working without the calculator's marks, `<<6*7=42>>`.
fn plain(working: &str) -> String {
    let mut out = String::with_capacity(working.len());
    let mut rest = working;
    while let Some((before, after)) = rest.split_once("<<") {
        let Some((_, behind)) = after.split_once(">>") else { break };
        out.push_str(before);
        rest = behind;
    }
    out.push_str(rest);
    out.trim().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_number_after_the_marks_is_the_answer() {
        for (text, want) in [
            (" 42", Some("42")),
            ("1,234", Some("1234")),
            ("$12.50", Some("12.50")),
            ("-3", Some("-3")),
            ("20%", Some("20")),
            ("70.", Some("70")),
            (".5", Some(".5")),
            ("", None),
            ("many", None),
            ("4/5", None),
            (".", None),
        ] {
            assert_eq!(number(text).as_deref(), want, "{text}");
        }
    }

    #[test]
    fn the_working_loses_the_calculators_marks() {
        assert_eq!(plain("6 boxes of 7 are <<6*7=42>>42 pens.\n"), "6 boxes of 7 are 42 pens.");
        assert_eq!(plain("a << b"), "a << b");
    }
}
