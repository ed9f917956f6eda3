//! The HTTP side over real sockets: what it answers, and what it does with clients that are slow, many or gone.

use crate::metrics::{figures, with_view};
use assayd::api::{Drained, Facts, Limits, Phase, RunState, Status, bind, routes, serve};
use assayd::board::Figures;
use assayd::domain::Money;
use assayd::export::metrics::{Format, View, render};
use assayd::export::report::Report;
use libtest_mimic::{Failed, Trial};
use std::io::{ErrorKind, Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::time::Duration;

type Outcome = Result<(), Failed>;

/// Longer than anything here takes; a test that waits so long has failed.
const PATIENCE: Duration = Duration::from_secs(20);

/// This module's tests.
pub fn tests() -> Vec<Trial> {
    vec![
        Trial::test("api::metrics_are_the_exposition", metrics_are_the_exposition),
        Trial::test("api::openmetrics_by_accept_and_gzip_by_accept_encoding", negotiated),
        Trial::test("api::a_scrape_is_never_later_than_its_client_waits", late_scrapes),
        Trial::test("api::only_so_many_scrapes_go_on_at_once", crowded_scrapes),
        Trial::test("api::health_and_readiness", health_and_readiness),
        Trial::test("api::the_page_shows_rows_and_runs", the_page_shows_rows_and_runs),
        Trial::test("api::the_page_escapes_what_is_not_ours", the_page_escapes_what_is_not_ours),
        Trial::test("api::the_report_is_json", the_report_is_json),
        Trial::test("api::head_is_get_without_a_body", head_is_get_without_a_body),
        Trial::test("api::other_paths_and_methods_are_refused_in_plain_text", other_paths_and_methods),
        Trial::test("api::every_answer_is_guarded", every_answer_is_guarded),
        Trial::test("api::a_large_body_is_refused", a_large_body_is_refused),
        Trial::test("api::a_panic_costs_one_request", a_panic_costs_one_request),
        Trial::test("api::slow_headers_are_dropped", slow_headers_are_dropped),
        Trial::test("api::too_many_connections_wait", too_many_connections_wait),
        Trial::test("api::a_connection_has_a_lifetime", a_connection_has_a_lifetime),
        Trial::test("api::drain_finishes_what_is_in_flight", drain_finishes_what_is_in_flight),
        Trial::test("api::drain_cuts_after_the_grace", drain_cuts_after_the_grace),
        Trial::test("api::drain_does_not_wait_for_idle_connections", drain_does_not_wait_for_idle_connections),
        Trial::test("api::every_address_is_served", every_address_is_served),
    ]
}

/// Facts under a test's control.
#[derive(Default)]
struct Fake {
    reports: Vec<Report>,
    status: Status,
    not_ready: Option<String>,
    panics: bool,
    /// A view tells that it was asked for, and waits until the test lets go of the other end.
    gate: Mutex<Option<(Sender<()>, Receiver<()>)>>,
    /// Every view waits here until the test opens it.
    crowd: Option<Arc<Crowd>>,
}

/// Views that wait.
#[derive(Default)]
struct Crowd {
    /// How many are in, the most there were at once, and whether the door is open.
    state: Mutex<(usize, usize, bool)>,
    changed: Condvar,
}

impl Crowd {
    fn pass(&self) {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        state.0 += 1;
        state.1 = state.1.max(state.0);
        self.changed.notify_all();
        let mut state = self.changed.wait_while(state, |(_, _, open)| !*open).unwrap_or_else(PoisonError::into_inner);
        state.0 -= 1;
    }

    /// Waits until so many are in.
    fn wait_for(&self, many: usize) -> Outcome {
        let state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let waited = self.changed.wait_timeout_while(state, PATIENCE, |(inside, _, _)| *inside < many);
        let (state, timeout) = waited.unwrap_or_else(PoisonError::into_inner);
        if timeout.timed_out() { Err(format!("{} are in", state.0).into()) } else { Ok(()) }
    }

    /// Opens the door; the most that were in at once.
    fn open(&self) -> usize {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        state.2 = true;
        self.changed.notify_all();
        state.1
    }
}

impl Facts for Fake {
    fn view(&self, read: &mut dyn FnMut(&View<'_>)) {
        if self.panics {
            // A panic without the message that the hook would print.
            std::panic::resume_unwind(Box::new("on purpose"));
        }
        let gate = self.gate.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some((entered, released)) = gate {
            let _ = entered.send(());
            let _ = released.recv();
        }
        self.crowd.iter().for_each(|crowd| crowd.pass());
        drop(with_view(|view| read(view)));
    }

    fn ready(&self) -> Result<(), String> {
        self.not_ready.clone().map_or(Ok(()), Err)
    }

    fn reports(&self) -> Vec<Report> {
        self.reports.clone()
    }

    fn status(&self) -> Status {
        self.status.clone()
    }
}

/// A server on a thread of its own.
struct Server {
    addresses: Vec<SocketAddr>,
    stop: Option<tokio::sync::oneshot::Sender<()>>,
    ended: Receiver<std::io::Result<Drained>>,
}

impl Server {
    fn start(facts: Fake, limits: Limits) -> Result<Self, Failed> {
        Self::start_on(1, facts, limits)
    }

    fn start_on(addresses: usize, facts: Fake, limits: Limits) -> Result<Self, Failed> {
        let listeners = bind(&vec![SocketAddr::from(([127, 0, 0, 1], 0)); addresses])?;
        let addresses = listeners.iter().map(std::net::TcpListener::local_addr).collect::<Result<_, _>>()?;
        let (stop, stopped) = tokio::sync::oneshot::channel();
        let (end, ended) = channel();
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build()?;
        std::thread::spawn(move || {
            let shutdown = async { drop(stopped.await) };
            drop(end.send(runtime.block_on(serve(listeners, routes(Arc::new(facts)), limits, shutdown))));
        });
        Ok(Self { addresses, stop: Some(stop), ended })
    }

    fn address(&self) -> Result<SocketAddr, Failed> {
        Ok(*self.addresses.first().ok_or("no address")?)
    }

    fn connect(&self) -> Result<TcpStream, Failed> {
        connect(self.address()?)
    }

    fn ask(&self, method: &str, path: &str) -> Result<Reply, Failed> {
        let mut stream = self.connect()?;
        write!(stream, "{method} {path} HTTP/1.1\r\nhost: test\r\nconnection: close\r\n\r\n")?;
        rest(&mut stream)
    }

    fn ask_with(&self, method: &str, headers: &str) -> Result<(Reply, Vec<u8>), Failed> {
        ask_with(self.address()?, method, headers)
    }

    fn stop(&mut self) {
        drop(self.stop.take());
    }

    fn end(mut self) -> Result<Drained, Failed> {
        self.stop();
        Ok(self.ended.recv_timeout(PATIENCE)??)
    }
}

fn connect(address: SocketAddr) -> Result<TcpStream, Failed> {
    let stream = TcpStream::connect_timeout(&address, PATIENCE)?;
    stream.set_read_timeout(Some(PATIENCE))?;
    stream.set_write_timeout(Some(PATIENCE))?;
    Ok(stream)
}

/// Asks for the metrics with headers, each with its line's end; the body as bytes.
fn ask_with(address: SocketAddr, method: &str, headers: &str) -> Result<(Reply, Vec<u8>), Failed> {
    let mut stream = connect(address)?;
    write!(stream, "{method} /metrics HTTP/1.1\r\nhost: test\r\nconnection: close\r\n{headers}\r\n")?;
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer)?;
    let end = answer.windows(4).position(|four| four == b"\r\n\r\n").ok_or("no end of the head")? + 4;
    let body = answer.split_off(end);
    let head = String::from_utf8(answer)?;
    let status = head.split(' ').nth(1).and_then(|code| code.parse().ok()).ok_or("no status")?;
    Ok((Reply { status, head, body: String::from_utf8_lossy(&body).into_owned() }, body))
}

struct Reply {
    status: u16,
    head: String,
    body: String,
}

impl Reply {
    fn header(&self, name: &str) -> Option<&str> {
        let pairs = self.head.lines().filter_map(|line| line.split_once(':'));
        pairs.filter(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value.trim()).next()
    }
}

/// Reads an answer to the end of the connection.
fn rest(stream: &mut TcpStream) -> Result<Reply, Failed> {
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer)?;
    let answer = String::from_utf8(answer)?;
    let (head, body) = answer.split_once("\r\n\r\n").ok_or_else(|| format!("no answer in {answer:?}"))?;
    let status = head.split(' ').nth(1).and_then(|code| code.parse().ok()).ok_or("no status")?;
    Ok(Reply { status, head: head.to_owned(), body: body.to_owned() })
}

/// Sends a request on a connection that stays open, and reads its answer.
fn keep_alive(stream: &mut TcpStream) -> Outcome {
    write!(stream, "GET /-/healthy HTTP/1.1\r\nhost: test\r\n\r\n")?;
    let (mut seen, mut byte) = (Vec::new(), [0]);
    while !seen.ends_with(b"healthy\n") {
        stream.read_exact(&mut byte)?;
        seen.extend(byte);
    }
    Ok(())
}

fn report() -> Result<Report, Failed> {
    let domain = Figures { domain: Some("add & <carry>".into()), ..figures("micro", "arith")? };
    Ok(Report {
        run: "nightly".into(),
        started_unix_ms: 1_790_000_000_000,
        finished_unix_ms: Some(1_790_000_042_190),
        complete: true,
        rows: vec![figures("micro", "arith")?, domain],
        notes: vec!["<script>alert('note')</script>".into()],
        ..Report::default()
    })
}

fn status() -> Status {
    let run = RunState {
        name: "nightly".into(),
        phase: Phase::Running,
        done: 17,
        total: 200,
        spent: Money::from_nanos(12_000_000),
        budget: Some(Money::from_nanos(1_500_000_000)),
        last_result: Some("complete".into()),
        last_finished_unix_ms: Some(1_790_000_042_190),
        next_unix_ms: None,
        targets: Vec::new(),
    };
    Status {
        runs: vec![run],
        spent_today: Money::from_nanos(340_000_000),
        per_day: Some(Money::from_nanos(20_000_000_000)),
        problems: vec!["target <img src=x> is down".into()],
    }
}

fn metrics_are_the_exposition() -> Outcome {
    let server = Server::start(Fake::default(), Limits::DEFAULT)?;
    let reply = server.ask("GET", "/metrics")?;
    assert_eq!((reply.status, reply.header("content-type")), (200, Some(Format::Text.content_type())));
    assert_eq!(reply.body, with_view(render)?);
    assert_eq!(server.end()?, Drained { cut: 0 });
    Ok(())
}

fn unpacked(body: &[u8]) -> Result<String, Failed> {
    let mut text = String::new();
    flate2::read::GzDecoder::new(body).read_to_string(&mut text)?;
    Ok(text)
}

fn negotiated() -> Outcome {
    let server = Server::start(Fake::default(), Limits::DEFAULT)?;
    let open = "accept: application/openmetrics-text;version=1.0.0,text/plain;version=0.0.4;q=0.5,*/*;q=0.1\r\n";
    let (reply, _) = server.ask_with("GET", open)?;
    let kind = "application/openmetrics-text; version=1.0.0; charset=utf-8";
    assert_eq!((reply.status, reply.header("content-type")), (200, Some(kind)));
    assert_eq!((reply.header("vary"), reply.header("content-encoding")), (Some("Accept, Accept-Encoding"), None));
    assert!(reply.body.ends_with("\n# EOF\n") && reply.body.contains(" # {run=\"7\",trial=\"add-13\"} 0.013 "));

    let (packed, bytes) = server.ask_with("GET", &format!("{open}accept-encoding: gzip\r\n"))?;
    assert_eq!((packed.status, packed.header("content-encoding")), (200, Some("gzip")));
    assert_eq!(unpacked(&bytes)?, reply.body);
    assert!(bytes.len() * 5 < reply.body.len(), "{} bytes of {}", bytes.len(), reply.body.len());
    let (head, nothing) = server.ask_with("HEAD", &format!("{open}accept-encoding: gzip\r\n"))?;
    assert_eq!((head.status, head.header("content-encoding"), nothing.len()), (200, Some("gzip"), 0));
    assert_eq!(head.header("content-length"), packed.header("content-length"));
    assert_eq!(head.header("content-type"), Some(kind));

    let (text, bytes) = server.ask_with("GET", "accept-encoding: deflate, gzip;q=0.5\r\n")?;
    assert_eq!(text.header("content-type"), Some(Format::Text.content_type()));
    assert_eq!(unpacked(&bytes)?, with_view(render)?);
    Ok(())
}

fn late_scrapes() -> Outcome {
    let crowd = Arc::new(Crowd::default());
    let server = Server::start(Fake { crowd: Some(Arc::clone(&crowd)), ..Fake::default() }, Limits::DEFAULT)?;
    let (reply, _) = server.ask_with("GET", "x-prometheus-scrape-timeout-seconds: 0.1\r\n")?;
    assert_eq!((reply.status, reply.header("content-type")), (503, Some("text/plain; charset=utf-8")));
    assert!(reply.body.starts_with("the exposition was not ready within 0.095 s"), "{}", reply.body);
    crowd.open();
    let (reply, _) = server.ask_with("GET", "x-prometheus-scrape-timeout-seconds: 20\r\n")?;
    assert_eq!(reply.status, 200);
    Ok(())
}

fn crowded_scrapes() -> Outcome {
    let crowd = Arc::new(Crowd::default());
    let server = Server::start(Fake { crowd: Some(Arc::clone(&crowd)), ..Fake::default() }, Limits::DEFAULT)?;
    let address = server.address()?;
    std::thread::scope(|threads| {
        let asked: Vec<_> = (0..9).map(|_| threads.spawn(|| ask_with(address, "GET", ""))).collect();
        crowd.wait_for(4)?;
        // One more does not get in, and is told so while it still listens.
        let (reply, _) = server.ask_with("GET", "x-prometheus-scrape-timeout-seconds: 0.1\r\n")?;
        assert_eq!(reply.status, 503);
        // Health is asked for all the same.
        assert_eq!(server.ask("GET", "/-/healthy")?.status, 200);
        assert_eq!(crowd.open(), 4);
        for one in asked {
            let (reply, _) = one.join().map_err(|_| "a thread panicked")??;
            assert_eq!(reply.status, 200);
        }
        assert_eq!(crowd.open(), 4, "at once");
        Ok(())
    })
}

fn health_and_readiness() -> Outcome {
    let server = Server::start(Fake::default(), Limits::DEFAULT)?;
    for (path, body) in [("/-/healthy", "healthy\n"), ("/-/ready", "ready\n")] {
        let reply = server.ask("GET", path)?;
        assert_eq!((reply.status, reply.body.as_str()), (200, body));
    }
    let closed = Fake { not_ready: Some("the store is being opened".into()), ..Fake::default() };
    let server = Server::start(closed, Limits::DEFAULT)?;
    assert_eq!(server.ask("GET", "/-/healthy")?.status, 200);
    let reply = server.ask("GET", "/-/ready")?;
    assert_eq!((reply.status, reply.body.as_str()), (503, "not ready: the store is being opened\n"));
    Ok(())
}

fn the_page_shows_rows_and_runs() -> Outcome {
    let facts = Fake { reports: vec![report()?], status: status(), ..Fake::default() };
    let server = Server::start(facts, Limits::DEFAULT)?;
    let overview = [
        "93.9 %<span class=\"range\">87.4–97.2, n 99",
        "$0.000129<span class=\"range\">$0.000120–$0.000139",
        "17 of 200",
        "$0.0120 of $1.50",
        "$0.340 of $20.00",
        "complete 2026-09-21 14:14:02 UTC",
        "<a href=\"/runs/nightly\"><bdi>nightly</bdi></a>",
        "<a href=\"/targets/micro\"><bdi>micro</bdi></a>",
    ];
    let run = [
        "run nightly · 2026-09-21 14:13:20 UTC · 42.1 s · complete",
        "93.9 (87.4–97.2)",
        "12.1/40.3",
        "$0.000129 (0.000120–0.000139)",
        "unparsed",
        "17 of 200",
        "Wilson 95 % interval",
        "[server] samples",
    ];
    for (path, parts) in [("/", overview), ("/runs/nightly", run)] {
        let reply = server.ask("GET", path)?;
        assert_eq!((reply.status, reply.header("content-type")), (200, Some("text/html; charset=utf-8")));
        for part in parts {
            assert!(reply.body.contains(part), "{part:?} is not in {path}:\n{}", reply.body);
        }
    }
    Ok(())
}

fn the_page_escapes_what_is_not_ours() -> Outcome {
    let facts = Fake { reports: vec![report()?], status: status(), ..Fake::default() };
    let server = Server::start(facts, Limits::DEFAULT)?;
    let cases = [
        ("/", "target &lt;img src=x&gt; is down"),
        ("/runs/nightly", "&lt;script&gt;alert('note')"),
        ("/runs/nightly", "add &amp; &lt;carry&gt;"),
        ("/matrix?by=domain", "add &amp; &lt;carry&gt;"),
    ];
    for (path, part) in cases {
        let page = server.ask("GET", path)?.body;
        assert!(!page.contains("<script>alert") && !page.contains("<img") && !page.contains("<carry"), "{page}");
        assert!(page.contains(part), "{part:?} is not in {path}:\n{page}");
    }
    Ok(())
}

fn the_report_is_json() -> Outcome {
    let server = Server::start(Fake { reports: vec![report()?], ..Fake::default() }, Limits::DEFAULT)?;
    let reply = server.ask("GET", "/api/v1/report")?;
    assert_eq!((reply.status, reply.header("content-type")), (200, Some("application/json")));
    let document: serde_json::Value = serde_json::from_str(&reply.body)?;
    let at = |pointer: &str| document.pointer(pointer).cloned().unwrap_or_default();
    assert_eq!(at("/schema"), "assayd.reports/1");
    assert_eq!(at("/reports/0/rows/0/target"), "micro");
    assert_eq!(at("/reports/0/rows/0/cost/nano_usd"), 12_000_000);
    Ok(())
}

fn head_is_get_without_a_body() -> Outcome {
    let server = Server::start(Fake::default(), Limits::DEFAULT)?;
    for path in ["/", "/matrix", "/metrics", "/-/healthy", "/-/ready", "/api/v1/report"] {
        let (get, head) = (server.ask("GET", path)?, server.ask("HEAD", path)?);
        assert_eq!((head.status, head.body.as_str()), (200, ""), "{path}");
        assert_eq!(head.header("content-type"), get.header("content-type"), "{path}");
        assert_eq!(head.header("content-length"), Some(get.body.len().to_string().as_str()), "{path}");
    }
    Ok(())
}

fn other_paths_and_methods() -> Outcome {
    let server = Server::start(Fake::default(), Limits::DEFAULT)?;
    for path in ["/metrics/", "/-/", "/api/v1", "/..%2f", "/favicon.ico"] {
        let reply = server.ask("GET", path)?;
        assert_eq!((reply.status, reply.header("content-type")), (404, Some("text/plain; charset=utf-8")), "{path}");
        assert_eq!(reply.body, "there is nothing here; see /\n");
    }
    for method in ["POST", "PUT", "DELETE", "OPTIONS"] {
        let reply = server.ask(method, "/metrics")?;
        assert_eq!((reply.status, reply.header("allow")), (405, Some("GET,HEAD")), "{method}");
        assert_eq!(reply.body, "only GET and HEAD are answered\n");
    }
    Ok(())
}

fn every_answer_is_guarded() -> Outcome {
    let server = Server::start(Fake { panics: true, ..Fake::default() }, Limits::DEFAULT)?;
    for (method, path) in [("GET", "/"), ("GET", "/metrics"), ("GET", "/nothing"), ("POST", "/")] {
        let reply = server.ask(method, path)?;
        let policy = reply.header("content-security-policy").unwrap_or_default();
        assert!(policy.starts_with("default-src 'none'; style-src 'sha256-") && !policy.contains("unsafe"), "{policy}");
        assert_eq!(reply.header("x-content-type-options"), Some("nosniff"), "{path}");
        assert_eq!(reply.header("cache-control"), Some("no-store"), "{path}");
    }
    Ok(())
}

fn a_large_body_is_refused() -> Outcome {
    let limits = Limits { body_bytes: 10, ..Limits::DEFAULT };
    let server = Server::start(Fake::default(), limits)?;
    let mut stream = server.connect()?;
    write!(stream, "POST / HTTP/1.1\r\nhost: test\r\ncontent-length: 10000000000\r\n\r\n")?;
    let reply = rest(&mut stream)?;
    assert_eq!((reply.status, reply.header("connection")), (413, Some("close")));
    Ok(())
}

fn a_panic_costs_one_request() -> Outcome {
    let server = Server::start(Fake { panics: true, ..Fake::default() }, Limits::DEFAULT)?;
    let reply = server.ask("GET", "/metrics")?;
    assert_eq!((reply.status, reply.body.as_str()), (500, "internal error; the log says more\n"));
    assert_eq!(server.ask("GET", "/-/healthy")?.status, 200);
    Ok(())
}

fn slow_headers_are_dropped() -> Outcome {
    let limits = Limits { header_timeout: Duration::from_millis(50), ..Limits::DEFAULT };
    let server = Server::start(Fake::default(), limits)?;
    for begun in ["", "GET / HTTP/1.1\r\nhost: te"] {
        let mut stream = server.connect()?;
        stream.write_all(begun.as_bytes())?;
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer)?;
        assert_eq!(String::from_utf8_lossy(&answer), "", "after {begun:?}");
    }
    // A connection that was used and then falls silent goes the same way.
    let mut stream = server.connect()?;
    keep_alive(&mut stream)?;
    assert_eq!(stream.read(&mut [0])?, 0);
    assert_eq!(server.ask("GET", "/-/healthy")?.status, 200);
    Ok(())
}

fn too_many_connections_wait() -> Outcome {
    let limits = Limits { connections: 2, ..Limits::DEFAULT };
    let server = Server::start(Fake::default(), limits)?;
    let (mut first, mut second, mut third) = (server.connect()?, server.connect()?, server.connect()?);
    keep_alive(&mut first)?;
    keep_alive(&mut second)?;
    write!(third, "GET /-/healthy HTTP/1.1\r\nhost: test\r\nconnection: close\r\n\r\n")?;
    third.set_read_timeout(Some(Duration::from_millis(100)))?;
    let early = third.read(&mut [0]).map_err(|error| error.kind());
    assert!(matches!(early, Err(ErrorKind::WouldBlock | ErrorKind::TimedOut)), "{early:?}");
    third.set_read_timeout(Some(PATIENCE))?;
    drop(first);
    assert_eq!(rest(&mut third)?.status, 200);
    Ok(())
}

fn a_connection_has_a_lifetime() -> Outcome {
    let limits = Limits { lifetime: Duration::from_millis(50), ..Limits::DEFAULT };
    let server = Server::start(Fake::default(), limits)?;
    let mut stream = server.connect()?;
    keep_alive(&mut stream)?;
    assert_eq!(stream.read(&mut [0])?, 0);
    Ok(())
}

/// A server with a request for `/metrics` in flight, and the hand that holds it.
fn in_flight(limits: Limits) -> Result<(Server, TcpStream, Sender<()>), Failed> {
    let ((enter, entered), (release, released)) = (channel(), channel());
    let facts = Fake { gate: Mutex::new(Some((enter, released))), ..Fake::default() };
    let server = Server::start(facts, limits)?;
    let mut stream = server.connect()?;
    write!(stream, "GET /metrics HTTP/1.1\r\nhost: test\r\n\r\n")?;
    entered.recv_timeout(PATIENCE)?;
    Ok((server, stream, release))
}

fn drain_finishes_what_is_in_flight() -> Outcome {
    let (mut server, mut stream, release) = in_flight(Limits { grace: PATIENCE, ..Limits::DEFAULT })?;
    server.stop();
    // New clients are refused while the old one is still waiting.
    let address = server.address()?;
    while connect(address).is_ok() {}
    drop(release);
    let reply = rest(&mut stream)?;
    assert_eq!((reply.status, reply.header("connection")), (200, Some("close")));
    assert_eq!(reply.body, with_view(render)?);
    assert_eq!(server.end()?, Drained { cut: 0 });
    Ok(())
}

fn drain_cuts_after_the_grace() -> Outcome {
    let (server, mut stream, release) = in_flight(Limits { grace: Duration::from_millis(20), ..Limits::DEFAULT })?;
    assert_eq!(server.end()?, Drained { cut: 1 });
    let mut answer = Vec::new();
    let end = stream.read_to_end(&mut answer);
    assert!(end.is_err() || answer.is_empty(), "a cut connection answered {}", String::from_utf8_lossy(&answer));
    drop(release);
    Ok(())
}

fn drain_does_not_wait_for_idle_connections() -> Outcome {
    let limits = Limits { grace: PATIENCE * 10, ..Limits::DEFAULT };
    let server = Server::start(Fake::default(), limits)?;
    let (mut used, _fresh) = (server.connect()?, server.connect()?);
    keep_alive(&mut used)?;
    assert_eq!(server.end()?, Drained { cut: 0 });
    Ok(())
}

fn every_address_is_served() -> Outcome {
    let server = Server::start_on(3, Fake::default(), Limits::DEFAULT)?;
    for address in &server.addresses {
        let mut stream = connect(*address)?;
        keep_alive(&mut stream)?;
    }
    assert_eq!(server.end()?, Drained { cut: 0 });
    Ok(())
}
