//! Departures: a request that is ready leaves at its instant, whole, or never.

use super::server::{Server, send};
use super::*;
use std::future::poll_fn;
use std::task::Poll;
use std::time::Duration;

pub fn tests() -> Vec<Trial> {
    vec![
        trial("what_is_due_leaves_in_order_and_never_before", in_order),
        trial("a_request_that_is_larger_than_what_is_kept_arrives_whole", large),
        trial("a_departure_that_is_dropped_never_takes_place", dropped),
        Trial::test("wire::a_departure_follows_its_task_to_another_thread", || {
            tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build()?.block_on(moved());
            Ok(())
        }),
    ]
}

async fn good() -> Server {
    Server::plain(vec![send(streamed(&format!("{}{FINISH}{DONE}", delta("x"))))]).await
}

fn later(time: Duration) -> Departure {
    let at = now().plus(time.into());
    Departure { scheduled: at, at }
}

async fn leaving(endpoint: &Endpoint, prompt: Prompt, departure: Departure) -> Outcome {
    let provider = adapter("openai-chat");
    let connected = connect(endpoint).await.unwrap();
    connected.exchange(endpoint, &*provider, provider.request(&prompt), ready(departure)).await
}

async fn in_order() {
    let servers = [good().await, good().await, good().await, good().await];
    let endpoints = servers.each_ref().map(|server| endpoint(&server.url("http"), ""));
    let base = now().plus(Duration::from_millis(30).into());
    // The second and third are due as good as together, the last one was due before all of them.
    let due = [20_000_000, 5_000, 0].map(|ns| base.plus(assayd::domain::Nanos(ns)));
    let at = |at| Departure { scheduled: at, at };
    let past = now();
    let (first, second, third, last) = tokio::join!(
        leaving(&endpoints[0], prompt(), at(due[0])),
        leaving(&endpoints[1], prompt(), at(due[1])),
        leaving(&endpoints[2], prompt(), at(due[2])),
        leaving(&endpoints[3], prompt(), at(past)),
    );
    let mut sent = Vec::new();
    for (outcome, due) in [&last, &third, &second, &first].into_iter().zip([past, due[2], due[1], due[0]]) {
        assert_eq!((said(outcome), outcome.timing.scheduled), ("no fault".to_owned(), due));
        let send = outcome.timing.send.unwrap();
        assert!(send >= due, "{send:?} {due:?}");
        sent.push(send);
    }
    assert!(sent.is_sorted(), "{sent:?}");
}

async fn large() {
    let server = good().await;
    let endpoint = endpoint(&server.url("http"), "");
    let words = format!("{}end", "many words ".repeat(300_000));
    let prompt = Prompt::of([Message { role: Role::User, content: words.clone() }]);
    assert_eq!(said(&leaving(&endpoint, prompt, later(Duration::from_millis(10))).await), "no fault");
    assert!(server.request().contains(&words));
}

async fn dropped() {
    let server = good().await;
    let endpoint = endpoint(&server.url("http"), "");
    let given_up = leaving(&endpoint, prompt(), later(Duration::from_millis(300)));
    assert!(tokio::time::timeout(Duration::from_millis(50), given_up).await.is_err());
    // Beyond the instant at which it would have left; the thread looks after departures meanwhile.
    let other = leaving(&endpoint, prompt(), later(Duration::from_millis(400))).await;
    assert_eq!(said(&other), "no fault");
    // The server has one request only.
    server.request();
}

async fn moved() {
    let server = good().await;
    let endpoint = endpoint(&server.url("http"), "");
    let mut leaving = Box::pin(async move { leaving(&endpoint, prompt(), later(Duration::from_millis(50))).await });
    // On this thread until it is listed here, as far as can be told from outside; then on the worker's.
    let begun = now();
    poll_fn(|cx| {
        let polled = leaving.as_mut().poll(cx);
        assert!(polled.is_pending());
        if now().since(begun) > Duration::from_millis(20).into() { Poll::Ready(()) } else { Poll::Pending }
    })
    .await;
    assert_eq!(said(&tokio::spawn(leaving).await.unwrap()), "no fault");
    server.request();
}
