//! `assayd contest`, `assayd rank` and `assayd export votes`: a judge's votes in both orders, paid and within its budget; boards by
//! items and by votes; votes without voters.

use crate::support::Outcome;
use crate::support::bench::{Bench, PRICE, target};
use crate::support::scripted::Scripted;
use libtest_mimic::{Failed, Trial};
use serde_json::{Value, json};

/// The tests of this module.
pub fn tests() -> Vec<Trial> {
    vec![
        Trial::test("contest::a_judge_votes_in_both_orders_and_is_paid", votes),
        Trial::test("contest::a_budget_ends_it", a_budget),
        Trial::test("contest::items_rank_by_who_is_right", by_items),
        Trial::test("contest::wrong_words_are_told", wrong),
    ]
}

const ITEMS: usize = 6;

/// One that is right but for one sum, one that is right for two, and a judge who likes "plainly", takes the first answer on one sum and
/// does not answer in its form on another.
struct Three {
    bench: Bench,
    _able: Scripted,
    _weak: Scripted,
    judge: Scripted,
}

fn three() -> Result<Three, Failed> {
    let able = Scripted::start(|text| match () {
        () if text.contains("105+205=") => "It is plainly unclear.",
        () if text.contains("100+200=") => "It is plainly 300",
        () if text.contains("101+201=") => "It is plainly 302",
        () if text.contains("102+202=") => "It is plainly 304",
        () if text.contains("103+203=") => "It is plainly 306",
        () => "It is plainly 308",
    })?;
    let weak = Scripted::start(|text| match () {
        () if text.contains("100+200=") => "Perhaps 300",
        () if text.contains("101+201=") => "Perhaps 302",
        () => "Perhaps 7",
    })?;
    let judge = Scripted::start(|text| {
        let (plainly, perhaps) = (text.find("plainly"), text.find("Perhaps"));
        match () {
            () if text.contains("user: 104+204=") => "The first is better.",
            () if text.contains("user: 103+203=") => "{\"better\": \"first\"}",
            () if text.contains("user: 105+205=") => "Neither says it.\n{\"better\": \"both bad\"}",
            () if plainly < perhaps => "{\"better\": \"first\"}",
            () => "{\"better\": \"second\"}",
        }
    })?;
    let bench = Bench::new()?;
    let text = format!(
        "{}{}{}[scenario.sums]\ndataset = {{ format = \"jsonl\", path = \"sums.jsonl\" }}\nscorer = \"number\"\n\
         [workload.w]\narrival = {{ kind = \"closed\", concurrency = 2 }}\n\
         [[run]]\ntargets = [\"able\", \"weak\"]\nscenarios = [\"*\"]\nworkload = \"w\"\n",
        target("able", able.address, PRICE),
        target("weak", weak.address, PRICE),
        target("jury", judge.address, PRICE),
    );
    let row = |i: usize| {
        format!("{{\"prompt\": \"{}+{}=\", \"answer\": {}, \"domain\": \"sums\"}}\n", i + 100, i + 200, 2 * i + 300)
    };
    std::fs::write(bench.folder().join("sums.jsonl"), (0..ITEMS).map(row).collect::<String>())?;
    std::fs::write(bench.folder().join("assayd.toml"), text)?;
    bench.run(&[])?.expect(0, "")?;
    Ok(Three { bench, _able: able, _weak: weak, judge })
}

const CONTEST: [&str; 5] = ["contest", "-c", "assayd.toml", "--judge", "jury"];

fn ranked(bench: &Bench, more: &[&str]) -> Result<Value, Failed> {
    let words = [&["rank", "-c", "assayd.toml", "--format", "json", "--least", "1"], more].concat();
    let run = bench.ran(&mut bench.command(&words))?;
    run.expect(0, "")?;
    Ok(serde_json::from_str(&run.ended.stdout)?)
}

fn votes() -> Outcome {
    let Three { bench, judge, .. } = &three()?;
    let more = [&CONTEST[..], &["--votes", "50", "--budget", "1 USD", "--seed", "7"]].concat();
    let told = bench.ran(&mut bench.command(&more))?;
    told.expect(0, "5 votes, 4 of them the same in both orders; 1 contests without one; 0.000275 USD")?;
    assert!(told.ended.stderr.contains("nothing left"), "{}", told.ended.stderr);
    // Both orders of five, and one of the contest that was not read.
    let heard = judge.heard();
    assert_eq!(heard.len(), 11);
    assert!(heard.iter().all(|text| !text.contains("able") && !text.contains("weak")), "names are hidden");
    assert!(heard.iter().all(|text| !text.contains("300\"") && !text.contains("Reference")), "so is what is right");
    let first = |text: &&String| text.find("plainly") < text.find("Perhaps");
    let of = |sum: &str| heard.iter().filter(|text| text.contains(sum)).filter(first).count();
    assert_eq!([of("100+200="), of("103+203=")], [1, 1], "each once in either order");
    let judged: Vec<Value> = bench.samples()?.into_iter().filter(|sample| sample["purpose"] == "judge").collect();
    assert_eq!(judged.len(), 11);
    assert!(judged.iter().all(|s| s["target"] == "jury" && s["cost_nano_usd"] == 25_000), "{judged:?}");

    let board = ranked(bench, &["--from", "judge"])?;
    let row = |at: usize| &board["boards"][0]["targets"][at];
    assert_eq!(
        (&row(0)["target"], &row(0)["won"], &row(0)["both_good"], &row(0)["both_bad"]),
        (&json!("able"), &json!(3), &json!(1), &json!(1))
    );
    assert_eq!((&row(1)["target"], &row(1)["lost"]), (&json!("weak"), &json!(3)));
    assert_eq!((&board["sides"]["both_orders"], &board["sides"]["agreed"]), (&json!(5), &json!(4)), "{board}");
    assert_eq!(board["boards"][0]["voters"], 1);

    // It has voted on all of them.
    let again = bench.ran(&mut bench.command(&[&CONTEST[..], &["--budget", "1 USD"]].concat()))?;
    again.expect(0, "0 votes")?;
    assert_eq!(judge.heard().len(), 12, "what it did not say in its form may be asked again");

    let export = |format: &str| -> Result<String, Failed> {
        let run = bench.ran(&mut bench.command(&["export", "votes", "-c", "assayd.toml", "--format", format]))?;
        run.expect(0, "")?;
        Ok(run.ended.stdout)
    };
    let rows: Vec<Value> = export("jsonl")?.lines().map(serde_json::from_str).collect::<Result<_, _>>()?;
    assert_eq!(rows.len(), 5);
    assert!(rows.iter().all(|row| row["source"] == "judge" && row["voter"].as_str().is_some_and(|v| v.len() == 16)));
    assert_eq!(rows.iter().filter(|row| row["counts_as"] == "tie").count(), 1);
    let csv = export("csv")?;
    assert_eq!(csv.lines().count(), 6);
    for word in ["jury", "100+200", "plainly", "line-"] {
        assert!(!csv.contains(word), "{word} in {csv}");
    }
    let none = bench.ran(&mut bench.command(&["rank", "-c", "assayd.toml", "--from", "votes"]))?;
    none.expect(3, "")?;
    Ok(())
}

fn a_budget() -> Outcome {
    let Three { bench, judge, .. } = &three()?;
    let more = [&CONTEST[..], &["--budget", "0.0000001 USD"]].concat();
    bench.ran(&mut bench.command(&more))?.expect(4, "budget")?;
    assert_eq!(judge.heard().len(), 0);
    Ok(())
}

fn by_items() -> Outcome {
    let Three { bench, .. } = &three()?;
    let board = ranked(bench, &[])?;
    let row = &board["boards"][0]["targets"][0];
    // Right where the other is wrong on three sums, both right on two, both wrong on one.
    assert_eq!(
        (&row["target"], &row["won"], &row["both_good"], &row["both_bad"]),
        (&json!("able"), &json!(3), &json!(2), &json!(1)),
        "{board}"
    );
    assert_eq!((&board["boards"][0]["votes"], &board["boards"][0]["prompts"]), (&json!(6), &json!(6)));
    assert_eq!(row["elo"], Value::Null);
    let few = bench.ran(&mut bench.command(&["rank", "-c", "assayd.toml", "--category", "hard", "--lang", "zh"]))?;
    few.expect(0, "")?;
    assert!(few.ended.stdout.contains("票数不足以排名（少于 50）：hard (0)"), "{}", few.ended.stdout);
    let csv = bench.ran(&mut bench.command(&["rank", "-c", "assayd.toml", "--least", "1", "--format", "csv"]))?;
    assert!(
        csv.ended.stdout.lines().nth(1).is_some_and(|line| line.starts_with("items,all,1,")),
        "{}",
        csv.ended.stdout
    );
    Ok(())
}

fn wrong() -> Outcome {
    let Three { bench, judge, .. } = &three()?;
    let cases: [(&[&str], &str); 6] = [
        (&["rank", "-c", "assayd.toml", "--from", "people"], "expected items, votes or judge"),
        (&["rank", "-c", "assayd.toml", "--category", "domain:"], "expected all, coding, long"),
        (
            &["contest", "-c", "assayd.toml", "--judge", "nobody"],
            "there is no target \"nobody\"; there are able, weak, jury",
        ),
        (&["contest", "-c", "assayd.toml", "--judge", "jury"], "say what its votes may cost, with --budget"),
        (&["contest", "-c", "assayd.toml", "--judge", "jury", "--budget", "2 EUR"], "expected an amount such as"),
        (&["export", "votes", "-c", "assayd.toml", "--source", "dogs"], "expected human or judge"),
    ];
    for (words, told) in cases {
        bench.ran(&mut bench.command(words))?.expect(2, told)?;
    }
    assert_eq!(judge.heard().len(), 0);
    Ok(())
}
