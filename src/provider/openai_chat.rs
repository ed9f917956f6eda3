//! `openai-chat`: the chat completions protocol of OpenAI and everything that imitates it.

use super::Kind;

/// The adapter.
pub const KIND: Kind = Kind {
    name: "openai-chat",
    about: "OpenAI chat completions, streamed (also vLLM, SGLang, llama.cpp, TGI, LiteLLM, …)",
    build: |_, _| None,
};
