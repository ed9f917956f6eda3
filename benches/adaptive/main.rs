//! What adaptive testing saves, and how often it is right, on made-up answer matrices whose truth is known: the tables that
//! `tests/show/adaptive` prints.
//!
//! `cargo bench --bench adaptive -- MATRICES_OF_EACH_GAP SEED [best|winner|precision|ranking|pairs]`
//!
//! A matrix holds the answers of 8 targets (and of 10 earlier models, for the rows with history) to 1,000, 2,000 or 3,000 items in
//! ten domains, by the two-parameter logistic model. Matrices are drawn until there are as many of each gap between the two
//! best. Truth is the full pass: the share right over all items.

#![expect(clippy::print_stdout, reason = "tables are what it is for")]

use assayd::stats::{Campaign, Goal, Level, Matrix, Relation, Spec, Stop, World};
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

const TARGETS: usize = 8;
const EARLIER: usize = 10;
const MARGIN: f64 = 0.01;
const GAPS: [&str; 4] = ["0-1", "1-2", "2-5", ">5"];

struct Case {
    matrix: Matrix,
    items: usize,
    truth: Vec<f64>,
    /// From best to worst.
    order: Vec<usize>,
    history: Vec<(u32, u32)>,
}

impl Case {
    fn best(&self) -> usize {
        self.order[0]
    }

    fn gap(&self) -> f64 {
        100.0 * (self.truth[self.order[0]] - self.truth[self.order[1]])
    }

    fn draw(rng: &mut ChaCha8Rng) -> Self {
        let size = [1_000, 2_000, 3_000][rng.random_range(0..3)];
        let domains = [22, 18, 14, 12, 10, 8, 6, 5, 3, 2].map(|percent| size * percent / 100).to_vec();
        // How good these candidates are, and how far apart: standard deviations of about 7 to 15 points.
        let level = 0.7 + 0.3 * normal(rng);
        let apart = rng.random_range(0.4..0.8);
        let mut abilities: Vec<f64> = (0..TARGETS).map(|_| level + apart * normal(rng)).collect();
        abilities.extend((0..EARLIER).map(|_| level - 0.2 + apart * normal(rng)));
        let matrix = World { domains, abilities, ..World::usual() }.draw(rng.random());
        let items = matrix.domain.len();
        let truth: Vec<f64> = (0..TARGETS).map(|k| matrix.accuracy(k)).collect();
        let mut order: Vec<usize> = (0..TARGETS).collect();
        order.sort_by(|a, b| truth[*b].total_cmp(&truth[*a]));
        let earlier = &matrix.right[TARGETS..];
        let history =
            (0..items).map(|i| (earlier.iter().filter(|row| row[i]).count().try_into().unwrap_or(0), 10)).collect();
        Self { matrix, items, truth, order, history }
    }

    fn play(&self, goal: Goal, history: bool, seed: u64) -> Campaign {
        let spec = Spec {
            targets: TARGETS,
            strata: self.matrix.domain.clone(),
            weights: None,
            costs: None,
            history: history.then(|| self.history.clone()),
            goal,
            level: Level::P95,
            batch: 32,
            cap: None,
            seed,
        };
        let mut campaign = match Campaign::new(spec) {
            Ok(campaign) => campaign,
            Err(problem) => unreachable!("{problem}"),
        };
        loop {
            let asks = campaign.next_batch();
            if asks.is_empty() {
                return campaign;
            }
            for ask in asks {
                let score = f64::from(u8::from(self.matrix.right[ask.target][ask.item]));
                campaign.take(ask, Some(score));
            }
        }
    }

    /// How many of a campaign's intervals hold the truth.
    fn covered(&self, campaign: &Campaign) -> usize {
        (0..TARGETS)
            .filter(|k| {
                let interval = campaign.estimate(*k).interval;
                interval.lower - 1e-12 <= self.truth[*k] && self.truth[*k] <= interval.upper + 1e-12
            })
            .count()
    }
}

fn normal(rng: &mut ChaCha8Rng) -> f64 {
    let (length, angle) =
        ((-2.0 * (1.0 - rng.random::<f64>()).ln()).sqrt(), std::f64::consts::TAU * rng.random::<f64>());
    length * angle.cos()
}

fn main() {
    let mut words = std::env::args().skip(1).filter(|word| !word.starts_with('-'));
    let each: usize = words.next().and_then(|word| word.parse().ok()).unwrap_or(500);
    let seed = words.next().and_then(|word| word.parse().ok()).unwrap_or(1);
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let mut cases: [Vec<Case>; 4] = Default::default();
    while cases.iter().any(|cases| cases.len() < each) {
        let case = Case::draw(&mut rng);
        let gap = case.gap();
        let place = if gap < 1.0 {
            0
        } else if gap < 2.0 {
            1
        } else if gap <= 5.0 {
            2
        } else {
            3
        };
        // Where two are best to the last item there is no true best.
        if gap > 1e-9 && cases[place].len() < each {
            cases[place].push(case);
        }
    }
    about(&cases);
    let only = words.next();
    let wanted = |word: &str| only.as_deref().is_none_or(|only| only == word);
    if wanted("best") {
        best(&cases, MARGIN);
    }
    if wanted("winner") {
        best(&cases, 0.0);
    }
    if wanted("precision") {
        precision(&cases);
    }
    if wanted("ranking") {
        ranking(&cases);
    }
    if wanted("pairs") {
        pairs(&cases);
    }
}

fn about(cases: &[Vec<Case>; 4]) {
    let (mut top, mut apart, mut n) = (0.0, 0.0, 0.0);
    for case in cases.iter().flatten() {
        let rows = [0, 1].map(|place| &case.matrix.right[case.order[place]]);
        let differ = rows[0].iter().zip(rows[1]).filter(|(a, b)| a != b).count();
        apart += differ as f64 / case.items as f64;
        top += case.truth[case.best()];
        n += 1.0;
    }
    println!("matrices {n} best {:.3} two-best-disagree {:.3}", top / n, apart / n);
}

fn name(history: bool) -> &'static str {
    if history { "history" } else { "none" }
}

/// Sums by gap, printed as means, and over all gaps alike.
struct Table<const N: usize> {
    label: String,
    all: [f64; N],
}

impl<const N: usize> Table<N> {
    fn new(label: String) -> Self {
        Self { label, all: [0.0; N] }
    }

    fn row(&mut self, gap: &str, sums: [f64; N], campaigns: usize) {
        let means = sums.map(|sum| sum / campaigns as f64);
        self.print(gap, &means);
        for (all, mean) in self.all.iter_mut().zip(means) {
            *all += mean / GAPS.len() as f64;
        }
    }

    fn print(&self, gap: &str, means: &[f64; N]) {
        let cells: Vec<String> = means.iter().map(|mean| format!("{mean:.4}")).collect();
        println!("{} {gap} {}", self.label, cells.join(" "));
    }

    fn end(self) {
        self.print("all", &self.all);
    }
}

fn flag(is: bool) -> f64 {
    f64::from(u8::from(is))
}

fn best(cases: &[Vec<Case>; 4], margin: f64) {
    let word = if margin > 0.0 { "best" } else { "winner" };
    println!("# {word} history gap saved kept picked picked-within-a-point named exact-by-full-pass covered");
    for history in [false, true] {
        let mut table = Table::new(format!("{word} {}", name(history)));
        for (gap, cases) in GAPS.iter().zip(cases) {
            let mut sums = [0.0; 7];
            for (seed, case) in cases.iter().enumerate() {
                let campaign = case.play(Goal::Best { margin }, history, seed as u64);
                let named = campaign.candidates();
                let pick = campaign.ranking()[0];
                let row = [
                    campaign.saving(),
                    flag(named.contains(&case.best())),
                    flag(pick == case.best()),
                    flag(case.truth[pick] > case.truth[case.best()] - MARGIN - 1e-9),
                    named.len() as f64,
                    flag(campaign.stopped() == Some(Stop::Exact)),
                    case.covered(&campaign) as f64 / TARGETS as f64,
                ];
                for (sum, more) in sums.iter_mut().zip(row) {
                    *sum += more;
                }
            }
            table.row(gap, sums, cases.len());
        }
        table.end();
    }
}

/// Items that a design without looking takes for ± 2 points at 95 %, whatever the share is: of an endless population.
const FIXED: f64 = 2_401.0;

fn precision(cases: &[Vec<Case>; 4]) {
    println!(
        "# precision history items-in-set asked saved-of-2401 saved-of-2401-corrected-for-the-set saved-of-full-pass covered half-width campaigns"
    );
    for history in [false, true] {
        let mut all = [0.0; 6];
        let mut campaigns = 0;
        for items in [1_000, 2_000, 3_000] {
            let mut sums = [0.0; 6];
            let mut n = 0;
            for (seed, case) in cases.iter().flatten().enumerate().filter(|(_, case)| case.items == items) {
                let campaign = case.play(Goal::Precision { half_width: 0.02 }, history, seed as u64);
                let (mut asked, mut width) = (0.0, 0.0);
                for k in 0..TARGETS {
                    let estimate = campaign.estimate(k);
                    asked += estimate.asked as f64 / TARGETS as f64;
                    width += (estimate.interval.upper - estimate.interval.lower) / 2.0 / TARGETS as f64;
                }
                let set = items as f64;
                let corrected = FIXED / (1.0 + (FIXED - 1.0) / set);
                let row = [
                    asked,
                    1.0 - asked / FIXED,
                    1.0 - asked / corrected,
                    1.0 - asked / set,
                    case.covered(&campaign) as f64 / TARGETS as f64,
                    width,
                ];
                for (sum, more) in sums.iter_mut().zip(row) {
                    *sum += more;
                }
                n += 1;
            }
            let cells: Vec<String> = sums.iter().map(|sum| format!("{:.4}", sum / f64::from(n))).collect();
            println!("precision {} {items} {} {n}", name(history), cells.join(" "));
            for (all, sum) in all.iter_mut().zip(sums) {
                *all += sum;
            }
            campaigns += n;
        }
        let cells: Vec<String> = all.iter().map(|sum| format!("{:.4}", sum / f64::from(campaigns))).collect();
        println!("precision {} all {} {campaigns}", name(history), cells.join(" "));
    }
}

fn ranking(cases: &[Vec<Case>; 4]) {
    println!("# ranking history gap spearman kendall first-is-right saved");
    for history in [false, true] {
        let mut table = Table::new(format!("ranking {}", name(history)));
        for (gap, cases) in GAPS.iter().zip(cases) {
            let mut sums = [0.0; 4];
            for (seed, case) in cases.iter().enumerate() {
                let campaign = case.play(Goal::Ranking { share: 0.25 }, history, seed as u64);
                let order = campaign.ranking();
                let (rho, tau) = correlations(&order, &case.truth);
                let row = [rho, tau, flag(order[0] == case.best()), campaign.saving()];
                for (sum, more) in sums.iter_mut().zip(row) {
                    *sum += more;
                }
            }
            table.row(gap, sums, cases.len());
        }
        table.end();
    }
}

/// Spearman's and Kendall's (τ-b) correlation of an order with the truth, in which targets may be equal.
fn correlations(order: &[usize], truth: &[f64]) -> (f64, f64) {
    let k = truth.len();
    let place = |target: usize| order.iter().position(|t| *t == target).unwrap_or(0) as f64;
    let rank = |target: usize| {
        let (above, equal) = truth.iter().fold((0.0, 0.0), |(above, equal), t| {
            (above + flag(*t > truth[target]), equal + flag(*t == truth[target]))
        });
        above + (equal - 1.0) / 2.0
    };
    let mean = (k as f64 - 1.0) / 2.0;
    let (mut xy, mut xx, mut yy) = (0.0, 0.0, 0.0);
    let (mut concordant, mut pairs, mut unequal) = (0.0, 0.0, 0.0);
    for i in 0..k {
        let (x, y) = (place(i) - mean, rank(i) - mean);
        xy += x * y;
        xx += x * x;
        yy += y * y;
        for j in 0..i {
            pairs += 1.0;
            unequal += flag(truth[i] != truth[j]);
            if truth[i] != truth[j] {
                concordant += ((place(i) - place(j)) * (truth[j] - truth[i])).signum();
            }
        }
    }
    (xy / (xx * yy).sqrt(), concordant / f64::sqrt(pairs * unequal))
}

fn pairs(cases: &[Vec<Case>; 4]) {
    println!("# pairs goal gap saved campaigns-without-a-false-claim pairs-told-apart");
    let goals = [
        ("better-than", Goal::BetterThan { baseline: 0, margin: MARGIN }),
        ("all-ranked", Goal::AllRanked { margin: MARGIN }),
    ];
    for (word, goal) in goals {
        let mut table = Table::new(format!("pairs {word}"));
        for (gap, cases) in GAPS.iter().zip(cases) {
            // A tenth of the matrices: this takes longest, and is no claim.
            let part = cases.len().div_ceil(10);
            let mut sums = [0.0; 3];
            for (seed, case) in cases.iter().take(part).enumerate() {
                let campaign = case.play(goal, false, seed as u64);
                let (mut wrong, mut told, mut pairs) = (false, 0.0, 0.0);
                for i in 0..TARGETS {
                    for j in 0..i {
                        let truth = case.truth[i] - case.truth[j];
                        let shown = campaign.relation(i, j);
                        wrong |= match shown {
                            Relation::Better => truth <= 1e-12,
                            Relation::Worse => truth >= -1e-12,
                            Relation::Close => truth.abs() >= MARGIN + 1e-12,
                            Relation::Open => false,
                        };
                        if word == "all-ranked" || j == 0 {
                            told += flag(shown != Relation::Open);
                            pairs += 1.0;
                        }
                    }
                }
                for (sum, more) in sums.iter_mut().zip([campaign.saving(), flag(!wrong), told / pairs]) {
                    *sum += more;
                }
            }
            table.row(gap, sums, part);
        }
        table.end();
    }
}
