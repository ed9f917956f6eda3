//! Work rates: what machines do in a time, and how long pumps take together.

use super::Story;
use crate::workload::generator::fraction::Fraction;
use crate::workload::generator::prose::{Sentence, Teller};

const RATE: Sentence = (
    &["Machine {x} makes {n} {things} an hour.", "In one hour, machine {x} produces {n} {things}."],
    &["{x}号机器每小时生产{n}{things}。", "{x}号机器一小时能做{n}{things}。"],
);
const RUN: Sentence = (
    &["Machine {x} runs for {h} hours.", "Machine {x} is in use for {h} hours."],
    &["{x}号机器运转{h}小时。", "{x}号机器开了{h}小时。"],
);
const MADE: Sentence = (
    &["How many {things} are made in total?", "How many {things} does that give altogether?"],
    &["一共生产多少{things}？", "总共做出多少{things}？"],
);
const TOGETHER: Sentence = (
    &[
        "All of these machines start at the same time. How many hours do they need for {n} {things} altogether?",
        "Working side by side, how many hours do these machines take to make {n} {things}?",
    ],
    &["这些机器同时开工，一共生产{n}{things}需要多少小时？", "它们一起工作，多少小时能做出{n}{things}？"],
);
const FILLS: Sentence = (
    &["Pump {x} alone fills the tank in {a} hours.", "On its own, pump {x} would need {a} hours to fill the tank."],
    &["{x}号水泵单独注满水池需要{a}小时。", "只开{x}号水泵，{a}小时能把空池注满。"],
);
const EMPTY: Sentence = (
    &["The tank is empty at the start.", "At first there is no water in the tank."],
    &["水池开始时是空的。", "起初水池里没有水。"],
);
const DRAIN: Sentence = (
    &["A drain, open the whole time, would by itself empty the full tank in {a} hours."],
    &["排水管一直开着，它单独排空满池的水需要{a}小时。"],
);
const HEAD_START: Sentence = (
    &["Pump {x} runs alone for the first {h} minutes, then all the other pumps are switched on as well."],
    &["先由{x}号水泵单独工作{h}分钟，然后其余水泵也全部打开。"],
);
const ALL: Sentence = (&["All pumps are switched on at the same time."], &["所有水泵同时打开。"]);
const FULL: Sentence = (
    &[
        "How many minutes after the start is the tank full?",
        "Counted from the start, how many minutes does it take until the tank is full?",
    ],
    &["从开始算起，多少分钟后水池注满？", "从一开始到注满水池，共需要多少分钟？"],
);
const ASIDES: [Sentence; 3] = [
    (&["The site is {n} km from the city."], &["这里离市区{n}千米。"]),
    (&["Everything was serviced {n} days ago."], &["所有设备{n}天前刚检修过。"]),
    (&["A team of {n} keeps an eye on it."], &["有{n}人负责看管。"]),
];

const ENGLISH: &[&str] = &["screws", "bottles", "caps", "boxes", "bricks", "toys"];
const CHINESE: &[&str] = &["个螺丝", "个瓶子", "个瓶盖", "个纸箱", "块砖", "个玩具"];
const NAMES: [&str; 4] = ["A", "B", "C", "D"];

/// Machines where it is easy, pumps where it is not.
pub fn story(tell: &mut Teller<'_>, difficulty: u32) -> Story {
    let asides = ASIDES.map(|aside| {
        let number = tell.between(3..=60);
        tell.say(aside, &[("n", &number)])
    });
    let (facts, question, answer) = if difficulty < 4 { machines(tell, difficulty) } else { pumps(tell, difficulty) };
    Story { facts, asides: asides.to_vec(), question, answer: answer.to_string() }
}

fn machines(tell: &mut Teller<'_>, difficulty: u32) -> (Vec<String>, String, i64) {
    let things = tell.pick(tell.either(ENGLISH, CHINESE));
    let names = NAMES.iter().take(1 + difficulty as usize);
    let machines: Vec<(&str, i64)> = names.map(|name| (*name, 2 * tell.between(3..=60))).collect();
    let mut facts: Vec<String> =
        machines.iter().map(|(x, n)| tell.say(RATE, &[("x", x), ("n", n), ("things", &things)])).collect();
    if tell.chance(1, 2) {
        let hours = tell.between(2..=12);
        let total = hours * machines.iter().map(|(_, n)| n).sum::<i64>();
        return (facts, tell.say(TOGETHER, &[("n", &total), ("things", &things)]), hours);
    }
    let mut total = 0;
    for (x, n) in &machines {
        let hours = tell.between(2..=12);
        total += n * hours;
        facts.push(tell.say(RUN, &[("x", x), ("h", &hours)]));
    }
    (facts, tell.say(MADE, &[("things", &things)]), total)
}

/// Pumps that fill a tank.
struct Pumps {
    /// Hours that each takes alone.
    hours: Vec<i64>,
    /// Hours that the drain takes.
    drain: Option<i64>,
    /// Minutes that the first pump is alone.
    alone: i64,
}

impl Pumps {
    fn draw(tell: &mut Teller<'_>, difficulty: u32) -> Self {
        const HOURS: [i64; 22] = [2, 3, 4, 5, 6, 7, 8, 9, 10, 12, 14, 15, 16, 18, 20, 21, 24, 25, 27, 28, 30, 35];
        Self {
            hours: tell.several(&HOURS, if difficulty < 7 { 2 } else { 3 }),
            drain: (difficulty > 8).then(|| tell.pick(&[36, 40, 42, 45, 48, 60, 70, 72])),
            alone: if difficulty > 5 { 10 * tell.between(1..=9) } else { 0 },
        }
    }

    /// Minutes until the tank is full; none unless they are whole, and the others come in before.
    fn minutes(&self) -> Option<i64> {
        let rate = |hours: i64| Fraction::new(1, i128::from(60 * hours));
        let drained = self.drain.map_or(Fraction::whole(0), rate);
        let first = rate(*self.hours.first()?).minus(drained);
        let all = self.hours.iter().map(|hours| rate(*hours)).fold(Fraction::whole(0).minus(drained), Fraction::plus);
        let left = Fraction::whole(1).minus(first.times(Fraction::whole(self.alone)));
        let minutes = left.over(all)?.integer().filter(|minutes| *minutes > 0)?;
        Some(minutes + self.alone)
    }
}

/// Draws before the one that is known to come out even is taken: one in twenty does where it is hardest.
const TRIES: usize = 400;

fn pumps(tell: &mut Teller<'_>, difficulty: u32) -> (Vec<String>, String, i64) {
    let drawn = (0..TRIES).find_map(|_| {
        let pumps = Pumps::draw(tell, difficulty);
        pumps.minutes().map(|minutes| (pumps, minutes))
    });
    let (pumps, minutes) = drawn.unwrap_or((Pumps { hours: vec![3, 6], drain: None, alone: 0 }, 120));
    let Pumps { hours, drain, alone } = pumps;
    let pumps = NAMES.iter().zip(&hours);
    let mut facts: Vec<String> = pumps.map(|(x, a)| tell.say(FILLS, &[("x", x), ("a", a)])).collect();
    if let Some(hours) = drain {
        facts.push(tell.say(DRAIN, &[("a", &hours)]));
    }
    tell.shuffle(&mut facts);
    facts.push(tell.say(EMPTY, &[]));
    facts.push(if alone > 0 { tell.say(HEAD_START, &[("x", &"A"), ("h", &alone)]) } else { tell.say(ALL, &[]) });
    (facts, tell.say(FULL, &[]), minutes)
}
