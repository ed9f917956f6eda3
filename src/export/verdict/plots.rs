//! The charts that can be moved over, zoomed and switched: what plotly.js is to draw, as JSON, beside the same figures as a table
//! and as a drawing of ours, which is what is read in print and without a script.

use super::chart::{self, COLOURS, place};
use super::{Document, Lang, duties, unit};
use crate::export::report::{Column, NOTHING, Table, Unit, significant};
use crate::stats::{Direction, Objective, frontier};
use crate::verdict::{Comparison, Part, Standing};
use maud::Markup;
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// A chart.
pub(super) struct Plot {
    /// A word for the page.
    pub(super) id: &'static str,
    /// What it shows.
    pub(super) caption: String,
    /// Drawn by us.
    pub(super) drawn: Markup,
    /// What plotly.js is to draw.
    pub(super) data: Value,
    /// The same figures.
    pub(super) table: Table,
}

/// Every chart that there are figures for.
pub(super) fn plots(document: &Document) -> Vec<Plot> {
    let (comparison, lang) = (&document.comparison, document.lang);
    let all = [
        cost(comparison, lang),
        first_token(comparison, lang),
        duty(comparison, lang),
        domains(comparison, lang),
        weights(comparison, lang),
    ];
    all.into_iter().flatten().collect()
}

const SYMBOLS: [&str; 4] = ["circle", "square", "triangle-up", "diamond"];
const DASHES: [&str; 4] = ["solid", "dash", "dot", "dashdot"];

fn symbol(at: usize) -> &'static str {
    SYMBOLS.get(at % SYMBOLS.len()).copied().unwrap_or("circle")
}

fn dash(at: usize) -> &'static str {
    // Targets that share a colour differ in their dashes.
    DASHES.get((at + at / COLOURS.len()) % DASHES.len()).copied().unwrap_or("solid")
}

/// Text as plotly.js shows it: it takes some markup for its own, and resolves entities.
fn plain(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out += "&amp;",
            '<' => out += "&lt;",
            '>' => out += "&gt;",
            // Else it would be taken for a formula where a renderer of them is there.
            '$' => out += "&#36;",
            c => out.push(c),
        }
    }
    out
}

fn line(text: &str) -> String {
    plain(&text.replace('\n', " "))
}

/// Digits enough to draw by, and no more.
fn figure(value: f64) -> Value {
    if value.is_finite() { format!("{value:.6e}").parse::<f64>().map_or(Value::Null, Value::from) } else { Value::Null }
}

fn figures(values: impl IntoIterator<Item = f64>) -> Value {
    values.into_iter().map(figure).collect()
}

fn scale(unit: Unit) -> (f64, &'static str) {
    match unit {
        Unit::Usd => (1.0, "&#36;"),
        Unit::MicroUsd => (1e6, "µ&#36;"),
    }
}

/// Ticks of a logarithmic axis, each in words: 1, 2, 5, and more of them where the values are close to each other.
fn ticks(values: impl Iterator<Item = f64>, words: impl Fn(f64) -> String) -> Value {
    let (mut low, mut high) = (f64::INFINITY, 0.0_f64);
    for value in values.filter(|value| value.is_finite() && *value > 0.0) {
        (low, high) = (low.min(value), high.max(value));
    }
    if high <= 0.0 {
        return json!({ "type": "log" });
    }
    let decades = (high / low).log10();
    let steps: &[f64] = match decades {
        d if d < 1.0 => &[1.0, 1.5, 2.0, 3.0, 4.0, 5.0, 7.0],
        d if d < 4.0 => &[1.0, 2.0, 5.0],
        _ => &[1.0],
    };
    let mut found = Vec::new();
    let mut decade = low.log10().floor() - 1.0;
    while decade <= high.log10() + 1.0 && found.len() < 60 {
        found.extend(steps.iter().map(|step| step * 10_f64.powf(decade)));
        decade += 1.0;
    }
    json!({
        "type": "log", "tickmode": "array", "tickvals": figures(found.iter().copied()),
        "ticktext": found.iter().map(|value| plain(&words(*value))).collect::<Vec<_>>(),
    })
}

/// Two objects as one.
fn with(mut one: Value, other: Value) -> Value {
    if let (Some(one), Value::Object(other)) = (one.as_object_mut(), other) {
        one.extend(other);
    }
    one
}

/// Targets that have both figures: place, accuracy, cost.
fn cost(comparison: &Comparison, lang: Lang) -> Option<Plot> {
    let drawn = chart::scatter(comparison, lang)?;
    let unit = unit(comparison);
    let (times, _) = scale(unit);
    let terms = lang.terms();
    let (mut traces, mut rows) = (Vec::new(), Vec::new());
    for standing in comparison.standings.get(&Part::All)? {
        let Some((accuracy, cost)) =
            standing.accuracy.zip(standing.per_correct.filter(|cost| cost.estimate.is_finite() && cost.estimate > 0.0))
        else {
            continue;
        };
        let at = place(comparison, &standing.target);
        let share = figure(accuracy.estimate * 100.0);
        let (accuracy_text, cost_text) =
            (super::tables::share(Some(&accuracy)), super::tables::per_correct(Some(&cost), unit));
        traces.push(json!({
            "type": "scatter", "mode": "markers", "name": standing.target.as_str(),
            "x": [figure(cost.estimate * times)], "y": [share],
            "error_x": {
                "type": "data", "symmetric": false, "thickness": 1.5, "width": 4,
                "array": [figure(cost.upper.map_or(0.0, |upper| upper - cost.estimate) * times)],
                "arrayminus": [figure((cost.estimate - cost.lower) * times)],
            },
            "error_y": {
                "type": "data", "symmetric": false, "thickness": 1.5, "width": 4,
                "array": [figure((accuracy.upper - accuracy.estimate) * 100.0)],
                "arrayminus": [figure((accuracy.estimate - accuracy.lower) * 100.0)],
            },
            "marker": { "color": chart::colour(at), "symbol": symbol(at), "size": 12 },
            "hoverinfo": "text",
            "hovertext": [format!("<b>{}</b><br>{} %<br>{}", plain(standing.target.as_str()), plain(&accuracy_text), plain(&cost_text))],
        }));
        rows.push(vec![standing.target.to_string(), accuracy_text, cost_text]);
    }
    let steps = stairs(comparison);
    if steps.len() > 1 {
        traces.push(json!({
            "type": "scatter", "mode": "lines", "name": lang.pick("frontier", "前沿"),
            "x": figures(steps.iter().map(|(cost, _)| cost * times)), "y": figures(steps.iter().map(|(_, share)| share * 100.0)),
            "line": { "shape": "hv", "dash": "dot", "width": 1.5, "color": "soft" }, "hoverinfo": "skip",
        }));
    }
    let costs = comparison
        .standings
        .get(&Part::All)?
        .iter()
        .filter_map(|standing| Some(standing.per_correct?.estimate * times));
    let layout = json!({
        "xaxis": with(ticks(costs, |cost| unit.signed(cost / times)), json!({ "title": { "text": line(terms.per_correct) } })),
        "yaxis": { "title": { "text": line(terms.accuracy) }, "ticksuffix": " %", "rangemode": "tozero" },
    });
    let columns = vec![Column::text(terms.target), Column::number(terms.accuracy), Column::number(terms.per_correct)];
    Some(Plot {
        id: "cost",
        caption: lang
            .pick(
                "Accuracy against cost of a correct answer, with 95 % intervals; dotted the frontier: nobody is cheaper and at least as \
                 accurate",
                "正确率与每个正确答案的成本（含 95 % 区间）；虚线为前沿：没有更便宜且正确率不低于它的目标",
            )
            .to_owned(),
        drawn,
        data: json!({ "data": traces, "layout": layout }),
        table: Table { title: lang.pick("accuracy and cost", "正确率与成本").to_owned(), columns, rows },
    })
}

/// The frontier of cost (USD) and accuracy, cheapest first.
pub(super) fn stairs(comparison: &Comparison) -> Vec<(f64, f64)> {
    let point = |standing: &Standing| {
        let cost = standing.per_correct.map(|cost| cost.estimate).filter(|cost| cost.is_finite() && *cost > 0.0);
        vec![cost, standing.accuracy.map(|accuracy| accuracy.estimate)]
    };
    let points: Vec<Vec<Option<f64>>> = comparison.standings.get(&Part::All).into_iter().flatten().map(point).collect();
    let objectives = [("cost", Direction::Lower), ("accuracy", Direction::Higher)]
        .map(|(name, direction)| Objective { name: name.to_owned(), direction });
    let stands = frontier(&objectives, &points);
    let on = points.iter().zip(&stands).filter(|(_, stand)| stand.is_frontier());
    let mut steps: Vec<(f64, f64)> =
        on.filter_map(|(point, _)| Some(((*point.first()?)?, (*point.get(1)?)?))).collect();
    steps.sort_by(|a, b| a.0.total_cmp(&b.0));
    steps
}

fn first_token(comparison: &Comparison, lang: Lang) -> Option<Plot> {
    let drawn = chart::latencies(comparison, lang)?;
    let (mut traces, mut rows) = (Vec::new(), Vec::new());
    let at_share = |curve: &[(f64, f64)], wanted: f64| {
        let found = curve.iter().find(|(_, share)| *share >= wanted - 1e-9);
        found.map_or_else(|| NOTHING.to_owned(), |(seconds, _)| significant(seconds * 1e3, 3))
    };
    for standing in comparison.standings.get(&Part::All)?.iter().filter(|standing| !standing.first_curve.is_empty()) {
        let (at, curve) = (place(comparison, &standing.target), &standing.first_curve);
        traces.push(json!({
            "type": "scatter", "mode": "lines", "name": standing.target.as_str(),
            "x": figures(curve.iter().map(|(seconds, _)| seconds * 1e3)), "y": figures(curve.iter().map(|(_, share)| share * 100.0)),
            "line": { "color": chart::colour(at), "dash": dash(at), "width": 2.5 },
            "hovertemplate": format!("<b>{}</b><br>%{{y:.3~g}} % ≤ %{{x:.3~g}} ms<extra></extra>", plain(standing.target.as_str())),
        }));
        let mut row = vec![standing.target.to_string()];
        row.extend([0.1, 0.25, 0.5, 0.75, 0.9, 0.95, 0.99].map(|share| at_share(curve, share)));
        rows.push(row);
    }
    if rows.is_empty() {
        return None;
    }
    let standings = comparison.standings.get(&Part::All)?.iter();
    let times = standings.flat_map(|standing| standing.first_curve.iter().map(|(seconds, _)| seconds * 1e3));
    let title = json!({ "title": { "text": lang.pick("time to the first token, ms", "首字延迟，ms") } });
    let layout = json!({
        "xaxis": with(ticks(times, |ms| significant(ms, 2)), title),
        "yaxis": { "title": { "text": lang.pick("share of answers", "回答占比") }, "ticksuffix": " %", "range": [0, 101] },
    });
    let mut columns = vec![Column::text(lang.terms().target)];
    columns.extend(["p10", "p25", "p50", "p75", "p90", "p95", "p99"].map(Column::number));
    Some(Plot {
        id: "ttft",
        caption: lang
            .pick(
                "Time to the first token: the share of answers (successes) that began no later; drawn still: median and 99 of 100, to \
                 the first token and to the last",
                "首字延迟：不晚于该时间开始的回答（成功者）占比；静态图为首字与末字时间的中位数与第 99 百分位",
            )
            .to_owned(),
        drawn,
        data: json!({ "data": traces, "layout": layout }),
        table: Table { title: lang.pick("time to the first token, ms", "首字延迟，ms").to_owned(), columns, rows },
    })
}

/// Duties that curves go through.
pub(super) fn grid() -> impl Iterator<Item = f64> {
    (1..=50).map(|step| f64::from(step) / 50.0)
}

fn duty(comparison: &Comparison, lang: Lang) -> Option<Plot> {
    let table = duties::table(comparison, lang)?;
    let drawn = chart::duties(comparison, lang)?;
    let unit = unit(comparison);
    let (times, sign) = scale(unit);
    let costs = comparison.duties.iter().flat_map(|one| [one.own_cost(0.02), one.own_cost(1.0), one.api_cost.value]);
    let costs = costs.map(|cost| cost * times);
    let mut traces = Vec::new();
    let (mut own_seen, mut api_seen) = (BTreeSet::new(), BTreeSet::new());
    let band = |upper: Vec<f64>, lower: Vec<f64>, colour: &str| {
        let both: Vec<f64> = grid().chain(grid().collect::<Vec<_>>().into_iter().rev()).collect();
        json!({
            "type": "scatter", "mode": "lines", "x": figures(both), "y": figures(upper.into_iter().chain(lower.into_iter().rev())),
            "fill": "toself", "fillcolor": format!("{colour}26"), "line": { "width": 0 }, "hoverinfo": "skip", "showlegend": false,
        })
    };
    let curve = |name: &str, at: usize, y: Vec<f64>| {
        json!({
            "type": "scatter", "mode": "lines", "name": name, "x": figures(grid()), "y": figures(y),
            "line": { "color": chart::colour(at), "dash": dash(at), "width": 2.5 },
            "hovertemplate": format!("<b>{}</b><br>%{{x}}: {sign}%{{y:.3~g}}<extra></extra>", plain(name)),
        })
    };
    for one in &comparison.duties {
        let rate = one.answers_per_hour;
        if own_seen.insert(&one.own) {
            let at = place(comparison, &one.own);
            let costs = |accuracy: f64| {
                grid().map(|duty| one.per_hour / (accuracy * rate * duty) * times).collect::<Vec<f64>>()
            };
            let ends = (one.accuracy.lower.unwrap_or(one.accuracy.value), one.accuracy.upper.unwrap_or(1.0));
            traces.push(band(costs(ends.0), costs(ends.1), chart::colour(at)));
            traces.push(curve(one.own.as_str(), at, costs(one.accuracy.value)));
        }
        if api_seen.insert(&one.api) {
            let at = place(comparison, &one.api);
            let level = |cost: f64| grid().map(|_| cost * times).collect::<Vec<f64>>();
            let ends =
                (one.api_cost.upper.unwrap_or(one.api_cost.value), one.api_cost.lower.unwrap_or(one.api_cost.value));
            traces.push(band(level(ends.0), level(ends.1), chart::colour(at)));
            traces.push(curve(one.api.as_str(), at, level(one.api_cost.value)));
        }
    }
    let layout = json!({
        "xaxis": { "title": { "text": lang.pick("duty: share of the time that the hardware works", "利用率：硬件工作的时间占比") }, "range": [0, 1] },
        "yaxis": with(ticks(costs, |cost| unit.signed(cost / times)), json!({ "title": { "text": line(lang.terms().per_correct) } })),
    });
    Some(Plot {
        id: "duty",
        caption: lang
            .pick(
                "Cost of a correct answer by duty: hardware by the hour against prices by the token, with 95 % bands",
                "不同利用率下每个正确答案的成本：按小时计费的硬件与按词元计价（含 95 % 区间）",
            )
            .to_owned(),
        drawn,
        data: json!({ "data": traces, "layout": layout }),
        table,
    })
}

fn domains(comparison: &Comparison, lang: Lang) -> Option<Plot> {
    let drawn = chart::matrix(comparison)?;
    let parts = chart::domains(comparison);
    let names: Vec<String> = parts.iter().map(|(name, _)| plain(name)).collect();
    let accuracy = |part: &Part, target: &crate::domain::Name| {
        comparison.standing(part, target).and_then(|standing| standing.accuracy)
    };
    let mut columns = vec![Column::text(lang.pick("domain", "领域"))];
    columns.extend(comparison.targets.iter().map(|target| Column::number(target.as_str())));
    let mut rows = Vec::new();
    let (mut values, mut texts, mut hovers) = (Vec::new(), Vec::new(), Vec::new());
    for (name, part) in &parts {
        let found: Vec<_> = comparison.targets.iter().map(|target| accuracy(part, target)).collect();
        let mut row = vec![(*name).to_owned()];
        row.extend(found.iter().map(|found| super::tables::share(found.as_ref())));
        let hover = |(target, text): (&crate::domain::Name, &String)| {
            format!("<b>{}</b> · {}<br>{} %", plain(target.as_str()), plain(name), plain(text))
        };
        hovers.push(comparison.targets.iter().zip(row.iter().skip(1)).map(hover).collect::<Vec<_>>());
        rows.push(row);
        values.push(
            found.iter().map(|found| found.map_or(Value::Null, |a| figure(a.estimate * 100.0))).collect::<Vec<_>>(),
        );
        texts.push(
            found
                .iter()
                .map(|f| f.map_or_else(String::new, |a| format!("{:.0}", a.estimate * 100.0)))
                .collect::<Vec<_>>(),
        );
    }
    let columns_of: Vec<&str> = comparison.targets.iter().map(|target| target.as_str()).collect();
    let trace = json!({
        "type": "heatmap", "x": columns_of, "y": names, "z": values, "text": texts, "texttemplate": "%{text}",
        "hovertext": hovers, "hoverinfo": "text", "xgap": 2, "ygap": 2, "zmin": 0, "zmax": 100, "colorscale": "Cividis",
        "colorbar": { "ticksuffix": " %", "thickness": 12, "outlinewidth": 0 },
    });
    let layout = json!({
        "xaxis": { "side": "top", "showgrid": false, "type": "category" },
        "yaxis": { "autorange": "reversed", "showgrid": false, "type": "category" },
        "margin": { "l": 60, "r": 20, "t": 30, "b": 10 },
        "height": 70 + 34 * rows.len(),
    });
    Some(Plot {
        id: "domains",
        caption: lang.pick("Accuracy % by domain", "各领域正确率 %").to_owned(),
        drawn,
        data: json!({ "data": [trace], "layout": layout }),
        table: Table { title: lang.terms().by_domain.to_owned(), columns, rows },
    })
}

fn weights(comparison: &Comparison, lang: Lang) -> Option<Plot> {
    let drawn = chart::regions(comparison, lang)?;
    let regions = chart::winners(comparison);
    let (mut traces, mut rows) = (Vec::new(), Vec::new());
    for (target, from, to) in &regions {
        let at = place(comparison, target);
        let pattern = ["", "/", "x", "."].get(at % 4).copied().unwrap_or_default();
        traces.push(json!({
            "type": "bar", "orientation": "h", "name": target.as_str(), "y": [""], "base": [figure(*from)], "x": [figure(to - from)],
            "marker": { "color": chart::colour(at), "line": { "width": 1, "color": "paper" },
                "pattern": { "shape": pattern, "fillmode": "overlay", "fgcolor": "paper", "fgopacity": 0.35, "size": 8 } },
            "hoverinfo": "text", "hovertext": [format!("<b>{}</b><br>{from:.2}–{to:.2}", plain(target.as_str()))],
        }));
        rows.push(vec![target.to_string(), format!("{from:.2}"), format!("{to:.2}")]);
    }
    let layout = json!({
        "barmode": "overlay",
        "xaxis": { "title": { "text": lang.pick("weight of accuracy; the rest is cost of a correct answer", "正确率的权重；其余为每个正确答案的成本") }, "range": [0, 1] },
        "yaxis": { "showticklabels": false, "showgrid": false },
        "height": 190,
    });
    let columns = vec![
        Column::text(lang.terms().target),
        Column::number(lang.pick("from weight", "权重自")),
        Column::number(lang.pick("to weight", "权重至")),
    ];
    Some(Plot {
        id: "weights",
        caption: lang
            .pick(
                "Who wins, by how much accuracy weighs against cost of a correct answer",
                "按正确率相对于每个正确答案成本的权重，由谁胜出",
            )
            .to_owned(),
        drawn,
        data: json!({ "data": traces, "layout": layout }),
        table: Table {
            title: lang.pick("who wins under which weight", "各权重下的胜出者").to_owned(), columns, rows
        },
    })
}
