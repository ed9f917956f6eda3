//! The embedded models behind a real HTTP endpoint: OpenAI-compatible chat completions, streamed token by token.
//!
//! What the assay measures here is real: every token is computed when it is sent. The computing happens on blocking
//! threads, one a processor at most; what waits for one is bounded, and beyond that the endpoint says 503. A client
//! that goes away stops its computation at the next token.

use super::catalog::MODELS;
use super::generate::{End, Job};
use super::model::Model;
use super::sampler::Sampler;
use super::wire::{ChatRequest, Refusal, Reply, event};
use axum::body::{Body, Bytes};
use axum::extract::rejection::BytesRejection;
use axum::extract::{DefaultBodyLimit, Path, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::serve::ListenerExt;
use axum::{Json, Router};
use hyper::body::Frame;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::convert::Infallible;
use std::ops::ControlFlow;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use tokio::net::TcpListener;
use tokio::sync::{Semaphore, mpsc};

/// Requests that are computed or wait for it; one more is refused with 503.
const MAX_ADMITTED: usize = 256;

/// The largest request body in bytes. The models' context is 256 tokens; the rest is for earlier turns.
const MAX_BODY: usize = 1 << 20;

/// Serves the embedded models on a listener until `shutdown` completes; answers under way are finished first.
///
/// # Errors
/// When an embedded model can't be read (a test shows that all can), or the listener fails.
pub async fn serve(listener: TcpListener, shutdown: impl Future<Output = ()> + Send + 'static) -> std::io::Result<()> {
    let models = MODELS
        .iter()
        .map(|m| Ok((m.name, Arc::new(m.load().map_err(std::io::Error::other)?))))
        .collect::<std::io::Result<_>>()?;
    let processors = std::thread::available_parallelism().map_or(1, usize::from);
    let shared = Shared {
        models,
        workers: Arc::new(Semaphore::new(processors)),
        admission: Arc::new(Semaphore::new(MAX_ADMITTED)),
        started: now(),
    };
    let routes = Router::new()
        .route("/v1/chat/completions", post(chat))
        .route("/v1/models", get(list))
        .route("/v1/models/{name}", get(show))
        .route("/health", get(async || Json(json!({ "status": "ok" }))))
        .fallback(async || refuse(StatusCode::NOT_FOUND, None, "there is nothing here"))
        .method_not_allowed_fallback(async || refuse(StatusCode::METHOD_NOT_ALLOWED, None, "not with this method"))
        .layer(DefaultBodyLimit::max(MAX_BODY))
        .with_state(Arc::new(shared));
    // A token is a small packet that must not wait for the one before it to be acknowledged.
    let listener = listener.tap_io(|connection| {
        if let Err(error) = connection.set_nodelay(true) {
            tracing::debug!(%error, "TCP_NODELAY");
        }
    });
    axum::serve(listener, routes).with_graceful_shutdown(shutdown).await
}

struct Shared {
    models: BTreeMap<&'static str, Arc<Model>>,
    /// One permit a computation.
    workers: Arc<Semaphore>,
    /// One permit an answer that is computed or waits for it.
    admission: Arc<Semaphore>,
    /// Seconds since 1970.
    started: u64,
}

fn refuse(status: StatusCode, code: Option<&'static str>, message: impl Into<String>) -> Refusal {
    Refusal { status, code, ..Refusal::invalid(None, message) }
}

fn fault(status: StatusCode, message: &str) -> Refusal {
    Refusal { kind: "server_error", ..refuse(status, None, message) }
}

fn now() -> u64 {
    std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).map_or(0, |d| d.as_secs())
}

impl Shared {
    fn model(&self, name: &str) -> Result<&Arc<Model>, Refusal> {
        self.models.get(name).ok_or_else(|| {
            let names: Vec<&str> = self.models.keys().copied().collect();
            let message = format!("the model {name:?} does not exist; there are {}", names.join(", "));
            Refusal { param: Some("model"), ..refuse(StatusCode::NOT_FOUND, Some("model_not_found"), message) }
        })
    }

    fn card(&self, name: &str) -> Value {
        json!({ "id": name, "object": "model", "created": self.started, "owned_by": "assayd" })
    }

    /// Starts an answer; its parts come through the channel.
    fn start(&self, model: &Arc<Model>, job: Job) -> Result<mpsc::Receiver<Part>, Refusal> {
        let admitted = Arc::clone(&self.admission).try_acquire_owned();
        let admitted = admitted.map_err(|_| fault(StatusCode::SERVICE_UNAVAILABLE, "too many requests are waiting"))?;
        // The whole answer fits: a worker never waits for a slow reader.
        let (sender, receiver) = mpsc::channel(model.context() + 1);
        let (workers, model) = (Arc::clone(&self.workers), Arc::clone(model));
        tokio::spawn(async move {
            let worker = tokio::select! {
                worker = workers.acquire_owned() => worker,
                () = sender.closed() => return,
            };
            tokio::task::spawn_blocking(move || {
                let _permits = (admitted, worker);
                let send = |part| match sender.try_send(part) {
                    Ok(()) => ControlFlow::Continue(()),
                    Err(_) => ControlFlow::Break(()),
                };
                if let Ok(Some(end)) = job.run(&model, |text| send(Part::Text(text))) {
                    // Whether anyone still listens no longer matters.
                    let _ = send(Part::End(end));
                }
            });
        });
        Ok(receiver)
    }
}

/// A part of an answer. A channel that closes before the end means that the computation broke.
#[derive(Debug)]
enum Part {
    Text(String),
    End(End),
}

const BROKEN: &str = "the computation broke off";

async fn list(State(shared): State<Arc<Shared>>) -> Json<Value> {
    let cards: Vec<Value> = shared.models.keys().map(|name| shared.card(name)).collect();
    Json(json!({ "object": "list", "data": cards }))
}

async fn show(State(shared): State<Arc<Shared>>, Path(name): Path<String>) -> Result<Json<Value>, Refusal> {
    shared.model(&name)?;
    Ok(Json(shared.card(&name)))
}

async fn chat(State(shared): State<Arc<Shared>>, body: Result<Bytes, BytesRejection>) -> Result<Response, Refusal> {
    let body = body.map_err(|rejection| refuse(rejection.status(), None, rejection.body_text()))?;
    let request = ChatRequest::read(&body)?;
    let model = shared.model(&request.model)?;
    let (temperature, top_p, seed) = request.sampling();
    let job = Job {
        prompt: request.prompt()?,
        max_tokens: request.max_tokens(),
        stop: request.stops(),
        sampler: Sampler::new(temperature, top_p, seed.unwrap_or_else(rand::random)),
    };
    if job.prompt_tokens() >= model.context() {
        let (tokens, context) = (job.prompt_tokens(), model.context());
        let message = format!("the prompt has {tokens} tokens, which leaves no room in a context of {context}");
        let code = Some("context_length_exceeded");
        return Err(Refusal { param: Some("messages"), ..refuse(StatusCode::BAD_REQUEST, code, message) });
    }
    let reply = Reply {
        id: format!("chatcmpl-{:016x}", rand::random::<u64>()),
        created: now(),
        model: request.model.clone(),
        usage: request.wants_usage(),
    };
    let mut parts = shared.start(model, job)?;
    if request.is_stream() {
        let headers = [(header::CONTENT_TYPE, "text/event-stream"), (header::CACHE_CONTROL, "no-cache")];
        return Ok((headers, Body::new(Events { reply, parts, next: Next::Opening })).into_response());
    }
    let mut text = String::new();
    while let Some(part) = parts.recv().await {
        match part {
            Part::Text(more) => text += &more,
            Part::End(end) => return Ok(Json(reply.whole(&text, &end)).into_response()),
        }
    }
    Err(fault(StatusCode::INTERNAL_SERVER_ERROR, BROKEN))
}

/// The body of a streamed answer: one frame a part, written as soon as the part is there.
struct Events {
    reply: Reply,
    parts: mpsc::Receiver<Part>,
    next: Next,
}

enum Next {
    Opening,
    Part,
    Nothing,
}

impl hyper::body::Body for Events {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        let (events, next) = match self.next {
            Next::Opening => (self.reply.opening(), Next::Part),
            Next::Nothing => return Poll::Ready(None),
            Next::Part => match ready!(self.parts.poll_recv(cx)) {
                Some(Part::Text(text)) => (self.reply.text(&text), Next::Part),
                Some(Part::End(end)) => (self.reply.closing(&end), Next::Nothing),
                None => (event(&fault(StatusCode::INTERNAL_SERVER_ERROR, BROKEN).body()), Next::Nothing),
            },
        };
        self.next = next;
        Poll::Ready(Some(Ok(Frame::data(events.into()))))
    }
}
