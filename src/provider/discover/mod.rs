//! What is served at a place: which models, by which server, with how much context.
//!
//! Every server answers OpenAI's `GET /v1/models`; which one it is shows in that list or in a path of its own
//! ([`servers`]). Only paths that read are asked: some servers' health checks ask every model a question.

mod servers;

pub use servers::PORTS;

use super::KeyHeader;
use super::wire::{Asker, Endpoint};
use crate::domain::{Failure, Fault};
use serde_json::Value as Json;
use servers::{SERVERS, Seen};
use std::collections::BTreeMap;

/// Models of one server that are asked about one by one, at the most.
const MOST_DETAILS: usize = 64;

/// What serves at a place, where nothing says more.
const UNNAMED: &str = "OpenAI-compatible server";

/// What a place turned out to be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Found {
    /// A server with its models.
    Server(Served),
    /// A server that tells nobody without a key; with a word on the key where one was sent.
    WantsKey {
        /// Which server it is, where it says so all the same.
        software: &'static str,
        /// Whether a key was sent, and refused.
        refused: bool,
    },
    /// No server of models, and why it is taken for none.
    Nothing(String),
}

/// A server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Served {
    /// The server program.
    pub software: &'static str,
    /// Its version, as it says.
    pub version: Option<String>,
    /// What stands between the place's URL and `/models`: `/v1` almost always.
    pub prefix: &'static str,
    /// Whether it wanted the key.
    pub keyed: bool,
    /// Its models, in its order.
    pub models: Vec<Model>,
}

/// A model.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Model {
    /// As requests name it.
    pub id: String,
    /// Tokens of context it is served with.
    pub context: Option<u64>,
    /// Tokens of context it was made for, where the server says only that.
    pub trained_context: Option<u64>,
    /// What it does instead of answering, such as `embeddings`.
    pub other_use: Option<String>,
    /// `owned_by` of the list: some servers name themselves there.
    pub owner: String,
}

/// Asks a place what it serves. `open` is the place without a key; `keyed` is the same with one, which is sent only
/// where the place wants it.
pub async fn look(open: &Endpoint, keyed: Option<&Endpoint>) -> Found {
    let looked = match list(open).await {
        Ok(Listed::Refused) => match keyed {
            // A key that was refused is not sent again.
            Some(keyed) => list(keyed).await.map(|listed| match listed {
                Listed::Refused => (open, true, listed),
                listed => (keyed, true, listed),
            }),
            None => Ok((open, false, Listed::Refused)),
        },
        listed => listed.map(|listed| (open, false, listed)),
    };
    let (endpoint, sent_key, listed) = match looked {
        Ok(looked) => looked,
        Err(fault) => return Found::Nothing(in_words(&fault)),
    };
    let replies = ask_all(endpoint).await;
    let (prefix, mut models) = match &listed {
        Listed::Models(prefix, list) => (*prefix, models_of(list)),
        Listed::Refused | Listed::Status(_) => ("/v1", Vec::new()),
    };
    let told = SERVERS.iter().find_map(|server| {
        let version = (server.recognise)(&mut Seen { models: &mut models, replies: &replies })?;
        Some((server, version))
    });
    let software = told.as_ref().map_or(UNNAMED, |(server, _)| server.name);
    match listed {
        Listed::Refused => return Found::WantsKey { software, refused: sent_key },
        Listed::Status(status) if models.is_empty() && told.is_none() => {
            return Found::Nothing(format!("speaks HTTP, but has no list of models (status {status})"));
        }
        _ if models.is_empty() => return Found::Nothing(format!("{software}, and it has no models")),
        Listed::Models(..) | Listed::Status(_) => {}
    }
    let (details, version) = told.map_or((None, None), |(server, version)| (server.details, version));
    if let Some(details) = details {
        detail(endpoint, details, &mut models).await;
    }
    Found::Server(Served { software, version, prefix, keyed: sent_key, models })
}

/// What a place answered to the question for its models.
enum Listed {
    /// A list, and the prefix of its path.
    Models(&'static str, Json),
    /// 401 or 403.
    Refused,
    /// No list; the status that came.
    Status(u16),
}

async fn list(endpoint: &Endpoint) -> Result<Listed, Fault> {
    let asker = Asker::new(endpoint, KeyHeader::Bearer)?;
    let mut status = 0;
    for prefix in ["/v1", ""] {
        let reply = asker.get(&format!("{prefix}/models")).await?;
        if matches!(reply.status, 401 | 403) {
            return Ok(Listed::Refused);
        }
        if let Some(list) = reply.json().filter(|json| entries(json).is_some()) {
            return Ok(Listed::Models(prefix, list));
        }
        status = reply.status;
    }
    Ok(Listed::Status(status))
}

/// What all the servers' own paths answer, as far as it is JSON.
async fn ask_all(endpoint: &Endpoint) -> BTreeMap<&'static str, Json> {
    let Ok(asker) = Asker::new(endpoint, KeyHeader::Bearer) else { return BTreeMap::new() };
    let paths: Vec<&'static str> = SERVERS.iter().flat_map(|server| server.asks).copied().collect();
    let asked = paths.iter().map(|path| asker.get(path));
    let answers = join(asked).await;
    let told = paths.into_iter().zip(answers).filter_map(|(path, answer)| Some((path, answer.ok()?.json()?)));
    told.collect()
}

async fn detail(endpoint: &Endpoint, details: servers::Details, models: &mut [Model]) {
    let Ok(asker) = Asker::new(endpoint, KeyHeader::Bearer) else { return };
    let models: Vec<&mut Model> = models.iter_mut().take(MOST_DETAILS).collect();
    let asked = models.iter().map(|model| {
        let body = (details.body)(&model.id);
        let asker = &asker;
        async move { asker.post(details.path, &body).await }
    });
    let answers = join(asked).await;
    for (model, answer) in models.into_iter().zip(answers) {
        if let Some(json) = answer.ok().and_then(|reply| reply.json()) {
            (details.read)(&json, model);
        }
    }
}

/// All of some futures, at the same time.
async fn join<F: Future>(futures: impl Iterator<Item = F>) -> Vec<F::Output> {
    let mut waiting: Vec<_> = futures.map(|future| (Box::pin(future), None)).collect();
    std::future::poll_fn(|cx| {
        let mut ready = true;
        for (future, output) in &mut waiting {
            if output.is_none() {
                match future.as_mut().poll(cx) {
                    std::task::Poll::Ready(came) => *output = Some(came),
                    std::task::Poll::Pending => ready = false,
                }
            }
        }
        if ready { std::task::Poll::Ready(()) } else { std::task::Poll::Pending }
    })
    .await;
    waiting.into_iter().filter_map(|(_, output)| output).collect()
}

/// The entries of a list of models: OpenAI's `data`, or (Ollama, older llama.cpp) `models`. None in what is no list.
fn entries(list: &Json) -> Option<&Vec<Json>> {
    let data = list.get("data").and_then(Json::as_array);
    let models = list.get("models").and_then(Json::as_array);
    data.filter(|data| !data.is_empty()).or(models).or(data)
}

fn models_of(list: &Json) -> Vec<Model> {
    let mut models: Vec<Model> = entries(list).into_iter().flatten().filter_map(model).collect();
    // Aliases of one model are models to a client; the same name twice is not.
    let mut seen = std::collections::BTreeSet::new();
    models.retain(|model| seen.insert(model.id.clone()));
    models
}

fn model(entry: &Json) -> Option<Model> {
    let text = |key: &str| entry.get(key).and_then(Json::as_str).filter(|text| !text.trim().is_empty());
    let count = |key: &str| entry.get(key).and_then(Json::as_u64).filter(|n| *n > 0);
    let id = text("id").or_else(|| text("name"))?.to_owned();
    // vLLM and SGLang; hosted gateways.
    let context = ["max_model_len", "context_length", "context_window"].into_iter().find_map(count);
    let meta = entry.get("meta").and_then(|meta| meta.get("n_ctx_train")).and_then(Json::as_u64);
    Some(Model {
        id,
        context,
        trained_context: meta,
        other_use: None,
        owner: text("owned_by").unwrap_or_default().to_owned(),
    })
}

/// Why nothing was found, short: there are many such lines.
fn in_words(fault: &Fault) -> String {
    match fault.kind {
        Failure::Connect if fault.detail.contains("refused") => "nothing listens".into(),
        Failure::Connect => format!("no connection: {}", fault.detail),
        Failure::Dns => "the name is not known".into(),
        Failure::TimeoutConnect => "no connection in time".into(),
        Failure::TimeoutTotal => "no answer in time".into(),
        kind => format!("{}: {}", kind.label(), fault.detail),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn lists_of_every_shape() {
        let ids = |list: Json| models_of(&list).into_iter().map(|m| m.id).collect::<Vec<_>>();
        assert_eq!(ids(json!({"object": "list", "data": [{"id": "a"}, {"id": "b"}, {"id": "a"}]})), ["a", "b"]);
        assert_eq!(ids(json!({"models": [{"name": "a:latest"}]})), ["a:latest"]);
        assert_eq!(ids(json!({"models": [{"name": "x"}], "data": [{"id": "y"}]})), ["y"]);
        assert_eq!(ids(json!({"data": [{"id": ""}, {"id": 3}, {}, 5]})), [""; 0]);
        assert_eq!(entries(&json!({"error": "Unexpected endpoint"})), None, "LM Studio answers so with status 200");
        assert_eq!(entries(&json!([1])), None);
        assert_eq!(entries(&json!({"data": []})).map(Vec::len), Some(0), "a list all the same");
    }

    #[test]
    fn context_is_read_under_each_of_its_names() {
        let context = |entry: Json| model(&entry).map(|m| (m.context, m.trained_context));
        assert_eq!(context(json!({"id": "a", "max_model_len": 4096})), Some((Some(4096), None)));
        assert_eq!(context(json!({"id": "a", "context_length": 0})), Some((None, None)));
        assert_eq!(context(json!({"id": "a", "meta": {"n_ctx_train": 8192}})), Some((None, Some(8192))));
    }

    #[test]
    fn a_failure_is_told_in_few_words() {
        let words = |kind, detail: &str| in_words(&Fault::new(kind, detail));
        assert_eq!(words(Failure::Connect, "tcp connect error: Connection refused (os error 111)"), "nothing listens");
        assert_eq!(words(Failure::TimeoutTotal, "x"), "no answer in time");
        assert_eq!(words(Failure::TooLarge, "the answer outgrew 5 bytes"), "too_large: the answer outgrew 5 bytes");
    }
}
