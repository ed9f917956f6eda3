//! The configuration that is written: a target for each model, and a small run that works as it stands.
//!
//! What servers say of themselves is not trusted: it stands in quotes, or in a comment without line breaks.

use super::plain;
use crate::domain::Name;
use crate::provider;
use crate::provider::discover::{Model, Served};
use std::collections::BTreeSet;
use std::fmt::Write as _;

/// Targets that the example run asks all of; of more, it asks one for each server.
const MOST_ASKED: usize = 8;

/// Tokens of answer that are allowed where the context has room for them: enough to reason a little.
const MOST_TOKENS: u64 = 1024;

/// A server and where it is.
pub(super) struct At<'a> {
    /// What stands before its prefix.
    pub(super) url: &'a str,
    /// What it serves.
    pub(super) served: &'a Served,
}

/// The whole text. `key_env` is the variable of the key that some servers wanted.
pub(super) fn config(servers: &[At<'_>], key_env: Option<&str>) -> String {
    let mut out = String::from(HEAD);
    let mut names = Names::default();
    let mut asked = Vec::new();
    let mut count = 0;
    for At { url, served } in servers {
        let Served { software, version, prefix, keyed, models } = served;
        let version = version.as_deref().map(|v| format!(" {}", plain(v))).unwrap_or_default();
        let _ = write!(out, "\n# --- {url}: {software}{version} ---\n");
        if *software == "LiteLLM" {
            out.push_str("# It passes questions on to others, who may charge for them: mind prices and budgets.\n");
        }
        let key = key_env.filter(|_| *keyed);
        let api = api(software, url, prefix);
        for (i, model) in models.iter().filter(|m| m.other_use.is_none()).enumerate() {
            let name = names.of(&model.id, software, url);
            target(&mut out, &name, model, &api, key);
            asked.push((name, i == 0));
            count += 1;
        }
        let others = models.iter().filter_map(|m| Some(format!("{} ({})", plain(&m.id), plain(m.other_use.as_ref()?))));
        let others: Vec<String> = others.collect();
        if !others.is_empty() {
            let _ = write!(out, "\n# Left out, since they give no answers: {}\n", others.join(", "));
        }
    }
    out.push_str(SCENARIO);
    let all = count <= MOST_ASKED;
    let chosen = asked.iter().filter(|(_, first)| *first).map(|(name, _)| quoted(name));
    let list = if all { "\"*\"".to_owned() } else { chosen.collect::<Vec<_>>().join(", ") };
    let why = if all { "" } else { "                   # one for each server; \"*\" asks all\n" };
    let _ = write!(out, "[[run]]\nname = \"first-look\"\n{why}targets = [{list}]\n{RUN}");
    out
}

const HEAD: &str = "\
# Written by `assayd discover`, from what was served just then. It runs as it stands; look through it, say what things
# cost, and put your own questions in.
#
#   assayd check -c FILE    what will be asked of whom, and what it can cost
#   assayd run   -c FILE    ask, grade, and print the table
";

const SCENARIO: &str = r#"
# --- What is asked: sums made anew in every run, so that there is no file to have and nothing to know by heart ---
# Put your own in its place: dataset = { format = "jsonl", path = "questions.jsonl" }, one {"prompt": …, "answer": …} a
# line.

[scenario.sums]
generator = { kind = "tasks", domains = ["add", "sub", "mul"], split = "all", count = 12 }
prompt = "{prompt}\nReply with the number only."
scorer = "number"

# --- How, and who: one question at a time ---

[workload.gentle]
arrival = { kind = "closed", concurrency = 1 }
warmup = { items = 1 }                     # a server may load the model first; not counted

"#;

const RUN: &str = "\
scenarios = [\"*\"]
workload = \"gentle\"
# every = \"6h\"                             # `assayd serve` repeats it
# budget = \"0.50 USD\"                      # never spends more than this, once there are prices
";

/// The protocol's word, and the base URL for it.
fn api(software: &str, url: &str, prefix: &str) -> (&'static str, String) {
    let own = provider::KINDS.iter().find(|kind| kind.name == "ollama" && software == "Ollama");
    match own {
        Some(kind) => (kind.name, url.to_owned()),
        None => ("openai-chat", format!("{url}{prefix}")),
    }
}

fn target(out: &mut String, name: &str, model: &Model, (api, url): &(&'static str, String), key: Option<&str>) {
    let Model { id, context, trained_context, .. } = model;
    let max_tokens = context.map_or(MOST_TOKENS, |context| (context / 2).clamp(1, MOST_TOKENS));
    let header = if name.contains('.') { quoted(name) } else { name.to_owned() };
    let _ = write!(out, "\n[target.{header}]\napi = \"{api}\"\nurl = {}\nmodel = {}\n", quoted(url), quoted(id));
    if let Some(variable) = key {
        let _ = writeln!(out, "key = {{ env = {} }}", quoted(variable));
    }
    match (context, trained_context) {
        (Some(tokens), _) => {
            let _ = writeln!(out, "# context: {tokens} tokens, prompt and answer together");
        }
        (None, Some(tokens)) => {
            let _ = writeln!(out, "# context: made for {tokens} tokens; the server may be set to fewer");
        }
        (None, None) => {}
    }
    let _ = writeln!(out, "sampling = {{ max_tokens = {max_tokens}, temperature = 0 }}");
    out.push_str(PRICE);
}

/// Figures are left open: one that is made up would be believed.
const PRICE: &str = "\
# What it costs, one of these with your own figures for the question marks; until then cost is shown as \"unpriced\":
# price.rented = { per_gpu_hour = \"? USD\", gpus = 1 }
# price.tokens = { input = \"? USD\", output = \"? USD\" }   # per million tokens
";

/// Names for targets, each once.
#[derive(Default)]
struct Names(BTreeSet<String>);

impl Names {
    /// The model's name without its organisation; where that is taken, with the server and then the place.
    fn of(&mut self, id: &str, software: &str, url: &str) -> String {
        let short = id.trim_end_matches('/').rsplit('/').next().unwrap_or(id);
        let short = short.strip_suffix(".gguf").unwrap_or(short);
        let place = url.split_once("://").map_or(url, |(_, rest)| rest);
        let endings = [String::new(), format!("-{software}"), format!("-{place}")];
        let numbered = (2_u32..).map(|n| format!("-{place}-{n}"));
        let candidates = endings.into_iter().chain(numbered).map(|ending| legal(short, &ending));
        let free = candidates.into_iter().find(|name| !self.0.contains(name)).unwrap_or_default();
        self.0.insert(free.clone());
        free
    }
}

/// A legal target's name out of any text; of a long one, the beginning and the ending.
fn legal(text: &str, ending: &str) -> String {
    const LONGEST: usize = 64;
    let clean = |text: &str| -> String {
        let mut out = String::new();
        for c in text.chars() {
            match c {
                c if c.is_ascii_alphanumeric() || matches!(c, '.' | '_') => out.push(c),
                _ if out.ends_with('-') => {}
                _ => out.push('-'),
            }
        }
        out
    };
    let start = clean(text);
    let start = start.trim_start_matches(['-', '.', '_']).trim_end_matches(['-', '.']);
    let start = if start.is_empty() { "model" } else { start };
    let ending: String = clean(ending).trim_end_matches('-').chars().take(LONGEST / 2).collect();
    let room = LONGEST - ending.len();
    let name: String = start.chars().take(room).chain(ending.chars()).collect();
    debug_assert!(Name::new(&name).is_ok(), "{name:?}");
    name
}

/// A TOML basic string (TOML 1.0, "String").
pub(super) fn quoted(text: &str) -> String {
    let mut out = String::from('"');
    for c in text.chars() {
        match c {
            '"' | '\\' => out.extend(['\\', c]),
            c if c.is_control() => {
                let _ = write!(out, "\\u{:04X}", u32::from(c));
            }
            c => out.push(c),
        }
    }
    out.push('"');
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Source;
    use crate::plan::{self, Plan};
    use proptest::prelude::*;

    fn built(text: &str) -> Plan {
        plan::build(&Source::inline("discovered", text)).unwrap_or_else(|problems| {
            panic!("{}\n{text}", problems.iter().map(|p| format!("{p}\n")).collect::<String>())
        })
    }

    fn served(software: &'static str, models: &[&str]) -> Served {
        let model = |id: &&str| Model { id: (*id).to_owned(), ..Model::default() };
        let models = models.iter().map(model).collect();
        Served { software, version: Some("1.2".into()), prefix: "/v1", keyed: false, models }
    }

    fn written(servers: &[(&str, Served)]) -> String {
        let at: Vec<At<'_>> = servers.iter().map(|(url, served)| At { url, served }).collect();
        config(&at, None)
    }

    fn names(plan: &Plan) -> Vec<String> {
        plan.targets.iter().map(|t| t.name.to_string()).collect()
    }

    #[test]
    fn it_builds_and_every_name_is_used_once() {
        let text = written(&[
            ("http://127.0.0.1:8000", served("vLLM", &["Qwen/Qwen3-8B", "other/Qwen3-8B"])),
            ("http://gpu-01:8000", served("vLLM", &["Qwen/Qwen3-8B"])),
            ("http://127.0.0.1:11434", served("Ollama", &["llama3.2:3b"])),
        ]);
        let plan = built(&text);
        assert_eq!(names(&plan), ["Qwen3-8B", "Qwen3-8B-vLLM", "Qwen3-8B-gpu-01-8000", "llama3.2-3b"]);
        assert_eq!(plan.targets[0].model, "Qwen/Qwen3-8B");
        assert_eq!(plan.runs[0].targets.len(), 4);
        assert!(text.contains("[target.\"llama3.2-3b\"]"), "{text}");
    }

    #[test]
    fn prices_are_open_and_work_once_they_are_filled_in() {
        let text = written(&[("http://127.0.0.1:8000", served("vLLM", &["m"]))]);
        assert_eq!(built(&text).targets[0].price, crate::pricing::Price::Unpriced);
        let open = text.replace("# price.tokens", "price.tokens");
        let problems = plan::build(&Source::inline("d", &open)).err().unwrap();
        assert_eq!(problems.len(), 2, "a question mark is no amount: {problems:?}");
        built(&open.replace("input = \"?", "input = \"1").replace("output = \"?", "output = \"2"));
        built(&text.replace("# price.rented = { per_gpu_hour = \"?", "price.rented = { per_gpu_hour = \"2.49"));
    }

    #[test]
    fn what_a_server_says_of_a_model_is_in_its_target() {
        let mut server = served("LM Studio", &["a", "b", "e\n[target.evil]"]);
        server.models[0].context = Some(600);
        server.models[1].trained_context = Some(131_072);
        server.models[2].other_use = Some("embeddings\nx = 1".into());
        server.version = Some("1\n[x]".into());
        let text = written(&[("http://127.0.0.1:1234", server)]);
        let plan = built(&text);
        assert_eq!(names(&plan), ["a", "b"]);
        let most: Vec<Option<u32>> = plan.targets.iter().map(|t| t.sampling.max_tokens).collect();
        assert_eq!(most, [Some(300), Some(1024)], "half of a small context is left to the prompt");
        assert!(text.contains("# context: made for 131072 tokens; the server may be set to fewer"), "{text}");
        assert!(text.contains("no answers: e\u{fffd}[target.evil] (embeddings\u{fffd}x = 1)\n"), "{text}");
    }

    #[test]
    fn of_many_models_one_a_server_is_asked() {
        let ids: Vec<String> = (0..9).map(|n| format!("m{n}")).collect();
        let many: Vec<&str> = ids.iter().map(String::as_str).collect();
        let text = written(&[("http://a:4000", served("LiteLLM", &many)), ("http://b:8000", served("vLLM", &["x.y"]))]);
        let plan = built(&text);
        assert_eq!(plan.targets.len(), 10);
        let asked: Vec<String> = plan.runs[0].targets.iter().map(|t| t.name.to_string()).collect();
        assert_eq!(asked, ["m0", "x.y"]);
    }

    #[test]
    fn a_key_is_named_where_it_was_wanted() {
        let mut server = served("vLLM", &["m"]);
        server.keyed = true;
        let servers =
            [At { url: "http://a:1", served: &server }, At { url: "http://b:1", served: &served("vLLM", &["n"]) }];
        let text = config(&servers, Some("SOME_KEY"));
        assert_eq!(text.matches("key = { env = \"SOME_KEY\" }").count(), 1, "{text}");
    }

    #[test]
    fn the_base_url_fits_the_protocol() {
        let (word, url) = api("Ollama", "http://h:1", "/v1");
        assert!(provider::KINDS.iter().any(|kind| kind.name == word), "{word}");
        assert_eq!(url, if word == "ollama" { "http://h:1" } else { "http://h:1/v1" });
        assert_eq!(api("vLLM", "http://h:1/gate", ""), ("openai-chat", "http://h:1/gate".into()));
    }

    proptest! {
        #[test]
        fn any_words_of_a_server_give_a_configuration(
            ids in prop::collection::vec(r#"[\x00-\x7f]{0,12}|[a-z/:."\\-]{1,90}|\PC{1,8}"#, 1..5),
            other in prop::option::of(r"[\x00-\x7fé]{0,9}"),
        ) {
            // The list's reader leaves out models without a name.
            let ids: Vec<&str> = ids.iter().map(String::as_str).filter(|id| !id.trim().is_empty()).collect();
            prop_assume!(!ids.is_empty());
            let mut server = served("vLLM", &ids);
            server.version.clone_from(&other);
            let plan = built(&written(&[("http://127.0.0.1:8000", server)]));
            let models: Vec<&str> = plan.targets.iter().map(|t| t.model.as_str()).collect();
            prop_assert_eq!(models, ids);
        }
    }
}
