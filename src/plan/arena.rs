//! `[server.arena]`: who may vote on stored answers.

use crate::config::{Secret, Section};
use secrecy::{ExposeSecret as _, SecretString};
use std::fmt;
use std::net::SocketAddr;

/// A token of fewer characters could be found by trying.
const LEAST: usize = 16;

/// The page where people vote.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ArenaPlan {
    /// Whether there is one.
    pub on: bool,
    /// What a person must know to vote; none where only this machine reaches it.
    pub token: Option<Token>,
    /// Origins that browsers reach it by, beside addresses: `https://assayd.example`.
    pub origins: Vec<String>,
}

/// What a person must know to vote. It is never shown.
#[derive(Clone)]
pub struct Token(SecretString);

impl Token {
    /// Wraps a secret.
    #[must_use]
    pub const fn new(secret: SecretString) -> Self {
        Self(secret)
    }

    /// Its text, to be compared.
    #[must_use]
    pub fn expose(&self) -> &str {
        self.0.expose_secret()
    }
}

impl PartialEq for Token {
    fn eq(&self, other: &Self) -> bool {
        self.expose() == other.expose()
    }
}

impl Eq for Token {}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Token(…)")
    }
}

/// Reads it. Without `secrets` none is fetched.
pub(super) fn arena(server: Option<&Section<'_>>, listen: &[SocketAddr], secrets: bool) -> Option<ArenaPlan> {
    let far = listen.iter().find(|address| !address.ip().is_loopback());
    let Some(section) = server.and_then(|server| server.section("arena")) else {
        return Some(ArenaPlan { on: far.is_none(), ..ArenaPlan::default() });
    };
    let enabled = section.get::<bool>("enabled");
    let secret = section.get::<Secret>("token");
    let named = secret.is_some() || section.has("token");
    let origins = section.or("origins", Vec::<String>::new());
    let token = match secret.filter(|_| secrets).map(|secret| secret.fetch(&section.source().folder)) {
        None => None,
        Some(Ok(token)) if token.expose_secret().chars().count() >= LEAST => Some(Token::new(token)),
        Some(Ok(_)) => {
            let hint = "such as the output of `openssl rand -hex 24`".to_owned();
            section.problem("token", format!("expected at least {LEAST} characters"), Some(hint));
            None
        }
        Some(Err(why)) => {
            section.problem("token", why, None);
            None
        }
    };
    for origin in origins.iter().flatten() {
        if !is_origin(origin) {
            let message =
                format!("{origin:?} is no origin: expected such as \"https://assayd.example\", without a path");
            section.problem("origins", message, None);
        }
    }
    if let (Some(true), Some(far), false) = (enabled, far, named) {
        let hint = "give it a token, or listen on 127.0.0.1 or [::1] only".to_owned();
        section.problem("enabled", format!("whoever reaches {far} could vote and read stored answers"), Some(hint));
    }
    if origins.as_ref().is_some_and(|origins| !origins.is_empty()) && !named {
        let hint = "whoever reaches such an origin is not on this machine: give it a token".to_owned();
        section.problem("origins", "expected a token beside them", Some(hint));
    }
    section.finish();
    let on = enabled.unwrap_or(named || far.is_none());
    Some(ArenaPlan { on, token, origins: origins? })
}

/// A scheme of the web and a host, nothing after it.
fn is_origin(text: &str) -> bool {
    let parsed = url::Url::parse(text).ok();
    parsed.is_some_and(|url| {
        matches!(url.scheme(), "http" | "https") && url.host().is_some() && url.origin().ascii_serialization() == text
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_origin_is_a_scheme_and_a_host() {
        for good in ["https://assayd.example", "http://10.0.0.1:9797", "https://a.b:8443"] {
            assert!(is_origin(good), "{good}");
        }
        for bad in ["assayd.example", "https://a/", "https://a/b", "ftp://a", "https://A", "https://a:443", "", "*"] {
            assert!(!is_origin(bad), "{bad}");
        }
    }

    #[test]
    fn a_token_is_not_shown() {
        let token = Token::new(SecretString::from("0123456789abcdef"));
        assert_eq!(format!("{token:?}"), "Token(…)");
        assert_ne!(token, Token::new(SecretString::from("0123456789abcdeg")));
    }
}
