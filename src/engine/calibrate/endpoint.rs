//! The calibration endpoint as a child process, and its truth.

use super::CalibrateError;
use super::cores::pin;
use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper::Request;
use hyper_util::rt::TokioIo;
use serde::Deserialize;
use std::net::SocketAddr;
use std::path::Path;
use std::process::Stdio;
use std::time::Duration;
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::net::TcpStream;
use tokio::process::{Child, Command};

/// The longest that the child may take to listen, and to answer about itself.
const PATIENCE: Duration = Duration::from_secs(20);

/// A mock that lives as long as this value.
pub(super) struct Mock {
    pub(super) address: SocketAddr,
    _child: Child,
}

/// One request, as the mock saw it.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub(super) struct Truth {
    pub(super) outcome: String,
    pub(super) received_ns: u64,
    /// Just before the first write of content.
    pub(super) first_ns: Option<u64>,
    /// Between writes of content, separated by spaces.
    pub(super) gaps_ns: String,
}

impl Mock {
    /// Starts it, on a core of its own where one is given.
    pub(super) async fn start(program: &Path, core: Option<usize>) -> Result<Self, CalibrateError> {
        let started = Command::new(program)
            .args(["mock", "--listen", "127.0.0.1:0", "--until-stdin-ends"])
            // Its end is the child's sign to end, should we be killed.
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .kill_on_drop(true)
            .spawn();
        let fail = |e: std::io::Error| CalibrateError::Start(format!("{}: {e}", program.display()));
        let mut child = started.map_err(fail)?;
        if let (Some(core), Some(pid)) = (core, child.id().and_then(|pid| i32::try_from(pid).ok())) {
            pin(Some(pid), &[core]);
        }
        let said = BufReader::new(child.stderr.take().ok_or_else(|| fail(std::io::ErrorKind::BrokenPipe.into()))?);
        let address = tokio::time::timeout(PATIENCE, listening(said));
        let address = address.await.ok().flatten();
        let address = address.ok_or_else(|| CalibrateError::Start("it does not say where it listens".into()))?;
        Ok(Self { address, _child: child })
    }

    /// Sets it up for a burst, and lets it forget what was before.
    pub(super) async fn set(&self, settings: String) -> Result<(), CalibrateError> {
        self.ask("POST", "/__set", settings).await?;
        self.ask("POST", "/__reset", "{}".into()).await.map(drop)
    }

    /// Everything it saw since.
    pub(super) async fn truth(&self) -> Result<Vec<Truth>, CalibrateError> {
        let text = self.ask("GET", "/__truth.csv", String::new()).await?;
        let mut reader = csv::Reader::from_reader(&*text);
        let rows: Result<Vec<Truth>, csv::Error> = reader.deserialize().collect();
        rows.map_err(|e| CalibrateError::Truth(e.to_string()))
    }

    async fn ask(&self, method: &str, path: &str, body: String) -> Result<Bytes, CalibrateError> {
        let asked = tokio::time::timeout(PATIENCE, asked(self.address, method, path, body)).await;
        match asked {
            Ok(Ok((true, bytes))) => Ok(bytes),
            Ok(Ok((false, bytes))) => {
                Err(CalibrateError::Truth(format!("{path}: {}", String::from_utf8_lossy(&bytes))))
            }
            Ok(Err(error)) => Err(CalibrateError::Truth(format!("{path}: {error}"))),
            Err(_) => Err(CalibrateError::Truth(format!("{path}: no answer"))),
        }
    }
}

async fn listening(said: BufReader<tokio::process::ChildStderr>) -> Option<SocketAddr> {
    let mut lines = said.lines();
    while let Ok(Some(line)) = lines.next_line().await {
        let address = line.split_once("http://").and_then(|(_, rest)| rest.split('/').next()?.parse().ok());
        if address.is_some() {
            return address;
        }
    }
    None
}

type Failed = Box<dyn std::error::Error + Send + Sync>;

async fn asked(address: SocketAddr, method: &str, path: &str, body: String) -> Result<(bool, Bytes), Failed> {
    let stream = TokioIo::new(TcpStream::connect(address).await?);
    let (mut sender, connection) = hyper::client::conn::http1::handshake(stream).await?;
    // It ends with the answer: the request asks for that.
    let connection = tokio::spawn(connection);
    let request = Request::builder()
        .method(method)
        .uri(path)
        .header("host", address.to_string())
        .header("connection", "close")
        .body(Full::<Bytes>::from(body))?;
    let response = sender.send_request(request).await?;
    let good = response.status().is_success();
    let bytes = response.into_body().collect().await?.to_bytes();
    connection.abort();
    Ok((good, bytes))
}
