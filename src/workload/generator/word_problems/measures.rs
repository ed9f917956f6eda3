//! Lengths, weights and volumes in mixed units.

use super::{Story, steps};
use crate::workload::generator::fraction::point;
use crate::workload::generator::prose::{Sentence, Teller};

/// A kind of measure: its small unit, and how many of them make the large one.
struct Measure {
    /// Signs, English and Chinese: small, large.
    signs: ((&'static str, &'static str), (&'static str, &'static str)),
    /// The words of a question: small, large.
    words: (&'static str, &'static str),
    /// Powers of ten between them.
    power: u32,
    /// What is measured, in both languages.
    things: (&'static [&'static str], &'static [&'static str]),
}

const MEASURES: [Measure; 3] = [
    Measure {
        signs: (("cm", "m"), ("厘米", "米")),
        words: ("centimetres", "metres"),
        power: 2,
        things: (&["rope", "ribbon", "cable", "garden hose", "wire"], &["绳子", "丝带", "电缆", "水管", "铁丝"]),
    },
    Measure {
        signs: (("g", "kg"), ("克", "千克")),
        words: ("grams", "kilograms"),
        power: 3,
        things: (&["rice", "flour", "cement", "bird seed", "coffee"], &["大米", "面粉", "水泥", "鸟食", "咖啡豆"]),
    },
    Measure {
        signs: (("mL", "L"), ("毫升", "升")),
        words: ("millilitres", "litres"),
        power: 3,
        things: (
            &["apple juice", "paint", "olive oil", "milk", "cleaning liquid"],
            &["苹果汁", "油漆", "橄榄油", "牛奶", "清洁液"],
        ),
    },
];

/// What happens to it, in small units.
enum Step {
    Add(i64),
    Use(i64),
    /// So many portions of so much each.
    Portions(i64, i64),
}

impl Step {
    const fn after(&self, have: i64) -> i64 {
        match self {
            Self::Add(amount) => have + *amount,
            Self::Use(amount) => have - *amount,
            Self::Portions(count, each) => have - *count * *each,
        }
    }
}

const START: Sentence = (
    &["There are {q} of {thing}.", "A store room has {q} of {thing}.", "Somebody starts out with {q} of {thing}."],
    &["原有{thing}{q}。", "仓库里有{thing}{q}。", "开始时有{q}{thing}。"],
);
const ADD: Sentence = (&["Another {q} are added.", "A further {q} come in."], &["又添了{q}。", "后来补充了{q}。"]);
const USE: Sentence = (&["Of this, {q} are used up.", "Then {q} are given away."], &["用掉了{q}。", "然后送出{q}。"]);
const PORTIONS: Sentence = (
    &["Next, {k} portions of {q} each are taken from it.", "Then {k} customers get {q} each."],
    &["接着取走{k}份，每份{q}。", "然后有{k}位顾客各买走{q}。"],
);
const DIVIDE: Sentence = (
    &["What is left is divided into {k} equal parts.", "The remainder is split evenly into {k} parts."],
    &["剩下的平均分成{k}份。", "余下的等分为{k}份。"],
);
const LEFT: Sentence = (
    &["How much is left, in {unit}?", "How many {unit} of {thing} are there in the end?"],
    &["最后还有多少{unit}？", "最后{thing}还有多少{unit}？"],
);
const PART: Sentence = (
    &["How much is each part, in {unit}?", "How many {unit} are in one part?"],
    &["每份是多少{unit}？", "其中一份有多少{unit}？"],
);
const ASIDES: [Sentence; 3] = [
    (&["The shelf it is kept on has {n} compartments."], &["存放它的架子有{n}格。"]),
    (&["The label says it was bought {n} weeks ago."], &["标签上写着{n}周前购入。"]),
    (&["The bill for it came to ${n}."], &["当初的账单是{n}元。"]),
];

/// An amount as somebody would write it: in one unit or in two.
fn amount(tell: &mut Teller<'_>, measure: &Measure, small: i64) -> String {
    let (little, large) = tell.either(measure.signs.0, measure.signs.1);
    let space = tell.either(" ", "");
    let one = 10_i64.pow(measure.power);
    let (whole, rest) = (small / one, small % one);
    match tell.between(0..=2) {
        _ if whole == 0 => format!("{small}{space}{little}"),
        0 if small < 20 * one => format!("{small}{space}{little}"),
        1 if rest != 0 => format!("{whole}{space}{large}{space}{rest}{space}{little}"),
        _ => format!("{}{space}{large}", point(small.into(), measure.power)),
    }
}

/// A store of something measured.
pub fn story(tell: &mut Teller<'_>, difficulty: u32) -> Story {
    let place = tell.place(MEASURES.len());
    let measure = &MEASURES[place];
    let thing = tell.pick(tell.either(measure.things.0, measure.things.1));
    let one = 10_i64.pow(measure.power);
    // Round where it is to be easy.
    let grain = match difficulty {
        ..3 => one / 10,
        3..7 => one / 20,
        _ => one / 100 + i64::from(measure.power == 2),
    };
    let draw = |tell: &mut Teller<'_>, most: i64| grain * tell.between(1..=(most / grain).max(1));
    let mut have = one * tell.between(3..=8) + draw(tell, 4 * one * i64::from(difficulty));
    let start = amount(tell, measure, have);
    let mut facts = vec![tell.say(START, &[("q", &start), ("thing", &thing)])];
    for _ in 0..steps(difficulty) {
        let step = match tell.between(0..=3) {
            0 => Step::Add(draw(tell, 3 * one)),
            1 if have > 8 * grain => {
                let count = tell.between(2..=6);
                Step::Portions(count, draw(tell, have / (2 * count)))
            }
            _ if have > 2 * grain => Step::Use(draw(tell, have / 2)),
            _ => Step::Add(draw(tell, 3 * one)),
        };
        let (sentence, count, small) = match step {
            Step::Add(small) => (ADD, 0, small),
            Step::Use(small) => (USE, 0, small),
            Step::Portions(count, each) => (PORTIONS, count, each),
        };
        let told = amount(tell, measure, small);
        facts.push(tell.say(sentence, &[("q", &told), ("k", &count)]));
        have = step.after(have);
    }
    let parts: Vec<i64> = (2..=9).filter(|count| have % count == 0).collect();
    let divided = difficulty > 2 && !parts.is_empty() && tell.chance(2, 3);
    if divided {
        let count = tell.pick(&parts);
        facts.push(tell.say(DIVIDE, &[("k", &count)]));
        have /= count;
    }
    let in_small = tell.chance(1, 2);
    let words = tell.either(measure.words, measure.signs.1);
    let unit = if in_small { words.0 } else { words.1 };
    let question = tell.say(if divided { PART } else { LEFT }, &[("unit", &unit), ("thing", &thing)]);
    let asides = ASIDES.map(|aside| {
        let number = tell.between(3..=60);
        tell.say(aside, &[("n", &number)])
    });
    let answer = if in_small { have.to_string() } else { point(have.into(), measure.power) };
    Story { facts, asides: asides.to_vec(), question, answer }
}
