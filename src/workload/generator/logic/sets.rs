//! Domain `sets`: how many people are in some of two or three groups, out of how many are in others.
//!
//! The number of people in each part of the diagram is drawn first; then what is told is chosen so that it settles what
//! is asked, and nothing of it can be left out.

use super::super::library::{Language, Made, Wanted};
use super::super::phrase::{closing, fill, one, said, sentences, shuffled, some};
use super::Puzzle;
use rand::RngExt;
use rand_chacha::ChaCha8Rng;

/// Parts of a diagram of three groups: the bits say which groups a part is in.
const PARTS: usize = 8;

/// How many people are in some parts together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Count {
    All,
    In(usize),
    InBoth(usize, usize),
    InAll,
    Only(usize),
    Nowhere,
    Somewhere,
    InExactly(u32),
}

impl Count {
    fn has(self, part: usize, groups: usize) -> bool {
        let is_in = |group: usize| part >> group & 1 == 1;
        match self {
            Self::All => true,
            Self::In(group) => is_in(group),
            Self::InBoth(a, b) => is_in(a) && is_in(b),
            Self::InAll => part + 1 == 1 << groups,
            Self::Only(group) => part == 1 << group,
            Self::Nowhere => part == 0,
            Self::Somewhere => part != 0,
            Self::InExactly(number) => part.count_ones() == number,
        }
    }

    fn all(groups: usize) -> Vec<Self> {
        let mut all = vec![Self::All, Self::InAll, Self::Nowhere, Self::Somewhere, Self::InExactly(1)];
        all.extend((0..groups).map(Self::In));
        all.extend((0..groups).map(Self::Only));
        if groups == 3 {
            all.extend([Self::InBoth(0, 1), Self::InBoth(0, 2), Self::InBoth(1, 2), Self::InExactly(2)]);
        }
        all
    }
}

/// What a count counts of each part.
type Row = [i64; PARTS];

/// What is told, as rows of which each begins with a 1 at a place of its own. Sums of multiples of them are settled.
/// Reckoned modulo a prime that is larger than any determinant of so few zeros and ones.
#[derive(Default)]
struct Told(Vec<(usize, Row)>);

impl Told {
    fn of(counts: &[Count], groups: usize) -> Self {
        let mut told = Self::default();
        counts.iter().for_each(|count| told.add(*count, groups));
        told
    }

    /// What is left of a count when all that is told is taken out of it.
    fn rest(&self, count: Count, groups: usize) -> Row {
        let mut row = [0; PARTS];
        row.iter_mut().enumerate().take(1 << groups).for_each(|(part, x)| *x = i64::from(count.has(part, groups)));
        for (first, told) in &self.0 {
            let factor = row[*first];
            row.iter_mut().zip(told).for_each(|(x, y)| *x = (*x - factor * y).rem_euclid(PRIME));
        }
        row
    }

    fn add(&mut self, count: Count, groups: usize) {
        let mut row = self.rest(count, groups);
        if let Some(first) = row.iter().position(|x| *x != 0) {
            let factor = inverse(row[first]);
            row.iter_mut().for_each(|x| *x = *x * factor % PRIME);
            self.0.push((first, row));
        }
    }

    fn settles(&self, count: Count, groups: usize) -> bool {
        self.rest(count, groups) == [0; PARTS]
    }
}

const PRIME: i64 = 1_000_003;

/// By Fermat: a number to the power of the prime less two.
fn inverse(number: i64) -> i64 {
    let (mut power, mut base, mut result) = (PRIME - 2, number.rem_euclid(PRIME), 1);
    while power > 0 {
        if power & 1 == 1 {
            result = result * base % PRIME;
        }
        base = base * base % PRIME;
        power >>= 1;
    }
    result
}

/// How groups are spoken of: `{x}`, `{y}` are what people in them do.
struct Scene {
    intro: &'static str,
    groups: &'static [&'static str],
    all: &'static str,
    none: &'static str,
}

const ENGLISH: &[Scene] = &[
    Scene {
        intro: "The members of a club ticked what fits them: {list}.",
        groups: &["play chess", "play tennis", "swim", "sing", "paint", "dance", "cycle", "fish"],
        all: "The club has {v} members.",
        none: "do none of these things",
    },
    Scene {
        intro: "A survey asked which of these descriptions fit people: {list}.",
        groups: &["speak French", "speak Polish", "speak Hindi", "speak Turkish", "speak Swahili", "speak Korean"],
        all: "{v} people took part.",
        none: "speak none of these languages",
    },
    Scene {
        intro: "Visitors of a fair said what is true of them: {list}.",
        groups: &["like soup", "like pancakes", "like dumplings", "like cider", "like cocoa", "like chestnuts"],
        all: "There are {v} visitors.",
        none: "like none of these",
    },
    Scene {
        intro: "A school asked its pupils which of these are true of them: {list}.",
        groups: &["have a dog", "have a cat", "have a rabbit", "have a parrot", "have a hamster", "have a turtle"],
        all: "{v} pupils answered.",
        none: "have none of these animals",
    },
];

const CHINESE: &[Scene] = &[
    Scene {
        intro: "某俱乐部对会员做了调查，内容是：{list}。",
        groups: &["会下棋", "会打网球", "会游泳", "会唱歌", "会画画", "会跳舞", "会骑车", "会钓鱼"],
        all: "俱乐部共有{v}名会员。",
        none: "这些都不会",
    },
    Scene {
        intro: "一项问卷统计了人们的语言能力，涉及：{list}。",
        groups: &["会说法语", "会说波兰语", "会说印地语", "会说土耳其语", "会说韩语", "会说泰语"],
        all: "共有{v}人参加了问卷。",
        none: "这些语言都不会说",
    },
    Scene {
        intro: "美食节上统计了游客吃过什么，涉及：{list}。",
        groups: &["吃过饺子", "吃过煎饼", "吃过汤圆", "吃过烤串", "吃过米线", "吃过糖葫芦"],
        all: "游客一共有{v}人。",
        none: "这些都没吃过",
    },
    Scene {
        intro: "学校调查了学生养宠物的情况，涉及：{list}。",
        groups: &["养狗", "养猫", "养兔子", "养鹦鹉", "养仓鼠", "养乌龟"],
        all: "一共有{v}名学生接受了调查。",
        none: "这些动物都不养",
    },
];

pub(super) fn make(wanted: Wanted, rng: &mut ChaCha8Rng) -> Made {
    let Wanted { difficulty, language, .. } = wanted;
    // Four difficulties for two groups, six for three.
    let (groups, rung) = if difficulty <= 4 { (2, difficulty - 1) } else { (3, difficulty - 4) };
    let scene = &said(language, ENGLISH, CHINESE)[rng.random_range(0..ENGLISH.len())];
    let does = some(rng, scene.groups, groups);
    let most = 4 + 4 * difficulty;
    let parts: Vec<u32> = (0..PARTS).map(|_| rng.random_range(2..=most)).collect();
    let value = |count: Count| -> u32 {
        (0..1 << groups).filter(|part| count.has(*part, groups)).map(|part| parts[part]).sum()
    };
    let mut drafts: Vec<(Vec<Count>, Count)> = (0..7).filter_map(|_| draft(rng, groups)).collect();
    drafts.sort_by_key(|(told, _)| told.len());
    let at = rung as usize * drafts.len() / 7;
    let plain = || (vec![Count::All, Count::Somewhere], Count::Nowhere);
    let (told, asked) = drafts.into_iter().nth(at).unwrap_or_else(plain);
    let quoted: Vec<String> = does.iter().map(|what| format!("“{what}”")).collect();
    let list = quoted.join(said(language, ", ", "、"));
    let intro = fill(scene.intro, &[("list", &list)]);
    let told: Vec<String> =
        told.iter().map(|count| scene.tell(rng, language, *count, &does, Some(value(*count)))).collect();
    let ask = scene.tell(rng, language, asked, &does, None);
    let form = closing(rng, language, said(language, "the number in digits", "阿拉伯数字"));
    Puzzle { intro, body: sentences(language, &shuffled(rng, &told)), ask, form }.made(vec![value(asked).to_string()])
}

/// Something to ask and what settles it, of which nothing can be left out.
fn draft(rng: &mut ChaCha8Rng, groups: usize) -> Option<(Vec<Count>, Count)> {
    let all = shuffled(rng, &Count::all(groups));
    let (asked, rest) = all.split_first()?;
    let (mut told, mut known) = (Vec::new(), Told::default());
    for count in rest {
        known.add(*count, groups);
        told.push(*count);
        if known.settles(*asked, groups) {
            break;
        }
    }
    for at in (0..told.len()).rev() {
        let mut fewer = told.clone();
        fewer.remove(at);
        if Told::of(&fewer, groups).settles(*asked, groups) {
            told = fewer;
        }
    }
    (told.len() > 1 && Told::of(&told, groups).settles(*asked, groups)).then_some((told, *asked))
}

impl Scene {
    /// Says how many they are, or asks for it.
    fn tell(
        &self,
        rng: &mut ChaCha8Rng,
        language: Language,
        count: Count,
        does: &[&str],
        value: Option<u32>,
    ) -> String {
        let does = |at: usize| does.get(at).copied().unwrap_or("");
        let three = !does(2).is_empty();
        let what = match (language, count) {
            (_, Count::All) => {
                return match value {
                    Some(value) => fill(self.all, &[("v", &value.to_string())]),
                    None => said(language, "How many people are there in all?", "一共有多少人？").to_owned(),
                };
            }
            (Language::English, Count::In(a)) if three => format!("{} (whatever else they do)", does(a)),
            (Language::English, Count::In(a)) => does(a).to_owned(),
            (Language::English, Count::InBoth(a, b)) => {
                let third = does(3 - a - b);
                format!("{} and also {} (some of them may {third} as well)", does(a), does(b))
            }
            (Language::English, Count::InAll) if three => format!("{}, {} and also {}", does(0), does(1), does(2)),
            (Language::English, Count::InAll) => format!("{} and also {}", does(0), does(1)),
            (Language::English, Count::Only(a)) if three => {
                format!("{} but neither {} nor {}", does(a), does((a + 1) % 3), does((a + 2) % 3))
            }
            (Language::English, Count::Only(a)) => format!("{} but do not {}", does(a), does(1 - a)),
            (Language::English, Count::Nowhere) => self.none.to_owned(),
            (Language::English, Count::Somewhere) => "fit at least one of these descriptions".to_owned(),
            (Language::English, Count::InExactly(number)) => {
                format!("fit exactly {} of these descriptions", if number == 1 { "one" } else { "two" })
            }
            (Language::Chinese, Count::In(a)) => does(a).to_owned(),
            (Language::Chinese, Count::InBoth(a, b)) => {
                format!("既{}又{}（其中可能也有人{}）", does(a), does(b), does(3 - a - b))
            }
            (Language::Chinese, Count::InAll) if three => {
                format!("三项都符合（{}、{}并且{}）", does(0), does(1), does(2))
            }
            (Language::Chinese, Count::InAll) => format!("既{}又{}", does(0), does(1)),
            (Language::Chinese, Count::Only(a)) => format!("只符合“{}”这一项", does(a)),
            (Language::Chinese, Count::Nowhere) => self.none.to_owned(),
            (Language::Chinese, Count::Somewhere) => "至少符合其中一项".to_owned(),
            (Language::Chinese, Count::InExactly(number)) => format!("恰好符合其中{number}项"),
        };
        let form = match value {
            Some(_) => {
                one(rng, said(language, &["{v} of them {w}.", "{v} people {w}."], &["{w}的有{v}人。", "有{v}人{w}。"]))
            }
            None => one(
                rng,
                said(
                    language,
                    &["How many people {w}?", "How many of them {w}?"],
                    &["{w}的有多少人？", "有多少人{w}？"],
                ),
            ),
        };
        fill(form, &[("w", &what), ("v", &value.unwrap_or(0).to_string())])
    }
}
