//! Whole campaigns on small matrices.

use super::*;
use crate::stats::seeded::Seeded;
use crate::stats::{Interval, Level};
use proptest::prelude::*;

fn spec(matrix: &Matrix, goal: Goal, seed: u64) -> Spec {
    Spec {
        targets: matrix.right.len(),
        strata: matrix.domain.clone(),
        weights: None,
        costs: None,
        history: None,
        goal,
        level: Level::P95,
        batch: 16,
        cap: None,
        seed,
    }
}

fn matrix(abilities: &[f64], items: usize, seed: u64) -> Matrix {
    World { domains: vec![items / 2, items / 3, items / 6], abilities: abilities.to_vec(), ..World::usual() }.draw(seed)
}

fn play(matrix: &Matrix, spec: Spec) -> Campaign {
    let mut campaign = Campaign::new(spec).unwrap();
    loop {
        let asks = campaign.next_batch();
        if asks.is_empty() {
            return campaign;
        }
        // In any order.
        for ask in asks.into_iter().rev() {
            assert!(campaign.take(ask, Some(f64::from(u8::from(matrix.right[ask.target][ask.item])))));
        }
    }
}

#[test]
fn the_best_is_kept_and_calls_are_saved() {
    let (mut kept, mut saved) = (0, 0.0);
    for seed in 0..20 {
        let matrix = matrix(&[1.2, 1.0, 0.7, 0.2, 0.0], 360, seed);
        let truth = (0..5).max_by(|a, b| matrix.accuracy(*a).total_cmp(&matrix.accuracy(*b))).unwrap();
        let campaign = play(&matrix, spec(&matrix, Goal::Best { margin: 0.02 }, seed));
        kept += u32::from(campaign.candidates().contains(&truth));
        saved += campaign.saving() / 20.0;
        assert!(campaign.candidates().contains(&campaign.ranking()[0]));
    }
    assert!(kept >= 19 && saved > 0.3, "{kept} of 20, {saved} saved");
}

#[test]
fn without_a_margin_equals_are_asked_everything_and_the_answer_is_exact() {
    let mut matrix = matrix(&[1.0, 1.0, -2.0], 120, 1);
    matrix.right[1] = matrix.right[0].clone();
    let campaign = play(&matrix, spec(&matrix, Goal::Best { margin: 0.0 }, 3));
    assert_eq!((campaign.stopped(), campaign.candidates()), (Some(Stop::Exact), vec![0, 1]));
    let estimate = campaign.estimate(0);
    assert!(estimate.exact && (estimate.interval.estimate - matrix.accuracy(0)).abs() < 1e-9);
    assert!(campaign.estimate(2).asked < 60);
}

#[test]
fn intervals_hold_when_precision_stops() {
    let (mut held, mut n) = (0, 0);
    for seed in 0..20 {
        let matrix = matrix(&[1.0, 0.0], 600, seed);
        let campaign = play(&matrix, spec(&matrix, Goal::Precision { half_width: 0.05 }, seed));
        assert_eq!(campaign.stopped(), Some(Stop::Decided));
        for k in 0..2 {
            let got = campaign.estimate(k).interval;
            assert!(got.upper - got.lower <= 0.1 + 1e-9);
            held += u32::from(got.covers(matrix.accuracy(k)));
            n += 1;
        }
        assert!(campaign.saving() > 0.3, "{}", campaign.saving());
    }
    assert!(held >= n - 5, "{held} of {n}");
}

#[test]
fn pairs_are_told_apart_rightly() {
    for seed in 0..6 {
        let matrix = matrix(&[1.5, 0.5, -0.5, 0.5], 300, seed);
        for goal in [Goal::AllRanked { margin: 0.02 }, Goal::BetterThan { baseline: 1, margin: 0.02 }] {
            let campaign = play(&matrix, spec(&matrix, goal, seed));
            assert_eq!(campaign.relation(0, 1), Relation::Better);
            assert_eq!(campaign.relation(1, 0), Relation::Worse);
            assert_eq!(campaign.relation(2, 1), Relation::Worse);
        }
    }
    // Equal to the last item: asked everything, and then known to be close.
    let mut matrix = matrix(&[1.0, 1.0], 60, 1);
    matrix.right[1] = matrix.right[0].clone();
    let campaign = play(&matrix, spec(&matrix, Goal::AllRanked { margin: 0.0 }, 1));
    assert_eq!((campaign.relation(0, 1), campaign.stopped()), (Relation::Close, Some(Stop::Exact)));
}

#[test]
fn money_is_kept_to_and_spent_where_it_tells_most() {
    let matrix = matrix(&[1.0, 0.9, 0.8], 300, 2);
    let costs = Some(vec![vec![1.0, 9.0, 1.0]; 3]);
    let all = Spec { costs: costs.clone(), ..spec(&matrix, Goal::Precision { half_width: 0.001 }, 1) };
    let capped = play(&matrix, Spec { cap: Some(300.0), ..all.clone() });
    assert_eq!(capped.stopped(), Some(Stop::Cap));
    assert!(capped.spent().0 <= 300.0 && capped.spent().0 > 260.0, "{:?}", capped.spent());
    let rank = play(&matrix, Spec { goal: Goal::Ranking { share: 0.25 }, ..all });
    let (spent, full) = rank.spent();
    assert!(spent <= 0.25 * full + 1e-6 && spent > 0.22 * full, "{spent} of {full}");
    assert_eq!(rank.ranking().len(), 3);
}

#[test]
fn an_order_for_everything_is_exact_and_one_for_a_part_is_good() {
    let (mut right, mut spent) = (0, 0.0);
    for seed in 0..10 {
        let matrix = matrix(&[1.5, 0.9, 0.6, 0.0, -0.8], 240, seed);
        let accuracy = |k: &usize| matrix.accuracy(*k);
        let all = play(&matrix, spec(&matrix, Goal::Ranking { share: 1.0 }, seed)).ranking();
        assert!(all.is_sorted_by(|a, b| accuracy(a) >= accuracy(b)), "{all:?}");
        let part = play(&matrix, spec(&matrix, Goal::Ranking { share: 0.25 }, seed));
        right += u32::from(part.ranking()[0] == all[0]);
        spent += part.spent().0 / part.spent().1 / 10.0;
        // Batches are small beside a small budget, so that there is a choice.
        assert!((0..5).any(|k| part.estimate(k).asked > 60), "not everyone alike");
    }
    assert!(right >= 6 && spent > 0.24 && spent <= 0.25 + 1e-9, "{right} of 10, {spent}");
}

#[test]
fn estimates_are_unbiased_whatever_is_foreseen() {
    // History that says the contrary of what is true makes estimates wide, not wrong.
    let matrix = matrix(&[0.8], 120, 5);
    let lies = matrix.right[0].iter().map(|right| (if *right { 0 } else { 9 }, 9)).collect();
    let goal = Goal::Precision { half_width: 0.001 };
    let capped = Spec { history: Some(lies), cap: Some(30.0), ..spec(&matrix, goal, 0) };
    let estimates: Vec<f64> =
        (0..200).map(|seed| play(&matrix, Spec { seed, ..capped.clone() }).estimate(0).interval.estimate).collect();
    let mean = estimates.iter().sum::<f64>() / 200.0;
    let spread = (estimates.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / 199.0).sqrt();
    assert!(
        (mean - matrix.accuracy(0)).abs() < 4.0 * spread / 200.0_f64.sqrt(),
        "{mean} is not {}",
        matrix.accuracy(0)
    );
}

#[test]
fn answers_that_are_nearly_all_alike_are_not_taken_for_certain() {
    let (mut held, mut n) = (0, 0);
    for seed in 0..100 {
        // One item in twenty is hard.
        let right = (0..900).map(|item| item % 20 != 7).collect();
        let matrix = Matrix { domain: vec![0; 900], right: vec![right] };
        let got = play(&matrix, spec(&matrix, Goal::Precision { half_width: 0.02 }, seed)).estimate(0);
        assert!(got.asked < 900 && got.interval.upper - got.interval.lower <= 0.04 + 1e-9);
        held += u32::from(got.interval.covers(0.95));
        n += 1;
    }
    assert!(held >= n - 9, "{held} of {n}");
    let matrix = Matrix { domain: vec![0; 400], right: vec![vec![true; 400]] };
    let got = play(&matrix, spec(&matrix, Goal::Precision { half_width: 0.02 }, 1)).estimate(0).interval;
    assert!(got.lower < 0.99 && got.upper > 0.999, "{got:?}");
}

#[test]
fn with_luck_in_common_the_weaker_is_right_only_where_the_stronger_is() {
    let world = World { domains: vec![300], abilities: vec![1.0, 0.4], leaning: 0.0, shared: 1.0, ..World::usual() };
    let matrix = world.draw(3);
    assert!(matrix.right[0].iter().zip(&matrix.right[1]).all(|(strong, weak)| *strong || !*weak));
    assert!(matrix.accuracy(0) > matrix.accuracy(1));
}

#[test]
fn what_was_not_asked_changes_nothing() {
    let matrix = matrix(&[1.0, 0.0], 60, 1);
    let mut campaign = Campaign::new(spec(&matrix, Goal::Best { margin: 0.01 }, 1)).unwrap();
    assert!(!campaign.take(Ask { target: 0, item: 0 }, Some(1.0)));
    let asks = campaign.next_batch();
    assert_eq!(asks, campaign.next_batch(), "what waits is handed out again");
    assert!(campaign.take(asks[0], Some(1.0)) && !campaign.take(asks[0], Some(0.0)));
    assert_eq!(campaign.next_batch().len(), asks.len() - 1);
}

#[test]
fn what_does_not_fit_together_is_told() {
    let matrix = matrix(&[1.0, 0.0], 60, 1);
    let good = spec(&matrix, Goal::Best { margin: 0.01 }, 1);
    let bad = [
        Spec { targets: 1, ..good.clone() },
        Spec { strata: Vec::new(), ..good.clone() },
        Spec { strata: vec![usize::MAX - 1], ..good.clone() },
        Spec { weights: Some(vec![1.0]), ..good.clone() },
        Spec { weights: Some(vec![1.0, f64::NAN, 1.0]), ..good.clone() },
        Spec { costs: Some(vec![vec![1.0; 3]]), ..good.clone() },
        Spec { history: Some(Vec::new()), ..good.clone() },
        Spec { batch: 0, ..good.clone() },
        Spec { cap: Some(f64::NAN), ..good.clone() },
        Spec { goal: Goal::Precision { half_width: 0.0 }, ..good.clone() },
        Spec { goal: Goal::BetterThan { baseline: 2, margin: 0.0 }, ..good.clone() },
    ];
    for spec in bad {
        let problem = Campaign::new(spec).err();
        assert!(problem.as_ref().is_some_and(|p| !p.to_string().is_empty()), "{problem:?}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]
    #[test]
    fn every_campaign_ends_without_nonsense(
        targets in 2_usize..5, items in 1_usize..40, seed in any::<u64>(), goal in 0_u8..5,
        margin in 0.0_f64..0.3, macro_weights in any::<bool>(), history in any::<bool>(), cap in 0.0_f64..300.0,
    ) {
        let goal = match goal {
            0 => Goal::Best { margin },
            1 => Goal::BetterThan { baseline: targets - 1, margin },
            2 => Goal::AllRanked { margin },
            3 => Goal::Precision { half_width: margin + 0.01 },
            _ => Goal::Ranking { share: margin + 0.1 },
        };
        let mut rng = Seeded::new(seed);
        let strata: Vec<usize> = (0..items).map(|_| rng.below(3)).collect();
        // No more strata than items.
        let strata: Vec<usize> = strata.into_iter().map(|h| h.min(items - 1)).collect();
        let count = strata.iter().max().unwrap() + 1;
        let spec = Spec {
            targets, strata,
            weights: macro_weights.then(|| vec![1.0; count]),
            costs: None,
            history: history.then(|| (0..items).map(|_| (u32::from(rng.uniform() < 0.6) + u32::from(rng.uniform() < 0.4), 2)).collect()),
            goal, level: Level::P95, batch: 7, cap: Some(cap), seed,
        };
        let mut campaign = Campaign::new(spec).unwrap();
        let mut asked = std::collections::BTreeSet::new();
        loop {
            let asks = campaign.next_batch();
            if asks.is_empty() { break; }
            for ask in asks {
                prop_assert!(asked.insert(ask), "asked twice");
                let u = rng.uniform();
                campaign.take(ask, (u > 0.05).then_some(if u > 0.5 { 1.0 } else { u }));
            }
        }
        prop_assert!(campaign.stopped().is_some());
        prop_assert!(asked.len() <= targets * items && campaign.spent().0 <= cap + 1e-6);
        for k in 0..targets {
            let got = campaign.estimate(k);
            let Interval { estimate, lower, upper } = got.interval;
            prop_assert!(0.0 <= lower && lower <= estimate && estimate <= upper && upper <= 1.0, "{got:?}");
            prop_assert!(!got.error.is_nan());
        }
        let mut order = campaign.ranking();
        order.sort_unstable();
        prop_assert_eq!(order, (0..targets).collect::<Vec<_>>());
    }
}

#[test]
fn what_could_not_be_scored_leaves_nothing_certain() {
    let items = super::predict::Items { stratum: vec![0; 4], ease: None };
    let mut answers = super::target::Answers::new(1, &items, &[0.25; 4]);
    let drawn = super::order::Drawn { item: 1, weight: 0.25, ratio: 1.0, reach: 1.0, scale: 1.0 };
    answers.absorb(&drawn, Some(1.0));
    assert_eq!((answers.hidden(), answers.known()), ((0.0, 0.0), 0.25));
    let foreseen = answers.predicted(2);
    answers.absorb(&super::order::Drawn { item: 2, ..drawn }, None);
    let (less, more) = answers.hidden();
    assert!((less - 0.25 * foreseen).abs() < 1e-12 && (less + more - 0.25).abs() < 1e-12, "{less} {more}");
    assert!((answers.known() - less - 0.25).abs() < 1e-12 && answers.void() == 1);
}
