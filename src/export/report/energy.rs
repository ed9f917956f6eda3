//! The table of energy: what the answers took of it, of devices' time, and what that emitted.

use super::words::{NOTHING, significant};
use super::{Column, Table};
use crate::board::Figures;
use crate::domain::Quality;

/// One row for each of these, under the same names; none where no meter told.
pub(super) fn energy(scenario: &str, rows: &[&Figures], names: &[String]) -> Option<Table> {
    if rows.iter().all(|f| f.drawn.joules().is_none() && f.drawn.device_seconds().is_none()) {
        return None;
    }
    // What no row has is no column.
    let weighed = rows.iter().any(|f| f.drawn.grams().is_some());
    let mut columns = vec![
        Column::text("target"),
        Column::number("energy\nJ"),
        Column::number("J per\ncorrect"),
        Column::text("how"),
        Column::number("device busy\ns"),
    ];
    if weighed {
        columns.extend(["CO2e\ng", "g per\ncorrect"].map(Column::number));
    }
    let number = |x: Option<f64>| x.map_or_else(|| NOTHING.to_owned(), |x| significant(x, 3));
    let cells = rows.iter().zip(names).map(|(f, name)| {
        let how = match f.drawn.quality() {
            Quality::Absent => NOTHING,
            quality => quality.label(),
        };
        let mut cells = vec![
            name.clone(),
            number(f.drawn.joules()),
            number(f.joules_per_correct()),
            how.to_owned(),
            number(f.drawn.device_seconds()),
        ];
        if weighed {
            cells.extend([number(f.drawn.grams()), number(f.grams_per_correct())]);
        }
        cells
    });
    Some(Table { title: format!("scenario {scenario}, energy"), rows: cells.collect(), columns })
}
