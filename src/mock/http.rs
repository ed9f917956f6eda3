//! The few forms of HTTP/1.1 response that the mock gives, as bytes.

/// The reason phrase of a status that the mock gives.
fn reason(status: u16) -> &'static str {
    match status {
        100 => "Continue",
        200 => "OK",
        400 => "Bad Request",
        401 => "Unauthorized",
        404 => "Not Found",
        405 => "Method Not Allowed",
        413 => "Content Too Large",
        429 => "Too Many Requests",
        431 => "Request Header Fields Too Large",
        500 => "Internal Server Error",
        501 => "Not Implemented",
        503 => "Service Unavailable",
        505 => "HTTP Version Not Supported",
        _ => "Unknown",
    }
}

/// Headers beyond those every response has.
pub(super) type Extra<'a> = &'a [(&'a str, String)];

fn begin(status: u16, kind: &str, extra: Extra<'_>) -> String {
    let mut text = format!("HTTP/1.1 {status} {}\r\ncontent-type: {kind}\r\n", reason(status));
    for (name, value) in extra {
        text.push_str(&format!("{name}: {value}\r\n"));
    }
    text
}

/// The head of a response whose body has this length.
pub(super) fn sized_head(status: u16, kind: &str, extra: Extra<'_>, length: u64) -> Vec<u8> {
    (begin(status, kind, extra) + &format!("content-length: {length}\r\n\r\n")).into_bytes()
}

/// The head of a response that comes in chunks.
pub(super) fn chunked_head(status: u16, kind: &str, extra: Extra<'_>) -> Vec<u8> {
    (begin(status, kind, extra) + "transfer-encoding: chunked\r\n\r\n").into_bytes()
}

/// A whole response.
pub(super) fn whole(status: u16, kind: &str, extra: Extra<'_>, body: &[u8]) -> Vec<u8> {
    let mut bytes = sized_head(status, kind, extra, body.len() as u64);
    bytes.extend_from_slice(body);
    bytes
}

/// Leave to send the body.
pub(super) const CONTINUE: &[u8] = b"HTTP/1.1 100 Continue\r\n\r\n";

/// What ends a chunked body.
pub(super) const LAST_CHUNK: &[u8] = b"0\r\n\r\n";

/// Adds one chunk.
pub(super) fn push_chunk(out: &mut Vec<u8>, payload: &[u8]) {
    out.extend_from_slice(format!("{:x}\r\n", payload.len()).as_bytes());
    out.extend_from_slice(payload);
    out.extend_from_slice(b"\r\n");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn responses_are_bytes() {
        let bytes = whole(429, "text/plain", &[("retry-after", "1".into())], b"no");
        let text = "HTTP/1.1 429 Too Many Requests\r\ncontent-type: text/plain\r\nretry-after: 1\r\ncontent-length: 2\r\n\r\nno";
        assert_eq!(String::from_utf8(bytes).unwrap(), text);
        let mut chunk = Vec::new();
        push_chunk(&mut chunk, &[b'x'; 17]);
        assert_eq!(chunk, b"11\r\nxxxxxxxxxxxxxxxxx\r\n");
    }
}
