//! What is chosen, printed and kept: patterns, thresholds, formats, answers, the open loop, the probe.

use super::trial;
use crate::support::bench::{Bench, Mock, PRICE, Shape, count, number, target, text};
use libtest_mimic::{Failed, Trial};
use serde_json::Value;
use sha2::{Digest as _, Sha256};

pub(super) fn tests() -> Vec<Trial> {
    vec![
        trial("a_missed_threshold_is_exit_code_5", thresholds),
        trial("patterns_choose_targets_and_scenarios", patterns),
        trial("both_forms_of_samples_agree", forms),
        trial("answers_are_kept_as_told", kept),
        trial("an_open_loop_counts_from_the_schedule", open_loop),
        trial("the_probe_asks_every_target_once", probe),
        trial("a_wrong_configuration_asks_nothing", wrong),
    ]
}

fn thresholds() -> Result<(), Failed> {
    let (bench, mock) = (Bench::new()?, Mock::start(&["--accuracy", "0"])?);
    bench.configure(&[target("a", mock.address, PRICE)], Shape::default())?;
    bench.run(&["--fail-if", "accuracy<0.9"])?.expect(5, "a / sums: fails if accuracy<0.9: 0.000000")?;
    bench.run(&["--fail-if", "cost_per_correct>0.01"])?.expect(5, "fails if cost_per_correct>0.01: inf")?;
    bench.run(&["--fail-if", "failed>0", "--fail-if", "ttft_p99>100"])?.expect(0, "")?;
    bench.run(&["--fail-if", "acuracy<0.9"])?.expect(2, "did you mean accuracy?")
}

fn patterns() -> Result<(), Failed> {
    let (bench, mock) = (Bench::new()?, Mock::start(&[])?);
    let targets = ["big-1", "big-2", "small"].map(|name| target(name, mock.address, ""));
    bench.configure(&targets, Shape::default())?;
    bench.run(&["--target", "big-*", "--scenario", "s?ms"])?.expect(0, "")?;
    let samples = bench.samples()?;
    assert_eq!((count(&samples, "target", "big-1"), count(&samples, "target", "big-2"), samples.len()), (3, 3, 6));
    bench.run(&["--target", "huge"])?.expect(2, "--target and --scenario together match nothing")?;
    assert_eq!(mock.arrived()?, 6);
    Ok(())
}

/// The same records as JSON lines and as CSV, field by field.
fn forms() -> Result<(), Failed> {
    let (bench, mock) = (Bench::new()?, Mock::start(&["--fault", "cut=every:3", "--reasoning-share", "0.3"])?);
    let targets = [target("a", mock.address, PRICE), target("b", mock.address, "store_answers = false")];
    bench.configure(&targets, Shape { items: 8, ..Shape::default() })?;
    bench.run(&[])?.expect(0, "")?;
    let samples = bench.samples()?;
    let csv = bench.ran(&mut bench.command(&["export", "samples", "-c", "assayd.toml", "--format", "csv"]))?;
    csv.expect(0, "")?;
    let mut reader = csv::Reader::from_reader(csv.ended.stdout.as_bytes());
    let names = reader.headers()?.clone();
    let mut lines = 0;
    for (line, sample) in reader.records().zip(&samples) {
        let line = line?;
        let fields = sample.as_object().ok_or("no object")?;
        assert_eq!(names.len(), fields.len());
        for (name, cell) in names.iter().zip(&line) {
            let same = match fields.get(name) {
                Some(Value::Null) => cell.is_empty(),
                Some(Value::String(text)) => cell == text,
                Some(Value::Number(n)) => cell.parse::<f64>().ok() == n.as_f64(),
                Some(Value::Bool(b)) => cell.parse() == Ok(*b),
                Some(Value::Array(_) | Value::Object(_)) | None => false,
            };
            assert!(same, "{name}: {cell:?} is not {:?}", fields.get(name));
        }
        lines += 1;
    }
    assert_eq!((samples.len(), lines), (16, 16));
    let only = bench.ran(&mut bench.command(&["export", "samples", "-c", "assayd.toml", "--target", "b"]))?;
    assert_eq!(only.ended.stdout.lines().count(), 8);
    Ok(())
}

fn kept() -> Result<(), Failed> {
    let (bench, mock) = (Bench::new()?, Mock::start(&[])?);
    let with = |name: &str, how: &str| target(name, mock.address, &format!("store_answers = {how}"));
    bench.configure(&[with("text", "true"), with("nothing", "false"), with("hash", "\"hash\"")], Shape::default())?;
    bench.run(&[])?.expect(0, "")?;
    let samples = bench.samples()?;
    assert_eq!(count(&samples, "verdict", "correct"), 9, "graded, whatever is kept");
    let of = |target: &str, item: &str| -> Option<Value> {
        let it = samples.iter().find(|s| text(s, "target") == target && text(s, "item") == item);
        it.and_then(|s| s.get("answer")).cloned()
    };
    for sample in samples.iter().filter(|s| text(s, "target") == "text") {
        let (answer, item) = (text(sample, "answer"), text(sample, "item"));
        assert!(answer.contains("the answer is "), "{answer}");
        let hash: String = Sha256::digest(answer.as_bytes()).iter().map(|byte| format!("{byte:02x}")).collect();
        assert_eq!(of("hash", item), Some(Value::String(format!("sha256:{hash}"))));
        assert_eq!(of("nothing", item), Some(Value::Null));
    }
    // The database itself holds no text of those two targets either.
    bench.configure(&[with("nothing", "false"), with("hash", "\"hash\"")], Shape::default())?;
    for entry in std::fs::read_dir(bench.folder())? {
        let path = entry?.path();
        if path.file_name().is_some_and(|name| name.to_string_lossy().starts_with("assayd.db")) {
            std::fs::remove_file(path)?;
        }
    }
    bench.run(&[])?.expect(0, "")?;
    for entry in std::fs::read_dir(bench.folder())? {
        let path = entry?.path();
        if path.file_name().is_some_and(|name| name.to_string_lossy().starts_with("assayd.db")) {
            let bytes = std::fs::read(&path)?;
            let part = b"the answer is";
            assert!(!bytes.windows(part.len()).any(|w| w == part), "{} holds an answer", path.display());
        }
    }
    Ok(())
}

/// With one at a time the schedule cannot be kept: from the send each answer is quick, but the reported figures count from
/// the scheduled instant, so that nothing is forgiven.
fn open_loop() -> Result<(), Failed> {
    let (bench, mock) = (Bench::new()?, Mock::start(&["--ttft", "20ms"])?);
    let shape = Shape { items: 12, arrival: "{ kind = \"poisson\", rate = \"100/s\" }", ..Shape::default() };
    // One at a time, of ours: later ones start after their instant.
    let limited = target("a", mock.address, "limits.concurrency = 1");
    bench.configure(&[limited], shape)?;
    let run = bench.run(&["--format", "json"])?;
    run.expect(0, "")?;
    let samples = bench.samples()?;
    assert_eq!((samples.len(), count(&samples, "verdict", "correct")), (12, 12));
    let mut late = 0;
    for sample in &samples {
        let (send, schedule) = (number(sample, "first_token_ns")?, number(sample, "first_token_scheduled_ns")?);
        assert_eq!(schedule, send + number(sample, "schedule_lag_ns")?, "{sample}");
        late += usize::from(schedule > send + 20_000_000);
    }
    assert!(late > 3, "{late} of 12 were late: 12 answers of 20 ms one after another at 100 a second");
    let json: Value = serde_json::from_str(&run.ended.stdout)?;
    let at = |path: &str| json.pointer(&format!("/reports/0{path}")).cloned().unwrap_or_default();
    assert_eq!(at("/clock"), "scheduled");
    let shown = at("/rows/0/first_token_seconds/p99").as_f64().ok_or("no p99")?;
    let slowest = samples.iter().filter_map(|s| number(s, "first_token_scheduled_ns").ok()).max().unwrap_or(0);
    let slowest = std::time::Duration::from_nanos(slowest).as_secs_f64();
    assert!((shown / slowest - 1.0).abs() < 0.02, "p99 of 12 is the slowest: {shown} against {slowest}");
    Ok(())
}

fn probe() -> Result<(), Failed> {
    let (bench, good) = (Bench::new()?, Mock::start(&["--model", "mock", "--strict-model"])?);
    let other = Mock::start(&["--model", "mocks", "--strict-model"])?;
    let dead = crate::support::process::free_port()?;
    let targets = [
        target("good", good.address, PRICE),
        target("misspelt", other.address, ""),
        target("dead", format!("127.0.0.1:{dead}"), "retry.attempts = 1"),
    ];
    bench.configure(&targets, Shape::default())?;
    let check = || bench.ran(&mut bench.command(&["check", "-c", "assayd.toml", "--probe"]));
    let run = check()?;
    run.expect(3, "2 of 3 targets did not answer the probe")?;
    for part in [
        "  ok   good: answered in ",
        "  FAIL misspelt: http_4xx (404): the endpoint does not know the model: ",
        "hint: the endpoint has mocks: did you mean that?",
        "  FAIL dead: connect: ",
    ] {
        assert!(run.ended.stdout.contains(part), "no {part:?} in\n{}", run.ended.stdout);
    }
    assert_eq!((good.arrived()?, other.arrived()?), (1, 1));
    let samples = bench.samples()?;
    assert_eq!((samples.len(), count(&samples, "purpose", "probe")), (3, 3));
    bench.configure(&[target("good", good.address, PRICE)], Shape::default())?;
    check()?.expect(0, "")?;
    // A probe is no sample of a run: the run asks its own items.
    bench.run(&[])?.expect(0, "")?;
    assert_eq!(count(&bench.samples()?, "purpose", "measure"), 3);
    Ok(())
}

fn wrong() -> Result<(), Failed> {
    let (bench, mock) = (Bench::new()?, Mock::start(&[])?);
    bench.configure(
        &[target("a", mock.address, "modle = \"x\"")],
        Shape { run: "budgt = \"1 USD\"", ..Shape::default() },
    )?;
    for command in ["run", "check", "serve"] {
        let run = bench.ran(&mut bench.command(&[command, "-c", "assayd.toml"]))?;
        run.expect(2, "the configuration has 2 problems; nothing was asked")?;
        run.expect(2, "did you mean `budget`?").or_else(|_| run.expect(2, "did you mean \"budget\"?"))?;
        assert_eq!(run.ended.stdout, "");
    }
    assert_eq!(mock.arrived()?, 0);
    Ok(())
}
