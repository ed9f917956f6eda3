//! The wire against real sockets: what servers were seen to do, every failure it can name, and the ways it can take.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test fails by panicking; clippy does not see that these are tests"
)]

mod answers;
mod departures;
mod failures;
mod kept;
mod reach;
mod server;

use crate::provider::{adapter, recordings};
use assayd::config::{Source, read};
use assayd::domain::{Message, Prompt, Role};
use assayd::provider::wire::{Connected, Departure, Endpoint, Outcome, connect, now};
use libtest_mimic::Trial;
use std::future::{Future, ready};
use std::sync::Arc;

/// All trials of this module.
pub fn tests() -> Vec<Trial> {
    [answers::tests(), departures::tests(), failures::tests(), kept::tests(), reach::tests()]
        .into_iter()
        .flatten()
        .collect()
}

/// A trial on a current-thread runtime of its own.
fn trial<F: Future<Output = ()>>(name: &str, test: impl FnOnce() -> F + Send + 'static) -> Trial {
    Trial::test(format!("wire::{name}"), move || {
        tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(test());
        Ok(())
    })
}

/// An endpoint out of its configuration, or the problems.
fn endpoint_of(config: &str) -> Result<Endpoint, String> {
    let built = read(&Source::inline("test.toml", config), |root| {
        let endpoint = Endpoint::build(root);
        root.finish();
        endpoint
    });
    built.map_err(|problems| problems.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"))
}

fn endpoint(url: &str, more: &str) -> Endpoint {
    endpoint_of(&format!("url = '{url}'\n{more}")).unwrap()
}

fn prompt() -> Prompt {
    Prompt::of([Message { role: Role::User, content: "6*7?".into() }])
}

async fn ask_over(connected: Box<Connected>, endpoint: &Endpoint) -> Outcome {
    let provider = adapter("openai-chat");
    connected.exchange(endpoint, &*provider, provider.request(&prompt()), ready(Departure::now())).await
}

async fn ask(endpoint: &Endpoint) -> Outcome {
    ask_over(connect(endpoint).await.unwrap(), endpoint).await
}

/// A streamed response: head, and the body in one chunk.
fn streamed(body: &str) -> Vec<u8> {
    [head().as_slice(), &chunk(body), b"0\r\n\r\n"].concat()
}

fn head() -> Vec<u8> {
    b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n".to_vec()
}

fn chunk(body: &str) -> Vec<u8> {
    format!("{:x}\r\n{body}\r\n", body.len()).into_bytes()
}

/// A response of known length.
fn response(status_line: &str, headers: &str, body: &str) -> Vec<u8> {
    format!("HTTP/1.1 {status_line}\r\n{headers}content-length: {}\r\n\r\n{body}", body.len()).into_bytes()
}

fn delta(text: &str) -> String {
    format!("data: {{\"choices\":[{{\"index\":0,\"delta\":{{\"content\":\"{text}\"}}}}]}}\n\n")
}

const FINISH: &str = "data: {\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"stop\"}]}\n\n";
const DONE: &str = "data: [DONE]\n\n";

/// The fault of an outcome as text.
fn said(outcome: &Outcome) -> String {
    outcome.fault.as_ref().map_or_else(|| "no fault".into(), ToString::to_string)
}
