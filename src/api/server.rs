//! The accept loop: hyper connections with every limit that a server on a network needs.
//!
//! The caller hands in the bound listeners and the shutdown future, so that tests use port 0. A connection is bounded in
//! the time of its headers, in its life, and in the size of what it sends; connections are bounded in number, and what is
//! beyond waits in the kernel's queue. On shutdown no new connection is taken, requests in flight are finished, and what
//! is not done after the grace is cut.

use axum::Router;
use axum::body::Body;
use axum::http::{Request, Response, StatusCode, header};
use http_body_util::Limited;
use hyper::body::{Body as _, Incoming};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use std::convert::Infallible;
use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;
use tower::ServiceExt as _;

/// What a client may take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// For the headers of a request to come in, and for a kept-alive connection to be silent.
    pub header_timeout: Duration,
    /// For a connection in all, however busy: nobody holds a place for ever.
    pub lifetime: Duration,
    /// Connections served at the same time.
    pub connections: usize,
    /// Bytes of a request's body.
    pub body_bytes: usize,
    /// For requests in flight to be finished after the shutdown began.
    pub grace: Duration,
}

impl Limits {
    /// For a server that answers scrapes, probes and a few browsers. Longer than a minute of silence is allowed, since
    /// that is how often a scraper comes back on its connection.
    pub const DEFAULT: Self = Self {
        header_timeout: Duration::from_secs(75),
        lifetime: Duration::from_secs(3600),
        connections: 256,
        body_bytes: 64 * 1024,
        grace: Duration::from_secs(10),
    };
}

/// An address can't be listened on.
#[derive(Debug, thiserror::Error)]
#[error("can't listen on {address}: {error}{}", hint(error))]
pub struct BindError {
    /// Which.
    pub address: SocketAddr,
    /// Why. (Not a source: the message has it already.)
    pub error: io::Error,
}

fn hint(error: &io::Error) -> &'static str {
    match error.kind() {
        io::ErrorKind::AddrInUse => "; hint: another program (another assayd?) listens there, change [server] listen",
        io::ErrorKind::PermissionDenied => "; hint: ports below 1024 need a privilege, take a higher one",
        io::ErrorKind::AddrNotAvailable => "; hint: no interface of this machine has that address",
        _ => "",
    }
}

/// Binds every address, before anything else is started, so that a clash is found while nothing runs.
///
/// # Errors
/// [`BindError`] for the first address that can't be had.
pub fn bind(addresses: &[SocketAddr]) -> Result<Vec<std::net::TcpListener>, BindError> {
    let bind = |address: &SocketAddr| {
        std::net::TcpListener::bind(address).map_err(|error| BindError { address: *address, error })
    };
    addresses.iter().map(bind).collect()
}

/// How a server ended.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Drained {
    /// Connections that were cut because the grace was over.
    pub cut: usize,
}

/// Serves until `shutdown`, then drains.
///
/// # Errors
/// When a listener can't be used on this runtime; nothing that a client does.
pub async fn serve(
    listeners: Vec<std::net::TcpListener>,
    routes: Router,
    limits: Limits,
    shutdown: impl Future<Output = ()>,
) -> io::Result<Drained> {
    let stop = CancellationToken::new();
    let places = Arc::new(Semaphore::new(limits.connections));
    let mut doors = JoinSet::new();
    for listener in listeners {
        listener.set_nonblocking(true)?;
        let listener = TcpListener::from_std(listener)?;
        tracing::info!(address = %listener.local_addr()?, "listening");
        let door = Door { routes: routes.clone(), limits, places: Arc::clone(&places), stop: stop.clone() };
        doors.spawn(door.attend(listener));
    }
    shutdown.await;
    stop.cancel();
    let mut drained = Drained::default();
    while let Some(cut) = doors.join_next().await {
        drained.cut += cut.unwrap_or(0);
    }
    if drained.cut > 0 {
        tracing::warn!(connections = drained.cut, "cut: they were not done within the grace");
    }
    Ok(drained)
}

/// Cancelled when a connection is to end: what streams is to stop then.
#[derive(Clone)]
pub(super) struct Leaving(pub(super) CancellationToken);

/// What one listener needs.
#[derive(Clone)]
struct Door {
    routes: Router,
    limits: Limits,
    places: Arc<Semaphore>,
    stop: CancellationToken,
}

impl Door {
    /// Takes connections until the stop, then waits for them; gives how many had to be cut.
    async fn attend(self, listener: TcpListener) -> usize {
        let mut connections = JoinSet::new();
        loop {
            let accepted = tokio::select! {
                () = self.stop.cancelled() => break,
                Some(_) = connections.join_next() => continue,
                accepted = listener.accept() => accepted,
            };
            let stream = match accepted {
                Ok((stream, _)) => stream,
                Err(error) => {
                    pause(&error).await;
                    continue;
                }
            };
            let place = tokio::select! {
                () = self.stop.cancelled() => break,
                place = Arc::clone(&self.places).acquire_owned() => place,
            };
            let door = self.clone();
            connections.spawn(async move {
                let finished = door.connection(stream).await;
                drop(place);
                finished
            });
        }
        // From here on the kernel refuses new connections.
        drop(listener);
        let mut cut = 0;
        while let Some(finished) = connections.join_next().await {
            cut += usize::from(!finished.unwrap_or(true));
        }
        cut
    }

    /// Serves one connection to its end; false when it had to be cut.
    async fn connection(self, stream: TcpStream) -> bool {
        let Self { routes, limits, places: _, stop } = self;
        // Answers are small and whole: waiting to fill a packet would only delay them.
        let _ = stream.set_nodelay(true);
        // Streams end with their connection's time, or with the server's.
        let leaving = Leaving(stop.child_token());
        let left = leaving.clone();
        let service = service_fn(move |request| answer(routes.clone(), request, limits.body_bytes, left.clone()));
        let mut builder = http1::Builder::new();
        builder.timer(TokioTimer::new()).header_read_timeout(limits.header_timeout).max_buf_size(64 * 1024);
        let mut connection = pin!(builder.serve_connection(TokioIo::new(stream), service));
        let ended = tokio::select! {
            ended = connection.as_mut() => Some(ended),
            () = stop.cancelled() => None,
            () = tokio::time::sleep(limits.lifetime) => None,
        };
        let ended = match ended {
            Some(ended) => ended,
            None => {
                leaving.0.cancel();
                connection.as_mut().graceful_shutdown();
                match tokio::time::timeout(limits.grace, connection).await {
                    Ok(ended) => ended,
                    Err(_) => return false,
                }
            }
        };
        if let Err(error) = ended {
            tracing::debug!(%error, "a connection ended badly");
        }
        true
    }
}

/// After an accept that failed: what concerns one connection is over with it; a lack of descriptors or memory needs time.
async fn pause(error: &io::Error) {
    use io::ErrorKind::{ConnectionAborted, ConnectionReset, Interrupted};
    if !matches!(error.kind(), ConnectionAborted | ConnectionReset | Interrupted) {
        tracing::warn!(%error, "can't take a connection");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

async fn answer(
    routes: Router,
    mut request: Request<Incoming>,
    most: usize,
    leaving: Leaving,
) -> Result<Response<Body>, Infallible> {
    request.extensions_mut().insert(leaving.clone());
    if request.body().size_hint().lower() > u64::try_from(most).unwrap_or(u64::MAX) {
        return Ok(too_large());
    }
    let mut response = routes.oneshot(request.map(|body| Body::new(Limited::new(body, most)))).await?;
    // Said here too: an answer may be ready before its connection has heard of the stop.
    if leaving.0.is_cancelled() {
        response.headers_mut().insert(header::CONNECTION, header::HeaderValue::from_static("close"));
    }
    Ok(response)
}

/// The body is not read, so the connection can't go on.
fn too_large() -> Response<Body> {
    let mut response = Response::new(Body::from("the request's body is too large\n"));
    *response.status_mut() = StatusCode::PAYLOAD_TOO_LARGE;
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, header::HeaderValue::from_static("text/plain; charset=utf-8"));
    headers.insert(header::CONNECTION, header::HeaderValue::from_static("close"));
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_in_use_is_named_with_a_hint() {
        let first = bind(&["127.0.0.1:0".parse().unwrap()]).unwrap();
        let address = first.first().unwrap().local_addr().unwrap();
        let error = bind(&[address]).unwrap_err().to_string();
        assert!(error.starts_with(&format!("can't listen on {address}: ")), "{error}");
        assert!(error.ends_with("change [server] listen"), "{error}");
    }
}
