//! Generator `arithmetic`: calculations with whole numbers, decimals, fractions and percentages, each with its exact
//! answer. The fields are those of the [library](super::library).
//!
//! Difficulty is the number of digits, of operands, and of operators with their brackets. Scorer `number`.

mod expression;

use super::fraction::{Fraction, point};
use super::library::{Library, Made, Maker, Wanted};
use super::prose::{ONLY_THE_NUMBER, Sentence, Teller, written};
use super::{Generator, Kind};
use rand_chacha::ChaCha8Rng;
use std::sync::Arc;

/// The line in the table of generators.
pub const KIND: Kind = Kind {
    name: "arithmetic",
    about: "calculations: whole numbers, remainders, decimals, fractions, percentages, expressions with brackets",
    build: |section| {
        Library::build(section, "arithmetic/1", Arithmetic).map(|library| Arc::new(library) as Arc<dyn Generator>)
    },
};

/// The maker.
pub struct Arithmetic;

const CAPABILITY: &str = "arithmetic";

impl Maker for Arithmetic {
    fn domains(&self) -> &'static [(&'static str, &'static str)] {
        &[
            ("addition", CAPABILITY),
            ("subtraction", CAPABILITY),
            ("multiplication", CAPABILITY),
            ("division", CAPABILITY),
            ("remainder", CAPABILITY),
            ("decimals", CAPABILITY),
            ("fractions", CAPABILITY),
            ("percentages", CAPABILITY),
            ("expressions", CAPABILITY),
        ]
    }

    fn make(&self, wanted: Wanted, rng: &mut ChaCha8Rng) -> Made {
        let mut tell = Teller::new(wanted.language, rng);
        let (difficulty, tell) = (wanted.difficulty, &mut tell);
        let (question, answer, form) = match wanted.domain {
            "addition" => numeric(addition(tell, difficulty)),
            "subtraction" => numeric(subtraction(tell, difficulty)),
            "multiplication" => numeric(multiplication(tell, difficulty)),
            "division" => numeric(division(tell, difficulty)),
            "remainder" => numeric(remainder(tell, difficulty)),
            "decimals" => numeric(decimals(tell, difficulty)),
            "fractions" => {
                let (question, answer) = fractions(tell, difficulty);
                (question, answer, LOWEST_TERMS)
            }
            "percentages" => numeric(percentages(tell, difficulty)),
            _ => numeric(expression::ask(tell, difficulty)),
        };
        Made { prompt: tell.ask(&question, form), answers: vec![answer], ..Made::default() }
    }
}

fn numeric((question, answer): (String, String)) -> (String, String, Sentence) {
    (question, answer, ONLY_THE_NUMBER)
}

/// The form of an answer that is a fraction.
const LOWEST_TERMS: Sentence = (
    &[
        "Give only the result, as a fraction in lowest terms such as 7/12 (or as a whole number if it is one).",
        "Answer with a fraction in lowest terms, written like 7/12, and nothing else; if it is a whole number, write that.",
        "Write the answer as a reduced fraction like 7/12 (improper if need be), or as a whole number where it is one.",
    ],
    &[
        "只给出结果，写成最简分数，例如 7/12；如果是整数就写整数。",
        "答案用最简分数表示（形如 7/12，可以是假分数），结果为整数时直接写整数。",
        "请只回答最简分数（写法如 7/12）；若结果是整数，写整数即可。",
    ],
);

/// An expression to be worked out.
const WORK_OUT: Sentence = (
    &[
        "What is {e}?",
        "Calculate {e}.",
        "Work out {e}.",
        "Find the value of {e}.",
        "Please compute {e}.",
        "How much is {e}?",
        "Evaluate {e}.",
        "What does {e} come to?",
        "I need the result of {e}, please.",
        "{e} = ?",
    ],
    &[
        "{e} 等于多少？",
        "计算：{e}。",
        "求 {e} 的值。",
        "请算出 {e} 的结果。",
        "{e} = ？",
        "{e} 的得数是多少？",
        "请计算 {e}。",
        "帮我算一下 {e} 是多少。",
        "{e} 算出来是几？",
    ],
);

fn work_out(tell: &mut Teller<'_>, expression: &str) -> String {
    tell.say(WORK_OUT, &[("e", &expression)])
}

/// Whether the numbers of this question are written in groups.
fn groups(tell: &mut Teller<'_>) -> bool {
    !tell.is_chinese() && tell.chance(1, 3)
}

fn addition(tell: &mut Teller<'_>, difficulty: u32) -> (String, String) {
    const SUM: Sentence = (
        &[
            "What is the sum of {list}?",
            "Add up these numbers: {list}.",
            "Find the total of {list}.",
            "What do you get when you add {list}?",
            "How much do {list} make together?",
        ],
        &["{list}的和是多少？", "把{list}加起来，一共是多少？", "求{list}的和。", "{list}相加得多少？"],
    );
    let count = 2 + (difficulty - 1) / 3;
    let numbers: Vec<i64> = (0..count).map(|_| long(tell, difficulty)).collect();
    let answer = numbers.iter().sum::<i64>().to_string();
    let question = if tell.chance(1, 2) {
        let list: Vec<String> = numbers.iter().map(ToString::to_string).collect();
        work_out(tell, &list.join(" + "))
    } else {
        // In a list the comma already stands between numbers.
        let grouped = count == 2 && groups(tell);
        let list: Vec<String> = numbers.iter().map(|&n| written(n, grouped)).collect();
        let list = tell.list(&list);
        tell.say(SUM, &[("list", &list)])
    };
    (question, answer)
}

/// A number with as many digits as the difficulty says, or one more.
fn long(tell: &mut Teller<'_>, difficulty: u32) -> i64 {
    let more = u32::from(tell.chance(1, 2));
    tell.digits(difficulty + more)
}

fn subtraction(tell: &mut Teller<'_>, difficulty: u32) -> (String, String) {
    const DIFFERENCE: Sentence = (
        &[
            "Subtract {b} from {a}.",
            "What is {a} minus {b}?",
            "What remains of {a} after {b} is taken away?",
            "What do you get when you take {b} away from {a}?",
        ],
        &["{a}减去{b}等于多少？", "从{a}中减去{b}，结果是多少？", "求{a}减{b}的差。", "{a}减掉{b}以后是多少？"],
    );
    let (mut a, mut b) = (long(tell, difficulty), long(tell, difficulty));
    // From here on a result may be below zero.
    if difficulty < 5 && a < b {
        (a, b) = (b, a);
    }
    if difficulty < 7 && tell.chance(1, 2) {
        let grouped = groups(tell);
        let question = tell.say(DIFFERENCE, &[("a", &written(a, grouped)), ("b", &written(b, grouped))]);
        return (question, (a - b).to_string());
    }
    let mut expression = format!("{a} - {b}");
    let mut value = a - b;
    for _ in 0..(difficulty - 1) / 3 {
        let (next, plus) = (long(tell, difficulty), tell.chance(1, 3));
        let sign = if plus { '+' } else { '-' };
        expression = format!("{expression} {sign} {next}");
        value += if plus { next } else { -next };
    }
    (work_out(tell, &expression), value.to_string())
}

fn multiplication(tell: &mut Teller<'_>, difficulty: u32) -> (String, String) {
    const PRODUCT: Sentence = (
        &[
            "What is the product of {a} and {b}?",
            "Multiply {a} by {b}.",
            "What is {a} times {b}?",
            "Find {b} lots of {a}.",
        ],
        &["{a}乘以{b}等于多少？", "求{a}与{b}的积。", "{a}的{b}倍是多少？", "{b}个{a}是多少？"],
    );
    let (a, b) = (tell.digits(1 + difficulty.div_ceil(2)), tell.digits(1 + (difficulty - 1) / 2));
    let answer = (a * b).to_string();
    if tell.chance(1, 2) {
        let grouped = groups(tell);
        (tell.say(PRODUCT, &[("a", &written(a, grouped)), ("b", &written(b, grouped))]), answer)
    } else {
        let sign = times(tell);
        (work_out(tell, &format!("{a} {sign} {b}")), answer)
    }
}

/// A multiplication sign.
fn times(tell: &mut Teller<'_>) -> &'static str {
    tell.pick(&["×", "*"])
}

/// A divisor and a quotient of a difficulty.
fn factors(tell: &mut Teller<'_>, difficulty: u32) -> (i64, i64) {
    let quotient = if difficulty == 1 { tell.between(2..=30) } else { tell.digits(1 + difficulty / 2) };
    (tell.digits(1 + (difficulty - 1) / 3), quotient)
}

fn division(tell: &mut Teller<'_>, difficulty: u32) -> (String, String) {
    const QUOTIENT: Sentence = (
        &[
            "Divide {a} by {b}.",
            "What is {a} divided by {b}?",
            "How many times does {b} go into {a}?",
            "What number times {b} gives {a}?",
        ],
        &["{a}除以{b}等于多少？", "求{a}除以{b}的商。", "{a}里面有多少个{b}？", "哪个数乘以{b}等于{a}？"],
    );
    let (divisor, quotient) = factors(tell, difficulty);
    let whole = divisor * quotient;
    let question = if tell.chance(1, 2) {
        let grouped = groups(tell);
        tell.say(QUOTIENT, &[("a", &written(whole, grouped)), ("b", &written(divisor, grouped))])
    } else {
        let sign = tell.pick(&["÷", "/"]);
        work_out(tell, &format!("{whole} {sign} {divisor}"))
    };
    (question, quotient.to_string())
}

fn remainder(tell: &mut Teller<'_>, difficulty: u32) -> (String, String) {
    const REST: Sentence = (
        &[
            "What is the remainder when {a} is divided by {b}?",
            "Divide {a} by {b} in whole numbers: what remainder is left?",
            "{a} is split into groups of {b}. What is the remainder?",
            "Find the remainder of {a} on division by {b}.",
        ],
        &[
            "{a}除以{b}，余数是多少？",
            "求{a}除以{b}的余数。",
            "把{a}按每{b}个一组来分，余数是几？",
            "用{b}去除{a}，余数为多少？",
        ],
    );
    const WHOLE: Sentence = (
        &[
            "How many whole times does {b} fit into {a}?",
            "Dividing {a} by {b} leaves a remainder. What is the whole-number quotient?",
            "What is the quotient of {a} divided by {b}, leaving the remainder aside?",
        ],
        &["{a}除以{b}有余数，整数商是多少？", "求{a}除以{b}的整数商，余数不计。", "{a}里面最多有几个完整的{b}？"],
    );
    let (divisor, quotient) = factors(tell, difficulty);
    let divisor = divisor.max(3);
    let rest = tell.between(1..=divisor - 1);
    let grouped = groups(tell);
    let (a, b) = (written(divisor * quotient + rest, grouped), written(divisor, grouped));
    let (sentence, answer) = if tell.chance(3, 5) { (REST, rest) } else { (WHOLE, quotient) };
    (tell.say(sentence, &[("a", &a), ("b", &b)]), answer.to_string())
}

fn decimals(tell: &mut Teller<'_>, difficulty: u32) -> (String, String) {
    let places = 1 + difficulty / 3;
    let digits = 1 + places + difficulty / 3;
    // Never with a zero at the end: the number of places is what it says.
    let number = |tell: &mut Teller<'_>, digits: u32| tell.digits(digits) / 10 * 10 + tell.between(1..=9);
    if tell.chance(1, 3) {
        let (a, b) = (number(tell, digits), number(tell, 2 + difficulty / 4));
        let of_b = 1 + u32::from(difficulty > 6);
        let expression = format!("{} {} {}", point(a.into(), places), times(tell), point(b.into(), of_b));
        return (work_out(tell, &expression), point(i128::from(a) * i128::from(b), places + of_b));
    }
    let first = number(tell, digits);
    let (mut expression, mut sum) = (point(first.into(), places), i128::from(first));
    for _ in 0..1 + (difficulty - 1) / 3 {
        let fewer = u32::from(places > 1 && tell.chance(1, 3));
        let next = number(tell, digits - fewer);
        let scaled = i128::from(next) * 10_i128.pow(fewer);
        // Below zero only where that is part of the difficulty.
        let minus = tell.chance(1, 2) && (difficulty > 5 || scaled < sum);
        sum += if minus { -scaled } else { scaled };
        let sign = if minus { '-' } else { '+' };
        expression = format!("{expression} {sign} {}", point(next.into(), places - fewer));
    }
    (work_out(tell, &expression), point(sum, places))
}

/// A fraction in lowest terms that is no whole number, below 2.
fn fraction(tell: &mut Teller<'_>, difficulty: u32) -> Fraction {
    let denominator = tell.between(2..=i64::from(5 + 2 * difficulty));
    let most = if difficulty < 3 { denominator - 1 } else { 2 * denominator - 1 };
    let found = Fraction::new(tell.between(1..=most).into(), denominator.into());
    if found.denominator() > 1 { found } else { Fraction::new(1, denominator.into()) }
}

/// A sum or difference of so many fractions.
fn fraction_sum(tell: &mut Teller<'_>, difficulty: u32, count: u32) -> (String, Fraction) {
    let mut value = fraction(tell, difficulty);
    let mut expression = value.to_string();
    for _ in 1..count {
        let next = fraction(tell, difficulty);
        let less = value.minus(next);
        let minus = tell.chance(1, 2) && (difficulty > 5 || !less.is_negative());
        value = if minus { less } else { value.plus(next) };
        expression = format!("{expression} {} {next}", if minus { '-' } else { '+' });
    }
    (expression, value)
}

fn fractions(tell: &mut Teller<'_>, difficulty: u32) -> (String, String) {
    const PART: Sentence = (
        &["What is {a} of {b}?", "How much is {a} of {b}?", "Find {a} of {b}."],
        &["{b} 的 {a} 是多少？", "求 {b} 的 {a}。", "{b} 的 {a} 等于多少？"],
    );
    let (expression, value) = match tell.between(0..=3) {
        0 if difficulty >= 5 => {
            // Two sums in brackets, one times or by the other.
            let ((left, a), (right, b)) = (fraction_sum(tell, difficulty, 2), fraction_sum(tell, difficulty, 2));
            let product = (format!("({left}) × ({right})"), a.times(b));
            match a.over(b).filter(|_| tell.chance(1, 2)) {
                Some(quotient) => (format!("({left}) ÷ ({right})"), quotient),
                None => product,
            }
        }
        0 | 1 => {
            let (a, b) = (fraction(tell, difficulty), fraction(tell, difficulty));
            match (tell.between(0..=2), a.over(b)) {
                (0, _) => return (tell.say(PART, &[("a", &a), ("b", &b)]), a.times(b).to_string()),
                (1, Some(quotient)) => (format!("({a}) ÷ ({b})"), quotient),
                _ => (format!("({a}) × ({b})"), a.times(b)),
            }
        }
        _ => fraction_sum(tell, difficulty, 2 + (difficulty - 1) / 4),
    };
    (work_out(tell, &expression), value.to_string())
}

/// A percentage from 1 to 99: round where it is to be easy.
fn percentage(tell: &mut Teller<'_>, difficulty: u32) -> i64 {
    match difficulty {
        1 => tell.pick(&[10, 20, 25, 30, 40, 50, 60, 75, 80, 90]),
        2..=3 => 5 * tell.between(1..=19),
        _ => tell.between(1..=99),
    }
}

fn percentages(tell: &mut Teller<'_>, difficulty: u32) -> (String, String) {
    const PART: Sentence = (
        &[
            "What is {p}% of {n}?",
            "Find {p} percent of {n}.",
            "How much is {p}% of {n}?",
            "Calculate {p}% of {n}, exactly.",
        ],
        &["{n}的{p}%是多少？", "求{n}的百分之{p}。", "{n}的{p}%等于多少？", "计算{n}的{p}%，不要取近似值。"],
    );
    const SHARE: Sentence = (
        &[
            "What percentage of {n} is {a}?",
            "{a} is what percent of {n}?",
            "Expressed as a percentage of {n}, what is {a}?",
        ],
        &["{a}是{n}的百分之几？", "{a}占{n}的百分之多少？", "求{a}占{n}的百分比。"],
    );
    const BEFORE: Sentence = (
        &[
            "After an increase of {p}%, a number is {a}. What was it before?",
            "A number grew by {p}% and is now {a}. What was the number at first?",
        ],
        &["一个数增加{p}%后是{a}，原来的数是多少？", "某数提高了百分之{p}，变成{a}。原数是多少？"],
    );
    let percent = percentage(tell, difficulty);
    let many = i64::from(difficulty);
    match tell.between(0..=3) {
        0 => {
            let number = tell.digits(2 + difficulty / 3);
            let answer = point(i128::from(percent) * i128::from(number), 2);
            (tell.say(PART, &[("p", &percent), ("n", &number)]), answer)
        }
        1 => {
            let whole = hundredth(percent) * tell.between(2..=20 * many);
            (tell.say(SHARE, &[("n", &whole), ("a", &(whole * percent / 100))]), percent.to_string())
        }
        2 => {
            let whole = hundredth(percent) * tell.between(2..=20 * many);
            (tell.say(BEFORE, &[("p", &percent), ("a", &(whole * (100 + percent) / 100))]), whole.to_string())
        }
        _ => changes(tell, difficulty),
    }
}

/// The least number of which so many percent are whole.
fn hundredth(percent: i64) -> i64 {
    [1, 2, 4, 5, 10, 20, 25, 50].into_iter().find(|n| n * percent % 100 == 0).unwrap_or(100)
}

/// A number that changes by one percentage after the other.
fn changes(tell: &mut Teller<'_>, difficulty: u32) -> (String, String) {
    const START: Sentence = (
        &["A number starts at {n}.", "Take the number {n}.", "A reading stands at {n}."],
        &["有一个数是{n}。", "从{n}开始。", "某个读数为{n}。"],
    );
    const UP: Sentence = (&["It rises by {p}%.", "It is increased by {p}%."], &["它增加{p}%。", "它上升了{p}%。"]);
    const DOWN: Sentence = (&["It falls by {p}%.", "It is reduced by {p}%."], &["它减少{p}%。", "它下降了{p}%。"]);
    const THEN: Sentence = (
        &["Then it {changes} by {p}% of its new value.", "After that, the result {changes} by {p}%."],
        &["然后，它又在新的数值上{changes}{p}%。", "接着，所得结果再{changes}{p}%。"],
    );
    const END: Sentence = (
        &["What is it in the end?", "What is the exact final value?", "Where does it end up?"],
        &["最后是多少？", "最终的准确数值是多少？", "最后得到的数是多少？"],
    );
    let count = 1 + (difficulty - 1) / 3;
    let number = tell.between(2..=50 + 5 * i64::from(difficulty)) * 20_i64.pow(count - 1);
    let mut sentences = vec![tell.say(START, &[("n", &number)])];
    let mut value = Fraction::whole(number);
    for change in 0..count {
        // In twentieths, so that the places stay few.
        let (percent, up) = (5 * tell.between(1..=12), tell.chance(1, 2));
        value = value.times(Fraction::new(i128::from(100 + if up { percent } else { -percent }), 100));
        let verb = match up {
            true => tell.either("rises", "增加"),
            false => tell.either("falls", "减少"),
        };
        sentences.push(match (change, up) {
            (0, true) => tell.say(UP, &[("p", &percent)]),
            (0, false) => tell.say(DOWN, &[("p", &percent)]),
            _ => tell.say(THEN, &[("p", &percent), ("changes", &verb)]),
        });
    }
    sentences.push(tell.say(END, &[]));
    (tell.join(&sentences), value.decimal(2 * count).unwrap_or_else(|| value.to_string()))
}

#[cfg(test)]
mod tests;
