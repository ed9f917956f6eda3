//! Made-up boards of which the truth is known: how often rating and rank intervals hold it, and which voters are flagged.
//!
//! Not part of the library: a test and the bench `arena` take it in, so that both show the same.

use super::{Category, Conduct, Contest, Contests, Options, Prompt, Standing};
use crate::domain::{Name, Preference, Split, Tags};
use crate::stats::{Comparisons, Level, PairRecord, Prior, bradley_terry};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// SplitMix64 (Steele, Lea & Flood 2014).
pub struct SplitMix(pub u64);

impl SplitMix {
    fn bits(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let z = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// Above 0 and below 1.
    #[expect(clippy::cast_precision_loss, reason = "53 bits")]
    pub fn uniform(&mut self) -> f64 {
        ((self.bits() >> 11) as f64 + 0.5) / 9_007_199_254_740_992.0
    }

    fn below(&mut self, n: usize) -> usize {
        usize::try_from(self.bits() % n.max(1) as u64).unwrap_or(0)
    }

    /// Standard normal (Box & Muller 1958).
    fn normal(&mut self) -> f64 {
        let (length, angle) = ((-2.0 * self.uniform().ln()).sqrt(), std::f64::consts::TAU * self.uniform());
        length * angle.cos()
    }
}

/// What kind of board.
#[derive(Debug, Clone, Copy)]
pub struct World {
    pub targets: usize,
    /// The spread of abilities, in logarithms of odds; 1 is 174 points.
    pub spread: f64,
    pub prompts: usize,
    /// How much a target's ability differs from prompt to prompt …
    pub by_prompt: f64,
    /// … and in the eyes of one voter and another.
    pub taste: f64,
    /// Voters who look.
    pub honest: usize,
    /// Votes of each.
    pub votes: usize,
    /// How much the side that is shown first gains.
    pub first: f64,
    /// Shares of ties, and of "both bad".
    pub ties: f64,
    pub both_bad: f64,
}

impl World {
    /// Eight targets over 350 points or so, forty voters of sixty votes each.
    pub const USUAL: Self = Self {
        targets: 8,
        spread: 0.8,
        prompts: 300,
        by_prompt: 0.5,
        taste: 0.3,
        honest: 40,
        votes: 60,
        first: 0.1,
        ties: 0.15,
        both_bad: 0.1,
    };
}

fn logistic(x: f64) -> f64 {
    1.0 / (1.0 + (-x).exp())
}

/// A board that was drawn: abilities, and the votes.
pub struct Drawn {
    pub abilities: Vec<f64>,
    pub contests: Contests,
}

/// Draws a board: the honest voters first, then the odd ones, each with as many votes as it is given.
pub fn draw(rng: &mut SplitMix, world: World, odd: &[(Conduct, usize)]) -> Drawn {
    let abilities: Vec<f64> = (0..world.targets).map(|_| world.spread * rng.normal()).collect();
    let on_prompt: Vec<Vec<f64>> =
        (0..world.prompts).map(|_| (0..world.targets).map(|_| world.by_prompt * rng.normal()).collect()).collect();
    let mut by_prompt: Vec<Vec<Contest>> = vec![Vec::new(); world.prompts];
    let honest = (0..world.honest).map(|_| (Conduct::Usual, world.votes));
    let voters: Vec<(Conduct, usize)> = honest.chain(odd.iter().cloned()).collect();
    let mut at = 0;
    for (voter, (conduct, votes)) in voters.iter().enumerate() {
        let taste: Vec<f64> = (0..world.targets).map(|_| world.taste * rng.normal()).collect();
        let mut seen = BTreeSet::new();
        while seen.len() < *votes {
            let (prompt, first) = (rng.below(world.prompts), rng.below(world.targets));
            let second = (first + 1 + rng.below(world.targets - 1)) % world.targets;
            if !seen.insert((prompt, first.min(second), first.max(second))) {
                continue;
            }
            let ability = |target: usize| abilities[target] + on_prompt[prompt][target] + taste[target];
            let p = logistic(ability(first) - ability(second) + world.first);
            let left = |wins: bool| if wins { Preference::Left } else { Preference::Right };
            let word = rng.uniform();
            let looks = if word < world.ties {
                Preference::Tie
            } else if word < world.ties + world.both_bad {
                Preference::BothBad
            } else {
                left(rng.uniform() < p)
            };
            let preference = match conduct {
                Conduct::Usual => looks,
                Conduct::Against => looks.flipped(),
                Conduct::Chance => left(rng.uniform() < 0.5),
                Conduct::Partisan { target, in_favour } if first == *target => left(*in_favour),
                Conduct::Partisan { target, in_favour } if second == *target => left(!*in_favour),
                Conduct::Partisan { .. } => looks,
            };
            at += 1;
            by_prompt[prompt].push(Contest { first, second, preference, swapped: None, voter, at });
        }
    }
    let (Ok(scenario), tags) = (Name::new("s"), Tags::new("d", "c", "en", Split::Private)) else {
        return Drawn { abilities, contests: Contests::default() };
    };
    let prompt =
        |votes: Vec<Contest>| Prompt { scenario: scenario.clone(), tags: tags.clone(), votes, scores: Vec::new() };
    let contests = Contests {
        targets: (0..world.targets).filter_map(|target| Name::new(&format!("t{target}")).ok()).collect(),
        voters: (0..voters.len()).map(|voter| Arc::from(format!("v{voter}"))).collect(),
        prompts: by_prompt.into_iter().map(prompt).filter(|prompt| !prompt.votes.is_empty()).collect(),
        ..Contests::default()
    };
    Drawn { abilities, contests }
}

/// The ratings that endless votes of honest voters would bring: the fit of what is expected of every two.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "millions of votes")]
fn truth(rng: &mut SplitMix, world: World, abilities: &[f64]) -> Option<Vec<f64>> {
    // What prompts and tastes add to a difference is normal; its mean is taken over so many draws, the same for all pairs.
    let spread = (2.0 * (world.by_prompt.powi(2) + world.taste.powi(2))).sqrt();
    let noise: Vec<f64> = (0..512)
        .flat_map(|_| {
            let z = spread * rng.normal();
            [z, -z]
        })
        .collect();
    let draws = f64::from(u32::try_from(noise.len()).ok()?);
    let mut comparisons = Comparisons::new(abilities.len()).ok()?;
    for i in 0..abilities.len() {
        for j in i + 1..abilities.len() {
            let shown = |first: f64| {
                noise.iter().map(|z| logistic(abilities[i] - abilities[j] + z + first)).sum::<f64>() / draws
            };
            let p = f64::midpoint(shown(world.first), shown(-world.first));
            let decided = 1.0 - world.ties - world.both_bad;
            let wins = 1e7 * (p * decided + (1.0 - decided) / 2.0);
            let record = PairRecord { first: wins as u64, second: (1e7 - wins) as u64, ties: 0 };
            comparisons.add_record(i, j, record).ok()?;
        }
    }
    let fit = bradley_terry(&comparisons, Prior::None).ok()?;
    Some(fit.ratings(Level::P95).iter().map(|rating| rating.estimate).collect())
}

/// How often intervals held the truth.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Coverage {
    pub boards: u32,
    /// Ratings, those whose interval held the truth, and the mean half-width in points.
    pub ratings: u32,
    pub held: u32,
    pub half_width: f64,
    /// Targets whose true rank lay between the two ends of their rank.
    pub ranks_held: u32,
    /// Boards whose first is the true first.
    pub firsts: u32,
}

/// So many boards of honest voters.
pub fn coverage(rng: &mut SplitMix, world: World, boards: u32) -> Coverage {
    let mut all = Coverage::default();
    for _ in 0..boards {
        let Drawn { abilities, contests } = draw(rng, world, &[]);
        let board = contests.board(&Category::All, &BTreeSet::new(), Options::DEFAULT);
        let (Standing::Ranked(rows), Some(truth)) = (board.standing, truth(rng, world, &abilities)) else { continue };
        all.boards += 1;
        let places: BTreeMap<&str, usize> =
            contests.targets.iter().enumerate().map(|(at, name)| (name.as_str(), at)).collect();
        for (at, row) in rows.iter().enumerate() {
            let Some(own) = places.get(row.target.as_str()).and_then(|at| truth.get(*at)) else { continue };
            let rank = 1 + truth.iter().filter(|other| *other > own).count();
            all.ratings += 1;
            all.held += u32::from(row.rating.covers(*own));
            all.half_width += row.rating.half_width();
            all.ranks_held += u32::from((row.rank.rank..=row.rank.worst).contains(&rank));
            all.firsts += u32::from(at == 0 && rank == 1);
        }
    }
    all.half_width /= f64::from(all.ratings.max(1));
    all
}

/// What became of voters of one conduct.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Flagged {
    /// Voters of it, those that were flagged, and those of them whose conduct was named.
    pub voters: u32,
    pub flagged: u32,
    pub named: u32,
    /// Honest voters beside them, and those that were flagged; boards where one was.
    pub honest: u32,
    pub honest_flagged: u32,
    pub boards: u32,
    pub boards_wronged: u32,
}

/// So many boards with these odd voters among the honest ones.
pub fn flagged(rng: &mut SplitMix, world: World, odd: &[(Conduct, usize)], boards: u32) -> Flagged {
    let mut all = Flagged::default();
    for _ in 0..boards {
        let drawn = draw(rng, world, odd);
        let voters = drawn.contests.voters();
        let mut wronged = false;
        for (at, voter) in voters.iter().enumerate() {
            let is_flagged = u32::from(voter.is_flagged());
            match at.checked_sub(world.honest).and_then(|at| odd.get(at)) {
                Some((conduct, _)) => {
                    all.voters += 1;
                    all.flagged += is_flagged;
                    all.named += u32::from(voter.conduct == *conduct);
                }
                None => {
                    all.honest += 1;
                    all.honest_flagged += is_flagged;
                    wronged |= voter.is_flagged();
                }
            }
        }
        all.boards += 1;
        all.boards_wronged += u32::from(wronged);
    }
    all
}
