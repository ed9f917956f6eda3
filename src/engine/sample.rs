//! What a trial's exchanges come to: their charge, their grade, the sample that is recorded.

use super::account::Record;
use super::ask::Trial;
use super::course::Course;
use super::talk;
use crate::board::Live;
use crate::domain::{
    Charge, Cost, Exchange, Failure, Fault, Finding, Fingerprint, Money, Nanos, Sample, Timing, Usage, Verdict,
};
use crate::plan::{Scenario, Slo, StoreAnswers, Target};
use crate::pricing::Price;
use crate::store::Keep;
use std::sync::Arc;
use std::time::Duration;

/// What was done for a trial so far.
pub(super) struct Tried {
    pub(super) exchanges: Vec<Exchange>,
    pub(super) hardware: Money,
    pub(super) at_unix_ms: i64,
}

/// What an exchange came to. Certainly nothing: it was never sent, or was refused with an error status. An error event
/// may carry a status too, but comes in a stream that was begun and may be billed.
pub(super) fn charge(price: &Price, timing: &Timing, usage: &Usage, fault: Option<&Fault>, held: Money) -> Charge {
    let refused = fault.is_some_and(|f| {
        f.kind != Failure::InStreamError && f.status.is_some_and(|status| !(200..300).contains(&status))
    });
    match price {
        // Not even nothing: a row of failures must not look as if it had cost 0.
        Price::Unpriced => Charge::Unpriced,
        _ if timing.send.is_none() || refused => Charge::Settled(Cost::ZERO),
        price => price.charge(usage, held),
    }
}

/// Everything that a figure's origin depends on.
pub(super) fn provenance(target: &Target, scenario: &Scenario, served: Option<&str>) -> Fingerprint {
    Fingerprint::of(&[
        ("scenario", scenario.fingerprint.as_str()),
        ("api", target.api),
        ("model", &target.model),
        ("served", served.unwrap_or("")),
        ("sampling", &format!("{:?}", target.sampling)),
        ("body", &target.body),
        ("prompt cache", target.prompt_cache.label()),
        ("price", &target.price.fingerprint()),
        ("assayd", env!("CARGO_PKG_VERSION")),
    ])
}

pub(super) fn record(course: &Course, trial: &Trial, tried: Tried, held: Option<Money>) -> Record {
    let Tried { exchanges, hardware, at_unix_ms } = tried;
    let Trial { key, item, scenario, .. } = trial;
    let target = &course.target;
    let last = exchanges.last();
    let is_whole = last.is_some_and(|e| e.turn as usize + 1 >= item.exchanges());
    let finding = match last {
        Some(exchange) if exchange.is_success() && is_whole => talk::grade(scenario, item, &exchanges),
        Some(exchange) if exchange.is_success() => Finding::bare(Verdict::Failed, "turns/broken-off"),
        _ => Finding::bare(Verdict::Failed, "exchange/failed"),
    };
    // Of a conversation, every turn.
    let slow = |e: &Exchange| e.is_success() && !inside(target.slo.as_ref(), e, course.open_loop);
    let inside = is_whole && last.is_some_and(Exchange::is_success) && !exchanges.iter().any(slow);
    let served = last.and_then(|e| e.answer.model.as_deref());
    let good = inside && finding.verdict == Verdict::Correct;
    let goal = target.slo.map_or(1.0, |slo| slo.goal);
    let live = Live { inside: target.slo.map(|_| inside), good, goal };
    let sample = Sample {
        key: key.clone(),
        cluster: item.cluster.clone(),
        tags: item.tags.clone(),
        provenance: course.provenance(scenario, served),
        at_unix_ms,
        exchanges,
        finding,
        hardware,
    };
    let keep = match target.store_answers {
        StoreAnswers::Yes => Keep::Text,
        StoreAnswers::Hash => Keep::Hash,
        StoreAnswers::No => Keep::Nothing,
    };
    let grader = Fingerprint::of(&[("scorer", &scenario.scorer.fingerprint())]);
    Record { sample: Arc::new(sample), held, keep, grader, live }
}

/// Whether a success is inside every limit of the SLO that is set; without an SLO every success is.
pub(super) fn inside(slo: Option<&Slo>, exchange: &Exchange, open_loop: bool) -> bool {
    let Some(Slo { first_token, per_output_token, total, goal: _ }) = slo else { return true };
    let t = &exchange.timing;
    let (first, whole) = if open_loop { (t.ttft_scheduled(), t.e2e_scheduled()) } else { (t.ttft(), t.e2e()) };
    let within = |limit: &Option<Duration>, value: Option<Nanos>| {
        limit.is_none_or(|limit| value.is_none_or(|v| Duration::from(v) <= limit))
    };
    within(first_token, first) && within(total, whole) && within(per_output_token, t.tpot(exchange.tokens_out().0))
}
