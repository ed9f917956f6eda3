//! Whether the timing figures of a run may be believed, and why not: the rules, their bounds, and a closed set of
//! reasons.

use crate::domain::Nanos;

/// The most that p99 of the send lag may be.
pub(super) const SEND_LAG: Nanos = Nanos(5_000_000);
/// The least share of the offered load that is to be delivered.
pub(super) const DELIVERED: f64 = 0.99;
/// Fewer answers than these have no 99th percentile but their slowest.
pub(super) const SAMPLES: u64 = 100;
/// From this share of answers on, missing stamps of the kernel are told.
pub(super) const UNSTAMPED: f64 = 0.01;
/// The client's own lag may always be this long …
const CLIENT_LAG: Nanos = Nanos(1_000_000);
/// … and one part in so many of the time per output token.
const CLIENT_LAG_PARTS: u64 = 20;

/// The most that p99 of the client's own lag may be, given the median time per output token.
pub(super) fn client_lag_limit(per_output_token: Option<Nanos>) -> Nanos {
    per_output_token.map_or(CLIENT_LAG, |tpot| CLIENT_LAG.max(Nanos(tpot.0 / CLIENT_LAG_PARTS)))
}

/// Why timing figures are not to be believed, or only with care; a metric label.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Reason {
    /// Received bytes waited for this program: p99 above max(1 ms, 5 % of the median time per output token).
    ClientLag,
    /// Requests left late: p99 above 5 ms.
    SendLag,
    /// Less than 99 % of the offered load was delivered.
    Underdelivered,
    /// More than 1 % of the answers lack the kernel's receive stamps: our own lag is in their latencies, and not known.
    NotKernelStamped,
    /// Fewer than 100 answers: p99 is their slowest.
    FewSamples,
}

impl Reason {
    /// The closed set; those that make a run invalid come first.
    pub const ALL: [Self; 5] =
        [Self::ClientLag, Self::SendLag, Self::Underdelivered, Self::NotKernelStamped, Self::FewSamples];

    /// The word used in records and labels.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::ClientLag => "client_lag",
            Self::SendLag => "send_lag",
            Self::Underdelivered => "underdelivered",
            Self::NotKernelStamped => "not_kernel_stamped",
            Self::FewSamples => "few_samples",
        }
    }

    /// Reads the word back.
    #[must_use]
    pub fn from_label(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|reason| reason.label() == text)
    }

    /// Whether it makes the run's timing invalid, rather than asks for care.
    #[must_use]
    pub const fn invalidates(self) -> bool {
        matches!(self, Self::ClientLag | Self::SendLag | Self::Underdelivered)
    }
}

/// One rule that does not hold. Lags are in seconds, the delivered and the unstamped part are shares, samples a count.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Breach {
    /// Which rule.
    pub reason: Reason,
    /// What was measured.
    pub measured: f64,
    /// The bound.
    pub limit: f64,
}

/// What is to be thought of the timing figures of one target and scenario in one run.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Validity {
    /// The rules that do not hold, in the order of [`Reason::ALL`].
    pub breaches: Vec<Breach>,
}

impl Validity {
    /// Whether no rule is broken that makes a run invalid.
    #[must_use]
    pub fn is_valid(&self) -> bool {
        !self.breaches.iter().any(|breach| breach.reason.invalidates())
    }

    /// The reasons, in the order of [`Reason::ALL`].
    pub fn reasons(&self) -> impl Iterator<Item = Reason> + '_ {
        self.breaches.iter().map(|breach| breach.reason)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_words_are_read_back_and_what_invalidates_comes_first() {
        for reason in Reason::ALL {
            assert_eq!(Reason::from_label(reason.label()), Some(reason));
        }
        assert!(Reason::ALL.is_sorted_by_key(|reason| !reason.invalidates()));
    }

    #[test]
    fn the_bound_of_the_clients_lag_grows_with_slow_tokens_only() {
        for (tpot, limit) in [(None, 1_000_000), (Some(10_000_000), 1_000_000), (Some(60_000_000), 3_000_000)] {
            assert_eq!(client_lag_limit(tpot.map(Nanos)), Nanos(limit));
        }
    }
}
