//! The real servers that tests talk to: Prometheus, which scrapes what assayd exports, and llama.cpp, which answers as
//! self-hosted models do. `tests/setup` installs them; each is started afresh on a free port with a directory of its own.

use super::process::{Process, free_port, until};
use super::{Server, http, needs};
use libtest_mimic::{Failed, Trial};
use std::io::Write as _;
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;
use tempfile::TempDir;

/// How long a server may take to be ready on a busy machine.
const READY: Duration = Duration::from_secs(60);

/// Starts a server on a free port, and again on another should somebody else have taken that port in between.
fn on_free_port(ready: &str, command: impl Fn(u16) -> Command) -> Result<(Process, SocketAddr), Failed> {
    let mut failed = Failed::without_message();
    for _ in 0..3 {
        let port = free_port()?;
        let process = Process::start(&mut command(port))?;
        match process.line(ready, READY) {
            Ok(_) => return Ok((process, SocketAddr::from(([127, 0, 0, 1], port)))),
            Err(error) => failed = error,
        }
    }
    Err(failed)
}

/// A running Prometheus.
pub struct Prometheus {
    process: Process,
    address: SocketAddr,
    // Removed with the server's data once the server itself is gone: fields are dropped in this order.
    directory: TempDir,
}

impl Prometheus {
    /// Starts one that scrapes `targets` (`host:port`) every second, as job `assayd`.
    pub fn scraping(targets: &[SocketAddr]) -> Result<Self, Failed> {
        let targets: Vec<String> = targets.iter().map(|target| format!("'{target}'")).collect();
        Self::start(&format!(
            "global: {{scrape_interval: 1s, scrape_timeout: 1s}}\n\
             scrape_configs: [{{job_name: assayd, static_configs: [{{targets: [{}]}}]}}]\n",
            targets.join(", ")
        ))
    }

    /// Starts one with a configuration of its own.
    pub fn start(configuration: &str) -> Result<Self, Failed> {
        let program = Server::Prometheus.path()?;
        let directory = tempfile::tempdir()?;
        let file = directory.path().join("prometheus.yml");
        std::fs::write(&file, configuration)?;
        let (process, address) = on_free_port("Server is ready to receive web requests", |port| {
            let mut command = Command::new(program);
            command.arg("--config.file").arg(&file).arg("--storage.tsdb.path").arg(directory.path().join("data"));
            command.arg("--enable-feature=exemplar-storage");
            command.arg(format!("--web.listen-address=127.0.0.1:{port}")).current_dir(directory.path());
            command
        })?;
        Ok(Self { process, address, directory })
    }

    /// Where it listens.
    pub const fn address(&self) -> SocketAddr {
        self.address
    }

    /// Asks for the value of an expression now: the series it gives, each with its labels and its value.
    pub fn query(&self, expression: &str) -> Result<Vec<(serde_json::Value, String)>, Failed> {
        let reply = http::get(self.address, &format!("/api/v1/query?query={}", http::encoded(expression)))?;
        let json = reply.json()?;
        let series = json.pointer("/data/result").and_then(serde_json::Value::as_array);
        let series = series.ok_or_else(|| format!("no result for {expression}: {}", reply.body))?;
        let read =
            |one: &serde_json::Value| Some((one.get("metric")?.clone(), one.pointer("/value/1")?.as_str()?.to_owned()));
        Ok(series.iter().filter_map(read).collect())
    }

    /// Waits until an expression gives at least one series.
    pub fn eventually(&self, expression: &str) -> Result<Vec<(serde_json::Value, String)>, Failed> {
        until(READY, || {
            let series = self.query(expression)?;
            let told = || format!("no series for {expression}; prometheus said:\n{}", self.process.said().1);
            if series.is_empty() { Err(told().into()) } else { Ok(series) }
        })
    }

    /// The exemplars of a selector's series within the last hour, as the server keeps them.
    pub fn exemplars(&self, selector: &str) -> Result<Vec<serde_json::Value>, Failed> {
        let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH)?.as_secs();
        let (query, start) = (http::encoded(selector), now.saturating_sub(3600));
        let path = format!("/api/v1/query_exemplars?query={query}&start={start}&end={}", now + 60);
        let reply = http::get(self.address, &path)?.json()?;
        let all = reply.pointer("/data").and_then(serde_json::Value::as_array);
        let all = all.ok_or_else(|| format!("no exemplars: {reply}"))?;
        let of = |series: &serde_json::Value| series.get("exemplars").and_then(|e| e.as_array()).cloned();
        Ok(all.iter().filter_map(of).flatten().collect())
    }

    /// Where it keeps its data.
    pub fn directory(&self) -> &Path {
        self.directory.path()
    }
}

/// Has promtool check an exposition: what it found wrong, nothing when it is clean.
pub fn check_metrics(exposition: &str) -> Result<String, Failed> {
    let mut command = Command::new(Server::Promtool.path()?);
    command.args(["check", "metrics"]).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn()?;
    // promtool reads all of its input before it prints, so that writing first cannot block for ever.
    let mut input = child.stdin.take().ok_or("no standard input")?;
    input.write_all(exposition.as_bytes())?;
    drop(input);
    let output = child.wait_with_output()?;
    Ok(String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr))
}

/// A running llama.cpp server.
pub struct LlamaServer {
    /// Kept for its guard: dropping it ends the server.
    _process: Process,
    address: SocketAddr,
}

/// Prints what was asked and nothing else: the embedded models were trained on bare prompts, without roles.
const BARE_PROMPT: &str = "{% for message in messages %}{{ message.content }}{% endfor %}";

/// The best of the embedded models, which a real server can serve as well.
pub const BASE_MODEL: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/src/demo/models/base-q8_0.gguf");

impl LlamaServer {
    /// Serves a model file to `slots` requests at once, on one thread.
    pub fn start(model: &Path, slots: u8) -> Result<Self, Failed> {
        let program = Server::Llama.path()?;
        let (process, address) = on_free_port("listening on http://", |port| {
            let mut command = Command::new(program);
            command.args(["-t", "1", "-tb", "1", "--no-warmup", "--host", "127.0.0.1", "-m"]).arg(model);
            command.args(["--metrics", "--jinja", "--chat-template", BARE_PROMPT]);
            command.args(["--port", &port.to_string(), "--parallel", &slots.to_string()]);
            command
        })?;
        Ok(Self { _process: process, address })
    }

    /// Where it listens; the API is below `/v1`.
    pub const fn address(&self) -> SocketAddr {
        self.address
    }
}

/// Tests of the above: the servers do start, and say what they should.
pub fn tests() -> Vec<Trial> {
    vec![
        needs(Server::Prometheus, "support::prometheus_scrapes_and_answers", || {
            let first = Prometheus::start("scrape_configs: []\n")?;
            assert!(first.directory().join("data").exists());
            let second = Prometheus::scraping(&[first.address()])?;
            let up = second.eventually("up == 1")?;
            let instance = up.first().and_then(|(labels, _)| labels.get("instance")).and_then(|it| it.as_str());
            assert_eq!(instance, Some(first.address().to_string().as_str()));
            assert_eq!(second.query("vector(1) + 1")?.first().map(|(_, value)| value.as_str()), Some("2"));
            assert!(second.query("1 +").is_err());
            Ok(())
        }),
        needs(Server::Promtool, "support::promtool_tells_clean_from_not", || {
            let clean = "# HELP a_seconds_total A.\n# TYPE a_seconds_total counter\na_seconds_total 1\n";
            assert_eq!(check_metrics(clean)?, "");
            assert!(check_metrics("# TYPE a gauge\na 1\n")?.contains("no help text"));
            assert!(check_metrics("a{ 1\n")?.contains("error"));
            Ok(())
        }),
        needs(Server::Llama, "support::llama_server_takes_the_bare_prompt", || {
            let server = LlamaServer::start(Path::new(BASE_MODEL), 2)?;
            let prompt = r#"{"messages": [{"role": "user", "content": "12+30="}]"#;
            let reply = http::post(server.address(), "/apply-template", &format!("{prompt}}}"))?;
            assert_eq!(reply.json()?.get("prompt").and_then(|it| it.as_str()), Some("12+30="), "{}", reply.body);
            let asked = format!("{prompt}, \"max_tokens\": 16, \"temperature\": 0}}");
            let reply = http::post(server.address(), "/v1/chat/completions", &asked)?;
            let said = reply.json()?.pointer("/choices/0/message/content").cloned();
            assert_eq!((reply.status, said), (200, Some("42".into())), "{}", reply.body);
            Ok(())
        }),
    ]
}
