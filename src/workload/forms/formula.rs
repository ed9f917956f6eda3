//! Formulas of items: integers and exact fractions, bounded in length, depth and size; no loops, no names but those given.
//!
//! `a * b + c`, `(a - b) / 2`, `a // b`, `a % b`, `2 ^ a`, `min(a, b)`, `max`, `abs`, `floor`, `ceil`; conditions compare
//! two with `<`, `<=`, `>`, `>=`, `=` or `!=`.

use std::collections::BTreeMap;

/// Bytes of a formula at the most.
const LONGEST: usize = 512;
/// Brackets within brackets at the most.
const DEEPEST: u32 = 32;
/// The largest exponent.
const EXPONENT: i128 = 64;

/// Quantities by name.
pub(super) type Values = BTreeMap<String, i128>;

/// An exact fraction in lowest terms, its denominator above 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Ratio {
    top: i128,
    bottom: i128,
}

impl Ratio {
    fn new(top: i128, bottom: i128) -> Result<Self, String> {
        if bottom == 0 {
            return Err("divides by 0".into());
        }
        let common = gcd(top.unsigned_abs(), bottom.unsigned_abs()).max(1);
        let common = i128::try_from(common).map_err(|_| too_large())?;
        let sign = if bottom < 0 { -1 } else { 1 };
        let part = |n: i128| (n / common).checked_mul(sign).ok_or_else(too_large);
        Ok(Self { top: part(top)?, bottom: part(bottom)? })
    }

    const fn whole(n: i128) -> Self {
        Self { top: n, bottom: 1 }
    }

    fn floor(self) -> i128 {
        self.top.div_euclid(self.bottom)
    }

    /// As an answer: a whole number, a decimal where it ends within six places, else a fraction.
    pub(super) fn text(self) -> String {
        let Self { top, bottom } = self;
        if bottom == 1 {
            return top.to_string();
        }
        let ends = (1..=6_u32).find_map(|places| {
            Some((places, top.checked_mul(10_i128.pow(places))? / bottom)).filter(|_| 10_i128.pow(places) % bottom == 0)
        });
        match ends {
            Some((places, digits)) => {
                let (sign, digits) = (if digits < 0 { "-" } else { "" }, digits.unsigned_abs());
                let unit = 10_u128.pow(places);
                format!("{sign}{}.{:0width$}", digits / unit, digits % unit, width = places as usize)
            }
            None => format!("{top}/{bottom}"),
        }
    }
}

const fn gcd(mut a: u128, mut b: u128) -> u128 {
    while b != 0 {
        (a, b) = (b, a % b);
    }
    a
}

fn too_large() -> String {
    "a value is too large".into()
}

/// The value of a formula.
///
/// # Errors
/// In words: what can't be read, a name that is not given, a division by 0, a value beyond bounds.
pub(super) fn value(formula: &str, values: &Values) -> Result<Ratio, String> {
    let mut reader = Reader::new(formula, values)?;
    let result = reader.sum()?;
    reader.end()?;
    Ok(result)
}

/// Whether a condition holds.
///
/// # Errors
/// As [`value`]; also where there is no comparison.
pub(super) fn holds(condition: &str, values: &Values) -> Result<bool, String> {
    let mut reader = Reader::new(condition, values)?;
    let left = reader.sum()?;
    let sign = ["<=", ">=", "!=", "==", "<", ">", "="].into_iter().find(|sign| reader.takes(sign));
    let sign = sign.ok_or("expected a comparison, such as a > b")?;
    let right = reader.sum()?;
    reader.end()?;
    let order = product(left.top, right.bottom)?.cmp(&product(right.top, left.bottom)?);
    Ok(match sign {
        "<=" => order.is_le(),
        ">=" => order.is_ge(),
        "!=" => order.is_ne(),
        "<" => order.is_lt(),
        ">" => order.is_gt(),
        _ => order.is_eq(),
    })
}

fn product(a: i128, b: i128) -> Result<i128, String> {
    a.checked_mul(b).ok_or_else(too_large)
}

struct Reader<'a> {
    rest: &'a str,
    values: &'a Values,
    depth: u32,
}

impl<'a> Reader<'a> {
    fn new(text: &'a str, values: &'a Values) -> Result<Self, String> {
        if text.len() > LONGEST {
            return Err(format!("is longer than {LONGEST} bytes"));
        }
        Ok(Self { rest: text.trim_start(), values, depth: 0 })
    }

    fn takes(&mut self, word: &str) -> bool {
        match self.rest.strip_prefix(word) {
            Some(rest) => {
                self.rest = rest.trim_start();
                true
            }
            None => false,
        }
    }

    fn end(&self) -> Result<(), String> {
        if self.rest.is_empty() { Ok(()) } else { Err(format!("can't be read from {:?} on", self.rest)) }
    }

    fn sum(&mut self) -> Result<Ratio, String> {
        let mut all = self.term()?;
        loop {
            let sign = if self.takes("+") || self.takes("＋") {
                1
            } else if self.takes("-") {
                -1
            } else {
                return Ok(all);
            };
            let next = self.term()?;
            let (left, right) = (product(all.top, next.bottom)?, product(next.top, all.bottom)?);
            let top = left.checked_add(product(right, sign)?).ok_or_else(too_large)?;
            all = Ratio::new(top, product(all.bottom, next.bottom)?)?;
        }
    }

    fn term(&mut self) -> Result<Ratio, String> {
        let mut all = self.signed()?;
        loop {
            all = if self.takes("//") {
                Ratio::whole(divided(all, self.signed()?)?.floor())
            } else if self.takes("*") {
                let by = self.signed()?;
                Ratio::new(product(all.top, by.top)?, product(all.bottom, by.bottom)?)?
            } else if self.takes("/") {
                divided(all, self.signed()?)?
            } else if self.takes("%") {
                let by = self.signed()?;
                if all.bottom != 1 || by.bottom != 1 || by.top <= 0 {
                    return Err("% takes whole numbers, and one above 0 on its right".into());
                }
                Ratio::whole(all.top.rem_euclid(by.top))
            } else {
                return Ok(all);
            };
        }
    }

    fn signed(&mut self) -> Result<Ratio, String> {
        if !self.takes("-") {
            return self.power();
        }
        self.deeper()?;
        let Ratio { top, bottom } = self.signed()?;
        self.depth -= 1;
        Ratio::new(product(top, -1)?, bottom)
    }

    fn power(&mut self) -> Result<Ratio, String> {
        let base = self.atom()?;
        if !self.takes("^") {
            return Ok(base);
        }
        self.deeper()?;
        let by = self.signed()?;
        self.depth -= 1;
        if by.bottom != 1 || !(0..=EXPONENT).contains(&by.top) {
            return Err(format!("an exponent is a whole number from 0 to {EXPONENT}"));
        }
        let by = u32::try_from(by.top).map_err(|_| too_large())?;
        let raised = |n: i128| n.checked_pow(by).ok_or_else(too_large);
        Ratio::new(raised(base.top)?, raised(base.bottom)?)
    }

    fn deeper(&mut self) -> Result<(), String> {
        self.depth += 1;
        if self.depth > DEEPEST { Err(format!("is nested more than {DEEPEST} deep")) } else { Ok(()) }
    }

    fn atom(&mut self) -> Result<Ratio, String> {
        if self.takes("(") {
            self.deeper()?;
            let inner = self.sum()?;
            self.depth -= 1;
            return if self.takes(")") { Ok(inner) } else { Err("a bracket is not closed".into()) };
        }
        let length =
            self.rest.find(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, '_' | '.'))).unwrap_or(self.rest.len());
        let (word, rest) = self.rest.split_at_checked(length).unwrap_or((self.rest, ""));
        self.rest = rest.trim_start();
        match word.chars().next() {
            None => Err("a number or a name is missing".into()),
            Some(c) if c.is_ascii_digit() => number(word),
            Some(_) if self.takes("(") => self.call(word),
            Some(_) => match self.values.get(word) {
                Some(n) => Ok(Ratio::whole(*n)),
                None => Err(format!("{word:?} is no quantity")),
            },
        }
    }

    fn call(&mut self, name: &str) -> Result<Ratio, String> {
        self.deeper()?;
        let first = self.sum()?;
        let second = if self.takes(",") { Some(self.sum()?) } else { None };
        self.depth -= 1;
        if !self.takes(")") {
            return Err("a bracket is not closed".into());
        }
        let less = |a: Ratio, b: Ratio| Ok::<_, String>(product(a.top, b.bottom)? <= product(b.top, a.bottom)?);
        match (name, second) {
            ("abs", None) => Ratio::new(first.top.checked_abs().ok_or_else(too_large)?, first.bottom),
            ("floor", None) => Ok(Ratio::whole(first.floor())),
            ("ceil", None) => Ok(Ratio::whole(-Ratio::new(product(first.top, -1)?, first.bottom)?.floor())),
            ("min", Some(second)) => Ok(if less(first, second)? { first } else { second }),
            ("max", Some(second)) => Ok(if less(first, second)? { second } else { first }),
            _ => Err(format!("{name} is no function here: there are abs, floor, ceil of one, min and max of two")),
        }
    }
}

fn divided(a: Ratio, b: Ratio) -> Result<Ratio, String> {
    Ratio::new(product(a.top, b.bottom)?, product(a.bottom, b.top)?)
}

/// A whole number or a decimal.
fn number(word: &str) -> Result<Ratio, String> {
    let wrong = || format!("{word:?} is no number");
    let (whole, part) = word.split_once('.').unwrap_or((word, ""));
    if part.len() > 18 || (word.contains('.') && part.is_empty()) {
        return Err(wrong());
    }
    let digits: i128 = format!("{whole}{part}").parse().map_err(|_| wrong())?;
    Ratio::new(digits, 10_i128.pow(u32::try_from(part.len()).unwrap_or(0)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn values() -> Values {
        [("a", 7), ("b", 2), ("price_each", 12)].map(|(k, v)| (k.to_owned(), v)).into()
    }

    #[test]
    fn values_are_exact() {
        for (formula, want) in [
            ("a*b+price_each", "26"),
            ("a - b - 1", "4"),
            ("a / b", "3.5"),
            ("a / 3", "7/3"),
            ("a // b * b + a % b", "7"),
            ("-a // b", "-4"),
            ("2 ^ 3 ^ 2", "512"),
            ("-2 ^ 2", "-4"),
            ("(a + b) * (a - b)", "45"),
            ("min(a, b) + max(a, b) + abs(0 - a)", "16"),
            ("floor(a / b) + ceil(a / b) + ceil(-a / b)", "4"),
            ("0.1 + 0.2", "0.3"),
            ("-1 / 8", "-0.125"),
            ("1.5 * 4", "6"),
        ] {
            assert_eq!(value(formula, &values()).unwrap().text(), want, "{formula}");
        }
        for (condition, want) in [("a > b", true), ("a % b = 0", false), ("a / b <= 3.5", true), ("a != 7", false)] {
            assert_eq!(holds(condition, &values()), Ok(want), "{condition}");
        }
    }

    #[test]
    fn what_cannot_be_worked_out_is_told() {
        for (formula, want) in [
            ("a +", "a number or a name is missing"),
            ("a b", "can't be read from \"b\" on"),
            ("(a", "a bracket is not closed"),
            ("c", "\"c\" is no quantity"),
            ("a / (b - 2)", "divides by 0"),
            ("9 ^ 9 ^ 9 ^ 9", "an exponent is a whole number from 0 to 64"),
            ("9 ^ 64", "a value is too large"),
            ("exec(a)", "exec is no function here: there are abs, floor, ceil of one, min and max of two"),
            ("1.2.3", "\"1.2.3\" is no number"),
            ("a ; b", "can't be read from \"; b\" on"),
        ] {
            assert_eq!(value(formula, &values()), Err(want.to_owned()), "{formula}");
        }
        assert!(value(&"(".repeat(400), &values()).unwrap_err().contains("nested"));
        assert!(value(&"-".repeat(400), &values()).unwrap_err().contains("nested"));
        assert!(value(&"1+".repeat(400), &values()).unwrap_err().contains("longer"));
        assert!(holds("a + b", &values()).is_err());
    }

    proptest! {
        #[test]
        fn any_text_is_worked_out_or_refused(text in "[ab0-9+*/%^()., -]{0,40}|.{0,20}") {
            let _ = value(&text, &values());
            let _ = holds(&text, &values());
        }
    }
}
