//! What a trial's exchanges come to: their charge, their grade, the sample that is recorded.

use super::account::Record;
use super::ask::Trial;
use super::course::Course;
use super::unix_ms;
use crate::board::Live;
use crate::domain::{
    Answer, Charge, Cost, Exchange, Failure, Fault, Finding, Fingerprint, Item, Money, Nanos, Sample, Share, Timing,
    Verdict,
};
use crate::plan::{Scenario, Slo, StoreAnswers, Target};
use crate::pricing::Price;
use crate::provider::wire::now;
use crate::store::Keep;
use std::sync::Arc;
use std::time::Duration;

/// What was done for a trial so far.
pub(super) struct Tried {
    pub(super) exchanges: Vec<Exchange>,
    /// What was asked of a judge about the answers.
    pub(super) judged: Vec<Exchange>,
    pub(super) share: Share,
    pub(super) at_unix_ms: i64,
}

impl Tried {
    /// Nothing yet, as of now.
    pub(super) fn new() -> Self {
        Self { exchanges: Vec::new(), judged: Vec::new(), share: Share::default(), at_unix_ms: unix_ms() }
    }

    /// Adds one. Mostly it is the only one, and thousands wait to be recorded: there is no room for more than there are.
    pub(super) fn add(&mut self, exchange: Box<Exchange>) {
        self.exchanges.reserve_exact(1);
        self.exchanges.push(*exchange);
    }
}

/// What an exchange came to. Certainly nothing: it was never sent, or was refused with an error status. An error event
/// may carry a status too, but comes in a stream that was begun and may be billed.
pub(super) fn charge(target: &Target, timing: &Timing, answer: &Answer, fault: Option<&Fault>, held: Money) -> Charge {
    let refused = fault.is_some_and(|f| {
        f.kind != Failure::InStreamError && f.status.is_some_and(|status| !(200..300).contains(&status))
    });
    match (&target.price, timing.send) {
        // Not even nothing: a row of failures must not look as if it had cost 0.
        (Price::Unpriced, _) => Charge::Unpriced { bound: Money::ZERO },
        (_, None) => Charge::Settled(Cost::ZERO),
        _ if refused => Charge::Settled(Cost::ZERO),
        (price, Some(send)) => {
            // The provider's word, else what was asked for.
            let tier = answer.tier.as_deref().or(target.tier.as_deref());
            price.charge(&answer.usage, sent_unix_ms(send), tier, held)
        }
    }
}

/// The wall clock at an instant of the past.
fn sent_unix_ms(send: Nanos) -> i64 {
    let ago = Duration::from(now().since(send)).as_millis();
    unix_ms().saturating_sub(i64::try_from(ago).unwrap_or(i64::MAX))
}

/// Everything that a figure's origin depends on.
pub(super) fn provenance(
    target: &Target,
    scenario: &Scenario,
    judge: Option<&Target>,
    served: Option<&str>,
) -> Fingerprint {
    let judge = judge.map(|judge| {
        let Target { api, model, sampling, body, .. } = judge;
        format!("{api} {model} {sampling:?} {body}")
    });
    let parts = [
        ("scenario", scenario.fingerprint.as_str()),
        ("api", target.api),
        ("model", &target.model),
        ("served", served.unwrap_or("")),
        ("sampling", &format!("{:?}", target.sampling)),
        ("body", &target.body),
        ("prompt cache", target.prompt_cache.label()),
        ("price", &target.price.fingerprint()),
        ("assayd", env!("CARGO_PKG_VERSION")),
    ];
    let parts: Vec<_> = parts.into_iter().chain(judge.as_deref().map(|judge| ("judge", judge))).collect();
    Fingerprint::of(&parts)
}

/// Whether the last turn was asked.
pub(super) fn is_whole(item: &Item, exchanges: &[Exchange]) -> bool {
    exchanges.last().is_some_and(|e| e.turn as usize + 1 >= item.exchanges())
}

/// The record of a trial; `graded` is none where it brought no whole answer.
pub(super) fn record(
    course: &Course,
    trial: &Trial,
    tried: Tried,
    held: Option<Money>,
    graded: Option<Finding>,
) -> Record {
    let Tried { exchanges, judged, share, at_unix_ms } = tried;
    let Trial { key, item, scenario, .. } = trial;
    let target = &course.target;
    let last = exchanges.last();
    let is_whole = is_whole(item, &exchanges);
    let broken_off = last.is_some_and(Exchange::is_success);
    let why = if broken_off { "turns/broken-off" } else { "exchange/failed" };
    let finding = graded.unwrap_or_else(|| Finding::bare(Verdict::Failed, why));
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
        judged,
        finding,
        share,
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
