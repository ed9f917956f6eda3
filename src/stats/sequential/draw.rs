//! What a test by betting takes in: an unbiased draw, with the bounds it was known to have.

/// A number whose expectation, given everything before it, is the mean that is asked for.
///
/// With replacement that is an observation itself. Without replacement it is what is known already of the finite
/// population plus an unbiased guess of the rest: (S + (N − n) x) / N after n of N items with the sum S. So the finite
/// population correction is nowhere a formula of its own: such draws get narrower as the rest gets smaller.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Draw {
    /// The unbiased value.
    pub value: f64,
    /// What it was sure to be at least …
    pub lower: f64,
    /// … and at most, known before it was seen.
    pub upper: f64,
    /// Its standard deviation as foreseen, up to a factor that is the same for all draws.
    pub scale: f64,
}

impl Draw {
    /// An observation between 0 and 1 of an endless population.
    #[must_use]
    pub const fn independent(x: f64) -> Self {
        Self { value: x.clamp(0.0, 1.0), lower: 0.0, upper: 1.0, scale: 1.0 }
    }
}

/// Turns the observations of a simple random sample without replacement into draws.
///
/// Source: Waudby-Smith & Ramdas (2020), Confidence sequences for sampling without replacement, NeurIPS 33,
/// arXiv 2006.04347, §2: the conditional mean of the next observation is (N μ − S) / (N − n).
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct WithoutReplacement {
    population: u64,
    seen: u64,
    sum: f64,
}

impl WithoutReplacement {
    /// Of so many items, none seen.
    #[must_use]
    pub const fn of(population: u64) -> Self {
        Self { population, seen: 0, sum: 0.0 }
    }

    /// The next observation, between 0 and 1; none when the population is exhausted.
    #[expect(clippy::cast_precision_loss, reason = "counts far below 2^53")]
    pub fn draw(&mut self, x: f64) -> Option<Draw> {
        let left = self.population.checked_sub(self.seen).filter(|left| *left > 0)?;
        if x.is_nan() {
            return None;
        }
        let x = x.clamp(0.0, 1.0);
        let (all, left) = (self.population as f64, left as f64);
        let known = self.sum / all;
        self.seen += 1;
        self.sum += x;
        Some(Draw { value: known + left / all * x, lower: known, upper: known + left / all, scale: left / all })
    }

    /// What the mean can still be: at least the sum so far, at most that and 1 for every item left.
    #[must_use]
    #[expect(clippy::cast_precision_loss, reason = "counts far below 2^53")]
    pub fn certain(&self) -> (f64, f64) {
        let all = (self.population as f64).max(1.0);
        (self.sum / all, (self.sum + (self.population - self.seen) as f64) / all)
    }
}
