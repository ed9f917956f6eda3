//! What happens to a scenario's items between loading and asking: duplicates, the private subset, forms.

use super::scenario::{SAMPLE, SeedField};
use crate::config::{Expected, Placed, Secret, Section, Value, suggest};
use crate::domain::{Fingerprint, Item, Split, Tags};
use crate::workload::duplicates::{Likeness, Repeat, find};
use crate::workload::forms::{self, Forms, Sources, names_letters};
use crate::workload::generator::{self, Generator, Seed};
use crate::workload::split::{Asked, Rotation, SHORTEST_KEY};
use crate::workload::template::Template;
use crate::workload::{Items, Look};
use secrecy::ExposeSecret as _;
use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;
use toml::de::DeValue;

/// What was done to a scenario's items, for people.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Treatment {
    /// What was found of duplicates; none where nobody looked.
    pub duplicates: Option<Duplicates>,
    /// The private subset; none where there is none.
    pub private: Option<String>,
    /// The forms; none where there are none.
    pub forms: Option<String>,
}

/// Items that repeat an earlier one.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Duplicates {
    /// How many items there were.
    pub among: usize,
    /// A sentence for each that repeats another, with its line.
    pub repeats: Vec<String>,
    /// Whether they were left out.
    pub dropped: bool,
    /// A sentence for each that asks the same as another and has another answer: these are never left out.
    pub contradictions: Vec<String>,
}

impl Duplicates {
    /// What was found in one sentence; none where nothing was.
    #[must_use]
    pub fn sentence(&self) -> Option<String> {
        let Self { among, repeats, dropped, contradictions } = self;
        let mut parts = Vec::new();
        if !repeats.is_empty() {
            let then = if *dropped { "left out" } else { "kept: duplicates = \"drop\" leaves them out" };
            parts.push(format!("{} of {among} items repeat an earlier one ({then})", repeats.len()));
        }
        if !contradictions.is_empty() {
            parts.push(format!("{} ask the same as an earlier one and have another answer", contradictions.len()));
        }
        (!parts.is_empty()).then(|| parts.join("; "))
    }
}

/// What to do with duplicates.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Policy {
    Drop,
    Keep,
    Report,
}

/// The items of a file without those that repeat others, as the section says; and what was found.
pub(super) fn deduplicated(
    section: &Section<'_>,
    items: Vec<(Item, usize)>,
    file: &str,
    files: &[Arc<str>],
) -> (Vec<(Item, usize)>, Option<Duplicates>) {
    let words = [("drop", Policy::Drop), ("keep", Policy::Keep), ("report", Policy::Report)];
    let policy = if section.has("duplicates") { section.choice("duplicates", &words) } else { Some(Policy::Report) };
    let near: Option<f64> = section.get("near_duplicates");
    if near.is_some_and(|least| !(0.5..=1.0).contains(&least)) {
        section.problem("near_duplicates", "expected a number from 0.5 to 1: the share that two questions have", None);
        return (items, None);
    }
    match policy {
        Some(Policy::Keep) if near.is_some() => {
            let hint = Some("duplicates = \"report\" counts them, \"drop\" leaves them out".to_owned());
            section.problem("near_duplicates", "nobody looks for duplicates that are kept", hint);
            (items, None)
        }
        Some(Policy::Keep) | None => (items, None),
        Some(policy) => {
            let (bare, lines): (Vec<Item>, Vec<usize>) = items.into_iter().unzip();
            let found = find(&bare, near);
            let mut duplicates =
                Duplicates { among: bare.len(), dropped: policy == Policy::Drop, ..Duplicates::default() };
            let mut left_out = BTreeSet::new();
            for repeat in found {
                let sentence = told(&repeat, &bare, &lines, (file, files));
                if repeat.likeness == Likeness::OtherAnswer {
                    duplicates.contradictions.push(sentence);
                } else {
                    duplicates.repeats.push(sentence);
                    left_out.insert(repeat.item);
                }
            }
            let all = bare.into_iter().zip(lines).enumerate();
            let keep = |place: &usize| policy == Policy::Report || !left_out.contains(place);
            (all.filter(|(place, _)| keep(place)).map(|(_, item)| item).collect(), Some(duplicates))
        }
    }
}

/// A sentence about a repeat: `files` has the file of each item, where they are of several.
fn told(repeat: &Repeat, items: &[Item], lines: &[usize], (file, files): (&str, &[Arc<str>])) -> String {
    let of = |place: usize| files.get(place).map_or(file, |file| file);
    let (file, whose) = (of(repeat.item), of(repeat.of));
    let whose = if file == whose { String::new() } else { format!("{whose} ") };
    let name = |place: usize| {
        let id = items.get(place).map_or("", |item| item.id.as_str());
        (lines.get(place).copied().unwrap_or(0), id)
    };
    let ((line, id), (first, other)) = (name(repeat.item), name(repeat.of));
    let how = match repeat.likeness {
        Likeness::Exact => "repeats".to_owned(),
        Likeness::Near(share) => format!("is {:.0} % like", share * 100.0),
        Likeness::OtherAnswer => "has another answer to the question of".to_owned(),
    };
    format!("{file}:{line}: {id:?} {how} {whose}line {first} ({other:?})")
}

/// `"20%"`.
struct Share(f64);

impl Value for Share {
    fn expected() -> String {
        "a share such as \"20%\"".into()
    }
    fn read(value: &DeValue<'_>) -> Result<Self, Expected> {
        let wrong = |hint: &str| Expected { expected: Self::expected(), hint: Some(hint.to_owned()) };
        let DeValue::String(text) = value else { return Err(wrong("in quotes, with its unit: %")) };
        let number = text.trim().strip_suffix('%').ok_or_else(|| wrong("the unit is %"))?;
        let share = number.trim().parse::<f64>().map_err(|_| wrong("the unit is %"))? / 100.0;
        if share > 0.0 && share < 1.0 { Ok(Self(share)) } else { Err(wrong("more than 0% and less than 100%")) }
    }
}

/// The shortest period: a subset is to last a run at least.
const SHORTEST: Duration = Duration::from_secs(60);

/// `private = { … }` and `ask = "…"`: the items of which only a part is asked. None where something is wrong.
pub(super) fn rotated(section: &Section<'_>, items: Items, treatment: &mut Treatment) -> Option<Items> {
    if !section.has("private") {
        if section.has("ask") {
            let hint = "such as private = { share = \"20%\", key = { env = \"NAME\" }, every = \"30d\" }";
            section.problem("ask", "there is no private subset to choose from", Some(hint.into()));
            return None;
        }
        return Some(items);
    }
    let asked = if section.has("ask") { section.choice("ask", &Asked::ALL) } else { Some(Asked::Private) };
    let table = section.section("private")?;
    let share: Option<Share> = table.need("share");
    let key = table.need::<Secret>("key").and_then(|key| match key.fetch(&table.source().folder) {
        Ok(key) if key.expose_secret().len() < SHORTEST_KEY => {
            let message = format!("the key has fewer than {SHORTEST_KEY} bytes: it could be found by trying");
            table.problem("key", message, Some("such as the output of: openssl rand -hex 32".into()));
            None
        }
        Ok(key) => Some(key),
        Err(message) => {
            table.problem("key", message, None);
            None
        }
    });
    let every: Option<Duration> = table.need("every");
    let every = every.filter(|every| {
        let enough = *every >= SHORTEST;
        if !enough {
            table.problem("every", "expected at least \"1m\"", None);
        }
        enough
    });
    table.finish();
    let Items::Fixed(whole) = &items else {
        section.problem("private", "is for datasets", Some("what a generator makes is fresh".into()));
        return None;
    };
    let (Share(share), key, every, asked) = (share?, key?, every?, asked?);
    let rotation = Arc::new(Rotation { share, key, every });
    let items = Items::Rotated { whole: Arc::clone(whole), rotation, asked };
    let span = jiff::SignedDuration::try_from(every).map_or_else(|_| format!("{every:?}"), |d| format!("{d:#}"));
    let (share, count, all) = (share * 100.0, items.look(0).all, whole.len());
    let which = asked.label();
    treatment.private = Some(format!("{share} % by a key, others every {span}; asked: {which}, {count} of {all} now"));
    Some(items)
}

/// `variants = { … }`: items and forms of each. None where something is wrong.
pub(super) fn varied(
    section: &Section<'_>,
    items: Items,
    template: Option<&Template>,
    accepts: impl Fn(&Item) -> Result<(), String>,
    treatment: &mut Treatment,
) -> Option<Items> {
    if !section.has("variants") {
        return Some(items);
    }
    let table = section.section("variants")?;
    let kinds = kinds(&table);
    let per_item = table.or("per_item", 1_u32).filter(|n| {
        let right = (1..=20).contains(n);
        if !right {
            table.problem("per_item", "expected from 1 to 20", None);
        }
        right
    });
    let seed = table.or("seed", SeedField(Seed::Fresh)).map(|seed| seed.0);
    let named = |name: &str| kinds.iter().flatten().any(|kind| kind.name == name);
    let paraphrases = match (table.has("paraphrases"), named("paraphrase")) {
        (true, true) => forms::read_paraphrases(&table, "paraphrases"),
        (false, false) => Some(forms::Paraphrases::default()),
        (there, _) => needs(&table, there, "paraphrases", "paraphrase"),
    };
    let own = items.generator().cloned();
    let generator = match (table.has("generator"), named("fresh")) {
        (true, true) => generator(&table).map(Some),
        (false, true) if own.is_some() => Some(own),
        (false, false) => Some(None),
        (there, _) => needs(&table, there, "generator", "fresh"),
    };
    table.finish();
    let sources = Sources { paraphrases: paraphrases?, generator: generator? };
    let forms = Forms { kinds: kinds?, per_item: per_item?, seed: seed?, sources };
    let said = template.map(|t| [&t.system, &t.prompt]).into_iter().flatten().flatten();
    if said.into_iter().any(|text| names_letters(text)) && forms.kinds.iter().any(|kind| kind.name == "relabel") {
        let hint = "say \"the letter of the right option\" instead".to_owned();
        table.problem("kinds", "\"relabel\" gives options other letters than the template names", Some(hint));
        return None;
    }
    let forms = Arc::new(forms);
    let items = Items::Varied { base: Box::new(items), forms: Arc::clone(&forms) };
    treatment.forms = Some(judged(&table, &items, &forms, accepts)?);
    Some(items)
}

/// Counts the forms of one draw, by kind; those that can't be graded, and kinds without any, are told.
fn judged(
    table: &Section<'_>,
    items: &Items,
    forms: &Forms,
    accepts: impl Fn(&Item) -> Result<(), String>,
) -> Option<String> {
    let Look { items: looked, .. } = items.look(SAMPLE);
    let refused =
        looked.iter().filter(|item| item.variant.is_some()).find_map(|item| Some((item, accepts(item).err()?)));
    if let Some((item, why)) = refused {
        table.problem("kinds", format!("the scorer can't grade {:?}: {why}", item.id.as_str()), None);
        return None;
    }
    let (mut counts, mut good) = (Vec::new(), true);
    for kind in &forms.kinds {
        let count = looked.iter().filter(|item| item.variant.as_deref() == Some(kind.name)).count();
        if count == 0 {
            let message = format!("no item has a form {:?}: it needs {}", kind.name, kind.needs);
            table.problem("kinds", message, None);
            good = false;
        }
        counts.push(format!("{} {count}", kind.name));
    }
    let seed = match forms.seed {
        Seed::Fresh => "fresh in each run".to_owned(),
        Seed::Fixed(seed) => format!("always those of seed {seed}"),
    };
    let unknown = forms.sources.paraphrases.ids().find(|id| !looked.iter().any(|item| item.id == **id));
    if let Some(id) = unknown {
        table.warn("paraphrases", format!("no item has the id {:?}", id.as_str()), None);
    }
    let base = looked.iter().filter(|item| item.variant.is_none()).count();
    good.then(|| format!("{} of {base} items, {seed}", counts.join(", ")))
}

fn needs<T>(table: &Section<'_>, there: bool, field: &'static str, kind: &str) -> Option<T> {
    if there {
        table.problem(field, format!("is for the kind {kind:?}, which is not among the kinds"), None);
    } else {
        table.missing(field, &format!("the kind {kind:?} needs it"));
    }
    None
}

fn kinds(table: &Section<'_>) -> Option<Vec<forms::Kind>> {
    let words: Vec<Placed<String>> = table.need("kinds")?;
    let names = || forms::KINDS.iter().map(|kind| kind.name);
    let mut kinds: Vec<forms::Kind> = Vec::new();
    for Placed { span, value } in &words {
        match forms::KINDS.iter().find(|kind| kind.name == value) {
            Some(kind) if kinds.iter().any(|other| other.name == kind.name) => {
                table.problem_at_span("kinds", span, format!("{value:?} is there twice"), None);
                return None;
            }
            Some(kind) => kinds.push(*kind),
            None => {
                let hint = suggest(value, names()).map(|near| format!("did you mean {near:?}?"));
                let known = names().collect::<Vec<_>>().join(", ");
                table.problem_at_span("kinds", span, format!("expected some of {known}, found {value:?}"), hint);
                return None;
            }
        }
    }
    if kinds.is_empty() {
        table.problem("kinds", "expected at least one", None);
        return None;
    }
    Some(kinds)
}

fn generator(table: &Section<'_>) -> Option<Arc<dyn Generator>> {
    let section = table.section("generator")?;
    let all: Vec<_> = generator::KINDS.iter().map(|kind| (kind.name, *kind)).collect();
    let made = match section.choice("kind", &all) {
        Some(kind) => (kind.build)(&section),
        None => {
            let _ = section.entries();
            None
        }
    };
    section.finish();
    made
}

/// The provenance of items that something was done to; not the key, which it must not give away, nor which items are private.
pub(super) fn identity(items: &Items, base: &Fingerprint) -> Fingerprint {
    match items {
        Items::Fixed(_) | Items::Drawn { .. } => base.clone(),
        Items::Rotated { whole: _, rotation: of, asked } => {
            let (share, every) = (of.share.to_string(), of.every.as_secs().to_string());
            let parts = [("items", base.as_str()), ("share", &share), ("every", &every), ("ask", asked.label())];
            Fingerprint::of(&parts)
        }
        Items::Varied { base: inner, forms } => {
            let (inner, forms) = (identity(inner, base), forms.fingerprint());
            Fingerprint::of(&[("items", inner.as_str()), ("forms", &forms)])
        }
    }
}

/// The strata that items can be in besides those that were looked at: a private subset of another time has other items.
pub(super) fn other_strata(items: &Items) -> Vec<Tags> {
    match items {
        Items::Fixed(_) | Items::Drawn { .. } => Vec::new(),
        Items::Rotated { whole, asked, .. } => {
            let split = if *asked == Asked::Public { Split::Public } else { Split::Private };
            whole.iter().map(|item| Tags { split, ..item.tags.clone() }).collect()
        }
        Items::Varied { base, .. } => other_strata(base),
    }
}

#[cfg(test)]
mod tests;
