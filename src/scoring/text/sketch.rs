//! A sketch of a text: which pairs of letters, which marks and which other characters stand in it, as bits. What a pattern
//! needs is held against it: where none of the words that its matches hold has all its pairs in the text, it can't match.
//!
//! A text is read once for its sketch, however many patterns are asked of it: the last ones are kept, with their texts.

use regex_syntax::hir::{Class, Hir, HirKind, Look};
use std::cell::RefCell;

/// The longest text that is sketched, in bytes: a longer one has nearly every pair of letters.
const LONGEST: usize = 1024;

/// How many sketches are kept.
const KEPT: usize = 16;

/// How many words a pattern's need may come to, and of how many a piece of it is put together.
const MOST: usize = 2048;
const PIECE: usize = 96;

/// How many characters one class may stand for.
const CLASS: usize = 12;

/// One sign of what a pattern needs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Sign {
    /// A letter in either case, any figure, or the underscore: what words are of.
    Letter(u8),
    /// Another character of ASCII.
    Mark(u8),
    /// A character beyond ASCII.
    Other(char),
    /// A boundary of a word: whatever is no letter, or an end of the text.
    Gap,
}

const FIGURE: u8 = 26;
const UNDERSCORE: u8 = 27;
const GAP: u8 = 28;

// Where the bits of each kind begin: pairs of letters, marks, others and pairs of them.
const MARKS: usize = 32 * 32;
const OTHERS: usize = MARKS + 128;
const SIZE: usize = OTHERS + 1024;
const WORDS: usize = SIZE.div_ceil(64);

const fn letter(byte: u8) -> Option<u8> {
    match byte {
        b'a'..=b'z' => Some(byte - b'a'),
        b'A'..=b'Z' => Some(byte - b'A'),
        b'0'..=b'9' => Some(FIGURE),
        b'_' => Some(UNDERSCORE),
        _ => None,
    }
}

const fn pair(first: u8, second: u8) -> usize {
    first as usize * 32 + second as usize
}

const fn other(c: char) -> usize {
    OTHERS + c as usize % 1024
}

const fn others(first: char, second: char) -> usize {
    OTHERS + (first as usize * 37 + second as usize * 5 + 11) % 1024
}

impl Sign {
    fn of(c: char) -> Self {
        match u8::try_from(c) {
            Ok(byte) if byte < 128 => letter(byte).map_or(Self::Mark(byte), Self::Letter),
            _ => Self::Other(c),
        }
    }

    const fn is_letter(self) -> bool {
        matches!(self, Self::Letter(_))
    }

    const fn code(self) -> u8 {
        if let Self::Letter(code) = self { code } else { GAP }
    }
}

/// The bits that a text with these signs in a row has.
fn bits(signs: &[Sign]) -> Vec<u16> {
    let mut all = Vec::new();
    for sign in signs {
        match sign {
            Sign::Mark(byte) => all.push(MARKS + usize::from(*byte)),
            Sign::Other(c) => all.push(other(*c)),
            Sign::Letter(_) | Sign::Gap => {}
        }
    }
    for two in signs.windows(2) {
        match two {
            [Sign::Other(first), Sign::Other(second)] => all.push(others(*first, *second)),
            [first, second] if first.is_letter() || second.is_letter() => all.push(pair(first.code(), second.code())),
            _ => {}
        }
    }
    let mut all: Vec<u16> = all.into_iter().filter_map(|bit| u16::try_from(bit).ok()).collect();
    // The rarest first.
    all.sort_unstable_by(|a, b| chance(*a).total_cmp(&chance(*b)).then(a.cmp(b)));
    all.dedup();
    all
}

/// About how likely a short text has a bit.
fn chance(bit: u16) -> f64 {
    const FREQUENCIES: [f64; 29] = [
        0.065, 0.012, 0.022, 0.034, 0.1, 0.018, 0.016, 0.049, 0.056, 0.001, 0.006, 0.032, 0.019, 0.056, 0.06, 0.015,
        0.001, 0.048, 0.051, 0.073, 0.022, 0.008, 0.019, 0.001, 0.016, 0.001, 0.04, 0.001, 0.2,
    ];
    let bit = usize::from(bit);
    let of = |code: usize| FREQUENCIES.get(code).copied().unwrap_or(0.0);
    match bit {
        _ if bit >= OTHERS => 0.03,
        _ if bit >= MARKS => 0.2,
        _ => (60.0 * of(bit / 32) * of(bit % 32)).min(0.9),
    }
}

/// What a text must have for a pattern to match it: all the bits of one word at least.
#[derive(Debug)]
pub struct Needs {
    /// The rarest bit of each word: where a text has none of them, no more has to be looked at.
    rarest: [u64; WORDS],
    /// They by their place in a sketch, with the words that they begin.
    places: Vec<Place>,
    words: Vec<Need>,
}

#[derive(Debug)]
struct Place {
    at: usize,
    mask: u64,
    words: std::ops::Range<usize>,
}

#[derive(Debug)]
struct Need {
    mask: u64,
    rest: Box<[u16]>,
}

impl Needs {
    /// What any match of a pattern needs; none where nothing is sure.
    pub fn of(hir: &Hir) -> Option<Self> {
        let (words, _) = Told::of(hir).into_need()?;
        let mut words: Vec<Vec<u16>> = words.iter().map(|word| bits(word)).collect();
        words.sort_unstable();
        words.dedup();
        let mut needs = Self { rarest: [0; WORDS], places: Vec::new(), words: Vec::new() };
        for word in words {
            let (first, rest) = word.split_first()?;
            let (at, mask) = (usize::from(first / 64), 1_u64 << (first % 64));
            let index = needs.words.len();
            *needs.rarest.get_mut(at)? |= mask;
            match needs.places.last_mut() {
                Some(place) if place.at == at => {
                    place.mask |= mask;
                    place.words.end = index + 1;
                }
                _ => needs.places.push(Place { at, mask, words: index..index + 1 }),
            }
            needs.words.push(Need { mask, rest: rest.into() });
        }
        Some(needs)
    }

    fn are_in(&self, sketch: &Sketch) -> bool {
        let common = self.rarest.iter().zip(&sketch.0).fold(0, |all, (mine, other)| all | mine & other);
        common != 0 && self.has_word(sketch)
    }

    fn has_word(&self, sketch: &Sketch) -> bool {
        self.places.iter().any(|place| {
            let hits = sketch.word(place.at) & place.mask;
            hits != 0
                && self.words.get(place.words.clone()).is_some_and(|words| {
                    words.iter().any(|word| word.mask & hits != 0 && word.rest.iter().all(|bit| sketch.has(*bit)))
                })
        })
    }
}

/// What is known of the matches of a part of a pattern.
struct Told {
    /// All of them, where they are few.
    exact: Option<Vec<Vec<Sign>>>,
    /// Words of which each match holds one, and how likely a short text does.
    need: Option<(Vec<Vec<Sign>>, f64)>,
}

impl Told {
    const fn nothing() -> Self {
        Self { exact: None, need: None }
    }

    fn exactly(all: Vec<Vec<Sign>>) -> Self {
        Self { exact: Some(all), need: None }
    }

    fn into_need(self) -> Option<(Vec<Vec<Sign>>, f64)> {
        better(self.need, self.exact.and_then(weighed))
    }

    fn of(hir: &Hir) -> Self {
        match hir.kind() {
            HirKind::Empty => Self::exactly(vec![Vec::new()]),
            HirKind::Look(Look::WordAscii) => Self::exactly(vec![vec![Sign::Gap]]),
            HirKind::Look(_) => Self::exactly(vec![Vec::new()]),
            HirKind::Literal(literal) => match std::str::from_utf8(&literal.0) {
                Ok(text) => Self::exactly(vec![text.chars().map(Sign::of).collect()]),
                Err(_) => Self::nothing(),
            },
            HirKind::Class(class) => Self::of_class(class),
            HirKind::Capture(capture) => Self::of(&capture.sub),
            HirKind::Repetition(repeated) => {
                let Self { exact, need } = Self::of(&repeated.sub);
                let gap = exact.as_ref().is_some_and(|all| all.iter().all(|one| one == &[Sign::Gap]));
                let exact = match (repeated.min, repeated.max) {
                    (0, Some(1)) => exact.map(|all| [vec![Vec::new()], all].concat()),
                    (1, Some(1)) => exact,
                    // However many there are, they part two words.
                    (0, _) if gap => Some(vec![Vec::new(), vec![Sign::Gap]]),
                    (1.., _) if gap => Some(vec![vec![Sign::Gap]]),
                    (1.., _) => return Self { need: better(need, exact.and_then(weighed)), exact: None },
                    _ => None,
                };
                Self { exact, need: if repeated.min == 0 { None } else { need } }
            }
            HirKind::Concat(parts) => Self::in_a_row(parts),
            HirKind::Alternation(parts) => Self::either(parts),
        }
    }

    fn of_class(class: &Class) -> Self {
        let Class::Unicode(class) = class else { return Self::nothing() };
        let mut signs: Vec<Sign> = Vec::new();
        let count: u32 = class.ranges().iter().map(|r| u32::from(r.end()) - u32::from(r.start()) + 1).sum();
        if count <= 64 {
            for sign in class.ranges().iter().flat_map(|range| (range.start()..=range.end()).map(Sign::of)) {
                if !signs.contains(&sign) {
                    signs.push(sign);
                }
            }
            // The long s and the sign of Kelvin are cases of s and k: a text that has them is not sketched.
            let folded = |c: char| {
                [('ſ', b's'), ('\u{212A}', b'k')]
                    .iter()
                    .any(|(odd, of)| c == *odd && signs.contains(&Sign::of(char::from(*of))))
            };
            let odd: Vec<Sign> =
                signs.iter().copied().filter(|sign| matches!(sign, Sign::Other(c) if folded(*c))).collect();
            signs.retain(|sign| !odd.contains(sign));
            if signs.len() <= CLASS {
                return Self::exactly(signs.into_iter().map(|sign| vec![sign]).collect());
            }
        }
        let word = class.ranges().iter().any(|range| {
            (b'0'..=b'z')
                .any(|byte| letter(byte).is_some() && (range.start()..=range.end()).contains(&char::from(byte)))
        });
        if word { Self::nothing() } else { Self::exactly(vec![vec![Sign::Gap]]) }
    }

    fn in_a_row(parts: &[Hir]) -> Self {
        let mut run: Vec<Vec<Sign>> = vec![Vec::new()];
        let mut whole = true;
        let mut need = None;
        for part in parts {
            let told = Self::of(part);
            need = better(need, told.need);
            match told.exact {
                Some(all) if run.len() * all.len() <= PIECE => {
                    run = run.iter().flat_map(|head| all.iter().map(move |tail| [&**head, tail].concat())).collect();
                }
                exact => {
                    whole = false;
                    need = better(need, weighed(std::mem::replace(&mut run, vec![Vec::new()])));
                    if let Some(all) = exact {
                        run = all;
                    }
                }
            }
        }
        if whole {
            return Self { exact: Some(run), need };
        }
        Self { exact: None, need: better(need, weighed(run)) }
    }

    fn either(parts: &[Hir]) -> Self {
        let mut exact: Option<Vec<Vec<Sign>>> = Some(Vec::new());
        let mut need: Option<(Vec<Vec<Sign>>, f64)> = Some((Vec::new(), 0.0));
        for part in parts {
            let told = Self::of(part);
            exact = match (exact, &told.exact) {
                (Some(all), Some(more)) if all.len() + more.len() <= PIECE => Some([&*all, more].concat()),
                _ => None,
            };
            need = match (need, told.into_need()) {
                (Some((all, chance)), Some((more, added))) if all.len() + more.len() <= MOST => {
                    Some(([all, more].concat(), chance + added))
                }
                _ => None,
            };
        }
        Self { exact, need }
    }
}

/// Words with how likely a text has one of them; none where one of them may be nothing.
fn weighed(all: Vec<Vec<Sign>>) -> Option<(Vec<Vec<Sign>>, f64)> {
    let mut sum = 0.0;
    for word in &all {
        let bits = bits(word);
        if bits.is_empty() {
            return None;
        }
        sum += bits.iter().map(|bit| chance(*bit)).product::<f64>();
    }
    Some((all, sum))
}

type Weighed = Option<(Vec<Vec<Sign>>, f64)>;

fn better(one: Weighed, other: Weighed) -> Weighed {
    match (one, other) {
        (Some(one), Some(other)) => Some(if one.1 <= other.1 { one } else { other }),
        (one, other) => one.or(other),
    }
}

/// The bits of a text.
#[derive(Debug, Clone)]
struct Sketch([u64; WORDS]);

impl Sketch {
    const EMPTY: Self = Self([0; WORDS]);

    fn word(&self, at: usize) -> u64 {
        self.0.get(at).copied().unwrap_or(u64::MAX)
    }

    fn has(&self, bit: u16) -> bool {
        self.word(usize::from(bit / 64)) >> (bit % 64) & 1 == 1
    }

    fn add(&mut self, bit: usize) {
        if let Some(word) = self.0.get_mut(bit / 64) {
            *word |= 1 << (bit % 64);
        }
    }

    fn of(text: &str) -> Self {
        let mut sketch = Self::EMPTY;
        let mut last = GAP;
        let mut odd: Option<char> = None;
        for c in text.chars() {
            let Some(byte) = u8::try_from(c).ok().filter(u8::is_ascii) else {
                // They are letters in another case: anything may be there.
                if matches!(c, 'ſ' | '\u{212A}') {
                    return Self([u64::MAX; WORDS]);
                }
                sketch.add(other(c));
                if let Some(before) = odd {
                    sketch.add(others(before, c));
                }
                if last != GAP {
                    sketch.add(pair(last, GAP));
                }
                (last, odd) = (GAP, Some(c));
                continue;
            };
            odd = None;
            let code = letter(byte).unwrap_or(GAP);
            if code == GAP {
                sketch.add(MARKS + usize::from(byte));
            }
            // Two gaps are none of a word: their bit is asked for by nobody.
            sketch.add(pair(last, code));
            last = code;
        }
        sketch.add(pair(last, GAP));
        sketch
    }
}

/// A sketch that is kept, with its text.
struct Kept {
    text: Vec<u8>,
    sketch: Sketch,
}

thread_local! {
    /// The sketches of the last texts, each at a place that its ends say.
    static LAST: RefCell<[Kept; KEPT]> =
        const { RefCell::new([const { Kept { text: Vec::new(), sketch: Sketch::EMPTY } }; KEPT]) };
}

/// Whether a text may have what a pattern needs; true for one that is too long.
pub fn may_have(text: &str, needs: &Needs) -> bool {
    let bytes = text.as_bytes();
    let (Some(first), Some(last)) = (bytes.first(), bytes.last()) else { return needs.are_in(&Sketch::EMPTY) };
    if bytes.len() > LONGEST {
        return true;
    }
    let place = (bytes.len() ^ usize::from(*first) ^ usize::from(*last) << 1) % KEPT;
    LAST.with_borrow_mut(|kept| {
        let Some(kept) = kept.get_mut(place) else { return true };
        if kept.text != bytes {
            kept.sketch = Sketch::of(text);
            kept.text.clear();
            kept.text.extend_from_slice(bytes);
        }
        needs.are_in(&kept.sketch)
    })
}
