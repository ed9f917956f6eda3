//! Which proxy stands between us and an endpoint, if any.
//!
//! A target's own `proxy` wins. Else the environment decides, as for curl: `https_proxy` or `http_proxy` by the
//! target's scheme, then `all_proxy`, unless `no_proxy` names the host; lower case before upper case. As in Go's
//! net/http, loopback addresses never go through a proxy of the environment: it could not reach them.

use hyper::http::HeaderValue;
use hyper::http::Uri;
use hyper_util::client::proxy::matcher::Matcher;
use secrecy::SecretString;
use std::fmt;
use url::{Host, Url};

/// An HTTP proxy.
#[derive(Clone)]
pub struct Proxy {
    /// Its host, without the brackets of an IPv6 address.
    pub host: String,
    /// Its port.
    pub port: u16,
    /// The value of `proxy-authorization`.
    pub auth: Option<HeaderValue>,
    /// The whole URL, password included, for clients that take it so.
    pub url: SecretString,
    /// Where it was named: `proxy`, or the environment variable.
    pub from: String,
}

impl fmt::Debug for Proxy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Proxy({self})")
    }
}

impl fmt::Display for Proxy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let auth = if self.auth.is_some() { "***@" } else { "" };
        let host = if self.host.contains(':') { format!("[{}]", self.host) } else { self.host.clone() };
        write!(f, "http://{auth}{host}:{} ({})", self.port, self.from)
    }
}

impl Proxy {
    /// Reads a proxy's URL. Without a scheme, `http://` is meant.
    ///
    /// # Errors
    /// In words, without the URL (it may hold a password).
    pub fn parse(text: &str, from: &str) -> Result<Self, String> {
        let text = if text.contains("://") { text.to_owned() } else { format!("http://{text}") };
        let url = Url::parse(&text).map_err(|e| format!("is not a proxy's URL: {e}"))?;
        if url.scheme() != "http" {
            return Err(format!("a proxy of scheme {} is not supported", url.scheme()));
        }
        // The matcher knows how user and password become a header.
        let auth = Uri::try_from("http://target.invalid/")
            .ok()
            .and_then(|any| Matcher::builder().all(text.as_str()).build().intercept(&any))
            .and_then(|found| found.basic_auth().cloned());
        let (Some(host), Some(port)) = (url.host(), url.port_or_known_default()) else {
            return Err("names no host".into());
        };
        Ok(Self { host: bare(&host), port, auth, url: SecretString::from(text), from: from.to_owned() })
    }

    /// The proxy that the environment names for a target.
    ///
    /// # Errors
    /// In words, with the variable, when its proxy can't be used: going direct instead would surprise.
    pub fn from_environment(target: &Url, variable: impl Fn(&str) -> Option<String>) -> Result<Option<Self>, String> {
        let loopback = match target.host() {
            Some(Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
            Some(Host::Ipv4(ip)) => ip.is_loopback(),
            Some(Host::Ipv6(ip)) => ip.is_loopback(),
            None => false,
        };
        if loopback {
            return Ok(None);
        }
        let first = |name: &str| {
            [name.to_owned(), name.to_uppercase()].into_iter().find_map(|n| {
                let value = variable(&n).filter(|v| !v.trim().is_empty())?;
                Some((n, value))
            })
        };
        let own = if target.scheme() == "https" { "https_proxy" } else { "http_proxy" };
        let Some((name, value)) = first(own).or_else(|| first("all_proxy")) else { return Ok(None) };
        if let Some((_, spared)) = first("no_proxy") {
            let matcher = Matcher::builder().all("http://proxy.invalid").no(spared).build();
            let spared = Uri::try_from(target.as_str()).is_ok_and(|uri| matcher.intercept(&uri).is_none());
            if spared {
                return Ok(None);
            }
        }
        Self::parse(value.trim(), &name).map(Some).map_err(|e| format!("the environment variable {name}: {e}"))
    }
}

/// A host as sockets want it: IPv6 without brackets.
#[must_use]
pub fn bare(host: &Host<&str>) -> String {
    match host {
        Host::Domain(name) => (*name).to_owned(),
        Host::Ipv4(ip) => ip.to_string(),
        Host::Ipv6(ip) => ip.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chosen(target: &str, environment: &[(&str, &str)]) -> String {
        let target = Url::parse(target).unwrap();
        let lookup = |name: &str| environment.iter().find(|(n, _)| *n == name).map(|(_, v)| (*v).to_owned());
        match Proxy::from_environment(&target, lookup) {
            Ok(Some(proxy)) => proxy.to_string(),
            Ok(None) => "direct".into(),
            Err(e) => e,
        }
    }

    #[test]
    fn the_environment_decides_by_scheme_and_host() {
        let all = [
            ("https_proxy", "http://s:3128"),
            ("HTTP_PROXY", "plain:80"),
            ("NO_PROXY", "inside.example, 10.0.0.0/8,.svc"),
        ];
        assert_eq!(chosen("https://api.example/v1", &all), "http://s:3128 (https_proxy)");
        assert_eq!(chosen("http://api.example/v1", &all), "http://plain:80 (HTTP_PROXY)");
        assert_eq!(chosen("https://inside.example/v1", &all), "direct");
        assert_eq!(chosen("https://a.inside.example/v1", &all), "direct");
        assert_eq!(chosen("http://10.1.2.3:8000/v1", &all), "direct");
        assert_eq!(chosen("http://gpu.svc/v1", &all), "direct");
        assert_eq!(chosen("http://localhost:8000/v1", &all), "direct");
        assert_eq!(chosen("http://127.0.0.2/v1", &all), "direct");
        assert_eq!(chosen("http://[::1]/v1", &all), "direct");
        assert_eq!(chosen("https://api.example", &[]), "direct");
        assert_eq!(
            chosen("https://api.example", &[("ALL_PROXY", "http://a:1"), ("HTTPS_PROXY", "")]),
            "http://a:1 (ALL_PROXY)"
        );
        assert_eq!(
            chosen("https://api.example", &[("HTTPS_PROXY", "http://U:1"), ("https_proxy", "http://l:1")]),
            "http://l:1 (https_proxy)"
        );
    }

    #[test]
    fn a_proxy_that_cannot_be_used_is_said_and_not_passed_over() {
        assert_eq!(
            chosen("https://api.example", &[("ALL_PROXY", "socks5://user:pass@s:1080")]),
            "the environment variable ALL_PROXY: a proxy of scheme socks5 is not supported"
        );
    }

    #[test]
    fn user_and_password_become_a_header_and_are_not_shown() {
        let proxy = Proxy::parse("http://us%40er:pass@[::1]:3128", "proxy").unwrap();
        assert_eq!(proxy.auth.as_ref().unwrap(), "Basic dXNAZXI6cGFzcw==");
        assert_eq!(format!("{proxy} {proxy:?}"), "http://***@[::1]:3128 (proxy) Proxy(http://***@[::1]:3128 (proxy))");
        assert_eq!((proxy.host.as_str(), proxy.port), ("::1", 3128));
    }
}
