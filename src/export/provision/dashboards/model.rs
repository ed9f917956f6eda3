//! What a dashboard is made of, as values: rows of panels, what each asks, and how the answer is shown.
//!
//! Only what the dashboards here use is in it; `render` turns it into Grafana's JSON. Expressions are written without the
//! matchers of the dashboard's variables: `matchers` puts them in, from the labels that each metric has.

use super::reason::Reason;

/// One dashboard.
#[derive(Debug, Clone)]
pub struct Dashboard {
    /// Its lasting name in URLs, and the name of its file.
    pub uid: &'static str,
    /// What it is called.
    pub title: &'static str,
    /// The question that it answers.
    pub description: &'static str,
    /// How far back it looks unless told otherwise, such as `6h`.
    pub since: &'static str,
    /// What can be chosen, beside data source, job, instance, target and scenario.
    pub variables: Vec<Variable>,
    /// From top to bottom.
    pub rows: Vec<Row>,
}

/// Something to choose out of a closed list.
#[derive(Debug, Clone, Copy)]
pub struct Variable {
    /// As expressions name it.
    pub name: &'static str,
    /// As people see it.
    pub label: &'static str,
    /// What it decides.
    pub description: &'static str,
    /// What can be chosen; the first is chosen at first.
    pub options: &'static [&'static str],
}

/// Panels under one heading.
#[derive(Debug, Clone)]
pub struct Row {
    /// The heading.
    pub title: &'static str,
    /// From left to right; those that no longer fit go on below.
    pub panels: Vec<Panel>,
}

/// In what a value is counted, by Grafana's identifiers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unit {
    /// A number as it is.
    Plain,
    /// A large number, shortened.
    Short,
    /// A share of one, shown in percent.
    Share,
    /// US dollars.
    Usd,
    /// Seconds.
    Seconds,
    /// Hours.
    Hours,
    /// Joules.
    Joules,
    /// Watts.
    Watts,
    /// Bytes, in powers of 1024.
    Bytes,
    /// Requests per second.
    PerSecond,
    /// Grams.
    Grams,
    /// Degrees Celsius.
    Celsius,
    /// Hertz.
    Hertz,
}

impl Unit {
    /// All of them.
    pub const ALL: &[Self] = &[
        Self::Plain,
        Self::Short,
        Self::Share,
        Self::Usd,
        Self::Seconds,
        Self::Hours,
        Self::Joules,
        Self::Watts,
        Self::Bytes,
        Self::PerSecond,
        Self::Grams,
        Self::Celsius,
        Self::Hertz,
    ];

    /// Grafana's identifier.
    #[must_use]
    pub const fn id(self) -> &'static str {
        match self {
            Self::Plain => "none",
            Self::Short => "short",
            Self::Share => "percentunit",
            Self::Usd => "currencyUSD",
            Self::Seconds => "s",
            Self::Hours => "h",
            Self::Joules => "joule",
            Self::Watts => "watt",
            Self::Bytes => "bytes",
            Self::PerSecond => "reqps",
            Self::Grams => "massg",
            Self::Celsius => "celsius",
            Self::Hertz => "hertz",
        }
    }
}

/// One expression, and what its series are called.
#[derive(Debug, Clone)]
pub struct Query {
    /// PromQL with its matchers in place.
    pub expr: String,
    /// The name of a series, with labels in double braces.
    pub legend: String,
}

/// What colours of series say.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Legend {
    /// A series is a target's: its colour goes by the name's first letter, its dashes by the last.
    Targets,
    /// Series out of a closed set, in this order, by what their names contain.
    Fixed(&'static [&'static str]),
    /// Nothing: there is one series, or its colour goes by its value.
    None,
}

/// From which value on a colour holds, and the word that goes with it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Threshold {
    /// From here on; the first holds below all others.
    pub from: f64,
    /// How it looks.
    pub tone: Tone,
}

/// A judgement, in a colour that the colour-blind can tell from the others.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tone {
    /// As it should be.
    Good,
    /// Look at it.
    Care,
    /// Not as it should be.
    Bad,
    /// Neither.
    Neutral,
}

/// A value with a word of its own, so that no colour stands alone.
#[derive(Debug, Clone, Copy)]
pub struct Word {
    /// The value.
    pub value: &'static str,
    /// What is shown in its place.
    pub text: &'static str,
    /// How it looks.
    pub tone: Tone,
}

/// A column of a table.
#[derive(Debug, Clone, Copy)]
pub struct Column {
    /// A label, or a query by its letter (`A` is the first).
    pub from: &'static str,
    /// The heading.
    pub name: &'static str,
    /// In what it is counted; none where it holds text.
    pub unit: Option<Unit>,
    /// Width in pixels; none for what is left.
    pub width: Option<u32>,
    /// Whether cells have the colour of the panel's thresholds behind their value.
    pub judged: bool,
}

/// How an answer is shown.
#[derive(Debug, Clone)]
pub enum Kind {
    /// One large number a series.
    Stat,
    /// Lines over time.
    TimeSeries {
        /// Whether series stand on each other, as the parts of a whole.
        stacked: bool,
        /// What the axis counts, where the unit does not say so.
        axis: &'static str,
    },
    /// Rows and columns, from instant queries that are joined by their labels.
    Table {
        /// From left to right.
        columns: Vec<Column>,
        /// The heading that rows are sorted by, and whether the greatest stands first.
        sort: (&'static str, bool),
    },
    /// One number a pair of labels: rows by the first, columns by the second.
    Matrix {
        /// Label of the rows.
        rows: &'static str,
        /// Label of the columns.
        columns: &'static str,
    },
    /// One bar a series.
    BarGauge,
    /// How many values fell where, over time: a histogram's buckets.
    Heatmap,
    /// One point for each series, its place told by two queries.
    Scatter {
        /// What the first query gives, and in what.
        x: (&'static str, Unit),
        /// What the second query gives, and in what.
        y: (&'static str, Unit),
    },
    /// States over time.
    StateTimeline,
    /// Words.
    Text(&'static str),
}

/// One panel.
#[derive(Debug, Clone)]
pub struct Panel {
    /// Its heading.
    pub title: &'static str,
    /// What it shows, and how that is come by.
    pub description: String,
    /// How it is shown.
    pub kind: Kind,
    /// Columns of 24.
    pub width: u32,
    /// Lines of 30 pixels.
    pub height: u32,
    /// In what values are counted.
    pub unit: Unit,
    /// Digits after the point; none for as many as fit the value.
    pub decimals: Option<u32>,
    /// Where the axis begins and ends, where that is given.
    pub bounds: (Option<f64>, Option<f64>),
    /// What it asks.
    pub queries: Vec<Query>,
    /// What colours say of a value.
    pub thresholds: Vec<Threshold>,
    /// Words in place of values.
    pub words: &'static [Word],
    /// What colours say of a series.
    pub legend: Legend,
    /// Why it may be empty.
    pub empty: Option<Reason>,
}

impl Panel {
    /// A panel of a kind, without queries.
    #[must_use]
    pub fn new(kind: Kind, title: &'static str, description: &str) -> Self {
        let (width, height) = match kind {
            Kind::Stat => (4, 4),
            Kind::Text(_) => (24, 3),
            Kind::TimeSeries { .. } | Kind::BarGauge | Kind::Heatmap => (12, 9),
            Kind::Table { .. } | Kind::Matrix { .. } | Kind::Scatter { .. } => (12, 10),
            Kind::StateTimeline => (12, 7),
        };
        Self {
            title,
            description: description.to_owned(),
            kind,
            width,
            height,
            unit: Unit::Plain,
            decimals: None,
            bounds: (None, None),
            queries: Vec::new(),
            thresholds: Vec::new(),
            words: &[],
            legend: Legend::None,
            empty: None,
        }
    }

    /// One large number.
    #[must_use]
    pub fn stat(title: &'static str, description: &str) -> Self {
        Self::new(Kind::Stat, title, description)
    }

    /// Lines over time.
    #[must_use]
    pub fn lines(title: &'static str, description: &str) -> Self {
        Self::new(Kind::TimeSeries { stacked: false, axis: "" }, title, description)
    }

    /// Areas over time that stand on each other.
    #[must_use]
    pub fn stack(title: &'static str, description: &str) -> Self {
        Self::new(Kind::TimeSeries { stacked: true, axis: "" }, title, description)
    }

    /// Bars.
    #[must_use]
    pub fn bars(title: &'static str, description: &str) -> Self {
        Self::new(Kind::BarGauge, title, description)
    }

    /// A table.
    #[must_use]
    pub fn table(title: &'static str, description: &str, columns: Vec<Column>, sort: (&'static str, bool)) -> Self {
        Self::new(Kind::Table { columns, sort }, title, description)
    }

    /// Columns of 24, lines of 30 pixels.
    #[must_use]
    pub fn size(mut self, width: u32, height: u32) -> Self {
        (self.width, self.height) = (width, height);
        self
    }

    /// In what values are counted.
    #[must_use]
    pub fn unit(mut self, unit: Unit) -> Self {
        self.unit = unit;
        self
    }

    /// Digits after the point.
    #[must_use]
    pub fn decimals(mut self, decimals: u32) -> Self {
        self.decimals = Some(decimals);
        self
    }

    /// Where the axis begins and ends.
    #[must_use]
    pub fn within(mut self, least: f64, most: f64) -> Self {
        self.bounds = (Some(least), Some(most));
        self
    }

    /// Where the axis begins.
    #[must_use]
    pub fn from(mut self, least: f64) -> Self {
        self.bounds.0 = Some(least);
        self
    }

    /// What the axis counts.
    #[must_use]
    pub fn axis(mut self, label: &'static str) -> Self {
        if let Kind::TimeSeries { axis, .. } = &mut self.kind {
            *axis = label;
        }
        self
    }

    /// One more expression, without the matchers of the variables, and the names of its series.
    #[must_use]
    pub fn ask(mut self, expr: &str, legend: &str) -> Self {
        self.queries.push(Query { expr: super::matchers::fill(expr), legend: legend.to_owned() });
        self
    }

    /// What colours say of values.
    #[must_use]
    pub fn judged(mut self, steps: &[(f64, Tone)]) -> Self {
        self.thresholds = steps.iter().map(|&(from, tone)| Threshold { from, tone }).collect();
        self
    }

    /// Words in place of values.
    #[must_use]
    pub fn words(mut self, words: &'static [Word]) -> Self {
        self.words = words;
        self
    }

    /// What colours say of series.
    #[must_use]
    pub fn legend(mut self, legend: Legend) -> Self {
        self.legend = legend;
        self
    }

    /// Why it may be empty.
    #[must_use]
    pub fn unless(mut self, reason: Reason) -> Self {
        self.empty = Some(reason);
        self
    }
}

impl Column {
    /// A label.
    #[must_use]
    pub const fn label(from: &'static str, width: u32) -> Self {
        Self { from, name: from, unit: None, width: Some(width), judged: false }
    }

    /// What a query gives.
    #[must_use]
    pub const fn value(from: &'static str, name: &'static str, unit: Unit) -> Self {
        Self { from, name, unit: Some(unit), width: None, judged: false }
    }

    /// With the colour of the panel's thresholds behind it.
    #[must_use]
    pub const fn judged(mut self) -> Self {
        self.judged = true;
        self
    }
}
