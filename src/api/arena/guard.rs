//! Who may vote: keyed hashes, cookies, hosts and origins, the token. Pure but for the key's making.
//!
//! - The `Host` must be an address, `localhost` or a name that the configuration gives: a page elsewhere whose name was made to
//!   lead here (DNS rebinding) sends its own name. Without a token it must be this machine's.
//! - What changes something needs an `Origin` that is the `Host`'s own, and a token of the form that is a keyed hash over the
//!   voter and the contest: a page elsewhere can neither send the one nor know the other.
//! - Everything that is secret is compared in constant time (by `ring`'s check of a keyed hash).

use axum::http::{HeaderMap, HeaderName, header};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::hmac;
use ring::rand::{SecureRandom as _, SystemRandom};
use std::net::IpAddr;

/// The cookie of who votes, and of who has given the token.
pub(super) const VOTER: &str = "assayd_voter";
pub(super) const ENTRY: &str = "assayd_entry";

/// Random bytes as text for addresses and cookies; none where the system has none to give.
pub(super) fn random() -> Option<String> {
    let mut bytes = [0_u8; 18];
    SystemRandom::new().fill(&mut bytes).ok()?;
    Some(URL_SAFE_NO_PAD.encode(bytes))
}

/// A new key, as it is kept.
pub(super) fn new_key() -> Option<String> {
    let mut bytes = [0_u8; 32];
    SystemRandom::new().fill(&mut bytes).ok()?;
    Some(URL_SAFE_NO_PAD.encode(bytes))
}

/// The key of everything that is signed here.
pub(super) struct Key(hmac::Key);

impl Key {
    /// Of what [`new_key`] gave; none for another text.
    pub(super) fn of(kept: &str) -> Option<Self> {
        let bytes = URL_SAFE_NO_PAD.decode(kept).ok()?;
        (bytes.len() == 32).then(|| Self(hmac::Key::new(hmac::HMAC_SHA256, &bytes)))
    }

    /// Parts with their lengths before them, so that no two lists are the same text.
    fn message(purpose: &str, parts: &[&str]) -> Vec<u8> {
        let mut message = Vec::new();
        for part in [purpose].iter().chain(parts) {
            message.extend((part.len() as u64).to_le_bytes());
            message.extend(part.as_bytes());
        }
        message
    }

    /// A keyed hash, for a purpose.
    pub(super) fn sign(&self, purpose: &str, parts: &[&str]) -> String {
        URL_SAFE_NO_PAD.encode(hmac::sign(&self.0, &Self::message(purpose, parts)))
    }

    /// Whether it is that hash, in constant time.
    pub(super) fn verify(&self, purpose: &str, parts: &[&str], signature: &str) -> bool {
        let Ok(signature) = URL_SAFE_NO_PAD.decode(signature) else { return false };
        hmac::verify(&self.0, &Self::message(purpose, parts), &signature).is_ok()
    }

    /// Whether two texts are the same, in constant time whatever they are.
    pub(super) fn same(&self, one: &str, other: &str) -> bool {
        self.verify("same", &[one], &self.sign("same", &[other]))
    }

    /// The name under which a voter's votes are kept: a keyed hash of the number in its cookie.
    pub(super) fn pseudonym(&self, id: &str) -> String {
        self.sign("voter", &[id]).chars().take(22).collect()
    }

    /// A voter's cookie: its number, signed, so that none is made elsewhere.
    pub(super) fn cookie(&self, id: &str) -> String {
        format!("{id}.{}", self.sign("cookie", &[id]))
    }

    /// The number in a voter's cookie; none where it was not made here.
    pub(super) fn voter(&self, cookie: &str) -> Option<String> {
        let (id, signature) = cookie.split_once('.')?;
        self.verify("cookie", &[id], signature).then(|| id.to_owned())
    }
}

/// The value of a cookie.
pub(super) fn cookie<'h>(headers: &'h HeaderMap, name: &str) -> Option<&'h str> {
    let all = headers.get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok());
    let mut pairs = all.flat_map(|value| value.split(';')).filter_map(|pair| pair.trim().split_once('='));
    pairs.find(|(key, _)| *key == name).map(|(_, value)| value)
}

/// A cookie that scripts don't see and that no page elsewhere makes a browser send.
pub(super) fn set_cookie(name: &str, value: &str, secure: bool, seconds: u64) -> String {
    let secure = if secure { "; Secure" } else { "" };
    format!("{name}={value}; Path=/arena; Max-Age={seconds}; HttpOnly; SameSite=Strict{secure}")
}

/// How a request may come.
#[derive(Debug, Clone, Copy)]
pub(super) struct Ways<'a> {
    /// Whether from this machine only.
    pub(super) local: bool,
    /// Origins beside addresses.
    pub(super) origins: &'a [String],
}

/// How a request came.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Came {
    /// Over TLS, as far as the origins that are given tell: its cookies are for TLS alone.
    pub(super) secure: bool,
}

/// The host and, after it, the port, of a `Host` header.
fn split(host: &str) -> (&str, &str) {
    let end = match host.rfind(']') {
        Some(bracket) => host.get(bracket..).and_then(|rest| rest.find(':')).map(|at| bracket + at),
        None => host.rfind(':'),
    };
    let (name, port) = host.split_at(end.unwrap_or(host.len()));
    (name.trim_start_matches('[').trim_end_matches(']'), port)
}

fn authority(origin: &str) -> Option<&str> {
    origin.split_once("://").map(|(_, authority)| authority)
}

/// What proxies add: who asks is then not on this machine.
const PASSED_ON: [&str; 4] = ["forwarded", "x-forwarded-for", "x-real-ip", "via"];

/// Whether a host may be asked; none where it may not.
pub(super) fn host(headers: &HeaderMap, ways: Ways<'_>) -> Option<Came> {
    let mut all = headers.get_all(header::HOST).iter();
    let host = all.next()?.to_str().ok()?.to_ascii_lowercase();
    if all.next().is_some() || (ways.local && PASSED_ON.iter().any(|name| headers.contains_key(*name))) {
        return None;
    }
    if let Some(origin) = ways.origins.iter().find(|origin| authority(origin) == Some(&host)) {
        return Some(Came { secure: origin.starts_with("https://") });
    }
    let (name, _) = split(&host);
    let address: Option<IpAddr> = name.parse().ok();
    let known = match address {
        Some(address) => !ways.local || address.is_loopback(),
        None => name == "localhost",
    };
    known.then_some(Came { secure: false })
}

/// Whether what would change something comes from a page of ours: its origin is the host that it asks.
pub(super) fn is_ours(headers: &HeaderMap, ways: Ways<'_>) -> bool {
    let one = |name: HeaderName| {
        let mut all = headers.get_all(name).iter();
        let first = all.next().and_then(|value| value.to_str().ok()).map(str::to_ascii_lowercase);
        if all.next().is_some() { None } else { first }
    };
    let (Some(origin), Some(host)) = (one(header::ORIGIN), one(header::HOST)) else { return false };
    if ways.origins.iter().any(|own| authority(own) == Some(&host)) {
        return ways.origins.contains(&origin);
    }
    authority(&origin) == Some(&host)
}

/// Whether a browser says that a page elsewhere led here. It then leaves out our cookies.
pub(super) fn is_from_elsewhere(headers: &HeaderMap) -> bool {
    let site = headers.get("sec-fetch-site").and_then(|value| value.to_str().ok());
    matches!(site, Some("cross-site" | "same-site"))
}

/// Failed tries to give the token: so many in a minute, over everybody, and no more.
#[derive(Debug, Default)]
pub(super) struct Tries {
    began_unix_ms: i64,
    failed: u32,
}

/// Tries that may fail in a minute.
pub(super) const MOST_TRIES: u32 = 10;

impl Tries {
    /// Whether one more may be made.
    pub(super) fn may(&mut self, now_unix_ms: i64) -> bool {
        if now_unix_ms.saturating_sub(self.began_unix_ms) >= 60_000 || now_unix_ms < self.began_unix_ms {
            *self = Self { began_unix_ms: now_unix_ms, failed: 0 };
        }
        self.failed < MOST_TRIES
    }

    /// One has failed, or is about to.
    pub(super) const fn failed(&mut self) {
        self.failed += 1;
    }

    /// The one that was about to fail has not.
    pub(super) const fn succeeded(&mut self) {
        self.failed = self.failed.saturating_sub(1);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::HeaderValue;

    fn headers(pairs: &[(&'static str, &str)]) -> HeaderMap {
        let pair = |(name, value): &(&'static str, &str)| {
            (HeaderName::from_static(name), HeaderValue::from_str(value).unwrap())
        };
        let mut map = HeaderMap::new();
        pairs.iter().map(pair).for_each(|(name, value)| {
            map.append(name, value);
        });
        map
    }

    #[test]
    fn a_cookie_that_was_not_made_here_is_nobodys() {
        let key = Key::of(&new_key().unwrap()).unwrap();
        let id = random().unwrap();
        let cookie = key.cookie(&id);
        assert_eq!(key.voter(&cookie), Some(id.clone()));
        let other = Key::of(&new_key().unwrap()).unwrap();
        for wrong in
            [format!("{id}."), id.clone(), other.cookie(&id), format!("x{cookie}"), format!("{cookie}A"), String::new()]
        {
            assert_eq!(key.voter(&wrong), None, "{wrong}");
        }
        assert_ne!(key.pseudonym(&id), other.pseudonym(&id));
        assert!(!key.pseudonym(&id).contains(&id));
        assert!(Key::of("short").is_none() && Key::of("").is_none());
        assert!(key.same("a token", "a token") && !key.same("a token", "a tokem") && !key.same("", "a"));
        assert_ne!(key.sign("a", &["bc"]), key.sign("a", &["b", "c"]));
        assert!(!key.verify("form", &["v", "c"], &key.sign("cookie", &["v", "c"])));
    }

    #[test]
    fn a_cookie_is_found_by_its_whole_name() {
        let map = headers(&[("cookie", "a=1; assayd_voter=x.y"), ("cookie", "assayd_voter2=z")]);
        assert_eq!((cookie(&map, VOTER), cookie(&map, "voter"), cookie(&map, "a")), (Some("x.y"), None, Some("1")));
    }

    #[test]
    fn only_this_machine_and_named_hosts_are_asked() {
        let origins = ["https://assayd.example".to_owned()];
        let local = Ways { local: true, origins: &[] };
        let open = Ways { local: false, origins: &origins };
        let of = |host: &str, ways| super::host(&headers(&[("host", host)]), ways).map(|came| came.secure);
        for host in ["127.0.0.1:9797", "localhost:9797", "LOCALHOST", "[::1]:9797", "[::1]", "127.0.0.1"] {
            assert_eq!(of(host, local), Some(false), "{host}");
        }
        for host in
            ["evil.example", "localhost.evil.example", "10.0.0.1:9797", "127.0.0.1.evil.example:9797", "", "::1@evil"]
        {
            assert_eq!(of(host, local), None, "{host}");
        }
        assert_eq!(of("10.0.0.1:9797", open), Some(false));
        assert_eq!((of("assayd.example", open), of("evil.example", open)), (Some(true), None));
        assert_eq!(super::host(&headers(&[]), open), None);
        assert_eq!(super::host(&headers(&[("host", "127.0.0.1"), ("host", "evil")]), local), None);
    }

    #[test]
    fn a_form_comes_from_our_own_page() {
        let origins = ["https://assayd.example".to_owned()];
        let ways = Ways { local: false, origins: &origins };
        let ours = |host: &str, origin: Option<&str>| {
            let all = [Some(("host", host)), origin.map(|origin| ("origin", origin))];
            is_ours(&headers(&all.into_iter().flatten().collect::<Vec<_>>()), ways)
        };
        assert!(ours("127.0.0.1:9797", Some("http://127.0.0.1:9797")));
        assert!(ours("assayd.example", Some("https://assayd.example")));
        for (host, origin) in [
            ("127.0.0.1:9797", None),
            ("127.0.0.1:9797", Some("null")),
            ("127.0.0.1:9797", Some("http://evil.example")),
            ("127.0.0.1:9797", Some("http://127.0.0.1:80")),
            ("assayd.example", Some("http://assayd.example")),
        ] {
            assert!(!ours(host, origin), "{host} {origin:?}");
        }
        assert!(is_from_elsewhere(&headers(&[("sec-fetch-site", "cross-site")])));
        assert!(!is_from_elsewhere(&headers(&[("sec-fetch-site", "same-origin")])));
    }

    #[test]
    fn tries_are_counted_by_the_minute() {
        let mut tries = Tries::default();
        for _ in 0..MOST_TRIES {
            assert!(tries.may(120_000));
            tries.failed();
        }
        assert!(!tries.may(120_001) && !tries.may(179_999));
        assert!(tries.may(180_000));
    }
}
