//! How a text that announces nothing, and none of whose clauses takes a stance, still names its one option by how it ends:
//! with the option and its letter in brackets ("So demand falls (option B)."), with a conclusion that says what something is
//! ("is an example of Impressionism", 导电性最好的金属是银), or by naming this option only (出自王维的《使至塞上》). Every
//! denial, doubt, question or comparison in that sentence makes it none.

use super::clauses::{claims, is_question, sentences};
use super::cues::{self, Stance};
use super::mentions::{Mention, mentions};
use super::options::{Options, index_of, is_cjk};
use super::set::Set;
use crate::scoring::text::{Pattern, is_first_thought, is_undecided, pattern};
use std::ops::Range;
use std::sync::LazyLock;

/// The longest text, in bytes, that says by naming one option only that it is meant.
const SHORT: usize = 700;

/// What keeps a sentence from concluding on what it names.
static DOUBTED: LazyLock<Pattern> = LazyLock::new(|| {
    pattern(concat!(
        r"(?i)\b(?:not|no|never|neither|nor|cannot|unlike|rather\s+than|instead|except|rul(?:e[sd]?|ing)\s+out|eliminat\w+|exclud\w+|reject\w*|wrong|incorrect|false|opposite|or|if|might|may|could|maybe|perhaps|possibly|would|consider|look|compare[sd]?|comparing|examine|check|contrast|different|differs?|turn\s+to|whether|some|many|students?|confus\w+|mistak\w+|misconception)\b|n't\b",
        r"|不|非|没|未|排除|或|如果|若|假如|可能|也许|是否|吗|误|错|有人|学生|同学|比较|相比|除|区别|混淆|相反",
    ))
});
/// How a concluding sentence begins.
static CONCLUDES: LazyLock<Pattern> = LazyLock::new(|| {
    pattern(
        r"(?i)\A[\s*#>_-]*(?:so|therefore|thus|hence|consequently|accordingly|overall|in\s+(?:conclusion|short|summary|sum)|as\s+a\s+result|this\s+(?:means|shows|implies)|it\s+follows|to\s+(?:conclude|summari[sz]e)|所以|因此|因而|故|综上|可见|由此|总之|于是|那么|结论)",
    )
});
/// A heading over the conclusion.
static HEADING: LazyLock<Pattern> = LazyLock::new(|| {
    pattern(
        r"(?i)\A[\s*#>_\d.-]*(?:conclusions?|(?:final\s+)?answer|summary|result|diagnosis|结论|答案|总结|小结)[\s*#:_]*\z",
    )
});
/// An option's letter in brackets at the end of its sentence.
static BRACKETED: LazyLock<Pattern> = LazyLock::new(|| {
    pattern(r#"\((?:[Oo]ption\s+|[Cc]hoice\s+|[Aa]nswer\s+|选项)?([A-J])(?:选?项)?\)[\s"'*_]*[.!。]?\s*\z"#)
});
/// What something is said to be, by an option's words behind it.
static IS: LazyLock<Pattern> = LazyLock::new(|| {
    pattern(
        r"(?i)\b(?:is|are|was|were)\s+(?:(?:therefore|thus|clearly|most\s+likely|called|known\s+as|in\s+fact|indeed)\s+)*(?:(?:an?|the|one)\s+)?(?:(?:(?:typical|classic|good|clear|textbook|famous)\s+)?(?:examples?|instances?|cases?)\s+of\s+(?:an?\s+|the\s+)?|[a-z]+\s+)?\z",
    )
});
/// Adjectives that make it another thing.
static OTHER: LazyLock<Pattern> = LazyLock::new(|| {
    pattern(
        r"(?i)\b(?:of|non|pseudo|former|so-called|fake|near|almost|partly|like|to|from|in|by|than|as|less|more|anti|counter)\s*\z",
    )
});
/// What leads to the only option that a text names.
static LEADS: LazyLock<Pattern> = LazyLock::new(|| {
    pattern(concat!(
        r#"(?i)(?:\b(?:(?:written|painted|composed|discovered|invented|proposed|developed|founded|introduced|formulated|designed|created|caused|produced|explained|governed)\s+by|due\s+to|belongs?\s+to|called|known\s+as|(?:happens|occurs|takes\s+place|is\s+(?:located|found|made|produced|carried\s+out)|begins|starts)\s+(?:at|in|on|inside|within|by)|(?:an?|one)\s+(?:\w+\s+)?(?:example|instance|case)\s+of)\s+(?:the\s+|an?\s+)?(?:[a-z]+\s+){0,3}["']?\z"#,
        r#"|(?:出自|来自|源自|源于|属于|归因于|体现了?|反映了?|作者[是为]|应当?体现)[\p{Han}]{0,9}[《「"'“]?\z)"#,
    ))
});
static COPULA: LazyLock<Pattern> = LazyLock::new(|| pattern(r#"(?:[^不非要若或还但像][是为]|叫做?|称为)["'「《“]?\z"#));

/// The one option that a text ends with.
pub fn ending(text: &str, options: &Options) -> Option<usize> {
    let text = text.trim();
    if cues::pleads(text) || is_undecided(text) || text.ends_with(['?', ':', ',']) {
        return None;
    }
    let all = mentions(text, options);
    let ranges: Vec<Range<usize>> = sentences(text, &all)
        .into_iter()
        .filter(|range| text.get(range.clone()).is_some_and(|s| s.chars().any(char::is_alphanumeric)))
        .collect();
    let last = ranges.last()?.clone();
    let sentence = text.get(last.clone())?;
    if let Some(index) = by_letter(sentence, &last, &all, ranges.len()) {
        return Some(index);
    }
    if let Some(index) = first_bracketed(text, &ranges, &all, options) {
        return Some(index);
    }
    if !options.are_known() {
        return None;
    }
    single_character(sentence, ranges.len(), options)
        .or_else(|| under_conclusion(text, &ranges, &all))
        .or_else(|| only_one(text, &ranges, &all))
}

/// Whether a sentence states something without doubt.
fn states(text: &str, range: &Range<usize>) -> bool {
    text.get(range.clone())
        .is_some_and(|sentence| !DOUBTED.is_match(sentence) && !is_question(sentence) && !cues::is_reported(sentence))
        && !is_first_thought(text, range.end)
}

/// "So aggregate demand falls (option B)."
fn by_letter(sentence: &str, range: &Range<usize>, all: &[Mention], count: usize) -> Option<usize> {
    let found = BRACKETED.captures(sentence)?.get(1)?;
    let index = index_of(found.as_str().chars().next()?)?;
    let mut here = all.iter().filter(|m| range.contains(&m.span.start));
    let sole = here.next().is_some_and(|m| !m.open && m.set.iter().eq([index])) && here.next().is_none();
    let concludes = CONCLUDES.is_match(sentence) || count == 1;
    (sole && concludes && states(sentence, &(0..sentence.len()))).then_some(index)
}

/// 甲公司应承担责任(选项A)。B、C 可排除;D 于法无据。: the first sentence, where what follows rejects all others that it names.
fn first_bracketed(text: &str, ranges: &[Range<usize>], all: &[Mention], options: &Options) -> Option<usize> {
    let (first, _) = ranges.split_first().filter(|(_, rest)| !rest.is_empty())?;
    let sentence = text.get(first.clone())?;
    let index = index_of(BRACKETED.captures(sentence)?.get(1)?.as_str().chars().next()?)?;
    let one = Set::of([index]);
    let (here, later): (Vec<&Mention>, Vec<&Mention>) = all.iter().partition(|m| m.span.start < first.end);
    let sole = !here.is_empty() && here.iter().all(|m| !m.open && m.set == one);
    let others = later.iter().fold(Set::default(), |all, m| all.or(m.set));
    let rejected = claims(text, options).all.into_iter().filter(|c| c.at >= first.end && c.stance == Stance::Wrong);
    let rejected = rejected.fold(Set::default(), |all, c| all.or(c.set));
    let excluded = rejected.len() > 1 && others.without(rejected).is_empty() && rejected.and(one).is_empty();
    (sole && excluded && states(sentence, &(0..sentence.len()))).then_some(index)
}

/// "So the narrator feels **dread**.": the one passage in bold of a last line that concludes, where it is an option's words.
pub fn bold(shown: &str, options: &Options) -> Option<usize> {
    static CLOSES: LazyLock<Pattern> = LazyLock::new(|| pattern(r"\A[^。.!?;:,]{0,16}[。.!]?\s*\z"));
    if !options.are_known() || cues::pleads(shown) || is_undecided(shown) {
        return None;
    }
    let line = shown.trim().lines().next_back()?;
    let mut parts = line.split("**");
    let (head, inner, tail) = (parts.next()?, parts.next()?, parts.next()?);
    let index = options.by_text(inner)?;
    let sentence = format!("{head}{inner}{tail}");
    let sole = parts.next().is_none() && !head.contains(". ") && !head.contains(['。', '!', '?', ':']);
    let adjective = OTHER.is_match(head);
    (sole && !adjective && CONCLUDES.is_match(head) && CLOSES.is_match(tail) && states(&sentence, &(0..sentence.len())))
        .then_some(index)
}

/// 导电性最好的金属是银: an option of one character, which is nowhere else an option by itself.
fn single_character(sentence: &str, count: usize, options: &Options) -> Option<usize> {
    let bare = sentence.trim().trim_end_matches(['。', '.', '!', '"', '」', '》', '”', ' ']);
    let c = bare.chars().next_back().filter(|c| is_cjk(*c))?;
    let index = options.by_text(&c.to_string())?;
    let head = bare.get(..bare.len() - c.len_utf8())?;
    let concludes = CONCLUDES.is_match(sentence) || count == 1;
    (concludes && COPULA.is_match(head) && states(bare, &(0..bare.len()))).then_some(index)
}

/// What the concluding sentence says that something is: the last sentence, or the first one under a heading.
fn under_conclusion(text: &str, ranges: &[Range<usize>], all: &[Mention]) -> Option<usize> {
    let get = |range: &Range<usize>| text.get(range.clone()).unwrap_or("");
    let headed = ranges.windows(2).rfind(|pair| pair.first().is_some_and(|r| HEADING.is_match(get(r).trim())));
    let under = headed.and_then(|pair| pair.last()).cloned();
    let last = ranges.last().filter(|range| CONCLUDES.is_match(get(range))).cloned();
    let range = under.or(last)?;
    let mut here = all.iter().filter(|m| range.contains(&m.span.start));
    let (mention, None) = (here.next()?, here.next()) else { return None };
    let head = text.get(range.start..mention.span.start)?;
    let tail = text.get(mention.span.end..range.end)?;
    let adjective = IS.find(head).is_some_and(|found| !OTHER.is_match(found.as_str()));
    let one = mention.set.len() == 1 && !mention.open && !mention.figure;
    // What comes behind the conclusion must not go on to another option.
    let later = all.iter().any(|m| m.span.start >= range.end && m.set != mention.set);
    (one && adjective && cues::ends(tail) && !later && states(text, &range)).then(|| mention.set.iter().next())?
}

/// The only option that a short text names, where what leads to it says that it is so.
fn only_one(text: &str, ranges: &[Range<usize>], all: &[Mention]) -> Option<usize> {
    let mention = all.last()?;
    let sole = mention.set.len() == 1
        && all.iter().all(|m| m.set == mention.set && !m.open && !m.figure)
        && text.len() <= SHORT
        && ranges.len() <= 3;
    let range = ranges.iter().find(|range| range.contains(&mention.span.start))?;
    let clause = text.get(range.start..mention.span.start)?;
    // A pause before it parts it from what is told otherwise; one within it does not.
    let lead = clause.rsplit([',', '、', '。']).next()?;
    let stated = !DOUBTED.is_match(lead) && !cues::is_reported(lead) && !is_first_thought(text, mention.span.start);
    let asked = text.get(range.clone()).is_some_and(is_question);
    let rest = text.get(mention.span.end..range.end)?;
    let goes_on = rest.split([',', '。', ';']).next().is_some_and(|rest| DOUBTED.is_match(rest));
    (sole && LEADS.is_match(clause) && stated && !asked && !goes_on).then(|| mention.set.iter().next())?
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scoring::tests::item;

    #[test]
    fn endings_name_an_option() {
        let known = Options::of(&item(&["A"], &["Cubism", "Impressionism", "Baroque", "aggregate demand falls"]));
        let poets = Options::of(&item(&["A"], &["李白", "杜甫", "白居易", "王维"]));
        let metals = Options::of(&item(&["A"], &["铜", "铁", "锌", "银"]));
        for (text, options, want) in [
            ("Colours matter. So the painting is an example of Impressionism.", &known, Some(1)),
            ("So the painting is no example of Impressionism.", &known, None),
            ("So the painting is the opposite of Impressionism.", &known, None),
            ("So the painting might be an example of Impressionism.", &known, None),
            ("Taxes rise. So aggregate demand falls (Option D).", &known, Some(3)),
            ("So we can rule out Cubism (Option A).", &known, None),
            ("So we compare it with Cubism (Option A).", &known, None),
            ("\"大漠孤烟直\"出自盛唐诗人王维的《使至塞上》。", &poets, Some(3)),
            ("\"大漠孤烟直\"并非出自王维。", &poets, None),
            ("\"大漠孤烟直\"出自王维,而不是李白。", &poets, None),
            ("依次为银、铜。所以导电性最好的金属是银。", &metals, Some(3)),
            ("所以导电性最好的金属不是银。", &metals, None),
            ("所以要先判断它是不是银。", &metals, None),
        ] {
            assert_eq!(ending(text, options), want, "{text}");
        }
    }
}
