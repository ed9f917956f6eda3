//! Streams in the shapes that real servers were seen to send, with what must be made of them.

use assayd::domain::{Answer, Finish, ToolCall, Usage};

/// One stream.
pub struct Recording {
    /// Who sends such a stream, and what is odd about it.
    pub name: &'static str,
    /// The adapter that reads it.
    pub kind: &'static str,
    pub body: &'static str,
    /// Whether the protocol itself says that it is over (`[DONE]`).
    pub says_end: bool,
    pub answer: fn() -> Answer,
}

fn stop(text: &str, model: &str, usage: [Option<u64>; 3]) -> Answer {
    let [input, cache_read, output] = usage;
    Answer {
        text: text.into(),
        finish: Some(Finish::Stop),
        model: Some(model.into()),
        usage: Usage { input, cache_read, output, ..Usage::default() },
        ..Answer::default()
    }
}

/// All of them. Every adapter must have at least one.
pub const RECORDINGS: &[Recording] = &[
    Recording {
        name: "llama_server: role with null content first, usage with no choices and timings last",
        kind: "openai-chat",
        body: concat!(
            r#"data: {"choices":[{"finish_reason":null,"index":0,"delta":{"role":"assistant","content":null}}],"created":1,"id":"c","model":"base","system_fingerprint":"b1","object":"chat.completion.chunk"}"#,
            "\n\n",
            r#"data: {"choices":[{"finish_reason":null,"index":0,"delta":{"content":"4"}}],"created":1,"id":"c","model":"base","object":"chat.completion.chunk"}"#,
            "\n\n",
            r#"data: {"choices":[{"finish_reason":null,"index":0,"delta":{"content":"2 é"}}],"created":1,"id":"c","model":"base","object":"chat.completion.chunk"}"#,
            "\n\n",
            r#"data: {"choices":[{"finish_reason":"stop","index":0,"delta":{}}],"created":1,"id":"c","model":"base","object":"chat.completion.chunk"}"#,
            "\n\n",
            r#"data: {"choices":[],"created":1,"id":"c","model":"base","object":"chat.completion.chunk","usage":{"completion_tokens":4,"prompt_tokens":12,"total_tokens":16,"prompt_tokens_details":{"cached_tokens":10}},"timings":{"cache_n":10,"prompt_n":2,"prompt_ms":1.5,"predicted_n":4,"predicted_ms":3.25}}"#,
            "\n\ndata: [DONE]\n\n"
        ),
        says_end: true,
        answer: || stop("42 é", "base", [Some(2), Some(10), Some(4)]),
    },
    Recording {
        name: "transformers_serve: no [DONE], usage on the finish chunk",
        kind: "openai-chat",
        body: concat!(
            "data: {\"id\":\"r\",\"choices\":[{\"delta\":{\"role\":\"assistant\"},\"index\":0}],\"model\":\"t@main\",\"object\":\"chat.completion.chunk\"}\n\n",
            "data: {\"id\":\"r\",\"choices\":[{\"delta\":{\"content\":\"42\"},\"index\":0}],\"model\":\"t@main\",\"object\":\"chat.completion.chunk\"}\n\n",
            "data: {\"id\":\"r\",\"choices\":[{\"delta\":{},\"finish_reason\":\"stop\",\"index\":0}],\"model\":\"t@main\",\"object\":\"chat.completion.chunk\",\"usage\":{\"completion_tokens\":2,\"prompt_tokens\":5,\"total_tokens\":7}}\n\n",
        ),
        says_end: false,
        answer: || stop("42", "t@main", [Some(5), None, Some(2)]),
    },
    Recording {
        name: "litellm: the last chunk has usage with a cost beside non-empty choices",
        kind: "openai-chat",
        body: concat!(
            "data: {\"id\":\"l\",\"model\":\"gpt-x\",\"object\":\"chat.completion.chunk\",\"choices\":[{\"index\":0,\"delta\":{\"content\":\"42\",\"role\":\"assistant\"}}]}\r\n\r\n",
            "data: {\"id\":\"l\",\"model\":\"gpt-x\",\"object\":\"chat.completion.chunk\",\"choices\":[{\"finish_reason\":\"stop\",\"index\":0,\"delta\":{}}]}\r\n\r\n",
            "data: {\"id\":\"l\",\"model\":\"gpt-x\",\"object\":\"chat.completion.chunk\",\"choices\":[{\"index\":0,\"delta\":{}}],\"usage\":{\"completion_tokens\":2,\"prompt_tokens\":5,\"total_tokens\":7,\"cost\":0.000123}}\r\n\r\n",
            "data: [DONE]\r\n\r\n"
        ),
        says_end: true,
        answer: || stop("42", "gpt-x", [Some(5), None, Some(2)]),
    },
    Recording {
        name: "vllm: reasoning first, usage so far on every chunk, text in the finishing chunk, keep-alive comments",
        kind: "openai-chat",
        body: concat!(
            ": keep-alive\n\n",
            "data: {\"model\":\"Q\",\"choices\":[{\"index\":0,\"delta\":{\"role\":\"assistant\",\"content\":\"\"},\"logprobs\":null,\"finish_reason\":null}],\"usage\":{\"prompt_tokens\":9,\"total_tokens\":9,\"completion_tokens\":0}}\n\n",
            "data: {\"model\":\"Q\",\"choices\":[{\"index\":0,\"delta\":{\"reasoning_content\":\"6*7\",\"reasoning\":\"6*7\"},\"finish_reason\":null}],\"usage\":{\"prompt_tokens\":9,\"total_tokens\":12,\"completion_tokens\":3}}\n\n",
            "data: {\"model\":\"Q\",\"choices\":[{\"index\":0,\"delta\":{\"content\":\"4\"},\"finish_reason\":null}],\"usage\":{\"prompt_tokens\":9,\"total_tokens\":13,\"completion_tokens\":4}}\n\n",
            ": keep-alive\n\n",
            "data: {\"model\":\"Q\",\"choices\":[{\"index\":0,\"delta\":{\"content\":\"2\"},\"finish_reason\":\"length\",\"stop_reason\":null}],\"usage\":{\"prompt_tokens\":9,\"total_tokens\":14,\"completion_tokens\":5}}\n\n",
            "data: {\"model\":\"Q\",\"choices\":[],\"usage\":{\"prompt_tokens\":9,\"total_tokens\":14,\"completion_tokens\":5,\"prompt_tokens_details\":{\"cached_tokens\":4},\"completion_tokens_details\":{\"reasoning_tokens\":3}}}\n\n",
            "data: [DONE]\n\n"
        ),
        says_end: true,
        answer: || Answer {
            text: "42".into(),
            reasoning: "6*7".into(),
            finish: Some(Finish::Length),
            model: Some("Q".into()),
            usage: Usage {
                input: Some(5),
                cache_read: Some(4),
                output: Some(2),
                reasoning: Some(3),
                ..Usage::default()
            },
            ..Answer::default()
        },
    },
    Recording {
        name: "openai: a tool call in pieces, null usage on early chunks, obfuscation padding",
        kind: "openai-chat",
        body: concat!(
            "data: {\"model\":\"gpt-x\",\"choices\":[{\"index\":0,\"delta\":{\"role\":\"assistant\",\"content\":null,\"tool_calls\":[{\"index\":0,\"id\":\"call_1\",\"type\":\"function\",\"function\":{\"name\":\"sum\",\"arguments\":\"\"}}],\"refusal\":null},\"finish_reason\":null}],\"usage\":null,\"obfuscation\":\"xx\"}\n\n",
            "data: {\"model\":\"gpt-x\",\"choices\":[{\"index\":0,\"delta\":{\"tool_calls\":[{\"index\":0,\"function\":{\"arguments\":\"{\\\"a\\\":\"}}]},\"finish_reason\":null}],\"usage\":null}\n\n",
            "data: {\"model\":\"gpt-x\",\"choices\":[{\"index\":0,\"delta\":{\"tool_calls\":[{\"index\":0,\"function\":{\"arguments\":\"1}\"}}]},\"finish_reason\":null}],\"usage\":null}\n\n",
            "data: {\"model\":\"gpt-x\",\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"tool_calls\"}],\"usage\":null}\n\n",
            "data: {\"model\":\"gpt-x\",\"choices\":[],\"usage\":{\"prompt_tokens\":20,\"completion_tokens\":7,\"total_tokens\":27,\"prompt_tokens_details\":{\"cached_tokens\":0,\"audio_tokens\":0},\"completion_tokens_details\":{\"reasoning_tokens\":0}}}\n\n",
            "data: [DONE]\n\n"
        ),
        says_end: true,
        answer: || Answer {
            tool_calls: vec![ToolCall { name: "sum".into(), arguments: "{\"a\":1}".into() }],
            finish: Some(Finish::ToolCalls),
            model: Some("gpt-x".into()),
            usage: Usage {
                input: Some(20),
                cache_read: Some(0),
                output: Some(7),
                reasoning: Some(0),
                ..Usage::default()
            },
            ..Answer::default()
        },
    },
    Recording {
        name: "a server that ignored `stream`: one whole completion, pretty-printed",
        kind: "openai-chat",
        body: "{\n  \"object\": \"chat.completion\",\n\n  \"model\": \"m\",\n  \"choices\": [{\"index\": 0, \"message\": {\"role\": \"assistant\", \"content\": \"42\"}, \"finish_reason\": \"stop\"}],\n  \"usage\": {\"prompt_tokens\": 5, \"completion_tokens\": 2}\n}\n",
        says_end: false,
        answer: || stop("42", "m", [Some(5), None, Some(2)]),
    },
];
