//! A daemon that is not there: series of a machine with GPUs, as one would have them, out of a file. Made up, since tests run
//! where no such hardware is; names and labels are held against the table of metrics.
//!
//! A line of the file is a line of an exposition. Behind the value may stand `+N`, what it grows by in a second, or `~N`, how far
//! it swings around itself within a minute. So whoever scrapes sees counters that grow and gauges that move.

use crate::support::Outcome;
use assayd::export::provision::dashboards::matchers;
use assayd::provider::wire::now;
use libtest_mimic::Failed;
use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpListener};
use std::time::Duration;

/// The file.
const RECORDED: &str = include_str!("recorded.prom");

/// One line: the series, its value at first, by how much it grows in a second and how far it swings.
struct Line<'a> {
    series: &'a str,
    value: f64,
    grows: f64,
    swings: f64,
}

fn lines() -> Result<Vec<Line<'static>>, Failed> {
    let read = |line: &'static str| {
        let (series, rest) = line.rsplit_once('}').ok_or("no labels")?;
        let series = line.get(..=series.len()).ok_or("no series")?;
        let mut parts = rest.split_whitespace();
        let value = parts.next().ok_or("no value")?.parse()?;
        let (mut grows, mut swings) = (0.0, 0.0);
        for part in parts {
            match part.split_at(1) {
                ("+", by) => grows = by.parse()?,
                ("~", by) => swings = by.parse()?,
                _ => return Err(format!("what is {part:?}?").into()),
            }
        }
        Ok(Line { series, value, grows, swings })
    };
    let told = |line: &'static str| {
        read(line).map_err(|error: Box<dyn std::error::Error>| format!("{error} in {line:?}").into())
    };
    RECORDED.lines().filter(|line| !line.is_empty() && !line.starts_with('#')).map(told).collect()
}

/// What a scrape would bring so long after the beginning.
fn exposition(seconds: f64) -> Result<String, Failed> {
    let mut text = String::new();
    for Line { series, value, grows, swings } in lines()? {
        let value = value + grows * seconds + swings * (seconds * std::f64::consts::TAU / 60.0).sin();
        writeln!(text, "{series} {value}")?;
    }
    Ok(text)
}

/// Serves it on a thread of its own, to the end of the process.
pub fn serve() -> Result<SocketAddr, Failed> {
    exposition(0.0)?;
    let listener = TcpListener::bind("127.0.0.1:0")?;
    let address = listener.local_addr()?;
    let began = now();
    std::thread::spawn(move || {
        for mut stream in listener.incoming().flatten() {
            // A scraper's request fits into one read; whatever it asks for gets the same.
            let _ = stream.read(&mut [0; 4096]);
            let body = exposition(Duration::from_nanos(now().0 - began.0).as_secs_f64()).unwrap_or_default();
            let head = "HTTP/1.0 200 OK\r\ncontent-type: text/plain; version=0.0.4\r\n\r\n";
            let _ = stream.write_all(format!("{head}{body}").as_bytes());
        }
    });
    Ok(address)
}

pub(super) fn in_the_table() -> Outcome {
    let mut names = BTreeSet::new();
    for line in lines()? {
        let (name, labels) = line.series.split_once('{').ok_or("no labels")?;
        let known = matchers::labels(name).ok_or_else(|| format!("no metric {name}"))?;
        for pair in labels.trim_end_matches('}').split(',').filter(|pair| !pair.is_empty()) {
            let (label, _) = pair.split_once('=').ok_or_else(|| format!("{pair:?} in {}", line.series))?;
            assert!(known.contains(&label) || label == "le", "{name} has no label {label}");
        }
        names.insert(name);
    }
    assert!(names.len() > 40, "{names:?}");
    let (before, after) = (exposition(0.0)?, exposition(10.0)?);
    assert!(before != after && before.lines().count() == after.lines().count());
    Ok(())
}
