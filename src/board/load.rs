//! How the load was put on one target with one scenario in one run, whatever the stratum: what validity is judged by,
//! and what was in flight when.

use super::timeline::{Steady, Timeline};
use super::validity::{Breach, DELIVERED, Reason, SAMPLES, SEND_LAG, UNSTAMPED, Validity, client_lag_limit};
use crate::domain::{Nanos, Sample, StampSource};
use crate::stats::Sketch;

/// Sums over the samples of one target and scenario; a monoid of bounded size.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Load {
    send_lag: Sketch,
    client_lag: Sketch,
    per_output_token: Sketch,
    successes: u64,
    /// Successes without the kernel's stamps.
    unstamped: u64,
    /// Samples of this process, and those of them with a request that left.
    due: u64,
    sent: u64,
    /// The first and last scheduled instant, and the first and last send.
    scheduled: Option<(Nanos, Nanos)>,
    left: Option<(Nanos, Nanos)>,
    timeline: Timeline,
}

fn span(so_far: Option<(Nanos, Nanos)>, more: Option<(Nanos, Nanos)>) -> Option<(Nanos, Nanos)> {
    match (so_far, more) {
        (Some((a, b)), Some((c, d))) => Some((a.min(c), b.max(d))),
        (mine, theirs) => mine.or(theirs),
    }
}

impl Load {
    /// Takes a sample; `live` says that this process asked it, so that its instants are on this process's clock.
    pub fn add(&mut self, sample: &Sample, live: bool) {
        let Self { send_lag, client_lag, per_output_token, .. } = self;
        // A later attempt is late by the waiting for it, which is no lag.
        let first = sample.exchanges.first().map(|e| &e.timing);
        first.and_then(|t| t.send_lag()).iter().for_each(|lag| send_lag.record(lag.0));
        sample.exchanges.iter().filter_map(|e| e.timing.client_lag).for_each(|lag| client_lag.record(lag.0));
        // Of a conversation, every turn.
        for answer in sample.exchanges.iter().filter(|e| e.is_success()) {
            self.successes += 1;
            self.unstamped += u64::from(answer.timing.stamps != StampSource::Kernel);
            answer.timing.tpot(answer.tokens_out().0).iter().for_each(|tpot| per_output_token.record(tpot.0));
        }
        if !live {
            return;
        }
        self.due += 1;
        self.scheduled = span(self.scheduled, first.map(|t| (t.scheduled, t.scheduled)));
        let sends = || sample.exchanges.iter().filter_map(|e| e.timing.send);
        self.sent += u64::from(sends().next().is_some());
        self.left = span(self.left, sends().next().map(|send| (send, send)));
        for exchange in &sample.exchanges {
            let t = &exchange.timing;
            let (Some(send), Some(end)) = (t.send, t.end.or(t.last)) else { continue };
            let tokens = if exchange.is_success() { exchange.tokens_out().0 } else { 0 };
            self.timeline.add((send, end), tokens, (t.first.unwrap_or(end), t.last.unwrap_or(end)));
        }
    }

    /// Adds the load of other samples.
    pub fn merge(&mut self, other: &Self) {
        let Self { send_lag, client_lag, per_output_token, successes, unstamped, due, sent, scheduled, left, timeline } =
            other;
        self.send_lag.merge(send_lag);
        self.client_lag.merge(client_lag);
        self.per_output_token.merge(per_output_token);
        self.successes += successes;
        self.unstamped += unstamped;
        self.due += due;
        self.sent += sent;
        self.scheduled = span(self.scheduled, *scheduled);
        self.left = span(self.left, *left);
        self.timeline.merge(timeline);
    }

    /// The steady window; none where this process sent nothing.
    #[must_use]
    pub fn steady(&self) -> Option<Steady> {
        self.timeline.steady()
    }

    /// The share of the offered load that was delivered. Closed loop: of what was to be asked, for what a request left.
    /// Open loop: the rate at which requests left over the rate at which they were due, where a last request that is
    /// late within the bound of the send lag is on time.
    fn delivered(&self, open_loop: bool) -> Option<f64> {
        let share = ratio(self.sent, self.due)?;
        let length = |span: Option<(Nanos, Nanos)>| span.map_or(0, |(from, to)| to.since(from).0);
        let (due, left) = (length(self.scheduled), length(self.left).saturating_sub(SEND_LAG.0));
        let pace = if open_loop && due > 0 { ratio(due, due.max(left)).unwrap_or(1.0) } else { 1.0 };
        Some(share * pace)
    }

    /// Holds the load against the rules.
    #[must_use]
    pub fn judge(&self, open_loop: bool) -> Validity {
        let p99 = |sketch: &Sketch| sketch.quantile(0.99).map(Nanos);
        let tpot = self.per_output_token.quantile(0.5).map(Nanos);
        let above = |reason, measured: Option<Nanos>, limit: Nanos| {
            let measured = measured.filter(|measured| *measured > limit)?;
            Some(Breach { reason, measured: measured.seconds(), limit: limit.seconds() })
        };
        let delivered = self.delivered(open_loop).filter(|share| *share < DELIVERED);
        let unstamped = ratio(self.unstamped, self.successes).filter(|share| *share > UNSTAMPED);
        let few = (1..SAMPLES).contains(&self.successes);
        #[expect(clippy::cast_precision_loss, reason = "a count below the limit")]
        let (count, most) = (self.successes as f64, SAMPLES as f64);
        let breaches = [
            above(Reason::ClientLag, p99(&self.client_lag), client_lag_limit(tpot)),
            above(Reason::SendLag, p99(&self.send_lag), SEND_LAG),
            delivered.map(|measured| Breach { reason: Reason::Underdelivered, measured, limit: DELIVERED }),
            unstamped.map(|measured| Breach { reason: Reason::NotKernelStamped, measured, limit: UNSTAMPED }),
            few.then_some(Breach { reason: Reason::FewSamples, measured: count, limit: most }),
        ];
        Validity { breaches: breaches.into_iter().flatten().collect() }
    }
}

#[expect(clippy::cast_precision_loss, reason = "a share")]
fn ratio(part: u64, whole: u64) -> Option<f64> {
    (whole > 0).then(|| part as f64 / whole as f64)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{
        Answer, Charge, Exchange, Failure, Fault, Finding, Fingerprint, ItemId, Money, Name, Purpose, RunId, Share,
        Split, Tags, Timing, TrialKey, Usage, Verdict,
    };
    use proptest::collection::vec;
    use proptest::option::of;
    use proptest::prelude::*;

    const MS: u64 = 1_000_000;

    /// What one sample looked like on the wire.
    #[derive(Debug, Clone, Copy)]
    struct Seen {
        due: u64,
        lag: Option<u64>,
        client_lag: Option<u64>,
        gap: u64,
        failed: bool,
    }

    const GOOD: Seen = Seen { due: 0, lag: Some(0), client_lag: Some(100_000), gap: 10 * MS, failed: false };

    fn sample(seen: Seen) -> Sample {
        let Seen { due, lag, client_lag, gap, failed } = seen;
        let send = lag.map(|lag| Nanos(due + lag));
        let at = |n: u64| send.map(|s| Nanos(s.0 + 50 * MS + n * gap)).filter(|_| !failed);
        let timing = Timing {
            scheduled: Nanos(due),
            send,
            first: at(0),
            last: at(2),
            end: send.map(|s| Nanos(s.0 + 50 * MS + 2 * gap)),
            events: 3,
            gaps: vec![gap; 2],
            stamps: if client_lag.is_some() { StampSource::Kernel } else { StampSource::Read },
            client_lag: client_lag.map(Nanos),
            ..Timing::default()
        };
        let usage = Usage { output: Some(3), ..Usage::default() };
        let exchange = Exchange {
            attempt: 1,
            turn: 0,
            purpose: Purpose::Measure,
            timing,
            answer: Answer { usage, ..Answer::default() },
            fault: (failed || lag.is_none()).then(|| Fault::new(Failure::Connect, "refused")),
            charge: Charge::Unpriced { bound: Money::ZERO },
        };
        let item = ItemId::new("i");
        let name = |text: &str| Name::new(text).unwrap();
        let key = TrialKey { run: RunId(1), target: name("t"), scenario: name("s"), item: item.clone(), repeat: 0 };
        Sample {
            key,
            cluster: item,
            tags: Tags::new("d", "c", "en", Split::Fresh),
            provenance: Fingerprint::of(&[]),
            at_unix_ms: 0,
            exchanges: vec![exchange],
            judged: Vec::new(),
            finding: Finding::bare(Verdict::Correct, "test"),
            share: Share::default(),
        }
    }

    fn load(all: impl IntoIterator<Item = Seen>) -> Load {
        let mut load = Load::default();
        all.into_iter().for_each(|seen| load.add(&sample(seen), true));
        load
    }

    /// So many a second.
    fn paced(n: u64, per_second: u64, seen: impl Fn(u64) -> Seen) -> Load {
        load((0..n).map(|i| Seen { due: i * 1_000 * MS / per_second, ..seen(i) }))
    }

    fn reasons(load: &Load, open_loop: bool) -> Vec<Reason> {
        load.judge(open_loop).reasons().collect()
    }

    #[test]
    fn a_run_that_keeps_its_rules_is_valid() {
        let load = paced(1_000, 100, |_| GOOD);
        assert_eq!(load.judge(true), Validity::default());
        assert!(load.judge(true).is_valid());
        let steady = load.steady().unwrap();
        // 100 a second for 70 ms each.
        assert!((steady.in_flight - 7.0).abs() < 0.1 && (steady.tokens_per_second - 300.0).abs() < 6.0, "{steady:?}");
    }

    #[test]
    fn every_rule_is_broken_by_what_it_is_for_and_names_what_it_found() {
        // Two in a hundred: p99 is among them.
        let some = |i: u64| i % 50 == 7;
        for (load, reason, measured) in [
            (
                paced(1_000, 100, |i| Seen { client_lag: Some(if some(i) { 2 * MS } else { 1_000 }), ..GOOD }),
                Reason::ClientLag,
                0.002,
            ),
            (
                paced(1_000, 100, |i| Seen { lag: Some(if some(i) { 8 * MS } else { 0 }), ..GOOD }),
                Reason::SendLag,
                0.008,
            ),
            (paced(1_000, 100, |i| Seen { lag: (!some(i)).then_some(0), ..GOOD }), Reason::Underdelivered, 0.98),
            (
                paced(1_000, 100, |i| Seen { client_lag: (!some(i)).then_some(0), ..GOOD }),
                Reason::NotKernelStamped,
                0.02,
            ),
            (paced(99, 100, |_| GOOD), Reason::FewSamples, 99.0),
        ] {
            let validity = load.judge(true);
            assert_eq!(validity.reasons().collect::<Vec<_>>(), [reason]);
            let found = validity.breaches[0].measured;
            assert!((found / measured - 1.0).abs() < 0.005, "{found} {measured}");
            assert_eq!(validity.is_valid(), !reason.invalidates());
        }
    }

    #[test]
    fn slow_tokens_allow_a_longer_lag_of_the_client() {
        let lag = |gap| paced(200, 100, |_| Seen { client_lag: Some(2 * MS), gap, ..GOOD });
        assert_eq!(reasons(&lag(10 * MS), false), [Reason::ClientLag]);
        assert_eq!(reasons(&lag(50 * MS), false), []);
    }

    #[test]
    fn a_client_that_falls_behind_its_schedule_delivers_less_than_it_was_offered() {
        // Due over 10 s, left over 20 s: half the rate.
        let behind = paced(1_000, 100, |i| Seen { lag: Some(i * 10 * MS), ..GOOD });
        let validity = behind.judge(true);
        assert_eq!(validity.reasons().collect::<Vec<_>>(), [Reason::SendLag, Reason::Underdelivered]);
        assert!((validity.breaches[1].measured - 0.5).abs() < 0.001, "{validity:?}");
        // A closed loop has no schedule to fall behind: what it calls due is when its turn came.
        assert_eq!(reasons(&behind, false), [Reason::SendLag]);
        // Nobody is blamed for the last one of a short schedule.
        assert_eq!(reasons(&paced(3, 1_000, |i| Seen { lag: Some(i * MS), ..GOOD }), true), [Reason::FewSamples]);
    }

    #[test]
    fn samples_of_a_process_that_died_count_in_lags_and_not_in_rates() {
        let mut load = Load::default();
        for _ in 0..200 {
            load.add(&sample(Seen { lag: Some(8 * MS), ..GOOD }), false);
        }
        assert_eq!((reasons(&load, true), load.steady()), (vec![Reason::SendLag], None));
        assert_eq!(Load::default().judge(true), Validity::default());
    }

    fn seen() -> impl Strategy<Value = Seen> {
        (0..1_u64 << 40, of(0..1_u64 << 30), of(0..1_u64 << 24), 0..1_u64 << 26, any::<bool>())
            .prop_map(|(due, lag, client_lag, gap, failed)| Seen { due, lag, client_lag, gap, failed })
    }

    proptest! {
        #[test]
        fn merging_is_a_commutative_monoid(all in vec((seen(), any::<bool>()), 0..24), cut in 0..24_usize) {
            let fold = |part: &[(Seen, bool)]| {
                let mut load = Load::default();
                part.iter().for_each(|(seen, live)| load.add(&sample(*seen), *live));
                load
            };
            let (a, rest) = all.split_at(cut.min(all.len()));
            let (b, c) = rest.split_at(rest.len() / 2);
            let [a, b, c] = [a, b, c].map(fold);
            let merged = |parts: &[&Load]| {
                let mut sum = Load::default();
                parts.iter().for_each(|part| sum.merge(part));
                sum
            };
            let whole = fold(&all);
            prop_assert_eq!(&merged(&[&a, &b, &c]), &whole);
            prop_assert_eq!(&merged(&[&c, &a, &b]), &whole);
            prop_assert_eq!(&merged(&[&a, &merged(&[&b, &c])]), &whole);
        }
    }
}
