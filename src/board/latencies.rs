//! The histograms of one target and scenario (latencies, and tokens of an exchange), and their text form in a checkpoint.

use super::buckets::{Buckets, Grid, Origin, TOKEN};
use super::grids::Grids;
use crate::domain::{Exchange, Name};
use serde::{Deserialize, Serialize};

/// Every histogram of a `&Latencies` or a `&mut Latencies`, in the order of the fields, which is that of a checkpoint. It names
/// them all, so that a new one can't be forgotten.
macro_rules! in_order {
    ($latencies:expr) => {{
        let Latencies {
            first_token_send,
            first_token_scheduled,
            inter_token,
            per_output_token,
            duration_send,
            duration_scheduled,
            schedule_lag,
            client_lag,
            input_tokens,
            output_tokens,
        } = $latencies;
        [
            first_token_send,
            first_token_scheduled,
            inter_token,
            per_output_token,
            duration_send,
            duration_scheduled,
            schedule_lag,
            client_lag,
            input_tokens,
            output_tokens,
        ]
    }};
}

/// Histograms of one target and scenario; only grow. Seconds on the outside, nanoseconds within; tokens likewise
/// ([`Grid::USAGE`]).
#[derive(Debug, Clone, PartialEq)]
pub struct Latencies {
    /// Time to first token from the send.
    pub first_token_send: Buckets,
    /// Time to first token from the scheduled instant.
    pub first_token_scheduled: Buckets,
    /// Gaps between token-bearing events.
    pub inter_token: Buckets,
    /// Time per output token, one value an exchange.
    pub per_output_token: Buckets,
    /// Send to last token.
    pub duration_send: Buckets,
    /// Scheduled instant to last token.
    pub duration_scheduled: Buckets,
    /// How late requests left.
    pub schedule_lag: Buckets,
    /// How long bytes of an answer lay in the kernel before we read them (p99 of its reads); of answers with its stamps.
    pub client_lag: Buckets,
    /// Input tokens of an exchange, of all kinds, as the provider reported them.
    pub input_tokens: Buckets,
    /// Output tokens likewise.
    pub output_tokens: Buckets,
}

impl Default for Latencies {
    fn default() -> Self {
        Self::on(&Grids::default())
    }
}

impl Latencies {
    /// Empty histograms on these grids.
    #[must_use]
    pub fn on(grids: &Grids) -> Self {
        Self {
            first_token_send: Buckets::new(grids.first_token),
            first_token_scheduled: Buckets::new(grids.first_token),
            inter_token: Buckets::new(grids.inter_token),
            per_output_token: Buckets::new(grids.per_output_token),
            duration_send: Buckets::new(grids.duration),
            duration_scheduled: Buckets::new(grids.duration),
            schedule_lag: Buckets::new(&Grid::LAG),
            client_lag: Buckets::new(&Grid::LAG),
            input_tokens: Buckets::new(&Grid::USAGE),
            output_tokens: Buckets::new(&Grid::USAGE),
        }
    }

    /// Histograms that stand on other grids than these begin anew; to Prometheus that is a reset, which it knows.
    pub(super) fn move_to(&mut self, grids: &Grids) {
        let empty = Self::on(grids);
        for (old, new) in self.all_mut().into_iter().zip(empty.into_all()) {
            if old.grid() != new.grid() {
                *old = new;
            }
        }
    }

    /// Adds an exchange; `first` says that it is the first attempt of its turn.
    pub(super) fn add(&mut self, exchange: &Exchange, first: bool, origin: &Origin) {
        let t = &exchange.timing;
        // A later attempt is late by the waiting for it: the target's doing, which its other latencies show.
        t.send_lag().iter().filter(|_| first).for_each(|v| self.schedule_lag.record_of(v.0, origin));
        t.client_lag.iter().for_each(|v| self.client_lag.record_of(v.0, origin));
        let usage = &exchange.answer.usage;
        let tokens = [(&mut self.input_tokens, usage.input_total()), (&mut self.output_tokens, usage.output_total())];
        for (buckets, tokens) in tokens {
            tokens.iter().for_each(|n| buckets.record_of(n.saturating_mul(TOKEN), origin));
        }
        if !exchange.is_success() {
            return;
        }
        let values = [
            (&mut self.first_token_send, t.ttft()),
            (&mut self.first_token_scheduled, t.ttft_scheduled()),
            (&mut self.duration_send, t.e2e()),
            (&mut self.duration_scheduled, t.e2e_scheduled()),
            (&mut self.per_output_token, t.tpot(exchange.tokens_out().0)),
        ];
        for (buckets, value) in values {
            value.iter().for_each(|v| buckets.record_of(v.0, origin));
        }
        t.gaps.iter().for_each(|gap| self.inter_token.record_of(*gap, origin));
    }

    fn all(&self) -> [&Buckets; 10] {
        in_order!(self)
    }

    fn all_mut(&mut self) -> [&mut Buckets; 10] {
        in_order!(self)
    }

    fn into_all(mut self) -> [Buckets; 10] {
        self.all_mut().map(|buckets| std::mem::replace(buckets, Buckets::new(&Grid::LAG)))
    }
}

#[derive(Serialize, Deserialize)]
pub(super) struct LatencyText {
    labels: [String; 2],
    /// In the order of the fields of [`Latencies`]: counts, and the sum in nanoseconds as text (it exceeds 64 bits).
    histograms: Vec<(Vec<u64>, String)>,
}

impl LatencyText {
    pub(super) fn of(((target, scenario), latencies): (&(Name, Name), &Latencies)) -> Self {
        let histograms = latencies.all().map(|buckets| {
            let (counts, sum) = buckets.parts();
            (counts.to_vec(), sum.to_string())
        });
        Self { labels: [target.to_string(), scenario.to_string()], histograms: histograms.to_vec() }
    }

    /// Target, scenario, and the histograms. One whose grid has changed since, or that a checkpoint from before there was
    /// one does not have, begins anew.
    pub(super) fn read(self, grids: &Grids) -> (String, String, Latencies) {
        let Self { labels: [target, scenario], histograms } = self;
        let mut latencies = Latencies::on(grids);
        for (buckets, (counts, sum)) in latencies.all_mut().into_iter().zip(histograms) {
            let stored = sum.parse().ok().and_then(|sum| Buckets::from_parts(buckets.grid(), counts, sum));
            stored.into_iter().for_each(|stored| *buckets = stored);
        }
        (target, scenario, latencies)
    }
}
