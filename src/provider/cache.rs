//! The endpoint's prompt cache: what a target asks of it, and the fields by which each protocol can be asked.

use crate::config::{Expected, Value};
use std::sync::atomic::{AtomicU64, Ordering};
use toml::de::DeValue;

/// What a target asks of the endpoint's prompt cache. Part of the provenance: a cached prompt is faster and cheaper.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum PromptCache {
    /// Every prompt is to be read afresh.
    Off,
    /// Prompts are to be kept and found again.
    On,
    /// Nothing is asked: the endpoint does as it does.
    #[default]
    Server,
}

impl PromptCache {
    /// The configuration's word.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::Off => "off",
            Self::On => "on",
            Self::Server => "server",
        }
    }
}

impl Value for PromptCache {
    fn expected() -> String {
        "\"off\", \"on\" or \"server\"".into()
    }
    fn read(value: &DeValue<'_>) -> Result<Self, Expected> {
        let hint = match value {
            DeValue::String(word) => {
                let all = [Self::Off, Self::On, Self::Server];
                if let Some(found) = all.into_iter().find(|c| c.label() == word) {
                    return Ok(found);
                }
                None
            }
            DeValue::Boolean(true) => Some("write \"on\"".to_owned()),
            DeValue::Boolean(false) => Some("write \"off\"".to_owned()),
            _ => None,
        };
        Err(Expected { expected: Self::expected(), hint })
    }
}

/// Salts for servers that share cached prefixes only among requests of one salt (`cache_salt` of vLLM and SGLang): with
/// a fresh one for every request, nothing is shared. Their start is drawn, so that no other process has them either.
#[derive(Debug)]
pub(super) struct Salts {
    start: u64,
    used: AtomicU64,
}

impl Salts {
    pub(super) fn new() -> Self {
        Self { start: rand::random(), used: AtomicU64::new(0) }
    }

    /// One that was never given out before.
    pub(super) fn next(&self) -> String {
        format!("{:016x}-{}", self.start, self.used.fetch_add(1, Ordering::Relaxed))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::{Source, read};

    #[test]
    fn the_words_and_what_is_none_of_them() {
        let value = |text: &str| {
            let built = read(&Source::inline("c", &format!("v = {text}")), |s| s.get::<PromptCache>("v"));
            built.map_err(|problems| problems.iter().map(ToString::to_string).collect::<String>())
        };
        for cache in [PromptCache::Off, PromptCache::On, PromptCache::Server] {
            assert_eq!(value(&format!("{:?}", cache.label())), Ok(cache));
        }
        let said = "c:1:5: v: expected \"off\", \"on\" or \"server\", found false\n  hint: write \"off\"";
        assert_eq!(value("false"), Err(said.into()));
    }

    #[test]
    fn no_salt_is_given_out_twice() {
        let (a, b) = (Salts::new(), Salts::new());
        assert_ne!(a.next(), a.next());
        assert_ne!(a.start, b.start);
    }
}
