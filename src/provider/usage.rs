//! Usage records that report totals, and how they become disjoint buckets.
//!
//! OpenAI's protocols and Gemini's say how much was read and written in all, and how much of that was cached or
//! reasoning. Anthropic's and Ollama's records are disjoint as they come, and need none of this.

use crate::domain::{Answer, Money, Usage};
use rust_decimal::Decimal;
use serde::Deserialize;
use serde_json::value::RawValue;
use std::str::FromStr as _;

/// What was read and written in all, with the parts of it; each as far as it was reported.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Totals {
    pub(super) prompt: Option<u64>,
    /// Of the prompt: read from a cache, written to one, written to one for an hour, sound, pictures.
    pub(super) cached: Option<u64>,
    pub(super) written: Option<u64>,
    pub(super) written_long: Option<u64>,
    pub(super) heard: Option<u64>,
    pub(super) seen: Option<u64>,
    pub(super) completion: Option<u64>,
    /// Of the completion: reasoning, sound, pictures.
    pub(super) reasoning: Option<u64>,
    pub(super) spoken: Option<u64>,
    pub(super) drawn: Option<u64>,
    /// No tokens.
    pub(super) searches: Option<u64>,
}

/// A usage record of OpenAI's protocols. Details are subsets: cached of prompt, reasoning of completion. The chat and
/// text completions have one set of names and the responses the other; some servers send both.
#[derive(Deserialize, Default)]
#[serde(default)]
struct WireUsage<'a> {
    prompt_tokens: Option<u64>,
    input_tokens: Option<u64>,
    completion_tokens: Option<u64>,
    output_tokens: Option<u64>,
    total_tokens: Option<u64>,
    prompt_tokens_details: Option<PromptDetails>,
    input_tokens_details: Option<PromptDetails>,
    completion_tokens_details: Option<CompletionDetails>,
    output_tokens_details: Option<CompletionDetails>,
    /// DeepSeek's name for cached prompt tokens.
    prompt_cache_hit_tokens: Option<u64>,
    /// SGLang's place for them.
    reasoning_tokens: Option<u64>,
    /// OpenRouter's count of searches, Perplexity's, and xAI's, which bills the sources that were used.
    server_tool_use: Option<ServerTools>,
    num_search_queries: Option<u64>,
    num_sources_used: Option<u64>,
    /// What OpenRouter, LiteLLM and Perplexity say that it cost.
    #[serde(borrow)]
    cost: Option<&'a RawValue>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct PromptDetails {
    cached_tokens: Option<u64>,
    audio_tokens: Option<u64>,
    image_tokens: Option<u64>,
    /// OpenRouter's and LiteLLM's names for tokens written to an upstream's cache.
    cache_write_tokens: Option<u64>,
    cache_creation_tokens: Option<u64>,
    /// LiteLLM's parts of the latter.
    cache_creation_token_details: Option<Written>,
}

/// How long what was written to a cache is kept.
#[derive(Deserialize, Default, Clone, Copy)]
#[serde(default)]
pub(super) struct Written {
    pub(super) ephemeral_5m_input_tokens: Option<u64>,
    pub(super) ephemeral_1h_input_tokens: Option<u64>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct CompletionDetails {
    reasoning_tokens: Option<u64>,
    audio_tokens: Option<u64>,
    image_tokens: Option<u64>,
}

/// What a provider's own tools did.
#[derive(Deserialize, Default, Clone, Copy)]
#[serde(default)]
pub(super) struct ServerTools {
    pub(super) web_search_requests: Option<u64>,
}

impl WireUsage<'_> {
    fn totals(&self) -> Totals {
        let read = self.prompt_tokens_details.as_ref().or(self.input_tokens_details.as_ref());
        let wrote = self.completion_tokens_details.as_ref().or(self.output_tokens_details.as_ref());
        let prompt = self.prompt_tokens.or(self.input_tokens);
        let reasoning = wrote.and_then(|d| d.reasoning_tokens).or(self.reasoning_tokens);
        // xAI counts reasoning outside the completion; the total tells.
        let reported = self.completion_tokens.or(self.output_tokens);
        let outside = match (self.total_tokens, prompt, reported, reasoning) {
            (Some(total), Some(p), Some(c), Some(r)) if r > 0 => {
                p.checked_add(c).and_then(|n| n.checked_add(r)) == Some(total)
            }
            _ => false,
        };
        let long = read.and_then(|d| d.cache_creation_token_details?.ephemeral_1h_input_tokens);
        let written = read.and_then(|d| d.cache_write_tokens.or(d.cache_creation_tokens));
        Totals {
            prompt,
            cached: read.and_then(|d| d.cached_tokens).or(self.prompt_cache_hit_tokens),
            written: written.map(|all| all.saturating_sub(long.unwrap_or(0))),
            written_long: long,
            heard: read.and_then(|d| d.audio_tokens),
            seen: read.and_then(|d| d.image_tokens),
            completion: reported.map(|c| c.saturating_add(reasoning.filter(|_| outside).unwrap_or(0))),
            reasoning,
            spoken: wrote.and_then(|d| d.audio_tokens),
            drawn: wrote.and_then(|d| d.image_tokens),
            searches: self
                .server_tool_use
                .and_then(|tools| tools.web_search_requests)
                .or(self.num_search_queries)
                .or(self.num_sources_used),
        }
    }
}

/// Takes a usage record of OpenAI's protocols. One that can't be read is a usage that was not reported: the answer itself is
/// none the worse.
pub(super) fn note(raw: Option<&RawValue>, answer: &mut Answer) {
    let Some(wire) = raw.and_then(|raw| serde_json::from_str::<WireUsage<'_>>(raw.get()).ok()) else { return };
    answer.usage = merge(answer.usage, wire.totals());
    note_cost(wire.cost, answer);
}

/// Takes what a provider says that it cost, in USD: a number, its text, or (Perplexity) an object with the sum. The last one
/// holds.
pub(super) fn note_cost(raw: Option<&RawValue>, answer: &mut Answer) {
    #[derive(Deserialize)]
    struct Parts<'a> {
        #[serde(borrow)]
        total_cost: Option<&'a RawValue>,
    }
    let Some(raw) = raw else { return };
    let sum = serde_json::from_str::<Parts<'_>>(raw.get()).ok().and_then(|parts| parts.total_cost);
    let text = sum.unwrap_or(raw).get().trim_matches('"');
    if let Some(cost) = cost_of(text) {
        answer.reported_cost = Some(cost);
    }
}

/// An amount of USD as a program writes it; none where it is none, or negative.
pub(super) fn cost_of(text: &str) -> Option<Money> {
    // Beyond what a decimal can hold there is nothing but the tail of a binary fraction.
    let usd = Decimal::from_str(text).or_else(|_| Decimal::from_scientific(text)).ok()?;
    Money::from_usd(usd).ok().filter(|cost| *cost >= Money::ZERO)
}

/// Takes the service tier that a provider says it used.
pub(super) fn note_tier(tier: &str, answer: &mut Answer) {
    if !tier.is_empty() && answer.tier.as_deref() != Some(tier) {
        answer.tier = Some(tier.to_owned());
    }
}

/// Adds a usage record to what was reported before: the larger of both in each *reported* figure, then the disjoint
/// buckets. The larger of the buckets themselves would count cached tokens twice where only the last record has details.
pub(super) fn merge(before: Usage, now: Totals) -> Usage {
    let prompt = now.prompt.max(before.input_total());
    let completion = now.completion.max(before.output_total());
    // A subset can't be larger than its whole, nor can all of them: the whole is what is billed.
    let (mut unread, mut unwritten) = (prompt, completion);
    let part = |left: &mut Option<u64>, reported: Option<u64>| {
        let part = reported.map(|n| left.map_or(n, |left| n.min(left)));
        *left = left.map(|left| left.saturating_sub(part.unwrap_or(0)));
        part
    };
    Usage {
        cache_read: part(&mut unread, now.cached.max(before.cache_read)),
        cache_write: part(&mut unread, now.written.max(before.cache_write)),
        cache_write_long: part(&mut unread, now.written_long.max(before.cache_write_long)),
        audio_input: part(&mut unread, now.heard.max(before.audio_input)),
        image_input: part(&mut unread, now.seen.max(before.image_input)),
        input: unread,
        reasoning: part(&mut unwritten, now.reasoning.max(before.reasoning)),
        audio_output: part(&mut unwritten, now.spoken.max(before.audio_output)),
        image_output: part(&mut unwritten, now.drawn.max(before.image_output)),
        output: unwritten,
        searches: now.searches.max(before.searches),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn merged(records: &[&str]) -> Usage {
        let totals = |record: &str| serde_json::from_str::<WireUsage<'_>>(record).unwrap().totals();
        records.iter().fold(Usage::default(), |before, record| merge(before, totals(record)))
    }

    fn usage(records: &[&str]) -> [Option<u64>; 5] {
        let Usage { input, cache_read, cache_write, output, reasoning, .. } = merged(records);
        [input, cache_read, cache_write, output, reasoning]
    }

    #[test]
    fn usage_comes_in_disjoint_buckets() {
        let all = r#"{"prompt_tokens":100,"completion_tokens":50,"prompt_tokens_details":{"cached_tokens":60},"completion_tokens_details":{"reasoning_tokens":20}}"#;
        assert_eq!(usage(&[all]), [Some(40), Some(60), None, Some(30), Some(20)]);
        assert_eq!(usage(&[r#"{"prompt_tokens":3}"#]), [Some(3), None, None, None, None]);
        assert_eq!(
            usage(&[r#"{"prompt_tokens":3,"completion_tokens":0,"prompt_tokens_details":{"cached_tokens":0}}"#]),
            [Some(3), Some(0), None, Some(0), None],
            "reported zero is not absence"
        );
        assert_eq!(
            usage(&[r#"{"prompt_tokens":9,"prompt_cache_hit_tokens":4}"#]),
            [Some(5), Some(4), None, None, None]
        );
        assert_eq!(
            usage(&[r#"{"prompt_tokens":9,"prompt_tokens_details":{"cached_tokens":2,"cache_write_tokens":3}}"#]),
            [Some(4), Some(2), Some(3), None, None]
        );
    }

    #[test]
    fn both_sets_of_names_and_sglangs_place_for_reasoning_are_read() {
        let responses = r#"{"input_tokens":9,"input_tokens_details":{"cached_tokens":4},"output_tokens":5,"output_tokens_details":{"reasoning_tokens":2},"total_tokens":14}"#;
        assert_eq!(usage(&[responses]), [Some(5), Some(4), None, Some(3), Some(2)]);
        let both =
            r#"{"prompt_tokens":9,"input_tokens":9,"completion_tokens":5,"output_tokens":5,"reasoning_tokens":1}"#;
        assert_eq!(usage(&[both]), [Some(9), None, None, Some(4), Some(1)]);
    }

    #[test]
    fn streamed_usage_is_the_largest_reported_and_cached_tokens_never_count_twice() {
        let early = r#"{"prompt_tokens":100,"completion_tokens":1}"#;
        let late = r#"{"prompt_tokens":100,"completion_tokens":8,"prompt_tokens_details":{"cached_tokens":60},"completion_tokens_details":{"reasoning_tokens":5}}"#;
        assert_eq!(usage(&[early, late]), [Some(40), Some(60), None, Some(3), Some(5)]);
        assert_eq!(usage(&[late, early]), [Some(40), Some(60), None, Some(3), Some(5)]);
        assert_eq!(usage(&[late, early, late]), [Some(40), Some(60), None, Some(3), Some(5)]);
    }

    #[test]
    fn a_subset_larger_than_its_whole_does_not_make_tokens() {
        let odd = r#"{"prompt_tokens":10,"completion_tokens":4,"prompt_tokens_details":{"cached_tokens":12},"completion_tokens_details":{"reasoning_tokens":9}}"#;
        assert_eq!(usage(&[odd]), [Some(0), Some(10), None, Some(0), Some(4)]);
        let outside = r#"{"prompt_tokens":10,"completion_tokens":4,"total_tokens":23,"completion_tokens_details":{"reasoning_tokens":9}}"#;
        assert_eq!(usage(&[outside]), [Some(10), None, None, Some(4), Some(9)], "the total says it lies outside");
    }

    proptest::proptest! {
        #[test]
        fn buckets_always_add_up_to_what_was_reported(
            prompt in 0u64..1000, completion in 0u64..1000, cached in 0u64..1000, reasoning in 0u64..1000,
        ) {
            let record = format!(
                r#"{{"prompt_tokens":{prompt},"completion_tokens":{completion},"prompt_tokens_details":{{"cached_tokens":{cached}}},"completion_tokens_details":{{"reasoning_tokens":{reasoning}}}}}"#
            );
            let usage = merged(&[&record, &record]);
            proptest::prop_assert_eq!(usage.input_total(), Some(prompt));
            proptest::prop_assert_eq!(usage.output_total(), Some(completion));
        }
    }

    #[test]
    fn sound_pictures_longer_cache_writes_and_searches_are_parts_of_the_whole() {
        let all = r#"{"prompt_tokens":1000,"completion_tokens":500,
            "prompt_tokens_details":{"cached_tokens":100,"audio_tokens":200,"image_tokens":50,"cache_creation_tokens":400,
              "cache_creation_token_details":{"ephemeral_5m_input_tokens":300,"ephemeral_1h_input_tokens":100}},
            "completion_tokens_details":{"reasoning_tokens":80,"audio_tokens":70,"image_tokens":60},
            "server_tool_use":{"web_search_requests":2}}"#;
        let want = Usage {
            input: Some(250),
            cache_read: Some(100),
            cache_write: Some(300),
            cache_write_long: Some(100),
            audio_input: Some(200),
            image_input: Some(50),
            output: Some(290),
            reasoning: Some(80),
            audio_output: Some(70),
            image_output: Some(60),
            searches: Some(2),
        };
        assert_eq!(merged(&[all]), want);
        assert_eq!(merged(&[r#"{"prompt_tokens":1000,"completion_tokens":1}"#, all, all]), want);
        assert_eq!(merged(&[r#"{"num_search_queries":3}"#]).searches, Some(3));
        assert_eq!(merged(&[r#"{"num_sources_used":7}"#]).searches, Some(7));
        // All of the parts can't be more than the whole.
        let odd = merged(&[r#"{"prompt_tokens":10,"prompt_tokens_details":{"cached_tokens":8,"audio_tokens":8}}"#]);
        assert_eq!((odd.input, odd.cache_read, odd.audio_input), (Some(0), Some(8), Some(2)));
    }

    #[test]
    fn a_reported_cost_is_read_in_every_form_and_rounded_once() {
        let cost = |usage: &str| {
            let mut answer = Answer::default();
            let raw: Box<RawValue> = serde_json::from_str(usage).unwrap();
            note(Some(&raw), &mut answer);
            answer.reported_cost.map(Money::nanos)
        };
        assert_eq!(cost(r#"{"cost":0.00234625}"#), Some(2_346_250));
        assert_eq!(cost(r#"{"cost":1.5e-05}"#), Some(15_000));
        assert_eq!(cost(r#"{"cost":1E-3}"#), Some(1_000_000));
        assert_eq!(cost(r#"{"cost":"0.5"}"#), Some(500_000_000));
        assert_eq!(cost(r#"{"cost":0}"#), Some(0), "reported zero is not absence");
        assert_eq!(cost(r#"{"cost":0.0000000005}"#), Some(1));
        assert_eq!(cost(r#"{"cost":0.00012345678901234567890123456789012345}"#), Some(123_457));
        assert_eq!(cost(r#"{"cost":{"input_tokens_cost":1,"total_cost":0.006}}"#), Some(6_000_000));
        for none in
            [r#"{"cost":null}"#, r#"{"cost":-1}"#, r#"{"cost":"free"}"#, r#"{"cost":{}}"#, r#"{"cost":1e40}"#, "{}"]
        {
            assert_eq!(cost(none), None, "{none}");
        }
    }
}
