//! An endpoint that says what a test wants it to say, by what it is asked, and counts 5 tokens in and 2 out.

use libtest_mimic::Failed;
use serde_json::{Value, json};
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex, PoisonError};

/// What is said to the last message.
type Says = fn(&str) -> &'static str;

/// One on a port of its own, for as long as the tests run.
pub struct Scripted {
    /// Where it listens.
    pub address: SocketAddr,
    heard: Arc<Mutex<Vec<String>>>,
}

impl Scripted {
    /// Starts it.
    pub fn start(says: Says) -> Result<Self, Failed> {
        Self::in_tier(says, None)
    }

    /// One that names the service tier it answered in.
    pub fn in_tier(says: Says, tier: Option<&'static str>) -> Result<Self, Failed> {
        let listener = TcpListener::bind("127.0.0.1:0")?;
        let (address, heard) = (listener.local_addr()?, Arc::new(Mutex::new(Vec::new())));
        let hears = Arc::clone(&heard);
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let hears = Arc::clone(&hears);
                // Each by itself: a connection that is kept ready and says nothing must not keep others from an answer.
                std::thread::spawn(move || {
                    // A client that goes away is nobody's loss here.
                    let _gone = serve(stream, &hears, says, tier);
                });
            }
        });
        Ok(Self { address, heard })
    }

    /// The last message of every request so far.
    pub fn heard(&self) -> Vec<String> {
        self.heard.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

fn serve(mut stream: TcpStream, hears: &Mutex<Vec<String>>, says: Says, tier: Option<&str>) -> std::io::Result<()> {
    let mut reader = BufReader::new(stream.try_clone()?);
    let (mut line, mut length) = (String::new(), 0);
    while reader.read_line(&mut line)? > 2 {
        if let Some(value) = line.to_lowercase().strip_prefix("content-length:") {
            length = value.trim().parse().unwrap_or(0);
        }
        line.clear();
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body)?;
    let asked: Value = serde_json::from_slice(&body).unwrap_or_default();
    let last = asked["messages"].as_array().and_then(|all| all.last());
    let Some(text) = last.and_then(|message| message["content"].as_str()) else {
        // A connection that was made early, and not used.
        return Ok(());
    };
    hears.lock().unwrap_or_else(PoisonError::into_inner).push(text.to_owned());
    let events = [
        json!({"model": "j", "choices": [{"index": 0, "delta": {"content": says(text)}}]}),
        json!({"model": "j", "choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]}),
        json!({"model": "j", "choices": [], "service_tier": tier, "usage": {"prompt_tokens": 5, "completion_tokens": 2}}),
    ];
    let events: String = events.iter().map(|event| format!("data: {event}\n\n")).collect();
    let head = "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\nconnection: close\r\n\r\n";
    stream.write_all(format!("{head}{events}data: [DONE]\n\n").as_bytes())
}
