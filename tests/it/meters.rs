//! Meters against servers: a real Prometheus, a real llama-server, and one that hangs, refuses and talks nonsense.

use super::support::servers::{BASE_MODEL, LlamaServer, Prometheus};
use super::support::{Outcome, Server, http, needs, process};
use assayd::config::{Source, read};
use assayd::telemetry::{Absence, Absent, Attribution, Busy, Hub, Meter, Metered, Reading, now};
use libtest_mimic::{Failed, Trial};
use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

/// How long something may take on a busy machine.
const PATIENCE: Duration = Duration::from_secs(60);

/// A meter of a kind, by its settings.
fn meter(kind: &str, settings: &str) -> Result<Arc<dyn Meter>, Failed> {
    let kind = assayd::telemetry::KINDS.iter().find(|k| k.name == kind).ok_or("no such kind")?;
    let mut source = Source::inline("c.toml", settings);
    source.folder = Path::new(env!("CARGO_MANIFEST_DIR")).to_owned();
    let built = read(&source, |section| {
        let built = (kind.build)(section);
        section.finish();
        built
    });
    built.map_err(|problems| format!("{problems:?}").into())
}

/// A server that answers each path with a text, and keeps what it was asked. It ends with the process.
pub struct Fake {
    /// Where it listens.
    pub address: SocketAddr,
    asked: Arc<Mutex<Vec<String>>>,
}

impl Fake {
    fn start(answer: impl Fn(&str) -> Option<(u16, Vec<u8>)> + Send + Sync + 'static) -> Result<Self, Failed> {
        let listener = TcpListener::bind("127.0.0.1:0")?;
        let address = listener.local_addr()?;
        let asked = Arc::new(Mutex::new(Vec::new()));
        let (log, answer) = (Arc::clone(&asked), Arc::new(answer));
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (log, answer) = (Arc::clone(&log), Arc::clone(&answer));
                std::thread::spawn(move || serve(stream, answer.as_ref(), &log));
            }
        });
        Ok(Self { address, asked })
    }

    /// One text for every path.
    pub fn saying(text: &'static str) -> Result<Self, Failed> {
        Self::start(move |_| Some((200, text.as_bytes().to_vec())))
    }
}

/// One request; without an answer the connection is held open in silence.
fn serve(mut stream: TcpStream, answer: impl Fn(&str) -> Option<(u16, Vec<u8>)>, log: &Mutex<Vec<String>>) {
    let (mut head, mut byte) = (Vec::new(), [0]);
    while !head.ends_with(b"\r\n\r\n") {
        match stream.read(&mut byte) {
            Ok(1) => head.extend(byte),
            _ => return,
        }
    }
    let head = String::from_utf8_lossy(&head).into_owned();
    let path = head.split(' ').nth(1).unwrap_or_default().to_owned();
    log.lock().unwrap_or_else(PoisonError::into_inner).push(head);
    match answer(&path) {
        Some((status, body)) => {
            let length = body.len();
            let head = format!("HTTP/1.1 {status} x\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n");
            // Who hangs up in the middle has read enough.
            let _ = stream.write_all(head.as_bytes()).and_then(|()| stream.write_all(&body));
        }
        None => drop(stream.read_to_end(&mut Vec::new())),
    }
}

/// A figure's absence.
fn absence(reading: &Reading, what: &str) -> Result<Absent, Failed> {
    let found = reading.absent.iter().find(|absent| absent.what == what).cloned();
    found.ok_or_else(|| format!("{what} is not told to be absent: {reading:?}").into())
}

/// Two GPUs of another maker, scraped by a Prometheus, and queries that are wrong beside those that are right.
fn prometheus() -> Outcome {
    let exporter = Fake::saying(
        "# TYPE watts gauge\nwatts{card=\"a\"} 210.5\nwatts{card=\"b\"} 35\n# TYPE uj counter\nuj{card=\"a\"} 7e9\nuj{card=\"b\"} 1e6\n\
         # TYPE busy gauge\nbusy{card=\"a\",engine=\"1\"} 40\nbusy{card=\"a\",engine=\"2\"} 60\nbusy{card=\"b\",engine=\"1\"} 0\n",
    )?;
    let server = Prometheus::scraping(&[exporter.address])?;
    server.eventually("watts")?;
    let meter = meter(
        "prometheus",
        &format!(
            "url = \"http://{}\"\ndevice_label = \"card\"\ntimeout = \"20s\"\npower = \"watts\"\nenergy = \"uj\"\n\
             kernel_active = \"max by (card) (busy)\"\nsm_active = \"busy\"\nclock = \"sum(\"\ntemperature = \"watts[1m]\"\n\
             memory_used = \"no_such_metric\"\nscale = {{ energy = 1e-6, kernel_active = 0.01, sm_active = 0.01 }}\n",
            server.address()
        ),
    )?;
    let reading = meter.open().look();
    let seen: Vec<_> = reading
        .devices
        .iter()
        .map(|d| (d.id.as_str(), d.power.map(|v| v.value), d.energy.map(|v| v.value), d.busy.clone()))
        .collect();
    let [(a, power, energy, busy), (b, ..)] = seen.as_slice() else { return Err(format!("{reading:?}").into()) };
    assert_eq!((*a, *b, *power, *energy), ("a", "b", Some(210.5), Some(7000.0)));
    let busy: Vec<_> = busy.iter().map(|(kind, v)| (*kind, v.value)).collect();
    assert_eq!(busy, [(Busy::KernelActive, 0.6)]);
    assert!(absence(&reading, "clock")?.detail.contains("parse error"), "{reading:?}");
    assert!(absence(&reading, "temperature")?.detail.contains("matrix"), "{reading:?}");
    assert!(absence(&reading, "sm_active")?.detail.contains("2 series of one device"), "{reading:?}");
    assert_eq!(absence(&reading, "memory_used")?.why, Absence::NoDevice);
    Ok(())
}

/// llama.cpp's own metrics, after a question that it answered.
fn llama() -> Outcome {
    let server = LlamaServer::start(Path::new(BASE_MODEL), 1)?;
    let reply = http::post(server.address(), "/completion", "{\"prompt\": \"1+1=\", \"n_predict\": 4}")?;
    assert_eq!(reply.status, 200, "{}", reply.body);
    let port = server.address().port();
    let settings = format!("url = \"http://127.0.0.1:{port}\"\ntimeout = \"20s\"\n");
    let reading = meter("engine", &settings)?.open().look();
    let engine = reading.engine.clone().ok_or_else(|| format!("{reading:?}"))?;
    assert_eq!((engine.name, engine.waiting), ("llama.cpp", Some(0.0)));
    assert!(engine.tokens_in.is_some_and(|n| n >= 1.0) && engine.tokens_out.is_some_and(|n| n >= 1.0), "{engine:?}");
    assert!(engine.running.is_some(), "{engine:?}");
    // The process behind the port. The kernel counts its processor time in hundredths of a second: it is asked until there is one.
    let watched = meter("host", &format!("port = {port}\n"))?;
    let mut probe = watched.open();
    let mut reading = probe.look();
    for _ in 0..500 {
        if reading.host.as_ref().is_some_and(|host| host.process_cpu.is_some_and(|v| v.value > 0.0)) {
            break;
        }
        http::post(server.address(), "/completion", "{\"prompt\": \"1+1=\", \"n_predict\": 16}")?;
        reading = probe.look();
    }
    let host = reading.host.clone().ok_or("no host")?;
    assert!(host.process_cpu.is_some_and(|v| v.value > 0.0), "{reading:?}");
    assert!(host.process_memory.is_some_and(|v| v.value > 1e6), "{reading:?}");
    Ok(())
}

/// Servers that refuse, hang and talk nonsense: each a named absence, with nothing secret in its words.
fn failures() -> Outcome {
    let fake = Fake::start(|path| {
        Some(match path.split('?').next().unwrap_or_default() {
            "/refused" => (401, Vec::new()),
            "/without" => (501, Vec::new()),
            "/broken" => (500, Vec::new()),
            "/elsewhere" => (302, Vec::new()),
            "/binary" => (200, vec![0xff, 0xfe]),
            "/huge" => (200, vec![b'x'; 9 << 20]),
            "/page" => (200, b"<html></html>".to_vec()),
            "/metrics" => (200, b"vllm:num_requests_running 3\n".to_vec()),
            _ => return None,
        })
    })?;
    let secret = tempfile::NamedTempFile::new()?;
    std::fs::write(secret.path(), "hush-hush\n")?;
    let ask = |path: &str| -> Result<Reading, Failed> {
        let settings = format!(
            "url = \"http://{}{path}?token=hush-hush\"\ntimeout = \"{}\"\nkey = {{ file = {:?} }}\nheaders = {{ x-team = \"t\" }}\n",
            fake.address,
            if path == "/silent" { "200ms" } else { "20s" },
            secret.path()
        );
        Ok(meter("engine", &settings)?.open().look())
    };
    for (path, why) in [
        ("/refused", Absence::NoPermission),
        ("/without", Absence::NotSupported),
        ("/broken", Absence::Unreachable),
        ("/elsewhere", Absence::Unreadable),
        ("/binary", Absence::Unreadable),
        ("/huge", Absence::Unreadable),
        ("/page", Absence::Unreadable),
        ("/silent", Absence::Unreachable),
    ] {
        let reading = ask(path)?;
        let absent = absence(&reading, "all")?;
        assert_eq!(absent.why, why, "{path}: {absent:?}");
        assert!(!format!("{reading:?}").contains("hush"), "{reading:?}");
    }
    // A base URL alone gets the path that all engines have.
    let settings = format!(
        "url = \"http://{}?token=hush-hush\"\nkey = {{ file = {:?} }}\ntimeout = \"20s\"\n",
        fake.address,
        secret.path()
    );
    let meter = meter("engine", &settings)?;
    assert!(!format!("{meter:?} {}", meter.fingerprint()).contains("hush"), "{meter:?}");
    assert_eq!(meter.open().look().engine.and_then(|engine| engine.running), Some(3.0));
    let asked = fake.asked.lock().unwrap_or_else(PoisonError::into_inner).clone();
    let last = asked.last().ok_or("nothing was asked")?;
    assert!(last.starts_with("GET /metrics?") && last.contains("authorization: Bearer hush-hush"), "{last}");
    Ok(())
}

/// A meter at work: an exporter whose counter goes on by 50 J with every scrape.
fn hub() -> Outcome {
    let scrapes = Mutex::new(0_u32);
    let exporter = Fake::start(move |_| {
        let mut scrapes = scrapes.lock().unwrap_or_else(PoisonError::into_inner);
        *scrapes += 1;
        let (labels, millijoules) = ("{gpu=\"0\",UUID=\"GPU-1\",Hostname=\"h\"}", 50_000 * *scrapes);
        let text =
            format!("DCGM_FI_DEV_TOTAL_ENERGY_CONSUMPTION{labels} {millijoules}\nDCGM_FI_DEV_GPU_UTIL{labels} 100\n");
        Some((200, text.into_bytes()))
    })?;
    let meter =
        meter("dcgm", &format!("url = \"http://{}\"\nevery = \"10ms\"\ntimeout = \"20s\"\n", exporter.address))?;
    let metered = [Metered { kind: "dcgm", meter, attribution: Attribution::default() }];
    let begun = now();
    let hub = Hub::start(&metered);
    let seen = process::until(PATIENCE, || {
        let seen = hub.snapshot();
        if seen.iter().all(|s| s.looks >= 5) { Ok(seen) } else { Err(format!("{seen:?}").into()) }
    })?;
    let [seen] = seen.as_slice() else { return Err(format!("{seen:?}").into()) };
    assert_eq!((seen.kind, seen.failures), ("dcgm", 0));
    let newest = seen.newest().ok_or("no look")?;
    let looks = u32::try_from(seen.looks)?;
    let used = hub.used(&metered, begun, newest);
    let joules = used.energy.ok_or("no energy")?.joules;
    // Between the looks that were, however many more there are by now.
    assert!((joules - 50.0 * f64::from(looks - 1)).abs() < 1e-6, "{joules} J in {looks} looks");
    assert!(used.is_low_quality(), "{used:?}");
    Ok(())
}

/// All of them.
pub fn tests() -> Vec<Trial> {
    vec![
        needs(Server::Prometheus, "meters::figures_of_a_prometheus", prometheus),
        needs(Server::Llama, "meters::a_llama_server_and_its_process", llama),
        Trial::test("meters::what_goes_wrong_is_named_and_tells_no_secret", failures),
        Trial::test("meters::an_exporter_is_summed_up_while_it_is_watched", hub),
    ]
}
