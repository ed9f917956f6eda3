//! The turns of a conversation in a sample's record.

use crate::domain::{Exchange, Finish, Money, Nanos, TokenKind, TokenSource};
use serde::Serialize;

/// One attempt at one turn; units as in the record.
#[derive(Debug, Serialize)]
pub(super) struct Turn<'a> {
    /// From 0.
    turn: u32,
    attempt: u32,
    outcome: &'static str,
    finish: Option<&'a str>,
    /// When it was due, on the monotonic clock: turns of one sample can be set against each other.
    scheduled_ns: u64,
    schedule_lag_ns: Option<u64>,
    first_token_ns: Option<u64>,
    first_token_scheduled_ns: Option<u64>,
    duration_ns: Option<u64>,
    duration_scheduled_ns: Option<u64>,
    per_output_token_ns: Option<u64>,
    input_tokens: Option<u64>,
    cache_read_tokens: Option<u64>,
    cache_write_tokens: Option<u64>,
    output_tokens: Option<u64>,
    reasoning_tokens: Option<u64>,
    n_out: u64,
    token_source: &'static str,
    charge: &'static str,
    cost_nano_usd: i64,
    answer: &'a str,
    cache_write_1h_tokens: Option<u64>,
    audio_input_tokens: Option<u64>,
    image_input_tokens: Option<u64>,
    audio_output_tokens: Option<u64>,
    image_output_tokens: Option<u64>,
    searches: Option<u64>,
    service_tier: Option<&'a str>,
    reported_nano_usd: Option<i64>,
    reported_difference_nano_usd: Option<i64>,
}

/// All of them, in order.
pub(super) fn list(exchanges: &[Exchange]) -> Vec<Turn<'_>> {
    exchanges.iter().map(turn).collect()
}

/// The same as JSON text, for formats without lists.
pub(super) fn text(exchanges: &[Exchange]) -> String {
    // There is nothing in it that JSON can't hold.
    serde_json::to_string(&list(exchanges)).unwrap_or_default()
}

fn turn(exchange: &Exchange) -> Turn<'_> {
    let Exchange { attempt, turn, purpose: _, timing, answer, fault: _, charge } = exchange;
    let ns = |stretch: Option<Nanos>| stretch.map(|n| n.0);
    let (n_out, source) = exchange.tokens_out();
    let tokens = |kind: TokenKind| answer.usage.get(kind);
    Turn {
        turn: *turn,
        attempt: *attempt,
        outcome: exchange.outcome(),
        finish: answer.finish.as_ref().map(Finish::label),
        scheduled_ns: timing.scheduled.0,
        schedule_lag_ns: ns(timing.send_lag()),
        first_token_ns: ns(timing.ttft()),
        first_token_scheduled_ns: ns(timing.ttft_scheduled()),
        duration_ns: ns(timing.e2e()),
        duration_scheduled_ns: ns(timing.e2e_scheduled()),
        per_output_token_ns: ns(timing.tpot(n_out)),
        input_tokens: tokens(TokenKind::Input),
        cache_read_tokens: tokens(TokenKind::CacheRead),
        cache_write_tokens: tokens(TokenKind::CacheWrite),
        output_tokens: tokens(TokenKind::Output),
        reasoning_tokens: tokens(TokenKind::Reasoning),
        n_out,
        token_source: TokenSource::label(source),
        charge: charge.label(),
        cost_nano_usd: charge.known().total().nanos(),
        answer: &answer.text,
        cache_write_1h_tokens: tokens(TokenKind::CacheWriteLong),
        audio_input_tokens: tokens(TokenKind::AudioInput),
        image_input_tokens: tokens(TokenKind::ImageInput),
        audio_output_tokens: tokens(TokenKind::AudioOutput),
        image_output_tokens: tokens(TokenKind::ImageOutput),
        searches: answer.usage.searches,
        service_tier: answer.tier.as_deref(),
        reported_nano_usd: answer.reported_cost.map(Money::nanos),
        reported_difference_nano_usd: exchange.reported_difference(),
    }
}
