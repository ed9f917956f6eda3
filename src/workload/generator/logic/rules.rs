//! Domain `rules`: what follows of somebody from rules, with others beside them that do not matter.
//!
//! Every rule joins something new to what is there, so that the rules form a tree. Then no statement implies its own
//! opposite, and what follows is what can be reached from the facts by the rules and their contrapositives.

use super::super::library::{Language, Made, Wanted};
use super::super::phrase::{chance, closing, fill, one, people, said, sentences, shuffled, some};
use super::Puzzle;
use rand::RngExt;
use rand_chacha::ChaCha8Rng;
use std::collections::BTreeSet;

/// Something that is so of a person, or not so.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Literal {
    what: usize,
    so: bool,
}

impl Literal {
    const fn opposite(self) -> Self {
        Self { what: self.what, so: !self.so }
    }
}

/// The first implies the second.
type Rule = [Literal; 2];

/// What may be so of a person, and how the opposite is said.
const TRAITS: &[[&str; 2]] = &[
    ["plays chess", "does not play chess"],
    ["speaks Spanish", "does not speak Spanish"],
    ["owns a bicycle", "does not own a bicycle"],
    ["drinks tea", "does not drink tea"],
    ["sings in the choir", "does not sing in the choir"],
    ["reads novels", "does not read novels"],
    ["wears glasses", "does not wear glasses"],
    ["keeps a cat", "does not keep a cat"],
    ["rides horses", "does not ride horses"],
    ["grows tomatoes", "does not grow tomatoes"],
    ["collects stamps", "does not collect stamps"],
    ["works at night", "does not work at night"],
    ["knows how to swim", "does not know how to swim"],
    ["has been to Iceland", "has not been to Iceland"],
    ["bakes bread", "does not bake bread"],
    ["lives on a hill", "does not live on a hill"],
];
const CHINESE_TRAITS: &[[&str; 2]] = &[
    ["会下棋", "不会下棋"],
    ["会说西班牙语", "不会说西班牙语"],
    ["有自行车", "没有自行车"],
    ["喜欢喝茶", "不喜欢喝茶"],
    ["参加合唱团", "不参加合唱团"],
    ["爱读小说", "不爱读小说"],
    ["戴眼镜", "不戴眼镜"],
    ["养猫", "不养猫"],
    ["会骑马", "不会骑马"],
    ["种番茄", "不种番茄"],
    ["收集邮票", "不收集邮票"],
    ["上夜班", "不上夜班"],
    ["会游泳", "不会游泳"],
    ["去过冰岛", "没去过冰岛"],
    ["会烤面包", "不会烤面包"],
    ["住在山上", "不住在山上"],
];
/// Words that mean nothing, so that nothing but the rules can be gone by.
const NOUNS: &[&str] = &[
    "zorp", "blim", "wug", "gralt", "florp", "dreen", "vark", "plon", "snig", "trond", "lurn", "borgle", "jint",
    "narl", "rundle", "skive", "teef", "vint", "yomp", "quell",
];
const CHINESE_NOUNS: &[&str] = &[
    "沙卡", "洛姆", "提文", "格朗", "弗洛", "德林", "瓦克", "米布", "普隆", "奎尔", "特隆", "费普", "鲁恩", "博格",
    "金特", "纳尔", "皮姆", "伦多", "斯凯", "约普",
];

/// Rules by what they say: `{p}` implies `{q}`; `{n}` is what `{q}` denies.
const ANY: &[&str] = &[
    "Everyone who {p} {q}.",
    "If someone {p}, then that person {q}.",
    "Whoever {p} {q}.",
    "A person {p} only if that person {q}.",
];
const TO_NOT: &[&str] = &["Nobody who {p} {n}.", "Nobody {n} who {p}."];
const CHINESE_ANY: &[&str] = &["所有{p}的人都{q}。", "如果一个人{p}，那么这个人{q}。", "只要{p}，就一定{q}。"];
const CHINESE_TO_NOT: &[&str] = &["{p}的人没有一个{n}。"];
const CHINESE_BOTH_SO: &[&str] = &["只有{q}的人才{p}。"];

struct World {
    language: Language,
    /// The statement and its opposite, of a person.
    traits: Vec<[String; 2]>,
}

impl World {
    fn random(rng: &mut ChaCha8Rng, language: Language) -> Self {
        let traits = if chance(rng, 50) {
            let all = shuffled(rng, said(language, TRAITS, CHINESE_TRAITS));
            all.iter().map(|both| both.map(str::to_owned)).collect()
        } else {
            let all = shuffled(rng, said(language, NOUNS, CHINESE_NOUNS));
            let forms = said(language, ["is a {w}", "is not a {w}"], ["是{w}", "不是{w}"]);
            all.iter().map(|word| forms.map(|form| fill(form, &[("w", word)]))).collect()
        };
        Self { language, traits }
    }

    fn words(&self, literal: Literal) -> &str {
        self.traits.get(literal.what).map_or("", |[so, not]| if literal.so { so } else { not })
    }

    fn rule(&self, rng: &mut ChaCha8Rng, [p, q]: Rule) -> String {
        let mut forms = said(self.language, ANY, CHINESE_ANY).to_vec();
        if !q.so {
            forms.extend(said(self.language, TO_NOT, CHINESE_TO_NOT));
        }
        if p.so && q.so && self.language == Language::Chinese {
            forms.extend(CHINESE_BOTH_SO);
        }
        let (p, q, n) = (self.words(p), self.words(q), self.words(q.opposite()));
        fill(one(rng, &forms), &[("p", p), ("q", q), ("n", n)])
    }

    fn fact(&self, name: &str, literal: Literal) -> String {
        let words = self.words(literal);
        said(self.language, format_fact as fn(&str, &str) -> String, |name, words| format!("{name}{words}。"))(
            name, words,
        )
    }
}

fn format_fact(name: &str, words: &str) -> String {
    format!("{name} {words}.")
}

/// All that follows from a fact.
fn follows(fact: Literal, rules: &[Rule]) -> BTreeSet<Literal> {
    let (mut reached, mut open) = (BTreeSet::from([fact]), vec![fact]);
    while let Some(from) = open.pop() {
        let forward = rules.iter().filter(|rule| rule[0] == from).map(|rule| rule[1]);
        let backward = rules.iter().filter(|rule| rule[1] == from.opposite()).map(|rule| rule[0].opposite());
        open.extend(forward.chain(backward).filter(|next| reached.insert(*next)));
    }
    reached
}

pub(super) fn make(wanted: Wanted, rng: &mut ChaCha8Rng) -> Made {
    let Wanted { difficulty, language, .. } = wanted;
    let world = World::random(rng, language);
    let links = 1 + difficulty as usize / 2;
    let lone = |rng: &mut ChaCha8Rng, what: usize| Literal { what, so: chance(rng, 65) };
    let line: Vec<Literal> = (0..=links).map(|what| lone(rng, what)).collect();
    let mut rules: Vec<Rule> = line.windows(2).filter_map(|pair| <Rule>::try_from(pair).ok()).collect();
    // A third of the questions can't be decided: one link is turned round, and says something else.
    if chance(rng, 36) {
        let at = rng.random_range(0..rules.len());
        rules[at].reverse();
    }
    // What does not matter hangs on the line, each by something new.
    for what in links + 1..=links + (difficulty as usize).div_ceil(2) {
        let (new, old) = (lone(rng, what), Literal { what: rng.random_range(0..what), so: chance(rng, 60) });
        rules.push(if chance(rng, 50) { [new, old] } else { [old, new] });
    }
    // Said the other way round it is the same rule.
    for rule in &mut rules {
        if chance(rng, 10 + 3 * difficulty) {
            *rule = [rule[1].opposite(), rule[0].opposite()];
        }
    }
    let names = people(rng, language, 3);
    let (who, others) = (names[0], &names[1..]);
    let (fact, asked) = (line[0], Literal { so: chance(rng, 50), ..line[links] });
    let mut lines: Vec<String> = rules.iter().map(|rule| world.rule(rng, *rule)).collect();
    lines.push(world.fact(who, fact));
    for other in others.iter().take(difficulty as usize / 3) {
        let what = rng.random_range(0..=links);
        let literal = lone(rng, what);
        lines.push(world.fact(other, literal));
    }
    let lines = some(rng, &lines, lines.len());
    let reached = follows(fact, &rules);
    let answers: &[&str] = match (reached.contains(&asked), reached.contains(&asked.opposite()), language) {
        (true, _, Language::English) => &["true"],
        (_, true, Language::English) => &["false"],
        (_, _, Language::English) => &["unknown"],
        (true, _, Language::Chinese) => &["真"],
        (_, true, Language::Chinese) => &["假"],
        (_, _, Language::Chinese) => &["无法确定", "不能确定", "不确定"],
    };
    let intro = one(
        rng,
        said(
            language,
            &[
                "Take the following as given, and nothing else:",
                "Go by these statements alone; what they leave open is not known:",
                "Suppose that all of this is true:",
            ],
            &["以下陈述均为真，除此之外一无所知：", "只根据下面的陈述进行推理：", "假设下面的话全部成立："],
        ),
    );
    let claim = world.fact(who, asked);
    let claim = claim.trim_end_matches(['.', '。']);
    let ask = one(
        rng,
        said(
            language,
            &[
                "Is the statement “{s}” true, false, or unknown because the above leaves it open?",
                "Does it follow that “{s}” is true, does it follow that it is false, or is that unknown?",
            ],
            &["由此看来，“{s}”是真、是假，还是无法确定？", "根据以上信息，“{s}”这句话为真、为假，还是无法确定？"],
        ),
    );
    let ask = fill(ask, &[("s", claim)]);
    let what = said(language, "one of the words “true”, “false” or “unknown”", "“真”“假”或“无法确定”之一");
    let form = closing(rng, language, what);
    let body = if chance(rng, 50) { sentences(language, &lines) } else { lines.join("\n") };
    Puzzle { intro: intro.to_owned(), body, ask, form }
        .made(answers.iter().map(|answer| (*answer).to_owned()).collect())
}
