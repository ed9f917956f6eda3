//! `openai-responses`: OpenAI's responses protocol, as OpenAI, Azure, vLLM, SGLang, llama.cpp and transformers serve it.

use super::Cache;
use super::azure::Place;
use super::event::read;
use crate::config::Section;
use crate::domain::{Answer, Fault, Prompt, Tool};
use crate::provider::body::{Body, declared, lacks, messages, tools};
use crate::provider::complaint::Complaint;
use crate::provider::{Common, Framing, KeyHeader, Kind, Mark, Provider, Request};
use serde_json::Value as Json;
use std::sync::Arc;

/// The adapter.
pub const KIND: Kind = Kind {
    name: "openai-responses",
    about: "OpenAI responses, streamed (also Azure, vLLM, SGLang, llama.cpp, …)",
    reserved: &[
        ("model", "set the target's `model`"),
        ("stream", "answers are always streamed: without that no time to first token can be measured"),
        ("input", "the scenario makes the prompt: set its `system` or `prompt`"),
        ("instructions", "the scenario makes the prompt: set its `system`"),
        ("max_output_tokens", "set `sampling.max_tokens`: it bounds the cost"),
        ("temperature", "set `sampling.temperature`"),
        ("top_p", "set `sampling.top_p`"),
        ("background", "an answer in the background has no stream to measure"),
    ],
    no_cache: &[],
    tools: true,
    build,
};

struct OpenAiResponses {
    common: Common,
    place: Place,
    cache: Cache,
}

fn build(section: &Section<'_>, common: &Common) -> Option<Arc<dyn Provider>> {
    let place = Place::build(section, common, "/responses", false);
    let cache = Cache::build(section, common, true);
    let (seed, stop) = (lacks(section, "seed", KIND.name), lacks(section, "stop", KIND.name));
    if !(seed && stop) {
        return None;
    }
    Some(Arc::new(OpenAiResponses { common: common.clone(), place: place?, cache: cache? }))
}

/// A tool, without the wrapper that chat completions have around it. Unless told not to, this protocol rewrites a schema into
/// its strict form, which has no optional arguments: then it would not be asked what the others are asked.
fn function(tool: &Tool, parameters: Json) -> Json {
    let mut function = declared(tool, "parameters", parameters);
    if let Json::Object(fields) = &mut function {
        fields.insert("type".to_owned(), "function".into());
        fields.insert("strict".to_owned(), false.into());
    }
    function
}

impl Provider for OpenAiResponses {
    fn framing(&self) -> (Framing, KeyHeader) {
        (Framing::Sse, self.place.key)
    }

    fn request(&self, prompt: &Prompt) -> Request {
        let sampling = &self.common.sampling;
        let mut body = Body::new();
        body.put("model", self.common.model.as_str());
        body.put("input", messages(prompt));
        body.put_some("tools", tools(prompt, function));
        body.put("stream", true);
        // By default OpenAI keeps every response for a month, to be continued; none of these ever is.
        body.put("store", false);
        body.put_some("max_output_tokens", prompt.limit(sampling));
        body.put_some("temperature", sampling.temperature);
        body.put_some("top_p", sampling.top_p);
        self.cache.put(&mut body);
        Request { path: self.place.path.clone(), headers: Vec::new(), body: body.finish(&self.common) }
    }

    fn read(&self, event: &[u8], answer: &mut Answer) -> Result<Mark, Fault> {
        read(event, answer)
    }

    fn refuse(&self, status: u16, body: &[u8]) -> Fault {
        Complaint::of_body(body).into_fault(status)
    }
}
