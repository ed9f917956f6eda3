//! Answers that a judge decides on: what it is asked, what its word is worth, what it costs, and what happens without it.

use crate::support::Outcome;
use crate::support::bench::{Bench, Mock, PRICE, target};
use crate::support::process::free_port;
use crate::support::scripted::Scripted;
use libtest_mimic::{Failed, Trial};
use serde_json::json;
use std::net::SocketAddr;

/// The tests of this module.
pub fn tests() -> Vec<Trial> {
    vec![
        Trial::test("judged::its_word_decides_and_its_cost_counts", its_word_decides),
        Trial::test("judged::a_judge_that_is_not_there_decides_nothing", not_there),
        Trial::test("judged::a_budget_counts_the_judge_too", a_budget),
        Trial::test("judged::agreement_with_people_is_told_and_paid", agreement),
    ]
}

/// A judge that finds by the sum that stands in what it is asked.
fn judge() -> Result<Scripted, Failed> {
    Scripted::start(|text| match () {
        () if text.contains("user: 100+200=") => "They agree.\n{\"verdict\": \"correct\"}",
        () if text.contains("user: 101+201=") => "{\"verdict\": \"wrong\"}",
        () => "I would say it is correct.",
    })
}

/// Sums that a mock answers and a judge at this address decides on.
fn bench(mock: &Mock, judge: SocketAddr, scorer: &str, run: &str) -> Result<Bench, Failed> {
    let bench = Bench::new()?;
    let text = format!(
        "{}{}[scenario.sums]\ndataset = {{ format = \"jsonl\", path = \"sums.jsonl\" }}\nscorer = {{ {scorer} }}\n\
         [workload.w]\narrival = {{ kind = \"closed\", concurrency = 3 }}\nstop = {{ items = 300 }}\n\
         [[run]]\ntargets = [\"m\"]\nscenarios = [\"*\"]\nworkload = \"w\"\n{run}\n",
        target("m", mock.address, PRICE),
        target("j", judge, &format!("retry.attempts = 2\n{PRICE}")),
    );
    let rows: String = (0..3)
        .map(|i| format!("{{\"prompt\": \"{}+{}=\", \"answer\": {}}}\n", i + 100, i + 200, 2 * i + 300))
        .collect();
    std::fs::write(bench.folder().join("sums.jsonl"), rows)?;
    std::fs::write(bench.folder().join("assayd.toml"), text)?;
    Ok(bench)
}

const JUDGED: &str = "kind = \"judge\", target = \"j\"";

fn its_word_decides() -> Outcome {
    let (mock, judge) = (Mock::start(&[])?, judge()?);
    let bench = bench(&mock, judge.address, JUDGED, "")?;
    bench.run(&[])?.expect(0, "")?;
    let mut samples = bench.samples()?;
    samples.sort_by_key(|sample| sample["item"].to_string());
    let found: Vec<(&str, &str)> =
        samples.iter().map(|s| (s["verdict"].as_str().unwrap_or(""), s["rule"].as_str().unwrap_or(""))).collect();
    assert_eq!(found, [("correct", "judge/correct"), ("wrong", "judge/wrong"), ("unparsed", "judge/undecided")]);
    for sample in &samples {
        assert_eq!((&sample["judge_attempts"], &sample["judge_nano_usd"]), (&json!(1), &json!(25_000)), "{sample}");
        assert_eq!((&sample["attempts"], &sample["served_model"]), (&json!(1), &json!("mock")), "{sample}");
        let own = 1_000 * sample["input_tokens"].as_i64().unwrap_or(0)
            + 10_000 * sample["output_tokens"].as_i64().unwrap_or(0);
        assert_eq!(sample["cost_nano_usd"], json!(own + 25_000), "{sample}");
    }
    let heard = judge.heard();
    assert_eq!(heard.len(), 3);
    assert!(heard.iter().all(|text| text.contains("Reference answers") && text.contains("answer is 30")), "{heard:?}");
    Ok(())
}

fn agreement() -> Outcome {
    let (mock, judge) = (Mock::start(&[])?, judge()?);
    let bench = bench(&mock, judge.address, JUDGED, "")?;
    let row = |sum: &str, says: &str, label: &str| {
        json!({"prompt": format!("{sum}="), "answer": "1", "says": says, "label": label}).to_string() + "\n"
    };
    let rows = [
        row("100+200", "x", "correct"),
        row("100+200", "y", "wrong"),
        row("101+201", "x", "wrong"),
        row("101+201", "y", "wrong"),
        row("1+1", "x", "correct"),
    ];
    std::fs::write(bench.folder().join("labelled.jsonl"), rows.concat())?;
    let more = ["agreement", "-c", "assayd.toml", "--scenario", "sums", "--labelled", "labelled.jsonl"];
    let told = bench.ran(&mut bench.command(&more))?;
    told.expect(0, "")?;
    let said = &told.ended.stdout;
    for line in [
        "correct                1            0          1",
        "wrong                  1            2          0",
        "agreement  0.750 (0.301 to 0.954) of the 4 that it decided, of 5",
        "kappa      0.500",
        "cost       0.000125 USD",
        "differs    line-2: labelled wrong, found correct",
        "differs    line-5: labelled correct, found unparsed",
    ] {
        assert!(said.contains(line), "{line:?} is not in\n{said}");
    }
    assert_eq!((mock.arrived()?, judge.heard().len()), (0, 5), "only the judge is asked");
    let samples = bench.samples()?;
    assert_eq!(samples.len(), 5);
    assert!(samples.iter().all(|s| s["purpose"] == "judge" && s["cost_nano_usd"] == 25_000), "{samples:?}");
    std::fs::write(bench.folder().join("labelled.jsonl"), "{\"prompt\": 1}\n")?;
    bench.ran(&mut bench.command(&more))?.expect(2, "labelled.jsonl:1:12: invalid type: integer `1`, expected a string")
}

fn not_there() -> Outcome {
    let mock = Mock::start(&[])?;
    let nobody = SocketAddr::from(([127, 0, 0, 1], free_port()?));
    let bench = bench(&mock, nobody, JUDGED, "")?;
    bench.run(&[])?;
    for sample in bench.samples()? {
        assert_eq!((&sample["verdict"], &sample["rule"]), (&json!("ungraded"), &json!("judge/failed")), "{sample}");
        assert_eq!((&sample["outcome"], &sample["judge_attempts"]), (&json!("ok"), &json!(2)), "{sample}");
    }
    Ok(())
}

fn a_budget() -> Outcome {
    let (mock, judge) = (Mock::start(&[])?, judge()?);
    // Room for what the mock is asked, and not for the worst that the judge might use.
    let bench = bench(&mock, judge.address, JUDGED, "budget = \"0.0010 USD\"")?;
    bench.run(&[])?.expect(4, "budget")?;
    assert_eq!(judge.heard().len(), 0);
    let samples = bench.samples()?;
    assert!(!samples.is_empty());
    assert!(samples.iter().all(|sample| sample["verdict"] == "ungraded"), "{samples:?}");
    Ok(())
}
