//! `assayd gate`: conditions on the newest figures, and on how they differ from a baseline, for pipelines.

use super::Threshold;
use super::saved::{Saved, read};
use crate::board::{Board, By};
use crate::cli::compare::{Asked, asked, name, since};
use crate::cli::service::block_on;
use crate::cli::{Exit, complain, put, say};
use crate::domain::Name;
use crate::engine::unix_ms;
use crate::export::gate::{FORMATS, Format, GateReport, Line};
use crate::store::{self, Access};
use crate::verdict::gate::{Against, Condition, Figures, Gated, Ruling};
use crate::verdict::{Comparison, Part, Scope, earlier, gather};
use anyhow::Context as _;
use clap::{Args, ValueEnum};
use std::path::{Path, PathBuf};
use std::str::FromStr;

/// Fail a pipeline where the newest figures are shown to be too bad, or worse than a baseline's: exit code 5
///
/// A condition passes or fails where its whole 95 % interval does, and is undecided in between. Asks nothing, writes nothing.
#[derive(Args)]
pub(in crate::cli) struct Gate {
    /// The configuration (TOML): its store, its targets
    #[arg(short, long, value_name = "FILE", required_unless_present = "store")]
    config: Option<PathBuf>,
    /// A store instead of a configuration's, such as sqlite:///var/lib/assayd/assayd.db
    #[arg(long, value_name = "URL", conflicts_with = "config")]
    store: Option<String>,
    /// What changes are held against: a target of the store, or a file that `assayd compare --format json` wrote
    #[arg(long, value_name = "TARGET|FILE", conflicts_with = "before")]
    baseline: Option<String>,
    /// Hold each target against itself in runs that began before: a day, an instant, or so long ago (7d, 36h)
    #[arg(long, value_name = "WHEN", value_parser = since)]
    before: Option<i64>,
    /// All runs that began since, in place of the newest of every name
    #[arg(long, value_name = "WHEN", value_parser = since)]
    since: Option<i64>,
    /// Only these targets; may be repeated
    #[arg(long, value_name = "NAME", value_parser = name)]
    target: Vec<Name>,
    /// Only these scenarios; may be repeated
    #[arg(long, value_name = "NAME", value_parser = name)]
    scenario: Vec<Name>,
    /// Only runs of these names; may be repeated
    #[arg(long, value_name = "NAME")]
    run: Vec<String>,
    /// When to fail: accuracy<-2pt, cost_per_correct>+10%, ttft_p99>+50ms (changes have a sign), accuracy<90%, ttft_p99>500ms; or
    /// any threshold of `assayd run --fail-if`; may be repeated
    #[arg(long, value_name = "CONDITION", required = true)]
    fail_if: Vec<Rule>,
    /// What every condition is held against: everything together, each scenario, or each domain
    #[arg(long, value_name = "PART", default_value = "all")]
    by: Parts,
    /// What becomes of a condition whose interval holds its limit
    #[arg(long, value_name = "RULING", default_value = "pass")]
    undecided: Policy,
    /// table, json or junit
    #[arg(long, default_value = "table", value_parser = format)]
    format: Format,
    /// Write JUnit's XML to this file besides
    #[arg(long, value_name = "FILE")]
    junit: Option<PathBuf>,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Parts {
    All,
    Scenario,
    Domain,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Policy {
    Pass,
    Fail,
}

/// A condition with statistics, or a threshold on what only a run's own figures have.
#[derive(Clone, Debug)]
enum Rule {
    Shown(Condition),
    Run(Threshold),
}

impl FromStr for Rule {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let word = text.split(['<', '>']).next().unwrap_or_default().trim();
        if Gated::ALL.iter().any(|on| on.label() == word) {
            return text.parse().map(Self::Shown);
        }
        text.parse().map(Self::Run)
    }
}

fn format(word: &str) -> Result<Format, String> {
    let names: Vec<&str> = FORMATS.iter().map(|f| f.name).collect();
    FORMATS.iter().find(|f| f.name == word).copied().ok_or_else(|| format!("expected one of {}", names.join(", ")))
}

/// What figures are held against.
enum Baseline {
    Nothing,
    Target(Name),
    Earlier,
    File(Saved),
}

impl Baseline {
    fn words(&self, given: Option<&str>) -> String {
        match self {
            Self::Nothing => String::new(),
            Self::Target(name) => name.to_string(),
            Self::Earlier => "the same targets before".to_owned(),
            Self::File(saved) => format!("{} of {}", given.unwrap_or_default(), saved.made),
        }
    }
}

impl Gate {
    pub(in crate::cli) fn run(self) -> anyhow::Result<Exit> {
        let changes = self.fail_if.iter().find_map(|rule| match rule {
            Rule::Shown(condition) if condition.against != Against::Nothing => Some(condition),
            _ => None,
        });
        if let Some(condition) = changes.filter(|_| self.baseline.is_none() && self.before.is_none()) {
            complain(&format!(
                "--fail-if {condition} is on a change; hint: give --baseline TARGET, --baseline FILE or --before WHEN"
            ));
            return Ok(Exit::BadConfig);
        }
        let named = self.baseline.as_deref().filter(|given| !is_file(given)).map(Name::new).transpose();
        let named = match named {
            Ok(named) => named,
            Err(error) => {
                complain(&format!("--baseline: {error}; hint: a file ends in .json or has a / in it"));
                return Ok(Exit::BadConfig);
            }
        };
        let Some(Asked { url, mut targets, .. }) =
            asked(self.config.as_deref(), self.store.clone(), self.target.clone())
        else {
            return Ok(Exit::BadConfig);
        };
        if let Some(named) = named.as_ref().filter(|named| !targets.is_empty() && !targets.contains(named)) {
            targets.push(named.clone());
        }
        let baseline = match (&self.baseline, named) {
            (_, Some(name)) => Baseline::Target(name),
            (Some(file), None) => match read(Path::new(file)) {
                Ok(saved) => Baseline::File(saved),
                Err(problem) => {
                    complain(&format!("--baseline: {problem}"));
                    return Ok(Exit::BadConfig);
                }
            },
            (None, None) if self.before.is_some() => Baseline::Earlier,
            (None, None) => Baseline::Nothing,
        };
        let scope = Scope {
            targets,
            scenarios: self.scenario.clone(),
            runs: self.run.clone(),
            since_unix_ms: self.since,
            before_unix_ms: self.before,
            baseline: match &baseline {
                Baseline::Target(name) => Some(name.clone()),
                _ => None,
            },
        };
        let (gathered, board) = block_on(async {
            let store = store::open(&url, Access::Read).await?;
            let gathered = gather(store.as_ref(), &scope).await?;
            Ok::<_, store::StoreError>((gathered, store.checkpoint().await?))
        })?
        .with_context(|| url.clone())?;
        if let Baseline::Target(name) = &baseline
            && !gathered.targets.contains(name)
        {
            let there: Vec<&str> = gathered.targets.iter().map(|name| name.as_str()).collect();
            complain(&format!(
                "--baseline: there is no sample of {name}; hint: there are some of {}",
                there.join(", ")
            ));
            return Ok(Exit::BadConfig);
        }
        let board = board.and_then(|(position, text)| Board::from_text(&text, position).ok()).unwrap_or_default();
        let report = GateReport {
            baseline: baseline.words(self.baseline.as_deref()),
            made_unix_ms: unix_ms(),
            undecided_fails: self.undecided == Policy::Fail,
            lines: self.lines(&gathered.compare(), &baseline, &board),
        };
        if report.lines.is_empty() {
            complain("there is nothing to hold against: no sample of these targets, scenarios and runs");
            return Ok(Exit::Incomplete);
        }
        put(&(self.format.render)(&report))?;
        if let Some(path) = &self.junit {
            let junit = FORMATS.iter().find(|format| format.name == "junit");
            let text = junit.map(|format| (format.render)(&report)).unwrap_or_default();
            std::fs::write(path, text).with_context(|| path.display().to_string())?;
            say(&format!("written to {}", path.display()));
        }
        Ok(if report.passes() { Exit::Done } else { Exit::Threshold })
    }

    /// Every condition on every target.
    fn lines(&self, comparison: &Comparison, baseline: &Baseline, board: &Board) -> Vec<Line> {
        let was: Vec<Name> = match baseline {
            Baseline::Target(name) => vec![name.clone()],
            Baseline::Earlier => comparison.targets.iter().filter_map(earlier).collect(),
            _ => Vec::new(),
        };
        let whole = [Part::All];
        let parts: Vec<&Part> = {
            let of = |part: &&Part| match self.by {
                Parts::All => false,
                Parts::Scenario => matches!(part, Part::Scenario(_)),
                Parts::Domain => matches!(part, Part::Domain(_)),
            };
            let parts: Vec<&Part> = comparison.standings.keys().filter(of).collect();
            // Where there is one scenario or domain it is everything.
            if parts.is_empty() { whole.iter().collect() } else { parts }
        };
        let mut lines = Vec::new();
        for target in comparison.targets.iter().filter(|target| !was.contains(target)) {
            for rule in &self.fail_if {
                match rule {
                    Rule::Run(threshold) => lines.extend(of_run(threshold, target, comparison, board)),
                    Rule::Shown(condition) => {
                        let lines_of =
                            parts.iter().filter_map(|part| of_part(condition, target, part, comparison, baseline));
                        lines.extend(lines_of);
                    }
                }
            }
        }
        lines
    }
}

/// A condition on a target in a part; none where it was not asked there, now or before.
fn of_part(
    condition: &Condition,
    target: &Name,
    part: &Part,
    comparison: &Comparison,
    baseline: &Baseline,
) -> Option<Line> {
    let own = comparison.standing(part, target).map(Figures::of);
    let other = match baseline {
        Baseline::Target(name) => Some(name.clone()),
        Baseline::Earlier => earlier(target),
        _ => None,
    };
    let base = match baseline {
        Baseline::File(saved) => saved.figures(part, target),
        _ => other.as_ref().and_then(|other| comparison.standing(part, other)).map(Figures::of),
    };
    if own.is_none() && base.is_none() {
        return None;
    }
    let pair = other.as_ref().and_then(|other| comparison.pair(part, target, other));
    let ruled = condition.rule(own.as_ref(), base.as_ref(), pair.as_ref());
    let part = match part {
        Part::All => String::new(),
        Part::Scenario(name) => format!("scenario {name}"),
        Part::Domain(domain) => format!("domain {domain}"),
    };
    Some(Line::of(target.to_string(), part, condition, ruled))
}

/// A threshold on what the last run that is remembered came to, by scenario.
fn of_run(threshold: &Threshold, target: &Name, comparison: &Comparison, board: &Board) -> Vec<Line> {
    let line = |part: String, ruling: Ruling, found: Option<String>, how: &str| Line {
        target: target.to_string(),
        part,
        condition: format!("{threshold:?}"),
        ruling,
        found,
        value: None,
        how: how.to_owned(),
    };
    let asked = |scenario: &Name| comparison.background.asked.contains_key(&(target.clone(), scenario.clone()));
    let taken = board.runs.iter().filter(|(id, _)| comparison.origins.iter().any(|run| run.id == **id));
    let mut rows: std::collections::BTreeMap<Name, crate::board::Figures> = std::collections::BTreeMap::new();
    for (_, run) in taken {
        for row in run.figures(By::Scenario).into_iter().filter(|row| row.target == *target && asked(&row.scenario)) {
            rows.insert(row.scenario.clone(), row);
        }
    }
    if rows.is_empty() {
        return vec![line(String::new(), Ruling::Unmeasured, None, "no run of it is remembered whose figures have it")];
    }
    let of = |(scenario, row): (&Name, &crate::board::Figures)| {
        let ruling = match (threshold.value(row), threshold.missed(row)) {
            (None, _) => Ruling::Unmeasured,
            (_, Some(_)) => Ruling::Fail,
            (_, None) => Ruling::Pass,
        };
        let found = threshold.value(row).map(|value| format!("{value:.6}"));
        line(format!("scenario {scenario}"), ruling, found, "the run's own figure, without an interval")
    };
    rows.iter().map(of).collect()
}

/// Whether a baseline is meant as a file: no target's name has these.
fn is_file(given: &str) -> bool {
    given.contains('/') || Path::new(given).extension().is_some_and(|end| end.eq_ignore_ascii_case("json"))
}
