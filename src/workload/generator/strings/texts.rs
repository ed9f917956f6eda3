//! Single texts, letter by letter and character by character.

use super::Asked;
use super::words::{ALIKE, CHARACTERS, ENGLISH, LETTERS, chinese};
use crate::workload::generator::prose::{Sentence, Teller};

/// A text that means nothing, of letters or characters; of few different ones where it is to be hard.
fn noise(tell: &mut Teller<'_>, length: usize, hard: bool) -> Vec<char> {
    let all = match (tell.is_chinese(), hard) {
        (true, true) => ALIKE,
        (true, false) => CHARACTERS,
        (false, _) => LETTERS,
    };
    let some = tell.several(all, if hard { 5 } else { 12 });
    (0..length).map(|_| tell.pick(&some)).collect()
}

fn joined(characters: &[char]) -> String {
    characters.iter().collect()
}

/// One or several words, without spaces in Chinese.
fn phrase(tell: &mut Teller<'_>, count: usize) -> String {
    let all = if tell.is_chinese() { chinese() } else { ENGLISH.to_vec() };
    tell.several(&all, count).join(tell.either(" ", ""))
}

const COUNT: Sentence = (
    &[
        "How many times does the letter \"{c}\" occur in \"{text}\"?",
        "Count the letter \"{c}\" in \"{text}\". How many are there?",
        "In \"{text}\", how often is there a \"{c}\"?",
    ],
    &["“{text}”里“{c}”出现了几次？", "数一数“{text}”中有多少个“{c}”。", "在“{text}”里，“{c}”这个字一共有几个？"],
);

/// Occurrences of a letter or a character.
pub fn count_letters(tell: &mut Teller<'_>, difficulty: u32) -> Asked {
    let length = 4 + 4 * difficulty as usize;
    let text = match difficulty {
        ..3 if !tell.is_chinese() => phrase(tell, difficulty as usize + 1),
        3..6 if !tell.is_chinese() => phrase(tell, difficulty as usize),
        _ => joined(&noise(tell, length, difficulty > 5)),
    };
    let there: Vec<char> = text.chars().filter(|c| *c != ' ').collect();
    let sought = if tell.chance(1, 12) { tell.pick(tell.either(LETTERS, CHARACTERS)) } else { tell.pick(&there) };
    let question = tell.say(COUNT, &[("c", &sought), ("text", &text)]);
    Asked::count(tell, question, there.iter().filter(|c| **c == sought).count())
}

const REVERSE: Sentence = (
    &[
        "Write \"{text}\" backwards, letter by letter.",
        "Reverse the string \"{text}\".",
        "What is \"{text}\" when read from its end to its beginning?",
    ],
    &["把“{text}”逐字倒过来写。", "将字符串“{text}”反转，结果是什么？", "“{text}”从后往前一个字一个字地读是什么？"],
);
const REVERSE_WORDS: Sentence = (
    &[
        "Write the words of \"{text}\" in the opposite order, leaving each word as it is.",
        "Turn the order of the words in \"{text}\" around; the words themselves stay unchanged.",
    ],
    &["把“{text}”中的单词顺序颠倒过来，每个单词本身不变，单词之间仍用空格。"],
);

/// A text from its end.
pub fn reverse(tell: &mut Teller<'_>, difficulty: u32) -> Asked {
    let many = difficulty as usize;
    if tell.chance(1, 3) {
        // Words with spaces between them are English in both languages.
        let words = tell.several(ENGLISH, 2 + many);
        let question = tell.say(REVERSE_WORDS, &[("text", &words.join(" "))]);
        let back: Vec<&str> = words.into_iter().rev().collect();
        return Asked::text(question, back.join(" "));
    }
    let text = if difficulty < 4 && !tell.is_chinese() {
        tell.several(ENGLISH, difficulty.div_ceil(2) as usize).concat()
    } else {
        joined(&noise(tell, 2 + 2 * many, difficulty > 7))
    };
    Asked::text(tell.say(REVERSE, &[("text", &text)]), text.chars().rev().collect::<String>())
}

const NTH: Sentence = (
    &["What is the {nth} letter of \"{text}\"?", "Counting from the left, which letter is the {nth} in \"{text}\"?"],
    &["“{text}”的第{n}个字是什么？", "从左往右数，“{text}”里第{n}个字是哪个？"],
);
const NTH_BACK: Sentence = (
    &["Counting from the end, what is the {nth} letter of \"{text}\" (the last letter is the 1st)?"],
    &["“{text}”的倒数第{n}个字是什么（最后一个字是倒数第1个）？", "从右往左数，“{text}”里第{n}个字是哪个？"],
);
const NTH_WORD: Sentence = (
    &["What is the {nth} word of this line: {text}", "Which word stands in the {nth} place here: {text}"],
    &["下面这行里第{n}个单词是什么：{text}", "这一行的第{n}个英文单词是哪个：{text}"],
);

/// `1st`, `2nd`, `11th`.
fn ordinal(n: usize) -> String {
    let ending = match (n % 10, n % 100) {
        (1, teens) if teens != 11 => "st",
        (2, teens) if teens != 12 => "nd",
        (3, teens) if teens != 13 => "rd",
        _ => "th",
    };
    format!("{n}{ending}")
}

/// The letter or word at a place.
pub fn nth(tell: &mut Teller<'_>, difficulty: u32) -> Asked {
    let many = difficulty as usize;
    if tell.chance(1, 3) {
        let words = tell.several(ENGLISH, 4 + 3 * many);
        let place = tell.place(words.len());
        let line = words.join(" ");
        let (n, nth) = (place + 1, ordinal(place + 1));
        // A line of its own, so that the form of the answer does not run into it.
        let question = tell.say(NTH_WORD, &[("text", &line), ("n", &n), ("nth", &nth)]) + "\n";
        return Asked::text(question, words.get(place).copied().unwrap_or_default());
    }
    let letters = noise(tell, 5 + 4 * many, difficulty > 5);
    let place = tell.place(letters.len());
    let back = difficulty > 2 && tell.chance(1, 2);
    let n = if back { letters.len() - place } else { place + 1 };
    let sentence = if back { NTH_BACK } else { NTH };
    let question = tell.say(sentence, &[("text", &joined(&letters)), ("n", &n), ("nth", &ordinal(n))]);
    Asked::text(question, letters.get(place).copied().unwrap_or_default().to_string())
}

const ENCODE: Sentence = (
    &[
        "Encode \"{text}\" with a Caesar cipher: replace each letter by the one {k} places later in the alphabet, going on with a after z.",
        "Shift every letter of \"{text}\" forward by {k} in the alphabet (after z comes a again). What is the result?",
    ],
    &[
        "用凯撒密码给“{text}”加密：每个字母换成字母表中往后数第{k}个字母，z之后接着从a开始。",
        "把“{text}”的每个字母在字母表中后移{k}位（z后面回到a），结果是什么？",
    ],
);
const DECODE: Sentence = (
    &[
        "Decode \"{text}\": it was made by replacing each letter by the one {k} places later in the alphabet (after z comes a again).",
        "Shift every letter of \"{text}\" back by {k} in the alphabet (before a comes z). What is the result?",
    ],
    &[
        "解密“{text}”：它是把每个字母换成字母表中往后数第{k}个字母得到的（z之后回到a）。",
        "把“{text}”的每个字母在字母表中前移{k}位（a的前面是z），结果是什么？",
    ],
);

fn shifted(text: &str, by: i64) -> String {
    let shift = |c: char| {
        let place = LETTERS.iter().position(|letter| *letter == c)?;
        let place = usize::try_from((i64::try_from(place).ok()? + by).rem_euclid(26)).ok()?;
        LETTERS.get(place).copied()
    };
    text.chars().map(|c| shift(c).unwrap_or(c)).collect()
}

/// Letters moved along the alphabet.
pub fn caesar(tell: &mut Teller<'_>, difficulty: u32) -> Asked {
    let most = [1, 2, 3, 4, 5, 7, 9, 12, 18, 25].get(difficulty as usize - 1).copied().unwrap_or(25);
    let by = tell.between(1..=most);
    let plain = tell.several(ENGLISH, 1 + difficulty as usize / 3).join(" ");
    let hidden = shifted(&plain, by);
    if tell.chance(1, 2) {
        Asked::text(tell.say(ENCODE, &[("text", &plain), ("k", &by)]), hidden)
    } else {
        Asked::text(tell.say(DECODE, &[("text", &hidden), ("k", &by)]), plain)
    }
}

const ANAGRAM: Sentence = (
    &[
        "Which of these strings is an anagram of \"{text}\", that is, has exactly the same letters, each as often? {list}.",
        "Which one of the following can be made by rearranging all letters of \"{text}\": {list}?",
    ],
    &[
        "下列字符串中，哪一个是把“{text}”的字重新排列得到的（每个字的个数也相同）？{list}。",
        "把“{text}”里的字全部打乱重排，能得到下面的哪一个：{list}？",
    ],
);

/// The one string among several that has the same letters.
pub fn anagram(tell: &mut Teller<'_>, difficulty: u32) -> Asked {
    let mut letters: Vec<char> = if tell.is_chinese() {
        let hard = difficulty > 5;
        let all = if hard { ALIKE } else { CHARACTERS };
        tell.several(all, 3 + difficulty as usize)
    } else {
        tell.several(ENGLISH, 1 + difficulty as usize / 4).concat().chars().collect()
    };
    let text = joined(&letters);
    let all = if tell.is_chinese() { if difficulty > 5 { ALIKE } else { CHARACTERS } } else { LETTERS };
    let mut candidates: Vec<String> = Vec::new();
    while candidates.len() < 2 + difficulty as usize {
        tell.shuffle(&mut letters);
        let mut others = letters.clone();
        if !candidates.is_empty() {
            // One letter is another.
            let (place, other) = (tell.place(others.len()), tell.pick(all));
            match others.get_mut(place) {
                Some(letter) if *letter != other => *letter = other,
                _ => continue,
            }
        }
        let candidate = joined(&others);
        if candidate != text && !candidates.contains(&candidate) {
            candidates.push(candidate);
        }
    }
    let right = candidates.first().cloned().unwrap_or_default();
    tell.shuffle(&mut candidates);
    let list = candidates.join(tell.either(", ", "、"));
    Asked::text(tell.say(ANAGRAM, &[("text", &text), ("list", &list)]), right)
}

const PREFIX: Sentence = (
    &[
        "What is the longest common prefix of these strings: {list}?",
        "With which longest string do all of these begin: {list}?",
    ],
    &["下列字符串的最长公共前缀是什么：{list}？", "这些字符串共同的开头最长是什么：{list}？"],
);

/// What several strings begin with.
pub fn prefix(tell: &mut Teller<'_>, difficulty: u32) -> Asked {
    let many = difficulty as usize;
    let length = 2 + many / 2 + tell.place(1 + many);
    let shared = noise(tell, length, difficulty > 5);
    let nexts = tell.several(tell.either(LETTERS, CHARACTERS), 2 + many / 2);
    let strings = nexts.iter().map(|next| {
        let rest = tell.place(2 + many);
        [shared.as_slice(), &[*next], &noise(tell, rest, false)].concat()
    });
    let mut strings: Vec<String> = strings.map(|all| joined(&all)).collect();
    // Most of them go on together where it is to be hard: the one that leaves decides.
    if difficulty > 4
        && let [first, rest @ ..] = strings.as_mut_slice()
    {
        let begin: String = first.chars().take(length + 1).collect();
        for other in rest.iter_mut().skip(1) {
            *other = format!("{begin}{}", other.chars().skip(length).collect::<String>());
        }
    }
    tell.shuffle(&mut strings);
    let list = strings.join(tell.either(", ", "、"));
    Asked::text(tell.say(PREFIX, &[("list", &list)]), joined(&shared))
}

const SHRINK: Sentence = (
    &[
        "Run-length encode \"{text}\": write each run of equal letters as the letter and its length, as \"aaab\" gives a3b1.",
        "Compress \"{text}\" so that every run of the same letter becomes that letter followed by how long the run is (\"xxy\" becomes x2y1).",
    ],
    &[
        "对“{text}”做游程编码：把连续相同的字写成这个字加上次数，例如“红红红绿”写成“红3绿1”。",
        "把“{text}”中每一段连续相同的字写成该字和它的个数，例如“东东西”变成“东2西1”。",
    ],
);
const GROW: Sentence = (
    &[
        "Expand the run-length code \"{code}\", where a3b1 stands for aaab.",
        "In \"{code}\" every letter is followed by how often it is to be written (a3b1 means aaab). Write it out.",
    ],
    &[
        "展开游程编码“{code}”（例如“红3绿1”表示“红红红绿”）。",
        "“{code}”中每个字后面的数表示它连续出现的次数，例如“东2西1”就是“东东西”。请写出原来的字符串。",
    ],
);

/// Runs of letters, shortened or written out.
pub fn run_length(tell: &mut Teller<'_>, difficulty: u32) -> Asked {
    let pool = tell.either(LETTERS, CHARACTERS);
    let mut runs: Vec<(char, usize)> = Vec::new();
    while runs.len() < 2 + difficulty as usize {
        let letter = tell.pick(pool);
        let long = 1 + tell.place(3 + difficulty as usize / 2);
        if runs.last().is_none_or(|(last, _)| *last != letter) {
            runs.push((letter, long));
        }
    }
    let text: String = runs.iter().flat_map(|(letter, long)| std::iter::repeat_n(*letter, *long)).collect();
    let code: String = runs.iter().map(|(letter, long)| format!("{letter}{long}")).collect();
    if tell.chance(2, 3) {
        Asked::text(tell.say(SHRINK, &[("text", &text)]), code)
    } else {
        Asked::text(tell.say(GROW, &[("code", &code)]), text)
    }
}
