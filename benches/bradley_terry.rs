//! Ten million votes over 300 models of known strength: how long counting and fitting them takes, how far off the fitted
//! strengths are, and how often their 95 % intervals hold the truth, there and in many small campaigns. The figures that
//! `tests/show/bradley-terry` prints.
//!
//! `cargo bench --bench bradley-terry -- VOTES MODELS SEED CAMPAIGNS`

#![expect(
    clippy::print_stdout,
    clippy::expect_used,
    reason = "figures are what it is for; what can't be fitted has failed"
)]

use assayd::stats::{Comparisons, Fit, Level, Outcome, Prior, RATING_SCALE, Vote, bradley_terry};
use rand::{RngExt as _, SeedableRng as _};
use rand_chacha::ChaCha8Rng;
use std::time::Duration;
#[expect(clippy::disallowed_types, reason = "times a function, not a model")]
use std::time::Instant;

/// Of each small campaign.
const SMALL: (usize, usize) = (20, 2_000);

/// Votes that are drawn before they are counted, so that drawing them is not timed.
const CHUNK: usize = 100_000;

/// The share of what the weaker of two would win that is tied instead.
const TIES: f64 = 0.5;

fn main() {
    let mut words = std::env::args().skip(1).filter(|word| !word.starts_with('-'));
    let mut number = |usual: usize| words.next().and_then(|word| word.parse().ok()).unwrap_or(usual);
    let (votes, models, seed, campaigns) = (number(10_000_000), number(300), number(1), number(1_000));
    let mut rng = ChaCha8Rng::seed_from_u64(seed as u64);

    let truth = strengths(&mut rng, models);
    let (fit, counting, fitting) = campaign(&mut rng, &truth, votes);
    let ratings = fit.ratings(Level::P95);
    let errors = || fit.abilities().iter().zip(&truth).map(|(got, truth)| RATING_SCALE * (got - truth));
    let rms = (errors().map(|error| error * error).sum::<f64>() / models as f64).sqrt();
    let most = errors().fold(0.0_f64, |most, error| most.max(error.abs()));
    let half = ratings.iter().map(|rating| rating.half_width()).sum::<f64>() / models as f64;
    println!("votes {votes}");
    println!("models {models}");
    println!("count_seconds {:.3}", counting.as_secs_f64());
    println!("fit_seconds {:.3}", fitting.as_secs_f64());
    println!("newton_steps {}", fit.steps);
    println!("rms_error_points {rms:.2}");
    println!("largest_error_points {most:.2}");
    println!("mean_half_width_points {half:.2}");
    println!("covered {:.4}", covered(&fit, &truth) as f64 / models as f64);

    let (mut inside, mut refused) = (0, 0);
    for _ in 0..campaigns {
        let truth = strengths(&mut rng, SMALL.0);
        let comparisons = drawn(&mut rng, &truth, SMALL.1);
        match bradley_terry(&comparisons, Prior::None) {
            Ok(fit) => inside += covered(&fit, &truth),
            Err(_) => refused += 1,
        }
    }
    println!("campaigns {campaigns}");
    println!("campaigns_refused {refused}");
    println!("campaigns_covered {:.4}", inside as f64 / ((campaigns - refused) * SMALL.0) as f64);
}

/// Normal, 200 points wide (one standard deviation), around a mean of exactly 0.
fn strengths(rng: &mut ChaCha8Rng, models: usize) -> Vec<f64> {
    let mut normal = || {
        let (u, v): (f64, f64) = (1.0 - rng.random::<f64>(), rng.random());
        (-2.0 * u.ln()).sqrt() * (std::f64::consts::TAU * v).cos() * 200.0 / RATING_SCALE
    };
    let all: Vec<f64> = (0..models).map(|_| normal()).collect();
    let mean = all.iter().sum::<f64>() / models as f64;
    all.into_iter().map(|strength| strength - mean).collect()
}

fn vote(rng: &mut ChaCha8Rng, truth: &[f64]) -> Vote {
    let first = rng.random_range(0..truth.len());
    let second = (first + rng.random_range(1..truth.len())) % truth.len();
    let p = 1.0 / (1.0 + (truth[second] - truth[first]).exp());
    let half = TIES * p.min(1.0 - p);
    let outcome = match rng.random::<f64>() {
        u if u < p - half => Outcome::First,
        u if u < p + half => Outcome::Tie,
        _ => Outcome::Second,
    };
    Vote { first, second, outcome }
}

fn drawn(rng: &mut ChaCha8Rng, truth: &[f64], votes: usize) -> Comparisons {
    let mut comparisons = Comparisons::new(truth.len()).expect("few models");
    for _ in 0..votes {
        comparisons.add(vote(rng, truth)).expect("two models");
    }
    comparisons
}

/// A fit, and the time that counting the votes and fitting them took.
#[expect(clippy::disallowed_types, reason = "times a function, not a model")]
fn campaign(rng: &mut ChaCha8Rng, truth: &[f64], votes: usize) -> (Fit, Duration, Duration) {
    let mut comparisons = Comparisons::new(truth.len()).expect("few models");
    let mut counting = Duration::ZERO;
    let mut left = votes;
    while left > 0 {
        let chunk: Vec<Vote> = (0..left.min(CHUNK)).map(|_| vote(rng, truth)).collect();
        left -= chunk.len();
        let start = Instant::now();
        chunk.into_iter().for_each(|vote| comparisons.add(vote).expect("two models"));
        counting += start.elapsed();
    }
    let start = Instant::now();
    let fit = bradley_terry(&comparisons, Prior::None).expect("enough votes connect all");
    (fit, counting, start.elapsed())
}

fn covered(fit: &Fit, truth: &[f64]) -> usize {
    let holds = |(model, ability): &(usize, &f64)| {
        fit.ability(*model, Level::P95).is_some_and(|interval| interval.covers(**ability))
    };
    truth.iter().enumerate().filter(holds).count()
}
