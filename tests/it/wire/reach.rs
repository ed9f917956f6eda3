//! The ways to an endpoint: TLS with a CA and certificates of one's own, proxies, and the configuration's mistakes.

use super::server::{Server, Step, send, tunnel};
use super::*;
use assayd::domain::Failure;
use assayd::provider::wire::list_models;
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use rustls::pki_types::PrivatePkcs8KeyDer;
use rustls::server::WebPkiClientVerifier;
use rustls::{RootCertStore, ServerConfig};
use std::path::Path;
use std::time::Duration;
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;

pub fn tests() -> Vec<Trial> {
    vec![
        trial("tls_with_the_targets_own_ca", own_ca),
        trial("a_large_request_leaves_whole_under_tls", large_under_tls),
        trial("tls: unknown issuer, wrong name, plain server", tls_faults),
        trial("tls_client_certificate", client_certificate),
        trial("https_through_a_proxy", through_tunnel),
        trial("a_proxy_that_refuses_is_a_connect_failure", refusing_proxies),
        trial("http_through_a_proxy_is_asked_in_absolute_form", forwarded),
        trial("models_are_listed_the_same_way", models),
        trial("models: failures have the same names", models_faults),
        Trial::test("wire::problems_of_an_endpoint_have_place_and_hint", || {
            problems();
            Ok(())
        }),
        Trial::test("wire::an_endpoint_describes_itself_without_secrets", || {
            describes();
            Ok(())
        }),
    ]
}

/// A CA with a server's and a client's certificate, as files and as a server.
struct Pki {
    folder: tempfile::TempDir,
    issuer: CertifiedIssuer<'static, KeyPair>,
}

impl Pki {
    fn new() -> Self {
        let mut params = CertificateParams::new(Vec::new()).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let issuer = CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap();
        let pki = Self { folder: tempfile::tempdir().unwrap(), issuer };
        std::fs::write(pki.path("ca.pem"), pki.issuer.pem()).unwrap();
        let (cert, key) = pki.signed("client");
        std::fs::write(pki.path("client.pem"), cert.pem()).unwrap();
        std::fs::write(pki.path("client.key"), key.serialize_pem()).unwrap();
        pki
    }

    fn path(&self, name: &str) -> std::path::PathBuf {
        self.folder.path().join(name)
    }

    fn signed(&self, name: &str) -> (rcgen::Certificate, KeyPair) {
        let key = KeyPair::generate().unwrap();
        (CertificateParams::new(vec![name.into()]).unwrap().signed_by(&key, &self.issuer).unwrap(), key)
    }

    fn acceptor(&self, name: &str, asks_client: bool) -> TlsAcceptor {
        let (cert, key) = self.signed(name);
        let ring = Arc::new(rustls::crypto::ring::default_provider());
        let builder =
            ServerConfig::builder_with_provider(Arc::clone(&ring)).with_safe_default_protocol_versions().unwrap();
        let builder = if asks_client {
            let mut roots = RootCertStore::empty();
            roots.add(self.issuer.der().clone()).unwrap();
            let verifier = WebPkiClientVerifier::builder_with_provider(Arc::new(roots), ring).build().unwrap();
            builder.with_client_cert_verifier(verifier)
        } else {
            builder.with_no_client_auth()
        };
        let key = PrivatePkcs8KeyDer::from(key.serialize_der()).into();
        TlsAcceptor::from(Arc::new(builder.with_single_cert(vec![cert.der().clone()], key).unwrap()))
    }

    fn ca(&self) -> String {
        format!("ca = '{}'", self.path("ca.pem").display())
    }

    fn ca_and_client(&self) -> String {
        let [cert, key] = ["client.pem", "client.key"].map(|n| self.path(n));
        format!("{}\nclient_cert = '{}'\nclient_key = '{}'", self.ca(), cert.display(), key.display())
    }
}

fn good() -> Vec<Step> {
    vec![send(streamed(&format!("{}{FINISH}{DONE}", delta("x"))))]
}

async fn own_ca() {
    let pki = Pki::new();
    let server = Server::tls(good(), pki.acceptor("localhost", false)).await;
    let outcome = ask(&endpoint(&server.url("https"), &pki.ca())).await;
    assert_eq!((said(&outcome).as_str(), outcome.answer.text.as_str()), ("no fault", "x"));
    let t = outcome.timing;
    assert!(t.dns.is_some() && t.connect.is_some() && t.tls.is_some());
    let received = server.log.lock().unwrap().received[0];
    assert!(
        t.send.unwrap() <= received && received <= t.first.unwrap(),
        "the handshake's writes are not the request's"
    );
}

async fn large_under_tls() {
    let pki = Pki::new();
    let server = Server::tls(good(), pki.acceptor("localhost", false)).await;
    let endpoint = endpoint(&server.url("https"), &pki.ca());
    let words = format!("{}end", "many words ".repeat(100_000));
    let prompt = Prompt::of([Message { role: Role::User, content: words.clone() }]);
    let at = now().plus(Duration::from_millis(10).into());
    let (provider, leave) = (adapter("openai-chat"), ready(Departure { scheduled: at, at }));
    let connected = connect(&endpoint).await.unwrap();
    let outcome = connected.exchange(&endpoint, &*provider, provider.request(&prompt), leave).await;
    assert_eq!(said(&outcome), "no fault");
    assert!(outcome.timing.send.unwrap() >= at && server.request().contains(&words));
}

async fn tls_faults() {
    let pki = Pki::new();
    let server = Server::tls(good(), pki.acceptor("localhost", false)).await;
    let fault = connect(&endpoint(&server.url("https"), "")).await.err().unwrap();
    assert_eq!(fault.to_string(), "tls: localhost: invalid peer certificate: UnknownIssuer");

    let server = Server::tls(good(), pki.acceptor("elsewhere.example", false)).await;
    let fault = connect(&endpoint(&server.url("https"), &pki.ca())).await.err().unwrap();
    assert_eq!(fault.kind, Failure::Tls);
    assert!(fault.detail.contains("certificate not valid for name \"localhost\""), "{fault}");

    let server = Server::plain(vec![]).await;
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let plain = listener.local_addr().unwrap();
    tokio::spawn(async move {
        use tokio::io::AsyncWriteExt;
        while let Ok((mut tcp, _)) = listener.accept().await {
            let _ = tcp.write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n").await;
        }
    });
    drop(server);
    let fault = connect(&endpoint(&format!("https://{plain}/v1"), "")).await.err().unwrap();
    assert_eq!(fault.kind, Failure::Tls);
    assert!(fault.detail.ends_with("(is it a plain http:// server?)"), "{fault}");
}

async fn client_certificate() {
    let pki = Pki::new();
    let server = Server::tls(good(), pki.acceptor("localhost", true)).await;
    assert_eq!(said(&ask(&endpoint(&server.url("https"), &pki.ca_and_client())).await), "no fault");
    let without = endpoint(&server.url("https"), &pki.ca());
    let text = match connect(&without).await {
        Err(fault) => fault.to_string(),
        Ok(connected) => said(&ask_over(connected, &without).await),
    };
    assert!(text.starts_with("tls: "), "{text}");
}

async fn through_tunnel() {
    let pki = Pki::new();
    let server = Server::tls(good(), pki.acceptor("localhost", false)).await;
    let (proxy, seen) = tunnel("HTTP/1.1 200 Connection established", server.address).await;
    let endpoint = endpoint(&server.url("https"), &format!("{}\nproxy = 'http://user:pass@{proxy}'", pki.ca()));
    let outcome = ask(&endpoint).await;
    assert_eq!(said(&outcome), "no fault");
    let port = server.address.port();
    let expected = format!(
        "CONNECT localhost:{port} HTTP/1.1\r\nhost: localhost:{port}\r\nproxy-authorization: Basic dXNlcjpwYXNz\r\n\r\n"
    );
    assert_eq!(*seen.lock().unwrap(), [expected]);
    assert!(!server.request().contains("proxy-authorization"), "the endpoint must not learn it");
}

async fn refusing_proxies() {
    let nowhere = std::net::SocketAddr::from(([127, 0, 0, 1], 1));
    let (proxy, _) = tunnel("HTTP/1.1 407 Proxy Authentication Required", nowhere).await;
    let more = |p: &dyn std::fmt::Display| format!("proxy = 'http://user:pass@{p}'\ntimeouts.connect = '100ms'");
    let fault = connect(&endpoint("https://target.invalid/v1", &more(&proxy))).await.err().unwrap();
    assert_eq!(
        fault.to_string(),
        format!(
            "connect: proxy http://***@{proxy} (proxy): it answered \"HTTP/1.1 407 Proxy Authentication Required\" to \
             CONNECT target.invalid:443"
        )
    );
    let closing = Server::plain(vec![]).await.address;
    let fault = connect(&endpoint("https://target.invalid/v1", &more(&closing))).await.err().unwrap();
    assert_eq!(
        fault.to_string(),
        format!("connect: proxy http://***@{closing} (proxy): it closed the connection in its answer to CONNECT")
    );
    let silent = Server::plain(vec![Step::Hang]).await.address;
    let fault = connect(&endpoint("https://target.invalid/v1", &more(&silent))).await.err().unwrap();
    assert_eq!(fault.to_string(), format!("timeout_connect: {silent}: still connecting through the proxy after 100ms"));
    let fault = connect(&endpoint("https://target.invalid/v1", &more(&nowhere))).await.err().unwrap();
    assert_eq!(fault.to_string(), "connect: proxy 127.0.0.1:1: Connection refused (os error 111)");
}

async fn forwarded() {
    let proxy = Server::plain(good()).await;
    let endpoint = endpoint("http://target.invalid:8000/v1", &format!("proxy = 'http://user:pass@{}'", proxy.address));
    assert_eq!(said(&ask(&endpoint).await), "no fault");
    let request = proxy.request();
    assert!(request.starts_with("POST http://target.invalid:8000/v1/chat/completions HTTP/1.1\r\n"), "{request}");
    assert!(request.contains("\r\nhost: target.invalid:8000\r\n"));
    assert!(request.contains("\r\nproxy-authorization: Basic dXNlcjpwYXNz\r\n"));
}

async fn models() {
    let pki = Pki::new();
    let listed = response(
        "200 OK",
        "",
        r#"{"object":"list","data":[{"id":"a","name":"A","object":"model"},{"id":"b"}],"models":[{"name":"a"}]}"#,
    );
    let server = Server::tls(vec![send(listed)], pki.acceptor("localhost", true)).await;
    let (proxy, seen) = tunnel("HTTP/1.1 200 OK", server.address).await;
    let key = pki.path("key");
    std::fs::write(&key, "sk-1").unwrap();
    let more = format!("{}\nproxy = 'http://u:p@{proxy}'\nkey = {{ file = '{}' }}", pki.ca_and_client(), key.display());
    let found = list_models(&endpoint(&server.url("https"), &more), &*adapter("openai-chat")).await;
    assert_eq!(found.unwrap(), ["a", "b"]);
    let request = server.request();
    assert!(request.starts_with("GET /v1/models HTTP/1.1\r\n"), "{request}");
    assert!(request.contains("authorization: Bearer sk-1\r\n"), "{request}");
    assert_eq!(seen.lock().unwrap().len(), 1);
}

async fn models_faults() {
    let provider = adapter("openai-chat");
    let list = |endpoint: Endpoint| {
        let provider = Arc::clone(&provider);
        async move { list_models(&endpoint, &*provider).await.err().unwrap() }
    };
    let refused = Server::plain(vec![send(response("401 Unauthorized", "", "{\"error\":{\"message\":\"no\"}}"))]).await;
    assert_eq!(list(endpoint(&refused.url("http"), "")).await.to_string(), "auth (401): no");

    let odd = Server::plain(vec![send(response("200 OK", "", "hello"))]).await;
    assert_eq!(list(endpoint(&odd.url("http"), "")).await.kind, Failure::Protocol);

    let silent = Server::plain(vec![Step::Hang]).await;
    let fault = list(endpoint(&silent.url("http"), "timeouts.total = '50ms'")).await;
    assert_eq!(fault.kind, Failure::TimeoutTotal, "{fault}");

    let fault = list(endpoint("http://127.0.0.1:1/v1?key=hidden", "")).await;
    assert_eq!(fault.kind, Failure::Connect);
    assert!(!fault.detail.contains("hidden"), "{fault}");

    let fault = list(endpoint(&format!("http://{}.invalid/v1", "x".repeat(70)), "proxy = false")).await;
    assert_eq!(fault.kind, Failure::Dns, "{fault}");

    let pki = Pki::new();
    let server = Server::tls(vec![], pki.acceptor("localhost", false)).await;
    let fault = list(endpoint(&server.url("https"), "")).await;
    assert_eq!(fault.kind, Failure::Tls, "{fault}");
}

fn problems() {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| {
        let path = folder.path().join(name);
        std::fs::write(&path, text).unwrap();
        path.display().to_string()
    };
    let empty = write("empty", "\n");
    let lines = write("lines", "a\nb");
    let no_pem = write("no.pem", "hello");
    let missing = folder.path().join("missing").display().to_string();
    let s = |text: &str| text.to_owned();
    let base = |more: &str| format!("url = 'https://api.example/v1'\nproxy = false\n{more}");
    let cases: &[(String, String)] = &[
        (s("proxy = false"), s("test.toml:1:1: url: is missing: expected a text")),
        (
            s("url = 'gpu-01:8000/v1'"),
            s(
                "test.toml:1:7: url: expected a URL that begins with http:// or https://\n  hint: write \"http://gpu-01:8000/v1\"",
            ),
        ),
        (
            s("url = 'ws://gpu-01/v1'"),
            s(
                "test.toml:1:7: url: expected a URL that begins with http:// or https://\n  hint: ws:// is not spoken here",
            ),
        ),
        (s("url = 'http://'"), s("test.toml:1:7: url: is not a URL: empty host")),
        (
            s("url = 'http://user:pass@gpu/v1'"),
            s(
                "test.toml:1:7: url: a secret does not belong in a URL\n  hint: put the key into `key`, or a header with `headers`",
            ),
        ),
        (
            s("url = 'http://gpu:8000/v1/chat/completions/'\nproxy = false"),
            s(
                "test.toml:1:7: url: expected the base URL, found the URL of one of its paths\n  hint: the protocol adds its own path: write \"http://gpu:8000/v1\"",
            ),
        ),
        (s("url = 'http://gpu/v1#x'\nproxy = false"), s("test.toml:1:7: url: a base URL has no fragment (#…)")),
        (
            base("key = 'sk-1'"),
            s(
                "test.toml:3:7: key: expected { env = \"NAME\" } or { file = \"PATH\" }, found a text\n  hint: a secret does not belong in a configuration: name where it is kept",
            ),
        ),
        (
            base("key = { env = 'ASSAYD_TEST_NEVER_SET' }"),
            s(
                "test.toml:3:7: key: the environment variable ASSAYD_TEST_NEVER_SET is not set\n  hint: set it, or name another place",
            ),
        ),
        (
            base(&format!("key = {{ file = '{empty}' }}")),
            s("test.toml:3:7: key: the secret is empty\n  hint: set it, or name another place"),
        ),
        (
            base(&format!("key = {{ file = '{lines}' }}")),
            s("test.toml:3:7: key: the secret has characters that can't stand in a header, such as a line break"),
        ),
        (base("headers = { 'a b' = 'x' }"), s("test.toml:3:21: headers.\"a b\": is not a header's name")),
        (
            base("headers = { Content-Length = '1' }"),
            s("test.toml:3:30: headers.Content-Length: is set by assayd itself"),
        ),
        (
            base("headers = { X-Api-Key = 'k' }"),
            s(
                "test.toml:3:25: headers.X-Api-Key: expected { env = \"NAME\" } or { file = \"PATH\" }\n  hint: a secret does not belong in a configuration: name where it is kept",
            ),
        ),
        (
            base("headers = { x = 5 }"),
            s("test.toml:3:17: headers.x: expected a text, or { env = \"NAME\" } or { file = \"PATH\" }"),
        ),
        (
            s("url = 'http://gpu/v1'\nproxy = true"),
            s("test.toml:2:9: proxy: expected a proxy's URL such as \"http://proxy:3128\", or false, found true"),
        ),
        (
            s("url = 'http://gpu/v1'\nproxy = 'socks5://p:1'"),
            s(
                "test.toml:2:9: proxy: a proxy of scheme socks5 is not supported\n  hint: a proxy is written \"http://host:port\"",
            ),
        ),
        (
            base(&format!("ca = '{missing}'")),
            format!("test.toml:3:6: ca: {missing} can't be read: No such file or directory (os error 2)"),
        ),
        (base(&format!("ca = '{no_pem}'")), format!("test.toml:3:6: ca: {no_pem} holds no certificate in PEM form")),
        (base("client_cert = 'c.pem'"), s("test.toml:3:15: client_cert: needs `client_key` beside it")),
        (base("client_key = 'c.key'"), s("test.toml:3:14: client_key: needs `client_cert` beside it")),
        (
            s("url = 'http://gpu/v1'\nproxy = false\nca = 'ca.pem'"),
            s("test.toml:3:6: ca: has no use with an http:// url\n  hint: write https:// in `url`"),
        ),
        (
            base("timeouts = { total = 30 }"),
            s(
                "test.toml:3:22: timeouts.total: expected a duration such as \"500ms\", \"30s\" or \"6h\", found 30\n  hint: write the unit: \"30s\"",
            ),
        ),
        (
            base("timeouts = { first = '1s' }"),
            s(
                "test.toml:3:14: timeouts.first: is not a known field\n  hint: known here: connect, first_token, idle, total",
            ),
        ),
        (base("timeouts.idle = '900000h'"), s("test.toml:3:17: timeouts.idle: expected at most 24 hours")),
        (base("timeouts = '1s'"), s("test.toml:3:12: timeouts: expected a table, found \"1s\"")),
        (base("max_answer_bytes = 0"), s("test.toml:3:20: max_answer_bytes: expected at least 1 byte")),
    ];
    for (config, expected) in cases {
        assert_eq!(endpoint_of(config).err().as_ref(), Some(expected), "{config}");
    }
    let two = endpoint_of(&base("key = 'k'\nmax_answer_bytes = 0")).err().unwrap();
    assert_eq!(two.matches("test.toml:").count(), 2, "all problems at once: {two}");
}

fn describes() {
    let pki = Pki::new();
    let secret = pki.path("secret");
    std::fs::write(&secret, "hunter2").unwrap();
    let shown = |path: &Path| path.display().to_string();
    let more = format!(
        "proxy = 'http://user:hunter2@proxy:3128'\nheaders = {{ x-team = {{ file = '{0}' }} }}\nkey = {{ file = '{0}' }}\n{1}",
        shown(&secret),
        pki.ca_and_client()
    );
    let endpoint = endpoint("https://api.example/v1?api-key=hunter2", &more);
    let text = format!("{}\n{endpoint:?}", endpoint.describe());
    assert!(!text.contains("hunter2"), "{text}");
    let expected = format!(
        "https://api.example/v1?***; key from {}; headers x-team; through http://***@proxy:3128 (proxy); ca {}; client \
         certificate {}; timeouts connect 10s, first token 60s, idle 30s, total 300s",
        shown(&secret),
        shown(&pki.path("ca.pem")),
        shown(&pki.path("client.pem"))
    );
    assert_eq!(endpoint.describe(), expected);
}
