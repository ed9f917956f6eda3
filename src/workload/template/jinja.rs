//! Templates in Jinja: compiled once, bounded in time, depth and size, and rendered with the item's own words.

use super::{Form, Shot, letters};
use crate::domain::{Item, Message, Role, Tags};
use crate::workload::subjects::called;
use minijinja::{AutoEscape, Environment, Error, ErrorKind, UndefinedBehavior};
use serde::Serialize;
use std::collections::BTreeMap;
use std::fmt;
use std::io::{self, Write};
use std::sync::Arc;

/// Steps of one rendering at the most: a few milliseconds.
const FUEL: u64 = 1_000_000;
/// Blocks inside blocks and macros that call macros at the most.
const DEPTH: usize = 50;
/// The longest text that is rendered: 16 MiB.
const LONGEST: usize = 16 << 20;

/// What a template may name.
pub(super) const VARIABLES: [&str; 8] =
    ["prompt", "options", "choice", "subject", "domain", "language", "shots", "tags"];
/// What the template of an example's answer may name besides.
pub(super) const OF_ANSWERS: [&str; 2] = ["answer", "explanation"];

/// Which text of a template.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Part {
    /// Put before everything.
    System,
    /// What the user says.
    User,
    /// What is answered in an example.
    Answer,
}

impl Part {
    pub(super) const fn key(self) -> &'static str {
        match self {
            Self::System => "system",
            Self::User => "user",
            Self::Answer => "answer",
        }
    }
}

/// A rendering that failed: in which text, and how.
#[derive(Debug)]
pub(super) struct Failed {
    pub(super) part: Part,
    pub(super) error: Error,
}

/// A compiled template with its examples.
pub struct Jinja {
    /// What a configuration calls it.
    name: String,
    form: Form,
    texts: BTreeMap<(Part, &'static str), String>,
    environment: Environment<'static>,
    /// The user's text places the examples itself.
    places_shots: bool,
    shots: Vec<Arc<Shown>>,
}

/// An example, rendered.
struct Shown {
    shot: Shot,
    user: String,
    answer: String,
}

#[derive(Serialize)]
struct OptionView<'a> {
    letter: String,
    text: &'a str,
}

#[derive(Serialize)]
struct ShotView<'a> {
    prompt: &'a str,
    options: Vec<OptionView<'a>>,
    answer: &'a str,
    explanation: Option<&'a str>,
}

#[derive(Serialize)]
struct TagsView<'a> {
    domain: &'a str,
    capability: &'a str,
    language: &'a str,
    split: &'static str,
    length: &'static str,
    hard: bool,
}

#[derive(Serialize)]
struct View<'a> {
    prompt: &'a str,
    options: Vec<OptionView<'a>>,
    choice: bool,
    subject: &'a str,
    domain: &'a str,
    language: &'a str,
    shots: &'a [ShotView<'a>],
    tags: TagsView<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    answer: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    explanation: Option<Option<&'a str>>,
}

impl Jinja {
    /// Compiles the texts, by part and language (empty: any), and renders the examples.
    pub(super) fn new(
        name: &str,
        form: Form,
        texts: BTreeMap<(Part, &'static str), String>,
        shots: Vec<Shot>,
    ) -> Result<Self, Vec<Failed>> {
        let mut environment = Environment::new();
        environment.set_auto_escape_callback(|_| AutoEscape::None);
        environment.set_undefined_behavior(UndefinedBehavior::Strict);
        environment.set_fuel(Some(FUEL));
        environment.set_recursion_limit(DEPTH);
        environment.set_debug(true);
        let (mut places_shots, mut wrong) = (false, Vec::new());
        for ((part, language), text) in &texts {
            let compiled = environment
                .add_template_owned(key(*part, language), text.clone())
                .and_then(|()| environment.get_template(&key(*part, language)));
            match compiled {
                Ok(compiled) => {
                    places_shots |= *part == Part::User && compiled.undeclared_variables(false).contains("shots");
                }
                Err(error) => wrong.push(Failed { part: *part, error }),
            }
        }
        if !wrong.is_empty() {
            return Err(wrong);
        }
        let mut this = Self { name: name.to_owned(), form, texts, environment, places_shots, shots: Vec::new() };
        let shown = shots.into_iter().map(|shot| this.shown(shot).map(Arc::new));
        this.shots = shown.collect::<Result<_, _>>().map_err(|failed| vec![failed])?;
        Ok(this)
    }

    pub(super) fn name(&self) -> &str {
        &self.name
    }

    pub(super) const fn form(&self) -> Form {
        self.form
    }

    pub(super) const fn texts(&self) -> &BTreeMap<(Part, &'static str), String> {
        &self.texts
    }

    pub(super) fn shots(&self) -> impl Iterator<Item = &Shot> {
        self.shots.iter().map(|shown| &shown.shot)
    }

    fn shown(&self, shot: Shot) -> Result<Shown, Failed> {
        let Shot { tags, prompt, options, answer, explanation } = &shot;
        let view = |answer: Option<&str>| {
            let subject = subject(tags);
            let view = View::of(tags, &subject, prompt, options, &[]);
            match answer {
                None => self.text(Part::User, &tags.language, &view),
                Some(answer) => {
                    let explanation = Some(explanation.as_deref());
                    self.text(Part::Answer, &tags.language, &View { answer: Some(answer), explanation, ..view })
                }
            }
        };
        // A text that places all examples itself may name what an example alone has not.
        let user = if self.places_shots { String::new() } else { view(None)? };
        let answer = if self.places_shots { String::new() } else { view(Some(answer))? };
        Ok(Shown { user, answer, shot })
    }

    /// The examples for an item: of its domain, or where that has none any; never the item itself.
    fn examples(&self, item: &Item, asked: &str) -> Vec<&Shown> {
        let of = |domain: bool| {
            let fits = move |shown: &&Arc<Shown>| !domain || shown.shot.tags.domain == item.tags.domain;
            self.shots.iter().filter(fits)
        };
        let own = of(true).next().is_some();
        of(own).map(|shown| &**shown).filter(|shown| shown.shot.prompt.trim() != asked.trim()).collect()
    }

    /// All messages: those of the item (of which the last of the user is framed), and whatever was said since.
    pub(super) fn messages(
        &self,
        item: &Item,
        own: &[Message],
        options: &[String],
        said: &[String],
        system: Option<&str>,
    ) -> Result<Vec<Message>, Failed> {
        let last = own.iter().rposition(|m| m.role == Role::User);
        let asked = last.and_then(|at| own.get(at)).map_or("", |m| m.content.as_str());
        let examples = self.examples(item, asked);
        let shots: Vec<ShotView<'_>> = examples.iter().map(|shown| ShotView::of(&shown.shot)).collect();
        let framed = |part: Part, prompt: &str, options: &[String]| {
            let subject = subject(&item.tags);
            let view = View::of(&item.tags, &subject, prompt, options, &shots);
            // What the question shows itself is not shown again, though an option is to be chosen.
            self.text(part, &item.tags.language, &View { choice: view.choice || item.shows_options(), ..view })
        };
        let mut all = Vec::new();
        let of = |role: Role, content: String| Message { role, content };
        all.extend(system.map(|text| of(Role::System, text.to_owned())));
        if self.has(Part::System) {
            let text = framed(Part::System, asked, options)?;
            all.extend((!text.trim().is_empty()).then(|| of(Role::System, text)));
        }
        let before = own.iter().position(|m| m.role != Role::System).unwrap_or(own.len());
        let (leading, rest) = own.split_at_checked(before).unwrap_or((own, &[]));
        all.extend(leading.iter().cloned());
        if !self.places_shots {
            for shown in &examples {
                all.push(of(Role::User, shown.user.clone()));
                all.push(of(Role::Assistant, shown.answer.clone()));
            }
        }
        for (at, message) in (before..).zip(rest) {
            let content =
                if Some(at) == last { framed(Part::User, &message.content, options)? } else { message.content.clone() };
            all.push(of(message.role, content));
        }
        for (turn, answer) in item.turns.iter().skip(1).zip(said) {
            all.push(of(Role::Assistant, answer.clone()));
            all.push(of(Role::User, framed(Part::User, &turn.user, &turn.options)?));
        }
        Ok(match self.form {
            Form::Chat => all,
            Form::Completion => vec![of(Role::User, one_text(&all))],
        })
    }

    fn has(&self, part: Part) -> bool {
        self.texts.keys().any(|(of, _)| *of == part)
    }

    fn text(&self, part: Part, language: &str, view: &View<'_>) -> Result<String, Failed> {
        let failed = |error| Failed { part, error };
        let spoken = if language.split('-').next() == Some("zh") { "zh" } else { "en" };
        let there = |of: &&str| self.texts.contains_key(&(part, *of));
        let Some(language) = [spoken, ""].iter().find(|of| there(of)).copied() else { return Ok(String::new()) };
        let template = self.environment.get_template(&key(part, language)).map_err(failed)?;
        let mut out = Bounded(Vec::new());
        template.render_captured_to(view, &mut out).map_err(failed)?;
        String::from_utf8(out.0).map_err(|_| failed(Error::new(ErrorKind::BadSerialization, "is not UTF-8")))
    }

    /// Everything in it that can change what is asked.
    pub(super) fn fingerprint(&self) -> String {
        let shots: Vec<&Shot> = self.shots().collect();
        format!("{:?}", ("jinja", self.form, &self.texts, shots))
    }
}

impl<'a> View<'a> {
    fn of(tags: &'a Tags, subject: &'a str, prompt: &'a str, options: &'a [String], shots: &'a [ShotView<'a>]) -> Self {
        let Tags { domain, capability, language, split, length, hard } = tags;
        let (split, length, hard) = (split.label(), length.label(), *hard);
        let (choice, options) = (!options.is_empty(), views(options));
        let tags = TagsView { domain, capability, language, split, length, hard };
        Self { prompt, options, choice, subject, domain, language, shots, tags, answer: None, explanation: None }
    }
}

impl<'a> ShotView<'a> {
    fn of(shot: &'a Shot) -> Self {
        let Shot { tags: _, prompt, options, answer, explanation } = shot;
        Self { prompt, options: views(options), answer, explanation: explanation.as_deref() }
    }
}

fn views(options: &[String]) -> Vec<OptionView<'_>> {
    letters(options).map(|(letter, text)| OptionView { letter: letter.to_string(), text }).collect()
}

/// What to call the subject in a sentence; nothing where the domain says nothing.
fn subject(tags: &Tags) -> String {
    if &*tags.domain == "general" { String::new() } else { called(&tags.domain, &tags.language).into_owned() }
}

fn key(part: Part, language: &str) -> String {
    format!("{} {language}", part.key())
}

/// What a base model goes on with: an answer follows its question at once, all else an empty line.
fn one_text(messages: &[Message]) -> String {
    let mut out = String::new();
    for message in messages {
        if !out.is_empty() && message.role != Role::Assistant {
            out.push_str("\n\n");
        }
        out.push_str(&message.content);
    }
    out
}

/// A text that can't outgrow its bound.
struct Bounded(Vec<u8>);

impl Write for Bounded {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.0.len() + bytes.len() > LONGEST {
            return Err(io::Error::other("the text outgrows 16 MiB"));
        }
        self.0.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl fmt::Debug for Jinja {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Jinja").field("name", &self.name).field("form", &self.form).finish_non_exhaustive()
    }
}

impl PartialEq for Jinja {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name && self.fingerprint() == other.fingerprint()
    }
}

impl Eq for Jinja {}
