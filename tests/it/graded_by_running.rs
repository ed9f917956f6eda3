//! Answers that are programs: run by a run, and again when graded anew, in the real sandbox.

use crate::support::bench::{Bench, target};
use crate::support::scripted::Scripted;
use crate::support::{Outcome, Server, needs};
use libtest_mimic::Trial;
use serde_json::json;

/// The tests of this module.
pub fn tests() -> Vec<Trial> {
    vec![needs(Server::Bubblewrap, "graded_by_running::programs_are_run_and_run_again", programs)]
}

fn programs() -> Outcome {
    let model = Scripted::start(|text| match () {
        () if text.contains("double") => "Here it is:\n```python\ndef double(x):\n    return 2 * x\n```\n",
        () if text.contains("half") => "```python\ndef half(x):\n    return x / 3\n```",
        () => "I'd rather talk about something else.",
    })?;
    let bench = Bench::new()?;
    let row = |name: &str, test: &str| {
        let tests = json!([format!("assert {test}")]);
        json!({"id": name, "prompt": format!("Write {name}(x)."), "tests": tests}).to_string() + "\n"
    };
    let rows =
        |half: &str| [row("double", "double(4) == 8"), row("half", half), row("third", "third(3) == 1")].concat();
    let file = bench.folder().join("rows.jsonl");
    std::fs::write(&file, rows("half(6) == 3"))?;
    let config = format!(
        "[store]\nurl = \"sqlite://store.db\"\n{}[scenario.s]\ndataset = {{ format = \"jsonl\", path = \"rows.jsonl\" }}\n\
         scorer = {{ kind = \"code\", sandbox = \"bubblewrap\" }}\n\
         [workload.w]\narrival = {{ kind = \"closed\", concurrency = 3 }}\n\
         [[run]]\ntargets = [\"*\"]\nscenarios = [\"*\"]\nworkload = \"w\"\n",
        target("m", model.address, "")
    );
    std::fs::write(bench.folder().join("assayd.toml"), config)?;
    bench.run(&[])?.expect(0, "")?;
    let found = || -> Result<Vec<String>, libtest_mimic::Failed> {
        let mut samples = bench.samples()?;
        samples.sort_by_key(|sample| sample["item"].to_string());
        Ok(samples.iter().map(|s| format!("{} {}", s["verdict"], s["rule"]).replace('"', "")).collect())
    };
    let before = found()?;
    assert_eq!(before.get(..2).unwrap_or(&[]), ["correct code/passed", "wrong code/wrong-answer"], "{before:?}");
    assert!(before.get(2).is_some_and(|third| third.starts_with("unparsed")), "{before:?}");
    // The test was wrong; the answer was not.
    std::fs::write(&file, rows("half(6) == 2"))?;
    let again = bench.ran(&mut bench.command(&["regrade", "-c", "assayd.toml"]))?;
    again.expect(0, "3 answers graded anew, 1 verdicts changed")?;
    assert_eq!(found()?.get(1).map(String::as_str), Some("correct code/passed"));
    assert_eq!(model.heard().len(), 3, "nothing was asked again");
    Ok(())
}
