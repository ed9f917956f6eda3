//! What a client wants and takes, out of its request's headers (RFC 9110, section 12): which format, and whether packed.

use crate::export::metrics::Format;

/// One element of `Accept` or `Accept-Encoding`.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Wanted<'a> {
    /// The media type or the coding, as written.
    what: &'a str,
    /// Its `version`, where it has one.
    version: Option<&'a str>,
    /// How much it is wanted, from 0 (not at all) to 1.
    q: f32,
}

/// The elements of a header, in their order. What can't be read is passed over: a header of a stranger is no reason to refuse
/// him figures.
fn wanted(header: &str) -> impl Iterator<Item = Wanted<'_>> {
    header.split(',').filter_map(|element| {
        let mut parts = element.split(';').map(str::trim);
        let mut wanted = Wanted { what: parts.next().filter(|what| !what.is_empty())?, version: None, q: 1.0 };
        for (name, value) in parts.filter_map(|part| part.split_once('=')) {
            let value = value.trim().trim_matches('"');
            match name.trim().to_ascii_lowercase().as_str() {
                "version" => wanted.version = Some(value),
                "q" => wanted.q = value.parse().ok().filter(|q| (0.0..=1.0).contains(q))?,
                _ => {}
            }
        }
        Some(wanted)
    })
}

/// How well a format is named: the place in the header, and by its own name or only by a star.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Named {
    q: f32,
    by_name: bool,
    place: usize,
}

/// The most specific element that names a format decides about it.
fn named(header: &str, media: &str, version: &str) -> Option<Named> {
    let family = media.split('/').next().unwrap_or_default();
    let specific = |element: &Wanted<'_>| {
        let what = element.what.to_ascii_lowercase();
        match element.version {
            Some(other) if what == media => (other == version).then_some(3),
            _ if what == media => Some(2),
            _ if what == format!("{family}/*") => Some(1),
            _ => (what == "*/*").then_some(0),
        }
    };
    let all = wanted(header).enumerate().filter_map(|(place, element)| Some((specific(&element)?, place, element.q)));
    // Of equally specific ones the first, which `max_by_key` would not give.
    let best = all.reduce(|best, next| if next.0 > best.0 { next } else { best });
    best.map(|(specific, place, q)| Named { q, by_name: specific >= 2, place })
}

/// The format for an `Accept` header: text 0.0.4, unless OpenMetrics 1.0 is named and wanted more (or as much, and named
/// first). Whoever takes neither gets text 0.0.4 too, as from every exporter.
pub fn format(accept: &str) -> Format {
    let open = named(accept, "application/openmetrics-text", "1.0.0").filter(|open| open.q > 0.0);
    let Some(open) = open else { return Format::Text };
    let text = named(accept, "text/plain", "0.0.4").filter(|text| text.q > 0.0);
    let more = match text {
        None => true,
        Some(text) if open.by_name => {
            open.q > text.q || (open.q == text.q && (!text.by_name || open.place < text.place))
        }
        Some(text) => open.q > text.q,
    };
    if more { Format::OpenMetrics } else { Format::Text }
}

/// Whether gzip is taken, and wanted at least as much as no packing at all.
pub fn gzip(accept_encoding: &str) -> bool {
    let q = |coding: &str| {
        let all = || wanted(accept_encoding);
        let own = all().find(|element| element.what.eq_ignore_ascii_case(coding));
        own.or_else(|| all().find(|element| element.what == "*")).map(|element| element.q)
    };
    // Who does not speak of `identity` takes it, but prefers what he names.
    let gzip = q("gzip").or_else(|| q("x-gzip")).unwrap_or(0.0);
    let identity = wanted(accept_encoding).find(|element| element.what.eq_ignore_ascii_case("identity"));
    gzip > 0.0 && identity.is_none_or(|identity| gzip >= identity.q)
}

#[cfg(test)]
mod tests {
    use super::*;
    use Format::{OpenMetrics, Text};
    use proptest::prelude::*;

    #[test]
    fn what_scrapers_send_gets_what_they_want() {
        // Prometheus 2.42, 3.x, a Grafana Agent of old, curl, a browser.
        let prometheus_2 = "application/openmetrics-text;version=1.0.0,application/openmetrics-text;version=0.0.1;q=0.75,\
                            text/plain;version=0.0.4;q=0.5,*/*;q=0.1";
        let prometheus_3 = "application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.6,\
                            application/openmetrics-text;version=0.0.1;q=0.5,text/plain;version=1.0.0;escaping=allow-utf-8;q=0.4,\
                            text/plain;version=0.0.4;q=0.3,*/*;q=0.2";
        for (accept, want) in [
            (prometheus_2, OpenMetrics),
            (prometheus_3, OpenMetrics),
            ("text/plain;version=0.0.4;q=1,*/*;q=0.1", Text),
            ("*/*", Text),
            ("", Text),
            ("text/html,application/xhtml+xml,*/*;q=0.8", Text),
        ] {
            assert_eq!(format(accept), want, "{accept}");
        }
    }

    #[test]
    fn qualities_versions_and_stars_are_minded() {
        for (accept, want) in [
            ("application/openmetrics-text", OpenMetrics),
            ("application/openmetrics-text; version=\"1.0.0\"; charset=utf-8", OpenMetrics),
            ("Application/OpenMetrics-Text;VERSION=1.0.0;Q=0.1", OpenMetrics),
            ("application/openmetrics-text;version=0.0.1", Text),
            ("application/openmetrics-text;version=0.0.1, application/openmetrics-text;q=0.2", OpenMetrics),
            ("application/openmetrics-text;q=0", Text),
            ("application/openmetrics-text;q=0.4, text/plain;q=0.5", Text),
            ("application/openmetrics-text, text/plain", OpenMetrics),
            ("text/plain, application/openmetrics-text", Text),
            ("application/openmetrics-text;q=0.5, */*;q=0.5", OpenMetrics),
            ("application/*", OpenMetrics),
            ("text/plain;q=0, */*", OpenMetrics),
            ("application/json", Text),
            ("application/openmetrics-text;q=2", Text),
            (",,;;q=,/", Text),
        ] {
            assert_eq!(format(accept), want, "{accept}");
        }
    }

    #[test]
    fn gzip_is_taken_where_it_is_wanted() {
        for (accepted, want) in [
            ("gzip", true),
            ("deflate, GZIP;q=0.1", true),
            ("*", true),
            ("br;q=1.0, *;q=0.1", true),
            ("gzip;q=0", false),
            ("identity", false),
            ("identity;q=0.5, gzip;q=0.4", false),
            ("gzip;q=0, *", false),
            ("", false),
        ] {
            assert_eq!(gzip(accepted), want, "{accepted}");
        }
    }

    proptest! {
        #[test]
        fn no_header_is_a_reason_to_fail(header in "[a-z0-9/*;=,.\" ]{0,60}") {
            let _ = (format(&header), gzip(&header));
        }
    }
}
