//! What an exchange says of its target's limits, and whether it is worth another attempt.

use super::hold::backoff;
use super::limiter::Came;
use super::unit;
use crate::domain::{Exchange, Failure, Fault};
use crate::plan::Retry;
use std::time::Duration;

/// Tokens that an exchange took of the target's limits; none where that is not known.
pub(in crate::engine) fn used(exchange: &Exchange) -> Option<u64> {
    let usage = &exchange.answer.usage;
    let refused = exchange.fault.as_ref().is_some_and(|fault| fault.status.is_some());
    if exchange.timing.send.is_none() || (refused && usage.output_total().is_none()) {
        return Some(0);
    }
    Some(usage.input_total()?.saturating_add(usage.output_total()?))
}

/// What an exchange says of the target's limits.
pub(in crate::engine) fn came(exchange: &Exchange, retry: &Retry) -> Came {
    match &exchange.fault {
        None => Came::Answer,
        Some(Fault { retry_after: Some(asked), .. }) if *asked > retry.longest => Came::Nothing,
        Some(Fault { retry_after: Some(asked), .. }) => Came::Refused(Some(*asked)),
        Some(fault) if fault.kind == Failure::RateLimited => Came::Refused(None),
        Some(fault) => fault.status.map_or(Came::Nothing, |_| Came::Answer),
    }
}

/// How long this trial waits before its next attempt; none where there is none. Connect failures, 429 and 503 are tried
/// again: they say nothing of the model. Where the target says when it wants to be asked again, all its trials wait for
/// that, and this one with them; where that is longer than is accepted, we give up.
pub(in crate::engine) fn pause(retry: &Retry, fault: &Fault, nth: u32) -> Option<Duration> {
    let again = matches!(fault.kind, Failure::Dns | Failure::Connect | Failure::Tls | Failure::TimeoutConnect)
        || fault.kind == Failure::RateLimited
        || fault.status == Some(503);
    if !again || nth >= retry.attempts {
        return None;
    }
    match fault.retry_after {
        Some(asked) => (asked <= retry.longest).then_some(Duration::ZERO),
        None if fault.kind == Failure::RateLimited => Some(Duration::ZERO),
        None => Some(backoff(retry, nth, unit())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{Answer, Charge, Money, Nanos, Purpose, Timing, Usage};

    const RETRY: Retry = Retry { attempts: 3, backoff: Duration::from_secs(1), longest: Duration::from_secs(30) };

    fn fault(kind: Failure, status: Option<u16>, asked: Option<u64>) -> Fault {
        Fault { status, retry_after: asked.map(Duration::from_secs), ..Fault::new(kind, "") }
    }

    fn exchange(fault: Option<Fault>, sent: bool, usage: Usage) -> Exchange {
        Exchange {
            attempt: 1,
            turn: 0,
            purpose: Purpose::Measure,
            timing: Timing { send: sent.then_some(Nanos(1)), ..Timing::default() },
            answer: Answer { usage, ..Answer::default() },
            fault,
            charge: Charge::Unpriced { bound: Money::ZERO },
        }
    }

    #[test]
    fn who_is_told_to_wait_speaks_for_all_within_reason() {
        let of = |fault| came(&exchange(fault, true, Usage::default()), &RETRY);
        let seconds = |s| Came::Refused(Some(Duration::from_secs(s)));
        assert_eq!(of(None), Came::Answer);
        assert_eq!(of(Some(fault(Failure::RateLimited, Some(429), None))), Came::Refused(None));
        assert_eq!(of(Some(fault(Failure::RateLimited, Some(429), Some(30)))), seconds(30));
        assert_eq!(of(Some(fault(Failure::RateLimited, Some(429), Some(31)))), Came::Nothing);
        assert_eq!(of(Some(fault(Failure::Http5xx, Some(503), Some(2)))), seconds(2));
        assert_eq!(of(Some(fault(Failure::Http5xx, Some(500), None))), Came::Answer);
        assert_eq!(of(Some(fault(Failure::Connect, None, None))), Came::Nothing);
    }

    #[test]
    fn what_is_worth_another_attempt_waits_with_the_others_or_by_itself() {
        let waits = |kind, status, asked, nth| pause(&RETRY, &fault(kind, status, asked), nth);
        // The hold makes it wait.
        assert_eq!(waits(Failure::RateLimited, Some(429), Some(7), 1), Some(Duration::ZERO));
        assert_eq!(waits(Failure::RateLimited, Some(429), None, 2), Some(Duration::ZERO));
        let own = waits(Failure::Connect, None, None, 2).unwrap();
        assert!((Duration::from_secs(1)..=Duration::from_secs(2)).contains(&own), "{own:?}");
        for (kind, status, asked, nth) in [
            (Failure::RateLimited, Some(429), Some(31), 1),
            (Failure::Connect, None, None, 3),
            (Failure::Http5xx, Some(500), None, 1),
            (Failure::TimeoutFirstToken, None, None, 1),
        ] {
            assert_eq!(waits(kind, status, asked, nth), None, "{kind:?} {nth}");
        }
    }

    #[test]
    fn what_was_not_answered_used_nothing_or_nobody_knows() {
        let usage = Usage { input: Some(5), cache_read: Some(2), output: Some(3), ..Usage::default() };
        assert_eq!(used(&exchange(None, true, usage)), Some(10));
        assert_eq!(used(&exchange(None, true, Usage::default())), None);
        assert_eq!(used(&exchange(Some(fault(Failure::Connect, None, None)), false, Usage::default())), Some(0));
        assert_eq!(used(&exchange(Some(fault(Failure::Http5xx, Some(500), None)), true, Usage::default())), Some(0));
        assert_eq!(used(&exchange(Some(fault(Failure::Truncated, None, None)), true, Usage::default())), None);
    }
}
