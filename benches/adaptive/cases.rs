//! What campaigns are played on: matrices by the logistic model, or subsets of a recorded full pass.

use assayd::stats::{Campaign, Goal, Level, Recorded, Spec, World};
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

/// Earlier models, for the rows with history.
const EARLIER: u8 = 10;
/// A subset of a recorded pass with fewer items than this is not played.
const LEAST_ITEMS: usize = 40;

pub const GAPS: [&str; 4] = ["0-1", "1-2", "2-5", ">5"];

/// A full pass: by target, then item, what each scored.
pub struct Case {
    pub scores: Vec<Vec<f64>>,
    strata: Vec<usize>,
    costs: Option<Vec<Vec<f64>>>,
    pub truth: Vec<f64>,
    /// From best to worst.
    pub order: Vec<usize>,
    history: Option<Vec<(u32, u32)>>,
}

/// What is made.
pub struct Made {
    pub targets: usize,
    pub items: Option<usize>,
    /// Standard deviation of abilities; none: from 0.5 to 1.15, another one for each matrix.
    pub spread: Option<f64>,
    pub shared: f64,
}

/// What each campaign takes of a recorded pass.
#[derive(Clone, Copy)]
pub struct Part {
    pub targets: usize,
    /// None: all.
    pub strata: Option<usize>,
}

impl Case {
    fn new(
        scores: Vec<Vec<f64>>,
        strata: Vec<usize>,
        costs: Option<Vec<Vec<f64>>>,
        history: Option<Vec<(u32, u32)>>,
    ) -> Self {
        let truth: Vec<f64> = scores.iter().map(|row| row.iter().sum::<f64>() / row.len() as f64).collect();
        let mut order: Vec<usize> = (0..truth.len()).collect();
        order.sort_by(|a, b| truth[*b].total_cmp(&truth[*a]));
        Self { scores, strata, costs, truth, order, history }
    }

    fn made(how: &Made, rng: &mut ChaCha8Rng) -> Self {
        let drawn = [1_000, 2_000, 3_000][rng.random_range(0..3)];
        let size = how.items.unwrap_or(drawn);
        let domains = [22, 18, 14, 12, 10, 8, 6, 5, 3, 2].map(|percent| size * percent / 100).to_vec();
        // How good these candidates are, and how far apart: standard deviations of about 9 to 20 points, as subsets of eight have
        // in the public result files of docs/adaptive.md.
        let level = 0.7 + 0.3 * normal(rng);
        let drawn = rng.random_range(0.5..1.15);
        let apart = how.spread.unwrap_or(drawn);
        let mut abilities: Vec<f64> = (0..how.targets).map(|_| level + apart * normal(rng)).collect();
        abilities.extend((0..EARLIER).map(|_| level - 0.2 + apart * normal(rng)));
        let matrix = World { domains, abilities, shared: how.shared, ..World::usual() }.draw(rng.random());
        let score = |row: &Vec<bool>| row.iter().map(|right| f64::from(u8::from(*right))).collect();
        let (ours, earlier) = matrix.right.split_at(how.targets);
        let history = (0..matrix.domain.len())
            .map(|i| (earlier.iter().filter(|row| row[i]).count().try_into().unwrap_or(0), u32::from(EARLIER)))
            .collect();
        Self::new(ours.iter().map(score).collect(), matrix.domain, None, Some(history))
    }

    /// Some targets of a recorded pass on the items that all of them have, of some of its strata; the other targets, up to ten, are
    /// the history.
    fn recorded(pass: &Recorded, part: Part, rng: &mut ChaCha8Rng) -> Option<Self> {
        let who = shuffled(pass.targets.len(), rng);
        let (ours, others) = who.split_at(part.targets.min(who.len()));
        let earlier = &others[..others.len().min(usize::from(EARLIER))];
        let mut strata: Vec<usize> = (0..=pass.strata.iter().copied().max()?).collect();
        if let Some(count) = part.strata.filter(|count| *count < strata.len()) {
            strata = shuffled(strata.len(), rng);
            strata.truncate(count);
        }
        let stratum = |item: &usize| strata.iter().position(|h| *h == pass.strata[*item]);
        let items: Vec<usize> = pass.common(ours).into_iter().filter(|item| stratum(item).is_some()).collect();
        if items.len() < LEAST_ITEMS {
            return None;
        }
        let scores: Vec<Vec<f64>> =
            ours.iter().map(|k| items.iter().filter_map(|item| pass.scores[*k][*item]).collect()).collect();
        let history = (earlier.len() >= 2).then(|| {
            let of = |item: &usize| {
                let known = earlier.iter().filter_map(|k| pass.scores[*k][*item]);
                known.fold((0, 0), |(right, n), score| (right + u32::from(score >= 0.5), n + 1))
            };
            items.iter().map(of).collect()
        });
        let places: Vec<usize> = items.iter().filter_map(stratum).collect();
        // Missing cells may leave the last strata without an item.
        let used = places.iter().max().map_or(0, |most| most + 1);
        let costs = pass
            .costs
            .as_ref()
            .map(|costs| ours.iter().map(|k| strata.iter().take(used).map(|h| costs[*k][*h]).collect()).collect());
        Some(Self::new(scores, places, costs, history))
    }

    pub fn items(&self) -> usize {
        self.strata.len()
    }

    pub fn targets(&self) -> usize {
        self.scores.len()
    }

    /// The lead of the best, in points. 0 where two are best to the last item.
    pub fn gap(&self) -> f64 {
        100.0 * (self.truth[self.order[0]] - self.truth[self.order[1]])
    }

    /// Whether a target is the best, or one of the best.
    pub fn is_best(&self, target: usize) -> bool {
        self.behind(target) < 1e-9
    }

    /// By how much a target is behind the best.
    pub fn behind(&self, target: usize) -> f64 {
        self.truth[self.order[0]] - self.truth[target]
    }

    /// The share of items on which the two best do not score alike.
    pub fn disagree(&self) -> f64 {
        let rows = [0, 1].map(|place| &self.scores[self.order[place]]);
        rows[0].iter().zip(rows[1]).filter(|(a, b)| a != b).count() as f64 / self.items() as f64
    }

    fn place(&self) -> usize {
        match self.gap() {
            gap if gap < 1.0 => 0,
            gap if gap < 2.0 => 1,
            gap if gap <= 5.0 => 2,
            _ => 3,
        }
    }

    pub fn has_history(&self) -> bool {
        self.history.is_some()
    }

    pub fn play(&self, goal: Goal, history: bool, seed: u64) -> Campaign {
        let spec = Spec {
            targets: self.targets(),
            strata: self.strata.clone(),
            weights: None,
            costs: self.costs.clone(),
            history: self.history.clone().filter(|_| history),
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
                campaign.take(ask, Some(self.scores[ask.target][ask.item]));
            }
        }
    }

    /// How many of a campaign's intervals hold the truth, as a share.
    pub fn covered(&self, campaign: &Campaign) -> f64 {
        let holds = |k: &usize| {
            let interval = campaign.estimate(*k).interval;
            interval.lower - 1e-12 <= self.truth[*k] && self.truth[*k] <= interval.upper + 1e-12
        };
        (0..self.targets()).filter(holds).count() as f64 / self.targets() as f64
    }

    /// The order that asking a share of the items of everyone alike gives.
    pub fn alike(&self, share: f64, seed: u64) -> Vec<usize> {
        let mut rng = ChaCha8Rng::seed_from_u64(seed);
        let mut items = shuffled(self.items(), &mut rng);
        let wanted = share * self.items() as f64;
        let mut taken = 0.0;
        items.retain(|_| {
            taken += 1.0;
            taken < wanted + 1.0
        });
        let sum = |k: usize| items.iter().map(|item| self.scores[k][*item]).sum::<f64>();
        let sums: Vec<f64> = (0..self.targets()).map(sum).collect();
        let mut order: Vec<usize> = (0..self.targets()).collect();
        order.sort_by(|a, b| sums[*b].total_cmp(&sums[*a]));
        order
    }
}

/// As many matrices of each gap between the two best.
pub fn made(how: &Made, each: usize, seed: u64) -> [Vec<Case>; 4] {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let mut cases: [Vec<Case>; 4] = Default::default();
    while cases.iter().any(|cases| cases.len() < each) {
        let case = Case::made(how, &mut rng);
        let place = case.place();
        // Where two are best to the last item there is no true best.
        if case.gap() > 1e-9 && cases[place].len() < each {
            cases[place].push(case);
        }
    }
    cases
}

/// Subsets of a recorded pass as they come, by the gap that they happen to have; and how many had too few items.
pub fn recorded(pass: &Recorded, part: Part, campaigns: usize, seed: u64) -> ([Vec<Case>; 4], usize) {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let mut cases: [Vec<Case>; 4] = Default::default();
    let mut left_out = 0;
    for _ in 0..campaigns {
        match Case::recorded(pass, part, &mut rng) {
            Some(case) => cases[case.place()].push(case),
            None => left_out += 1,
        }
    }
    (cases, left_out)
}

fn shuffled(count: usize, rng: &mut ChaCha8Rng) -> Vec<usize> {
    let mut list: Vec<usize> = (0..count).collect();
    for i in (1..count).rev() {
        list.swap(i, rng.random_range(0..=i));
    }
    list
}

fn normal(rng: &mut ChaCha8Rng) -> f64 {
    let (length, angle) =
        ((-2.0 * (1.0 - rng.random::<f64>()).ln()).sqrt(), std::f64::consts::TAU * rng.random::<f64>());
    length * angle.cos()
}
