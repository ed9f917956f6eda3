//! What each adapter asks: path, headers and body, out of a whole target's section.

use assayd::config::Source;
use assayd::domain::{Message, Prompt, Role, Tool};
use assayd::plan;
use assayd::provider::{KeyHeader, Request};
use libtest_mimic::Trial;
use serde_json::{Value as Json, json};

pub fn tests() -> Vec<Trial> {
    vec![
        Trial::test("provider::what_is_asked_by_each_protocol", || {
            asked();
            Ok(())
        }),
        Trial::test("provider::a_conversation_in_each_protocols_words", || {
            conversations();
            Ok(())
        }),
        Trial::test("provider::tools_in_each_protocols_words", || {
            tools();
            Ok(())
        }),
        Trial::test("provider::prompt_cache_in_each_protocols_words", || {
            caches();
            Ok(())
        }),
    ]
}

const REST: &str = "[scenario.s]\ndataset = { format = \"jsonl\", path = \"data/good.jsonl\" }\nscorer = \"exact\"\n\
                    [workload.w]\narrival = { kind = \"closed\", concurrency = 1 }\n\
                    [[run]]\ntargets = [\"*\"]\nscenarios = [\"*\"]\nworkload = \"w\"\n";

/// The request of a target, and how it shows its key.
fn request(target: &str, turns: &[(Role, &str)]) -> (Request, KeyHeader) {
    offered(target, turns, &[])
}

fn offered(target: &str, turns: &[(Role, &str)], tools: &[Tool]) -> (Request, KeyHeader) {
    let text = format!("[target.t]\nmodel = \"m\"\nproxy = false\n{target}\n{REST}");
    let source = Source { name: "t.toml".into(), text, folder: "tests/it/invalid".into() };
    let plan = plan::build(&source).map_err(|problems| problems.iter().map(ToString::to_string).collect::<String>());
    let plan = plan.unwrap();
    let provider = &plan.targets.first().unwrap().provider;
    let messages = turns.iter().map(|(role, text)| Message { role: *role, content: (*text).into() });
    let prompt = Prompt { tools: tools.into(), ..Prompt::of(messages.collect::<Vec<_>>()) };
    (provider.request(&prompt), provider.framing().1)
}

fn body(request: &Request) -> Json {
    serde_json::from_slice(&request.body).unwrap()
}

const ALL: &str = "sampling = { max_tokens = 9, temperature = 0, top_p = 0.5, seed = 7, stop = [\"x\"] }";

fn asked() {
    let ask = [(Role::User, "2+2?")];
    let message = json!([{ "role": "user", "content": "2+2?" }]);
    let usage = json!({ "include_usage": true });
    let bearer = KeyHeader::Bearer;
    let cases = [
        (
            format!("api = 'openai-chat'\nurl = 'http://h/v1'\n{ALL}"),
            "/chat/completions",
            bearer,
            json!({ "model": "m", "messages": message, "stream": true, "stream_options": usage, "max_tokens": 9,
                    "temperature": 0.0, "top_p": 0.5, "seed": 7, "stop": ["x"] }),
        ),
        (
            "api = 'openai-chat'\nurl = 'https://r.openai.azure.com'\nazure = { api_version = '2024-10-21' }".to_owned(),
            "/openai/deployments/m/chat/completions?api-version=2024-10-21",
            KeyHeader::Named("api-key"),
            json!({ "model": "m", "messages": message, "stream": true, "stream_options": usage }),
        ),
        (
            format!("api = 'openai-completions'\nurl = 'http://h/v1'\n{ALL}"),
            "/completions",
            bearer,
            json!({ "model": "m", "prompt": "2+2?", "stream": true, "stream_options": usage, "max_tokens": 9,
                    "temperature": 0.0, "top_p": 0.5, "seed": 7, "stop": ["x"] }),
        ),
        (
            "api = 'openai-responses'\nurl = 'http://h/v1'\nsampling = { max_tokens = 9, temperature = 0, top_p = 0.5 }\n\
             body = { seed = 7, reasoning = { effort = 'low' } }"
                .to_owned(),
            "/responses",
            bearer,
            json!({ "model": "m", "input": message, "stream": true, "store": false, "max_output_tokens": 9,
                    "temperature": 0.0, "top_p": 0.5, "seed": 7, "reasoning": { "effort": "low" } }),
        ),
        (
            "api = 'anthropic'\nurl = 'http://h/v1'\nsampling = { max_tokens = 9, temperature = 0, stop = ['x'] }\n\
             body = { thinking = { type = 'disabled' } }"
                .to_owned(),
            "/messages",
            KeyHeader::Named("x-api-key"),
            json!({ "model": "m", "messages": message, "stream": true, "max_tokens": 9, "temperature": 0.0,
                    "stop_sequences": ["x"], "thinking": { "type": "disabled" } }),
        ),
        (
            format!("api = 'gemini'\nurl = 'http://h/v1beta'\n{ALL}\nbody.generationConfig.thinkingConfig.thinkingBudget = 0"),
            "/models/m:streamGenerateContent?alt=sse",
            KeyHeader::Named("x-goog-api-key"),
            json!({ "contents": [{ "role": "user", "parts": [{ "text": "2+2?" }] }],
                    "generationConfig": { "maxOutputTokens": 9, "temperature": 0.0, "topP": 0.5, "seed": 7,
                                          "stopSequences": ["x"], "thinkingConfig": { "thinkingBudget": 0 } } }),
        ),
        (
            format!("api = 'ollama'\nurl = 'http://h'\n{ALL}\nbody = {{ think = false, options = {{ num_ctx = 64 }} }}"),
            "/api/chat",
            bearer,
            json!({ "model": "m", "messages": message, "stream": true, "think": false,
                    "options": { "num_predict": 9, "temperature": 0.0, "top_p": 0.5, "seed": 7, "stop": ["x"],
                                 "num_ctx": 64 } }),
        ),
    ];
    for (target, path, key, wanted) in cases {
        let (request, shown) = request(&target, &ask);
        assert_eq!((request.path.as_str(), shown), (path, key), "{target}");
        assert_eq!(body(&request), wanted, "{target}");
        let headers =
            if target.contains("anthropic") { vec![("anthropic-version", "2023-06-01".to_owned())] } else { vec![] };
        assert_eq!(request.headers, headers, "{target}");
    }
}

fn conversations() {
    let turns = [(Role::System, "be brief"), (Role::User, "2+2?"), (Role::Assistant, "4"), (Role::User, "3+3?")];
    let field = |target: &str, field: &str| body(&request(target, &turns).0).get(field).cloned().unwrap_or_default();
    let turn = |role: &str, text: &str| json!({ "role": role, "content": text });
    let all = json!([turn("system", "be brief"), turn("user", "2+2?"), turn("assistant", "4"), turn("user", "3+3?")]);
    let chat = "url = 'http://h'\napi = ";
    assert_eq!(field(&format!("{chat}'openai-chat'"), "messages"), all);
    assert_eq!(field(&format!("{chat}'openai-responses'"), "input"), all);
    assert_eq!(field(&format!("{chat}'ollama'"), "messages"), all);
    assert_eq!(field(&format!("{chat}'openai-completions'"), "prompt"), json!("be brief\n\n2+2?\n\n4\n\n3+3?"));
    let anthropic = format!("{chat}'anthropic'\nsampling.max_tokens = 1");
    assert_eq!(field(&anthropic, "system"), json!("be brief"));
    let rest = json!([turn("user", "2+2?"), turn("assistant", "4"), turn("user", "3+3?")]);
    assert_eq!(field(&anthropic, "messages"), rest);
    let gemini = format!("{chat}'gemini'");
    assert_eq!(field(&gemini, "systemInstruction"), json!({ "parts": [{ "text": "be brief" }] }));
    let turn = |role: &str, text: &str| json!({ "role": role, "parts": [{ "text": text }] });
    assert_eq!(field(&gemini, "contents"), json!([turn("user", "2+2?"), turn("model", "4"), turn("user", "3+3?")]));
}

fn tools() {
    let schema = r#"{"type":"object","properties":{"city":{"type":"string"}},"required":["city"]}"#;
    let parsed: Json = serde_json::from_str(schema).unwrap();
    let tool = |name: &str, description: &str| Tool {
        name: name.into(),
        description: description.into(),
        parameters: schema.into(),
    };
    let two = [tool("weather", "the weather of a city"), tool("time", "")];
    let ask = [(Role::User, "2+2?")];
    let wrapped = json!([
        { "type": "function", "function": { "name": "weather", "description": "the weather of a city", "parameters": parsed } },
        { "type": "function", "function": { "name": "time", "parameters": parsed } },
    ]);
    for (target, wanted) in [
        ("api = 'openai-chat'\nurl = 'http://h/v1'", wrapped.clone()),
        ("api = 'openai-chat'\nurl = 'https://r.openai.azure.com'\nazure = {}", wrapped.clone()),
        ("api = 'ollama'\nurl = 'http://h'", wrapped),
        (
            "api = 'openai-responses'\nurl = 'http://h/v1'",
            json!([
                { "type": "function", "name": "weather", "description": "the weather of a city", "parameters": parsed,
                  "strict": false },
                { "type": "function", "name": "time", "parameters": parsed, "strict": false },
            ]),
        ),
        (
            "api = 'anthropic'\nurl = 'http://h/v1'\nsampling.max_tokens = 1",
            json!([
                { "name": "weather", "description": "the weather of a city", "input_schema": parsed },
                { "name": "time", "input_schema": parsed },
            ]),
        ),
        (
            "api = 'gemini'\nurl = 'http://h/v1beta'",
            json!([{ "functionDeclarations": [
                { "name": "weather", "description": "the weather of a city", "parametersJsonSchema": parsed },
                { "name": "time", "parametersJsonSchema": parsed },
            ] }]),
        ),
    ] {
        let (with, _) = offered(target, &ask, &two);
        let (without, _) = request(target, &ask);
        let (mut with, without) = (body(&with), body(&without));
        assert_eq!(with.as_object_mut().unwrap().remove("tools"), Some(wanted), "{target}");
        assert_eq!(with, without, "nothing else changes: {target}");
    }
    let completions = "api = 'openai-completions'\nurl = 'http://h/v1'";
    assert_eq!(offered(completions, &ask, &two).0, request(completions, &ask).0);
}

fn caches() {
    let asked = |api: &str, cache: &str| {
        let target = format!("url = 'http://h'\napi = '{api}'\nsampling.max_tokens = 1\nprompt_cache = '{cache}'");
        let body = body(&request(&target, &[(Role::User, "2+2?")]).0);
        let fields = ["cache_prompt", "cache_salt", "prompt_cache_key", "cache_control"];
        fields.iter().filter_map(|f| Some(format!("{f} {}", body.get(f)?))).collect::<Vec<_>>()
    };
    for api in ["openai-chat", "openai-completions", "openai-responses"] {
        let off = asked(api, "off");
        assert!(
            off.len() == 2 && off[0] == "cache_prompt false" && off[1].starts_with("cache_salt "),
            "{api}: {off:?}"
        );
        assert_eq!(asked(api, "server"), Vec::<String>::new());
    }
    assert_eq!(asked("openai-chat", "on"), ["prompt_cache_key \"assayd\""]);
    assert_eq!(asked("openai-responses", "on"), ["prompt_cache_key \"assayd\""]);
    assert_eq!(asked("openai-completions", "on"), ["cache_prompt true"]);
    assert_eq!(asked("anthropic", "on"), ["cache_control {\"type\":\"ephemeral\"}"]);
    assert_eq!(asked("anthropic", "off"), Vec::<String>::new());
}
