//! The seven exact-answer tasks: what is asked, what is right, how likely each question is, and which are held out.
//!
//! The same definitions as `tools/training/tasks.py`, which the demo's models were trained with; a test compares both
//! over a fixture that the script wrote.

use rand::RngExt;
use std::ops::RangeInclusive;

/// A kind of question.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Domain {
    /// `12+34=`: two numbers of one to three digits.
    Add,
    /// `12-34=`: the same; the answer may be negative.
    Sub,
    /// `12*3=`: a number of one to three digits by one of one digit.
    Mul,
    /// `12%5=`: the remainder by 2 to 9.
    Mod,
    /// `rev 431=`: three to five digits backwards.
    Rev,
    /// `sort 431=`: three to five digits in rising order.
    Sort,
    /// `count 3 1333=`: how often the digit occurs among three to five.
    Count,
}

impl Domain {
    /// All of them.
    pub const ALL: [Self; 7] = [Self::Add, Self::Sub, Self::Mul, Self::Mod, Self::Rev, Self::Sort, Self::Count];

    /// The word in settings, tables and labels.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::Add => "add",
            Self::Sub => "sub",
            Self::Mul => "mul",
            Self::Mod => "mod",
            Self::Rev => "rev",
            Self::Sort => "sort",
            Self::Count => "count",
        }
    }

    /// What is exercised: calculating or handling texts.
    #[must_use]
    pub const fn capability(self) -> &'static str {
        match self {
            Self::Add | Self::Sub | Self::Mul | Self::Mod => "arithmetic",
            Self::Rev | Self::Sort | Self::Count => "string",
        }
    }

    /// Every question of the domain, once.
    pub fn questions(self) -> Box<dyn Iterator<Item = Question>> {
        let pairs = |b: RangeInclusive<u32>, make: fn(u32, u32) -> Question| {
            Box::new((0..=MAX_NUMBER).flat_map(move |a| b.clone().map(move |b| make(a, b))))
        };
        match self {
            Self::Add => pairs(0..=MAX_NUMBER, Question::Add),
            Self::Sub => pairs(0..=MAX_NUMBER, Question::Sub),
            Self::Mul => pairs(FACTORS, Question::Mul),
            Self::Mod => pairs(MODULI, Question::Mod),
            Self::Rev => Box::new(digit_strings().map(Question::Rev)),
            Self::Sort => Box::new(digit_strings().map(Question::Sort)),
            Self::Count => {
                Box::new(('0'..='9').flat_map(|digit| digit_strings().map(move |s| Question::Count(digit, s))))
            }
        }
    }

    /// A question by chance.
    pub fn draw(self, rng: &mut impl RngExt) -> Question {
        match self {
            Self::Add => Question::Add(draw_number(rng), draw_number(rng)),
            Self::Sub => Question::Sub(draw_number(rng), draw_number(rng)),
            Self::Mul => Question::Mul(draw_number(rng), rng.random_range(FACTORS)),
            Self::Mod => Question::Mod(draw_number(rng), rng.random_range(MODULI)),
            Self::Rev => Question::Rev(draw_digits(rng, draw_digit)),
            Self::Sort => Question::Sort(draw_digits(rng, draw_digit)),
            Self::Count => {
                let digit = draw_digit(rng);
                let biased = |rng: &mut _| if RngExt::random_bool(rng, COUNT_BIAS) { digit } else { draw_digit(rng) };
                Question::Count(digit, draw_digits(rng, biased))
            }
        }
    }
}

/// The greatest operand.
const MAX_NUMBER: u32 = 999;
/// Second factors of `mul`.
const FACTORS: RangeInclusive<u32> = 0..=9;
/// Divisors of `mod`.
const MODULI: RangeInclusive<u32> = 2..=9;
/// Lengths of the digit texts, and of the numbers; each is as likely as the others.
const LENGTHS: RangeInclusive<usize> = 3..=5;
const NUMBER_LENGTHS: RangeInclusive<u32> = 1..=3;
/// `count` takes the digit sought with this chance before drawing any digit, so that answers above 1 are common.
const COUNT_BIAS: f64 = 0.35;

/// The numbers with so many digits; 0 counts as having one.
fn numbers_of(length: u32) -> RangeInclusive<u32> {
    let least = if length == 1 { 0 } else { 10_u32.pow(length - 1) };
    least..=10_u32.pow(length) - 1
}

/// First the length, then a number of that length: short ones are as common as long ones.
fn draw_number(rng: &mut impl RngExt) -> u32 {
    let length = rng.random_range(NUMBER_LENGTHS);
    rng.random_range(numbers_of(length))
}

fn draw_digit(rng: &mut impl RngExt) -> char {
    char::from(rng.random_range(b'0'..=b'9'))
}

fn draw_digits<R: RngExt>(rng: &mut R, mut draw: impl FnMut(&mut R) -> char) -> String {
    let length = rng.random_range(LENGTHS);
    (0..length).map(|_| draw(rng)).collect()
}

fn digit_strings() -> impl Iterator<Item = String> {
    LENGTHS.flat_map(|length| (0..10_u32.pow(u32::try_from(length).unwrap_or(0))).map(move |n| format!("{n:0length$}")))
}

/// One question: its operands, which decide prompt and answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Question {
    /// Sum.
    Add(u32, u32),
    /// Difference.
    Sub(u32, u32),
    /// Product.
    Mul(u32, u32),
    /// Remainder.
    Mod(u32, u32),
    /// Digits backwards.
    Rev(String),
    /// Digits in order.
    Sort(String),
    /// Occurrences of a digit.
    Count(char, String),
}

impl Question {
    /// Reads a prompt back; none when it is no question of these domains.
    #[must_use]
    pub fn read(prompt: &str) -> Option<Self> {
        let body = prompt.strip_suffix('=')?;
        let digits = |text: &str| {
            (LENGTHS.contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit())).then(|| text.to_owned())
        };
        let pair = |sign, b: RangeInclusive<u32>, make: fn(u32, u32) -> Self| {
            let (left, right) = body.split_once(sign)?;
            let (left, right): (u32, u32) = (left.parse().ok()?, right.parse().ok()?);
            (left <= MAX_NUMBER && b.contains(&right)).then(|| make(left, right))
        };
        let question = if let Some(text) = body.strip_prefix("rev ") {
            Self::Rev(digits(text)?)
        } else if let Some(text) = body.strip_prefix("sort ") {
            Self::Sort(digits(text)?)
        } else if let Some(rest) = body.strip_prefix("count ") {
            let (digit, text) = rest.split_once(' ')?;
            Self::Count(digit.parse().ok().filter(char::is_ascii_digit)?, digits(text)?)
        } else {
            pair('+', 0..=MAX_NUMBER, Self::Add)
                .or_else(|| pair('-', 0..=MAX_NUMBER, Self::Sub))
                .or_else(|| pair('*', FACTORS, Self::Mul))
                .or_else(|| pair('%', MODULI, Self::Mod))?
        };
        // Only the one spelling: no `+1`, no `01`.
        (question.prompt() == prompt).then_some(question)
    }

    /// Its domain.
    #[must_use]
    pub const fn domain(&self) -> Domain {
        match self {
            Self::Add(..) => Domain::Add,
            Self::Sub(..) => Domain::Sub,
            Self::Mul(..) => Domain::Mul,
            Self::Mod(..) => Domain::Mod,
            Self::Rev(_) => Domain::Rev,
            Self::Sort(_) => Domain::Sort,
            Self::Count(..) => Domain::Count,
        }
    }

    /// What is asked.
    #[must_use]
    pub fn prompt(&self) -> String {
        match self {
            Self::Add(a, b) => format!("{a}+{b}="),
            Self::Sub(a, b) => format!("{a}-{b}="),
            Self::Mul(a, b) => format!("{a}*{b}="),
            Self::Mod(a, b) => format!("{a}%{b}="),
            Self::Rev(digits) => format!("rev {digits}="),
            Self::Sort(digits) => format!("sort {digits}="),
            Self::Count(digit, digits) => format!("count {digit} {digits}="),
        }
    }

    /// What is right.
    #[must_use]
    pub fn answer(&self) -> String {
        match self {
            Self::Add(a, b) => (a + b).to_string(),
            Self::Sub(a, b) => (i64::from(*a) - i64::from(*b)).to_string(),
            Self::Mul(a, b) => (a * b).to_string(),
            Self::Mod(a, b) => (a % b).to_string(),
            Self::Rev(digits) => digits.chars().rev().collect(),
            Self::Sort(digits) => {
                let mut sorted: Vec<char> = digits.chars().collect();
                sorted.sort_unstable();
                sorted.into_iter().collect()
            }
            Self::Count(digit, digits) => digits.matches(*digit).count().to_string(),
        }
    }

    /// How likely [`Domain::draw`] is to give it; over a domain these sum to 1.
    #[must_use]
    pub fn probability(&self) -> f64 {
        let number = |n: u32| {
            let range = NUMBER_LENGTHS.map(numbers_of).find(|range| range.contains(&n));
            range.map_or(0.0, |range| 1.0 / (NUMBER_LENGTHS.count() * range.count()) as f64)
        };
        let length = 1.0 / LENGTHS.count() as f64;
        match self {
            Self::Add(a, b) | Self::Sub(a, b) => number(*a) * number(*b),
            Self::Mul(a, _) => number(*a) / FACTORS.count() as f64,
            Self::Mod(a, _) => number(*a) / MODULI.count() as f64,
            Self::Rev(digits) | Self::Sort(digits) => digits.chars().fold(length, |p, _| p / 10.0),
            Self::Count(digit, digits) => digits.chars().fold(length / 10.0, |p, c| {
                p * ((1.0 - COUNT_BIAS) / 10.0 + if c == *digit { COUNT_BIAS } else { 0.0 })
            }),
        }
    }
}

/// One prompt in ten, by its CRC-32, was never trained on.
#[must_use]
pub fn is_held_out(prompt: &str) -> bool {
    crc32fast::hash(prompt.as_bytes()).is_multiple_of(10)
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand::SeedableRng;
    use rand_chacha::ChaCha8Rng;
    use std::collections::BTreeMap;

    #[test]
    fn answers_domains_and_split_agree_with_the_training_script() {
        let fixture = include_str!("../../../../tools/training/fixture.jsonl");
        let mut seen = BTreeMap::new();
        for line in fixture.lines() {
            let row: serde_json::Value = serde_json::from_str(line).unwrap();
            let question = Question::read(row["prompt"].as_str().unwrap()).unwrap();
            assert_eq!(question.domain().label(), row["domain"], "{line}");
            assert_eq!(question.answer(), row["answer"].as_str().unwrap(), "{line}");
            assert_eq!(is_held_out(&question.prompt()), row["held_out"].as_bool().unwrap(), "{line}");
            *seen.entry(question.domain()).or_insert(0) += 1;
        }
        assert!(seen.len() == Domain::ALL.len() && seen.values().all(|&n| n == 20), "{seen:?}");
    }

    #[test]
    fn probabilities_of_a_domain_sum_to_one() {
        for domain in [Domain::Mul, Domain::Mod, Domain::Rev] {
            let sum: f64 = domain.questions().map(|q| q.probability()).sum();
            assert!((sum - 1.0).abs() < 1e-9, "{domain:?}: {sum}");
        }
        let pairs: f64 = (0..=MAX_NUMBER).map(|a| Question::Add(a, 7).probability()).sum();
        assert!((pairs - Question::Mul(7, 1).probability() * 10.0).abs() < 1e-12);
        let counts: f64 = digit_strings().map(|s| Question::Count('4', s).probability()).sum();
        assert!((counts - 0.1).abs() < 1e-9, "{counts}");
    }

    #[test]
    fn draws_follow_the_probabilities_and_read_back() {
        let mut rng = ChaCha8Rng::seed_from_u64(11);
        for domain in Domain::ALL {
            let (n, mut one_digit) = (4000, 0);
            for _ in 0..n {
                let question = domain.draw(&mut rng);
                assert_eq!(Question::read(&question.prompt()).as_ref(), Some(&question));
                assert!(question.probability() > 0.0);
                one_digit += u32::from(match &question {
                    Question::Add(a, _) | Question::Sub(a, _) | Question::Mul(a, _) | Question::Mod(a, _) => *a < 10,
                    Question::Rev(s) | Question::Sort(s) | Question::Count(_, s) => s.len() == 3,
                });
            }
            // The shortest of three lengths has a third; four standard errors are 0.03.
            assert!((f64::from(one_digit) / f64::from(n) - 1.0 / 3.0).abs() < 0.03, "{domain:?}: {one_digit} of {n}");
        }
    }

    #[test]
    fn other_texts_are_no_questions() {
        for text in [
            "",
            "=",
            "1+1",
            "01+1=",
            "+1+1=",
            "1000+1=",
            "1*10=",
            "5%1=",
            "rev 12=",
            "rev 12a=",
            "count 33 123=",
            "1/2=",
        ] {
            assert_eq!(Question::read(text), None, "{text}");
        }
        assert_eq!(Question::read("7-35=").map(|q| q.answer()).as_deref(), Some("-28"));
    }
}
