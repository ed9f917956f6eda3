//! The published example, fits worked by hand, and simulated votes of known abilities.

use super::*;
use proptest::prelude::*;
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

const P95: Level = Level::P95;

fn record(first: u64, second: u64, ties: u64) -> PairRecord {
    PairRecord { first, second, ties }
}

fn of(models: usize, records: &[(usize, usize, PairRecord)]) -> Comparisons {
    let mut comparisons = Comparisons::new(models).unwrap();
    for (i, j, record) in records {
        comparisons.add_record(*i, *j, *record).unwrap();
    }
    comparisons
}

/// Citations between statistics journals (Stigler 1994, Statist. Sci. 9, 94–108; Agresti 2002, Categorical Data Analysis,
/// p. 448): by the cited journal (row) and the citing one (column), in the order Biometrika, Communications in
/// Statistics, JASA, JRSS-B. Being cited is a win.
const CITED: [[u64; 4]; 4] = [[714, 730, 498, 221], [33, 425, 68, 17], [320, 813, 1072, 142], [284, 276, 325, 188]];

fn journals() -> Comparisons {
    let pairs = (0..4).flat_map(|j| (0..j).map(move |i| (i, j)));
    of(4, &pairs.map(|(i, j)| (i, j, record(CITED[i][j], CITED[j][i], 0))).collect::<Vec<_>>())
}

#[test]
fn the_published_abilities_of_four_journals() {
    let fit = bradley_terry(&journals(), Prior::None).unwrap();
    for (journal, want) in [(0, 0.0), (1, -2.949), (2, -0.480), (3, 0.269)] {
        let got = fit.abilities()[journal] - fit.abilities()[0];
        assert!((got - want).abs() < 5e-4, "{journal}: {got}");
    }
    // The model's own standard errors are published too: 0.10255, 0.06059, 0.07083 against Biometrika.
    let solved = solve::solve(&journals(), 0.0).unwrap();
    for (journal, want) in [(1, 0.102_55), (2, 0.060_59), (3, 0.070_83)] {
        let got = solved.inverse.contrast(0, journal).sqrt();
        assert!((got - want).abs() < 5e-5, "{journal}: {got}");
    }
}

#[test]
fn two_models_are_their_odds() {
    let fit = bradley_terry(&of(2, &[(0, 1, record(60, 20, 20))]), Prior::None).unwrap();
    let apart = fit.difference(0, 1, P95).unwrap();
    assert!((apart.estimate - f64::ln(70.0 / 30.0)).abs() < 1e-10, "{apart:?}");
    // Scatter: 60·0.3² + 20·0.7² + 20·0.2² and 2/102 of 21; information 21.
    let error = (16.0_f64 + 2.0 / 102.0 * 21.0).sqrt() / 21.0;
    assert!((apart.half_width() - P95.t(99.0).unwrap() * error).abs() < 1e-9, "{apart:?}");
    let ratings = fit.ratings(P95);
    assert!((ratings[0].estimate - ratings[1].estimate - 400.0 * f64::log10(7.0 / 3.0)).abs() < 1e-8);
    assert!((ratings[0].estimate + ratings[1].estimate - 2000.0).abs() < 1e-8);
    assert!((fit.win_probability(0, 1).unwrap() - 0.7).abs() < 1e-10);
    assert_eq!((fit.votes, fit.difference(1, 1, P95), fit.ability(2, P95)), (100, None, None));
}

#[test]
fn ties_alone_are_not_certainty() {
    // Bonett & Price's interval of a share difference of 0 in 100 pairs: ±z·√(2/102/102); ability is twice that here.
    let fit = bradley_terry(&of(2, &[(0, 1, record(0, 0, 100))]), Prior::None).unwrap();
    let apart = fit.difference(0, 1, P95).unwrap();
    assert!(apart.estimate.abs() < 1e-12);
    let want = 2.0 * P95.t(99.0).unwrap() * (2.0_f64 / 102.0 / 100.0).sqrt();
    assert!((apart.half_width() - want).abs() < 1e-9, "{apart:?}");
    assert!(bradley_terry(&of(2, &[(0, 1, record(0, 0, 1))]), Prior::None).unwrap().ability(0, P95).is_some());
}

#[test]
fn what_has_no_bound_is_refused_with_its_groups() {
    // 3 beats 0 and 2 always; 0 and 2 tie; 1 and 4 never met the others.
    let comparisons =
        of(5, &[(0, 3, record(0, 4, 0)), (2, 3, record(0, 1, 0)), (0, 2, record(0, 0, 2)), (1, 4, record(1, 1, 0))]);
    let Err(BradleyTerryError::NotConnected { components }) = bradley_terry(&comparisons, Prior::None) else {
        panic!("there is no maximum")
    };
    assert_eq!(components.len(), 3);
    let place = |group: &[usize]| components.iter().position(|component| component == group).unwrap();
    assert!(place(&[3]) < place(&[0, 2]) && place(&[1, 4]) < 3, "{components:?}");
    let fit = bradley_terry(&comparisons, Prior::Ties(1.0)).unwrap();
    assert!(fit.abilities()[3] > fit.abilities()[0] && fit.ability(1, P95).unwrap().covers(0.0));
}

#[test]
fn a_prior_bounds_what_is_unbeaten_and_says_how_unsure_that_is() {
    let fit = bradley_terry(&of(2, &[(0, 1, record(10, 0, 0))]), Prior::Ties(1.0)).unwrap();
    // By symmetry θ = ±x: 10·(1 − σ(2x)) = σ(x) − ½.
    let x = fit.abilities()[0];
    assert!((10.0 * (1.0 - logistic(2.0 * x)) - (logistic(x) - 0.5)).abs() < 1e-9, "{x}");
    let apart = fit.difference(0, 1, P95).unwrap();
    assert!(apart.half_width() > 2.0 && apart.estimate > 2.0, "{apart:?}");
    for bad in [0.0, -1.0, f64::NAN, f64::INFINITY] {
        let got = bradley_terry(&of(2, &[(0, 1, record(1, 1, 0))]), Prior::Ties(bad));
        assert!(matches!(got, Err(BradleyTerryError::Prior(_))));
    }
}

#[test]
fn what_makes_no_sense_is_named() {
    let mut comparisons = Comparisons::new(2).unwrap();
    let vote = |first, second| Vote { first, second, outcome: Outcome::First };
    assert_eq!(bradley_terry(&comparisons, Prior::None), Err(BradleyTerryError::Nothing));
    assert_eq!(comparisons.add(vote(1, 1)), Err(BradleyTerryError::Itself { model: 1 }));
    assert_eq!(comparisons.add(vote(0, 2)), Err(BradleyTerryError::Unknown { model: 2, models: 2 }));
    assert_eq!(comparisons.add_item(&[(0, 1.0), (1, f64::NAN)]), Err(BradleyTerryError::NoNumber { model: 0 }));
    assert_eq!(Comparisons::new(5000), Err(BradleyTerryError::TooMany { models: 5000 }));
    let one = bradley_terry_clustered(2, &[vec![vote(0, 1), vote(1, 0)]], Prior::None);
    assert_eq!(one, Err(BradleyTerryError::OneCluster));
    assert!(one.unwrap_err().to_string().contains("how sure"));
}

#[test]
fn the_most_lopsided_counts_settle() {
    // A chain of models, each a million million times better than the next.
    let links: Vec<_> = (0..30).map(|i| (i, i + 1, record(1_000_000_000_000, 1, 0))).collect();
    let fit = bradley_terry(&of(31, &links), Prior::None).unwrap();
    for pair in fit.abilities().windows(2) {
        assert!((pair[0] - pair[1] - f64::ln(1e12)).abs() < 1e-6, "{pair:?} after {}", fit.steps);
    }
}

#[test]
fn a_vote_a_cluster_is_independent_votes() {
    let mut rng = ChaCha8Rng::seed_from_u64(3);
    let votes: Vec<Vote> = (0..400).map(|_| vote_of(&mut rng, &[0.0, 0.5, -0.5, 1.0], 0.2)).collect();
    let mut comparisons = Comparisons::new(4).unwrap();
    votes.iter().for_each(|vote| comparisons.add(*vote).unwrap());
    let all = bradley_terry(&comparisons, Prior::None).unwrap();
    let clusters: Vec<Vec<Vote>> = votes.iter().map(|vote| vec![*vote]).collect();
    let each = bradley_terry_clustered(4, &clusters, Prior::None).unwrap();
    for model in 0..4 {
        let (a, b) = (all.ability(model, P95).unwrap(), each.ability(model, P95).unwrap());
        assert!((a.lower - b.lower).abs() < 1e-9 && (a.upper - b.upper).abs() < 1e-9, "{a:?} {b:?}");
    }
    // Every vote given five times inside its cluster tells no more.
    let five: Vec<Vec<Vote>> = votes.iter().map(|vote| vec![*vote; 5]).collect();
    let five = bradley_terry_clustered(4, &five, Prior::None).unwrap();
    let (a, b) = (five.ability(0, P95).unwrap(), each.ability(0, P95).unwrap());
    assert!((a.half_width() / b.half_width() - 1.0).abs() < 0.01, "{a:?} {b:?}");
}

/// A vote on two random models of known abilities. A share of what the weaker one would win, and as much of what the
/// stronger one would, are ties, so that each still gets what the model says.
fn vote_of(rng: &mut ChaCha8Rng, abilities: &[f64], ties: f64) -> Vote {
    let first = rng.random_range(0..abilities.len());
    let second = (first + rng.random_range(1..abilities.len())) % abilities.len();
    let p = logistic(abilities[first] - abilities[second]);
    let half = ties * p.min(1.0 - p);
    let outcome = match rng.random::<f64>() {
        u if u < p - half => Outcome::First,
        u if u < p + half => Outcome::Tie,
        _ => Outcome::Second,
    };
    Vote { first, second, outcome }
}

#[test]
fn intervals_cover_the_true_abilities() {
    let mut rng = ChaCha8Rng::seed_from_u64(8);
    let truth = [1.2, 0.6, 0.0, 0.0, -0.6, -1.2];
    for (votes, ties) in [(60, 0.0), (60, 0.5), (400, 0.0), (400, 0.5)] {
        let (mut covered, mut all) = (0_u32, 0_u32);
        for _ in 0..300 {
            let mut comparisons = Comparisons::new(6).unwrap();
            (0..votes).for_each(|_| comparisons.add(vote_of(&mut rng, &truth, ties)).unwrap());
            let Ok(fit) = bradley_terry(&comparisons, Prior::None) else { continue };
            for (model, ability) in truth.iter().enumerate() {
                covered += u32::from(fit.ability(model, P95).unwrap().covers(*ability));
                all += 1;
            }
        }
        let share = f64::from(covered) / f64::from(all);
        assert!((0.935..0.985).contains(&share) && all > 1_200, "{votes} {ties}: {share} of {all}");
    }
}

#[test]
fn items_are_clusters_and_their_intervals_cover() {
    // Three models on the same items, of which they know shares; hard items are hard for all of them. The truth is the fit
    // to a great many items.
    let mut rng = ChaCha8Rng::seed_from_u64(21);
    let mut items = |count: usize| -> Vec<Vec<(usize, f64)>> {
        (0..count)
            .map(|_| {
                let easy: f64 = rng.random();
                let right = |(model, skill): (usize, f64)| {
                    (model, f64::from(u8::from(easy * skill > rng.random::<f64>() * 0.7)))
                };
                [0.9, 0.7, 0.5].into_iter().enumerate().map(right).collect()
            })
            .collect()
    };
    let truth = bradley_terry_items(3, &items(60_000), Prior::None).unwrap();
    let mut covered = 0_u32;
    for _ in 0..300 {
        let fit = bradley_terry_items(3, &items(80), Prior::None).unwrap();
        covered += (0..3).map(|m| u32::from(fit.ability(m, P95).unwrap().covers(truth.abilities()[m]))).sum::<u32>();
    }
    assert!((840..=888).contains(&covered), "{covered} of 900");
    assert_eq!(truth.ranks(P95).iter().map(|rank| rank.rank).collect::<Vec<_>>(), [1, 2, 3]);
}

fn table() -> impl Strategy<Value = Vec<(usize, usize, PairRecord)>> {
    let cell = (0..6_usize, 1..6_usize, 0..9_u64, 0..9_u64, 0..4_u64);
    proptest::collection::vec(cell.prop_map(|(i, step, a, b, t)| (i, (i + step) % 6, record(a, b, t))), 1..30)
}

proptest! {
    #[test]
    fn any_table_is_fitted_or_refused(table in table()) {
        let comparisons = of(6, &table);
        match bradley_terry(&comparisons, Prior::None) {
            Ok(fit) => {
                // The maximum's own equation: every model won as often as it should have.
                for model in 0..6 {
                    let (mut won, mut expected) = (0.0, 0.0);
                    for (i, j, record) in comparisons.pairs() {
                        let p = fit.win_probability(i, j).unwrap();
                        let wins = record.first as f64 + record.ties as f64 / 2.0;
                        if i == model { won += wins; expected += p * record.votes() as f64; }
                        if j == model { won += record.votes() as f64 - wins; expected += (1.0 - p) * record.votes() as f64; }
                    }
                    prop_assert!((won - expected).abs() < 1e-6, "{won} {expected}");
                }
                prop_assert!(fit.abilities().iter().sum::<f64>().abs() < 1e-9);
            }
            Err(BradleyTerryError::NotConnected { components }) => {
                let mut all: Vec<usize> = components.into_iter().flatten().collect();
                all.sort_unstable();
                prop_assert_eq!(all, (0..6).collect::<Vec<_>>());
            }
            Err(BradleyTerryError::Nothing) => prop_assert_eq!(comparisons.pairs().count(), 0),
            Err(other) => prop_assert!(false, "{other}"),
        }
        if let Ok(fit) = bradley_terry(&comparisons, Prior::Ties(0.5)) {
            for rating in fit.ratings(P95) {
                prop_assert!(rating.lower < rating.estimate && rating.estimate < rating.upper && rating.upper.is_finite());
            }
        }
    }

    #[test]
    fn other_names_and_sides_change_nothing(table in table(), shift in 1..6_usize) {
        let turned: Vec<_> = table.iter().map(|(i, j, r)| ((j + shift) % 6, (i + shift) % 6, record(r.second, r.first, r.ties))).collect();
        let fits = [bradley_terry(&of(6, &table), Prior::Ties(1.0)), bradley_terry(&of(6, &turned), Prior::Ties(1.0))];
        if let [Ok(a), Ok(b)] = fits {
            for model in 0..6 {
                let (x, y) = (a.ability(model, P95).unwrap(), b.ability((model + shift) % 6, P95).unwrap());
                prop_assert!((x.estimate - y.estimate).abs() < 1e-8 && (x.upper - y.upper).abs() < 1e-8);
            }
        }
    }
}
