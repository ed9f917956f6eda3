//! How TLS is spoken: rustls with ring, the system's roots, a target's own CA and client certificate.
//!
//! The crypto provider is named for each configuration, never installed for the process: no two parts can race for it.

use rustls::pki_types::pem::{self, PemObject};
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::{ClientConfig, RootCertStore};
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

/// The files a target names, all optional. Paths are absolute or relative to the working directory.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Files {
    /// Certificates (PEM) trusted besides the system's.
    pub ca: Option<PathBuf>,
    /// The client's certificate chain and key (PEM).
    pub client: Option<(PathBuf, PathBuf)>,
}

/// A file that can't be used.
#[derive(Debug, thiserror::Error)]
#[error("{message}")]
pub struct TlsError {
    /// Which field named it.
    pub field: &'static str,
    /// What is wrong with it.
    pub message: String,
}

/// The configuration for a target.
///
/// # Errors
/// [`TlsError`] when a file can't be read, holds nothing of its kind, or certificate and key don't fit.
pub fn config(files: &Files) -> Result<Arc<ClientConfig>, TlsError> {
    build(files, system_roots().clone())
}

/// One that trusts nobody, for a client that must have one though it never speaks TLS.
///
/// # Errors
/// [`TlsError`], if rustls had no protocol version.
pub fn unused() -> Result<Arc<ClientConfig>, TlsError> {
    build(&Files::default(), RootCertStore::empty())
}

fn build(files: &Files, mut roots: RootCertStore) -> Result<Arc<ClientConfig>, TlsError> {
    let Files { ca, client } = files;
    if let Some(path) = ca {
        for cert in certificates("ca", path)? {
            roots.add(cert).map_err(|e| unusable("ca", path, &e))?;
        }
    }
    let ring = Arc::new(rustls::crypto::ring::default_provider());
    let builder = ClientConfig::builder_with_provider(ring)
        .with_safe_default_protocol_versions()
        .map_err(|e| TlsError { field: "url", message: e.to_string() })?
        .with_root_certificates(roots);
    let mut config = match client {
        None => builder.with_no_client_auth(),
        Some((cert, key)) => {
            let chain = certificates("client_cert", cert)?;
            let key_der = PrivateKeyDer::from_pem_file(key).map_err(|e| unreadable("client_key", key, &e))?;
            builder.with_client_auth_cert(chain, key_der).map_err(|e| unusable("client_key", key, &e))?
        }
    };
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(Arc::new(config))
}

/// The system's roots, read once: the file has some 300 kB.
fn system_roots() -> &'static RootCertStore {
    static ROOTS: OnceLock<RootCertStore> = OnceLock::new();
    ROOTS.get_or_init(|| {
        let mut roots = RootCertStore::empty();
        // Certificates that rustls can't use are common in system stores; what they sign fails at the handshake.
        roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
        roots
    })
}

fn certificates(field: &'static str, path: &Path) -> Result<Vec<CertificateDer<'static>>, TlsError> {
    let all: Result<Vec<_>, _> = CertificateDer::pem_file_iter(path).and_then(Iterator::collect);
    match all {
        Ok(certs) if certs.is_empty() => Err(unreadable(field, path, &pem::Error::NoItemsFound)),
        Ok(certs) => Ok(certs),
        Err(e) => Err(unreadable(field, path, &e)),
    }
}

fn unreadable(field: &'static str, path: &Path, error: &pem::Error) -> TlsError {
    let message = match error {
        pem::Error::NoItemsFound => {
            let what = if field == "client_key" { "private key" } else { "certificate" };
            format!("{} holds no {what} in PEM form", path.display())
        }
        pem::Error::Io(e) => format!("{} can't be read: {e}", path.display()),
        // Not the error's own words: they may quote the file, and it may be a key.
        _ => format!("{} is not PEM", path.display()),
    };
    TlsError { field, message }
}

fn unusable(field: &'static str, path: &Path, error: &rustls::Error) -> TlsError {
    TlsError { field, message: format!("{} can't be used: {error}", path.display()) }
}
