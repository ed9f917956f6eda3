//! `openai-chat`: the chat completions protocol of OpenAI and everything that imitates it.

use super::azure::Place;
use super::read::read;
use super::{Cache, SAMPLING_FIELDS, put_shared};
use crate::config::Section;
use crate::domain::{Answer, Fault, Prompt};
use crate::provider::body::{Body, function, messages, tools};
use crate::provider::complaint::Complaint;
use crate::provider::{Common, Framing, KeyHeader, Kind, Mark, Provider, Request};
use std::sync::Arc;

/// The adapter.
pub const KIND: Kind = Kind {
    name: "openai-chat",
    about: "OpenAI chat completions, streamed (also Azure, vLLM, SGLang, llama.cpp, TGI, LiteLLM, …)",
    reserved: SAMPLING_FIELDS,
    no_cache: &[],
    tools: true,
    build,
};

/// Which body field carries the output limit.
const LIMIT_FIELDS: &[(&str, &str)] =
    &[("max_tokens", "max_tokens"), ("max_completion_tokens", "max_completion_tokens")];

struct OpenAiChat {
    common: Common,
    /// `max_tokens`, or what OpenAI's newer models want in its place.
    limit_field: &'static str,
    place: Place,
    cache: Cache,
}

fn build(section: &Section<'_>, common: &Common) -> Option<Arc<dyn Provider>> {
    let limit_field = if section.has("max_tokens_field") {
        section.choice("max_tokens_field", LIMIT_FIELDS)
    } else {
        Some("max_tokens")
    };
    let place = Place::build(section, common, "/chat/completions", true);
    let cache = Cache::build(section, common, true);
    Some(Arc::new(OpenAiChat { common: common.clone(), limit_field: limit_field?, place: place?, cache: cache? }))
}

impl Provider for OpenAiChat {
    fn framing(&self) -> (Framing, KeyHeader) {
        (Framing::Sse, self.place.key)
    }

    fn request(&self, prompt: &Prompt) -> Request {
        let mut body = Body::new();
        put_shared(&mut body, &self.common);
        body.put("messages", messages(prompt));
        body.put_some("tools", tools(prompt, function));
        body.put_some(self.limit_field, prompt.limit(&self.common.sampling));
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::{Source, read as read_config};
    use crate::domain::{Message, Role, Sampling};
    use crate::provider::PromptCache;
    use serde_json::{Value as Json, json};

    fn adapter(config: &str, common: &Common) -> Result<Arc<dyn Provider>, String> {
        let built = read_config(&Source::inline("t", config), |section| {
            let _ = section.has("prompt_cache");
            (KIND.build)(section, common)
        });
        built.map_err(|problems| problems.iter().map(ToString::to_string).collect())
    }

    fn common() -> Common {
        Common { model: "m".into(), ..Common::default() }
    }

    fn body(config: &str, common: &Common) -> Json {
        let messages = [(Role::System, "be brief"), (Role::User, "2+2?")];
        let messages = messages.map(|(role, content)| Message { role, content: content.into() });
        let request = adapter(config, common).unwrap().request(&Prompt::of(messages));
        assert_eq!(request.path, "/chat/completions");
        serde_json::from_slice(&request.body).unwrap()
    }

    #[test]
    fn a_request_holds_what_was_set_and_nothing_else() {
        let messages = json!([{"role": "system", "content": "be brief"}, {"role": "user", "content": "2+2?"}]);
        let mut expected = json!({
            "model": "m", "messages": messages, "stream": true, "stream_options": { "include_usage": true }
        });
        assert_eq!(body("", &common()), expected);

        let sampling = Sampling {
            max_tokens: Some(9),
            temperature: Some(0.0),
            top_p: Some(0.5),
            seed: Some(7),
            stop: vec!["\n".into()],
        };
        let extra = json!({"seed": 8, "cache_prompt": false}).as_object().cloned().unwrap();
        let full = body("max_tokens_field = 'max_completion_tokens'", &Common { sampling, body: extra, ..common() });
        let more = json!({
            "max_completion_tokens": 9, "temperature": 0.0, "top_p": 0.5, "seed": 8, "stop": ["\n"], "cache_prompt": false
        });
        expected.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        assert_eq!(full, expected, "extra fields win");
    }

    #[test]
    fn a_wrong_limit_field_is_a_problem_at_its_place() {
        let said = adapter("max_tokens_field = 'max_token'", &common()).err().unwrap();
        assert_eq!(
            said,
            "t:1:20: max_tokens_field: expected one of max_tokens, max_completion_tokens, found \"max_token\"\n  \
             hint: did you mean \"max_tokens\"?"
        );
    }

    #[test]
    fn the_prompt_cache_is_asked_for_in_the_words_of_those_who_have_a_switch() {
        let asked = |cache| body("", &Common { cache, ..common() });
        let off = asked(PromptCache::Off);
        assert_eq!(off.get("cache_prompt"), Some(&json!(false)));
        assert!(off.get("cache_salt").and_then(Json::as_str).is_some_and(|salt| salt.len() > 16), "{off}");
        let on = asked(PromptCache::On);
        assert_eq!((on.get("prompt_cache_key"), on.get("cache_prompt")), (Some(&json!("assayd")), None));
        let server = asked(PromptCache::Server);
        assert!(["cache_prompt", "cache_salt", "prompt_cache_key"].iter().all(|f| server.get(f).is_none()), "{server}");
    }

    #[test]
    fn a_cache_that_has_no_switch_is_told() {
        let off = Common { cache: PromptCache::Off, ..common() };
        let said = adapter("url = 'https://api.openai.com/v1'\nprompt_cache = 'off'", &off).err().unwrap();
        assert_eq!(
            said,
            "t:2:16: prompt_cache: this endpoint's cache can't be switched off\n  \
             hint: leave it out; cached tokens are recorded in any case"
        );
    }
}
