//! `jsonl`: one JSON object a line.

use super::conversation::{Asked, Said};
use super::gather;
use super::lines::{self, Line};
use super::row::{self, FIELDS, Row};
use super::{Kind, Loaded};
use crate::config::{Problem, Section, suggest};
use crate::domain::{Item, ItemId, Split, Tags};
use crate::workload::template::Shot;
use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::io::{BufRead, BufReader};
use std::path::PathBuf;
use std::sync::Arc;

/// The format.
pub const KIND: Kind =
    Kind { name: "jsonl", about: "One JSON object a line: prompt, messages or turns, answer or answers, tags", read };

/// More bad rows than this are counted, not listed.
const LISTED: usize = 1000;

fn read(section: &Section<'_>) -> Option<Loaded> {
    // Known, however far this comes.
    let _ = (section.has("shots"), section.has("shots_path"));
    let path: PathBuf = section.need("path")?;
    let path = section.source().folder.join(path);
    let file = match File::open(&path) {
        Ok(file) => file,
        Err(error) => {
            section.problem("path", format!("{} can't be read: {error}", path.display()), None);
            return None;
        }
    };
    match load(BufReader::new(file), &path.display().to_string()) {
        Ok(loaded) => examples(section, loaded),
        Err(error) => {
            section.problem("path", format!("{} can't be read: {error}", path.display()), None);
            None
        }
    }
}

/// Adds the examples out of `shots_path`.
fn examples(section: &Section<'_>, loaded: Loaded) -> Option<Loaded> {
    let most = gather::shots(section)?;
    if !section.has("shots_path") {
        return Some(loaded);
    }
    let path = section.source().folder.join(section.get::<PathBuf>("shots_path")?);
    let read = File::open(&path).and_then(|file| load(BufReader::new(file), &path.display().to_string()));
    let Loaded { items, bad, .. } = read
        .map_err(|error| section.problem("shots_path", format!("{} can't be read: {error}", path.display()), None))
        .ok()?;
    let mut of: BTreeMap<Arc<str>, usize> = BTreeMap::new();
    let mut fits = |shot: &Shot| {
        let there = of.entry(Arc::clone(&shot.tags.domain)).or_default();
        *there += 1;
        *there <= most
    };
    let shots = items.into_iter().filter_map(|item| gather::shot(item, None)).filter(&mut fits).collect();
    Some(Loaded { shots, bad: loaded.bad.into_iter().chain(bad).collect(), ..loaded })
}

/// Reads all rows of an input named `file`.
fn load(input: impl BufRead, file: &str) -> Result<Loaded, std::io::Error> {
    let mut loader = Loader { file, ..Loader::default() };
    lines::for_each(input, lines::LONGEST, |number, line| loader.line(number, line))?;
    Ok(loader.finish())
}

#[derive(Default)]
struct Loader<'a> {
    file: &'a str,
    items: Vec<Item>,
    lines: Vec<usize>,
    ids: BTreeMap<ItemId, usize>,
    bad: Vec<Problem>,
    more_bad: usize,
    warnings: Vec<Problem>,
    warned: BTreeSet<String>,
    /// Tags repeat in every row; one copy of each is kept.
    words: BTreeSet<Arc<str>>,
}

/// What is wrong with a row: field, message, hint.
pub(super) type Fault = (&'static str, String, Option<String>);

impl Loader<'_> {
    fn line(&mut self, number: usize, line: Line<'_>) {
        let text = match line {
            Line::Text(text) if text.trim().is_empty() => return,
            Line::Text(text) => text,
            Line::NotUtf8(before) => {
                let hint = (number == 1 && before.is_empty()).then(|| "save the file as UTF-8".to_owned());
                return self.bad(number, before.chars().count() + 1, ("", "is not UTF-8".into(), hint));
            }
            Line::TooLong => {
                let message = format!("the line is longer than {} MiB", lines::LONGEST >> 20);
                return self.bad(number, 1, ("", message, None));
            }
        };
        let row = match row::parse(text) {
            Ok(row) => row,
            Err(error) => {
                let array = number == 1 && text.trim_start().starts_with('[');
                let hint = array.then(|| "make it one object a line: jq -c '.[]' FILE.json > FILE.jsonl".to_owned());
                return self.bad(number, error.column, (error.field, error.message, hint));
            }
        };
        self.near_misses(number, &row);
        match self.item(number, row) {
            Ok(item) => {
                self.ids.insert(item.id.clone(), number);
                self.items.push(item);
                self.lines.push(number);
            }
            Err(fault) => self.bad(number, 1, fault),
        }
    }

    fn bad(&mut self, line: usize, column: usize, (field, message, hint): Fault) {
        if self.bad.len() < LISTED {
            self.bad.push(Problem { file: self.file.into(), line, column, field: field.into(), message, hint });
        } else {
            self.more_bad += 1;
        }
    }

    /// Fields that mean nothing are ignored, since data files carry all sorts of them; one that looks like a
    /// misspelling is told, once.
    fn near_misses(&mut self, number: usize, row: &Row) {
        for other in &row.others {
            let Some(near) = suggest(other, FIELDS) else { continue };
            if !self.warned.contains(other) && self.warned.len() < LISTED {
                self.warned.insert(other.clone());
                self.warnings.push(Problem {
                    file: self.file.into(),
                    line: number,
                    column: 1,
                    field: other.clone(),
                    message: "is not a known field and is ignored".into(),
                    hint: Some(format!("did you mean `{near}`?")),
                });
            }
        }
    }

    fn item(&mut self, number: usize, row: Row) -> Result<Item, Fault> {
        let Row {
            id,
            prompt,
            messages,
            turns,
            answer,
            answers,
            options,
            domain,
            capability,
            language,
            split,
            tools,
            hard,
            spec,
            others,
        } = row;
        let id = ItemId::new(&id.unwrap_or_else(|| format!("line-{number}")));
        if id.as_str().is_empty() {
            return Err(("id", "must not be empty".into(), Some("leave it out to get the line's number".into())));
        }
        if let Some(first) = self.ids.get(&id) {
            return Err(("id", format!("{:?} is used twice: first in line {first}", id.as_str()), None));
        }
        let answers = match (answer, answers) {
            (Some(one), None) | (None, Some(one)) => Some(one),
            (Some(_), Some(_)) => return Err(("answer", "give answer or answers, not both".into(), None)),
            (None, None) => None,
        };
        let Asked { messages, turns, answers, options } =
            Said { prompt, messages, turns, answers, options, graded: spec.keys().any(|key| key != "formula") }
                .asked(&others)?;
        let split = match split {
            None => Split::Private,
            Some(word) => Split::from_label(&word).ok_or_else(|| {
                let words = Split::ALL.map(Split::label);
                let hint = suggest(&word, words).map(|near| format!("did you mean \"{near}\"?"));
                ("split", format!("expected one of {}, found {word:?}", words.join(", ")), hint)
            })?,
        };
        let mut tags = Tags::new(
            self.label("domain", domain, "general")?,
            self.label("capability", capability, "general")?,
            self.label("language", language, "en")?,
            split,
        );
        tags.hard = hard.unwrap_or(false);
        let spec = (!spec.is_empty()).then(|| Arc::new(spec));
        let tools = tools.unwrap_or_default().into();
        Ok(Item { messages, options, turns, spec, tools, ..Item::question(id.as_str(), "", answers, tags) })
    }

    /// A tag; it becomes a metric label, so it is short and of one line.
    fn label(&mut self, field: &'static str, word: Option<String>, default: &str) -> Result<Arc<str>, Fault> {
        let word = word.as_deref().unwrap_or(default);
        if word.is_empty() || word.len() > 64 || word.chars().any(char::is_control) {
            let hint = "it becomes a metric label: 1 to 64 bytes, no control characters".to_owned();
            return Err((field, "is not a usable tag".into(), Some(hint)));
        }
        if let Some(known) = self.words.get(word) {
            return Ok(known.clone());
        }
        let new: Arc<str> = word.into();
        self.words.insert(new.clone());
        Ok(new)
    }

    fn finish(mut self) -> Loaded {
        if self.more_bad > 0 {
            let (line, message) =
                (self.bad.last().map_or(1, |p| p.line), format!("and {} more bad rows", self.more_bad));
            self.bad.push(Problem {
                file: self.file.into(),
                line,
                column: 1,
                field: String::new(),
                message,
                hint: None,
            });
        }
        let Self { file, items, lines, bad, warnings, .. } = self;
        Loaded { items, bad, file: file.to_owned(), lines, warnings, ..Loaded::default() }
    }
}

/// A hint where a field is missing and another tool's word for it, or a misspelling, is there.
pub(super) fn instead(others: &[String], field: &str, words: &[&str]) -> Option<String> {
    let there = others.iter().find(|o| words.contains(&o.as_str()) || suggest(o, [field]).is_some())?;
    Some(format!("`{there}` is there: rename it to `{field}`"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::Role;
    use proptest::prelude::*;

    fn loaded(text: &str) -> Loaded {
        load(text.as_bytes(), "d.jsonl").unwrap()
    }

    fn bad(text: &str) -> Vec<String> {
        loaded(text).bad.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn defaults_are_filled_in_and_blank_lines_skipped() {
        let all = loaded(
            "\u{feff}{\"prompt\": \"1+1\", \"answer\": 2}\r\n\r\n  \n{\"prompt\": \"q\", \"answers\": [\"a\", \"b\"]}",
        );
        assert!(all.bad.is_empty(), "{:?}", all.bad);
        assert_eq!(all.lines, [1, 4]);
        let ids: Vec<&str> = all.items.iter().map(|i| i.id.as_str()).collect();
        assert_eq!(ids, ["line-1", "line-4"]);
        let first = all.items.first().unwrap();
        assert_eq!(first.answers, ["2"]);
        let tags = &first.tags;
        assert_eq!(
            (&*tags.domain, &*tags.capability, &*tags.language, tags.split),
            ("general", "general", "en", Split::Private)
        );
    }

    #[test]
    fn conversations_are_kept_in_order() {
        let all = loaded(
            r#"{"messages": [{"role": "system", "content": "s"}, {"role": "user", "content": "u"}], "answer": "a", "options": ["x", "y"], "split": "public"}"#,
        );
        let item = all.items.first().unwrap();
        assert_eq!(item.messages.iter().map(|m| m.role).collect::<Vec<_>>(), [Role::System, Role::User]);
        assert_eq!((item.options.len(), item.tags.split), (2, Split::Public));
    }

    #[test]
    fn what_a_scorer_reads_is_kept_as_it_is_and_stands_in_for_an_answer() {
        let all = loaded(concat!(
            r#"{"prompt": "q", "tools": [{"name": "f"}], "calls": [{"name": "f", "arguments": {"a": [1, null]}}], "hard": true}"#,
            "\n",
            r#"{"turns": [{"user": "a", "answer": 1}, {"user": "b"}], "schema": {"type": "object"}, "rubric": null}"#,
            "\n",
            r#"{"prompt": "q", "rubric": null}"#,
        ));
        let bad: Vec<String> = all.bad.iter().map(ToString::to_string).collect();
        assert_eq!(bad.len(), 1, "{bad:?}");
        assert!(bad[0].starts_with("d.jsonl:3:1: answer: is missing"), "{bad:?}");
        let [one, two] = &*all.items else { panic!("{:?}", all.items) };
        assert_eq!((one.tools.len(), one.tags.hard, one.answers.len()), (1, true, 0));
        let spec = serde_json::to_string(&**one.spec.as_ref().unwrap()).unwrap();
        assert_eq!(spec, r#"{"calls":[{"arguments":{"a":[1,null]},"name":"f"}]}"#);
        assert_eq!((two.tags.hard, two.tools.len()), (false, 0));
        assert_eq!(two.at_turn(0).unwrap().spec, None, "the last turn's");
        assert_eq!(two.at_turn(1).unwrap().spec, two.spec);
        assert_eq!(two.spec.as_ref().unwrap().keys().collect::<Vec<_>>(), ["schema"]);
    }

    #[test]
    fn a_bad_row_says_where_what_and_how_to_mend_it() {
        for (row, want) in [
            (
                r#"{"question": "q", "answer": "a"}"#,
                "d.jsonl:1:1: prompt: is missing: expected the question as a text, or a conversation as messages or turns\n  hint: `question` is there: rename it to `prompt`",
            ),
            (
                r#"{"prompt": "q", "anwser": "a"}"#,
                "d.jsonl:1:1: answer: is missing: expected the right answer as a text, a number or a list of them\n  hint: `anwser` is there: rename it to `answer`",
            ),
            (r#"{"prompt": "q", "answer": []}"#, "d.jsonl:1:1: answer: must not be empty"),
            (
                r#"{"prompt": "q", "answer": "a", "answers": "b"}"#,
                "d.jsonl:1:1: answer: give answer or answers, not both",
            ),
            (
                r#"{"prompt": "q", "answer": "a", "options": ["x"]}"#,
                "d.jsonl:1:1: options: expected from 2 to 26 options (A to Z), found 1",
            ),
            (
                r#"{"prompt": "q", "answer": "a", "split": "pubic"}"#,
                "d.jsonl:1:1: split: expected one of public, private, fresh, found \"pubic\"\n  hint: did you mean \"public\"?",
            ),
            (
                r#"{"prompt": "q", "answer": "a", "domain": ""}"#,
                "d.jsonl:1:1: domain: is not a usable tag\n  hint: it becomes a metric label: 1 to 64 bytes, no control characters",
            ),
            (
                r#"{"messages": [{"role": "assistant", "content": "x"}], "answer": "a"}"#,
                "d.jsonl:1:1: messages: the last message must be the user's",
            ),
            (
                r#"[{"prompt": "q"}]"#,
                "d.jsonl:1:1: invalid type: sequence, expected one JSON object a line\n  hint: make it one object a line: jq -c '.[]' FILE.json > FILE.jsonl",
            ),
        ] {
            assert_eq!(bad(row), [want], "{row}");
        }
    }

    #[test]
    fn an_id_used_twice_names_both_lines_and_the_rest_is_read() {
        let row = |id| format!("{{\"id\": \"{id}\", \"prompt\": \"q\", \"answer\": 1}}\n");
        let text = [row("a"), row("b"), row("a"), row("c")].concat();
        assert_eq!(bad(&text), ["d.jsonl:3:1: id: \"a\" is used twice: first in line 1"]);
        assert_eq!(loaded(&text).items.len(), 3);
    }

    #[test]
    fn unknown_fields_are_ignored_and_near_misses_told_once() {
        let row = "{\"prompt\": \"q\", \"answer\": 1, \"source\": {}, \"langauge\": \"zh\"}\n";
        let all = loaded(&row.repeat(3));
        assert_eq!((all.items.len(), all.bad.len(), all.warnings.len()), (3, 0, 1));
        assert_eq!(
            all.warnings.first().unwrap().to_string(),
            "d.jsonl:1:1: langauge: is not a known field and is ignored\n  hint: did you mean `language`?"
        );
    }

    #[test]
    fn bytes_that_are_no_text_are_told_with_their_column() {
        let all = load(&b"{\"prompt\": \"q\", \"answer\": 1}\n{\"prompt\": \"\xe9\"}\n"[..], "d").unwrap();
        let bad: Vec<String> = all.bad.iter().map(ToString::to_string).collect();
        assert_eq!(bad, ["d:2:13: is not UTF-8"]);
    }

    #[test]
    fn a_file_full_of_bad_rows_is_counted_not_kept() {
        let all = loaded(&"{\n".repeat(LISTED + 500));
        assert_eq!(all.bad.len(), LISTED + 1);
        assert_eq!(all.bad.last().unwrap().message, "and 500 more bad rows");
    }

    proptest! {
        #[test]
        fn any_bytes_are_read_without_panic_and_every_line_is_a_row_or_a_problem(
            bytes in proptest::collection::vec(prop_oneof![Just(b'\n'), Just(b'{'), Just(b'"'), any::<u8>()], 0..300)
        ) {
            let all = load(bytes.as_slice(), "d").unwrap();
            prop_assert_eq!(all.items.len(), all.lines.len());
        }
    }
}
