//! Options that a text names by their place ("the third option", "1st and 3rd options", "option 2", 第三个选项) are read as if
//! it named them by their letters.

use super::options::name_of;
use crate::scoring::text::{Pattern, pattern};
use regex::Captures;
use std::borrow::Cow;
use std::sync::LazyLock;

const ORDINAL: &str = "first|second|third|fourth|fifth|sixth|1st|2nd|3rd|4th|5th|6th|last|final";
const PLACES: [(&str, usize); 12] = [
    ("first", 0),
    ("second", 1),
    ("third", 2),
    ("fourth", 3),
    ("fifth", 4),
    ("sixth", 5),
    ("1st", 0),
    ("2nd", 1),
    ("3rd", 2),
    ("4th", 3),
    ("5th", 4),
    ("6th", 5),
];

/// What is counted: each of the patterns in English has one of these words.
static NOUN: LazyLock<Pattern> = LazyLock::new(|| pattern(r"(?i)option|choice|answer|statement|选项"));
/// "The first, third and fourth options", "the last option".
static ENGLISH: LazyLock<Pattern> = LazyLock::new(|| {
    pattern(&format!(
        r"(?i)\b(?:the\s+)?(?P<all>(?:{ORDINAL})(?:(?:\s*,\s*(?:and\s+)?|\s+and\s+|\s*&\s*)(?:the\s+)?(?:{ORDINAL}))*)\s+(?:listed\s+|given\s+)?(?:options?|answer\s+(?:choice|option)s?)\b(?P<mind>\s+(?:that\s+)?(?:comes?|came|i|to|you)\b)?"
    ))
});
/// "The third one.", as what a text begins with.
static OPENING: LazyLock<Pattern> = LazyLock::new(|| {
    pattern(
        r"(?i)\A(?P<lead>[\s*]*(?:it(?:'s|\s+is|\s+would\s+be)\s+|that\s+would\s+be\s+|i(?:'d|\s+would)?\s+(?:say|pick|choose|go\s+with)\s+)?)the\s+(?P<place>first|second|third|fourth|fifth|sixth|last)\s+one(?P<then>\**\s*(?:[.,;:!(—-]|\z|\s(?:because|since)\b))",
    )
});
/// "Options 1 and 3", 选项3.
static FIGURES: LazyLock<Pattern> = LazyLock::new(|| {
    pattern(
        r"(?i)(?:\b(?:options?|answer\s+choices?|choices?)\s+(?:numbers?\s+|no\.\s*|#)?|选项\s*)(?P<all>[1-6](?:(?:\s*[,、]\s*(?:and\s+)?|\s+and\s+|\s*&\s*|[和与及])[1-6])*)(?P<then>[^0-9.%/A-Za-z]|\.\s|\.\z|\z)",
    )
});
/// Nothing but places: 第一项和第三项。
static ALONE: LazyLock<Pattern> = LazyLock::new(|| {
    pattern(
        r"\A\s*第[一二三四五六1-6](?:(?:选?项|个(?:选项)?)?(?:[、,和与及]|以及)+第?[一二三四五六1-6])*(?:选?项|个(?:选项)?)吧?[。.!]?\s*\z",
    )
});
/// "The first two options", 前两项.
static SPANS: LazyLock<Pattern> = LazyLock::new(|| {
    pattern(
        r"(?i)\b(?:the\s+)?(?P<side>first|last|final)\s+(?P<n>two|three|four)\s+(?:options?|choices?|answers?|statements?)\b|(?P<zside>[前后])(?P<zn>[两二三四])(?:个选项|个|项)(?P<then>[。,;!]|\z|[都均]?正确|[都均]对)",
    )
});
/// "Option two."
static NUMBERED: LazyLock<Pattern> = LazyLock::new(|| {
    pattern(
        r"(?i)\b(?:options?|answer\s+choice|choice)\s+(?:number\s+)?(?P<word>one|two|three|four|five|six)\b(?P<then>\s*(?:[.,;:!)(—-]|\z|\s(?:is|because|since)\b))",
    )
});
/// 第三个选项, 第一和第三个选项, 第一、三个选项.
static CHINESE: LazyLock<Pattern> = LazyLock::new(|| {
    pattern(
        r"第(?P<all>[一二三四五六1-6](?:个|项)?(?:选项)?(?:(?:[、,和与及]|以及)+第?[一二三四五六1-6](?:个|项)?(?:选项)?)*)(?P<tail>选项|答案)|最后一?[个项]的?选项|(?P<verb>选择?|答案[是为:]?\s?|的(?:就|应该?)?[是为有]\s?)第(?P<chosen>[一二三四五六1-6](?:(?:个|项)?(?:[、,和与及]|以及)+第?[一二三四五六1-6])*(?:个|项))",
    )
});

/// 选乙, 答案是甲和丙, or nothing but them: the labels of Chinese tests.
static STEMS: LazyLock<Pattern> = LazyLock::new(|| {
    pattern(
        r"(?P<lead>\A\s*|\n\s*|答\s*:\s*|选择?|答案[是为:]*\s*|正确的?[是有]\s*)(?P<all>[甲乙丙丁戊己](?:(?:[、,和与及\s]|以及)*[甲乙丙丁戊己])*)(?P<then>[两三四]?项?(?:[。;.!,\s]|\z))",
    )
});

/// Whether a text has one of the labels of Chinese tests.
pub fn has_stem(text: &str) -> bool {
    text.contains(['甲', '乙', '丙', '丁', '戊', '己'])
}

/// A text with letters for 甲, 乙, 丙….
#[must_use]
pub fn stems(text: &str, count: usize) -> Cow<'_, str> {
    STEMS.replace_all(text, |found: &Captures<'_>| {
        let part = |name| found.name(name).map_or("", |m| m.as_str());
        let letter = |c: char| "甲乙丙丁戊己".chars().position(|stem| stem == c);
        if part("all").chars().filter_map(letter).any(|at| at >= count) {
            return part("lead").to_owned() + part("all") + part("then");
        }
        let named: String = part("all").chars().map(|c| letter(c).map_or_else(|| c.to_string(), name_of)).collect();
        part("lead").to_owned() + &named + part("then")
    })
}

/// A text with letters for places; `figures` says whether figures may name options too: not where options are figures.
#[must_use]
pub fn lettered(text: &str, count: usize, figures: bool) -> Cow<'_, str> {
    let letters = |indices: Vec<Option<usize>>| -> Option<String> {
        let all: Option<Vec<usize>> = indices.into_iter().map(|i| i.filter(|i| *i < count)).collect();
        let names: Vec<String> = all.filter(|all| !all.is_empty())?.into_iter().map(name_of).collect();
        Some(match names.as_slice() {
            [one] => format!("option {one}"),
            [head @ .., last] => format!("options {} and {last}", head.join(", ")),
            [] => return None,
        })
    };
    let whole = |found: &Captures<'_>| found.get(0).map_or("", |m| m.as_str()).to_owned();
    let mut text = Cow::Borrowed(text);
    if OPENING.is_match(&text) {
        let name = |found: &Captures<'_>| {
            let part = |name| found.name(name).map_or("", |m| m.as_str());
            let place = part("place").to_lowercase();
            let at =
                if place == "last" { count.checked_sub(1) } else { PLACES.iter().find(|p| p.0 == place).map(|p| p.1) };
            letters(vec![at]).map_or_else(|| whole(found), |said| format!("{}{said}{}", part("lead"), part("then")))
        };
        text = Cow::Owned(OPENING.replace(&text, name).into_owned());
    }
    // What one of these words is part of; most texts have none.
    let noun = NOUN.is_match(&text);
    if noun && NUMBERED.is_match(&text) {
        let name = |found: &Captures<'_>| {
            let word = found.name("word").map_or("", |m| m.as_str()).to_lowercase();
            let at = ["one", "two", "three", "four", "five", "six"].iter().position(|number| *number == word);
            let then = found.name("then").map_or("", |m| m.as_str());
            letters(vec![at]).map_or_else(|| whole(found), |said| format!("{said}{then}"))
        };
        text = Cow::Owned(NUMBERED.replace_all(&text, name).into_owned());
    }
    if noun && ENGLISH.is_match(&text) {
        let name = |found: &Captures<'_>| {
            // "The first option that comes to mind."
            if found.name("mind").is_some() {
                return whole(found);
            }
            let words = found.name("all").map_or("", |m| m.as_str()).to_lowercase();
            // "A first option" is one of some; "my last option" is a way out.
            let places =
                words.split(|c: char| !c.is_ascii_alphanumeric()).filter(|w| !matches!(*w, "" | "and" | "the"));
            let place = |word: &str| match word {
                "last" | "final" => count.checked_sub(1),
                _ => PLACES.iter().find(|(name, _)| *name == word).map(|(_, at)| *at),
            };
            letters(places.map(place).collect()).unwrap_or_else(|| whole(found))
        };
        text = Cow::Owned(ENGLISH.replace_all(&text, name).into_owned());
    }
    if figures && noun && FIGURES.is_match(&text) {
        let name = |found: &Captures<'_>| {
            let digits = found.name("all").map_or("", |m| m.as_str()).chars().filter_map(|c| c.to_digit(10));
            let places = digits.map(|d| usize::try_from(d).ok()?.checked_sub(1)).collect();
            let then = found.name("then").map_or("", |m| m.as_str());
            letters(places).map_or_else(|| whole(found), |said| format!("{said}{then}"))
        };
        text = Cow::Owned(FIGURES.replace_all(&text, name).into_owned());
    }
    let spans = |count_word: &str| match count_word {
        "two" | "两" | "二" => Some(2),
        "three" | "三" => Some(3),
        "four" | "四" => Some(4),
        _ => None,
    };
    if (noun || text.contains(['前', '后'])) && SPANS.is_match(&text) {
        let name = |found: &Captures<'_>| {
            let part = |name| found.name(name).map_or("", |m| m.as_str());
            let (word, many) = (part("side").to_lowercase() + part("zside"), part("n").to_lowercase() + part("zn"));
            let from_end = matches!(word.as_str(), "last" | "final" | "后");
            let places = spans(&many).filter(|many| *many < count).map(|many| {
                let first = if from_end { count - many } else { 0 };
                (first..first + many).map(Some).collect::<Vec<_>>()
            });
            places.and_then(letters).map_or_else(|| whole(found), |said| said + part("then"))
        };
        text = Cow::Owned(SPANS.replace_all(&text, name).into_owned());
    }
    if text.contains('第') && ALONE.is_match(&text) {
        let place = |c: char| "一二三四五六".chars().position(|d| d == c).or_else(|| "123456".find(c));
        let said = letters(text.chars().filter_map(place).map(Some).collect());
        text = said.map_or(text, Cow::Owned);
    }
    if text.contains(['第', '最']) && CHINESE.is_match(&text) {
        let name = |found: &Captures<'_>| {
            let all = found.name("all").or_else(|| found.name("chosen")).map_or("", |m| m.as_str());
            if found.get(0).is_some_and(|m| m.as_str().starts_with("最后")) {
                return count.checked_sub(1).map_or_else(|| whole(found), |last| format!("{}选项", name_of(last)));
            }
            let place = |c: char| "一二三四五六".chars().position(|d| d == c).or_else(|| "123456".find(c));
            let indices: Option<Vec<usize>> =
                all.chars().filter_map(place).map(|i| Some(i).filter(|i| *i < count)).collect();
            let Some(indices) = indices.filter(|all| !all.is_empty()) else { return whole(found) };
            let names: Vec<String> = indices.into_iter().map(name_of).collect();
            format!("{}{}选项", found.name("verb").map_or("", |m| m.as_str()), names.join("、"))
        };
        text = Cow::Owned(CHINESE.replace_all(&text, name).into_owned());
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_of_chinese_tests_become_letters() {
        for (text, want) in [
            ("应选乙。", "应选B。"),
            ("丙", "C"),
            ("答案是甲和丁", "答案是A和D"),
            ("选己。", "选己。"),
            ("甲比乙高。", "甲比乙高。"),
            ("选甲方案", "选甲方案"),
        ] {
            assert_eq!(stems(text, 4), want);
        }
    }

    #[test]
    fn places_become_letters() {
        for (text, want) in [
            ("第三个选项是对的。", "C选项是对的。"),
            ("第一和第三个选项", "options A and C"),
            ("第三个吧。", "option C"),
            ("选择第一和第三项。", "选择A、C选项。"),
            ("选第二项。", "选B选项。"),
            ("数列的第三项是5", "数列的第三项是5"),
            ("the third option is right", "option C is right"),
            ("Correct: 1st and 3rd options (A and C).", "Correct: options A and C (A and C)."),
            ("The first, second, and fourth options", "options A, B and D"),
            ("The last option", "option D"),
            ("The third one. It is.", "option C. It is."),
            ("The third one is wrong.", "The third one is wrong."),
            ("Option 2 is right", "option B is right"),
            ("Options 1 and 3.", "options A and C."),
            ("Option 12", "Option 12"),
            ("option 2.5", "option 2.5"),
            ("the sixth option", "the sixth option"),
            ("my first choice is B", "my first choice is B"),
        ] {
            assert_eq!(lettered(text, 4, true), want, "{text}");
        }
        assert_eq!(lettered("Option 2", 4, false), "Option 2");
    }
}
