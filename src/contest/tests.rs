//! Boards by hand and by simulation: what counts, what does not, and what does not depend on names or sides.

use super::ballots::Gathering;
use super::board::of_scores;
use super::simulate::{SplitMix, World, coverage, draw, flagged};
use super::*;
use crate::domain::{Ballot, Fingerprint, ItemId, Length, Side, Split, VoteSource};
use crate::stats::Level;
use crate::store::Voted;
use proptest::prelude::*;

fn name(text: &str) -> Name {
    Name::new(text).unwrap()
}

fn ballot(id: i64, voter: &str, prompt: &str, [left, right]: [&str; 2], preference: Preference) -> Voted {
    let side = |target: &str| {
        let (target, version) = target.split_once('@').unwrap_or((target, "1"));
        Side { target: name(target), provenance: Fingerprint::from_text(version) }
    };
    let hard = prompt.starts_with('h');
    let ballot = Ballot {
        scenario: name("s"),
        item: ItemId::new(prompt),
        prompt: Fingerprint::from_text(prompt),
        left: side(left),
        right: side(right),
        preference,
        swapped: None,
        voter: voter.into(),
        source: VoteSource::Human,
        tags: Tags { hard, length: Length::Short, ..Tags::new("d", "c", "en", Split::Private) },
        at_unix_ms: id,
    };
    Voted { id, ballot }
}

fn gathered(ballots: impl IntoIterator<Item = Voted>) -> Contests {
    let mut gathering = Gathering::default();
    ballots.into_iter().for_each(|voted| gathering.add(voted));
    gathering.finish()
}

fn ranked(contests: &Contests) -> Vec<Row> {
    let options = Options { least_votes: 1, ..Options::DEFAULT };
    match contests.board(&Category::All, &BTreeSet::new(), options).standing {
        Standing::Ranked(rows) => rows,
        other => panic!("{other:?}"),
    }
}

#[test]
fn of_a_prompt_a_pair_and_a_voter_one_vote_counts_and_none_on_an_older_answer() {
    use Preference::{BothBad, Left, Right, Tie};
    let contests = gathered([
        ballot(1, "v", "p", ["a@0", "b"], Left),
        ballot(2, "v", "q", ["a@1", "b"], Left),
        ballot(3, "v", "q", ["b", "a@1"], Left),
        ballot(4, "w", "q", ["b", "a@1"], Left),
        ballot(5, "w", "r", ["b", "c"], Tie),
        ballot(6, "w", "r", ["a", "c"], BothBad),
        ballot(7, "w", "r", ["b", "a"], Right),
    ]);
    assert_eq!((contests.votes(), contests.repeated), (5, 1));
    assert_eq!(contests.left_out, [LeftOut { target: name("a"), scenario: name("s"), votes: 1 }]);
    assert_eq!(contests.prompts.len(), 2);
    let rows = ranked(&contests);
    let counts = |target: &str| {
        let row = rows.iter().find(|row| row.target == name(target)).unwrap();
        [row.votes, row.wins, row.losses, row.ties, row.both_bad]
    };
    assert_eq!(counts("a"), [4, 2, 1, 0, 1]);
    assert_eq!(counts("b"), [4, 1, 2, 1, 0]);
    assert_eq!(counts("c"), [2, 0, 0, 1, 1]);
    assert_eq!(rows[0].target, name("a"));
}

#[test]
fn few_votes_make_no_board_and_who_never_lost_has_a_rating_all_the_same() {
    let votes: Vec<Voted> = (0..20)
        .map(|n| ballot(n, "v", &format!("{}{n}", if n < 5 { "h" } else { "e" }), ["a", "b"], Preference::Left))
        .collect();
    let contests = gathered(votes);
    let none = BTreeSet::new();
    let board = contests.board(&Category::All, &none, Options { least_votes: 21, ..Options::DEFAULT });
    assert_eq!((board.standing, board.votes, board.prompts, board.voters), (Standing::TooFew, 20, 20, 1));
    let board = contests.board(&Category::All, &none, Options { least_votes: 20, ..Options::DEFAULT });
    assert!(board.with_prior && !board.over_voters);
    let Standing::Ranked(rows) = board.standing else { panic!() };
    assert!(rows[0].rating.estimate > rows[1].rating.estimate + 200.0);
    assert_eq!((rows[0].rank.rank, rows[0].rank.worst, rows[1].rank.rank), (1, 1, 2));
    assert_eq!(contests.categories(), [Category::All, Category::Hard]);
    let hard = contests.board(&Category::Hard, &none, Options { least_votes: 1, ..Options::DEFAULT });
    assert_eq!((hard.votes, hard.prompts), (5, 5));
}

#[test]
fn items_are_contests() {
    assert_eq!(of_scores(1.0, 0.0), Preference::Left);
    assert_eq!(of_scores(0.0, 0.5), Preference::Right);
    assert_eq!((of_scores(0.5, 0.5), of_scores(0.0, 0.0)), (Preference::Tie, Preference::BothBad));
    let prompt = |scores: Vec<(usize, f64)>| Prompt {
        scenario: name("s"),
        tags: Tags::new("d", "c", "en", Split::Fresh),
        votes: Vec::new(),
        scores,
    };
    let contests = Contests {
        targets: ["a", "b", "c"].map(name).to_vec(),
        prompts: vec![
            prompt(vec![(0, 1.0), (1, 0.0), (2, 0.0)]),
            prompt(vec![(0, 1.0), (2, 1.0)]),
            prompt(vec![(0, 0.0), (1, 1.0)]),
            prompt(vec![(2, 0.0)]),
        ],
        ..Contests::default()
    };
    assert_eq!(contests.votes(), 5);
    let rows = ranked(&contests);
    assert_eq!(rows[0].target, name("a"));
    assert_eq!([rows[0].wins, rows[0].losses, rows[0].ties, rows[0].both_bad], [2, 1, 1, 0]);
    assert!(rows.iter().all(|row| row.elo.is_none()));
}

#[test]
fn the_side_that_is_shown_first_is_watched() {
    let vote = |n: i64, preference| ballot(n, "v", &format!("p{n}"), ["a", "b"], preference);
    let left = gathered((0..40).map(|n| vote(n, if n < 34 { Preference::Left } else { Preference::Right })));
    let sides = left.sides(Level::P95).unwrap();
    assert!(sides.is_biased() && sides.decided == 40 && (sides.share.estimate - 0.85).abs() < 1e-9);
    let even = gathered((0..40).map(|n| vote(n, if n % 2 == 0 { Preference::Left } else { Preference::Right })));
    assert!(!even.sides(Level::P95).unwrap().is_biased());
    // A judge that always takes the first one: seen from fixed sides, its two orders disagree.
    let judged = gathered((0..40).map(|n| {
        let mut voted = vote(n, Preference::Left);
        voted.ballot.swapped = Some(Preference::Right);
        voted
    }));
    let sides = judged.sides(Level::P95).unwrap();
    assert_eq!((sides.decided, sides.both_orders, sides.agreed), (80, 40, 0));
    assert!(sides.share.estimate > 0.99 && sides.is_biased());
    assert_eq!(ranked(&judged)[0].ties, 40);
    assert_eq!(gathered([vote(1, Preference::Tie)]).sides(Level::P95), None);
}

#[test]
fn planted_ratings_are_found_and_intervals_hold_them() {
    let seen = coverage(&mut SplitMix(7), World::USUAL, 40);
    assert_eq!(seen.boards, 40);
    let held = f64::from(seen.held) / f64::from(seen.ratings);
    assert!(held > 0.90, "{seen:?}");
    assert!(f64::from(seen.ranks_held) / f64::from(seen.ratings) > 0.95, "{seen:?}");
    assert!(seen.half_width < 60.0, "{seen:?}");
}

#[test]
fn odd_voters_are_flagged_and_honest_ones_are_not() {
    let odd = [(Conduct::Against, 240), (Conduct::Partisan { target: 0, in_favour: false }, 400)];
    let seen = flagged(&mut SplitMix(3), World::USUAL, &odd, 10);
    assert!(seen.flagged * 10 >= seen.voters * 7, "{seen:?}");
    assert_eq!(seen.honest_flagged, 0, "{seen:?}");
    // Where there are few others, nobody is measured by what they did not say: 3 boards of 100 wrong somebody, with two voters.
    for honest in [1, 2, 5] {
        let seen = flagged(&mut SplitMix(4), World { honest, votes: 240, ..World::USUAL }, &[], 40);
        assert!(seen.boards == 40 && seen.boards_wronged <= 4, "{seen:?}");
    }
}

#[test]
fn what_flagged_voters_said_is_left_out_and_shown_beside() {
    let odd = vec![(Conduct::Against, 200); 6];
    let contests = draw(&mut SplitMix(11), World::USUAL, &odd).contests;
    let voters = contests.voters();
    let flagged: BTreeSet<usize> =
        voters.iter().enumerate().filter(|(_, voter)| voter.is_flagged()).map(|(at, _)| at).collect();
    assert!(flagged.len() >= 4 && flagged.iter().all(|voter| (40..46).contains(voter)), "{voters:?}");
    let board = contests.board(&Category::All, &flagged, Options::DEFAULT);
    let out = flagged.len() as u64;
    assert_eq!((board.voters, board.votes), (46 - out, 2400 + (6 - out) * 200));
    let Standing::Ranked(rows) = board.standing else { panic!() };
    let (best, worst) = (&rows[0], &rows[rows.len() - 1]);
    let apart = |with: bool| {
        let of = |row: &Row| if with { row.with_flagged.unwrap() } else { row.rating };
        of(best).estimate - of(worst).estimate
    };
    assert!(apart(false) > apart(true) + 10.0);
}

/// Votes as a test draws them: voter, prompt, pair, preference.
fn votes() -> impl Strategy<Value = Vec<(u8, u8, u8, u8, usize)>> {
    proptest::collection::vec((0..4_u8, 0..12_u8, 0..4_u8, 1..4_u8, 0..4_usize), 20..120)
}

fn cast(votes: &[(u8, u8, u8, u8, usize)], names: [&str; 4], swap: bool) -> Contests {
    gathered(votes.iter().enumerate().map(|(at, (voter, prompt, first, step, preference))| {
        let (first, second) = (usize::from(*first), usize::from((first + step) % 4));
        let preference = Preference::ALL[*preference];
        let (pair, preference) = match swap {
            true => ([names[second], names[first]], preference.flipped()),
            false => ([names[first], names[second]], preference),
        };
        ballot(at as i64, &format!("v{voter}"), &format!("p{prompt}"), pair, preference)
    }))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn neither_names_nor_sides_matter(votes in votes()) {
        let plain = cast(&votes, ["a", "b", "c", "d"], false);
        let other_names = cast(&votes, ["d", "c", "b", "a"], false);
        let other_sides = cast(&votes, ["a", "b", "c", "d"], true);
        let of = |contests: &Contests, rename: bool| {
            let mut rows: Vec<(String, [u64; 4], f64, f64)> = ranked(contests).iter().map(|row| {
                let own = row.target.as_str();
                let own = if rename { ["d", "c", "b", "a"][usize::from(own.as_bytes()[0] - b'a')] } else { own };
                (own.to_owned(), [row.wins, row.losses, row.ties, row.both_bad], row.rating.estimate, row.rating.lower)
            }).collect();
            rows.sort_by(|a, b| a.0.cmp(&b.0));
            rows
        };
        let (a, b, c) = (of(&plain, false), of(&other_names, true), of(&other_sides, false));
        for (x, other) in a.iter().zip(&b).chain(a.iter().zip(&c)) {
            prop_assert_eq!((&x.0, &x.1), (&other.0, &other.1));
            prop_assert!((x.2 - other.2).abs() < 2e-3 && (x.3 - other.3).abs() < 2e-3, "{:?} {:?}", x, other);
        }
    }

    #[test]
    fn votes_are_neither_lost_nor_made(votes in votes()) {
        let contests = cast(&votes, ["a", "b", "c", "d"], false);
        prop_assert_eq!(contests.votes() + contests.repeated, votes.len() as u64);
        let rows = ranked(&contests);
        let sum = |of: fn(&Row) -> u64| rows.iter().map(of).sum::<u64>();
        prop_assert_eq!(sum(|row| row.votes), 2 * contests.votes());
        prop_assert_eq!(sum(|row| row.wins), sum(|row| row.losses));
        let voters = contests.voters();
        prop_assert_eq!(voters.iter().map(|voter| voter.votes).sum::<u64>(), contests.votes());
    }
}
