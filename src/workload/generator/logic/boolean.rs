//! Domain `boolean`: simple statements on numbers, joined by words: which of the joined ones are true?

use super::super::library::{Language, Made, Wanted};
use super::super::phrase::{chance, closing, fill, said, shuffled};
use super::Puzzle;
use rand::RngExt;
use rand_chacha::ChaCha8Rng;
use std::collections::BTreeSet;

/// A joined statement.
enum Joined {
    Letter(usize),
    Not(Box<Self>),
    And(Box<Self>, Box<Self>),
    Or(Box<Self>, Box<Self>),
    OneOf(Box<Self>, Box<Self>),
    If(Box<Self>, Box<Self>),
}

/// What has to be said of some words, once for a puzzle that has them.
const LEGEND: &[(&str, &str, &str)] = &[
    ("or", "“X or Y” is also true when both are true.", "“X或Y”在两者都真时也为真。"),
    ("one", "“exactly one of X and Y” is false when both are true.", "“X、Y恰有一个为真”在两者都真时为假。"),
    ("if", "“if X, then Y” is false only when X is true and Y is false.", "“若X则Y”仅当X真而Y假时为假。"),
];

impl Joined {
    fn is_true(&self, values: &[bool]) -> bool {
        match self {
            Self::Letter(at) => values.get(*at).copied().unwrap_or(false),
            Self::Not(x) => !x.is_true(values),
            Self::And(x, y) => x.is_true(values) & y.is_true(values),
            Self::Or(x, y) => x.is_true(values) | y.is_true(values),
            Self::OneOf(x, y) => x.is_true(values) ^ y.is_true(values),
            Self::If(x, y) => !x.is_true(values) | y.is_true(values),
        }
    }

    /// Its text; a joined part of it stands in brackets.
    fn text(&self, language: Language, used: &mut BTreeSet<&'static str>) -> String {
        let (template, x, y) = match self {
            Self::Letter(at) => return ('P'..='Z').nth(*at).unwrap_or('P').to_string(),
            Self::Not(x) => (said(language, "not {x}", "并非{x}"), x, x),
            Self::And(x, y) => (said(language, "{x} and {y}", "{x}且{y}"), x, y),
            Self::Or(x, y) => {
                used.insert("or");
                (said(language, "{x} or {y}", "{x}或{y}"), x, y)
            }
            Self::OneOf(x, y) => {
                used.insert("one");
                (said(language, "exactly one of {x} and {y}", "{x}、{y}恰有一个为真"), x, y)
            }
            Self::If(x, y) => {
                used.insert("if");
                (said(language, "if {x}, then {y}", "若{x}则{y}"), x, y)
            }
        };
        let mut part = |joined: &Self| match (joined, joined.text(language, used)) {
            (Self::Letter(_), text) => text,
            (_, text) => format!("({text})"),
        };
        let (x, y) = (part(x), part(y));
        fill(template, &[("x", &x), ("y", &y)])
    }

    /// A random one with so many joints.
    fn random(rng: &mut ChaCha8Rng, joints: u32, letters: usize, difficulty: u32) -> Self {
        if joints == 0 {
            let letter = Self::Letter(rng.random_range(0..letters));
            return if chance(rng, 25) { Self::Not(Box::new(letter)) } else { letter };
        }
        if joints > 1 && chance(rng, 12) {
            return Self::Not(Box::new(Self::random(rng, joints - 1, letters, difficulty)));
        }
        let first = rng.random_range(0..joints);
        let x = Box::new(Self::random(rng, first, letters, difficulty));
        let y = Box::new(Self::random(rng, joints - 1 - first, letters, difficulty));
        match rng.random_range(0..if difficulty < 4 { 4 } else { 6 }) {
            0 | 1 => Self::And(x, y),
            2 | 3 => Self::Or(x, y),
            4 => Self::If(x, y),
            _ => Self::OneOf(x, y),
        }
    }
}

/// A simple statement and whether it is so.
fn simple(rng: &mut ChaCha8Rng, language: Language, difficulty: u32) -> (String, bool) {
    let most = 20 + 18 * i64::from(difficulty);
    let a = rng.random_range(2..most);
    let near = a + rng.random_range(1..9) * if chance(rng, 50) && a > 9 { -1 } else { 1 };
    let (x, y) = (a.to_string(), near.to_string());
    match rng.random_range(0..6) {
        0 => (fill(said(language, "{x} is greater than {y}", "{x}大于{y}"), &[("x", &x), ("y", &y)]), a > near),
        1 => (fill(said(language, "{x} is less than {y}", "{x}小于{y}"), &[("x", &x), ("y", &y)]), a < near),
        2 => (fill(said(language, "{x} is an even number", "{x}是偶数"), &[("x", &x)]), a % 2 == 0),
        3 => (fill(said(language, "{x} is an odd number", "{x}是奇数"), &[("x", &x)]), a % 2 == 1),
        4 => {
            let by = rng.random_range(3..9);
            let of = by * rng.random_range(3..most / 3 + 3) + if chance(rng, 50) { 0 } else { rng.random_range(1..by) };
            let (of_is, by_is) = (of.to_string(), by.to_string());
            let template = said(language, "{x} is divisible by {y}", "{x}能被{y}整除");
            (fill(template, &[("x", &of_is), ("y", &by_is)]), of % by == 0)
        }
        _ => {
            let b = rng.random_range(2..most);
            let sum = a
                + b
                + if chance(rng, 50) { 0 } else { *[-10, -2, -1, 1, 2, 10].get(rng.random_range(0..6)).unwrap_or(&1) };
            (format!("{a} + {b} = {sum}"), sum == a + b)
        }
    }
}

pub(super) fn make(wanted: Wanted, rng: &mut ChaCha8Rng) -> Made {
    let Wanted { difficulty, language, .. } = wanted;
    let letters = 2 + difficulty as usize / 2;
    let (mut lines, mut values) = (Vec::new(), Vec::new());
    for letter in ('P'..='Z').take(letters) {
        let (text, value) = simple(rng, language, difficulty);
        lines.push(format!("{letter}: {text}"));
        values.push(value);
    }
    let lines = shuffled(rng, &lines);
    let count = 1 + (difficulty as usize) / 3;
    let joined: Vec<Joined> = (0..count)
        .map(|_| {
            let joints = 1 + difficulty.div_ceil(3) + u32::from(chance(rng, 40));
            Joined::random(rng, joints, letters, difficulty)
        })
        .collect();
    let mut used = BTreeSet::new();
    let texts: Vec<String> = joined.iter().map(|one| one.text(language, &mut used)).collect();
    let legend = LEGEND.iter().filter(|(word, ..)| used.contains(word));
    let legend: Vec<&str> = legend.map(|(_, english, chinese)| said(language, *english, *chinese)).collect();
    let right = joined.iter().filter(|one| one.is_true(&values)).count();
    let mut intro = said(language, "Each letter stands for a statement:", "每个字母代表一个命题：").to_owned();
    if !legend.is_empty() {
        let legend = legend.join(said(language, " ", ""));
        intro = fill(
            said(language, "{legend} Each letter stands for a statement:", "{legend}每个字母代表一个命题："),
            &[("legend", &legend)],
        );
    }
    let (ask, what, answers) = if count == 1 {
        let (yes, no): (&[&str], &[&str]) = said(language, (&["true"], &["false"]), (&["真", "真的"], &["假", "假的"]));
        let ask = said(language, "Is the following true or false: {s}", "下面的复合命题是真还是假：{s}");
        let ask = fill(ask, &[("s", texts.first().map_or("", |text| text))]);
        let answers = if right == 1 { yes } else { no };
        (
            ask,
            said(language, "the word “true” or “false”", "“真”或“假”"),
            answers.iter().map(|a| (*a).to_owned()).collect(),
        )
    } else {
        let list: Vec<String> = texts.iter().zip(1..).map(|(text, number)| format!("({number}) {text}")).collect();
        let ask = said(language, "How many of the following are true?", "下列复合命题中有几个为真？");
        (
            format!("{ask}\n{}", list.join("\n")),
            said(language, "the number in digits", "阿拉伯数字"),
            vec![right.to_string()],
        )
    };
    let form = closing(rng, language, what);
    Puzzle { intro, body: lines.join("\n"), ask, form }.made(answers)
}
