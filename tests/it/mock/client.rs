//! A client on the bare socket: bytes out, bytes in, and no more understanding of HTTP than the tests need.

use serde_json::{Value, json};
use std::net::SocketAddr;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

pub fn request(method: &str, path: &str, extra: &str, body: &str) -> Vec<u8> {
    format!("{method} {path} HTTP/1.1\r\nhost: x\r\n{extra}content-length: {}\r\n\r\n{body}", body.len()).into_bytes()
}

pub fn chat(prompt: &str, stream: bool) -> Value {
    json!({
        "model": "mock", "stream": stream, "stream_options": {"include_usage": true},
        "messages": [{"role": "user", "content": prompt}],
    })
}

/// All bytes that come back on a connection of its own.
pub async fn raw(at: SocketAddr, bytes: &[u8]) -> Vec<u8> {
    let mut stream = TcpStream::connect(at).await.unwrap();
    stream.write_all(bytes).await.unwrap();
    let mut all = Vec::new();
    // A connection that is reset has still given what it gave.
    let _ = stream.read_to_end(&mut all).await;
    all
}

pub async fn raw_chat(at: SocketAddr, body: &Value) -> Vec<u8> {
    raw(at, &request("POST", "/v1/chat/completions", "connection: close\r\n", &body.to_string())).await
}

/// One response as far as it came.
#[derive(Debug)]
pub struct Response {
    pub status: u16,
    pub head: String,
    pub body: Vec<u8>,
    /// Whether the body ended as its framing says.
    pub whole: bool,
}

impl Response {
    pub fn json(&self) -> Value {
        assert!(self.whole, "{self:?}");
        serde_json::from_slice(&self.body).unwrap()
    }

    /// The data of the events; none for one that is not JSON, `[DONE]` apart.
    pub fn events(&self) -> Vec<Option<Value>> {
        let text = String::from_utf8_lossy(&self.body);
        let data = text.split("\n\n").filter_map(|event| event.strip_prefix("data: "));
        data.map(|data| if data == "[DONE]" { Some(json!("[DONE]")) } else { serde_json::from_str(data).ok() })
            .collect()
    }

    pub fn text(&self) -> String {
        let piece = |event: &Value| event["choices"][0]["delta"]["content"].as_str().map(str::to_owned);
        self.events().iter().flatten().filter_map(piece).collect()
    }

    pub fn finish(&self) -> Option<String> {
        let reason = |event: &Value| event["choices"][0]["finish_reason"].as_str().map(str::to_owned);
        self.events().iter().flatten().find_map(reason)
    }

    pub fn usage(&self) -> Option<Value> {
        self.events().iter().flatten().find_map(|event| event.get("usage").cloned())
    }

    pub fn done(&self) -> bool {
        self.events().last() == Some(&Some(json!("[DONE]")))
    }
}

/// Takes one response off the front.
pub fn response(bytes: &[u8]) -> (Response, &[u8]) {
    let at = bytes.windows(4).position(|w| w == b"\r\n\r\n").unwrap();
    let head = String::from_utf8(bytes[..at + 2].to_vec()).unwrap();
    let mut rest = &bytes[at + 4..];
    let status = head.split(' ').nth(1).unwrap().parse().unwrap();
    let length = head.lines().find_map(|line| line.strip_prefix("content-length: ")).map(|n| n.parse().unwrap());
    let (mut body, mut whole) = (Vec::new(), false);
    if let Some(length) = length {
        let there = rest.len().min(length);
        body.extend_from_slice(&rest[..there]);
        rest = &rest[there..];
        whole = there == length;
    } else {
        while let Some(line) = rest.windows(2).position(|w| w == b"\r\n") {
            let Ok(size) = usize::from_str_radix(&String::from_utf8_lossy(&rest[..line]), 16) else { break };
            if rest.len() < line + 4 + size {
                body.extend_from_slice(&rest[line + 2..]);
                break;
            }
            body.extend_from_slice(&rest[line + 2..line + 2 + size]);
            rest = &rest[line + 4 + size..];
            if size == 0 {
                whole = true;
                break;
            }
        }
    }
    (Response { status, head, body, whole }, rest)
}

pub async fn ask(at: SocketAddr, body: &Value) -> Response {
    response(&raw_chat(at, body).await).0
}

pub async fn get(at: SocketAddr, path: &str) -> Response {
    response(&raw(at, &request("GET", path, "connection: close\r\n", "")).await).0
}

pub async fn post(at: SocketAddr, path: &str, body: &Value) -> Response {
    response(&raw(at, &request("POST", path, "connection: close\r\n", &body.to_string())).await).0
}

pub async fn truth(at: SocketAddr) -> Value {
    get(at, "/__truth").await.json()
}
