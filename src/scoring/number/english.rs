//! English numerals in words: forty-two, one hundred and five, three million, two thirds, three and a half, minus five.

use super::value::Value;

const SMALL: [&str; 20] = [
    "zero",
    "one",
    "two",
    "three",
    "four",
    "five",
    "six",
    "seven",
    "eight",
    "nine",
    "ten",
    "eleven",
    "twelve",
    "thirteen",
    "fourteen",
    "fifteen",
    "sixteen",
    "seventeen",
    "eighteen",
    "nineteen",
];
const TENS: [&str; 8] = ["twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"];
const SCALES: [(&str, i128); 4] =
    [("thousand", 1_000), ("million", 1_000_000), ("billion", 1_000_000_000), ("trillion", 1_000_000_000_000)];
const PARTS: [(&str, i128); 17] = [
    ("half", 2),
    ("halves", 2),
    ("third", 3),
    ("thirds", 3),
    ("quarter", 4),
    ("quarters", 4),
    ("fourth", 4),
    ("fourths", 4),
    ("fifth", 5),
    ("fifths", 5),
    ("sixth", 6),
    ("sixths", 6),
    ("eighth", 8),
    ("eighths", 8),
    ("tenth", 10),
    ("tenths", 10),
    ("hundredths", 100),
];

/// The longest numeral that is read, in words.
const LONGEST: usize = 24;

/// A numeral at the beginning of a text: its value, whether it is a percentage, how many words it takes, and what
/// follows.
#[must_use]
pub fn numeral(text: &str) -> Option<(Value, bool, usize, &str)> {
    let mut words = Words { rest: text };
    let negative = matches!(words.peek().as_str(), "minus" | "negative");
    if negative {
        words.next();
    }
    let (value, count) = amount(&mut words)?;
    let percent = match words.peek().as_str() {
        "percent" => {
            words.next();
            true
        }
        _ => false,
    };
    Some((if negative { value.negated() } else { value }, percent, count, words.rest))
}

struct Words<'t> {
    rest: &'t str,
}

impl<'t> Words<'t> {
    /// The next word in lower case; empty where none follows at once.
    fn peek(&self) -> String {
        self.split().0.to_ascii_lowercase()
    }

    fn split(&self) -> (&'t str, &'t str) {
        let start = self.rest.trim_start_matches([' ', '-', '\u{2009}']);
        let end = start.find(|c: char| !c.is_ascii_alphabetic()).unwrap_or(start.len());
        start.split_at_checked(end).unwrap_or((start, ""))
    }

    fn next(&mut self) {
        self.rest = self.split().1;
    }
}

/// Whole, part, or whole and part.
fn amount(words: &mut Words<'_>) -> Option<(Value, usize)> {
    let first = words.peek();
    // a thousand
    if first == "a" {
        let mut after = Words { rest: words.rest };
        after.next();
        let next = after.peek();
        if let Some((_, many)) = [("hundred", 100)].iter().chain(&SCALES).find(|(word, _)| *word == next) {
            after.next();
            words.rest = after.rest;
            return Some((Value::integer(*many), 2));
        }
    }
    // a half, a quarter; a dozen; half; half a million
    if first == "half" {
        words.next();
        let mut after = Words { rest: words.rest };
        if after.peek() == "a" {
            after.next();
            let next = after.peek();
            let many = [("dozen", 12), ("hundred", 100)].into_iter().chain(SCALES).find(|(word, _)| *word == next);
            if let Some((_, many)) = many {
                after.next();
                words.rest = after.rest;
                return Some((part(many, 2)?, 3));
            }
        }
        return Some((part(1, 2)?, 1));
    }
    if first == "a" || first == "an" {
        let mut after = Words { rest: words.rest };
        after.next();
        let next = after.peek();
        let value = match next.as_str() {
            "dozen" => Some(Value::integer(12)),
            "hundred" | "thousand" | "million" | "billion" => None,
            _ => PARTS.iter().find(|(word, _)| *word == next).and_then(|(_, d)| part(1, *d)),
        };
        if let Some(value) = value {
            after.next();
            words.rest = after.rest;
            return Some((value, 2));
        }
    }
    let (whole, mut count) = integer(words)?;
    let next = words.peek();
    if let Some((_, denominator)) = PARTS.iter().find(|(word, _)| *word == next) {
        words.next();
        return Some((part(whole, *denominator)?, count + 1));
    }
    if next == "dozen" {
        words.next();
        return Some((Value::integer(whole.checked_mul(12)?), count + 1));
    }
    let mut value = Value::integer(whole);
    // three and a half
    let mut after = Words { rest: words.rest };
    if after.peek() == "and" {
        after.next();
        if matches!(after.peek().as_str(), "a" | "an" | "one") {
            after.next();
            let word = after.peek();
            if let Some((_, denominator)) = PARTS.iter().find(|(part, _)| *part == word) {
                after.next();
                value = value.sum(&part(1, *denominator)?)?;
                (words.rest, count) = (after.rest, count + 3);
                // one and a half million
                let scale = words.peek();
                if let Some((_, many)) = SCALES.iter().find(|(word, _)| *word == scale) {
                    words.next();
                    (value, count) = (value.product(&Value::integer(*many))?, count + 1);
                }
            }
        }
    }
    // three point one four
    let mut after = Words { rest: words.rest };
    if after.peek() == "point" {
        after.next();
        let mut digits = String::from("0.");
        while let Some(digit) = SMALL.iter().take(10).position(|w| *w == after.peek()) {
            digits.push(char::from_digit(u32::try_from(digit).ok()?, 10)?);
            after.next();
            if digits.len() > LONGEST {
                return None;
            }
        }
        if digits.len() > 2 {
            value = value.sum(&Value::decimal(&digits, 0)?)?;
            (words.rest, count) = (after.rest, count + digits.len() - 1);
        }
    }
    Some((value, count))
}

fn part(numerator: i128, denominator: i128) -> Option<Value> {
    Value::integer(numerator).quotient(&Value::integer(denominator))
}

/// A whole number in words, with how many words it takes.
fn integer(words: &mut Words<'_>) -> Option<(i128, usize)> {
    let (mut total, mut section, mut count) = (0_i128, 0_i128, 0_usize);
    // What may still be added to the section: below 100 after "hundred", below 10 after a ten.
    let mut room = 1_000_i128;
    while count < LONGEST {
        let word = words.peek();
        let small = SMALL.iter().position(|w| *w == word).and_then(|n| i128::try_from(n).ok());
        let ten = TENS.iter().position(|w| *w == word).and_then(|n| i128::try_from(n).ok()).map(|n| (n + 2) * 10);
        if let Some(n) = small.filter(|n| *n < room && (room > 10 || *n > 0)) {
            (section, room) = (section + n, 0);
        } else if let Some(n) = ten.filter(|n| *n < room) {
            (section, room) = (section + n, 10);
        } else if word == "hundred" && (1..100).contains(&section) {
            (section, room) = (section.checked_mul(100)?, 100);
        } else if let Some((_, scale)) = SCALES.iter().find(|(w, _)| *w == word).filter(|_| section > 0) {
            if total > 0 && total % scale != 0 {
                return None;
            }
            total = total.checked_add(section.checked_mul(*scale)?)?;
            (section, room) = (0, 1_000);
        } else if word == "and" && count > 0 {
            // "one hundred and five" goes on; "five and six" and "five and a half" don't.
            let mut after = Words { rest: words.rest };
            after.next();
            let next = after.peek();
            let goes_on = SMALL.contains(&next.as_str()) && next != "zero" || TENS.contains(&next.as_str());
            let open = room == 100 || (room == 1_000 && total > 0);
            let is_part = {
                let mut behind = Words { rest: after.rest };
                behind.next();
                PARTS.iter().any(|(part, _)| *part == behind.peek())
            };
            if !(goes_on && open) || is_part {
                break;
            }
            words.next();
            continue;
        } else {
            break;
        }
        words.next();
        count += 1;
    }
    (count > 0).then_some((total.checked_add(section)?, count))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn numerals_are_read() {
        for (text, want, rest) in [
            ("forty-two", Some("42"), ""),
            ("Forty two apples", Some("42"), " apples"),
            ("zero", Some("0"), ""),
            ("nineteen", Some("19"), ""),
            ("one hundred and five", Some("105"), ""),
            ("two thousand twenty-four", Some("2024"), ""),
            ("three hundred million", Some("300000000"), ""),
            ("one million two hundred thousand and three", Some("1200003"), ""),
            ("twelve hundred", Some("1200"), ""),
            ("minus five", Some("-5"), ""),
            ("two thirds of it", Some("2/3"), " of it"),
            ("three and a half", Some("3.5"), ""),
            ("a half", Some("0.5"), ""),
            ("one-half", Some("0.5"), ""),
            ("three point one four", Some("3.14"), ""),
            ("a dozen", Some("12"), ""),
            ("half a million people", Some("500000"), " people"),
            ("half a dozen", Some("6"), ""),
            ("half a cake", Some("0.5"), " a cake"),
            ("five and six", Some("5"), " and six"),
            ("twenty thirty", Some("20"), " thirty"),
            ("five hundred thousand", Some("500000"), ""),
            ("hundred", None, ""),
            ("tensor", None, ""),
            ("someone", None, ""),
        ] {
            let got = numeral(text);
            assert_eq!(got.as_ref().map(|(v, ..)| v.to_string()).as_deref(), want, "{text}");
            assert_eq!(got.map_or("", |(.., rest)| rest), rest, "{text}");
        }
        assert!(numeral("fifty percent").is_some_and(|(_, percent, ..)| percent));
    }

    proptest! {
        #[test]
        fn any_words_are_read_or_refused(text in "((one|two|ten|ninety|hundred|thousand|trillion|and|a|half|point|minus|percent)[ -]?){0,60}") {
            let _ = numeral(&text);
        }
    }
}
