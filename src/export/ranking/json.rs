//! JSON: every figure unrounded.

use super::{Document, words};
use crate::contest::{Board, Row, Standing, Voter};
use crate::export::report::rfc3339;
use crate::stats::Interval;
use serde_json::{Value, json};

pub(super) fn render(document: &Document) -> String {
    let sides = document.sides.map(|sides| {
        json!({
            "decided": sides.decided, "first_won": interval(&sides.share), "biased": sides.is_biased(),
            "both_orders": sides.both_orders, "agreed": sides.agreed,
        })
    });
    let left = document
        .left_out
        .iter()
        .map(|left| json!({ "target": left.target.as_str(), "scenario": left.scenario.as_str(), "votes": left.votes }));
    let whole = json!({
        "schema": "assayd.rank/1",
        "made": rfc3339(document.made_unix_ms),
        "version": env!("CARGO_PKG_VERSION"),
        "source": document.source,
        "from": document.from.label(),
        "least_votes": document.least_votes,
        "boards": document.boards.iter().map(board).collect::<Vec<_>>(),
        "flagged_left_out": document.flagged_left_out,
        "voters": document.voters.iter().map(|one| voter(one, document)).collect::<Vec<_>>(),
        "sides": sides,
        "repeated": document.repeated,
        "left_out": left.collect::<Vec<_>>(),
        "notes": words::notes(document),
    });
    format!("{whole:#}\n")
}

fn interval(interval: &Interval) -> Value {
    json!({ "estimate": interval.estimate, "lower": interval.lower, "upper": interval.upper })
}

fn board(board: &Board) -> Value {
    let Board { category, votes, prompts, voters, standing, with_prior, over_voters } = board;
    let (rows, why) = match standing {
        Standing::Ranked(rows) => (rows.iter().map(row).collect::<Vec<_>>(), None),
        Standing::TooFew => (Vec::new(), Some("too few votes".to_owned())),
        Standing::Unfit(error) => (Vec::new(), Some(error.to_string())),
    };
    json!({
        "category": category.to_string(), "votes": votes, "prompts": prompts, "voters": voters, "targets": rows,
        "unranked": why, "with_prior": with_prior, "over_voters": over_voters,
    })
}

fn row(row: &Row) -> Value {
    let Row { target, rating, rank, votes, wins, losses, ties, both_bad, with_flagged, elo } = row;
    json!({
        "target": target.as_str(), "rating": interval(rating), "rank": rank.rank, "worst_rank": rank.worst,
        "votes": votes, "won": wins, "lost": losses, "both_good": ties, "both_bad": both_bad,
        "with_flagged": with_flagged.as_ref().map(interval), "elo": elo,
    })
}

fn voter(voter: &Voter, document: &Document) -> Value {
    json!({
        "voter": &*voter.name, "votes": voter.votes, "decided": voter.decided, "agreed": voter.agreed, "p": voter.p,
        "flagged": voter.is_flagged(), "conduct": document.lang.ranking().conduct(voter, &document.targets),
    })
}
