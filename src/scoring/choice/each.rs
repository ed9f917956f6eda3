//! Sets that a text takes as a whole, or option by option: 四个选项都应该选, "select all four"; A选;B不选;C选;D选.

use super::options::{Options, index_of};
use super::set::Set;
use crate::scoring::text::{Pattern, before, pattern};
use std::sync::LazyLock;

/// Every option, where the text says at its end that all are taken.
pub fn every(text: &str, options: &Options) -> Option<Set> {
    static ALL: LazyLock<Pattern> = LazyLock::new(|| {
        pattern(concat!(
            r"(?i)(?:(?P<n>[二两三四五六])(?:个?选项|项|者|个)(?:说法)?(?:都|均|皆|全部?|应该?|要|需要?|可以?|必须)+(?:选上?|正确|对|入选|当选|符合(?:题意)?)|(?:(?:以上|上述|所有)(?:的)?(?:各项|选项|[三四五]项|说法)?(?:都|均|皆|全部?)+(?:应该?|要)?|\A\s*|[,。;]\s*(?:应该?|要|需|故|所以|因此|可以?|本题)*)全部?(?:都)?(?:选|选择))[。!]?\s*\z",
            r"|\b(?:(?:select|choose|pick|mark|check)\s+all\s+(?P<en>three|four|five|six)(?:\s+(?:of\s+them|options|choices|statements|answers))?|all\s+(?P<all>three|four|five|six)(?:\s+(?:of\s+(?:them|these)|options|choices|statements|answers))?\s+(?:should|must)\s+be\s+(?:selected|chosen|marked|picked))[.!]?\s*\z",
        ))
    });
    static NOT: LazyLock<Pattern> = LazyLock::new(|| {
        pattern(
            r"(?i)不|非|没|如果|若|假[如设]|是否|除|其余|其他|剩|可能|也许|[?]|\b(?:not|if|whether|unless|except|don't|never|other|others|might|may)\b",
        )
    });
    if !options.are_known() {
        return None;
    }
    let found = ALL.captures(text.trim_end())?;
    let start = found.get(0)?.start();
    let head = before(text, start, 60);
    let sentence = head.rsplit(['。', '\n', ';', '!', '?']).next().unwrap_or(head);
    let clause = sentence.rsplit(". ").next().unwrap_or(sentence);
    let han = found.name("n").and_then(|m| {
        "一二三四五六".chars().position(|c| m.as_str().starts_with(if m.as_str() == "两" { '两' } else { c }))
    });
    let count = match (han, found.name("n"), found.name("en").or_else(|| found.name("all"))) {
        (_, Some(n), _) if n.as_str() == "两" => Some(2),
        (Some(at), _, _) => Some(at + 1),
        (_, _, Some(word)) => {
            ["three", "four", "five", "six"].iter().position(|w| w.eq_ignore_ascii_case(word.as_str())).map(|at| at + 3)
        }
        _ => None,
    };
    (count.is_none_or(|count| count == options.count()) && !NOT.is_match(clause)).then(|| Set::of(0..options.count()))
}

/// The options that are taken, where a text says of each whether it is.
pub fn one_by_one(text: &str, options: &Options) -> Option<Set> {
    static EACH: LazyLock<Pattern> = LazyLock::new(|| {
        pattern(concat!(
            r"(?P<who>(?-u:\b)[A-J])\s*(?:选?项)?\s*[:.、,)-]?\s*",
            r"(?i:(?P<out>不(?:要|能|可|应|该|应该)?选|排除|(?:do\s+not|don't|not)\s+(?:select|choose|include)\b|exclude\b|omit\b|skip\b|unselected\b)|(?P<taken>[应要必可当]?选|应该选|select\b|choose\b|include\b|selected\b))(?P<end>\s*(?:[,;。.!、\n(]|\z))",
        ))
    });
    if !options.are_known() {
        return None;
    }
    let (mut seen, mut taken, mut count) = (Set::default(), Set::default(), 0);
    for found in EACH.captures_iter(text).take(2 * options.count()) {
        let one = Set::of([index_of(found.name("who")?.as_str().chars().next()?)?]);
        count += 1;
        seen = seen.or(one);
        if found.name("taken").is_some() {
            taken = taken.or(one);
        }
    }
    let each = count == options.count() && seen == Set::of(0..options.count());
    (each && !taken.is_empty() && !text.contains('?')).then_some(taken)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scoring::tests::item;

    #[test]
    fn sets_are_taken_whole_or_one_by_one() {
        let options = Options::of(&item(&["A"], &["春", "夏", "秋", "冬"]));
        for (text, want) in [
            ("因此四个选项都应该选。", true),
            ("全选。", true),
            ("They belong together, so all four options should be selected.", true),
            ("并非四个选项都应该选。", false),
            ("三个选项都应该选。", false),
        ] {
            assert_eq!(every(text, &options).is_some(), want, "{text}");
        }
        assert_eq!(one_by_one("A 选;B 不选;C 选;D 选。", &options), Some(Set::of([0, 2, 3])));
        assert_eq!(one_by_one("A 选;B 不选。", &options), None);
    }
}
