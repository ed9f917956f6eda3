//! The tables: one line for each goal, with or without history, and gap between the two best; then one over all campaigns.

use crate::cases::{Case, GAPS};
use assayd::stats::{Goal, Relation, Stop, kendall, spearman};

const MARGIN: f64 = 0.01;
/// Items that a design without looking takes for ± 2 points at 95 %, whatever the share is: of an endless population.
const FIXED: f64 = 2_401.0;

type Cases = [Vec<Case>; 4];

pub fn print(cases: &Cases, only: Option<&str>) -> Result<(), String> {
    about(cases);
    let tables: [(&str, &dyn Fn()); 5] = [
        ("best", &|| best(cases, MARGIN)),
        ("winner", &|| best(cases, 0.0)),
        ("precision", &|| precision(cases)),
        ("ranking", &|| ranking(cases)),
        ("pairs", &|| pairs(cases)),
    ];
    if let Some(word) = only.filter(|word| tables.iter().all(|(name, _)| name != word)) {
        return Err(format!("{word} is no table: best, winner, precision, ranking or pairs"));
    }
    for (name, table) in tables {
        if only.is_none_or(|only| only == name) {
            table();
        }
    }
    Ok(())
}

fn about(cases: &Cases) {
    let (mut top, mut apart, mut spread, mut n) = (0.0, 0.0, 0.0, 0.0);
    for case in cases.iter().flatten() {
        let mean = case.truth.iter().sum::<f64>() / case.targets() as f64;
        let squares = case.truth.iter().map(|p| (p - mean).powi(2)).sum::<f64>();
        spread += (squares / (case.targets() as f64 - 1.0)).sqrt();
        apart += case.disagree();
        top += case.truth[case.order[0]];
        n += 1.0;
    }
    println!("matrices {n} best {:.3} spread {:.3} two-best-disagree {:.3}", top / n, spread / n, apart / n);
}

/// Plays every case, with and without history where there is any, and prints means.
fn table<const N: usize>(
    label: &str,
    head: &str,
    cases: &Cases,
    histories: &[bool],
    row: impl Fn(&Case, bool, u64) -> [f64; N],
) {
    println!("# {label} history gap {head} campaigns");
    for history in histories {
        let word = if *history { "history" } else { "none" };
        let (mut all, mut campaigns) = ([0.0; N], 0);
        let print = |gap: &str, sums: &[f64; N], n: usize| {
            let cells: Vec<String> = sums.iter().map(|sum| format!("{:.4}", sum / n as f64)).collect();
            println!("{label} {word} {gap} {} {n}", cells.join(" "));
        };
        for (gap, cases) in GAPS.iter().zip(cases) {
            let (mut sums, mut n) = ([0.0; N], 0);
            for (seed, case) in cases.iter().enumerate().filter(|(_, case)| !history || case.has_history()) {
                for (sum, more) in sums.iter_mut().zip(row(case, *history, seed as u64)) {
                    *sum += more;
                }
                n += 1;
            }
            if n > 0 {
                print(gap, &sums, n);
            }
            for (all, sum) in all.iter_mut().zip(sums) {
                *all += sum;
            }
            campaigns += n;
        }
        if campaigns > 0 {
            print("all", &all, campaigns);
        }
    }
}

fn flag(is: bool) -> f64 {
    f64::from(u8::from(is))
}

fn best(cases: &Cases, margin: f64) {
    let word = if margin > 0.0 { "best" } else { "winner" };
    let head = "saved kept picked picked-within-a-point named exact-by-full-pass covered";
    table(word, head, cases, &[false, true], |case, history, seed| {
        let campaign = case.play(Goal::Best { margin }, history, seed);
        let named = campaign.candidates();
        let pick = campaign.ranking()[0];
        [
            campaign.saving(),
            flag(named.iter().any(|k| case.is_best(*k))),
            flag(case.is_best(pick)),
            flag(case.behind(pick) < MARGIN + 1e-9),
            named.len() as f64,
            flag(campaign.stopped() == Some(Stop::Exact)),
            case.covered(&campaign),
        ]
    });
}

fn precision(cases: &Cases) {
    println!(
        "# precision history items-in-set asked saved-of-2401 saved-of-2401-corrected-for-the-set saved-of-full-pass covered half-width campaigns"
    );
    for history in [false, true] {
        let mut sizes: Vec<usize> = cases.iter().flatten().map(Case::items).collect();
        sizes.sort_unstable();
        sizes.dedup();
        let (mut all, mut campaigns) = ([0.0; 6], 0);
        for items in &sizes {
            let (mut sums, mut n) = ([0.0; 6], 0);
            let of_size = |case: &Case| case.items() == *items && (!history || case.has_history());
            for (seed, case) in cases.iter().flatten().enumerate().filter(|(_, case)| of_size(case)) {
                let campaign = case.play(Goal::Precision { half_width: 0.02 }, history, seed as u64);
                let (mut asked, mut width) = (0.0, 0.0);
                for k in 0..case.targets() {
                    let estimate = campaign.estimate(k);
                    asked += estimate.asked as f64 / case.targets() as f64;
                    width += (estimate.interval.upper - estimate.interval.lower) / 2.0 / case.targets() as f64;
                }
                let set = *items as f64;
                let corrected = FIXED / (1.0 + (FIXED - 1.0) / set);
                let saved = [1.0 - asked / FIXED, 1.0 - asked / corrected, 1.0 - asked / set];
                let row = [asked, saved[0], saved[1], saved[2], case.covered(&campaign), width];
                for (sum, more) in sums.iter_mut().zip(row) {
                    *sum += more;
                }
                n += 1;
            }
            // Where missing cells make every subset's set another one, only the last line says something.
            if sizes.len() <= 5 && n > 0 {
                line(history, &items.to_string(), &sums, n);
            }
            for (all, sum) in all.iter_mut().zip(sums) {
                *all += sum;
            }
            campaigns += n;
        }
        if campaigns > 0 {
            line(history, "all", &all, campaigns);
        }
    }
}

fn line(history: bool, items: &str, sums: &[f64; 6], n: usize) {
    let cells: Vec<String> = sums.iter().map(|sum| format!("{:.4}", sum / n as f64)).collect();
    println!("precision {} {items} {} {n}", if history { "history" } else { "none" }, cells.join(" "));
}

fn ranking(cases: &Cases) {
    let share = 0.25;
    let judged = |case: &Case, order: &[usize], saving: f64| {
        let (rho, tau) = correlations(order, &case.truth);
        [rho, tau, flag(case.is_best(order[0])), saving]
    };
    let head = "spearman kendall first-is-right saved";
    table("ranking", head, cases, &[false, true], |case, history, seed| {
        let campaign = case.play(Goal::Ranking { share }, history, seed);
        judged(case, &campaign.ranking(), campaign.saving())
    });
    // To be held against: the same number of items asked of everyone.
    table("alike", head, cases, &[false], |case, _, seed| judged(case, &case.alike(share, seed), 1.0 - share));
}

/// Spearman's and Kendall's (τ-b) correlation of an order with the truth, in which targets may be equal. An order of equals is as
/// right as any.
fn correlations(order: &[usize], truth: &[f64]) -> (f64, f64) {
    let mut place = vec![0.0; order.len()];
    for (i, target) in order.iter().enumerate() {
        place[*target] = -(i as f64);
    }
    (spearman(&place, truth).unwrap_or(1.0), kendall(&place, truth).unwrap_or(1.0))
}

fn pairs(cases: &Cases) {
    // A tenth of the campaigns: this takes longest, and is no claim.
    for (word, all) in [("better-than", false), ("all-ranked", true)] {
        let goal =
            if all { Goal::AllRanked { margin: MARGIN } } else { Goal::BetterThan { baseline: 0, margin: MARGIN } };
        println!("# pairs goal gap saved campaigns-without-a-false-claim pairs-told-apart campaigns");
        let (mut total, mut campaigns) = ([0.0; 3], 0);
        for (gap, cases) in GAPS.iter().zip(cases) {
            let part = cases.len().div_ceil(10);
            let mut sums = [0.0; 3];
            for (seed, case) in cases.iter().take(part).enumerate() {
                let campaign = case.play(goal, false, seed as u64);
                let (mut wrong, mut told, mut pairs) = (false, 0.0, 0.0);
                for i in 0..case.targets() {
                    for j in 0..i {
                        let truth = case.truth[i] - case.truth[j];
                        let shown = campaign.relation(i, j);
                        wrong |= match shown {
                            Relation::Better => truth <= 1e-12,
                            Relation::Worse => truth >= -1e-12,
                            Relation::Close => truth.abs() >= MARGIN + 1e-12,
                            Relation::Open => false,
                        };
                        if all || j == 0 {
                            told += flag(shown != Relation::Open);
                            pairs += 1.0;
                        }
                    }
                }
                for (sum, more) in sums.iter_mut().zip([campaign.saving(), flag(!wrong), told / pairs]) {
                    *sum += more;
                }
            }
            if part > 0 {
                let cells: Vec<String> = sums.iter().map(|sum| format!("{:.4}", sum / part as f64)).collect();
                println!("pairs {word} {gap} {} {part}", cells.join(" "));
            }
            for (all, sum) in total.iter_mut().zip(sums) {
                *all += sum;
            }
            campaigns += part;
        }
        let cells: Vec<String> = total.iter().map(|sum| format!("{:.4}", sum / campaigns as f64)).collect();
        println!("pairs {word} all {} {campaigns}", cells.join(" "));
    }
}
