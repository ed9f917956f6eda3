//! A board from its files to the report: subjects of different size weigh the same, and a partial board says so.

use super::trial;
use crate::support::bench::{Bench, Mock, target};
use libtest_mimic::{Failed, Trial};
use serde_json::{Value, json};
use std::fs;

pub(super) fn tests() -> Vec<Trial> {
    vec![trial("a_board_is_averaged_over_its_subjects", average)]
}

const HEAD: &str = "id,question,A,B,C,D,answer\n";

fn average() -> Result<(), Failed> {
    let bench = Bench::new()?;
    fs::create_dir(bench.folder().join("val"))?;
    // Two questions of a hard subject, one answered right; four of another, all right.
    let physics = "0,p0,w,x,y,z,A\n1,p1,w,x,y,z,A\n";
    let accountant = "0,a0,w,x,y,z,C\n1,a1,w,x,y,z,C\n2,a2,w,x,y,z,C\n3,a3,w,x,y,z,C\n";
    fs::write(bench.folder().join("val/high_school_physics_val.csv"), format!("{HEAD}{physics}"))?;
    fs::write(bench.folder().join("val/accountant_val.csv"), format!("{HEAD}{accountant}"))?;
    let answer = |(prompt, letter): (&str, &str)| format!("{}\n", json!({ "prompt": prompt, "answer": letter }));
    let answers = [("p0", "A"), ("p1", "B"), ("a0", "C"), ("a1", "C"), ("a2", "C"), ("a3", "C")];
    let known = bench.folder().join("answers.jsonl");
    fs::write(&known, answers.map(answer).concat())?;
    let mock = Mock::start(&["--answers", &known.display().to_string()])?;
    let text = format!(
        "{}\n[scenario.exam]\ndataset = {{ format = \"c-eval\", path = \"val\" }}\nscorer = \"choice\"\n\
         template = {{ user = \"{{{{ prompt }}}}\" }}\n\
         [workload.w]\narrival = {{ kind = \"closed\", concurrency = 3 }}\n\
         [[run]]\nname = \"r\"\ntargets = [\"*\"]\nscenarios = [\"*\"]\nworkload = \"w\"\n",
        target("a", mock.address, "")
    );
    fs::write(bench.folder().join("assayd.toml"), text)?;
    let run = bench.run(&["--format", "json"])?;
    run.expect(0, "")?;
    let document: Value = serde_json::from_str(&run.ended.stdout)?;
    let board = document.pointer("/reports/0/board_averages/0").ok_or("no board average")?;
    assert_eq!((&board["board"], &board["partial"]), (&json!("C-Eval"), &json!(true)), "{board}");
    let averages = board["averages"].as_array().ok_or("no averages")?;
    let told: Vec<Value> = averages
        .iter()
        .map(|a| json!([a["over"], a["category"], a["accuracy"]["estimate"], a["subjects"], a["of"], a["graded"]]))
        .collect();
    // (1/2 + 4/4) / 2, and not 5/6.
    assert_eq!(
        told,
        [
            json!(["all", null, 0.75, 2, 52, 6]),
            json!(["category", "STEM", 0.5, 1, 20, 2]),
            json!(["category", "Social Science", null, 0, 10, 0]),
            json!(["category", "Humanities", null, 0, 11, 0]),
            json!(["category", "Other", 1.0, 1, 11, 4]),
            json!(["hard", null, 0.5, 1, 8, 2]),
        ]
    );
    let table = bench.run(&["--restart"])?.ended.stdout;
    assert!(table.contains("average % over subjects as C-Eval counts it"), "{table}");
    assert!(table.contains("a on exam: a partial board: 2 of C-Eval's 52 subjects have graded answers"), "{table}");
    Ok(())
}
