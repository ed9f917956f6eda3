//! What a card does over time, as a cycle of stretches: known exactly, so that busy seconds and energy are too.

/// One stretch of the cycle.
#[derive(Clone, Copy)]
struct Stretch {
    seconds: f64,
    level: [f64; 5],
}

/// What a level is of.
#[derive(Clone, Copy)]
pub enum Of {
    /// Per cent of the time with a kernel.
    Util = 0,
    /// Milliwatts.
    Power = 1,
    /// GPM, per cent.
    Sm = 2,
    /// GPM, per cent.
    Tensor = 3,
    /// GPM, per cent.
    Dram = 4,
}

/// The cycle, from the beginning of the schedule on.
pub struct Schedule {
    cycle: Vec<Stretch>,
    length: f64,
}

impl Schedule {
    /// Of `ms:util:power_mw[:sm:tensor:dram], …`; a level that is not given is 0. None where it can't be read.
    pub fn read(text: &str) -> Option<Self> {
        let mut cycle = Vec::new();
        for part in text.split(',') {
            let mut fields = part.split(':').map(|field| field.trim().parse::<f64>());
            let seconds = fields.next()?.ok()? / 1e3;
            let mut level = [0.0; 5];
            for place in &mut level {
                match fields.next() {
                    Some(value) => *place = value.ok()?,
                    None => break,
                }
            }
            cycle.push(Stretch { seconds, level });
        }
        let length = cycle.iter().map(|stretch| stretch.seconds).sum();
        (length > 0.0).then_some(Self { cycle, length })
    }

    /// The same all the time.
    pub fn level(level: [f64; 5]) -> Self {
        Self { cycle: vec![Stretch { seconds: 1.0, level }], length: 1.0 }
    }

    /// The level at an instant, in seconds from the beginning.
    pub fn at(&self, of: Of, time: f64) -> f64 {
        let mut left = time.max(0.0) % self.length;
        for stretch in &self.cycle {
            if left < stretch.seconds {
                return stretch.level[of as usize];
            }
            left -= stretch.seconds;
        }
        self.cycle.last().map_or(0.0, |stretch| stretch.level[of as usize])
    }

    /// The integral of the level from the beginning to an instant, in its unit times seconds.
    pub fn sum(&self, of: Of, time: f64) -> f64 {
        let time = time.max(0.0);
        let whole = (time / self.length).floor();
        let of_cycle: f64 = self.cycle.iter().map(|stretch| stretch.seconds * stretch.level[of as usize]).sum();
        let mut left = time - whole * self.length;
        let mut sum = whole * of_cycle;
        for stretch in &self.cycle {
            let part = left.min(stretch.seconds);
            sum += part * stretch.level[of as usize];
            left -= part;
            if left <= 0.0 {
                break;
            }
        }
        sum
    }

    /// The mean level between two instants.
    pub fn mean(&self, of: Of, from: f64, to: f64) -> f64 {
        if to > from { (self.sum(of, to) - self.sum(of, from)) / (to - from) } else { self.at(of, to) }
    }
}
