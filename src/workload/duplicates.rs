//! Items that ask the same: counted twice they make an interval narrower than it is, and a leaked item weigh double.
//!
//! *Exact* after normalisation: width, case, white space and punctuation do not count, nor does the order of options.
//! *Near* by likeness: what shingles of three tokens two questions share (a token is a word, a number, a sign, or a
//! character of a script without spaces), found by MinHash and banding, then verified on the shingles themselves.
//!
//! Rather one duplicate too few than one item too many: whatever their likeness, two items whose numbers, signs or right
//! answers differ are two items. So the items of one template, which differ in nothing but their quantities, all stay.

mod shingles;
mod tokens;

use crate::domain::{Item, Message, Role, Spec};
use shingles::{Bands, jaccard, shingles};
use std::borrow::Borrow;
use std::collections::BTreeMap;
use tokens::{Tokens, is_figure, tokens};

/// An item that repeats an earlier one.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Repeat {
    /// Its place, from 0.
    pub item: usize,
    /// The place of the first item that asks the same.
    pub of: usize,
    /// How alike they are.
    pub likeness: Likeness,
}

/// How alike two items are.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Likeness {
    /// The same question and answer after normalisation.
    Exact,
    /// The same answer, numbers and signs, and so large a share of all their shingles in common (Jaccard).
    Near(f64),
    /// The same question with another answer: one of the two is wrong. Not a duplicate, since nobody knows which.
    OtherAnswer,
}

/// Candidates of one item that are compared at the most; more would be a bucket of texts that are all alike.
const MOST_COMPARED: usize = 64;

/// Every item that repeats an earlier one, in order. `near` is the least Jaccard index of a near-duplicate; none looks for
/// exact ones only. Items whose question is not known before it is asked (recorded lengths) repeat nothing.
#[must_use]
pub fn find<I: Borrow<Item>>(items: &[I], near: Option<f64>) -> Vec<Repeat> {
    let mut firsts: BTreeMap<Key, Vec<(usize, Key)>> = BTreeMap::new();
    let mut buckets: BTreeMap<(usize, Key), Vec<usize>> = BTreeMap::new();
    let bands = near.map(Bands::for_threshold);
    let mut repeats = Vec::new();
    for (place, item) in items.iter().enumerate() {
        let item: &Item = item.borrow();
        if item.traced.as_ref().is_some_and(|traced| traced.question.is_some()) {
            continue;
        }
        let asked = question(item);
        let answers = key(answers(item).iter().map(String::as_str));
        let same = firsts.entry(key(asked.iter())).or_default();
        if let Some((of, _)) = same.iter().find(|(_, known)| *known == answers) {
            repeats.push(Repeat { item: place, of: *of, likeness: Likeness::Exact });
            continue;
        }
        let other = same.first().map(|(of, _)| *of);
        same.push((place, answers));
        if let Some(of) = other {
            repeats.push(Repeat { item: place, of, likeness: Likeness::OtherAnswer });
            continue;
        }
        let (Some(bands), Some(threshold)) = (&bands, near) else { continue };
        let mine = shingles(&asked);
        // Only what has the same numbers, signs and answers can meet in a bucket.
        let figures = key(figures(&asked));
        let places: Vec<_> = bands
            .of(&mine)
            .enumerate()
            .map(|(band, hash)| (band, Key(hash ^ figures.0.rotate_left(1) ^ answers.0.rotate_left(2))))
            .collect();
        let mut candidates: Vec<usize> = places.iter().filter_map(|at| buckets.get(at)).flatten().copied().collect();
        candidates.sort_unstable();
        candidates.dedup();
        let alike = candidates.into_iter().take(MOST_COMPARED).find_map(|of| {
            let theirs = question(items.get(of)?.borrow());
            let share = jaccard(&mine, &shingles(&theirs));
            (share >= threshold && self::figures(&theirs).eq(self::figures(&asked))).then_some((of, share))
        });
        match alike {
            Some((of, share)) => repeats.push(Repeat { item: place, of, likeness: Likeness::Near(share) }),
            None => places.into_iter().for_each(|at| buckets.entry(at).or_default().push(place)),
        }
    }
    repeats
}

/// What is asked, as tokens: what comes before the question, the question, its options in no order.
fn question(item: &Item) -> Tokens {
    let mut all = Tokens::default();
    for Message { role, content } in &item.messages {
        all.push(match role {
            Role::System => "\u{1}system",
            Role::User => "\u{1}user",
            Role::Assistant => "\u{1}assistant",
        });
        all.read(content);
    }
    for turn in item.turns.iter().skip(1) {
        all.push("\u{1}user");
        all.read(&turn.user);
    }
    let mut options: Vec<Tokens> = item.options.iter().map(|option| tokens(option)).collect();
    options.sort_unstable();
    for option in &options {
        all.push("\u{1}option");
        all.append(option);
    }
    all
}

/// What is right, as tokens: of a choice question the options' own words, since letters change with the order.
fn answers(item: &Item) -> Vec<String> {
    let named = |answer: &str| -> Option<Vec<&String>> {
        let letters = || answer.chars().filter(|c| !c.is_whitespace() && !",;/()、，".contains(*c));
        let option = |c: char| item.options.get((c as usize).checked_sub('A' as usize)?);
        (letters().count() > 0).then(|| letters().map(option).collect::<Option<Vec<_>>>()).flatten()
    };
    let words = |answer: &String| match named(answer) {
        Some(mut options) => {
            options.sort_unstable();
            options.into_iter().map(|option| joined(&tokens(option))).collect::<Vec<_>>().join(" ")
        }
        None => joined(&tokens(answer)),
    };
    let of_turns = item.turns.iter().flat_map(|turn| &turn.answers);
    let mut all: Vec<String> = item.answers.iter().chain(of_turns).map(words).collect();
    all.sort_unstable();
    all.dedup();
    // What a scorer checks beyond the answers, such as the calls that are expected.
    all.extend(item.spec.iter().filter_map(|spec| serde_json::to_string::<Spec>(spec).ok()));
    all
}

fn joined(tokens: &Tokens) -> String {
    tokens.iter().collect::<Vec<_>>().join(" ")
}

/// Numbers and signs of a question, in their order: 3 − 2 is not 2 − 3.
fn figures(asked: &Tokens) -> impl Iterator<Item = &str> {
    asked.iter().filter(|token| is_figure(token))
}

/// A hash of texts that are not kept; 128 bits, so that two are never the same by chance.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Key(u128);

fn key<'a>(texts: impl Iterator<Item = &'a str>) -> Key {
    use sha2::{Digest, Sha256};
    let mut bytes = Vec::with_capacity(1024);
    for text in texts {
        bytes.extend_from_slice(&(text.len() as u64).to_le_bytes());
        bytes.extend_from_slice(text.as_bytes());
    }
    Key(Sha256::digest(&bytes).iter().take(16).fold(0, |all, byte| all << 8 | u128::from(*byte)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{Split, Tags};
    use proptest::prelude::*;

    fn item(text: &str, answer: &str) -> Item {
        Item::question(text, text, vec![answer.into()], Tags::new("d", "c", "en", Split::Public))
    }

    fn found(items: &[(&str, &str)], near: Option<f64>) -> Vec<(usize, usize, &'static str)> {
        let items: Vec<Item> = items.iter().map(|(text, answer)| item(text, answer)).collect();
        let word = |likeness| match likeness {
            Likeness::Exact => "exact",
            Likeness::Near(_) => "near",
            Likeness::OtherAnswer => "other answer",
        };
        find(&items, near).into_iter().map(|r| (r.item, r.of, word(r.likeness))).collect()
    }

    #[test]
    fn width_case_space_and_punctuation_do_not_count() {
        let same = [("What's the capital of France?", "Paris"), ("what's  the Capital of\nfrance", "paris.")];
        assert_eq!(found(&same, None), [(1, 0, "exact")]);
        let wide = [
            ("１２＋３４＝？", "46"),
            ("12 + 34 =", "46"),
            ("中国的首都是哪里？", "北京"),
            ("中国的首都是哪里", "北京"),
        ];
        assert_eq!(found(&wide, None), [(1, 0, "exact"), (3, 2, "exact")]);
    }

    #[test]
    fn numbers_and_signs_do_count() {
        let apart = [
            ("1-7=", "-6"),
            ("17=", "17"),
            ("1+7=", "8"),
            ("3.5 of 7", "a"),
            ("35 of 7", "a"),
            ("(2+3)*4", "20"),
            ("2+(3*4)", "14"),
            ("x_1", "a"),
            ("x1", "a"),
            ("5!", "120"),
            ("5", "5"),
            ("x² = 4", "2"),
            ("x2 = 4", "2"),
        ];
        assert!(found(&apart, Some(0.5)).is_empty(), "{:?}", found(&apart, Some(0.5)));
    }

    const STORY: &str = "Tom has {a} apples and buys {b} more at the market on a sunny day with his sister. \
                         How many apples does Tom have when he comes home in the evening?";

    fn story(a: u32, b: u32) -> String {
        STORY.replace("{a}", &a.to_string()).replace("{b}", &b.to_string())
    }

    #[test]
    fn items_of_one_template_all_stay() {
        let items: Vec<Item> =
            (0..400).map(|n| item(&story(n % 20 + 2, n / 20 + 3), &(n % 20 + n / 20 + 5).to_string())).collect();
        assert_eq!(find(&items, Some(0.5)), []);
        // Words for numbers are numbers, in either language.
        let words =
            |n: &str| format!("There are {n} birds on the wire and the cat looks at them all day long, is it so?");
        assert!(found(&[(&words("two"), "yes"), (&words("three"), "yes")], Some(0.5)).is_empty());
        let chinese = |n: &str| format!("树上有{n}只鸟，猫整天都在看着它们，请问这句话是不是真的，为什么？");
        assert!(found(&[(&chinese("三"), "是"), (&chinese("五"), "是")], Some(0.5)).is_empty());
    }

    #[test]
    fn a_slightly_changed_question_is_a_near_duplicate() {
        let (first, again) = (story(12, 5), story(12, 5).replace("sunny", "rainy"));
        assert_eq!(found(&[(&first, "17"), (&again, "17")], Some(0.7)), [(1, 0, "near")]);
        assert!(found(&[(&first, "17"), (&again, "17")], None).is_empty());
        assert!(found(&[(&first, "17"), (&again, "17")], Some(0.99)).is_empty());
        let chinese = "下列关于光合作用的说法中，哪一项是正确的？请从四个选项中选择一个最合适的答案。";
        let changed = chinese.replace("最合适", "最恰当");
        assert_eq!(found(&[(chinese, "A"), (&changed, "A")], Some(0.7)), [(1, 0, "near")]);
        assert!(found(&[(chinese, "A"), (&changed, "B")], Some(0.7)).is_empty(), "another answer is another item");
    }

    #[test]
    fn the_same_question_with_another_answer_is_told_apart() {
        assert_eq!(
            found(&[("2+2=", "4"), ("2 + 2 =", "5"), ("2+2 =", "5")], None),
            [(1, 0, "other answer"), (2, 1, "exact")]
        );
    }

    #[test]
    fn options_in_another_order_are_the_same_question() {
        let of = |options: [&str; 3], answer: &str| Item {
            options: options.map(str::to_owned).to_vec(),
            ..item("Which is a metal?", answer)
        };
        let same = [
            of(["iron", "wood", "glass"], "A"),
            of(["Wood", "glass", "iron"], "C"),
            of(["iron", "wood", "glass"], "B"),
        ];
        let got: Vec<_> = find(&same, None).into_iter().map(|r| (r.item, r.of, r.likeness)).collect();
        assert_eq!(got, [(1, 0, Likeness::Exact), (2, 0, Likeness::OtherAnswer)]);
    }

    /// 200 texts of 40 random words each, every tenth a copy with one word changed.
    #[test]
    fn nothing_above_the_threshold_is_missed_by_the_bands() {
        let mut state = 5_u64;
        let mut word = || {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            format!("w{}", char::from(b'a' + u8::try_from(state >> 60).unwrap()))
                + &"x".repeat((state >> 40) as usize % 50)
        };
        let mut items = Vec::new();
        for _ in 0..200 {
            let words: Vec<String> = (0..60).map(|_| word()).collect();
            items.push(item(&words.join(" "), "a"));
            let mut changed = words;
            changed[59] = "changed".into();
            items.push(item(&changed.join(" "), "a"));
        }
        let got = find(&items, Some(0.9));
        assert_eq!(got.len(), 200);
        assert!(got.iter().all(|r| r.item == r.of + 1 && matches!(r.likeness, Likeness::Near(share) if share > 0.9)));
    }

    proptest! {
        #[test]
        fn a_copy_is_always_found_and_never_of_something_later(texts in proptest::collection::vec("[a-c ,.]{0,8}|[一二三]{0,3}", 1..20)) {
            let mut items: Vec<Item> = texts.iter().map(|text| item(text, "a")).collect();
            let before = find(&items, None).len();
            items.extend(items.clone());
            let got = find(&items, None);
            prop_assert_eq!(got.len(), before + texts.len());
            prop_assert!(got.iter().all(|r| r.of < r.item && r.likeness == Likeness::Exact));
        }
    }
}
