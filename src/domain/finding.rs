//! What grading found.

/// The verdict on a trial. Never guessed: what could not be read is `unparsed`, a figure of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Verdict {
    /// The answer is right.
    Correct,
    /// An answer was read, and it is not right.
    Wrong,
    /// No answer could be read out of the text.
    Unparsed,
    /// The model declined to answer.
    Refused,
    /// No answer came; availability, not capability.
    Failed,
    /// In flight when the process was killed: it may have been answered and billed.
    Unknown,
    /// An answer came, and there is nothing to grade it by: it has its time and cost, and no part in accuracy.
    Ungraded,
}

impl Verdict {
    /// The closed set.
    pub const ALL: [Self; 7] =
        [Self::Correct, Self::Wrong, Self::Unparsed, Self::Refused, Self::Failed, Self::Unknown, Self::Ungraded];

    /// The metric label and record word.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::Correct => "correct",
            Self::Wrong => "wrong",
            Self::Unparsed => "unparsed",
            Self::Refused => "refused",
            Self::Failed => "failed",
            Self::Unknown => "unknown",
            Self::Ungraded => "ungraded",
        }
    }

    /// Reads the word back.
    #[must_use]
    pub fn from_label(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|v| v.label() == text)
    }

    /// Whether it counts in accuracy's denominator: correct, wrong, unparsed and refused do.
    #[must_use]
    pub const fn is_graded(self) -> bool {
        matches!(self, Self::Correct | Self::Wrong | Self::Unparsed | Self::Refused)
    }

    /// Whether an answer came: graded, or with nothing to grade it by.
    #[must_use]
    pub const fn is_answered(self) -> bool {
        self.is_graded() || matches!(self, Self::Ungraded)
    }
}

/// A verdict with its evidence.
#[derive(Clone, Debug, PartialEq)]
pub struct Finding {
    /// The verdict.
    pub verdict: Verdict,
    /// In [0, 1]; 1 for correct, 0 otherwise, between only for scorers that give part marks.
    pub score: f64,
    /// What was read out of the answer, if anything.
    pub extracted: Option<String>,
    /// The rule that fired, such as `choice/boxed`; a person can audit the verdict by it.
    pub rule: &'static str,
}

impl Finding {
    /// A verdict without an extracted answer.
    #[must_use]
    pub const fn bare(verdict: Verdict, rule: &'static str) -> Self {
        Self { verdict, score: 0.0, extracted: None, rule }
    }

    /// Right or wrong, on an extracted answer.
    #[must_use]
    pub fn judged(correct: bool, extracted: impl Into<String>, rule: &'static str) -> Self {
        let (verdict, score) = if correct { (Verdict::Correct, 1.0) } else { (Verdict::Wrong, 0.0) };
        Self { verdict, score, extracted: Some(extracted.into()), rule }
    }
}
