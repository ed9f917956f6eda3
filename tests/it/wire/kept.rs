//! Connections that the server keeps open: used again where it can be, and nothing lost where it can't.

use super::server::{Server, Step, send};
use super::*;
use assayd::provider::wire::Connections;
use std::time::Duration;

pub fn tests() -> Vec<Trial> {
    vec![
        trial("a_connection_that_is_kept_open_serves_the_next_request", serves_the_next),
        trial("the_end_of_a_response_may_come_apart", an_end_apart),
        trial("a_connection_for_each_request", one_each),
        trial("a_server_that_says_it_closes_is_believed", says_so),
        trial("a_connection_that_was_closed_is_seen_before_it_is_used", closed_in_time),
        trial("a_server_that_breaks_its_word_is_not_trusted_again", breaks_its_word),
    ]
}

fn answer() -> Vec<u8> {
    streamed(&format!("{}{FINISH}{DONE}", delta("x")))
}

/// Answers so many requests on a connection, and waits for one more.
fn patient(requests: usize) -> Vec<Step> {
    [send(answer()), Step::Again].into_iter().cycle().take(requests * 2).collect()
}

async fn ask_next(connections: &Arc<Connections>, endpoint: &Endpoint) -> Outcome {
    ask_over(connections.connect(endpoint).await.unwrap(), endpoint).await
}

fn made(server: &Server) -> (usize, usize) {
    let log = server.log.lock().unwrap();
    (log.connections, log.requests.len())
}

async fn serves_the_next() {
    let server = Server::plain(patient(9)).await;
    let (endpoint, connections) = (endpoint(&server.url("http"), ""), Arc::default());
    let mut before = None;
    for nth in 0..3 {
        let outcome = ask_next(&connections, &endpoint).await;
        assert_eq!((said(&outcome).as_str(), outcome.answer.text.as_str()), ("no fault", "x"));
        // Only the first one had to be made.
        assert_eq!((outcome.timing.connect.is_some(), outcome.timing.dns.is_some()), (nth == 0, nth == 0));
        // Each has its own instants.
        let (sent, first, end) = (outcome.timing.send, outcome.timing.first, outcome.timing.end);
        assert!(before < sent && sent < first && first <= end, "{before:?} {:?}", outcome.timing);
        before = end;
    }
    assert_eq!(made(&server), (1, 3));
    // Two at once are two connections, which both stay.
    let (one, other) = tokio::join!(ask_next(&connections, &endpoint), ask_next(&connections, &endpoint));
    assert_eq!((said(&one).as_str(), said(&other).as_str()), ("no fault", "no fault"));
    tokio::join!(ask_next(&connections, &endpoint), ask_next(&connections, &endpoint));
    assert_eq!(made(&server), (2, 7));
}

async fn an_end_apart() {
    let body = chunk(&format!("{}{FINISH}{DONE}", delta("x")));
    let once = [send(head()), send(body), Step::Pause(Duration::from_millis(5)), send("0\r\n\r\n"), Step::Again];
    let server = Server::plain(once.into_iter().cycle().take(500).collect()).await;
    let (endpoint, connections) = (endpoint(&server.url("http"), ""), Arc::default());
    for _ in 0..50 {
        let outcome = ask_next(&connections, &endpoint).await;
        assert_eq!(said(&outcome), "no fault");
        let (connections, requests) = made(&server);
        if connections < requests {
            return;
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    panic!("{:?} were made", made(&server));
}

async fn one_each() {
    let server = Server::plain(patient(9)).await;
    let (endpoint, connections) = (endpoint(&server.url("http"), "keep_alive = false"), Arc::default());
    for _ in 0..3 {
        assert_eq!(said(&ask_next(&connections, &endpoint).await), "no fault");
    }
    assert_eq!(made(&server), (3, 3));
    assert!(endpoint.describe().contains("a connection for each request"), "{}", endpoint.describe());
}

async fn says_so() {
    let text = format!("{}{FINISH}{DONE}", delta("x"));
    let answer = response("200 OK", "content-type: text/event-stream\r\nconnection: close\r\n", &text);
    let server = Server::plain(vec![send(answer), Step::Hang]).await;
    let (endpoint, connections) = (endpoint(&server.url("http"), ""), Arc::default());
    for _ in 0..3 {
        assert_eq!(said(&ask_next(&connections, &endpoint).await), "no fault");
    }
    assert_eq!(made(&server), (3, 3));
}

async fn closed_in_time() {
    let server = Server::plain(vec![send(answer())]).await;
    let (endpoint, connections) = (endpoint(&server.url("http"), ""), Arc::<Connections>::default());
    assert_eq!(said(&ask_next(&connections, &endpoint).await), "no fault");
    let mut next = connections.connect(&endpoint).await.unwrap();
    // Where it was closed already it is a new one, which nobody has closed yet.
    if next.phases().connect.is_none() {
        let closed = async {
            while next.stands() {
                tokio::time::sleep(Duration::from_millis(1)).await;
            }
        };
        assert!(tokio::time::timeout(Duration::from_secs(10), closed).await.is_ok(), "its end is not seen");
        next = connect(&endpoint).await.unwrap();
    }
    assert!(next.stands());
    assert_eq!(said(&ask_over(next, &endpoint).await), "no fault");
}

async fn breaks_its_word() {
    // It reads the second request of a connection and hangs up.
    let server = Server::plain(vec![send(answer()), Step::Again]).await;
    let (endpoint, connections) = (endpoint(&server.url("http"), ""), Arc::default());
    assert_eq!(said(&ask_next(&connections, &endpoint).await), "no fault");
    let second = said(&ask_next(&connections, &endpoint).await);
    assert!(second.starts_with("connect: the connection ended before any byte of the answer"), "{second}");
    for _ in 0..3 {
        assert_eq!(said(&ask_next(&connections, &endpoint).await), "no fault");
    }
    assert_eq!(made(&server), (4, 5));
}
