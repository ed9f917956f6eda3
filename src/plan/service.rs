//! `[server]`, `[store]` and `[budget]`.

use super::{ServerPlan, ShowSamples, StorePlan, arena};
use crate::config::{ByteSize, Expected, Placed, Section, Value};
use crate::domain::Money;
use std::collections::BTreeSet;
use std::net::{Ipv4Addr, SocketAddr};
use std::time::Duration;
use toml::de::DeValue;

/// An address to listen on.
struct Listen(SocketAddr);

impl Value for Listen {
    fn expected() -> String {
        "an address such as \"127.0.0.1:9797\" or \"[::1]:9797\"".into()
    }
    fn read(value: &DeValue<'_>) -> Result<Self, Expected> {
        let fail = |hint| Err(Expected { expected: Self::expected(), hint });
        let DeValue::String(text) = value else { return fail(None) };
        if let Ok(address) = text.parse() {
            return Ok(Self(address));
        }
        fail(match text.split_once(':') {
            _ if text.parse::<std::net::IpAddr>().is_ok() => Some("the port is missing".to_owned()),
            Some(("localhost", port)) => Some(format!("write the address: \"127.0.0.1:{port}\"")),
            Some(("" | "*", port)) => Some(format!("to listen on every address: \"0.0.0.0:{port}\"")),
            _ => None,
        })
    }
}

/// Reads it; without `secrets` none is fetched.
pub(super) fn server(root: &Section<'_>, secrets: bool) -> Option<ServerPlan> {
    let default = SocketAddr::from((Ipv4Addr::LOCALHOST, 9797));
    let Some(section) = root.section("server") else {
        let arena = arena::arena(None, &[default], secrets)?;
        return Some(ServerPlan { listen: vec![default], samples: ShowSamples::Local, arena });
    };
    let listen = section.or("listen", vec![Placed { span: 0..0, value: Listen(default) }]);
    let mut seen = BTreeSet::new();
    for Placed { span, value: Listen(address) } in listen.iter().flatten() {
        if !seen.insert(address) && address.port() != 0 {
            section.problem_at_span("listen", span, format!("{address} is given twice"), None);
        }
    }
    if listen.as_ref().is_some_and(Vec::is_empty) {
        section.problem("listen", "expected at least one address", None);
    }
    let samples = section.get::<bool>("samples");
    let local = listen.iter().flatten().all(|address| address.value.0.ip().is_loopback());
    if samples == Some(true) && !local {
        let hint = "put a proxy in front that asks who it is, or leave it out".to_owned();
        section.warn("samples", "whoever can reach the server reads what was asked and answered", Some(hint));
    }
    let listen: Option<Vec<SocketAddr>> = listen.map(|all| all.into_iter().map(|l| l.value.0).collect());
    let arena = arena::arena(Some(&section), listen.as_deref().unwrap_or_default(), secrets);
    section.finish();
    let samples = match samples {
        // Told already.
        None if section.has("samples") => return None,
        Some(true) => ShowSamples::Everybody,
        None if local => ShowSamples::Local,
        Some(false) | None => ShowSamples::Nobody,
    };
    Some(ServerPlan { listen: listen?, samples, arena: arena? })
}

pub(super) fn store(root: &Section<'_>) -> Option<StorePlan> {
    let section = root.section("store");
    let url = match &section {
        None => Some("sqlite://assayd.db".to_owned()),
        Some(s) => s.or("url", "sqlite://assayd.db".to_owned()).and_then(|url| checked(s, url)),
    };
    let keep_for = section.as_ref().and_then(|s| s.get::<Duration>("keep_for"));
    let keep_bytes = section.as_ref().and_then(|s| {
        let size = s.get::<ByteSize>("keep_bytes")?.0;
        if size < 1 << 20 {
            s.problem("keep_bytes", "expected at least \"1 MiB\"", None);
        }
        Some(size)
    });
    if let Some(section) = &section {
        section.finish();
    }
    Some(StorePlan { url: in_folder(root, &url?), keep_for, keep_bytes })
}

fn checked(section: &Section<'_>, url: String) -> Option<String> {
    if url == "sqlite::memory:" || url.strip_prefix("sqlite://").is_some_and(|path| !path.is_empty()) {
        return Some(url);
    }
    let hint = match url.split_once("://") {
        Some(("postgres" | "postgresql", _)) => "PostgreSQL is not in this version: use sqlite://PATH".to_owned(),
        None => format!("write \"sqlite://{}\"", url.trim_start_matches("sqlite:")),
        Some(_) => "use sqlite://PATH".to_owned(),
    };
    let message = "expected a store such as \"sqlite:///var/lib/assayd/assayd.db\"";
    section.problem("url", message, Some(hint));
    None
}

/// Relative paths start at the configuration's folder.
fn in_folder(root: &Section<'_>, url: &str) -> String {
    match url.strip_prefix("sqlite://") {
        Some(path) if !path.starts_with('/') => {
            format!("sqlite://{}", root.source().folder.join(path).display())
        }
        _ => url.to_owned(),
    }
}

/// The day's budget; the outer none where it is wrong.
pub(super) fn budget(root: &Section<'_>) -> Option<Option<Money>> {
    let Some(section) = root.section("budget") else { return Some(None) };
    let usd = section.need_usd("per_day");
    let built = usd.and_then(|usd| money(&section, "per_day", usd));
    section.finish();
    built.map(Some)
}

/// `[calibration]`: whether this machine is calibrated before runs; none where it is wrong.
pub(super) fn calibration(root: &Section<'_>) -> Option<bool> {
    let Some(section) = root.section("calibration") else { return Some(true) };
    let before_runs = section.or("before_runs", true);
    section.finish();
    before_runs
}

/// An amount as money that can be held.
pub(super) fn money(section: &Section<'_>, key: &'static str, usd: rust_decimal::Decimal) -> Option<Money> {
    match Money::from_usd(usd) {
        Ok(money) => Some(money),
        Err(error) => {
            section.problem(key, error.to_string(), None);
            None
        }
    }
}
