//! Expressions of whole numbers with brackets, made as a tree that is written down with no more brackets than it needs.

use super::work_out;
use crate::workload::generator::prose::Teller;

/// The signs of a question.
struct Signs {
    times: &'static str,
    by: &'static str,
}

/// How tightly an expression holds together.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Level {
    Sum,
    Product,
    Number,
}

struct Node {
    text: String,
    value: i64,
    level: Level,
}

impl Node {
    /// In brackets where it holds together less than it must.
    fn within(&self, least: Level) -> String {
        if self.level < least { format!("({})", self.text) } else { self.text.clone() }
    }
}

/// Values beyond this are not multiplied any further.
const LARGE: i64 = 100_000;

/// A question with as many operators as the difficulty says, and one more.
pub fn ask(tell: &mut Teller<'_>, difficulty: u32) -> (String, String) {
    let signs = match tell.chance(2, 3) {
        true => Signs { times: "×", by: "÷" },
        false => Signs { times: "*", by: "/" },
    };
    let node = tree(tell, difficulty + 1, 9 + 3 * i64::from(difficulty), &signs);
    (work_out(tell, &node.text), node.value.to_string())
}

/// An expression with so many operators, its numbers no greater than `most`.
fn tree(tell: &mut Teller<'_>, operators: u32, most: i64, signs: &Signs) -> Node {
    if operators == 0 {
        let value = tell.between(2..=most);
        return Node { text: value.to_string(), value, level: Level::Number };
    }
    let left = operators - 1 - u32::try_from(tell.place(operators as usize)).unwrap_or(0);
    if tell.chance(1, 4) {
        // A quotient without a remainder: its divisor is chosen by what is to be divided.
        let whole = tree(tell, operators - 1, most, signs);
        let divisors: Vec<i64> = (2..=12).filter(|d| whole.value != 0 && whole.value % d == 0).collect();
        if !divisors.is_empty() {
            let divisor = tell.pick(&divisors);
            let text = format!("{} {} {divisor}", whole.within(Level::Product), signs.by);
            return Node { text, value: whole.value / divisor, level: Level::Product };
        }
        let last = tree(tell, 0, most, signs);
        return sum(tell, &whole, &last);
    }
    let (a, b) = (tree(tell, left, most, signs), tree(tell, operators - 1 - left, most, signs));
    if tell.chance(1, 2) && a.value.abs() < LARGE && b.value.abs() < LARGE {
        let text = format!("{} {} {}", a.within(Level::Product), signs.times, b.within(Level::Number));
        return Node { text, value: a.value * b.value, level: Level::Product };
    }
    sum(tell, &a, &b)
}

fn sum(tell: &mut Teller<'_>, a: &Node, b: &Node) -> Node {
    let (text, value) = if tell.chance(1, 2) {
        (format!("{} + {}", a.text, b.within(Level::Product)), a.value + b.value)
    } else {
        (format!("{} - {}", a.text, b.within(Level::Product)), a.value - b.value)
    };
    Node { text, value, level: Level::Sum }
}
