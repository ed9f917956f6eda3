//! The floor: the least that a client can do and still know when each token came. One thread, hyper on connections that
//! stay open, events cut at line ends, every event's JSON read into types; instants are taken where bytes come out of
//! HTTP. Nothing is graded, priced, stored or shown: what assayd costs beyond this is what those cost.
//!
//! `floor ADDRESS CONCURRENCY REQUESTS TOKENS` asks `POST /v1/chat/completions` so often, so many at a time, and prints
//! its figures as one JSON object. Durations are in nanoseconds, quantiles are nearest ranks.

use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper::client::conn::http1::{SendRequest, handshake};
use hyper_util::rt::TokioIo;
use rustix::time::{ClockId, clock_gettime};
use serde::Deserialize;
use std::borrow::Cow;
use std::cell::{Cell, RefCell};
use std::error::Error;
use std::process::ExitCode;
use std::rc::Rc;
use tokio::net::TcpStream;
use tokio::sync::Barrier;
use tokio::task::{LocalSet, spawn_local};

#[derive(Deserialize)]
struct Chunk<'a> {
    #[serde(borrow)]
    choices: Vec<Choice<'a>>,
    usage: Option<Usage>,
}

#[derive(Deserialize)]
struct Choice<'a> {
    #[serde(borrow)]
    delta: Delta<'a>,
    #[serde(borrow)]
    finish_reason: Option<Cow<'a, str>>,
}

#[derive(Deserialize)]
struct Delta<'a> {
    #[serde(borrow, default)]
    content: Option<Cow<'a, str>>,
}

#[derive(Deserialize)]
struct Usage {
    completion_tokens: u64,
}

/// One answered request.
#[derive(Default)]
struct Answered {
    sent: u64,
    tokens: Vec<u64>,
    counted: u64,
    finished: bool,
}

struct Load {
    address: String,
    bodies: RefCell<Vec<Bytes>>,
    answered: RefCell<Vec<Answered>>,
    failed: Cell<u64>,
}

fn now() -> u64 {
    let t = clock_gettime(ClockId::Monotonic);
    t.tv_sec.unsigned_abs() * 1_000_000_000 + t.tv_nsec.unsigned_abs()
}

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("floor: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run() -> Result<(), Box<dyn Error>> {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let [address, concurrency, requests, tokens] = words.as_slice() else {
        return Err("usage: floor ADDRESS CONCURRENCY REQUESTS TOKENS".into());
    };
    let (concurrency, requests, tokens): (usize, u64, u64) = (concurrency.parse()?, requests.parse()?, tokens.parse()?);
    let load = Rc::new(Load {
        address: address.clone(),
        bodies: RefCell::new((0..requests).map(|n| body(n, tokens)).collect()),
        answered: RefCell::default(),
        failed: Cell::new(0),
    });
    let runtime = tokio::runtime::Builder::new_current_thread().enable_io().build()?;
    LocalSet::new().block_on(&runtime, async {
        let start = Rc::new(Barrier::new(concurrency));
        let streams: Vec<_> =
            (0..concurrency).map(|_| spawn_local(stream(Rc::clone(&load), Rc::clone(&start)))).collect();
        for stream in streams {
            if !matches!(stream.await, Ok(Ok(()))) {
                load.failed.set(load.failed.get() + 1);
            }
        }
    });
    println!("{}", figures(&load.answered.borrow(), load.failed.get()));
    Ok(())
}

/// About 64 tokens of question.
fn body(number: u64, tokens: u64) -> Bytes {
    let question = format!("[{number:06}] {}What is {} + {}?", "hello ".repeat(56), 10 + number % 90, 11 + number % 80);
    let body = serde_json::json!({
        "model": "mock",
        "messages": [{ "role": "user", "content": question }],
        "stream": true,
        "stream_options": { "include_usage": true },
        "max_tokens": tokens,
    });
    body.to_string().into()
}

/// Asks until nothing is left to ask, over one connection; a new one only where it broke.
async fn stream(load: Rc<Load>, start: Rc<Barrier>) -> Result<(), Box<dyn Error>> {
    let mut sender = Some(connect(&load.address).await?);
    start.wait().await;
    loop {
        let Some(body) = load.bodies.borrow_mut().pop() else { return Ok(()) };
        let mut open = match sender.take() {
            Some(open) => open,
            None => connect(&load.address).await?,
        };
        match ask(&mut open, &load.address, body).await {
            Ok(answered) if answered.finished => {
                load.answered.borrow_mut().push(answered);
                sender = Some(open);
            }
            Ok(_) | Err(_) => load.failed.set(load.failed.get() + 1),
        }
    }
}

async fn connect(address: &str) -> Result<SendRequest<Full<Bytes>>, Box<dyn Error>> {
    let tcp = TcpStream::connect(address).await?;
    tcp.set_nodelay(true)?;
    let (sender, connection) = handshake(TokioIo::new(tcp)).await?;
    spawn_local(connection);
    Ok(sender)
}

async fn ask(open: &mut SendRequest<Full<Bytes>>, address: &str, body: Bytes) -> Result<Answered, Box<dyn Error>> {
    open.ready().await?;
    let request = hyper::Request::post("/v1/chat/completions")
        .header("host", address)
        .header("content-type", "application/json")
        .header("accept", "text/event-stream")
        .body(Full::new(body))?;
    let mut answered = Answered { sent: now(), ..Answered::default() };
    let response = open.send_request(request).await?;
    if !response.status().is_success() {
        return Err(format!("status {}", response.status()).into());
    }
    let (mut body, mut line) = (response.into_body(), Vec::new());
    while let Some(frame) = body.frame().await {
        let frame = frame?;
        let Some(mut piece) = frame.data_ref().map(|data| &data[..]) else { continue };
        let at = now();
        while let Some(end) = memchr::memchr(b'\n', piece) {
            let (head, tail) = piece.split_at(end);
            piece = tail.get(1..).unwrap_or_default();
            if line.is_empty() {
                event(head, at, &mut answered)?;
            } else {
                line.extend_from_slice(head);
                event(&line, at, &mut answered)?;
                line.clear();
            }
        }
        line.extend_from_slice(piece);
    }
    Ok(answered)
}

fn event(line: &[u8], at: u64, answered: &mut Answered) -> Result<(), serde_json::Error> {
    let Some(data) = line.strip_prefix(b"data: ").filter(|data| *data != b"[DONE]") else { return Ok(()) };
    let chunk: Chunk<'_> = serde_json::from_slice(data)?;
    if let Some(usage) = chunk.usage {
        answered.counted = usage.completion_tokens;
    }
    if let Some(choice) = chunk.choices.first() {
        if choice.delta.content.as_deref().is_some_and(|text| !text.is_empty()) {
            answered.tokens.push(at);
        }
        answered.finished |= choice.finish_reason.is_some();
    }
    Ok(())
}

fn figures(answered: &[Answered], failed: u64) -> serde_json::Value {
    let firsts = answered.iter().filter_map(|a| Some(a.tokens.first()? - a.sent));
    let lasts = answered.iter().filter_map(|a| Some(a.tokens.last()? - a.sent));
    let gaps = answered.iter().flat_map(|a| a.tokens.windows(2).filter_map(|w| Some(w.last()? - w.first()?)));
    serde_json::json!({
        "requests": answered.len(),
        "failed": failed,
        "tokens": answered.iter().map(|a| a.counted).sum::<u64>(),
        "ttft_ns": quantiles(firsts.collect()),
        "gap_ns": quantiles(gaps.collect()),
        "e2e_ns": quantiles(lasts.collect()),
    })
}

/// Nearest ranks.
fn quantiles(mut values: Vec<u64>) -> serde_json::Value {
    values.sort_unstable();
    let at = |percent: usize| values.get((values.len() * percent).div_ceil(100).max(1) - 1);
    serde_json::json!({ "p50": at(50), "p99": at(99) })
}
