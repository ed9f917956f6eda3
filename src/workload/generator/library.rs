//! What the generators of questions share: a maker makes one question of a language and a difficulty, and the library
//! draws as many distinct ones as are wanted, the same for the same seed.
//!
//! `generator = { kind = "…", seed = "fresh", count = 200 }`, and optionally
//! * `difficulty`: a whole number from 1 to 10, or `[from, to]`; 1 to 10 where absent;
//! * `languages`: of `"en"` and `"zh"`; both where absent;
//! * `domains`: of those that the generator has; all where absent.
//!
//! All are shared evenly, in every beginning of what is drawn too.

use super::Generator;
use crate::config::{Expected, Section, Value, suggest};
use crate::domain::{Fingerprint, Haystack, Item, Spec, Split, Tags, Tool};
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use std::collections::BTreeSet;
use std::sync::Arc;
use toml::de::DeValue;

/// A language that questions are made in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Language {
    /// English.
    English,
    /// Chinese, in simplified characters.
    Chinese,
}

impl Language {
    /// Both.
    pub const ALL: [Self; 2] = [Self::English, Self::Chinese];

    /// Its BCP 47 tag.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::English => "en",
            Self::Chinese => "zh",
        }
    }
}

/// The easiest and the hardest.
pub const DIFFICULTY: (u32, u32) = (1, 10);

/// From here on a question is marked as hard.
const HARD: u32 = 8;

/// What one question is to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Wanted {
    /// One of the maker's domains.
    pub domain: &'static str,
    /// From 1 to 10: numbers get longer, steps more, distractors closer.
    pub difficulty: u32,
    /// What it is asked in.
    pub language: Language,
}

/// A question that was made, with its exactly known answer.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Made {
    /// What is asked, complete: it says in which form the answer is to be given.
    pub prompt: String,
    /// Accepted answers, any of which is right.
    pub answers: Vec<String>,
    /// The options of a choice question; empty otherwise.
    pub options: Vec<String>,
    /// What its scorer must know beyond the answers.
    pub spec: Option<Spec>,
    /// The tools that are offered.
    pub tools: Vec<Tool>,
    /// A long text that stands before the prompt.
    pub haystack: Option<Haystack>,
}

/// Makes questions; pure, and bounded in time.
pub trait Maker: Send + Sync {
    /// The domains it has, each with the capability that it exercises.
    fn domains(&self) -> &'static [(&'static str, &'static str)];

    /// Makes one: the same for the same state of the random numbers. Every language, difficulty and domain can be made.
    fn make(&self, wanted: Wanted, rng: &mut ChaCha8Rng) -> Made;
}

/// A generator over a maker.
pub struct Library<M> {
    maker: M,
    /// Its kind and version, and its own settings: what changes the questions.
    identity: String,
    domains: Vec<(&'static str, &'static str)>,
    difficulty: (u32, u32),
    languages: Vec<Language>,
}

/// Tries to find another question of the same kind before fewer are given.
const TRIES: u32 = 64;

impl<M: Maker> Library<M> {
    /// Of everything that the maker has. The identity names the generator, its version and its own settings.
    pub fn new(identity: impl Into<String>, maker: M) -> Self {
        let domains = maker.domains().to_vec();
        Self { maker, identity: identity.into(), domains, difficulty: DIFFICULTY, languages: Language::ALL.to_vec() }
    }

    /// The same with the settings that all have in common.
    pub fn build(section: &Section<'_>, identity: impl Into<String>, maker: M) -> Option<Self> {
        let all = Self::new(identity, maker);
        let difficulty = section.or("difficulty", Difficulty(DIFFICULTY.0, DIFFICULTY.1));
        let names: Vec<&str> = Language::ALL.map(Language::label).to_vec();
        let languages = some_of(section, "languages", &names);
        let names: Vec<&str> = all.domains.iter().map(|(domain, _)| *domain).collect();
        let domains = some_of(section, "domains", &names);
        let Difficulty(from, to) = difficulty?;
        let (languages, domains) = (languages?, domains?);
        Some(Self {
            difficulty: (from, to),
            languages: languages.into_iter().filter_map(|i| Language::ALL.get(i).copied()).collect(),
            domains: domains.into_iter().filter_map(|i| all.domains.get(i).copied()).collect(),
            ..all
        })
    }

    /// Every combination once, in the order in which they take turns: any beginning is even over difficulties,
    /// domains and languages, so that a few items are not the easy ones. Where it begins goes by the seed.
    fn combinations(&self, seed: u64) -> Vec<(Wanted, &'static str)> {
        let mut rng = ChaCha8Rng::seed_from_u64(seed);
        // No item has this stream.
        rng.set_stream(u64::MAX);
        let pairs = self.domains.len() * self.languages.len();
        let (first, offset) = (rng.random_range(0..pairs.max(1)), rng.random::<u64>());
        let difficulties = spread(self.difficulty, offset);
        // In each round every difficulty has another pair, and goes on to the next; all of them in the end, since the step
        // and their number have no divisor in common.
        let step = (difficulties.len()..).find(|step| gcd(*step, pairs) == 1).unwrap_or(1);
        let reached = pairs / gcd(self.domains.len(), self.languages.len()).max(1);
        let mut all = Vec::new();
        for (round, (place, &difficulty)) in
            (0..pairs).flat_map(|round| difficulties.iter().enumerate().map(move |d| (round, d)))
        {
            let pair = (first + place + round * step) % pairs;
            // Both go on by one; the domains once more after all that this reaches, so that every pair is reached.
            let domain = self.domains.get((pair + pair / reached) % self.domains.len());
            let language = self.languages.get(pair % self.languages.len());
            if let (Some(&(domain, capability)), Some(&language)) = (domain, language) {
                all.push((Wanted { domain, difficulty, language }, capability));
            }
        }
        all
    }
}

/// The difficulties of a range in an order of which every beginning is spread over the range: as the fractional parts of an
/// offset and the multiples of the golden ratio, whose gaps have at most three sizes (Sós 1958).
fn spread((from, to): (u32, u32), offset: u64) -> Vec<u32> {
    /// The golden ratio's fractional part, in units of 2^-64.
    const GOLDEN: u64 = 0x9E37_79B9_7F4A_7C15;
    let parts = (from..=to).scan(offset, |part, _| {
        *part = part.wrapping_add(GOLDEN);
        Some(*part)
    });
    let mut places: Vec<(u64, usize)> = parts.zip(0..).collect();
    places.sort_unstable();
    let mut placed: Vec<(usize, u32)> = places.into_iter().map(|(_, place)| place).zip(from..=to).collect();
    placed.sort_unstable();
    placed.into_iter().map(|(_, difficulty)| difficulty).collect()
}

const fn gcd(a: usize, b: usize) -> usize {
    if b == 0 { a } else { gcd(b, a % b) }
}

impl<M: Maker> Generator for Library<M> {
    fn draw(&self, seed: u64, count: usize) -> Vec<Item> {
        let (mut items, mut seen) = (Vec::with_capacity(count), BTreeSet::new());
        let combinations = self.combinations(seed);
        // A stream of its own for each place, so that an item does not depend on what came before it.
        for (place, (wanted, capability)) in (0_u64..).zip(combinations.into_iter().cycle()).take(count) {
            let mut rng = ChaCha8Rng::seed_from_u64(seed);
            rng.set_stream(place);
            let another = || {
                let made = self.maker.make(wanted, &mut rng);
                let hash = Fingerprint::of(&[("prompt", &made.prompt)]);
                seen.insert(hash.clone()).then_some((made, hash))
            };
            let found = std::iter::repeat_with(another).take(TRIES as usize).find_map(|made| made);
            items.extend(found.map(|(made, hash)| item(wanted, capability, made, &hash)));
        }
        items
    }

    fn fingerprint(&self) -> String {
        let Self { maker: _, identity, domains, difficulty: (from, to), languages } = self;
        let domains: Vec<&str> = domains.iter().map(|(domain, _)| *domain).collect();
        let languages: Vec<&str> = languages.iter().map(|l| l.label()).collect();
        format!("{identity} difficulty={from}-{to} domains={} languages={}", domains.join(","), languages.join(","))
    }

    fn domains(&self) -> Vec<Arc<str>> {
        self.domains.iter().map(|(domain, _)| Arc::from(*domain)).collect()
    }
}

/// A question as an item; its id says where it stands, and the hash of its prompt (and of what stands before it) which
/// it is.
fn item(wanted: Wanted, capability: &str, made: Made, hash: &Fingerprint) -> Item {
    let Wanted { domain, difficulty, language } = wanted;
    let Made { prompt, answers, options, spec, tools, haystack } = made;
    let before = haystack.as_ref().map(|haystack| format!("{haystack:?}"));
    let hash = match &before {
        None => hash.clone(),
        Some(before) => Fingerprint::of(&[("prompt", &prompt), ("haystack", before)]),
    };
    let id = format!("{domain}-{}-{difficulty}-{hash}", language.label());
    let tags = Tags { hard: difficulty >= HARD, ..Tags::new(domain, capability, language.label(), Split::Fresh) };
    let (spec, haystack, tools) = (spec.map(Arc::new), haystack.map(Arc::new), tools.into());
    Item { options, spec, tools, haystack, ..Item::question(&id, prompt, answers, tags) }
}

/// `difficulty = 3` or `difficulty = [1, 5]`.
struct Difficulty(u32, u32);

impl Value for Difficulty {
    fn expected() -> String {
        "a whole number from 1 to 10, or two such as [1, 5]".into()
    }
    fn read(value: &DeValue<'_>) -> Result<Self, Expected> {
        let wrong = |hint: Option<&str>| Expected { expected: Self::expected(), hint: hint.map(str::to_owned) };
        let one = |value: &DeValue<'_>| {
            let number = u32::read(value).map_err(|_| wrong(None))?;
            (DIFFICULTY.0..=DIFFICULTY.1).contains(&number).then_some(number).ok_or_else(|| wrong(None))
        };
        match value {
            DeValue::Array(pair) => match pair.iter().collect::<Vec<_>>().as_slice() {
                [from, to] => match (one(from.get_ref())?, one(to.get_ref())?) {
                    (from, to) if from <= to => Ok(Self(from, to)),
                    _ => Err(wrong(Some("the smaller one first"))),
                },
                _ => Err(wrong(None)),
            },
            value => one(value).map(|n| Self(n, n)),
        }
    }
}

/// The places, in a list of words, of those that a field names; of all where it is absent.
fn some_of(section: &Section<'_>, key: &'static str, all: &[&str]) -> Option<Vec<usize>> {
    let words = section.or(key, all.iter().map(|word| (*word).to_owned()).collect::<Vec<_>>())?;
    let mut places = Vec::new();
    for word in &words {
        match all.iter().position(|known| known == word) {
            Some(place) if places.contains(&place) => {
                section.problem(key, format!("\"{word}\" is there twice"), None);
                return None;
            }
            Some(place) => places.push(place),
            None => {
                let hint = suggest(word, all.iter().copied()).map(|near| format!("did you mean \"{near}\"?"));
                section.problem(key, format!("expected some of {}, found \"{word}\"", all.join(", ")), hint);
                return None;
            }
        }
    }
    if places.is_empty() {
        section.problem(key, format!("expected at least one of {}", all.join(", ")), None);
        return None;
    }
    places.sort_unstable();
    Some(places)
}

/// What every generator of the library must hold, for the tests beside them.
#[cfg(test)]
pub mod check {
    use super::*;

    /// Tells how many items were drawn, and how many of them were distinct and had their answer verified: a line for whoever
    /// runs the tests to see them.
    pub fn told(name: &str, drawn: usize, verified: usize, english: usize, chinese: usize) {
        println!("generator {name} drawn {drawn} verified {verified} en {english} zh {chinese}");
    }

    /// Draws 10,000 items over all difficulties, languages and domains; each answer must be what `solve` works out of
    /// the item in another way, fewer than 1 % may be missing for want of distinct ones, and all ids differ. Tells the
    /// figures, under the generator's name.
    pub fn verified<M: Maker>(name: &str, maker: M, solve: impl Fn(&Item) -> Result<(), String>) {
        const DRAWN: usize = 10_000;
        let library = Library::new("check", maker);
        let items = library.draw(20_261_122, DRAWN);
        assert!(items.len() > DRAWN - DRAWN / 100, "{} distinct items of {DRAWN}", items.len());
        let ids: BTreeSet<_> = items.iter().map(|item| item.id.clone()).collect();
        assert_eq!(ids.len(), items.len());
        let wrong: Vec<String> = items
            .iter()
            .filter_map(|item| Some(format!("{}: {}", item.id.as_str(), solve(item).err()?)))
            .take(5)
            .collect();
        assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
        let in_language = |l: Language| items.iter().filter(|item| &*item.tags.language == l.label()).count();
        let [english, chinese] = Language::ALL.map(in_language);
        told(name, DRAWN, items.len(), english, chinese);
        let again = library.draw(20_261_122, 200);
        assert!(again.iter().eq(items.iter().take(200)), "another draw of the same seed differs");
        assert_ne!(library.draw(7, 200), again, "the seed makes no difference");
        for (domain, _) in library.domains.iter() {
            for language in Language::ALL {
                let there = |item: &&Item| &*item.tags.domain == *domain && &*item.tags.language == language.label();
                assert!(items.iter().any(|item| there(&item)), "no {domain} in {}", language.label());
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::{self, Source};
    use crate::workload::generator::KINDS;
    use std::collections::BTreeMap;

    /// Sums, of which there are few where they are easy.
    struct Sums;

    impl Maker for Sums {
        fn domains(&self) -> &'static [(&'static str, &'static str)] {
            &[("small", "calculation"), ("large", "calculation")]
        }
        fn make(&self, wanted: Wanted, rng: &mut ChaCha8Rng) -> Made {
            let most = if wanted.domain == "small" { 2 } else { 10_u64.pow(wanted.difficulty + 3) };
            let (a, b) = (rng.random_range(0..most), rng.random_range(0..most));
            let asked = format!("{a}+{b} ({})", wanted.language.label());
            Made { prompt: asked, answers: vec![(a + b).to_string()], ..Made::default() }
        }
    }

    fn build(settings: &str) -> Result<Library<Sums>, Vec<String>> {
        config::read(&Source::inline("t.toml", settings), |section| Library::build(section, "sums/1", Sums))
            .map_err(|problems| problems.iter().map(ToString::to_string).collect())
    }

    /// How often each is there, the least and the most.
    fn least_and_most<T: Ord + Copy>(of: impl Iterator<Item = T>, all: &[T]) -> (usize, usize) {
        let mut counts: BTreeMap<T, usize> = all.iter().map(|one| (*one, 0)).collect();
        of.for_each(|one| *counts.entry(one).or_default() += 1);
        (counts.values().min().copied().unwrap_or(0), counts.values().max().copied().unwrap_or(0))
    }

    #[test]
    fn combinations_take_turns_evenly_from_the_first_on() {
        let settings = ["", "difficulty = [2, 5]", "languages = [\"zh\"]", "domains = [\"large\"]", "difficulty = 7"];
        for (settings, seed) in settings.iter().flat_map(|settings| (0..40).map(move |seed| (settings, seed))) {
            let library = build(settings).ok().unwrap();
            let all: Vec<Wanted> = library.combinations(seed).into_iter().map(|(wanted, _)| wanted).collect();
            let (from, to) = library.difficulty;
            let levels: Vec<u32> = (from..=to).collect();
            let domains: Vec<&str> = library.domains.iter().map(|(domain, _)| *domain).collect();
            let once: BTreeSet<String> = all.iter().map(|wanted| format!("{wanted:?}")).collect();
            assert_eq!((all.len(), once.len()), (levels.len() * domains.len() * library.languages.len(), all.len()));
            for count in 1..=all.len() {
                let few = all.get(..count).unwrap();
                let even = |(least, most), by: usize| assert!(most - least <= by, "{settings} {seed}: {few:?}");
                even(least_and_most(few.iter().map(|w| w.difficulty), &levels), 1);
                even(least_and_most(few.iter().map(|w| w.domain), &domains), 3);
                even(least_and_most(few.iter().map(|w| w.language), &library.languages), 1);
            }
            if levels.len() == 10 {
                let few = all.get(..5).unwrap().iter().map(|wanted| wanted.difficulty);
                let (easiest, hardest) = (few.clone().min().unwrap(), few.max().unwrap());
                assert!(easiest <= 3 && hardest >= 8, "{seed}: {easiest} to {hardest} are a part of the range");
            }
        }
    }

    #[test]
    fn items_take_the_turns_of_their_combinations_and_are_distinct() {
        let library = build("difficulty = [2, 3]\ndomains = [\"large\"]").ok().unwrap();
        let heads = |seed: u64, count: usize| -> Vec<String> {
            let ids = library.draw(seed, count).into_iter().map(|item| item.id.as_str().to_owned());
            ids.map(|id| id.rsplit_once('-').unwrap().0.to_owned()).collect()
        };
        let twice = heads(1, 8);
        let all = ["large-en-2", "large-en-3", "large-zh-2", "large-zh-3"];
        assert_eq!(twice.get(..4).unwrap().iter().map(String::as_str).collect::<BTreeSet<_>>(), all.into());
        assert_eq!(twice.get(..4), twice.get(4..));
        assert_eq!(
            (0..20).map(|seed| heads(seed, 1)).collect::<BTreeSet<_>>().len(),
            4,
            "the seed says where it begins"
        );
        let few = build("difficulty = 1\ndomains = [\"small\"]").ok().unwrap();
        assert_eq!(few.draw(1, 100).len(), 8, "there are no more than these");
    }

    #[test]
    fn generators_have_names_of_their_own() {
        let names: BTreeSet<&str> = KINDS.iter().map(|kind| kind.name).collect();
        assert_eq!(names.len(), KINDS.len());
        // For whoever wants a figure of each.
        println!("generators {}", names.into_iter().collect::<Vec<_>>().join(" "));
    }

    #[test]
    fn an_item_does_not_depend_on_how_many_are_drawn() {
        let library = build("").ok().unwrap();
        let (few, many) = (library.draw(3, 10), library.draw(3, 40));
        assert!(few.iter().zip(&many).filter(|(a, b)| &*a.tags.domain == "large" && a != b).count() == 0);
    }

    #[test]
    fn settings_are_part_of_the_fingerprint_and_wrong_ones_are_told() {
        let is = |settings| build(settings).ok().unwrap().fingerprint();
        assert_eq!(is(""), "sums/1 difficulty=1-10 domains=small,large languages=en,zh");
        assert_eq!(
            is("difficulty = 3\nlanguages = [\"zh\"]"),
            "sums/1 difficulty=3-3 domains=small,large languages=zh"
        );
        for (settings, want) in [
            (
                "difficulty = 11",
                "t.toml:1:14: difficulty: expected a whole number from 1 to 10, or two such as [1, 5], found 11",
            ),
            (
                "difficulty = [5, 1]",
                "t.toml:1:14: difficulty: expected a whole number from 1 to 10, or two such as [1, 5], found an array\n  hint: the smaller one first",
            ),
            ("languages = [\"fr\"]", "t.toml:1:13: languages: expected some of en, zh, found \"fr\""),
            ("domains = []", "t.toml:1:11: domains: expected at least one of small, large"),
            ("domains = [\"large\", \"large\"]", "t.toml:1:11: domains: \"large\" is there twice"),
        ] {
            assert_eq!(build(settings).err().unwrap(), [want]);
        }
    }
}
