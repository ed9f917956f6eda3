//! OpenAI's protocols, and everything that imitates them: chat completions, text completions and responses, each also
//! as Azure serves it.

mod azure;
pub(super) mod chat;
mod chunk;
pub(super) mod completions;
mod event;
mod read;
pub(super) mod responses;

#[cfg(test)]
pub(super) use read::read as read_completion;

use super::body::Body;
use super::cache::Salts;
use super::{Common, PromptCache};
use crate::config::Section;

/// What the body says of sampling by itself, in the names that both completion protocols share.
const SAMPLING_FIELDS: &[(&str, &str)] = &[
    ("model", "set the target's `model`"),
    ("stream", "answers are always streamed: without that no time to first token can be measured"),
    ("stream_options", "usage is always asked for"),
    ("max_tokens", "set `sampling.max_tokens`: it bounds the cost"),
    ("max_completion_tokens", "set `sampling.max_tokens`: it bounds the cost"),
    ("n", "one answer is asked for each time: more would be paid and not graded"),
    ("best_of", "one answer is asked for each time: more would be paid and not graded"),
    ("temperature", "set `sampling.temperature`"),
    ("top_p", "set `sampling.top_p`"),
    ("seed", "set `sampling.seed`"),
    ("stop", "set `sampling.stop`"),
    ("messages", "the scenario makes the prompt: set its `system` or `prompt`"),
    ("prompt", "the scenario makes the prompt: set its `system` or `prompt`"),
];

/// Puts the fields that chat and text completions share, all but the prompt and the output limit.
fn put_shared(body: &mut Body, common: &Common) {
    let sampling = &common.sampling;
    body.put("model", common.model.as_str());
    body.put("stream", true);
    body.put("stream_options", serde_json::json!({ "include_usage": true }));
    body.put_some("temperature", sampling.temperature);
    body.put_some("top_p", sampling.top_p);
    body.put_some("seed", sampling.seed);
    body.put_list("stop", &sampling.stop);
}

/// How the prompt cache is asked for: each field is one server's, and the others pass over it.
struct Cache {
    state: PromptCache,
    salts: Salts,
    /// OpenAI's own way to have requests of one kind find each other's prompts.
    by_key: bool,
}

impl Cache {
    /// None after a problem was noted: OpenAI's and Azure's own caches can't be switched off, and their endpoints
    /// refuse the fields by which other servers' can.
    fn build(section: &Section<'_>, common: &Common, by_key: bool) -> Option<Self> {
        let state = common.cache;
        let hosted =
            |url: String| [".openai.com", ".openai.azure.com", ".ai.azure.com"].iter().any(|h| url.contains(h));
        let fixed = section.has("azure") || section.get("url").is_some_and(hosted);
        if state == PromptCache::Off && fixed {
            let hint = "leave it out; cached tokens are recorded in any case";
            section.problem("prompt_cache", "this endpoint's cache can't be switched off", Some(hint.into()));
            return None;
        }
        Some(Self { state, salts: Salts::new(), by_key })
    }

    fn put(&self, body: &mut Body) {
        match self.state {
            PromptCache::Server => {}
            PromptCache::Off => {
                body.put("cache_prompt", false);
                body.put("cache_salt", self.salts.next());
            }
            PromptCache::On if self.by_key => body.put("prompt_cache_key", "assayd"),
            PromptCache::On => body.put("cache_prompt", true),
        }
    }
}
