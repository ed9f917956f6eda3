//! Streams in the shape of each protocol, as servers write them: an event a piece, the usage at the end.

use serde_json::{Value, json};

/// A stream of so many tokens for an adapter, by its name; none for one that is not known here.
pub fn of(api: &str, tokens: usize) -> Option<Vec<Vec<u8>>> {
    let words = (0..tokens).map(|n| if n % 7 == 0 { " f\u{fc}r".to_owned() } else { format!(" word{}", n % 10) });
    let events: Vec<Value> = match api {
        "openai-chat" => openai_chat(words),
        "openai-completions" => openai_completions(words),
        "openai-responses" => openai_responses(words),
        "anthropic" => anthropic(words),
        "gemini" => gemini(words),
        "ollama" => ollama(words),
        _ => return None,
    };
    let named = matches!(api, "openai-responses" | "anthropic");
    let mut pieces: Vec<Vec<u8>> = events
        .iter()
        .map(|event| match api {
            "ollama" => format!("{event}\n"),
            _ if named => format!("event: {}\ndata: {event}\n\n", event["type"].as_str().unwrap_or_default()),
            _ => format!("data: {event}\n\n"),
        })
        .map(String::into_bytes)
        .collect();
    if matches!(api, "openai-chat" | "openai-completions") {
        pieces.push(b"data: [DONE]\n\n".to_vec());
    }
    Some(pieces)
}

fn openai_chat(words: impl Iterator<Item = String>) -> Vec<Value> {
    let chunk = |delta: Value, finish: Value| {
        json!({"id": "chatcmpl-1a2b3c4d5e6f", "object": "chat.completion.chunk", "created": 1_790_000_000,
               "model": "Qwen/Qwen3-8B",
               "choices": [{"index": 0, "delta": delta, "logprobs": null, "finish_reason": finish}]})
    };
    let mut events = vec![chunk(json!({"role": "assistant", "content": ""}), Value::Null)];
    events.extend(words.map(|word| chunk(json!({ "content": word }), Value::Null)));
    events.push(chunk(json!({}), json!("stop")));
    events.push(json!({"id": "chatcmpl-1a2b3c4d5e6f", "object": "chat.completion.chunk", "created": 1_790_000_000,
        "model": "Qwen/Qwen3-8B", "choices": [],
        "usage": {"prompt_tokens": 64, "completion_tokens": 128, "total_tokens": 192}}));
    events
}

fn openai_completions(words: impl Iterator<Item = String>) -> Vec<Value> {
    let chunk = |text: &str, finish: Value| {
        json!({"id": "cmpl-1a2b3c4d5e6f", "object": "text_completion", "created": 1_790_000_000, "model": "m",
               "choices": [{"index": 0, "text": text, "logprobs": null, "finish_reason": finish}]})
    };
    let mut events: Vec<Value> = words.map(|word| chunk(&word, Value::Null)).collect();
    events.push(chunk("", json!("stop")));
    events.push(json!({"id": "cmpl-1a2b3c4d5e6f", "object": "text_completion", "created": 1_790_000_000, "model": "m",
        "choices": [], "usage": {"prompt_tokens": 64, "completion_tokens": 128, "total_tokens": 192}}));
    events
}

fn openai_responses(words: impl Iterator<Item = String>) -> Vec<Value> {
    let response = |status: &str, usage: Value| {
        json!({"id": "resp_1", "object": "response", "created_at": 1_790_000_000, "status": status, "model": "m",
               "output": [], "usage": usage})
    };
    let mut events = vec![
        json!({"type": "response.created", "sequence_number": 0, "response": response("in_progress", Value::Null)}),
        json!({"type": "response.output_item.added", "sequence_number": 1, "output_index": 0,
               "item": {"id": "msg_1", "type": "message", "status": "in_progress", "role": "assistant", "content": []}}),
        json!({"type": "response.content_part.added", "sequence_number": 2, "item_id": "msg_1", "output_index": 0,
               "content_index": 0, "part": {"type": "output_text", "text": "", "annotations": []}}),
    ];
    let mut said = String::new();
    for word in words {
        said.push_str(&word);
        events.push(json!({"type": "response.output_text.delta", "sequence_number": events.len(), "item_id": "msg_1",
            "output_index": 0, "content_index": 0, "delta": word, "logprobs": []}));
    }
    events.push(json!({"type": "response.output_text.done", "sequence_number": events.len(), "item_id": "msg_1",
        "output_index": 0, "content_index": 0, "text": said, "logprobs": []}));
    let usage = json!({"input_tokens": 64, "input_tokens_details": {"cached_tokens": 0}, "output_tokens": 128,
        "output_tokens_details": {"reasoning_tokens": 0}, "total_tokens": 192});
    events.push(json!({"type": "response.completed", "sequence_number": events.len(),
        "response": response("completed", usage)}));
    events
}

fn anthropic(words: impl Iterator<Item = String>) -> Vec<Value> {
    let mut events = vec![
        json!({"type": "message_start", "message": {"id": "msg_1", "type": "message", "role": "assistant",
            "model": "m", "content": [], "stop_reason": null, "stop_sequence": null,
            "usage": {"input_tokens": 64, "cache_creation_input_tokens": 0, "cache_read_input_tokens": 0,
                      "output_tokens": 1}}}),
        json!({"type": "content_block_start", "index": 0, "content_block": {"type": "text", "text": ""}}),
    ];
    events.extend(
        words.map(
            |word| json!({"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": word}}),
        ),
    );
    events.push(json!({"type": "content_block_stop", "index": 0}));
    events.push(json!({"type": "message_delta", "delta": {"stop_reason": "end_turn", "stop_sequence": null},
        "usage": {"output_tokens": 128}}));
    events.push(json!({"type": "message_stop"}));
    events
}

fn gemini(words: impl Iterator<Item = String>) -> Vec<Value> {
    let chunk = |text: &str, finish: Option<&str>| {
        let mut candidate = json!({"content": {"parts": [{"text": text}], "role": "model"}, "index": 0});
        if let Some(reason) = finish {
            candidate["finishReason"] = json!(reason);
        }
        json!({"candidates": [candidate], "modelVersion": "m", "responseId": "r1",
               "usageMetadata": {"promptTokenCount": 64, "candidatesTokenCount": 128, "totalTokenCount": 192}})
    };
    let mut events: Vec<Value> = words.map(|word| chunk(&word, None)).collect();
    events.push(chunk("", Some("STOP")));
    events
}

fn ollama(words: impl Iterator<Item = String>) -> Vec<Value> {
    let line = |content: &str, done: bool| {
        json!({"model": "m", "created_at": "2026-09-21T10:00:00.123456789Z",
               "message": {"role": "assistant", "content": content}, "done": done})
    };
    let mut events: Vec<Value> = words.map(|word| line(&word, false)).collect();
    let mut last = line("", true);
    for (key, value) in [("prompt_eval_count", 64), ("eval_count", 128), ("total_duration", 1_000_000_000)] {
        last[key] = json!(value);
    }
    last["done_reason"] = json!("stop");
    events.push(last);
    events
}
