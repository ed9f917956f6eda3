//! `assayd health`: whether the daemon is ready, told by the exit code. For where nothing else could ask: a container without a
//! shell has no other program.

use super::service::tell;
use super::{Exit, complain, put};
use crate::config::Source;
use crate::mock::read_span;
use crate::plan;
use clap::Args;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::time::Duration;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use url::{Host, Url};

/// The most of an answer that is read, in bytes: the daemon's is one line.
const MOST: u64 = 16 << 10;

/// Ask a daemon whether it is ready: its store is open and a plan is loaded.
#[derive(Args)]
#[command(after_help = "Exit codes: 0 ready, 1 not (or nobody could be asked). Never 2 but for a wrong command line.")]
pub(super) struct Health {
    /// Where it listens
    #[arg(long, value_name = "URL", default_value = "http://127.0.0.1:9797", conflicts_with = "config")]
    url: String,
    /// Take the first address of this configuration's [server]; nothing else of it is read
    #[arg(short, long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// How long it may take
    #[arg(long, value_name = "TIME", default_value = "5s", value_parser = read_span)]
    timeout: Duration,
}

impl Health {
    pub(super) fn run(self) -> anyhow::Result<Exit> {
        let place = match &self.config {
            None => self.url.clone(),
            Some(path) => match listening(path) {
                Some(address) => format!("http://{address}"),
                None => return Ok(Exit::Failed),
            },
        };
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let asked = runtime.block_on(async {
            let asked = tokio::time::timeout(self.timeout, ask(&place)).await;
            asked.unwrap_or_else(|_| Err(format!("no answer within {:?}", self.timeout)))
        });
        // A name that is still being looked up must not hold up what is known already.
        runtime.shutdown_background();
        match asked {
            Ok(()) => put("ready\n").map(|()| Exit::Done),
            Err(why) => {
                complain(&format!("{place}: {why}"));
                Ok(Exit::Failed)
            }
        }
    }
}

/// Where a configuration's daemon can be asked from this machine.
fn listening(path: &Path) -> Option<SocketAddr> {
    let read = Source::file(path).map_err(|problem| vec![problem]).and_then(|source| plan::server(&source));
    match read {
        Ok(server) => server.listen.first().copied().map(reachable),
        Err(problems) => {
            tell(&problems);
            None
        }
    }
}

/// The address to ask where one listens: on every address, then on this machine's own.
fn reachable(listens: SocketAddr) -> SocketAddr {
    let own = match listens.ip() {
        ip if !ip.is_unspecified() => ip,
        IpAddr::V4(_) => Ipv4Addr::LOCALHOST.into(),
        IpAddr::V6(_) => Ipv6Addr::LOCALHOST.into(),
    };
    SocketAddr::new(own, listens.port())
}

/// Asks `/-/ready` below a URL. By hand: one line goes out, one status comes back, and no proxy of the environment is between.
async fn ask(place: &str) -> Result<(), String> {
    let url = Url::parse(place).map_err(|error| format!("is no URL: {error}"))?;
    let host = url.host().filter(|_| url.scheme() == "http").ok_or("expected a URL such as http://127.0.0.1:9797")?;
    let port = url.port_or_known_default().unwrap_or(80);
    let connected = match &host {
        Host::Domain(name) => TcpStream::connect((*name, port)).await,
        Host::Ipv4(ip) => TcpStream::connect((*ip, port)).await,
        Host::Ipv6(ip) => TcpStream::connect((*ip, port)).await,
    };
    let mut stream = connected.map_err(|error| format!("nothing answers: {error}"))?;
    let path = url.path().trim_end_matches('/');
    let question = format!("GET {path}/-/ready HTTP/1.1\r\nhost: {host}:{port}\r\nconnection: close\r\n\r\n");
    stream.write_all(question.as_bytes()).await.map_err(|error| format!("can't be asked: {error}"))?;
    let mut answer = Vec::new();
    stream.take(MOST).read_to_end(&mut answer).await.map_err(|error| format!("broke off: {error}"))?;
    judge(&String::from_utf8_lossy(&answer))
}

/// What an answer means: only 200 is ready.
fn judge(answer: &str) -> Result<(), String> {
    let (head, body) = answer.split_once("\r\n\r\n").ok_or("that is no answer of HTTP")?;
    let status = head.strip_prefix("HTTP/1.").and_then(|rest| rest.get(2..5)).ok_or("that is no answer of HTTP")?;
    if status == "200" {
        return Ok(());
    }
    Err(match body.trim() {
        "" => format!("status {status}"),
        said => format!("status {status}: {}", said.lines().next().unwrap_or(said)),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_200_is_ready() {
        assert_eq!(judge("HTTP/1.1 200 OK\r\nx: y\r\n\r\nready\n"), Ok(()));
        for (answer, why) in [
            ("HTTP/1.1 503 Service Unavailable\r\n\r\nnot ready: full\nmore", "status 503: not ready: full"),
            ("HTTP/1.0 404 Not Found\r\n\r\n", "status 404"),
            ("HTTP/1.1 2\r\n\r\n", "that is no answer of HTTP"),
            ("SSH-2.0-x\r\n\r\n", "that is no answer of HTTP"),
            ("HTTP/1.1 200 OK\r\n", "that is no answer of HTTP"),
            ("", "that is no answer of HTTP"),
        ] {
            assert_eq!(judge(answer), Err(why.to_owned()), "{answer}");
        }
    }

    #[test]
    fn who_listens_everywhere_is_asked_here() {
        for (listens, asked) in [
            ("0.0.0.0:9797", "127.0.0.1:9797"),
            ("[::]:80", "[::1]:80"),
            ("10.0.0.7:9797", "10.0.0.7:9797"),
            ("[::1]:9797", "[::1]:9797"),
        ] {
            assert_eq!(Ok(reachable(listens.parse().unwrap())), asked.parse());
        }
    }
}
