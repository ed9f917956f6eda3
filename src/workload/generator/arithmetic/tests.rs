//! Reads every question again out of its text, and works it out with unreduced fractions.

use super::*;
use crate::domain::Item;
use crate::workload::generator::library::{Language, check};
use crate::workload::generator::prose::reading::{pattern, shown};
use rand::SeedableRng;

/// Numerator and denominator, as they come.
type Ratio = (i128, i128);

fn number(text: &str) -> Ratio {
    let text = text.replace(',', "");
    let (whole, part) = text.split_once('.').unwrap_or((&text, ""));
    (format!("{whole}{part}").parse().unwrap(), 10_i128.pow(u32::try_from(part.len()).unwrap()))
}

fn add((a, b): Ratio, (c, d): Ratio) -> Ratio {
    (a * d + c * b, b * d)
}

fn multiply((a, b): Ratio, (c, d): Ratio) -> Ratio {
    (a * c, b * d)
}

/// Works an expression out, left to right, products first.
struct Reader {
    symbols: Vec<String>,
    at: usize,
}

impl Reader {
    fn work_out(expression: &str) -> Ratio {
        let symbols = pattern(r"[0-9][0-9.,]*[0-9]|[0-9]|[-+×÷*/()]");
        let symbols = symbols.find_iter(expression).map(|found| found.as_str().to_owned()).collect();
        let mut reader = Self { symbols, at: 0 };
        let value = reader.sum();
        assert_eq!(reader.at, reader.symbols.len(), "{expression}");
        value
    }

    fn take(&mut self, any: &[&str]) -> Option<String> {
        let found = self.symbols.get(self.at).filter(|s| any.contains(&s.as_str())).cloned();
        self.at += usize::from(found.is_some());
        found
    }

    fn sum(&mut self) -> Ratio {
        let mut value = self.product();
        while let Some(sign) = self.take(&["+", "-"]) {
            let (n, d) = self.product();
            value = add(value, if sign == "-" { (-n, d) } else { (n, d) });
        }
        value
    }

    fn product(&mut self) -> Ratio {
        let mut value = self.atom();
        while let Some(sign) = self.take(&["×", "*", "÷", "/"]) {
            let (n, d) = self.atom();
            value = multiply(value, if matches!(sign.as_str(), "÷" | "/") { (d, n) } else { (n, d) });
        }
        value
    }

    fn atom(&mut self) -> Ratio {
        if self.take(&["("]).is_some() {
            let value = self.sum();
            self.take(&[")"]).expect("a closing bracket");
            return value;
        }
        self.at += 1;
        number(&self.symbols[self.at - 1])
    }
}

/// The question alone: the form of the answer has an example in it.
fn question(prompt: &str) -> &str {
    let forms = ONLY_THE_NUMBER.0.iter().chain(ONLY_THE_NUMBER.1).chain(LOWEST_TERMS.0).chain(LOWEST_TERMS.1);
    let form = forms.into_iter().find(|form| prompt.ends_with(**form)).expect("a form of the answer");
    prompt.strip_suffix(form).unwrap().trim_end()
}

/// What a question comes to, by its words.
fn solve(item: &Item) -> Result<(), String> {
    let asked = question(&item.messages[0].content);
    let expression = pattern(r"[(]*[0-9][0-9.]*[)]* ?[-+×÷*/] ?[-+×÷*/()0-9. ]*[0-9)]");
    let numbers: Vec<Ratio> = pattern(r"\d[\d,]*\d|\d").find_iter(asked).map(|found| number(found.as_str())).collect();
    let says = |words: &str| pattern(words).is_match(asked);
    let (a, b) = (numbers[0], *numbers.get(1).unwrap_or(&(0, 1)));
    let fractions: Vec<Ratio> =
        pattern(r"\d+/\d+").find_iter(asked).map(|found| Reader::work_out(found.as_str())).collect();
    let value = match &*item.tags.domain {
        "addition" if !asked.contains('+') => numbers.iter().copied().fold((0, 1), add),
        "subtraction" if says("^Subtract|^What do you get when you take") => add(b, (-a.0, a.1)),
        "subtraction" if !asked.contains(" - ") => add(a, (-b.0, b.1)),
        "multiplication" if !says("[×*]") => multiply(a, b),
        "division" if says("How many times|What number times|^哪个数") && !says("里面") => {
            let (a, b) = if says("^How") || says("^What number") || says("^哪个数") { (b, a) } else { (a, b) };
            multiply(a, (b.1, b.0))
        }
        "division" if !says("[÷/]") => multiply(a, (b.1, b.0)),
        "remainder" => {
            // By subtraction in steps of powers of ten, not by division.
            let swapped = says("^How many whole|^用");
            let (whole, divisor) = if swapped { (b.0, a.0) } else { (a.0, b.0) };
            let (mut left, mut count) = (whole, 0);
            for power in (0..12).rev() {
                let step = 10_i128.pow(power);
                while left >= divisor * step {
                    (left, count) = (left - divisor * step, count + step);
                }
            }
            if says("(?i)remainder (when|is left|of)|is the remainder|余数是|的余数。|余数为") {
                (left, 1)
            } else {
                (count, 1)
            }
        }
        "fractions" if says("\\d of \\d|的 \\d") => multiply(fractions[0], fractions[1]),
        "percentages" => percentages(asked, &numbers, says),
        _ => Reader::work_out(expression.find(asked).ok_or_else(|| format!("no expression in {asked}"))?.as_str()),
    };
    let [answer] = item.answers.as_slice() else { return Err("not one answer".into()) };
    let got = match answer.strip_prefix('-') {
        Some(rest) => multiply((-1, 1), Reader::work_out(rest)),
        None => Reader::work_out(answer),
    };
    let equal = got.0 * value.1 == value.0 * got.1;
    let reduced = !answer.contains('/') || (2..=got.1).all(|d| got.0 % d != 0 || got.1 % d != 0);
    let plain = !answer.contains('.') || !answer.ends_with('0');
    let positive = item.tags.domain.as_ref() != "remainder" || got.0 > 0;
    let fraction = item.tags.domain.as_ref() == "fractions" || !answer.contains('/');
    (equal && reduced && plain && positive && fraction)
        .then_some(())
        .ok_or_else(|| format!("{asked}: {answer} is not {value:?}"))
}

fn percentages(asked: &str, numbers: &[Ratio], says: impl Fn(&str) -> bool) -> Ratio {
    let [first, second] = [numbers[0], numbers[1]];
    if says("^A number (starts|grew)|^Take|^A reading|^After|^某|^从|^有一个|^一个") {
        if says("before\\?|at first\\?|原") {
            let (percent, now) = (first, second);
            return (now.0 * 100, 100 + percent.0);
        }
        let words = pattern(r"(rises|increased|增加|上升)|(falls|reduced|减少|下降)");
        let ups = words.captures_iter(asked).map(|found| found.get(1).is_some());
        let steps: Vec<(bool, Ratio)> = ups.zip(numbers[1..].iter().copied()).collect();
        assert_eq!(steps.len(), numbers.len() - 1, "{asked}");
        return steps.into_iter().fold(first, |value, (up, (percent, _))| {
            add(value, multiply(value, (if up { percent } else { -percent }, 100)))
        });
    }
    if says("^What percentage of|^Expressed") {
        return (second.0 * 100, first.0);
    }
    if says("is what percent|百分之几|百分之多少|百分比") {
        return (first.0 * 100, second.0);
    }
    (first.0 * second.0, 100)
}

#[test]
fn answers_are_what_the_texts_say() {
    check::verified(KIND.name, Arithmetic, solve);
}

#[test]
fn prompts_read_like_this() {
    insta::assert_snapshot!(shown(&Arithmetic));
}

#[test]
fn difficulty_makes_questions_longer() {
    for (domain, _) in Arithmetic.domains() {
        let digits = |difficulty| -> usize {
            let asked = (0..100).map(|seed| {
                let mut rng = ChaCha8Rng::seed_from_u64(seed);
                let wanted = Wanted { domain, difficulty, language: Language::Chinese };
                question(&Arithmetic.make(wanted, &mut rng).prompt).chars().filter(char::is_ascii_digit).count()
            });
            asked.sum()
        };
        let all: Vec<usize> = [1, 4, 7, 10].map(digits).to_vec();
        assert!(all.is_sorted() && all[3] * 2 > all[0] * 3, "{domain}: {all:?}");
    }
}
