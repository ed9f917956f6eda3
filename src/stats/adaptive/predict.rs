//! What a target will score on items that it was not asked yet, out of what it was asked: a control variate.

/// One answered item.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Seen {
    /// The item's number.
    pub item: usize,
    /// Its score, 0 to 1.
    pub score: f64,
}

/// What is known of items beforehand.
#[derive(Debug, Clone, PartialEq)]
pub struct Items {
    /// The stratum of each.
    pub stratum: Vec<usize>,
    /// How easy each is: the logit of the share of earlier targets that got it right; none where nothing is known.
    pub ease: Option<Vec<f64>>,
}

/// A prediction of every item's score, from 0.02 to 0.98: a logistic curve over ease, with the answers' stratum means on top, both
/// drawn towards what is common as long as there are few answers. Any prediction keeps the estimates that use it unbiased (they
/// use what was predicted before an item was asked); a good one makes them narrow.
///
/// Source: prediction-powered inference (Angelopoulos et al. 2023, Science 382, 669–674) in the form of the difference
/// estimator (Särndal, Swensson & Wretman 1992, §6.3); logistic fit by Newton steps with a ridge.
#[derive(Debug, Clone, PartialEq)]
pub struct Curve {
    /// Level and slope of the logistic curve.
    curve: [f64; 2],
    /// By stratum, added to it.
    offset: Vec<f64>,
}

/// Answers that a stratum's offset has to outweigh.
const SHRINK: f64 = 12.0;

impl Curve {
    /// What is said before any answer.
    pub fn new(strata: usize, items: &Items) -> Self {
        Self { curve: [0.5, if items.ease.is_some() { 0.8 } else { 0.0 }], offset: vec![0.0; strata] }
    }

    /// The score foreseen for an item.
    pub fn of(&self, item: usize, items: &Items) -> f64 {
        let stratum = items.stratum.get(item).copied().unwrap_or(0);
        (self.raw(item, items) + self.offset.get(stratum).copied().unwrap_or(0.0)).clamp(0.02, 0.98)
    }

    fn raw(&self, item: usize, items: &Items) -> f64 {
        let [level, slope] = self.curve;
        1.0 / (1.0 + (-(level + slope * ease(item, items))).exp())
    }

    /// Fits to all answers, from where it was.
    pub fn fit(&mut self, seen: &[Seen], items: &Items) {
        for _ in 0..3 {
            // A ridge around (0.5, 0.8), worth about one answer.
            let [level, slope] = self.curve;
            let (mut g0, mut g1) = (0.3 * (0.5 - level), 0.6 * (0.8 - slope));
            let (mut h00, mut h01, mut h11) = (0.3, 0.0, 0.6);
            for Seen { item, score } in seen {
                let x = ease(*item, items);
                let p = self.raw(*item, items);
                let (error, v) = (score - p, (p * (1.0 - p)).max(1e-4));
                g0 += error;
                g1 += error * x;
                h00 += v;
                h01 += v * x;
                h11 += v * x * x;
            }
            let det = h00 * h11 - h01 * h01;
            if det.is_nan() || det <= 1e-12 {
                break;
            }
            let step = [(h11 * g0 - h01 * g1) / det, (h00 * g1 - h01 * g0) / det];
            for (value, step) in self.curve.iter_mut().zip(step) {
                *value = (*value + step.clamp(-1.5, 1.5)).clamp(-8.0, 8.0);
            }
            if step.iter().all(|s| s.abs() < 1e-3) {
                break;
            }
        }
        let mut sums = vec![(0.0, 0.0); self.offset.len()];
        for Seen { item, score } in seen {
            let stratum = items.stratum.get(*item).copied().unwrap_or(0);
            if let Some((sum, n)) = sums.get_mut(stratum) {
                *sum += score - self.raw(*item, items);
                *n += 1.0;
            }
        }
        for (offset, (sum, n)) in self.offset.iter_mut().zip(sums) {
            *offset = sum / (n + SHRINK);
        }
    }
}

fn ease(item: usize, items: &Items) -> f64 {
    items.ease.as_ref().and_then(|ease| ease.get(item)).copied().unwrap_or(0.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_learns_ease_and_strata_and_stays_inside() {
        let items = Items {
            stratum: (0..200).map(|i| i % 2).collect(),
            ease: Some((0..200).map(|i| f64::from(i) / 25.0 - 4.0).collect()),
        };
        let mut curve = Curve::new(2, &items);
        // Right where easy; and the second stratum is worse by a quarter.
        let seen: Vec<Seen> = (0..200)
            .map(|item| Seen {
                item,
                score: if item < 100 { 0.1 } else { 0.95 } - if item % 2 == 1 { 0.1 } else { 0.0 },
            })
            .collect();
        for _ in 0..5 {
            curve.fit(&seen, &items);
        }
        assert!(curve.of(10, &items) < 0.2 && curve.of(190, &items) > 0.8);
        assert!(curve.of(100, &items) > curve.of(101, &items) + 0.03);
        let none = Items { stratum: vec![0], ease: None };
        let mut flat = Curve::new(1, &none);
        flat.fit(&[Seen { item: 0, score: 1.0 }, Seen { item: 7, score: f64::from(1_u8) }], &none);
        assert!((0.02..=0.98).contains(&flat.of(5, &none)));
    }
}
