//! Usage records that report totals, and how they become disjoint buckets.
//!
//! OpenAI's protocols and Gemini's say how much was read and written in all, and how much of that was cached or
//! reasoning. Anthropic's and Ollama's records are disjoint as they come, and need none of this.

use crate::domain::Usage;
use serde::Deserialize;

/// What was read and written in all, with the parts of it; each as far as it was reported.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Totals {
    pub(super) prompt: Option<u64>,
    /// Of the prompt.
    pub(super) cached: Option<u64>,
    /// Of the prompt.
    pub(super) written: Option<u64>,
    pub(super) completion: Option<u64>,
    /// Of the completion.
    pub(super) reasoning: Option<u64>,
}

/// A usage record of OpenAI's protocols. Details are subsets: cached of prompt, reasoning of completion. The chat and
/// text completions have one set of names and the responses the other; some servers send both.
#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct WireUsage {
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
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct PromptDetails {
    cached_tokens: Option<u64>,
    /// OpenRouter's and LiteLLM's names for tokens written to an upstream's cache.
    cache_write_tokens: Option<u64>,
    cache_creation_tokens: Option<u64>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct CompletionDetails {
    reasoning_tokens: Option<u64>,
}

impl WireUsage {
    pub(super) fn totals(&self) -> Totals {
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
        Totals {
            prompt,
            cached: read.and_then(|d| d.cached_tokens).or(self.prompt_cache_hit_tokens),
            written: read.and_then(|d| d.cache_write_tokens.or(d.cache_creation_tokens)),
            completion: reported.map(|c| c.saturating_add(reasoning.filter(|_| outside).unwrap_or(0))),
            reasoning,
        }
    }
}

/// Adds a usage record to what was reported before: the larger of both in each *reported* figure, then the disjoint
/// buckets. The larger of the buckets themselves would count cached tokens twice where only the last record has details.
pub(super) fn merge(before: Usage, now: Totals) -> Usage {
    let Totals { prompt, cached, written, completion, reasoning } = now;
    let prompt = prompt.max(before.input_total());
    let cached = cached.max(before.cache_read);
    let written = written.max(before.cache_write);
    let completion = completion.max(before.output_total());
    let reasoning = reasoning.max(before.reasoning);

    // A subset can't be larger than its whole: the whole is what is billed.
    let cache_read = cached.map(|n| prompt.map_or(n, |p| n.min(p)));
    let left = prompt.map(|p| p.saturating_sub(cache_read.unwrap_or(0)));
    let cache_write = written.map(|n| left.map_or(n, |l| n.min(l)));
    let reasoning = reasoning.map(|n| completion.map_or(n, |c| n.min(c)));
    Usage {
        input: left.map(|l| l.saturating_sub(cache_write.unwrap_or(0))),
        cache_read,
        cache_write,
        output: completion.map(|c| c.saturating_sub(reasoning.unwrap_or(0))),
        reasoning,
        ..before
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn merged(records: &[&str]) -> Usage {
        let totals = |record: &str| serde_json::from_str::<WireUsage>(record).unwrap().totals();
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
}
