//! Who is shown samples. By default whoever is on this machine, and nobody else: where only loopback addresses are listened on,
//! somebody else can still come by way of a proxy in front, or of a name that was made to mean this machine (DNS rebinding);
//! both show in the request.

use crate::plan::{Plan, ShowSamples};
use axum::http::uri::Authority;
use axum::http::{HeaderMap, header};
use std::net::IpAddr;

/// What proxies add.
const FORWARDED: [&str; 4] = ["forwarded", "x-forwarded-for", "x-forwarded-host", "x-real-ip"];

/// Whether whoever sent a request with these headers is shown samples. Without a plan nothing was allowed.
pub(in crate::api) fn may_see(plan: Option<&Plan>, headers: &HeaderMap) -> bool {
    match plan.map(|plan| plan.server.samples) {
        Some(ShowSamples::Everybody) => true,
        Some(ShowSamples::Local) => is_local(headers),
        Some(ShowSamples::Nobody) | None => false,
    }
}

/// Whether a request was sent to this machine by a name of its own, and through nobody.
pub(in crate::api) fn is_local(headers: &HeaderMap) -> bool {
    if FORWARDED.iter().any(|name| headers.contains_key(*name)) {
        return false;
    }
    let mut hosts = headers.get_all(header::HOST).iter();
    let (Some(host), None) = (hosts.next(), hosts.next()) else { return false };
    let Some(authority) = host.to_str().ok().and_then(|host| host.parse::<Authority>().ok()) else { return false };
    let name = authority.host().trim_start_matches('[').trim_end_matches(']');
    name.parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback())
        || name.eq_ignore_ascii_case("localhost")
        || name.to_ascii_lowercase().ends_with(".localhost")
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::{HeaderName, HeaderValue};

    fn local(headers: &[(&'static str, &'static str)]) -> bool {
        let pair = |(name, value): &(&'static str, &'static str)| {
            (HeaderName::from_static(name), HeaderValue::from_static(value))
        };
        is_local(&headers.iter().map(pair).collect())
    }

    #[test]
    fn this_machine_is_known_by_its_own_names_and_nothing_in_between() {
        for host in ["127.0.0.1:9797", "127.8.9.1", "localhost:9797", "LOCALHOST", "[::1]:9797", "[::1]", "a.localhost"]
        {
            assert!(local(&[("host", host)]), "{host}");
        }
        for host in ["evil.example", "localhost.evil.example", "10.0.0.1:9797", "[::2]", "127.0.0.1.evil.example", ""] {
            assert!(!local(&[("host", host)]), "{host}");
        }
        assert!(!local(&[]));
        for proxied in FORWARDED {
            assert!(!local(&[("host", "localhost"), (proxied, "203.0.113.7")]), "{proxied}");
        }
    }
}
