//! What happens to items between loading and asking, from settings to the items that are drawn.

use crate::config::Source;
use crate::domain::{Split, Verdict};
use crate::plan::{self, Plan, Scenario};
use crate::workload::{Items, Occasion};
use std::fmt::Write as _;

const REST: &str = "\n[target.t]\napi = \"openai-chat\"\nurl = \"http://127.0.0.1:9/v1\"\nmodel = \"m\"\n\
                    [workload.w]\narrival = { kind = \"closed\", concurrency = 1 }\n\
                    [[run]]\ntargets = [\"*\"]\nscenarios = [\"*\"]\nworkload = \"w\"\n";

/// Builds a plan of one scenario over these rows; `{path}` in its settings is the folder.
fn build(settings: &str, rows: &[String]) -> Result<Plan, Vec<String>> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("data.jsonl");
    std::fs::write(&path, rows.join("\n")).unwrap();
    std::fs::write(folder.path().join("key"), "a key of sixteen bytes and more\n").unwrap();
    std::fs::write(folder.path().join("short"), "short").unwrap();
    std::fs::write(folder.path().join("others.jsonl"), "{\"id\": \"q1\", \"texts\": [\"In other words?\"]}\n").unwrap();
    let settings = settings.replace("{path}", &folder.path().display().to_string());
    let text = format!("[scenario.s]\ndataset = {{ format = \"jsonl\", path = {path:?} }}\n{settings}{REST}");
    let told =
        |problem: &crate::config::Problem| problem.to_string().replace(&format!("{}/", folder.path().display()), "");
    plan::build(&Source::inline("c", &text)).map_err(|problems| problems.iter().map(told).collect())
}

fn rows(count: usize) -> Vec<String> {
    (0..count)
        .map(|n| format!(r#"{{"id": "q{n}", "prompt": "question {n}", "answer": "{n}", "split": "public"}}"#))
        .collect()
}

fn one(plan: &Plan) -> &Scenario {
    plan.scenarios.first().unwrap()
}

fn ids(scenario: &Scenario, seed: u64, started_unix_ms: i64) -> Vec<String> {
    let items = scenario.items.draw(Occasion { seed, started_unix_ms });
    items.iter().map(|item| item.id.as_str().to_owned()).collect()
}

#[test]
fn repeats_are_counted_by_default_and_left_out_where_that_is_said() {
    let rows = ["Which is it?", "which is it", "What else?"].map(|q| format!(r#"{{"prompt": "{q}", "answer": "a"}}"#));
    let plan = build("scorer = \"exact\"", &rows).unwrap();
    let found = one(&plan).treatment.duplicates.clone().unwrap();
    assert_eq!(
        found.repeats,
        ["data.jsonl:2: \"line-2\" repeats line 1 (\"line-1\")"].map(|_| found.repeats[0].clone())
    );
    assert!(found.repeats[0].ends_with("data.jsonl:2: \"line-2\" repeats line 1 (\"line-1\")"));
    assert_eq!(
        found.sentence().unwrap(),
        "1 of 3 items repeat an earlier one (kept: duplicates = \"drop\" leaves them out)"
    );
    assert_eq!(ids(one(&plan), 1, 0).len(), 3);
    let dropped = build("scorer = \"exact\"\nduplicates = \"drop\"", &rows).unwrap();
    assert_eq!(ids(one(&dropped), 1, 0), ["line-1", "line-3"]);
    assert_ne!(one(&dropped).fingerprint, one(&plan).fingerprint);
    let kept = build("scorer = \"exact\"\nduplicates = \"keep\"", &rows).unwrap();
    assert_eq!(one(&kept).treatment.duplicates, None);
}

#[test]
fn the_published_items_of_the_demo_repeat_twenty_times() {
    let published: Vec<(String, String)> =
        serde_json::from_str(include_str!("../../demo/models/public-items.json")).unwrap();
    let row = |(n, (prompt, answer)): (usize, &(String, String))| {
        serde_json::json!({ "id": format!("p{n}"), "prompt": prompt, "answer": answer }).to_string()
    };
    let rows: Vec<String> = published.iter().enumerate().map(row).collect();
    for near in ["", "near_duplicates = 0.5\n"] {
        let plan = build(&format!("scorer = \"exact\"\nduplicates = \"drop\"\n{near}"), &rows).unwrap();
        let found = one(&plan).treatment.duplicates.clone().unwrap();
        assert_eq!((found.among, found.repeats.len(), found.contradictions.len()), (210, 20, 0));
        assert_eq!(ids(one(&plan), 1, 0).len(), 190);
    }
}

#[test]
fn a_private_subset_is_asked_by_period_and_the_key_stays_secret() {
    let settings = |ask: &str, key: &str| {
        format!(
            "scorer = \"exact\"\nprivate = {{ share = \"20%\", key = {{ file = \"{{path}}/{key}\" }}, every = \"1h\" }}\n{ask}"
        )
    };
    let plan = build(&settings("", "key"), &rows(50)).unwrap();
    let scenario = one(&plan);
    assert_eq!(
        scenario.treatment.private.as_deref(),
        Some("20 % by a key, others every 1h; asked: private, 10 of 50 now")
    );
    let first = ids(scenario, 1, 1_000);
    assert_eq!((first.len(), &first), (10, &ids(scenario, 2, 3_599_999)));
    assert_ne!(first, ids(scenario, 1, 3_600_000));
    assert!(scenario.strata.iter().all(|tags| tags.split == Split::Private));
    assert!(!format!("{:?}", scenario.treatment).contains("sixteen"));
    let public = build(&settings("ask = \"public\"", "key"), &rows(50)).unwrap();
    let others = ids(one(&public), 1, 1_000);
    assert_eq!(others.len(), 40);
    assert!(others.iter().all(|id| !first.contains(id)));
    assert_ne!(one(&public).fingerprint, scenario.fingerprint);
    assert_eq!(ids(one(&build(&settings("ask = \"all\"", "key"), &rows(50)).unwrap()), 1, 1_000).len(), 50);
    let problems = build(&settings("", "short"), &rows(50)).err().unwrap();
    assert_eq!(problems.len(), 1);
    assert!(problems[0].contains("the key has fewer than 16 bytes"), "{problems:?}");
}

#[test]
fn what_the_settings_contradict_is_told() {
    for (settings, want) in [
        ("ask = \"public\"", "scenario.s.ask: there is no private subset to choose from"),
        ("near_duplicates = 0.2", "scenario.s.near_duplicates: expected a number from 0.5 to 1"),
        ("near_duplicates = 0.9\nduplicates = \"keep\"", "scenario.s.near_duplicates: nobody looks for duplicates"),
        (
            "private = { share = \"120%\", key = { file = \"{path}/key\" }, every = \"1h\" }",
            "scenario.s.private.share: expected a share",
        ),
        ("variants = { kinds = [\"shufle\"] }", "did you mean \"shuffle\"?"),
        ("variants = { kinds = [\"shuffle\"] }", "no item has a form \"shuffle\": it needs options"),
        ("variants = { kinds = [\"fresh\"] }", "scenario.s.variants.generator: is missing"),
        ("variants = { kinds = [\"reformat\"], paraphrases = \"x\" }", "is for the kind \"paraphrase\""),
        ("variants = { kinds = [\"paraphrase\"], paraphrases = \"none.jsonl\" }", "can't be read"),
        ("variants = { kinds = [\"reformat\"], per_item = 0 }", "expected from 1 to 20"),
        ("variants = { kinds = [] }", "scenario.s.variants.kinds: expected at least one"),
    ] {
        let problems = build(&format!("scorer = \"exact\"\n{settings}"), &rows(3)).err().unwrap_or_default();
        assert!(problems.len() == 1 && problems[0].contains(want), "{settings}: {problems:?}");
    }
}

#[test]
fn forms_are_made_anew_in_every_run_unless_a_seed_is_given() {
    let settings = "scorer = \"exact\"\nvariants = { kinds = [\"reformat\", \"paraphrase\"], paraphrases = \"{path}/others.jsonl\" }";
    let plan = build(settings, &rows(8)).unwrap();
    let scenario = one(&plan);
    assert_eq!(scenario.treatment.forms.as_deref(), Some("reformat 8, paraphrase 1 of 8 items, fresh in each run"));
    let Items::Varied { .. } = &scenario.items else { panic!("no forms") };
    let draw = |seed| scenario.items.draw(Occasion { seed, started_unix_ms: 0 });
    assert_eq!(draw(1), draw(1));
    assert_ne!(draw(1), draw(2));
    assert!(scenario.strata.iter().any(|tags| tags.split == Split::Fresh));
    assert!(ids(scenario, 1, 0).contains(&"q1~paraphrase".to_owned()));
    let fixed = build(&settings.replace("kinds", "seed = 7, kinds"), &rows(8)).unwrap();
    let draw = |seed| one(&fixed).items.draw(Occasion { seed, started_unix_ms: 0 });
    assert_eq!(draw(1), draw(2));
}

#[test]
fn letters_in_the_template_forbid_other_letters() {
    let rows = [r#"{"prompt": "Which?", "options": ["x", "y"], "answer": "A"}"#.to_owned()];
    let settings =
        |prompt: &str| format!("scorer = \"choice\"\nprompt = \"{prompt}\"\nvariants = {{ kinds = [\"relabel\"] }}");
    assert!(build(&settings("{prompt}\\n{options}\\nAnswer with a letter."), &rows).is_ok());
    let problems = build(&settings("{prompt}\\n{options}\\nAnswer with A or B."), &rows).err().unwrap();
    assert!(problems[0].contains("other letters than the template names"), "{problems:?}");
}

#[test]
fn the_choice_scorer_reads_every_form_of_a_choice_question() {
    use crate::domain::Answer;
    let row =
        r#"{"id": "q", "prompt": "Which is a metal?", "options": ["wood", "iron", "glass", "paper"], "answer": "B"}"#;
    let settings = "scorer = \"choice\"\nvariants = { kinds = [\"shuffle\", \"relabel\", \"reformat\"], per_item = 3 }";
    let plan = build(settings, &[row.to_owned()]).unwrap();
    let scenario = one(&plan);
    let items = scenario.items.draw(Occasion { seed: 5, started_unix_ms: 0 });
    assert_eq!(items.len(), 8, "one item, three orders, other letters in one way, three layouts");
    let verdict = |item: &crate::domain::Item, text: &str| {
        let answer = Answer { text: text.into(), ..Answer::default() };
        match scenario.scorer.grade(item, &answer) {
            crate::scoring::Graded::Final(finding) => finding.verdict,
            other => panic!("{other:?}"),
        }
    };
    for item in &items {
        let mut asked = String::new();
        scenario.template.render(item).messages.iter().for_each(|m| write!(asked, "{}", m.content).unwrap());
        for word in ["Which is a metal?", "wood", "iron", "glass", "paper"] {
            assert_eq!(asked.matches(word).count(), 1, "{word} in {asked}");
        }
        let right = &item.answers[0];
        assert_eq!(verdict(item, &format!("The answer is {right}.")), Verdict::Correct, "{asked}");
        assert_eq!(verdict(item, "The answer is iron."), Verdict::Correct, "{asked}");
        assert_eq!(verdict(item, "The answer is glass."), Verdict::Wrong, "{asked}");
        if item.variant.as_deref() == Some("relabel") {
            assert_eq!(verdict(item, "The answer is B."), Verdict::Wrong, "a letter that is not there");
        }
    }
}
