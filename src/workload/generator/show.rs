//! Prompts of generators as snapshots, so that people can read them; and how their parts are taken apart again.

use super::library::{Language, Maker, Wanted};
use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;
use std::fmt::Write as _;

/// Prompts of every domain and language, an easy and a hard one of each.
pub fn show(name: &str, maker: &impl Maker) {
    let mut text = String::new();
    for (domain, capability) in maker.domains() {
        for (language, difficulty) in Language::ALL.iter().flat_map(|l| [(*l, 2), (*l, 9)]) {
            let mut rng = ChaCha8Rng::seed_from_u64(u64::from(difficulty));
            let made = maker.make(Wanted { domain, difficulty, language }, &mut rng);
            let head = format!("{domain} ({capability}) {} {difficulty}", language.label());
            writeln!(text, "=== {head}\n{}\n--> {}\n", made.prompt, made.answers.join(" | ")).unwrap();
        }
    }
    insta::with_settings!({ omit_expression => true }, { insta::assert_snapshot!(name, text) });
}

/// The first two paragraphs, and what comes after them without its last line, which says how to answer.
pub fn split(prompt: &str) -> [&str; 3] {
    let mut parts = prompt.splitn(3, "\n\n");
    let [intro, body, rest] = [(); 3].map(|()| parts.next().expect("three paragraphs"));
    let (ask, form) = rest.rsplit_once('\n').expect("a question and a form");
    assert!(form.contains("Answer:") || form.contains("答案："), "{form}");
    [intro, body, ask]
}
