//! `[[run]]`.

use super::{Adaptive, Named, RunPlan, Scenario, Target, adaptive, estimate, matches, service, tools};
use crate::config::{Placed, Section, suggest};
use crate::domain::{Fingerprint, Money, Name, Prompt};
use crate::pricing::Price;
use crate::workload::Workload;
use crate::workload::arrival::Pattern;
use crate::workload::template::Form;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

/// What runs may name.
pub(super) struct Known<'a> {
    pub(super) per_day: Option<Money>,
    pub(super) targets: &'a [Named<Target>],
    pub(super) scenarios: &'a [Named<Scenario>],
    pub(super) workloads: &'a [Named<Workload>],
    pub(super) calibrate: bool,
}

pub(super) fn all(root: &Section<'_>, known: &Known<'_>) -> Option<Vec<Arc<RunPlan>>> {
    let sections = root.list("run");
    if sections.is_empty() && !root.has("run") {
        root.missing("run", "expected at least one [[run]] with targets, scenarios and a workload");
    }
    let mut used = Used::default();
    let mut names = BTreeMap::new();
    let mut built = Vec::new();
    for section in &sections {
        let run = build(section, known, &mut used);
        if let Some(run) = &run
            && let Some(first) = names.insert(run.name.clone(), section.line())
        {
            section.problem("name", format!("{:?} is used twice: first in line {first}", run.name.as_str()), None);
        }
        built.push(run);
    }
    if !sections.is_empty() {
        unused(root, known, &used);
    }
    built.into_iter().map(|run| run.map(Arc::new)).collect()
}

/// Names that some run asks for.
#[derive(Default)]
struct Used {
    targets: Vec<String>,
    scenarios: Vec<String>,
    workloads: Vec<String>,
}

fn build(section: &Section<'_>, known: &Known<'_>, used: &mut Used) -> Option<RunPlan> {
    let name = match section.get::<String>("name") {
        Some(text) => Name::new(&text).map_err(|e| section.problem("name", e.to_string(), None)).ok(),
        None => Name::new(&format!("run-{}", section.name())).ok(),
    };
    let targets = chosen(section, "targets", known.targets, &mut used.targets);
    let scenarios = chosen(section, "scenarios", known.scenarios, &mut used.scenarios);
    let workload = workload(section, known.workloads, &mut used.workloads);
    let every: Option<Duration> = section.get("every");
    if every.is_some_and(|d| d < Duration::from_secs(1)) {
        section.problem("every", "expected at least \"1s\"", None);
    }
    let budget = section.usd("budget").and_then(|usd| service::money(section, "budget", usd));
    let parallel = section.or("parallel", false);
    let retry_unknown = section.or("retry_unknown", false);
    let require_price = section.or("require_price", false).unwrap_or(false);
    let probe = probe(section);
    let adaptive = adaptive::read(section, targets.as_deref(), scenarios.as_deref(), workload.as_deref());
    section.finish();
    let (name, targets, scenarios, workload) = (name?, targets?, scenarios?, workload?);
    warn_of_repeats(section, &targets, &scenarios);
    // Whichever is the tightest.
    let limit = budget.into_iter().chain(known.per_day).chain(workload.stop.budget).min();
    if let Some(limit) = limit {
        warn_of_budget(section, limit, &targets, &scenarios);
    }
    if matches!(workload.arrival.pattern, Pattern::Sweep(_)) {
        warn_of_sweep(section, limit, &targets);
    }
    warn_of_forms(section, &targets, &scenarios);
    warn_of_cut_answers(section, &targets, &scenarios);
    let timed = instants_are_known(section, &workload, &scenarios);
    if !tools::can_be_offered(section, &targets, &scenarios) || !timed {
        return None;
    }
    let judges = judges(known, &scenarios, &mut used.targets)?;
    let adaptive = adaptive?;
    if require_price && !are_priced(section, targets.iter().chain(judges.values())) {
        return None;
    }
    for target in &targets {
        let own = |(scenario, judge): &(&Name, &Arc<Target>)| (judge.name == target.name).then(|| scenario.to_string());
        if let Some(scenario) = judges.iter().find_map(|pair| own(&pair)) {
            let message = format!("{} judges its own answers in {scenario}", target.name);
            section.warn("targets", message, Some("leave it out of `targets`, or let another model judge".into()));
        }
    }
    Some(RunPlan {
        fingerprint: fingerprint(&targets, &scenarios, &judges, &workload, adaptive.as_ref()),
        adaptive,
        judges,
        name,
        targets,
        scenarios,
        workload: Workload::clone(&workload),
        every,
        budget,
        parallel: parallel?,
        retry_unknown: retry_unknown?,
        probe,
        calibrate: known.calibrate,
    })
}

/// Tells of targets whose answers would have no price now, for runs that are not to begin then.
fn are_priced<'a>(section: &Section<'_>, asked: impl Iterator<Item = &'a Arc<Target>>) -> bool {
    let now = jiff::Timestamp::now().as_millisecond();
    let unpriced = |target: &&Arc<Target>| !target.price.is_known(now, target.tier.as_deref());
    let names: BTreeSet<&str> = asked.filter(unpriced).map(|target| target.name.as_str()).collect();
    for name in &names {
        let hint = "say what it costs in its `price`, or leave it out of the run";
        section.problem("require_price", format!("target {name} has no price"), Some(hint.into()));
    }
    names.is_empty()
}

/// Who judges these scenarios. That each judge is there was looked at before.
fn judges(
    known: &Known<'_>,
    scenarios: &[Arc<Scenario>],
    used: &mut Vec<String>,
) -> Option<BTreeMap<Name, Arc<Target>>> {
    let mut judges = BTreeMap::new();
    for (scenario, judge) in scenarios.iter().filter_map(|s| Some((s, s.judge.as_ref()?))) {
        let target = known.targets.iter().find(|target| target.name == judge.as_str())?;
        used.push(target.name.clone());
        judges.insert(scenario.name.clone(), Arc::clone(target.built.as_ref()?));
    }
    Some(judges)
}

/// `probe = { every = "5s" }`.
fn probe(section: &Section<'_>) -> Option<Duration> {
    let inner = section.section("probe")?;
    let every: Option<Duration> = inner.need("every");
    if every.is_some_and(|every| every < Duration::from_millis(100)) {
        inner.problem("every", "expected at least \"100ms\": probes are not to be a load", None);
    }
    inner.finish();
    every
}

/// Everything that a list of patterns matches, once, in the order of the file.
fn chosen<T>(
    section: &Section<'_>,
    key: &'static str,
    known: &[Named<T>],
    used: &mut Vec<String>,
) -> Option<Vec<Arc<T>>> {
    let patterns: Vec<Placed<String>> = section.need(key)?;
    if patterns.is_empty() {
        section.problem(key, "expected at least one name or pattern", Some("\"*\" is all of them".into()));
        return None;
    }
    let mut good = true;
    for Placed { span, value } in &patterns {
        if !known.iter().any(|k| matches(value, &k.name)) {
            let names = known.iter().map(|k| k.name.as_str());
            let one = key.trim_end_matches('s');
            let hint = no_such(value, names, one);
            section.problem_at_span(key, span, format!("{value:?} matches no {one}"), Some(hint));
            good = false;
        }
    }
    let picked = known.iter().filter(|k| patterns.iter().any(|p| matches(&p.value, &k.name)));
    let picked: Vec<&Named<T>> = picked.collect();
    used.extend(picked.iter().map(|k| k.name.clone()));
    let built: Option<Vec<Arc<T>>> = picked.into_iter().map(|k| k.built.clone()).collect();
    built.filter(|_| good)
}

fn no_such<'a>(word: &str, names: impl Iterator<Item = &'a str> + Clone, what: &str) -> String {
    match suggest(word, names.clone()) {
        Some(near) => format!("did you mean \"{near}\"?"),
        None => {
            let names: Vec<&str> = names.take(10).collect();
            match names.is_empty() {
                true => format!("there is no [{what}.NAME]"),
                false => format!("known: {}", names.join(", ")),
            }
        }
    }
}

fn workload(section: &Section<'_>, known: &[Named<Workload>], used: &mut Vec<String>) -> Option<Arc<Workload>> {
    let name: String = section.need("workload")?;
    match known.iter().find(|k| k.name == name) {
        Some(found) => {
            used.push(name);
            found.built.clone()
        }
        None => {
            let hint = no_such(&name, known.iter().map(|k| k.name.as_str()), "workload");
            section.problem("workload", format!("there is no workload {name:?}"), Some(hint));
            None
        }
    }
}

fn warn_of_budget(section: &Section<'_>, limit: Money, targets: &[Arc<Target>], scenarios: &[Arc<Scenario>]) {
    for target in targets {
        if target.price == Price::Unpriced {
            let message = format!("target {} has no price: no budget can bound what it costs", target.name);
            section.warn("budget", message, Some("give it a `price`".into()));
        }
        let worst = scenarios.iter().map(|s| estimate::one_exchange(target, s)).max().unwrap_or_default();
        if worst > limit {
            let message = format!(
                "one exchange with target {} may cost {worst}, more than the budget of {limit}: it can't be sent",
                target.name
            );
            section.warn("budget", message, Some("raise the budget, or lower sampling.max_tokens".into()));
        }
    }
}

/// At temperature 0 a model says the same again: repeats then cost money and tell little.
fn warn_of_repeats(section: &Section<'_>, targets: &[Arc<Target>], scenarios: &[Arc<Scenario>]) {
    for scenario in scenarios.iter().filter(|s| s.repeats > 1) {
        for target in targets.iter().filter(|t| t.sampling.temperature == Some(0.0)) {
            let message = format!(
                "scenario {} asks every item {} times, and target {} answers at temperature 0: mostly the same again",
                scenario.name, scenario.repeats, target.name
            );
            section.warn("scenarios", message, Some("raise sampling.temperature, or leave repeats out".into()));
        }
    }
}

/// A sweep asks as much as its rates bring in their time: what that costs has no bound but a budget.
fn warn_of_sweep(section: &Section<'_>, limit: Option<Money>, targets: &[Arc<Target>]) {
    let priced = targets.iter().find(|target| target.price.by_token().is_some());
    if let (Some(target), None) = (priced, limit) {
        let message =
            format!("a sweep asks target {} as often as its rates take, and no budget bounds it", target.name);
        section.warn("budget", message, Some("give the run a budget".into()));
    }
    for target in targets.iter().filter(|target| target.slo.is_none()) {
        let message =
            format!("target {} has no SLO: the sweep finds where it saturates, and nothing else", target.name);
        section.warn("targets", message, Some("give it an `slo`".into()));
    }
}

/// One text that a base model goes on with, or a chat: what a scenario makes must be what the target takes.
fn warn_of_forms(section: &Section<'_>, targets: &[Arc<Target>], scenarios: &[Arc<Scenario>]) {
    for (scenario, target) in scenarios.iter().flat_map(|s| targets.iter().map(move |t| (s, t))) {
        let (s, t, completes) = (&scenario.name, &target.name, target.api == "openai-completions");
        let (message, hint) = match (scenario.template.form(), completes) {
            (Form::Completion, false) => (
                format!("scenario {s} is one text to go on with, and target {t} is asked in a chat"),
                "a base suite is asked by api = \"openai-completions\"",
            ),
            (Form::Completion, true) if target.sampling.stop.is_empty() => (
                format!("target {t} has no stop: what it goes on with after its answer to {s} is graded with it"),
                "sampling.stop = [\"\\n\\n\"]",
            ),
            (Form::Chat, true) if scenario.template.jinja.is_some() => (
                format!("scenario {s} is a chat, and target {t} takes one text: messages are joined by empty lines"),
                "template = \"base\", or one of your own with form = \"completion\"",
            ),
            _ => continue,
        };
        section.warn("targets", message, Some(hint.to_owned()));
    }
}

/// A recorded answer that is longer than the target may write comes back cut.
fn warn_of_cut_answers(section: &Section<'_>, targets: &[Arc<Target>], scenarios: &[Arc<Scenario>]) {
    for scenario in scenarios {
        let Some(items) = scenario.items.fixed() else { continue };
        let lengths = items.iter().filter_map(|item| item.traced.as_ref()?.output_tokens);
        for target in targets {
            let Some(most) = target.sampling.max_tokens else { continue };
            let longer = lengths.clone().filter(|n| *n > most).count();
            if longer > 0 {
                let message = format!(
                    "scenario {}: {longer} recorded answers are longer than target {}'s max_tokens of {most}, and are \
                     cut there",
                    scenario.name, target.name
                );
                section.warn("scenarios", message, Some("raise sampling.max_tokens".into()));
            }
        }
    }
}

/// Arrivals that go by the items' own instants need items that have them.
fn instants_are_known(section: &Section<'_>, workload: &Workload, scenarios: &[Arc<Scenario>]) -> bool {
    let mut good = true;
    for scenario in scenarios.iter().filter(|_| workload.arrival.goes_by_items()) {
        let known = scenario.items.fixed().is_some_and(|items| items.iter().all(|item| item.traced.is_some()));
        if !known {
            let message =
                format!("its items' instants are to be kept, and those of scenario {} have none", scenario.name);
            let hint = "take a dataset of a trace's format, or give the arrival the `path` of a trace".to_owned();
            section.problem("workload", message, Some(hint));
            good = false;
        }
    }
    good
}

fn unused(root: &Section<'_>, known: &Known<'_>, used: &Used) {
    fn of<T>(root: &Section<'_>, key: &'static str, known: &[Named<T>], used: &[String]) {
        for section in root.named(key).iter().filter(|s| !used.iter().any(|u| u == s.name())) {
            if known.iter().any(|k| k.name == section.name()) {
                section.warn_here(format!("no run uses this {key}"), None);
            }
        }
    }
    of(root, "target", known.targets, &used.targets);
    of(root, "scenario", known.scenarios, &used.scenarios);
    of(root, "workload", known.workloads, &used.workloads);
}

/// Everything that makes two executions the same plan: what is asked of whom, how answers are drawn and graded, at what
/// price, in which order of arrival, by which version. Not: limits, retries, budgets, schedules, keys.
fn fingerprint(
    targets: &[Arc<Target>],
    scenarios: &[Arc<Scenario>],
    judges: &BTreeMap<Name, Arc<Target>>,
    workload: &Workload,
    adaptive: Option<&Adaptive>,
) -> Fingerprint {
    let mut parts: Vec<(&str, String)> = vec![("version", env!("CARGO_PKG_VERSION").to_owned())];
    for target in targets.iter().chain(judges.values()) {
        let sampling = &target.sampling;
        // Whatever a protocol takes into its path, such as a deployment and a version.
        let path = target.provider.request(&Prompt::of([])).path;
        parts.extend([
            ("target", target.name.to_string()),
            ("api", target.api.to_owned()),
            ("url", target.url.clone()),
            ("model", target.model.clone()),
            ("max_tokens", format!("{:?}", sampling.max_tokens)),
            ("temperature", format!("{:?}", sampling.temperature)),
            ("top_p", format!("{:?}", sampling.top_p)),
            ("seed", format!("{:?}", sampling.seed)),
            ("body", target.body.clone()),
            ("path", path),
            ("prompt cache", target.prompt_cache.label().to_owned()),
            ("price", target.price.fingerprint()),
        ]);
        parts.extend(sampling.stop.iter().map(|text| ("stop", text.clone())));
    }
    for scenario in scenarios {
        parts.push(("scenario", scenario.name.to_string()));
        parts.push(("items", scenario.fingerprint.to_string()));
        parts.extend((scenario.repeats > 1).then(|| ("repeats", scenario.repeats.to_string())));
        parts.extend(scenario.think.map(|think| ("think time", think.label())));
    }
    parts.extend(workload.parts());
    parts.extend(adaptive.into_iter().flat_map(Adaptive::parts));
    let parts: Vec<(&str, &str)> = parts.iter().map(|(name, value)| (*name, value.as_str())).collect();
    Fingerprint::of(&parts)
}
impl RunPlan {
    /// The run with only the targets and scenarios whose names match one of the patterns; no pattern matches all. None
    /// when nothing is left. A narrowed run is another plan: it does not resume the whole one.
    #[must_use]
    pub fn narrowed(&self, targets: &[String], scenarios: &[String]) -> Option<Self> {
        let keep = |patterns: &[String], name: &Name| {
            patterns.is_empty() || patterns.iter().any(|p| matches(p, name.as_str()))
        };
        let kept_targets: Vec<_> = self.targets.iter().filter(|t| keep(targets, &t.name)).cloned().collect();
        let kept_scenarios: Vec<_> = self.scenarios.iter().filter(|s| keep(scenarios, &s.name)).cloned().collect();
        let mut kept_judges = self.judges.clone();
        kept_judges.retain(|scenario, _| kept_scenarios.iter().any(|kept| kept.name == *scenario));
        if kept_targets.is_empty() || kept_scenarios.is_empty() {
            return None;
        }
        let whole = kept_targets.len() == self.targets.len() && kept_scenarios.len() == self.scenarios.len();
        let fingerprint = if whole {
            self.fingerprint.clone()
        } else {
            let targets: Vec<&str> = kept_targets.iter().map(|t| t.name.as_str()).collect();
            let scenarios: Vec<&str> = kept_scenarios.iter().map(|s| s.name.as_str()).collect();
            let (targets, scenarios) = (targets.join(" "), scenarios.join(" "));
            Fingerprint::of(&[("whole", self.fingerprint.as_str()), ("targets", &targets), ("scenarios", &scenarios)])
        };
        Some(Self {
            name: self.name.clone(),
            judges: kept_judges,
            targets: kept_targets,
            scenarios: kept_scenarios,
            workload: self.workload.clone(),
            adaptive: self.adaptive.clone(),
            every: self.every,
            budget: self.budget,
            parallel: self.parallel,
            retry_unknown: self.retry_unknown,
            probe: self.probe,
            calibrate: self.calibrate,
            fingerprint,
        })
    }
}
