//! A scripted TCP server: it reads a request and answers with bytes, pauses and breaks, as told.

use assayd::domain::Nanos;
use assayd::provider::wire::now;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;

/// One step of an answer. After the last one the connection is closed.
#[derive(Clone)]
pub enum Step {
    /// Bytes, in one write.
    Send(Vec<u8>),
    /// Bytes, one write each.
    Dribble(Vec<u8>),
    /// Nothing for so long.
    Pause(Duration),
    /// Nothing until the client goes.
    Hang,
    /// The bytes over and over until the client goes.
    Endless(Vec<u8>),
    /// Another request on the same connection; the end where the client goes instead.
    Again,
}

pub fn send(text: impl AsRef<[u8]>) -> Step {
    Step::Send(text.as_ref().to_vec())
}

/// What a server saw and did.
#[derive(Default)]
pub struct Log {
    /// How many connections were made.
    pub connections: usize,
    /// The requests, head and body.
    pub requests: Vec<String>,
    /// When each was complete.
    pub received: Vec<Nanos>,
    /// Just before each write.
    pub writes: Vec<Nanos>,
    /// Bytes written.
    pub sent: usize,
}

/// A running server; it ends with the runtime.
pub struct Server {
    pub address: SocketAddr,
    pub log: Arc<Mutex<Log>>,
}

impl Server {
    /// Answers every connection with the steps.
    pub async fn plain(steps: Vec<Step>) -> Self {
        Self::start(steps, None).await
    }

    /// The same under TLS.
    pub async fn tls(steps: Vec<Step>, acceptor: TlsAcceptor) -> Self {
        Self::start(steps, Some(acceptor)).await
    }

    async fn start(steps: Vec<Step>, acceptor: Option<TlsAcceptor>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let (address, log) = (listener.local_addr().unwrap(), Arc::new(Mutex::new(Log::default())));
        let shared = Arc::clone(&log);
        tokio::spawn(async move {
            while let Ok((tcp, _)) = listener.accept().await {
                let (steps, log, acceptor) = (steps.clone(), Arc::clone(&shared), acceptor.clone());
                tokio::spawn(async move {
                    tcp.set_nodelay(true).unwrap();
                    // A client that goes away in the middle is part of the tests, not an error of theirs.
                    let _ = match acceptor {
                        None => play(tcp, &steps, &log).await,
                        Some(acceptor) => match acceptor.accept(tcp).await {
                            Ok(tls) => play(tls, &steps, &log).await,
                            Err(e) => Err(e),
                        },
                    };
                });
            }
        });
        Self { address, log }
    }

    pub fn url(&self, scheme: &str) -> String {
        format!("{scheme}://localhost:{}/v1", self.address.port())
    }

    /// The only request, head and body.
    pub fn request(&self) -> String {
        let log = self.log.lock().unwrap();
        assert_eq!(log.requests.len(), 1);
        log.requests[0].clone()
    }
}

async fn play<T: AsyncRead + AsyncWrite + Unpin>(mut io: T, steps: &[Step], log: &Mutex<Log>) -> std::io::Result<()> {
    log.lock().unwrap().connections += 1;
    receive(&mut io, log).await?;
    for step in steps {
        match step {
            Step::Send(bytes) => write(&mut io, bytes, log).await?,
            Step::Dribble(bytes) => {
                for byte in bytes {
                    write(&mut io, std::slice::from_ref(byte), log).await?;
                    tokio::task::yield_now().await;
                }
            }
            Step::Pause(time) => tokio::time::sleep(*time).await,
            Step::Hang => {
                let _ = io.read_u8().await;
            }
            Step::Endless(bytes) => loop {
                write(&mut io, bytes, log).await?;
            },
            Step::Again => receive(&mut io, log).await?,
        }
    }
    io.shutdown().await
}

async fn receive<T: AsyncRead + Unpin>(io: &mut T, log: &Mutex<Log>) -> std::io::Result<()> {
    let request = read_request(io).await?;
    let mut log = log.lock().unwrap();
    log.received.push(now());
    log.requests.push(request);
    Ok(())
}

async fn write<T: AsyncWrite + Unpin>(io: &mut T, bytes: &[u8], log: &Mutex<Log>) -> std::io::Result<()> {
    log.lock().unwrap().writes.push(now());
    io.write_all(bytes).await?;
    io.flush().await?;
    log.lock().unwrap().sent += bytes.len();
    Ok(())
}

/// Reads one request: the head, and as much body as it announces.
pub async fn read_request<T: AsyncRead + Unpin>(io: &mut T) -> std::io::Result<String> {
    let mut bytes = Vec::new();
    loop {
        let text = String::from_utf8_lossy(&bytes).into_owned();
        if let Some(end) = text.find("\r\n\r\n") {
            let length = text.lines().find_map(|l| l.to_lowercase().strip_prefix("content-length: ")?.parse().ok());
            if bytes.len() >= end + 4 + length.unwrap_or(0) {
                return Ok(text);
            }
        }
        if io.read_buf(&mut bytes).await? == 0 {
            return Err(std::io::ErrorKind::UnexpectedEof.into());
        }
    }
}

/// A tunnelling proxy: answers the first CONNECT with a status line, and where that is 200, joins both sides.
/// Gives its address and the requests it saw.
pub async fn tunnel(status_line: &'static str, target: SocketAddr) -> (SocketAddr, Arc<Mutex<Vec<String>>>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let (address, seen) = (listener.local_addr().unwrap(), Arc::new(Mutex::new(Vec::new())));
    let shared = Arc::clone(&seen);
    tokio::spawn(async move {
        while let Ok((mut client, _)) = listener.accept().await {
            let seen = Arc::clone(&shared);
            tokio::spawn(async move {
                let request = read_request(&mut client).await.unwrap();
                seen.lock().unwrap().push(request);
                client.write_all(format!("{status_line}\r\nproxy-agent: test\r\n\r\n").as_bytes()).await.unwrap();
                if status_line.contains(" 200 ") {
                    let mut server = TcpStream::connect(target).await.unwrap();
                    let _ = tokio::io::copy_bidirectional(&mut client, &mut server).await;
                }
            });
        }
    });
    (address, seen)
}
