//! Words that several generators need: names, lists, ordinals, how an answer is to be given, and random choice.

use super::library::Language;
use rand::RngExt;
use rand::seq::SliceRandom;
use rand_chacha::ChaCha8Rng;

/// One of a list that is not empty.
pub fn one<T: Copy>(rng: &mut ChaCha8Rng, of: &[T]) -> T {
    of[rng.random_range(0..of.len())]
}

/// All of a list, in random order.
pub fn shuffled<T: Clone>(rng: &mut ChaCha8Rng, of: &[T]) -> Vec<T> {
    let mut all = of.to_vec();
    all.shuffle(rng);
    all
}

/// So many different ones of a list, in random order; all where there are fewer.
pub fn some<T: Clone>(rng: &mut ChaCha8Rng, of: &[T], count: usize) -> Vec<T> {
    let mut all = shuffled(rng, of);
    all.truncate(count);
    all
}

/// Whether it happens, so many times in a hundred.
pub fn chance(rng: &mut ChaCha8Rng, percent: u32) -> bool {
    rng.random_range(0..100) < percent
}

/// What is said in a language.
pub const fn said<T: Copy>(language: Language, english: T, chinese: T) -> T {
    match language {
        Language::English => english,
        Language::Chinese => chinese,
    }
}

/// Replaces `{key}` for each key, in one pass: what is put in is not looked at again.
pub fn fill(template: &str, with: &[(&str, &str)]) -> String {
    let (mut out, mut rest) = (String::with_capacity(template.len() + 32), template);
    while let Some((before, after)) = rest.split_once('{') {
        out.push_str(before);
        let known = after.split_once('}').and_then(|(key, after)| {
            let (_, value) = with.iter().find(|(known, _)| *known == key)?;
            Some((value, after))
        });
        match known {
            Some((value, after)) => {
                out.push_str(value);
                rest = after;
            }
            None => {
                out.push('{');
                rest = after;
            }
        }
    }
    out.push_str(rest);
    out
}

/// `A, B and C`, or `A、B和C`.
pub fn listing(language: Language, words: &[impl AsRef<str>]) -> String {
    joined(words, said(language, ", ", "、"), said(language, " and ", "和"))
}

fn joined(words: &[impl AsRef<str>], between: &str, last: &str) -> String {
    let mut out = String::new();
    for (i, word) in words.iter().enumerate() {
        if i > 0 {
            out.push_str(if i + 1 == words.len() { last } else { between });
        }
        out.push_str(word.as_ref());
    }
    out
}

/// A list as an answer, in the forms in which it may be written; the first is what is asked for.
pub fn listed_answers(words: &[String]) -> Vec<String> {
    let mut all = Vec::new();
    for (between, last) in
        [(", ", ", "), (",", ","), (" ", " "), ("、", "、"), ("、", "和"), (", ", " and "), (", ", ", and ")]
    {
        let form = joined(words, between, last);
        if !all.contains(&form) {
            all.push(form);
        }
    }
    all
}

/// Sentences after one another, as the language has it.
pub fn sentences(language: Language, all: &[String]) -> String {
    all.join(said(language, " ", ""))
}

/// `third`; beyond twelve `13th`.
pub fn ordinal(number: usize) -> String {
    const WORDS: [&str; 13] = [
        "zeroth", "first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth",
        "eleventh", "twelfth",
    ];
    WORDS.get(number).map_or_else(|| format!("{number}th"), |word| (*word).to_owned())
}

/// `three`; beyond twelve in digits.
pub fn cardinal(number: usize) -> String {
    const WORDS: [&str; 13] =
        ["no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"];
    WORDS.get(number).map_or_else(|| number.to_string(), |word| (*word).to_owned())
}

/// The same with a capital.
pub fn capital(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map_or_else(String::new, |first| first.to_uppercase().chain(chars).collect())
}

/// How the answer is to be given: in a last line of its own. `what` is what it is, such as "the name".
pub fn closing(rng: &mut ChaCha8Rng, language: Language, what: &str) -> String {
    const ENGLISH: &[&str] = &[
        "End your reply with a line that says “Answer:” followed by {what} and nothing else.",
        "Think as long as you like; on the last line write “Answer:” and then only {what}.",
        "Your last line must be “Answer:” and {what}, with nothing after it.",
        "Finish with one line that begins with “Answer:” and then gives just {what}.",
    ];
    const CHINESE: &[&str] = &[
        "可以先推理，最后另起一行写“答案：”，后面只写{what}。",
        "请在回答的最后一行写“答案：”加上{what}，不要写别的内容。",
        "回答的最后一行以“答案：”开头，之后只写{what}。",
        "先想清楚，再用最后一行给出结果，格式为“答案：”后面紧接{what}。",
    ];
    fill(one(rng, said(language, ENGLISH, CHINESE)), &[("what", what)])
}

/// First names of men, each with those of women beside it. None is part of another, or of a word of the texts.
pub const MEN: &[&str] = &[
    "Adam", "Boris", "Carl", "Derek", "Edgar", "Felix", "George", "Henry", "Ivan", "Jonas", "Kevin", "Liam", "Marcus",
    "Nolan", "Oscar", "Peter", "Quentin", "Robert", "Simon", "Thomas", "Victor", "Walter",
];
/// First names of women.
pub const WOMEN: &[&str] = &[
    "Alice", "Bella", "Clara", "Diana", "Emma", "Fiona", "Grace", "Hannah", "Irene", "Julia", "Karen", "Laura",
    "Maria", "Nora", "Olivia", "Paula", "Rosa", "Sarah", "Tina", "Ursula", "Vera", "Wendy",
];
/// Given names of men in Chinese.
pub const CHINESE_MEN: &[&str] = &[
    "建国", "志强", "文博", "浩然", "子轩", "俊杰", "明辉", "家豪", "永康", "国栋", "振华", "天佑", "海涛", "立新",
    "宏伟", "晓东", "泽宇", "思远", "少峰", "学文",
];
/// Given names of women in Chinese.
pub const CHINESE_WOMEN: &[&str] = &[
    "丽华", "秀英", "雅婷", "梦琪", "诗涵", "佳怡", "静怡", "晓燕", "玉兰", "春梅", "美玲", "欣妍", "雨桐", "可馨",
    "慧敏", "桂芳", "淑珍", "若曦", "婉清", "思琪",
];

/// So many different people, men and women.
pub fn people(rng: &mut ChaCha8Rng, language: Language, count: usize) -> Vec<&'static str> {
    let (men, women) = (said(language, MEN, CHINESE_MEN), said(language, WOMEN, CHINESE_WOMEN));
    some(rng, &[men, women].concat(), count)
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand::SeedableRng;

    #[test]
    fn words_are_put_in_once_and_lists_read_well() {
        assert_eq!(fill("{a} and {b} {c", &[("a", "{b}"), ("b", "x")]), "{b} and x {c");
        let three = ["a", "b", "c"];
        assert_eq!(listing(Language::English, &three), "a, b and c");
        assert_eq!(listing(Language::Chinese, &three), "a、b和c");
        assert_eq!(listing(Language::English, &three[..1]), "a");
        assert_eq!(listed_answers(&["a".into()]), ["a"]);
        assert_eq!(listed_answers(&["a".into(), "b".into()])[..3], ["a, b", "a,b", "a b"]);
        assert_eq!((ordinal(3), ordinal(20), cardinal(12), cardinal(13), capital("two")).3, "13");
    }

    #[test]
    fn no_name_is_part_of_another() {
        let all = [MEN, WOMEN, CHINESE_MEN, CHINESE_WOMEN].concat();
        for (i, name) in all.iter().enumerate() {
            assert!(all.iter().enumerate().all(|(j, other)| i == j || !other.contains(name)), "{name}");
        }
        let mut rng = ChaCha8Rng::seed_from_u64(1);
        assert_eq!(people(&mut rng, Language::English, 8).len(), 8);
    }
}
