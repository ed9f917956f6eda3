//! Stocks that grow and shrink.

use super::{Story, steps};
use crate::workload::generator::prose::{Sentence, Teller};

/// What happens to a stock.
enum Step {
    Gain(i64),
    /// So many deliveries of so many each.
    Batches(i64, i64),
    Lose(i64),
    /// One part in so many leaves.
    LosePart(i64),
    Times(i64),
}

impl Step {
    fn draw(tell: &mut Teller<'_>, have: i64, most: i64) -> Self {
        match tell.between(0..=9) {
            0 | 1 => Self::Gain(tell.between(3..=most)),
            2 | 3 => Self::Batches(tell.between(2..=6), tell.between(3..=most / 3)),
            4 | 5 => {
                let parts: Vec<i64> = (2..=5).filter(|part| have % part == 0 && have > 2 * part).collect();
                if parts.is_empty() {
                    Self::Lose(tell.between(2..=have / 2))
                } else {
                    Self::LosePart(tell.pick(&parts))
                }
            }
            6 if have < 40 * most => Self::Times(tell.between(2..=4)),
            _ => Self::Lose(tell.between(2..=have / 2)),
        }
    }

    const fn after(&self, have: i64) -> i64 {
        match self {
            Self::Gain(n) => have + *n,
            Self::Batches(k, n) => have + *k * *n,
            Self::Lose(n) => have - *n,
            Self::LosePart(part) => have - have / *part,
            Self::Times(k) => have * *k,
        }
    }

    fn told(&self, tell: &mut Teller<'_>, things: &str) -> String {
        match self {
            Self::Gain(n) => tell.say(GAIN, &[("n", n), ("things", &things)]),
            Self::Batches(k, n) => tell.say(BATCHES, &[("k", k), ("n", n), ("things", &things)]),
            Self::Lose(n) => tell.say(LOSE, &[("n", n), ("things", &things)]),
            Self::LosePart(part) => {
                let words = tell
                    .either(["Half", "A third", "A quarter", "A fifth"], ["一半", "三分之一", "四分之一", "五分之一"]);
                let word = usize::try_from(part - 2).ok().and_then(|at| words.get(at)).copied().unwrap_or_default();
                tell.say(LOSE_PART, &[("part", &word), ("things", &things)])
            }
            Self::Times(k) => tell.say(TIMES, &[("k", k), ("things", &things)]),
        }
    }
}

const START: Sentence = (
    &[
        "A {place} has {n} {things} in stock.",
        "On Monday morning there are {n} {things} at the {place}.",
        "A {place} begins the week with {n} {things}.",
        "In the store room of a {place}, someone counts {n} {things}.",
    ],
    &[
        "{place}里原有{n}{things}。",
        "周一早上，{place}有{n}{things}。",
        "{place}在一周开始时有{n}{things}。",
        "{place}盘点时有{n}{things}。",
    ],
);
const GAIN: Sentence = (
    &[
        "Then another {n} {things} are delivered.",
        "Later {n} more {things} come in.",
        "A further {n} {things} are added.",
    ],
    &["随后又运来{n}{things}。", "后来又增加了{n}{things}。", "接着补进{n}{things}。"],
);
const BATCHES: Sentence = (
    &["Next, {k} deliveries of {n} {things} each arrive.", "Over the next days, {k} vans bring {n} {things} each."],
    &["接下来分{k}批到货，每批{n}{things}。", "之后来了{k}辆货车，每辆送来{n}{things}。"],
);
const LOSE: Sentence = (
    &[
        "Then {n} {things} are handed out.",
        "Some time later {n} {things} are sent elsewhere.",
        "It turns out that {n} {things} are damaged, and they are removed.",
    ],
    &["随后领走{n}{things}。", "过了一段时间，有{n}{things}被调往别处。", "检查发现{n}{things}已经损坏，只好清理掉。"],
);
const LOSE_PART: Sentence = (
    &[
        "{part} of all the {things} there at that point is given away.",
        "{part} of the {things} then there is given away.",
    ],
    &["然后把当时全部数量的{part}送了出去。", "接着送出了当时所有数量的{part}。"],
);
const TIMES: Sentence = (
    &[
        "A big order then makes the number of {things} {k} times what it was.",
        "After a large delivery the number of {things} is {k} times what it was before.",
    ],
    &["一次大批进货后，数量变成了进货前的{k}倍。", "此后数量增加到当时的{k}倍。"],
);
const QUESTION: Sentence = (
    &[
        "How many {things} are there in the end?",
        "How many {things} does the {place} have now?",
        "How many {things} does that leave at the {place}?",
    ],
    &["最后还有多少{things}？", "现在{place}共有多少{things}？", "这时一共有多少{things}？"],
);
const ASIDES: [Sentence; 3] = [
    (&["The building is {n} years old."], &["这座楼已有{n}年历史。"]),
    (&["There are {n} people on the staff."], &["那里有{n}名员工。"]),
    (&["The nearest bus stop is {n} minutes away."], &["走到最近的公交站要{n}分钟。"]),
];

const ENGLISH: &[(&str, &str)] = &[
    ("bakery", "rolls"),
    ("library", "books"),
    ("warehouse", "lamps"),
    ("farm", "eggs"),
    ("school", "pencils"),
    ("toy shop", "puzzles"),
    ("garden centre", "seedlings"),
    ("museum", "postcards"),
    ("hotel", "towels"),
    ("sports club", "tennis balls"),
];
const CHINESE: &[(&str, &str)] = &[
    ("面包店", "个面包"),
    ("图书馆", "本书"),
    ("仓库", "盏台灯"),
    ("农场", "枚鸡蛋"),
    ("学校", "支铅笔"),
    ("玩具店", "盒拼图"),
    ("苗圃", "棵树苗"),
    ("博物馆", "张明信片"),
    ("旅馆", "条毛巾"),
    ("体育俱乐部", "个网球"),
];

/// A stock, and what becomes of it.
pub fn story(tell: &mut Teller<'_>, difficulty: u32) -> Story {
    let (place, things) = tell.pick(tell.either(ENGLISH, CHINESE));
    let most = 20 + i64::from(difficulty * difficulty) * 8;
    let mut have = tell.between(12..=2 * most);
    let mut facts = vec![tell.say(START, &[("place", &place), ("n", &have), ("things", &things)])];
    for _ in 0..steps(difficulty) {
        // Something is always left to go on with.
        let step = if have < 6 { Step::Gain(tell.between(3..=most)) } else { Step::draw(tell, have, most) };
        facts.push(step.told(tell, things));
        have = step.after(have);
    }
    let question = tell.say(QUESTION, &[("place", &place), ("things", &things)]);
    let asides = ASIDES.map(|aside| {
        let number = tell.between(3..=60);
        tell.say(aside, &[("n", &number)])
    });
    Story { facts, asides: asides.to_vec(), question, answer: have.to_string() }
}
