//! Finds the options that a text mentions: letters that stand for options (and not for a word, a variable, a vitamin), and
//! options' own words; those that a sentence puts together ("A, B and D") are one mention.

use super::options::{Options, index_of, is_cjk};
use super::set::Set;
use crate::scoring::text::{Pattern, before, pattern};
use std::ops::Range;
use std::sync::LazyLock;

/// Options mentioned together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mention {
    /// Where, in bytes.
    pub span: Range<usize>,
    /// Which options.
    pub set: Set,
    /// By a letter; else by words alone.
    pub lettered: bool,
    /// It leaves open which ("A or B"), or says two things ("A. Rome" where Rome is B).
    pub open: bool,
    /// By words that are hardly more than a figure, which a text may contain for any reason.
    pub figure: bool,
}

/// How many single mentions are looked at, from the end.
const MOST: usize = 400;

/// What stands before a letter that is no option.
static NAMED_SO: LazyLock<Pattern> = LazyLock::new(|| {
    pattern(concat!(
        r"(?i)(?:\b(?:vitamins?|hepatitis|influenza|plan|points?|sides?|teams?|(?:blood\s+)?types?|groups?|class|grades?|angles?|triangles?|segments?|lines?|circles?|matri(?:x|ces)|sets?|events?|nodes?|vert(?:ex|ices)|players?|persons?|compan(?:y|ies)|countr(?:y|ies)|cit(?:y|ies)|towns?|trains?|cars?|machines?|process(?:es)?|steps?|exhibits?|appendix|parts?|sections?|tables?|chapters?|figures?|fig\.|box|block|bus|wire|plate|sample|tank|section|phase|schedule|dr\.|mr\.|mrs\.|ms\.|st\.|roll|note|key\s+of|column|rows?|variables?|gates?|inputs?|product|reactant|substances?|solutions?|metal|gas|liquid|compounds?|factory|firm|village|room|building|let|denote|call)\s*\z)",
        r"|[=+*/^<>~_\\°]\s*\z|[A-Za-z0-9]\|\z|\w\(\z|[A-Za-z0-9][.'-]\z|\)\z|(?:点|线段|直线|射线|角|∠|△|三角形|集合|矩阵|事件|维生素|血型|型|组|班|甲|图|圆|曲线|椭圆|边|平面|乙肝|计划|方案|城市|物质|气体|溶液|元素|金属|化合物|酸|列车|车|站|村|设|厂|公司|小组|队|盒|箱|级|段)\z",
    ))
});
/// What stands behind one.
static CALLED_SO: LazyLock<Pattern> = LazyLock::new(|| {
    pattern(
        r"(?i)\A(?:\s*[=+*^_\\<>°∈⊆⊂∪∩≥≤≠#]|-[A-Za-z0-9]|/[A-Za-z0-9]{2}|\((?:[0-9-]|[a-z]\))|\.[A-Za-z0-9]|'[a-rt-z]|\s+(?:cells?|flat|sharp|minor|major|vitamins?|students?|grade|level|types?|team|side|group)\b|点|型|组|班|国|城|市|地|处|类|级|车|站|村|队|集合|的(?:值|长|坐标|面积|子集|补集|中点)|→[A-Z])",
    )
});
/// Verbs and joints that may follow an A that is an option and not an article.
static AFTER_A: LazyLock<Pattern> = LazyLock::new(|| {
    pattern(
        r"(?i)\A\s+(?:is|was|were|are|be|and|or|nor|but|as|because|since|has|had|have|does|doesn't|did|can|can't|cannot|could|would|should|must|may|might|will|seems?|looks|appears|fits?|fails|makes|gives|matches|satisf(?:y|ies)|works|contradicts?|describes?|states?|says|reverses|confuses|commits|goes|wins|remains|with|over|rather|instead|not|only|also|alone|both|never|here|too|out|misses|misstates|misreads|applies|apply|refers|for|due|follows|ignores|overstates|mentions|restates|through|to|isn't|wasn't|which|stands|captures|best|clearly|correctly|directly|simply|then|stays|gets)\b",
    )
});
static NOUN: LazyLock<Pattern> = LazyLock::new(|| {
    pattern(
        r"(?i)(?:\b(?:options?|choices?|letters?|statements?|answers?|items?|alternatives?|candidates?)|选项|答案|选|项|策)\s*[(\[]?\z",
    )
});
/// A name before a letter: B.B. King, Plan B.
static NAME: LazyLock<Pattern> = LazyLock::new(|| pattern(r"[A-Za-z0-9),]\s+([A-Z][a-z]+)\s+\z"));
/// Between two options that are mentioned together.
static JOINT: LazyLock<Pattern> = LazyLock::new(|| {
    pattern(concat!(
        r#"(?i)\A[\s)\]"'”*}]*(?:选?项)?[\s)\]"'”*]*"#,
        r"(?:(?:,\s*(?:the|an?)\s[^,.;:。\n]{1,40})?(?P<joint>[,、/&+]|\s-\s)|\p{Han}{1,6}?(?P<zh>与|和|及)(?:选项))?",
        r#"\s*(?P<word>\b(?:and|or|nor|as\s+well\s+as|plus)\b|和|与|及|以及|跟|同|还有|或者?|还是)?"#,
        r#"[\s("'\[“*]*(?:(?:also|both|either|with|the\s+(?:first|second|third|fourth|fifth|last)|the|options?|choices?|statements?|not)\b|选项?)*[\s("'\[“*]*\z"#,
    ))
});
/// Between an option's letter and its words.
static SAME: LazyLock<Pattern> = LazyLock::new(|| {
    pattern(r#"\A[\s.:,()\[\]、"'“”*《》-]*(?:选?项|[Oo]ption\s+|[Cc]hoice\s+|选项)?[\s(:"'“*《-]*\z"#)
});
static BESIDE: LazyLock<Pattern> = LazyLock::new(|| pattern(r#"\A(?:[.):、]\s?|\s?[(]|\s-+\s|:\s)["'“*《]*\z"#));

/// All mentions, in the order of their place.
pub fn mentions(text: &str, options: &Options) -> Vec<Mention> {
    let mut single = by_letters(text, options);
    single.extend(options.occurrences(text).into_iter().map(|(span, index, figure)| Mention {
        span,
        set: Set::of([index]),
        lettered: false,
        open: false,
        figure,
    }));
    // The longest first where two overlap: B cells, and not B.
    single.sort_by_key(|m| (m.span.start, std::cmp::Reverse(m.span.end)));
    let mut end = 0;
    single.retain(|m| {
        let apart = m.span.start >= end;
        end = if apart { m.span.end } else { end };
        apart
    });
    let from = single.len().saturating_sub(MOST);
    together(text, single.split_off(from))
}

fn by_letters(text: &str, options: &Options) -> Vec<Mention> {
    let mut all: Vec<Mention> = Vec::new();
    for span in letters(text) {
        let letters = text.get(span.clone()).unwrap_or("").trim_matches(['(', ')']);
        let indices: Vec<usize> = letters.chars().filter_map(index_of).collect();
        let ascending = indices.windows(2).all(|pair| matches!(pair, [a, b] if a < b));
        if ascending && indices.iter().all(|i| *i < options.count()) && stands_for_options(text, &span, letters) {
            all.push(Mention { span, set: Set::of(indices), lettered: true, open: false, figure: false });
        }
    }
    let from = all.len().saturating_sub(MOST);
    all.split_off(from)
}

/// Where up to eight capitals from A to J are a word, or a small one from a to j stands in brackets.
fn letters(text: &str) -> impl Iterator<Item = Range<usize>> + '_ {
    const LONGEST: usize = 8;
    let bytes = text.as_bytes();
    let is_word = |at: usize| bytes.get(at).is_some_and(|b| b.is_ascii_alphanumeric() || *b == b'_');
    let mut at = 0;
    std::iter::from_fn(move || {
        while let Some(byte) = bytes.get(at) {
            let from = at;
            match byte {
                b'(' if matches!(bytes.get(at + 1..at + 3), Some([b'a'..=b'j', b')'])) => {
                    at += 3;
                    return Some(from..at);
                }
                b'A'..=b'J' if from.checked_sub(1).is_none_or(|before| !is_word(before)) => {
                    at += bytes.get(at..).unwrap_or_default().iter().take_while(|b| matches!(b, b'A'..=b'J')).count();
                    if at - from <= LONGEST && !is_word(at) {
                        return Some(from..at);
                    }
                }
                _ => at += 1,
            }
        }
        None
    })
}

fn stands_for_options(text: &str, span: &Range<usize>, letters: &str) -> bool {
    let head = before(text, span.start, 40);
    let tail = text.get(span.end..).unwrap_or("");
    let bracketed = head.ends_with(['(', '[', '【', '"', '“']) && tail.starts_with([')', ']', '】', '"', '”']);
    let small = letters.chars().all(|c| c.is_ascii_lowercase());
    if small {
        return !head.ends_with(|c: char| c.is_ascii_alphanumeric() || c == ')');
    }
    if NOUN.is_match(head) {
        return !CALLED_SO.is_match(tail) || tail.starts_with('-');
    }
    let line = head.rsplit('\n').next().unwrap_or("");
    let name = NAME.captures(line).is_some_and(|found| {
        let word = found.get(1).map_or("", |m| m.as_str());
        !matches!(word, "Option" | "Choice" | "Answer" | "Statement" | "Letter" | "Only" | "Final")
    });
    let bare = head.trim_end_matches(['(', '[', '"', '\'']);
    // P(B|A), f(A).
    let argument = head.strip_suffix('(').is_some_and(|h| h.ends_with(|c: char| c.is_ascii_alphabetic()));
    if name || argument || CALLED_SO.is_match(tail) || !bracketed && NAMED_SO.is_match(bare) {
        return false;
    }
    let word = tail.starts_with([' ', '\t']) && tail.trim_start().starts_with(|c: char| c.is_ascii_alphanumeric());
    match letters {
        "I" => bracketed,
        "A" => bracketed || !word || AFTER_A.is_match(tail),
        _ if letters.len() > 1 => !matches!(letters, "AI" | "AD" | "BC") && (!word || AFTER_A.is_match(tail)),
        _ => true,
    }
}

/// What joins two mentions: the mark or the name of a kind between them, and the word in small letters.
fn joint(between: &str) -> Option<(Option<&str>, String)> {
    // Nearly every one is one of these, which the pattern reads so.
    match between {
        "," | ", " => return Some((Some(","), String::new())),
        "、" => return Some((Some("、"), String::new())),
        " and " => return Some((None, "and".to_owned())),
        "和" | "与" => return Some((None, between.to_owned())),
        _ if between.is_empty() || between.contains('\n') => return None,
        _ => {}
    }
    let found = JOINT.captures(between)?;
    let mark = found.name("joint").or_else(|| found.name("zh")).map(|m| m.as_str());
    Some((mark, found.name("word").map_or("", |m| m.as_str()).to_lowercase()))
}

/// Puts together what a sentence does.
fn together(text: &str, single: Vec<Mention>) -> Vec<Mention> {
    let mut all: Vec<Mention> = Vec::new();
    // Whether the mention that is being put together has its "and" already: a comma then parts.
    let mut closed = false;
    // The single mention that was put to it last: in "the bat (C)" it is the bat.
    let mut latest = (Set::default(), false);
    for next in single {
        let (own, lettered) = (next.set, next.lettered);
        let before_it = std::mem::replace(&mut latest, (own, lettered));
        let Some(last) = all.last_mut() else {
            all.push(next);
            continue;
        };
        let between = text.get(last.span.end..next.span.start).unwrap_or("\n");
        let same = next.set.without(last.set).is_empty() && next.lettered != last.lettered
            || next.set == before_it.0 && next.lettered && !before_it.1;
        if same && SAME.is_match(between) {
            latest.1 = true;
            last.span.end = next.span.end;
            last.lettered = true;
            last.figure &= next.figure;
            continue;
        }
        // "A, C and E. Rest helps": a sentence of its own, and not what E is called.
        let sentence = last.set.len() > 1 && between.starts_with(". ");
        // C、A(氮气不是,…): a remark that begins with another option.
        let goes_on =
            text.get(next.span.end..).is_some_and(|rest| !rest.trim_start().starts_with([')', ',', '、', '.', ':']));
        let remark = last.set.len() > 1 && between.trim() == "(" && goes_on;
        if last.lettered && !next.lettered && BESIDE.is_match(between) && !sentence && !remark {
            last.span.end = next.span.end;
            last.open = true;
            continue;
        }
        match joint(between) {
            Some((mark, word)) => {
                let comma = mark == Some(",");
                let rest = text.get(next.span.end..).unwrap_or("");
                let goes_on = rest.starts_with(|c: char| is_cjk(c) && !"都均全皆项选和与及两三四五等。、".contains(c));
                let singular = rest.starts_with(" is ") || goes_on;
                let parts = word.is_empty() && comma && (closed || singular);
                let denied = between.to_lowercase().contains("not")
                    && !before(text, last.span.start, 5).to_lowercase().trim_end().ends_with("not");
                let spaced = word.is_empty() && mark.is_none();
                if parts || denied || spaced && !between.contains(')') {
                    closed = false;
                    all.push(next);
                    continue;
                }
                closed |= !word.is_empty();
                last.span.end = next.span.end;
                last.set = last.set.or(next.set);
                last.lettered |= next.lettered;
                last.figure |= next.figure;
                last.open |= next.open || matches!(word.as_str(), "or" | "或" | "或者" | "还是");
            }
            _ => {
                closed = false;
                all.push(next);
            }
        }
    }
    all
}
