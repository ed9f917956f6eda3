//! The seventeen rules of Grafana's dashboard linter, over the files as they are kept. Where a rule looks at some kinds of panel
//! only, it looks at all of them here that ask something.

use crate::support::Outcome;
use assayd::export::provision::dashboards;
use promql_parser::parser::{self, Expr};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

/// What `$__rate_interval` is replaced by, so that it can be told from every other range.
const RATE_INTERVAL: Duration = Duration::from_secs(8_869);

/// An expression with its variables replaced, read. What was read is kept: seventeen rules look at each, and the reader makes its
/// tables anew every time.
pub fn parse(expr: &str) -> Result<Expr, String> {
    static READ: Mutex<BTreeMap<String, Result<Expr, String>>> = Mutex::new(BTreeMap::new());
    let mut read = READ.lock().unwrap_or_else(PoisonError::into_inner);
    read.entry(expr.to_owned()).or_insert_with(|| parse_anew(expr)).clone()
}

fn parse_anew(expr: &str) -> Result<Expr, String> {
    let expr = expr.replace("$__rate_interval", "8869s").replace("$__range", "6069s");
    // Those that are chosen from a list stand for numbers; the others are in quotes, and read as they are.
    let all = dashboards::all();
    let variables = all.iter().flat_map(|d| &d.variables);
    let chosen = variables.filter_map(|v| Some((v.name, *v.options.first()?)));
    let expr = chosen.fold(expr, |expr, (name, value)| expr.replace(&format!("${name}"), value));
    parser::parse(&expr)
}

/// Visits every part of an expression, each with those above it, the outermost first.
pub fn walk<'a>(expr: &'a Expr, visit: &mut impl FnMut(&'a Expr, &[&'a Expr])) {
    fn down<'a>(expr: &'a Expr, above: &mut Vec<&'a Expr>, visit: &mut impl FnMut(&'a Expr, &[&'a Expr])) {
        visit(expr, above);
        above.push(expr);
        let parts: Vec<&'a Expr> = match expr {
            Expr::Aggregate(e) => e.param.iter().map(AsRef::as_ref).chain([e.expr.as_ref()]).collect(),
            Expr::Unary(e) => vec![&e.expr],
            Expr::Binary(e) => vec![&e.lhs, &e.rhs],
            Expr::Paren(e) => vec![&e.expr],
            Expr::Subquery(e) => vec![&e.expr],
            Expr::Call(e) => e.args.args.iter().map(AsRef::as_ref).collect(),
            _ => vec![],
        };
        parts.into_iter().for_each(|part| down(part, above, visit));
        above.pop();
    }
    down(expr, &mut Vec::new(), visit);
}

fn text<'a>(value: &'a Value, pointer: &str) -> &'a str {
    value.pointer(pointer).and_then(Value::as_str).unwrap_or_default()
}

fn list<'a>(value: &'a Value, pointer: &str) -> &'a [Value] {
    value.pointer(pointer).and_then(Value::as_array).map_or(&[], Vec::as_slice)
}

/// Panels that ask something.
fn panels(dashboard: &Value) -> impl Iterator<Item = &Value> {
    let all = list(dashboard, "/panels").iter().flat_map(|panel| std::iter::once(panel).chain(list(panel, "/panels")));
    all.filter(|panel| !matches!(text(panel, "/type"), "row" | "text"))
}

/// Whether the data source is the chosen one.
fn is_chosen(source: &Value) -> bool {
    matches!(text(source, "/datasource/uid"), "$datasource" | "${datasource}")
        && text(source, "/datasource/type") == "prometheus"
}

/// One rule: its name, and what it finds.
type Rule = (&'static str, fn(&Value) -> Vec<String>);

/// All of them.
const RULES: [Rule; 17] = [
    ("template-datasource-rule", datasource),
    ("template-job-rule", |d| template(d, "job", "Job")),
    ("template-instance-rule", |d| template(d, "instance", "Instance")),
    ("template-label-promql-rule", label_promql),
    ("template-on-time-change-reload-rule", |d| {
        let queried = list(d, "/templating/list").iter().filter(|t| text(t, "/type") == "query");
        queried.filter(|t| t["refresh"] != 2).map(|t| format!("{} is not read again", t["name"])).collect()
    }),
    ("panel-datasource-rule", |d| each_panel(d, is_chosen)),
    ("panel-title-description-rule", |d| {
        each_panel(d, |p| !text(p, "/title").is_empty() && !text(p, "/description").is_empty())
    }),
    ("panel-units-rule", units),
    ("panel-no-targets-rule", |d| each_panel(d, |p| !list(p, "/targets").is_empty())),
    // Of Loki's queries, which there are none of here: a target of another source would be one.
    ("target-logql-rule", |d| each_target(d, |t| if is_chosen(t) { None } else { Some("not Prometheus'".into()) })),
    ("target-logql-auto-rule", |d| each_target(d, |t| text(t, "/expr").contains("$__auto").then(|| "$__auto".into()))),
    ("target-promql-rule", |d| each_target(d, |t| parse(text(t, "/expr")).err())),
    ("target-rate-interval-rule", |d| each_target(d, |t| rate_interval(text(t, "/expr")))),
    ("target-job-rule", |d| each_target(d, |t| matched(text(t, "/expr"), "job"))),
    ("target-instance-rule", |d| each_target(d, |t| matched(text(t, "/expr"), "instance"))),
    ("target-counter-agg-rule", |d| each_target(d, |t| counter(text(t, "/expr")))),
    ("uneditable-dashboard", |d| if d["editable"] == false { vec![] } else { vec!["can be edited".into()] }),
];

fn each_panel(dashboard: &Value, right: impl Fn(&Value) -> bool) -> Vec<String> {
    panels(dashboard).filter(|p| !right(p)).map(|p| text(p, "/title").to_owned()).collect()
}

fn each_target(dashboard: &Value, wrong: impl Fn(&Value) -> Option<String>) -> Vec<String> {
    let all = panels(dashboard).flat_map(|p| list(p, "/targets").iter().map(move |t| (p, t)));
    all.filter_map(|(p, t)| Some(format!("{} {}: {}", text(p, "/title"), text(t, "/refId"), wrong(t)?))).collect()
}

fn datasource(dashboard: &Value) -> Vec<String> {
    let mut of_type = list(dashboard, "/templating/list").iter().filter(|t| text(t, "/type") == "datasource");
    match (of_type.next(), of_type.next()) {
        (Some(one), None) => {
            let right = text(one, "/name") == "datasource" && text(one, "/label") == "Data source";
            if right && text(one, "/query") == "prometheus" {
                vec![]
            } else {
                vec![format!("its name or label: {one}")]
            }
        }
        (None, _) => vec!["none".into()],
        _ => vec!["several".into()],
    }
}

fn template(dashboard: &Value, name: &str, label: &str) -> Vec<String> {
    let Some(one) = list(dashboard, "/templating/list").iter().find(|t| text(t, "/name") == name) else {
        return vec![format!("no {name}")];
    };
    let checks = [
        (is_chosen(one), "data source"),
        (text(one, "/type") == "query", "type"),
        (text(one, "/label") == label, "label"),
        (one["multi"] == true, "multi"),
        (text(one, "/allValue") == ".+", "allValue"),
    ];
    checks.into_iter().filter(|(right, _)| !right).map(|(_, what)| what.to_owned()).collect()
}

fn label_promql(dashboard: &Value) -> Vec<String> {
    let queried = list(dashboard, "/templating/list").iter().filter(|t| text(t, "/type") == "query");
    let wrong = |t: &&Value| {
        let query = text(t, "/query");
        let inner = query.strip_prefix("label_values(").and_then(|rest| rest.strip_suffix(')'));
        let selector = inner.and_then(|inner| inner.rsplit_once(", ")).map(|(selector, _)| selector);
        selector.is_none_or(|selector| parse(selector).is_err())
    };
    queried.filter(wrong).map(|t| format!("{}: {}", t["name"], t["query"])).collect()
}

/// Every unit that is set must be one of Grafana's, which those of the source are; something must be set.
fn units(dashboard: &Value) -> Vec<String> {
    let known = |unit: &str| unit == "string" || dashboards::Unit::ALL.iter().any(|u| u.id() == unit);
    let wrong = |panel: &&Value| {
        if !list(panel, "/fieldConfig/defaults/mappings").is_empty() {
            return false;
        }
        let properties = list(panel, "/fieldConfig/overrides").iter().flat_map(|o| list(o, "/properties"));
        let set = properties.filter(|p| text(p, "/id") == "unit").map(|p| text(p, "/value"));
        let mut all = set.chain([text(panel, "/fieldConfig/defaults/unit")]);
        !all.all(known)
    };
    panels(dashboard).filter(wrong).map(|p| text(p, "/title").to_owned()).collect()
}

/// `rate` and `irate` go over `$__rate_interval` and nothing else does by itself.
fn rate_interval(expr: &str) -> Option<String> {
    let (read, mut wrong) = (parse(expr).ok()?, None);
    walk(&read, &mut |node, above| {
        let (Expr::MatrixSelector(range), Some(Expr::Call(call))) = (node, above.last()) else { return };
        if range.range != RATE_INTERVAL && matches!(call.func.name, "rate" | "irate") {
            wrong = Some(format!("a rate over another range in {expr}"));
        }
    });
    wrong
}

fn matched(expr: &str, label: &str) -> Option<String> {
    let (read, mut wrong) = (parse(expr).ok()?, None);
    walk(&read, &mut |node, _| {
        let selector = match node {
            Expr::VectorSelector(selector) => selector,
            Expr::MatrixSelector(range) => &range.vs,
            _ => return,
        };
        let found = selector.matchers.matchers.iter().any(|m| m.name == label && m.value == format!("${label}"));
        if !found {
            wrong = Some(format!("no matcher of {label} for {:?} in {expr}", selector.name));
        }
    });
    wrong
}

/// A counter's value says when its process began; only its growth says anything.
fn counter(expr: &str) -> Option<String> {
    let (read, mut wrong) = (parse(expr).ok()?, None);
    walk(&read, &mut |node, above| {
        let (selector, grows) = match node {
            Expr::VectorSelector(selector) => (selector, false),
            Expr::MatrixSelector(range) => {
                let call = above.last();
                let grows = matches!(call, Some(Expr::Call(c)) if matches!(c.func.name, "rate" | "irate" | "increase"));
                (&range.vs, grows)
            }
            _ => return,
        };
        let name = selector.name.as_deref().unwrap_or_default();
        let present = matches!(above.last(), Some(Expr::Call(call)) if call.func.name == "absent");
        if ["_total", "_bucket", "_count", "_sum"].iter().any(|end| name.ends_with(end)) && !grows && !present {
            wrong = Some(format!("{name} without rate or increase"));
        }
    });
    wrong
}

/// What the rules find in a dashboard.
pub fn findings(name: &str, dashboard: &Value) -> Vec<String> {
    let found = RULES.iter().flat_map(|(rule, find)| find(dashboard).into_iter().map(move |found| (rule, found)));
    found.map(|(rule, found)| format!("{name}: {rule}: {found}")).collect()
}

pub(super) fn nothing_to_say() -> Outcome {
    let mut all = Vec::new();
    for (name, dashboard) in super::kept()? {
        assert!(panels(&dashboard).count() > 5, "{name}");
        all.extend(findings(&name, &dashboard));
    }
    assert_eq!(all, Vec::<String>::new());
    Ok(())
}

/// A rule that can't find anything would be worth nothing: each is given something to find.
pub(super) fn finds_what_is_wrong() -> Outcome {
    let (_, good) = super::kept()?.into_iter().next().ok_or("no dashboard")?;
    let panel = list(&good, "/panels").iter().position(|p| text(p, "/type") == "timeseries").ok_or("no lines")?;
    let at = |rest: &str| format!("/panels/{panel}{rest}");
    let expr = at("/targets/0/expr");
    let chosen = r#"job=~"$job", instance=~"$instance""#;
    let cases: [(&str, String, Value); 17] = [
        ("template-datasource-rule", "/templating/list/0/name".into(), json!("source")),
        ("template-job-rule", "/templating/list/1/allValue".into(), json!(".*")),
        ("template-instance-rule", "/templating/list/2/multi".into(), json!(false)),
        ("template-label-promql-rule", "/templating/list/3/query".into(), json!("label_values(a{, b)")),
        ("template-on-time-change-reload-rule", "/templating/list/3/refresh".into(), json!(1)),
        ("panel-datasource-rule", at("/datasource/uid"), json!("prometheus")),
        ("panel-title-description-rule", at("/description"), json!("")),
        ("panel-units-rule", at("/fieldConfig/defaults/unit"), json!("furlong")),
        ("panel-no-targets-rule", at("/targets"), json!([])),
        ("target-logql-rule", at("/targets/0/datasource/type"), json!("loki")),
        ("target-logql-auto-rule", expr.clone(), json!(format!("rate(a{{{chosen}}}[$__auto])"))),
        ("target-promql-rule", expr.clone(), json!("sum(")),
        ("target-rate-interval-rule", expr.clone(), json!(format!("rate(a{{{chosen}}}[5m])"))),
        ("target-job-rule", expr.clone(), json!(r#"a{instance=~"$instance"}"#)),
        ("target-instance-rule", expr.clone(), json!(r#"a{job=~"$job", instance="x"}"#)),
        ("target-counter-agg-rule", expr, json!(format!("sum(a_total{{{chosen}}})"))),
        ("uneditable-dashboard", "/editable".into(), json!(true)),
    ];
    for ((rule, _), (name, ..)) in RULES.iter().zip(&cases) {
        assert_eq!(rule, name);
    }
    for (rule, pointer, value) in cases {
        let mut bad = good.clone();
        *bad.pointer_mut(&pointer).ok_or_else(|| format!("no {pointer}"))? = value;
        let found = findings("bad", &bad);
        assert!(found.iter().any(|f| f.contains(&format!(": {rule}: "))), "{rule} found nothing; found was {found:?}");
    }
    Ok(())
}
