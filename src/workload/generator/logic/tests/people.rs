//! Orders, liars and families, read out of their text.

use super::{Asked, Grammar, number};
use regex::Regex;
use std::collections::{BTreeMap, BTreeSet};

#[derive(Debug, Clone, Copy)]
enum Order {
    /// The first is before the second.
    Less,
    /// The second is before the first.
    More,
    /// The second comes right after the first.
    Next,
    /// The first comes right after the second.
    Follows,
    Touch,
    NoTouch,
    Place,
    NotPlace,
    OneBetween,
    /// The number comes first, last, or between the names.
    NumberBetween,
    NamesThenNumber,
    Edge,
    Aside,
}

#[derive(Debug, Clone, Copy)]
enum Claim {
    Truth,
    Lie,
    Same,
    Differ,
    SomeLie,
    AllTruth,
    Liars,
    NoLiar,
    OneLiar,
    OnlyLiars,
}

#[derive(Debug, Clone, Copy)]
enum Kin {
    HusbandOf,
    WifeOf,
    ChildOf(bool),
    HasChild(bool),
    SiblingOf(bool),
    HasSibling(bool),
}

pub struct Solver {
    order: Grammar<Order>,
    claims: Grammar<Claim>,
    kin: Grammar<Kin>,
    /// A number in a question, a line of speech, a list of names, and what stands around whom a question is about.
    place: Regex,
    speaks: Regex,
    named: Regex,
    bare: Regex,
}

impl Solver {
    pub fn new() -> Self {
        let regex = |pattern| Regex::new(pattern).unwrap();
        Self {
            order: Grammar::new(ORDER),
            claims: Grammar::new(CLAIMS),
            kin: Grammar::new(KIN),
            place: regex("第?(first|second|third|fourth|fifth|sixth|seventh|eighth|\\d)"),
            speaks: regex("^([A-Z][a-z]+|\\p{Han}{2}?)(?: says|说)?[:：] ?“(.*)”$"),
            named: regex("[A-Z][a-z]+(?:, [A-Z][a-z]+)* and [A-Z][a-z]+|\\p{Han}{2}(?:、\\p{Han}{2})*和\\p{Han}{2}"),
            bare: regex("^(?:Who is |What is the name of )|(?:是谁|叫什么名字)?[?？]$"),
        }
    }

    /// Goes through all orders, place after place, and turns back where a clue is broken; there must be one.
    pub fn ordering(&self, asked: &Asked<'_>) -> Option<String> {
        let names = names(asked.intro.rsplit_once(['：', ':'])?.1);
        let clues: Vec<(Order, Vec<usize>)> =
            asked.lines.iter().map(|line| self.clue(line, &names)).collect::<Option<_>>()?;
        let n = names.len();
        let mut found: Vec<Vec<usize>> = Vec::new();
        place(&clues, &mut vec![0; n], 1, &mut found);
        let [at] = found.as_slice() else { return None };
        // "with the last runner as the first" says where counting begins; the number that is asked for comes last.
        let number = number(self.place.captures_iter(asked.ask).last()?.get(1)?.as_str())?;
        let back =
            ["from the right", "from the back", "from the top", "back from the last", "从右", "倒数", "从上往下"];
        let back = back.iter().any(|words| asked.ask.contains(words)) || asked.ask.contains("Counting from the back");
        let place = if back { n + 1 - number } else { number };
        Some(names[at.iter().position(|x| *x == place)?].to_owned())
    }

    fn clue(&self, line: &str, names: &[&str]) -> Option<(Order, Vec<usize>)> {
        let (clue, parts) = self.order.read(line)?;
        let parts = if matches!(clue, Order::Aside) { Vec::new() } else { parts };
        let value = |part: &&str| names.iter().position(|name| name == part).or_else(|| number(part));
        Some((clue, parts.iter().map(value).collect::<Option<_>>()?))
    }

    /// Goes through all ways in which people may lie; there must be one.
    pub fn liars(&self, asked: &Asked<'_>) -> Option<String> {
        let said: Vec<(&str, Claim, Vec<&str>)> = asked
            .lines
            .iter()
            .map(|line| {
                let found = self.speaks.captures(line)?;
                let (speaker, what) = (found.get(1)?.as_str(), found.get(2)?.as_str());
                let (claim, of) = self.claims.read(what)?;
                let me = |word| if ["I", "me", "我"].contains(&word) { speaker } else { word };
                Some((speaker, claim, of.into_iter().map(me).collect()))
            })
            .collect::<Option<_>>()?;
        let intro = asked.intro;
        let names = names(self.named.find_iter(intro).last()?.as_str());
        let n = names.len();
        let mut found = Vec::new();
        for world in 0..1_usize << n {
            let lies = |name: &str| names.iter().position(|known| *known == name).map(|at| world >> at & 1 == 1);
            let count = world.count_ones() as usize;
            let so = |claim: &Claim, of: &[&str]| {
                let lie = |at: usize| lies(of[at]).unwrap();
                match claim {
                    Claim::Truth => !lie(0),
                    Claim::Lie => lie(0),
                    Claim::Same => lie(0) == lie(1),
                    Claim::Differ => lie(0) != lie(1),
                    Claim::SomeLie => lie(0) || lie(1),
                    Claim::AllTruth => !(lie(0) || lie(1)),
                    Claim::Liars => number(of[0]).unwrap() == count,
                    Claim::NoLiar => count == 0,
                    Claim::OneLiar => count == 1,
                    Claim::OnlyLiars => count == n,
                }
            };
            if said.iter().all(|(speaker, claim, of)| so(claim, of) != lies(speaker).unwrap()) {
                found.push(world);
            }
        }
        let [world] = found.as_slice() else { return None };
        let liars: Vec<&str> = (0..n).filter(|at| world >> at & 1 == 1).map(|at| names[at]).collect();
        let tellers: Vec<&str> = names.iter().filter(|name| !liars.contains(name)).copied().collect();
        let ask = asked.ask;
        let only = |all: &[&str]| if let [one] = all { Some((*one).to_owned()) } else { None };
        if ask.contains("Exactly one of them is a liar") || ask.contains("只有一个说谎者") {
            return only(&liars);
        }
        if ask.contains("Exactly one of them is a truth-teller") || ask.contains("只有一个诚实者") {
            return only(&tellers);
        }
        if let Some(name) = names.iter().find(|name| ask.contains(**name)) {
            let english = ask.is_ascii();
            return Some(match (liars.contains(name), english) {
                (true, true) => "liar".into(),
                (true, false) => "说谎者".into(),
                (false, true) => "truth-teller".into(),
                (false, false) => "诚实者".into(),
            });
        }
        let of_liars = ask.contains("liars") || ask.contains("说谎者");
        Some(if of_liars { liars.len() } else { tellers.len() }.to_string())
    }

    /// Derives who is whose parent until nothing is new, then follows the words from the inside; one must be left.
    pub fn family(&self, asked: &Asked<'_>) -> Option<String> {
        let mut male: BTreeMap<&str, bool> = BTreeMap::new();
        let (mut couples, mut parents, mut siblings) = (BTreeSet::new(), BTreeSet::new(), BTreeSet::new());
        for line in &asked.lines {
            let (kin, of) = self.kin.read(line)?;
            let (a, b) = (of[0], of[1]);
            match kin {
                Kin::HusbandOf | Kin::WifeOf => {
                    let (husband, wife) = if matches!(kin, Kin::HusbandOf) { (a, b) } else { (b, a) };
                    male.extend([(husband, true), (wife, false)]);
                    couples.extend([(husband, wife), (wife, husband)]);
                }
                Kin::ChildOf(is) => {
                    male.insert(a, is);
                    parents.insert((b, a));
                }
                Kin::HasChild(is) => {
                    male.insert(b, is);
                    parents.insert((a, b));
                }
                Kin::SiblingOf(is) => {
                    male.insert(a, is);
                    siblings.extend([(a, b), (b, a)]);
                }
                Kin::HasSibling(is) => {
                    male.insert(b, is);
                    siblings.extend([(a, b), (b, a)]);
                }
            }
        }
        loop {
            let mut new = BTreeSet::new();
            for (parent, child) in &parents {
                new.extend(siblings.iter().filter(|(a, _)| a == child).map(|(_, b)| (*parent, *b)));
                new.extend(couples.iter().filter(|(a, _)| a == parent).map(|(_, b)| (*b, *child)));
            }
            let before = parents.len();
            parents.extend(new);
            if parents.len() == before {
                break;
            }
        }
        let step = |from: &str, word: &str| -> BTreeSet<&str> {
            let (kind, is_male) = match word {
                "father" | "父亲" => ("parent", true),
                "mother" | "母亲" => ("parent", false),
                "son" | "儿子" => ("child", true),
                "daughter" | "女儿" => ("child", false),
                "brother" | "兄弟" => ("sibling", true),
                "sister" | "姐妹" => ("sibling", false),
                "husband" | "丈夫" => ("spouse", true),
                "wife" | "妻子" => ("spouse", false),
                _ => panic!("{word}"),
            };
            let all: Vec<&str> = male.keys().copied().collect();
            let related = |other: &&str| match kind {
                "parent" => parents.contains(&(*other, from)),
                "child" => parents.contains(&(from, *other)),
                "spouse" => couples.contains(&(from, *other)),
                _ => {
                    *other != from
                        && all.iter().any(|p| parents.contains(&(*p, from)) && parents.contains(&(*p, *other)))
                }
            };
            all.iter().filter(|other| related(other) && male[**other] == is_male).copied().collect()
        };
        let (start, words) = chain(&self.bare.replace_all(asked.ask, ""))?;
        let mut at: BTreeSet<String> = BTreeSet::from([start]);
        for word in words {
            // Two steps in one word; in-laws by whose they are.
            let two = match word.as_str() {
                "paternal grandfather" | "爷爷" => ["father", "father"],
                "paternal grandmother" | "奶奶" => ["father", "mother"],
                "maternal grandfather" | "外公" => ["mother", "father"],
                "maternal grandmother" | "外婆" => ["mother", "mother"],
                "岳父" => ["wife", "father"],
                "岳母" => ["wife", "mother"],
                "公公" => ["husband", "father"],
                "婆婆" => ["husband", "mother"],
                "姑姑" => ["father", "sister"],
                "舅舅" => ["mother", "brother"],
                "姨妈" => ["mother", "sister"],
                "father-in-law" | "mother-in-law" => ["spouse", word.split('-').next()?],
                one => ["", one],
            };
            for word in two.iter().filter(|word| !word.is_empty()) {
                let words: &[&str] = if *word == "spouse" { &["husband", "wife"] } else { &[word] };
                at = at.iter().flat_map(|from| words.iter().flat_map(|w| step(from, w))).map(str::to_owned).collect();
            }
        }
        let all: Vec<String> = at.into_iter().collect();
        if let [one] = all.as_slice() { Some(one.clone()) } else { None }
    }
}

/// From whom, and the words from the inside out.
fn chain(text: &str) -> Option<(String, Vec<String>)> {
    if text.contains('的') {
        let mut parts = text.split('的').map(str::to_owned);
        return Some((parts.next()?, parts.collect()));
    }
    if let Some((word, inner)) = text.strip_prefix("the ").and_then(|rest| rest.split_once(" of ")) {
        let (start, mut words) = chain(inner)?;
        words.push(word.to_owned());
        return Some((start, words));
    }
    let mut parts = text.split("'s ").map(str::to_owned);
    Some((parts.next()?, parts.collect()))
}

/// The names of a list at the end of a sentence.
fn names(text: &str) -> Vec<&str> {
    let list = text.trim().split(['.', '。']).next().unwrap_or("");
    list.split([',', '、'])
        .flat_map(|part| part.split(" and "))
        .flat_map(|part| part.split('和'))
        .map(str::trim)
        .collect()
}

fn holds(clue: Order, of: &[usize], at: &[usize]) -> bool {
    let place = |i: usize| at[of[i]] as i64;
    let gap = |i: usize, j: usize| (place(i) - place(j)).abs();
    match clue {
        Order::Less => place(0) < place(1),
        Order::More => place(0) > place(1),
        Order::Next => place(1) - place(0) == 1,
        Order::Follows => place(0) - place(1) == 1,
        Order::Touch => gap(0, 1) == 1,
        Order::NoTouch => gap(0, 1) > 1,
        Order::Place => place(0) == of[1] as i64,
        Order::NotPlace => place(0) != of[1] as i64,
        Order::OneBetween => gap(0, 1) == 2,
        Order::NumberBetween => gap(1, 2) == of[0] as i64 + 1,
        Order::NamesThenNumber => gap(0, 1) == of[2] as i64 + 1,
        Order::Edge => place(0) == 1 || place(0) == at.len() as i64,
        Order::Aside => true,
    }
}

/// Puts somebody at a place, then somebody else at the next, as long as no clue is broken of which all are placed. Who is
/// not placed is at 0.
fn place(clues: &[(Order, Vec<usize>)], at: &mut Vec<usize>, next: usize, found: &mut Vec<Vec<usize>>) {
    if next > at.len() {
        return found.push(at.clone());
    }
    for person in 0..at.len() {
        if at[person] == 0 {
            at[person] = next;
            let known = |clue: Order, of: &[usize]| match clue {
                Order::Place | Order::NotPlace | Order::Edge => at[of[0]] > 0,
                Order::NumberBetween => at[of[1]] > 0 && at[of[2]] > 0,
                Order::Aside => true,
                _ => at[of[0]] > 0 && at[of[1]] > 0,
            };
            if clues.iter().all(|(clue, of)| !known(*clue, of) || holds(*clue, of, at)) {
                place(clues, at, next + 1, found);
            }
            at[person] = 0;
        }
    }
}

const ORDER: &[(&str, Order)] = &[
    ("@ sits somewhere to the left of @\\.", Order::Less),
    ("@ sits further to the right than @\\.", Order::More),
    ("@ sits directly to the left of @\\.", Order::Next),
    ("The next seat to the right of @ is taken by @\\.", Order::Next),
    ("@ and @ sit next to each other\\.", Order::Touch),
    ("@ and @ do not sit next to each other\\.", Order::NoTouch),
    ("@ sits (\\w+) from the left\\.", Order::Place),
    ("@ does not sit (\\w+) from the left\\.", Order::NotPlace),
    ("Exactly one person sits between @ and @\\.", Order::OneBetween),
    ("Exactly (\\w+) people sit between @ and @\\.", Order::NumberBetween),
    ("@ sits at one of the two ends of the bench\\.", Order::Edge),
    ("@ finished before @\\.", Order::Less),
    ("@ reached the finish later than @\\.", Order::More),
    ("@ was the next to finish after @\\.", Order::Follows),
    ("@ finished exactly one place ahead of @\\.", Order::Next),
    ("@ and @ finished one right after the other, in one order or the other\\.", Order::Touch),
    ("At least one runner finished between @ and @\\.", Order::NoTouch),
    ("@ finished in (\\w+) place\\.", Order::Place),
    ("@ did not finish in (\\w+) place\\.", Order::NotPlace),
    ("Exactly one runner finished between @ and @\\.", Order::OneBetween),
    ("Exactly (\\w+) runners finished between @ and @\\.", Order::NumberBetween),
    ("@ finished either first or last\\.", Order::Edge),
    ("@ lives on a lower floor than @\\.", Order::Less),
    ("@ lives somewhere above @\\.", Order::More),
    ("@ lives on the floor directly above @\\.", Order::Follows),
    ("@ lives exactly one floor below @\\.", Order::Next),
    ("@ and @ live on neighbouring floors\\.", Order::Touch),
    ("@ and @ do not live on neighbouring floors\\.", Order::NoTouch),
    ("@ lives on floor @\\.", Order::Place),
    ("@ does not live on floor @\\.", Order::NotPlace),
    ("There is exactly one floor between the floors of @ and @\\.", Order::OneBetween),
    ("There are exactly (\\w+) floors between the floors of @ and @\\.", Order::NumberBetween),
    ("@ lives either on the top floor or on floor 1\\.", Order::Edge),
    ("@ speaks earlier than @\\.", Order::Less),
    ("@ speaks some time after @\\.", Order::More),
    ("@ speaks straight after @\\.", Order::Follows),
    ("As soon as @ has finished, it is the turn of @\\.", Order::Next),
    ("Nobody speaks between @ and @\\.", Order::Touch),
    ("Somebody speaks between @ and @\\.", Order::NoTouch),
    ("@ is speaker number @\\.", Order::Place),
    ("@ is not speaker number @\\.", Order::NotPlace),
    ("Exactly one other person speaks between @ and @\\.", Order::OneBetween),
    ("Exactly (\\w+) other people speak between @ and @\\.", Order::NumberBetween),
    ("@ speaks either first or last\\.", Order::Edge),
    ("@坐在@左边的某个位置。", Order::Less),
    ("@坐得比@更靠右。", Order::More),
    ("@紧挨着坐在@的左边。", Order::Next),
    ("@右边紧挨着的就是@。", Order::Next),
    ("@和@相邻而坐。", Order::Touch),
    ("@和@并不相邻。", Order::NoTouch),
    ("@坐在从左数第@个位置。", Order::Place),
    ("@不坐在从左数第@个位置。", Order::NotPlace),
    ("@和@之间恰好坐着@个人。", Order::NamesThenNumber),
    ("@坐在长椅的某一端。", Order::Edge),
    ("@比@先到终点。", Order::Less),
    ("@比@晚到终点。", Order::More),
    ("@到达之后，紧接着到达的是@。", Order::Next),
    ("@的名次恰好比@靠前一名。", Order::Next),
    ("@和@的名次相邻。", Order::Touch),
    ("@和@的名次不相邻。", Order::NoTouch),
    ("@得了第@名。", Order::Place),
    ("@没有得第@名。", Order::NotPlace),
    ("恰好有(\\d)人在@和@之间到达终点。", Order::NumberBetween),
    ("@不是第一名就是最后一名。", Order::Edge),
    ("@住的楼层比@低。", Order::Less),
    ("@住在@上方的某一层。", Order::More),
    ("@就住在@的正上面一层。", Order::Follows),
    ("@住的楼层恰好比@低一层。", Order::Next),
    ("@和@住在相邻的两层。", Order::Touch),
    ("@和@住的楼层不相邻。", Order::NoTouch),
    ("@住在第@层。", Order::Place),
    ("@不住在第@层。", Order::NotPlace),
    ("@和@所住的楼层之间恰好还有@层。", Order::NamesThenNumber),
    ("@住在顶层或者第1层。", Order::Edge),
    ("@比@早发言。", Order::Less),
    ("@在@之后的某个时候发言。", Order::More),
    ("@讲完后紧接着就由@发言。", Order::Next),
    ("@接在@后面发言，中间没有别人。", Order::Follows),
    ("@和@的发言之间没有别人发言。", Order::Touch),
    ("@和@的发言之间至少还有一个人发言。", Order::NoTouch),
    ("@第@个发言。", Order::Place),
    ("@不是第@个发言。", Order::NotPlace),
    ("@和@的发言之间恰好有@个人发言。", Order::NamesThenNumber),
    ("@要么第一个发言，要么最后一个发言。", Order::Edge),
    ("@ (?:likes|has|is left|comes|plays|is wearing).*", Order::Aside),
    ("@ and @ went to the same school\\.", Order::Aside),
    ("@(?:喜欢|养了|是左|来自|今天|认识|会弹).*", Order::Aside),
    ("@和@上过同一所学校。", Order::Aside),
];

/// `#` is somebody, perhaps the one who speaks.
const CLAIMS: &[(&str, Claim)] = &[
    ("# (?:is|am) a truth-teller\\.", Claim::Truth),
    ("# (?:is|am) a liar\\.", Claim::Lie),
    ("# and # are of the same kind\\.", Claim::Same),
    ("Either # and # both lie or neither does\\.", Claim::Same),
    ("Of # and #, exactly one is a liar\\.", Claim::Differ),
    ("At least one of # and # is a liar\\.", Claim::SomeLie),
    ("# and # are both truth-tellers\\.", Claim::AllTruth),
    ("None of us is a liar\\.", Claim::NoLiar),
    ("Exactly one of us is a liar\\.", Claim::OneLiar),
    ("All of us are liars\\.", Claim::OnlyLiars),
    ("Exactly (\\w+) of us are liars\\.", Claim::Liars),
    ("我们当中没有说谎者。", Claim::NoLiar),
    ("我们全都是说谎者。", Claim::OnlyLiars),
    ("我们当中恰好有(\\d)个说谎者。", Claim::Liars),
    ("#是诚实者。", Claim::Truth),
    ("#和#是同一类人。", Claim::Same),
    ("#和#当中恰好有一个是说谎者。", Claim::Differ),
    ("#和#当中至少有一个是说谎者。", Claim::SomeLie),
    ("#和#都是诚实者。", Claim::AllTruth),
    ("#是说谎者。", Claim::Lie),
];

const KIN: &[(&str, Kin)] = &[
    ("@ is the husband of @\\.", Kin::HusbandOf),
    ("@ is @'s wife\\.", Kin::WifeOf),
    ("@ is married to his wife @\\.", Kin::HusbandOf),
    ("@ is a son of @\\.", Kin::ChildOf(true)),
    ("@ is a daughter of @\\.", Kin::ChildOf(false)),
    ("@ has a son called @\\.", Kin::HasChild(true)),
    ("@ has a daughter called @\\.", Kin::HasChild(false)),
    ("@ is a brother of @\\.", Kin::SiblingOf(true)),
    ("@ is a sister of @\\.", Kin::SiblingOf(false)),
    ("@ has a brother called @\\.", Kin::HasSibling(true)),
    ("@ has a sister called @\\.", Kin::HasSibling(false)),
    ("@是@的丈夫。", Kin::HusbandOf),
    ("@是@的妻子。", Kin::WifeOf),
    ("@娶了@。", Kin::HusbandOf),
    ("@是@的儿子。", Kin::ChildOf(true)),
    ("@是@的女儿。", Kin::ChildOf(false)),
    ("@有个儿子叫@。", Kin::HasChild(true)),
    ("@有个女儿叫@。", Kin::HasChild(false)),
    ("@是@的兄弟。", Kin::SiblingOf(true)),
    ("@是@的姐妹。", Kin::SiblingOf(false)),
    ("@有个兄弟叫@。", Kin::HasSibling(true)),
    ("@有个姐妹叫@。", Kin::HasSibling(false)),
];
