//! HTTP/1.1 requests out of bytes, with limits: content-length and chunked bodies, keep-alive. Pure.

use std::fmt::Display;

/// The most a request's head may take.
const HEAD_LIMIT: usize = 64 << 10;
/// The most a request's body may take.
const BODY_LIMIT: usize = 16 << 20;
/// The most header lines.
const HEADERS: usize = 100;

/// A whole request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Request {
    pub method: String,
    /// Without the query.
    pub path: String,
    /// What follows `?`; empty without one.
    pub query: String,
    /// The token of `Authorization: Bearer`.
    pub bearer: Option<String>,
    /// Whether the connection may carry another request.
    pub keep_alive: bool,
    pub body: Vec<u8>,
}

/// Why bytes are no request that the mock takes: a status with its reason.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Refusal {
    pub status: u16,
    pub message: String,
}

fn refusal(status: u16, message: impl Display) -> Refusal {
    Refusal { status, message: message.to_string() }
}

/// Reads requests out of bytes as they come; keeps its place, so that no byte is looked at again and again.
#[derive(Debug, Default)]
pub(super) struct Reader {
    state: State,
}

#[derive(Debug, Default)]
enum State {
    #[default]
    Head,
    Length(Request, usize),
    Chunked(Request),
}

/// What more bytes came to.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Progress {
    /// More bytes are needed.
    Partial,
    /// The client waits for leave to send its body: `100 Continue` must be sent, then more bytes are needed.
    Continue,
    /// A whole request; what follows it stays in the inbox.
    Whole(Request),
}

impl Reader {
    /// Takes what it can use from the front of the inbox.
    pub(super) fn read(&mut self, inbox: &mut Vec<u8>) -> Result<Progress, Refusal> {
        let mut expects = false;
        loop {
            match std::mem::take(&mut self.state) {
                State::Head => match head(inbox)? {
                    None => return Ok(Progress::Partial),
                    Some(Head { request, body, expect, used }) => {
                        inbox.drain(..used);
                        expects = expect;
                        self.state = match body {
                            Body::Length(n) => State::Length(request, n),
                            Body::Chunked => State::Chunked(request),
                        };
                    }
                },
                State::Length(mut request, length) => {
                    let missing = length.saturating_sub(request.body.len());
                    request.body.extend(inbox.drain(..missing.min(inbox.len())));
                    if request.body.len() == length {
                        return Ok(Progress::Whole(request));
                    }
                    self.state = State::Length(request, length);
                    return Ok(if expects { Progress::Continue } else { Progress::Partial });
                }
                State::Chunked(mut request) => {
                    if unchunk(inbox, &mut request.body)? {
                        return Ok(Progress::Whole(request));
                    }
                    self.state = State::Chunked(request);
                    return Ok(if expects { Progress::Continue } else { Progress::Partial });
                }
            }
        }
    }

    /// Whether a request has begun.
    pub(super) fn is_inside(&self) -> bool {
        !matches!(self.state, State::Head)
    }
}

enum Body {
    Length(usize),
    Chunked,
}

struct Head {
    request: Request,
    body: Body,
    expect: bool,
    used: usize,
}

fn head(inbox: &[u8]) -> Result<Option<Head>, Refusal> {
    let mut headers = [httparse::EMPTY_HEADER; HEADERS];
    let mut parsed = httparse::Request::new(&mut headers);
    let used = match parsed.parse(inbox) {
        Ok(httparse::Status::Complete(used)) if used <= HEAD_LIMIT => used,
        Ok(httparse::Status::Partial) if inbox.len() <= HEAD_LIMIT => return Ok(None),
        Ok(_) | Err(httparse::Error::TooManyHeaders) => return Err(refusal(431, "the request's head is too large")),
        Err(error) => return Err(refusal(400, format_args!("this is not HTTP/1.1: {error}"))),
    };
    if parsed.version != Some(1) {
        return Err(refusal(505, "only HTTP/1.1 is spoken here"));
    }
    let (path, query) =
        parsed.path.unwrap_or_default().split_once('?').unwrap_or((parsed.path.unwrap_or_default(), ""));
    let mut head = Head {
        request: Request {
            method: parsed.method.unwrap_or_default().to_owned(),
            path: path.to_owned(),
            query: query.to_owned(),
            bearer: None,
            keep_alive: true,
            body: Vec::new(),
        },
        body: Body::Length(0),
        expect: false,
        used,
    };
    let (mut length, mut chunked) = (None, false);
    for header in parsed.headers.iter() {
        let value = String::from_utf8_lossy(header.value);
        let value = value.trim();
        match header.name.to_ascii_lowercase().as_str() {
            "content-length" => {
                let n = value.bytes().all(|c| c.is_ascii_digit()).then(|| value.parse::<usize>().ok()).flatten();
                let n = n.ok_or_else(|| refusal(400, format_args!("content-length {value:?} is no length")))?;
                if length.replace(n).is_some_and(|before| before != n) {
                    return Err(refusal(400, "two content-lengths differ"));
                }
            }
            "transfer-encoding" if value.eq_ignore_ascii_case("chunked") => chunked = true,
            "transfer-encoding" => return Err(refusal(501, format_args!("transfer-encoding {value:?} is not known"))),
            "connection" => {
                let close = value.split(',').any(|word| word.trim().eq_ignore_ascii_case("close"));
                head.request.keep_alive &= !close;
            }
            "expect" => head.expect = value.eq_ignore_ascii_case("100-continue"),
            "authorization" => {
                let (scheme, token) = value.split_once(' ').unwrap_or((value, ""));
                head.request.bearer = scheme.eq_ignore_ascii_case("bearer").then(|| token.trim().to_owned());
            }
            _ => {}
        }
    }
    head.body = match (length, chunked) {
        (Some(_), true) => return Err(refusal(400, "content-length and transfer-encoding exclude each other")),
        (Some(n), false) if n > BODY_LIMIT => return Err(refusal(413, "the request's body is too large")),
        (length, false) => Body::Length(length.unwrap_or(0)),
        (None, true) => Body::Chunked,
    };
    Ok(Some(head))
}

/// Moves whole chunks from the inbox to the body; true when the last one and its trailer have come.
fn unchunk(inbox: &mut Vec<u8>, body: &mut Vec<u8>) -> Result<bool, Refusal> {
    let mut at = 0;
    let done = loop {
        let rest = inbox.get(at..).unwrap_or_default();
        let (size_line, size) = match httparse::parse_chunk_size(rest) {
            Ok(httparse::Status::Complete(read)) => read,
            Ok(httparse::Status::Partial) if rest.len() <= HEAD_LIMIT => break false,
            Ok(_) | Err(_) => return Err(refusal(400, "a chunk's size cannot be read")),
        };
        let rest = rest.get(size_line..).unwrap_or_default();
        if size == 0 {
            match trailer(rest)? {
                Some(used) => at += size_line + used,
                None => break false,
            }
            break true;
        }
        let size = usize::try_from(size).unwrap_or(usize::MAX);
        if size.saturating_add(body.len()) > BODY_LIMIT {
            return Err(refusal(413, "the request's body is too large"));
        }
        let (Some(data), Some(end)) = (rest.get(..size), rest.get(size..size + 2)) else { break false };
        if end != b"\r\n" {
            return Err(refusal(400, "a chunk is longer than its size"));
        }
        body.extend_from_slice(data);
        at += size_line + size + 2;
    };
    inbox.drain(..at);
    Ok(done)
}

/// The length of the trailer, its empty line included; none when more bytes are needed.
fn trailer(rest: &[u8]) -> Result<Option<usize>, Refusal> {
    if rest.starts_with(b"\r\n") {
        return Ok(Some(2));
    }
    match rest.windows(4).position(|w| w == b"\r\n\r\n") {
        Some(at) => Ok(Some(at + 4)),
        None if rest.len() <= HEAD_LIMIT => Ok(None),
        None => Err(refusal(431, "the request's trailer is too large")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn read(bytes: &[u8]) -> Result<Progress, Refusal> {
        Reader::default().read(&mut bytes.to_vec())
    }

    fn status(bytes: &[u8]) -> u16 {
        read(bytes).unwrap_err().status
    }

    fn whole(bytes: &[u8]) -> Request {
        match read(bytes).unwrap() {
            Progress::Whole(request) => request,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn a_request_is_read() {
        let request =
            whole(b"POST /a?b=1 HTTP/1.1\r\nHost: x\r\nAUTHORIZATION: bearer  k \r\nContent-Length: 2\r\n\r\nhi");
        assert_eq!((request.method.as_str(), request.path.as_str(), request.query.as_str()), ("POST", "/a", "b=1"));
        assert_eq!(request.bearer.as_deref(), Some("k"));
        assert_eq!((request.keep_alive, request.body.as_slice()), (true, b"hi".as_slice()));
        assert!(!whole(b"GET / HTTP/1.1\r\nConnection: foo, Close\r\n\r\n").keep_alive);
    }

    #[test]
    fn what_is_no_request_is_refused_with_its_status() {
        assert_eq!(status(b"\x16\x03\x01\x02\x00"), 400);
        assert_eq!(status(b"GET / HTTP/1.0\r\n\r\n"), 505);
        assert_eq!(status(b"POST / HTTP/1.1\r\nContent-Length: -1\r\n\r\n"), 400);
        assert_eq!(status(b"POST / HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n"), 400);
        assert_eq!(status(b"POST / HTTP/1.1\r\nContent-Length: 99999999999\r\n\r\n"), 413);
        assert_eq!(status(b"POST / HTTP/1.1\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n"), 400);
        assert_eq!(status(b"POST / HTTP/1.1\r\nTransfer-Encoding: gzip\r\n\r\n"), 501);
        assert_eq!(status(b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n"), 400);
        assert_eq!(status(b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nabcd"), 400);
        assert_eq!(status(b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nfffffffff\r\n"), 413);
        let long = [b"GET / HTTP/1.1\r\nA: ".as_slice(), &[b'a'; HEAD_LIMIT]].concat();
        assert_eq!(status(&long), 431);
        let many = [b"GET / HTTP/1.1\r\n".as_slice(), &b"A: a\r\n".repeat(HEADERS + 1)].concat();
        assert_eq!(status(&many), 431);
    }

    #[test]
    fn a_client_that_waits_for_leave_gets_it_once() {
        let mut reader = Reader::default();
        let mut inbox = b"POST / HTTP/1.1\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n".to_vec();
        assert_eq!(reader.read(&mut inbox), Ok(Progress::Continue));
        inbox.push(b'h');
        assert_eq!(reader.read(&mut inbox), Ok(Progress::Partial));
        assert!(reader.is_inside());
        inbox.extend_from_slice(b"iGET");
        assert!(matches!(reader.read(&mut inbox), Ok(Progress::Whole(r)) if r.body == b"hi"));
        assert_eq!(inbox, b"GET");
        assert!(!reader.is_inside());
    }

    proptest! {
        #[test]
        fn any_bytes_are_survived(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
            let _ = read(&bytes);
        }

        #[test]
        fn it_does_not_matter_how_the_bytes_come(
            chunks in prop::collection::vec(prop::collection::vec(any::<u8>(), 1..40), 0..5),
            step in 1_usize..50,
            trailer in any::<bool>(),
        ) {
            let mut bytes = b"POST /x HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n".to_vec();
            for chunk in &chunks {
                bytes.extend_from_slice(format!("{:X};ext=1\r\n", chunk.len()).as_bytes());
                bytes.extend_from_slice(chunk);
                bytes.extend_from_slice(b"\r\n");
            }
            bytes.extend_from_slice(if trailer { b"0\r\nA: b\r\n\r\n" } else { b"0\r\n\r\n" });
            bytes.extend_from_slice(b"GET /next HTTP/1.1\r\n\r\n");
            let (mut reader, mut inbox, mut requests) = (Reader::default(), Vec::new(), Vec::new());
            for piece in bytes.chunks(step) {
                inbox.extend_from_slice(piece);
                while let Progress::Whole(request) = reader.read(&mut inbox).unwrap() {
                    requests.push(request);
                }
            }
            prop_assert_eq!(requests.len(), 2);
            prop_assert_eq!(&requests[0].body, &chunks.concat());
            prop_assert_eq!(requests[1].path.as_str(), "/next");
            prop_assert!(inbox.is_empty());
        }
    }
}
