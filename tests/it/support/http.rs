//! HTTP/1.0 by hand: one request, one answer, one closed connection. Enough to ask a server on this machine something,
//! and independent of the HTTP code under test.

use super::Outcome;
use libtest_mimic::{Failed, Trial};
use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::time::Duration;

/// How long one read or write may take.
const PATIENCE: Duration = Duration::from_secs(30);

/// An answer.
#[derive(Debug, PartialEq, Eq)]
pub struct Reply {
    /// The status code.
    pub status: u16,
    /// The header lines, as they came.
    pub headers: String,
    /// The body, as text.
    pub body: String,
}

impl Reply {
    /// The value of a header, if it is there.
    pub fn header(&self, name: &str) -> Option<&str> {
        let pairs = self.headers.lines().filter_map(|line| line.split_once(':'));
        pairs.filter(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value.trim()).next()
    }

    /// The body as JSON.
    pub fn json(&self) -> Result<serde_json::Value, Failed> {
        serde_json::from_str(&self.body).map_err(|error| format!("{error} in {:?}", self.body).into())
    }
}

/// Asks for a path.
pub fn get(address: SocketAddr, path: &str) -> Result<Reply, Failed> {
    ask(address, &format!("GET {path} HTTP/1.0\r\nhost: {address}\r\n\r\n"))
}

/// Posts a JSON text to a path.
pub fn post(address: SocketAddr, path: &str, json: &str) -> Result<Reply, Failed> {
    let length = json.len();
    let head = "content-type: application/json\r\ncontent-length:";
    ask(address, &format!("POST {path} HTTP/1.0\r\nhost: {address}\r\n{head} {length}\r\n\r\n{json}"))
}

/// A query string's value, percent-encoded.
pub fn encoded(text: &str) -> String {
    url::form_urlencoded::byte_serialize(text.as_bytes()).collect()
}

/// Sends a request as it is written, and reads until the connection is closed.
pub fn ask(address: SocketAddr, request: &str) -> Result<Reply, Failed> {
    let mut stream = TcpStream::connect_timeout(&address, PATIENCE)?;
    stream.set_read_timeout(Some(PATIENCE))?;
    stream.set_write_timeout(Some(PATIENCE))?;
    stream.write_all(request.as_bytes())?;
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer)?;
    read(&String::from_utf8_lossy(&answer))
}

fn read(answer: &str) -> Result<Reply, Failed> {
    let (head, body) = answer.split_once("\r\n\r\n").ok_or_else(|| format!("no end of headers in {answer:?}"))?;
    let (first, headers) = head.split_once("\r\n").unwrap_or((head, ""));
    let status = first.split(' ').nth(1).and_then(|code| code.parse().ok());
    let status = status.ok_or_else(|| format!("no status in {first:?}"))?;
    Ok(Reply { status, headers: headers.to_owned(), body: body.to_owned() })
}

/// Tests of the above.
pub fn tests() -> Vec<Trial> {
    vec![
        Trial::test("support::http_reads_an_answer", || {
            let reply = read("HTTP/1.1 404 Not Found\r\nContent-Type: text/plain\r\nx-a: b\r\n\r\n{\"a\": 1}\r\n\r\n")?;
            assert_eq!((reply.status, reply.header("content-type")), (404, Some("text/plain")));
            assert_eq!((reply.header("x-b"), reply.json()?), (None, serde_json::json!({"a": 1})));
            Ok(())
        }),
        Trial::test("support::http_refuses_what_is_no_answer", || {
            assert!(read("").is_err() && read("hello\r\n\r\n").is_err());
            Ok(())
        }),
        Trial::test("support::http_asks", asks),
    ]
}

fn asks() -> Outcome {
    let listener = TcpListener::bind("127.0.0.1:0")?;
    let address = listener.local_addr()?;
    let server = std::thread::spawn(move || -> std::io::Result<String> {
        let (mut stream, _) = listener.accept()?;
        let mut request = vec![0; 4096];
        let length = stream.read(&mut request)?;
        request.truncate(length);
        stream.write_all(b"HTTP/1.0 200 OK\r\n\r\nfine")?;
        Ok(String::from_utf8_lossy(&request).into_owned())
    });
    let reply = get(address, &format!("/query?query={}", encoded("a{b=\"c\"} + 1")))?;
    let request = server.join().map_err(|_| "the server panicked")??;
    assert_eq!((reply.status, reply.body.as_str()), (200, "fine"));
    assert!(request.starts_with("GET /query?query=a%7Bb%3D%22c%22%7D+%2B+1 HTTP/1.0\r\n"), "{request}");
    Ok(())
}
