//! How a reading of hardware was come by.

/// Every reading of a meter says which: an estimate must never pass for a measurement, nor what is absent for 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Quality {
    /// The hardware's or the driver's own counter.
    Measured,
    /// Worked out of something else (power integrated over time, a declared share, a nameplate).
    Estimated,
    /// Nobody can tell.
    Absent,
}

impl Quality {
    /// Best first.
    pub const ALL: [Self; 3] = [Self::Measured, Self::Estimated, Self::Absent];

    /// The metric label and column word.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::Measured => "measured",
            Self::Estimated => "estimated",
            Self::Absent => "absent",
        }
    }

    /// Reads the word back.
    #[must_use]
    pub fn from_label(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|quality| quality.label() == text)
    }

    /// That of a figure made of both: the worse.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        self.max(other)
    }
}
