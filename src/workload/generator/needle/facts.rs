//! Facts that can be looked up: the numbers of places, and what is nearly the same.

use super::super::library::Language;
use super::super::phrase::{chance, fill, one, said, shuffled};
use rand::RngExt;
use rand_chacha::ChaCha8Rng;

/// What a fact is about: which number of which place, by their position in the lists.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct About {
    kind: usize,
    which: usize,
    place: usize,
}

const KINDS: &[&str] = &[
    "access code",
    "inventory number",
    "permit number",
    "locker number",
    "telephone extension",
    "contract number",
    "insurance number",
    "meter reading",
];
const WHICH: &[&str] = &[
    "northern",
    "southern",
    "eastern",
    "western",
    "upper",
    "lower",
    "old",
    "new",
    "red",
    "white",
    "abandoned",
    "royal",
    "central",
    "municipal",
    "private",
    "floating",
];
const PLACES: &[&str] = &[
    "warehouse",
    "archive",
    "workshop",
    "greenhouse",
    "chapel",
    "mill",
    "depot",
    "library",
    "gatehouse",
    "laboratory",
    "boathouse",
    "observatory",
    "bakery",
    "stable",
    "foundry",
    "museum",
];
const CHINESE_KINDS: &[&str] =
    &["门禁密码", "登记编号", "许可证号", "储物柜号", "分机号", "合同编号", "保险单号", "电表读数"];
const CHINESE_WHICH: &[&str] = &[
    "北区",
    "南区",
    "东区",
    "西区",
    "上游",
    "下游",
    "老城",
    "新城",
    "红房子旁",
    "山脚",
    "港口",
    "车站",
    "湖畔",
    "市中心",
    "码头",
    "岛上",
];
const CHINESE_PLACES: &[&str] = &[
    "仓库",
    "档案馆",
    "工坊",
    "温室",
    "礼堂",
    "磨坊",
    "货栈",
    "图书室",
    "门房",
    "实验室",
    "船坞",
    "观测站",
    "面包房",
    "马厩",
    "铸造厂",
    "博物馆",
];

/// `{f}` is what has a number, `{v}` the number.
const TELL: &[&str] = &[
    "{F} is {v}.",
    "Note that {f} is {v}.",
    "For the record, {f} is {v}.",
    "Somebody had written down that {f} is {v}.",
    "It is {v} that serves as {f}.",
];
const CHINESE_TELL: &[&str] =
    &["{f}是{v}。", "请注意，{f}是{v}。", "记录显示，{f}为{v}。", "有人在纸上写着：{f}是{v}。", "{v}就是{f}。"];
/// Two things have the same number.
const LINK: &[&str] =
    &["{F} is the same as {g}.", "Note that {f} is identical to {g}.", "For {f}, the same number is used as for {g}."];
const CHINESE_LINK: &[&str] = &["{f}与{g}相同。", "请注意，{f}和{g}是同一个数。", "{f}用的数和{g}一样。"];
/// A number that was and is no more.
const FORMER: &[&str] = &[
    "{F} used to be {v}, but that one is no longer valid.",
    "Until last year {f} was {v}; it has been changed since.",
];
const CHINESE_FORMER: &[&str] = &["{f}以前是{v}，现在已经作废。", "去年以前，{f}是{v}，后来改掉了。"];

/// The facts of a text in one language.
pub(super) struct Facts {
    language: Language,
    kind: usize,
}

impl Facts {
    pub fn random(rng: &mut ChaCha8Rng, language: Language) -> Self {
        Self { language, kind: rng.random_range(0..KINDS.len()) }
    }

    /// So many different ones; of one kind where they belong together.
    pub fn distinct(&self, rng: &mut ChaCha8Rng, count: usize, one_kind: bool) -> Vec<About> {
        let mut all: Vec<About> = Vec::new();
        while all.len() < count {
            let kind = if one_kind { self.kind } else { rng.random_range(0..KINDS.len()) };
            let about = About { kind, ..self.any(rng) };
            if !all.contains(&about) {
                all.push(about);
            }
        }
        all
    }

    fn any(&self, rng: &mut ChaCha8Rng) -> About {
        About {
            kind: rng.random_range(0..KINDS.len()),
            which: rng.random_range(0..WHICH.len()),
            place: rng.random_range(0..PLACES.len()),
        }
    }

    /// So many different numbers of five digits.
    pub fn values(&self, rng: &mut ChaCha8Rng, count: usize) -> Vec<u32> {
        let mut all: Vec<u32> = Vec::new();
        while all.len() < count {
            let value = rng.random_range(10_000..100_000);
            if !all.contains(&value) {
                all.push(value);
            }
        }
        all
    }

    /// `the access code of the northern mill`, 北区磨坊的门禁密码.
    pub fn name(&self, about: About) -> String {
        let words = |english: &[&'static str], chinese: &[&'static str], at: usize| {
            said(self.language, english, chinese).get(at).copied().unwrap_or("")
        };
        let kind = words(KINDS, CHINESE_KINDS, about.kind);
        let (which, place) = (words(WHICH, CHINESE_WHICH, about.which), words(PLACES, CHINESE_PLACES, about.place));
        match self.language {
            Language::English => format!("the {kind} of the {which} {place}"),
            Language::Chinese => format!("{which}{place}的{kind}"),
        }
    }

    fn sentence(&self, rng: &mut ChaCha8Rng, forms: [&[&str]; 2], about: About, value: &str) -> String {
        let name = self.name(about);
        let begun = name.strip_prefix("the ").map_or_else(|| name.clone(), |rest| format!("The {rest}"));
        let form = one(rng, said(self.language, forms[0], forms[1]));
        fill(form, &[("f", &name), ("F", &begun), ("v", value), ("g", value)])
    }

    /// That something has a number.
    pub fn tell(&self, rng: &mut ChaCha8Rng, about: About, value: u32) -> String {
        self.sentence(rng, [TELL, CHINESE_TELL], about, &value.to_string())
    }

    /// That one has the number of another.
    pub fn link(&self, rng: &mut ChaCha8Rng, about: About, other: About) -> String {
        let other = self.name(other);
        self.sentence(rng, [LINK, CHINESE_LINK], about, &other)
    }

    /// So many facts that are nearly those asked for: the same number of a place like theirs, another number of their
    /// place, a number that was theirs once. None is about what is asked, as it is now.
    pub fn others(
        &self,
        rng: &mut ChaCha8Rng,
        asked: &[About],
        is_chain: bool,
        values: &[u32],
        count: usize,
    ) -> Vec<String> {
        let mut told: Vec<About> = asked.to_vec();
        let mut all = Vec::new();
        for value in values.iter().take(count) {
            let near = *one(rng, &asked.iter().collect::<Vec<_>>());
            // What was valid once is for the hard ones, and never for a link of a chain, which has no number of its own.
            if count > 5 && chance(rng, 25) && (!is_chain || asked.last() == Some(&near)) {
                all.push(self.sentence(rng, [FORMER, CHINESE_FORMER], near, &value.to_string()));
                continue;
            }
            let far = self.any(rng);
            let like = shuffled(
                rng,
                &[
                    About { which: far.which, ..near },
                    About { place: far.place, ..near },
                    About { kind: far.kind, ..near },
                    far,
                ],
            );
            if let Some(about) = like.into_iter().find(|about| !told.contains(about)) {
                told.push(about);
                all.push(self.tell(rng, about, *value));
            }
        }
        all
    }
}
