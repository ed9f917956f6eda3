//! Voters who do not vote as others do: by chance, against all the others, or for one target whatever it says.
//!
//! Of each voter's votes that one side won, evidence is gathered in their order: how much likelier they are if the voter votes
//! oddly than if it votes as others do. The latter is a learner: it begins with what a fit of all others' votes says, how unsure
//! that is, and a taste that everybody is granted, and learns the voter's own taste from vote to vote, so that what it expects is a
//! chance that was said before the vote. If that is how the voter votes, the evidence is a martingale with mean 1, and its largest value ever is
//! above 1/α with a chance of at most α (Ville 1939, Étude critique de la notion de collectif; as a test: Shafer, Shen, Vereshchagin
//! & Vovk 2011, Statist. Sci. 26, 84–101): p = 1 / its largest value, whenever one looks. Over voters p is adjusted by Holm's
//! procedure.
//!
//! Ties and "both bad" say nothing here: how often one calls a tie is taste. Nor do votes on two of whom the others know too
//! little. See `docs/statistics.md` for what simulations say.

use super::{Contest, Contests};
use crate::domain::Preference;
use crate::stats::{Comparisons, Fit, Interval, Level, PairRecord, Prior, bradley_terry, holm};
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;
use std::sync::Arc;

/// A voter is flagged below this adjusted p-value: of boards without any odd voter one in a hundred flags somebody.
const ALPHA: f64 = 0.01;
/// What is expected of a voter is never taken for surer than this.
const SUREST: f64 = 0.98;
/// How much a target's ability differs from voter to voter, as everybody is granted: a standard deviation in logarithms of odds.
/// 0.3 is 52 points.
const TASTE: f64 = 0.3;
/// The standard error of what others say of two, in logarithms of odds, above which a vote on them is no evidence.
const KNOWN: f64 = 0.5;
/// A voter with a smaller share of all votes than this hardly moves the fit: it is not made anew without them.
const SHARE: f64 = 0.005;
/// Looks at all voters, each without the votes of those who were flagged at the one before.
const ROUNDS: usize = 6;

/// How a voter votes, as far as the evidence tells.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Conduct {
    /// As others do, or nothing is shown.
    Usual,
    /// As by chance, or always for one side.
    Chance,
    /// Against what others say.
    Against,
    /// For or against one target, whatever it says.
    Partisan {
        /// Its place among the targets.
        target: usize,
        /// Whether for it.
        in_favour: bool,
    },
}

/// A voter and what is thought of it.
#[derive(Debug, Clone, PartialEq)]
pub struct Voter {
    /// The pseudonym.
    pub name: Arc<str>,
    /// All its votes.
    pub votes: u64,
    /// Those that one side won.
    pub decided: u64,
    /// … and of those the ones that agree with what the others' fit says is likelier.
    pub agreed: u64,
    /// p, adjusted over all voters.
    pub p: f64,
    /// What kind of oddity the evidence is for; usual where it is not flagged.
    pub conduct: Conduct,
}

impl Voter {
    /// Whether it is flagged.
    #[must_use]
    pub fn is_flagged(&self) -> bool {
        self.conduct != Conduct::Usual
    }
}

/// A vote that one side won.
#[derive(Clone, Copy)]
struct Decided {
    first: usize,
    second: usize,
    first_won: bool,
}

impl Contests {
    /// Every voter, in the order of [`Contests::voters`].
    #[must_use]
    pub fn voters(&self) -> Vec<Voter> {
        let mut own: Vec<Vec<Contest>> = vec![Vec::new(); self.voters.len()];
        for contest in self.prompts.iter().flat_map(|prompt| &prompt.votes) {
            if let Some(own) = own.get_mut(contest.voter) {
                own.push(*contest);
            }
        }
        own.iter_mut().for_each(|votes| votes.sort_by_key(|contest| contest.at));
        let decided: Vec<Vec<Decided>> = own.iter().map(|votes| votes.iter().filter_map(decided).collect()).collect();
        let mut flagged = BTreeSet::new();
        let mut voters = Vec::new();
        for _ in 0..ROUNDS {
            voters = self.look(&own, &decided, &flagged);
            let odd = voters.iter().enumerate().filter(|(_, voter)| voter.is_flagged());
            let found: BTreeSet<usize> = odd.map(|(at, _)| at).collect();
            if found == flagged {
                break;
            }
            flagged = found;
        }
        voters
    }

    fn look(&self, own: &[Vec<Contest>], decided: &[Vec<Decided>], flagged: &BTreeSet<usize>) -> Vec<Voter> {
        let mut records = Records::default();
        for (voter, votes) in decided.iter().enumerate() {
            if !flagged.contains(&voter) {
                records.add(votes);
            }
        }
        let models = self.targets.len();
        let everybody = Rc::new(records.fit(models));
        let large = SHARE * count(records.votes);
        let mut found: Vec<Evidence> = Vec::new();
        for (voter, votes) in decided.iter().enumerate() {
            let among = !flagged.contains(&voter);
            let fit = if among && count(votes.len() as u64) >= large {
                let mut others = records.clone();
                others.remove(votes);
                Rc::new(others.fit(models))
            } else {
                Rc::clone(&everybody)
            };
            found.push(Evidence::of(votes, fit.as_ref().as_ref(), models));
        }
        let p: Vec<f64> = found.iter().map(|evidence| (-evidence.most).exp().min(1.0)).collect();
        let voter = |(at, p): (usize, f64)| {
            let evidence = found.get(at)?;
            Some(Voter {
                name: self.voters.get(at)?.clone(),
                votes: own.get(at)?.len() as u64,
                decided: decided.get(at)?.len() as u64,
                agreed: evidence.agreed,
                p,
                conduct: if p < ALPHA { evidence.conduct.clone() } else { Conduct::Usual },
            })
        };
        holm(&p).into_iter().enumerate().filter_map(voter).collect()
    }
}

fn decided(contest: &Contest) -> Option<Decided> {
    let preference = contest.counts_as();
    preference.is_decided().then_some(Decided {
        first: contest.first,
        second: contest.second,
        first_won: preference == Preference::Left,
    })
}

#[expect(clippy::cast_precision_loss, reason = "numbers of votes")]
const fn count(n: u64) -> f64 {
    n as f64
}

/// Wins by pair, the lower index first.
#[derive(Default, Clone)]
struct Records {
    pairs: BTreeMap<(usize, usize), (u64, u64)>,
    votes: u64,
}

impl Records {
    fn cell(&mut self, vote: &Decided) -> &mut u64 {
        let (low, high) = (vote.first.min(vote.second), vote.first.max(vote.second));
        let record = self.pairs.entry((low, high)).or_default();
        if (vote.first == low) == vote.first_won { &mut record.0 } else { &mut record.1 }
    }

    fn add(&mut self, votes: &[Decided]) {
        for vote in votes {
            *self.cell(vote) += 1;
            self.votes += 1;
        }
    }

    fn remove(&mut self, votes: &[Decided]) {
        for vote in votes {
            let cell = self.cell(vote);
            *cell = cell.saturating_sub(1);
            self.votes = self.votes.saturating_sub(1);
        }
    }

    /// A fit, with a tie with an average model each, so that there always is one; none without votes.
    fn fit(&self, models: usize) -> Option<Fit> {
        let mut comparisons = Comparisons::new(models).ok()?;
        for ((low, high), (first, second)) in &self.pairs {
            let record = PairRecord { first: *first, second: *second, ties: 0 };
            if record.votes() > 0 {
                comparisons.add_record(*low, *high, record).ok()?;
            }
        }
        bradley_terry(&comparisons, Prior::Ties(1.0)).ok()
    }
}

/// Half of a 95 % interval, in standard errors.
const HALF: f64 = 1.96;

/// How much abler the first is than the second, by others, in logarithms of odds; none where they know too little of it.
fn apart(fit: Option<&Fit>, first: usize, second: usize) -> Option<f64> {
    let apart = fit?.difference(first, second, Level::P95)?;
    (apart.half_width() <= HALF * KNOWN).then_some(apart.estimate)
}

/// What is expected of one who votes as others do, but for a taste of its own that is learned: abilities, each normal by itself.
///
/// The update is an extended Kalman filter's for a logistic observation (as in Glickman 1999, Appl. Statist. 48, 377–394); the
/// chance before it takes the spread in by MacKay (1992), Neural Comput. 4, 720–736.
struct Learner {
    mean: Vec<f64>,
    variance: Vec<f64>,
}

impl Learner {
    fn new(fit: Option<&Fit>, models: usize) -> Self {
        let ability = |model: usize| fit.and_then(|fit| fit.ability(model, Level::P95));
        let spread = |own: &Interval| (own.half_width() / HALF).powi(2) + TASTE * TASTE;
        let all: Vec<Option<Interval>> = (0..models).map(ability).collect();
        Self {
            mean: all.iter().map(|own| own.map_or(0.0, |own| own.estimate)).collect(),
            variance: all.iter().map(|own| own.as_ref().map_or(1.0, spread)).collect(),
        }
    }

    /// The chance of what is seen now, before it is learned from.
    fn see(&mut self, vote: &Decided) -> f64 {
        let of = |all: &[f64], model: usize| all.get(model).copied().unwrap_or_default();
        let apart = of(&self.mean, vote.first) - of(&self.mean, vote.second);
        let spread = of(&self.variance, vote.first) + of(&self.variance, vote.second);
        let wins = chance(apart / (1.0 + std::f64::consts::PI * spread / 8.0).sqrt());
        let certain = chance(apart);
        let weight = certain * (1.0 - certain);
        let surprise = f64::from(u8::from(vote.first_won)) - certain;
        for (model, sign) in [(vote.first, 1.0), (vote.second, -1.0)] {
            if let (Some(mean), Some(variance)) = (self.mean.get_mut(model), self.variance.get_mut(model)) {
                let gain = *variance / (1.0 + weight * spread);
                *mean += sign * gain * surprise;
                *variance -= gain * weight * *variance;
            }
        }
        if vote.first_won { wins } else { 1.0 - wins }
    }
}

/// The chance of a win at so much more ability, never surer than [`SUREST`].
fn chance(apart: f64) -> f64 {
    (1.0 / (1.0 + (-apart).exp())).clamp(1.0 - SUREST, SUREST)
}

/// A guess of how often something happens, as it learns (Krichevsky & Trofimov 1981, IEEE Trans. Inform. Theory 27, 199–207).
#[derive(Clone, Copy, Default)]
struct Guess {
    yes: f64,
    all: f64,
}

impl Guess {
    /// The probability of what is seen now, before it is learned from.
    fn see(&mut self, yes: bool) -> f64 {
        let p = (self.yes + 0.5) / (self.all + 1.0);
        self.yes += f64::from(u8::from(yes));
        self.all += 1.0;
        if yes { p } else { 1.0 - p }
    }
}

/// Evidence against "votes as the others do".
struct Evidence {
    /// The largest natural logarithm that it ever had; 0 before the first vote.
    most: f64,
    /// What spoke for it most, then.
    conduct: Conduct,
    /// Votes that agree with what others say is likelier.
    agreed: u64,
}

/// What is looked for, and its share of the first stake.
const COIN: f64 = 0.3;
const ONE_SIDE: f64 = 0.2;
const AGAINST: f64 = 0.25;
const PARTISAN: f64 = 0.25;

impl Evidence {
    fn of(votes: &[Decided], others: Option<&Fit>, models: usize) -> Self {
        let (mut coin, mut side, mut against) = (COIN.ln(), ONE_SIDE.ln(), AGAINST.ln());
        let mut for_one = vec![(PARTISAN / count(models.max(1) as u64)).ln(); models];
        let mut guesses = vec![Guess::default(); models];
        let (mut sides, mut learner) = (Guess::default(), Learner::new(others, models));
        let mut best = Self { most: 0.0, conduct: Conduct::Usual, agreed: 0 };
        for vote in votes {
            let p = learner.see(vote);
            let on_side = sides.see(vote.first_won);
            let apart = apart(others, vote.first, vote.second);
            let for_sides = [(vote.first, vote.first_won), (vote.second, !vote.first_won)];
            let on_one = for_sides.map(|(target, won)| (target, guesses.get_mut(target).map_or(0.5, |g| g.see(won))));
            let Some(apart) = apart else { continue };
            best.agreed += u64::from((apart > 0.0) == vote.first_won && apart != 0.0);
            coin += (0.5 / p).ln();
            side += (on_side / p).ln();
            let others_say = chance(apart);
            against += (if vote.first_won { 1.0 - others_say } else { others_say } / p).ln();
            for (target, q) in on_one {
                if let Some(sum) = for_one.get_mut(target) {
                    *sum += (q / p).ln();
                }
            }
            let all = [coin, side, against].into_iter().chain(for_one.iter().copied());
            let highest = all.clone().fold(f64::NEG_INFINITY, f64::max);
            let together = highest + all.map(|one| (one - highest).exp()).sum::<f64>().ln();
            if together > best.most {
                best.most = together;
                best.conduct = if coin.max(side) >= highest {
                    Conduct::Chance
                } else if against >= highest {
                    Conduct::Against
                } else {
                    let target = for_one.iter().position(|sum| *sum >= highest).unwrap_or_default();
                    let guess = guesses.get(target).copied().unwrap_or_default();
                    Conduct::Partisan { target, in_favour: guess.yes * 2.0 > guess.all }
                };
            }
        }
        best
    }
}
