//! The servers that are told apart, each by what it says of itself; a new one is a line in [`SERVERS`].
//!
//! A status proves nothing here: LM Studio answers any path with 200, KoboldCpp and llama.cpp have some of Ollama's
//! paths. So each is recognised by content that it alone gives, and the most particular ones come first.

use super::Model;
use serde_json::{Value as Json, json};
use std::collections::BTreeMap;

/// Ports where servers listen by default, and which do.
pub const PORTS: &[(u16, &str)] = &[
    (11434, "Ollama"),
    (8000, "vLLM, transformers serve, TensorRT-LLM"),
    (30000, "SGLang"),
    (8080, "llama.cpp, TGI, mlx-lm, LocalAI"),
    (1234, "LM Studio"),
    (3000, "TGI"),
    (4000, "LiteLLM"),
    (5000, "TabbyAPI"),
    (5001, "KoboldCpp"),
    (1337, "Jan"),
    (23333, "LMDeploy"),
];

/// A server program.
pub(super) struct Server {
    /// What it is called.
    pub(super) name: &'static str,
    /// Paths to ask, besides the list of models.
    pub(super) asks: &'static [&'static str],
    /// Whether this is it, and then its version, where it tells one. Adds to the models what it knows of them.
    pub(super) recognise: fn(&mut Seen<'_>) -> Option<Option<String>>,
    /// What there is to be known of each model apart.
    pub(super) details: Option<Details>,
}

/// A question about one model.
#[derive(Clone, Copy)]
pub(super) struct Details {
    pub(super) path: &'static str,
    pub(super) body: fn(&str) -> Json,
    pub(super) read: fn(&Json, &mut Model),
}

/// What a place has said.
pub(super) struct Seen<'a> {
    /// Its list of models.
    pub(super) models: &'a mut Vec<Model>,
    /// Answers of status 2xx that are JSON, by path.
    pub(super) replies: &'a BTreeMap<&'static str, Json>,
}

impl Seen<'_> {
    fn owned_by(&self, owner: &str) -> bool {
        self.models.iter().any(|model| model.owner == owner)
    }

    fn get(&self, path: &str, pointer: &str) -> Option<&Json> {
        self.replies.get(path)?.pointer(pointer)
    }

    fn text(&self, path: &str, pointer: &str) -> Option<String> {
        self.get(path, pointer)?.as_str().map(str::to_owned)
    }

    fn count(&self, path: &str, pointer: &str) -> Option<u64> {
        self.get(path, pointer)?.as_u64().filter(|n| *n > 0)
    }

    /// Sets what the whole server is started with; a list of several models says nothing of each.
    fn serves_with(&mut self, context: Option<u64>) {
        if let ([model], Some(context)) = (self.models.as_mut_slice(), context) {
            model.context = Some(context);
        }
    }
}

/// A server that names itself as the owner of its models, and needs no more questions.
macro_rules! owner {
    ($name:literal, $owner:literal) => {
        Server { name: $name, asks: &[], recognise: |seen| seen.owned_by($owner).then_some(None), details: None }
    };
}

/// All that are told apart.
pub(super) const SERVERS: &[Server] = &[
    Server { name: "llama.cpp", asks: &["/props"], recognise: llama_cpp, details: None },
    Server {
        name: "KoboldCpp",
        asks: &["/api/extra/version", "/api/extra/true_max_context_length"],
        recognise: kobold_cpp,
        details: None,
    },
    Server { name: "LM Studio", asks: &["/api/v0/models"], recognise: lm_studio, details: None },
    Server { name: "SGLang", asks: &["/get_model_info", "/get_server_info"], recognise: sglang, details: None },
    Server {
        name: "vLLM",
        asks: &["/version"],
        recognise: |seen| seen.owned_by("vllm").then(|| seen.text("/version", "/version")),
        details: None,
    },
    Server { name: "TGI", asks: &["/info"], recognise: tgi, details: None },
    Server { name: "LiteLLM", asks: &["/health/liveliness", "/v1/model/info"], recognise: litellm, details: None },
    Server {
        name: "Ollama",
        asks: &["/api/version", "/api/tags"],
        recognise: ollama,
        details: Some(Details { path: "/api/show", body: |model| json!({ "model": model }), read: ollama_model }),
    },
    owner!("TabbyAPI", "tabbyAPI"),
    owner!("LMDeploy", "lmdeploy"),
    owner!("assayd mock, which is no model", "assayd mock"),
    owner!("assayd demo", "assayd"),
];

/// `/props`; behind `--api-key` only the list's owner.
fn llama_cpp(seen: &mut Seen<'_>) -> Option<Option<String>> {
    let settings = seen.get("/props", "/default_generation_settings").is_some();
    if !settings && !seen.owned_by("llamacpp") {
        return None;
    }
    seen.serves_with(seen.count("/props", "/default_generation_settings/n_ctx"));
    Some(seen.text("/props", "/build_info"))
}

fn kobold_cpp(seen: &mut Seen<'_>) -> Option<Option<String>> {
    let itself = seen.text("/api/extra/version", "/result")? == "KoboldCpp";
    itself.then(|| {
        seen.serves_with(seen.count("/api/extra/true_max_context_length", "/value"));
        seen.text("/api/extra/version", "/version")
    })
}

/// Its own list knows what each model is for, and with how much context it is loaded.
fn lm_studio(seen: &mut Seen<'_>) -> Option<Option<String>> {
    let list = seen.get("/api/v0/models", "/data")?.as_array()?.clone();
    if !list.iter().any(|entry| entry.get("compatibility_type").is_some() || entry.get("state").is_some()) {
        return None;
    }
    for entry in &list {
        let count = |key: &str| entry.get(key).and_then(Json::as_u64);
        let id = entry.get("id").and_then(Json::as_str);
        let Some(model) = seen.models.iter_mut().find(|m| Some(m.id.as_str()) == id) else { continue };
        model.context = count("loaded_context_length");
        model.trained_context = count("max_context_length");
        let kind = entry.get("type").and_then(Json::as_str);
        model.other_use = kind.filter(|kind| !matches!(*kind, "llm" | "vlm")).map(str::to_owned);
    }
    Some(None)
}

fn sglang(seen: &mut Seen<'_>) -> Option<Option<String>> {
    let generates = seen.get("/get_model_info", "/is_generation").and_then(Json::as_bool);
    if generates.is_none() && !seen.owned_by("sglang") {
        return None;
    }
    if generates == Some(false) {
        seen.models.iter_mut().for_each(|model| model.other_use = Some("no generation".into()));
    }
    Some(seen.text("/get_server_info", "/version"))
}

/// Versions before 2 have no list of models: there is one, and any name is taken for it.
fn tgi(seen: &mut Seen<'_>) -> Option<Option<String>> {
    let id = seen.text("/info", "/model_id")?;
    let router = seen.text("/info", "/router").is_some_and(|router| router.starts_with("text-generation"));
    let total = seen.count("/info", "/max_total_tokens");
    if !router && total.is_none() {
        return None;
    }
    if seen.models.is_empty() {
        seen.models.push(Model { id, ..Model::default() });
    }
    seen.serves_with(total);
    Some(seen.text("/info", "/version"))
}

/// `/health` is never asked: it has every model answer a question, which may cost money.
fn litellm(seen: &mut Seen<'_>) -> Option<Option<String>> {
    let alive = seen.get("/health/liveliness", "").and_then(Json::as_str)?;
    if !alive.starts_with("I'm alive") {
        return None;
    }
    let list = seen.get("/v1/model/info", "/data").and_then(Json::as_array).cloned().unwrap_or_default();
    for entry in &list {
        let name = entry.get("model_name").and_then(Json::as_str);
        let Some(model) = seen.models.iter_mut().find(|m| Some(m.id.as_str()) == name) else { continue };
        let info = |key: &str| entry.get("model_info").and_then(|info| info.get(key));
        model.context = info("max_input_tokens").and_then(Json::as_u64);
        let mode = info("mode").and_then(Json::as_str);
        model.other_use = mode.filter(|m| !matches!(*m, "chat" | "completion" | "responses")).map(str::to_owned);
    }
    Some(None)
}

fn ollama(seen: &mut Seen<'_>) -> Option<Option<String>> {
    let version = seen.text("/api/version", "/version")?;
    seen.get("/api/tags", "/models")?.as_array()?;
    Some(Some(version))
}

/// The context that `/api/show` tells is the model's own; it is served with `num_ctx`, which is far less by default.
fn ollama_model(shown: &Json, model: &mut Model) {
    let info = shown.get("model_info").and_then(Json::as_object);
    let trained = info.into_iter().flatten().find(|(key, _)| key.ends_with(".context_length"));
    model.trained_context = trained.and_then(|(_, tokens)| tokens.as_u64());
    let can = shown.get("capabilities").and_then(Json::as_array);
    let words: Vec<&str> = can.into_iter().flatten().filter_map(Json::as_str).collect();
    if !words.is_empty() && !words.contains(&"completion") {
        model.other_use = Some(words.join(", "));
    }
}

#[cfg(test)]
mod tests {
    use super::super::models_of;
    use super::*;

    /// The server that a list and some replies are recognised as, its version, and each model in words.
    fn recognised(list: Json, replies: &[(&'static str, Json)]) -> Option<(&'static str, Option<String>, Vec<String>)> {
        let mut models = models_of(&list);
        let replies: BTreeMap<&'static str, Json> = replies.iter().cloned().collect();
        let seen = &mut Seen { models: &mut models, replies: &replies };
        let (name, version) = SERVERS.iter().find_map(|s| Some((s.name, (s.recognise)(seen)?)))?;
        let words = models.iter().map(|m| {
            let size = |n: Option<u64>| n.map_or_else(|| "-".into(), |n: u64| n.to_string());
            let other = m.other_use.as_deref().unwrap_or("answers");
            format!("{} {} {} {other}", m.id, size(m.context), size(m.trained_context))
        });
        Some((name, version, words.collect()))
    }

    fn told(name: &'static str, version: &str, models: &[&str]) -> Option<(&'static str, Option<String>, Vec<String>)> {
        let version = (!version.is_empty()).then(|| version.to_owned());
        Some((name, version, models.iter().map(|&m| m.to_owned()).collect()))
    }

    #[test]
    fn servers_are_told_apart() {
        let list = |id: &str, owner: &str| json!({"data": [{"id": id, "owned_by": owner}]});
        let props = json!({"default_generation_settings": {"n_ctx": 4096}, "build_info": "b6000-abc"});
        let meta = json!({"data": [{"id": "m", "owned_by": "llamacpp", "meta": {"n_ctx_train": 32768}}]});
        assert_eq!(recognised(meta, &[("/props", props)]), told("llama.cpp", "b6000-abc", &["m 4096 32768 answers"]));
        assert_eq!(recognised(list("m", "llamacpp"), &[]), told("llama.cpp", "", &["m - - answers"]));

        let long = json!({"data": [{"id": "q", "owned_by": "vllm", "max_model_len": 40960}]});
        assert_eq!(
            recognised(long, &[("/version", json!({"version": "0.11.0"}))]),
            told("vLLM", "0.11.0", &["q 40960 - answers"])
        );
        let info = json!({"model_path": "p", "is_generation": false});
        assert_eq!(
            recognised(
                list("e", "sglang"),
                &[("/get_model_info", info), ("/get_server_info", json!({"version": "0.5.3"}))]
            ),
            told("SGLang", "0.5.3", &["e - - no generation"])
        );
        let info = json!({"model_id": "org/m", "router": "text-generation-router", "max_total_tokens": 2048,
                          "version": "3.3.4"});
        assert_eq!(recognised(json!({}), &[("/info", info)]), told("TGI", "3.3.4", &["org/m 2048 - answers"]));
        assert_eq!(recognised(list("t", "tabbyAPI"), &[]), told("TabbyAPI", "", &["t - - answers"]));
        assert_eq!(recognised(list("x", "someone"), &[("/info", json!({"model_id": "x"}))]), None);
    }

    #[test]
    fn what_imitates_ollama_is_not_taken_for_it() {
        let ollama = [("/api/version", json!({"version": "0.12.3"})), ("/api/tags", json!({"models": []}))];
        let list = json!({"data": [{"id": "llama3.2:3b", "owned_by": "library"}]});
        assert_eq!(recognised(list.clone(), &ollama), told("Ollama", "0.12.3", &["llama3.2:3b - - answers"]));
        let kobold = [
            ("/api/extra/version", json!({"result": "KoboldCpp", "version": "1.99"})),
            ("/api/extra/true_max_context_length", json!({"value": 8192})),
        ];
        let both: Vec<_> = ollama.iter().cloned().chain(kobold).collect();
        assert_eq!(recognised(list, &both), told("KoboldCpp", "1.99", &["llama3.2:3b 8192 - answers"]));
    }

    #[test]
    fn models_that_do_not_answer_are_marked() {
        let list = json!({"data": [{"id": "a"}, {"id": "b"}, {"id": "c"}]});
        let studio = json!({"data": [
            {"id": "a", "type": "llm", "state": "loaded", "max_context_length": 131_072, "loaded_context_length": 4096},
            {"id": "b", "type": "embeddings", "state": "not-loaded", "max_context_length": 2048},
        ]});
        assert_eq!(
            recognised(list.clone(), &[("/api/v0/models", studio)]),
            told("LM Studio", "", &["a 4096 131072 answers", "b - 2048 embeddings", "c - - answers"])
        );
        let info = json!({"data": [
            {"model_name": "a", "model_info": {"mode": "chat", "max_input_tokens": 128_000}},
            {"model_name": "b", "model_info": {"mode": "image_generation"}},
        ]});
        assert_eq!(
            recognised(list, &[("/health/liveliness", json!("I'm alive!")), ("/v1/model/info", info)]),
            told("LiteLLM", "", &["a 128000 - answers", "b - - image_generation", "c - - answers"])
        );
        let mut model = Model::default();
        let shown = json!({"capabilities": ["embedding"], "model_info": {"bert.context_length": 512}});
        ollama_model(&shown, &mut model);
        assert_eq!((model.other_use.as_deref(), model.trained_context), (Some("embedding"), Some(512)));
        ollama_model(&json!({"capabilities": ["completion", "tools"]}), &mut model);
        assert_eq!(model.trained_context, None);
    }
}
