//! The options of an item: how each is named, by a letter or by its own words.

use super::label::Labels;
use super::ordinal;
use crate::domain::Item;
use crate::scoring::text::{Pattern, fold, pattern, plain};
use std::borrow::Cow;
use std::ops::Range;
use std::sync::LazyLock;

/// How many places of an option's words are looked at.
const MOST: usize = 64;

/// Letters that name options where an item lists none: A to J.
pub const LETTERS: usize = 10;

/// The options of an item, ready to compare.
pub struct Options {
    normal: Vec<String>,
    labels: Labels,
}

impl Options {
    /// Takes an item's options. Where they carry labels of their own, those name them too.
    pub fn of(item: &Item) -> Self {
        let folded: Vec<String> = item.options.iter().map(|t| plain(&fold(t)).text).collect();
        let (labels, bare) = Labels::of(&folded, &item.answers);
        Self { normal: bare.iter().map(|t| normal(t)).collect(), labels }
    }

    /// How many letters name an option.
    pub const fn count(&self) -> usize {
        if self.normal.is_empty() { LETTERS } else { self.normal.len() }
    }

    /// Whether the item lists its options.
    pub const fn are_known(&self) -> bool {
        !self.normal.is_empty()
    }

    /// A text in which labels of the options' own kind (③, III, 3, c) are letters, and places (the third option) too.
    pub fn lettered<'t>(&self, text: &'t str) -> Cow<'t, str> {
        let lettered = self.labels.lettered(text, self.count());
        if !self.are_known() {
            return lettered;
        }
        // Where options are figures, "option 2" may name one of them.
        let stems = ordinal::has_stem(&lettered) && !self.normal.iter().any(|words| ordinal::has_stem(words));
        let lettered = if stems { Cow::Owned(ordinal::stems(&lettered, self.count()).into_owned()) } else { lettered };
        let figures = self.normal.iter().all(|words| !words.chars().all(|c| c.is_ascii_digit()));
        match lettered {
            Cow::Borrowed(text) => ordinal::lettered(text, self.count(), figures),
            Cow::Owned(text) => Cow::Owned(ordinal::lettered(&text, self.count(), figures).into_owned()),
        }
    }

    /// The words of an option, as they are compared; none of one that there isn't.
    pub fn words(&self, index: usize) -> &str {
        self.normal.get(index).map_or("", String::as_str)
    }

    /// The one option with these words; none where none or several have them.
    pub fn by_text(&self, text: &str) -> Option<usize> {
        if !self.are_known() {
            return None;
        }
        let wanted = normal(text);
        let mut found = self.normal.iter().enumerate().filter(|(_, o)| !o.is_empty() && **o == wanted).map(|(i, _)| i);
        match found.next() {
            Some(first) => found.next().is_none().then_some(first),
            None => self.by_sense(&wanted).or_else(|| self.by_number(&wanted)),
        }
    }

    /// The one option that is the plural of these words, or the singular: ribosomes.
    fn by_number(&self, wanted: &str) -> Option<usize> {
        let other = |option: &str| {
            let (long, short) = if option.len() > wanted.len() { (option, wanted) } else { (wanted, option) };
            short.len() > 3 && short.chars().all(|c| c.is_ascii_alphabetic()) && long.strip_suffix('s') == Some(short)
        };
        let mut found = self.normal.iter().enumerate().filter(|(_, o)| other(o)).map(|(i, _)| i);
        let first = found.next()?;
        found.next().is_none().then_some(first)
    }

    /// The one option that says "none of these" where the text does, and the same for all of them.
    fn by_sense(&self, wanted: &str) -> Option<usize> {
        let kind = [&*NONE, &*ALL].into_iter().find(|kind| kind.is_match(wanted))?;
        let mut found = self.normal.iter().enumerate().filter(|(_, o)| kind.is_match(o)).map(|(i, _)| i);
        let first = found.next()?;
        found.next().is_none().then_some(first)
    }

    /// The option that says that all are right, or that none is.
    pub fn saying(&self, all: bool) -> Option<usize> {
        self.by_sense(if all { "all of the above" } else { "none of the above" })
    }

    /// The one option whose words occur in a text of one sentence, where that sentence says "… is" of them at its end.
    pub fn by_predicate(&self, text: &str) -> Option<usize> {
        let bare = text.trim_end_matches(['。', '.', '!']);
        let one = bare.chars().count() <= 100 && !bare.contains(['\n', '。', ';', '?', '!']) && !bare.contains(". ");
        if !one || DOUBTED.is_match(bare) {
            return None;
        }
        let text = normal(bare);
        let mut found = self.normal.iter().enumerate().filter(|(_, o)| o.is_empty() || text.contains(o.as_str()));
        let (index, words) = found.next()?;
        // O(log n) may be said of something on the way; a name is what is asked for.
        let plain = words.chars().all(|c| c.is_alphabetic() || matches!(c, ' ' | '-' | '\''));
        let long = words.chars().count() > 2 || words.chars().filter(|c| is_cjk(*c)).count() > 1;
        let head = text.strip_suffix(words.as_str())?;
        (found.next().is_none() && plain && long && COPULA.is_match(head)).then_some(index)
    }

    /// Whether a text begins with the words of this option.
    pub fn begins(&self, text: &str, index: usize) -> bool {
        let text = normal(text);
        self.normal.get(index).is_some_and(|o| {
            !o.is_empty()
                && text
                    .strip_prefix(o.as_str())
                    .is_some_and(|rest| !rest.starts_with(|c: char| c.is_ascii_alphanumeric()))
        })
    }

    /// Where options' words occur in a text, from its end; and whether they are hardly more than a figure.
    pub fn occurrences(&self, text: &str) -> Vec<(Range<usize>, usize, bool)> {
        let text = text.to_ascii_lowercase();
        let mut all = Vec::new();
        for (index, words) in self.normal.iter().enumerate() {
            let cjk = words.chars().filter(|c| is_cjk(*c)).count();
            let alphabetic = words.chars().filter(|c| c.is_alphabetic() && !is_cjk(*c)).count();
            let twice = self.normal.iter().filter(|o| *o == words).count() > 1;
            if twice || !words.contains(char::is_alphanumeric) || cjk == 1 && words.chars().count() == 1 {
                continue;
            }
            let figure = cjk < 2 && alphabetic < 3;
            let found = text.rmatch_indices(words.as_str()).map(|(at, _)| at..at + words.len());
            all.extend(found.filter(|span| is_whole(&text, span, figure)).take(MOST).map(|span| (span, index, figure)));
        }
        all
    }

    /// The option whose words a text begins with, the longest fit, and how many bytes of the text they take.
    pub fn at_start(&self, text: &str) -> Option<(usize, usize)> {
        let fits = self.normal.iter().enumerate().filter_map(|(i, o)| Some((i, begins_with(text, o)?)));
        let (index, length) = fits.max_by_key(|(_, length)| *length)?;
        let twice = self.normal.iter().filter(|o| self.normal.get(index) == Some(o)).count() > 1;
        (!twice).then_some((index, length))
    }
}

/// Whether a span of a text ends where words do, and figures too.
fn is_whole(text: &str, span: &Range<usize>, figure: bool) -> bool {
    let inner = text.get(span.clone()).unwrap_or("");
    let word = |c: char| c.is_ascii_alphanumeric() || c == '_';
    let head = text.get(..span.start).unwrap_or("").chars().next_back();
    let mut rest = text.get(span.end..).unwrap_or("").chars();
    let (next, after) = (rest.next(), rest.next());
    let cut = inner.starts_with(word) && head.is_some_and(word) || inner.ends_with(word) && next.is_some_and(word);
    let number = figure
        && (head.is_some_and(|c| matches!(c, '.' | ',' | '-' | '+' | '/' | '^' | '*' | '('))
            || next.is_some_and(|c| matches!(c, '%' | '/' | '^' | '*' | '+' | '-' | '(' | '°' | '='))
            || next.is_some_and(|c| matches!(c, '.' | ',')) && after.is_some_and(|c| c.is_ascii_digit()));
    !cut && !number
}

/// Whether a character is another one in small letters.
fn is_lower(c: char, small: char) -> bool {
    if c.is_ascii() { c.to_ascii_lowercase() == small } else { c.to_lowercase().eq([small]) }
}

/// How many bytes of a text these (lower-case) words take at its beginning, up to a boundary of words.
fn begins_with(text: &str, words: &str) -> Option<usize> {
    if words.is_empty() {
        return None;
    }
    let mut rest = text;
    for article in ["the ", "an ", "a ", "The ", "An ", "A "] {
        if text.starts_with(['t', 'T', 'a', 'A'])
            && !words.starts_with(article.trim_end())
            && let Some(bare) = text.strip_prefix(article)
        {
            rest = bare;
        }
    }
    let mut wanted = words.chars();
    let mut chars = rest.char_indices();
    let mut next = wanted.next();
    let mut spaced = false;
    while let Some(want) = next {
        let (_, got) = chars.next()?;
        if got.is_whitespace() && spaced {
            continue;
        }
        let same = if want == ' ' { got.is_whitespace() } else { is_lower(got, want) };
        if !same {
            return None;
        }
        spaced = want == ' ';
        next = wanted.next();
    }
    let after = chars.as_str();
    let cut = words.ends_with(|c: char| c.is_ascii_alphanumeric())
        && after.starts_with(|c: char| c.is_ascii_alphanumeric() || c == '\'');
    (!cut).then(|| text.len() - after.len())
}

static NONE: LazyLock<Pattern> = LazyLock::new(|| {
    pattern(concat!(
        r"\A(?:none(?:\s+of\s+(?:the\s+)?(?:above|these|those|them|others?|(?:above\s+|given\s+|other\s+|listed\s+)?(?:options?|choices?|answers?|statements?)))(?:\s+(?:is|are)\s+(?:correct|right|true))?",
        r"|以上(?:选项|答案|说法|各项|几项|[三四五]项)?(?:都|均|全|皆)(?:不正确|不对|不是|错误?|不选|不符合)(?:题意)?)\z",
    ))
});
static ALL: LazyLock<Pattern> = LazyLock::new(|| {
    pattern(concat!(
        r"\A(?:all(?:\s+of)?(?:\s+the)?\s+(?:above|these|them|options|choices|answers|statements)(?:\s+are\s+(?:correct|right|true))?",
        r"|以上(?:选项|答案|说法|各项|几项|[三四五]项)?(?:都|均|全|皆|全部)(?:正确|对|是|选|符合)(?:题意)?)\z",
    ))
});

static COPULA: LazyLock<Pattern> = LazyLock::new(|| {
    pattern(r"(?:[^不非要若或还][是为]|叫做?|称为|\b(?:is|are|was|were)\s+(?:(?:called|known\s+as|the|an?)\s+)*)\s*\z")
});
/// What keeps a sentence from stating what it names.
static DOUBTED: LazyLock<Pattern> = LazyLock::new(|| {
    pattern(concat!(
        r"(?i)\b(?:not|never|if|whether|or|maybe|perhaps|possibly|might|may|could|some|many|people|students?|wrong|incorrect|false|except|unlike|mark|grade|grader|ignore|instructions?)\b|n't\b",
        r"|不|非|没|未|可能|也许|或|如果|若|是否|吗|误|错|有人|学生|同学|除|假|请|判",
    ))
});

/// The form in which options and statements are compared: lower case, one space, no punctuation or article around.
fn normal(text: &str) -> String {
    static FRACTION: LazyLock<Pattern> = LazyLock::new(|| pattern(r"\\frac\s*\{([^{}]*)\}\s*\{([^{}]*)\}"));
    let text = text.to_lowercase();
    // What is left of LaTeX: \frac{1}{4}, \log n, x^{2}.
    let text = if text.contains('\\') { FRACTION.replace_all(&text, "$1/$2").replace('\\', "") } else { text };
    let text = if text.contains("^{") { text.replace(['{', '}'], "") } else { text };
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let bare = text.trim_matches(|c: char| c.is_whitespace() || ".。,;:!?\"'()[]「」『』《》".contains(c));
    let bare = ["the ", "an ", "a "].iter().find_map(|a| bare.strip_prefix(a)).unwrap_or(bare);
    // An option of punctuation alone, such as a chemical dot or a bracket, is compared as it stands.
    if bare.is_empty() { text } else { bare.to_owned() }
}

/// Which option a reference answer (`B`, `(B)`, `B.`, its own label, or an option's words) means.
pub fn reference(answer: &str, options: &Options) -> Result<usize, String> {
    let folded = fold(answer);
    let bare = folded.trim();
    let inner = bare.trim_matches(|c: char| "()[]. ".contains(c));
    let letter = |text: &str| {
        let mut chars = text.chars();
        chars.next().and_then(index_of).filter(|_| chars.next().is_none())
    };
    let lettered = options.lettered(bare);
    let by_letter = letter(inner).or_else(|| letter(lettered.trim_matches(|c: char| "()[]. ".contains(c))));
    let by_text = options.by_text(&plain(&folded).text);
    match (by_letter, by_text) {
        (Some(l), Some(t)) if l != t && inner == bare => Err(format!(
            "the answer {answer:?} is both a letter and the words of option {}: write ({inner}) or {}",
            name_of(t),
            name_of(t)
        )),
        (Some(l), _) if l < options.count() => Ok(l),
        (Some(_), None) => Err(format!("the answer {answer:?} is beyond the item's {} options", options.count())),
        (_, Some(t)) => Ok(t),
        (None, None) => {
            Err(format!("the answer {answer:?} is neither a letter A to J nor the words of exactly one option"))
        }
    }
}

/// The index a letter stands for, A to J in either case.
pub fn index_of(c: char) -> Option<usize> {
    let index = "ABCDEFGHIJ".chars().position(|l| l == c.to_ascii_uppercase());
    index.filter(|_| c.is_ascii_alphabetic())
}

/// The letter of an index.
pub fn name_of(index: usize) -> String {
    "ABCDEFGHIJKLMNOPQRSTUVWXYZ".chars().nth(index).map_or_else(|| (index + 1).to_string(), String::from)
}

pub fn is_cjk(c: char) -> bool {
    matches!(c, '\u{2E80}'..='\u{9FFF}' | '\u{F900}'..='\u{FAFF}')
}
