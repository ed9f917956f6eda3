//! A receiver of OTLP/HTTP, as small as one can be: what it gets is decoded with the published definitions, and what it answers
//! is what the test wants.

use flate2::read::GzDecoder;
use libtest_mimic::Failed;
use opentelemetry_proto::tonic::collector::metrics::v1::ExportMetricsServiceRequest;
use prost::Message as _;
use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// What is answered once: the status, header lines, the body.
pub type Answer = (u16, &'static str, Vec<u8>);

/// A request as it came.
#[derive(Debug, Clone)]
pub struct Got {
    /// Method and path.
    pub line: String,
    /// Header lines, names in small letters.
    pub headers: BTreeMap<String, String>,
    /// The body as it came.
    pub body: Vec<u8>,
}

impl Got {
    /// What the body says.
    pub fn message(&self) -> Result<ExportMetricsServiceRequest, Failed> {
        let mut plain = Vec::new();
        match self.headers.get("content-encoding").map(String::as_str) {
            Some("gzip") => drop(GzDecoder::new(&self.body[..]).read_to_end(&mut plain)?),
            None => plain.clone_from(&self.body),
            Some(other) => return Err(format!("packed as {other}").into()),
        }
        Ok(ExportMetricsServiceRequest::decode(&plain[..])?)
    }
}

#[derive(Default)]
struct State {
    got: Mutex<Vec<Got>>,
    more: Condvar,
    answers: Mutex<Vec<Answer>>,
}

impl State {
    fn got(&self) -> MutexGuard<'_, Vec<Got>> {
        self.got.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// One on a port of its own, for as long as the tests run.
pub struct Receiver {
    /// Where it listens.
    pub address: SocketAddr,
    state: Arc<State>,
}

impl Receiver {
    /// Starts it with its first answers; what comes after them is taken.
    pub fn start(answers: Vec<Answer>) -> Result<Self, Failed> {
        let listener = TcpListener::bind("127.0.0.1:0")?;
        let address = listener.local_addr()?;
        let state = Arc::new(State { answers: Mutex::new(answers), ..State::default() });
        let own = Arc::clone(&state);
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                // A client that goes away is nobody's loss here.
                let _gone = serve(stream, &own);
            }
        });
        Ok(Self { address, state })
    }

    /// Everything it got, once that is so many requests.
    pub fn wait(&self, requests: usize, patience: Duration) -> Result<Vec<Got>, Failed> {
        let few = |got: &mut Vec<Got>| got.len() < requests;
        let waited = self.state.more.wait_timeout_while(self.state.got(), patience, few);
        let (got, _) = waited.unwrap_or_else(PoisonError::into_inner);
        if got.len() < requests {
            return Err(format!("{} requests came, {requests} were to come", got.len()).into());
        }
        Ok(got.clone())
    }
}

fn serve(mut stream: TcpStream, state: &State) -> std::io::Result<()> {
    let mut reader = BufReader::new(stream.try_clone()?);
    let (mut first, mut headers) = (String::new(), BTreeMap::new());
    reader.read_line(&mut first)?;
    let mut line = String::new();
    while reader.read_line(&mut line)? > 2 {
        if let Some((name, value)) = line.split_once(':') {
            headers.insert(name.to_lowercase(), value.trim().to_owned());
        }
        line.clear();
    }
    let length = headers.get("content-length").and_then(|length| length.parse().ok()).unwrap_or(0);
    let mut body = vec![0; length];
    reader.read_exact(&mut body)?;
    let (status, more, answer) = {
        let mut answers = state.answers.lock().unwrap_or_else(PoisonError::into_inner);
        if answers.is_empty() { (200, "", Vec::new()) } else { answers.remove(0) }
    };
    let line = first.trim_end().trim_end_matches(" HTTP/1.1").to_owned();
    state.got().push(Got { line, headers, body });
    state.more.notify_all();
    let length = answer.len();
    let head = format!("HTTP/1.1 {status} Some Reason\r\n{more}content-length: {length}\r\nconnection: close\r\n\r\n");
    stream.write_all(head.as_bytes())?;
    stream.write_all(&answer)
}
