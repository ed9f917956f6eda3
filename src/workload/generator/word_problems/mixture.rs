//! Solutions that are mixed, thinned and thickened; concentrations by mass.

use super::{Story, steps};
use crate::workload::generator::fraction::Fraction;
use crate::workload::generator::prose::{Sentence, Teller};

/// What is done to a solution; masses in grams.
enum Step {
    /// So much of another solution of so many per cent.
    Pour(i64, i64),
    Water(i64),
    Dissolve(i64),
    Evaporate(i64),
    /// Half of it goes.
    Halve,
}

/// A solution: its mass and what is dissolved, in grams.
#[derive(Clone, Copy)]
struct Solution {
    mass: Fraction,
    solute: Fraction,
}

impl Step {
    fn draw(tell: &mut Teller<'_>, difficulty: u32, mass: i64) -> Self {
        match tell.between(0..=if difficulty < 3 { 2 } else { 5 }) {
            0 => Self::Water(10 * tell.between(2..=40)),
            1 | 2 => Self::Pour(10 * tell.between(2..=40), share(tell, difficulty)),
            3 => Self::Dissolve(5 * tell.between(1..=10)),
            4 if difficulty > 5 => Self::Halve,
            // At most a fifth of it, so that there is always water left.
            _ if mass >= 100 => Self::Evaporate(10 * tell.between(1..=mass / 50)),
            _ => Self::Water(10 * tell.between(2..=40)),
        }
    }

    fn after(&self, Solution { mass, solute }: Solution) -> Solution {
        let half = Fraction::new(1, 2);
        match self {
            Self::Pour(grams, percent) => Solution {
                mass: mass.plus(Fraction::whole(*grams)),
                solute: solute.plus(Fraction::new(i128::from(grams * percent), 100)),
            },
            Self::Water(grams) => Solution { mass: mass.plus(Fraction::whole(*grams)), solute },
            Self::Dissolve(grams) => {
                let more = Fraction::whole(*grams);
                Solution { mass: mass.plus(more), solute: solute.plus(more) }
            }
            Self::Evaporate(grams) => Solution { mass: mass.minus(Fraction::whole(*grams)), solute },
            Self::Halve => Solution { mass: mass.times(half), solute: solute.times(half) },
        }
    }

    fn told(&self, tell: &mut Teller<'_>, what: (&str, &str)) -> String {
        let (salt, brine) = what;
        match self {
            Self::Pour(m, p) => tell.say(POUR, &[("m", m), ("p", p), ("brine", &brine)]),
            Self::Water(m) => tell.say(WATER, &[("m", m)]),
            Self::Dissolve(m) => tell.say(DISSOLVE, &[("m", m), ("salt", &salt)]),
            Self::Evaporate(m) => tell.say(EVAPORATE, &[("m", m)]),
            Self::Halve => tell.say(HALVE, &[]),
        }
    }
}

const START: Sentence = (
    &[
        "A beaker holds {m} g of a {p}% {brine}.",
        "There are {m} g of {p}% {brine} in a bowl.",
        "Somebody has {m} grams of a {brine} of {p}%.",
    ],
    &["烧杯里有{m}克浓度为{p}%的{brine}。", "容器中装有{m}克{p}%的{brine}。", "现有{p}%的{brine}{m}克。"],
);
const POUR: Sentence = (
    &["Then {m} g of {p}% {brine} are poured in.", "It is mixed with {m} g of a {brine} of {p}%."],
    &["再倒入{m}克浓度为{p}%的{brine}。", "然后与{m}克{p}%的{brine}混合。"],
);
const WATER: Sentence = (
    &["Next, {m} g of pure water are added.", "It is thinned with {m} g of water."],
    &["接着加入{m}克清水。", "再用{m}克水稀释。"],
);
const DISSOLVE: Sentence = (
    &["Then {m} g of pure {salt} are dissolved in it.", "Another {m} g of {salt} are stirred in until dissolved."],
    &["再放入{m}克{salt}，使其完全溶解。", "又溶解了{m}克{salt}。"],
);
const EVAPORATE: Sentence = (
    &[
        "By heating, {m} g of water are made to evaporate.",
        "After a while {m} g of water have evaporated, and nothing else.",
    ],
    &["加热后蒸发掉{m}克水。", "放置一段时间后，蒸发了{m}克水。"],
);
const HALVE: Sentence =
    (&["After stirring well, half of the whole mixture is poured away."], &["搅匀之后，把全部溶液倒掉一半。"]);
const BY_MASS: Sentence = (
    &["All percentages are by mass.", "(Percentages are by mass.)"],
    &["浓度均指质量分数。", "（百分数均为质量分数。）"],
);
const PERCENT: Sentence = (
    &["What percentage of the final mixture is {salt}?", "What is its concentration in per cent in the end?"],
    &["最后溶液的浓度是百分之几？", "最终浓度为百分之多少？"],
);
const GRAMS: Sentence = (
    &["How many grams of {salt} are in the final mixture?", "How many grams of {salt} does it contain in the end?"],
    &["最后溶液中含有多少克{salt}？", "最终溶液里有多少克{salt}？"],
);
const ASIDES: [Sentence; 3] = [
    (&["The room is at {n} degrees Celsius."], &["室温是{n}摄氏度。"]),
    (&["The stirring rod is {n} cm long."], &["搅拌棒长{n}厘米。"]),
    (&["The experiment was begun {n} minutes after nine."], &["实验是9点{n}分开始的。"]),
];

const ENGLISH: &[(&str, &str)] =
    &[("salt", "salt solution"), ("sugar", "sugar syrup"), ("citric acid", "citric acid solution")];
const CHINESE: &[(&str, &str)] = &[("盐", "盐水"), ("糖", "糖水"), ("柠檬酸", "柠檬酸溶液")];

/// Draws before another question is asked: the concentration is to have an end.
const TRIES: usize = 60;

/// A solution and what is done to it.
pub fn story(tell: &mut Teller<'_>, difficulty: u32) -> Story {
    let what = tell.pick(tell.either(ENGLISH, CHINESE));
    let mut chain = draw(tell, difficulty);
    let percent = |(_, end): &Chain| end.solute.over(end.mass)?.times(Fraction::whole(100)).decimal(2);
    let by_percent = tell.chance(2, 3);
    for _ in 0..TRIES {
        if !by_percent || percent(&chain).is_some() {
            break;
        }
        chain = draw(tell, difficulty);
    }
    let found = percent(&chain).filter(|_| by_percent);
    let ((mass, share, steps), end) = chain;
    let mut facts = vec![tell.say(START, &[("m", &mass), ("p", &share), ("brine", &what.1)])];
    facts.extend(steps.iter().map(|step| step.told(tell, what)));
    facts.push(tell.say(BY_MASS, &[]));
    let asides = ASIDES.map(|aside| {
        let number = tell.between(12..=28);
        tell.say(aside, &[("n", &number)])
    });
    let (question, answer) = match found {
        Some(percent) => (PERCENT, percent),
        // Halved at most as often as there are steps: the places are few.
        None => (GRAMS, end.solute.decimal(12).unwrap_or_else(|| end.solute.to_string())),
    };
    Story { facts, asides: asides.to_vec(), question: tell.say(question, &[("salt", &what.0)]), answer }
}

/// What there is at first, and what is done to it; and what comes of it.
type Chain = ((i64, i64, Vec<Step>), Solution);

fn draw(tell: &mut Teller<'_>, difficulty: u32) -> Chain {
    let (mass, share) = (10 * tell.between(5..=50), share(tell, difficulty));
    let mut solution = Solution { mass: Fraction::whole(mass), solute: Fraction::new(i128::from(mass * share), 100) };
    let mut chain: Vec<Step> = Vec::new();
    for _ in 0..steps(difficulty) {
        let halved = chain.iter().any(|step| matches!(step, Step::Halve));
        let drawn = Step::draw(tell, difficulty, solution.mass.integer().unwrap_or(0));
        let Solution { mass, solute } = drawn.after(solution);
        let saturated = mass.minus(solute.times(Fraction::whole(4))).is_negative();
        let step = match drawn {
            Step::Halve if halved => Step::Water(10 * tell.between(2..=40)),
            _ if saturated => Step::Water(10 * tell.between(2..=40)),
            step => step,
        };
        solution = step.after(solution);
        chain.push(step);
    }
    ((mass, share, chain), solution)
}

/// Per cent of a solution that is poured: a quarter and more could not be dissolved (salt stops at 26 %).
fn share(tell: &mut Teller<'_>, difficulty: u32) -> i64 {
    if difficulty < 3 { 5 * tell.between(1..=4) } else { tell.between(2..=20) }
}
