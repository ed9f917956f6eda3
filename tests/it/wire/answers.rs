//! Answers: recorded shapes, however the bytes are cut, and the instants they get.

use super::server::{Server, Step, send};
use super::*;
use assayd::domain::{Failure, StampSource};
use std::time::Duration;

pub fn tests() -> Vec<Trial> {
    let mut all = vec![
        trial("a_stream_byte_by_byte_is_the_same_answer", byte_by_byte),
        trial("instants_lie_between_the_servers_own", instants),
        trial("an_early_connection_waits_and_is_then_measured_from_its_first_write", waits),
        trial("what_the_endpoint_is_asked", what_is_asked),
        trial("a_paths_query_joins_the_urls_own", queries),
        trial("llama_server_closes_a_kept_alive_connection_with_no_bytes", closed_before_answer),
        trial("a_kept_alive_stream_ends_at_done_without_waiting_for_the_connection", kept_alive),
        trial("a_stream_until_the_connection_closes_is_complete_with_its_finish_reason", until_close),
        trial("text_after_done_is_not_read", after_done),
        trial("rate_headers_are_kept", rate_headers),
        trial("an_exchange_can_move_between_threads", sendable),
    ];
    if cfg!(target_os = "linux") {
        all.push(trial("the_kernel_stamps_what_it_receives", kernel_stamps));
    }
    for recording in recordings::all() {
        all.push(trial(&format!("served: {}", recording.name), || served(recording)));
    }
    all
}

async fn served(recording: recordings::Recording) {
    let body = String::from_utf8(recording.body.clone()).unwrap();
    let server = Server::plain(vec![send(streamed(&body))]).await;
    let endpoint = endpoint(&server.url("http"), "");
    let provider = adapter(recording.kind);
    let connected = connect(&endpoint).await.unwrap();
    let outcome = connected.exchange(&endpoint, &*provider, provider.request(&prompt()), ready(Departure::now())).await;
    let alone = recording.read();
    assert_eq!(outcome.answer, alone.answer);
    // A stream that ends without a reason to finish was cut.
    let cut = Failure::Truncated;
    let wanted = alone.fault.as_ref().map_or((alone.answer.finish.is_none()).then_some(cut), |fault| Some(fault.kind));
    assert_eq!(outcome.fault.map(|fault| fault.kind), wanted);
    assert_eq!(outcome.status, Some(200));
}

async fn byte_by_byte() {
    let recording = recordings::all().into_iter().find(|r| r.name == "openai-chat/llama-server.sse").unwrap();
    let body = String::from_utf8(recording.body.clone()).unwrap();
    let server = Server::plain(vec![Step::Dribble(streamed(&body))]).await;
    let outcome = ask(&endpoint(&server.url("http"), "")).await;
    assert_eq!((said(&outcome).as_str(), &outcome.answer), ("no fault", &recording.read().answer));
}

async fn instants() {
    let pause = Duration::from_millis(20);
    let reasoning = "data: {\"choices\":[{\"delta\":{\"reasoning\":\"r\"}}]}\n\n";
    let server = Server::plain(vec![
        send(head()),
        Step::Pause(pause),
        send(chunk("data: {\"choices\":[{\"delta\":{\"role\":\"assistant\",\"content\":\"\"}}]}\n\n")),
        Step::Pause(pause),
        send(chunk(reasoning)),
        Step::Pause(pause),
        send(chunk(&delta("4"))),
        Step::Pause(pause),
        send(chunk(&delta("2"))),
        send(chunk(FINISH)),
        Step::Pause(pause),
        send(chunk(DONE)),
        Step::Hang,
    ])
    .await;
    let endpoint = endpoint(&server.url("http"), "");
    let connected = connect(&endpoint).await.unwrap();
    let before = now();
    let outcome = ask_over(connected, &endpoint).await;
    let after = now();
    assert_eq!(said(&outcome), "no fault");

    let t = outcome.timing;
    let log = server.log.lock().unwrap();
    let [_, _, wrote_reasoning, wrote_4, wrote_2, _, wrote_done] = log.writes[..] else { panic!("{:?}", log.writes) };
    let [received] = log.received[..] else { panic!("one request") };
    // Each instant lies after what caused it on the server and before what it causes there: no tolerance is needed.
    let order = [
        Some(before),
        Some(t.scheduled),
        t.send,
        Some(received),
        Some(wrote_reasoning),
        t.first,
        Some(wrote_4),
        t.visible,
        Some(wrote_2),
        t.last,
        Some(wrote_done),
        t.end,
        Some(after),
    ];
    assert!(order.iter().all(Option::is_some) && order.is_sorted(), "{order:?}");
    assert_eq!((t.events, t.gaps.len()), (3, 2));
    assert_eq!(t.gaps.iter().sum::<u64>(), t.last.unwrap().since(t.first.unwrap()).0);
    assert!(t.dns.is_some() && t.connect.is_some() && t.tls.is_none(), "localhost is looked up; there is no TLS");
}

/// The kernel begins to stamp a moment after it is first asked to, so the first exchanges may go without.
async fn kernel_stamps() {
    let server = Server::plain(vec![send(streamed(&format!("{}{FINISH}{DONE}", delta("x"))))]).await;
    let endpoint = endpoint(&server.url("http"), "");
    for _ in 0..100 {
        let outcome = ask(&endpoint).await;
        let kernel = outcome.timing.stamps == StampSource::Kernel;
        assert_eq!(outcome.client_lag.is_some(), kernel);
        if kernel {
            return;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("a hundred exchanges without the kernel's stamps");
}

async fn waits() {
    let server = Server::plain(vec![send(streamed(&format!("{}{FINISH}{DONE}", delta("x"))))]).await;
    let endpoint = endpoint(&server.url("http"), "");
    let connected = connect(&endpoint).await.unwrap();
    tokio::time::sleep(Duration::from_millis(20)).await;
    let meant = now();
    let outcome = ask_over(connected, &endpoint).await;
    assert!(outcome.timing.send.unwrap() >= meant);
}

async fn what_is_asked() {
    let server = Server::plain(vec![send(streamed(&format!("{FINISH}{DONE}")))]).await;
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("key");
    std::fs::write(&file, "sk-secret\n").unwrap();
    let more = format!(
        "key = {{ file = '{0}' }}\nheaders = {{ x-team = 'red', x-token = {{ file = '{0}' }} }}",
        file.display()
    );
    let endpoint = endpoint(&format!("{}/?api-version=1", server.url("http")), &more);
    assert_eq!(said(&ask(&endpoint).await), "no fault");
    let request = server.request();
    let (head, body) = request.split_once("\r\n\r\n").unwrap();
    let mut lines: Vec<&str> = head.lines().filter(|l| !l.starts_with("host: ")).collect();
    lines[1..].sort_unstable();
    assert_eq!(
        lines,
        [
            "POST /v1/chat/completions?api-version=1 HTTP/1.1",
            "accept: text/event-stream",
            "authorization: Bearer sk-secret",
            &format!("content-length: {}", body.len()),
            "content-type: application/json",
            concat!("user-agent: assayd/", env!("CARGO_PKG_VERSION")),
            "x-team: red",
            "x-token: sk-secret",
        ]
    );
    assert!(head.contains(&format!("host: localhost:{}", server.address.port())));
    assert!(body.contains("\"stream\":true"), "{body}");
}

async fn queries() {
    for (base, path, wanted) in [
        ("", "/models/m:streamGenerateContent?alt=sse", "POST /v1/models/m:streamGenerateContent?alt=sse HTTP/1.1"),
        ("?tenant=a", "/chat/completions?api-version=1", "POST /v1/chat/completions?tenant=a&api-version=1 HTTP/1.1"),
    ] {
        let server = Server::plain(vec![send(streamed(&format!("{FINISH}{DONE}")))]).await;
        let endpoint = endpoint(&format!("{}{base}", server.url("http")), "");
        let provider = adapter("openai-chat");
        let request = assayd::provider::Request { path: path.into(), ..provider.request(&prompt()) };
        let outcome =
            connect(&endpoint).await.unwrap().exchange(&endpoint, &*provider, request, ready(Departure::now())).await;
        assert_eq!(said(&outcome), "no fault");
        assert_eq!(server.request().lines().next(), Some(wanted));
    }
}

async fn closed_before_answer() {
    let server = Server::plain(vec![]).await;
    let outcome = ask(&endpoint(&server.url("http"), "")).await;
    let fault = outcome.fault.unwrap();
    assert_eq!(fault.kind, Failure::Connect, "the connection's failure, never the model's");
    assert!(fault.detail.starts_with("the connection ended before any byte of the answer"), "{fault}");
    assert_eq!((outcome.status, outcome.timing.first), (None, None));
}

async fn kept_alive() {
    let body = format!("{}{FINISH}{DONE}", delta("x"));
    let server = Server::plain(vec![send(head()), send(chunk(&body)), Step::Hang]).await;
    let outcome = ask(&endpoint(&server.url("http"), "timeouts.total = '5s'")).await;
    assert_eq!((said(&outcome).as_str(), outcome.answer.text.as_str()), ("no fault", "x"));
}

async fn until_close() {
    let open_ended = "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\nconnection: close\r\n\r\n";
    let usage = "data: {\"choices\":[],\"usage\":{\"prompt_tokens\":1,\"completion_tokens\":1}}\n\n";
    let server = Server::plain(vec![send(format!("{open_ended}{}{FINISH}{usage}", delta("x")))]).await;
    let outcome = ask(&endpoint(&server.url("http"), "")).await;
    assert_eq!(said(&outcome), "no fault");
    assert_eq!(outcome.answer.usage.output, Some(1), "usage after the finish is read");
}

async fn after_done() {
    let server = Server::plain(vec![send(streamed(&format!("{}{FINISH}{DONE}{}", delta("x"), delta("y"))))]).await;
    assert_eq!(ask(&endpoint(&server.url("http"), "")).await.answer.text, "x");
}

async fn rate_headers() {
    let body = format!("{FINISH}{DONE}");
    let bytes = response("200 OK", "x-ratelimit-remaining-tokens: 41\r\nserver: s\r\n", &body);
    let server = Server::plain(vec![send(bytes)]).await;
    let outcome = ask(&endpoint(&server.url("http"), "")).await;
    assert_eq!(outcome.rate_headers, [("x-ratelimit-remaining-tokens".to_owned(), "41".to_owned())]);
}

async fn sendable() {
    fn checked<F: Future + Send>(future: F) -> F {
        future
    }
    let server = Server::plain(vec![send(streamed(&format!("{FINISH}{DONE}")))]).await;
    let endpoint = endpoint(&server.url("http"), "");
    let connected = checked(connect(&endpoint)).await.unwrap();
    let provider = adapter("openai-chat");
    let request = provider.request(&prompt());
    let outcome = checked(connected.exchange(&endpoint, &*provider, request, ready(Departure::now()))).await;
    assert_eq!(said(&outcome), "no fault");
}
