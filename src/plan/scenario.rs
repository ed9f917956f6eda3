//! `[scenario.NAME]`.

use super::{Grade, Scenario, Treatment, average, conversation, items as treat, name_of, programs};
use crate::config::{Expected, Problem, Section, Value};
use crate::domain::{Fingerprint, Item, Name, Tags, Tool, Turn};
use crate::scoring::{self, Scorer};
use crate::workload::dataset::{self, Loaded};
use crate::workload::forms::check_formula;
use crate::workload::generator::{self, Seed};
use crate::workload::subjects::Board;
use crate::workload::template::{self, Shot, Template};
use crate::workload::{Items, dataset::Kind as Format};
use std::collections::BTreeSet;
use std::sync::Arc;
use toml::de::DeValue;

/// The most pairs of domain and capability in one scenario: each is a metric series of its own, times the metrics.
const MAX_LABELS: usize = 200;
/// Bad rows that are listed; the rest is counted.
const LISTED: usize = 20;
/// The key of a scorer's table that names who judges.
const TARGET: &str = "target";
/// Items drawn to see what a generator makes.
pub(super) const SAMPLE: usize = 1000;

pub(super) fn build(section: &Section<'_>) -> Option<Scenario> {
    let name = name_of(section);
    let scorer = scorer(section);
    let judge = judge(section);
    let template = template::read(section);
    let limit: Option<u32> = section.get("limit");
    if limit == Some(0) {
        section.problem("limit", "expected at least 1", None);
    }
    let accepts = |item: &Item| {
        let Some((_, scorer)) = &scorer else { return Ok(()) };
        let turns = (0..item.turns.len()).filter_map(|turn| item.at_turn(turn));
        turns.map(|turn| scorer.accepts(&turn)).chain([scorer.accepts(item)]).collect()
    };
    let talk = conversation::read(section);
    let _ = section.has("average");
    let made = match (section.has("dataset"), section.has("generator")) {
        (true, false) => fixed(section, limit, accepts),
        (false, true) => drawn(section, accepts),
        (true, true) => {
            section.problem("generator", "expected dataset or generator, found both", None);
            None
        }
        (false, false) => {
            let what = "expected dataset = { format = \"jsonl\", path = \"…\" } or generator = { kind = \"…\" }";
            section.missing("dataset", what);
            None
        }
    };
    let (made, template) = match (made, template) {
        (Some(mut made), Some(choice)) => {
            let template = choice.with(section, std::mem::take(&mut made.shots));
            (treated(section, made, template.as_ref(), accepts), template)
        }
        (Some(made), None) => (treated(section, made, None, accepts), None),
        (None, _) => (None, None),
    };
    section.finish();
    let (Made { items, origin, sample, bad_rows, asked, identity, treatment, board, .. }, template) =
        (made?, template?);
    let (grade, think, repeats) = talk?;
    for key in ["grade", "think_time"] {
        if section.has(key) && sample.iter().all(|item| item.turns.is_empty()) {
            section.warn(key, "no item is a conversation", Some("give rows `turns`".into()));
        }
    }
    options_are_shown(section, &template, &sample);
    if !template::check(section, &template, &sample) {
        return None;
    }
    let strata = strata(section, &items, &sample)?;
    let average = average::read(section, board, &strata);
    let (scorer_kind, scorer) = scorer?;
    let sandbox = programs::sandbox(section, &*scorer)?;
    let (template_is, scorer_is) = (template.fingerprint(), scorer.fingerprint());
    let mut parts = vec![("items", identity.as_str()), ("template", &template_is), ("scorer", &scorer_is)];
    parts.extend((grade != Grade::Last).then_some(("grade", grade.label())));
    let fingerprint = Fingerprint::of(&parts);
    let asked = Fingerprint::of(&[("items", asked.as_str()), ("template", &template_is)]);
    let name = name?;
    Some(Scenario {
        name,
        items,
        origin,
        template,
        average: average?,
        scorer,
        scorer_kind,
        judge: judge?,
        sandbox,
        grade,
        think,
        repeats,
        strata,
        bad_rows,
        asked,
        treatment,
        fingerprint,
    })
}

/// The items after what the section says is to happen to them before they are asked.
fn treated(
    section: &Section<'_>,
    made: Made,
    template: Option<&Template>,
    accepts: impl Fn(&Item) -> Result<(), String>,
) -> Option<Made> {
    let Made { items, mut treatment, identity, asked, .. } = made;
    let items = treat::rotated(section, items, &mut treatment);
    let items = treat::varied(section, items?, template, accepts, &mut treatment)?;
    let sample = items.look(SAMPLE).items.into();
    let (identity, asked) = (treat::identity(&items, &identity), treat::identity(&items, &asked));
    Some(Made { identity, asked, sample, items, treatment, ..made })
}

/// Items as they were loaded or will be drawn.
struct Made {
    items: Items,
    origin: String,
    /// The items themselves, or the first of one draw.
    sample: Arc<[Arc<Item>]>,
    bad_rows: Vec<String>,
    /// Of what is asked, without right answers.
    asked: Fingerprint,
    identity: Fingerprint,
    treatment: Treatment,
    shots: Vec<Shot>,
    board: Option<&'static Board>,
}

fn fixed(section: &Section<'_>, limit: Option<u32>, accepts: impl Fn(&Item) -> Result<(), String>) -> Option<Made> {
    let table = section.section("dataset")?;
    let kinds: Vec<(&str, Format)> = dataset::KINDS.iter().map(|k| (k.name, *k)).collect();
    let kind = table.choice("format", &kinds);
    let skip = table.or("skip_bad_rows", false);
    let path: Option<String> = table.get("path");
    let loaded = match &kind {
        Some(kind) => (kind.read)(&table),
        None => {
            let _ = table.entries();
            None
        }
    };
    table.finish();
    let Loaded { items, mut bad, file, lines, files, warnings, shots, board } = loaded?;
    for warning in warnings {
        table.warn_elsewhere(warning);
    }
    let bare = |item: &Item| item.answers.is_empty() && item.spec.is_none();
    if !items.is_empty() && items.iter().all(bare) && accepts_nothing(items.first(), &accepts) {
        let hint = "scorer = \"none\" measures time and cost, and grades nothing".to_owned();
        section.problem("scorer", format!("{file} has no right answers to grade by"), Some(hint));
        return None;
    }
    let mut good = Vec::with_capacity(items.len());
    let mut files_of = Vec::new();
    for (at, (item, line)) in items.into_iter().map(Item::measured).zip(lines).enumerate() {
        match accepts(&item).and_then(|()| check_formula(&item)) {
            Ok(()) => {
                good.push((item, line));
                files_of.extend(files.get(at).cloned());
            }
            Err(message) => bad.push(Problem {
                file: files.get(at).map_or_else(|| file.clone(), ToString::to_string),
                line,
                column: 1,
                field: String::new(),
                message: format!("item {:?} can't be graded: {message}", item.id.as_str()),
                hint: None,
            }),
        }
    }
    bad.sort();
    if !skip? {
        report(&table, &bad);
    }
    let (mut good, duplicates) = treat::deduplicated(section, good, &file, &files_of);
    if let Some(limit) = limit.filter(|n| *n > 0) {
        good.truncate(limit as usize);
    }
    if good.is_empty() {
        if bad.is_empty() {
            table.problem("path", format!("{file} has no items"), None);
        } else if skip? {
            table.problem("path", format!("{file} has no good row"), bad.first().map(ToString::to_string));
        }
        return None;
    }
    let good: Arc<[Arc<Item>]> = good.into_iter().map(|(item, _)| Arc::new(item)).collect();
    Some(Made {
        asked: asked(&good),
        identity: identity(&good),
        origin: format!("{} {}", kind?.name, path?),
        bad_rows: bad.iter().map(ToString::to_string).collect(),
        sample: good.clone(),
        items: Items::Fixed(good),
        treatment: Treatment { duplicates, ..Treatment::default() },
        shots,
        board,
    })
}

/// Whether the scorer can do nothing with items such as this one.
fn accepts_nothing(item: Option<&Item>, accepts: impl Fn(&Item) -> Result<(), String>) -> bool {
    item.is_some_and(|item| accepts(item).is_err())
}

/// Lists the first bad rows and counts the others.
fn report(table: &Section<'_>, bad: &[Problem]) {
    for problem in bad.iter().take(LISTED) {
        table.problem_elsewhere(problem.clone());
    }
    if let Some(last) = bad.get(LISTED) {
        table.problem_elsewhere(Problem {
            field: String::new(),
            column: 1,
            message: format!("and {} more bad rows from here on", bad.len() - LISTED),
            hint: Some("skip_bad_rows = true leaves them out, counted and listed in the plan".into()),
            ..last.clone()
        });
    }
}

/// `seed = "fresh"` or a number.
pub(super) struct SeedField(pub(super) Seed);

impl Value for SeedField {
    fn expected() -> String {
        "\"fresh\" or a whole number from 0".into()
    }
    fn read(value: &DeValue<'_>) -> Result<Self, Expected> {
        match value {
            DeValue::String(s) if s == "fresh" => Ok(Self(Seed::Fresh)),
            _ => u64::read(value)
                .map(|n| Self(Seed::Fixed(n)))
                .map_err(|_| Expected { expected: Self::expected(), hint: None }),
        }
    }
}

fn drawn(section: &Section<'_>, accepts: impl Fn(&Item) -> Result<(), String>) -> Option<Made> {
    let table = section.section("generator")?;
    let kinds: Vec<_> = generator::KINDS.iter().map(|k| (k.name, *k)).collect();
    let kind = table.choice("kind", &kinds);
    let seed = table.or("seed", SeedField(Seed::Fresh)).map(|s| s.0);
    let count: Option<u32> = table.need("count");
    if count.is_some_and(|n| n == 0 || n > 1_000_000) {
        table.problem("count", "expected from 1 to 1000000", None);
    }
    let generator = match &kind {
        Some(kind) => (kind.build)(&table),
        None => {
            let _ = table.entries();
            None
        }
    };
    table.finish();
    if section.has("limit") {
        section.problem("limit", "is for datasets", Some("a generator draws `count` items".into()));
    }
    for key in ["duplicates", "near_duplicates"] {
        if section.has(key) {
            section.problem(key, "is for datasets", Some("a generator draws distinct items".into()));
        }
    }
    let (kind, seed, count, generator) = (kind?, seed?, count? as usize, generator?);
    let (number, label) = match seed {
        Seed::Fresh => (0, "fresh".to_owned()),
        Seed::Fixed(n) => (n, n.to_string()),
    };
    let sample = generator.draw(number, count.min(SAMPLE)).into_iter().map(|item| Arc::new(item.measured()));
    let sample: Arc<[Arc<Item>]> = sample.collect();
    if sample.is_empty() {
        table.problem_here("the generator gives no items", None);
        return None;
    }
    if let Some(why) = sample.iter().find_map(|item| accepts(item).err()) {
        section.problem("scorer", format!("can't grade what the generator makes: {why}"), None);
        return None;
    }
    let (settings, counted) = (generator.fingerprint(), count.to_string());
    let identity = Fingerprint::of(&[("generator", &settings), ("seed", &label), ("count", &counted)]);
    let origin = format!("generator {}, seed {label}", kind.name);
    let asked = identity.clone();
    Some(Made {
        items: Items::Drawn { generator, seed, count },
        origin,
        sample,
        bad_rows: Vec::new(),
        asked,
        identity,
        treatment: Treatment::default(),
        shots: Vec::new(),
        board: None,
    })
}

fn scorer(section: &Section<'_>) -> Option<(&'static str, Arc<dyn Scorer>)> {
    let kinds: Vec<_> = scoring::KINDS.iter().map(|k| (k.name, *k)).collect();
    if !section.is_table("scorer") {
        let kind = section.choice("scorer", &kinds)?;
        let Some(scorer) = (kind.build)(None) else {
            let hint = format!("write it as a table: scorer = {{ kind = \"{}\", … }}", kind.name);
            section.problem("scorer", format!("{} needs settings", kind.name), Some(hint));
            return None;
        };
        return Some((kind.name, scorer));
    }
    let table = section.section("scorer")?;
    let Some(kind) = table.choice("kind", &kinds) else {
        let _ = table.entries();
        return None;
    };
    let built = (kind.build)(Some(&table));
    table.finish();
    Some((kind.name, built?))
}

/// The target that a scorer lets judge; the scorer itself says whether it needs one.
fn judge(section: &Section<'_>) -> Option<Option<Name>> {
    let table = if section.is_table("scorer") { section.section("scorer") } else { None };
    let Some(table) = table.filter(|table| table.has(TARGET)) else { return Some(None) };
    let name: String = table.get(TARGET)?;
    Name::new(&name).map(Some).map_err(|error| table.problem(TARGET, error.to_string(), None)).ok()
}

/// A template that leaves the options out makes a choice question unanswerable, unless the prompt has them already.
fn options_are_shown(section: &Section<'_>, template: &Template, sample: &[Arc<Item>]) {
    let Some(frame) = &template.prompt else { return };
    let with = sample.iter().filter(|item| !item.options.is_empty()).count();
    if with > 0 && !frame.contains("{options}") {
        let message = format!("{with} items have options, and the template does not show them");
        section.warn("prompt", message, Some("put {options} where they belong".into()));
    }
}

/// Every combination of tags the items can have.
fn strata(section: &Section<'_>, items: &Items, sample: &[Arc<Item>]) -> Option<Vec<Tags>> {
    let mut all: BTreeSet<Tags> = sample.iter().map(|item| item.tags.clone()).collect();
    all.extend(treat::other_strata(items));
    if let (Some(generator), Some(first)) = (items.generator(), sample.first()) {
        for domain in generator.domains() {
            if !all.iter().any(|tags| tags.domain == domain) {
                all.insert(Tags { domain, ..first.tags.clone() });
            }
        }
    }
    let labels: BTreeSet<_> = all.iter().map(|tags| (&tags.domain, &tags.capability)).collect();
    if labels.len() > MAX_LABELS {
        let message = format!("{} pairs of domain and capability, at most {MAX_LABELS} are possible", labels.len());
        let hint = "each becomes a metric label: put what tells items apart into `id`".to_owned();
        section.problem("dataset", message, Some(hint));
        return None;
    }
    Some(all.into_iter().collect())
}

/// A hash over what a model sees of the items.
fn asked(items: &[Arc<Item>]) -> Fingerprint {
    let mut parts = Vec::new();
    for item in items {
        parts.push(("id", item.id.as_str()));
        parts.extend(item.messages.iter().map(|m| (m.role.label(), m.content.as_str())));
        parts.extend(item.options.iter().map(|o| ("option", o.as_str())));
        parts.extend(item.turns.iter().map(|turn| ("turn", turn.user.as_str())));
        parts.extend(item.turns.iter().flat_map(|turn| turn.options.iter().map(|o| ("option", o.as_str()))));
        parts.extend(item.tools.iter().map(|tool| ("tool", tool.parameters.as_str())));
    }
    Fingerprint::of(&parts)
}

/// A hash over everything in the items that can change a figure.
fn identity(items: &[Arc<Item>]) -> Fingerprint {
    let (mut parts, mut rest) = (Vec::new(), Vec::new());
    for Item { id, cluster, messages, answers, options, turns, tags, traced, variant, spec, tools, haystack } in
        items.iter().map(|item| &**item)
    {
        let Tags { domain, capability, language, split, length, hard } = tags;
        parts.extend([("id", id.as_str()), ("cluster", cluster.as_str())]);
        parts.extend(messages.iter().map(|m| (m.role.label(), m.content.as_str())));
        parts.extend(answers.iter().map(|a| ("answer", a.as_str())));
        parts.extend(options.iter().map(|o| ("option", o.as_str())));
        for Turn { user, answers, options } in turns {
            parts.push(("turn", user.as_str()));
            parts.extend(answers.iter().map(|a| ("answer", a.as_str())));
            parts.extend(options.iter().map(|o| ("option", o.as_str())));
        }
        parts.extend([("domain", &**domain), ("capability", &**capability), ("language", &**language)]);
        parts.push(("split", split.label()));
        parts.extend([("length", length.label()), ("hard", if *hard { "yes" } else { "no" })]);
        parts.extend(variant.as_deref().map(|variant| ("variant", variant)));
        for Tool { name, description, parameters } in &**tools {
            parts.extend([("tool", name.as_str()), ("description", description), ("parameters", parameters)]);
        }
        let traced = traced.as_ref().map(|traced| format!("{traced:?}"));
        let spec = spec.as_ref().and_then(|spec| serde_json::to_string(&**spec).ok());
        let haystack = haystack.as_ref().map(|haystack| format!("{haystack:?}"));
        rest.push([traced, spec, haystack].map(Option::unwrap_or_default));
    }
    let rest = rest.iter().flatten().filter(|text| !text.is_empty());
    parts.extend(rest.map(|text| ("more", text.as_str())));
    Fingerprint::of(&parts)
}
