//! Forms in which a short answer says the same: a date's order, accents of a name, the year behind a title, and the yes or
//! no that a text begins with.

use super::words::Word;
use crate::scoring::text::{Pattern, is_plain, pattern, turns};
use std::borrow::Cow;
use std::sync::LazyLock;
use unicode_normalization::UnicodeNormalization;

/// A name without its accents: García is Garcia. Marks on other letters than those of the Latin alphabet stay.
#[must_use]
pub fn unaccented(text: &str) -> String {
    if text.chars().all(is_plain) {
        return text.to_owned();
    }
    let mut base = ' ';
    let keep = |c: &char| {
        let mark = matches!(*c, '\u{300}'..='\u{36F}');
        if !mark {
            base = *c;
        }
        !(mark && base.is_ascii_alphabetic())
    };
    text.nfd().filter(keep).nfc().collect()
}

/// The same of each word, where it stands.
#[must_use]
pub fn unaccented_words(words: Vec<Word>) -> Vec<Word> {
    let bare = |word: Word| if word.text.is_ascii() { word } else { Word { text: unaccented(&word.text), ..word } };
    words.into_iter().map(bare).collect()
}

/// Year, month and day of a text that is a date and nothing else.
#[must_use]
pub fn date(text: &str) -> Option<(u32, u32, u32)> {
    static DATE: LazyLock<Pattern> = LazyLock::new(|| {
        let month = "(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)";
        let day = r"\d{1,2}(?:st|nd|rd|th)?";
        pattern(&format!(
            r"(?i)\A(?:on\s+)?(?:(?P<d1>{day})\s+(?:of\s+)?(?P<m1>{month})\.?,?\s+(?P<y1>\d{{4}})|(?P<m2>{month})\.?\s+(?:the\s+)?(?P<d2>{day}),?\s+(?P<y2>\d{{4}})|(?P<y3>\d{{4}})-(?P<m3>\d{{1,2}})-(?P<d3>\d{{1,2}})|(?P<y4>\d{{4}}|[一二三四五六七八九][〇零一二三四五六七八九]{{3}})年(?P<m4>\d{{1,2}}|[一二三四五六七八九十]{{1,2}})月(?P<d4>\d{{1,2}}|[一二三四五六七八九十]{{1,3}})[日号])[\s.。!]*\z",
        ))
    });
    let found = DATE.captures(text.trim())?;
    let part = |letter: char| (1..5).find_map(|i| Some(found.name(&format!("{letter}{i}"))?.as_str()));
    Some((year(part('y')?)?, month(part('m')?)?, count(part('d')?)?))
}

/// A text in which days are counted and not ordered: July 20th is July 20.
#[must_use]
pub fn cardinal(text: &str) -> Cow<'_, str> {
    static DAY: LazyLock<Pattern> = LazyLock::new(|| pattern(r"\b(\d{1,2})(?:st|nd|rd|th)\b"));
    DAY.replace_all(text, "$1")
}

fn digit(c: char) -> Option<u32> {
    c.to_digit(10).or_else(|| u32::try_from("零一二三四五六七八九".chars().position(|d| d == c)?).ok())
}

fn year(text: &str) -> Option<u32> {
    text.chars().try_fold(0, |sum, c| Some(sum * 10 + digit(if c == '〇' { '零' } else { c })?))
}

fn month(text: &str) -> Option<u32> {
    const NAMES: [&str; 12] = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
    let short = text.get(..3).unwrap_or("").to_lowercase();
    let named = NAMES.iter().zip(1..).find(|(name, _)| **name == short).map(|(_, number)| number);
    named.or_else(|| count(text))
}

/// A count below a hundred, in figures or in Chinese: 7th, 二十一.
fn count(text: &str) -> Option<u32> {
    let figures: String = text.chars().take_while(char::is_ascii_digit).collect();
    if !figures.is_empty() {
        return figures.parse().ok();
    }
    match text.split_once('十') {
        None => year(text),
        Some((tens, ones)) => {
            let tens = if tens.is_empty() { 1 } else { year(tens)? };
            Some(tens * 10 + if ones.is_empty() { 0 } else { year(ones)? })
        }
    }
}

/// A name without its honorific: 鲁迅先生, "Dr. Marie Curie", "Sir Isaac Newton"; and without 应该是 … 吧.
#[must_use]
pub fn untitled(text: &str) -> Option<&str> {
    static TITLED: LazyLock<Pattern> = LazyLock::new(|| {
        pattern(
            r"\A[\s*]*(?:(?:Dr|Prof(?:essor)?|Sir|Dame|Madame)\.?\s+(?P<en>\p{Lu}[^\n]{2,40}?)|(?:应该?是|是)?(?P<zh>\p{Han}{2,12}?)(?:(?:先生|女士|教授|博士)吧?|吧))[\s.。!*]*\z",
        )
    });
    let found = TITLED.captures(text)?;
    found.name("en").or_else(|| found.name("zh")).map(|name| name.as_str())
}

/// A title without the year in brackets behind it: "The Hobbit" (1937).
#[must_use]
pub fn undated(text: &str) -> Option<&str> {
    static YEAR: LazyLock<Pattern> = LazyLock::new(|| pattern(r"\s*\(\d{4}年?\)[\s.。]*\z"));
    YEAR.find(text).and_then(|found| text.get(..found.start())).filter(|title| !title.trim().is_empty())
}

/// Yes, no and their like: what a text may begin with as its whole answer.
static SHORT: LazyLock<Pattern> = LazyLock::new(|| {
    pattern(
        r"(?i)\A(?:yes|no|true|false|correct|incorrect|是的?|不是|否|能|不能|可以|不可以|不会|会|对的?|不对|错的?|错误|正确|不正确|没有|属于|不属于)\z",
    )
});

/// Whether an accepted answer is a yes or no, or its like.
#[must_use]
pub fn is_short(answer: &[Word]) -> bool {
    let cjk = answer.iter().any(|word| !word.text.is_ascii());
    let text: Vec<&str> = answer.iter().map(|word| word.text.as_str()).collect();
    SHORT.is_match(&text.join(if cjk { "" } else { " " }))
}

/// The yes or no that a text begins with, and then only gives its reasons for: "No. Penguins have…", 能。光是….
#[must_use]
pub fn lead(text: &str) -> Option<&str> {
    static LEAD: LazyLock<Pattern> = LazyLock::new(|| {
        pattern(
            r"(?i)\A[\s*#>-]*(?:(?:answer|答案?|回答)\s*[:：][\s*]*)?(?:(?P<word>[a-z]{2,9}|\p{Han}{1,4})[\s*]*[.,。!;](?:[\s*]|\p{Han}|\d)|(?:the|this|that)\s+(?:statement|claim|sentence|proposition)\s+is\s+(?P<en>true|false|correct|incorrect)\b\s*(?:[.,]|because\b)|(?:这句话|这个?说法|该说法|这个?判断|该命题)是?(?P<zh>错误|正确|错|对)的?[,。])",
        )
    });
    // What takes it back or leaves it open, wherever it stands.
    static OPEN: LazyLock<Pattern> = LazyLock::new(|| {
        pattern(concat!(
            r"(?i)\?|\b(?:maybe|perhaps|possibly|depends|depending|unsure|uncertain|not\s+(?:really|sure|certain|exactly|quite|always|entirely)|(?:don't|do\s+not|can't|cannot)\s+(?:know|tell|say|decide|be\s+sure)|take\s+(?:that|it)\s+back|withdraw|mistaken|i\s+was\s+wrong|i\s+mean|some\s+(?:people\s+)?(?:think|say|believe)|answer|conclusion|overall|in\s+short|otherwise|unless|yes\s+and\s+no|or\s+(?:yes|no)|kidding|joking)\b",
            r"|(?:\b(?:so|actually|therefore|thus|hence|hmm|well|sorry|rather)\b|[.;—-])[\s,:*]*(?:it's\s+)?(?:(?:actually|rather|a)\s+)?(?:yes|no|true|false)[\s*]*(?:[.!;]|\z)",
            r"|吗|呢|可能|也许|或许|取决|不确定|不清楚|不知道|无法|难以|收回|更正|说错|搞错|答案|结论|所以(?:不?(?:是|能|会|对|可以)|错|正确)[。,]|否则|除非|不一定|看情况|应该?是[^,。]{0,2}(?:错|对|否|是)",
        ))
    });
    // The opposite word opens another sentence, and nothing restricts it: "No. … Yes, they can."
    static AGAIN: LazyLock<Pattern> = LazyLock::new(|| {
        pattern(
            r"(?i)[.!;\n]\s*(?P<word>yes|no|true|false)\b[,.!]?(?P<rest>[^.!\n]*)|。\s*(?P<zh>是的?|不是|否|能|不能|对|不对|错|会|不会)[,。]",
        )
    });
    // "Yes, it seems so. It is not true at all."
    static NOT_SO: LazyLock<Pattern> = LazyLock::new(|| {
        pattern(
            r"(?i)\b(?:they|that|it|this|he|she)(?:'s|\s+(?:is|are|was|were))\s+(?:actually\s+)?(?:wrong|false|incorrect|not\s+(?:true|so|correct|right))\b",
        )
    });
    let found = LEAD.captures(text)?;
    let word = found.name("word").or_else(|| found.name("en")).or_else(|| found.name("zh"))?;
    let rest = text.get(word.end()..)?;
    let against = AGAIN.captures_iter(rest).take(8).any(|again| {
        let same = again.name("word").or_else(|| again.name("zh"));
        let same = same.is_some_and(|other| other.as_str().eq_ignore_ascii_case(word.as_str()));
        let conceded = again.name("rest").is_some_and(|more| more.as_str().contains(" but "));
        !same && !conceded
    });
    let denied = matches!(word.as_str().to_lowercase().as_str(), "yes" | "true" | "correct") && NOT_SO.is_match(rest);
    (!OPEN.is_match(rest) && !denied && !against && !turns(rest)).then_some(word.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_the_same_in_any_order() {
        for text in [
            "July 20, 1969",
            "20 July 1969",
            "20th of July, 1969",
            "1969-07-20",
            "1969年7月20日",
            "一九六九年七月二十日",
        ] {
            assert_eq!(date(text), Some((1969, 7, 20)), "{text}");
        }
        assert_eq!(date("一九四九年十月一日。"), Some((1949, 10, 1)));
        assert_eq!(date("July 20"), None);
        assert_eq!(date("not July 20, 1969"), None);
    }

    #[test]
    fn names_are_the_same_without_accents() {
        assert_eq!(unaccented("García Márquez"), "Garcia Marquez");
        assert_eq!(unaccented("Чайковский ガ"), "Чайковский ガ");
        assert_eq!(undated("\"The Fellowship of the Ring\" (1954)"), Some("\"The Fellowship of the Ring\""));
    }

    #[test]
    fn a_text_leads_with_its_yes_or_no() {
        for (text, want) in [
            ("Yes, 0 is even because it's divisible by 2.", Some("Yes")),
            ("No. Penguins have flippers. Yes, they're birds, but they cannot fly.", Some("No")),
            ("不是。鲸鱼属于哺乳动物。", Some("不是")),
            ("能。光是电磁波。", Some("能")),
            ("这句话是错误的,因为2是偶数。", Some("错误")),
            ("No. Penguins have wings. Yes, they can fly.", None),
            ("Yes, or no.", None),
            ("Yes, it depends on the case.", None),
            ("Yes. Wait, actually it isn't.", None),
            ("No, I'm not sure.", None),
            ("No doubt about it: yes.", None),
            ("是,不对,应该是否。", None),
            ("Yes. Hmm, no.", None),
            ("Yes, so the answer is no.", None),
        ] {
            assert_eq!(lead(text), want, "{text}");
        }
    }
}
