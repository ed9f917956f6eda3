//! Works out the last sum in a text: integers joined by +, - and *, products first.

use std::iter::Peekable;
use std::str::Chars;

/// One piece of a text, as far as sums go.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Piece {
    Number(i128),
    Plus,
    Minus,
    Times,
    Other,
}

/// The value of the last sum of at least two numbers; none without one, or where it leaves the range of `i128`.
pub(super) fn last_sum(text: &str) -> Option<i128> {
    let pieces = pieces(text);
    let mut found = None;
    let mut rest: &[Piece] = &pieces;
    while !rest.is_empty() {
        let (value, used) = sum(rest);
        found = value.or(found);
        rest = rest.get(used.max(1)..).unwrap_or_default();
    }
    found.flatten()
}

/// A sum at the start of the pieces: its value (none inside where it overflows), and how many pieces it took.
fn sum(pieces: &[Piece]) -> (Option<Option<i128>>, usize) {
    let mut rest = pieces.iter().copied().peekable();
    let Some((first, mut used)) = signed(&mut rest) else { return (None, 0) };
    let (mut total, mut product) = (Some(0_i128), Some(first));
    let mut terms = 1;
    while let Some(operator) = rest.next_if(|p| matches!(p, Piece::Plus | Piece::Minus | Piece::Times)) {
        let Some((number, took)) = signed(&mut rest) else { break };
        match operator {
            Piece::Times => product = product.and_then(|p| p.checked_mul(number)),
            _ => {
                total = total.zip(product).and_then(|(t, p)| t.checked_add(p));
                product = if operator == Piece::Minus { number.checked_neg() } else { Some(number) };
            }
        }
        used += 1 + took;
        terms += 1;
    }
    let value = total.zip(product).and_then(|(t, p)| t.checked_add(p));
    ((terms > 1).then_some(value), used)
}

/// A number, with its sign if it has one, and how many pieces it took.
fn signed(rest: &mut Peekable<impl Iterator<Item = Piece>>) -> Option<(i128, usize)> {
    let negative = rest.next_if_eq(&Piece::Minus).is_some();
    match rest.next_if(|p| matches!(p, Piece::Number(_)))? {
        Piece::Number(n) if negative => Some((n.checked_neg()?, 2)),
        Piece::Number(n) => Some((n, 1)),
        _ => None,
    }
}

fn pieces(text: &str) -> Vec<Piece> {
    let mut pieces = Vec::new();
    let mut rest = text.chars().peekable();
    while let Some(&c) = rest.peek() {
        if c.is_ascii_digit() {
            pieces.push(number(&mut rest));
            continue;
        }
        rest.next();
        match c {
            '+' => pieces.push(Piece::Plus),
            '-' | '−' => pieces.push(Piece::Minus),
            '*' | '×' => pieces.push(Piece::Times),
            c if c.is_whitespace() => {}
            _ => pieces.push(Piece::Other),
        }
    }
    pieces
}

/// Digits; with a point or comma inside, or too many of them, they are no integer that we work with.
fn number(rest: &mut Peekable<Chars<'_>>) -> Piece {
    let mut digits = String::new();
    loop {
        while let Some(c) = rest.next_if(char::is_ascii_digit) {
            digits.push(c);
        }
        let mut ahead = rest.clone();
        let inner =
            ahead.next().is_some_and(|c| matches!(c, '.' | ',')) && ahead.next().is_some_and(|c| c.is_ascii_digit());
        if !inner {
            return digits.parse().map_or(Piece::Other, Piece::Number);
        }
        digits.extend(rest.next());
    }
}

#[cfg(test)]
mod tests {
    use super::last_sum;
    use proptest::prelude::*;

    #[test]
    fn sums_are_found_and_worked_out() {
        let cases = [
            ("12+30=", Some(42)),
            ("12 + 30 = ?", Some(42)),
            ("What is 2 + 3 * 4 - 5?", Some(9)),
            ("-3+5", Some(2)),
            ("7 - -2 =", Some(9)),
            ("2*-3", Some(-6)),
            ("6 × 7 − 1", Some(41)),
            ("First 1+1, then 20 + 22.", Some(42)),
            ("add: 007+1=", Some(8)),
            ("3 +", None),
            ("42", None),
            ("1.5+2", None),
            ("1,000 + 2", None),
            ("", None),
            ("Why?", None),
            ("1+99999999999999999999999999999999999999999", None),
            ("170141183460469231731687303715884105727+1", None),
        ];
        for (text, value) in cases {
            assert_eq!(last_sum(text), value, "{text}");
        }
    }

    proptest! {
        #[test]
        fn any_text_is_survived(text in "\\PC*") {
            let _ = last_sum(&text);
        }

        #[test]
        fn three_terms_agree_with_the_machine(a in -999_i128..999, b in -999_i128..999, c in 0_i128..999) {
            prop_assert_eq!(last_sum(&format!("{a}+{b}*{c}=")), Some(a + b * c));
            prop_assert_eq!(last_sum(&format!("So {a} * {b} - {c} = ?")), Some(a * b - c));
        }
    }
}
