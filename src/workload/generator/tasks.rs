//! Generator `tasks`: the seven exact-answer tasks that the demo's models are made for, drawn from what they were never
//! trained on.
//!
//! `generator = { kind = "tasks", seed = "fresh", count = 700 }`, and optionally
//! * `domains`: which of the seven; all where absent. `count` is shared evenly, the first ones take the remainder;
//! * `split`: `"held-out"` (the default: the tenth of all prompts that was kept out of training) or `"all"`;
//! * `exclude`: a JSON-lines file whose `prompt`s are left out, such as a published test that models may have seen.

mod question;

pub use question::{Domain, Question, is_held_out};

use super::{Generator, Kind};
use crate::config::{Section, suggest};
use crate::domain::{Fingerprint, Item, Split, Tags};
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use serde::Deserialize;
use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::{Arc, OnceLock};

/// The line in the table of generators.
pub const KIND: Kind = Kind {
    name: "tasks",
    about: "seven exact-answer tasks on numbers and digits, from prompts held out of the demo models' training",
    build: |section| Tasks::build(section).map(|tasks| Arc::new(tasks) as Arc<dyn Generator>),
};

/// Which prompts may be drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Prompts {
    /// Those never trained on.
    HeldOut,
    /// Any.
    All,
}

/// The generator with its settings.
#[derive(Debug)]
pub struct Tasks {
    domains: Vec<Domain>,
    prompts: Prompts,
    excluded: BTreeSet<String>,
    sizes: [OnceLock<usize>; Domain::ALL.len()],
}

/// Random draws for each item wanted before what is left is enumerated instead. At a pool of one prompt in ten and a
/// share of half of it, about twenty are needed.
const DRAWS_PER_ITEM: usize = 200;

/// Random draws for an item like another: of nine pairs of lengths one fits, and of ten prompts one is held out, so that a
/// single one that is left among a hundred is found in nearly all cases.
const DRAWS_ALIKE: usize = 20_000;

/// A prompt with its digits made equal: the same for questions of the same kind and length.
fn shape(prompt: &str) -> String {
    prompt.chars().map(|c| if c.is_ascii_digit() { '0' } else { c }).collect()
}

impl Tasks {
    /// Takes distinct domains and the prompts to leave out.
    #[must_use]
    pub fn new(domains: Vec<Domain>, prompts: Prompts, excluded: BTreeSet<String>) -> Self {
        Self { domains, prompts, excluded, sizes: Default::default() }
    }

    /// Reads the settings.
    pub fn build(section: &Section<'_>) -> Option<Self> {
        let domains = section.or("domains", Domain::ALL.map(|d| d.label().to_owned()).to_vec());
        let domains = domains.and_then(|words| read_domains(section, &words));
        let choices = [("held-out", Prompts::HeldOut), ("all", Prompts::All)];
        let prompts = if section.has("split") { section.choice("split", &choices) } else { Some(Prompts::HeldOut) };
        let excluded = if section.has("exclude") { read_excluded(section) } else { Some(BTreeSet::new()) };
        Some(Self::new(domains?, prompts?, excluded?))
    }

    fn admits(&self, prompt: &str) -> bool {
        (self.prompts == Prompts::All || is_held_out(prompt)) && !self.excluded.contains(prompt)
    }

    /// How many distinct prompts a domain has under these settings. Enumerated once (up to 1.1 million), then kept.
    pub fn pool(&self, domain: Domain) -> usize {
        let count = || domain.questions().filter(|q| self.admits(&q.prompt())).count();
        self.sizes.get(domain as usize).map_or_else(count, |size| *size.get_or_init(count))
    }

    /// At most `share` distinct questions of a domain; fewer only where the pool is smaller.
    ///
    /// Successive sampling without replacement: each next question is drawn with the domain's probabilities among those
    /// not yet taken. First by drawing and discarding; when few are left to find, by [`in_drawing_order`], which is the
    /// same distribution and always ends.
    fn draw_domain(&self, domain: Domain, seed: u64, share: usize) -> Vec<Question> {
        let mut rng = ChaCha8Rng::seed_from_u64(seed);
        // A stream of its own, so that a domain's questions do not depend on which others are asked.
        rng.set_stream(domain as u64);
        let (mut taken, mut drawn) = (BTreeSet::new(), Vec::new());
        for _ in 0..share.saturating_mul(DRAWS_PER_ITEM) {
            if drawn.len() == share {
                break;
            }
            let question = domain.draw(&mut rng);
            let prompt = question.prompt();
            if self.admits(&prompt) && taken.insert(prompt) {
                drawn.push(question);
            }
        }
        let missing = share - drawn.len();
        if missing == 0 {
            return drawn;
        }
        let rest = domain.questions().filter(|q| {
            let prompt = q.prompt();
            self.admits(&prompt) && !taken.contains(&prompt)
        });
        drawn.extend(in_drawing_order(rest, &mut rng).into_iter().take(missing));
        drawn
    }
}

/// Questions in the order in which they would be drawn, one after the other, each by its probability among those left:
/// the order of the keys −ln(u)/p, u uniform (Efraimidis and Spirakis 2006, weighted sampling with a reservoir).
fn in_drawing_order(questions: impl Iterator<Item = Question>, rng: &mut ChaCha8Rng) -> Vec<Question> {
    let keyed = questions.map(|q| (-(1.0 - rng.random::<f64>()).ln() / q.probability(), q));
    let mut keyed: Vec<(f64, Question)> = keyed.collect();
    keyed.sort_by(|a, b| a.0.total_cmp(&b.0));
    keyed.into_iter().map(|(_, q)| q).collect()
}

impl Generator for Tasks {
    fn draw(&self, seed: u64, count: usize) -> Vec<Item> {
        let (each, over) = (count / self.domains.len().max(1), count % self.domains.len().max(1));
        let shares = self.domains.iter().enumerate().map(|(i, &d)| (d, each + usize::from(i < over)));
        let mut drawn: Vec<_> = shares.map(|(d, share)| self.draw_domain(d, seed, share).into_iter()).collect();
        // In turn, so that a run that stops early has asked all domains alike.
        let mut items = Vec::new();
        loop {
            let before = items.len();
            items.extend(drawn.iter_mut().filter_map(Iterator::next).map(|q| item(&q, Split::Fresh)));
            if items.len() == before {
                return items;
            }
        }
    }

    fn fingerprint(&self) -> String {
        let Self { domains, prompts, excluded, sizes: _ } = self;
        let domains = domains.iter().map(|d| d.label()).collect::<Vec<_>>().join(",");
        let excluded: Vec<(&str, &str)> = excluded.iter().map(|prompt| ("prompt", prompt.as_str())).collect();
        let split = match prompts {
            Prompts::HeldOut => "held-out",
            Prompts::All => "all",
        };
        format!("tasks 1 domains {domains} split {split} exclude {}", Fingerprint::of(&excluded))
    }

    fn domains(&self) -> Vec<Arc<str>> {
        self.domains.iter().map(|d| d.label().into()).collect()
    }

    fn alike(&self, item: &Item, seed: u64) -> Option<Item> {
        let prompt = item.messages.last()?.content.as_str();
        let domain = Question::read(prompt)?.domain();
        let mut rng = ChaCha8Rng::seed_from_u64(seed);
        let drawn = std::iter::repeat_with(|| domain.draw(&mut rng)).take(DRAWS_ALIKE);
        let fits = |question: &Question| {
            let other = question.prompt();
            shape(&other) == shape(prompt) && other != prompt && self.admits(&other)
        };
        let question = drawn.into_iter().filter(|_| self.domains.contains(&domain)).find(fits)?;
        Some(self::item(&question, Split::Fresh))
    }

    fn pool(&self, domain: &str) -> Option<usize> {
        self.domains.iter().find(|d| d.label() == domain).map(|&d| self.pool(d))
    }
}

/// A question as an item; the prompt is its identity.
#[must_use]
pub fn item(question: &Question, split: Split) -> Item {
    let (prompt, domain) = (question.prompt(), question.domain());
    let tags = Tags::new(domain.label(), domain.capability(), "en", split);
    Item::question(&prompt.clone(), prompt, vec![question.answer()], tags)
}

fn read_domains(section: &Section<'_>, words: &[String]) -> Option<Vec<Domain>> {
    let labels = Domain::ALL.map(Domain::label);
    let mut domains = Vec::new();
    for word in words {
        match Domain::ALL.into_iter().find(|d| d.label() == word) {
            Some(domain) if domains.contains(&domain) => {
                section.problem("domains", format!("\"{word}\" is there twice"), None);
                return None;
            }
            Some(domain) => domains.push(domain),
            None => {
                let hint = suggest(word, labels).map(|near| format!("did you mean \"{near}\"?"));
                let message = format!("expected some of {}, found \"{word}\"", labels.join(", "));
                section.problem("domains", message, hint);
                return None;
            }
        }
    }
    if domains.is_empty() {
        section.problem("domains", format!("expected at least one of {}", labels.join(", ")), None);
        return None;
    }
    Some(domains)
}

fn read_excluded(section: &Section<'_>) -> Option<BTreeSet<String>> {
    #[derive(Deserialize)]
    struct Row {
        prompt: String,
    }
    let path = section.source().folder.join(section.get::<PathBuf>("exclude")?);
    let place = path.display();
    let text = match std::fs::read_to_string(&path) {
        Ok(text) => text,
        Err(error) => {
            section.problem("exclude", format!("{place} can't be read: {error}"), None);
            return None;
        }
    };
    let mut prompts = BTreeSet::new();
    for (number, line) in text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty()) {
        match serde_json::from_str::<Row>(line) {
            Ok(row) => prompts.insert(row.prompt),
            Err(error) => {
                let message = format!("{place}:{}: expected an object with a text `prompt`: {error}", number + 1);
                section.problem("exclude", message, None);
                return None;
            }
        };
    }
    Some(prompts)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::{self, Source};
    use crate::workload::generator::library::check;
    use proptest::prelude::*;
    use std::collections::BTreeMap;

    fn tasks(domains: &[Domain], prompts: Prompts) -> Tasks {
        Tasks::new(domains.to_vec(), prompts, BTreeSet::new())
    }

    /// Works an answer out of the prompt's text, in another way than the generator does.
    fn solve(prompt: &str) -> String {
        let body = prompt.trim_end_matches('=');
        if let Some(digits) = body.strip_prefix("rev ") {
            return digits.chars().fold(String::new(), |text, c| format!("{c}{text}"));
        }
        if let Some(digits) = body.strip_prefix("sort ") {
            return ('0'..='9').map(|d| digits.chars().filter(|&c| c == d).collect::<String>()).collect();
        }
        if let Some(rest) = body.strip_prefix("count ") {
            let (digit, digits) = rest.split_once(' ').unwrap();
            return (digits.split(digit).count() - 1).to_string();
        }
        let at = body.find(['+', '-', '*', '%']).unwrap();
        let (a, b): (i32, i32) = (body[..at].parse().unwrap(), body[at + 1..].parse().unwrap());
        match &body[at..=at] {
            "+" => a + b,
            "-" => a - b,
            "*" => (0..b).map(|_| a).sum(),
            _ => a - b * (a / b),
        }
        .to_string()
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(12))]
        #[test]
        fn items_are_right_distinct_held_out_and_repeat_with_the_seed(seed: u64, count in 0_usize..60) {
            let tasks = tasks(&Domain::ALL, Prompts::HeldOut);
            let items = tasks.draw(seed, count);
            prop_assert_eq!(items.len(), count);
            prop_assert_eq!(items.iter().map(|i| &i.id).collect::<BTreeSet<_>>().len(), count);
            for item in &items {
                let prompt = &item.messages[0].content;
                prop_assert!(is_held_out(prompt));
                prop_assert_eq!(&item.answers, &[solve(prompt)]);
                prop_assert_eq!(item.id.as_str(), prompt);
            }
            prop_assert_eq!(items, tasks.draw(seed, count));
        }
    }

    #[test]
    fn ten_thousand_are_solved_from_their_text() {
        let items = tasks(&Domain::ALL, Prompts::All).draw(20_261_122, 10_000);
        assert!(items.len() > 9_900);
        assert_eq!(items.iter().map(|item| &item.id).collect::<BTreeSet<_>>().len(), items.len());
        for item in &items {
            assert_eq!(item.answers, [solve(&item.messages[0].content)]);
        }
        // They are figures and signs: the same in every language.
        check::told(KIND.name, 10_000, items.len(), items.len(), items.len());
    }

    #[test]
    fn the_count_is_shared_evenly_and_the_first_take_the_remainder() {
        let mut by_domain = BTreeMap::new();
        for item in tasks(&Domain::ALL, Prompts::HeldOut).draw(5, 72) {
            *by_domain.entry(item.tags.domain.to_string()).or_insert(0) += 1;
        }
        let expected = [("add", 11), ("sub", 11), ("mul", 10), ("mod", 10), ("rev", 10), ("sort", 10), ("count", 10)];
        assert_eq!(by_domain, expected.map(|(d, n)| (d.to_owned(), n)).into());
    }

    #[test]
    fn a_domain_draws_the_same_whatever_else_is_asked() {
        let alone = tasks(&[Domain::Mul], Prompts::HeldOut).draw(9, 20);
        let among = tasks(&Domain::ALL, Prompts::HeldOut).draw(9, 140);
        assert_eq!(alone, among.into_iter().filter(|i| &*i.tags.domain == "mul").collect::<Vec<_>>());
        assert_ne!(alone, tasks(&[Domain::Mul], Prompts::HeldOut).draw(10, 20));
    }

    #[test]
    fn a_small_pool_is_taken_whole() {
        let tasks = tasks(&[Domain::Mod, Domain::Mul], Prompts::HeldOut);
        // Counted without the generator's own enumeration.
        let brute: BTreeSet<String> = (0..1000_u32)
            .flat_map(|a| (2..10_u32).map(move |m| format!("{a}%{m}=")))
            .filter(|p| crc32fast::hash(p.as_bytes()).to_string().ends_with('0'))
            .collect();
        assert_eq!(tasks.pool(Domain::Mod), brute.len());
        let drawn = tasks.draw(1, 4000);
        let mods = drawn.iter().filter(|i| &*i.tags.domain == "mod").map(|i| i.id.as_str().to_owned());
        assert_eq!(mods.collect::<BTreeSet<_>>(), brute);
        assert_eq!(Generator::pool(&tasks, "mul"), Some(drawn.len() - brute.len()));
        assert_eq!(Generator::pool(&tasks, "add"), None);
    }

    #[test]
    fn an_item_alike_is_of_the_same_kind_and_length_and_another_one() {
        let excluded = ["12+34=".to_owned()];
        let tasks = Tasks::new(Domain::ALL.to_vec(), Prompts::HeldOut, excluded.into());
        for prompt in ["257+601=", "1-97=", "23*6=", "326%2=", "rev 02030=", "sort 893=", "count 4 66446="] {
            let base = item(&Question::read(prompt).unwrap(), Split::Public);
            let mut seen = BTreeSet::new();
            for seed in 0..5 {
                let alike = tasks.alike(&base, seed).unwrap();
                let other = alike.messages[0].content.clone();
                assert_eq!((shape(&other), &alike.tags.domain), (shape(prompt), &base.tags.domain));
                assert!(other != prompt && is_held_out(&other));
                assert_eq!(alike.answers, [solve(&other)]);
                assert_eq!(tasks.alike(&base, seed), Some(alike));
                seen.insert(other);
            }
            assert!(seen.len() > 1, "{prompt}");
        }
        let unknown = Item::question("x", "What is love?", vec!["a".into()], Tags::new("d", "c", "en", Split::Public));
        assert_eq!(tasks.alike(&unknown, 1), None);
        let adds = Tasks::new(vec![Domain::Add], Prompts::HeldOut, BTreeSet::new());
        assert_eq!(adds.alike(&item(&Question::read("23*6=").unwrap(), Split::Public), 1), None);
    }

    #[test]
    fn drawing_order_follows_the_probabilities() {
        let questions = ["5*3=", "50*3=", "51*3="].map(|p| Question::read(p).unwrap());
        let mut rng = ChaCha8Rng::seed_from_u64(3);
        let (n, mut first, mut second) = (4000, 0, 0);
        for _ in 0..n {
            let order = in_drawing_order(questions.iter().cloned(), &mut rng);
            first += u32::from(order[0] == questions[0]);
            second += u32::from(order[1] == questions[0]);
        }
        // A one-digit operand is nine times as likely as each of two digits, so first in 9 of 11 draws; else it is
        // second in 9 of 10. Four standard errors are at most 0.025.
        let near = |count: u32, share: f64| (f64::from(count) / f64::from(n) - share).abs() < 0.025;
        assert!(near(first, 9.0 / 11.0) && near(second, 2.0 / 11.0 * 0.9), "{first} and {second} of {n}");
    }

    #[test]
    fn a_pool_of_three_gives_three() {
        let keep = ["5*3=", "50*3=", "51*3="];
        let excluded = Domain::Mul.questions().map(|q| q.prompt()).filter(|p| !keep.contains(&p.as_str())).collect();
        let few = Tasks::new(vec![Domain::Mul], Prompts::All, excluded);
        assert_eq!((few.draw(1, 99).len(), few.draw(1, 2).len()), (3, 2));
    }

    fn build(settings: &str) -> Result<Tasks, Vec<String>> {
        let problems = config::read(&Source::inline("t.toml", settings), Tasks::build);
        problems.map_err(|all| all.iter().map(ToString::to_string).collect())
    }

    #[test]
    fn settings_are_read_and_wrong_ones_say_what_was_expected() {
        let tasks = build("domains = [\"rev\", \"add\"]\nsplit = \"all\"").unwrap();
        assert_eq!(tasks.domains(), ["rev".into(), "add".into()]);
        assert_eq!(build("").unwrap().domains().len(), 7);
        for (settings, expected) in [
            (
                "domains = [\"reverse\"]",
                "t.toml:1:11: domains: expected some of add, sub, mul, mod, rev, sort, count, found \"reverse\"",
            ),
            (
                "domains = [\"srot\"]",
                "t.toml:1:11: domains: expected some of add, sub, mul, mod, rev, sort, count, found \"srot\"\n  hint: did you mean \"sort\"?",
            ),
            ("domains = []", "t.toml:1:11: domains: expected at least one of add, sub, mul, mod, rev, sort, count"),
            ("domains = [\"add\", \"add\"]", "t.toml:1:11: domains: \"add\" is there twice"),
            (
                "split = \"heldout\"",
                "t.toml:1:9: split: expected one of held-out, all, found \"heldout\"\n  hint: did you mean \"held-out\"?",
            ),
        ] {
            assert_eq!(build(settings).unwrap_err(), [expected], "{settings}");
        }
        let missing = build("exclude = \"no/such.jsonl\"").unwrap_err();
        assert!(missing[0].contains("no/such.jsonl can't be read"), "{missing:?}");
    }

    #[test]
    fn excluded_prompts_are_never_drawn_and_change_the_fingerprint() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("seen.jsonl");
        std::fs::write(&file, "{\"prompt\": \"5*3=\", \"answer\": \"15\"}\n\n{\"prompt\": \"7*2=\"}\n").unwrap();
        let all = "domains = [\"mul\"]\nsplit = \"all\"\n";
        let tasks = build(&format!("{all}exclude = {file:?}")).unwrap();
        assert_eq!(tasks.pool(Domain::Mul), 10_000 - 2);
        assert_ne!(tasks.fingerprint(), build(all).unwrap().fingerprint());
        std::fs::write(&file, "{\"prompt\": \"5*3=\"}\n{\"question\": 1}\n").unwrap();
        let problem = &build(&format!("exclude = {file:?}")).unwrap_err()[0];
        assert!(problem.contains("seen.jsonl:2: expected an object with a text `prompt`"), "{problem}");
    }
}
