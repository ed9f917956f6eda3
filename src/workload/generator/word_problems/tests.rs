//! Reads every story again, sentence by sentence, and works it out in another way: backwards from the answer, minute by
//! minute, round by round, or forwards in decimals.

use super::*;
use crate::domain::Item;
use crate::workload::generator::library::check;
use crate::workload::generator::prose::reading::{find, numbers, says, shown};
use rust_decimal::Decimal;
use std::collections::BTreeMap;

/// The sentences of a story, the form of the answer apart.
fn sentences(prompt: &str) -> Vec<String> {
    let forms = ONLY_THE_NUMBER.0.iter().chain(ONLY_THE_NUMBER.1);
    let form = forms.into_iter().find(|form| prompt.ends_with(**form)).expect("a form of the answer");
    let story = prompt
        .strip_suffix(form)
        .unwrap()
        .replace("(Percentages are by mass.)", "")
        .replace("（百分数均为质量分数。）", "");
    let (mut all, mut sentence) = (Vec::new(), String::new());
    let mut characters = story.chars().peekable();
    while let Some(c) = characters.next() {
        sentence.push(c);
        if matches!(c, '。' | '？') || (matches!(c, '.' | '?') && characters.peek().is_none_or(|c| c.is_whitespace()))
        {
            all.push(std::mem::take(&mut sentence).trim().to_owned());
        }
    }
    assert!(sentence.trim().is_empty(), "{prompt}");
    all
}

fn decimals(text: &str) -> Vec<Decimal> {
    let found = crate::workload::generator::prose::reading::pattern(r"\d+(\.\d+)?");
    found.find_iter(text).map(|found| found.as_str().parse().unwrap()).collect()
}

fn solve(item: &Item) -> Result<(), String> {
    let prompt = &item.messages[0].content;
    let all = sentences(prompt);
    let (question, facts) = all.split_last().ok_or("nothing is told")?;
    let [answer] = item.answers.as_slice() else { return Err("not one answer".into()) };
    let answer: Decimal = answer.parse().map_err(|_| format!("{answer} is no number"))?;
    if answer < Decimal::ZERO || prompt.contains(['{', '}']) {
        return Err(format!("{prompt}: {answer}"));
    }
    let right = match &*item.tags.domain {
        "stock" => stock(facts, answer),
        "shopping" => shopping(facts, question).map(|got| got == answer),
        "travel" => travel(facts, question).map(|got| got == answer),
        "sharing" => sharing(facts, question).map(|got| Decimal::from(got) == answer),
        "ages" => ages(facts, question).map(|got| Decimal::from(got) == answer),
        "work" => work(facts, question).map(|got| Decimal::from(got) == answer),
        "mixtures" => mixture(facts, question).map(|got| got == answer),
        _ => measures(facts, question, answer),
    };
    match right {
        Ok(true) => Ok(()),
        Ok(false) => Err(format!("{prompt}: {answer} is wrong")),
        Err(why) => Err(format!("{prompt}: {why}")),
    }
}

fn unread<T>(fact: &str) -> Result<T, String> {
    Err(format!("what is {fact:?}?"))
}

/// Backwards from the answer to what was there at first.
fn stock(facts: &[String], answer: Decimal) -> Result<bool, String> {
    let mut have = answer;
    for fact in facts.iter().skip(1).rev() {
        let n: Vec<Decimal> = decimals(fact);
        if says(fact, "years old|on the staff|bus stop|历史|员工|公交站") {
            continue;
        }
        have = if says(fact, "deliveries of|vans bring|批到货|辆货车") {
            have - n[0] * n[1]
        } else if says(fact, "another|more|further|运来|增加了|补进") {
            have - n[0]
        } else if says(fact, "handed out|sent elsewhere|damaged|领走|调往|损坏") {
            have + n[0]
        } else if says(fact, "given away|送") {
            let parts =
                [("^Half|一半", 2), ("^A third|三分之一", 3), ("^A quarter|四分之一", 4), ("^A fifth|五分之一", 5)];
            let part = Decimal::from(parts.into_iter().find(|(words, _)| says(fact, words)).ok_or("no part")?.1);
            have * part / (part - Decimal::ONE)
        } else if says(fact, "times what it was|倍") {
            have / n[0]
        } else {
            return unread(fact);
        };
        if have <= Decimal::ZERO || !have.is_integer() {
            return Err(format!("{have} before {fact:?}"));
        }
    }
    Ok(decimals(&facts[0]) == [have])
}

fn shopping(facts: &[String], question: &str) -> Result<Decimal, String> {
    let (mut bill, hundred) = (Decimal::ZERO, Decimal::ONE_HUNDRED);
    let mut paid = decimals(question).first().copied();
    for fact in facts {
        let n = decimals(fact);
        if says(fact, "pays with|hands over") {
            paid = Some(n[0]);
            continue;
        }
        if says(fact, "on foot|customers in the queue|open for|走到|排队|已经开了") {
            continue;
        }
        let after = if says(fact, r"\beach\b|apiece|每|单价") {
            bill + n[0] * n[1]
        } else if says(fact, "折") {
            bill * n[0] / Decimal::TEN
        } else if says(fact, "taken off|off everything|reduced by|减少|优惠\\d") {
            bill - bill * n[0] / hundred
        } else if says(fact, "coupon|voucher|优惠券|代金券") {
            bill - n[0]
        } else if says(fact, "(?i)delivery|运费|配送") {
            bill + n[0]
        } else if says(fact, "tax|税") {
            bill + bill * n[0] / hundred
        } else {
            return unread(fact);
        };
        bill = after;
        if bill <= Decimal::ZERO || bill != bill.round_dp(2) {
            return Err(format!("a bill of {bill}"));
        }
    }
    let change = says(question, "change|找");
    if change != paid.is_some() {
        return Err(format!("{paid:?} paid"));
    }
    Ok(paid.map_or(bill, |paid| paid - bill))
}

/// The vehicle moves minute by minute, by sixtieths of a kilometre.
fn travel(facts: &[String], question: &str) -> Result<Decimal, String> {
    let (mut sixtieths, mut moving, mut standing) = (0_i64, 0_i64, 0_i64);
    for fact in facts {
        if says(fact, "the job|built|Celsius|司机|出厂|气温") {
            continue;
        }
        let n = numbers(fact);
        if says(fact, "stop of|stands still|停") {
            standing += n[0];
            continue;
        }
        let speed: i64 = find(fact, r"(\d+) km/h|每小时(\d+)千米|(\d+)千米/时")
            .and_then(|found| found.iter().skip(1).flatten().next()?.as_str().parse().ok())
            .ok_or("no speed")?;
        let distance = find(fact, r"(\d+) km( |\.)|[前了的](\d+)千米(的速度是|，|。)");
        let goal = distance.and_then(|d| d.iter().skip(1).flatten().find_map(|n| n.as_str().parse::<i64>().ok()));
        let part = |words| find(fact, words).map_or(0, |found| found[1].parse::<i64>().unwrap());
        let minutes = 60 * part(r"(\d+) ?(?:hours?\b|小时)") + part(r"(\d+) ?(?:minutes|分钟)");
        let (mut gone, mut took) = (0, 0);
        while goal.map_or(took < minutes, |goal| gone < 60 * goal) {
            (gone, took) = (gone + speed, took + 1);
        }
        if took == 0 || goal.is_some_and(|goal| gone != 60 * goal || minutes > 0) || gone % 60 != 0 {
            return Err(format!("{fact:?}: {gone} sixtieths of {goal:?} km"));
        }
        (sixtieths, moving) = (sixtieths + gone, moving + took);
    }
    let all = Decimal::from(sixtieths);
    if says(question, "average|平均") {
        // Minutes cancel: sixtieths of a kilometre a minute are kilometres an hour.
        return Ok(all / Decimal::from(moving));
    }
    let minutes = says(question, "minutes|分钟");
    Ok(if minutes { Decimal::from(moving + standing) } else { all / Decimal::from(60) })
}

/// What is there is handed out round by round.
fn sharing(facts: &[String], question: &str) -> Result<i64, String> {
    let (mut pool, mut shares) = (0, Vec::new());
    for fact in facts {
        let n = numbers(fact);
        if says(fact, "known each other|2nd floor|table at|认识|台阶|桌子") {
            continue;
        } else if let Some(found) = find(fact, r"(?:among|to|给)([^\d]+?)(?: in the (?:ratio|proportion)|，依次|。)")
            .filter(|_| says(fact, r"\d:\d"))
        {
            let names: Vec<String> = found[1]
                .replace(" and ", ",")
                .replace(['、', '和'], ",")
                .split(',')
                .map(|name| name.trim().to_owned())
                .collect();
            shares = names.into_iter().zip(n).map(|(name, part)| (name, part, 0)).collect();
        } else if says(fact, "children|孩子") {
            shares = (0..n[0]).map(|_| (String::new(), 1, 0)).collect();
        } else if says(fact, "kept back|put aside|留出|取出") {
            pool -= n[0];
        } else if says(fact, "bags|boxes|袋|盒") {
            pool += n[0] * n[1];
        } else if says(fact, "brings|contributes|From|带来|拿出|贡献") {
            pool += n[0];
        } else {
            return unread(fact);
        }
    }
    while pool > 0 && !shares.is_empty() {
        for (_, part, has) in &mut shares {
            (pool, *has) = (pool - *part, *has + *part);
        }
    }
    if pool != 0 || shares.len() < 2 {
        return Err(format!("{pool} left over, {shares:?}"));
    }
    // In the order in which the question names them.
    let mut asked: Vec<(usize, i64)> =
        shares.iter().filter_map(|(name, _, has)| Some((question.find(name.as_str())?, *has))).collect();
    asked.sort_unstable();
    let more = says(question, "more|larger|多分|多多");
    match asked.as_slice() {
        [(_, share), ..] if !more => Ok(*share),
        [(_, share), (_, other)] => Ok(share - other),
        _ => Err(format!("who is asked about? {asked:?}")),
    }
}

/// Every age that follows from another, until no more follow.
fn ages(facts: &[String], question: &str) -> Result<i64, String> {
    let mut known: BTreeMap<String, i64> = BTreeMap::new();
    let mut open: Vec<&String> = facts.iter().collect();
    while !open.is_empty() {
        let before = open.len();
        open.retain(|fact| {
            if let Some(found) = find(
                fact,
                r"^(\w+?)(?: is | has just turned |'s age is |今年|刚满|的年龄是)(\d+)(?: years old\.|\.|岁。)$",
            ) {
                known.insert(found[1].to_owned(), found[2].parse().unwrap());
                return false;
            }
            let relation = find(fact, r"^(\w+) is (\d+) years (older|younger) than (\w+)\.$")
                .map(|f| (f[1].to_owned(), f[4].to_owned(), &f[3] == "older", f[2].parse().unwrap()))
                .or_else(|| {
                    find(fact, r"^(.+)比(.+)([大小])(\d+)岁。$")
                        .map(|f| (f[1].to_owned(), f[2].to_owned(), &f[3] == "大", f[4].parse().unwrap()))
                });
            if let Some((a, b, older, n)) = relation {
                let gap: i64 = if older { n } else { -n };
                let (of_a, of_b) = (known.get(&a).copied(), known.get(&b).copied());
                return match (of_a, of_b) {
                    (None, Some(b)) => known.insert(a, b + gap).is_some(),
                    (Some(a), None) => known.insert(b, a - gap).is_some(),
                    _ => true,
                };
            }
            let product = find(fact, r"^(\w+?)(?:'s age)? is (\d+) times (?:as old as )?(\w+?)(?:'s age)?\.$")
                .map(|f| (f[1].to_owned(), f[3].to_owned(), f[2].parse().unwrap(), 1))
                .or_else(|| {
                    find(fact, r"^(\w+?)(?:'s age)? is half (?:as old as|of) (\w+?)(?:'s age)?\.$")
                        .map(|f| (f[1].to_owned(), f[2].to_owned(), 1, 2))
                })
                .or_else(|| {
                    find(fact, r"^(.+)的(?:年龄是|岁数等于)(.+?)(?:岁数)?的(\d+)倍。$")
                        .map(|f| (f[1].to_owned(), f[2].to_owned(), f[3].parse().unwrap(), 1))
                })
                .or_else(|| {
                    find(fact, r"^(.+)的(?:年龄是|岁数等于)(.+?)(?:岁数)?的一半。$")
                        .map(|f| (f[1].to_owned(), f[2].to_owned(), 1, 2))
                });
            let Some((a, b, times, by)) = product else { return true };
            let followed: Option<(String, i64)> = match (known.get(&a).copied(), known.get(&b).copied()) {
                (None, Some(age)) => Some((a, age * times / by)),
                (Some(age), None) => Some((b, age * by / times)),
                _ => None,
            };
            followed.is_none_or(|(who, age)| known.insert(who, age).is_some())
        });
        if open.len() == before {
            return Err(format!("{open:?} does not follow from {known:?}"));
        }
    }
    if let Some((who, age)) = known.iter().find(|(_, age)| !(3..=90).contains(*age)) {
        return Err(format!("{who} is {age}"));
    }
    let asked: Vec<i64> =
        known.iter().filter(|(who, _)| question.contains(who.as_str())).map(|(_, age)| *age).collect();
    let years = numbers(question).first().copied().unwrap_or(0);
    Ok(asked.iter().sum::<i64>() + if says(question, "ago|前") { -years } else { years })
}

/// Pumps run minute by minute, in parts of the tank that all of them fill in whole numbers.
fn work(facts: &[String], question: &str) -> Result<i64, String> {
    let aside = |fact: &&String| !says(fact, "All of these|The site|serviced|A team|市区|检修|看管");
    let facts: Vec<&String> = facts.iter().filter(aside).collect();
    let name = |fact: &str| {
        find(fact, r"\b([A-D])\b|([A-D])号").and_then(|found| Some(found.get(1).or(found.get(2))?.as_str().to_owned()))
    };
    if says(facts[0], "(?i)machine|机器") {
        let (mut rates, mut total) = (BTreeMap::new(), 0);
        for fact in facts {
            let (name, n) = (name(fact).ok_or("which machine?")?, *numbers(fact).first().ok_or("how many?")?);
            if says(fact, "runs|in use|运转|开了") {
                total += rates.get(&name).ok_or("no rate")? * n;
            } else {
                rates.insert(name, n);
            }
        }
        if total > 0 {
            return Ok(total);
        }
        let (goal, mut made, mut hours) = (numbers(question)[0], 0, 0);
        while made < goal {
            made += rates.values().sum::<i64>();
            hours += 1;
        }
        return if made == goal { Ok(hours) } else { Err(format!("{made} of {goal}")) };
    }
    let (mut pumps, mut drain, mut first) = (BTreeMap::new(), None, None);
    for fact in facts {
        let n = numbers(fact);
        if says(fact, "(?i)drain|排水") {
            drain = Some(n[0]);
        } else if says(fact, "runs alone|单独工作") {
            first = Some((name(fact).ok_or("which pump?")?, n[0]));
        } else if says(fact, "hours|小时") {
            pumps.insert(name(fact).ok_or("which pump?")?, n[0]);
        } else if !says(fact, "empty|no water|same time|空的|没有水|同时") {
            return unread(fact);
        }
    }
    let tank: i64 = pumps.values().chain(&drain).map(|hours| hours * 60).product();
    let (mut level, mut minutes) = (0, 0);
    while level < tank {
        let alone = first.as_ref().filter(|(_, end)| minutes < *end).map(|(name, _)| name);
        level += pumps
            .iter()
            .filter(|(name, _)| alone.is_none_or(|a| a == *name))
            .map(|(_, h)| tank / (60 * h))
            .sum::<i64>();
        level -= drain.map_or(0, |hours| tank / (60 * hours));
        minutes += 1;
        if minutes > 100_000 {
            return Err("never full".into());
        }
    }
    if level == tank { Ok(minutes) } else { Err(format!("full within minute {minutes}")) }
}

fn mixture(facts: &[String], question: &str) -> Result<Decimal, String> {
    let (mut mass, mut solute, hundred) = (Decimal::ZERO, Decimal::ZERO, Decimal::ONE_HUNDRED);
    for fact in facts {
        let percent = find(fact, r"(\d+)%").map(|found| found[1].parse::<Decimal>().unwrap());
        let grams = find(fact, r"(\d+) ?(?:g\b|grams|克)").map(|found| found[1].parse::<Decimal>().unwrap());
        if says(fact, "Celsius|stirring rod|minutes after nine|室温|搅拌棒|9点") {
            continue;
        }
        match (grams, percent) {
            (Some(grams), Some(percent)) => (mass, solute) = (mass + grams, solute + grams * percent / hundred),
            (Some(grams), None) if says(fact, "evaporate|蒸发") => mass -= grams,
            (Some(grams), None) if says(fact, "dissolved|溶解") => (mass, solute) = (mass + grams, solute + grams),
            (Some(grams), None) if says(fact, "water|水") => mass += grams,
            (None, None) if says(fact, "half|一半") => (mass, solute) = (mass / Decimal::TWO, solute / Decimal::TWO),
            (None, None) if says(fact, "by mass|质量分数") => {}
            _ => return unread(fact),
        }
        if solute < Decimal::ZERO || solute * Decimal::from(4) > mass {
            return Err(format!("{solute} in {mass} after {fact:?}"));
        }
    }
    Ok(if says(question, "(?i)grams|克") { solute } else { solute * hundred / mass })
}

/// An amount in small units.
fn small(fact: &str) -> Result<(Decimal, Decimal), String> {
    for (one, large, little) in [(100, "m|米", "cm|厘米"), (1000, "kg|千克", "g|克"), (1000, "L|升", "mL|毫升")]
    {
        let pattern =
            format!(r"(?:(\d+(?:\.\d+)?) ?(?:{large})(?: ?(\d+) ?(?:{little}))?|(\d+) ?(?:{little}))(?:[^a-zA-Z]|$)");
        let Some(found) = find(fact, &pattern) else { continue };
        let at = |place: usize| found.get(place).map_or(Decimal::ZERO, |m| m.as_str().parse().unwrap());
        let one = Decimal::from(one);
        return Ok((at(1) * one + at(2) + at(3), one));
    }
    Err(format!("no amount in {fact:?}"))
}

/// Backwards from the answer to what was there at first.
fn measures(facts: &[String], question: &str, answer: Decimal) -> Result<bool, String> {
    let (start, one) = small(&facts[0])?;
    let in_small =
        says(question, "centimetres|millilitres|grams|厘米|毫升|多少克") && !says(question, "kilograms|千克");
    let mut have = if in_small { answer } else { answer * one };
    for fact in facts.iter().skip(1).rev() {
        if says(fact, "shelf|label|bill|架子|标签|账单") {
            continue;
        }
        let count = numbers(fact).first().copied().map(Decimal::from).ok_or("no number")?;
        have = if says(fact, "divided|split|分成|等分") {
            have * count
        } else if says(fact, "portions|customers|取走|顾客") {
            have + count * small(&fact[fact.find(|c: char| c.is_ascii_digit()).unwrap() + 1..])?.0
        } else if says(fact, "added|come in|添|补充") {
            have - small(fact)?.0
        } else if says(fact, "used up|given away|用掉|送出") {
            have + small(fact)?.0
        } else {
            return unread(fact);
        };
        if have <= Decimal::ZERO {
            return Err(format!("{have} before {fact:?}"));
        }
    }
    Ok(have == start)
}

#[test]
fn answers_are_what_the_texts_say() {
    check::verified(KIND.name, WordProblems, solve);
}

#[test]
fn prompts_read_like_this() {
    insta::assert_snapshot!(shown(&WordProblems));
}

#[test]
fn difficulty_makes_stories_longer() {
    use crate::workload::generator::library::Language;
    use rand::SeedableRng;
    for (domain, _) in WordProblems.domains() {
        let told = |difficulty| -> usize {
            let drawn = (0..50).map(|seed| {
                let mut rng = ChaCha8Rng::seed_from_u64(seed);
                let wanted = Wanted { domain, difficulty, language: Language::English };
                sentences(&WordProblems.make(wanted, &mut rng).prompt).len()
            });
            drawn.sum()
        };
        let all: Vec<usize> = [1, 5, 10].map(told).to_vec();
        assert!(all[0] < all[1] && all[1] < all[2], "{domain}: {all:?}");
    }
}
