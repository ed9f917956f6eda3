//! Grading anew: what changes, what is kept, what is left alone, and what nobody pays for.

use crate::support::Outcome;
use crate::support::bench::{Bench, Mock, PRICE, Run, target};
use libtest_mimic::{Failed, Trial};
use serde_json::{Value, json};

/// The tests of this module.
pub fn tests() -> Vec<Trial> {
    vec![
        Trial::test("regrade::a_corrected_reference_changes_verdicts_and_estimates", corrected),
        Trial::test("regrade::other_questions_are_left_alone", other_questions),
        Trial::test("regrade::what_was_not_kept_is_left_alone", not_kept),
        Trial::test("regrade::fresh_items_are_drawn_again_by_their_seed", fresh),
    ]
}

struct Setup {
    bench: Bench,
    mock: Mock,
}

impl Setup {
    fn new(scenario: &str, more: &str) -> Result<Self, Failed> {
        let (bench, mock) = (Bench::new()?, Mock::start(&[])?);
        let setup = Self { bench, mock };
        setup.configure(scenario, more)?;
        Ok(setup)
    }

    fn configure(&self, scenario: &str, more: &str) -> Outcome {
        let text = format!(
            "[store]\nurl = \"sqlite://store.db\"\n{}[scenario.sums]\n{scenario}\n\
             [workload.w]\narrival = {{ kind = \"closed\", concurrency = 3 }}\n\
             [[run]]\nname = \"r\"\ntargets = [\"m\"]\nscenarios = [\"*\"]\nworkload = \"w\"\n",
            target("m", self.mock.address, &format!("{more}\n{PRICE}")),
        );
        Ok(std::fs::write(self.bench.folder().join("assayd.toml"), text)?)
    }

    /// Writes three sums with these right answers.
    fn rows(&self, answers: [i64; 3]) -> Outcome {
        let row = |(i, answer): (usize, i64)| format!("{{\"prompt\": \"{}+1=\", \"answer\": {answer}}}\n", i + 10);
        let rows: String = answers.into_iter().enumerate().map(row).collect();
        Ok(std::fs::write(self.bench.folder().join("sums.jsonl"), rows)?)
    }

    fn regrade(&self, more: &[&str]) -> Result<Run, Failed> {
        self.bench.ran(&mut self.bench.command(&[&["regrade", "-c", "assayd.toml"], more].concat()))
    }

    fn verdicts(&self) -> Result<Vec<String>, Failed> {
        let mut samples = self.bench.samples()?;
        samples.sort_by_key(|sample| sample["item"].to_string());
        Ok(samples.iter().map(|sample| sample["verdict"].as_str().unwrap_or("").to_owned()).collect())
    }
}

const SUMS: &str = "dataset = { format = \"jsonl\", path = \"sums.jsonl\" }\nscorer = \"number\"";

fn corrected() -> Outcome {
    let setup = Setup::new(SUMS, "")?;
    // The second reference is wrong.
    setup.rows([11, 99, 13])?;
    setup.bench.run(&[])?.expect(0, "")?;
    assert_eq!(setup.verdicts()?, ["correct", "wrong", "correct"]);
    setup.regrade(&[])?.expect(0, "3 answers graded anew, 0 verdicts changed")?;
    setup.rows([11, 12, 13])?;
    let dry = setup.regrade(&["--dry-run"])?;
    dry.expect(0, "3 answers graded anew, 1 verdicts changed; nothing was kept (dry run)")?;
    assert_eq!(setup.verdicts()?, ["correct", "wrong", "correct"]);
    let told = setup.regrade(&["--format", "jsonl"])?;
    told.expect(0, "m sums: 1 of 3 changed; accuracy 0.6667 (0.2077 to 0.9385) → 1.0000 (0.4385 to 1.0000)")?;
    let lines: Vec<Value> = told.ended.stdout.lines().map(serde_json::from_str).collect::<Result<_, _>>()?;
    assert_eq!(lines.len(), 1);
    assert_eq!((&lines[0]["item"], &lines[0]["before"]["verdict"]), (&json!("line-2"), &json!("wrong")));
    assert_eq!((&lines[0]["after"]["verdict"], &lines[0]["after"]["extracted"]), (&json!("correct"), &json!("12")));
    assert_eq!(setup.verdicts()?, ["correct"; 3]);
    assert_eq!(setup.mock.arrived()?, 3, "nothing was asked again");
    // The run is over: executed again it is another one, and what was found in it before stays.
    setup.bench.run(&[])?.expect(0, "")?;
    assert_eq!(setup.verdicts()?.len(), 6);
    Ok(())
}

fn other_questions() -> Outcome {
    let setup = Setup::new(SUMS, "")?;
    setup.rows([11, 99, 13])?;
    setup.bench.run(&[])?.expect(0, "")?;
    let rows = "{\"prompt\": \"10+1=\", \"answer\": 11}\n{\"prompt\": \"20+2=\", \"answer\": 12}\n";
    std::fs::write(setup.bench.folder().join("sums.jsonl"), rows)?;
    setup.regrade(&[])?.expect(0, "3 of sums were left: items or template have changed since; --changed-items")?;
    assert_eq!(setup.verdicts()?, ["correct", "wrong", "correct"]);
    let forced = setup.regrade(&["--changed-items"])?;
    forced.expect(0, "1 of sums were left: the scenario has no such item any more")?;
    assert_eq!(setup.verdicts()?, ["correct"; 3]);
    setup.regrade(&["--scenario", "other*"])?.expect(0, "nothing stored matches")
}

fn not_kept() -> Outcome {
    for keep in ["false", "\"hash\""] {
        let setup = Setup::new(SUMS, &format!("store_answers = {keep}"))?;
        setup.rows([11, 99, 13])?;
        setup.bench.run(&[])?.expect(0, "")?;
        setup.rows([11, 12, 13])?;
        setup.regrade(&[])?.expect(0, "3 of sums were left: answers were not kept (`store_answers`)")?;
        assert_eq!(setup.verdicts()?, ["correct", "wrong", "correct"]);
    }
    Ok(())
}

fn fresh() -> Outcome {
    let drawn = |scorer: &str| {
        format!(
            "generator = {{ kind = \"tasks\", domains = [\"add\"], count = 5, seed = \"fresh\" }}\nscorer = {scorer}"
        )
    };
    let setup = Setup::new(&drawn("\"exact\""), "")?;
    setup.bench.run(&[])?.expect(0, "")?;
    let before = setup.verdicts()?;
    setup.configure(&drawn("\"number\""), "")?;
    let told = setup.regrade(&[])?;
    told.expect(0, "5 answers graded anew")?;
    assert_eq!(setup.verdicts()?, ["correct"; 5], "{before:?}");
    Ok(())
}
