//! Things that are brought together and shared out, equally or in a ratio.

use super::Story;
use crate::workload::generator::prose::{Person, Sentence, Teller};

/// What is brought.
enum Step {
    Bring(i64),
    /// So many bags of so many each.
    Bags(i64, i64),
}

impl Step {
    const fn count(&self) -> i64 {
        match self {
            Self::Bring(n) => *n,
            Self::Bags(k, n) => *k * *n,
        }
    }

    fn told(&self, tell: &mut Teller<'_>, who: Person, things: &str) -> String {
        match self {
            Self::Bring(n) => tell.say(BRING, &[("who", &who), ("n", n), ("things", &things)]),
            Self::Bags(k, n) => tell.say(BAGS, &[("who", &who), ("k", k), ("n", n), ("things", &things)]),
        }
    }
}

const BRING: Sentence = (
    &["{who} brings {n} {things}.", "{who} contributes {n} {things}.", "From {who} come {n} {things}."],
    &["{who}带来{n}{things}。", "{who}拿出{n}{things}。", "{who}贡献了{n}{things}。"],
);
const BAGS: Sentence = (
    &[
        "{who} brings {k} bags with {n} {things} in each.",
        "{who} has {k} boxes of {n} {things} each and puts them all in.",
    ],
    &["{who}带来{k}袋，每袋{n}{things}。", "{who}有{k}盒，每盒{n}{things}，全部拿了出来。"],
);
const KEEP: Sentence = (
    &["Of all these, {n} {things} are kept back for later.", "First, {n} {things} are put aside from the total."],
    &["从中先留出{n}{things}备用。", "先从总数里取出{n}{things}放在一边。"],
);
const EQUALLY: Sentence = (
    &["{rest} shared equally among {k} children.", "{rest} split into equal shares for {k} children."],
    &["{rest}平均分给{k}个孩子。", "{rest}由{k}个孩子平分。"],
);
const RATIO: Sentence = (
    &["{rest} divided among {all} in the ratio {ratio}.", "{rest} shared out to {all} in the proportion {ratio}."],
    &["{rest}按{ratio}的比例分给{all}。", "{rest}分给{all}，依次的比是{ratio}。"],
);
const EACH: Sentence = (
    &["How many {things} does each child get?", "How many {things} are in one child's share?"],
    &["每个孩子分到多少{things}？", "每个孩子得到多少{things}？"],
);
const SHARE: Sentence = (
    &["How many {things} does {who} receive?", "How many {things} go to {who}?"],
    &["{who}分得多少{things}？", "分给{who}的有多少{things}？"],
);
const MORE: Sentence = (
    &[
        "How many more {things} does {who} receive than {other}?",
        "By how many {things} is {who}'s share larger than {other}'s?",
    ],
    &["{who}比{other}多分得多少{things}？", "{who}分到的比{other}多多少{things}？"],
);
const ASIDES: [Sentence; 3] = [
    (&["They have known each other for {n} years."], &["他们认识已经{n}年了。"]),
    (&["It all takes place on the 2nd floor, {n} steps up."], &["这件事发生在楼上，要爬{n}级台阶。"]),
    (&["The table at which they sit cost {n} dollars."], &["他们坐的那张桌子当初花了{n}元。"]),
];

const ENGLISH: &[&str] =
    &["marbles", "stickers", "tokens", "sea shells", "stamps", "walnuts", "beads", "playing cards"];
const CHINESE: &[&str] = &["颗弹珠", "张贴纸", "枚代币", "个贝壳", "张邮票", "颗核桃", "粒珠子", "张卡片"];

/// What several bring, and how it is shared out.
pub fn story(tell: &mut Teller<'_>, difficulty: u32) -> Story {
    let things = tell.pick(tell.either(ENGLISH, CHINESE));
    let many = i64::from(difficulty);
    let equal = difficulty < 4;
    let sharers = if difficulty < 7 { 2 } else { 3 };
    let mut ratio: Vec<i64> = tell.several(&(1..=4 + many).collect::<Vec<_>>(), sharers);
    if equal {
        ratio = vec![1; usize::try_from(tell.between(2..=6)).unwrap_or(2)];
    }
    let unit = tell.between(2..=10 + 6 * many);
    let shared = unit * ratio.iter().sum::<i64>();
    let kept = if difficulty > 1 && tell.chance(2, 3) { tell.between(2..=8 + 3 * many) } else { 0 };
    let brought = bring(tell, shared + kept, difficulty);
    let people = tell.people(brought.len() + sharers);
    let (givers, takers) = people.split_at(brought.len());
    let mut facts: Vec<String> = brought.iter().zip(givers).map(|(step, &who)| step.told(tell, who, things)).collect();
    if kept > 0 {
        facts.push(tell.say(KEEP, &[("n", &kept), ("things", &things)]));
    }
    let rest =
        if kept > 0 { tell.either("The rest is", "剩下的") } else { tell.either("All of it is", "全部东西") };
    let asides = ASIDES.map(|aside| {
        let number = tell.between(3..=24);
        tell.say(aside, &[("n", &number)])
    });
    let (question, answer) = if equal {
        facts.push(tell.say(EQUALLY, &[("rest", &rest), ("k", &ratio.len())]));
        (tell.say(EACH, &[("things", &things)]), unit)
    } else {
        let terms: Vec<String> = ratio.iter().map(ToString::to_string).collect();
        let all = tell.list(takers);
        facts.push(tell.say(RATIO, &[("rest", &rest), ("all", &all), ("ratio", &terms.join(":"))]));
        let mut parts: Vec<(i64, Person)> = ratio.into_iter().zip(takers.iter().copied()).collect();
        tell.shuffle(&mut parts);
        let (most, least) = (parts.iter().max_by_key(|part| part.0), parts.iter().min_by_key(|part| part.0));
        match (most, least, parts.first()) {
            (Some((more, who)), Some((less, other)), _) if tell.chance(1, 2) => {
                (tell.say(MORE, &[("who", who), ("other", other), ("things", &things)]), unit * (more - less))
            }
            (_, _, Some((part, who))) => (tell.say(SHARE, &[("who", who), ("things", &things)]), unit * part),
            _ => (String::new(), 0),
        }
    };
    Story { facts, asides: asides.to_vec(), question, answer: answer.to_string() }
}

/// A total as what one or several bring.
fn bring(tell: &mut Teller<'_>, total: i64, difficulty: u32) -> Vec<Step> {
    let others = i64::from(difficulty / 3);
    let (mut left, mut all) = (total, Vec::new());
    for _ in 0..others {
        let most = total / (others + 1);
        let step = if most >= 8 && tell.chance(1, 2) {
            let bags = tell.between(2..=4);
            Step::Bags(bags, tell.between(2..=most / bags))
        } else {
            Step::Bring(tell.between(2..=most.max(2)))
        };
        if left - step.count() >= 2 {
            left -= step.count();
            all.push(step);
        }
    }
    let last = tell.place(all.len() + 1);
    all.insert(last, Step::Bring(left));
    all
}
