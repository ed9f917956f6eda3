//! Who was asked, as OpenTelemetry's conventions for generative AI say it: operation, provider, model, server.

use crate::plan::{Plan, Target};
use std::collections::BTreeMap;
use url::Url;

/// A target in the conventions' words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Asked {
    /// `gen_ai.operation.name`.
    pub operation: &'static str,
    /// `gen_ai.provider.name`.
    pub provider: &'static str,
    /// `gen_ai.request.model`.
    pub model: String,
    /// `server.address`.
    pub address: String,
    /// `server.port`.
    pub port: u16,
}

/// Providers that the conventions have a name for, by the ends of their hosts' names.
const HOSTS: &[(&str, &str)] = &[
    ("api.openai.com", "openai"),
    ("openai.azure.com", "azure.ai.openai"),
    ("services.ai.azure.com", "azure.ai.inference"),
    ("models.ai.azure.com", "azure.ai.inference"),
    ("api.anthropic.com", "anthropic"),
    ("generativelanguage.googleapis.com", "gcp.gemini"),
    ("aiplatform.googleapis.com", "gcp.vertex_ai"),
    ("cohere.com", "cohere"),
    ("cohere.ai", "cohere"),
    ("deepseek.com", "deepseek"),
    ("groq.com", "groq"),
    ("ml.cloud.ibm.com", "ibm.watsonx.ai"),
    ("mistral.ai", "mistral_ai"),
    ("perplexity.ai", "perplexity"),
    ("x.ai", "x_ai"),
];

/// By the protocol where the host says nothing: the operation, and whose protocol it is. A provider is "the telemetry format
/// flavor" to the conventions, and may differ from who runs the model.
const PROTOCOLS: &[(&str, &str, &str)] = &[
    ("openai-chat", "chat", "openai"),
    ("openai-completions", "text_completion", "openai"),
    ("openai-responses", "chat", "openai"),
    ("anthropic", "chat", "anthropic"),
    ("gemini", "generate_content", "gcp.gen_ai"),
    ("ollama", "chat", "ollama"),
];

/// Every target of a plan, by its name.
#[must_use]
pub fn asked(plan: &Plan) -> BTreeMap<String, Asked> {
    let of = |target: &Target| Asked::of(target.api, &target.url, &target.model);
    plan.targets.iter().map(|target| (target.name.to_string(), of(target))).collect()
}

impl Asked {
    /// A target of this protocol at this URL.
    #[must_use]
    pub fn of(api: &str, url: &str, model: &str) -> Self {
        let url = Url::parse(url).ok();
        let address = url.as_ref().and_then(Url::host_str).unwrap_or_default().trim_matches(['[', ']']);
        let protocol = PROTOCOLS.iter().find(|(name, ..)| *name == api);
        let (operation, flavor) = protocol.map_or(("chat", "_OTHER"), |(_, operation, flavor)| (operation, flavor));
        let bedrock = address.starts_with("bedrock-runtime") && address.contains(".amazonaws.com");
        let host = HOSTS.iter().find(|(end, _)| {
            address.strip_suffix(end).is_some_and(|before| before.is_empty() || before.ends_with(['.', '-']))
        });
        Self {
            operation,
            provider: if bedrock { "aws.bedrock" } else { host.map_or(flavor, |(_, provider)| provider) },
            model: model.to_owned(),
            address: address.to_owned(),
            port: url.as_ref().and_then(Url::port_or_known_default).unwrap_or(0),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::provider::KINDS;

    #[test]
    fn every_protocol_has_an_operation() {
        for kind in KINDS {
            assert!(PROTOCOLS.iter().any(|(name, ..)| *name == kind.name), "{}", kind.name);
        }
    }

    #[test]
    fn providers_are_known_by_their_hosts_and_else_by_the_protocol() {
        for (api, url, want) in [
            ("openai-chat", "https://api.openai.com/v1", ("chat", "openai", "api.openai.com", 443)),
            (
                "openai-responses",
                "https://me.openai.azure.com/openai",
                ("chat", "azure.ai.openai", "me.openai.azure.com", 443),
            ),
            ("openai-chat", "https://api.deepseek.com", ("chat", "deepseek", "api.deepseek.com", 443)),
            ("openai-chat", "https://api.x.ai/v1", ("chat", "x_ai", "api.x.ai", 443)),
            ("openai-chat", "https://llm.flex.ai/v1", ("chat", "openai", "llm.flex.ai", 443)),
            ("openai-chat", "http://127.0.0.1:8000/v1", ("chat", "openai", "127.0.0.1", 8000)),
            ("openai-completions", "http://[::1]:8000/v1", ("text_completion", "openai", "::1", 8000)),
            ("anthropic", "https://api.anthropic.com", ("chat", "anthropic", "api.anthropic.com", 443)),
            (
                "anthropic",
                "https://bedrock-runtime.eu-west-1.amazonaws.com",
                ("chat", "aws.bedrock", "bedrock-runtime.eu-west-1.amazonaws.com", 443),
            ),
            (
                "gemini",
                "https://europe-west4-aiplatform.googleapis.com/v1",
                ("generate_content", "gcp.vertex_ai", "europe-west4-aiplatform.googleapis.com", 443),
            ),
            ("gemini", "http://gateway:80", ("generate_content", "gcp.gen_ai", "gateway", 80)),
            ("ollama", "http://localhost:11434", ("chat", "ollama", "localhost", 11434)),
        ] {
            let Asked { operation, provider, address, port, .. } = Asked::of(api, url, "m");
            assert_eq!((operation, provider, address.as_str(), port), want);
        }
    }
}
