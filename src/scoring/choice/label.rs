//! Labels that options carry themselves: `A. Paris`, `b) Rome`, `③ Oslo`, `IV. Bern`, `(2) 上海`. They are taken off the
//! options' words, and a text that uses them is read as if it used letters. Letters always name options too: the prompt
//! shows them.

use super::options::{index_of, name_of};
use crate::scoring::text::{Pattern, fold, pattern};
use regex::Captures;
use std::borrow::Cow;
use std::sync::LazyLock;

/// The kind of label that all options of an item carry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Labels {
    /// None but the letters A, B, C…
    Letters,
    /// a, b, c…
    Small,
    /// ①, ②, ③…
    Circled,
    /// I, II, III… or i, ii, iii…
    Roman,
    /// 1, 2, 3…
    Figures,
}

static LABELLED: LazyLock<Pattern> =
    LazyLock::new(|| pattern(r"\A\s*[(\[]?(?:([A-J])|([a-j])|(\d{1,2})|([IVX]{1,4}|[ivx]{1,4}))[)\].、:]\s*(\D.*)\z"));
const ROMANS: [&str; 10] = ["I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX", "X"];

impl Labels {
    /// The kind of label that these options carry (where they list none: the answers), and the options without it.
    pub fn of(options: &[String], answers: &[String]) -> (Self, Vec<String>) {
        if options.is_empty() {
            let folded: Vec<String> = answers.iter().map(|a| fold(a)).collect();
            let all = |is: fn(&str) -> bool| {
                !folded.is_empty() && folded.iter().all(|a| is(a.trim_matches(['(', ')', '.', ' '])))
            };
            let of_figures = all(|a| a.chars().all(|c| circled(c).is_some()) && !a.is_empty());
            let of_roman =
                all(|a| ROMANS.contains(&a)) && folded.iter().any(|a| a.len() > 1 || matches!(a.as_str(), "V" | "X"));
            let of_small = all(|a| a.len() == 1 && a.chars().all(|c| c.is_ascii_lowercase()));
            let kind = match (of_figures, of_roman, of_small) {
                (true, ..) => Self::Circled,
                (_, true, _) => Self::Roman,
                (.., true) => Self::Small,
                _ => Self::Letters,
            };
            return (kind, Vec::new());
        }
        let kinds = [Self::Letters, Self::Small, Self::Circled, Self::Roman, Self::Figures];
        let labelled = kinds.into_iter().find_map(|kind| {
            let bare: Option<Vec<String>> = options.iter().enumerate().map(|(i, o)| kind.taken_off(o, i)).collect();
            bare.map(|bare| (kind, bare))
        });
        labelled.unwrap_or_else(|| (Self::Letters, options.to_vec()))
    }

    /// An option without its label, where it has the one of its place.
    fn taken_off(self, option: &str, index: usize) -> Option<String> {
        if self == Self::Circled {
            let mut chars = option.trim_start().chars();
            let label = chars.next().and_then(circled)?;
            let rest = chars.as_str().trim_start_matches([' ', '.', '、', ':', ')']);
            return (label == index && !rest.is_empty() && !rest.starts_with(|c| circled(c).is_some()))
                .then(|| rest.to_owned());
        }
        let found = LABELLED.captures(option)?;
        let of = |group: usize| found.get(group).map(|m| m.as_str());
        let roman = |label: &str| ROMANS.iter().position(|r| label.eq_ignore_ascii_case(r));
        let label = match self {
            Self::Letters => of(1).and_then(|l| l.chars().next()).and_then(index_of),
            Self::Small => of(2).and_then(|l| l.chars().next()).and_then(index_of),
            Self::Figures => of(3).and_then(|l| l.parse::<usize>().ok()?.checked_sub(1)),
            // I is a letter as well.
            _ => of(4).or_else(|| of(1).filter(|l| *l == "I")).or_else(|| of(2).filter(|l| *l == "i")).and_then(roman),
        };
        (label == Some(index)).then(|| of(5).unwrap_or("").trim().to_owned()).filter(|rest| !rest.is_empty())
    }

    /// A text with labels of this kind written as letters.
    pub fn lettered(self, text: &str, count: usize) -> Cow<'_, str> {
        static SMALL: LazyLock<Pattern> = LazyLock::new(|| {
            pattern(
                r"(?m)(^|[^A-Za-z0-9_'\\-])([a-j])([).,;:!?\]。、]|$|\s*$|\s+(?:is|are|because|since|and|or|as|but)\b)",
            )
        });
        static ROMAN: LazyLock<Pattern> = LazyLock::new(|| {
            pattern(
                r"(?m)(^|[^A-Za-z0-9_'\\-])([IVX]{1,4}|[ivx]{1,4})([).,;:!?\]。、\p{Han}]|$|\s*$|\s+(?:is|are|because|since|and|or|as|but)\b)",
            )
        });
        static FIGURES: LazyLock<Pattern> = LazyLock::new(|| {
            pattern(r"(?m)(^|[^A-Za-z0-9_.¤%/:-])(\d{1,2})([),;!?\]。、\p{Han}\s}]|\.(?:[^0-9]|$)|$)")
        });
        let within = |index: Option<usize>| index.filter(|i| *i < count).map(name_of);
        let replaced = |found: &Captures<'_>, label: Option<usize>| {
            let of = |group: usize| found.get(group).map_or("", |m| m.as_str());
            let letter = within(label);
            format!("{}{}{}", of(1), letter.as_deref().unwrap_or(of(2)), of(3))
        };
        let label = |found: &Captures<'_>| found.get(2).map_or(String::new(), |m| m.as_str().to_owned());
        match self {
            Self::Letters => Cow::Borrowed(text),
            Self::Circled => {
                let letters = text.chars().map(|c| within(circled(c)).unwrap_or_else(|| c.to_string()));
                Cow::Owned(letters.collect())
            }
            Self::Small => twice(&SMALL, text, |f| replaced(f, label(f).chars().next().and_then(index_of))),
            Self::Roman => twice(&ROMAN, text, |f| {
                let roman = label(f);
                replaced(f, ROMANS.iter().position(|r| roman.eq_ignore_ascii_case(r)))
            }),
            Self::Figures => {
                twice(&FIGURES, text, |f| replaced(f, label(f).parse::<usize>().ok().and_then(|n| n.checked_sub(1))))
            }
        }
    }
}

/// Replaces in two passes, since what parts two labels belongs to the first one's match.
fn twice<'t>(labels: &Pattern, text: &'t str, letter: impl Fn(&Captures<'_>) -> String) -> Cow<'t, str> {
    let once = labels.replace_all(text, &letter);
    Cow::Owned(labels.replace_all(&once, &letter).into_owned())
}

/// The index of a figure in a circle or in brackets of one character.
const fn circled(c: char) -> Option<usize> {
    let from = match c {
        '①'..='⑩' => '①',
        '⑴'..='⑽' => '⑴',
        '❶'..='❿' => '❶',
        _ => return None,
    };
    Some(c as usize - from as usize)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(options: &[&str]) -> (Labels, Vec<String>) {
        Labels::of(&options.iter().map(|o| (*o).to_owned()).collect::<Vec<_>>(), &[])
    }

    #[test]
    fn labels_are_taken_off_where_all_options_carry_them() {
        for (options, kind, bare) in [
            (["A. Paris", "B. Rome"], Labels::Letters, ["Paris", "Rome"]),
            (["(a) Paris", "(b) Rome"], Labels::Small, ["Paris", "Rome"]),
            (["①北京", "② 上海"], Labels::Circled, ["北京", "上海"]),
            (["I. Paris", "II. Rome"], Labels::Roman, ["Paris", "Rome"]),
            (["i) Paris", "ii) Rome"], Labels::Roman, ["Paris", "Rome"]),
            (["1. Paris", "2. Rome"], Labels::Figures, ["Paris", "Rome"]),
            (["1.5", "2.5"], Labels::Letters, ["1.5", "2.5"]),
            (["①②", "②③"], Labels::Letters, ["①②", "②③"]),
            (["A cat", "B cells"], Labels::Letters, ["A cat", "B cells"]),
            (["B. Paris", "A. Rome"], Labels::Letters, ["B. Paris", "A. Rome"]),
        ] {
            assert_eq!(of(&options), (kind, bare.map(str::to_owned).to_vec()), "{options:?}");
        }
    }

    #[test]
    fn a_text_with_labels_is_read_with_letters() {
        for (kind, text, want) in [
            (Labels::Circled, "选③，①②错误", "选C，AB错误"),
            (Labels::Roman, "The answer is III.", "The answer is C."),
            (Labels::Roman, "I think II is right, not IX.", "I think B is right, not IX."),
            (Labels::Small, "a dog is not b.", "a dog is not B."),
            (Labels::Small, "(a) is wrong", "(A) is wrong"),
            (Labels::Figures, "The answer is 3, not 30 or 2.5", "The answer is C, not 30 or 2.5"),
            (Labels::Letters, "③ III 3 c", "③ III 3 c"),
        ] {
            assert_eq!(kind.lettered(text, 4), want, "{text}");
        }
    }
}
