//! Simulated targets whose kinship is known.

use super::*;
use proptest::prelude::*;
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

/// How wrong answers come about in a simulation.
#[derive(Clone)]
struct World {
    items: usize,
    /// Wrong options of an item.
    options: u32,
    /// How likely each target is to be wrong on an item of mean difficulty.
    wrong: Vec<f64>,
    /// How likely an item's attractive wrong option is to be taken by one who gets it wrong, at the least and at the most; the
    /// others share the rest alike.
    pull: (f64, f64),
    /// What each target adds to that.
    falls: Vec<f64>,
    /// Offspring of a target before it: it takes the parent's answer, right or wrong, with this probability.
    parent: Vec<Option<(usize, f64)>>,
}

fn world(targets: usize) -> World {
    World {
        items: 300,
        options: 3,
        wrong: (0..targets).map(|i| 0.3 + 0.1 * (i % 4) as f64).collect(),
        pull: (0.34, 0.34),
        falls: vec![0.0; targets],
        parent: vec![None; targets],
    }
}

fn drawn(world: &World, rng: &mut ChaCha8Rng) -> Vec<Vec<(usize, WrongAnswer)>> {
    (0..world.items)
        .map(|_| {
            let hard: f64 = 0.5 + rng.random::<f64>();
            let pull = world.pull.0 + (world.pull.1 - world.pull.0) * rng.random::<f64>();
            let bait = rng.random_range(0..world.options);
            let mut said: Vec<Option<WrongAnswer>> = Vec::new();
            for (target, wrong) in world.wrong.iter().enumerate() {
                let own = (rng.random::<f64>() < wrong * hard).then(|| {
                    if rng.random::<f64>() < pull + world.falls[target] {
                        bait
                    } else {
                        (bait + rng.random_range(1..world.options)) % world.options
                    }
                });
                said.push(match world.parent[target] {
                    Some((parent, share)) if rng.random::<f64>() < share => said[parent],
                    _ => own,
                });
            }
            said.into_iter().enumerate().filter_map(|(target, said)| Some((target, said?))).collect()
        })
        .collect()
}

/// In how many of so many worlds any pair of strangers is taken for kin.
fn false_alarms(world: &World, rounds: u32, seed: u64) -> u32 {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let alarm = |_: &u32| kinship(world.wrong.len(), &drawn(world, &mut rng)).iter().any(|kin| kin.holm < 0.05);
    (0..rounds).filter(alarm).count().try_into().unwrap()
}

#[test]
fn independent_targets_are_no_kin() {
    for (targets, seed) in [(4, 1), (8, 2)] {
        let alarms = false_alarms(&world(targets), 120, seed);
        // 5 % of 120, and three standard errors.
        assert!(alarms <= 13, "{targets}: {alarms} of 120");
    }
}

#[test]
fn popular_distractors_make_no_false_kin() {
    // Wrong options that up to 95 % of those who are wrong fall for, in every item or in some.
    for (pull, seed) in [((0.9, 0.95), 3), ((0.3, 0.95), 4)] {
        let alarms = false_alarms(&World { pull, ..world(8) }, 120, seed);
        assert!(alarms <= 13, "{pull:?}: {alarms} of 120");
    }
}

#[test]
fn falling_for_the_same_traps_is_told_from_copying_by_its_excess() {
    // Two who take the bait nine times in ten where the others do half the time, and a copy of one of the others.
    let mut uneven = World { pull: (0.4, 0.6), ..world(8) };
    (uneven.falls[0], uneven.falls[1]) = (0.35, 0.35);
    uneven.parent[7] = Some((4, 1.0));
    let mut rng = ChaCha8Rng::seed_from_u64(5);
    for _ in 0..50 {
        let pairs = kinship(8, &drawn(&uneven, &mut rng));
        let excess = |a, b| pairs.iter().find(|kin| (kin.first, kin.second) == (a, b)).unwrap().excess.unwrap();
        assert!(excess(0, 1) < 0.8 && excess(4, 7) > 0.999, "{} {}", excess(0, 1), excess(4, 7));
        assert_eq!(families(&pairs, 0.05, 0.8), [vec![4, 7]]);
    }
}

#[test]
fn who_is_wrong_in_another_way_makes_no_kin_of_the_others() {
    // One says things that nobody else would, on nearly everything.
    let mut rng = ChaCha8Rng::seed_from_u64(8);
    let (mut alarms, mut found) = (0, 0);
    for round in 0..60 {
        let mut five = World { pull: (0.5, 0.9), ..world(5) };
        five.wrong[4] = 0.9;
        five.parent[3] = (round % 2 == 0).then_some((1, 0.8));
        let mut items = drawn(&five, &mut rng);
        for wrong in &mut items {
            wrong.iter_mut().filter(|(target, _)| *target == 4).for_each(|(_, answer)| *answer = 1_000);
        }
        for kin in kinship(5, &items).iter().filter(|kin| kin.holm < 0.05) {
            match (round % 2, kin.first, kin.second) {
                (0, 1, 3) => found += 1,
                _ => alarms += 1,
            }
        }
    }
    assert!(found >= 29 && alarms <= 8, "{found} of 30 found, {alarms} false alarms");
}

#[test]
fn a_family_of_half_of_them_is_found() {
    let mut hosts = World { pull: (0.3, 0.9), ..world(8) };
    (3..6).for_each(|target| hosts.parent[target] = Some((2, 0.95)));
    let mut rng = ChaCha8Rng::seed_from_u64(7);
    for _ in 0..50 {
        let pairs = kinship(8, &drawn(&hosts, &mut rng));
        assert_eq!(families(&pairs, 0.05, 0.3), [vec![2, 3, 4, 5]]);
    }
}

#[test]
fn kin_are_found_and_strangers_beside_them_are_not() {
    let mut rng = ChaCha8Rng::seed_from_u64(6);
    let mut family = World { pull: (0.3, 0.9), ..world(6) };
    // A renamed copy of target 1, and an offspring of target 2 that went its own way.
    family.parent[3] = Some((1, 1.0));
    family.parent[5] = Some((2, 0.7));
    let (mut copy, mut offspring, mut strangers) = (0, 0, 0);
    for _ in 0..100 {
        let pairs = kinship(6, &drawn(&family, &mut rng));
        assert_eq!(pairs.len(), 15);
        for kin in pairs.iter().filter(|kin| kin.holm < 0.05) {
            match (kin.first, kin.second) {
                (1, 3) => copy += 1,
                (2, 5) => offspring += 1,
                _ => strangers += 1,
            }
        }
        let best = &pairs[0];
        assert_eq!((best.first, best.second, best.same), (1, 3, best.compared));
        assert!(best.excess.unwrap() > 0.999 && best.evidence.len() as u64 == best.same);
        assert!(best.evidence.is_sorted_by(|a, b| a.chance <= b.chance));
        let families = families(&pairs, 0.05, 0.2);
        assert!(families.contains(&vec![1, 3]), "{families:?}");
    }
    assert!(copy == 100 && offspring >= 95 && strangers <= 10, "{copy} {offspring} {strangers}");
}

#[test]
fn worked_by_hand() {
    // Item 0: targets 0 and 1 say 7, 2 says 8, 3 says 9: one of six pairs agrees. Item 1: only 0 and 1, who agree. Item 2: 0, 1
    // and 2 say different things.
    let items =
        vec![vec![(0, 7), (1, 7), (2, 8), (3, 9)], vec![(0, 5), (1, 5)], vec![(0, 1), (1, 2), (2, 3)], vec![(0, 1)]];
    let pairs = kinship(4, &items);
    let kin = &pairs[0];
    assert_eq!((kin.first, kin.second, kin.both_wrong, kin.compared, kin.same), (0, 1, 3, 2, 1));
    assert!((kin.p - 1.0 / 6.0).abs() < 1e-12 && (kin.expected - 1.0 / 6.0).abs() < 1e-12);
    assert!((kin.excess.unwrap() - (5.0 / 6.0) / (11.0 / 6.0)).abs() < 1e-12 && kin.holm >= 1.0 - 1e-12);
    let shared = SharedAnswer { item: 0, answer: 7, others_same: 0, others_wrong: 2, chance: 1.0 / 6.0 };
    assert_eq!(kin.evidence, [shared]);
    // Two targets alone have nobody to tell what chance would bring.
    let two = kinship(2, &[vec![(0, 5), (1, 5)], vec![(0, 6), (1, 6)]]);
    assert_eq!((two[0].compared, two[0].p, two[0].holm, two[0].excess), (0, 1.0, 1.0, None));
    assert!(kinship(0, &[]).is_empty() && kinship(1, &[vec![(0, 1), (5, 1)]]).is_empty());
}

#[test]
fn families_join_whoever_is_joined() {
    let kin = |first, second, holm| Kin {
        first,
        second,
        both_wrong: 9,
        compared: 9,
        same: 9,
        expected: 1.0,
        excess: Some(1.0),
        p: holm,
        holm,
        evidence: vec![],
    };
    let pairs = [kin(4, 5, 0.01), kin(0, 2, 0.01), kin(2, 5, 0.02), kin(1, 3, 0.04), kin(0, 1, 0.06)];
    assert_eq!(families(&pairs, 0.05, 0.2), [vec![0, 2, 4, 5], vec![1, 3]]);
    assert!(families(&pairs, 0.05, 1.1).is_empty());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn names_and_order_do_not_count(seed in any::<u64>(), turn in 0..5_usize) {
        let mut rng = ChaCha8Rng::seed_from_u64(seed);
        let items = drawn(&World { items: 40, ..world(5) }, &mut rng);
        let turned: Vec<Vec<(usize, WrongAnswer)>> = items
            .iter()
            .rev()
            .map(|wrong| wrong.iter().rev().map(|(target, answer)| ((target + turn) % 5, answer * 7 + 1)).collect())
            .collect();
        let (a, b) = (kinship(5, &items), kinship(5, &turned));
        prop_assert_eq!(a.len(), b.len());
        for kin in &a {
            let names = [(kin.first + turn) % 5, (kin.second + turn) % 5];
            let same = b.iter().find(|other| names.contains(&other.first) && names.contains(&other.second)).unwrap();
            prop_assert_eq!((kin.same, kin.compared, kin.both_wrong), (same.same, same.compared, same.both_wrong));
            prop_assert!((kin.p - same.p).abs() < 1e-9 && (kin.holm - same.holm).abs() < 1e-9);
            prop_assert!(kin.holm >= kin.p && (0.0..=1.0).contains(&kin.p));
        }
    }
}
