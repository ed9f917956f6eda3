//! Reads the set of options that a statement names: `ABD`, `A, B and D`, `A、C`, `(A)(C)`, options' words, all of them,
//! none of them, all but some.

use super::letter::{self, Reading};
use super::options::{Options, index_of, is_cjk};
use crate::scoring::text::{Pattern, after, pattern};
use std::sync::LazyLock;

/// Options, a bit each.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Set(u32);

impl Set {
    /// Of these options.
    pub fn of(indices: impl IntoIterator<Item = usize>) -> Self {
        Self(indices.into_iter().filter(|i| *i < 32).fold(0, |bits, i| bits | 1 << i))
    }

    /// The options in it, in order.
    pub fn iter(self) -> impl Iterator<Item = usize> {
        (0..32).filter(move |i| self.0 >> i & 1 == 1)
    }

    /// How many are in it.
    pub const fn len(self) -> u32 {
        self.0.count_ones()
    }

    /// Whether none is.
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// Those that are in both.
    pub const fn and(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }

    /// Those that are in either.
    pub const fn or(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// Those that are not in the other.
    pub const fn without(self, other: Self) -> Self {
        Self(self.0 & !other.0)
    }
}

/// What a statement comes to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Named {
    /// This set.
    Said(Set),
    /// It names options and leaves open which: A or C.
    Unclear,
    /// Nothing that names options.
    Nothing,
}

static LEAD_IN: LazyLock<Pattern> = LazyLock::new(|| {
    pattern(
        r#"(?i)\A(?:[\s\u{2009}"'“”‘’「『<:：=>→,✅✓✔☑👉➡⭐\x{FE0F}*•-]|1[.)]\s|\b(?:options?|choices?|letters?|answers?|statements?|both|clearly|definitely|therefore|thus|indeed|actually|only|correct|right|ones?|the|are|is|(?-i:[Bb]e)|as|follows?|following|namely|(?:everything|all)\s+from)\b|正确的?|选项|选择|应选|选|应|为|是|有|分别|包括|一共|仍然?|只能|只有|仅)*"#,
    )
});
/// Between two options of a set.
static JOINT: LazyLock<Pattern> = LazyLock::new(|| {
    pattern(
        r#"(?i)\A[\s\u{2009}]*(?:(?:,|;|、|/|&|\+|\||·|\band\b|和|与|及|以及|跟|同|还有|\bas\s+well\s+as\b|\bplus\b|(?:—|\s-)\s*and\b|\d[.)][ \t]+|\n)[\s\u{2009}]*)*(?:(?:also|both|options?|choices?|statements?|answers?)\b\s*|选项?)*"#,
    )
});
static OPENING: LazyLock<Pattern> = LazyLock::new(|| pattern(r#"\A[\s\u{2009}("'\[【{“「『*•-]*"#));
static CLOSING: LazyLock<Pattern> =
    LazyLock::new(|| pattern(r#"\A(?:[)\]】}"'”」』]|[\s\u{2009}]*选?项|[.:：](?:\s|\z))*"#));
/// Behind a set: which of them, if not all.
static OPEN: LazyLock<Pattern> = LazyLock::new(|| {
    pattern(r"(?i)\A[\s,)\]]*(?:\b(?:or|perhaps|maybe|possibly)\b|或|还是|也?可能|也许|\?|-\s*(?-i:[A-J])(?-u:\b)|~)")
});
static DENIED: LazyLock<Pattern> = LazyLock::new(|| {
    pattern(
        r"(?i)\A[\s,)\]]*(?:(?:is|are|was|were|both|all|都|均|全|皆|项|选项)\s*)*(?:n't|not\b|wrong\b|incorrect\b|false\b|错|不正确|不对|不符合|不选|不是|排除|有误)",
    )
});
static BUT_NOT: LazyLock<Pattern> = LazyLock::new(|| {
    pattern(r"(?i)\A[\s,(]*(?:but\s+not|not|except(?:\s+for)?|without|excluding|而不是|而非|不是|不选|不含|不包括)\s*")
});
static NOT_FIRST: LazyLock<Pattern> = LazyLock::new(|| {
    pattern(r"(?i)\A[\s,:]*(?:(?:is|are)\s+)?(?:not\b|isn't\b|aren't\b|neither\b|never\b|不是|并非|不选|非)")
});
/// A set that is taken back at once, up to the next one.
static TAKEN_BACK: LazyLock<Pattern> = LazyLock::new(|| {
    pattern(concat!(
        r"\A[\s(\[]*[A-J](?:[\s,、/&和与及)(\[\]]|and\b|选?项|[A-J])*\s*[.,;:!?。…—-]+\s*(?i:",
        r"(?:(?:no|wait|hmm+|oops|sorry|correction|actually|scratch\s+that|i\s+mean(?:t)?|oh)\b[\s,.:;!…-]*)+(?:(?:it's|it\s+is|that's|they\s+are|the\s+answers?\s+(?:is|are)|rather|make\s+(?:that|it)|(?:it\s+)?should\s+be|i\s+mean(?:t)?)\b[\s,:]*)*",
        r"|(?:(?:[哦啊呃噢]?,?不对|哦不|[哦啊呃噢]|不[,.。!…]|不,|等等|等一下|错了|更正(?:一下)?|说错了|写错了|抱歉|应该?)[\s,.:;!。…]*)+(?:答案)?(?:应该?是|应为|应当是|是|为|应?选|改为|改成)?\s*)",
    ))
});
static INSTEAD: LazyLock<Pattern> = LazyLock::new(|| {
    pattern(r"(?i)(?:\bbut(?:\s+rather)?|\brather\b|\binstead\b|而是|应该是|应是|而应选|而选|,\s*是)[\s,:]*")
});
static RANGE: LazyLock<Pattern> = LazyLock::new(|| {
    pattern(r"(?i)\A[)\]]?\s*(?:through|thru|to|到|至)\s*(?:option\s+|选项)?[(\[]?(?-i:([A-J]))(?-u:\b)")
});
/// Brackets that hold letters of options and nothing else.
static LETTERS_ONLY: LazyLock<Pattern> =
    LazyLock::new(|| pattern(r"(?i)\A[(\[](?:option|选项|选|\s)*[A-J]{1,6}(?:\s*[,、]\s*[A-J])*\s*(?:选?项)?[)\]]"));
/// What may follow a set of letters that stand alone.
static FOLLOWS: LazyLock<Pattern> = LazyLock::new(|| {
    pattern(
        r"(?i)\A[\s\u{2009})\]]*(?:\z|[^\sA-Za-z0-9]|\b(?:because|since|as|and|but|not|which|for|due|are|is|was|were|both|all|only|based|given|would|here|correct|right|true|while|with|together|have|hold|apply|i\.e)\b)",
    )
});
static ALL: LazyLock<Pattern> = LazyLock::new(|| {
    pattern(concat!(
        r"(?i)\A(?:all(?:\s+of)?(?:\s+the)?(?:\s+(?:above|these|those|them|four|three|five|six|options?|choices?|answers?|statements?))+\b(?:\s+(?:options?|choices?|answers?|statements?))?|all(?:\s+(?:are|is)\s+(?:correct|right|true))|every\s+(?:option|statement|choice)|everything(?:\s+(?:is|are)\s+(?:correct|right|true)|\s*(?:[.:!]|\z))|all\z|all[.!]",
        r"|以上(?:选项|答案|说法|各项|几项|[三四五]项)?(?:全部|全|都|均|皆)(?:是?正确|对|选|是|符合(?:题意)?|成立)|(?:全部|全|都|均)(?:是?正确|对|选|符合(?:题意)?)|全选|所有(?:选项|说法)(?:都|均|全)?(?:正确|对)?|[三四五]个?(?:选?项|说法)?(?:全|都|均)(?:正确|对|选))",
    ))
});
static ALL_BUT: LazyLock<Pattern> = LazyLock::new(|| {
    pattern(r"(?i)\A(?:all|everything|every\s?one|each)\b(?:\s+of\s+(?:them|these|those|the\s+\w+))?")
});
static NONE: LazyLock<Pattern> = LazyLock::new(|| {
    pattern(concat!(
        r"(?i)\A(?:none(?:\s+of\s+(?:the\s+)?(?:above|these|those|them|(?:\w+\s+)?(?:options?|choices?|answers?|statements?)))?\b|no\s+(?:option|choice|answer|statement)s?\b|nothing\b",
        r"|以上(?:选项|答案|说法|各项|几项|[三四五]项)?(?:都|均|全|皆)(?:不|错|非|没)|(?:都|均|全)(?:不正确|不对|不选|错|不是)|没有(?:正确|一个|选项)|全错|无正确)",
    ))
});
/// Behind "none": it is not none of the options.
static OF_ELSE: LazyLock<Pattern> =
    LazyLock::new(|| pattern(r"(?i)\A\s+of\s+(?:this|that|it|what|which|my|your|his|her|us|me)\b"));
static EXCEPT: LazyLock<Pattern> = LazyLock::new(|| {
    pattern(
        r"(?i)\A[\s,]*(?:(?:are|is)\s+(?:correct|right|true)\s*,?\s*)?(?:except(?:\s+for)?|but|apart\s+from|excluding|save)\s+(?:for\s+)?(?:options?\s+)?",
    )
});
static SAVE: LazyLock<Pattern> = LazyLock::new(|| {
    pattern(
        r"\A除了?\s*(?:选项)?\s*([A-J](?:\s*[,、和]?\s*[A-J])*)\s*(?:选?项)?(?:以外|之外|外)?,?\s*(?:其他|其余|其它|剩下)?的?(?:选项|各项|[一二两三四五六]个?(?:选项|项)|几项|说法)?(?:都|均|全|皆)(?:应?选|是?(?:正确|对))",
    )
});

/// The longest statement, in characters, and the longest line that is nothing but a set, in bytes.
const LONGEST: usize = 1000;

/// Whether a text begins with a letter that no other follows: no word and no mark leads to it.
fn begins_with_letter(text: &str) -> bool {
    let mut bytes = text.bytes();
    let letter = bytes.next().is_some_and(|b| b.is_ascii_uppercase());
    letter && bytes.next().is_none_or(|b| b.is_ascii() && !b.is_ascii_alphabetic())
}

/// How many bytes of a statement lead to what it names.
fn lead(body: &str) -> usize {
    if begins_with_letter(body) { 0 } else { LEAD_IN.find(body).map_or(0, |m| m.end()) }
}

/// Reads the set that a statement names at its beginning.
pub fn read(body: &str, options: &Options) -> Named {
    let body = after(body.split("</").next().unwrap_or(body).trim_start(), 0, LONGEST).trim();
    // A、B，哦不对，是B、C: what comes after it counts, where it names a set.
    let lead = lead(body);
    if let Some(named) = corrected_behind(body, lead, options) {
        return named;
    }
    if NOT_FIRST.is_match(body) {
        return match INSTEAD.find(body) {
            Some(found) => read(body.get(found.end()..).unwrap_or(""), options),
            None => Named::Nothing,
        };
    }
    phrase_behind(body, lead, options).unwrap_or_else(|| list(body.get(lead..).unwrap_or(""), options))
}

/// What a set is corrected to that is taken back at once.
pub fn corrected(body: &str, options: &Options) -> Option<Named> {
    corrected_behind(body, lead(body), options)
}

fn corrected_behind(body: &str, lead: usize, options: &Options) -> Option<Named> {
    let rest = body.get(lead..)?;
    let named = read(rest.get(TAKEN_BACK.find(rest)?.end()..)?, options);
    (named != Named::Nothing).then_some(named)
}

/// Reads what names a set without listing it: all, none, all but some; or one option's words.
pub fn phrase(body: &str, options: &Options) -> Option<Named> {
    let body = after(body, 0, LONGEST);
    phrase_behind(body, lead(body), options)
}

fn phrase_behind(body: &str, lead: usize, options: &Options) -> Option<Named> {
    let behind = if lead > 0 { body.get(lead..) } else { None };
    [Some(body), behind].into_iter().flatten().find_map(|text| whole(text, options))
}

/// All, none, all but some; or one option's words, where they are all that is said.
fn whole(text: &str, options: &Options) -> Option<Named> {
    let every = || Set::of(0..options.count());
    if let Some(index) = options.by_text(text) {
        return Some(Named::Said(Set::of([index])));
    }
    if let Some(found) = SAVE.captures(text).and_then(|found| found.get(1)).filter(|_| options.are_known()) {
        return Some(Named::Said(every().without(Set::of(found.as_str().chars().filter_map(index_of)))));
    }
    if let Some(found) = ALL.find(text).or_else(|| ALL_BUT.find(text)) {
        let rest = text.get(found.end()..).unwrap_or("");
        if let Some(except) = EXCEPT.find(rest).filter(|_| options.are_known()) {
            return Some(match list(rest.get(except.end()..).unwrap_or(""), options) {
                Named::Said(out) => Named::Said(every().without(out)),
                _ => Named::Unclear,
            });
        }
        if DENIED.is_match(rest) || !ALL.is_match(text) {
            return None;
        }
        return Some(match options.saying(true) {
            Some(index) => Named::Said(Set::of([index])),
            None if options.are_known() => Named::Said(every()),
            None => Named::Unclear,
        });
    }
    if NONE.find(text).is_some_and(|m| !OF_ELSE.is_match(text.get(m.end()..).unwrap_or(""))) {
        return Some(options.saying(false).map_or(Named::Unclear, |index| Named::Said(Set::of([index]))));
    }
    None
}

/// Whether more than words that lead to an answer are there.
pub fn says_something(text: &str) -> bool {
    text.get(lead(text)..).is_some_and(|rest| rest.chars().any(char::is_alphanumeric))
}

/// The set of a text that is nothing but a set, and whether it is written as one word, such as `ABD`.
pub fn sole(text: &str, options: &Options) -> Option<(Set, bool)> {
    static SPAN: LazyLock<Pattern> =
        LazyLock::new(|| pattern(r"\b[A-J]\)?\s*(?:[Tt]hrough|[Tt]hru|to|到|至)\s*\(?[A-J](?-u:\b)"));
    static ONLY: LazyLock<Pattern> = LazyLock::new(|| pattern(r"(?i)\s+(?:only|alone|inclusive)[\s.!)*]*\z"));
    let text = text.trim();
    if text.len() > LONGEST {
        return None;
    }
    let text = text.get(..ONLY.find(text).map_or(text.len(), |m| m.start())).unwrap_or(text);
    let compact = text.chars().filter(|c| c.is_alphanumeric()).count() > 1
        && text.trim_matches(|c: char| !c.is_alphanumeric()).chars().all(char::is_alphanumeric)
        || SPAN.is_match(text);
    if let Some(index) = options.by_text(text) {
        return Some((Set::of([index]), false));
    }
    // a c d: small letters, and nothing else.
    static SMALL: LazyLock<Pattern> = LazyLock::new(|| pattern(r"\A(?:[a-j](?:\s+[a-j])+|[A-J](?:\s+[A-J])+)[.。]?\z"));
    if SMALL.is_match(text) {
        let set = Set::of(text.chars().filter(char::is_ascii_alphabetic).filter_map(index_of));
        return set.iter().all(|i| i < options.count()).then_some((set, false));
    }
    let lead = if begins_with_letter(text) { 0 } else { SOLE_LEAD.find(text).map_or(0, |m| m.end()) };
    let (named, rest) = list_and_rest(text.get(lead..)?, options);
    let Named::Said(set) = named else { return None };
    let bare = !rest.chars().any(|c| c.is_alphanumeric() || matches!(c, '?' | '+' | '#' | '='));
    (bare && !set.is_empty()).then_some((set, compact))
}

static SOLE_LEAD: LazyLock<Pattern> = LazyLock::new(|| {
    pattern(
        r#"(?i)\A(?:[\s\u{2009}"'“”「✅✓✔☑👉➡⭐\x{FE0F}>*•-]|\b(?:options?|choices?|both|only|just|from)\b|选项|只有|仅有|只选|仅选|仅|只)*"#,
    )
});

/// Whether a text is a line of letters of options, and nothing else: `A, B, C, D`.
pub fn is_letters(text: &str) -> bool {
    static LINE: LazyLock<Pattern> =
        LazyLock::new(|| pattern(r"\A[\s(\[]*[A-J](?:(?:[\s,、/&;)(\[\]]|\band\b|和|与|及)+[A-J])+[\s.。!)\]]*\z"));
    LINE.is_match(text)
}

/// Options one after the other.
fn list(text: &str, options: &Options) -> Named {
    list_and_rest(text, options).0
}

/// Options one after the other, and what stands behind them.
fn list_and_rest<'t>(text: &'t str, options: &Options) -> (Named, &'t str) {
    let (mut set, mut rest, mut items, mut by_letter) = (Set::default(), text, 0, false);
    // What stands right behind the last option, its full stop included.
    let mut behind = text;
    let mut runs = 0;
    // A、C、D,B…: a comma after other joints begins another clause.
    let mut joined_otherwise = false;
    let (mut joined, mut letters_only) = (false, true);
    loop {
        let bare = rest.starts_with(|c: char| c.is_ascii_alphanumeric());
        let opening = if bare { "" } else { OPENING.find(rest).map_or("", |m| m.as_str()) };
        let inner = rest.get(opening.len()..).unwrap_or("");
        let wrapped = opening.ends_with(['(', '[', '【', '"', '\'', '“', '「']);
        let Some(item) = item(inner, wrapped, items > 0, options) else { break };
        // AB、AC、BC: sets, one of which may be meant.
        runs += usize::from(item.letters && item.set.len() > 1);
        if runs > 2 || runs > 1 && !item.set.and(set).is_empty() {
            return (Named::Unclear, rest);
        }
        (set, items, by_letter) = (set.or(item.set), items + 1, by_letter || item.letters);
        letters_only &= item.letters;
        rest = inner.get(item.length..).unwrap_or("");
        if let Some(end) = RANGE.captures(rest).and_then(|found| Some((found.get(0)?.end(), found.get(1)?))) {
            let last = end.1.as_str().chars().next().and_then(index_of);
            let (Some(first), Some(last)) = (item.set.iter().next(), last) else { return (Named::Unclear, rest) };
            set = set.or(Set::of(first..=last));
            rest = rest.get(end.0..).unwrap_or("");
        }
        behind = rest;
        rest = rest.get(CLOSING.find(rest).map_or(0, |m| m.end())..).unwrap_or("");
        // An option's letter with its own words, or another one's.
        if item.letters && item.set.len() == 1 {
            let words = rest.trim_start_matches([' ', '.', ':', '、', '-', '(']);
            if let Some((index, length)) = options.at_start(words) {
                let then = words.get(length..).unwrap_or("");
                let own = item.set.iter().any(|i| i == index);
                // "B, C and D. Rome is old": a sentence of its own on another option.
                let apart = behind.starts_with(['.', '。'])
                    && (set.len() > 1 || then.trim_start().starts_with(char::is_alphanumeric))
                    && (set.len() > 1 || JOINT.find(then).is_none_or(|joint| joint.as_str().trim().is_empty()));
                // C、A(氮气不是,…): a remark that begins with another option.
                let remark = rest.trim_start().starts_with('(') && !then.trim_start().starts_with([')', ',']);
                let apart = apart || remark && set.len() > 1;
                if !own && !apart {
                    return (Named::Unclear, rest);
                }
                if own {
                    rest = then.trim_start_matches(['.', ')']);
                    behind = rest;
                }
            }
        }
        if OPEN.is_match(rest) {
            return (Named::Unclear, rest);
        }
        let joint = JOINT.find(rest).map_or(0, |m| m.end());
        let next = rest.get(joint..).unwrap_or("");
        if OPEN.is_match(next) {
            return (Named::Unclear, rest);
        }
        if next.len() == rest.len() && !next.starts_with(['(', '[', '【', '"', '\'']) || next.is_empty() {
            break;
        }
        // BC (D is too absolute): a remark on other options.
        let remark = !wrapped
            && next.len() == rest.trim_start().len()
            && next.starts_with(['(', '['])
            && !LETTERS_ONLY.is_match(next);
        let glue = rest.get(..joint).unwrap_or("");
        let comma = glue.trim_start().starts_with(',') && glue.chars().all(|c| matches!(c, ',' | ' '));
        // A、C、D;B不是…: a semicolon after other joints does so whatever follows.
        let apart = joined && glue.contains(';');
        // 选ac,氮气不是: words of an option behind letters are told of.
        let told = comma && letters_only && item_of(next, options).is_some_and(|item| !item.letters);
        let another =
            told || comma && (joined_otherwise && begins_clause(next) || CALLED_WRONG.is_match(next)) || apart;
        joined_otherwise |= glue.contains('、');
        joined |= !glue.trim().is_empty() && !glue.contains(';');
        if remark || another || BUT_NOT.is_match(next) || !starts_item(next, options) {
            break;
        }
        rest = next;
    }
    if items == 0 || DENIED.is_match(behind) && !BUT_NOT.is_match(behind) {
        return (Named::Nothing, rest);
    }
    if set.iter().any(|i| i >= options.count()) && options.are_known() && by_letter {
        return (Named::Unclear, rest);
    }
    if let Some(but) = BUT_NOT.find(rest)
        && let Named::Said(out) = list(rest.get(but.end()..).unwrap_or(""), options)
    {
        set = set.without(out);
    }
    if items == 1 && set.len() == 1 && by_letter {
        // One letter is read with all the care that one letter needs.
        let named = match letter::read(text, options) {
            Reading::Said(index) => Named::Said(Set::of([index])),
            Reading::Several => Named::Unclear,
            Reading::Nothing => Named::Nothing,
        };
        return (named, rest);
    }
    if by_letter && !FOLLOWS.is_match(behind) && !rest.starts_with(is_cjk) {
        return (Named::Nothing, rest);
    }
    (Named::Said(set), rest)
}

/// Letters of a clause of its own, which says that they are wrong: A和D正确,B、C两项错误.
static CALLED_WRONG: LazyLock<Pattern> = LazyLock::new(|| {
    pattern(
        r"(?i)\A(?-i:[A-J])(?:(?:[\s,、/&和与及]|\band\b|选?项)+(?-i:[A-J]))*[\s选项两三四几都均全皆也则]*(?:(?:is|are)\s+(?:both\s+|all\s+)?(?:wrong|incorrect|false|not\s+(?:correct|right|true))\b|错|不正确|不对|有误|不符合)",
    )
});

/// Whether words follow the letter that a text begins with: "B与材料无关".
fn begins_clause(text: &str) -> bool {
    let mut chars = text.chars().skip(1);
    match chars.next() {
        Some('和' | '与' | '及') => chars.next().is_none_or(|c| index_of(c).is_none()),
        Some('项' | '选' | '、') => false,
        next => next.is_some_and(is_cjk),
    }
}

fn starts_item(text: &str, options: &Options) -> bool {
    item_of(text, options).is_some()
}

/// The item that a text begins with, whatever opens it.
fn item_of(text: &str, options: &Options) -> Option<Item> {
    let inner = text.get(OPENING.find(text).map_or(0, |m| m.end())..).unwrap_or("");
    item(inner, true, true, options)
}

struct Item {
    set: Set,
    length: usize,
    letters: bool,
}

/// Letters or an option's words at the beginning of a text.
fn item(text: &str, wrapped: bool, later: bool, options: &Options) -> Option<Item> {
    let words = options.at_start(text).map(|(index, length)| Item { set: Set::of([index]), length, letters: false });
    let run = text.bytes().take_while(u8::is_ascii_alphanumeric).count();
    let letters = text.get(..run).unwrap_or("");
    let indices: Option<Vec<usize>> = letters.chars().map(index_of).collect();
    let distinct = |all: &[usize]| Set::of(all.iter().copied()).len() as usize == all.len();
    let named = indices.filter(|all| !all.is_empty() && distinct(all)).filter(|all| {
        let after = text.get(run..).unwrap_or("");
        let word = after.trim_start().starts_with(|c: char| c.is_ascii_lowercase()) && after.starts_with(' ');
        let ends = !after.trim_start().starts_with(|c: char| c.is_ascii_alphanumeric());
        if letters.bytes().all(|b| b.is_ascii_uppercase()) {
            // A dog, B cells: words; a set goes on with "and" or ends.
            let owned = after.strip_prefix('\'').is_some_and(|rest| rest.starts_with(char::is_alphabetic));
            !owned
                && !after.starts_with(['_', '^', '='])
                && (all.len() > 1 || !word || FOLLOWS.is_match(after) || JOINED.is_match(after))
        } else {
            // abd: in alphabetical order, and nothing else.
            let ascending = all.windows(2).all(|pair| matches!(pair, [a, b] if a < b));
            letters.bytes().all(|b| b.is_ascii_lowercase())
                && (if all.len() == 1 {
                    wrapped || ends || JOINED.is_match(after)
                } else {
                    // 选ac吧; 选bd,…
                    let ends = |mark: char| after.starts_with(mark) && (!mark.is_ascii() || after.contains(is_cjk));
                    ascending
                        && !later
                        && (after.trim().is_empty() || [',', '.', ';', '。', '吧', '项', '、'].into_iter().any(ends))
                })
        }
    });
    let letters = named.map(|all| Item { set: Set::of(all), length: run, letters: true });
    match (words, letters) {
        (Some(words), Some(letters)) if words.length > letters.length => Some(words),
        (_, Some(letters)) => Some(letters),
        (words, None) => words,
    }
}

static JOINED: LazyLock<Pattern> = LazyLock::new(|| pattern(r"(?i)\A\s+(?:and|or|&|as\s+well|plus|to|through|thru)\b"));

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scoring::tests::item;

    fn show(named: Named) -> String {
        match named {
            Named::Said(set) => set.iter().map(super::super::options::name_of).collect(),
            Named::Unclear => "?".into(),
            Named::Nothing => String::new(),
        }
    }

    #[test]
    fn sets_are_read() {
        let known = Options::of(&item(&[], &["Paris", "Rome", "Oslo", "a dog", "a dog and a cat"]));
        for (body, want) in [
            ("ABD", "ABD"),
            ("BE", "BE"),
            ("A, B and D", "ABD"),
            ("A、B、D。", "ABD"),
            ("A和C", "AC"),
            ("(A)(C)", "AC"),
            ("(A), (C)", "AC"),
            ("A C D", "ACD"),
            ("acd", "ACD"),
            ("a, c", "AC"),
            ("options A and C", "AC"),
            ("both A and C.", "AC"),
            ("A) Paris, C) Oslo", "AC"),
            ("A. Paris and C. Oslo", "AC"),
            ("Paris and Oslo", "AC"),
            ("A (Paris) and C (Oslo)", "AC"),
            ("a dog and a cat", "E"),
            ("a dog and Paris", "AD"),
            ("A", "A"),
            ("A and C are correct", "AC"),
            ("A and C because of the sea", "AC"),
            ("A and C, not B", "AC"),
            ("A, B, C but not B", "AC"),
            ("all except B", "ACDE"),
            ("everything but B", "ACDE"),
            ("everything: A, B, C, D, E", "ABCDE"),
            ("everything depends", ""),
            ("BE", "BE"),
            ("AC (B is too narrow)", "AC"),
            ("AB, AC, BC", "?"),
            ("A 项和 C 项", "AC"),
            ("除 B 外,其余各项均正确", "ACDE"),
            ("all of the above", "ABCDE"),
            ("A through C", "ABC"),
            ("not A but B and C", "BC"),
            ("A or C", "?"),
            ("A-C", "?"),
            ("A. Rome", "?"),
            ("none of the above", "?"),
            ("AF", "?"),
            ("A and C are wrong", ""),
            ("not A", ""),
            ("a matter of taste", ""),
            ("A good idea", ""),
            ("A and B cells", "?"),
            ("bad", ""),
        ] {
            assert_eq!(show(read(body, &known)), want, "{body}");
        }
    }
}
