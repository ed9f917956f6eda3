//! Reads every question again out of its text, and checks the answer by what it must be, or undoes it.

use super::words::{CHARACTERS, LETTERS};
use super::*;
use crate::domain::Item;
use crate::workload::generator::library::{Language, check};
use crate::workload::generator::prose::ONLY_THE_NUMBER;
use crate::workload::generator::prose::reading::{find, numbers, pattern, says, shown};
use rand::SeedableRng;
use rust_decimal::Decimal;
use std::collections::BTreeSet;

/// The question without the form of its answer.
fn question(prompt: &str) -> String {
    for (english, chinese) in [ONLY_THE_NUMBER, ONLY_THE_RESULT, COMMAS] {
        for form in english.iter().chain(chinese) {
            if let Some(rest) = prompt.strip_suffix(form) {
                return rest.trim_end().to_owned();
            }
        }
    }
    panic!("no form in {prompt}");
}

/// What stands in quotes, in its order.
fn quoted(text: &str) -> Vec<String> {
    let found = pattern("\"([^\"]*)\"|“([^”]*)”").captures_iter(text);
    found.map(|found| found.get(1).or(found.get(2)).unwrap().as_str().to_owned()).collect()
}

/// The list of a question: what has commas in it, without the words around.
fn listed(asked: &str) -> Vec<String> {
    let after = pattern(r"^.*[:：?？] ?(.*?)[.。?？]?$").captures(asked.trim_end());
    let inner = after.map(|found| found[1].to_owned()).unwrap_or_default();
    let inner = if inner.contains(", ") || inner.contains('、') {
        inner
    } else {
        find(asked, "[:：](.*)[?？]").map(|found| found[1].to_owned()).unwrap_or(inner)
    };
    let parts = inner.split([',', '、']).map(|part| part.trim().trim_end_matches(['.', '。', '?', '？']).to_owned());
    parts.filter(|part| !part.is_empty()).collect()
}

fn one_more(text: &str) -> String {
    let next = |c: char| match c {
        'z' => 'a',
        'a'..='y' => char::from(u8::try_from(c).unwrap() + 1),
        c => c,
    };
    text.chars().map(next).collect()
}

fn expanded(code: &str) -> String {
    let runs = pattern(r"(\D)(\d+)").captures_iter(code);
    runs.map(|run| run[1].repeat(run[2].parse().unwrap())).collect()
}

fn sorted_characters(text: &str) -> Vec<char> {
    let mut all: Vec<char> = text.chars().collect();
    all.sort_unstable();
    all
}

/// Whether a list is a rearrangement of another in which every pair of neighbours is in order.
fn ordered<T>(from: &[String], to: &[String], key: impl Fn(&str) -> T, in_order: impl Fn(&T, &T) -> bool) -> bool {
    let counted = |all: &[String]| {
        let mut all = all.to_vec();
        all.sort();
        all
    };
    counted(from) == counted(to) && to.windows(2).all(|pair| in_order(&key(&pair[0]), &key(&pair[1])))
}

fn solve(item: &Item) -> Result<(), String> {
    let prompt = &item.messages[0].content;
    let asked = question(prompt);
    let answer = item.answers.first().ok_or("no answer")?;
    let (quotes, list) = (quoted(&asked), listed(&asked));
    let parts: Vec<String> = answer.split(", ").map(str::to_owned).collect();
    let number = || answer.parse::<usize>().ok();
    let right = match &*item.tags.domain {
        "sort-numbers" => {
            let down = says(&asked, "largest to smallest|descending|largest first|从大到小|降序|最大的在前");
            ordered(&list, &parts, |n| n.parse::<Decimal>().unwrap(), |a, b| if down { a > b } else { a < b })
        }
        "sort-words" if says(&asked, "length|字数") => {
            let place = |word: &str| list.iter().position(|other| other == word).unwrap();
            ordered(&list, &parts, |word| (word.chars().count(), place(word)), |a, b| a < b)
        }
        "sort-words" => {
            let down = says(&asked, "reverse|倒序");
            ordered(&list, &parts, str::to_owned, |a, b| if down { a > b } else { a < b })
        }
        "count-letters" => {
            let (long, short) = if quotes[0].chars().count() > quotes[1].chars().count() { (0, 1) } else { (1, 0) };
            number() == Some(quotes[long].split(quotes[short].as_str()).count() - 1)
        }
        "count-words" if says(&asked, "exactly|正好|组成") => {
            let length = usize::try_from(numbers(&asked)[0]).unwrap();
            number() == Some(list.len() - list.iter().filter(|word| word.chars().count() != length).count())
        }
        "count-words" if quotes.is_empty() => number() == Some(list.len()),
        "count-words" => number() == Some(list.join("/").split('/').filter(|word| *word == quotes[0]).count()),
        "reverse" if says(&asked, "words|单词") => {
            let back = answer.split(' ').fold(String::new(), |text, word| format!("{word} {text}"));
            back.trim() == quotes[0]
        }
        "reverse" => answer.chars().fold(String::new(), |text, c| format!("{c}{text}")) == quotes[0],
        "nth" if says(&asked, "word|单词") => {
            let line = find(&asked, "[:：] ?(.*)$").unwrap()[1].to_owned();
            let place = usize::try_from(numbers(&asked)[0]).unwrap();
            let before: Vec<&str> = line.split(' ').take(place).collect();
            before.len() == place && before.last() == Some(&answer.as_str())
        }
        "nth" => {
            let place = usize::try_from(numbers(&asked)[0]).unwrap();
            let back = says(&asked, "from the end|倒数|从右往左");
            let mut text = quotes[0].clone();
            for _ in 1..place {
                if back {
                    text.pop()
                } else {
                    Some(text.remove(0))
                };
            }
            if back { text.ends_with(answer.as_str()) } else { text.starts_with(answer.as_str()) }
        }
        "repeats" if says(&asked, "exactly once|只出现过一次") => {
            let mut rest = list.clone();
            rest.retain(|entry| list.iter().position(|e| e == entry) == list.iter().rposition(|e| e == entry));
            rest == parts
        }
        "repeats" => {
            let seen: BTreeSet<&String> = list.iter().collect();
            let firsts: Vec<usize> = parts.iter().filter_map(|part| list.iter().position(|e| e == part)).collect();
            parts.len() == seen.len() && firsts.len() == parts.len() && firsts.is_sorted_by(|a, b| a < b)
        }
        "caesar" => {
            let by = numbers(&asked)[0];
            let back = says(&asked, "Decode|back by|解密|前移");
            let (from, to) = if back { (answer, &quotes[0]) } else { (&quotes[0], answer) };
            (0..by).fold(from.clone(), |text, _| one_more(&text)) == *to
        }
        "anagram" => {
            let fits = |text: &String| sorted_characters(text) == sorted_characters(&quotes[0]);
            list.contains(answer) && list.iter().filter(|text| fits(text)).eq([answer])
        }
        "prefix" => {
            let next: BTreeSet<Option<char>> = list
                .iter()
                .map(|text| text.strip_prefix(answer.as_str()).and_then(|rest| rest.chars().next()))
                .collect();
            list.len() > 1 && next.len() > 1 && !next.contains(&None) && !answer.is_empty()
        }
        _ if says(&asked, "Expand|Write it out|展开|请写出原来") => expanded(&quotes[0]) == *answer,
        _ => {
            let runs: Vec<char> = answer.chars().filter(|c| !c.is_ascii_digit()).collect();
            expanded(answer) == quotes[0] && runs.windows(2).all(|pair| pair[0] != pair[1])
        }
    };
    if right && !prompt.contains(['{', '}']) {
        return Ok(());
    }
    Err(format!("{prompt}: {answer} is not what {quotes:?} {list:?} gives"))
}

#[test]
fn answers_are_what_the_texts_say() {
    check::verified(KIND.name, Strings, solve);
}

#[test]
fn difficulty_makes_more_work() {
    // The texts and lists get longer.
    for (domain, _) in Strings.domains() {
        let size = |difficulty| -> usize {
            let made = (0..200).map(|seed| {
                let mut rng = ChaCha8Rng::seed_from_u64(seed);
                let wanted = Wanted { domain, difficulty, language: Language::Chinese };
                question(&Strings.make(wanted, &mut rng).prompt).chars().count()
            });
            made.sum()
        };
        let all: Vec<usize> = [1, 5, 10].map(size).to_vec();
        assert!(all[0] < all[1] && all[1] < all[2], "{domain}: {all:?}");
    }
}

#[test]
fn prompts_read_like_this() {
    insta::assert_snapshot!(shown(&Strings));
}

#[test]
fn words_and_letters_are_distinct() {
    let chinese = words::chinese();
    for all in [words::ENGLISH, &chinese] {
        assert_eq!(all.iter().collect::<BTreeSet<_>>().len(), all.len());
    }
    assert!(words::ENGLISH.iter().all(|word| word.chars().all(|c| c.is_ascii_lowercase())));
    for (count, all) in (1..).zip(words::CHINESE) {
        assert!(all.iter().all(|word| word.chars().count() == count));
    }
    for all in [CHARACTERS, words::ALIKE, LETTERS] {
        assert_eq!(all.iter().collect::<BTreeSet<_>>().len(), all.len());
    }
}
