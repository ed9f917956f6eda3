//! Rules, groups and joined statements, read out of their text.

use super::{Asked, number};
use regex::Regex;
use std::collections::BTreeMap;

pub struct Solver {
    if_then: Vec<(Regex, bool)>,
    count: Regex,
    exactly: Regex,
    open: Regex,
    digits: Regex,
    joints: Vec<Regex>,
}

/// A statement with its sign: what is denied is the same statement denied.
type Signed = (String, bool);

/// Takes "not" out of a statement about somebody.
fn signed(text: &str) -> Signed {
    let text = text.trim();
    for (from, to) in
        [("does not ", ""), ("is not ", "is "), ("has not ", "has "), ("没去", "去"), ("没有", "有"), ("不", "")]
    {
        if let Some(at) = text.find(from).filter(|at| *at == 0) {
            return (stem(&format!("{to}{}", &text[at + from.len()..])), false);
        }
    }
    (stem(text), true)
}

/// Without the ending of the verb: "plays chess" and "play chess" are the same.
fn stem(text: &str) -> String {
    let mut words: Vec<&str> = text.split(' ').collect();
    if let Some(first) = words.first_mut().filter(|word| !["is", "has"].contains(*word)) {
        *first = first.strip_suffix('s').unwrap_or(first);
    }
    words.join(" ")
}

impl Solver {
    pub fn new() -> Self {
        const VERBS: &str =
            "plays|speaks|owns|drinks|sings|reads|wears|keeps|rides|grows|collects|works|knows|bakes|lives";
        let rule = |(pattern, turned): (&str, bool)| {
            let pattern = format!("^{pattern}$").replace("VERBS", VERBS);
            (Regex::new(&pattern).unwrap(), turned)
        };
        // The second part follows from the first, or (where turned) the first part's opposite is left to be taken.
        let if_then = [
            (
                "Everyone who ((?:does not |is not |has not )?.+?) ((?:does not|is not|has not|is a|has been|VERBS) .+)\\.",
                false,
            ),
            ("If someone (.+), then that person (.+)\\.", false),
            (
                "Whoever ((?:does not |is not |has not )?.+?) ((?:does not|is not|has not|is a|has been|VERBS) .+)\\.",
                false,
            ),
            ("A person (.+) only if that person (.+)\\.", false),
            ("所有(.+)的人都(.+)。", false),
            ("如果一个人(.+)，那么这个人(.+)。", false),
            ("只要(.+)，就一定(.+)。", false),
            ("(.+)的人没有一个(.+)。", true),
        ];
        let joints = ["^not (.+)$", "^(.+) and (.+)$", "^(.+) or (.+)$"];
        Self {
            if_then: if_then.into_iter().map(rule).collect(),
            count: Regex::new("有(\\d+)[人名]|^\\P{Han}*?(\\d+)").unwrap(),
            exactly: Regex::new("exactly (one|two) of these|恰好符合其中(\\d)项").unwrap(),
            open: Regex::new("\\(.*?\\)|（其中.*?）").unwrap(),
            digits: Regex::new("\\d+").unwrap(),
            joints: joints.into_iter().map(|p| Regex::new(p).unwrap()).collect(),
        }
    }

    /// Goes through all worlds in which everything that is told holds.
    pub fn rules(&self, asked: &Asked<'_>) -> Option<String> {
        let claim = asked.ask.split(['“', '”']).nth(1)?;
        let (who, claim) = person(claim)?;
        let mut rules: Vec<[Signed; 2]> = Vec::new();
        let mut facts: Vec<Signed> = Vec::new();
        for line in &asked.lines {
            if let Some(rule) = self.rule(line) {
                rules.push(rule);
            } else {
                let (of, fact) = person(line.trim_end_matches(['.', '。']))?;
                if of == who {
                    facts.push(signed(fact));
                }
            }
        }
        let asked_for = signed(claim);
        let mut atoms: Vec<&str> = rules.iter().flatten().chain(&facts).map(|(what, _)| what.as_str()).collect();
        atoms.push(&asked_for.0);
        atoms.sort_unstable();
        atoms.dedup();
        let place = |(what, so): &Signed| (atoms.iter().position(|atom| atom == what).unwrap(), *so);
        let rules: Vec<[(usize, bool); 2]> = rules.iter().map(|[p, q]| [place(p), place(q)]).collect();
        let facts: Vec<(usize, bool)> = facts.iter().map(place).collect();
        let wanted = place(&asked_for);
        let (mut can_be, mut can_not_be) = (false, false);
        for world in 0..1_u32 << atoms.len() {
            let holds = |(at, so): (usize, bool)| (world >> at & 1 == 1) == so;
            if facts.iter().all(|fact| holds(*fact)) && rules.iter().all(|[p, q]| !holds(*p) || holds(*q)) {
                *(if holds(wanted) { &mut can_be } else { &mut can_not_be }) = true;
            }
        }
        let english = claim.is_ascii();
        Some(
            match (can_be, can_not_be) {
                (true, false) if english => "true",
                (false, true) if english => "false",
                (true, true) if english => "unknown",
                (true, false) => "真",
                (false, true) => "假",
                (true, true) => "无法确定",
                (false, false) => return None,
            }
            .to_owned(),
        )
    }

    fn rule(&self, line: &str) -> Option<[Signed; 2]> {
        let denied = |(what, so): Signed| (what, !so);
        if let Some((then, when)) = line.strip_prefix("只有").and_then(|rest| rest.split_once("的人才")) {
            return Some([signed(when.trim_end_matches('。')), signed(then)]);
        }
        if let Some(rest) = line.strip_prefix("Nobody ") {
            let rest = rest.trim_end_matches('.');
            // "Nobody who A B" or "Nobody B who A".
            let (p, q) = match rest.strip_prefix("who ") {
                None => rest.split_once(" who ").map(|(q, p)| (p.to_owned(), q.to_owned()))?,
                Some(both) => {
                    let found = self.if_then[2]
                        .0
                        .captures(&format!("Whoever {both}."))
                        .map(|c| [c[1].to_owned(), c[2].to_owned()])?;
                    let [p, q] = found;
                    (p, q)
                }
            };
            return Some([signed(&p), denied(signed(&q))]);
        }
        let (found, turned) =
            self.if_then.iter().find_map(|(pattern, turned)| Some((pattern.captures(line)?, *turned)))?;
        let (p, q) = (signed(&found[1]), signed(&found[2]));
        Some([p, if turned { denied(q) } else { q }])
    }

    /// Equations over the parts of the diagram, solved in fractions.
    pub fn sets(&self, asked: &Asked<'_>) -> Option<String> {
        let quoted: Vec<&str> = asked.intro.split('“').skip(1).filter_map(|part| part.split('”').next()).collect();
        let parts = 1 << quoted.len();
        let mut rows: Vec<Vec<Fraction>> = Vec::new();
        for line in &asked.lines {
            let value: i128 = self.count.captures(line)?.iter().skip(1).flatten().next()?.as_str().parse().ok()?;
            let mut row: Vec<Fraction> =
                (0..parts).map(|part| Fraction::whole(i128::from(self.is_meant(line, part, &quoted)))).collect();
            row.push(Fraction::whole(value));
            rows.push(row);
        }
        let mut wanted: Vec<Fraction> =
            (0..parts).map(|part| Fraction::whole(i128::from(self.is_meant(asked.ask, part, &quoted)))).collect();
        wanted.push(Fraction::whole(0));
        // Every row takes its first part out of the others, and of what is wanted.
        while let Some(row) = rows.pop() {
            let Some(first) = row[..parts].iter().position(|x| x.above != 0) else { continue };
            for other in rows.iter_mut().chain([&mut wanted]) {
                let factor = other[first].over(row[first]);
                for (x, y) in other.iter_mut().zip(&row) {
                    *x = x.less(y.times(factor));
                }
            }
        }
        let settled = wanted[..parts].iter().all(|x| x.above == 0);
        let value = wanted[parts];
        settled.then(|| (-value.above / value.below).to_string())
    }

    /// Evaluates the statements by taking them apart from the outside.
    pub fn boolean(&self, asked: &Asked<'_>) -> Option<String> {
        let values: BTreeMap<&str, bool> = asked
            .lines
            .iter()
            .map(|line| line.split_once(": ").and_then(|(letter, text)| Some((letter, self.fact(text)?))))
            .collect::<Option<_>>()?;
        let english = asked.intro.contains("stands for");
        let mut lines = asked.ask.lines();
        let first = lines.next()?;
        if let Some((_, joined)) = first.split_once(['：', ':']) {
            let value = self.value(joined.trim(), &values)?;
            return Some(if english {
                value.to_string()
            } else if value {
                "真".into()
            } else {
                "假".into()
            });
        }
        let of = |line: &str| self.value(line.split_once(") ")?.1.trim(), &values);
        let all: Vec<bool> = lines.map(of).collect::<Option<_>>()?;
        Some(all.iter().filter(|value| **value).count().to_string())
    }

    fn value(&self, text: &str, values: &BTreeMap<&str, bool>) -> Option<bool> {
        // Brackets are worked out first, from the inside; ⊤ and ⊥ stand for what they come to.
        let mut text = text.to_owned();
        for (letter, value) in values {
            text = text.replace(letter, if *value { "⊤" } else { "⊥" });
        }
        while let Some(close) = text.find(')') {
            let open = text[..close].rfind('(')?;
            let value = self.flat(&text[open + 1..close])?;
            text.replace_range(open..=close, if value { "⊤" } else { "⊥" });
        }
        self.flat(&text)
    }

    fn flat(&self, text: &str) -> Option<bool> {
        let leaf = |text: &str| match text.trim() {
            "⊤" => Some(true),
            "⊥" => Some(false),
            _ => None,
        };
        let two = |x: &str, y: &str| Some((leaf(x)?, leaf(y)?));
        if let Some(rest) = text.strip_prefix("exactly one of ") {
            let (x, y) = rest.split_once(" and ")?;
            return two(x, y).map(|(x, y)| x != y);
        }
        if let Some(rest) = text.strip_suffix("恰有一个为真") {
            let (x, y) = rest.split_once('、')?;
            return two(x, y).map(|(x, y)| x != y);
        }
        if let Some((x, y)) = text.strip_prefix("if ").and_then(|rest| rest.split_once(", then ")) {
            return two(x, y).map(|(x, y)| !x || y);
        }
        if let Some((x, y)) = text.strip_prefix('若').and_then(|rest| rest.split_once('则')) {
            return two(x, y).map(|(x, y)| !x || y);
        }
        if let Some(x) = text.strip_prefix("并非") {
            return leaf(x).map(|x| !x);
        }
        if let Some((x, y)) = text.split_once('且') {
            return two(x, y).map(|(x, y)| x && y);
        }
        if let Some((x, y)) = text.split_once('或') {
            return two(x, y).map(|(x, y)| x || y);
        }
        let found = |at: usize| self.joints[at].captures(text);
        if let Some(found) = found(0) {
            return leaf(&found[1]).map(|x| !x);
        }
        if let Some(found) = found(1) {
            return two(&found[1], &found[2]).map(|(x, y)| x && y);
        }
        if let Some(found) = found(2) {
            return two(&found[1], &found[2]).map(|(x, y)| x || y);
        }
        leaf(text)
    }

    /// A statement on numbers.
    fn fact(&self, text: &str) -> Option<bool> {
        let numbers: Vec<i64> = self.digits.find_iter(text).filter_map(|m| m.as_str().parse().ok()).collect();
        Some(match (self.digits.replace_all(text, "_").as_ref(), numbers.as_slice()) {
            ("_ is greater than _" | "_大于_", [x, y]) => x > y,
            ("_ is less than _" | "_小于_", [x, y]) => x < y,
            ("_ is an even number" | "_是偶数", [x]) => x & 1 == 0,
            ("_ is an odd number" | "_是奇数", [x]) => x & 1 == 1,
            ("_ is divisible by _" | "_能被_整除", [x, y]) => x / y * y == *x,
            ("_ + _ = _", [x, y, z]) => z - y == *x,
            _ => return None,
        })
    }

    /// Whether a sentence counts the people of a part of the diagram.
    fn is_meant(&self, sentence: &str, part: usize, groups: &[&str]) -> bool {
        let inside = |group: usize| part >> group & 1 == 1;
        let number_in = part.count_ones() as usize;
        let has = |words: &[&str]| words.iter().any(|word| sentence.contains(word));
        if has(&[
            "in all",
            "一共有多少人",
            "The club has",
            "took part",
            "visitors.",
            "answered",
            "名会员",
            "参加了问卷",
            "游客一共",
            "接受了调查",
        ]) {
            return true;
        }
        if has(&["none of these", "都不", "都没吃过"]) {
            return number_in == 0;
        }
        if has(&["at least one of these", "至少符合其中一项"]) {
            return number_in > 0;
        }
        if let Some(found) = self.exactly.captures(sentence) {
            return found.iter().skip(1).flatten().next().and_then(|m| number(m.as_str())) == Some(number_in);
        }
        // What stands in brackets says what is left open.
        let sentence = self.open.replace_all(sentence, "");
        let named = |text: &str| (0..groups.len()).filter(|g| text.contains(groups[*g])).collect::<Vec<_>>();
        if let Some((yes, _)) = sentence.split_once(" but ") {
            return named(yes).iter().all(|g| inside(*g)) && number_in == 1;
        }
        if sentence.contains("只符合") {
            return named(&sentence).iter().all(|g| inside(*g)) && number_in == 1;
        }
        named(&sentence).iter().all(|g| inside(*g))
    }
}

/// Whom a statement is about, and what it says.
fn person(text: &str) -> Option<(&str, &str)> {
    if text.is_ascii() {
        return text.split_once(' ');
    }
    let at = text.char_indices().nth(2)?.0;
    Some(text.split_at(at))
}

/// A fraction; small enough for 128 bits, since it is reduced.
#[derive(Debug, Clone, Copy)]
struct Fraction {
    above: i128,
    below: i128,
}

impl Fraction {
    fn whole(above: i128) -> Self {
        Self { above, below: 1 }
    }
    fn new(above: i128, below: i128) -> Self {
        let (mut a, mut b) = (above.abs(), below.abs());
        while b != 0 {
            (a, b) = (b, a % b);
        }
        let common = a.max(1) * below.signum();
        Self { above: above / common, below: below / common }
    }
    fn less(self, other: Self) -> Self {
        Self::new(self.above * other.below - other.above * self.below, self.below * other.below)
    }
    fn times(self, other: Self) -> Self {
        Self::new(self.above * other.above, self.below * other.below)
    }
    fn over(self, other: Self) -> Self {
        Self::new(self.above * other.below, self.below * other.above)
    }
}
