//! Ages that are told by how they relate to each other.

use super::{Story, steps};
use crate::workload::generator::prose::{Person, Sentence, Teller};

/// How one age follows from another.
enum Step {
    Older(i64),
    Younger(i64),
    Times(i64),
    Half,
}

/// Nobody is younger or older than this.
const AGES: (i64, i64) = (3, 90);

impl Step {
    fn draw(tell: &mut Teller<'_>, age: i64) -> Self {
        let (least, most) = AGES;
        match tell.between(0..=5) {
            0 if age * 2 <= most => Self::Times(tell.between(2..=(most / age).min(5))),
            1 if age % 2 == 0 && age / 2 >= least => Self::Half,
            2 | 3 if age - 2 >= least => Self::Younger(tell.between(2..=(age - least).min(30))),
            _ if age + 2 <= most => Self::Older(tell.between(2..=(most - age).min(30))),
            _ => Self::Younger(tell.between(2..=30)),
        }
    }

    const fn of(&self, age: i64) -> i64 {
        match self {
            Self::Older(n) => age + *n,
            Self::Younger(n) => age - *n,
            Self::Times(k) => age * *k,
            Self::Half => age / 2,
        }
    }

    fn told(&self, tell: &mut Teller<'_>, who: Person, than: Person) -> String {
        match self {
            Self::Older(n) => tell.say(OLDER, &[("who", &who), ("than", &than), ("n", n)]),
            Self::Younger(n) => tell.say(YOUNGER, &[("who", &who), ("than", &than), ("n", n)]),
            Self::Times(k) => tell.say(TIMES, &[("who", &who), ("than", &than), ("k", k)]),
            Self::Half => tell.say(HALF, &[("who", &who), ("than", &than)]),
        }
    }
}

const KNOWN: Sentence = (
    &["{who} is {n} years old.", "{who} has just turned {n}.", "{who}'s age is {n}."],
    &["{who}今年{n}岁。", "{who}刚满{n}岁。", "{who}的年龄是{n}岁。"],
);
const OLDER: Sentence = (
    &["{who} is {n} years older than {than}.", "{than} is {n} years younger than {who}."],
    &["{who}比{than}大{n}岁。", "{than}比{who}小{n}岁。"],
);
const YOUNGER: Sentence = (
    &["{who} is {n} years younger than {than}.", "{than} is {n} years older than {who}."],
    &["{who}比{than}小{n}岁。", "{than}比{who}大{n}岁。"],
);
const TIMES: Sentence = (
    &["{who} is {k} times as old as {than}.", "{who}'s age is {k} times {than}'s age."],
    &["{who}的年龄是{than}的{k}倍。", "{who}的岁数等于{than}岁数的{k}倍。"],
);
const HALF: Sentence = (
    &["{who} is half as old as {than}.", "{who}'s age is half of {than}'s age."],
    &["{who}的年龄是{than}的一半。", "{who}的岁数等于{than}岁数的一半。"],
);
const NOW: Sentence =
    (&["How old is {who}?", "What is {who}'s age in years?"], &["{who}今年多少岁？", "{who}现在几岁？"]);
const LATER: Sentence = (
    &["How old will {who} be in {n} years?", "What will {who}'s age be {n} years from now?"],
    &["{n}年后{who}多少岁？", "再过{n}年，{who}是多少岁？"],
);
const EARLIER: Sentence = (
    &["How old was {who} {n} years ago?", "What was {who}'s age {n} years ago?"],
    &["{n}年前{who}是多少岁？", "{n}年以前，{who}几岁？"],
);
const SUM: Sentence = (
    &["What is the sum of the ages of {who} and {other}?", "How old are {who} and {other} together?"],
    &["{who}和{other}的年龄之和是多少岁？", "{who}和{other}两人的年龄加起来是多少？"],
);

/// A chain of ages.
pub fn story(tell: &mut Teller<'_>, difficulty: u32) -> Story {
    let count = steps(difficulty) as usize;
    let people = tell.people(count + 3);
    let (Some((&first, rest)), (least, most)) = (people.split_first(), AGES) else {
        return Story { facts: Vec::new(), asides: Vec::new(), question: String::new(), answer: String::new() };
    };
    let start = tell.between(least + 1..=most / 2);
    let mut facts = vec![tell.say(KNOWN, &[("who", &first), ("n", &start)])];
    let (mut who, mut age) = (first, start);
    for &next in rest.iter().take(count) {
        let step = Step::draw(tell, age);
        facts.push(step.told(tell, next, who));
        (who, age) = (next, step.of(age));
    }
    // People who are not asked about, and on whom nobody's age depends.
    let asides = rest.iter().skip(count).map(|&other| {
        let than = if tell.chance(1, 2) { first } else { who };
        let than_age = if than == first { start } else { age };
        Step::draw(tell, than_age).told(tell, other, than)
    });
    let asides: Vec<String> = asides.collect();
    if difficulty > 5 {
        tell.shuffle(&mut facts);
    }
    let (question, answer) = match tell.between(0..=3) {
        0 => {
            let years = tell.between(2..=25);
            (tell.say(LATER, &[("who", &who), ("n", &years)]), age + years)
        }
        1 if age > 3 => {
            let years = tell.between(2..=age - 1);
            (tell.say(EARLIER, &[("who", &who), ("n", &years)]), age - years)
        }
        2 => (tell.say(SUM, &[("who", &first), ("other", &who)]), start + age),
        _ => (tell.say(NOW, &[("who", &who)]), age),
    };
    Story { facts, asides, question, answer: answer.to_string() }
}
