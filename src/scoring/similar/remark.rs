//! Whether a text states something else as its answer and names an accepted one only in a remark on it: "Saturn, which is
//! second only to Jupiter", 答案是渭河(黄河的最大支流), 作者是杜甫,他与李白并称….
//!
//! Another name is stated where it is all of a first sentence, where it is what an announcement announces, or where a clause
//! with a subject that describes what is sought says that it is so. What stands behind it in its sentence or in a later one
//! is a remark, unless it draws a conclusion, turns against what was said, gives another form of the same name, or says
//! itself of an accepted answer that it is so.

use super::stated::{is_greeting, is_name, sentences};
use crate::scoring::text::{Pattern, pattern, turns};
use std::ops::Range;
use std::sync::LazyLock;

/// The longest text that is read so, in bytes, and how many sentences of it.
const LONGEST: usize = 4096;
const MOST: usize = 24;

/// A subject that describes what is sought, up to its copula; or who did it, by a passive verb.
static DESCRIBED: LazyLock<Pattern> = LazyLock::new(|| {
    pattern(concat!(
        r"(?i)(?:\A|[,;:]\s*)(?:so\s+|thus\s+|therefore,?\s+|i\s+(?:think|believe)\s+)?(?:(?:the|its|their|his|her|this|that|\p{Lu}[\w-]*'s)\s+[^,;:()\n]{3,80}?|it|that|this)(?:\s+(?:is|was)|'s)\s+(?:(?:called|known\s+as|(?:\w+ly\s+|first\s+)?\w+(?:ed|en)\s+by|named|therefore|actually|clearly|indeed)\s+)?",
        r"|\b(?:was|were|is)\s+(?:\w+ly\s+|first\s+)?(?:written|painted|composed|discovered|invented|proposed|developed|founded|introduced|formulated|designed|created|directed)\s+by\s+",
        r"|(?:\A|[,;:。]\s*)(?:所以|因此|我(?:认为|觉得|想)|应该|那|这|它|他|她|这[个位首部座种条]\p{Han}{1,3}|[^,;:。()\n是为]{0,36}(?:的|最|第)[^,;:。()\n是为]{0,10})(?:应该?|就|便|正)?(?:是|为|叫做?|称为)\s*",
    ))
});
/// Where a name that is stated ends, and a remark on it begins.
static END: LazyLock<Pattern> = LazyLock::new(|| {
    pattern(
        r"\s*(?:[,;。!(—–]|\.(?:\s|\z)|\.?\s*\z|\n|\s-+\s|而|因为|由于|\s(?:because|since|while|whereas|who|which)\s)",
    )
});
/// Of what follows a name what is no remark on it: the rest of the name, or another one beside it.
static GOES_ON: LazyLock<Pattern> = LazyLock::new(|| {
    pattern(
        r"(?i)\A\s*(?:,\s*(?:(?-i:\p{Lu}[\p{L}'-]*(?:[.,;!]|\s*\z|\s+(?:in|and)\b))|and\b|or\b|in\b|located\b|part\b|namely\b|specifically\b|i\.e|that\s+is\b)|[,;]?\s*(?:即|也就是|或|和|以及))",
    )
});
/// What is no name: a word that leads to one, a quality, a kind.
static NO_NAME: LazyLock<Pattern> = LazyLock::new(|| {
    pattern(concat!(
        r"(?i)\A(?:(?:an?|one|in|on|at|by|of|for|from|to|as|about|with|into|under|not|no|yes|very|so|too|most|more|such|given|based|according|after|before|when|where|what|which|who|if|how|why|that|this|it|also|often|usually|both|either|neither|none|all|some|because|likely|probably|possibly|maybe|perhaps|option|choice|simple|large|small|old|new|big|easy|clear|true|false|correct|right|wrong|hot|cold|long|short|high|low|good|bad|here|there|well|sure|as\s+follows|below)\b|(?-i:[a-z]+(?:ed|ing))\s|the\s+(?-i:\p{Ll}))",
        r"|\A[^\s]*(?:ous|al|ic|ive|ful|less|able|ible|ent|ant|ary|ed|ing|ly)\z|\A[\d\W_]|\A[A-Za-z]\z",
        r"|\A(?:在|由|从|以|于|因|如|对|不|非|没|可|能|有|根据|按照|通过|一[个种位座条名部]|两|是|否|正确|错误|什么|哪|谁|否定|肯定|这|那|此|它|其|如下|以下|上述|选)|的|[吗呢?]|\A(?:是的|对的|好的|没错)",
    ))
});
/// What a clause with an accepted answer begins with that is no remark: it concludes, turns, or gives another form.
static OWN: LazyLock<Pattern> = LazyLock::new(|| {
    pattern(concat!(
        r"(?i)\b(?:but|however|actually|in\s+fact|so|thus|therefore|hence|wait|no|correction|sorry|answer|correct|rather|instead|or|also\s+(?:known|called|spelled)|aka|a\.k\.a|i\.e|that\s+is|namely|specifically|precisely|short\s+for|formerly|originally|born|called|named|known\s+as|abbreviated|equivalently|meaning)\b[^,;]{0,60}\z",
        r"|但|不过|然而|其实|实际|所以|因此|故|更正|不对|答案|正确|而是",
        r"|(?:即|也就是|或|又[称名叫]|亦称|也[叫称]|俗称|全[称名]|简称|原名|本名|别[名称]|学名|旧称|译|等于|属于|位于|出自|字|号)[为作是:]?[\x22“「《(]*\z",
    ))
});
/// Before an accepted answer: what says that it is so.
static STATES: LazyLock<Pattern> = LazyLock::new(|| {
    pattern(
        r#"(?i)(?:\b(?:is|was|are|were|be)\s+(?:the\s+|an?\s+)?|\bby\s+(?:[\w.-]+\s+){0,3}|(?:[是为叫由](?:[^,。;是]{1,10}的)?|名为|称为)\s*)["'「“《(]*\z"#,
    )
});
/// What makes of that another matter: a second place, a relation.
static RANKED: LazyLock<Pattern> = LazyLock::new(|| {
    pattern(r"(?i)\b(?:second|third|next|followed|runner-up|then)\b|其次|次[之大高长]|第[二三四]|仅次|另一|接着|排在")
});
/// Behind who made what is stated.
static MADE: LazyLock<Pattern> = LazyLock::new(|| {
    pattern(
        r"(?i)\A\s+(?:(?:first|famously)\s+)?(?:wrote|painted|composed|discovered|invented|directed|designed|built|founded|created|published|developed|formulated|sculpted)\s+(?:it|them|this|these)\b",
    )
});
/// Where what is stated is: "Waterloo, in what is now Belgium".
static IN: LazyLock<Pattern> = LazyLock::new(|| pattern(r"(?i)\b(?:in|part\s+of)\s+(?:[a-z]+\s+)*\z"));
/// Behind an accepted answer that only tells whose something is.
static WHOSE: LazyLock<Pattern> = LazyLock::new(|| pattern(r"(?i)\A[\x22'」”》)]*(?:的|之|'s\b|'\s)"));

/// Whether a text states another name, and none of the places of accepted answers in it is more than a remark. `announced`
/// says that the text is what an announcement announces, so that its first words are the answer.
#[must_use]
pub fn only_remarked(text: &str, announced: bool, places: &[Range<usize>]) -> bool {
    let Some(name) = named(text, announced).filter(|_| !places.is_empty()) else { return false };
    let in_name = |place: &Range<usize>| place.start < name.end && is_in_name(text, place, name.end);
    let mut behind = places.iter().filter(|place| place.start >= name.end).peekable();
    !places.iter().any(in_name) && behind.peek().is_some() && behind.all(|place| is_remark(text, name.end, place))
}

/// Whether a text is another name and sentences that tell more of it: "Carbon dioxide. Plants take it in and release oxygen."
#[must_use]
pub fn opens_with_another(text: &str, places: &[Range<usize>]) -> bool {
    let first = || sentences(text).into_iter().find(|sentence| !is_greeting(sentence));
    let ends = |sentence: &str| {
        sentence.ends_with(['.', '。']) || text.trim_start().starts_with(sentence) && text.contains('\n')
    };
    text.len() <= LONGEST
        && first().is_some_and(|name| is_sole(name) && ends(name))
        && only_remarked(text, false, places)
}

/// The first name that a text states, up to its end; the range begins with its sentence.
#[must_use]
pub fn named(text: &str, announced: bool) -> Option<Range<usize>> {
    if text.len() > LONGEST {
        return None;
    }
    let mut opening = true;
    for sentence in sentences(text).into_iter().take(MOST) {
        if opening && is_greeting(sentence) || sentence.starts_with('|') {
            continue;
        }
        let end = match () {
            () if opening && announced => name_end(sentence, 0),
            () if opening && is_sole(sentence) => Some(sentence.len()),
            () => DESCRIBED.find_iter(sentence).find_map(|found| name_end(sentence, found.end())),
        };
        opening = false;
        if let Some(end) = end {
            let from = (sentence.as_ptr() as usize).saturating_sub(text.as_ptr() as usize);
            return Some(from..from + end);
        }
    }
    None
}

/// Whether a sentence is a name and nothing else: "Nikola Tesla.", "Carbon dioxide."
fn is_sole(sentence: &str) -> bool {
    static TALK: LazyLock<Pattern> = LazyLock::new(|| {
        pattern(
            r"(?i)\A(?:let|here|thanks?|good|great|nice|happy|interesting|easy|final|step|short|quick|please|question|answer|fun|my|your|our|i|we|you)\b|\b(?:question|answer|explanation|analysis|help|see|think)\.?\z",
        )
    });
    let bare = sentence.trim_end_matches('.');
    let common = bare.len() < sentence.len()
        && (1..4).contains(&bare.split(' ').count())
        && bare.starts_with(char::is_uppercase)
        && bare.chars().all(|c| c.is_ascii_alphabetic() || c == ' ')
        && !bare.split(' ').skip(1).any(|word| word.starts_with(char::is_uppercase));
    is_name(sentence) || common && !NO_NAME.is_match(bare) && !TALK.is_match(bare)
}

/// Whether a place belongs to the name that ends here, and not to what leads to it.
fn is_in_name(text: &str, place: &Range<usize>, end: usize) -> bool {
    // A word's place may reach over the mark behind it.
    place.end >= end
        || text
            .get(place.end..end)
            .is_some_and(|gap| gap.chars().count() < 12 && !gap.contains(['是', '为', ',']) && !gap.contains(" is "))
}

/// Where the name ends that a sentence states at a place; none where what stands there is no name, or goes on.
fn name_end(sentence: &str, from: usize) -> Option<usize> {
    let rest = sentence.get(from..)?;
    // A full stop behind an initial ends no name: "Franklin D. Roosevelt".
    let initial = |at: usize| {
        let word = rest.get(..at).and_then(|head| head.rsplit([' ', '.']).next()).unwrap_or("");
        rest.get(at..).is_some_and(|tail| tail.starts_with('.'))
            && (word.len() == 1 || matches!(word, "Dr" | "St" | "Mr" | "Mrs"))
    };
    let end = END.find_iter(rest).map(|found| found.start()).find(|at| !initial(*at)).unwrap_or(rest.len());
    let name = rest.get(..end)?.trim_matches(['"', '\'', '*', ' ', '“', '”', '「', '」', '《', '》']);
    let bare = name.strip_prefix("the ").filter(|bare| bare.starts_with(char::is_uppercase)).unwrap_or(name);
    let han = bare.chars().filter(|c| *c >= '\u{4E00}').count();
    let brief = han < 11
        && bare.split_whitespace().count() < 6
        && bare.chars().filter(|c| c.is_alphabetic()).count() > usize::from(han == 0);
    let goes_on = rest.get(end..).is_some_and(|tail| GOES_ON.is_match(tail));
    (brief && !goes_on && !bare.is_empty() && !NO_NAME.is_match(bare)).then_some(from + end)
}

/// Whether a place behind a stated name is only in a remark on it.
fn is_remark(text: &str, end: usize, place: &Range<usize>) -> bool {
    let head = text.get(end..place.start).unwrap_or("");
    let clause = head.rsplit(['。', ';', '\n']).next().unwrap_or(head);
    let clause = clause.rsplit(". ").next().unwrap_or(clause);
    let near = clause.rsplit([',', '(', ')']).next().unwrap_or(clause);
    let tail = text.get(place.end..).unwrap_or("");
    let whose = WHOSE.is_match(tail);
    // 李太白(李白): another form of the name.
    let place_of_it = head.len() < 24 && IN.is_match(head);
    let alias = head.trim_start().starts_with('(')
        && matches!(near.trim(), "" | "the")
        && tail.trim_start().starts_with([')', ',']);
    // "The painting is the Mona Lisa. Leonardo da Vinci painted it."
    let made = near.split_whitespace().all(|word| word.starts_with(char::is_uppercase)) && MADE.is_match(tail);
    let own = made || STATES.is_match(near) && !whose && !RANKED.is_match(near);
    !alias
        && !own
        && !place_of_it
        && !clause.trim_start().starts_with('|')
        && !turns(head)
        && (whose && !OWN.is_match(near) || !OWN.is_match(clause))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn remarked(text: &str, name: &str, announced: bool) -> bool {
        let places: Vec<_> = text.match_indices(name).map(|(at, name)| at..at + name.len()).collect();
        only_remarked(text, announced, &places)
    }

    #[test]
    fn a_remark_is_told_from_an_answer() {
        for (text, name) in [
            ("The longest river is the Nile (the Amazon comes second).", "Amazon"),
            ("It was Aristotle, a student of Plato.", "Plato"),
            ("Germany. It shares a border with France.", "France"),
            ("这首诗的作者是杜甫,他与李白并称。", "李白"),
            ("导电性最好的金属是银,其次是铜。", "铜"),
        ] {
            assert!(remarked(text, name, false), "{text}");
        }
        for (text, name) in [
            ("It was Aristotle, a student of Plato.", "Aristotle"),
            ("The largest city is Sydney, but the capital is Canberra.", "Canberra"),
            ("The city is Lyon, France.", "France"),
            ("《史记》是纪传体通史,作者是司马迁。", "司马迁"),
            ("作者是李太白(李白)。", "李白"),
        ] {
            assert!(!remarked(text, name, false), "{text}");
        }
        assert!(remarked("渭河(黄河的最大支流)。", "黄河", true));
        assert!(!remarked("黄河(中国第二长河)。", "黄河", true));
    }
}
