//! One answer: the prompt goes in, tokens come out one by one until the model ends or a limit is met.

use super::model::{ContextFull, Model};
use super::sampler::Sampler;
use super::text::{Step, Visible};
use super::vocabulary::{Token, encode};
use std::ops::ControlFlow;

/// What is to be answered, and how.
#[derive(Debug, Clone)]
pub struct Job {
    /// The raw text to continue.
    pub prompt: String,
    /// The most output tokens, end of text included; the context's rest where absent.
    pub max_tokens: Option<usize>,
    /// Texts that end the answer and are not part of it.
    pub stop: Vec<String>,
    /// How tokens are chosen.
    pub sampler: Sampler,
}

/// Why an answer ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Finish {
    /// The model ended it, or a stop sequence came.
    Stop,
    /// A limit was met: `max_tokens`, or the context's end.
    Length,
}

/// How an answer ended, and what it took.
///
/// Tokens are counted as llama.cpp's server does: the prompt's include the beginning of text, the output's include
/// the end of text where the model chose it, and those of a stop sequence.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct End {
    /// Why it ended.
    pub finish: Finish,
    /// Tokens of the prompt.
    pub prompt_tokens: usize,
    /// Tokens of the answer.
    pub completion_tokens: usize,
}

impl Job {
    /// Tokens of the prompt.
    #[must_use]
    pub fn prompt_tokens(&self) -> usize {
        encode(&self.prompt).count()
    }

    /// Answers. Visible text is handed to `emit` as soon as its token is computed; when `emit` breaks, nobody is
    /// listening any more: the computation stops and there is no [`End`].
    ///
    /// # Errors
    /// [`ContextFull`] when the prompt leaves no room for an answer.
    pub fn run(
        mut self,
        model: &Model,
        mut emit: impl FnMut(String) -> ControlFlow<()>,
    ) -> Result<Option<End>, ContextFull> {
        let prompt_tokens = self.prompt_tokens();
        let room = model.context().checked_sub(prompt_tokens).filter(|&n| n > 0);
        let room = room.ok_or(ContextFull(model.context()))?;
        let limit = self.max_tokens.unwrap_or(room).min(room);
        let mut sequence = model.sequence();
        for token in encode(&self.prompt) {
            sequence.feed(token)?;
        }
        let mut visible = Visible::new(self.stop);
        let mut completion_tokens = 0;
        let mut finish = Finish::Length;
        let mut last = None;
        while completion_tokens < limit {
            // The token chosen last is fed only now that another is wanted.
            if let Some(token) = last.take() {
                sequence.feed(token)?;
            }
            let token = self.sampler.choose(sequence.logits());
            completion_tokens += 1;
            if token == Token::EOS {
                finish = Finish::Stop;
                break;
            }
            last = Some(token);
            // The other special tokens stand for no text.
            let Some(byte) = token.byte() else { continue };
            let (text, stopped) = match visible.push(byte) {
                Step::More(text) => (text, false),
                Step::Stopped(text) => (text, true),
            };
            if !text.is_empty() && emit(text).is_break() {
                return Ok(None);
            }
            if stopped {
                return Ok(Some(End { finish: Finish::Stop, prompt_tokens, completion_tokens }));
            }
        }
        let rest = visible.finish();
        if !rest.is_empty() && emit(rest).is_break() {
            return Ok(None);
        }
        Ok(Some(End { finish, prompt_tokens, completion_tokens }))
    }
}

#[cfg(test)]
mod tests {
    use super::super::catalog::MODELS;
    use super::*;

    fn job(prompt: &str) -> Job {
        Job { prompt: prompt.into(), max_tokens: Some(16), stop: Vec::new(), sampler: Sampler::Greedy }
    }

    fn micro() -> Model {
        MODELS[0].load().unwrap()
    }

    fn run(model: &Model, job: Job) -> (Vec<String>, End) {
        let mut parts = Vec::new();
        let end = job.run(model, |text| {
            parts.push(text);
            ControlFlow::Continue(())
        });
        (parts, end.unwrap().unwrap())
    }

    #[test]
    fn an_answer_comes_token_by_token_and_every_token_is_counted() {
        let (parts, end) = run(&micro(), job("rev 431="));
        assert_eq!(parts, ["1", "3", "4"]);
        assert_eq!(end, End { finish: Finish::Stop, prompt_tokens: 9, completion_tokens: 4 });
    }

    #[test]
    fn limits_and_stops_end_an_answer() {
        let model = micro();
        let (parts, end) = run(&model, Job { max_tokens: Some(2), ..job("rev 431=") });
        assert_eq!((parts.concat().as_str(), end.finish, end.completion_tokens), ("13", Finish::Length, 2));
        let (parts, end) = run(&model, Job { stop: vec!["3".into()], ..job("rev 431=") });
        assert_eq!((parts.concat().as_str(), end.finish, end.completion_tokens), ("1", Finish::Stop, 2));
    }

    #[test]
    fn the_context_bounds_prompt_and_answer_together() {
        let model = micro();
        let long = job(&"1".repeat(255));
        assert_eq!(long.run(&model, |_| ControlFlow::Continue(())), Err(ContextFull(256)));
        let (_, end) = run(&model, Job { max_tokens: None, ..job(&"1".repeat(254)) });
        assert_eq!((end.prompt_tokens, end.completion_tokens), (255, 1));
    }

    #[test]
    fn nothing_is_computed_for_nobody() {
        let mut calls = 0;
        let end = job("rev 431=").run(&micro(), |_| {
            calls += 1;
            ControlFlow::Break(())
        });
        assert_eq!((end, calls), (Ok(None), 1));
    }
}
