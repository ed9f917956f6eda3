//! Comparisons counted by pair of models, however many votes they were.

use super::BradleyTerryError;

/// The most models that one fit takes: its matrices are dense, 8 MiB each at this size.
pub const MOST_MODELS: usize = 1024;

/// What comparing two came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// The first is better.
    First,
    /// The second is better.
    Second,
    /// Neither is: half a win for each. Two answers that are both bad are a tie too.
    Tie,
}

impl Outcome {
    /// Of two scores, the higher being better; none where one is NaN.
    #[must_use]
    pub fn of_scores(first: f64, second: f64) -> Option<Self> {
        first.partial_cmp(&second).map(|order| match order {
            std::cmp::Ordering::Greater => Self::First,
            std::cmp::Ordering::Less => Self::Second,
            std::cmp::Ordering::Equal => Self::Tie,
        })
    }

    /// What the first gets of one win: 1, 0 or ½.
    #[must_use]
    pub const fn score(self) -> f64 {
        match self {
            Self::First => 1.0,
            Self::Second => 0.0,
            Self::Tie => 0.5,
        }
    }
}

/// One comparison of two models, by their index.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Vote {
    /// One …
    pub first: usize,
    /// … and the other.
    pub second: usize,
    /// Who was better.
    pub outcome: Outcome,
}

/// All comparisons of two models: how often the first won, the second won, and neither.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct PairRecord {
    /// Wins of the first.
    pub first: u64,
    /// Wins of the second.
    pub second: u64,
    /// Ties.
    pub ties: u64,
}

impl PairRecord {
    /// How many comparisons these are.
    #[must_use]
    pub const fn votes(&self) -> u64 {
        self.first.saturating_add(self.second).saturating_add(self.ties)
    }

    fn flipped(self) -> Self {
        Self { first: self.second, second: self.first, ties: self.ties }
    }

    fn add(&mut self, other: Self) {
        self.first = self.first.saturating_add(other.first);
        self.second = self.second.saturating_add(other.second);
        self.ties = self.ties.saturating_add(other.ties);
    }
}

/// Comparisons by pair. Only pairs of a model that was compared with one of a lower index take memory.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Comparisons {
    /// Of model j, its records against models 0 to j − 1; empty until there is one.
    rows: Vec<Vec<PairRecord>>,
}

impl Comparisons {
    /// None yet, between so many models.
    ///
    /// # Errors
    /// More than [`MOST_MODELS`].
    pub fn new(models: usize) -> Result<Self, BradleyTerryError> {
        if models > MOST_MODELS {
            return Err(BradleyTerryError::TooMany { models });
        }
        Ok(Self { rows: vec![Vec::new(); models] })
    }

    /// How many models.
    #[must_use]
    pub const fn models(&self) -> usize {
        self.rows.len()
    }

    /// Counts one vote.
    ///
    /// # Errors
    /// Of a model that there is not, or of one against itself.
    pub fn add(&mut self, vote: Vote) -> Result<(), BradleyTerryError> {
        let Vote { first, second, outcome } = vote;
        let record = match outcome {
            Outcome::First => PairRecord { first: 1, ..PairRecord::default() },
            Outcome::Second => PairRecord { second: 1, ..PairRecord::default() },
            Outcome::Tie => PairRecord { ties: 1, ..PairRecord::default() },
        };
        self.add_record(first, second, record)
    }

    /// Counts many votes between the same two.
    ///
    /// # Errors
    /// Of a model that there is not, or of one against itself.
    pub fn add_record(&mut self, first: usize, second: usize, record: PairRecord) -> Result<(), BradleyTerryError> {
        let models = self.models();
        let (low, high, record) =
            if first < second { (first, second, record) } else { (second, first, record.flipped()) };
        if low == high {
            return Err(BradleyTerryError::Itself { model: low });
        }
        let row = self.rows.get_mut(high).ok_or(BradleyTerryError::Unknown { model: high, models })?;
        if row.is_empty() {
            row.resize(high, PairRecord::default());
        }
        if let Some(cell) = row.get_mut(low) {
            cell.add(record);
        }
        Ok(())
    }

    /// Counts one item on which models scored: every two of them are compared, the higher score being better.
    ///
    /// # Errors
    /// Of a model that there is not or that scored twice; of a score that is NaN.
    pub fn add_item(&mut self, scores: &[(usize, f64)]) -> Result<(), BradleyTerryError> {
        for_pairs(scores, |vote| self.add(vote))
    }

    /// The pairs that were compared, the first of the lower index.
    pub fn pairs(&self) -> impl Iterator<Item = (usize, usize, PairRecord)> {
        let of_row = |(j, row): (usize, &'_ Vec<PairRecord>)| {
            row.iter().copied().enumerate().map(move |(i, record)| (i, j, record)).collect::<Vec<_>>()
        };
        self.rows.iter().enumerate().flat_map(of_row).filter(|(_, _, record)| record.votes() > 0)
    }
}

/// Every two of those who scored on an item, as votes.
pub(super) fn for_pairs(
    scores: &[(usize, f64)],
    mut with: impl FnMut(Vote) -> Result<(), BradleyTerryError>,
) -> Result<(), BradleyTerryError> {
    for (i, (first, a)) in scores.iter().enumerate() {
        for (second, b) in scores.iter().skip(i + 1) {
            let outcome = Outcome::of_scores(*a, *b).ok_or(BradleyTerryError::NoNumber { model: *first })?;
            with(Vote { first: *first, second: *second, outcome })?;
        }
    }
    Ok(())
}

/// The strongly connected components of who beat (or tied with) whom, models in ascending order in each, those first that
/// others beat least: a component that beats another and is not beaten by it comes before it.
///
/// Source: Kosaraju's algorithm as in Sharir (1981), Comput. Math. Appl. 7, 67–72.
#[must_use]
pub fn win_components(comparisons: &Comparisons) -> Vec<Vec<usize>> {
    let models = comparisons.models();
    // An edge from the loser to the winner; a tie is one of each.
    let (mut up, mut down) = (vec![Vec::new(); models], vec![Vec::new(); models]);
    for (i, j, record) in comparisons.pairs() {
        let half = record.ties > 0;
        for (winner, loser, wins) in [(i, j, record.first), (j, i, record.second)] {
            if wins > 0 || half {
                up[loser].push(winner);
                down[winner].push(loser);
            }
        }
    }
    let mut seen = vec![false; models];
    let mut finished = Vec::with_capacity(models);
    for model in 0..models {
        visit(model, &down, &mut seen, &mut finished);
    }
    let mut seen = vec![false; models];
    let mut components = Vec::new();
    for model in finished.into_iter().rev() {
        let mut component = Vec::new();
        visit(model, &up, &mut seen, &mut component);
        component.sort_unstable();
        if !component.is_empty() {
            components.push(component);
        }
    }
    components
}

/// Depth first from a model, writing down each as it is left.
fn visit(from: usize, edges: &[Vec<usize>], seen: &mut [bool], left: &mut Vec<usize>) {
    if std::mem::replace(&mut seen[from], true) {
        return;
    }
    let mut stack = vec![(from, 0)];
    while let Some((model, next)) = stack.last_mut() {
        if let Some(to) = edges[*model].get(*next).copied() {
            *next += 1;
            if !std::mem::replace(&mut seen[to], true) {
                stack.push((to, 0));
            }
        } else {
            left.push(*model);
            stack.pop();
        }
    }
}
