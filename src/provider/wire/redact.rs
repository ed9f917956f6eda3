//! Keeps secrets out of messages: some servers repeat the key they did not like.

use secrecy::{ExposeSecret, SecretString};

const MARK: &str = "[redacted]";

/// How many bytes at a message's cut end must match a secret's beginning to be taken for it.
const MIN_PREFIX: usize = 4;

/// The secrets of one endpoint.
#[derive(Clone, Default)]
pub struct Secrets(Vec<SecretString>);

impl Secrets {
    /// Remembers one.
    pub fn add(&mut self, secret: SecretString) {
        self.0.push(secret);
    }

    /// The text without them; also where the text was cut within one.
    #[must_use]
    pub fn scrub(&self, text: &str) -> String {
        let mut clean = text.to_owned();
        for secret in self.0.iter().map(ExposeSecret::expose_secret).filter(|s| !s.is_empty()) {
            clean = clean.replace(secret, MARK);
            let cut = secret
                .char_indices()
                .map(|(i, _)| i)
                .rev()
                .find(|i| *i >= MIN_PREFIX && secret.get(..*i).is_some_and(|start| clean.ends_with(start)));
            if let Some(length) = cut {
                clean.truncate(clean.len() - length);
                clean.push_str(MARK);
            }
        }
        clean
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_do_not_get_through_whole_or_cut() {
        let mut secrets = Secrets::default();
        secrets.add(SecretString::from("sk-12345678"));
        assert_eq!(secrets.scrub("bad key sk-12345678 and sk-12345678!"), "bad key [redacted] and [redacted]!");
        assert_eq!(secrets.scrub("bad key sk-123456"), "bad key [redacted]");
        assert_eq!(secrets.scrub("bad key sk-"), "bad key sk-", "too little to be told from chance");
        assert_eq!(secrets.scrub("nothing"), "nothing");
    }
}
