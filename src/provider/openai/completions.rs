//! `openai-completions`: text completions, for base models and for servers that speak nothing newer.
//!
//! There are no roles: the contents of a conversation are joined by an empty line. A scenario for this protocol has one
//! message, with whatever marks the model was trained on in its `prompt`.

use super::azure::Place;
use super::read::read;
use super::{Cache, SAMPLING_FIELDS, put_shared};
use crate::config::Section;
use crate::domain::{Answer, Fault, Prompt};
use crate::provider::body::Body;
use crate::provider::complaint::Complaint;
use crate::provider::{Common, Framing, KeyHeader, Kind, Mark, Provider, Request};
use std::sync::Arc;

/// The adapter.
pub const KIND: Kind = Kind {
    name: "openai-completions",
    about: "OpenAI text completions, streamed: one text without roles (also vLLM, SGLang, llama.cpp, TGI, …)",
    reserved: SAMPLING_FIELDS,
    no_cache: &[],
    tools: false,
    build,
};

struct OpenAiCompletions {
    common: Common,
    place: Place,
    cache: Cache,
}

fn build(section: &Section<'_>, common: &Common) -> Option<Arc<dyn Provider>> {
    let place = Place::build(section, common, "/completions", true);
    let cache = Cache::build(section, common, false);
    Some(Arc::new(OpenAiCompletions { common: common.clone(), place: place?, cache: cache? }))
}

impl Provider for OpenAiCompletions {
    fn framing(&self) -> (Framing, KeyHeader) {
        (Framing::Sse, self.place.key)
    }

    fn request(&self, prompt: &Prompt) -> Request {
        let contents: Vec<&str> = prompt.messages.iter().map(|m| m.content.as_str()).collect();
        let mut body = Body::new();
        put_shared(&mut body, &self.common);
        body.put("prompt", contents.join("\n\n"));
        body.put_some("max_tokens", prompt.limit(&self.common.sampling));
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
