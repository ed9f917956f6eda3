//! From a name to an established connection, each phase timed and failing on its own.
//!
//! Connecting lies before the scheduled instant and outside every latency, so nothing here is hurried; what matters
//! is that a failure says which phase it was.

use super::aside::aside;
use super::connections::Connections;
use super::endpoint::Endpoint;
use super::exchange::Driven;
use super::now;
use super::stamp::{Stamped, Stamps};
use crate::domain::{Failure, Fault, Nanos};
use bytes::Bytes;
use http_body_util::Full;
use hyper::client::conn::http1::{self, SendRequest};
use hyper_util::rt::TokioIo;
use rustls::pki_types::ServerName;
use std::fmt::Write as _;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, ReadBuf};
use tokio::net::{TcpStream, lookup_host};
use tokio::time::timeout;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

/// The largest response head, in bytes; also the most that HTTP buffers.
const MAX_HEAD: usize = 64 << 10;

/// The largest answer to CONNECT, in bytes.
const MAX_CONNECT_HEAD: usize = 8 << 10;

/// An established connection, ready for an exchange. It does nothing until then; dropping it closes it. It is large, and
/// handed around: so it comes in a box.
pub struct Connected {
    pub(super) phases: Phases,
    pub(super) sender: SendRequest<Full<Bytes>>,
    pub(super) connection: Driven,
    pub(super) stamps: Arc<Stamps>,
    /// Where it is kept after its exchange; none where it serves only one.
    pub(super) home: Option<Arc<Connections>>,
    /// Counts it among those of its home.
    pub(super) _counted: Option<Arc<()>>,
    /// Whether it has served one before.
    pub(super) reused: bool,
    /// When it stood, or was used last.
    pub(super) since: Nanos,
}

/// How long the phases of connecting took; none for one that there was not (an IP address needs no look-up).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Phases {
    /// Name look-up.
    pub dns: Option<Nanos>,
    /// TCP connect, and the proxy's CONNECT.
    pub connect: Option<Nanos>,
    /// TLS handshake.
    pub tls: Option<Nanos>,
}

impl Connected {
    /// How long the phases took.
    #[must_use]
    pub const fn phases(&self) -> Phases {
        self.phases
    }

    /// For how long it has stood, or nobody has used it.
    #[must_use]
    pub fn age(&self) -> Nanos {
        now().since(self.since)
    }
}

/// Establishes a connection.
///
/// # Errors
/// `dns`, `connect` (also when a proxy refuses), `tls`, or `timeout_connect` when all of it took longer than the
/// endpoint's connect timeout.
pub async fn connect(endpoint: &Endpoint) -> Result<Box<Connected>, Fault> {
    let limit = endpoint.timeouts().connect;
    aside().await;
    let mut phases = Phases::default();
    let stamps = Arc::new(Stamps::default());
    match timeout(limit, Box::pin(establish(endpoint, &mut phases, &stamps))).await {
        Ok(stream) => hand_over(stream?, phases, stamps).await,
        Err(_) => {
            let during = match phases {
                Phases { dns: None, connect: None, .. } if needs_lookup(endpoint) => "looking the name up",
                Phases { connect: None, .. } if endpoint.proxy().is_some() => "connecting through the proxy",
                Phases { connect: None, .. } => "connecting",
                Phases { .. } => "in the TLS handshake",
            };
            let (host, port) = next_hop(endpoint);
            Err(Fault::new(Failure::TimeoutConnect, format!("{host}:{port}: still {during} after {limit:?}")))
        }
    }
}

/// Where the TCP connection goes: the proxy if there is one.
fn next_hop(endpoint: &Endpoint) -> (String, u16) {
    endpoint.proxy().map_or_else(|| endpoint.host(), |p| (p.host.clone(), p.port))
}

fn needs_lookup(endpoint: &Endpoint) -> bool {
    next_hop(endpoint).0.parse::<IpAddr>().is_err()
}

async fn establish(endpoint: &Endpoint, phases: &mut Phases, stamps: &Arc<Stamps>) -> Result<Stream, Fault> {
    let (host, port) = next_hop(endpoint);
    let who = if endpoint.proxy().is_some() { "proxy " } else { "" };

    let start = now();
    let addresses: Vec<SocketAddr> = match host.parse::<IpAddr>() {
        Ok(ip) => vec![SocketAddr::new(ip, port)],
        Err(_) => {
            let found = lookup_host((host.as_str(), port)).await;
            let found = found.map_err(|e| Fault::new(Failure::Dns, format!("{who}{host}: {e}")))?;
            phases.dns = Some(now().since(start));
            found.collect()
        }
    };
    if addresses.is_empty() {
        return Err(Fault::new(Failure::Dns, format!("{who}{host}: the name has no address")));
    }

    let start = now();
    let tcp = dial(&addresses, endpoint.timeouts().connect)
        .await
        .map_err(|(address, e)| Fault::new(Failure::Connect, format!("{who}{address}: {e}")))?;
    let mut tcp = Stamped::new(tcp, Arc::clone(stamps));
    if endpoint.proxy().is_some() && endpoint.is_tls() {
        tunnel(endpoint, &mut tcp).await?;
    }
    phases.connect = Some(now().since(start));
    let Some(tls) = endpoint.tls() else { return Ok(Stream::new(Transport::Plain(tcp), stamps)) };

    let start = now();
    let (host, _) = endpoint.host();
    let failed = |e: &dyn std::fmt::Display, hint: &str| Fault::new(Failure::Tls, format!("{host}: {e}{hint}"));
    let name = ServerName::try_from(host.clone()).map_err(|e| failed(&e, ""))?;
    let tls = TlsConnector::from(Arc::clone(tls)).connect(name, tcp).await.map_err(|e| {
        let plain = e
            .get_ref()
            .and_then(|e| e.downcast_ref::<rustls::Error>())
            .is_some_and(|e| matches!(e, rustls::Error::InvalidMessage(rustls::InvalidMessage::InvalidContentType)));
        failed(&e, if plain { " (is it a plain http:// server?)" } else { "" })
    })?;
    phases.tls = Some(now().since(start));
    Ok(Stream::new(Transport::Tls(Box::new(tls)), stamps))
}

/// Tries the addresses in the resolver's order, each for its share of the time, so that a dead first one (often IPv6)
/// leaves the others theirs. Gives the last failure.
async fn dial(addresses: &[SocketAddr], limit: Duration) -> Result<TcpStream, (SocketAddr, io::Error)> {
    let share = limit / u32::try_from(addresses.len()).unwrap_or(u32::MAX).max(1);
    let mut failure = None;
    for (place, address) in addresses.iter().enumerate() {
        let attempt = TcpStream::connect(address);
        // The last one may take all that is left: the caller's limit ends it, and names the failure a timeout.
        let tried = if place + 1 < addresses.len() {
            timeout(share, attempt).await.unwrap_or_else(|_| Err(io::ErrorKind::TimedOut.into()))
        } else {
            attempt.await
        };
        match tried {
            Ok(tcp) => {
                // Without it a small request can wait for an acknowledgement. A stream that can't be set still works.
                let _ = tcp.set_nodelay(true);
                return Ok(tcp);
            }
            Err(e) => failure = Some((*address, e)),
        }
    }
    Err(failure.unwrap_or_else(|| (SocketAddr::from(([0, 0, 0, 0], 0)), io::ErrorKind::NotFound.into())))
}

/// Asks the proxy for a tunnel to the endpoint (RFC 9110, 9.3.6).
async fn tunnel(endpoint: &Endpoint, tcp: &mut Stamped) -> Result<(), Fault> {
    let (host, port) = endpoint.host();
    let host = if host.contains(':') { format!("[{host}]") } else { host };
    let mut request = format!("CONNECT {host}:{port} HTTP/1.1\r\nhost: {host}:{port}\r\n");
    let mut via = String::new();
    if let Some(proxy) = endpoint.proxy() {
        via = proxy.to_string();
        if let Some(auth) = proxy.auth.as_ref().and_then(|a| a.to_str().ok()) {
            let _ = write!(request, "proxy-authorization: {auth}\r\n");
        }
    }
    request.push_str("\r\n");
    let broken = |e: &dyn std::fmt::Display| Fault::new(Failure::Connect, format!("proxy {via}: {e}"));
    tcp.write_all(request.as_bytes()).await.map_err(|e| broken(&e))?;

    let mut head = Vec::new();
    let end = loop {
        if let Some(end) = head.windows(4).position(|w| w == b"\r\n\r\n") {
            break end;
        }
        if head.len() > MAX_CONNECT_HEAD {
            return Err(broken(&"its answer to CONNECT has no end"));
        }
        if tcp.read_buf(&mut head).await.map_err(|e| broken(&e))? == 0 {
            return Err(broken(&"it closed the connection in its answer to CONNECT"));
        }
    };
    let text = String::from_utf8_lossy(&head);
    let status_line = text.lines().next().unwrap_or_default();
    let accepted = status_line.split(' ').nth(1).is_some_and(|code| code.len() == 3 && code.starts_with('2'));
    if !status_line.starts_with("HTTP/1.") || !accepted {
        return Err(broken(&format!("it answered {status_line:?} to CONNECT {host}:{port}")));
    }
    // TLS has the client speak first: bytes here are not the endpoint's.
    if head.len() > end + 4 {
        return Err(broken(&"it sent bytes into the tunnel before the handshake"));
    }
    Ok(())
}

async fn hand_over(stream: Stream, phases: Phases, stamps: Arc<Stamps>) -> Result<Box<Connected>, Fault> {
    let (sender, connection) = http1::Builder::new()
        .max_buf_size(MAX_HEAD)
        .handshake(TokioIo::new(stream))
        .await
        .map_err(|e| Fault::new(Failure::Connect, e.to_string()))?;
    let connection = Some(connection);
    let since = now();
    Ok(Box::new(Connected { phases, sender, connection, stamps, home: None, _counted: None, reused: false, since }))
}

/// What HTTP speaks over: TCP, or TLS on it.
pub struct Stream {
    transport: Transport,
    stamps: Arc<Stamps>,
}

enum Transport {
    Plain(Stamped),
    Tls(Box<TlsStream<Stamped>>),
}

impl Stream {
    fn new(transport: Transport, stamps: &Arc<Stamps>) -> Self {
        Self { transport, stamps: Arc::clone(stamps) }
    }
}

impl AsyncRead for Stream {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let before = buf.filled().len();
        let polled = match &mut self.transport {
            Transport::Plain(tcp) => Pin::new(tcp).poll_read(cx, buf),
            Transport::Tls(tls) => Pin::new(tls).poll_read(cx, buf),
        };
        if buf.filled().len() > before {
            self.stamps.answer();
        }
        polled
    }
}

impl AsyncWrite for Stream {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        match &mut self.transport {
            Transport::Plain(tcp) => Pin::new(tcp).poll_write(cx, buf),
            Transport::Tls(tls) => Pin::new(tls).poll_write(cx, buf),
        }
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        match &mut self.transport {
            Transport::Plain(tcp) => Pin::new(tcp).poll_write_vectored(cx, bufs),
            Transport::Tls(tls) => Pin::new(tls).poll_write_vectored(cx, bufs),
        }
    }

    fn is_write_vectored(&self) -> bool {
        match &self.transport {
            Transport::Plain(tcp) => tcp.is_write_vectored(),
            Transport::Tls(tls) => tls.is_write_vectored(),
        }
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match &mut self.transport {
            Transport::Plain(tcp) => Pin::new(tcp).poll_flush(cx),
            Transport::Tls(tls) => Pin::new(tls).poll_flush(cx),
        }
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match &mut self.transport {
            Transport::Plain(tcp) => Pin::new(tcp).poll_shutdown(cx),
            Transport::Tls(tls) => Pin::new(tls).poll_shutdown(cx),
        }
    }
}
