//! Facts are searched in the whole prompt, as a model sees it.

use super::super::library::{Language, check};
use super::*;
use crate::config::{self, Source};
use crate::domain::{Item, Length, estimated_tokens};
use crate::workload::template::Template;
use rand::SeedableRng;
use regex::Regex;
use std::collections::BTreeMap;

const SHORT: Needles = Needles { tokens: 500, needles: None };

fn build(settings: &str) -> Result<Arc<dyn Generator>, Vec<String>> {
    let built = config::read(&Source::inline("t.toml", settings), |section| (KIND.build)(section));
    built.map_err(|all| all.iter().map(ToString::to_string).collect())
}

/// Kinds of numbers, first in English, then in Chinese.
const KINDS: [&str; 16] = [
    "access code",
    "inventory number",
    "permit number",
    "locker number",
    "telephone extension",
    "contract number",
    "insurance number",
    "meter reading",
    "门禁密码",
    "登记编号",
    "许可证号",
    "储物柜号",
    "分机号",
    "合同编号",
    "保险单号",
    "电表读数",
];

/// What a text says of each name: a number, or another name.
struct Reader {
    facts: Vec<Regex>,
    asked: Regex,
}

impl Reader {
    fn new() -> Self {
        let kinds = format!("(?:{})", KINDS[..8].join("|"));
        let name = format!("[Tt]he ({kinds} of the \\w+ \\w+)");
        let chinese = format!("(\\p{{Han}}{{3,8}}的(?:{}))", KINDS[8..].join("|"));
        let regex = |pattern: String| Regex::new(&pattern).unwrap();
        Self {
            facts: vec![
                regex(format!("{name} is (\\d+)")),
                regex(format!("{name} is the same as the ({kinds} of the \\w+ \\w+)")),
                regex(format!("{name} is identical to the ({kinds} of the \\w+ \\w+)")),
                regex(format!("For {name}, the same number is used as for the ({kinds} of the \\w+ \\w+)")),
                regex(format!("^(?:请注意，|记录显示，|有人在纸上写着：)?{chinese}[是为](\\d+)$")),
                regex(format!("^(?:请注意，)?{chinese}[与和]{chinese}(?:相同|是同一个数)$")),
                regex(format!("^{chinese}用的数和{chinese}一样$")),
                // The number first: turned round below.
                regex(format!("It is (\\d+) that serves as the ({kinds} of the \\w+ \\w+)")),
                regex(format!("^(\\d+)就是{chinese}$")),
            ],
            asked: regex(format!("{name}|(?:^|[)，出到 ]){chinese}")),
        }
    }

    fn answer(&self, prompt: &str) -> Option<String> {
        let (text, question) = prompt.rsplit_once("\n\n")?;
        let mut known: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
        let sentences = text.split(['。', '\n']).flat_map(|part| part.split(". "));
        // After what somebody said there is a quotation mark.
        let sentences = sentences.map(|sentence| sentence.trim_start_matches('”'));
        // Only facts have digits in them, or say that two are the same.
        let links = ["same", "identical", "相同", "同一", "一样"];
        let may_tell = |sentence: &&str| {
            sentence.bytes().any(|b| b.is_ascii_digit()) || links.iter().any(|word| sentence.contains(word))
        };
        for sentence in sentences.filter(may_tell) {
            let Some(found) = self.facts.iter().find_map(|fact| fact.captures(sentence)) else { continue };
            let [a, b] = [1, 2].map(|at| found.get(at).map_or("", |m| m.as_str()));
            let (name, value) = if a.starts_with(|c: char| c.is_ascii_digit()) { (b, a) } else { (a, b) };
            known.entry(name).or_default().push(value);
        }
        let question = question.rsplit_once('\n')?.0;
        let mut values = Vec::new();
        for found in self.asked.captures_iter(question) {
            let mut at = found.iter().skip(1).flatten().next()?.as_str();
            for _ in 0..20 {
                // A name has one number, or one other name.
                let [next] = known.get(at)?.as_slice() else { return None };
                at = next;
                if at.parse::<u32>().is_ok() {
                    break;
                }
            }
            values.push(at.to_owned());
        }
        Some(values.join(", "))
    }
}

fn shown(item: &Item) -> String {
    Template::default().render(item).messages[0].content.clone()
}

#[test]
fn ten_thousand_are_found_in_their_text() {
    let reader = Reader::new();
    check::verified(KIND.name, SHORT, |item| {
        let prompt = shown(item);
        let got = reader.answer(&prompt);
        if got.as_ref() == item.answers.first() {
            return Ok(());
        }
        Err(format!("{got:?} and not {:?}:\n{prompt}", item.answers))
    });
}

#[test]
fn facts_are_spread_evenly_and_texts_are_as_long_as_they_are_to_be() {
    let library = Library::new("needle", Needles { tokens: 3_000, needles: Some(1) });
    let items = library.draw(3, 2_000);
    let mut tenths = [0_u32; 10];
    for item in items.iter().filter(|item| &*item.tags.domain == "needles") {
        let depth = item.haystack.as_ref().unwrap().facts[0].depth;
        tenths[(depth / 1_000) as usize] += 1;
    }
    // 100 are expected in each, with a standard deviation of 9.5.
    assert!(tenths.iter().all(|n| (60..=140).contains(n)), "{tenths:?}");
    for item in items.iter().take(20) {
        let tokens = estimated_tokens(&shown(item));
        assert!((3_000..3_200).contains(&tokens), "{tokens}");
        let measured = item.clone().measured();
        assert!(measured.tags.length == Length::Long && measured.tokens().abs_diff(tokens) < 60, "{tokens}");
    }
}

#[test]
fn a_long_text_is_no_burden_before_it_is_asked() {
    let library = build("tokens = 100000\nneedles = 5\nlanguages = [\"zh\"]").ok().unwrap();
    let items = library.draw(1, 1_000);
    let held: usize = items
        .iter()
        .map(|item| {
            let said: usize = item.messages.iter().map(|m| m.content.len()).sum();
            said + item.haystack.iter().flat_map(|h| &h.facts).map(|fact| fact.text.len()).sum::<usize>()
        })
        .sum();
    assert!(items.len() == 1_000 && held < 4_000_000, "{held} bytes");
    assert!(estimated_tokens(&shown(&items[0])) >= 100_000);
}

#[test]
fn settings_are_read_and_wrong_ones_are_told() {
    let is = |settings| build(settings).ok().unwrap().fingerprint();
    let rest = "difficulty=1-10 domains=needles,chains languages=en,zh";
    assert_eq!(is(""), format!("needle/1 tokens=4000 needles=by-difficulty {rest}"));
    assert_eq!(is("tokens = 9000\nneedles = 3"), format!("needle/1 tokens=9000 needles=3 {rest}"));
    for (settings, want) in [
        ("tokens = 100", &["t.toml:1:10: tokens: expected from 500 to 1000000"][..]),
        ("needles = 0", &["t.toml:1:11: needles: expected from 1 to 12"]),
        (
            "needles = 13\nlanguages = []",
            &["t.toml:1:11: needles: expected from 1 to 12", "t.toml:2:13: languages: expected at least one of en, zh"],
        ),
    ] {
        assert_eq!(build(settings).err().unwrap(), want);
    }
}

#[test]
fn some_to_read() {
    let mut text = String::new();
    for (domain, language, difficulty) in [
        ("needles", Language::English, 1),
        ("needles", Language::Chinese, 7),
        ("chains", Language::English, 9),
        ("chains", Language::Chinese, 2),
    ] {
        let wanted = Wanted { domain, difficulty, language };
        let made = SHORT.make(wanted, &mut ChaCha8Rng::seed_from_u64(5));
        let tags = crate::domain::Tags::new(domain, "c", language.label(), crate::domain::Split::Fresh);
        let item =
            Item { haystack: made.haystack.map(Arc::new), ..Item::question("i", made.prompt, made.answers, tags) };
        text += &format!(
            "=== {domain} {} {difficulty}\n{}\n--> {}\n\n",
            language.label(),
            shown(&item),
            item.answers.join(" | ")
        );
    }
    insta::with_settings!({ omit_expression => true }, { insta::assert_snapshot!("needle", text) });
}
