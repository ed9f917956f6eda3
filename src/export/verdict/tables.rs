//! The figures as tables, which every format shows.

use super::sentences::p_value;
use super::{Lang, unit};
use crate::export::report::{Column, NOTHING, Table, Unit, significant, usd};
use crate::stats::{Interval, PerCorrect};
use crate::verdict::{Comparison, Pair, Part, Quantiles, Standing};

/// All of them: everything together, accuracy by scenario and by domain, pairs.
pub(super) fn tables(comparison: &Comparison, lang: Lang) -> Vec<Table> {
    let terms = lang.terms();
    let scenario = |part: &Part| matches!(part, Part::Scenario(_));
    let domain = |part: &Part| matches!(part, Part::Domain(_));
    let all = [
        together(comparison, lang),
        by(comparison, terms.by_scenario, scenario, lang),
        by(comparison, terms.by_domain, domain, lang),
        pairs(comparison, lang),
    ];
    all.into_iter().flatten().collect()
}

fn together(comparison: &Comparison, lang: Lang) -> Option<Table> {
    let terms = lang.terms();
    let standings = comparison.standings.get(&Part::All).filter(|standings| !standings.is_empty())?;
    let mut standings: Vec<&Standing> = standings.iter().collect();
    let cost = |standing: &Standing| standing.per_correct.map_or(f64::INFINITY, |cost| cost.estimate);
    standings.sort_by(|a, b| cost(a).total_cmp(&cost(b)));
    let unit = unit(comparison);
    let columns = vec![
        Column::text(terms.target),
        Column::number(terms.items),
        Column::number(terms.answers),
        Column::number(terms.accuracy),
        Column::number(terms.per_correct),
        Column::number(terms.cost),
        Column::number(terms.first),
        Column::number(terms.whole),
        Column::number(terms.tokens),
        Column::number(terms.joules),
    ];
    let row = |standing: &&Standing| {
        vec![
            standing.target.to_string(),
            standing.items.to_string(),
            standing.graded().to_string(),
            share(standing.accuracy.as_ref()),
            per_correct(standing.per_correct.as_ref(), unit),
            if standing.unpriced > 0 { NOTHING.to_owned() } else { usd(dollars(standing)) },
            quantiles(standing.first),
            quantiles(standing.whole),
            standing.tokens.map_or_else(|| NOTHING.to_owned(), |mean| significant(mean, 3)),
            standing.joules.map_or_else(|| NOTHING.to_owned(), |mean| significant(mean, 3)),
        ]
    };
    Some(Table { title: terms.everything.to_owned(), columns, rows: standings.iter().map(row).collect() })
}

#[expect(clippy::cast_precision_loss, reason = "three digits are shown")]
fn dollars(standing: &Standing) -> f64 {
    standing.cost.nanos() as f64 / 1e9
}

pub(super) fn share(share: Option<&Interval>) -> String {
    let Some(Interval { estimate, lower, upper }) = share else { return NOTHING.to_owned() };
    format!("{:.1} ({:.1}–{:.1})", estimate * 100.0, lower * 100.0, upper * 100.0)
}

pub(super) fn per_correct(cost: Option<&PerCorrect>, unit: Unit) -> String {
    match cost {
        None => NOTHING.to_owned(),
        Some(PerCorrect { estimate, lower, .. }) if estimate.is_infinite() => format!("≥ {}", unit.signed(*lower)),
        Some(PerCorrect { estimate, lower, upper: None }) => {
            format!("{} (≥ {})", unit.signed(*estimate), unit.bare(*lower))
        }
        Some(PerCorrect { estimate, lower, upper: Some(upper) }) => {
            format!("{} ({}–{})", unit.signed(*estimate), unit.bare(*lower), unit.bare(*upper))
        }
    }
}

fn quantiles(quantiles: Option<Quantiles>) -> String {
    let Some(Quantiles { p50, p99, .. }) = quantiles else { return NOTHING.to_owned() };
    format!("{}/{}", significant(p50 * 1e3, 3), significant(p99 * 1e3, 3))
}

/// Accuracy of each target in each of these parts; none where there are none.
fn by(comparison: &Comparison, title: &str, which: fn(&Part) -> bool, lang: Lang) -> Option<Table> {
    let parts: Vec<&Part> = comparison.standings.keys().filter(|part| which(part)).collect();
    if parts.is_empty() {
        return None;
    }
    let name = |part: &&Part| match part {
        Part::All => String::new(),
        Part::Scenario(name) => name.to_string(),
        Part::Domain(domain) => domain.clone(),
    };
    let heads = parts.iter().map(|part| Column::number(name(part)));
    let columns = [Column::text(lang.terms().target)].into_iter().chain(heads).collect();
    let rows = comparison.targets.iter().map(|target| {
        let cell = |part: &&Part| {
            share(comparison.standing(part, target).and_then(|standing| standing.accuracy.as_ref()))
                .replacen(' ', "\n", 1)
        };
        [target.to_string()].into_iter().chain(parts.iter().map(cell)).collect()
    });
    Some(Table { title: title.to_owned(), columns, rows: rows.collect() })
}

fn pairs(comparison: &Comparison, lang: Lang) -> Option<Table> {
    let terms = lang.terms();
    let all = comparison.pairs.get(&Part::All)?;
    let baseline = comparison.baseline.as_ref();
    let shown = all.iter().filter(|pair| baseline.is_none_or(|base| pair.a == *base || pair.b == *base));
    let row = |pair: &Pair| {
        // The baseline is the second.
        let pair = if baseline == Some(&pair.a) { pair.reversed() } else { pair.clone() };
        let Interval { estimate, lower, upper } = pair.difference;
        let [estimate, lower, upper] = [estimate, lower, upper].map(|share| share * 100.0 + 0.0);
        let ratio = pair.cost_ratio.map_or_else(
            || NOTHING.to_owned(),
            |r| format!("{} ({}–{})", significant(r.estimate, 3), significant(r.lower, 3), significant(r.upper, 3)),
        );
        vec![
            format!("{} − {}", pair.a, pair.b),
            pair.items.to_string(),
            format!("{estimate:+.1} ({lower:+.1} to {upper:+.1})"),
            pair.only.map_or_else(|| NOTHING.to_owned(), |(a, b)| format!("{a}/{b}")),
            p_value(pair.p),
            ratio,
            pair.cost_p.map_or_else(|| NOTHING.to_owned(), p_value),
        ]
    };
    let rows: Vec<_> = shown.map(row).collect();
    let columns = vec![
        Column::text(terms.pair),
        Column::number(terms.items),
        Column::number(terms.difference),
        Column::number(terms.only),
        Column::number(terms.p),
        Column::number(terms.ratio),
        Column::number(terms.p),
    ];
    (!rows.is_empty()).then(|| Table { title: terms.pairs.to_owned(), columns, rows })
}
