//! An answer as a script: which bytes are to be written when, and what each write delivers. Pure, so that every fault
//! can be read and tested as data; playing it is [`super::conn`]'s part.

use super::answer::{Intent, intend, tokens};
use super::faults::Fault;
use super::http;
use super::openai::{self, Chat, Figures};
use super::pace::Schedule;
use super::settings::{Form, Settings};
use super::truth::Outcome;
use super::values::Length;
use crate::domain::Nanos;
use std::borrow::Cow;

/// One write, and what it delivers.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Step {
    /// Nanoseconds after the start.
    pub due: u64,
    pub bytes: Vec<u8>,
    /// So many bytes of padding follow.
    pub pad: u64,
    /// Output tokens carried, reasoning included; a write with tokens is a content write.
    pub tokens: u32,
    /// Those of them that are reasoning.
    pub reasoning: u32,
    /// Whether it carries the usage record.
    pub usage: bool,
    /// Whether the answer has been said with it.
    pub said: bool,
}

/// A write that is repeated until the client goes away.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Forever {
    pub every: u64,
    pub bytes: Vec<u8>,
    pub tokens: u32,
}

/// A whole answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Script {
    /// 0 where the connection is closed without a response.
    pub status: u16,
    /// What it comes to when it is played to its end.
    pub outcome: Outcome,
    pub steps: Vec<Step>,
    pub forever: Option<Forever>,
    /// Whether the connection is closed afterwards.
    pub close: bool,
    /// The figures that a usage record gives, whether it is sent or not.
    pub figures: Figures,
    pub intent: Intent,
}

/// Nothing is known or said where the request is refused.
const SILENCE: Intent = Intent { known: None, said: None };

/// Refuses a request with an error body.
pub(super) fn refuse(status: u16, extra: http::Extra<'_>, kind: &str, code: &str, message: &str) -> Script {
    let bytes = http::whole(status, JSON, extra, &openai::error(kind, code, message));
    Script {
        status,
        outcome: Outcome::Refused,
        steps: vec![Step { bytes, ..Step::default() }],
        forever: None,
        close: false,
        figures: Figures::default(),
        intent: SILENCE,
    }
}

pub(super) const JSON: &str = "application/json";

/// The script of one answer.
pub(super) fn script(settings: &Settings, sequence: u64, chat: &Chat, fault: Option<Fault>) -> Script {
    let purposely = "an error put in on purpose";
    match fault {
        Some(Fault::RateLimited) => {
            refuse(429, &retry_after(settings), "rate_limit_error", "rate_limit_exceeded", purposely)
        }
        Some(Fault::Unavailable) => refuse(503, &retry_after(settings), "server_error", "overloaded", purposely),
        Some(Fault::ServerError) => refuse(500, &[], "server_error", "mock_fault", purposely),
        Some(Fault::Closed) => Script { status: 0, steps: Vec::new(), close: true, ..refuse(500, &[], "", "", "") },
        _ if chat.stream => super::stream::script(&Plan::new(settings, sequence, chat, fault)),
        _ => super::whole::script(&Plan::new(settings, sequence, chat, fault)),
    }
}

/// Whole seconds as the standard has it, and the milliseconds that some providers add where seconds are too coarse.
fn retry_after(settings: &Settings) -> Vec<(&'static str, String)> {
    let millis = settings.retry_after.as_millis();
    let mut headers = vec![("retry-after", millis.div_ceil(1_000).to_string())];
    if !millis.is_multiple_of(1_000) {
        headers.push(("retry-after-ms", millis.to_string()));
    }
    headers
}

/// Tokens that go out together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Group {
    pub text: String,
    pub tokens: u32,
    pub reasoning: bool,
    /// Nanoseconds after the start, without a stall.
    pub due: u64,
}

/// What will be said, before it is put on the wire.
pub(super) struct Plan<'a> {
    pub settings: &'a Settings,
    pub sequence: u64,
    pub fault: Option<Fault>,
    pub model: &'a str,
    pub groups: Vec<Group>,
    pub finish: &'static str,
    /// Whether the answer is in it whole.
    pub says: bool,
    pub wants_usage: bool,
    pub figures: Figures,
    pub intent: Intent,
    /// When the head is due.
    pub head_due: u64,
}

impl<'a> Plan<'a> {
    fn new(settings: &'a Settings, sequence: u64, chat: &'a Chat, fault: Option<Fault>) -> Self {
        let intent = intend(settings, sequence, &chat.prompt);
        let drowned = matches!(fault, Some(Fault::Endless | Fault::HugeLine | Fault::Empty));
        let said = intent.said.as_deref().filter(|_| !drowned);
        let mut words = words(settings, chat, said);
        if fault == Some(Fault::Empty) {
            words.clear();
        }
        let most = usize::try_from(chat.max_tokens.unwrap_or(Length::MOST)).unwrap_or(usize::MAX);
        let most = if fault == Some(Fault::Length) { most.min(words.len() / 2) } else { most };
        let short = words.len() > most;
        words.truncate(most);

        let head_due = if fault == Some(Fault::SlowHeaders) { Nanos::from(settings.slow_headers).0 } else { 0 };
        let extra = u32::from(fault == Some(Fault::HugeLine));
        let prompt = chat.bytes.div_ceil(4).saturating_add(settings.prompt_overhead.into());
        let prompt = u32::try_from(prompt).unwrap_or(u32::MAX);
        let reasoning = count(words.iter().filter(|(_, reasoning)| *reasoning).count());
        Self {
            settings,
            sequence,
            fault,
            model: if settings.strict_model { &settings.model } else { &chat.model },
            finish: if short { "length" } else { "stop" },
            says: said.is_some() && !short,
            wants_usage: (chat.include_usage || !chat.stream) && fault != Some(Fault::NoUsage),
            figures: Figures {
                prompt,
                cached: settings.cached_share.map(|share| part(prompt, share)),
                completion: count(words.len()).saturating_add(extra),
                reasoning: settings.reasoning_share.map(|_| reasoning),
            },
            groups: groups(settings, sequence, head_due, words),
            intent: Intent { said: intent.said.clone().filter(|_| !drowned), known: intent.known },
            head_due,
        }
    }

    /// The group before which the answer goes wrong: half way, but after the first.
    pub(super) fn middle(&self) -> usize {
        (self.groups.len() / 2).max(1).min(self.groups.len())
    }

    pub(super) fn id_header(&self) -> [(&'static str, String); 1] {
        [("x-request-id", format!("mock-{}", self.sequence))]
    }

    /// The script of these steps, and what it comes to under this fault.
    pub(super) fn script(&self, steps: Vec<Step>) -> Script {
        let broken = [Fault::Cut, Fault::Garbage, Fault::BadJson, Fault::ErrorEvent, Fault::Endless, Fault::NoFinish];
        let outcome = match self.fault {
            Some(fault) if broken.contains(&fault) => Outcome::Broken,
            _ => Outcome::Completed,
        };
        let close = matches!(self.fault, Some(Fault::Cut | Fault::Garbage));
        Script { status: 200, outcome, steps, forever: None, close, figures: self.figures, intent: self.intent.clone() }
    }
}

/// The words of an answer, each a token, and whether it is reasoning.
fn words(settings: &Settings, chat: &Chat, said: Option<&str>) -> Vec<(Cow<'static, str>, bool)> {
    let length = match settings.tokens {
        Length::Fixed(n) => n,
        Length::MaxTokens => chat.max_tokens.unwrap_or(Length::FALLBACK),
    };
    let thoughts = settings.reasoning_share.map_or(0, |share| part(length, share)).min(length.saturating_sub(1));
    let reasoning = tokens(Form::Sentence, None, thoughts).into_iter().map(|word| (word, true));
    let visible = tokens(settings.form, said, length - thoughts).into_iter().map(|word| (word, false));
    reasoning.chain(visible).collect()
}

fn groups(settings: &Settings, sequence: u64, head: u64, words: Vec<(Cow<'static, str>, bool)>) -> Vec<Group> {
    let schedule = Schedule::new(settings, sequence);
    let mut groups: Vec<Group> = Vec::with_capacity(words.len());
    for (k, (word, reasoning)) in (0..).zip(words) {
        match groups.last_mut() {
            Some(group) if group.tokens < settings.tokens_per_event && group.reasoning == reasoning => {
                group.text.push_str(&word);
                group.tokens += 1;
            }
            last => {
                // Jitter may not turn the order round.
                let due = head.saturating_add(schedule.due(k)).max(last.map_or(0, |group| group.due));
                groups.push(Group { text: word.into_owned(), tokens: 1, reasoning, due });
            }
        }
    }
    groups
}

fn count(n: usize) -> u32 {
    u32::try_from(n).unwrap_or(u32::MAX)
}

/// ⌊`n` × `share`⌋.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a share lies in 0..=1, so the product lies in 0..=n"
)]
fn part(n: u32, share: f64) -> u32 {
    (f64::from(n) * share) as u32
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    fn chat(max_tokens: Option<u32>, stream: bool) -> Chat {
        Chat {
            model: "m".into(),
            prompt: "40+2=".into(),
            history: Vec::new(),
            bytes: 5,
            max_tokens,
            stream,
            include_usage: true,
        }
    }

    fn settings() -> Settings {
        let ttft = Duration::from_millis(50);
        Settings {
            ttft,
            itl: Duration::from_millis(10),
            spread: false,
            tokens: Length::Fixed(8),
            ..Settings::default()
        }
    }

    fn tokens(script: &Script) -> (u32, u32) {
        script.steps.iter().fold((0, 0), |(all, thought), step| (all + step.tokens, thought + step.reasoning))
    }

    #[test]
    fn tokens_are_due_on_the_schedule() {
        let script = script(&settings(), 1, &chat(None, true), None);
        let due: Vec<u64> = script.steps.iter().map(|step| step.due / 1_000_000).collect();
        assert_eq!(due, [0, 50, 60, 70, 80, 90, 100, 110, 120, 120]);
        assert_eq!(tokens(&script), (8, 0));
        assert_eq!(script.figures, Figures { prompt: 2, cached: None, completion: 8, reasoning: None });
    }

    #[test]
    fn shares_become_figures() {
        let settings = Settings {
            cached_share: Some(0.5),
            reasoning_share: Some(0.5),
            prompt_overhead: 9,
            tokens_per_event: 3,
            ..settings()
        };
        for stream in [true, false] {
            let script = script(&settings, 1, &chat(None, stream), None);
            assert_eq!(script.figures, Figures { prompt: 11, cached: Some(5), completion: 8, reasoning: Some(4) });
            assert_eq!(tokens(&script), (8, 4));
        }
        // Reasoning and visible tokens never share an event: 3 + 1 and 3 + 1.
        let events = script(&settings, 1, &chat(None, true), None).steps.iter().filter(|s| s.tokens > 0).count();
        assert_eq!(events, 4);
    }

    #[test]
    fn an_answer_cut_by_the_limit_is_not_said() {
        for (limit, said) in [(8, true), (7, false)] {
            let script = script(&settings(), 1, &chat(Some(limit), true), None);
            assert_eq!(tokens(&script).0, limit);
            assert_eq!(script.steps.iter().any(|step| step.said), said);
        }
        let asked = Settings { tokens: Length::MaxTokens, ..settings() };
        assert_eq!(tokens(&script(&asked, 1, &chat(Some(100), true), None)).0, 100);
        assert_eq!(tokens(&script(&asked, 1, &chat(None, true), None)).0, Length::FALLBACK);
    }

    #[test]
    fn jitter_never_turns_the_order_round() {
        let settings = Settings { jitter: Duration::from_millis(100), ..settings() };
        let script = script(&settings, 5, &chat(None, true), None);
        assert!(script.steps.windows(2).all(|pair| pair[0].due <= pair[1].due));
    }

    #[test]
    fn every_fault_has_its_outcome_streamed_or_not() {
        for fault in Fault::ALL {
            let expected = match fault {
                Fault::RateLimited | Fault::ServerError | Fault::Unavailable | Fault::Closed => Outcome::Refused,
                Fault::Cut | Fault::Garbage | Fault::BadJson | Fault::ErrorEvent | Fault::Endless | Fault::NoFinish => {
                    Outcome::Broken
                }
                _ => Outcome::Completed,
            };
            for stream in [true, false] {
                let script = script(&settings(), 1, &chat(None, stream), Some(fault));
                assert_eq!(script.outcome, expected, "{fault:?}");
                assert_eq!(script.forever.is_some(), fault == Fault::Endless);
                let closes = [Fault::Cut, Fault::Garbage, Fault::Closed].contains(&fault);
                assert_eq!(script.close, closes, "{fault:?}");
                if expected == Outcome::Completed {
                    assert_eq!(tokens(&script).0, script.figures.completion, "{fault:?}");
                    assert_eq!(script.steps.iter().any(|s| s.usage), fault != Fault::NoUsage, "{fault:?}");
                }
                let says = matches!(fault, Fault::SlowHeaders | Fault::Stall | Fault::NoDone | Fault::NoUsage);
                assert_eq!(expected == Outcome::Completed && script.steps.iter().any(|s| s.said), says, "{fault:?}");
            }
        }
    }

    #[test]
    fn stalls_and_slow_headers_shift_what_follows() {
        let due = |fault| {
            let script = script(&settings(), 1, &chat(None, true), Some(fault));
            script.steps.iter().map(|step| step.due / 1_000_000).collect::<Vec<u64>>()
        };
        assert_eq!(due(Fault::Stall), [0, 50, 60, 70, 80, 5_090, 5_100, 5_110, 5_120, 5_120]);
        assert_eq!(due(Fault::SlowHeaders)[..3], [5_000, 5_050, 5_060]);
        assert_eq!(due(Fault::Cut), [0, 50, 60, 70, 80, 90]);
    }

    #[test]
    fn one_token_answers_survive_every_fault() {
        let settings = Settings { tokens: Length::Fixed(1), ..settings() };
        for fault in Fault::ALL {
            for stream in [true, false] {
                let script = script(&settings, 1, &chat(None, stream), Some(fault));
                assert!(script.steps.windows(2).all(|pair| pair[0].due <= pair[1].due), "{fault:?}");
            }
        }
    }
}
