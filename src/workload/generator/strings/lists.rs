//! Lists of numbers and words: sorting, counting, removing what is there already.

use super::Asked;
use super::words::{ENGLISH, chinese};
use crate::workload::generator::fraction::point;
use crate::workload::generator::prose::{Sentence, Teller};

const RISING: Sentence = (
    &[
        "Sort these numbers from smallest to largest: {list}.",
        "Put the following numbers in ascending order: {list}.",
        "Arrange in order of size, the smallest first: {list}.",
    ],
    &["把下列数从小到大排列：{list}。", "请将这些数按升序排列：{list}。", "按大小顺序排列，最小的在前：{list}。"],
);
const FALLING: Sentence = (
    &[
        "Sort these numbers from largest to smallest: {list}.",
        "Put the following numbers in descending order: {list}.",
        "Arrange in order of size, the largest first: {list}.",
    ],
    &["把下列数从大到小排列：{list}。", "请将这些数按降序排列：{list}。", "按大小顺序排列，最大的在前：{list}。"],
);

/// As the language separates the parts of a list.
fn listed<T: ToString>(tell: &Teller<'_>, all: &[T]) -> String {
    let all: Vec<String> = all.iter().map(ToString::to_string).collect();
    all.join(tell.either(", ", "、"))
}

/// Numbers by size; below zero and with decimals where it is hard.
pub fn sort_numbers(tell: &mut Teller<'_>, difficulty: u32) -> Asked {
    let count = 3 + difficulty as usize;
    let (digits, places) = (1 + difficulty.div_ceil(3), difficulty / 4);
    let mut numbers: Vec<i64> = Vec::new();
    while numbers.len() < count {
        let base = numbers.last().copied().filter(|_| difficulty > 6 && tell.chance(1, 2));
        // Close to the one before, or anything.
        let number = match base {
            Some(near) => near + tell.between(-12..=12),
            None => tell.digits(digits + places),
        };
        let number = if difficulty > 5 && base.is_none() && tell.chance(1, 3) { -number } else { number };
        if !numbers.contains(&number) {
            numbers.push(number);
        }
    }
    let shown = |numbers: &[i64]| numbers.iter().map(|n| point((*n).into(), places)).collect::<Vec<_>>();
    let falling = tell.chance(1, 2);
    let list = listed(tell, &shown(&numbers));
    let question = tell.say(if falling { FALLING } else { RISING }, &[("list", &list)]);
    numbers.sort_unstable();
    if falling {
        numbers.reverse();
    }
    Asked::list(question, &shown(&numbers))
}

const ALPHABETICAL: Sentence = (
    &[
        "Sort these words alphabetically: {list}.",
        "Put the following words in alphabetical order (a to z): {list}.",
        "In which order do these words stand in a dictionary? {list}.",
    ],
    &["把下列英文单词按字母顺序排列：{list}。", "请按字典顺序（从a到z）排列这些英文单词：{list}。"],
);
const BACKWARDS: Sentence = (
    &["Sort these words in reverse alphabetical order (z to a): {list}."],
    &["把下列英文单词按字母倒序（从z到a）排列：{list}。"],
);
const BY_LENGTH: Sentence = (
    &[
        "Sort these words by length, the shortest first; words of the same length stay in the order in which they are given: {list}.",
    ],
    &[
        "按字数从少到多排列下列词语，字数相同的保持原来的先后次序：{list}。",
        "把这些词语按字数由少到多排序（字数一样的，先后顺序不变）：{list}。",
    ],
);

/// Words by the alphabet, or by their length.
pub fn sort_words(tell: &mut Teller<'_>, difficulty: u32) -> Asked {
    let count = 3 + difficulty as usize;
    if tell.chance(if tell.is_chinese() { 2 } else { 1 }, 3) {
        let all = if tell.is_chinese() { chinese() } else { ENGLISH.to_vec() };
        let mut words = tell.several(&all, count);
        let question = tell.say(BY_LENGTH, &[("list", &listed(tell, &words))]);
        words.sort_by_key(|word| word.chars().count());
        return Asked::list(question, &words);
    }
    // Words that begin alike are harder to tell apart.
    let letters = if difficulty > 6 { "cmps" } else { "abcdefghijklmnopqrstuvwxyz" };
    let all: Vec<&str> = ENGLISH.iter().copied().filter(|word| word.starts_with(|c| letters.contains(c))).collect();
    let mut words = tell.several(&all, count);
    let backwards = difficulty > 3 && tell.chance(1, 3);
    let question = tell.say(if backwards { BACKWARDS } else { ALPHABETICAL }, &[("list", &listed(tell, &words))]);
    words.sort_unstable();
    if backwards {
        words.reverse();
    }
    Asked::list(question, &words)
}

const HOW_OFTEN: Sentence = (
    &[
        "How many times does the word \"{word}\" occur in this list? {list}.",
        "Count how often \"{word}\" is in the following list: {list}.",
    ],
    &["词语“{word}”在下面的列表中出现了几次？{list}。", "数一数“{word}”在这里出现多少次：{list}。"],
);
const HOW_MANY: Sentence = (
    &["How many words are in this list? {list}.", "Count the words, repeated ones as often as they occur: {list}."],
    &["下面一共有多少个词语（重复的也计入）？{list}。", "数一数这里共有几个词，重复出现的重复计数：{list}。"],
);
const HOW_LONG: Sentence = (
    &[
        "How many words of this list have exactly {n} letters? {list}.",
        "In the list below, how many entries are exactly {n} letters long (each time they occur)? {list}.",
    ],
    &[
        "下列词语中，正好是{n}个字的有几个（重复的也计入）？{list}。",
        "这里由{n}个字组成的词语共有多少个，重复出现的重复计数？{list}。",
    ],
);

/// A list in which some words are there several times.
fn with_repeats(tell: &mut Teller<'_>, distinct: usize, count: usize) -> Vec<&'static str> {
    let all = if tell.is_chinese() { chinese() } else { ENGLISH.to_vec() };
    let words = tell.several(&all, distinct);
    let mut list = words.clone();
    while list.len() < count {
        list.push(tell.pick(&words));
    }
    tell.shuffle(&mut list);
    list
}

/// How many words there are, of what kind.
pub fn count_words(tell: &mut Teller<'_>, difficulty: u32) -> Asked {
    let count = 4 + 3 * difficulty as usize + tell.place(4);
    let list = with_repeats(tell, 3 + difficulty as usize, count);
    let told = listed(tell, &list);
    match tell.between(0..=2) {
        0 => {
            let question = tell.say(HOW_MANY, &[("list", &told)]);
            Asked::count(tell, question, list.len())
        }
        1 => {
            let length = |word: &str| word.chars().count();
            let some = length(tell.pick(&list));
            let question = tell.say(HOW_LONG, &[("n", &some), ("list", &told)]);
            Asked::count(tell, question, list.iter().filter(|word| length(word) == some).count())
        }
        _ => {
            let word = tell.pick(&list);
            let question = tell.say(HOW_OFTEN, &[("word", &word), ("list", &told)]);
            Asked::count(tell, question, list.iter().filter(|other| **other == word).count())
        }
    }
}

const ONCE: Sentence = (
    &[
        "Remove the repeats from this list, keeping the first occurrence of each entry and the order: {list}.",
        "Go through the list and drop everything that was there before, leaving the rest in order: {list}.",
    ],
    &[
        "去掉下列词语中重复的项，每个只保留第一次出现的，顺序不变：{list}。",
        "依次看这个列表，前面出现过的就删掉，其余保持原来的次序：{list}。",
    ],
);
const SINGLE: Sentence = (
    &["Which entries of this list occur exactly once? Give them in the order of the list: {list}."],
    &["下列各项中，哪些只出现过一次？按原来的次序给出：{list}。"],
);

/// What is there more than once, and what is not.
pub fn repeats(tell: &mut Teller<'_>, difficulty: u32) -> Asked {
    let (distinct, count) = (3 + difficulty as usize, 5 + 2 * difficulty as usize);
    let list: Vec<String> = if tell.chance(1, 3) {
        let least = 10_i64.pow(1 + difficulty / 4);
        let numbers: Vec<i64> = (0..distinct).map(|_| tell.between(least..=least * 3)).collect();
        (0..count).map(|_| tell.pick(&numbers).to_string()).collect()
    } else {
        with_repeats(tell, distinct, count).into_iter().map(str::to_owned).collect()
    };
    let told = listed(tell, &list);
    let times = |entry: &String| list.iter().filter(|other| *other == entry).count();
    let singles: Vec<&String> = list.iter().filter(|entry| times(entry) == 1).collect();
    if singles.len() > 1 && tell.chance(1, 3) {
        return Asked::list(tell.say(SINGLE, &[("list", &told)]), &singles);
    }
    let mut kept: Vec<&String> = Vec::new();
    for entry in &list {
        if !kept.contains(&entry) {
            kept.push(entry);
        }
    }
    Asked::list(tell.say(ONCE, &[("list", &told)]), &kept)
}
