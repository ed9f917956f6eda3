//! One exchange over an established connection: everything that happens is data in its outcome.
//!
//! The connection, the response head and the body are polled by one task, in turn, and never spawned apart. So no
//! other task has to wake up for a token, and a stamp belongs to its bytes: HTTP reads from the socket only when its
//! buffer is used up, and gives on at most one piece of body before it waits for us to take it; when a piece comes
//! out, the wrapper's latest read stamp is that of the read which completed it. Events that came with one read have
//! one instant; an event over several reads has the last one's.

use super::aside::aside;
use super::connect::{Connected, Phases, Stream};
use super::deadline::Deadlines;
use super::departures::{Departure, depart};
use super::endpoint::Endpoint;
use super::headers::{limits, reported_cost, retry_after};
use super::now;
use super::reading::Reading;
use super::stamp::Stamps;
use super::within::Within;
use crate::domain::{Answer, Failure, Fault, Nanos, StampSource, Timing};
use crate::provider::{Framing, Provider, Request};
use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper::client::conn::http1::Connection;
use hyper::http::{HeaderMap, HeaderValue, Response, StatusCode};
use hyper_util::rt::TokioIo;
use std::error::Error;
use std::future::{Future, poll_fn};
use std::io::ErrorKind;
use std::ops::ControlFlow;
use std::pin::{Pin, pin};
use std::task::{Context, Poll};

/// The most of an error body that is read, in bytes.
const MAX_ERROR_BODY: usize = 64 << 10;

/// What came of an exchange.
#[derive(Debug, Clone, PartialEq)]
pub struct Outcome {
    /// When.
    pub timing: Timing,
    /// What came, as far as it came.
    pub answer: Answer,
    /// Why it failed; none on success.
    pub fault: Option<Fault>,
    /// The HTTP status, where a response came.
    pub status: Option<u16>,
    /// How long bytes of the answer lay in the kernel before they were read, at the 99th percentile of its reads: this
    /// client's own lag. None where the kernel gave no stamps.
    pub client_lag: Option<Nanos>,
    /// The response's headers that tell of rate limits.
    pub rate_headers: Vec<(String, String)>,
}

impl Connected {
    /// Sends the request and reads its answer. `leave` says when, shortly before it; until then everything is made ready,
    /// so that nothing is left to do at that instant but to write.
    ///
    /// Dropping the future closes the connection.
    pub async fn exchange(
        mut self: Box<Self>,
        endpoint: &Endpoint,
        provider: &dyn Provider,
        request: Request,
        leave: impl Future<Output = Departure>,
    ) -> Outcome {
        let home = self.home.take();
        let Self { phases: Phases { dns, connect, tls }, sender, connection, stamps, reused, .. } = &mut *self;
        let mut timing = Timing { dns: *dns, connect: *connect, tls: *tls, ..Timing::default() };
        let mut reading = Reading::new(provider, endpoint.max_answer_bytes());
        let (mut status, mut rate_headers, mut reported, mut body) = (None, Vec::new(), None, None);

        let result = async {
            let request = match http_request(endpoint, provider, request) {
                Ok(request) => request,
                Err(fault) => {
                    timing.scheduled = leave.await.scheduled;
                    return Err(fault);
                }
            };
            let mut sending = pin!(sender.send_request(request));
            let mut within = Within::new();
            let time = stamps.hold();
            let early = poll_fn(|cx| {
                Poll::Ready(match within.poll(cx, |cx| step(connection, cx, sending.as_mut())) {
                    Poll::Ready(response) => Some(response),
                    Poll::Pending => None,
                })
            })
            .await;
            let Departure { scheduled, at } = leave.await;
            timing.scheduled = scheduled;
            stamps.arm();
            let mut line = Line { connection, deadlines: Deadlines::start(endpoint.timeouts()), within };
            let response = match early {
                None => {
                    depart(at, stamps, time).await;
                    line.wait(sending).await?
                }
                // The connection had ended.
                Some(Err(error)) => Err(error),
                Some(Ok(_)) => {
                    let said = "the server answered before it was asked, and closed the connection";
                    return Err(Fault::new(Failure::Connect, said));
                }
            };
            let response = response.map_err(|e| head_fault(&e, stamps.any_answer()))?;
            status = Some(response.status().as_u16());
            rate_headers = limits(response.headers());
            reported = reported_cost(response.headers());
            if response.status().is_success() {
                let body = accepted(response).map(|accepted| body.insert(accepted))?;
                read_answer(&mut line, body, stamps, &mut reading, &mut timing).await
            } else {
                Err(Box::pin(refusal(&mut line, response, provider)).await)
            }
        }
        .await;

        timing.send = stamps.send();
        timing.stamps = if stamps.any_answer() { stamps.source() } else { StampSource::Read };
        let client_lag = stamps.lag().filter(|_| stamps.any_answer());
        let fault = result.err().map(|fault| Fault { detail: endpoint.secrets().scrub(&fault.detail), ..fault });
        // A stream ends with its last bytes; a timeout ends it by itself.
        let silent = matches!(
            fault.as_ref().map(|f| f.kind),
            Some(Failure::TimeoutFirstToken | Failure::TimeoutIdle | Failure::TimeoutTotal)
        );
        timing.end = timing.send.map(|sent| if silent { now() } else { stamps.read().max(sent) });
        // What follows (closing, grading, recording) takes long beside reading a token.
        aside().await;
        match (home, body) {
            (Some(home), Some(body)) if fault.is_none() => {
                home.keep(self, body);
            }
            // Used again, and closed without a byte: by a server that does not keep what it promises. (Silence is no such.)
            (Some(home), None) if *reused && fault.as_ref().is_some_and(|f| f.kind == Failure::Connect) => {
                home.distrust()
            }
            _ => {}
        }
        let mut answer = reading.into_answer();
        // The body's own word comes last, when all was counted.
        answer.reported_cost = answer.reported_cost.or(reported);
        Outcome { timing, answer, fault, status, client_lag, rate_headers }
    }
}

/// The connection and the deadlines, which everything that is waited for is waited for with.
struct Line<'a> {
    connection: &'a mut Driven,
    deadlines: Deadlines,
    within: Within,
}

impl Line<'_> {
    /// Waits for something the connection brings, driving the connection meanwhile.
    async fn wait<F: Future>(&mut self, mut what: Pin<&mut F>) -> Result<F::Output, Fault> {
        let Self { connection, deadlines, within } = self;
        poll_fn(|cx| {
            if let Poll::Ready(output) = within.poll(cx, |cx| step(connection, cx, what.as_mut())) {
                return Poll::Ready(Ok(output));
            }
            deadlines.poll(cx).map(Err)
        })
        .await
    }
}

/// HTTP's side of a connection, until it ends: it moves only when it is polled.
pub type Driven = Option<Connection<TokioIo<Stream>, Full<Bytes>>>;

/// Polls something that a connection brings, and the connection with it.
pub fn drive<F: Future>(connection: &mut Driven, cx: &mut Context<'_>, mut what: Pin<&mut F>) -> Poll<F::Output> {
    if let Poll::Ready(output) = step(connection, cx, what.as_mut()) {
        return Poll::Ready(output);
    }
    what.poll(cx)
}

/// The same, without a look at what the connection brought: that wakes, and is there at the next step.
fn step<F: Future>(connection: &mut Driven, cx: &mut Context<'_>, what: Pin<&mut F>) -> Poll<F::Output> {
    // First what is there already: it must be taken before the connection reads on, or it would get a later stamp.
    if let Poll::Ready(output) = what.poll(cx) {
        return Poll::Ready(output);
    }
    if let Some(driven) = connection
        && Pin::new(driven).poll(cx).is_ready()
    {
        // Its error, if any, was handed to what waits for it.
        *connection = None;
    }
    Poll::Pending
}

fn http_request(
    endpoint: &Endpoint,
    provider: &dyn Provider,
    request: Request,
) -> Result<hyper::Request<Full<Bytes>>, Fault> {
    let Request { path, headers, body } = request;
    let (framing, key) = provider.framing();
    let accept = if framing == Framing::Sse { "text/event-stream" } else { "application/json" };
    let mut built = hyper::Request::post(endpoint.request_target(&path)?)
        .header("host", endpoint.authority())
        .header("content-type", "application/json")
        .header("accept", accept)
        .header("user-agent", concat!("assayd/", env!("CARGO_PKG_VERSION")));
    for (name, value) in headers {
        built = built.header(name, value);
    }
    let mut built =
        built.body(Full::new(body)).map_err(|e| Fault::new(Failure::Protocol, format!("the request: {e}")))?;
    endpoint.put_headers(key, built.headers_mut());
    Ok(built)
}

/// The body of an accepted request's response.
fn accepted(response: Response<Incoming>) -> Result<Incoming, Fault> {
    let encoding = response.headers().get("content-encoding").map(HeaderValue::as_bytes);
    if let Some(encoding) = encoding.filter(|e| *e != b"identity") {
        let name = String::from_utf8_lossy(encoding);
        return Err(Fault::new(Failure::Protocol, format!("content-encoding {name}, which was not asked for")));
    }
    Ok(response.into_body())
}

async fn read_answer(
    line: &mut Line<'_>,
    body: &mut Incoming,
    stamps: &Stamps,
    reading: &mut Reading<'_>,
    timing: &mut Timing,
) -> Result<(), Fault> {
    loop {
        let frame = match line.wait(pin!(body.frame())).await? {
            None => return reading.finish(stamps.read(), timing),
            Some(Err(e)) => return Err(body_fault(&e)),
            Some(Ok(frame)) => frame,
        };
        let at = stamps.read();
        let Ok(bytes) = frame.into_data() else { continue };
        let flow = reading.take(&bytes, at, timing)?;
        if timing.first.is_some() {
            line.deadlines.first_came();
        }
        if let ControlFlow::Break(()) = flow {
            return reading.complete();
        }
        line.deadlines.bytes_came()?;
    }
}

/// Names the failure of a response that is not 2xx.
async fn refusal(line: &mut Line<'_>, response: Response<Incoming>, provider: &dyn Provider) -> Fault {
    let (head, mut body) = response.into_parts();
    let status = head.status;
    if status == StatusCode::PROXY_AUTHENTICATION_REQUIRED {
        return Fault::new(Failure::Connect, "the proxy asks for a user and password").with_status(status.as_u16());
    }
    let mut text = Vec::new();
    // What can't be read of it is not worth another failure.
    while let Ok(Some(Ok(frame))) = line.wait(pin!(body.frame())).await {
        let Ok(bytes) = frame.into_data() else { continue };
        let room = MAX_ERROR_BODY.saturating_sub(text.len());
        text.extend(bytes.iter().take(room));
        if text.len() >= MAX_ERROR_BODY {
            break;
        }
    }
    let mut fault = provider.refuse(status.as_u16(), &text);
    if status.is_redirection() {
        fault.detail = redirection(&head.headers);
    }
    if fault.detail.is_empty() {
        status.canonical_reason().unwrap_or("no reason was given").clone_into(&mut fault.detail);
    }
    fault.retry_after = retry_after(&head.headers, jiff::Timestamp::now()).or(fault.retry_after);
    fault.status = Some(status.as_u16());
    fault
}

fn redirection(headers: &HeaderMap) -> String {
    let place = headers.get("location").and_then(|v| v.to_str().ok()).unwrap_or_default();
    let place = place.split(['?', '#']).next().unwrap_or_default();
    Fault::new(Failure::Http4xx, format!("redirected to {place:?}; redirects are not followed: set the target's url"))
        .detail
}

/// Why no response head came.
fn head_fault(error: &hyper::Error, any_byte: bool) -> Fault {
    let said = chain(error);
    if !any_byte && of_tls(error) {
        // With TLS 1.3 a server refuses a client's certificate only after the client's side of the handshake is done.
        return Fault::new(Failure::Tls, format!("the server ended TLS before any byte of the answer: {said}"));
    }
    if !any_byte {
        return Fault::new(Failure::Connect, format!("the connection ended before any byte of the answer: {said}"));
    }
    if error.is_parse_too_large() {
        return Fault::new(Failure::TooLarge, "the response head is too large");
    }
    if error.is_parse() {
        return Fault::new(Failure::Protocol, format!("the answer is not HTTP/1.1: {said}"));
    }
    Fault::new(Failure::Truncated, format!("the connection ended within the response head: {said}"))
}

/// Why a body broke off.
fn body_fault(error: &hyper::Error) -> Fault {
    let mut source = error.source();
    while let Some(inner) = source {
        let io = inner.downcast_ref::<std::io::Error>();
        if io.is_some_and(|e| matches!(e.kind(), ErrorKind::InvalidInput | ErrorKind::InvalidData)) {
            return Fault::new(Failure::Protocol, format!("the body breaks HTTP's rules: {}", chain(error)));
        }
        source = inner.source();
    }
    Fault::new(Failure::Truncated, format!("the stream was cut: {}", chain(error)))
}

/// An error with its causes, each once.
pub fn chain(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(inner) = source {
        let more = inner.to_string();
        if !text.contains(&more) {
            text.push_str(": ");
            text.push_str(&more);
        }
        source = inner.source();
    }
    text
}

/// Whether TLS is among the causes of an error.
pub fn of_tls(error: &(dyn Error + 'static)) -> bool {
    std::iter::successors(Some(error), |&e| e.source()).any(|e| {
        // An io::Error names as its cause its payload's cause, and not the payload itself, where rustls's error is.
        let payload = e.downcast_ref::<std::io::Error>().and_then(std::io::Error::get_ref);
        e.is::<rustls::Error>() || payload.is_some_and(|inner| of_tls(inner))
    })
}
