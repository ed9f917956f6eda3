//! A board: ratings of the targets by a part of the votes, with intervals and ranks.

use super::{Category, Contest, Contests, Prompt};
use crate::domain::{Name, Preference};
use crate::stats::{
    BradleyTerryError, Elo, Fit, Interval, Level, Outcome, Prior, Rank, Vote, bradley_terry_clustered,
    bradley_terry_items, ranks,
};
use std::collections::{BTreeMap, BTreeSet};

/// How boards are made.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Options {
    /// Fewer votes than this make no board.
    pub least_votes: u64,
    /// How sure intervals are.
    pub level: Level,
}

impl Options {
    /// Fifty votes, 95 %.
    pub const DEFAULT: Self = Self { least_votes: 50, level: Level::P95 };
}

/// From so many voters on, intervals speak of other voters too.
pub(super) const LEAST_VOTERS: usize = 5;

/// A target on a board.
#[derive(Debug, Clone, PartialEq)]
pub struct Row {
    /// Who.
    pub target: Name,
    /// 1000 for the average of the board, 400 points for odds of 10 to 1.
    pub rating: Interval,
    /// Its place, and what it could be.
    pub rank: Rank,
    /// Votes that it is in, …
    pub votes: u64,
    /// … those that it won, …
    pub wins: u64,
    /// … those that the other one won, …
    pub losses: u64,
    /// … those where both were good, …
    pub ties: u64,
    /// … and those where neither was.
    pub both_bad: u64,
    /// Its rating with the votes of flagged voters among them; none where there are none.
    pub with_flagged: Option<Interval>,
    /// Elo's rating after the last vote, in their order; none where items decide.
    pub elo: Option<f64>,
}

/// What can be said of a category.
#[derive(Debug, Clone, PartialEq)]
pub enum Standing {
    /// The targets, the best first.
    Ranked(Vec<Row>),
    /// There are too few votes.
    TooFew,
    /// There is no fit, and why.
    Unfit(BradleyTerryError),
}

/// Ratings by a part of the votes.
#[derive(Debug, Clone, PartialEq)]
pub struct Board {
    /// Which part.
    pub category: Category,
    /// Votes that count.
    pub votes: u64,
    /// On so many prompts.
    pub prompts: u64,
    /// By so many voters.
    pub voters: u64,
    /// Who is better.
    pub standing: Standing,
    /// Some won all or lost all, so that every target was given a tie with an average one.
    pub with_prior: bool,
    /// Whether intervals speak of other voters, and not of other prompts only.
    pub over_voters: bool,
}

/// What a target's votes came to.
#[derive(Default, Clone, Copy)]
struct Tally {
    wins: u64,
    losses: u64,
    ties: u64,
    both_bad: u64,
}

impl Contests {
    /// The board of a category; votes of the voters `flagged` (by their place) do not count.
    #[must_use]
    pub fn board(&self, category: &Category, flagged: &BTreeSet<usize>, options: Options) -> Board {
        let here = || self.prompts.iter().filter(|prompt| category.holds(&prompt.scenario, &prompt.tags));
        let part = Part::of(self, here(), flagged);
        let prompts = here().filter(|prompt| prompt.count() > 0).count() as u64;
        let voters: BTreeSet<usize> = part.contests().map(|contest| contest.voter).collect();
        let mut board = Board {
            category: category.clone(),
            votes: part.votes(),
            prompts,
            voters: voters.len() as u64,
            standing: Standing::TooFew,
            with_prior: false,
            over_voters: false,
        };
        if board.votes < options.least_votes.max(1) {
            return board;
        }
        let fitted = match part.fit(options.level) {
            Ok(fitted) => fitted,
            Err(error) => {
                board.standing = match error {
                    BradleyTerryError::OneCluster | BradleyTerryError::Nothing => Standing::TooFew,
                    error => Standing::Unfit(error),
                };
                return board;
            }
        };
        (board.with_prior, board.over_voters) = (fitted.with_prior, fitted.over_voters);
        let with = (!flagged.is_empty()).then(|| Part::of(self, here(), &BTreeSet::new()).by_target(options.level));
        board.standing = Standing::Ranked(part.rows(self, &fitted, with.as_ref()));
        board
    }
}

/// Ratings of the targets of a part, in its order.
struct Fitted {
    ratings: Vec<Interval>,
    with_prior: bool,
    over_voters: bool,
}

/// A part of the votes, its targets numbered without gaps.
struct Part {
    /// The places of its targets among all.
    targets: Vec<usize>,
    /// Votes by prompt.
    votes: Vec<Vec<Contest>>,
    /// Scores by prompt.
    scores: Vec<Vec<(usize, f64)>>,
}

impl Part {
    fn of<'p>(all: &Contests, prompts: impl Iterator<Item = &'p Prompt>, flagged: &BTreeSet<usize>) -> Self {
        let mut votes: Vec<Vec<Contest>> = Vec::new();
        let mut scores: Vec<Vec<(usize, f64)>> = Vec::new();
        for prompt in prompts {
            let counting = prompt.votes.iter().filter(|contest| !flagged.contains(&contest.voter));
            let counting: Vec<Contest> = counting.copied().collect();
            if !counting.is_empty() {
                votes.push(counting);
            }
            if prompt.scores.len() > 1 {
                scores.push(prompt.scores.clone());
            }
        }
        let mut place = vec![None; all.targets.len()];
        let voted = votes.iter().flatten().flat_map(|contest| [contest.first, contest.second]);
        for target in voted.chain(scores.iter().flatten().map(|(target, _)| *target)) {
            if let Some(place) = place.get_mut(target) {
                *place = Some(0);
            }
        }
        let mut targets = Vec::new();
        for (target, place) in place.iter_mut().enumerate() {
            if place.is_some() {
                *place = Some(targets.len());
                targets.push(target);
            }
        }
        let number = |target: usize| place.get(target).copied().flatten().unwrap_or_default();
        for contest in votes.iter_mut().flatten() {
            (contest.first, contest.second) = (number(contest.first), number(contest.second));
        }
        scores.iter_mut().flatten().for_each(|(target, _)| *target = number(*target));
        Self { targets, votes, scores }
    }

    fn contests(&self) -> impl Iterator<Item = &Contest> {
        self.votes.iter().flatten()
    }

    fn votes(&self) -> u64 {
        let of_scores = |scores: &Vec<(usize, f64)>| (scores.len() * scores.len().saturating_sub(1) / 2) as u64;
        self.votes.iter().map(|votes| votes.len() as u64).sum::<u64>() + self.scores.iter().map(of_scores).sum::<u64>()
    }

    /// The fit: by prompts, and by voters where there are enough of them; of the two, the wider interval holds.
    fn fit(&self, level: Level) -> Result<Fitted, BradleyTerryError> {
        let (mut with_prior, mut prior) = (false, Prior::None);
        let by_prompt = match self.by_prompt(prior) {
            Err(BradleyTerryError::NotConnected { .. }) => {
                (with_prior, prior) = (true, Prior::Ties(1.0));
                self.by_prompt(prior)?
            }
            other => other?,
        };
        let mut ratings = by_prompt.ratings(level);
        let mut by_voter: BTreeMap<usize, Vec<Vote>> = BTreeMap::new();
        for contest in self.contests() {
            by_voter.entry(contest.voter).or_default().push(vote(contest));
        }
        let over_voters = by_voter.len() >= LEAST_VOTERS;
        if over_voters {
            let clusters: Vec<Vec<Vote>> = by_voter.into_values().collect();
            let others = bradley_terry_clustered(self.targets.len(), &clusters, prior)?.ratings(level);
            for (mine, theirs) in ratings.iter_mut().zip(others) {
                if theirs.half_width() > mine.half_width() {
                    *mine = theirs;
                }
            }
        }
        Ok(Fitted { ratings, with_prior, over_voters })
    }

    fn by_prompt(&self, prior: Prior) -> Result<Fit, BradleyTerryError> {
        if self.scores.is_empty() {
            let clusters: Vec<Vec<Vote>> = self.votes.iter().map(|votes| votes.iter().map(vote).collect()).collect();
            return bradley_terry_clustered(self.targets.len(), &clusters, prior);
        }
        bradley_terry_items(self.targets.len(), &self.scores, prior)
    }

    /// Ratings by the target's place among all.
    fn by_target(&self, level: Level) -> BTreeMap<usize, Interval> {
        let ratings = self.fit(level).map(|fitted| fitted.ratings).unwrap_or_default();
        self.targets.iter().copied().zip(ratings).collect()
    }

    fn tallies(&self) -> Vec<Tally> {
        let mut tallies = vec![Tally::default(); self.targets.len()];
        let mut count = |first: usize, second: usize, preference: Preference| {
            for (target, seen) in [(first, preference), (second, preference.flipped())] {
                let Some(tally) = tallies.get_mut(target) else { continue };
                match seen {
                    Preference::Left => tally.wins += 1,
                    Preference::Right => tally.losses += 1,
                    Preference::Tie => tally.ties += 1,
                    Preference::BothBad => tally.both_bad += 1,
                }
            }
        };
        for contest in self.contests() {
            count(contest.first, contest.second, contest.counts_as());
        }
        for scores in &self.scores {
            for (at, (first, a)) in scores.iter().enumerate() {
                for (second, b) in scores.iter().skip(at + 1) {
                    count(*first, *second, of_scores(*a, *b));
                }
            }
        }
        tallies
    }

    /// Elo's ratings after the last vote.
    fn elo(&self) -> Option<Vec<f64>> {
        let mut all: Vec<&Contest> = self.contests().collect();
        if all.is_empty() {
            return None;
        }
        all.sort_by_key(|contest| contest.at);
        let mut elo = Elo::new(self.targets.len(), Elo::USUAL_K).ok()?;
        for contest in all {
            elo.add(vote(contest)).ok()?;
        }
        Some(elo.ratings().to_vec())
    }

    fn rows(&self, all: &Contests, fitted: &Fitted, with: Option<&BTreeMap<usize, Interval>>) -> Vec<Row> {
        let places = ranks(&fitted.ratings);
        let (tallies, elo) = (self.tallies(), self.elo());
        let row = |(at, place): (usize, &usize)| {
            let Tally { wins, losses, ties, both_bad } = *tallies.get(at)?;
            Some(Row {
                target: all.targets.get(*place)?.clone(),
                rating: *fitted.ratings.get(at)?,
                rank: *places.get(at)?,
                votes: wins + losses + ties + both_bad,
                wins,
                losses,
                ties,
                both_bad,
                with_flagged: with.and_then(|with| with.get(place).copied()),
                elo: elo.as_ref().and_then(|elo| elo.get(at).copied()),
            })
        };
        let mut rows: Vec<Row> = self.targets.iter().enumerate().filter_map(row).collect();
        rows.sort_by(|a, b| b.rating.estimate.total_cmp(&a.rating.estimate).then_with(|| a.target.cmp(&b.target)));
        rows
    }
}

/// What two scores on an item say: both right is a tie, both wrong is both bad.
pub(super) fn of_scores(first: f64, second: f64) -> Preference {
    match first.total_cmp(&second) {
        std::cmp::Ordering::Greater => Preference::Left,
        std::cmp::Ordering::Less => Preference::Right,
        std::cmp::Ordering::Equal if first > 0.0 => Preference::Tie,
        std::cmp::Ordering::Equal => Preference::BothBad,
    }
}

/// A tie is half a win for each, and so is "both bad".
pub(super) fn vote(contest: &Contest) -> Vote {
    let outcome = match contest.counts_as() {
        Preference::Left => Outcome::First,
        Preference::Right => Outcome::Second,
        Preference::Tie | Preference::BothBad => Outcome::Tie,
    };
    Vote { first: contest.first, second: contest.second, outcome }
}
