//! A proxy in between: a tiny forwarding one, which may also die.

use super::{Expected, Money, fails};
use crate::support::bench::{Bench, Mock, Shape, count, target, text};
use libtest_mimic::{Failed, Trial};
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, mpsc};

pub(super) fn tests() -> Vec<Trial> {
    vec![
        Trial::test("failures::a_proxy_in_between", in_between),
        Trial::test("failures::a_proxy_that_cuts_the_stream", || {
            let mock = Mock::start(&[])?;
            let proxy = Proxy::start(mock.address, Some(700))?;
            let more = format!("proxy = \"http://{}\"", proxy.address);
            let expected = Expected { outcome: "truncated", detail: "", attempts: 1, money: Money::Bounded };
            fails(mock.address, &more, expected)
        }),
        Trial::test("failures::a_proxy_that_is_gone", || {
            let mock = Mock::start(&[])?;
            let mut proxy = Proxy::start(mock.address, None)?;
            proxy.die()?;
            let more = format!("proxy = \"http://{}\"", proxy.address);
            let expected =
                Expected { outcome: "connect", detail: "Connection refused", attempts: 3, money: Money::Nothing };
            fails(mock.address, &more, expected)
        }),
        Trial::test("failures::a_proxy_that_dies_on_the_way", dies),
    ]
}

/// A forwarding proxy for plain HTTP (RFC 9112, 3.2.2): one request a connection.
struct Proxy {
    address: SocketAddr,
    served: Arc<AtomicU64>,
    /// Tells the listening thread to end with the next connection; it says when it has.
    ending: Arc<AtomicU64>,
    ended: mpsc::Receiver<()>,
}

impl Proxy {
    /// Starts one that knows where every host is: at `upstream`. With `cut` it passes only so many bytes of an answer.
    fn start(upstream: SocketAddr, cut: Option<u64>) -> Result<Self, Failed> {
        let listener = TcpListener::bind("127.0.0.1:0")?;
        let address = listener.local_addr()?;
        let (served, ending) = (Arc::new(AtomicU64::new(0)), Arc::new(AtomicU64::new(0)));
        let (end, ended) = mpsc::channel();
        let (counted, asked) = (Arc::clone(&served), Arc::clone(&ending));
        std::thread::spawn(move || {
            for client in listener.incoming().map_while(Result::ok) {
                if asked.load(Ordering::SeqCst) > 0 {
                    break;
                }
                let counted = Arc::clone(&counted);
                std::thread::spawn(move || {
                    counted.fetch_add(1, Ordering::SeqCst);
                    // A side that goes away ends the connection; the test sees what the other made of it.
                    let _gone = forward(client, upstream, cut);
                });
            }
            drop(listener);
            drop(end);
        });
        Ok(Self { address, served, ending, ended })
    }

    fn served(&self) -> u64 {
        self.served.load(Ordering::SeqCst)
    }

    /// Ends it: from now on connections are refused.
    fn die(&mut self) -> Result<(), Failed> {
        self.ending.store(1, Ordering::SeqCst);
        drop(TcpStream::connect(self.address)?);
        // The thread drops its end after the listener.
        let _disconnected = self.ended.recv();
        Ok(())
    }
}

/// Reads a request in absolute form, passes it on, and passes the answer back.
fn forward(client: TcpStream, upstream: SocketAddr, cut: Option<u64>) -> std::io::Result<()> {
    let mut reader = BufReader::new(client.try_clone()?);
    let mut line = String::new();
    reader.read_line(&mut line)?;
    let rest = line.strip_prefix("POST http://").ok_or(std::io::ErrorKind::InvalidData)?;
    let (_host, path) = rest.split_once('/').ok_or(std::io::ErrorKind::InvalidData)?;
    let mut server = TcpStream::connect(upstream)?;
    // The next request on the connection would not be read as one: so the server says that it closes it.
    server.write_all(format!("POST /{path}connection: close\r\n").as_bytes())?;
    server.write_all(reader.buffer())?;
    let held = reader.buffer().len();
    reader.consume(held);
    let mut up = server.try_clone()?;
    let upward = std::thread::spawn(move || std::io::copy(&mut reader, &mut up));
    let mut client = client;
    std::io::copy(&mut server.take(cut.unwrap_or(u64::MAX)), &mut client)?;
    client.shutdown(Shutdown::Both)?;
    let _client_gone = upward.join();
    Ok(())
}

/// Through the proxy that the environment names, and through the target's own; each exchange is one of its connections.
fn in_between() -> Result<(), Failed> {
    let (bench, mock) = (Bench::new()?, Mock::start(&[])?);
    let proxy = Proxy::start(mock.address, None)?;
    let url = format!("http://{}", proxy.address);
    let targets = [
        // Loopback addresses never go through a proxy of the environment, so this one is known by a name.
        target("environment", "endpoint.invalid:8000", ""),
        target("own", mock.address, &format!("proxy = \"{url}\"")),
        target("direct", mock.address, "proxy = false"),
    ];
    bench.configure(&targets, Shape::default())?;
    let mut command = bench.command(&["run", "-c", "assayd.toml"]);
    bench.ran(command.env("HTTP_PROXY", &url))?.expect(0, "")?;
    let samples = bench.samples()?;
    assert_eq!((samples.len(), count(&samples, "verdict", "correct")), (9, 9));
    assert_eq!((proxy.served(), mock.arrived()?), (6, 9));
    Ok(())
}

/// The first items get their answers; then the proxy is gone, and the rest fail under its name.
fn dies() -> Result<(), Failed> {
    let (bench, mock) = (Bench::new()?, Mock::start(&["--ttft", "40ms"])?);
    let mut proxy = Proxy::start(mock.address, None)?;
    // Every item is to be asked, however dead it is by then.
    let more = format!("proxy = \"http://{}\"\ncircuit = false", proxy.address);
    let shape = Shape { items: 30, arrival: "{ kind = \"closed\", concurrency = 1 }", ..Shape::default() };
    bench.configure(&[target("a", mock.address, &more)], shape)?;
    let running = bench.start(&mut bench.command(&["run", "-c", "assayd.toml"]))?;
    crate::support::process::until(crate::support::bench::PATIENCE, || {
        if proxy.served() > 3 { Ok(()) } else { Err("nothing came through the proxy".into()) }
    })?;
    proxy.die()?;
    running.end()?.expect(0, "")?;
    let samples = bench.samples()?;
    let (right, dead) = (count(&samples, "verdict", "correct"), count(&samples, "outcome", "connect"));
    assert!(right >= 3 && dead >= 1 && right + dead == 30, "{right} right, {dead} without connection");
    for sample in samples.iter().filter(|s| text(s, "outcome") == "connect") {
        assert!(text(sample, "failure_detail").contains(&format!("proxy {}", proxy.address)), "{sample}");
    }
    Ok(())
}
