//! The examples in `configs/` build, plans are printed as expected, the reference names every field, and a plan's
//! fingerprint changes with what is asked and with nothing else.

#![expect(clippy::expect_used, reason = "a test that can't read its own files has failed")]

use crate::support::{Server, needs};
use assayd::cli::check;
use assayd::config::Source;
use assayd::plan::{self, Plan};
use libtest_mimic::{Failed, Trial};
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::{fs, io::Write};
use tempfile::NamedTempFile;

/// Where `everything.toml` takes its key from. A test can't safely set a variable of its own process, so a file takes
/// its place.
const KEY: &str = "{ env = \"ASSAYD_EXAMPLE_KEY\" }";

/// An example, and the file of its key.
fn example(path: &str) -> (Source, NamedTempFile) {
    let mut source = Source::file(Path::new(path)).expect("an example");
    let mut key = NamedTempFile::new().expect("a file");
    key.write_all(b"no-real-key-at-all\n").expect("a key");
    source.text = source.text.replace(KEY, &format!("{{ file = {:?} }}", key.path()));
    // Whatever proxy this machine has, the plan is the same.
    source.text = source.text.replace("headers = {", "proxy = false\nheaders = {");
    (source, key)
}

fn built(source: &Source) -> Result<Plan, Failed> {
    plan::build(source).map_err(|problems| Failed::from(problems.iter().map(|p| format!("{p}\n")).collect::<String>()))
}

/// Compares a printed plan with its snapshot: hashes and the key's place left out, and no secret in it.
fn printed(name: &str, source: &Source, key: &Path) -> Result<(), Failed> {
    let text = check::render(&built(source)?).replace(&key.display().to_string(), "KEY-FILE");
    if text.contains("no-real-key") {
        return Err(Failed::from(format!("a secret is shown:\n{text}")));
    }
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path("snapshots");
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.add_filter("\\b[0-9a-f]{16}\\b", "[hash]");
    settings.bind(|| insta::assert_snapshot!(name, text));
    Ok(())
}

/// A plan with everything that is worth a warning.
const DOUBTFUL: &str = r#"
[budget]
per_day = "1 USD"
[target.free]
api = "openai-chat"
url = "http://127.0.0.1:8000/v1?token=hidden"
model = "m"
[target.dear]
api = "openai-chat"
url = "http://127.0.0.1:8000/v1"
model = "m"
sampling = { max_tokens = 4000, temperature = 0.7, top_p = 0.9, seed = 1, stop = ["\n"] }
body = { top_k = 40 }
price.tokens = { input = "10 USD", output = "600 USD", per_request = "0.01 USD", since = "2025-01-01" }
[target.idle]
api = "openai-chat"
url = "http://127.0.0.1:8000/v1"
model = "m"
sampling = { max_tokens = 4 }
body = { service_tier = "flex" }
price.tokens = { input = "10 USD", output = "600 USD", since = "2999-01-01" }
[scenario.s]
dataset = { format = "jsonl", path = "data/bad.jsonl", skip_bad_rows = true }
scorer = "exact"
[scenario.t]
generator = { kind = "tasks", count = 50, domains = ["add"] }
scorer = "number"
[workload.w]
arrival = { kind = "constant", rate = "30/min" }
stop = { items = 20 }
warmup = { items = 2 }
[[run]]
targets = ["free", "dear"]
scenarios = ["*"]
workload = "w"
budget = "2 USD"
retry_unknown = true
"#;

fn inline(text: &str) -> Source {
    Source { name: "case.toml".into(), text: text.into(), folder: PathBuf::from("tests/it/invalid") }
}

fn reference() -> Result<(), Failed> {
    let page = fs::read_to_string("docs/config.md").expect("the reference");
    let (source, _key) = example("configs/everything.toml");
    let known = plan::fields(&source);
    let untold: Vec<&String> = known.iter().filter(|field| !page.contains(&format!("`{field}`"))).collect();
    // The first cell of a row is a field's path; paths have a dot, names of data columns have none.
    let told = page.lines().filter_map(|line| line.strip_prefix("| `")?.split_once('`')).map(|(field, _)| field);
    let gone: Vec<&str> = told.filter(|field| !known.contains(*field)).collect();
    if untold.is_empty() && gone.is_empty() {
        return Ok(());
    }
    Err(Failed::from(format!("docs/config.md does not tell of {untold:?}, and tells of {gone:?} that are gone")))
}

/// The fingerprint of the first run of a configuration, one piece of its text replaced.
fn fingerprint(from: &str, to: &str) -> Result<String, Failed> {
    let text = DOUBTFUL.replace(from, to);
    if !from.is_empty() && text == DOUBTFUL {
        return Err(Failed::from(format!("{from:?} is not in the configuration")));
    }
    let plan = built(&inline(&text))?;
    Ok(plan.runs.first().map(|run| run.fingerprint.to_string()).unwrap_or_default())
}

fn fingerprints() -> Result<(), Failed> {
    let base = fingerprint("", "")?;
    let mut seen = BTreeSet::from([base.clone()]);
    for (from, to) in [
        ("model = \"m\"\nsampling", "model = \"n\"\nsampling"),
        ("8000/v1\"\nmodel = \"m\"\nsampling", "8001/v1\"\nmodel = \"m\"\nsampling"),
        ("max_tokens = 4000", "max_tokens = 4001"),
        ("temperature = 0.7", "temperature = 0.8"),
        ("top_p = 0.9", "top_p = 0.8"),
        ("seed = 1", "seed = 2"),
        ("stop = [\"\\n\"]", "stop = []"),
        ("top_k = 40", "top_k = 41"),
        ("body = {", "prompt_cache = \"off\"\nbody = {"),
        ("body = {", "azure = { api_version = \"2024-10-21\" }\nbody = {"),
        ("600 USD", "601 USD"),
        ("2025-01-01", "2025-02-01"),
        ("[target.dear]", "[target.dear]\n# renamed"),
        ("\"bad.jsonl\"", "\"good.jsonl\""),
        ("count = 50", "count = 51"),
        ("[\"add\"]", "[\"sub\"]"),
        ("scorer = \"exact\"", "scorer = \"exact\"\nsystem = \"Be brief.\""),
        ("scorer = \"exact\"", "scorer = \"number\""),
        ("30/min", "31/min"),
        ("stop = { items = 20 }", "stop = { items = 21 }"),
        ("warmup = { items = 2 }", "warmup = { items = 3 }"),
        ("[\"free\", \"dear\"]", "[\"dear\"]"),
    ] {
        let (from, to) =
            (from.replace("\"bad.jsonl\"", "data/bad.jsonl"), to.replace("\"good.jsonl\"", "data/good.jsonl"));
        let is_comment = to.contains("# renamed");
        let got = fingerprint(&from, &to)?;
        if is_comment != (got == base) || (!is_comment && !seen.insert(got.clone())) {
            return Err(Failed::from(format!("{from:?} → {to:?}: {got}, before {base}")));
        }
    }
    for (from, to) in [
        ("budget = \"2 USD\"", "budget = \"3 USD\""),
        ("retry_unknown = true", "retry_unknown = false\nevery = \"1h\"\nparallel = true"),
        ("body = {", "limits = { concurrency = 3 }\nretry = { attempts = 1 }\nbody = {"),
    ] {
        let got = fingerprint(from, to)?;
        if got != base {
            return Err(Failed::from(format!("{from:?} → {to:?} must not change the plan")));
        }
    }
    Ok(())
}

/// Whatever is cut out of, or put into, a configuration: it is built, or there are problems with places in it.
fn mutations() -> Result<(), Failed> {
    let pieces = [
        "\"",
        "[",
        "]]",
        "{ }",
        "= 1",
        "= \"x\"",
        ".",
        "\n",
        "# ",
        "-1",
        "[[run]]",
        "é",
        "\u{0}",
        "1e999",
        "[target.a]",
    ];
    let mut random = ChaCha8Rng::seed_from_u64(11);
    for round in 0..400 {
        let mut letters: Vec<char> = DOUBTFUL.chars().collect();
        for _ in 0..random.random_range(1..4) {
            let at = random.random_range(0..letters.len());
            let end = (at + random.random_range(0..12)).min(letters.len());
            let piece = pieces.get(random.random_range(0..pieces.len() * 2)).unwrap_or(&"");
            letters.splice(at..end, piece.chars());
        }
        let source = inline(&letters.into_iter().collect::<String>());
        let Err(problems) = plan::build(&source) else { continue };
        let lines = source.text.lines().count() + 1;
        let astray =
            problems.iter().find(|p| p.file == "case.toml" && (p.line > lines || p.line == 0 || p.column == 0));
        if problems.is_empty() || astray.is_some() || problems.iter().any(|p| p.message.contains("fault of assayd")) {
            return Err(Failed::from(format!("round {round}: {problems:?} for\n{}", source.text)));
        }
    }
    Ok(())
}

/// All of them.
pub fn tests() -> Vec<Trial> {
    let snapshot = |name: &'static str| {
        Trial::test(format!("configs::{name}_is_printed"), move || {
            let (source, key) = example(&format!("configs/{name}.toml"));
            printed(name, &source, key.path())
        })
    };
    vec![
        snapshot("quickstart"),
        // It has programs to run.
        needs(Server::Bubblewrap, "configs::everything_is_printed", || {
            let (source, key) = example("configs/everything.toml");
            printed("everything", &source, key.path())
        }),
        snapshot("boards"),
        snapshot("which-model"),
        Trial::test("configs::a_doubtful_plan_is_printed_with_its_warnings", || {
            printed("doubtful", &inline(DOUBTFUL), Path::new("/no/key"))
        }),
        Trial::test("configs::the_reference_names_every_field_and_no_other", reference),
        Trial::test("configs::a_fingerprint_changes_with_what_is_asked_only", fingerprints),
        Trial::test("configs::a_mutilated_configuration_is_built_or_explained", mutations),
    ]
}
