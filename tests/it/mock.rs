//! The calibration endpoint from the client's side: what is on the wire, byte for byte where it matters, and whether
//! the truth it tells is what a client saw. The client here is a bare socket, so that nothing smooths anything over.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking; clippy does not see that these are tests")]

pub mod client;

use assayd::mock::{Form, Length, Settings, serve};
use client::{ask, chat, get, post, raw, raw_chat, request, response, truth};
use libtest_mimic::{Failed, Trial};
use serde_json::{Value, json};
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

/// The tests of this module.
pub fn tests() -> Vec<Trial> {
    vec![
        trial("mock::a_small_stream_is_byte_exact", a_small_stream_is_byte_exact),
        trial("mock::an_answer_that_is_not_streamed", an_answer_that_is_not_streamed),
        trial("mock::refusals_have_their_status", refusals_have_their_status),
        trial("mock::streams_break_as_told", streams_break_as_told),
        trial("mock::whole_answers_break_as_told", whole_answers_break_as_told),
        trial("mock::endless_and_huge_answers_go_on", endless_and_huge_answers_go_on),
        trial("mock::keys_and_names_are_checked", keys_and_names_are_checked),
        trial("mock::a_connection_carries_many_requests", a_connection_carries_many_requests),
        trial("mock::what_is_no_request_is_refused", what_is_no_request_is_refused),
        trial("mock::the_truth_is_what_sixty_four_clients_counted", the_truth_is_what_sixty_four_clients_counted),
        trial("mock::no_token_is_early", no_token_is_early),
        trial("mock::capacity_makes_a_queue", capacity_makes_a_queue),
        trial("mock::a_client_that_leaves_is_noticed", a_client_that_leaves_is_noticed),
        trial("mock::settings_change_while_it_runs", settings_change_while_it_runs),
        trial("mock::the_truth_is_bounded", the_truth_is_bounded),
        trial("mock::wrong_settings_do_not_start", wrong_settings_do_not_start),
        trial("mock::it_stops_when_told", it_stops_when_told),
    ]
}

fn trial<F: Future<Output = ()> + 'static>(name: &str, test: fn() -> F) -> Trial {
    Trial::test(name, move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(Failed::from)?;
        let limit = Duration::from_secs(30);
        runtime.block_on(async { tokio::time::timeout(limit, test()).await }).map_err(Failed::from)
    })
}

/// As fast as can be, and small.
fn swift() -> Settings {
    Settings { ttft: Duration::ZERO, itl: Duration::ZERO, tokens: Length::Fixed(8), ..Settings::default() }
}

fn faulty(rule: &str) -> Settings {
    let short = Duration::from_millis(20);
    let faults = vec![rule.parse().unwrap()];
    Settings { faults, stall: short, slow_headers: short, huge_bytes: 300_000, ..swift() }
}

async fn start(settings: Settings) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(serve(listener, settings, std::future::pending()));
    address
}

/// The summary, once nothing is in flight any more.
async fn settled(at: SocketAddr) -> Value {
    loop {
        let summary = get(at, "/__truth?summary=1").await.json();
        if summary["in_flight"] == 0 {
            return summary;
        }
        tokio::task::yield_now().await;
    }
}

/// The one record there is.
async fn only_record(at: SocketAddr) -> Value {
    settled(at).await;
    let truth = truth(at).await;
    assert_eq!(truth["records"].as_array().map(Vec::len), Some(1));
    truth["records"][0].clone()
}

async fn a_small_stream_is_byte_exact() {
    let at = start(Settings { form: Form::Plain, cached_share: Some(0.5), ..swift() }).await;
    let bytes = raw_chat(at, &chat("40+2=", true)).await;
    let event = |rest: &str| {
        let opening =
            r#"{"id":"chatcmpl-mock-1","object":"chat.completion.chunk","created":0,"model":"mock","choices":"#;
        let event = format!("data: {opening}{rest}}}\n\n");
        format!("{:x}\r\n{event}\r\n", event.len())
    };
    let expected = [
        "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream; charset=utf-8\r\nx-request-id: mock-1\r\n\
         transfer-encoding: chunked\r\n\r\n",
        &event(r#"[{"index":0,"delta":{"role":"assistant","content":""},"finish_reason":null}]"#),
        &event(r#"[{"index":0,"delta":{"content":"4"},"finish_reason":null}]"#),
        &event(r#"[{"index":0,"delta":{"content":"2"},"finish_reason":null}]"#),
        &event(r#"[{"index":0,"delta":{},"finish_reason":"stop"}]"#),
        &event(
            r#"[],"usage":{"completion_tokens":2,"prompt_tokens":2,"prompt_tokens_details":{"cached_tokens":1},"total_tokens":4}"#,
        ),
        "e\r\ndata: [DONE]\n\n\r\n0\r\n\r\n",
    ];
    assert_eq!(String::from_utf8(bytes).unwrap(), expected.concat());
}

async fn an_answer_that_is_not_streamed() {
    let at = start(Settings { reasoning_share: Some(0.25), ..swift() }).await;
    let body = ask(at, &chat("40+2=", false)).await.json();
    let choice = &body["choices"][0];
    assert_eq!(choice["message"]["content"], "so we the answer is 42");
    assert_eq!(choice["message"]["reasoning_content"], "so we");
    assert_eq!(choice["finish_reason"], "stop");
    assert_eq!(body["usage"]["completion_tokens"], 8);
    assert_eq!(body["usage"]["completion_tokens_details"]["reasoning_tokens"], 2);
    let record = only_record(at).await;
    assert_eq!(
        (&record["outcome"], &record["right"], &record["usage_sent"]),
        (&json!("completed"), &json!(true), &json!(true))
    );
    assert_eq!(
        (&record["completion_tokens"], &record["reasoning_tokens"], &record["events"]),
        (&json!(8), &json!(2), &json!(1))
    );
}

async fn refusals_have_their_status() {
    for (fault, status, code) in
        [("429", 429, "rate_limit_exceeded"), ("500", 500, "mock_fault"), ("503", 503, "overloaded")]
    {
        let at = start(Settings { retry_after: Duration::from_millis(1_500), ..faulty(fault) }).await;
        for stream in [true, false] {
            let reply = ask(at, &chat("1+1=", stream)).await;
            assert_eq!((reply.status, &reply.json()["error"]["code"]), (status, &json!(code)));
            let waits = reply.head.contains("retry-after: 2\r\nretry-after-ms: 1500\r\n");
            assert_eq!(waits, status != 500, "{}", reply.head);
        }
        let summary = settled(at).await;
        assert_eq!(
            summary["totals"],
            json!([{
                "outcome": "refused", "usage_sent": false, "requests": 2, "prompt_tokens": 0, "cached_tokens": 0,
                "completion_tokens": 0, "reasoning_tokens": 0, "events": 0, "right": 0, "wrong": 0, "unsaid": 0, "unjudged": 2,
            }])
        );
        assert_eq!(summary["faults"], json!({fault: 2}));
    }
    let at = start(faulty("closed")).await;
    assert_eq!(raw_chat(at, &chat("1+1=", true)).await, b"");
    assert_eq!(only_record(at).await["status"], 0);
}

async fn streams_break_as_told() {
    // fault, text, finish, usage, [DONE], whole, outcome, tokens, said
    let all = "so we look at the answer is 42";
    let half = "so we look at";
    let cases = [
        ("slow_headers", all, Some("stop"), true, true, true, "completed", 8, true),
        ("empty", "", Some("stop"), true, true, true, "completed", 0, false),
        ("cut", half, None, false, false, false, "broken", 4, false),
        ("stall", all, Some("stop"), true, true, true, "completed", 8, true),
        ("garbage", half, None, false, false, false, "broken", 4, false),
        ("bad_json", half, None, false, true, true, "broken", 4, false),
        ("error_event", half, None, false, true, true, "broken", 4, false),
        ("length", half, Some("length"), true, true, true, "completed", 4, false),
        ("no_finish", all, None, true, true, true, "broken", 8, true),
        ("no_done", all, Some("stop"), true, false, true, "completed", 8, true),
        ("no_usage", all, Some("stop"), false, true, true, "completed", 8, true),
    ];
    for (fault, text, finish, usage, done, whole, outcome, tokens, said) in cases {
        let at = start(faulty(fault)).await;
        let reply = ask(at, &chat("40+2=", true)).await;
        assert_eq!((reply.text().as_str(), reply.finish().as_deref()), (text, finish), "{fault}");
        assert_eq!((reply.usage().is_some(), reply.done(), reply.whole), (usage, done, whole), "{fault}");
        assert_eq!(reply.events().iter().any(Option::is_none), fault == "bad_json", "{fault}");
        let error = reply.events().iter().flatten().any(|event| event.get("error").is_some());
        assert_eq!(error, fault == "error_event", "{fault}");
        let record = only_record(at).await;
        assert_eq!((&record["outcome"], &record["fault"]), (&json!(outcome), &json!(fault)));
        assert_eq!((&record["usage_sent"], &record["completion_tokens"]), (&json!(usage), &json!(tokens)), "{fault}");
        assert_eq!(record["said"], if said { json!("42") } else { Value::Null }, "{fault}");
        assert_eq!(record["writes_ns"].as_array().map(Vec::len), Some(tokens), "{fault}");
    }
}

async fn whole_answers_break_as_told() {
    let at = start(faulty("cut")).await;
    let reply = ask(at, &chat("1+1=", false)).await;
    assert!(reply.status == 200 && !reply.whole && !reply.body.is_empty());
    let at = start(faulty("garbage")).await;
    assert!(!raw_chat(at, &chat("1+1=", false)).await.starts_with(b"HTTP"));
    let at = start(faulty("bad_json")).await;
    let reply = ask(at, &chat("1+1=", false)).await;
    assert!(reply.whole && serde_json::from_slice::<Value>(&reply.body).is_err());
    let at = start(faulty("error_event")).await;
    assert_eq!(ask(at, &chat("1+1=", false)).await.json()["error"]["code"], "mock_fault");
    let at = start(faulty("no_usage")).await;
    assert!(ask(at, &chat("1+1=", false)).await.json().get("usage").is_none());
    let at = start(faulty("empty")).await;
    assert_eq!(ask(at, &chat("1+1=", false)).await.json()["choices"][0]["message"]["content"], "");
    let at = start(faulty("huge_line")).await;
    let reply = ask(at, &chat("1+1=", false)).await;
    assert!(reply.body.len() > 300_000 && reply.json()["choices"][0]["finish_reason"] == "stop");
}

async fn endless_and_huge_answers_go_on() {
    let at = start(faulty("huge_line")).await;
    let reply = ask(at, &chat("1+1=", true)).await;
    let longest = reply.body.split(|b| *b == b'\n').map(<[u8]>::len).max();
    assert!(longest > Some(300_000) && reply.done() && reply.whole);
    assert_eq!(reply.usage().unwrap()["completion_tokens"], 9);

    for stream in [true, false] {
        let at = start(faulty("endless")).await;
        let mut client = TcpStream::connect(at).await.unwrap();
        let body = chat("1+1=", stream).to_string();
        client.write_all(&request("POST", "/v1/chat/completions", "", &body)).await.unwrap();
        let mut read = 0;
        let mut buffer = vec![0; 1 << 16];
        while read < 1 << 20 {
            read += client.read(&mut buffer).await.unwrap();
        }
        drop(client);
        let record = only_record(at).await;
        assert_eq!(
            (&record["outcome"], &record["fault"], &record["said"]),
            (&json!("abandoned"), &json!("endless"), &Value::Null)
        );
    }
}

async fn keys_and_names_are_checked() {
    let at = start(Settings { key: Some("k1".into()), strict_model: true, ..swift() }).await;
    let body = chat("1+1=", true);
    assert_eq!(ask(at, &body).await.status, 401);
    assert_eq!(get(at, "/v1/models").await.status, 401);
    let keyed = |body: &Value| {
        request("POST", "/v1/chat/completions", "connection: close\r\nauthorization: Bearer k1\r\n", &body.to_string())
    };
    assert_eq!(response(&raw(at, &keyed(&body)).await).0.text(), "so we look at the answer is 2");
    let mut other = body.clone();
    other["model"] = json!("other");
    let reply = response(&raw(at, &keyed(&other)).await).0;
    assert_eq!((reply.status, &reply.json()["error"]["code"]), (404, &json!("model_not_found")));
    let models = raw(at, &request("GET", "/v1/models", "connection: close\r\nauthorization: Bearer k1\r\n", "")).await;
    assert_eq!(response(&models).0.json()["data"][0]["id"], "mock");
    assert_eq!(settled(at).await["statuses"], json!({"200": 1, "401": 1, "404": 1}));
}

async fn a_connection_carries_many_requests() {
    let at = start(faulty("500=every:2")).await;
    let mut client = TcpStream::connect(at).await.unwrap();
    // The second comes while the first is answered, the third in chunks, the last closes.
    let body = |n: u32| chat(&format!("{n}+1="), true).to_string();
    let chunked = format!(
        "POST /v1/chat/completions HTTP/1.1\r\ntransfer-encoding: chunked\r\n\r\n{:x}\r\n{}\r\n0\r\n\r\n",
        body(3).len(),
        body(3)
    );
    let path = "/v1/chat/completions";
    let all = [
        request("POST", path, "", &body(1)),
        request("POST", path, "", &body(2)),
        chunked.into_bytes(),
        request("GET", "/health", "connection: close\r\n", ""),
    ];
    client.write_all(&all.concat()).await.unwrap();
    let mut bytes = Vec::new();
    client.read_to_end(&mut bytes).await.unwrap();
    let (first, rest) = response(&bytes);
    let (second, rest) = response(rest);
    let (third, rest) = response(rest);
    let (health, rest) = response(rest);
    assert_eq!((first.text().as_str(), second.status), ("so we look at the answer is 2", 500));
    assert_eq!(third.text(), "so we look at the answer is 4");
    assert_eq!((health.json(), rest.len()), (json!({"status": "ok"}), 0));
    let summary = settled(at).await;
    assert_eq!((&summary["arrived"], &summary["statuses"]), (&json!(3), &json!({"200": 2, "500": 1})));

    let expecting = format!(
        "POST {path} HTTP/1.1\r\nconnection: close\r\nexpect: 100-continue\r\ncontent-length: {}\r\n\r\n",
        body(4).len()
    );
    let mut client = TcpStream::connect(at).await.unwrap();
    client.write_all(expecting.as_bytes()).await.unwrap();
    let mut leave = [0; 25];
    client.read_exact(&mut leave).await.unwrap();
    assert_eq!(&leave, b"HTTP/1.1 100 Continue\r\n\r\n");
    client.write_all(body(4).as_bytes()).await.unwrap();
    let mut bytes = Vec::new();
    client.read_to_end(&mut bytes).await.unwrap();
    assert_eq!(response(&bytes).0.status, 500);
}

async fn what_is_no_request_is_refused() {
    let at = start(swift()).await;
    assert_eq!(response(&raw(at, b"\x16\x03\x01\x00\xa5\x01\x00").await).0.status, 400);
    assert_eq!(get(at, "/v1/nothing").await.status, 404);
    assert_eq!(get(at, "/v1/chat/completions").await.status, 405);
    assert_eq!(
        response(&raw(at, &request("POST", "/v1/chat/completions", "connection: close\r\n", "{")).await).0.status,
        400
    );
    for (tokens, most) in [(0, 8), (200_000, 0)] {
        let settings = if most == 0 { Length::MaxTokens } else { Length::Fixed(most) };
        let at = start(Settings { tokens: settings, ..swift() }).await;
        let mut body = chat("1+1=", true);
        body["max_tokens"] = json!(tokens);
        assert_eq!(ask(at, &body).await.status, 400, "{tokens}");
    }
}

async fn the_truth_is_what_sixty_four_clients_counted() {
    let at = start(Settings {
        accuracy: 0.7,
        reasoning_share: Some(0.25),
        cached_share: Some(0.5),
        itl: Duration::from_millis(1),
        faults: vec!["cut=every:7".parse().unwrap(), "429=every:5".parse().unwrap()],
        ..swift()
    })
    .await;
    let clients: Vec<_> = (0..64)
        .map(|i| {
            tokio::spawn(async move {
                let mut replies = Vec::new();
                for j in 0..3 {
                    replies.push((i + 10 * j, ask(at, &chat(&format!("{i}+{}=", 10 * j), true)).await));
                }
                replies
            })
        })
        .collect();
    let (mut right, mut wrong, mut cut, mut refused) = (0, 0, 0, 0);
    let (mut prompt, mut cached, mut completion, mut reasoning, mut events) = (0, 0, 0, 0, 0);
    for client in clients {
        for (sum, reply) in client.await.unwrap() {
            let content = |e: &&Value| {
                let delta = &e["choices"][0]["delta"];
                ["content", "reasoning_content"]
                    .iter()
                    .any(|field| delta[field].as_str().is_some_and(|t| !t.is_empty()))
            };
            events += reply.events().iter().flatten().filter(content).count();
            match (reply.status, reply.usage()) {
                (429, _) => refused += 1,
                (_, None) => cut += 1,
                (_, Some(usage)) => {
                    let count = |path: &str| usage.pointer(path).and_then(Value::as_u64).unwrap();
                    prompt += count("/prompt_tokens");
                    cached += count("/prompt_tokens_details/cached_tokens");
                    completion += count("/completion_tokens");
                    reasoning += count("/completion_tokens_details/reasoning_tokens");
                    if reply.text().ends_with(&format!(" {sum}")) { right += 1 } else { wrong += 1 }
                }
            }
        }
    }
    assert!(right > 0 && wrong > 0 && cut > 0 && refused > 0);
    let summary = settled(at).await;
    let part = |outcome: &str, field: &str| {
        let totals = summary["totals"].as_array().unwrap();
        totals.iter().find(|t| t["outcome"] == outcome).and_then(|t| t[field].as_u64()).unwrap()
    };
    assert_eq!(part("completed", "requests"), right + wrong);
    assert_eq!((part("completed", "right"), part("completed", "wrong")), (right, wrong));
    assert_eq!((part("broken", "requests"), part("broken", "unsaid")), (cut, cut));
    assert_eq!(part("refused", "requests"), refused);
    assert_eq!((part("completed", "prompt_tokens"), part("completed", "cached_tokens")), (prompt, cached));
    assert_eq!(
        (part("completed", "completion_tokens"), part("completed", "reasoning_tokens")),
        (completion, reasoning)
    );
    assert_eq!(part("completed", "events") + part("broken", "events"), events as u64);
    assert_eq!((&summary["arrived"], &summary["connections"].as_u64().map(|n| n >= 192)), (&json!(192), &Some(true)));
    the_two_forms_agree(at, &summary).await;
}

/// The JSON and the CSV records say the same, and the summary follows from them.
async fn the_two_forms_agree(at: SocketAddr, summary: &Value) {
    let truth = truth(at).await;
    let records = truth["records"].as_array().unwrap();
    let table = get(at, "/__truth.csv").await;
    assert!(table.whole);
    let mut reader = csv::Reader::from_reader(table.body.as_slice());
    let columns = reader.headers().unwrap().clone();
    let rows: Vec<csv::StringRecord> = reader.records().map(Result::unwrap).collect();
    assert_eq!((rows.len(), records.len()), (192, 192));
    let mut gaps: Vec<u64> = Vec::new();
    for (row, record) in rows.iter().zip(records) {
        let cell = |name: &str| row.get(columns.iter().position(|c| c == name).unwrap()).unwrap();
        for name in ["sequence", "status", "received_ns", "completion_tokens", "events"] {
            assert_eq!(cell(name), record[name].to_string());
        }
        assert_eq!(cell("prompt"), record["prompt"].as_str().unwrap());
        let writes: Vec<u64> = record["writes_ns"].as_array().unwrap().iter().map(|w| w.as_u64().unwrap()).collect();
        let differences: Vec<String> = writes.windows(2).map(|w| (w[1] - w[0]).to_string()).collect();
        assert_eq!(cell("gaps_ns"), differences.join(" "));
        assert_eq!(cell("first_ns"), writes.first().map_or_else(String::new, u64::to_string));
        if record["outcome"] == "completed" {
            gaps.extend(writes.windows(2).map(|w| w[1] - w[0]));
        }
    }
    gaps.sort_unstable();
    assert_eq!(summary["itl_ns"]["n"], gaps.len());
    assert_eq!(summary["itl_ns"]["p50"], gaps[(gaps.len() / 2).max(1) - 1 + gaps.len() % 2]);
    assert_eq!(summary["itl_ns"]["max"], gaps[gaps.len() - 1]);
}

async fn no_token_is_early() {
    let (ttft, itl) = (Duration::from_micros(2_500), Duration::from_micros(700));
    let at = start(Settings { ttft, itl, spread: false, tokens: Length::Fixed(20), ..swift() }).await;
    ask(at, &chat("1+1=", true)).await;
    let record = only_record(at).await;
    let received = record["received_ns"].as_u64().unwrap();
    let writes = record["writes_ns"].as_array().unwrap();
    assert_eq!(writes.len(), 20);
    for (k, write) in (0..).zip(writes) {
        assert!(write.as_u64().unwrap() >= received + 2_500_000 + k * 700_000);
    }
    assert!(record["ended_ns"].as_u64() >= writes[19].as_u64());
}

async fn capacity_makes_a_queue() {
    let at = start(Settings { capacity: Some(2), ttft: Duration::from_millis(3), spread: false, ..swift() }).await;
    let bodies: Vec<Value> = (0..8).map(|i| chat(&format!("{i}+1="), true)).collect();
    let clients: Vec<_> = bodies.into_iter().map(|body| tokio::spawn(async move { ask(at, &body).await })).collect();
    for client in clients {
        assert!(client.await.unwrap().done());
    }
    let summary = settled(at).await;
    assert_eq!((&summary["arrived"], &summary["peak_in_flight"]), (&json!(8), &json!(8)));
    let truth = truth(at).await;
    let instants = |field: &str| -> Vec<u64> {
        truth["records"].as_array().unwrap().iter().map(|r| r[field].as_u64().unwrap()).collect()
    };
    let (received, started, ended) = (instants("received_ns"), instants("started_ns"), instants("ended_ns"));
    for start in &started {
        let busy = started.iter().zip(&ended).filter(|(s, e)| *s < start && start < *e).count();
        assert!(busy < 2, "{started:?} {ended:?}");
    }
    assert_eq!(received.iter().zip(&started).filter(|(r, s)| r < s).count(), 6);
    // First come, first served.
    let mut order: Vec<_> = received.iter().zip(&started).collect();
    order.sort_unstable();
    assert!(order.windows(2).all(|pair| pair[0].1 <= pair[1].1));
}

async fn a_client_that_leaves_is_noticed() {
    let long = Duration::from_secs(3_600);
    let at = start(Settings { ttft: long, capacity: Some(1), ..swift() }).await;
    let mut busy = TcpStream::connect(at).await.unwrap();
    let mut queued = TcpStream::connect(at).await.unwrap();
    let bytes = request("POST", "/v1/chat/completions", "", &chat("1+1=", true).to_string());
    busy.write_all(&bytes).await.unwrap();
    busy.read_u8().await.unwrap();
    queued.write_all(&bytes).await.unwrap();
    while get(at, "/__truth?summary=1").await.json()["in_flight"] != 2 {
        tokio::task::yield_now().await;
    }
    drop(queued);
    drop(busy);
    let summary = settled(at).await;
    assert_eq!((&summary["totals"][0]["outcome"], &summary["totals"][0]["requests"]), (&json!("abandoned"), &json!(2)));
    assert_eq!(summary["totals"][0]["completion_tokens"], 0);
}

async fn settings_change_while_it_runs() {
    let at = start(Settings { key: Some("k1".into()), ..swift() }).await;
    assert_eq!(ask(at, &chat("1+1=", true)).await.status, 401);
    let changed = post(at, "/__set", &json!({"key": null, "tokens": 4, "answers": {"Who?": "Me"}})).await;
    assert_eq!((changed.status, &changed.json()["tokens"]), (200, &json!("4")));
    assert_eq!(ask(at, &chat("Who?", true)).await.text(), "the answer is Me");
    let refused = post(at, "/__set", &json!({"accuracy": 7})).await;
    assert_eq!((refused.status, &refused.json()["error"]["message"]), (400, &json!("accuracy must be from 0 to 1")));
    assert_eq!(ask(at, &chat("Who?", true)).await.text(), "the answer is Me");
    settled(at).await;
    assert_eq!(post(at, "/__reset", &json!({})).await.status, 200);
    let summary = settled(at).await;
    assert_eq!((&summary["arrived"], &summary["records"], &summary["totals"]), (&json!(0), &json!(0), &json!([])));
    ask(at, &chat("1+1=", true)).await;
    assert_eq!(only_record(at).await["sequence"], 1);
}

async fn the_truth_is_bounded() {
    let at = start(Settings { truth_bytes: 3_000, ..swift() }).await;
    for i in 0..20 {
        ask(at, &chat(&format!("{i}+1="), true)).await;
    }
    let summary = settled(at).await;
    let (kept, dropped) = (summary["records"].as_u64().unwrap(), summary["dropped_records"].as_u64().unwrap());
    assert!(kept > 0 && dropped > 0 && kept + dropped == 20);
    assert_eq!((&summary["totals"][0]["requests"], &summary["totals"][0]["right"]), (&json!(20), &json!(20)));
}

async fn wrong_settings_do_not_start() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let error = serve(listener, Settings { accuracy: 2.0, ..swift() }, std::future::pending()).await.unwrap_err();
    assert_eq!(error.to_string(), "accuracy must be from 0 to 1");
}

async fn it_stops_when_told() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let at = listener.local_addr().unwrap();
    let stop = Arc::new(tokio::sync::Notify::new());
    let told = Arc::clone(&stop);
    let server = tokio::spawn(serve(listener, swift(), async move { told.notified().await }));
    let mut client = TcpStream::connect(at).await.unwrap();
    client.write_all(&request("GET", "/health", "", "")).await.unwrap();
    client.read_u8().await.unwrap();
    stop.notify_one();
    server.await.unwrap().unwrap();
    let mut rest = Vec::new();
    client.read_to_end(&mut rest).await.unwrap();
    assert!(TcpStream::connect(at).await.is_err());
}
