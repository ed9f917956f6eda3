//! The generator `instructions` and the scorer of the same name: rules can be kept together, by a text that is put together
//! from them without the scorer's help, and a text that breaks one of them is told from it.

use crate::support::Outcome;
use assayd::config::{self, Source};
use assayd::domain::{Answer, Item, Verdict};
use assayd::scoring::{self, Graded, Scorer};
use assayd::workload::generator::{self, Generator};
use libtest_mimic::{Failed, Trial};
use serde_json::{Map, Value};
use std::collections::BTreeSet;
use std::sync::Arc;

/// All tests.
pub fn tests() -> Vec<Trial> {
    vec![
        Trial::test("instructions::generated_rules_can_be_kept_together", kept),
        Trial::test("instructions::each_broken_rule_is_told", broken),
    ]
}

fn items(count: usize, seed: u64) -> Result<Vec<Item>, Failed> {
    let kind = generator::KINDS.iter().find(|kind| kind.name == "instructions").ok_or("no generator")?;
    let built: Result<Arc<dyn Generator>, _> = config::read(&Source::inline("g", ""), |section| (kind.build)(section));
    Ok(built.map_err(|problems| format!("{problems:?}"))?.draw(seed, count))
}

fn scorer() -> Result<Arc<dyn Scorer>, Failed> {
    let kind = scoring::KINDS.iter().find(|kind| kind.name == "instructions").ok_or("no scorer")?;
    (kind.build)(None).ok_or_else(|| "no scorer without settings".into())
}

type Fields = Map<String, Value>;

fn rules(item: &Item) -> Vec<&Fields> {
    let all = item.spec.as_ref().and_then(|spec| spec.get("instructions")?.as_array());
    all.into_iter().flatten().filter_map(Value::as_object).collect()
}

fn is_chinese(item: &Item) -> bool {
    &*item.tags.language == "zh"
}

fn kept() -> Outcome {
    let scorer = scorer()?;
    let items = items(10_000, 20_261_122)?;
    let ids: BTreeSet<_> = items.iter().map(|item| item.id.clone()).collect();
    if ids.len() < 9_900 || ids.len() != items.len() {
        return Err(format!("{} distinct items", ids.len()).into());
    }
    let mut wrong = Vec::new();
    for item in &items {
        scorer.accepts(item)?;
        let text = Writer::of(item).text();
        let Graded::Final(found) = scorer.grade(item, &Answer { text: text.clone(), ..Answer::default() }) else {
            return Err("is not graded by its text".into());
        };
        if found.verdict != Verdict::Correct {
            wrong.push(format!("{}: {:?} breaks {found:?}", item.id.as_str(), rules(item)));
            wrong.push(text);
        }
    }
    if wrong.is_empty() {
        return Ok(());
    }
    wrong.truncate(6);
    Err(wrong.join("\n").into())
}

fn broken() -> Outcome {
    let scorer = scorer()?;
    let mut seen = BTreeSet::new();
    for item in &items(1_200, 7)? {
        let text = Writer::of(item).text();
        for fields in rules(item) {
            let kind = fields.get("kind").and_then(Value::as_str).unwrap_or_default();
            seen.insert(kind.to_owned());
            let bad = spoilt(&text, kind, fields);
            let Graded::Final(found) = scorer.grade(item, &Answer { text: bad.clone(), ..Answer::default() }) else {
                return Err("is not graded by its text".into());
            };
            let told = found.extracted.as_deref().unwrap_or("").split(", ").any(|name| name == kind);
            if found.verdict != Verdict::Wrong || !told {
                return Err(format!("{fields:?} is not broken: {found:?}\n{bad}").into());
            }
        }
    }
    if seen.len() == 22 { Ok(()) } else { Err(format!("{} kinds: {seen:?}", seen.len()).into()) }
}

fn number(fields: &Fields, key: &str) -> Option<usize> {
    fields.get(key)?.as_u64().and_then(|n| usize::try_from(n).ok())
}

fn word<'a>(fields: &'a Fields, key: &str) -> &'a str {
    fields.get(key).and_then(Value::as_str).unwrap_or_default()
}

fn all_words(fields: &Fields, key: &str) -> Vec<String> {
    let list = fields.get(key).and_then(Value::as_array);
    list.into_iter().flatten().filter_map(|one| one.as_str().map(str::to_owned)).collect()
}

/// The text with one rule broken.
fn spoilt(text: &str, kind: &str, fields: &Fields) -> String {
    match kind {
        "words" if fields.contains_key("at_least") => text.chars().take(8).collect(),
        "words" => format!("{text}{}", " so 了".repeat(2000)),
        "sentences" => format!("{text} So it is. 是的。"),
        "paragraphs" => format!("{text}\n\nso"),
        "contains" => {
            text.to_lowercase().replace(&all_words(fields, "texts").first().cloned().unwrap_or_default(), "so")
        }
        "excludes" => format!("{text} {}", all_words(fields, "texts").last().cloned().unwrap_or_default()),
        "frequency" => text.to_lowercase().replace(word(fields, "text"), "so"),
        "letter" => text.to_lowercase().replace(word(fields, "letter"), ""),
        "starts_with" => format!("Well: {text}"),
        "ends_with" => format!("{text} more"),
        "lowercase" => format!("{text} Q"),
        "uppercase" => format!("{text} q"),
        "bullets" => format!("{text}\n- so"),
        "numbered" => format!("{text}\n{}. so", number(fields, "exactly").unwrap_or(0) + 1),
        "headings" => format!("{text}\n## so"),
        "two_responses" => text.replace("******", "***"),
        "title" => text.replace("<<", "<"),
        "postscript" => text.to_lowercase().replace(&word(fields, "marker").to_lowercase(), "so"),
        "placeholders" => text.replace('[', ""),
        "no_commas" => format!("{text}, so，"),
        "forbidden_characters" => format!("{text}{}", word(fields, "characters").chars().next_back().unwrap_or('!')),
        // JSON and quotes around the whole.
        _ => format!("{text} so"),
    }
}

/// Puts a text together from what the rules ask for: pieces first, then their frame.
#[derive(Default)]
struct Writer {
    chinese: bool,
    /// Words that must be there.
    pieces: Vec<String>,
    opening: String,
    closing: String,
    sentences: usize,
    paragraphs: usize,
    /// Lines such as `- so`.
    lines: Vec<String>,
    keys: Vec<String>,
    quoted: bool,
    two: bool,
    title: bool,
    postscript: String,
    upper: bool,
    lower: bool,
    at_least: usize,
}

impl Writer {
    fn of(item: &Item) -> Self {
        let mut new = Self { chinese: is_chinese(item), sentences: 1, paragraphs: 1, ..Self::default() };
        for fields in rules(item) {
            let count = number(fields, "exactly").or_else(|| number(fields, "at_least")).unwrap_or(0);
            let repeated = |text: &str| std::iter::repeat_n(text.to_owned(), count);
            match word(fields, "kind") {
                "words" => new.at_least = number(fields, "at_least").unwrap_or(0),
                "sentences" => new.sentences = count,
                "paragraphs" => new.paragraphs = count,
                "contains" => new.pieces.extend(all_words(fields, "texts")),
                "frequency" => new.pieces.extend(repeated(word(fields, "text"))),
                "letter" => new.pieces.extend(repeated(word(fields, "letter"))),
                "placeholders" => new.pieces.extend(repeated(if new.chinese { "[姓名]" } else { "[name]" })),
                "starts_with" => new.opening = word(fields, "text").to_owned(),
                "ends_with" => new.closing = word(fields, "text").to_owned(),
                "lowercase" => new.lower = true,
                "uppercase" => new.upper = true,
                "bullets" => new.lines.extend(repeated("- so")),
                "numbered" => new.lines.extend((1..=count).map(|n| format!("{n}. so"))),
                "headings" => new.lines.extend(repeated("## so\n\nso.")),
                "json" => new.keys = all_words(fields, "keys"),
                "quoted" => new.quoted = true,
                "two_responses" => new.two = true,
                "title" => new.title = true,
                "postscript" => new.postscript = word(fields, "marker").to_owned(),
                _ => {}
            }
        }
        new
    }

    fn stop(&self) -> &'static str {
        if self.chinese { "。" } else { "." }
    }

    fn joined(&self, pieces: &[String]) -> String {
        pieces.join(if self.chinese { "" } else { " " })
    }

    /// Figures and Chinese characters of a text, and its other words; counted by looking at each alone.
    fn count(text: &str) -> usize {
        let apart: String =
            text.chars().map(|c| if c > '\u{2E7F}' { format!(" {c} ") } else { c.to_string() }).collect();
        apart.split_whitespace().filter(|word| word.chars().any(char::is_alphanumeric)).count()
    }

    fn text(&self) -> String {
        let mut text = self.with(0);
        let lacking = self.at_least.saturating_sub(Self::count(&text));
        if lacking > 0 {
            text = self.with(lacking);
        }
        match (self.upper, self.lower) {
            (true, _) => text.to_uppercase(),
            (_, true) => text.to_lowercase(),
            _ => text,
        }
    }

    /// The text with so many words more than it needs.
    fn with(&self, filled: usize) -> String {
        let (stop, filler) = (self.stop(), if self.chinese { "了" } else { "so" });
        let short = format!("{}{stop}", self.joined(&[filler.into(), filler.into()]));
        let mut body = vec![self.opening.clone()];
        body.extend(self.pieces.iter().cloned());
        // Last, since a letter with a full stop behind it is an initial.
        body.extend(std::iter::repeat_n(filler.to_owned(), filled + 1));
        body.retain(|piece| !piece.is_empty());
        if let Some((key, others)) = self.keys.split_first() {
            let mut object: Map<String, Value> = others.iter().map(|key| (key.clone(), Value::from(filler))).collect();
            object.insert(key.clone(), Value::from(self.joined(&body)));
            return Value::Object(object).to_string();
        }
        // What opens, all pieces, what comes between, and what closes, so that a close is the end in any case.
        let mut parts = vec![format!("{}{stop}", self.joined(&body))];
        let between = self.sentences.max(self.paragraphs).saturating_sub(2);
        parts.extend(std::iter::repeat_n(short.clone(), between));
        let closing =
            if self.closing.is_empty() { format!("{filler}{stop}") } else { format!("{}{stop}", self.closing) };
        let several = self.sentences.max(self.paragraphs) > 1;
        if !self.lines.is_empty() {
            parts.push(self.lines.join("\n").replace("so", filler));
        }
        if several || !self.lines.is_empty() || !self.closing.is_empty() {
            parts.push(closing);
        }
        // One sentence and a close of its own would be two: neither is asked for with the other, but of two and more.
        let join = if self.paragraphs > 1 || !self.lines.is_empty() { "\n\n" } else { " " };
        let mut text = parts.join(join);
        if self.title {
            text = format!("<<{filler}>>\n\n{text}");
        }
        if !self.postscript.is_empty() {
            text = format!("{text}\n\n{} {filler}{stop}", self.postscript);
        }
        if self.two {
            text = format!("{text}\n******\n{short}");
        }
        if self.quoted {
            text = format!("\"{text}\"");
        }
        text
    }
}
