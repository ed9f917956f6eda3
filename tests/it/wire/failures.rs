//! Every failure the wire can name, each from a server (or the lack of one) that brings it about.

use super::server::{Server, Step, send};
use super::*;
use assayd::domain::Failure;
use std::net::SocketAddr;
use std::time::Duration;
use tokio::net::{TcpListener, TcpSocket};

pub fn tests() -> Vec<Trial> {
    let mut all = vec![
        trial("dns", dns),
        trial("connect: refused", refused),
        trial("timeout_connect: a full listener", full_listener),
        trial("timeout_connect: a server that does not speak TLS, nor anything", silent_handshake),
        trial("timeout_total: also where the stream is never silent", never_silent),
        trial("too_large: an endless stream", || endless(delta("xxxxxxxxxxxxxxxx").into_bytes())),
        trial("too_large: an endless line", || endless(vec![b'x'; 4096])),
        trial("too_large: an endless comment", || endless(vec![b':'; 4096])),
        trial("too_large: an endless error body is cut and named by its status", endless_error),
        trial("dropping_an_exchange_closes_its_connection", dropped),
        trial("a_key_that_the_server_repeats_is_not_in_the_fault", repeated_key),
    ];
    for case in cases() {
        all.push(trial(&format!("fault: {}", case.name), || check(case)));
    }
    all
}

/// What a server does after the request, and the fault that names it.
struct Case {
    name: &'static str,
    steps: Vec<Step>,
    more: &'static str,
    /// The fault's text begins so.
    said: &'static str,
    retry_after: Option<u64>,
}

fn case(name: &'static str, steps: Vec<Step>, said: &'static str) -> Case {
    Case { name, steps, more: "", said, retry_after: None }
}

/// A refusal with a status.
fn refusal(name: &'static str, status_line: &str, headers: &str, body: &str, said: &'static str) -> Case {
    case(name, vec![send(response(status_line, headers, body))], said)
}

fn cases() -> Vec<Case> {
    let opened = || send([head(), chunk(&delta("x"))].concat());
    let whole = |body: &str| vec![send(streamed(body))];
    vec![
        Case {
            more: "timeouts.first_token = '50ms'",
            ..case("nothing comes", vec![Step::Hang], "timeout_first_token: no token 50ms after the request")
        },
        Case {
            more: "timeouts.first_token = '50ms'",
            ..case(
                "head, role and comments come but no token",
                vec![
                    send(
                        [head(), chunk(": ping\n\ndata: {\"choices\":[{\"delta\":{\"role\":\"assistant\"}}]}\n\n")]
                            .concat(),
                    ),
                    Step::Hang,
                ],
                "timeout_first_token: no token 50ms after the request",
            )
        },
        Case {
            more: "timeouts.idle = '50ms'",
            ..case(
                "the stream falls silent",
                vec![opened(), Step::Hang],
                "timeout_idle: the stream fell silent for 50ms",
            )
        },
        Case {
            more: "timeouts.total = '50ms'",
            ..case(
                "the answer takes too long",
                vec![opened(), Step::Hang],
                "timeout_total: the answer was not complete 50ms after the request",
            )
        },
        refusal(
            "wrong key",
            "401 Unauthorized",
            "",
            r#"{"error":{"message":"Invalid API Key","type":"authentication_error","code":401}}"#,
            "auth (401): Invalid API Key",
        ),
        refusal("forbidden", "403 Forbidden", "", "", "auth (403): Forbidden"),
        refusal(
            "no credit",
            "429 Too Many Requests",
            "",
            r#"{"error":{"message":"You exceeded your current quota","type":"insufficient_quota","code":"insufficient_quota"}}"#,
            "quota (429): You exceeded your current quota",
        ),
        Case {
            retry_after: Some(7_000),
            ..refusal(
                "rate limit, seconds",
                "429 Too Many Requests",
                "retry-after: 7\r\n",
                "",
                "rate_limited (429): Too Many Requests",
            )
        },
        Case {
            retry_after: Some(90_000),
            ..refusal(
                "rate limit, date",
                "429 Too Many Requests",
                "date: Thu, 01 Jan 2026 00:00:00 GMT\r\nretry-after: Thu, 01 Jan 2026 00:01:30 GMT\r\n",
                "{\"error\":{\"message\":\"slow down\"}}",
                "rate_limited (429): slow down",
            )
        },
        Case {
            retry_after: Some(2_000),
            ..refusal(
                "not ready, come back",
                "503 Service Unavailable",
                "retry-after: 2\r\n",
                "",
                "http_5xx (503): Service Unavailable",
            )
        },
        refusal(
            "llama_server: over-long prompt",
            "400 Bad Request",
            "",
            r#"{"error":{"code":400,"message":"request (900 tokens) exceeds the available context size (512 tokens)","type":"exceed_context_size_error","n_prompt_tokens":900,"n_ctx":512}}"#,
            "http_4xx (400): the prompt does not fit the model's context: request (900 tokens) exceeds",
        ),
        refusal(
            "llama_server: bad JSON is a 500",
            "500 Internal Server Error",
            "",
            r#"{"error":{"code":500,"message":"parse error at line 1","type":"server_error"}}"#,
            "http_5xx (500): parse error at line 1",
        ),
        refusal(
            "transformers_serve: detail",
            "422 Unprocessable Content",
            "",
            r#"{"detail":"Unexpected fields in the request: {'seed'}"}"#,
            "http_4xx (422): Unexpected fields in the request: {'seed'}",
        ),
        refusal(
            "wrong model",
            "404 Not Found",
            "",
            r#"{"object":"error","message":"The model `x` does not exist.","type":"NotFoundError","code":404}"#,
            "http_4xx (404): the endpoint does not know the model: The model `x` does not exist.",
        ),
        refusal(
            "redirect",
            "308 Permanent Redirect",
            "location: https://elsewhere.example/v1?key=s\r\n",
            "",
            "http_4xx (308): redirected to \"https://elsewhere.example/v1\"; redirects are not followed",
        ),
        refusal(
            "a gateway's page",
            "502 Bad Gateway",
            "",
            "<html><title>502</title>",
            "http_5xx (502): an HTML page: 502",
        ),
        case(
            "error event in the stream",
            whole(
                "data: {\"choices\":[{\"delta\":{\"content\":\"x\"}}]}\n\ndata: {\"error\":{\"message\":\"out of memory\",\"code\":500}}\n\ndata: [DONE]\n\n",
            ),
            "in_stream_error: out of memory (500)",
        ),
        case(
            "error event, older llama.cpp",
            whole("error: {\"code\":500,\"message\":\"slot failed\"}\n\n"),
            "in_stream_error: slot failed (500)",
        ),
        case(
            "error body with status 200",
            vec![send(response("200 OK", "content-type: application/json\r\n", "{\"detail\":\"overloaded\"}"))],
            "in_stream_error: overloaded",
        ),
        case(
            "an event that is no JSON",
            whole("data: upstream gave up\n\n"),
            "protocol: an event that is no completion chunk",
        ),
        case(
            "a web page with status 200",
            vec![send(response("200 OK", "content-type: text/html\r\n", "<html>\n<body>log in</body>\n"))],
            "protocol: no event stream; it begins with \"<html>\"",
        ),
        case("not HTTP at all", vec![send("SSH-2.0-OpenSSH_9.9\r\n\r\n")], "protocol: the answer is not HTTP/1.1"),
        case(
            "a broken chunk size",
            vec![send([head(), b"zz\r\n".to_vec()].concat())],
            "protocol: the body breaks HTTP's rules",
        ),
        case(
            "compressed",
            vec![send(response("200 OK", "content-encoding: gzip\r\n", "x"))],
            "protocol: content-encoding gzip, which was not asked for",
        ),
        case(
            "cut in the response head",
            vec![send("HTTP/1.1 200 OK\r\ncontent-ty")],
            "truncated: the connection ended within the response head",
        ),
        case("cut within a chunk", vec![opened(), send("5\r\nda")], "truncated: the stream was cut"),
        case("cut between chunks", vec![opened()], "truncated: the stream was cut"),
        case(
            "cut after the finish reason, before the body's end",
            vec![opened(), send(chunk(FINISH))],
            "truncated: the stream was cut",
        ),
        case(
            "shorter than its content-length",
            vec![send(format!("HTTP/1.1 200 OK\r\ncontent-length: 999\r\n\r\n{}", delta("x")))],
            "truncated: the stream was cut",
        ),
        case(
            "ended without a finish reason",
            whole(&delta("x")),
            "truncated: the stream ended without a finish reason, after 1 events in",
        ),
        case(
            "done without a finish reason",
            whole(&format!("{}{DONE}", delta("x"))),
            "truncated: the stream ended without a finish reason, after 2 events in",
        ),
        case(
            "an empty body",
            whole(""),
            "truncated: the stream ended without a finish reason, after 0 events in 0 bytes",
        ),
        case(
            "a response head without end",
            vec![Step::Endless(b"x-pad: yyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyy\r\n".to_vec())],
            "protocol: the answer is not HTTP/1.1",
        ),
        case(
            "a proxy wants a password",
            vec![send(response("407 Proxy Authentication Required", "", ""))],
            "connect (407): the proxy asks for a user and password",
        ),
    ]
}

async fn check(case: Case) {
    let Case { name: _, steps, more, said: beginning, retry_after } = case;
    let server = Server::plain(steps).await;
    let outcome = ask(&endpoint(&server.url("http"), more)).await;
    let text = said(&outcome);
    assert!(text.starts_with(beginning), "{text}");
    let fault = outcome.fault.unwrap();
    assert_eq!(fault.retry_after.map(|d| d.as_millis()), retry_after.map(u128::from));
    assert!(!fault.detail.contains('\n') && fault.detail.chars().count() <= 300, "{fault}");
    let t = outcome.timing;
    assert!(t.send.unwrap() <= t.end.unwrap() && t.last <= t.end, "{t:?}");
}

async fn dns() {
    // A label of more than 63 letters is no name, so that no resolver is asked.
    let fault =
        connect(&endpoint(&format!("http://{}.invalid/v1", "x".repeat(70)), "proxy = false")).await.err().unwrap();
    assert_eq!(fault.kind, Failure::Dns);
    assert!(fault.detail.starts_with("xxx"), "{fault}");
}

async fn refused() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    drop(listener);
    let fault = connect(&endpoint(&format!("http://{address}/v1"), "")).await.err().unwrap();
    assert_eq!(fault.to_string(), format!("connect: {address}: Connection refused (os error 111)"));
}

async fn full_listener() {
    let socket = TcpSocket::new_v4().unwrap();
    socket.bind(SocketAddr::from(([127, 0, 0, 1], 0))).unwrap();
    let listener = socket.listen(1).unwrap();
    let endpoint = endpoint(&format!("http://{}/v1", listener.local_addr().unwrap()), "timeouts.connect = '300ms'");
    // Nobody accepts, so after a few connections the kernel lets no more in.
    let mut held = Vec::new();
    let fault = loop {
        match connect(&endpoint).await {
            Ok(connected) => held.push(connected),
            Err(fault) => break fault,
        }
        assert!(held.len() < 100, "the listener never filled");
    };
    assert_eq!(fault.kind, Failure::TimeoutConnect);
    assert!(fault.detail.ends_with("still connecting after 300ms"), "{fault}");
}

async fn silent_handshake() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let fault = connect(&endpoint(&format!("https://{address}/v1"), "timeouts.connect = '50ms'")).await.err().unwrap();
    assert_eq!(fault.to_string(), format!("timeout_connect: {address}: still in the TLS handshake after 50ms"));
}

async fn never_silent() {
    let server = Server::plain(vec![send(head()), Step::Endless(chunk(&delta("x")))]).await;
    let outcome = ask(&endpoint(&server.url("http"), "timeouts.total = '200ms'\nmax_answer_bytes = 1000000000")).await;
    assert_eq!(outcome.fault.unwrap().kind, Failure::TimeoutTotal);
}

/// The answer's cap bounds what is kept, and the server is not read on.
async fn endless(bytes: Vec<u8>) {
    let cap = 256 << 10;
    let open_ended = "HTTP/1.1 200 OK\r\n\r\n";
    let server = Server::plain(vec![send(open_ended), Step::Endless(bytes)]).await;
    let outcome = ask(&endpoint(&server.url("http"), &format!("max_answer_bytes = {cap}"))).await;
    assert_eq!(outcome.fault.unwrap().to_string(), format!("too_large: the answer outgrew {cap} bytes"));
    assert!(outcome.answer.text.len() <= cap);
    // Past the cap lie only what buffers of sockets hold.
    assert!(server.log.lock().unwrap().sent < 32 << 20);
}

async fn endless_error() {
    let open_ended = "HTTP/1.1 500 Internal Server Error\r\n\r\n";
    let server = Server::plain(vec![send(open_ended), Step::Endless(vec![b'x'; 4096])]).await;
    let fault = ask(&endpoint(&server.url("http"), "")).await.fault.unwrap();
    assert_eq!((fault.kind, fault.status, fault.detail.len()), (Failure::Http5xx, Some(500), 300));
    assert!(server.log.lock().unwrap().sent < 32 << 20);
}

async fn dropped() {
    let server = Server::plain(vec![send(head()), Step::Endless(chunk(&delta("x")))]).await;
    let endpoint = endpoint(&server.url("http"), "max_answer_bytes = 1000000000");
    let limit = Duration::from_millis(30);
    assert!(tokio::time::timeout(limit, ask(&endpoint)).await.is_err());
    // The server's writes fail once the connection is gone; until then its count grows.
    let sent = || server.log.lock().unwrap().sent;
    let stops = async {
        let mut before = sent();
        loop {
            tokio::time::sleep(limit).await;
            match sent() {
                same if same == before => break,
                more => before = more,
            }
        }
    };
    assert!(tokio::time::timeout(Duration::from_secs(10), stops).await.is_ok(), "the server still writes");
}

async fn repeated_key() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("key");
    std::fs::write(&file, "sk-1234567890").unwrap();
    let body =
        format!("{{\"error\":{{\"message\":\"Received API Key = sk-1234567890 {} sk-1234567890\"}}}}", "x".repeat(244));
    let server = Server::plain(vec![send(response("401 Unauthorized", "", &body))]).await;
    let more = format!("key = {{ file = '{}' }}", file.display());
    let fault = ask(&endpoint(&server.url("http"), &more)).await.fault.unwrap();
    assert!(fault.detail.starts_with("Received API Key = [redacted] xxx"), "{fault}");
    assert!(fault.detail.ends_with("xxx [redacted]"), "also where the message was cut within it: {fault}");
}
