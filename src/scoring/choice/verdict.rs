//! What a text concludes where it names no option by its letter: that the statement it judges is right or wrong, where the
//! options are just that (正确 and 错误, "True" and "False"); or how many of something there are, where the options are numbers.

use super::clauses::sentences;
use super::cues;
use super::mentions::mentions;
use super::options::Options;
use crate::scoring::text::{Pattern, is_undecided, pattern};
use std::sync::LazyLock;

/// The longest text that is read so, in bytes.
const LONGEST: usize = 4096;

/// Words of the option that affirms, each with its opposite.
const PAIRS: [(&str, &str); 12] = [
    ("正确", "错误"),
    ("对", "错"),
    ("对", "不对"),
    ("正确", "不正确"),
    ("是", "否"),
    ("√", "×"),
    ("true", "false"),
    ("correct", "incorrect"),
    ("right", "wrong"),
    ("yes", "no"),
    ("说法正确", "说法错误"),
    ("t", "f"),
];

/// What is said of a statement; what denies a mistake stands before what names one.
static SAID: LazyLock<Pattern> = LazyLock::new(|| {
    pattern(concat!(
        r"(?i)(?P<right>(?:没有?|并无|无|不存在)(?:任何|什么)?(?:错误?|问题|不当|不妥)|不错|无误|不(?:是|算)(?:错误?|假)的?|\b(?:not|n't|nothing)\s+(?:\w+\s+)?(?:false|wrong|incorrect|untrue)\b)",
        r"|(?P<wrong>不(?:是|太|够|完全)?(?:正确|对|成立|属实|准确)的?|(?:是|为|属于)?(?:错误的?|假的|错的)|有误|\b(?:not|n't)\s+(?:\w+\s+)?(?:true|correct|right|accurate)\b|\b(?:false|untrue|incorrect|wrong|inaccurate)\b)",
        r"|(?P<yes>(?:是|为|完全)?(?:正确|对|真|成立|属实)的?|\b(?:true|correct|right|accurate)\b)",
    ))
});
/// What is judged, before what is said of it.
static JUDGED: LazyLock<Pattern> = LazyLock::new(|| {
    pattern(concat!(
        r"(?i)(?:(?:说法|表述|叙述|描述|论述|题[干目]|这句?话|那句话|该句|此句|这个?判断|命题|观点|论断|陈述|结论|该题|本题|这道题|原句|原话)(?:的(?:说法|表述|内容|观点|叙述|描述|结论|判断))?(?:是|也|就|都|本身|完全|显然|并|确实|其实|实际上|应该|应|为|属于)*|(?:\A|,)\s*(?:(?:所以|因此|因而|故)(?:它|这|那)?|它)(?:其实|实际上|确实|并)*(?:是|为)?)\s*\z",
        r"|\b(?:statement|claim|sentence|proposition|assertion|it|that|this)\s+(?:is|was)(?:\s+(?:therefore|thus|clearly|actually|indeed|in\s+fact))?\s*\z",
    ))
});
/// What tells how something looks, or what others think, and no judgement.
static SEEMS: LazyLock<Pattern> = LazyLock::new(|| {
    pattern(
        r"(?i)看起来|看似|看上去|似乎|好像|貌似|乍|很多人|许多人|不少人|有人|有的人|人们|常被|容易|误以|如果|若|假如|是否|判断|可能|也许|[?吗]|\b(?:if|whether|often|commonly|sometimes|many|some|people|seems?|seemed|looks?|appears?|sounds?|might|may|could|claimed|thought|suppose)\b",
    )
});

/// Whether the options are that something is right and that it is not, and which of them is which.
fn pair(options: &Options) -> Option<(usize, usize)> {
    if !options.are_known() || options.count() != 2 {
        return None;
    }
    let is = |right: usize, wrong: usize| {
        PAIRS.iter().any(|(yes, no)| options.words(right) == *yes && options.words(wrong) == *no)
    };
    [(0, 1), (1, 0)].into_iter().find(|(right, wrong)| is(*right, *wrong))
}

/// What a text comes to where it judges a statement: the option, or that it says both. None where it says neither, or the options
/// are no judgements.
pub fn verdict(text: &str, options: &Options) -> Option<Result<usize, ()>> {
    let (right, wrong) = pair(options)?;
    let ends = text.trim_end().ends_with(['。', '.', '!', '*']);
    if text.len() > LONGEST || !ends || cues::pleads(text) || is_undecided(text) {
        return None;
    }
    let mut said: Option<usize> = None;
    let mut denied = false;
    for range in sentences(text, &[]) {
        let sentence = text.get(range)?;
        for clause in sentence.split_inclusive([',', ';']) {
            for found in SAID.captures_iter(clause).take(4) {
                let whole = found.get(0)?;
                let own = clause.get(..whole.start())?;
                denied |= found.name("right").is_some();
                let judged = JUDGED.is_match(own) || found.name("right").is_some() && own.chars().count() < 16;
                if !judged || SEEMS.is_match(clause) || cues::is_reported(own) {
                    continue;
                }
                said = Some(if found.name("wrong").is_none() { right } else { wrong });
            }
        }
    }
    match said {
        Some(index) => Some(Ok(index)),
        // 没有错误 names the option 错误 and denies it.
        None => denied.then_some(Err(())),
    }
}

/// How a sentence or a clause begins that concludes.
static CONCLUDES: LazyLock<Pattern> = LazyLock::new(|| {
    pattern(
        r"(?i)\A[\s*>]*(?:so|therefore|thus|hence|in\s+total|altogether|答\s*:|所以|因此|因而|故|综上(?:所述)?|于是|即)",
    )
});
/// What keeps a number from being what is asked for.
static BOUNDED: LazyLock<Pattern> = LazyLock::new(|| {
    pattern(
        r"(?i)\b(?:not|no|never|if|or|least|most|between|about|around|nearly|almost|might|may|could|option|choice|step|each\s+of|than|remaining|first|another)\b|n't\b|不[^同]|没|未|至少|最多|不到|大约|左右|可能|或|如果|若|假设|第|步|选|比|倍|还|再|其中|先",
    )
});
static NUMBER: LazyLock<Pattern> = LazyLock::new(|| pattern(r"\d[\d,]*(?:\.\d+)?"));

/// The number that an option is, with what stands before and behind it.
fn figure(words: &str) -> Option<(&str, String, &str)> {
    let found = NUMBER.find(words)?;
    let (head, tail) = (words.get(..found.start())?, words.get(found.end()..)?.trim());
    let plain = head.chars().count() < 2
        && !head.contains('-')
        && tail.chars().count() < 12
        && !tail.contains(|c: char| c.is_ascii_digit() || "+-*/^=(,".contains(c));
    plain.then(|| (head, found.as_str().replace(',', ""), tail))
}

/// The option that is the only number of a text's last clause, where that concludes: 所以每个班分到18支。
pub fn quantity(text: &str, options: &Options) -> Option<usize> {
    let text = text.trim();
    if !options.are_known() || text.len() > LONGEST || !text.ends_with(['.', '。', '!']) {
        return None;
    }
    let all: Vec<_> = (0..options.count()).map(|index| figure(options.words(index))).collect::<Option<_>>()?;
    let (head, _, unit) = all.first()?;
    if all.iter().any(|(h, _, u)| h != head || u != unit) || cues::pleads(text) || is_undecided(text) {
        return None;
    }
    let last = sentences(text, &[]).into_iter().next_back()?;
    let sentence = text.get(last)?;
    let clause = sentence.rsplit([',', ';']).next()?;
    let sentence = if CONCLUDES.is_match(clause) { clause } else { sentence };
    if !(CONCLUDES.is_match(sentence) || CONCLUDES.is_match(clause))
        || BOUNDED.is_match(sentence)
        || sentence.contains(['?', '='])
    {
        return None;
    }
    let mut numbers = NUMBER.find_iter(clause);
    let (found, None) = (numbers.next()?, numbers.next()) else { return None };
    let behind = clause.get(found.end()..)?.trim_start();
    let number = found.as_str().trim_end_matches(',').replace(',', "");
    let fits = clause.get(..found.start())?.ends_with(head)
        && behind.to_lowercase().starts_with(unit)
        && (!unit.is_empty()
            || !behind.starts_with(['%', '/', '°', '¤', '‰', '万', '亿', '千', '百', ':', '-', '+', '*', '^']));
    // The other options' numbers stand elsewhere in the sentence: whose they are can't be told.
    let others = NUMBER.find_iter(sentence).filter(|n| all.iter().any(|(_, own, _)| own == n.as_str())).count();
    let mut same = all.iter().enumerate().filter(|(_, (_, own, _))| *own == number).map(|(index, _)| index);
    let index = same.next()?;
    (fits && others < 2 && same.next().is_none()).then_some(index)
}

/// The one option that a text names, where its last clause says that what it describes is that: 当时在位的皇帝是唐太宗李世民。
pub fn described(text: &str, options: &Options) -> Option<usize> {
    static HEAD: LazyLock<Pattern> = LazyLock::new(|| {
        pattern(r"\A[^,。;:]{1,40}(?:的|最)[^,。;:是为]{0,10}(?:是|为|叫做?)[^,。;:的是]{0,6}[“‘\x22《]?\z")
    });
    static TAIL: LazyLock<Pattern> = LazyLock::new(|| pattern(r"\A[”’\x22》]?(?:\p{Han}{0,5}|这一\p{Han})[。!]?\s*\z"));
    static DOUBTED: LazyLock<Pattern> =
        LazyLock::new(|| pattern(r"不|非|没|未|误|错|或|吗|可能|若|如果|以为|认为|除|曾|原"));
    static GOES_ON: LazyLock<Pattern> =
        LazyLock::new(|| pattern(r"\A[”’\x22》]?(?:[的和与跟及之派党前后以而吗吧]|不|以[前后外])"));
    if !options.are_known() || text.len() > LONGEST || cues::pleads(text) || is_undecided(text) {
        return None;
    }
    let all = mentions(text, options);
    let last = all.last().filter(|m| m.set.len() == 1 && !m.open && !m.figure)?;
    let sole = all.iter().all(|m| m.set == last.set && !m.lettered);
    let head = text.get(..last.span.start)?.rsplit([',', '。', ';', '\n', '!', '?']).next()?;
    let tail = text.get(last.span.end..)?;
    (sole
        && HEAD.is_match(head)
        && TAIL.is_match(tail)
        && !GOES_ON.is_match(tail)
        && !DOUBTED.is_match(head)
        && !cues::is_reported(head))
    .then(|| last.set.iter().next())?
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scoring::tests::item;

    #[test]
    fn statements_are_judged() {
        let options = Options::of(&item(&["A"], &["正确", "错误"]));
        for (text, want) in [
            ("声音不能在真空中传播,因此题目的说法是错误的。", Some(Ok(1))),
            ("题干的表述并没有错误,这种说法是正确的。", Some(Ok(0))),
            ("很多人认为这是错误的。", None),
            ("表述里没有错误之处。", Some(Ok(0))),
            ("声音不能在真空中传播。", None),
        ] {
            assert_eq!(verdict(text, &options), want, "{text}");
        }
    }

    #[test]
    fn numbers_are_concluded_on() {
        let options = Options::of(&item(&["A"], &["12", "15", "18", "24"]));
        for (text, want) in [
            ("36÷2=18。\n\n所以每个班分到 18 支。", Some(2)),
            ("So each class gets 18 pens.", Some(2)),
            ("So each class gets at least 18 pens.", None),
            ("所以12个人分到 18 支。", None),
            ("Each class gets 18 pens.", None),
        ] {
            assert_eq!(quantity(text, &options), want, "{text}");
        }
    }
}
