//! Scorer `instructions`: the answer keeps every instruction that a program can check.
//!
//! `spec.instructions` is a list, each `{"kind": "…"}` with the fields of that kind (`kinds.rs`, `docs/config.md`). Correct
//! is an answer that keeps all of them; the score is the share that it keeps. With `loose = true` each may also be kept
//! by the answer without its first line, its last line or both, and without Markdown's stars.

mod count;
mod form;
mod kinds;
mod language;

use super::text::{excerpt, refuses, shown, uniform};
use super::{Graded, Kind, Scorer};
use crate::config::Section;
use crate::domain::{Answer, Finding, Item, Verdict};
use kinds::{Check, Fields, KINDS};
use serde_json::Value;
use std::sync::Arc;

/// `scorer = "instructions"`.
pub const KIND: Kind = Kind {
    name: "instructions",
    about: "the answer keeps all of the item's `instructions`; `loose = true` also without first line, last line, stars",
    build,
};

/// Grows whenever a verdict could change.
const VERSION: u32 = 3;
/// Instructions of one item, at the most.
const MOST: usize = 64;
/// The longest answer that is checked, in bytes: an instruction may be about any part of it.
const LONGEST: usize = 256 << 10;
/// What opens as a refusal and is longer than this many characters may be a text that was asked for.
const REFUSAL: usize = 300;

#[derive(Debug)]
struct Instructions {
    loose: bool,
}

fn build(section: Option<&Section<'_>>) -> Option<Arc<dyn Scorer>> {
    let loose = match section {
        None => Some(false),
        Some(section) => {
            let loose = section.or("loose", false);
            section.finish();
            loose
        }
    };
    Some(Arc::new(Instructions { loose: loose? }))
}

/// A text in the forms that checks look at.
struct Text {
    /// As it was written, blanks around it apart.
    raw: String,
    /// Width, quotes and dashes folded.
    folded: String,
    /// And without case.
    lower: String,
}

impl Text {
    fn of(raw: &str) -> Self {
        let raw = raw.trim().to_owned();
        let folded = uniform(&raw);
        let lower = folded.to_lowercase();
        Self { raw, folded, lower }
    }
}

/// One instruction, read.
type Read<'a> = (&'static Check, &'a Fields);

/// All instructions of an item.
fn read(item: &Item) -> Result<Vec<Read<'_>>, String> {
    let all = item.spec.as_ref().and_then(|spec| spec.get("instructions"));
    let all = all.and_then(Value::as_array).ok_or("an instructions item needs `instructions`, a list")?;
    if all.is_empty() || all.len() > MOST {
        return Err(format!("{} instructions, expected from 1 to {MOST}", all.len()));
    }
    (1..).zip(all).map(|(place, one)| kinds::read(one).map_err(|why| format!("instruction {place}: {why}"))).collect()
}

impl Scorer for Instructions {
    fn grade(&self, item: &Item, answer: &Answer) -> Graded {
        self.judge(item, answer).unwrap_or_else(|finding| finding).into()
    }

    fn accepts(&self, item: &Item) -> Result<(), String> {
        read(item).map(drop)
    }

    fn fingerprint(&self) -> String {
        format!("instructions/{VERSION} loose={} kinds={}", self.loose, KINDS.len())
    }
}

impl Instructions {
    fn judge(&self, item: &Item, answer: &Answer) -> Result<Finding, Finding> {
        let visible = shown(answer)?;
        if visible.text.len() > LONGEST {
            return Err(Finding::bare(Verdict::Unparsed, "unparsed/too-long"));
        }
        let all = read(item).map_err(|_| Finding::bare(Verdict::Ungraded, "instructions/none"))?;
        let forms = if self.loose { loose(visible.text.trim()) } else { vec![Text::of(&visible.text)] };
        let kept = |(check, fields): &&Read<'_>| forms.iter().any(|text| check.holds(fields, text));
        let broken: Vec<&Read<'_>> = all.iter().filter(|one| !kept(one)).collect();
        if refuses(&uniform(visible.text.trim())) && (!broken.is_empty() || visible.text.chars().nth(REFUSAL).is_none())
        {
            return Err(Finding::bare(Verdict::Refused, "refused/text"));
        }
        if !broken.is_empty() {
            let names: Vec<&str> = broken.iter().map(|(check, _)| check.name).collect();
            #[expect(clippy::cast_precision_loss, reason = "at most 64 instructions")]
            let score = (all.len() - broken.len()) as f64 / all.len() as f64;
            return Ok(Finding { score, ..Finding::judged(false, excerpt(&names.join(", ")), "instructions/broken") });
        }
        // What was still to come could have broken some of them.
        if visible.cut && !all.iter().all(|(check, fields)| check.lasts(fields)) {
            return Err(Finding::bare(Verdict::Unparsed, "unparsed/cut"));
        }
        Ok(Finding::judged(true, "", "instructions/kept"))
    }
}

/// The forms in which an answer may keep an instruction where that is read loosely.
fn loose(text: &str) -> Vec<Text> {
    let later = text.split_once('\n').map_or("", |(_, rest)| rest);
    let earlier = text.rsplit_once('\n').map_or("", |(rest, _)| rest);
    let inner = later.rsplit_once('\n').map_or("", |(rest, _)| rest);
    let mut all = Vec::new();
    for form in [text, later, earlier, inner] {
        // An empty rest keeps whatever forbids something.
        if form.chars().any(char::is_alphanumeric) {
            all.push(Text::of(form));
            if form.contains('*') {
                all.push(Text::of(&form.replace('*', "")));
            }
        }
    }
    all
}

#[cfg(test)]
mod tests;
