//! `assayd discover` as a command: servers of every shape told apart, the configuration that it writes taken by
//! `assayd check` and executed by `assayd run`, and places that hang, lie or want a key.

use super::support::Outcome;
use super::support::bench::{Bench, Mock, Run, count, text};
use libtest_mimic::{Failed, Trial};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

/// A server that is asked questions of JSON: each path with its answer, all else is 404.
struct Fake {
    address: SocketAddr,
    /// The request heads and bodies, as they came.
    log: Arc<Mutex<Vec<String>>>,
}

/// What a path answers.
type Answers = BTreeMap<&'static str, (u16, Vec<u8>)>;

impl Fake {
    fn start(answers: Answers, key: Option<&'static str>) -> Result<Self, Failed> {
        let listener = TcpListener::bind("127.0.0.1:0")?;
        let address = listener.local_addr()?;
        let log = Arc::new(Mutex::new(Vec::new()));
        let (answers, kept) = (Arc::new(answers), Arc::clone(&log));
        // It ends with the process.
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (answers, log) = (Arc::clone(&answers), Arc::clone(&kept));
                std::thread::spawn(move || serve(stream, &answers, key, &log));
            }
        });
        Ok(Self { address, log })
    }

    fn of(paths: &[(&'static str, Value)]) -> Result<Self, Failed> {
        Self::start(answers(paths), None)
    }

    fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    fn asked(&self) -> Vec<String> {
        self.log.lock().map(|log| log.clone()).unwrap_or_default()
    }
}

fn answers(paths: &[(&'static str, Value)]) -> Answers {
    paths.iter().map(|(path, json)| (*path, (200, json.to_string().into_bytes()))).collect()
}

/// One connection: requests until it is closed.
fn serve(mut stream: TcpStream, answers: &Answers, key: Option<&str>, log: &Mutex<Vec<String>>) -> Option<()> {
    let mut text = String::new();
    loop {
        let end = loop {
            if let Some(head) = text.find("\r\n\r\n") {
                let length = text.get(..head)?.lines().find_map(|l| l.strip_prefix("content-length: "));
                let end = head + 4 + length.map_or(0, |n| n.parse().unwrap_or(0));
                if text.len() >= end {
                    break end;
                }
            }
            let mut piece = [0; 4096];
            let got = stream.read(&mut piece).ok().filter(|n| *n > 0)?;
            text.push_str(&String::from_utf8_lossy(piece.get(..got)?));
        };
        let request: String = text.drain(..end).collect();
        let path = request.split(' ').nth(1)?;
        let allowed = key.is_none_or(|key| request.contains(&format!("authorization: Bearer {key}\r\n")));
        let (status, body) = match answers.get(path) {
            _ if !allowed => (401, b"{\"error\": \"no key\"}".to_vec()),
            Some(answer) => answer.clone(),
            None => (404, b"not here".to_vec()),
        };
        log.lock().ok()?.push(request);
        let head = format!("HTTP/1.1 {status} x\r\ncontent-length: {}\r\n\r\n", body.len());
        stream.write_all(head.as_bytes()).and_then(|()| stream.write_all(&body)).ok()?;
    }
}

fn list(id: &str, owner: &str) -> Value {
    json!({"object": "list", "data": [{"id": id, "object": "model", "created": 0, "owned_by": owner}]})
}

/// A port on which nothing listens.
fn closed() -> Result<String, Failed> {
    let listener = TcpListener::bind("127.0.0.1:0")?;
    Ok(listener.local_addr()?.to_string())
}

fn discover(bench: &Bench, arguments: &[&str]) -> Result<Run, Failed> {
    bench.ran(&mut bench.command(&[&["discover"], arguments].concat()))
}

/// Whether each line stands somewhere, its words apart by any space.
fn has_lines(text: &str, lines: &[String]) -> Outcome {
    let squeezed: Vec<String> = text.lines().map(|l| l.split_whitespace().collect::<Vec<_>>().join(" ")).collect();
    match lines.iter().find(|line| !squeezed.contains(line)) {
        Some(missing) => Err(format!("no line {missing:?} in:\n{text}").into()),
        None => Ok(()),
    }
}

fn every_shape() -> Outcome {
    let vllm = Fake::of(&[
        ("/v1/models", json!({"data": [{"id": "Qwen/Qwen3-8B", "owned_by": "vllm", "max_model_len": 40960}]})),
        ("/version", json!({"version": "0.11.0"})),
    ])?;
    let sglang = Fake::of(&[
        ("/v1/models", json!({"data": [{"id": "Qwen/Qwen3-8B", "owned_by": "sglang", "max_model_len": 32768}]})),
        ("/get_model_info", json!({"model_path": "Qwen/Qwen3-8B", "is_generation": true})),
        ("/get_server_info", json!({"version": "0.5.3"})),
    ])?;
    let llama = Fake::of(&[
        (
            "/v1/models",
            json!({"models": [{"name": "q4.gguf"}], "data": [{"id": "q4.gguf", "owned_by": "llamacpp",
                   "meta": {"n_ctx_train": 131_072}}]}),
        ),
        (
            "/props",
            json!({"default_generation_settings": {"n_ctx": 8192}, "build_info": "b6700-1d2e", "total_slots": 4}),
        ),
    ])?;
    let ollama = Fake::of(&[
        (
            "/v1/models",
            json!({"data": [{"id": "llama3.2:3b", "owned_by": "library"}, {"id": "nomic-embed-text:latest"}]}),
        ),
        ("/api/version", json!({"version": "0.12.3"})),
        ("/api/tags", json!({"models": [{"name": "llama3.2:3b"}, {"name": "nomic-embed-text:latest"}]})),
        ("/api/show", json!({"capabilities": ["completion"], "model_info": {"llama.context_length": 131_072}})),
    ])?;
    // Any path is answered with status 200, as LM Studio does.
    let studio = Fake::of(&[
        ("/v1/models", list("gemma-3-4b", "organization_owner")),
        (
            "/api/v0/models",
            json!({"data": [{"id": "gemma-3-4b", "type": "vlm", "state": "loaded", "max_context_length": 131_072,
                   "loaded_context_length": 4096}]}),
        ),
        ("/props", json!({"error": "Unexpected endpoint or method. (GET /props)"})),
        ("/version", json!({"error": "Unexpected endpoint or method. (GET /version)"})),
    ])?;
    // An old one, without a list of models.
    let tgi = Fake::of(&[(
        "/info",
        json!({"model_id": "org/tgi-model", "router": "text-generation-router", "version": "1.4.5", "max_total_tokens": 2048}),
    )])?;
    let litellm = Fake::of(&[
        ("/v1/models", json!({"data": [{"id": "gpt-x", "owned_by": "openai"}, {"id": "embed", "owned_by": "openai"}]})),
        ("/health/liveliness", json!("I'm alive!")),
        ("/v1/model/info", json!({"data": [{"model_name": "embed", "model_info": {"mode": "embedding"}}]})),
    ])?;
    let kobold = Fake::of(&[
        ("/v1/models", list("koboldcpp/m", "koboldcpp")),
        ("/api/extra/version", json!({"result": "KoboldCpp", "version": "1.99.4"})),
        ("/api/extra/true_max_context_length", json!({"value": 16384})),
        ("/api/version", json!({"version": "0.7.0"})),
        ("/api/tags", json!({"models": [{"name": "koboldcpp/m"}]})),
    ])?;
    // A gateway whose paths have no /v1, given by its URL.
    let other = Fake::of(&[("/gate/models", json!({"data": [{"id": "some model", "context_length": 1000}]}))])?;

    let bench = Bench::new()?;
    let gate = format!("{}/gate", other.url());
    let host_port = vllm.address.to_string();
    let urls: Vec<String> = [&sglang, &llama, &ollama, &studio, &tgi, &litellm, &kobold].map(Fake::url).to_vec();
    let mut arguments: Vec<&str> = vec![&host_port];
    arguments.extend(urls.iter().map(String::as_str));
    arguments.extend([gate.as_str(), "--output", "found.toml"]);
    let run = discover(&bench, &arguments)?;
    run.expect(0, "found.toml is written")?;
    let [sglang_url, llama_url, ollama_url, studio_url, tgi_url, litellm_url, kobold_url] = urls.as_slice() else {
        return Err("seven servers".into());
    };
    has_lines(
        &run.ended.stderr,
        &[
            format!("{} vLLM 0.11.0 Qwen/Qwen3-8B 40960", vllm.url()),
            format!("{sglang_url} SGLang 0.5.3 Qwen/Qwen3-8B 32768"),
            format!("{llama_url} llama.cpp b6700-1d2e q4.gguf 8192"),
            format!("{ollama_url} Ollama 0.12.3 llama3.2:3b up to 131072"),
            format!("{studio_url} LM Studio gemma-3-4b 4096"),
            format!("{tgi_url} TGI 1.4.5 org/tgi-model 2048"),
            format!("{litellm_url} LiteLLM gpt-x -"),
            format!("{litellm_url} LiteLLM embed - left out: embedding"),
            format!("{kobold_url} KoboldCpp 1.99.4 koboldcpp/m 16384"),
            format!("{gate} OpenAI-compatible server some model 1000"),
        ],
    )?;
    let shown: Vec<String> = ollama.asked().into_iter().filter(|r| r.starts_with("POST /api/show ")).collect();
    assert_eq!(shown.len(), 2, "each model is asked about: {shown:?}");
    // LiteLLM's other health checks cost money.
    assert!(litellm.asked().iter().all(|r| !r.starts_with("GET /health ")), "{:?}", litellm.asked());

    let checked = bench.ran(&mut bench.command(&["check", "-c", "found.toml"]))?;
    checked.expect(0, "")?;
    let plan = &checked.ended.stdout;
    for line in [
        "target Qwen3-8B",
        "target Qwen3-8B-SGLang",
        "target q4",
        "target llama3.2-3b",
        "target gemma-3-4b",
        "target tgi-model",
        "target gpt-x",
        "target some-model",
    ] {
        assert!(plan.lines().any(|l| l == line), "no {line} in\n{plan}");
    }
    assert!(!plan.contains("target embed"), "{plan}");
    assert!(plan.contains(&format!("endpoint      {gate};")), "the base is the one that had the list:\n{plan}");
    Ok(())
}

fn what_is_found_is_run() -> Outcome {
    let mock = Mock::start(&[])?;
    let bench = Bench::new()?;
    let place = mock.address.to_string();
    // To standard output, as into a file.
    let run = discover(&bench, &[&place])?;
    run.expect(0, "assayd mock, which is no model")?;
    std::fs::write(bench.folder().join("assayd.toml"), &run.ended.stdout)?;
    bench.run(&[])?.expect(0, "")?;
    let samples = bench.samples()?;
    let asked: Vec<&Value> = samples.iter().filter(|s| text(s, "purpose") == "measure").collect();
    assert_eq!((asked.len(), count(&samples, "verdict", "correct")), (12, samples.len()), "{samples:?}");
    Ok(())
}

fn a_key_goes_only_where_it_is_wanted() -> Outcome {
    let shut = Fake::start(answers(&[("/v1/models", list("locked", "vllm"))]), Some("the-key"))?;
    let open = Fake::of(&[("/v1/models", list("open", "vllm"))])?;
    let bench = Bench::new()?;
    let (shut_url, open_url) = (shut.url(), open.url());

    let without = discover(&bench, &[&shut_url])?;
    without.expect(1, "wants a key: name its variable with --key-env")?;
    assert_eq!(without.ended.stdout, "");

    let mut command = bench.command(&["discover", &shut_url, &open_url, "--key-env", "TRIED_KEY", "-o", "a.toml"]);
    let run = bench.ran(command.env("TRIED_KEY", "the-key"))?;
    run.expect(0, "")?;
    let written = std::fs::read_to_string(bench.folder().join("a.toml"))?;
    assert_eq!(written.matches("key = { env = \"TRIED_KEY\" }").count(), 1, "{written}");
    assert!(!written.contains("the-key") && !run.ended.stderr.contains("the-key"));
    assert!(open.asked().iter().all(|request| !request.contains("the-key")), "{:?}", open.asked());
    bench.ran(bench.command(&["check", "-c", "a.toml"]).env("TRIED_KEY", "the-key"))?.expect(0, "")?;

    let mut command = bench.command(&["discover", &shut_url, "--key-env", "TRIED_KEY"]);
    bench.ran(command.env("TRIED_KEY", "another"))?.expect(1, "refuses the key in $TRIED_KEY")?;
    let unset = discover(&bench, &[&shut_url, "--key-env", "ASSAYD_NO_SUCH_VARIABLE"])?;
    unset.expect(2, "ASSAYD_NO_SUCH_VARIABLE")
}

fn places_that_hang_lie_or_are_not_there() -> Outcome {
    // Takes connections and says nothing.
    let silent = TcpListener::bind("127.0.0.1:0")?;
    let silent_url = format!("http://{}", silent.local_addr()?);
    let mut endless = answers(&[]);
    endless.insert("/v1/models", (200, vec![b' '; 5 << 20]));
    let endless = Fake::start(endless, None)?;
    let page = Fake::of(&[("/", json!({}))])?;
    let empty = Fake::of(&[("/v1/models", json!({"object": "list", "data": []}))])?;
    let closed = closed()?;
    let bench = Bench::new()?;
    let urls = [endless.url(), page.url(), empty.url()];
    let [endless_url, page_url, empty_url] = urls.each_ref();
    let limit = ["--timeout", "1s"];
    let run = discover(&bench, &[&[&silent_url, endless_url, page_url, empty_url, &*closed], &limit[..]].concat())?;
    run.expect(1, "no model was found that could be asked; no configuration was written")?;
    has_lines(
        &run.ended.stderr,
        &[
            format!("tried {silent_url}: no answer in time"),
            format!("tried {endless_url}: too_large: the answer outgrew 4194304 bytes"),
            format!("tried {page_url}: speaks HTTP, but has no list of models (status 404)"),
            format!("tried {empty_url}: OpenAI-compatible server, and it has no models"),
            format!("tried http://{closed}: nothing listens"),
        ],
    )
}

/// A server whose list is there, and whose other paths hang: it is found all the same.
fn half_a_server() -> Outcome {
    let listener = TcpListener::bind("127.0.0.1:0")?;
    let address = listener.local_addr()?;
    std::thread::spawn(move || {
        let mut held = Vec::new();
        for mut stream in listener.incoming().flatten() {
            let mut head = [0; 2048];
            let got = stream.read(&mut head).unwrap_or(0);
            if head.get(..got).is_some_and(|head| head.starts_with(b"GET /v1/models ")) {
                let body = list("slow", "vllm").to_string();
                let head = format!("HTTP/1.1 200 x\r\nconnection: close\r\ncontent-length: {}\r\n\r\n", body.len());
                let _gone = stream.write_all(format!("{head}{body}").as_bytes());
            } else {
                held.push(stream);
            }
        }
    });
    let bench = Bench::new()?;
    let run = discover(&bench, &[&address.to_string(), "--timeout", "1s"])?;
    run.expect(0, "")?;
    assert!(run.ended.stdout.contains("model = \"slow\""), "{}", run.ended.stdout);
    has_lines(&run.ended.stderr, &[format!("http://{address} vLLM slow -")])
}

fn files_are_not_lost() -> Outcome {
    let fake = Fake::of(&[("/v1/models", list("m", "vllm"))])?;
    let bench = Bench::new()?;
    let (url, path) = (fake.url(), bench.folder().join("mine.toml"));
    std::fs::write(&path, "mine")?;
    discover(&bench, &[&url, "-o", "mine.toml"])?.expect(2, "is there already; --force overwrites it")?;
    assert_eq!(std::fs::read_to_string(&path)?, "mine");
    assert_eq!(fake.asked().len(), 0, "nothing is asked for a file that can't be written");
    discover(&bench, &[&url, "-o", "mine.toml", "--force"])?.expect(0, "mine.toml is written")?;
    assert!(std::fs::read_to_string(&path)?.contains("[target.m]"));
    discover(&bench, &[&url, "-o", "no/folder.toml"])?.expect(1, "no/folder.toml")?;
    discover(&bench, &["a b"])?.expect(2, "\"a b\" is no place to look at")?;
    discover(&bench, &["http://127.0.0.1:1/v1/chat/completions"])?.expect(2, "found the URL of one of its paths")
}

/// The tests of this file.
pub fn tests() -> Vec<Trial> {
    vec![
        Trial::test("discover::every_shape", every_shape),
        Trial::test("discover::what_is_found_is_run", what_is_found_is_run),
        Trial::test("discover::a_key_goes_only_where_it_is_wanted", a_key_goes_only_where_it_is_wanted),
        Trial::test("discover::places_that_hang_lie_or_are_not_there", places_that_hang_lie_or_are_not_there),
        Trial::test("discover::half_a_server", half_a_server),
        Trial::test("discover::files_are_not_lost", files_are_not_lost),
    ]
}
