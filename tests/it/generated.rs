//! What generators make can be graded: the scorer that the reference names takes every item, finds every accepted answer
//! right in the forms in which models give it, and another question's answer wrong.

use crate::support::Outcome;
use assayd::config::{self, Source};
use assayd::domain::{Answer, Finish, Item, Verdict};
use assayd::scoring::{self, Graded, Scorer};
use assayd::workload::generator::{self, Generator};
use libtest_mimic::Trial;
use std::sync::Arc;

/// Generator, its settings, and the scorer for what it makes.
const CASES: &[(&str, &str, &str)] = &[
    ("arithmetic", "", "number"),
    ("arithmetic", "domains = [\"fractions\"]", "exact"),
    ("dates", "", "exact"),
    ("dates", "domains = [\"between\", \"leap-years\"]", "number"),
    ("strings", "", "exact"),
    ("strings", "domains = [\"count-letters\", \"count-words\"]", "number"),
    ("word-problems", "", "number"),
    ("logic", "", "exact"),
    ("logic", "domains = [\"sets\"]", "number"),
    ("program", "", "number"),
    ("program", "", "exact"),
    ("table", "", "exact"),
    ("table", "domains = [\"aggregate\"]", "number"),
    ("needle", "", "exact"),
];

/// Items of each case.
const ITEMS: usize = 600;

/// How models give an answer.
const SAID: [&str; 8] = [
    "ANSWER",
    "**ANSWER**",
    "The answer is ANSWER.",
    "Let me see. 3 and 4 are 7, so that is not it.\n\nAnswer: ANSWER",
    "<think>Perhaps 12?</think>\nANSWER\n",
    "答案是ANSWER。",
    "先算第一步，得到3。\n\n答案：ANSWER",
    "So we have $\\boxed{ANSWER}$.",
];

fn built(kind: &str, settings: &str) -> Result<Arc<dyn Generator>, String> {
    let kind = generator::KINDS.iter().find(|known| known.name == kind).ok_or("no such generator")?;
    config::read(&Source::inline("settings", settings), |section| (kind.build)(section))
        .map_err(|problems| problems.iter().map(|p| format!("{p}\n")).collect())
}

fn verdict(scorer: &dyn Scorer, item: &Item, said: &str) -> Option<Verdict> {
    let answer = Answer { text: said.to_owned(), finish: Some(Finish::Stop), ..Answer::default() };
    match scorer.grade(item, &answer) {
        Graded::Final(finding) => Some(finding.verdict),
        _ => None,
    }
}

fn graded(kind: &str, settings: &str, scorer: &str) -> Outcome {
    let known = scoring::KINDS.iter().find(|known| known.name == scorer).ok_or("no such scorer")?;
    let scorer = (known.build)(None).ok_or("the scorer needs settings")?;
    let items = built(kind, settings)?.draw(11, ITEMS);
    if items.len() < ITEMS {
        return Err(format!("{} items", items.len()).into());
    }
    for (item, other) in items.iter().zip(items.iter().cycle().skip(1)) {
        let place = item.id.as_str();
        scorer.accepts(item).map_err(|why| format!("{place}: {why}"))?;
        for answer in &item.answers {
            for form in SAID {
                let said = form.replace("ANSWER", answer);
                if verdict(&*scorer, item, &said) != Some(Verdict::Correct) {
                    return Err(format!("{place}: {said:?} is right, and not found to be").into());
                }
            }
        }
        // What is asked for comes first; the other forms may differ by their language alone.
        let wrong = other.answers.first().filter(|answer| !item.answers.contains(answer));
        if let Some(answer) = wrong
            && verdict(&*scorer, item, answer) == Some(Verdict::Correct)
        {
            return Err(format!("{place}: {answer:?} is wrong, and is not found to be").into());
        }
    }
    Ok(())
}

/// One test a case.
pub fn tests() -> Vec<Trial> {
    let case = |&(kind, settings, scorer): &(&'static str, &'static str, &'static str)| {
        let domains = settings.strip_prefix("domains = ").unwrap_or("all");
        Trial::test(format!("generated::{kind}_{domains}_by_{scorer}"), move || graded(kind, settings, scorer))
    };
    CASES.iter().map(case).collect()
}
