//! Where a target is and how it is reached, built out of its `[target.NAME]` section.

use super::proxy::{Proxy, bare};
use super::redact::Secrets;
use super::tls::{self, Files};
use crate::config::{Secret, Section, Value};
use crate::domain::{Failure, Fault};
use crate::provider::KeyHeader;
use hyper::http::{HeaderMap, HeaderName, HeaderValue, Uri};
use rustls::ClientConfig;
use secrecy::{ExposeSecret, SecretString};
use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;
use url::Url;

/// The answer's cap where a target names none, in bytes.
const MAX_ANSWER_BYTES: u64 = 16 << 20;

/// The longest timeout: anything longer is a slip, and has no place on a clock.
const LONGEST: Duration = Duration::from_secs(24 * 3600);

/// Paths that adapters add by themselves: a base URL that ends in one was copied too far.
const FULL_PATHS: &[&str] = &["/chat/completions", "/completions", "/responses", "/messages", "/api/chat", "/models"];

/// Headers that framing and the adapters set.
const OWN_HEADERS: &[&str] =
    &["host", "content-length", "content-type", "transfer-encoding", "connection", "accept", "accept-encoding"];

/// Headers whose values are secrets, so that a configuration may only name where they are kept.
const SECRET_HEADERS: &[&str] =
    &["authorization", "proxy-authorization", "x-api-key", "x-goog-api-key", "api-key", "cookie"];

/// How long each part of an exchange may take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Timeouts {
    /// Name look-up, TCP, proxy and TLS together; 10 s by default.
    pub connect: Duration,
    /// From the request's start to the first token-bearing event; 60 s by default.
    pub first_token: Duration,
    /// Without any byte, after the first token; 30 s by default.
    pub idle: Duration,
    /// From the request's start to the end of the stream; 300 s by default.
    pub total: Duration,
}

impl Timeouts {
    fn build(section: Option<&Section<'_>>) -> Option<Self> {
        let seconds = Duration::from_secs;
        let Some(section) = section else {
            return Some(Self {
                connect: seconds(10),
                first_token: seconds(60),
                idle: seconds(30),
                total: seconds(300),
            });
        };
        let within_a_day = |key: &'static str, default: u64| {
            let limit = section.or(key, seconds(default))?;
            if limit > LONGEST {
                section.problem(key, "expected at most 24 hours", None);
                return None;
            }
            Some(limit)
        };
        let connect = within_a_day("connect", 10);
        let first_token = within_a_day("first_token", 60);
        let idle = within_a_day("idle", 30);
        let total = within_a_day("total", 300);
        section.finish();
        Some(Self { connect: connect?, first_token: first_token?, idle: idle?, total: total? })
    }
}

/// Where a target is and how it is reached. Its secrets appear in no `Debug`, `Display` or message.
#[derive(Clone)]
pub struct Endpoint {
    url: Url,
    key: Option<(Secret, SecretString)>,
    headers: HeaderMap,
    proxy: Option<Proxy>,
    files: Files,
    /// None where the url is http://, which needs no look at the system's roots: some hundred files.
    tls: Option<Arc<ClientConfig>>,
    timeouts: Timeouts,
    max_answer_bytes: usize,
    keep_alive: bool,
    secrets: Secrets,
}

impl Endpoint {
    /// Builds it out of a target's section, which it reads `url`, `key`, `headers`, `proxy`, `ca`, `client_cert`,
    /// `client_key`, `timeouts`, `max_answer_bytes` and `keep_alive` from. None after problems were noted; all of them are.
    pub fn build(section: &Section<'_>) -> Option<Self> {
        let mut secrets = Secrets::default();
        let url = base_url(section);
        let key = optional(section, "key", || fetch_key(section));
        let headers = match section.section("headers") {
            Some(table) => headers(&table, &mut secrets),
            None => (!section.has("headers")).then(HeaderMap::new),
        };
        let proxy = proxy(section, url.as_ref());
        let tls = tls_of(section, url.as_ref());
        let timeouts = section.section("timeouts");
        let timeouts =
            if timeouts.is_none() && section.has("timeouts") { None } else { Timeouts::build(timeouts.as_ref()) };
        let max_answer_bytes = section.or("max_answer_bytes", MAX_ANSWER_BYTES);
        if max_answer_bytes == Some(0) {
            section.problem("max_answer_bytes", "expected at least 1 byte", None);
        }
        let keep_alive = section.or("keep_alive", true);

        let (key, proxy, (files, tls)) = (key?, proxy?, tls?);
        if let Some((_, secret)) = &key {
            secrets.add(secret.clone());
        }
        if let Some(password) =
            proxy.as_ref().and_then(|p| Url::parse(p.url.expose_secret()).ok()?.password().map(str::to_owned))
        {
            secrets.add(SecretString::from(password));
        }
        let max_answer_bytes = usize::try_from(max_answer_bytes?).unwrap_or(usize::MAX);
        Some(Self {
            url: url?,
            key,
            headers: headers?,
            proxy,
            files,
            tls,
            timeouts: timeouts?,
            max_answer_bytes,
            keep_alive: keep_alive?,
            secrets,
        })
    }

    /// How long each part may take.
    #[must_use]
    pub const fn timeouts(&self) -> Timeouts {
        self.timeouts
    }

    /// The most bytes a response body may have.
    #[must_use]
    pub const fn max_answer_bytes(&self) -> usize {
        self.max_answer_bytes
    }

    /// Whether connections are used again.
    #[must_use]
    pub const fn keep_alive(&self) -> bool {
        self.keep_alive
    }

    /// The environment variable that its key is in; none where it is in a file, or there is none.
    #[must_use]
    pub fn key_variable(&self) -> Option<&str> {
        match &self.key {
            Some((Secret::Env(name), _)) => Some(name),
            _ => None,
        }
    }

    /// One line for people, without secrets: where, with which key, through what.
    #[must_use]
    pub fn describe(&self) -> String {
        let Self {
            url,
            key,
            headers,
            proxy,
            files: Files { ca, client },
            tls: _,
            timeouts,
            max_answer_bytes: _,
            keep_alive,
            secrets: _,
        } = self;
        let mut parts = vec![shown(url)];
        match key {
            Some((Secret::Env(name), _)) => parts.push(format!("key from ${name}")),
            Some((Secret::File(path), _)) => parts.push(format!("key from {}", path.display())),
            None => parts.push("no key".into()),
        }
        if !headers.is_empty() {
            let names: Vec<&str> = headers.keys().map(HeaderName::as_str).collect();
            parts.push(format!("headers {}", names.join(" ")));
        }
        parts.extend(proxy.as_ref().map(|p| format!("through {p}")));
        parts.extend(ca.as_ref().map(|p| format!("ca {}", p.display())));
        parts.extend(client.as_ref().map(|(cert, _)| format!("client certificate {}", cert.display())));
        parts.extend((!keep_alive).then(|| "a connection for each request".into()));
        let Timeouts { connect, first_token, idle, total } = timeouts;
        parts
            .push(format!("timeouts connect {connect:?}, first token {first_token:?}, idle {idle:?}, total {total:?}"));
        parts.join("; ")
    }

    pub(super) fn is_tls(&self) -> bool {
        self.url.scheme() == "https"
    }

    pub(super) const fn tls(&self) -> Option<&Arc<ClientConfig>> {
        self.tls.as_ref()
    }

    pub(super) const fn proxy(&self) -> Option<&Proxy> {
        self.proxy.as_ref()
    }

    pub(super) const fn secrets(&self) -> &Secrets {
        &self.secrets
    }

    /// Host (IPv6 without brackets) and port.
    pub(super) fn host(&self) -> (String, u16) {
        let host = self.url.host().map(|h| bare(&h)).unwrap_or_default();
        (host, self.url.port_or_known_default().unwrap_or(80))
    }

    /// Host and port as a URL writes them; the port only where it is not the scheme's own.
    pub(super) fn authority(&self) -> String {
        let host = self.url.host_str().unwrap_or_default();
        self.url.port().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"))
    }

    /// The whole URL of a path under the base, the base's query kept and the path's own added to it.
    pub(super) fn at(&self, path: &str) -> Url {
        let mut url = self.url.clone();
        let (path, query) = path.split_once('?').unwrap_or((path, ""));
        url.set_path(&format!("{}{path}", self.url.path().trim_end_matches('/')));
        if !query.is_empty() {
            let both = self.url.query().map_or_else(|| query.to_owned(), |base| format!("{base}&{query}"));
            url.set_query(Some(&both));
        }
        url
    }

    /// The request target: in absolute form when an http proxy forwards it, else in origin form (RFC 9112, 3.2).
    pub(super) fn request_target(&self, path: &str) -> Result<Uri, Fault> {
        let url = self.at(path);
        let absolute = self.proxy.is_some() && !self.is_tls();
        let text = if absolute { url.as_str() } else { &url[url::Position::BeforePath..] };
        Uri::try_from(text)
            .map_err(|e| Fault::new(Failure::Protocol, format!("the path {path} can't be asked for: {e}")))
    }

    /// The headers of a request beside those of its protocol: key, extra headers, and the proxy's where it forwards.
    pub(super) fn put_headers(&self, key: KeyHeader, headers: &mut HeaderMap) {
        if let Some((_, secret)) = &self.key {
            let (name, text) = match key {
                KeyHeader::Bearer => ("authorization", format!("Bearer {}", secret.expose_secret())),
                KeyHeader::Named(name) => (name, secret.expose_secret().to_owned()),
            };
            // Both were checked when this was built.
            if let (Ok(name), Ok(mut value)) = (HeaderName::try_from(name), HeaderValue::try_from(text)) {
                value.set_sensitive(true);
                headers.insert(name, value);
            }
        }
        if let Some(auth) = self.proxy.as_ref().and_then(|p| p.auth.clone()).filter(|_| !self.is_tls()) {
            headers.insert("proxy-authorization", auth);
        }
        headers.extend(self.headers.clone());
    }
}

impl fmt::Debug for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Endpoint({})", self.describe())
    }
}

/// A field that may be absent: none only when it is there and wrong.
fn optional<T>(section: &Section<'_>, key: &'static str, read: impl FnOnce() -> Option<T>) -> Option<Option<T>> {
    if section.has(key) { read().map(Some) } else { Some(None) }
}

/// A URL for messages: values in its query may be secrets.
fn shown(url: &Url) -> String {
    let mut url = url.clone();
    if url.query().is_some() {
        url.set_query(Some("***"));
    }
    url.to_string()
}

fn base_url(section: &Section<'_>) -> Option<Url> {
    let text: String = section.need("url")?;
    let problem = |message: String, hint: Option<String>| {
        section.problem("url", message, hint);
        None
    };
    let lower = text.to_lowercase();
    if !(lower.starts_with("http://") || lower.starts_with("https://")) {
        let hint = match text.split_once("://") {
            Some((scheme, _)) => format!("{scheme}:// is not spoken here"),
            None => format!("write \"http://{text}\""),
        };
        return problem("expected a URL that begins with http:// or https://".into(), Some(hint));
    }
    let url = match Url::parse(&text) {
        Ok(url) => url,
        Err(e) => return problem(format!("is not a URL: {e}"), None),
    };
    if !url.username().is_empty() || url.password().is_some() {
        let hint = "put the key into `key`, or a header with `headers`".to_owned();
        return problem("a secret does not belong in a URL".into(), Some(hint));
    }
    if url.fragment().is_some() {
        return problem("a base URL has no fragment (#…)".into(), None);
    }
    let path = url.path().trim_end_matches('/');
    if let Some(base) = FULL_PATHS.iter().find_map(|full| path.strip_suffix(full)) {
        let mut short = url.clone();
        short.set_path(base);
        let hint = format!("the protocol adds its own path: write \"{}\"", shown(&short).trim_end_matches('/'));
        return problem("expected the base URL, found the URL of one of its paths".into(), Some(hint));
    }
    Some(url)
}

fn fetch_key(section: &Section<'_>) -> Option<(Secret, SecretString)> {
    let place: Secret = section.get("key")?;
    let secret = place
        .fetch(&section.source().folder)
        .map_err(|e| section.problem("key", e, Some("set it, or name another place".into())))
        .ok()?;
    if HeaderValue::try_from(secret.expose_secret()).is_err() {
        section.problem("key", "the secret has characters that can't stand in a header, such as a line break", None);
        return None;
    }
    Some((place, secret))
}

fn headers(table: &Section<'_>, secrets: &mut Secrets) -> Option<HeaderMap> {
    let mut all = HeaderMap::new();
    let mut good = true;
    for (key, raw) in table.entries() {
        let built = header(key, raw.get_ref(), table).map(|(name, value, secret)| {
            secrets_of(secret, secrets);
            all.insert(name, value);
        });
        if let Err((message, hint)) = built {
            table.problem_at(key, raw, message, hint);
            good = false;
        }
    }
    good.then_some(all)
}

fn secrets_of(secret: Option<SecretString>, secrets: &mut Secrets) {
    if let Some(secret) = secret {
        // A server that repeats a header repeats the token, not always the scheme before it.
        if let Some((_, token)) = secret.expose_secret().split_once(' ') {
            secrets.add(SecretString::from(token.to_owned()));
        }
        secrets.add(secret);
    }
}

type Header = (HeaderName, HeaderValue, Option<SecretString>);

fn header(key: &str, raw: &toml::de::DeValue<'_>, table: &Section<'_>) -> Result<Header, (String, Option<String>)> {
    let name = HeaderName::try_from(key).map_err(|_| ("is not a header's name".to_owned(), None))?;
    if OWN_HEADERS.contains(&name.as_str()) {
        return Err(("is set by assayd itself".into(), None));
    }
    let (text, secret) = if let Ok(text) = String::read(raw) {
        if SECRET_HEADERS.contains(&name.as_str()) {
            let hint = "a secret does not belong in a configuration: name where it is kept".to_owned();
            return Err((format!("expected {}", Secret::expected()), Some(hint)));
        }
        (text, None)
    } else {
        let place = Secret::read(raw).map_err(|e| (format!("expected a text, or {}", e.expected), e.hint))?;
        let secret = place.fetch(&table.source().folder).map_err(|e| (e, None))?;
        (secret.expose_secret().to_owned(), Some(secret))
    };
    let mut value =
        HeaderValue::try_from(text).map_err(|_| ("has characters that can't stand in a header".to_owned(), None))?;
    value.set_sensitive(secret.is_some());
    Ok((name, value, secret))
}

/// The outer `None`: a problem was noted.
fn proxy(section: &Section<'_>, url: Option<&Url>) -> Option<Option<Proxy>> {
    if !section.has("proxy") {
        let Some(url) = url else { return Some(None) };
        let found = Proxy::from_environment(url, |name| std::env::var(name).ok());
        return found.map_err(|e| section.problem_here(e, Some("or set `proxy = false` here".into()))).ok();
    }
    match section.get::<ProxyField>("proxy")? {
        ProxyField::Never => Some(None),
        ProxyField::Url(text) => {
            let hint = || Some("a proxy is written \"http://host:port\"".into());
            Proxy::parse(&text, "proxy").map(Some).map_err(|e| section.problem("proxy", e, hint())).ok()
        }
    }
}

enum ProxyField {
    Never,
    Url(String),
}

impl Value for ProxyField {
    fn expected() -> String {
        "a proxy's URL such as \"http://proxy:3128\", or false".into()
    }
    fn read(value: &toml::de::DeValue<'_>) -> Result<Self, crate::config::Expected> {
        match value {
            toml::de::DeValue::Boolean(false) => Ok(Self::Never),
            toml::de::DeValue::String(text) if !text.is_empty() => Ok(Self::Url(text.to_string())),
            _ => Err(crate::config::Expected { expected: Self::expected(), hint: None }),
        }
    }
}

fn tls_of(section: &Section<'_>, url: Option<&Url>) -> Option<(Files, Option<Arc<ClientConfig>>)> {
    let in_folder = |path: PathBuf| section.source().folder.join(path);
    let field = |key: &'static str| optional(section, key, || section.get::<PathBuf>(key).map(in_folder));
    let (ca, cert, key) = (field("ca"), field("client_cert"), field("client_key"));
    let (ca, cert, key) = (ca?, cert?, key?);
    if url.is_some_and(|url| url.scheme() == "http") {
        for unused in ["ca", "client_cert", "client_key"] {
            if section.has(unused) {
                section.problem(unused, "has no use with an http:// url", Some("write https:// in `url`".into()));
                return None;
            }
        }
        return Some((Files::default(), None));
    }
    let client = match (cert, key) {
        (Some(cert), Some(key)) => Some((cert, key)),
        (None, None) => None,
        (Some(_), None) => {
            section.problem("client_cert", "needs `client_key` beside it", None);
            return None;
        }
        (None, Some(_)) => {
            section.problem("client_key", "needs `client_cert` beside it", None);
            return None;
        }
    };
    let files = Files { ca, client };
    match tls::config(&files) {
        Ok(config) => Some((files, Some(config))),
        Err(e) => {
            section.problem(e.field, e.message, None);
            None
        }
    }
}
