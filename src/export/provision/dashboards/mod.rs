//! Dashboards for Grafana, from a typed source: [`all`] gives them, [`Dashboard::json`] makes the file of each.
//!
//! A panel that may be empty says why ([`Reason`], a closed set); every expression has the matchers of the dashboard's
//! variables (`matchers`); colours can be told apart by the colour-blind and never stand alone (`palette`).

mod assayd;
mod gpu;
pub mod matchers;
mod model;
mod overview;
mod palette;
mod procurement;
mod reason;
mod render;
mod scenario;
mod target;

pub use model::{Column, Dashboard, Kind, Legend, Panel, Query, Row, Threshold, Tone, Unit, Variable, Word};
pub use reason::Reason;

/// All dashboards, the one to begin with first.
#[must_use]
pub fn all() -> Vec<Dashboard> {
    vec![
        overview::dashboard(),
        target::dashboard(),
        scenario::dashboard(),
        gpu::dashboard(),
        procurement::dashboard(),
        assayd::dashboard(),
    ]
}

/// The files of all dashboards. Their windows are Grafana's to choose: the scale is for rules.
#[must_use]
pub fn files(_scale: super::Scale) -> Vec<(String, String)> {
    all().iter().map(|dashboard| (dashboard.file(), dashboard.json())).collect()
}

/// Whether something is there, in words.
const UP: &[Word] =
    &[Word { value: "1", text: "up", tone: Tone::Good }, Word { value: "0", text: "DOWN", tone: Tone::Bad }];

/// Whether a run's timing may be believed.
const VALID: &[Word] =
    &[Word { value: "1", text: "valid", tone: Tone::Good }, Word { value: "0", text: "not valid", tone: Tone::Care }];

/// Shares of right answers. Where a model is good enough is for its user to say; these only part the clear cases.
const ACCURACY: &[(f64, Tone)] = &[(0.0, Tone::Bad), (0.5, Tone::Care), (0.9, Tone::Good)];

/// Something that should not be there at all.
const NONE: &[(f64, Tone)] = &[(0.0, Tone::Good), (1e-9, Tone::Care)];

/// What answers cost and were worth, over the time looked at: right answers and those that could be graded.
const CORRECT: &str = r#"increase(assayd_answers_total{verdict="correct"}[$__range])"#;
const GRADED: &str = r#"increase(assayd_answers_total{verdict=~"correct|wrong|unparsed|refused"}[$__range])"#;

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn panels_fit_the_page_and_have_all_their_parts() {
        let dashboards = all();
        let uids: BTreeSet<_> = dashboards.iter().map(|d| d.uid).collect();
        assert_eq!(uids.len(), dashboards.len());
        for dashboard in &dashboards {
            let mut titles = BTreeSet::new();
            for panel in dashboard.rows.iter().flat_map(|row| &row.panels) {
                let place = format!("{} / {}", dashboard.title, panel.title);
                assert!((1..=24).contains(&panel.width) && panel.height > 0, "{place}");
                assert!(panel.description.ends_with('.') && panel.description.len() > 20, "{place}");
                let text = matches!(panel.kind, Kind::Text(_));
                assert!(text == panel.queries.is_empty(), "{place}");
                assert!(text || titles.insert(panel.title), "{place} twice");
                if let Kind::Table { columns, sort } = &panel.kind {
                    assert!(columns.iter().any(|column| column.name == sort.0), "{place}: no column {}", sort.0);
                }
                if let Kind::Scatter { .. } = panel.kind {
                    assert_eq!(panel.queries.len(), 2, "{place}");
                }
            }
            // No panel covers another.
            let json: serde_json::Value = serde_json::from_str(&dashboard.json()).unwrap();
            let mut taken = BTreeSet::new();
            for panel in json["panels"].as_array().unwrap() {
                let at = |name: &str| panel["gridPos"][name].as_u64().unwrap();
                for (x, y) in
                    (at("x")..at("x") + at("w")).flat_map(|x| (at("y")..at("y") + at("h")).map(move |y| (x, y)))
                {
                    assert!(x < 24 && taken.insert((x, y)), "{}: {}", dashboard.title, panel["title"]);
                }
            }
        }
    }

    #[test]
    fn every_reason_is_given_by_a_panel_and_told_in_it() {
        let mut given = BTreeSet::new();
        for dashboard in all() {
            let json = dashboard.json();
            for reason in dashboard.rows.iter().flat_map(|row| &row.panels).filter_map(|panel| panel.empty) {
                given.insert(reason);
                assert!(json.contains(reason.short()) && json.contains(reason.remedy()), "{reason:?}");
            }
        }
        assert_eq!(given.into_iter().collect::<Vec<_>>(), Reason::ALL);
    }
}
