//! `sharegpt`: one big list of conversations, `{"id": …, "conversations": [{"from": "human" | "gpt" | "system", "value": …}]}`.
//!
//! The user's words are asked turn by turn, and the model's own answers carried along. What was answered at the time is a
//! reference only where that is asked for: it is one model's answer, not the right one.

use super::array::{self, Element};
use super::gather::{self, Fault, Good, Labels};
use super::json::{Document, Raw};
use super::{Kind, Loaded};
use crate::config::Section;
use crate::domain::{Item, Message, Role, Split, Tags, Turn};
use std::fs::File;
use std::io::BufReader;

/// The format.
pub const KIND: Kind =
    Kind { name: "sharegpt", about: "ShareGPT's JSON: a list of conversations between `human` and `gpt`", read };

/// More turns than this in one conversation are taken for a mistake.
const MOST_TURNS: usize = 1_000;

fn read(section: &Section<'_>) -> Option<Loaded> {
    let labels = Labels::read(section, ["conversation", "general", "en"], Split::Public);
    let references = section.or("references", false);
    let loaded = gather::whole(section, &["json", "jsonl"], |gather, found, take| {
        gather.begin(&found.shown());
        let file = BufReader::with_capacity(1 << 16, File::open(&found.path)?);
        let mut count = 0;
        array::for_each(file, array::LONGEST, |place, element| {
            let (Some(labels), Some(references)) = (&labels, references) else { return };
            count += 1;
            let row = match element {
                Element::Text(text) => {
                    let name = format!("{}-{count}", found.stem);
                    row(text, place, &name, &labels.tags, references)
                }
                Element::NotUtf8 => Err(Fault::at(place, "", "is not UTF-8")),
                Element::TooLong => Err(Fault::at(place, "", format!("is longer than {} MiB", array::LONGEST >> 20))),
                Element::Broken(why) => Err(Fault::at(place, "", why)),
            };
            take(gather, row);
        })
    });
    labels.and(references).and(loaded)
}

fn row(text: &str, place: (usize, usize), name: &str, tags: &Tags, references: bool) -> Result<Good, Fault> {
    const FIELD: &str = "conversations";
    let (document, root) = Document::new(text, place)?;
    document.fields(root, "")?;
    let id = document.find(root, "id").map(|id| document.text(id, "id")).transpose()?;
    let value = document.find(root, FIELD).ok_or_else(|| Fault::at(place, FIELD, "is missing"))?;
    let (mut messages, mut turns) = (Vec::new(), Vec::<Turn>::new());
    let mut answered = true;
    for said in document.list(value, FIELD)? {
        let (speaker, words) = speaker(&document, said)?;
        match speaker {
            Role::System if turns.is_empty() => messages.push(Message { role: Role::System, content: words }),
            Role::System => return Err(document.fault(said, FIELD, "`system` comes before everything else")),
            Role::User if !answered => {
                return Err(document.fault(said, FIELD, "two of `human` follow each other"));
            }
            Role::User if words.trim().is_empty() => {
                return Err(document.fault(said, FIELD, "what `human` says must not be empty"));
            }
            Role::User => {
                turns.push(Turn { user: words, answers: Vec::new(), options: Vec::new() });
                answered = false;
            }
            Role::Assistant if turns.is_empty() => {
                return Err(document.fault(said, FIELD, "begins with `gpt`: there is no question to ask"));
            }
            Role::Assistant if answered => {
                return Err(document.fault(said, FIELD, "two of `gpt` follow each other"));
            }
            Role::Assistant => {
                answered = true;
                let reference = Some(words).filter(|words| references && !words.trim().is_empty());
                if let Some(turn) = turns.last_mut() {
                    turn.answers.extend(reference);
                }
            }
        }
    }
    if turns.is_empty() || turns.len() > MOST_TURNS {
        let message = format!("expected from 1 to {MOST_TURNS} turns of `human`, found {}", turns.len());
        return Err(document.fault(value, FIELD, message));
    }
    if references && turns.last().is_some_and(|turn| turn.answers.is_empty()) {
        return Err(document.fault(value, FIELD, "has no answer to its last turn to take as a reference"));
    }
    messages.extend(turns.first().map(|first| Message { role: Role::User, content: first.user.clone() }));
    let answers = turns.last().map(|last| last.answers.clone()).unwrap_or_default();
    if turns.len() == 1 {
        turns.clear();
    }
    let id = id.unwrap_or_else(|| name.to_owned());
    let item = Item { messages, turns, ..Item::question(&id, "", answers, tags.clone()) };
    Ok(Good { line: place.0, item, explanation: None })
}

fn speaker(document: &Document<'_>, said: Raw<'_>) -> Result<(Role, String), Fault> {
    const FIELD: &str = "conversations";
    document.fields(said, FIELD)?;
    let need = |name: &str| {
        document.find(said, name).ok_or_else(|| document.fault(said, FIELD, format!("a turn has no `{name}`")))
    };
    let from = need("from")?;
    let word = document.text(from, FIELD)?;
    let role = match word.as_str() {
        "human" | "user" => Role::User,
        "gpt" | "chatgpt" | "assistant" => Role::Assistant,
        "system" => Role::System,
        _ => {
            return Err(document.fault(from, FIELD, format!("expected human, gpt or system, found {word:?}")));
        }
    };
    Ok((role, document.text(need("value")?, FIELD)?))
}
