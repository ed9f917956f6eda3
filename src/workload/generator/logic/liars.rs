//! Domain `liars`: people who always tell the truth or always lie, and what they say of each other.

use super::super::library::{Language, Made, Wanted};
use super::super::phrase::{cardinal, chance, closing, fill, listing, one, people, said, shuffled};
use super::Puzzle;
use rand::RngExt;
use rand_chacha::ChaCha8Rng;

/// Who tells the truth, a bit each.
type World = u32;

/// What somebody says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Claim {
    Truthful(usize),
    Liar(usize),
    Same(usize, usize),
    Different(usize, usize),
    OneLies(usize, usize),
    BothTruthful(usize, usize),
    Liars(usize),
}

impl Claim {
    fn holds(self, world: World, n: usize) -> bool {
        let honest = |person: usize| world >> person & 1 == 1;
        match self {
            Self::Truthful(a) => honest(a),
            Self::Liar(a) => !honest(a),
            Self::Same(a, b) => honest(a) == honest(b),
            Self::Different(a, b) => honest(a) != honest(b),
            Self::OneLies(a, b) => !honest(a) || !honest(b),
            Self::BothTruthful(a, b) => honest(a) && honest(b),
            Self::Liars(count) => n - world.count_ones() as usize == count,
        }
    }
}

/// Who says what.
type Line = (usize, Claim);

/// Whether a line can be said: a liar's is false, the others' are true.
fn fits(line: Line, world: World, n: usize) -> bool {
    line.1.holds(world, n) == (world >> line.0 & 1 == 1)
}

pub(super) fn make(wanted: Wanted, rng: &mut ChaCha8Rng) -> Made {
    let Wanted { difficulty, language, .. } = wanted;
    let n = 2 + (difficulty as usize).div_ceil(2);
    let names = people(rng, language, n);
    let truth: World = rng.random_range(0..(1 << n));
    let mut lines: Vec<Line> = Vec::new();
    let mut left: Vec<World> = (0..1 << n).collect();
    let mut speakers = Vec::new();
    while left.len() > 1 {
        // Everybody has a turn before anybody has a second one.
        if speakers.is_empty() {
            speakers = shuffled(rng, &(0..n).collect::<Vec<_>>());
        }
        let speaker = speakers.pop().unwrap_or(0);
        let narrows = |line: &Line| fits(*line, truth, n) && left.iter().any(|world| !fits(*line, *world, n));
        let line = (0..60).map(|_| (speaker, random(rng, n))).find(narrows).unwrap_or_else(|| telling(truth, &left, n));
        left.retain(|world| fits(line, *world, n));
        lines.push(line);
    }
    let body: Vec<String> = lines.iter().map(|line| tell(rng, language, *line, &names)).collect();
    const INTROS: &[&str] = &[
        "On an island everybody is either a truth-teller, who only says what is true, or a liar, who only says what is false. You meet {count} of its people: {names}.",
        "Every member of a club is either a truth-teller or a liar: whatever a truth-teller says is true, and whatever a liar says is false. {names} belong to the club ({count} people).",
        "In this puzzle liars always say false things and truth-tellers always say true things; everybody is one or the other. The {count} people in it are {names}.",
    ];
    const CHINESE_INTROS: &[&str] = &[
        "某个岛上的人分为两类：诚实者说的话都是真的，说谎者说的话都是假的。你遇到了其中{n}个人：{names}。",
        "一个社团里，每个人不是诚实者就是说谎者。诚实者只说真话，说谎者只说假话。{names}是这个社团的{n}名成员。",
        "题中每个人要么是只说真话的诚实者，要么是只说假话的说谎者。一共有{n}个人：{names}。",
    ];
    let intro = one(rng, said(language, INTROS, CHINESE_INTROS));
    let (count, digits) = (cardinal(n), n.to_string());
    let intro = fill(intro, &[("count", &count), ("n", &digits), ("names", &listing(language, &names))]);
    let (ask, what, answers) = question(rng, wanted, truth, &names);
    let form = closing(rng, language, what);
    Puzzle { intro, body: body.join("\n"), ask, form }.made(answers)
}

/// What is asked, what the answer is, and the answer.
fn question(rng: &mut ChaCha8Rng, wanted: Wanted, truth: World, names: &[&str]) -> (String, &'static str, Vec<String>) {
    let Wanted { difficulty, language, .. } = wanted;
    let n = names.len();
    let honest = |person: usize| truth >> person & 1 == 1;
    let liars = (0..n).filter(|person| !honest(*person)).count();
    let name = said(language, "the name", "名字");
    let only = |honesty: bool| (0..n).find(|person| honest(*person) == honesty).and_then(|at| names.get(at));
    match (chance(rng, 60), only(false), only(true)) {
        (true, Some(liar), _) if liars == 1 => {
            let ask = said(language, "Exactly one of them is a liar. Who?", "其中只有一个说谎者，是谁？");
            return (ask.to_owned(), name, vec![(*liar).to_owned()]);
        }
        (true, _, Some(teller)) if liars + 1 == n => {
            let ask = said(language, "Exactly one of them is a truth-teller. Who?", "其中只有一个诚实者，是谁？");
            return (ask.to_owned(), name, vec![(*teller).to_owned()]);
        }
        _ => {}
    }
    if difficulty <= 3 && chance(rng, 50) {
        let person = rng.random_range(0..n);
        let ask = fill(
            said(language, "Is {a} a truth-teller or a liar?", "{a}是诚实者还是说谎者？"),
            &[("a", names[person])],
        );
        let what = said(language, "the words “truth-teller” or “liar”", "“诚实者”或“说谎者”");
        let answers: &[&str] = match (language, honest(person)) {
            (Language::English, true) => &["truth-teller", "truth teller", "a truth-teller", "truthteller"],
            (Language::English, false) => &["liar", "a liar"],
            (Language::Chinese, true) => &["诚实者"],
            (Language::Chinese, false) => &["说谎者"],
        };
        return (ask, what, answers.iter().map(|answer| (*answer).to_owned()).collect());
    }
    let number = said(language, "the number in digits", "阿拉伯数字");
    if chance(rng, 50) {
        let ask = said(language, "How many of them are liars?", "他们当中有几个说谎者？");
        (ask.to_owned(), number, vec![liars.to_string()])
    } else {
        let ask = said(language, "How many of them are truth-tellers?", "他们当中有几个诚实者？");
        (ask.to_owned(), number, vec![(n - liars).to_string()])
    }
}

/// A line that can be said and narrows what is left, whatever that is: there is always one.
///
/// Let a world be left beside the true one. If somebody is of the same kind in both, they can speak of one who is not,
/// and that is false in one world only. Otherwise the worlds are opposites; then whether two are of the same kind is
/// the same in both, and somebody can say that in one of them only.
fn telling(truth: World, left: &[World], n: usize) -> Line {
    let people = || 0..n;
    let pairs = people().flat_map(|a| (a + 1..n).flat_map(move |b| [Claim::Same(a, b), Claim::Different(a, b)]));
    let single = people().flat_map(|a| [Claim::Truthful(a), Claim::Liar(a)]);
    single
        .chain(pairs)
        .flat_map(|claim| people().map(move |speaker| (speaker, claim)))
        .find(|line| fits(*line, truth, n) && left.iter().any(|world| !fits(*line, *world, n)))
        .unwrap_or((0, Claim::Truthful(0)))
}

/// Something that anybody might say, of others or of all.
fn random(rng: &mut ChaCha8Rng, n: usize) -> Claim {
    let a = rng.random_range(0..n);
    let b = (a + rng.random_range(1..n)) % n;
    match rng.random_range(0..9) {
        0 => Claim::Truthful(a),
        1 | 2 => Claim::Liar(a),
        3 => Claim::Same(a, b),
        4 => Claim::Different(a, b),
        5 => Claim::OneLies(a, b),
        6 => Claim::BothTruthful(a, b),
        _ => Claim::Liars(rng.random_range(0..=n)),
    }
}

fn tell(rng: &mut ChaCha8Rng, language: Language, (speaker, claim): Line, names: &[&str]) -> String {
    let name = |person: usize| {
        if person == speaker { said(language, "I", "我") } else { names.get(person).copied().unwrap_or("") }
    };
    let n = names.len();
    let (mut a, mut b, mut number) = ("", "", String::new());
    let mut pair = |x: usize, y: usize| {
        // Whoever speaks comes last: "Ann and I".
        (a, b) = if x == speaker { (name(y), name(x)) } else { (name(x), name(y)) };
        [x, y].contains(&speaker)
    };
    let template = match (claim, language) {
        (Claim::Truthful(x), Language::English) if x == speaker => "I am a truth-teller.",
        (Claim::Liar(x), Language::English) if x == speaker => "I am a liar.",
        (Claim::Truthful(x), _) => {
            pair(x, x);
            said(language, "{a} is a truth-teller.", "{a}是诚实者。")
        }
        (Claim::Liar(x), _) => {
            pair(x, x);
            said(language, "{a} is a liar.", "{a}是说谎者。")
        }
        (Claim::Same(x, y), _) => {
            pair(x, y);
            let chinese = "{a}和{b}是同一类人。";
            said(
                language,
                one(rng, &["{a} and {b} are of the same kind.", "Either {a} and {b} both lie or neither does."]),
                chinese,
            )
        }
        (Claim::Different(x, y), _) => {
            pair(x, y);
            said(language, "Of {a} and {b}, exactly one is a liar.", "{a}和{b}当中恰好有一个是说谎者。")
        }
        (Claim::OneLies(x, y), _) => {
            pair(x, y);
            said(language, "At least one of {a} and {b} is a liar.", "{a}和{b}当中至少有一个是说谎者。")
        }
        (Claim::BothTruthful(x, y), _) => {
            pair(x, y);
            said(language, "{a} and {b} are both truth-tellers.", "{a}和{b}都是诚实者。")
        }
        (Claim::Liars(0), _) => said(language, "None of us is a liar.", "我们当中没有说谎者。"),
        (Claim::Liars(1), _) => said(language, "Exactly one of us is a liar.", "我们当中恰好有1个说谎者。"),
        (Claim::Liars(count), _) if count == n => said(language, "All of us are liars.", "我们全都是说谎者。"),
        (Claim::Liars(count), _) => {
            number = said(language, cardinal as fn(usize) -> String, |count| count.to_string())(count);
            said(language, "Exactly {k} of us are liars.", "我们当中恰好有{k}个说谎者。")
        }
    };
    // English has "me" after "of" and "between".
    let me = |word| {
        if language == Language::English && word == "I" && template.contains("f {a} and {b}") { "me" } else { word }
    };
    let claim = fill(template, &[("a", me(a)), ("b", me(b)), ("k", &number)]);
    let frame = one(rng, said(language, &["{s} says: “{c}”", "{s}: “{c}”"], &["{s}说：“{c}”", "{s}：“{c}”"]));
    fill(frame, &[("s", names.get(speaker).copied().unwrap_or("")), ("c", &claim)])
}
