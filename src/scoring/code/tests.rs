//! The table of extractions (`extraction.LANGUAGE.jsonl`, a case a line: what an answer says and which program is in it), what an
//! item may say, and that nothing an answer says takes long.

use super::*;
use crate::config::{self, Source};
use crate::domain::{Finish, Split, Tags};
use proptest::prelude::*;
use std::collections::BTreeSet;

/// `says` and what is `wanted` of it; either the `program` that is in it, or the `rule` of the finding.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Case {
    says: String,
    #[serde(default)]
    entry: Option<String>,
    #[serde(default)]
    tests: Option<Value>,
    #[serde(default)]
    prefix: String,
    #[serde(default)]
    cut: bool,
    #[serde(default)]
    program: Option<String>,
    #[serde(default)]
    rule: Option<String>,
}

fn scorer(more: &str) -> Result<Arc<dyn Scorer>, Vec<String>> {
    let text = format!("sandbox = \"bubblewrap\"\n{more}");
    let built = config::read(&Source::inline("t", &text), |section| build(Some(section)));
    built.map_err(|problems| problems.iter().map(ToString::to_string).collect())
}

fn item(tests: Value) -> Item {
    let spec = [("tests".to_owned(), tests)].into_iter().collect();
    let tags = Tags::new("d", "c", "en", Split::Fresh);
    Item { spec: Some(Arc::new(spec)), ..Item::question("i", "?", Vec::new(), tags) }
}

fn extracted(table: &str) {
    let rows: Vec<Case> = table.lines().map(|line| serde_json::from_str(line).expect(line)).collect();
    let texts: BTreeSet<String> = rows.iter().map(|case| format!("{case:?}")).collect();
    assert!(rows.len() >= 30 && texts.len() == rows.len(), "{} cases, {} of them distinct", rows.len(), texts.len());
    let scorer = scorer("").unwrap();
    let mut misses = Vec::new();
    for case in rows {
        let tests = case.tests.clone().unwrap_or_else(|| json!(["assert add(1, 2) == 3"]));
        let item = item(json!({"entry_point": case.entry, "prefix": case.prefix, "cases": tests}));
        scorer.accepts(&item).unwrap();
        let finish = if case.cut { Finish::Length } else { Finish::Stop };
        let answer = Answer { text: case.says.clone(), finish: Some(finish), ..Answer::default() };
        let (program, rule) = match scorer.grade(&item, &answer) {
            Graded::Run(job) => {
                (job.files.into_iter().find(|(name, _)| name == "program.py").map(|(_, text)| text), None)
            }
            Graded::Final(found) => (None, Some(found.rule.to_owned())),
            other => panic!("{other:?}"),
        };
        let trimmed = |text: &Option<String>| text.as_deref().map(|text| text.trim_end().to_owned());
        if (trimmed(&program), &rule) != (trimmed(&case.program), &case.rule) {
            misses.push(format!(
                "{:?}\n  want {:?} {:?}\n  got  {program:?} {rule:?}",
                case.says, case.program, case.rule
            ));
        }
    }
    assert!(misses.is_empty(), "{} missed:\n{}", misses.len(), misses.join("\n"));
}

#[test]
fn programs_are_found_in_english() {
    extracted(include_str!("extraction.en.jsonl"));
}

#[test]
fn programs_are_found_in_chinese() {
    extracted(include_str!("extraction.zh.jsonl"));
}

#[test]
fn settings_are_read_and_there_is_no_default_sandbox() {
    assert!(build(None).is_none());
    for (settings, want) in [
        ("", "t:1:1: sandbox: is missing: expected one of bubblewrap"),
        ("sandbox = \"none\"", "t:1:11: sandbox: expected one of bubblewrap, found \"none\""),
    ] {
        let built = config::read(&Source::inline("t", settings), |section| build(Some(section)));
        assert_eq!(built.err().unwrap().first().unwrap().to_string(), want);
    }
    for (settings, want) in [
        ("language = \"perl\"", "t:2:12: language: expected one of python, found \"perl\""),
        ("command = []", "t:2:11: command: expected a program and its arguments, such as [\"python3\"]"),
        ("time = \"1h\"", "t:2:8: time: expected at most \"10min\""),
        ("memory = \"1 MiB\"", "t:2:10: memory: expected from \"64 MiB\" to \"64 GiB\""),
    ] {
        assert_eq!(scorer(settings).err().unwrap(), [want]);
    }
    let is = |settings| scorer(settings).unwrap().fingerprint();
    assert_eq!(is(""), is("time = \"10s\""), "the secret is no part of it");
    assert_ne!(is(""), is("time = \"9s\""));
    assert_ne!(is(""), is("memory = \"1 GiB\""));
    assert_ne!(is(""), is("command = [\"python3.12\"]"));
}

#[test]
fn tests_that_cannot_be_run_are_told() {
    let scorer = scorer("").unwrap();
    for (tests, want) in [
        (json!(1), "the `tests` are neither a text nor a list"),
        (json!([]), "0 tests, expected from 1 to 500"),
        (json!([" "]), "test 1 is empty"),
        (json!(["assert f()", 3]), "test 2 is neither a text nor an object of `stdin` and `stdout`"),
        (json!([{"stdin": "", "out": ""}]), "test 1 is neither a text nor an object of `stdin` and `stdout`"),
        (
            json!("def check(candidate):\n    pass"),
            "test 1 defines check(…): say `entry_point`, the function it is given",
        ),
        (
            json!({"cases": ["assert f()"], "entry": "f"}),
            "the `tests` can't be read: unknown field `entry`, expected one of `cases`, `entry_point`, `prefix`, `setup`",
        ),
    ] {
        assert_eq!(scorer.accepts(&item(tests.clone())), Err(want.to_owned()), "{tests}");
    }
    let none = Item { spec: None, ..item(json!(1)) };
    assert_eq!(scorer.accepts(&none), Err("a code item needs `tests`".to_owned()));
}

#[test]
fn no_answer_is_taken_for_a_result_of_its_own() {
    let scorer = scorer("").unwrap();
    let item = item(json!(["assert add(1, 2) == 3"]));
    let answer = Answer { text: "```python\ndef add(a, b): return 3\n```".into(), ..Answer::default() };
    let ran = |output: String| Reply::Ran { ended: Ended::Exited(0), output, errors: String::new() };
    let Graded::Run(job) = scorer.grade(&item, &answer) else { panic!() };
    let input: Value = serde_json::from_str(&job.input).unwrap();
    let nonce = input["nonce"].as_str().unwrap();
    let passed = "{\"results\": [\"passed\"], \"detail\": \"\"}";
    let settled = |output: String| scorer.settle(&item, &answer, &[ran(output)]);
    assert_eq!(settled(format!("{nonce} {passed}\n")).rule, "code/passed");
    assert_eq!(settled(format!("{passed}\n")).rule, "code/not-run");
    assert_eq!(settled(format!("x{nonce} {passed}\n")).rule, "code/not-run");
    assert_eq!(settled(format!("{nonce} {{\"begun\": true}}\n{passed}\n")).rule, "code/crashed");
    let two = "{\"results\": [\"passed\", \"passed\"], \"detail\": \"\"}";
    assert_eq!(settled(format!("{nonce} {two}\n")).rule, "code/crashed", "another number of tests");
    // Another scorer of the same settings has another secret.
    let other = self::scorer("").unwrap();
    assert_eq!(other.settle(&item, &answer, &[ran(format!("{nonce} {passed}\n"))]).rule, "code/not-run");
}

#[test]
fn no_form_of_text_takes_long() {
    // Whatever grew with the square of the text would not come back from these within the test's patience.
    let scorer = scorer("").unwrap();
    let item = item(json!(["assert add(1, 2) == 3"]));
    for piece in [
        "a",
        "`",
        "```\n",
        "```python\n",
        "```python\nx = y\n```\n",
        "(",
        "\"\"\"",
        "'",
        "x = 1\n",
        "def f():\n",
        "~~~",
        "> ",
        "import a\n",
        "\n",
    ] {
        let answer = Answer { text: piece.repeat((256 << 10) / piece.len()), ..Answer::default() };
        let _graded = scorer.grade(&item, &answer);
    }
}

proptest! {
    #[test]
    fn no_text_panics(text in "(?s)(```(python)?\n|[a-z (){}=:#\"'`\n~]|def |import |.){0,80}", cut in proptest::bool::ANY) {
        let finish = if cut { Finish::Length } else { Finish::Stop };
        let answer = Answer { text, finish: Some(finish), ..Answer::default() };
        let _graded = scorer("").unwrap().grade(&item(json!(["assert add(1, 2) == 3"])), &answer);
    }
}
