//! Endpoints that are not there, refuse, break off, fall silent, talk nonsense, or never stop.

use super::{Expected, Money, fails};
use crate::support::bench::{Bench, Mock, Shape, count, number, sum, target, text};
use crate::support::process::free_port;
use libtest_mimic::{Failed, Trial};
use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::time::Duration;

const fn expect(outcome: &'static str, detail: &'static str, attempts: u64, money: Money) -> Expected {
    Expected { outcome, detail, attempts, money }
}

/// A fault of the mock, lines of the target, and what is expected.
type Case = (&'static str, &'static [&'static str], &'static str, Expected);

const CASES: &[Case] = &[
    (
        "wrong_model",
        &["--strict-model", "--model", "other"],
        "",
        expect("http_4xx", "the model \"mock\" does not exist", 1, Money::Nothing),
    ),
    ("status_500", &["--fault", "500"], "", expect("http_5xx", "an error put in on purpose", 1, Money::Nothing)),
    (
        "status_503_is_tried_again",
        &["--fault", "503", "--retry-after", "1ms"],
        "",
        expect("http_5xx", "an error put in on purpose", 3, Money::Nothing),
    ),
    (
        "a_429_storm",
        &["--fault", "429", "--retry-after", "1ms"],
        "retry.attempts = 20",
        expect("rate_limited", "an error put in on purpose", 20, Money::Nothing),
    ),
    (
        "a_429_that_asks_for_more_than_is_accepted",
        &["--fault", "429", "--retry-after", "1h"],
        "",
        expect("rate_limited", "", 1, Money::Nothing),
    ),
    ("closed_without_an_answer", &["--fault", "closed"], "", expect("connect", "", 3, Money::Bounded)),
    (
        "no_answer_in_time",
        &["--fault", "slow_headers"],
        "timeouts.first_token = \"60ms\"",
        expect("timeout_first_token", "no token 60ms after the request", 1, Money::Bounded),
    ),
    (
        "a_stall",
        &["--fault", "stall", "--stall", "30s"],
        "timeouts.idle = \"60ms\"",
        expect("timeout_idle", "fell silent for 60ms", 1, Money::Bounded),
    ),
    ("a_cut_stream", &["--fault", "cut"], "", expect("truncated", "", 1, Money::Bounded)),
    ("garbage", &["--fault", "garbage"], "", expect("protocol", "", 1, Money::Bounded)),
    ("an_event_that_is_no_json", &["--fault", "bad_json"], "", expect("protocol", "", 1, Money::Bounded)),
    (
        "an_error_event",
        &["--fault", "error_event"],
        "",
        expect("in_stream_error", "an error put in on purpose", 1, Money::Bounded),
    ),
    ("no_finish_reason", &["--fault", "no_finish"], "", expect("truncated", "", 1, Money::Billed)),
    (
        "an_endless_stream_outgrows_its_bytes",
        &["--fault", "endless", "--itl", "5us"],
        "max_answer_bytes = 60000",
        expect("too_large", "60000", 1, Money::Bounded),
    ),
    (
        "an_endless_stream_outlasts_its_time",
        &["--fault", "endless"],
        "timeouts.total = \"150ms\"",
        expect("timeout_total", "150ms", 1, Money::Bounded),
    ),
    (
        "a_line_of_1_GiB",
        &["--fault", "huge_line", "--huge-bytes", "1073741824"],
        "",
        expect("too_large", "16777216", 1, Money::Bounded),
    ),
    ("no_done_marker_is_no_failure", &["--fault", "no_done"], "", expect("ok", "", 1, Money::Billed)),
    ("no_usage_is_bounded_not_free", &["--fault", "no_usage"], "", expect("ok", "", 1, Money::Bounded)),
];

pub(super) fn tests() -> Vec<Trial> {
    let mut all: Vec<Trial> = CASES.iter().map(|case| trial(case.0, || with_mock(case))).collect();
    all.extend([
        trial("a_wrong_key", wrong_key),
        trial("a_dead_endpoint", || {
            let at = format!("127.0.0.1:{}", free_port()?);
            fails(at, "", expect("connect", "Connection refused", 3, Money::Nothing))
        }),
        trial("an_unknown_host", || {
            fails("nowhere.invalid:80", "retry.attempts = 1", expect("dns", "nowhere.invalid", 1, Money::Nothing))
        }),
        trial("a_full_listener", full_listener),
        trial("a_server_without_tls", || {
            let mock = Mock::start(&[])?;
            fails(format!("https://{}/v1", mock.address), "retry.attempts = 2", expect("tls", "", 2, Money::Nothing))
        }),
        trial("no_quota_left", no_quota),
        trial("half_of_a_429_storm_gets_through", half_a_storm),
        trial("an_empty_answer_is_unparsed_not_failed", empty),
    ]);
    all
}

fn trial(name: &str, test: impl FnOnce() -> Result<(), Failed> + Send + 'static) -> Trial {
    Trial::test(format!("failures::{name}"), test)
}

fn with_mock(case: &Case) -> Result<(), Failed> {
    let (_, flags, more, expected) = case;
    fails(Mock::start(flags)?.address, more, *expected)
}

/// The endpoint takes no key but its own; ours is another. Neither is ever repeated.
fn wrong_key() -> Result<(), Failed> {
    let mock = Mock::with(&["--key-env", "KEY_OF_THE_MOCK"], |command| command.env("KEY_OF_THE_MOCK", "sk-1d04c5e7"))?;
    let folder = tempfile::tempdir()?;
    let key = folder.path().join("key");
    std::fs::write(&key, "sk-86f2a90b")?;
    let more = format!("key = {{ file = {key:?} }}");
    fails(mock.address, &more, expect("auth", "the key is missing or wrong", 1, Money::Nothing))
}

/// A listener whose queue is full: the kernel lets nobody in, and nobody refuses.
fn full_listener() -> Result<(), Failed> {
    let listener = TcpListener::bind("127.0.0.1:0")?;
    rustix::net::listen(&listener, 0)?;
    let address = listener.local_addr()?;
    let mut held = Vec::new();
    while let Ok(stream) = TcpStream::connect_timeout(&address, Duration::from_millis(200)) {
        held.push(stream);
        assert!(held.len() < 100, "the listener never filled");
    }
    let more = "timeouts.connect = \"100ms\"\nretry.attempts = 2";
    fails(address, more, expect("timeout_connect", "100ms", 2, Money::Nothing))
}

/// Answers every connection with the same bytes, for as long as the test's process lives.
fn answering(bytes: &'static [u8]) -> Result<SocketAddr, Failed> {
    let listener = TcpListener::bind("127.0.0.1:0")?;
    let address = listener.local_addr()?;
    std::thread::spawn(move || {
        for mut stream in listener.incoming().map_while(Result::ok) {
            std::thread::spawn(move || {
                // A request of these tests comes in one piece; a client that leaves is no error of the test.
                let _request = stream.read(&mut [0; 65_536]);
                let _answer = stream.write_all(bytes);
            });
        }
    });
    Ok(address)
}

fn no_quota() -> Result<(), Failed> {
    let at = answering(
        b"HTTP/1.1 429 Too Many Requests\r\ncontent-type: application/json\r\ncontent-length: 87\r\n\r\n\
          {\"error\":{\"message\":\"You exceeded your current quota\",\"code\":\"insufficient_quota\"}}      ",
    )?;
    fails(at, "", expect("quota", "You exceeded your current quota", 1, Money::Nothing))
}

/// Every second request is refused: all get through in the end, every attempt is in the record, and the mock saw as many
/// as were recorded.
fn half_a_storm() -> Result<(), Failed> {
    let (bench, mock) = (Bench::new()?, Mock::start(&["--fault", "429=0.5", "--retry-after", "1ms"])?);
    let shape = Shape { items: 30, ..Shape::default() };
    bench.configure(&[target("a", mock.address, "retry.attempts = 40")], shape)?;
    bench.run(&[])?.expect(0, "")?;
    let samples = bench.samples()?;
    assert_eq!((samples.len(), count(&samples, "verdict", "correct")), (30, 30));
    let attempts = sum(&samples, "attempts")?;
    assert_eq!(attempts, mock.arrived()?);
    assert!(attempts > 35, "{attempts} attempts for 30 items are no storm");
    Ok(())
}

/// An answer without text is an answer: graded, billed, and its own figure.
fn empty() -> Result<(), Failed> {
    let (bench, mock) = (Bench::new()?, Mock::start(&["--fault", "empty"])?);
    bench.configure(&[target("a", mock.address, "")], Shape::default())?;
    bench.run(&[])?.expect(0, "")?;
    for sample in bench.samples()? {
        assert_eq!((text(&sample, "verdict"), text(&sample, "outcome")), ("unparsed", "ok"));
        assert_eq!(number(&sample, "output_tokens")?, 0);
    }
    Ok(())
}
