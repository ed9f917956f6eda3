//! Domain `ordering`: people in a row, a race, a house or a meeting, and clues that leave one order only.

use super::super::library::{Language, Made, Wanted};
use super::super::phrase::{
    capital, cardinal, chance, closing, fill, listing, one, ordinal, people, said, sentences, shuffled,
};
use super::Puzzle;
use rand::RngExt;
use rand_chacha::ChaCha8Rng;

/// The most people: all orders of them are gone through.
const MOST: usize = 7;

/// Where each person stands, from 0.
type Order = [usize; MOST];

/// Something that is so.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Clue {
    Before(usize, usize),
    JustBefore(usize, usize),
    Beside(usize, usize),
    Apart(usize, usize),
    At(usize, usize),
    NotAt(usize, usize),
    Gap(usize, usize, usize),
    AtAnEnd(usize),
}

impl Clue {
    fn holds(self, order: &Order, n: usize) -> bool {
        let at = |person: usize| order[person];
        match self {
            Self::Before(a, b) => at(a) < at(b),
            Self::JustBefore(a, b) => at(a) + 1 == at(b),
            Self::Beside(a, b) => at(a).abs_diff(at(b)) == 1,
            Self::Apart(a, b) => at(a).abs_diff(at(b)) != 1,
            Self::At(a, place) => at(a) == place,
            Self::NotAt(a, place) => at(a) != place,
            Self::Gap(a, b, between) => at(a).abs_diff(at(b)) == between + 1,
            Self::AtAnEnd(a) => at(a) == 0 || at(a) + 1 == n,
        }
    }
}

/// How a place with an order is spoken of. `{a}` comes before `{b}`; `{k}` is an ordinal, `{d}` a number, `{g}` how many
/// between.
struct Scene {
    intro: &'static str,
    before: &'static [&'static str],
    just: &'static [&'static str],
    beside: &'static str,
    apart: &'static str,
    at: &'static str,
    not_at: &'static str,
    gap_of_one: &'static str,
    gap: &'static str,
    end: &'static str,
    ask: &'static str,
    ask_from_the_end: &'static str,
}

const ENGLISH: &[Scene] = &[
    Scene {
        intro: "{Count} friends sit side by side on a bench: {names}. Left and right are meant as you see them from the front.",
        before: &["{a} sits somewhere to the left of {b}.", "{b} sits further to the right than {a}."],
        just: &["{a} sits directly to the left of {b}.", "The next seat to the right of {a} is taken by {b}."],
        beside: "{a} and {b} sit next to each other.",
        apart: "{a} and {b} do not sit next to each other.",
        at: "{a} sits {k} from the left.",
        not_at: "{a} does not sit {k} from the left.",
        gap_of_one: "Exactly one person sits between {a} and {b}.",
        gap: "Exactly {g} people sit between {a} and {b}.",
        end: "{a} sits at one of the two ends of the bench.",
        ask: "Who sits {k} from the left?",
        ask_from_the_end: "Who sits {k} from the right?",
    },
    Scene {
        intro: "{Count} runners finished a race, each at a different time: {names}.",
        before: &["{a} finished before {b}.", "{b} reached the finish later than {a}."],
        just: &["{b} was the next to finish after {a}.", "{a} finished exactly one place ahead of {b}."],
        beside: "{a} and {b} finished one right after the other, in one order or the other.",
        apart: "At least one runner finished between {a} and {b}.",
        at: "{a} finished in {k} place.",
        not_at: "{a} did not finish in {k} place.",
        gap_of_one: "Exactly one runner finished between {a} and {b}.",
        gap: "Exactly {g} runners finished between {a} and {b}.",
        end: "{a} finished either first or last.",
        ask: "Who finished in {k} place?",
        ask_from_the_end: "Counting from the back, with the last runner as the first, who comes {k}?",
    },
    Scene {
        intro: "{Count} people live in a house of {n} floors, one person on each floor: {names}. Floor 1 is the lowest.",
        before: &["{a} lives on a lower floor than {b}.", "{b} lives somewhere above {a}."],
        just: &["{b} lives on the floor directly above {a}.", "{a} lives exactly one floor below {b}."],
        beside: "{a} and {b} live on neighbouring floors.",
        apart: "{a} and {b} do not live on neighbouring floors.",
        at: "{a} lives on floor {d}.",
        not_at: "{a} does not live on floor {d}.",
        gap_of_one: "There is exactly one floor between the floors of {a} and {b}.",
        gap: "There are exactly {g} floors between the floors of {a} and {b}.",
        end: "{a} lives either on the top floor or on floor 1.",
        ask: "Who lives on floor {d}?",
        ask_from_the_end: "If the floors are counted from the top, who lives on the {k} one?",
    },
    Scene {
        intro: "At a meeting {count} people speak one after another, each of them once: {names}.",
        before: &["{a} speaks earlier than {b}.", "{b} speaks some time after {a}."],
        just: &["{b} speaks straight after {a}.", "As soon as {a} has finished, it is the turn of {b}."],
        beside: "Nobody speaks between {a} and {b}.",
        apart: "Somebody speaks between {a} and {b}.",
        at: "{a} is speaker number {d}.",
        not_at: "{a} is not speaker number {d}.",
        gap_of_one: "Exactly one other person speaks between {a} and {b}.",
        gap: "Exactly {g} other people speak between {a} and {b}.",
        end: "{a} speaks either first or last.",
        ask: "Who is speaker number {d}?",
        ask_from_the_end: "Counting back from the last speaker, who is the {k} one?",
    },
];

const CHINESE: &[Scene] = &[
    Scene {
        intro: "{n}位朋友并排坐在一张长椅上：{names}。左和右都以从正面看过去的方向为准。",
        before: &["{a}坐在{b}左边的某个位置。", "{b}坐得比{a}更靠右。"],
        just: &["{a}紧挨着坐在{b}的左边。", "{a}右边紧挨着的就是{b}。"],
        beside: "{a}和{b}相邻而坐。",
        apart: "{a}和{b}并不相邻。",
        at: "{a}坐在从左数第{d}个位置。",
        not_at: "{a}不坐在从左数第{d}个位置。",
        gap_of_one: "{a}和{b}之间恰好坐着1个人。",
        gap: "{a}和{b}之间恰好坐着{g}个人。",
        end: "{a}坐在长椅的某一端。",
        ask: "从左数第{d}个位置坐的是谁？",
        ask_from_the_end: "从右数第{d}个位置坐的是谁？",
    },
    Scene {
        intro: "{n}名选手参加赛跑，到达终点的时间各不相同：{names}。",
        before: &["{a}比{b}先到终点。", "{b}比{a}晚到终点。"],
        just: &["{a}到达之后，紧接着到达的是{b}。", "{a}的名次恰好比{b}靠前一名。"],
        beside: "{a}和{b}的名次相邻。",
        apart: "{a}和{b}的名次不相邻。",
        at: "{a}得了第{d}名。",
        not_at: "{a}没有得第{d}名。",
        gap_of_one: "恰好有1人在{a}和{b}之间到达终点。",
        gap: "恰好有{g}人在{a}和{b}之间到达终点。",
        end: "{a}不是第一名就是最后一名。",
        ask: "第{d}名是谁？",
        ask_from_the_end: "倒数第{d}名是谁？",
    },
    Scene {
        intro: "一栋{n}层的小楼里住着{n}个人，每层住一人：{names}。第1层是最低的一层。",
        before: &["{a}住的楼层比{b}低。", "{b}住在{a}上方的某一层。"],
        just: &["{b}就住在{a}的正上面一层。", "{a}住的楼层恰好比{b}低一层。"],
        beside: "{a}和{b}住在相邻的两层。",
        apart: "{a}和{b}住的楼层不相邻。",
        at: "{a}住在第{d}层。",
        not_at: "{a}不住在第{d}层。",
        gap_of_one: "{a}和{b}所住的楼层之间恰好还有1层。",
        gap: "{a}和{b}所住的楼层之间恰好还有{g}层。",
        end: "{a}住在顶层或者第1层。",
        ask: "谁住在第{d}层？",
        ask_from_the_end: "谁住在从上往下数的第{d}层？",
    },
    Scene {
        intro: "会上有{n}个人依次发言，每人一次：{names}。",
        before: &["{a}比{b}早发言。", "{b}在{a}之后的某个时候发言。"],
        just: &["{a}讲完后紧接着就由{b}发言。", "{b}接在{a}后面发言，中间没有别人。"],
        beside: "{a}和{b}的发言之间没有别人发言。",
        apart: "{a}和{b}的发言之间至少还有一个人发言。",
        at: "{a}第{d}个发言。",
        not_at: "{a}不是第{d}个发言。",
        gap_of_one: "{a}和{b}的发言之间恰好有1个人发言。",
        gap: "{a}和{b}的发言之间恰好有{g}个人发言。",
        end: "{a}要么第一个发言，要么最后一个发言。",
        ask: "第{d}个发言的是谁？",
        ask_from_the_end: "倒数第{d}个发言的是谁？",
    },
];

/// True, and of no use.
const ASIDES: &[&str] = &[
    "{a} likes old films.",
    "{a} has two cats.",
    "{a} is left-handed.",
    "{a} comes from a small town.",
    "{a} and {b} went to the same school.",
    "{a} is wearing a green scarf.",
    "{a} has known {b} for years.",
    "{a} plays the guitar.",
];
const CHINESE_ASIDES: &[&str] = &[
    "{a}喜欢看老电影。",
    "{a}养了两只猫。",
    "{a}是左撇子。",
    "{a}来自一座小城。",
    "{a}和{b}上过同一所学校。",
    "{a}今天戴着绿围巾。",
    "{a}认识{b}很多年了。",
    "{a}会弹吉他。",
];

pub(super) fn make(wanted: Wanted, rng: &mut ChaCha8Rng) -> Made {
    let Wanted { difficulty, language, .. } = wanted;
    let n = (3 + difficulty as usize / 2).min(MOST);
    let scene = &said(language, ENGLISH, CHINESE)[rng.random_range(0..ENGLISH.len())];
    let names = people(rng, language, n);
    let mut truth: Order = [0; MOST];
    for (person, place) in shuffled(rng, &(0..n).collect::<Vec<_>>()).into_iter().enumerate() {
        truth[person] = place;
    }
    let mut clues = Vec::new();
    let mut left = orders(n);
    while left.len() > 1 {
        let clue = (0..40).map(|_| random(rng, &truth, n, difficulty)).find(|clue| narrows(*clue, &left, n));
        let clue = clue.unwrap_or_else(|| telling(&truth, &left, n));
        left.retain(|order| clue.holds(order, n));
        clues.push(clue);
    }
    let mut lines: Vec<String> = clues.iter().map(|clue| scene.tell(rng, language, *clue, &names)).collect();
    for _ in 0..difficulty.saturating_sub(3) / 2 {
        let (a, b) = two(rng, n);
        lines.push(fill(one(rng, said(language, ASIDES, CHINESE_ASIDES)), &[("a", names[a]), ("b", names[b])]));
    }
    let lines = shuffled(rng, &lines);
    let place = rng.random_range(0..n);
    let who = (0..n).find(|person| truth[*person] == place).unwrap_or(0);
    let backwards = chance(rng, difficulty * 5);
    let (ask, number) = if backwards { (scene.ask_from_the_end, n - place) } else { (scene.ask, place + 1) };
    let ask = fill(ask, &[("k", &ordinal(number)), ("d", &number.to_string())]);
    let intro = fill(
        scene.intro,
        &[
            ("Count", &capital(&cardinal(n))),
            ("count", &cardinal(n)),
            ("n", &n.to_string()),
            ("names", &listing(language, &names)),
        ],
    );
    let clues = if chance(rng, 50) {
        sentences(language, &lines)
    } else {
        lines.iter().map(|line| format!("- {line}")).collect::<Vec<_>>().join("\n")
    };
    let form = closing(rng, language, said(language, "the name", "名字"));
    Puzzle { intro, body: clues, ask, form }.made(vec![names[who].to_owned()])
}

impl Scene {
    fn tell(&self, rng: &mut ChaCha8Rng, language: Language, clue: Clue, names: &[&str]) -> String {
        let (template, a, b, place, between) = match clue {
            Clue::Before(a, b) => (one(rng, self.before), a, b, 0, 0),
            Clue::JustBefore(a, b) => (one(rng, self.just), a, b, 0, 0),
            Clue::Beside(a, b) => (self.beside, a, b, 0, 0),
            Clue::Apart(a, b) => (self.apart, a, b, 0, 0),
            Clue::At(a, place) => (self.at, a, a, place, 0),
            Clue::NotAt(a, place) => (self.not_at, a, a, place, 0),
            Clue::Gap(a, b, 1) => (self.gap_of_one, a, b, 0, 1),
            Clue::Gap(a, b, between) => (self.gap, a, b, 0, between),
            Clue::AtAnEnd(a) => (self.end, a, a, 0, 0),
        };
        let (ordinal, digits) = (ordinal(place + 1), (place + 1).to_string());
        let between = if language == Language::English { cardinal(between) } else { between.to_string() };
        fill(template, &[("a", names[a]), ("b", names[b]), ("k", &ordinal), ("d", &digits), ("g", &between)])
    }
}

/// All orders of so many people.
fn orders(n: usize) -> Vec<Order> {
    let mut all = vec![[0; MOST]];
    // Person after person takes a place among those before, who move up.
    for person in 0..n {
        all = all
            .iter()
            .flat_map(|order| {
                (0..=person).map(move |place| {
                    let mut next = *order;
                    next.iter_mut().take(person).filter(|at| **at >= place).for_each(|at| *at += 1);
                    next[person] = place;
                    next
                })
            })
            .collect();
    }
    all
}

fn narrows(clue: Clue, left: &[Order], n: usize) -> bool {
    left.iter().any(|order| !clue.holds(order, n))
}

/// A clue that narrows what is left whatever it is: the place of somebody who has another one in some order.
fn telling(truth: &Order, left: &[Order], n: usize) -> Clue {
    let all = (0..n).map(|person| Clue::At(person, truth[person]));
    all.into_iter().find(|clue| narrows(*clue, left, n)).unwrap_or(Clue::At(0, truth[0]))
}

fn two(rng: &mut ChaCha8Rng, n: usize) -> (usize, usize) {
    let a = rng.random_range(0..n);
    (a, (a + rng.random_range(1..n)) % n)
}

/// Something that is so: the harder, the less it says.
fn random(rng: &mut ChaCha8Rng, truth: &Order, n: usize, difficulty: u32) -> Clue {
    let (x, y) = two(rng, n);
    let (a, b) = if truth[x] < truth[y] { (x, y) } else { (y, x) };
    let apart = truth[b] - truth[a];
    let place = rng.random_range(0..n);
    let easy = chance(rng, 60_u32.saturating_sub(7 * difficulty));
    match rng.random_range(0..8) {
        _ if easy && chance(rng, 50) => Clue::At(x, truth[x]),
        0 | 1 if apart == 1 => Clue::JustBefore(a, b),
        0..=2 if apart == 1 => Clue::Beside(x, y),
        3 if apart > 1 => Clue::Apart(x, y),
        4 if apart > 1 => Clue::Gap(x, y, apart - 1),
        5 if truth[x] == 0 || truth[x] + 1 == n => Clue::AtAnEnd(x),
        6 if place != truth[x] => Clue::NotAt(x, place),
        _ => Clue::Before(a, b),
    }
}
