//! `gemini`: Google's generateContent protocol, streamed; the base URL ends in its version, such as `…/v1beta`.

use super::body::{Body, declared, system, tools};
use super::complaint::Complaint;
use super::text::{First, Indexed, Text, or_empty};
use super::usage::{self, Totals, merge};
use super::{Common, Framing, KeyHeader, Kind, Mark, PromptCache, Provider, Request, calls, unreadable};
use crate::config::Section;
use crate::domain::{Answer, Fault, Finish, Prompt, Role};
use serde::Deserialize;
use serde::de::IgnoredAny;
use serde_json::value::RawValue;
use serde_json::{Value as Json, json};
use std::sync::Arc;

const CACHE: &str = "Gemini caches by itself where it can, and what was cached by hand is named in `body`: \
                     { cachedContent = \"cachedContents/…\" }";

/// The adapter.
pub const KIND: Kind = Kind {
    name: "gemini",
    about: "Google Gemini's streamGenerateContent",
    reserved: &[
        ("contents", "the scenario makes the prompt: set its `system` or `prompt`"),
        ("systemInstruction", "the scenario makes the prompt: set its `system`"),
        ("generationConfig.maxOutputTokens", "set `sampling.max_tokens`: it bounds the cost"),
        ("generationConfig.temperature", "set `sampling.temperature`"),
        ("generationConfig.topP", "set `sampling.top_p`"),
        ("generationConfig.seed", "set `sampling.seed`"),
        ("generationConfig.stopSequences", "set `sampling.stop`"),
        ("generationConfig.candidateCount", "one answer is asked for each time: more would be paid and not graded"),
    ],
    no_cache: &[(PromptCache::Off, CACHE), (PromptCache::On, CACHE)],
    tools: true,
    build,
};

struct Gemini {
    common: Common,
    path: String,
}

fn build(section: &Section<'_>, common: &Common) -> Option<Arc<dyn Provider>> {
    let model = common.model.as_str();
    if model.contains(['?', '#', '%']) {
        section.problem("model", "has a character that can't stand in the protocol's path: ?, # or %", None);
        return None;
    }
    // `models/` is part of the name as the list of models has it; tuned models and Vertex AI's have other folders.
    let model = if model.contains('/') { model.to_owned() } else { format!("models/{model}") };
    let path = format!("/{model}:streamGenerateContent?alt=sse");
    Some(Arc::new(Gemini { common: common.clone(), path }))
}

impl Provider for Gemini {
    fn framing(&self) -> (Framing, KeyHeader) {
        (Framing::Sse, KeyHeader::Named("x-goog-api-key"))
    }

    fn request(&self, prompt: &Prompt) -> Request {
        let sampling = &self.common.sampling;
        let turn = |role: Role, text: &str| {
            let role = if role == Role::Assistant { "model" } else { "user" };
            json!({ "role": role, "parts": [{ "text": text }] })
        };
        let turns = prompt.messages.iter().filter(|m| m.role != Role::System);
        let turns: Vec<Json> = turns.map(|m| turn(m.role, &m.content)).collect();
        let mut config = Body::new();
        config.put_some("maxOutputTokens", prompt.limit(sampling));
        config.put_some("temperature", sampling.temperature);
        config.put_some("topP", sampling.top_p);
        config.put_some("seed", sampling.seed);
        config.put_list("stopSequences", &sampling.stop);
        let mut body = Body::new();
        body.put("contents", turns);
        body.put_some("systemInstruction", system(prompt).map(|text| json!({ "parts": [{ "text": text }] })));
        // Of its two fields for a schema, `parameters` knows a part of OpenAPI's only and refuses what it does not know.
        let functions = tools(prompt, |tool, schema| declared(tool, "parametersJsonSchema", schema));
        body.put_some("tools", functions.map(|all| json!([{ "functionDeclarations": all }])));
        if !config.is_empty() {
            body.put("generationConfig", config.into_json());
        }
        Request { path: self.path.clone(), headers: Vec::new(), body: body.finish(&self.common) }
    }

    fn read(&self, event: &[u8], answer: &mut Answer) -> Result<Mark, Fault> {
        read(event, answer)
    }

    fn refuse(&self, status: u16, body: &[u8]) -> Fault {
        Complaint::of_body(body).into_fault(status)
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Chunk<'a> {
    #[serde(default, borrow)]
    candidates: Option<First<Candidate<'a>>>,
    #[serde(default, borrow)]
    usage_metadata: Option<&'a RawValue>,
    #[serde(default, borrow)]
    model_version: Option<Text<'a>>,
    #[serde(default, borrow)]
    prompt_feedback: Option<Feedback<'a>>,
    #[serde(default, borrow)]
    error: Option<&'a RawValue>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Candidate<'a> {
    #[serde(default)]
    index: Option<u64>,
    #[serde(default, borrow)]
    content: Option<Content<'a>>,
    #[serde(default, borrow)]
    finish_reason: Option<Text<'a>>,
    #[serde(default)]
    grounding_metadata: Option<Grounding>,
}

/// What the provider searched for by itself.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Grounding {
    #[serde(default)]
    web_search_queries: Option<Vec<IgnoredAny>>,
}

impl Indexed for Candidate<'_> {
    fn index(&self) -> u64 {
        self.index.unwrap_or(0)
    }
}

#[derive(Deserialize)]
struct Content<'a> {
    #[serde(default, borrow)]
    parts: Option<Vec<Part<'a>>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Part<'a> {
    #[serde(default, borrow)]
    text: Option<Text<'a>>,
    #[serde(default)]
    thought: Option<bool>,
    #[serde(default, borrow)]
    function_call: Option<Call<'a>>,
}

#[derive(Deserialize)]
struct Call<'a> {
    #[serde(default, borrow)]
    name: Option<Text<'a>>,
    #[serde(default, borrow)]
    args: Option<&'a RawValue>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Feedback<'a> {
    #[serde(default, borrow)]
    block_reason: Option<Text<'a>>,
}

/// Cached tokens are part of the prompt's; thoughts and what tools read lie outside the others.
#[derive(Deserialize, Default)]
#[serde(default, rename_all = "camelCase")]
struct WireUsage<'a> {
    prompt_token_count: Option<u64>,
    cached_content_token_count: Option<u64>,
    tool_use_prompt_token_count: Option<u64>,
    candidates_token_count: Option<u64>,
    thoughts_token_count: Option<u64>,
    #[serde(borrow)]
    prompt_tokens_details: Option<Vec<Modality<'a>>>,
    #[serde(borrow)]
    cache_tokens_details: Option<Vec<Modality<'a>>>,
    #[serde(borrow)]
    tool_use_prompt_tokens_details: Option<Vec<Modality<'a>>>,
    #[serde(borrow)]
    candidates_tokens_details: Option<Vec<Modality<'a>>>,
    /// Vertex AI's word for the service tier, and Gemini's.
    #[serde(borrow)]
    traffic_type: Option<Text<'a>>,
    #[serde(borrow)]
    service_tier: Option<Text<'a>>,
}

/// How many tokens were of a kind.
#[derive(Deserialize, Default)]
#[serde(default, rename_all = "camelCase")]
struct Modality<'a> {
    #[serde(borrow)]
    modality: Option<Text<'a>>,
    token_count: Option<u64>,
}

/// The tokens of some kinds, if any was reported.
fn of_kinds(details: &Option<Vec<Modality<'_>>>, kinds: &[&str]) -> Option<u64> {
    let all = details.iter().flatten().filter(|of| kinds.contains(&or_empty(&of.modality)));
    all.filter_map(|of| of.token_count).reduce(u64::saturating_add)
}

fn add(a: Option<u64>, b: Option<u64>) -> Option<u64> {
    a.into_iter().chain(b).reduce(u64::saturating_add)
}

impl WireUsage<'_> {
    fn totals(&self) -> Totals {
        // What of a kind was cached is billed as cached.
        let read = |kinds: &[&str]| {
            let all = add(
                of_kinds(&self.prompt_tokens_details, kinds),
                of_kinds(&self.tool_use_prompt_tokens_details, kinds),
            );
            all.map(|all| all.saturating_sub(of_kinds(&self.cache_tokens_details, kinds).unwrap_or(0)))
        };
        Totals {
            prompt: add(self.prompt_token_count, self.tool_use_prompt_token_count),
            cached: self.cached_content_token_count,
            heard: read(&["AUDIO"]),
            seen: read(&["IMAGE", "VIDEO"]),
            completion: add(self.candidates_token_count, self.thoughts_token_count),
            reasoning: self.thoughts_token_count,
            spoken: of_kinds(&self.candidates_tokens_details, &["AUDIO"]),
            drawn: of_kinds(&self.candidates_tokens_details, &["IMAGE", "VIDEO"]),
            ..Totals::default()
        }
    }

    fn tier(&self) -> &str {
        match or_empty(&self.traffic_type) {
            "" | "TRAFFIC_TYPE_UNSPECIFIED" => match or_empty(&self.service_tier) {
                "SERVICE_TIER_UNSPECIFIED" | "unspecified" => "",
                tier => tier,
            },
            "ON_DEMAND_FLEX" => "flex",
            "ON_DEMAND_PRIORITY" => "priority",
            other => other,
        }
    }
}

fn read(event: &[u8], answer: &mut Answer) -> Result<Mark, Fault> {
    let data = event.trim_ascii();
    if data == b"[DONE]" {
        return Ok(Mark::End);
    }
    if data.first() != Some(&b'[') {
        let chunk = serde_json::from_slice(data).map_err(|e| unreadable("Gemini response", data, &e))?;
        return take(chunk, data, answer);
    }
    // Without `alt=sse`, which a proxy may drop, all responses come in one list.
    let chunks: Vec<Chunk<'_>> = serde_json::from_slice(data).map_err(|e| unreadable("Gemini response", data, &e))?;
    chunks.into_iter().try_fold(Mark::None, |mark, chunk| Ok(take(chunk, data, answer)?.or(mark)))
}

fn take(chunk: Chunk<'_>, data: &[u8], answer: &mut Answer) -> Result<Mark, Fault> {
    let Chunk { candidates, usage_metadata, model_version, prompt_feedback, error } = chunk;
    if error.is_some() {
        return Err(Complaint::of_body(data).in_stream());
    }
    if answer.model.is_none() && !or_empty(&model_version).is_empty() {
        answer.model = model_version.map(|name| name.0.into_owned());
    }
    if let Some(wire) = usage_metadata.and_then(|raw| serde_json::from_str::<WireUsage<'_>>(raw.get()).ok()) {
        answer.usage = merge(answer.usage, wire.totals());
        usage::note_tier(wire.tier(), answer);
    }
    let blocked = prompt_feedback.as_ref().map_or("", |f| or_empty(&f.block_reason));
    if !blocked.is_empty() {
        answer.refusal = Some(format!("the prompt was blocked: {blocked}"));
        answer.finish = Some(Finish::ContentFilter);
    }
    let Some(First(Some(candidate))) = candidates else { return Ok(Mark::None) };
    let Candidate { index: _, content, finish_reason, grounding_metadata } = candidate;
    if let Some(queries) = grounding_metadata.and_then(|grounding| grounding.web_search_queries) {
        answer.usage.searches = answer.usage.searches.max(Some(queries.len() as u64));
    }
    let mut mark = Mark::None;
    for Part { text, thought, function_call } in content.and_then(|c| c.parts).into_iter().flatten() {
        let text = or_empty(&text);
        if !text.is_empty() && thought == Some(true) {
            answer.reasoning.push_str(text);
            mark = mark.or(Mark::Reasoning);
        } else if !text.is_empty() {
            answer.text.push_str(text);
            mark = Mark::Content;
        }
        if let Some(Call { name, args }) = function_call {
            calls::begin(or_empty(&name), args.map_or("", |raw| raw.get()), answer)?;
            mark = mark.or(Mark::Tool);
        }
    }
    note_finish(or_empty(&finish_reason), answer);
    Ok(mark)
}

/// Older models finish in every response of the stream; the last one holds.
fn note_finish(reason: &str, answer: &mut Answer) {
    answer.finish = Some(match reason {
        "" | "FINISH_REASON_UNSPECIFIED" => return,
        // A call of a tool is no reason of its own here.
        "STOP" if !answer.tool_calls.is_empty() => Finish::ToolCalls,
        "STOP" => Finish::Stop,
        "MAX_TOKENS" => Finish::Length,
        "SAFETY" | "RECITATION" | "LANGUAGE" | "BLOCKLIST" | "PROHIBITED_CONTENT" | "SPII" | "IMAGE_SAFETY"
        | "MODEL_ARMOR" => Finish::ContentFilter,
        other => Finish::Other(other.to_owned()),
    });
}
