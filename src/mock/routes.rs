//! What is asked on a connection, and who answers it.

use super::clock;
use super::conn::{Arrival, Conn, Played};
use super::faults;
use super::http;
use super::openai::{self, Chat};
use super::report::{self, Format};
use super::request::Request;
use super::script::{JSON, Script, refuse, script};
use super::settings::Settings;
use super::truth::Record;
use super::values::Length;
use super::{Behaviour, Mock};
use crate::domain::Nanos;
use std::io;
use std::sync::Arc;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// Serves one connection to its end. An error ends it; there is nobody to tell.
pub(super) async fn converse(mut conn: Conn, mock: Arc<Mock>) {
    while let Ok(Next::Request) = turn(&mut conn, &mock).await {}
}

/// What becomes of the connection.
#[derive(Debug, PartialEq, Eq)]
enum Next {
    Request,
    Close,
}

async fn turn(conn: &mut Conn, mock: &Mock) -> io::Result<Next> {
    let (request, received) = match conn.request().await? {
        Arrival::End => return Ok(Next::Close),
        Arrival::Request(request, received) => (request, received),
        Arrival::Refused(refusal) => {
            let body = openai::error("invalid_request_error", "bad_request", &refusal.message);
            conn.send(&http::whole(refusal.status, JSON, &[("connection", "close".into())], &body)).await?;
            return Ok(Next::Close);
        }
    };
    let keep = if request.keep_alive { Next::Request } else { Next::Close };
    let summary_only = request.query.split('&').any(|pair| pair == "summary=1");
    let reply = match (request.method.as_str(), request.path.as_str()) {
        ("POST", "/v1/chat/completions") => {
            let after = chat(conn, mock, &request, received).await?;
            return Ok(if after == Next::Close { after } else { keep });
        }
        ("GET", "/__truth") if !summary_only => {
            records(conn, mock, Format::Json).await?;
            return Ok(keep);
        }
        ("GET", "/__truth.csv") => {
            records(conn, mock, Format::Csv).await?;
            return Ok(keep);
        }
        ("GET", "/__truth") => ok(report::summary(&mock.log()).to_string().into_bytes()),
        ("GET", "/v1/models") => models(&mock.behaviour().settings, &request),
        ("GET", "/health") => ok(b"{\"status\":\"ok\"}".to_vec()),
        ("POST", "/__reset") => {
            mock.log().reset();
            ok(b"{}".to_vec())
        }
        ("POST", "/__set") => match mock.change(&request.body) {
            Ok(settings) => ok(format!("{settings:?}").into_bytes()),
            Err(error) => http::whole(400, JSON, &[], &invalid(&error.to_string())),
        },
        (
            _,
            "/v1/chat/completions" | "/v1/models" | "/health" | "/__truth" | "/__truth.csv" | "/__reset" | "/__set",
        ) => http::whole(405, JSON, &[], &invalid(&format!("{} is not for {}", request.method, request.path))),
        (_, path) => http::whole(
            404,
            JSON,
            &[],
            &openai::error("invalid_request_error", "not_found", &format!("there is no {path} here")),
        ),
    };
    conn.send(&reply).await?;
    Ok(keep)
}

fn ok(body: Vec<u8>) -> Vec<u8> {
    http::whole(200, JSON, &[], &body)
}

fn invalid(message: &str) -> Vec<u8> {
    openai::error("invalid_request_error", "invalid_request", message)
}

const WRONG_KEY: (&str, &str, &str) = ("invalid_request_error", "invalid_api_key", "the key is missing or wrong");

fn key_fits(settings: &Settings, request: &Request) -> bool {
    settings.key.as_deref().is_none_or(|key| request.bearer.as_deref() == Some(key))
}

fn models(settings: &Settings, request: &Request) -> Vec<u8> {
    if key_fits(settings, request) {
        ok(openai::models(&settings.model))
    } else {
        let (kind, code, message) = WRONG_KEY;
        http::whole(401, JSON, &[], &openai::error(kind, code, message))
    }
}

/// Decides on, plays and records one chat request.
async fn chat(conn: &mut Conn, mock: &Mock, request: &Request, received: Nanos) -> io::Result<Next> {
    let (generation, sequence) = mock.log().arrive();
    let Behaviour { settings, gate } = mock.behaviour();
    let read = Chat::read(&request.body);
    let (script, fault) = match admit(&settings, request, read.as_ref()) {
        Err(refusal) => (*refusal, None),
        Ok(chat) => {
            let fault = faults::drawn(&settings.faults, settings.seed, sequence);
            let ruling = mock.rate().rule(&settings, chat, received);
            let script = match ruling.refused {
                true => refuse(429, &[], "rate_limit_error", "rate_limit_exceeded", "the window is used up"),
                false => script(&settings, sequence, chat, fault),
            };
            (ruling.told(script), fault.filter(|_| !ruling.refused))
        }
    };
    // Only answers take capacity: a refusal costs nothing.
    let gate = gate.filter(|_| script.status == 200);
    let (permit, started, mut played) = match enter(conn, gate, received).await {
        Ok((permit, started)) => (permit, started, conn.play(&script, started).await),
        Err(_) => (None, received, Played { gone: true, ..Played::default() }),
    };
    let ended = clock::now();
    drop(permit);
    let Script { status, close, intent, .. } = &script;
    let gone = played.gone;
    let late = std::mem::take(&mut played.late);
    let (prompt, history) = read.map(|chat| (chat.prompt.into(), chat.history)).unwrap_or_default();
    let record = Record {
        sequence,
        prompt,
        history,
        received,
        started,
        status: *status,
        outcome: played.outcome(&script),
        fault,
        figures: played.figures(script.figures),
        usage_sent: played.usage_sent,
        known: intent.known.as_deref().map(Into::into),
        said: intent.said.as_deref().filter(|_| played.said).map(Into::into),
        writes: played.writes.shrunk(),
        ended,
    };
    let mut log = mock.log();
    for late in late {
        log.late.add(late);
    }
    log.finish(generation, record, settings.truth_bytes);
    Ok(if *close || gone { Next::Close } else { Next::Request })
}

/// Waits for a place, unless the client leaves before: the place, and when it was got.
async fn enter(
    conn: &mut Conn,
    gate: Option<Arc<Semaphore>>,
    received: Nanos,
) -> io::Result<(Option<OwnedSemaphorePermit>, Nanos)> {
    let Some(gate) = gate else { return Ok((None, received)) };
    if let Ok(permit) = Arc::clone(&gate).try_acquire_owned() {
        return Ok((Some(permit), received));
    }
    let permit = conn.unless_gone(gate.acquire_owned()).await?;
    Ok((permit.ok(), clock::now()))
}

/// Whether a request is answered at all.
fn admit<'a>(settings: &Settings, request: &Request, read: Result<&'a Chat, &String>) -> Result<&'a Chat, Box<Script>> {
    let refuse =
        |status, kind: &str, code: &str, message: &str| Err(Box::new(refuse(status, &[], kind, code, message)));
    let invalid = |message: &str| refuse(400, "invalid_request_error", "invalid_request", message);
    if !key_fits(settings, request) {
        let (kind, code, message) = WRONG_KEY;
        return refuse(401, kind, code, message);
    }
    let chat = match read {
        Ok(chat) => chat,
        Err(message) => return invalid(message),
    };
    if settings.strict_model && chat.model != settings.model {
        let message = format!("the model {:?} does not exist", chat.model);
        return refuse(404, "invalid_request_error", "model_not_found", &message);
    }
    let most = if settings.tokens == Length::MaxTokens { Length::MOST } else { u32::MAX };
    if chat.max_tokens.is_some_and(|n| n == 0 || n > most) {
        return invalid(&format!("max_tokens must be from 1 to {most}"));
    }
    Ok(chat)
}

/// Sends the records in chunks, a page at a time; after a reset on the way it ends where it stands.
async fn records(conn: &mut Conn, mock: &Mock, format: Format) -> io::Result<()> {
    let (kind, opening, closing) = match format {
        Format::Json => (JSON, format!("{{\"summary\":{},\"records\":[", report::summary(&mock.log())), "]}"),
        Format::Csv => ("text/csv; charset=utf-8", report::COLUMNS.to_owned(), ""),
    };
    let mut out = http::chunked_head(200, kind, &[]);
    http::push_chunk(&mut out, opening.as_bytes());
    conn.send(&out).await?;
    let generation = mock.log().generation;
    let mut next = 0;
    loop {
        let page = {
            let log = mock.log();
            if log.generation == generation { report::page(&log, format, next) } else { None }
        };
        let Some((page, after)) = page else { break };
        next = after;
        out.clear();
        http::push_chunk(&mut out, &page);
        conn.send(&out).await?;
        tokio::task::yield_now().await;
    }
    out.clear();
    if !closing.is_empty() {
        http::push_chunk(&mut out, closing.as_bytes());
    }
    out.extend_from_slice(http::LAST_CHUNK);
    conn.send(&out).await.map(|_| ())
}
