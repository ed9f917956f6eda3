//! The table of causes: what the cost was for, and the cost-of-pass beside the cost per correct answer.

use super::words::{NOTHING, Unit, percent};
use super::{Column, Table};
use crate::board::{CostOfPass, Figures};

/// One row for each of these, under the same names; none where every cost was for a first answer.
pub(super) fn causes(scenario: &str, rows: &[&Figures], names: &[String]) -> Option<Table> {
    if !rows.iter().any(|f| is_mixed(f)) {
        return None;
    }
    let columns = ["first\nanswers", "retries", "failed", "judge", "hardware", "energy", "in all", "cost-of-pass"];
    let columns = [Column::text("target")].into_iter().chain(columns.map(Column::number)).collect();
    let cells = rows.iter().zip(names).map(|(f, name)| {
        let parts: Vec<String> = match f.causes.filter(|_| !f.is_costless()) {
            Some(causes) => {
                let all = causes.parts().into_iter().map(|(_, part)| part).chain([causes.total()]);
                all.map(|part| if part.is_zero() { "0".to_owned() } else { Unit::Usd.signed(part.usd()) }).collect()
            }
            None => vec![NOTHING.to_owned(); 7],
        };
        [name.clone()]
            .into_iter()
            .chain(parts)
            .chain([f.cost_of_pass.map_or_else(|| NOTHING.to_owned(), pass)])
            .collect()
    });
    Some(Table { title: format!("scenario {scenario}, cost by cause"), rows: cells.collect(), columns })
}

/// Whether there is a cost for something else than a first answer.
pub(super) fn is_mixed(f: &Figures) -> bool {
    f.causes.is_some_and(|causes| causes.first != causes.total().nanos())
}

fn pass(pass: CostOfPass) -> String {
    match pass.solved {
        Some(solved) if pass.never > 0 => {
            format!("∞ ({} % never; else {})", percent(pass.never_share()), Unit::Usd.signed(solved))
        }
        Some(solved) => Unit::Usd.signed(solved),
        None => "∞".to_owned(),
    }
}
