//! `assayd mock`: the calibration endpoint, every setting a flag.

use crate::mock::{Draw, Form, Length, Rule, Settings, read_answers, read_span, serve};
use clap::{Args, ValueEnum};
use std::io::{self, Write};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::TcpListener;

/// An endpoint that is no model: exact timing, known answers, faults on purpose, and the truth at /__truth.
#[derive(Args, Clone, Debug)]
pub struct MockArgs {
    /// Address to listen on; port 0 takes a free one.
    #[arg(long, value_name = "HOST:PORT", default_value = "127.0.0.1:9101")]
    pub listen: String,
    /// Seeds every draw.
    #[arg(long, value_name = "N", default_value_t = 1)]
    pub seed: u64,

    /// Time from the receipt of a request to its first token.
    #[arg(long, value_name = "TIME", value_parser = read_span, default_value = "50ms", help_heading = "Timing")]
    pub ttft: Duration,
    /// Time from one token to the next.
    #[arg(long, value_name = "TIME", value_parser = read_span, default_value = "10ms", help_heading = "Timing")]
    pub itl: Duration,
    /// Make each token late by a uniform draw below this.
    #[arg(long, value_name = "TIME", value_parser = read_span, default_value = "0s", help_heading = "Timing")]
    pub jitter: Duration,
    /// Let streams tick together, rather than spread them over one inter-token time.
    #[arg(long, help_heading = "Timing")]
    pub no_spread: bool,
    /// Requests answered at once; more queue in order of arrival [default: no limit].
    #[arg(long, value_name = "N", help_heading = "Timing")]
    pub capacity: Option<usize>,

    /// Requests let in within one window, told in headers; the others get 429 [default: no limit].
    #[arg(long, value_name = "N", help_heading = "Timing")]
    pub rate_requests: Option<u64>,
    /// Tokens let in within one window, of the prompt and as many as the request allows [default: no limit].
    #[arg(long, value_name = "N", help_heading = "Timing")]
    pub rate_tokens: Option<u64>,
    /// The window of --rate-requests and --rate-tokens.
    #[arg(long, value_name = "TIME", value_parser = read_span, default_value = "60s", help_heading = "Timing")]
    pub rate_window: Duration,

    /// Output tokens: a number, or "max_tokens" for as many as the request allows.
    #[arg(long, value_name = "N|max_tokens", default_value = "32", help_heading = "Answers")]
    pub tokens: Length,
    /// Tokens carried by one event.
    #[arg(long, value_name = "N", default_value_t = 1, help_heading = "Answers")]
    pub tokens_per_event: u32,
    /// "sentence": filler that ends in the answer; "plain": the answer alone, one token a character.
    #[arg(long, value_enum, default_value_t = FormArg::Sentence, help_heading = "Answers")]
    pub form: FormArg,
    /// Chance of a right answer, from 0 to 1.
    #[arg(long, value_name = "P", default_value_t = 1.0, help_heading = "Answers")]
    pub accuracy: f64,
    /// What decides whether an answer is right: the prompt, or the order of arrival.
    #[arg(long, value_enum, default_value_t = DrawArg::Prompt, help_heading = "Answers")]
    pub draw: DrawArg,
    /// Right answers, one {"prompt": …, "answer": …} a line; sums of integers need none.
    #[arg(long, value_name = "FILE", help_heading = "Answers")]
    pub answers: Option<PathBuf>,
    /// Send the role in an event of its own, long before the first token.
    #[arg(long, help_heading = "Answers")]
    pub early_role: bool,

    /// Prompt tokens added to a quarter of the prompt's bytes.
    #[arg(long, value_name = "N", default_value_t = 0, help_heading = "Usage figures")]
    pub prompt_overhead: u32,
    /// Share of prompt tokens reported as cached [default: not reported].
    #[arg(long, value_name = "P", help_heading = "Usage figures")]
    pub cached_share: Option<f64>,
    /// Share of output tokens sent as reasoning [default: none, not reported].
    #[arg(long, value_name = "P", help_heading = "Usage figures")]
    pub reasoning_share: Option<f64>,

    /// The model's name.
    #[arg(long, value_name = "NAME", default_value = "mock", help_heading = "Access")]
    pub model: String,
    /// Answer 404 to other model names.
    #[arg(long, help_heading = "Access")]
    pub strict_model: bool,
    /// Environment variable that holds the bearer key; 401 without that key.
    #[arg(long, value_name = "VARIABLE", help_heading = "Access")]
    pub key_env: Option<String>,

    /// A fault and whom it meets, such as cut=0.05, 429=every:20 or endless; repeat for more. Faults: 429, 500, 503,
    /// closed, slow_headers, empty, cut, stall, garbage, bad_json, error_event, endless, huge_line, length, no_finish,
    /// no_done, no_usage.
    #[arg(long = "fault", value_name = "FAULT[=RATE|=every:K]", help_heading = "Faults")]
    pub faults: Vec<Rule>,
    /// Length of a stall.
    #[arg(long, value_name = "TIME", value_parser = read_span, default_value = "5s", help_heading = "Faults")]
    pub stall: Duration,
    /// How long slow headers are held back.
    #[arg(long, value_name = "TIME", value_parser = read_span, default_value = "5s", help_heading = "Faults")]
    pub slow_headers: Duration,
    /// What Retry-After says in a 429 or 503.
    #[arg(long, value_name = "TIME", value_parser = read_span, default_value = "1s", help_heading = "Faults")]
    pub retry_after: Duration,
    /// Bytes in a huge line.
    #[arg(long, value_name = "BYTES", default_value_t = 64 << 20, help_heading = "Faults")]
    pub huge_bytes: u64,

    /// Memory for the truth's records; what comes after is counted and summed, but not kept.
    #[arg(long, value_name = "BYTES", default_value_t = 256 << 20)]
    pub truth_bytes: usize,
    /// Stop when standard input ends, as it does with the program that holds its other end.
    #[arg(long)]
    pub until_stdin_ends: bool,
}

/// How an answer is put.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum FormArg {
    /// Filler that ends in the answer.
    Sentence,
    /// The answer alone.
    Plain,
}

/// What decides whether an answer is right.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum DrawArg {
    /// The prompt.
    Prompt,
    /// The order of arrival.
    Arrival,
}

impl MockArgs {
    /// The settings that these flags describe; reads the answers' file and the key's variable.
    ///
    /// # Errors
    /// What is wrong, and with which flag.
    pub fn settings(self) -> Result<Settings, String> {
        let answers = match &self.answers {
            None => Arc::default(),
            Some(path) => {
                let text = std::fs::read_to_string(path).map_err(|e| format!("--answers {}: {e}", path.display()))?;
                Arc::new(read_answers(&text).map_err(|e| format!("--answers {}: {e}", path.display()))?)
            }
        };
        let key = match &self.key_env {
            None => None,
            Some(name) => match std::env::var(name) {
                Ok(key) if !key.is_empty() => Some(key.into()),
                _ => return Err(format!("--key-env {name}: the variable is not set, or empty")),
            },
        };
        let Self { seed, ttft, itl, jitter, no_spread, capacity, tokens, tokens_per_event, form, accuracy, .. } = self;
        let Self { draw, early_role, prompt_overhead, cached_share, reasoning_share, model, strict_model, .. } = self;
        let Self { rate_requests, rate_tokens, rate_window, .. } = self;
        let Self { faults, stall, slow_headers, retry_after, huge_bytes, truth_bytes, .. } = self;
        let settings = Settings {
            seed,
            ttft,
            itl,
            jitter,
            spread: !no_spread,
            tokens,
            tokens_per_event,
            form: match form {
                FormArg::Sentence => Form::Sentence,
                FormArg::Plain => Form::Plain,
            },
            accuracy,
            draw: match draw {
                DrawArg::Prompt => Draw::Prompt,
                DrawArg::Arrival => Draw::Arrival,
            },
            answers,
            prompt_overhead,
            cached_share,
            reasoning_share,
            early_role,
            model,
            strict_model,
            key,
            capacity,
            rate_requests,
            rate_tokens,
            rate_window,
            faults,
            stall,
            slow_headers,
            retry_after,
            huge_bytes,
            truth_bytes,
        };
        settings.check().map_err(|error| format!("--{}", error.to_string().replace('_', "-")))?;
        Ok(settings)
    }
}

/// Binds, says on stderr what is listening where, and serves until Ctrl-C or SIGTERM.
///
/// # Errors
/// When the flags are wrong, or the address cannot be bound.
pub async fn run(args: MockArgs) -> io::Result<()> {
    let (listen, until_stdin_ends) = (args.listen.clone(), args.until_stdin_ends);
    let settings = args.settings().map_err(|problem| io::Error::new(io::ErrorKind::InvalidInput, problem))?;
    let listener = TcpListener::bind(&listen)
        .await
        .map_err(|error| io::Error::new(error.kind(), format!("cannot listen on {listen}: {error}")))?;
    let stop = stopped(until_stdin_ends)?;
    let address = listener.local_addr()?;
    writeln!(
        io::stderr(),
        "assayd mock: calibration endpoint, not a model, at http://{address}/v1; truth at http://{address}/__truth"
    )?;
    serve(listener, settings, stop).await
}

/// Ready at the first Ctrl-C or SIGTERM, and, where that is asked for, at the end of standard input.
fn stopped(until_stdin_ends: bool) -> io::Result<impl Future<Output = ()> + Send + 'static> {
    use tokio::signal::unix::{SignalKind, signal};
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut terminate = signal(SignalKind::terminate())?;
    let (ended, end) = tokio::sync::oneshot::channel::<()>();
    if until_stdin_ends {
        // Blocks for good on a thread of its own, which costs nothing and ends with the process.
        std::thread::Builder::new().name("stdin".into()).spawn(move || {
            let _ended = io::copy(&mut io::stdin().lock(), &mut io::sink());
            drop(ended);
        })?;
    }
    let end = async move {
        if !until_stdin_ends {
            std::future::pending::<()>().await;
        }
        // An error: the thread has let go of its end.
        let _ended = end.await;
    };
    Ok(async move {
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
            () = end => {}
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::Parser;

    #[derive(Parser)]
    struct Line {
        #[command(flatten)]
        args: MockArgs,
    }

    fn read(flags: &[&str]) -> Result<Settings, String> {
        let line = Line::try_parse_from([&["mock"], flags].concat()).map_err(|error| error.to_string())?;
        line.args.settings()
    }

    #[test]
    fn without_flags_the_settings_are_the_defaults() {
        assert_eq!(format!("{:?}", read(&[]).unwrap()), format!("{:?}", Settings::default()));
    }

    #[test]
    fn flags_become_settings() {
        let flags = "--ttft 1.5ms --itl 200us --tokens max_tokens --form plain --accuracy 0.8 --no-spread \
             --fault cut=0.05 --fault 429=every:20 --capacity 4";
        let settings = read(&flags.split_whitespace().collect::<Vec<_>>()).unwrap();
        assert_eq!((settings.ttft, settings.itl), (Duration::from_micros(1_500), Duration::from_micros(200)));
        assert_eq!((settings.tokens, settings.form, settings.spread), (Length::MaxTokens, Form::Plain, false));
        assert_eq!(settings.faults.iter().map(Rule::to_string).collect::<Vec<_>>(), ["cut=0.05", "429=every:20"]);
        assert_eq!(settings.capacity, Some(4));
    }

    #[test]
    fn the_help_names_every_fault() {
        let help = <Line as clap::CommandFactory>::command().render_long_help().to_string();
        let words: Vec<&str> = help.split(|c: char| !(c.is_alphanumeric() || c == '_')).collect();
        for fault in crate::mock::Fault::ALL {
            assert!(words.contains(&fault.label()), "{}", fault.label());
        }
    }

    #[test]
    fn wrong_flags_are_named() {
        let problem = |flags: &[&str]| read(flags).unwrap_err();
        assert!(problem(&["--ttft", "soon"]).contains("is no duration such as 50ms"));
        assert!(problem(&["--fault", "flood"]).contains("unknown fault \"flood\""));
        assert_eq!(problem(&["--accuracy", "2"]), "--accuracy must be from 0 to 1");
        assert_eq!(problem(&["--tokens-per-event", "0"]), "--tokens-per-event must be from 1 to 131072");
        assert!(problem(&["--answers", "/nonexistent/a.jsonl"]).starts_with("--answers /nonexistent/a.jsonl: "));
        assert!(problem(&["--key-env", "ASSAYD_NO_SUCH_VARIABLE"]).contains("the variable is not set"));
        let mut file = tempfile::NamedTempFile::new().unwrap();
        file.write_all(b"{}").unwrap();
        let path = file.path().to_str().unwrap();
        assert!(problem(&["--answers", path]).contains("line 1: missing field `prompt`"));
    }
}
