//! What a receiver of OTLP/HTTP answers, and what to do about it.
//!
//! By OpenTelemetry's protocol specification ("OTLP/HTTP response"): 2xx is taken, perhaps in part; 429, 502, 503 and
//! 504 are tried again, after what `Retry-After` asks for; whatever else is not.

use super::proto::{Field, fields};

/// What of an answer's text is kept for people.
const TOLD: usize = 300;

/// What a receiver said.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// Taken. A text is a warning.
    Taken(Option<String>),
    /// Taken in part: so many points were not, and why.
    Partly(u64, String),
    /// Not now.
    Later(String),
    /// Never.
    Refused(String),
}

impl Verdict {
    /// Reads status and body.
    #[must_use]
    pub fn of(status: u16, body: &[u8]) -> Self {
        match status {
            200..=299 => Self::taken(body),
            429 | 502..=504 => Self::Later(said(status, body)),
            _ => Self::Refused(said(status, body)),
        }
    }

    /// `ExportMetricsServiceResponse`: `partial_success` (1) with `rejected_data_points` (1) and `error_message` (2). What can't
    /// be read is taken for an empty one: the status has said that all is well.
    fn taken(body: &[u8]) -> Self {
        let partial = find(body, 1).unwrap_or_default();
        let rejected = fields(partial).unwrap_or_default().into_iter().find_map(|field| match field {
            (1, Field::Varint(n)) => Some(n),
            _ => None,
        });
        let message = find(partial, 2).map(told).filter(|text| !text.is_empty());
        match rejected.filter(|n| *n > 0) {
            Some(n) => Self::Partly(n, message.unwrap_or_default()),
            None => Self::Taken(message),
        }
    }
}

/// The status with the message of a `google.rpc.Status` (2), or else with the text that came instead.
fn said(status: u16, body: &[u8]) -> String {
    let message = find(body, 2).unwrap_or(body);
    match told(message) {
        text if text.is_empty() => format!("status {status}"),
        text => format!("status {status}: {text}"),
    }
}

fn find(message: &[u8], field: u64) -> Option<&[u8]> {
    fields(message)?.into_iter().find_map(|found| match found {
        (number, Field::Bytes(bytes)) if number == field => Some(bytes),
        _ => None,
    })
}

/// On one line and not too long; nothing where it is no text.
fn told(bytes: &[u8]) -> String {
    let text = std::str::from_utf8(bytes).unwrap_or_default();
    let clean = |c: char| if c.is_control() { ' ' } else { c };
    text.trim().chars().map(clean).take(TOLD).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use opentelemetry_proto::tonic::collector::metrics::v1::{
        ExportMetricsPartialSuccess, ExportMetricsServiceResponse,
    };
    use prost::Message as _;

    fn response(rejected_data_points: i64, error_message: &str) -> Vec<u8> {
        let partial = ExportMetricsPartialSuccess { rejected_data_points, error_message: error_message.into() };
        ExportMetricsServiceResponse { partial_success: Some(partial) }.encode_to_vec()
    }

    #[test]
    fn a_part_that_was_not_taken_is_told() {
        assert_eq!(Verdict::of(200, &response(3, "too old")), Verdict::Partly(3, "too old".into()));
        assert_eq!(Verdict::of(200, &response(0, "be careful")), Verdict::Taken(Some("be careful".into())));
        assert_eq!(Verdict::of(200, &response(0, "")), Verdict::Taken(None));
        let whole = ExportMetricsServiceResponse { partial_success: None }.encode_to_vec();
        assert_eq!(Verdict::of(202, &whole), Verdict::Taken(None));
        assert_eq!(Verdict::of(200, b"{}"), Verdict::Taken(None), "a receiver that answers in JSON");
    }

    #[test]
    fn what_is_tried_again_is_what_the_protocol_says() {
        for status in [429, 502, 503, 504] {
            assert_eq!(Verdict::of(status, b""), Verdict::Later(format!("status {status}")));
        }
        for status in [301, 400, 401, 404, 413, 415, 500, 501] {
            assert_eq!(Verdict::of(status, b""), Verdict::Refused(format!("status {status}")));
        }
    }

    #[test]
    fn why_is_told_from_the_protocols_own_message_or_from_a_text() {
        // google.rpc.Status { code: 3, message: "no such tenant" }
        let mut status = vec![8, 3, 18, 14];
        status.extend(b"no such tenant");
        assert_eq!(Verdict::of(400, &status), Verdict::Refused("status 400: no such tenant".into()));
        let text = b"404 page\nnot found\n";
        assert_eq!(Verdict::of(404, text), Verdict::Refused("status 404: 404 page not found".into()));
        assert_eq!(Verdict::of(400, &[0xff, 0xfe]), Verdict::Refused("status 400".into()));
        let Verdict::Refused(long) = Verdict::of(400, &[b'x'; 5000]) else { panic!("taken") };
        assert!(long.len() < 400);
    }
}
