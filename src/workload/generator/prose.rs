//! How generators tell their questions: a teller has the language and the random numbers, and fills sentences, each of
//! which exists in both languages and in several wordings, so that there is no one template to be learned.

use super::library::Language;
use rand::RngExt;
use rand_chacha::ChaCha8Rng;
use std::fmt::{self, Display};
use std::ops::RangeInclusive;

/// Wordings of one sentence: English ones and Chinese ones, with `{name}` where a value stands.
pub type Sentence = (&'static [&'static str], &'static [&'static str]);

/// Tells one question.
pub struct Teller<'a> {
    /// Its language.
    pub language: Language,
    rng: &'a mut ChaCha8Rng,
}

impl<'a> Teller<'a> {
    /// In a language, with these random numbers.
    pub const fn new(language: Language, rng: &'a mut ChaCha8Rng) -> Self {
        Self { language, rng }
    }

    /// Whether it tells in Chinese.
    #[must_use]
    pub fn is_chinese(&self) -> bool {
        self.language == Language::Chinese
    }

    /// A number of a range; both ends are possible.
    pub fn between(&mut self, range: RangeInclusive<i64>) -> i64 {
        self.rng.random_range(range)
    }

    /// A place in a list of so many, which are at least one.
    pub fn place(&mut self, count: usize) -> usize {
        self.rng.random_range(0..count.max(1))
    }

    /// A number of so many digits, at least 2.
    pub fn digits(&mut self, digits: u32) -> i64 {
        let least = if digits <= 1 { 2 } else { 10_i64.pow(digits - 1) };
        self.rng.random_range(least..10_i64.pow(digits))
    }

    /// True `part` times out of `of`.
    pub fn chance(&mut self, part: u32, of: u32) -> bool {
        self.rng.random_ratio(part, of)
    }

    /// One of a constant list, which is never empty.
    pub fn pick<T: Copy>(&mut self, all: &[T]) -> T {
        all[self.rng.random_range(0..all.len())]
    }

    /// Distinct ones of a list, in random order; all of them where there are no more.
    pub fn several<T: Copy>(&mut self, all: &[T], count: usize) -> Vec<T> {
        let mut rest = all.to_vec();
        let mut taken = Vec::with_capacity(count);
        while taken.len() < count && !rest.is_empty() {
            taken.push(rest.swap_remove(self.rng.random_range(0..rest.len())));
        }
        taken
    }

    /// In random order.
    pub fn shuffle<T>(&mut self, all: &mut [T]) {
        for end in (1..all.len()).rev() {
            all.swap(end, self.rng.random_range(0..=end));
        }
    }

    /// One of the two, by the language.
    #[must_use]
    pub fn either<T>(&self, english: T, chinese: T) -> T {
        if self.is_chinese() { chinese } else { english }
    }

    /// One wording of a sentence, with its values.
    pub fn say(&mut self, sentence: Sentence, values: &[(&str, &dyn Display)]) -> String {
        let wording = self.pick(self.either(sentence.0, sentence.1));
        fill(wording, values)
    }

    /// Sentences one after the other, as the language writes them.
    #[must_use]
    pub fn join(&self, sentences: &[String]) -> String {
        sentences.join(self.either(" ", ""))
    }

    /// `a, b and c`, `a、b和c`.
    #[must_use]
    pub fn list<T: Display>(&self, all: &[T]) -> String {
        let words: Vec<String> = all.iter().map(ToString::to_string).collect();
        match words.as_slice() {
            [most @ .., last] if !most.is_empty() => {
                let (comma, and) = self.either((", ", " and "), ("、", "和"));
                format!("{}{and}{last}", most.join(comma))
            }
            _ => words.concat(),
        }
    }

    /// A question and the form of its answer, on one line or on two.
    pub fn ask(&mut self, question: &str, form: Sentence) -> String {
        let form = self.say(form, &[]);
        let two_lines = self.chance(1, 2);
        let between = match (question.ends_with('\n'), two_lines) {
            (true, _) => "",
            (false, true) => "\n",
            (false, false) => self.either(" ", ""),
        };
        format!("{question}{between}{form}")
    }

    /// Somebody.
    pub fn person(&mut self) -> Person {
        self.pick(self.either(ENGLISH, CHINESE))
    }

    /// Several, all with different names.
    pub fn people(&mut self, count: usize) -> Vec<Person> {
        self.several(self.either(ENGLISH, CHINESE), count)
    }
}

/// A sentence with its values.
fn fill(wording: &str, values: &[(&str, &dyn Display)]) -> String {
    let mut text = wording.to_owned();
    for (name, value) in values {
        text = text.replace(&format!("{{{name}}}"), &value.to_string());
    }
    text
}

/// A whole number as it is written, perhaps in groups of three digits.
#[must_use]
pub fn written(number: i64, grouped: bool) -> String {
    let digits = number.to_string();
    if !grouped {
        return digits;
    }
    let from_the_end = |place: usize| (digits.len() - place).is_multiple_of(3);
    let comma = |place: usize| if place > 0 && from_the_end(place) { "," } else { "" };
    digits.char_indices().map(|(place, digit)| format!("{}{digit}", comma(place))).collect()
}

/// The form of an answer that is a number.
pub const ONLY_THE_NUMBER: Sentence = (
    &[
        "Give only the number.",
        "Answer with the number only.",
        "Reply with just the number.",
        "Your final answer must be a single number.",
        "State only the resulting number.",
        "The answer should be the number alone.",
    ],
    &[
        "最后只给出数字。",
        "只回答数字。",
        "请只写出最后的数字。",
        "答案只写数字。",
        "直接给出数字即可。",
        "回答时只需写出结果的数字。",
    ],
);

/// Somebody in a story.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Person {
    /// The name.
    pub name: &'static str,
    /// `She`, `He`; 她, 他.
    pub she: &'static str,
}

impl Display for Person {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name)
    }
}

const fn person(name: &'static str, she: &'static str) -> Person {
    Person { name, she }
}

const ENGLISH: &[Person] = &[
    person("Amelia", "She"),
    person("Ben", "He"),
    person("Clara", "She"),
    person("Daniel", "He"),
    person("Elena", "She"),
    person("Farid", "He"),
    person("Grace", "She"),
    person("Hugo", "He"),
    person("Ingrid", "She"),
    person("Jamal", "He"),
    person("Katya", "She"),
    person("Liam", "He"),
    person("Maria", "She"),
    person("Nikhil", "He"),
    person("Olivia", "She"),
    person("Pedro", "He"),
    person("Rosa", "She"),
    person("Samuel", "He"),
    person("Tara", "She"),
    person("Victor", "He"),
    person("Wendy", "She"),
    person("Yusuf", "He"),
];

const CHINESE: &[Person] = &[
    person("小明", "他"),
    person("小红", "她"),
    person("李雷", "他"),
    person("王芳", "她"),
    person("张伟", "他"),
    person("刘洋", "他"),
    person("陈静", "她"),
    person("赵敏", "她"),
    person("孙强", "他"),
    person("周婷", "她"),
    person("吴刚", "他"),
    person("郑丽", "她"),
    person("马超", "他"),
    person("林娜", "她"),
    person("何勇", "他"),
    person("高梅", "她"),
    person("罗杰", "他"),
    person("宋佳", "她"),
    person("唐军", "他"),
    person("许晴", "她"),
];

/// For tests that read prompts again.
#[cfg(test)]
pub mod reading {
    use super::super::library::{Language, Made, Maker, Wanted};
    use rand::SeedableRng;
    use rand_chacha::ChaCha8Rng;
    use regex::{Captures, Regex};
    use std::cell::RefCell;
    use std::collections::BTreeMap;

    thread_local! {
        static KNOWN: RefCell<BTreeMap<String, &'static Regex>> = const { RefCell::new(BTreeMap::new()) };
    }

    /// A pattern, compiled once and kept: a copy would have to set up its memory anew.
    pub fn pattern(text: &str) -> &'static Regex {
        KNOWN.with_borrow_mut(|known| {
            if let Some(found) = known.get(text) {
                return *found;
            }
            let made: &'static Regex = Box::leak(Box::new(Regex::new(text).unwrap()));
            known.insert(text.to_owned(), made);
            made
        })
    }

    /// Whether a text has it.
    pub fn says(text: &str, words: &str) -> bool {
        pattern(words).is_match(text)
    }

    /// What a pattern finds first.
    pub fn find<'a>(text: &'a str, words: &str) -> Option<Captures<'a>> {
        pattern(words).captures(text)
    }

    /// Prompts of every domain in both languages, from easy to hard, for people to read.
    pub fn shown<M: Maker>(maker: &M) -> String {
        let (mut text, mut seed) = (String::new(), 0);
        for (domain, _) in maker.domains() {
            for difficulty in [1, 5, 10] {
                for language in Language::ALL {
                    seed += 1;
                    let mut rng = ChaCha8Rng::seed_from_u64(seed);
                    let Made { prompt, answers, .. } = maker.make(Wanted { domain, difficulty, language }, &mut rng);
                    text += &format!("[{domain} {difficulty}] {prompt}\n→ {}\n\n", answers.join(" | "));
                }
            }
        }
        text
    }

    /// All whole numbers of a text, in their order.
    pub fn numbers(text: &str) -> Vec<i64> {
        pattern(r"\d+").find_iter(text).map(|found| found.as_str().parse().unwrap()).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand::SeedableRng;

    #[test]
    fn sentences_are_filled_and_lists_joined_as_the_language_does() {
        let mut rng = ChaCha8Rng::seed_from_u64(1);
        let mut tell = Teller::new(Language::English, &mut rng);
        assert_eq!(tell.say((&["{a} and {b}, {a}"], &["{a}"]), &[("a", &1), ("b", &"x")]), "1 and x, 1");
        assert_eq!(
            (tell.list(&[1, 2, 3]), tell.list(&[1]), tell.list::<i64>(&[])),
            ("1, 2 and 3".into(), "1".into(), String::new())
        );
        let mut tell = Teller::new(Language::Chinese, &mut rng);
        assert_eq!(tell.say((&["{a}"], &["是{a}"]), &[("a", &1)]), "是1");
        assert_eq!(tell.list(&["甲", "乙", "丙"]), "甲、乙和丙");
        let few = tell.several(&[1, 2, 3, 4], 9);
        assert_eq!(few.iter().sum::<i32>(), 10);
        assert!((0..50).all(|_| (10..100).contains(&tell.digits(2)) && (2..10).contains(&tell.digits(1))));
    }
}
