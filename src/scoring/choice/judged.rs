//! What a text says of single options: "A and C are correct", B错误, `C. Oslo ✓`, a table's row. Each such judgement has
//! its place; the last one of an option counts.

use super::find::{MOST, is_denied};
use super::options::{Options, index_of};
use super::places::is_anothers;
use super::ticked::{Row, has_verdict, row, ticked};
use crate::scoring::text::{Pattern, REACH, after, before, pattern};
use regex::Captures;
use std::ops::Range;
use std::sync::LazyLock;

/// One option judged.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Judgement {
    /// Where, in bytes.
    pub at: usize,
    /// Which option.
    pub index: usize,
    /// Whether it is called right.
    pub right: bool,
}

/// What says that an option is right.
const RIGHT: &str = r"correct\b|right\b|true\b|yes\b|valid\b|accurate\b|accepted\b|holds?\b|appl(?:y|ies)\b|the\s+(?:only\s+|best\s+|most\s+)?(?:correct|right|best|accurate|appropriate)\b|the\s+answers?\b|my\s+answer\b|best\b|正确|对的?|符合|成立|最合适|最恰当|恰当|合理|[✓✔✅☑]|√(?:[^\d\p{L}({\\]|\z)";
/// What says that it is wrong.
const WRONG: &str = r"(?:not|(?:is|are|was|were)n't|never)\s+(?:\w+\s+){0,2}?(?:correct|right|true|valid|accurate|answers?|best)\b|(?:do|does)(?:n't|\s+not)\s+(?:hold|apply|work)\b|(?:cannot|can't|can\s+not)\s+be\b|incorrect\b|wrong\b|false\b|no\b|invalid\b|inaccurate\b|ruled\s+out\b|eliminated\b|不正确|不对|不符合|不成立|不选|不是(?:正确|本题|答案)|错误?|有误|排除|不恰当|不合理|不当|不合|[✗✘❌×]";

/// Options in a row (`A`, `(A)(C)`, `ABD`, `A, B and D`, `A、C`) with what is said of them.
static SPOKEN: LazyLock<Pattern> = LazyLock::new(|| {
    let item = r"[(\[]?(?-u:\b)[A-J]{1,6}(?-u:\b)[)\]]?";
    let also = r"\s*(?:,\s*and\b|[,、/&]|\band\b|和|与|及|以及)?\s*(?:[Oo]ptions?\s+|选项)?";
    let between = r"(?i:\s|[:=|>)\].—→]|-|\b(?:is|are|was|were|seems?|must|has|have|would|to|be|both|all|also|indeed|clearly|definitely|therefore|thus|only|option|statement|choice|single|one|most|of|these|them)\b|选项|项|说法|表述|叙述|描述|结论|的|都|均|全部|全|皆|也|则|就|才|是|为|最|属于|显然|完全|[一二两三四五][项者个])";
    pattern(&format!(
        r"(?P<who>{item}(?:{also}{item})*)(?P<between>{between}*?)\s*(?:(?P<wrong>(?i:{WRONG}))|(?P<right>(?i:{RIGHT})))"
    ))
});
/// A line that begins with an option's letter, its box to tick or a mark.
static LINE: LazyLock<Pattern> = LazyLock::new(|| {
    pattern(
        r"(?m)^[ \t>#|*•·-]*(?:\[(?P<box>[ xX✓✔√]?)\][ \t]*)?(?:(?P<before>[✓✔✅☑√✗✘❌×])\x{FE0F}?[ \t]*)?(?:\d{1,2}[.)]\s+)?(?:选项|[Oo]ption\s+|[Ss]tatement\s+)?[(\[]?(?P<who>[A-J])(?:[)\]】.:、,|]|[ \t]*[-—→|:✓✔✅☑√✗✘❌×]|(?P<space>[ \t])|选项|项|$)",
    )
});
/// The mark of a line, behind the option's words.
static MARK: LazyLock<Pattern> = LazyLock::new(|| {
    pattern(concat!(
        r"(?i)(?P<wrong>(?:[-—→:|(]\s*|\b(?:is|are|it's|that's)\s+(?:therefore\s+|clearly\s+|also\s+)?)(?:incorrect|wrong|false|invalid|inaccurate|not\s+(?:correct|right|true|valid|accurate))\b|(?:[-—→:|(]\s*)no\b",
        r"|(?:不正确|不对|不符合题意|不成立|不选|错误|有误|排除)(?:[\s,;。.!)|:]|\z)|[-—:|,(.]\s*错(?:[\s,;。.!)|:]|\z)|[✗✘❌×])",
        r"|(?P<right>(?:[-—→:|(]\s*|\b(?:is|are|it's|that's)\s+(?:therefore\s+|clearly\s+|also\s+)?)(?:correct|right|true|valid|accurate)\b|(?:[-—→:|(]\s*)yes\b",
        r"|(?:正确|符合题意|成立)(?:[\s,;。.!)|:]|\z)|[-—:|,(.]\s*对(?:[\s,;。.!)|:]|\z)|[✓✔✅☑√])",
    ))
});
/// A second option right behind the first.
static TOGETHER: LazyLock<Pattern> =
    LazyLock::new(|| pattern(r"\A\s*(?:项)?\s*[、,和与及]\s*(?:选项)?[A-J](?:[\s,、和与及.:)]|选?项|\p{Han}|\z)"));
/// All but some are right, or wrong.
static EXCEPT: LazyLock<Pattern> = LazyLock::new(|| {
    pattern(concat!(
        r"(?i)(?:\b(?:all|every(?:thing|\s+option)?)\s+(?:of\s+(?:them|the\s+options)\s+|options?\s+|the\s+(?:others?|options)\s+|statements\s+)?(?:except(?:\s+for)?|but|apart\s+from)\s+(?:options?\s+|statements?\s+)?(?-i:(?P<en>[A-J](?:(?:\s*,\s*|\s+and\s+|\s*,\s+and\s+)[A-J])*))(?-u:\b)\s+(?:(?:is|are|should\s+be)\s+(?P<verdict>correct|right|true|wrong|incorrect|false|(?:to\s+be\s+)?(?:selected|chosen))|appl(?:y|ies)\b)",
        r"|除了?\s*(?:选项)?\s*(?-i:(?P<zh>[A-J](?:\s*[,、和]?\s*[A-J])*))\s*(?:选?项)?\s*(?:以外|之外|外)?,?\s*(?:其他|其余|其它|剩下)?的?(?:选项|各项|[一二两三四五六]个?(?:选项|项)|几项|说法)?(?:(?:都|均|全|皆)?[是为属能有][^,。;不非没未错A-J]{1,16},(?:所以|因此|故)?)?(?:都|均|全|皆|应)(?:是|部)?(?P<said>正确|对|错误?|不正确|不对|不符合|应?该?选|可?选|要选|当选|入选|符合))",
    ))
});
/// "… and so is D."
static SO_IS: LazyLock<Pattern> =
    LazyLock::new(|| pattern(r"(?:and|,)\s+so\s+(?:is|are|does|do)\s+(?:option\s+)?[(\[]?([A-J])\b"));
/// What is said of an option that is named by its words.
static CALLED: LazyLock<Pattern> = LazyLock::new(|| {
    pattern(
        r"(?i)\s+(?:is|was)\s+(?:the|my)\s+(?:only\s+)?(?:(?:correct|right|best|final)\s+)?(?:answer|option|choice)\b|(?:是|为)(?:本题的?)?(?:正确|最佳)的?(?:答案|选项)",
    )
});
static SO: LazyLock<Pattern> =
    LazyLock::new(|| pattern(r"(?i)\A\s*(?:so|thus|therefore|hence|then|because|and|所以|因此|故)\s*"));
/// What follows makes a condition or a question of it.
static CONDITION: LazyLock<Pattern> = LazyLock::new(|| {
    pattern(
        r"(?i)\A\s*(?:\?|吗|only\s+if\b|if\b|when\b|in\s+(?:that|itself|isolation|principle|part|general|a\s+sense)\b|on\s+its\s+own\b|as\s+far\s+as\b|to\s+(?:some|a\s+certain)\b|与否|还是)",
    )
});
/// One of several, not each.
static ONE_OF: LazyLock<Pattern> = LazyLock::new(|| {
    pattern(
        r"(?i)(?:\b(?:none|neither|one|which|either|any|some)\s+of|\bor|\beither|或者?|还是)\s*(?:options?\s+|选项)?[(\[]?\z",
    )
});

static RIGHT_AS_WORD: LazyLock<Pattern> = LazyLock::new(|| {
    pattern(r"(?i)\A[\s-]+(?:away|now|after|before|off|next|side|hand|angles?|triangles?|there|from|up|at)\b")
});
static KEEPS: LazyLock<Pattern> =
    LazyLock::new(|| pattern(r"(?i)\A\s+(?:the|an?|its|their|his|her|most|all|some|many|more|no)\b"));
/// What says of which other case something would be so.
const ELSEWHERE: [&str; 9] = [" to ", " if ", " under ", " for ", " in ", " when ", " with ", " without ", " only "];

/// What follows from something supposed.
static SUPPOSED: LazyLock<Pattern> = LazyLock::new(|| {
    pattern(
        r"(?i)(?:\b(?:if|suppose|assuming)\b|如果|假如|假设|倘若|要是|若)[^.;。\n]*(?:\bthen|则|那么)\s*(?:option\s+|选项)?[(\[]?\z",
    )
});

/// "That makes B the correct answer."
static MAKES: LazyLock<Pattern> =
    LazyLock::new(|| pattern(r"(?i)\b(?:makes?|making|leaves?|leaving|consider|find|call)\s+(?:option\s+)?[(\[]?\z"));
/// What is conceded and not said.
static CONCEDED: LazyLock<Pattern> = LazyLock::new(|| {
    pattern(
        r"(?i)(?:\b(?:although|though|while|whereas|even\s+if|at\s+first)\b|虽然|尽管|即使)[^,;.。\n]*\z|(?:\bif|如果|若|假如|假设)\s*(?:option\s+|选项)?[(\[]?(?-i:[A-J])(?-u:\b)[^.;。\n]*\z",
    )
});

/// All judgements, in the order of their place.
pub fn judgements(text: &str, options: &Options) -> Vec<Judgement> {
    let mut all = Vec::new();
    for found in recent(&SPOKEN, text) {
        all.extend(spoken(text, &found));
    }
    for found in recent(&LINE, text) {
        all.extend(line(text, &found, options));
    }
    for found in recent(&SO_IS, text) {
        let who = found.get(1).into_iter().flat_map(|m| letters(m.as_str()).map(move |index| (m.start(), index)));
        all.extend(who.map(|(at, index)| Judgement { at, index, right: true }));
    }
    if options.are_known() {
        for found in recent(&CALLED, text) {
            all.extend(by_words(text, &found, options));
        }
        for found in recent(&EXCEPT, text) {
            all.extend(except(&found, options));
        }
        all.extend(ticked(text, options));
    }
    all.retain(|j: &Judgement| j.index < options.count());
    all.sort_by_key(|j| j.at);
    all
}

fn recent<'t>(finder: &Pattern, text: &'t str) -> Vec<Captures<'t>> {
    // Finding is much faster than telling the groups, which only the last ones need.
    let mut all: Vec<_> = finder.find_iter(text).map(|m| m.start()).collect();
    let last = all.split_off(all.len().saturating_sub(MOST));
    last.into_iter().filter_map(|at| finder.captures_at(text, at)).collect()
}

/// Whether it would be so if the question were another: "C would be right if it asked …", "had it been sold, B would apply".
fn is_unreal(text: &str, place: Range<usize>) -> bool {
    static IF: LazyLock<Pattern> = LazyLock::new(|| pattern(r"(?i)\A\s+(?:answer\s+)?(?:only\s+)?if\b"));
    // "If the rate falls, B would be right" may be what the question says.
    static HAD: LazyLock<Pattern> = LazyLock::new(|| {
        pattern(r"(?i)(?:(?:\A|[.;!?:,\n])[\s*_]*(?:had|were)\s|\bif\b[^.;!?\n,]*\b(?:had|were)\s)[^.;!?\n]*\z")
    });
    IF.is_match(after(text, place.end, 24)) || HAD.is_match(before(text, place.start, 160))
}

fn spoken(text: &str, found: &Captures<'_>) -> Vec<Judgement> {
    let (Some(whole), Some(who), Some(between)) = (found.get(0), found.name("who"), found.name("between")) else {
        return Vec::new();
    };
    let Some((verdict, right)) =
        found.name("right").map(|m| (m, true)).or_else(|| found.name("wrong").map(|m| (m, false)))
    else {
        return Vec::new();
    };
    if between.as_str().contains("would") && is_unreal(text, whole.start()..whole.end()) {
        return Vec::new();
    }
    let next = after(text, whole.end(), 2);
    // A对B的影响: what it does to B. A对B错 judges.
    let towards = verdict.as_str() == "对"
        && next.starts_with(|c: char| c.is_alphanumeric())
        && !(next.starts_with(|c| matches!(c, 'A'..='J')) && next.ends_with(['对', '错', '×', '√', '项', '不', '正']));
    // "A correct answer": an article.
    let article =
        verdict.as_str().is_ascii() && between.as_str().trim().is_empty() && matches!(who.as_str(), "A" | "I");
    let head = before(text, who.start(), 30);
    let article = article && !MAKES.is_match(head);
    // "A: no" judges; "A is no …" goes on.
    let answered = !matches!(verdict.as_str().to_ascii_lowercase().as_str(), "yes" | "no")
        || between.as_str().contains([':', '-', '=', '|', '—', '→']);
    // "Right away", "right angle": no judgement; 若…则B正确 supposes.
    let misread =
        verdict.as_str().eq_ignore_ascii_case("right") && RIGHT_AS_WORD.is_match(after(text, whole.end(), 12));
    // "Would apply to a Giffen good", "would hold under full crowding out": of something else.
    let would = between.as_str().split_whitespace().next_back() == Some("would")
        && verdict.as_str().to_lowercase().starts_with(['a', 'h'])
        && text.get(whole.end()..).is_some_and(|rest| ELSEWHERE.iter().any(|word| rest.starts_with(word)));
    // "(D) holds the DNA": it has it.
    let keeps =
        verdict.as_str().to_ascii_lowercase().starts_with("hold") && KEEPS.is_match(after(text, whole.end(), 12));
    let supposed = would || keeps || SUPPOSED.is_match(before(text, who.start(), 60));
    if towards
        || misread
        || supposed
        || is_anothers(text, who.start())
        || !answered
        || article
        || CONDITION.is_match(after(text, whole.end(), 20))
        || head.ends_with(['_', '\'', '-'])
        || ONE_OF.is_match(head)
        || CONCEDED.is_match(head)
        || is_denied(text, who.start())
    {
        return Vec::new();
    }
    let mut who: Vec<usize> = letters(who.as_str()).collect();
    // "Unlike B and C, A is correct": one option is.
    let alone = between.as_str().split_whitespace().next() == Some("is")
        && found.name("who").is_some_and(|m| {
            m.as_str().rfind(',').is_some_and(|at| !m.as_str().get(at..).is_some_and(|rest| rest.contains("and")))
        });
    if alone {
        who = who.split_off(who.len().saturating_sub(1));
    }
    who.into_iter().map(|index| Judgement { at: whole.start(), index, right }).collect()
}

fn line(text: &str, found: &Captures<'_>, options: &Options) -> Option<Judgement> {
    let who = found.name("who")?;
    let index = letters(who.as_str()).next()?;
    let boxed = found.name("box").map(|m| !m.as_str().trim().is_empty());
    let before = found.name("before").map(|m| m.as_str().contains(['✓', '✔', '✅', '☑', '√']));
    let rest = after(text, who.end(), REACH).lines().next().unwrap_or("");
    let words = rest.trim_start_matches([')', ']', '.', ':', '、', ' ', '\t', '|']);
    let delimiters = rest.len() - words.len();
    // An option's own words are no judgement, such as those of "B. 正确".
    let own = options.at_start(words).filter(|(which, _)| *which == index);
    // "A、C、D 三项…" is said of them together.
    let apart = |end: usize| {
        let then = rest.get(end..).unwrap_or("");
        ["正确", "错误", "不正确", "不对", "对", "错"].iter().any(|word| then.starts_with(word))
    };
    if own.is_none() && TOGETHER.find(rest).is_some_and(|both| !apart(both.end())) {
        return None;
    }
    if found.name("space").is_some() && own.is_none() && before.is_none() && boxed.is_none() {
        return None;
    }
    let said = rest.get(own.map_or(0, |(_, length)| delimiters + length)..)?;
    if boxed.or(before).is_none() && said.contains('|') {
        match row(said, has_verdict(text, who.start())) {
            Row::Judged(right) => return Some(Judgement { at: who.start(), index, right }),
            Row::Silent => return None,
            Row::Single => {}
        }
    }
    let marked = || MARK.captures(said).map(|found| found.name("right").is_some());
    boxed.or(before).or_else(marked).map(|right| Judgement { at: who.start(), index, right })
}

/// "Rome is the correct answer."
fn by_words(text: &str, found: &Captures<'_>, options: &Options) -> Option<Judgement> {
    let at = found.get(0)?.start();
    let clause = before(text, at, REACH).rsplit(['\n', '.', ',', ';', ':', '。']).next()?;
    let subject = SO.find(clause).map_or(clause, |m| clause.get(m.end()..).unwrap_or(""));
    let index = options.by_text(subject)?;
    (!is_denied(text, at)).then_some(Judgement { at, index, right: true })
}

fn except(found: &Captures<'_>, options: &Options) -> Vec<Judgement> {
    let Some(who) = found.name("en").or_else(|| found.name("zh")) else { return Vec::new() };
    let verdict = found.name("verdict").or_else(|| found.name("said")).map_or("", |m| m.as_str());
    let verdict = verdict.to_lowercase();
    let others_right = !["wrong", "incorrect", "false", "错", "不"].iter().any(|word| verdict.starts_with(word));
    let excepted: Vec<usize> = letters(who.as_str()).collect();
    (0..options.count())
        .map(|index| Judgement { at: who.start(), index, right: excepted.contains(&index) != others_right })
        .collect()
}

/// The letters of a list.
pub fn letters(list: &str) -> impl Iterator<Item = usize> + '_ {
    list.split(|c: char| !c.is_ascii_alphabetic())
        .filter(|word| word.chars().all(|c| matches!(c, 'A'..='J')))
        .flat_map(str::chars)
        .filter_map(index_of)
}

/// The last judgement of each option that a text judges, in the order of the options.
pub fn settled(judgements: &[Judgement]) -> Vec<Judgement> {
    let mut last: Vec<Judgement> = Vec::new();
    for judgement in judgements {
        last.retain(|j| j.index != judgement.index);
        last.push(*judgement);
    }
    last.sort_by_key(|j| j.index);
    last
}
