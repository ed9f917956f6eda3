//! The demo's endpoint over real sockets: its streams, its refusals, and what happens when a client goes away.
#![expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

use assayd::demo;
use http_body_util::{BodyExt, Full};
use hyper::body::{Bytes, Incoming};
use hyper::client::conn::http1::{self, SendRequest};
use hyper::{Method, Request, Response};
use hyper_util::rt::TokioIo;
use libtest_mimic::{Failed, Trial};
use serde_json::{Value, json};
use std::net::SocketAddr;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

/// All tests of this module.
pub fn tests() -> Vec<Trial> {
    fn trial<F: Future<Output = ()>>(name: &str, test: impl FnOnce(Server) -> F + Send + 'static) -> Trial {
        Trial::test(format!("demo_endpoint::{name}"), move || {
            let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
            runtime.block_on(async {
                let server = Server::start().await?;
                test(server).await;
                Ok::<_, Failed>(())
            })
        })
    }
    vec![
        trial("a_stream_has_one_event_a_token", a_stream_has_one_event_a_token),
        trial("a_whole_reply_says_the_same", a_whole_reply_says_the_same),
        trial("a_seed_repeats_a_sampled_answer", a_seed_repeats_a_sampled_answer),
        trial("refusals_have_openai_shape", refusals_have_openai_shape),
        trial("models_are_listed", models_are_listed),
        trial("clients_that_leave_do_no_harm", clients_that_leave_do_no_harm),
        trial("shutdown_finishes_what_is_under_way", shutdown_finishes_what_is_under_way),
    ]
}

struct Server {
    address: SocketAddr,
    stop: oneshot::Sender<()>,
    serving: JoinHandle<std::io::Result<()>>,
}

impl Server {
    async fn start() -> std::io::Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let address = listener.local_addr()?;
        let (stop, stopped) = oneshot::channel();
        let serving = tokio::spawn(demo::serve(listener, async {
            let _ = stopped.await;
        }));
        Ok(Self { address, stop, serving })
    }

    async fn connect(&self) -> SendRequest<Full<Bytes>> {
        let stream = TcpStream::connect(self.address).await.unwrap();
        let (sender, connection) = http1::handshake(TokioIo::new(stream)).await.unwrap();
        tokio::spawn(connection);
        sender
    }

    async fn send(&self, method: Method, path: &str, body: &str) -> Response<Incoming> {
        let request = Request::builder().method(method).uri(path).header("host", "demo");
        let request = request.header("content-type", "application/json").body(Full::from(body.to_owned())).unwrap();
        self.connect().await.send_request(request).await.unwrap()
    }

    async fn chat(&self, body: &Value) -> Response<Incoming> {
        self.send(Method::POST, "/v1/chat/completions", &body.to_string()).await
    }
}

async fn body(response: Response<Incoming>) -> String {
    String::from_utf8(response.into_body().collect().await.unwrap().to_bytes().to_vec()).unwrap()
}

async fn parsed(response: Response<Incoming>) -> Value {
    serde_json::from_str(&body(response).await).unwrap()
}

fn ask(model: &str, prompt: &str) -> Value {
    json!({ "model": model, "messages": [{ "role": "user", "content": prompt }], "max_tokens": 16, "temperature": 0 })
}

fn with(mut request: Value, fields: Value) -> Value {
    request.as_object_mut().unwrap().extend(fields.as_object().unwrap().clone());
    request
}

/// The data of all events; `[DONE]` becomes null.
fn events(stream: &str) -> Vec<Value> {
    let events = stream.split_terminator("\n\n").map(|event| event.strip_prefix("data: ").unwrap());
    events.map(|data| if data == "[DONE]" { Value::Null } else { serde_json::from_str(data).unwrap() }).collect()
}

async fn a_stream_has_one_event_a_token(server: Server) {
    let request =
        with(ask("micro", "rev 431="), json!({ "stream": true, "stream_options": { "include_usage": true } }));
    let response = server.chat(&request).await;
    assert_eq!(
        (response.status().as_u16(), &response.headers()["content-type"]),
        (200, &"text/event-stream".parse().unwrap())
    );
    let events = events(&body(response).await);
    let deltas: Vec<&Value> = events.iter().map(|e| &e["choices"][0]["delta"]).collect();
    assert_eq!(deltas[0], &json!({ "role": "assistant", "content": "" }));
    assert_eq!(deltas[1..4], [&json!({ "content": "1" }), &json!({ "content": "3" }), &json!({ "content": "4" })]);
    assert_eq!((deltas[4], &events[4]["choices"][0]["finish_reason"]), (&json!({}), &json!("stop")));
    // Three digits and the end of text; the prompt's eight bytes and the beginning of text.
    let usage = json!({ "prompt_tokens": 9, "completion_tokens": 4, "total_tokens": 13 });
    assert_eq!((&events[5]["choices"], &events[5]["usage"]), (&json!([]), &usage));
    assert_eq!((&events[6], events.len()), (&Value::Null, 7));
    assert!(events[..5].iter().all(|e| e["usage"].is_null() && e["id"] == events[5]["id"] && e["model"] == "micro"));

    let without = body(server.chat(&with(ask("micro", "rev 431="), json!({ "stream": true }))).await).await;
    assert!(!without.contains("usage") && without.ends_with("data: [DONE]\n\n"), "{without}");
}

async fn a_whole_reply_says_the_same(server: Server) {
    let reply = parsed(server.chat(&ask("base", "12+34=")).await).await;
    assert_eq!(reply["choices"][0]["message"], json!({ "role": "assistant", "content": "46", "refusal": null }));
    assert_eq!((&reply["choices"][0]["finish_reason"], &reply["object"]), (&json!("stop"), &json!("chat.completion")));
    assert_eq!(reply["usage"], json!({ "prompt_tokens": 7, "completion_tokens": 3, "total_tokens": 10 }));
    let cut = parsed(server.chat(&with(ask("base", "12+34="), json!({ "max_completion_tokens": 1 }))).await).await;
    assert_eq!(cut["choices"][0]["finish_reason"], "length");
    let stopped = parsed(server.chat(&with(ask("base", "12+34="), json!({ "stop": "6" }))).await).await;
    assert_eq!(stopped["choices"][0]["message"]["content"], "4");
}

async fn a_seed_repeats_a_sampled_answer(server: Server) {
    let mut answers = Vec::new();
    for seed in [1, 1, 2] {
        // Half-way out of what it was trained on and hot, so that there is something to choose.
        let request = with(ask("micro", "what? "), json!({ "temperature": 2, "seed": seed }));
        answers.push(parsed(server.chat(&request).await).await["choices"][0]["message"]["content"].clone());
    }
    assert_eq!(answers[0], answers[1]);
    assert_ne!(answers[0], answers[2]);
}

async fn refusals_have_openai_shape(server: Server) {
    let long = ask("micro", &"1".repeat(256)).to_string();
    let huge = ask("micro", &"1".repeat(2 << 20)).to_string();
    let unknown = ask("gpt", "1+1=").to_string();
    let chat = "/v1/chat/completions";
    for (method, path, body, status, code) in [
        (Method::POST, chat, "{\"model\":", 400, Value::Null),
        (Method::POST, chat, "{\"model\":\"micro\"}", 400, Value::Null),
        (Method::POST, chat, &unknown, 404, json!("model_not_found")),
        (Method::POST, chat, &long, 400, json!("context_length_exceeded")),
        (Method::POST, chat, &huge, 413, Value::Null),
        (Method::GET, chat, "", 405, Value::Null),
        (Method::GET, "/v2", "", 404, Value::Null),
        (Method::GET, "/v1/models/gpt", "", 404, json!("model_not_found")),
    ] {
        let response = server.send(method, path, body).await;
        let found = response.status().as_u16();
        let error = &parsed(response).await["error"];
        assert_eq!((found, &error["code"]), (status, &code), "{path}: {error}");
        assert!(error["message"].as_str().is_some_and(|m| !m.is_empty()) && error["type"] == "invalid_request_error");
    }
}

async fn models_are_listed(server: Server) {
    let list = parsed(server.send(Method::GET, "/v1/models", "").await).await;
    let names: Vec<&Value> = list["data"].as_array().unwrap().iter().map(|m| &m["id"]).collect();
    assert_eq!(names, ["base", "leaky", "micro", "nano", "specm"]);
    assert_eq!(parsed(server.send(Method::GET, "/v1/models/nano", "").await).await["object"], "model");
    assert_eq!(server.send(Method::GET, "/health", "").await.status(), 200);
}

async fn clients_that_leave_do_no_harm(server: Server) {
    // More than are admitted at once, each leaving after the first bytes of a long answer: had the places not been given
    // back, the last would be refused.
    let request = with(ask("micro", "what? "), json!({ "stream": true, "max_tokens": 200, "temperature": 2 }));
    for _ in 0..300 {
        let response = server.chat(&request).await;
        assert_eq!(response.status(), 200);
        drop(response);
    }
    let reply = parsed(server.chat(&ask("micro", "rev 431=")).await).await;
    assert_eq!(reply["choices"][0]["message"]["content"], "134");
}

async fn shutdown_finishes_what_is_under_way(server: Server) {
    let request = with(ask("micro", "rev 431="), json!({ "stream": true }));
    let response = server.chat(&request).await;
    let Server { stop, serving, address } = server;
    stop.send(()).unwrap();
    assert!(body(response).await.ends_with("data: [DONE]\n\n"));
    serving.await.unwrap().unwrap();
    assert!(TcpStream::connect(address).await.is_err());
}
