//! What is set up beside assayd: every expression parses and names only what there is, the committed files are current, each
//! alert has its section in the runbooks, and Prometheus' own checker runs the cases of `tests/promtool`.

use crate::support::{Outcome, Server, needs};
use assayd::export::metrics::{Kind, REFUSED, metrics};
use assayd::export::provision::{Scale, alerts, files, kept, rules};
use libtest_mimic::{Failed, Trial};
use promql_parser::parser::{Expr, VectorSelector, parse};
use promql_parser::util::{ExprVisitor, walk_expr};
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::Command;

/// Where the cases are.
const CASES: &str = "tests/promtool";

/// This module's tests.
pub fn tests() -> Vec<Trial> {
    let mut tests = vec![
        Trial::test("provision::every_expression_names_what_there_is", every_expression_names_what_there_is),
        Trial::test("provision::names_are_unique_and_of_one_form", names_are_unique_and_of_one_form),
        Trial::test("provision::files_are_current", files_are_current),
        Trial::test("provision::each_alert_has_its_section", each_alert_has_its_section),
        Trial::test("provision::each_rule_has_cases", each_rule_has_cases),
        Trial::test("provision::command_writes_and_checks", command_writes_and_checks),
        Trial::test("provision::wrong_names_are_found", wrong_names_are_found),
        needs(Server::Promtool, "provision::promtool_checks_the_rules", promtool_checks_the_rules),
    ];
    // A case that can't be listed has no test, and then `each_rule_has_cases` fails.
    for path in cases().unwrap_or_default() {
        let name = path.file_stem().map(|stem| stem.to_string_lossy().into_owned()).unwrap_or_default();
        tests.push(needs(Server::Promtool, &format!("provision::promtool {name}"), move || promtool_test(&path)));
    }
    tests
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn cases() -> std::io::Result<Vec<PathBuf>> {
    let mut paths: Vec<_> =
        std::fs::read_dir(root().join(CASES))?.map(|entry| Ok(entry?.path())).collect::<std::io::Result<_>>()?;
    paths.retain(|path| path.extension().is_some_and(|end| end == "yml"));
    paths.sort();
    Ok(paths)
}

/// What an expression may name, and the labels that it may then ask for; none where any may be.
type Known = BTreeMap<String, Option<&'static [&'static str]>>;

/// Every series of the metrics table, what rules record, and what Prometheus itself adds.
pub fn known() -> Known {
    let mut known = Known::from([("up".to_owned(), Some(&[][..]))]);
    for metric in metrics().chain([&REFUSED]) {
        match metric.kind {
            Kind::Histogram => {
                known.extend(["bucket", "sum", "count"].map(|part| (format!("{}_{part}", metric.name), None)));
            }
            Kind::Counter | Kind::Gauge => {
                known.insert(metric.name.to_owned(), Some(metric.labels));
            }
        }
    }
    known.extend(rules::recorded().into_iter().map(|name| (name, None)));
    known
}

/// The selectors of an expression.
#[derive(Default)]
struct Selectors(Vec<VectorSelector>);

impl ExprVisitor for Selectors {
    type Error = std::convert::Infallible;

    fn pre_visit(&mut self, expr: &Expr) -> Result<bool, Self::Error> {
        match expr {
            Expr::VectorSelector(vector) => self.0.push(vector.clone()),
            Expr::MatrixSelector(matrix) => self.0.push(matrix.vs.clone()),
            _ => {}
        }
        Ok(true)
    }
}

/// What is wrong with an expression: it does not parse, or names what there is not.
pub fn wrong_in(expr: &str, known: &Known) -> Vec<String> {
    let tree = match parse(expr) {
        Ok(tree) => tree,
        Err(why) => return vec![format!("does not parse: {why}")],
    };
    let mut selectors = Selectors::default();
    let Ok(_) = walk_expr(&mut selectors, &tree);
    let mut wrong = Vec::new();
    for selector in selectors.0 {
        let name = selector.name.clone().unwrap_or_default();
        match known.get(&name) {
            None => wrong.push(format!("no metric or rule is called `{name}`")),
            Some(None) => {}
            Some(Some(labels)) => {
                let asked = selector.matchers.matchers.iter().map(|matcher| matcher.name.as_str());
                let beside = ["job", "instance"];
                let unknown = asked.filter(|label| !labels.contains(label) && !beside.contains(label));
                wrong.extend(unknown.map(|label| format!("`{name}` has no label `{label}`")));
            }
        }
    }
    wrong
}

fn every_expression_names_what_there_is() -> Outcome {
    let known = known();
    let mut wrong = Vec::new();
    let mut count = 0;
    for scale in [Scale::ONE, Scale::new(1.0 / 1440.0).ok_or("no scale")?] {
        for rule in rules::all(scale) {
            count += 1;
            let found = wrong_in(rule.expr(), &known);
            wrong.extend(found.into_iter().map(|what| format!("{}: {what}", rule.name())));
        }
    }
    // What a description looks up is a selector too.
    for alert in alerts::all() {
        for series in alert.description.split("printf `").skip(1).filter_map(|rest| rest.split('`').next()) {
            count += 1;
            let found = wrong_in(&series.replace("%q", "\"\""), &known);
            wrong.extend(found.into_iter().map(|what| format!("description of {}: {what}", alert.name)));
        }
    }
    assert!(count > 100, "only {count} expressions");
    if wrong.is_empty() { Ok(()) } else { Err(wrong.join("\n").into()) }
}

fn wrong_names_are_found() -> Outcome {
    let known = known();
    assert_eq!(wrong_in("assayd_answers_totals", &known), ["no metric or rule is called `assayd_answers_totals`"]);
    let label = wrong_in("sum(rate(assayd_answers_total{outcome=\"ok\", job=\"a\"}[5m]))", &known);
    assert_eq!(label, ["`assayd_answers_total` has no label `outcome`"]);
    assert!(wrong_in("sum(rate(up[5m])", &known)[0].starts_with("does not parse"));
    assert!(wrong_in("{job=\"a\"}", &known)[0].contains("``"));
    assert!(wrong_in("max_over_time(assayd:accuracy:ratio_1d[1d:5m] offset 1d) > 0.5", &known).is_empty());
    Ok(())
}

fn names_are_unique_and_of_one_form() -> Outcome {
    let form = regex::Regex::new(r"^assayd:[a-z0-9_]+:[a-z]+\d{0,2}_\d+[mhd]$")?;
    let mut seen = BTreeSet::new();
    for rule in rules::all(Scale::ONE) {
        let name = rule.name();
        assert!(seen.insert(name.to_owned()), "{name} is there twice");
        assert!(form.is_match(name) || name.starts_with("Assayd"), "{name}");
    }
    let mut groups = BTreeSet::new();
    for topic in rules::TOPICS {
        for group in (topic.groups)(Scale::ONE) {
            assert!(groups.insert(group.name.clone()), "the group {} is there twice", group.name);
        }
    }
    Ok(())
}

fn files_are_current() -> Outcome {
    let update = std::env::var_os("ASSAYD_UPDATE").is_some_and(|v| v == "1");
    let mut stale = Vec::new();
    let mut folders: BTreeMap<PathBuf, BTreeSet<PathBuf>> = BTreeMap::new();
    for (path, text) in kept() {
        let place = root().join(&path);
        if update {
            std::fs::write(&place, &text)?;
        }
        if std::fs::read_to_string(&place).unwrap_or_default() != text {
            stale.push(format!("{path} is out of date; run ASSAYD_UPDATE=1 cargo test --test it provision"));
        }
        folders.entry(place.parent().ok_or("no folder")?.to_owned()).or_default().insert(place);
    }
    // A file that nothing writes any more would still be read.
    for (folder, written) in folders {
        for entry in std::fs::read_dir(&folder)? {
            let path = entry?.path();
            if path.extension().is_some_and(|end| end == "yml") && !written.contains(&path) {
                stale.push(format!("{} is written by nothing", path.display()));
            }
        }
    }
    if stale.is_empty() { Ok(()) } else { Err(stale.join("\n").into()) }
}

fn each_alert_has_its_section() -> Outcome {
    let page = std::fs::read_to_string(root().join("docs/runbooks.md"))?;
    let sections: BTreeMap<&str, &str> =
        page.split("\n## ").skip(1).filter_map(|section| section.split_once('\n')).collect();
    let told: BTreeSet<_> = sections.keys().copied().filter(|title| title.starts_with("Assayd")).collect();
    let alerts: Vec<_> = alerts::all().collect();
    assert_eq!(told, alerts.iter().map(|alert| alert.name).collect(), "sections, and alerts");
    let known = known();
    let mut wrong = Vec::new();
    for alert in &alerts {
        let section = sections.get(alert.name).copied().unwrap_or_default();
        for part in ["**Means**", "**Look**", "**Causes**", "**Do**"] {
            if !section.contains(part) {
                wrong.push(format!("{} has no part {part}", alert.name));
            }
        }
        assert!(alert.runbook_url().ends_with(&format!("#{}", alert.name.to_lowercase())));
        let queries = section.split("```promql\n").skip(1).filter_map(|rest| rest.split("```").next());
        for query in queries.flat_map(|block| block.split("\n\n")) {
            wrong.extend(wrong_in(query, &known).into_iter().map(|what| format!("{}: {what}: {query}", alert.name)));
        }
        if !section.contains("```promql\n") {
            wrong.push(format!("{} has no query", alert.name));
        }
    }
    if wrong.is_empty() { Ok(()) } else { Err(wrong.join("\n").into()) }
}

/// Each recorded figure is asked for in some case, and each alert is once told with its annotations, and once not.
fn each_rule_has_cases() -> Outcome {
    let mut text = String::new();
    for path in cases()? {
        text.push_str(&std::fs::read_to_string(path)?);
    }
    let mut missing = Vec::new();
    for name in rules::recorded() {
        let asked = text.match_indices(&name).any(|(at, _)| {
            let after = text[at + name.len()..].chars().next().unwrap_or(' ');
            !after.is_ascii_alphanumeric() && after != '_'
        });
        if !asked {
            missing.push(format!("{name} is in no case"));
        }
    }
    for alert in alerts::all() {
        let told: Vec<&str> =
            text.split("alertname: ").filter(|rest| rest.lines().next() == Some(alert.name)).collect();
        let is_silent = |rest: &&&str| rest.lines().nth(1).is_some_and(|line| line.trim() == "exp_alerts: []");
        if told.iter().all(|rest| is_silent(&rest)) {
            missing.push(format!("{} never fires", alert.name));
        }
        if !told.iter().any(|rest| is_silent(&rest)) {
            missing.push(format!("{} is never silent", alert.name));
        }
    }
    if missing.is_empty() { Ok(()) } else { Err(missing.join("\n").into()) }
}

fn promtool(arguments: &[&str], folder: &Path) -> Outcome {
    let output = Command::new(Server::Promtool.path()?).args(arguments).current_dir(folder).output()?;
    let said = String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned();
    if output.status.success() { Ok(()) } else { Err(Failed::from(format!("{}: {said}", output.status))) }
}

fn promtool_checks_the_rules() -> Outcome {
    let folder = tempfile::tempdir()?;
    for (name, scale) in [("whole", Scale::ONE), ("short", Scale::new(0.001).ok_or("no scale")?)] {
        for (path, text) in files(scale) {
            let place = folder.path().join(name).join(path);
            std::fs::create_dir_all(place.parent().ok_or("no folder")?)?;
            std::fs::write(&place, text)?;
            if place.extension().is_some_and(|end| end == "yml") {
                promtool(&["check", "rules", "--lint=all", "--lint-fatal", &place.to_string_lossy()], folder.path())?;
            }
        }
    }
    Ok(())
}

fn promtool_test(path: &Path) -> Outcome {
    promtool(&["test", "rules", &path.to_string_lossy()], root())
}

fn command_writes_and_checks() -> Outcome {
    let folder = tempfile::tempdir()?;
    let out = folder.path().join("new");
    let provision = |arguments: &[&str]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_assayd"));
        command.arg("provision").arg("--out").arg(&out).args(arguments).output()
    };
    let missing = provision(&["--check"])?;
    assert_eq!(missing.status.code(), Some(1));
    let said = String::from_utf8_lossy(&missing.stdout).into_owned();
    assert_eq!(said.lines().count(), files(Scale::ONE).len(), "{said}");
    assert!(said.contains("prometheus/rules/cost.yml is missing\n"), "{said}");
    let written = provision(&[])?;
    assert_eq!(written.status.code(), Some(0), "{}", String::from_utf8_lossy(&written.stderr));
    for (path, text) in files(Scale::ONE) {
        assert_eq!(std::fs::read_to_string(out.join(&path))?, text, "{path}");
    }
    assert_eq!(provision(&["--check"])?.status.code(), Some(0));
    let other = provision(&["--check", "--scale", "0.01"])?;
    let said = String::from_utf8_lossy(&other.stdout).into_owned();
    assert!(said.contains("prometheus/rules/cost.yml differs\n"), "{said}");
    assert!(String::from_utf8_lossy(&other.stderr).contains("`assayd provision --out"));
    let wrong = provision(&["--scale", "2"])?;
    assert_eq!(wrong.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&wrong.stderr).contains("above 0, and at most 1"));
    // A file where a folder should be.
    std::fs::write(folder.path().join("file"), "")?;
    let blocked = Command::new(env!("CARGO_BIN_EXE_assayd"))
        .args(["provision", "--out"])
        .arg(folder.path().join("file"))
        .output()?;
    assert_eq!(blocked.status.code(), Some(1));
    Ok(())
}
