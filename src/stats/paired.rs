//! Two forms of the same items compared item by item: what is hard in both cancels out.

use super::distribution::{Level, float, two_sided_t};
use super::proportion::{Interval, mcnemar_exact, wilson};

/// What one item came to in two forms: right answers, and answers, in the first form and in the others.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Pair {
    /// The first form: right, answered.
    pub base: (u64, u64),
    /// The other forms together.
    pub forms: (u64, u64),
}

/// How an interval of a [`PairedGap`] came about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Method {
    /// One answer in each form of every item: Newcombe's score interval for paired shares, and the exact McNemar test.
    Newcombe,
    /// Several: Student's interval of the mean difference of an item, and its test.
    Student,
}

impl Method {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Newcombe, Self::Student];

    /// The word used in records.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::Newcombe => "newcombe",
            Self::Student => "student",
        }
    }
}

/// How much better the first form of the same items is answered than the others.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct PairedGap {
    /// Mean share right in the first form − mean share right in the others, over items, with its interval.
    pub difference: Interval,
    /// The mean share right in the first form …
    pub base: f64,
    /// … and in the others.
    pub forms: f64,
    /// Items that were answered in both.
    pub pairs: u64,
    /// Answers in the first form of those items, and in the others.
    pub answers: (u64, u64),
    /// Two-sided p-value of no difference.
    pub p: f64,
    /// How interval and p-value came about.
    pub method: Method,
}

/// Sums over items, out of which [`PairedSums::gap`] makes the difference: items by the million need not be kept.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct PairedSums {
    n: u64,
    /// Whether every item has one answer in each form.
    single: bool,
    /// Items that both, only the first, only the second and neither got right.
    table: [u64; 4],
    base: f64,
    forms: f64,
    difference: f64,
    squares: f64,
    answers: (u64, u64),
}

impl Default for PairedSums {
    fn default() -> Self {
        let (n, table, answers) = (0, [0; 4], (0, 0));
        Self { n, single: true, table, base: 0.0, forms: 0.0, difference: 0.0, squares: 0.0, answers }
    }
}

impl PairedSums {
    /// Takes an item; one that was not answered in both, or whose counts contradict each other, is passed over.
    pub fn add(&mut self, pair: Pair) {
        let Pair { base, forms } = pair;
        if base.1 == 0 || forms.1 == 0 || base.0 > base.1 || forms.0 > forms.1 {
            return;
        }
        self.n += 1;
        self.single &= base.1 == 1 && forms.1 == 1;
        let place = match (base.0 > 0, forms.0 > 0) {
            (true, true) => 0,
            (true, false) => 1,
            (false, true) => 2,
            (false, false) => 3,
        };
        if let Some(cell) = self.table.get_mut(place) {
            *cell += 1;
        }
        let (a, b) = (float(base.0) / float(base.1), float(forms.0) / float(forms.1));
        (self.base, self.forms) = (self.base + a, self.forms + b);
        (self.difference, self.squares) = (self.difference + (a - b), self.squares + (a - b).powi(2));
        self.answers = (self.answers.0.saturating_add(base.1), self.answers.1.saturating_add(forms.1));
    }

    /// Takes the items of other sums.
    pub fn merge(&mut self, other: &Self) {
        let Self { n, single, table, base, forms, difference, squares, answers } = *other;
        self.n += n;
        self.single &= single;
        self.table.iter_mut().zip(table).for_each(|(mine, theirs)| *mine += theirs);
        (self.base, self.forms) = (self.base + base, self.forms + forms);
        (self.difference, self.squares) = (self.difference + difference, self.squares + squares);
        self.answers = (self.answers.0.saturating_add(answers.0), self.answers.1.saturating_add(answers.1));
    }

    /// Items that only the first got right, and only the second; none where there are several answers to one.
    #[must_use]
    pub fn discordant(&self) -> Option<(u64, u64)> {
        let [_, only_base, only_forms, _] = self.table;
        self.single.then_some((only_base, only_forms))
    }

    /// The difference over the items that were answered in both forms; none where there is no such item. Items weigh alike,
    /// however many forms they have: the item is what is independent.
    ///
    /// One answer in each form of every item: [`newcombe_paired`], with the exact McNemar test. Else Student's t over the
    /// differences of the items, d = share right in the first form − share right in the others (paired differences with
    /// clustered questions: Miller 2024, arXiv 2411.00640, §4), with two items more, one of d = +1 and one of d = −1, in the
    /// mean and the variance (Bonett & Price 2012, J. Educ. Behav. Statist. 37, 479–488, for pairs of single answers), so that
    /// items which all agree do not claim certainty; the interval is widened to hold the plain mean.
    #[must_use]
    pub fn gap(&self, level: Level) -> Option<PairedGap> {
        let Self { n, single, table, base, forms, difference, squares, answers } = *self;
        if n == 0 {
            return None;
        }
        let (base, forms) = (base / float(n), forms / float(n));
        let (difference, p, method) = if single {
            let [both, only_base, only_forms, neither] = table;
            let difference = newcombe_paired(both, only_base, only_forms, neither, level)?;
            (difference, mcnemar_exact(only_base, only_forms), Method::Newcombe)
        } else {
            let (difference, p) = student(n, difference, squares, level);
            (difference, p, Method::Student)
        };
        Some(PairedGap { difference, base, forms, pairs: n, answers, p, method })
    }
}

/// [`PairedSums::gap`] of these items.
#[must_use]
pub fn paired_gap(pairs: impl IntoIterator<Item = Pair>, level: Level) -> Option<PairedGap> {
    let mut sums = PairedSums::default();
    pairs.into_iter().for_each(|pair| sums.add(pair));
    sums.gap(level)
}

/// Interval and p-value of a mean of `n` differences from their sum and sum of squares.
fn student(n: u64, sum: f64, squares: f64, level: Level) -> (Interval, f64) {
    let d = (sum / float(n)).clamp(-1.0, 1.0);
    let Some(t) = level.t(float(n) - 1.0) else {
        // One item: nothing is known of how items differ.
        return (Interval { estimate: d, lower: -1.0, upper: 1.0 }, 1.0);
    };
    let more = float(n) + 2.0;
    let centre = sum / more;
    let error = (((squares + 2.0) / more - centre.powi(2)).max(0.0) / more).sqrt();
    let half = t * error;
    let interval =
        Interval { estimate: d, lower: (centre - half).clamp(-1.0, d), upper: (centre + half).clamp(d, 1.0) };
    (interval, two_sided_t(centre / error, float(n) - 1.0))
}

/// The difference of two shares over the same items, from the items that both, only the first, only the second and neither
/// got right. None when there is no item or the counts overflow.
///
/// Source: Newcombe, R. G. (1998), Improved confidence intervals for the difference between binomial proportions based on
/// paired data, Statist. Med. 17, 2635–2650, method 10: two Wilson intervals, combined with the correlation φ of the table,
/// which is corrected for continuity where it is positive.
#[must_use]
pub fn newcombe_paired(both: u64, only_a: u64, only_b: u64, neither: u64, level: Level) -> Option<Interval> {
    let (a, b) = (both.checked_add(only_a)?, both.checked_add(only_b)?);
    let n = a.checked_add(only_b)?.checked_add(neither)?;
    let (first, second) = (wilson(a, n, level)?, wilson(b, n, level)?);
    let [e, f, g, h] = [both, only_a, only_b, neither].map(float);
    let margins = (e + f) * (g + h) * (e + g) * (f + h);
    let cross = e * h - f * g;
    let cross = if cross > 0.0 { (cross - float(n) / 2.0).max(0.0) } else { cross };
    let phi = if margins > 0.0 { cross / margins.sqrt() } else { 0.0 };
    let d = (f - g) / float(n);
    let side = |x: f64, y: f64| (x * x - 2.0 * phi * x * y + y * y).max(0.0).sqrt();
    let down = side(first.estimate - first.lower, second.upper - second.estimate);
    let up = side(first.upper - first.estimate, second.estimate - second.lower);
    Some(Interval { estimate: d, lower: (d - down).clamp(-1.0, d), upper: (d + up).clamp(d, 1.0) })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use rand::{RngExt, SeedableRng};
    use rand_chacha::ChaCha8Rng;

    const P95: Level = Level::P95;

    fn single(base: bool, form: bool) -> Pair {
        Pair { base: (base.into(), 1), forms: (form.into(), 1) }
    }

    fn table(both: usize, only_a: usize, only_b: usize, neither: usize) -> Vec<Pair> {
        let cells = [(both, true, true), (only_a, true, false), (only_b, false, true), (neither, false, false)];
        cells.into_iter().flat_map(|(count, a, b)| std::iter::repeat_n(single(a, b), count)).collect()
    }

    #[test]
    fn pairs_give_newcombes_interval_and_mcnemars_p() {
        // Newcombe (1998), Statist. Med. 17, 2635–2650, table II, method 10; and Fagerland, Lydersen & Laake (2014), Statist.
        // Med. 33, 2850–2875, airway hyper-responsiveness: 1, 1, 7, 12.
        for ((e, f, g, h), lower, upper) in
            [((20, 12, 2, 16), 0.0562, 0.3292), ((36, 12, 2, 0), 0.0569, 0.3404), ((1, 1, 7, 12), -0.5069, -0.0256)]
        {
            let got = newcombe_paired(e, f, g, h, P95).unwrap();
            assert!((got.lower - lower).abs() < 6e-5 && (got.upper - upper).abs() < 6e-5, "{got:?}");
        }
        let gap = paired_gap(table(20, 12, 2, 16), P95).unwrap();
        assert_eq!((gap.pairs, gap.answers, gap.method), (50, (50, 50), Method::Newcombe));
        assert!((gap.difference.estimate - 0.2).abs() < 1e-12 && (gap.base - 0.64).abs() < 1e-12);
        assert!((gap.p - 2.0 * 106.0 / 16384.0).abs() < 1e-9, "{}", gap.p);
    }

    #[test]
    fn what_was_not_answered_in_both_forms_is_no_pair() {
        let half = Pair { base: (1, 1), forms: (0, 0) };
        assert_eq!(paired_gap([half], P95), None);
        assert_eq!(paired_gap(table(3, 2, 1, 0).into_iter().chain([half]), P95), paired_gap(table(3, 2, 1, 0), P95));
    }

    #[test]
    fn items_weigh_alike_and_agreement_is_not_certainty() {
        let pairs = [Pair { base: (1, 1), forms: (0, 10) }, Pair { base: (0, 1), forms: (0, 1) }];
        let gap = paired_gap(pairs, P95).unwrap();
        assert_eq!(gap.method, Method::Student);
        assert!((gap.difference.estimate - 0.5).abs() < 1e-12);
        let same = paired_gap([Pair { base: (2, 2), forms: (3, 3) }; 30], P95).unwrap();
        assert!(same.difference.upper > 0.05 && same.difference.lower < -0.05 && same.p > 0.99, "{same:?}");
        let one = paired_gap([Pair { base: (2, 2), forms: (0, 3) }], P95).unwrap();
        assert!((one.difference.lower, one.difference.upper) == (-1.0, 1.0) && one.p >= 1.0);
    }

    /// Items of their own difficulty, the first form `gap` easier; answered once, the others three times.
    fn cover(method: Method, items: usize, gap: f64) -> (u32, u32) {
        let mut rng = ChaCha8Rng::seed_from_u64(9);
        let (mut covered, mut found) = (0, 0);
        for _ in 0..1_000 {
            let pairs: Vec<Pair> = (0..items)
                .map(|_| {
                    let p = 0.1 + 0.6 * rng.random::<f64>();
                    let mut right = |p: f64, n: u64| ((0..n).filter(|_| rng.random::<f64>() < p).count() as u64, n);
                    let forms = if method == Method::Student { 3 } else { 1 };
                    Pair { base: right(p + gap, 1), forms: right(p, forms) }
                })
                .collect();
            let got = paired_gap(pairs, P95).unwrap();
            assert_eq!(got.method, method);
            covered += u32::from(got.difference.covers(gap));
            found += u32::from(got.p < 0.05);
        }
        (covered, found)
    }

    #[test]
    fn intervals_cover_and_tests_keep_their_level() {
        for method in Method::ALL {
            for items in [25, 100] {
                let (covered, found) = cover(method, items, 0.0);
                assert!((935..=990).contains(&covered) && found < 70, "{method:?} {items}: {covered} {found}");
                let (covered, found) = cover(method, items, 0.25);
                assert!((930..=990).contains(&covered), "{method:?} {items}: {covered}");
                assert!(items < 100 || found > 900, "{method:?}: {found} of 1000 found");
            }
        }
    }

    proptest! {
        #[test]
        fn any_counts_are_answered_or_refused(pairs in proptest::collection::vec(any::<[u64; 4]>(), 0..6), small in proptest::collection::vec((0..4_u64, 0..4_u64, 0..4_u64, 0..4_u64), 0..30)) {
            let wide = pairs.into_iter().map(|[a, b, c, d]| Pair { base: (a, b), forms: (c, d) });
            let narrow = small.into_iter().map(|(a, b, c, d)| Pair { base: (a, b), forms: (c, d) });
            for got in [paired_gap(wide, P95), paired_gap(narrow, P95)].into_iter().flatten() {
                let i = got.difference;
                prop_assert!(-1.0 <= i.lower && i.lower <= i.estimate && i.estimate <= i.upper && i.upper <= 1.0, "{got:?}");
                prop_assert!((0.0..=1.0).contains(&got.p));
            }
        }
    }

    proptest! {
        #[test]
        fn sums_of_halves_are_the_sums_of_all(counts in prop::collection::vec((0_u64..4, 0_u64..4, 0_u64..4, 0_u64..4), 0..40), cut in 0_usize..40) {
            let pairs: Vec<Pair> = counts.iter().map(|(a, b, c, d)| Pair { base: (*a, *b), forms: (*c, *d) }).collect();
            let of = |pairs: &[Pair]| {
                let mut sums = PairedSums::default();
                pairs.iter().for_each(|pair| sums.add(*pair));
                sums
            };
            let (first, rest) = pairs.split_at(cut.min(pairs.len()));
            let (mut merged, all) = (of(first), of(&pairs));
            merged.merge(&of(rest));
            prop_assert_eq!((merged.n, merged.single, merged.table, merged.answers), (all.n, all.single, all.table, all.answers));
            let floats = |sums: &PairedSums| [sums.base, sums.forms, sums.difference, sums.squares];
            for (mine, theirs) in floats(&merged).into_iter().zip(floats(&all)) {
                prop_assert!((mine - theirs).abs() < 1e-12, "{} {}", mine, theirs);
            }
        }
    }
}
