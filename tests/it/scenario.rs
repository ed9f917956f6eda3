//! `assayd scenario`: what is found in items, what is shown of them, and that what is written is read back.

use crate::support::Outcome;
use crate::support::bench::{Bench, PRICE, Run, target};
use libtest_mimic::{Failed, Trial};

/// The tests of this module.
pub fn tests() -> Vec<Trial> {
    vec![
        Trial::test("scenario::lint_finds_what_is_wrong", lint),
        Trial::test("scenario::preview_shows_what_will_be_sent", preview),
        Trial::test("scenario::samples_are_read_back_as_the_same_items", sample),
    ]
}

fn bench(scenario: &str, rows: &str) -> Result<Bench, Failed> {
    let bench = Bench::new()?;
    let text = format!(
        "{}[scenario.s]\n{scenario}\n[workload.w]\narrival = {{ kind = \"closed\", concurrency = 1 }}\n\
         [[run]]\nname = \"r\"\ntargets = [\"*\"]\nscenarios = [\"*\"]\nworkload = \"w\"\n",
        target("m", "127.0.0.1:9", PRICE)
    );
    std::fs::write(bench.folder().join("assayd.toml"), text)?;
    std::fs::write(bench.folder().join("rows.jsonl"), rows)?;
    Ok(bench)
}

fn scenario(bench: &Bench, more: &[&str]) -> Result<Run, Failed> {
    let (what, rest) = more.split_first().ok_or("nothing to do")?;
    bench.ran(&mut bench.command(&[&["scenario", what, "-c", "assayd.toml"], rest].concat()))
}

fn lint() -> Outcome {
    let rows = r#"{"id": "a", "prompt": "Name the capital of France.", "answer": "Paris"}
{"id": "b", "prompt": "Name the capital of  France", "answer": "Paris"}
{"id": "c", "prompt": "Name the capital of France!", "answer": "Lyon"}
{"id": "d", "prompt": "Is it called Rome or Roma in Italian?", "answer": "Roma", "domain": "geo", "hard": true}
{"id": "e", "prompt":
"#;
    let bench = bench(
        "dataset = { format = \"jsonl\", path = \"rows.jsonl\", skip_bad_rows = true }\nscorer = \"exact\"",
        rows,
    )?;
    let run = scenario(&bench, &["lint"])?;
    run.expect(0, "")?;
    let said = &run.ended.stdout;
    for line in [
        "scenario s (jsonl rows.jsonl)",
        "answers     4 of 4 have what exact grades by",
        "tokens at the median",
        "bad row: rows.jsonl:5:",
        "1 repeat an earlier item: b",
        "1 ask the same as an earlier item, and have another answer: c",
        "1 have their answer in the question: d",
        "cell        general × general 3, geo × general 1",
        "hard        hard 1, not hard 3",
        "cost        run r, m: 4 exchanges, 0.0",
        "found       4",
    ] {
        assert!(said.contains(line), "{line:?} is not in\n{said}");
    }
    scenario(&bench, &["lint", "--strict"])?.expect(5, "")?;
    scenario(&bench, &["lint", "--scenario", "other"])?.expect(2, "--scenario matches none of s")
}

fn preview() -> Outcome {
    let rows = r#"{"id": "q", "prompt": "Pick.", "options": ["x", "y"], "answer": "B"}"#;
    let bench = bench(
        "dataset = { format = \"jsonl\", path = \"rows.jsonl\" }\nscorer = \"choice\"\nsystem = \"Be brief.\"\n\
         prompt = \"Q: {prompt}\\n{options}\"",
        rows,
    )?;
    let run = scenario(&bench, &["preview"])?;
    run.expect(0, "")?;
    let shown = "--- system\nBe brief.\n--- user\nQ: Pick.\nA. x\nB. y\n--- right (choice)\nB\n";
    assert!(run.ended.stdout.contains(shown), "{}", run.ended.stdout);
    assert!(run.ended.stdout.starts_with("=== s q ("), "{}", run.ended.stdout);
    scenario(&bench, &["preview", "--item", "none"])?.expect(2, "there is no such item")
}

fn sample() -> Outcome {
    let rows = r#"{"id":"a","messages":[{"role":"system","content":"s"},{"role":"user","content":"u"}],"answers":["1","2"],"hard":true}
{"id":"b","turns":[{"user":"x"},{"user":"y","answer":"z"}],"domain":"d"}
{"id":"c","prompt":"p","options":["k","l"],"answer":"A","language":"zh","split":"public"}
{"id":"d","prompt":"p2","answer":"1","rubric":"r","tools":[{"name":"f","description":"g","parameters":{"type":"object"}}]}
"#;
    let dataset = |path: &str| format!("dataset = {{ format = \"jsonl\", path = \"{path}\" }}\nscorer = \"none\"");
    let bench = bench(&dataset("rows.jsonl"), rows)?;
    let first = scenario(&bench, &["sample"])?;
    first.expect(0, "")?;
    let written = first.ended.stdout.clone();
    assert_eq!(written.lines().count(), 4);
    std::fs::write(bench.folder().join("rows.jsonl"), &written)?;
    assert_eq!(scenario(&bench, &["sample"])?.ended.stdout, written);
    // Of every generator too, and the same for the same seed.
    for kind in assayd::workload::generator::KINDS {
        let drawn =
            format!("generator = {{ kind = \"{}\", count = 12, seed = \"fresh\" }}\nscorer = \"none\"", kind.name);
        let bench = self::bench(&drawn, "")?;
        let first = scenario(&bench, &["sample", "--seed", "5"])?;
        first.expect(0, "")?;
        let written = first.ended.stdout.clone();
        assert!(written.lines().count() >= 5, "{}: {written}", kind.name);
        assert_eq!(scenario(&bench, &["sample", "--seed", "5"])?.ended.stdout, written, "{}", kind.name);
        let again = self::bench(&dataset("rows.jsonl"), &written)?;
        let back = scenario(&again, &["sample"])?;
        back.expect(0, "")?;
        assert_eq!(back.ended.stdout, written, "{}", kind.name);
    }
    Ok(())
}
