//! How meters ask over HTTP, and where metrics are pushed: one place, short timeouts, nothing secret in what goes wrong.

use super::{Absence, Absent};
use crate::config::{Secret, Section, Value as _};
use crate::domain::Fingerprint;
use hyper::http::{HeaderMap, HeaderName, HeaderValue};
use rustls::{ClientConfig, RootCertStore};
use secrecy::ExposeSecret;
use std::error::Error as _;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;
use tokio::runtime::Runtime;
use url::Url;

/// The most of an answer that is read, in bytes.
pub(super) const MAX_ANSWER: usize = 8 << 20;

/// Headers whose values may only be named, never written.
const SECRET_HEADERS: &[&str] = &[
    "authorization",
    "proxy-authorization",
    "x-api-key",
    "api-key",
    "cookie",
    // Of services that take metrics.
    "dd-api-key",
    "lightstep-access-token",
    "signoz-access-token",
    "signoz-ingestion-key",
    "x-honeycomb-team",
    "x-sf-token",
];

/// Where is asked, and how: a meter's source, or what takes metrics.
#[derive(Clone, PartialEq)]
pub struct Place {
    /// The URL.
    pub url: Url,
    /// Of whole questions.
    pub timeout: Duration,
    headers: HeaderMap,
    /// Header names and where their secrets are kept, without the secrets.
    keyed: String,
}

impl Place {
    /// Reads `url`, `key`, `headers` and `timeout`. A URL without a path gets `path`.
    pub(super) fn build(section: &Section<'_>, path: &str) -> Option<Self> {
        Self::within(section, path, Duration::from_secs(2))
    }

    /// The same with another timeout where the section has none. None after problems were noted.
    pub fn within(section: &Section<'_>, path: &str, timeout: Duration) -> Option<Self> {
        let url = url(section, path);
        let timeout = section.or("timeout", timeout);
        let too_long = timeout.is_some_and(|t| t > Duration::from_secs(30));
        if too_long {
            section.problem("timeout", "expected at most \"30s\"", None);
        }
        let (mut headers, mut keyed) = (HeaderMap::new(), Vec::new());
        let mut good = !too_long;
        if let Some(place) = section.get::<Secret>("key") {
            keyed.push(format!("key={place:?}"));
            match fetched(&place, section, "Bearer ") {
                Ok(value) => drop(headers.insert("authorization", value)),
                Err(message) => {
                    section.problem("key", message, None);
                    good = false;
                }
            }
        } else {
            good &= !section.has("key");
        }
        if let Some(table) = section.section("headers") {
            for (key, raw) in table.entries() {
                match header(key, raw.get_ref(), &table) {
                    Ok((name, value, shown)) => {
                        keyed.push(format!("{name}={shown}"));
                        headers.insert(name, value);
                    }
                    Err((message, hint)) => {
                        table.problem_at(key, raw, message, hint);
                        good = false;
                    }
                }
            }
        } else {
            good &= !section.has("headers");
        }
        if !good {
            return None;
        }
        Some(Self { url: url?, timeout: timeout?, headers, keyed: keyed.join(" ") })
    }

    /// For a fingerprint: without secrets.
    pub(super) fn fingerprint(&self) -> String {
        let mut url = self.url.clone();
        // A query may hold a token: different ones are told apart all the same.
        let hash = url.query().map(|query| Fingerprint::of(&[("query", query)]).to_string());
        url.set_query(hash.as_deref());
        format!("{url} {:?} {}", self.timeout, self.keyed)
    }

    /// The answer of the place itself, by a client that is made where there is none yet.
    pub(super) fn ask(&self, fetcher: &mut Option<Fetcher>) -> Result<String, Refused> {
        self.with(fetcher)?.get(&self.url, false)
    }

    /// The client, made where there is none yet.
    pub(super) fn with<'f>(&self, fetcher: &'f mut Option<Fetcher>) -> Result<&'f Fetcher, Refused> {
        match fetcher {
            Some(open) => Ok(open),
            None => Ok(fetcher.insert(self.open().map_err(|detail| Refused::new(Absence::Other, detail))?)),
        }
    }

    /// The URL for people: a query may hold a token.
    #[must_use]
    pub fn shown(&self) -> String {
        let mut url = self.url.clone();
        url.set_query(url.query().map(|_| "***"));
        url.to_string()
    }

    /// A text that came from there, without the secrets that it was given in headers.
    #[must_use]
    pub fn scrubbed(&self, text: &str) -> String {
        let secrets =
            self.headers.values().filter(|value| value.is_sensitive()).filter_map(|value| value.to_str().ok());
        // A server that repeats a header repeats the token, not always the scheme before it.
        let parts = secrets.flat_map(|secret| [secret, secret.split_once(' ').map_or("", |(_, token)| token)]);
        parts.filter(|part| !part.is_empty()).fold(text.to_owned(), |text, part| text.replace(part, "[redacted]"))
    }

    /// A client, to be used on this thread.
    fn open(&self) -> Result<Fetcher, String> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(|e| e.to_string())?;
        Ok(Fetcher { runtime, client: self.client()? })
    }

    /// A client that sends the headers and gives up after the timeout.
    ///
    /// # Errors
    /// In words, when it can't be made.
    pub fn client(&self) -> Result<reqwest::Client, String> {
        let mut roots = RootCertStore::empty();
        if self.url.scheme() == "https" {
            roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
        }
        // Named here and never installed for the process: no two parts can race for it.
        let tls = ClientConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
            .with_safe_default_protocol_versions()
            .map_err(|e| e.to_string())?
            .with_root_certificates(roots)
            .with_no_client_auth();
        let builder = reqwest::Client::builder();
        // What is on this machine is not asked for through a proxy of the environment.
        let local = match self.url.host() {
            Some(url::Host::Ipv4(ip)) => ip.is_loopback(),
            Some(url::Host::Ipv6(ip)) => ip.is_loopback(),
            Some(url::Host::Domain(name)) => name == "localhost",
            None => false,
        };
        let builder = if local { builder.no_proxy() } else { builder };
        builder
            .tls_backend_preconfigured(tls)
            .timeout(self.timeout)
            .redirect(reqwest::redirect::Policy::none())
            .user_agent(concat!("assayd/", env!("CARGO_PKG_VERSION")))
            .default_headers(self.headers.clone())
            .build()
            .map_err(|e| e.without_url().to_string())
    }
}

impl fmt::Debug for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Place({})", self.fingerprint())
    }
}

/// A client with a runtime of its own.
pub(super) struct Fetcher {
    runtime: Runtime,
    client: reqwest::Client,
}

/// Why there is no answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Refused {
    pub(super) why: Absence,
    pub(super) detail: String,
}

impl Refused {
    pub(super) fn new(why: Absence, detail: impl Into<String>) -> Self {
        Self { why, detail: detail.into() }
    }

    /// As an absence of a figure of the whole meter.
    pub(super) fn of(self, what: &'static str) -> Absent {
        Absent { what, device: None, why: self.why, detail: self.detail }
    }
}

impl Fetcher {
    /// What is there. Any status is an answer where `any`, else only 2xx.
    pub(super) fn get(&self, url: &Url, any: bool) -> Result<String, Refused> {
        self.runtime.block_on(async {
            let mut response = self.client.get(url.clone()).send().await.map_err(refused)?;
            let status = response.status();
            let mut body = Vec::new();
            while let Some(piece) = response.chunk().await.map_err(refused)? {
                if body.len() + piece.len() > MAX_ANSWER {
                    return Err(Refused::new(Absence::Unreadable, format!("the answer outgrew {MAX_ANSWER} bytes")));
                }
                body.extend_from_slice(&piece);
            }
            let why = match status.as_u16() {
                200..=299 => None,
                401 | 403 => Some(Absence::NoPermission),
                501 => Some(Absence::NotSupported),
                500..=599 => Some(Absence::Unreachable),
                _ => Some(Absence::Unreadable),
            };
            if let Some(why) = why.filter(|why| !any || *why == Absence::NoPermission) {
                return Err(Refused::new(why, format!("HTTP status {status}")));
            }
            String::from_utf8(body).map_err(|_| Refused::new(Absence::Unreadable, "the answer is not UTF-8"))
        })
    }
}

/// The client's error, all of it but the URL, whose query may hold what is not ours to repeat.
fn refused(error: reqwest::Error) -> Refused {
    let why = if error.is_decode() { Absence::Unreadable } else { Absence::Unreachable };
    Refused::new(why, spelled_out(error))
}

/// A client's error with all its causes, and without the URL.
#[must_use]
pub fn spelled_out(error: reqwest::Error) -> String {
    let error = error.without_url();
    let mut detail = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        detail = format!("{detail}: {cause}");
        source = cause.source();
    }
    detail
}

fn url(section: &Section<'_>, path: &str) -> Option<Url> {
    let text: String = section.need("url")?;
    let problem = |message: String, hint: Option<String>| {
        section.problem("url", message, hint);
        None
    };
    let mut url = match Url::parse(&text) {
        Ok(url) if matches!(url.scheme(), "http" | "https") && url.has_host() => url,
        _ => {
            let hint = (!text.contains("://")).then(|| format!("write \"http://{text}\""));
            return problem("expected a URL that begins with http:// or https://".into(), hint);
        }
    };
    if !url.username().is_empty() || url.password().is_some() {
        let hint = "put the key into `key`, or a header with `headers`".to_owned();
        return problem("a secret does not belong in a URL".into(), Some(hint));
    }
    if url.path() == "/" {
        url.set_path(path);
    }
    Some(url)
}

fn fetched(place: &Secret, section: &Section<'_>, before: &str) -> Result<HeaderValue, String> {
    let secret = place.fetch(&section.source().folder)?;
    let mut value = HeaderValue::try_from(format!("{before}{}", secret.expose_secret()))
        .map_err(|_| "the secret has characters that can't stand in a header, such as a line break".to_owned())?;
    value.set_sensitive(true);
    Ok(value)
}

type Header = (HeaderName, HeaderValue, String);

fn header(key: &str, raw: &toml::de::DeValue<'_>, table: &Section<'_>) -> Result<Header, (String, Option<String>)> {
    let name = HeaderName::try_from(key).map_err(|_| ("is not a header's name".to_owned(), None))?;
    if let Ok(text) = String::read(raw) {
        if SECRET_HEADERS.contains(&name.as_str()) {
            let hint = "a secret does not belong in a configuration: name where it is kept".to_owned();
            return Err((format!("expected {}", Secret::expected()), Some(hint)));
        }
        let value = HeaderValue::try_from(&text);
        let value = value.map_err(|_| ("has characters that can't stand in a header".to_owned(), None))?;
        let hash = Fingerprint::of(&[("value", &text)]);
        return Ok((name, value, hash.to_string()));
    }
    let place = Secret::read(raw).map_err(|e| (format!("expected a text, or {}", e.expected), e.hint))?;
    let value = fetched(&place, table, "").map_err(|e| (e, None))?;
    Ok((name, value, format!("{place:?}")))
}

/// Reads `every` of a meter.
pub(super) fn every(section: &Section<'_>, default: Duration) -> Option<Duration> {
    let every = section.or("every", default)?;
    if !(Duration::from_millis(10)..=Duration::from_secs(3600)).contains(&every) {
        section.problem("every", "expected from \"10ms\" to \"1h\"", None);
        return None;
    }
    Some(every)
}
