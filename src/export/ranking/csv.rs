//! CSV: a row for each target on each board, a header, plain numbers.

use super::Document;
use crate::contest::{Row, Standing};
use std::fmt::Write as _;

const HEADER: &str = "from,category,rank,worst_rank,target,rating,rating_lower,rating_upper,votes,won,lost,both_good,both_bad,\
                      rating_with_flagged,elo,board_votes,board_prompts,board_voters";

pub(super) fn render(document: &Document) -> String {
    let mut text = format!("{HEADER}\n");
    for board in &document.boards {
        let Standing::Ranked(rows) = &board.standing else { continue };
        for row in rows {
            let Row { target, rating, rank, votes, wins, losses, ties, both_bad, with_flagged, elo } = row;
            let number = |value: Option<f64>| value.map(|value| format!("{value:.3}")).unwrap_or_default();
            let cells = [
                document.from.label().to_owned(),
                quoted(&board.category.to_string()),
                rank.rank.to_string(),
                rank.worst.to_string(),
                quoted(target.as_str()),
                number(Some(rating.estimate)),
                number(Some(rating.lower)),
                number(Some(rating.upper)),
                votes.to_string(),
                wins.to_string(),
                losses.to_string(),
                ties.to_string(),
                both_bad.to_string(),
                number(with_flagged.map(|rating| rating.estimate)),
                number(*elo),
                board.votes.to_string(),
                board.prompts.to_string(),
                board.voters.to_string(),
            ];
            let _ = writeln!(text, "{}", cells.join(","));
        }
    }
    text
}

fn quoted(text: &str) -> String {
    if text.contains([',', '"', '\n', '\r']) { format!("\"{}\"", text.replace('"', "\"\"")) } else { text.to_owned() }
}
