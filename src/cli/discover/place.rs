//! Places on the command line: a host, a host with a port, or a URL; and where servers listen when nothing is named.

use crate::provider::discover::PORTS;
use std::net::Ipv6Addr;
use url::Url;

/// The host that is looked at when nothing is named.
pub(super) const THIS_HOST: &str = "127.0.0.1";

/// A URL to ask: what stands before `/v1`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Place(pub(super) String);

/// The places that some words mean, each once, in their order.
///
/// # Errors
/// The word that means none, and why.
pub(super) fn places(words: &[String]) -> Result<Vec<Place>, String> {
    let mut all = Vec::new();
    if words.is_empty() {
        all = on_host(THIS_HOST);
    }
    for word in words {
        all.extend(meant(word).map_err(|why| format!("{word:?} {why}"))?);
    }
    let mut seen = std::collections::BTreeSet::new();
    all.retain(|place| seen.insert(place.clone()));
    Ok(all)
}

fn meant(word: &str) -> Result<Vec<Place>, String> {
    const WANTED: &str = "is no place to look at: write a host, a host:port or a URL such as http://gpu-01:8000";
    let word = word.trim();
    if let Some((scheme, _)) = word.split_once("://") {
        if !matches!(scheme.to_lowercase().as_str(), "http" | "https") {
            return Err(format!("is of scheme {scheme}, which is not spoken here"));
        }
        let url = Url::parse(word).map_err(|e| format!("is no URL: {e}"))?;
        if !url.username().is_empty() || url.password().is_some() || url.query().is_some() {
            return Err("holds a user, a password or a query; a key is named with --key-env".into());
        }
        return Ok(vec![whole(&url)]);
    }
    let bare = word.trim_start_matches('[').trim_end_matches(']');
    if let Ok(address) = bare.parse::<Ipv6Addr>() {
        return Ok(on_host(&format!("[{address}]")));
    }
    let url = Url::parse(&format!("http://{word}")).map_err(|_| WANTED.to_owned())?;
    let whole_word =
        url.path() == "/" && url.query().is_none() && url.fragment().is_none() && url.username().is_empty();
    let host = url.host_str().filter(|host| whole_word && !host.is_empty()).ok_or(WANTED)?;
    // A URL does not keep its scheme's own port.
    match word.rsplit_once(':').map(|(_, port)| port.trim_end_matches('/')) {
        None => Ok(on_host(host)),
        Some("443") => Ok(vec![Place(format!("https://{host}"))]),
        Some(port) if port.parse::<u16>().is_ok() => Ok(vec![whole(&url)]),
        Some(_) => Err(WANTED.into()),
    }
}

fn on_host(host: &str) -> Vec<Place> {
    PORTS.iter().map(|(port, _)| Place(format!("http://{host}:{port}"))).collect()
}

/// A URL without what is asked for under it, so that `…/v1` and the server's own paths can be.
fn whole(url: &Url) -> Place {
    let text = url.as_str().trim_end_matches('/');
    Place(text.strip_suffix("/v1").unwrap_or(text).trim_end_matches('/').to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(words: &[&str]) -> Result<Vec<String>, String> {
        let words: Vec<String> = words.iter().map(|&word| word.to_owned()).collect();
        places(&words).map(|places| places.into_iter().map(|place| place.0).collect())
    }

    #[test]
    fn a_place_is_a_host_a_port_or_a_url() {
        assert_eq!(read(&["gpu-01:8000"]).unwrap(), ["http://gpu-01:8000"]);
        assert_eq!(read(&["http://gpu-01:8000/v1/"]).unwrap(), ["http://gpu-01:8000"]);
        assert_eq!(read(&["https://x.example.com/openai/v1"]).unwrap(), ["https://x.example.com/openai"]);
        assert_eq!(read(&["x.example.com:443", "[::1]:80"]).unwrap(), ["https://x.example.com", "http://[::1]"]);
        assert_eq!(read(&["a:1", "http://a:1/", "a:2"]).unwrap(), ["http://a:1", "http://a:2"], "each once");
    }

    #[test]
    fn a_host_alone_means_the_default_ports() {
        let this = read(&[]).unwrap();
        assert_eq!(this.len(), PORTS.len());
        assert_eq!(this.first().map(String::as_str), Some("http://127.0.0.1:11434"));
        for host in ["gpu-01", "10.0.0.7", "::1", "[::1]"] {
            assert_eq!(read(&[host]).unwrap().len(), PORTS.len(), "{host}");
        }
        assert_eq!(read(&["::1"]).unwrap().first().map(String::as_str), Some("http://[::1]:11434"));
    }

    #[test]
    fn what_is_no_place_is_named() {
        for word in
            ["", " ", "a b", "a:x", "a:99999", "a/b", "ftp://a", "http://", "http://u:p@a", "http://a?key=s", "a@b"]
        {
            let said = read(&[word]).unwrap_err();
            assert!(said.starts_with(&format!("{word:?} ")), "{word}: {said}");
        }
    }
}
