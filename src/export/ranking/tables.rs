//! Boards as tables, which the formats for people show.

use super::Document;
use crate::contest::{Board, Row, Standing};
use crate::export::report::{Column, NOTHING, Table};
use crate::stats::Interval;

pub(super) fn tables(document: &Document) -> Vec<Table> {
    document.boards.iter().filter_map(|board| table(board, document)).chain(flagged(document)).collect()
}

fn table(board: &Board, document: &Document) -> Option<Table> {
    let terms = document.lang.ranking();
    let Standing::Ranked(rows) = &board.standing else { return None };
    let with_flagged = rows.iter().any(|row| row.with_flagged.is_some());
    let mut columns = vec![
        Column::number(terms.rank),
        Column::text(terms.target),
        Column::number(terms.rating),
        Column::number(terms.votes),
        Column::number(terms.won),
        Column::number(terms.lost),
        Column::number(terms.tie),
        Column::number(terms.both_bad),
    ];
    if with_flagged {
        columns.push(Column::number(terms.with_flagged));
    }
    let cells = |row: &Row| {
        let Row { target, rating: of, rank, votes, wins, losses, ties, both_bad, with_flagged: with, elo: _ } = row;
        let place =
            if rank.rank == rank.worst { rank.rank.to_string() } else { format!("{}–{}", rank.rank, rank.worst) };
        let mut cells = vec![place, target.to_string(), rating(of)];
        cells.extend([votes, wins, losses, ties, both_bad].map(ToString::to_string));
        if with_flagged {
            cells.push(with.as_ref().map_or_else(|| NOTHING.to_owned(), rating));
        }
        cells
    };
    Some(Table { title: terms.head(board), columns, rows: rows.iter().map(cells).collect() })
}

fn rating(of: &Interval) -> String {
    format!("{:.0} ({:.0}–{:.0})", of.estimate, of.lower, of.upper)
}

fn flagged(document: &Document) -> Option<Table> {
    let terms = document.lang.ranking();
    let rows: Vec<Vec<String>> = document
        .voters
        .iter()
        .filter(|voter| voter.is_flagged())
        .map(|voter| {
            vec![
                voter.name.chars().take(8).collect(),
                voter.votes.to_string(),
                voter.decided.to_string(),
                format!("{}/{}", voter.agreed, voter.decided),
                format!("{:.1e}", voter.p),
                terms.conduct(voter, &document.targets),
            ]
        })
        .collect();
    let columns = vec![
        Column::text(terms.voter),
        Column::number(terms.votes),
        Column::number(terms.decided),
        Column::number(terms.agreed),
        Column::number(terms.p),
        Column::text(terms.conduct),
    ];
    (!rows.is_empty()).then(|| Table { title: terms.flagged.to_owned(), columns, rows })
}
