//! Templates as a configuration gives them: by name, by text or by file; every mistake at its line and column, before
//! anything is asked.

use super::jinja::{Failed, Jinja, OF_ANSWERS, Part, VARIABLES};
use super::ready::{READY, Ready, Shots};
use super::{Form, Shot, Template, letters};
use crate::config::{Problem, Section, Source, suggest};
use crate::domain::{Item, Role};
use minijinja::ErrorKind;
use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::sync::Arc;

/// Items that are rendered to see whether a template fits them; of more, so many, evenly spread.
const LOOKED_AT: usize = 20_000;
/// Bytes of a template's file at the most.
const LARGEST: u64 = 1 << 20;

/// A template as it was chosen: its examples come with the items.
pub struct Choice {
    plain: Template,
    texts: Option<Texts>,
}

/// The texts of a template, and where they come from.
struct Texts {
    name: String,
    form: Form,
    texts: BTreeMap<(Part, &'static str), String>,
    /// The file of the user's text, where it has one.
    file: Option<Source>,
    /// Whether it shows examples, and how many of a domain at the most.
    wants: Shots,
    shots: Option<usize>,
    working: bool,
}

/// Reads `system`, `prompt` and `template`.
pub fn read(section: &Section<'_>) -> Option<Choice> {
    let (system, prompt): (Option<String>, Option<String>) = (section.get("system"), section.get("prompt"));
    let has_prompt = prompt.is_some();
    if prompt.as_deref().is_some_and(|p| !p.contains("{prompt}")) {
        let hint = "it is replaced by the item's own words, such as \"{prompt}\\nAnswer with one word.\"";
        section.problem("prompt", "expected a template with {prompt} in it", Some(hint.into()));
        return None;
    }
    let plain = Template { system, prompt, jinja: None };
    if !section.has("template") {
        return Some(Choice { plain, texts: None });
    }
    if has_prompt {
        section.problem("prompt", "give template or prompt, not both", None);
    }
    let texts = if section.is_table("template") {
        own(&section.section("template")?)
    } else {
        named(section, "template").map(ready)
    }?;
    if plain.system.is_some() && texts.form == Form::Completion {
        let hint = "a completion is one text without roles: put it into the template".to_owned();
        section.problem("system", "is for chats", Some(hint));
        return None;
    }
    if plain.system.is_some() && section.is_table("template") && section.section("template")?.has("system") {
        section.problem("system", "is given twice: the template has one too", None);
        return None;
    }
    let mut texts = texts;
    if plain.system.is_some() {
        // The configuration's own takes the place of a ready-made one.
        texts.texts.retain(|(part, _), _| *part != Part::System);
    }
    (!has_prompt).then_some(Choice { plain, texts: Some(texts) })
}

fn named(section: &Section<'_>, key: &'static str) -> Option<&'static Ready> {
    let words: Vec<(&str, usize)> = (0..).zip(&READY).map(|(at, ready)| (ready.name, at)).collect();
    READY.get(section.choice(key, &words)?)
}

fn ready(ready: &'static Ready) -> Texts {
    Texts {
        name: ready.name.to_owned(),
        form: ready.form,
        texts: ready.texts(),
        file: None,
        wants: ready.shots,
        shots: None,
        working: ready.working,
    }
}

/// `template = { … }`.
fn own(table: &Section<'_>) -> Option<Texts> {
    const MOST: u32 = 100;
    let like = if table.has("name") { Some(named(table, "name")?) } else { None };
    let shots: Option<u32> = table.get("shots");
    if shots.is_some_and(|n| n > MOST) {
        table.problem("shots", format!("expected from 0 to {MOST}"), None);
        return None;
    }
    let form = if table.has("form") { table.choice("form", &Form::WORDS) } else { None };
    let [user, system, answer]: [Option<String>; 3] = ["user", "system", "answer"].map(|key| table.get(key));
    let file = if table.has("file") { Some(file(table)?) } else { None };
    table.finish();
    if let (Some(_), Some(_)) = (&user, &file) {
        table.problem("file", "expected user or file, found both", None);
        return None;
    }
    if table.has("form") && form.is_none() {
        return None;
    }
    let user = user.or_else(|| file.as_ref().map(|file| file.text.clone()));
    let mut texts = match like {
        Some(like) => Texts { form: form.unwrap_or(like.form), ..ready(like) },
        None if user.is_none() => {
            let what =
                "expected a template such as \"{{ prompt }}\", a `file` of one, or the `name` of a ready-made one";
            table.missing("user", what);
            return None;
        }
        None => Texts {
            name: "own".into(),
            form: form.unwrap_or(Form::Chat),
            texts: BTreeMap::new(),
            file: None,
            wants: Shots::IfThere,
            shots: None,
            working: false,
        },
    };
    for (part, text) in [(Part::User, user), (Part::System, system), (Part::Answer, answer)] {
        if let Some(text) = text {
            texts.texts.retain(|(of, _), _| *of != part);
            texts.texts.insert((part, ""), text);
        }
    }
    if !texts.texts.keys().any(|(part, _)| *part == Part::Answer) {
        let text = if texts.form == Form::Completion { " {{ answer }}" } else { "{{ answer }}" };
        texts.texts.insert((Part::Answer, ""), text.to_owned());
    }
    texts.file = file;
    texts.shots = shots.map(|n| n as usize);
    if texts.shots == Some(0) {
        texts.wants = Shots::Never;
    } else if shots.is_some() {
        texts.wants = Shots::Always;
    }
    Some(texts)
}

fn file(table: &Section<'_>) -> Option<Source> {
    let path: PathBuf = table.get("file")?;
    let path = table.source().folder.join(path);
    let large = std::fs::metadata(&path).is_ok_and(|data| data.len() > LARGEST);
    if large {
        table.problem("file", format!("{} is larger than {} MiB", path.display(), LARGEST >> 20), None);
        return None;
    }
    let read = Source::file(&path);
    read.map_err(|problem| table.problem("file", format!("{} {}", path.display(), problem.message), None)).ok()
}

impl Choice {
    /// Puts the examples in; tells what is wrong with a text, or that there are no examples for one that needs some.
    pub fn with(self, section: &Section<'_>, shots: Vec<Shot>) -> Option<Template> {
        let Self { plain, texts } = self;
        let Some(Texts { name, form, texts, file, wants, shots: most, working }) = texts else { return Some(plain) };
        let told = if section.is_table("template") { section.section("template") } else { None };
        let mut of: BTreeMap<Arc<str>, usize> = BTreeMap::new();
        let fits = |shot: &Shot| {
            let there = of.entry(Arc::clone(&shot.tags.domain)).or_default();
            *there += 1;
            most.is_none_or(|most| *there <= most)
        };
        let shots: Vec<Shot> =
            if wants == Shots::Never { Vec::new() } else { shots.into_iter().filter(fits).collect() };
        if wants == Shots::Always && shots.is_empty() {
            let hint = "give the dataset `shots_path`, a file or folder of questions with their answers".to_owned();
            section.problem("template", format!("{name} needs examples, and the data have none"), Some(hint));
            return None;
        }
        if working && !shots.is_empty() && shots.iter().all(|shot| shot.explanation.is_none()) {
            let message = "no example says how its answer is come by".to_owned();
            section.warn("template", message, Some("few-shot shows answers alone".into()));
        }
        match Jinja::new(&name, form, texts.clone(), shots) {
            Ok(jinja) => Some(Template { jinja: Some(Arc::new(jinja)), ..plain }),
            Err(all) => {
                all.iter().for_each(|failed| tell(section, told.as_ref(), file.as_ref(), &texts, failed, None));
                None
            }
        }
    }
}

/// Tells a mistake at its place: in the configuration's own text, or in the template's file.
fn tell(
    section: &Section<'_>,
    table: Option<&Section<'_>>,
    file: Option<&Source>,
    texts: &BTreeMap<(Part, &'static str), String>,
    failed: &Failed,
    item: Option<&Item>,
) {
    let Failed { part, error } = failed;
    let of =
        |language: &str| texts.iter().find(|((p, l), _)| p == part && *l == language).map(|(_, text)| text.as_str());
    let text = of("").or_else(|| of("en")).unwrap_or("");
    let line = error.line().unwrap_or(1).saturating_sub(1);
    let begins = text.split_inclusive('\n').take(line).map(str::len).sum::<usize>();
    let at = error.range().map_or(begins, |range| range.start.max(begins).min(text.len()));
    let word: String = text.get(at..).unwrap_or("").chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
    let undefined = error.kind() == ErrorKind::UndefinedError;
    let what = match error.detail() {
        None if undefined && !word.is_empty() => format!("`{word}` is not there"),
        None => error.kind().to_string(),
        Some(detail) => format!("{}: {detail}", error.kind()),
    };
    let message = match item {
        None => what,
        Some(item) => format!("can't be rendered for item {:?}: {what}", item.id.as_str()),
    };
    let hint = undefined.then(|| known(&word, *part));
    if let (Some(file), Part::User) = (file, part) {
        let (line, column) = file.place(at);
        let field = String::new();
        let problem = Problem { file: file.name.clone(), line, column, field, message, hint };
        section.problem_elsewhere(problem);
    } else if let Some(table) = table.filter(|table| table.has(part.key())) {
        table.problem_in_text(part.key(), at, message, hint);
    } else {
        section.problem("template", message, hint);
    }
}

/// What may be named, and what was perhaps meant.
fn known(word: &str, part: Part) -> String {
    let all: Vec<&str> = VARIABLES.into_iter().chain(OF_ANSWERS.into_iter().filter(|_| part == Part::Answer)).collect();
    match suggest(word, all.iter().copied()) {
        Some(near) if near != word => format!("did you mean `{near}`?"),
        _ => format!("known here: {}", all.join(", ")),
    }
}

/// Renders the template for every item of a file (of very many, for some), and tells what can't be rendered; warns where
/// the prompt or the options are not in what comes out. Whether it fits.
pub fn check(section: &Section<'_>, template: &Template, sample: &[Arc<Item>]) -> bool {
    let Some(jinja) = &template.jinja else { return true };
    let step = sample.len().div_ceil(LOOKED_AT).max(1);
    let (mut without_prompt, mut without_options, mut with_options) = (0, 0, 0);
    let mut bare = BTreeSet::new();
    let domains: BTreeSet<&str> = jinja.shots().map(|shot| &*shot.tags.domain).collect();
    for item in sample.iter().step_by(step) {
        let said = vec![String::from("…"); item.turns.len().saturating_sub(1)];
        let options = super::offered(item);
        let messages = match jinja.messages(item, &item.messages, options, &said, template.system.as_deref()) {
            Ok(messages) => messages,
            Err(failed) => {
                let table = if section.is_table("template") { section.section("template") } else { None };
                let file = table.as_ref().filter(|table| table.has("file")).and_then(file);
                tell(section, table.as_ref(), file.as_ref(), jinja.texts(), &failed, Some(item));
                return false;
            }
        };
        let shown = |text: &str| messages.iter().any(|m| m.role == Role::User && m.content.contains(text.trim()));
        let traced = item.traced.as_ref().is_some_and(|traced| traced.question.is_some());
        let asked = item.messages.iter().rfind(|m| m.role == Role::User).map_or("", |m| m.content.as_str());
        without_prompt += usize::from(!traced && !shown(asked));
        with_options += usize::from(!options.is_empty());
        without_options += usize::from(!letters(options).all(|(_, text)| shown(text)));
        if !domains.is_empty() && !domains.contains(&*item.tags.domain) {
            bare.insert(&*item.tags.domain);
        }
    }
    if without_prompt > 0 {
        let message = format!("the prompt of {without_prompt} items is not in what is asked");
        section.warn("template", message, Some("put {{ prompt }} where it belongs".into()));
    }
    if without_options > 0 {
        let message = format!(
            "{with_options} items have options, and for {without_options} of them the template does not show all"
        );
        section.warn(
            "template",
            message,
            Some("{% for o in options %}{{ o.letter }}. {{ o.text }}{% endfor %}".into()),
        );
    }
    if let Some(first) = bare.first() {
        let n = bare.len();
        section.warn(
            "template",
            format!("{n} domains have no examples of their own, such as {first}: others' are shown"),
            None,
        );
    }
    true
}
