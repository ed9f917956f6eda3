//! Server-sent events over a real connection.

use super::fixture::{PATIENCE, Site};
use crate::support::Outcome;
use libtest_mimic::Failed;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;

/// A stream that is listened to.
struct Listener(BufReader<TcpStream>);

impl Listener {
    /// Asks for it; gives the head of the answer too.
    fn of(site: &Site, headers: &str) -> Result<(Self, String), Failed> {
        let mut stream = TcpStream::connect_timeout(&site.address, PATIENCE)?;
        stream.set_read_timeout(Some(PATIENCE))?;
        write!(stream, "GET /api/v1/events HTTP/1.1\r\nhost: {}\r\n{headers}\r\n", site.address)?;
        let mut listener = Self(BufReader::new(stream));
        let mut head = String::new();
        while !head.ends_with("\r\n\r\n") {
            if listener.0.read_line(&mut head)? == 0 {
                return Err(format!("the answer ends in {head:?}").into());
            }
        }
        Ok((listener, head))
    }

    /// The data of the next event.
    fn next(&mut self) -> Result<serde_json::Value, Failed> {
        let mut line = String::new();
        loop {
            line.clear();
            if self.0.read_line(&mut line)? == 0 {
                return Err("the stream has ended".into());
            }
            if let Some(data) = line.strip_prefix("data: ") {
                return Ok(serde_json::from_str(data)?);
            }
        }
    }
}

pub fn as_things_change() -> Outcome {
    let site = Site::start("")?;
    // What a browser sends that comes back changes nothing: every event has the whole.
    for headers in ["", "last-event-id: 999\r\n", "last-event-id: \u{fffd}<x>\r\n"] {
        site.advance(17);
        let (mut listener, head) = Listener::of(&site, headers)?;
        let lower = head.to_lowercase();
        assert!(head.starts_with("HTTP/1.1 200 ") && lower.contains("content-type: text/event-stream"), "{head}");
        assert!(lower.contains("cache-control: no-store") && lower.contains("x-accel-buffering: no"), "{head}");
        let first = listener.next()?;
        let at = |event: &serde_json::Value, pointer: &str| event.pointer(pointer).cloned().unwrap_or_default();
        assert_eq!((at(&first, "/schema"), at(&first, "/runs/0/name")), ("assayd.status/1".into(), "nightly".into()));
        // Who comes while others listen may be told first what they were told last.
        for (done, phase, of_target) in [(42, "running", 21), (200, "over", 100)] {
            site.advance(done);
            let mut event = listener.next()?;
            while at(&event, "/runs/0/done") != done {
                event = listener.next()?;
            }
            assert_eq!(
                (at(&event, "/runs/0/phase"), at(&event, "/runs/0/targets/0/done")),
                (phase.into(), of_target.into())
            );
        }
    }
    Ok(())
}

pub fn end_with_the_server() -> Outcome {
    let mut site = Site::start("")?;
    let (mut first, _) = Listener::of(&site, "")?;
    let (mut second, _) = Listener::of(&site, "")?;
    first.next()?;
    second.next()?;
    site.stop();
    for mut listener in [first, second] {
        let mut rest = Vec::new();
        listener.0.read_to_end(&mut rest)?;
        // A chunked answer that ends as it should.
        assert!(rest.ends_with(b"0\r\n\r\n"), "{}", String::from_utf8_lossy(&rest));
    }
    assert_eq!(site.end()?.cut, 0, "no stream had to be cut");
    Ok(())
}

pub fn only_so_many() -> Outcome {
    let site = Site::start("")?;
    let mut all = Vec::new();
    for _ in 0..32 {
        let (listener, head) = Listener::of(&site, "")?;
        assert!(head.starts_with("HTTP/1.1 200 "), "{head}");
        all.push(listener);
    }
    let (mut refused, head) = Listener::of(&site, "connection: close\r\n")?;
    assert!(head.starts_with("HTTP/1.1 503 ") && head.to_lowercase().contains("retry-after: 30"), "{head}");
    let mut why = String::new();
    refused.0.read_to_string(&mut why)?;
    assert!(why.contains("32 listen already"), "{why}");
    // Pages are there all the same, and whoever goes leaves a place.
    assert_eq!(super::get(&site, "/")?.status, 200);
    all.pop();
    crate::support::process::until(PATIENCE, || {
        let (_, head) = Listener::of(&site, "")?;
        if head.starts_with("HTTP/1.1 200 ") { Ok(()) } else { Err(head.into()) }
    })
}
