//! Every format of one comparison that was made up, as snapshots; and that nothing of a store's text gets into a document as markup.

use super::*;
use crate::board::Reason;
use crate::domain::{Fingerprint, Money, Name, RunId, Verdict};
use crate::stats::{Interval, PerCorrect};
use crate::store::RunRow;
use crate::verdict::{
    Background, Cabinet, Declared, Gap, Hour, KinPair, LeftOut, Paid, Pair, Quantiles, Served, ShownBy, Standing,
    Throughput, Timing, Used, claims,
};

fn name(text: &str) -> Name {
    Name::new(text).unwrap()
}

fn interval(estimate: f64, half: f64) -> Interval {
    Interval { estimate, lower: estimate - half, upper: estimate + half }
}

/// `micros`: USD/1,000,000 of a correct answer.
fn standing(target: &str, right: u32, micros: Option<u32>) -> Standing {
    let cost = micros.map(|micros| f64::from(micros) / 1e6);
    let mut verdicts = [0; Verdict::ALL.len()];
    (verdicts[0], verdicts[1], verdicts[4]) = (u64::from(right), 200 - u64::from(right), 3);
    Standing {
        target: name(target),
        verdicts,
        items: 200,
        accuracy: Some(interval(f64::from(right) / 200.0, 0.03)),
        per_correct: cost.map(|c| PerCorrect { estimate: c, lower: c * 0.9, upper: Some(c * 1.1) }),
        cost: Money::from_nanos(i64::from(micros.unwrap_or(0)) * 1_000 * i64::from(right)),
        bound: Money::from_nanos(if cost.is_none() { 5_000_000 } else { 0 }),
        unpriced: if cost.is_none() { 7 } else { 0 },
        good: 0,
        first: Some(Quantiles { p50: 0.21, p99: 0.9, ..Quantiles::default() }),
        whole: Some(Quantiles { p50: 1.4, p99: 5.25, ..Quantiles::default() }),
        tokens: Some(104.5),
        joules: (target == "own").then_some(12.25),
        first_curve: [(0.1, 0.1), (0.21, 0.5), (0.4, 0.9), (0.9, 0.99)].to_vec(),
    }
}

fn pair(a: &str, b: &str, difference: f64, ratio: Option<f64>) -> Pair {
    let sure = difference.abs() > 0.05;
    let (p, half) = if sure { (0.000_03, 0.02) } else { (0.4, 0.03) };
    let cost_ratio = ratio.map(|r| Interval { estimate: r, lower: r * 0.9, upper: r * 1.1 });
    let cost_p = ratio.map(|_| 0.001);
    let difference = interval(difference, half);
    Pair { a: name(a), b: name(b), items: 198, only: Some((30, 12)), difference, p, cost_ratio, cost_p }
}

/// Four targets: one that is best and dear, one that is nearly as good on own hardware, one that is worse and dearer than that, and
/// one without a price. One domain has a name that means something in HTML and in Markdown.
fn comparison() -> Comparison {
    let hostile = Part::Domain("<b>law</b> | *x*".to_owned());
    let all = vec![
        standing("gpt-x", 182, Some(2_100)),
        standing("own", 178, Some(900)),
        standing("poor", 120, Some(4_000)),
        standing("free", 150, None),
    ];
    let pairs = vec![
        pair("gpt-x", "own", 0.02, Some(2.33)),
        pair("gpt-x", "poor", 0.31, Some(0.52)),
        pair("gpt-x", "free", 0.16, None),
        pair("own", "poor", 0.29, Some(0.22)),
        pair("own", "free", 0.14, None),
        pair("poor", "free", -0.15, None),
    ];
    let law = vec![standing("gpt-x", 150, Some(2_100)), standing("own", 190, Some(900))];
    let mut comparison = Comparison {
        targets: ["gpt-x", "own", "poor", "free"].map(name).to_vec(),
        gaps: vec![Gap { target: name("poor"), scenario: name("s"), items: 60, gap: interval(0.3, 0.05), p: 0.000_02 }],
        kin: vec![KinPair {
            a: name("poor"),
            b: name("free"),
            compared: 60,
            same: 50,
            expected: 21.5,
            excess: Some(0.74),
            p: 1e-9,
        }],
        cabinet: Some(Cabinet {
            ministers: vec![("law".to_owned(), name("own")), ("trade".to_owned(), name("gpt-x"))],
            best: name("gpt-x"),
            chosen_on: 101,
            scored_on: 99,
            council: (0.93, 0.0012),
            alone: (0.91, 0.0019),
            oracle: (0.97, 0.0008),
            gap: Some(interval(0.02, 0.03)),
            saving: Some(interval(0.37, 0.05)),
            hull: vec![name("own"), name("gpt-x")],
            above_hull: Some(0.012),
        }),
        left_out: vec![LeftOut { target: name("own"), scenario: name("s"), samples: 41 }],
        runs: vec![("nightly".to_owned(), 1_790_000_000_000, Some("complete".to_owned()))],
        origins: vec![run()],
        background: background(),
        ..Comparison::default()
    };
    comparison.standings.insert(Part::All, all);
    comparison.standings.insert(hostile.clone(), law);
    comparison.pairs.insert(Part::All, pairs);
    comparison.standings.insert(Part::Domain("trade".to_owned()), vec![standing("gpt-x", 170, Some(2_100))]);
    comparison.pairs.insert(hostile, vec![pair("gpt-x", "own", -0.2, Some(2.9))]);
    comparison.declared(declared()).weighed(&["accuracy=3,cost=1".parse().unwrap(), "energy=1".parse().unwrap()])
}

fn run() -> RunRow {
    RunRow {
        id: RunId(3),
        name: "nightly".to_owned(),
        plan: Fingerprint::from_text("5eed"),
        seed: 77,
        started_unix_ms: 1_790_000_000_000,
        finished_unix_ms: Some(1_790_000_090_000),
        result: Some("complete".to_owned()),
    }
}

/// The own target gives 3 answers a second with 8 in flight; its meter fell silent, and one timing is not to be believed.
fn background() -> Background {
    let place = |target: &str| (name(target), name("s"));
    let mut background = Background {
        served: vec![Served {
            target: name("gpt-x"),
            scenario: name("s"),
            model: Some("gpt-x-2026-08-01".to_owned()),
            provenance: "abc".to_owned(),
            at_unix_ms: 1_790_000_080_000,
        }],
        timing: vec![Timing {
            run: "nightly".to_owned(),
            target: name("poor"),
            scenario: name("s"),
            open_loop: false,
            reasons: vec![Reason::SendLag],
            correct_goodput: None,
            steady: None,
            tokens_per_second: None,
        }],
        used: vec![Used {
            run: "nightly".to_owned(),
            target: name("own"),
            seconds: 88.0,
            duty: Some(("kernel_active", 0.41)),
            joules: None,
            flags: vec!["gap"],
            absent: vec!["dcgm: connection refused".to_owned()],
        }],
        ..Background::default()
    };
    for target in ["gpt-x", "own", "poor", "free"] {
        background.asked.insert(place(target), 203);
    }
    background.asked.insert((name("gpt-x"), name("other")), 10);
    let throughput = Throughput { answers: 3.0, shown: ShownBy::AtLeast { in_flight: Some(8.0) } };
    background.throughput.insert(place("own"), throughput);
    background
}

fn declared() -> Vec<Declared> {
    let one = |target: &str, paid: Paid, price: &[&str]| Declared {
        target: name(target),
        api: "openai-chat".to_owned(),
        url: format!("https://{target}.example.com/v1"),
        model: format!("{target}-large"),
        sampling: vec!["max_tokens 512".to_owned(), "temperature 0".to_owned()],
        paid,
        price: price.iter().map(|text| (*text).to_owned()).collect(),
        meters: Vec::new(),
        has_slo: false,
        key_variable: (target == "gpt-x").then(|| "GPTX_KEY".to_owned()),
    };
    let hour = Hour { usd: 2.49, rented: true, watts: None, usd_per_kwh: None };
    vec![
        one("gpt-x", Paid::ByToken, &["input 1.25, output 10 USD per 1M, since 2026-08-01"]),
        one("own", Paid::ByHour(hour), &["rented: 2.49 USD per GPU and hour × 1"]),
        one("poor", Paid::ByToken, &["input 5, output 20 USD per 1M"]),
        one("free", Paid::Unpriced, &[]),
    ]
}

fn document(comparison: Comparison, lang: Lang) -> Document {
    let claims = claims(&comparison);
    Document {
        comparison,
        claims,
        lang,
        made_unix_ms: 1_790_000_100_000,
        source: "sqlite://a.db".to_owned(),
        scripts: true,
    }
}

/// A page without what runs in it: what is left may load nothing.
fn still(html: &str) -> String {
    let mut text = String::new();
    let mut rest = html;
    while let Some((before, after)) = rest.split_once("<script") {
        text += before;
        let (head, script) = after.split_once('>').unwrap();
        assert!(!head.contains("src"), "a script is loaded: {head}");
        rest = script.split_once("</script>").unwrap().1;
    }
    text + rest
}

fn rendered(format: &str, document: &Document) -> String {
    let format = FORMATS.iter().find(|f| f.name == format).unwrap();
    (format.render)(document).replace(env!("CARGO_PKG_VERSION"), "VERSION")
}

#[test]
fn in_english() {
    insta::assert_snapshot!(rendered("table", &document(comparison(), Lang::En)));
}

#[test]
fn in_chinese() {
    insta::assert_snapshot!(rendered("md", &document(comparison(), Lang::Zh)));
}

#[test]
fn for_machines() {
    let document = document(comparison(), Lang::En);
    insta::assert_snapshot!(rendered("csv", &document));
    let json: serde_json::Value = serde_json::from_str(&rendered("json", &document)).unwrap();
    assert_eq!(json["parts"][0]["targets"][3]["cost_per_correct_usd"], serde_json::Value::Null);
    assert_eq!(json["kin"][0]["kin"], true);
    assert_eq!(json["council"]["ministers"][0]["target"], "own");
    assert_eq!(json["verdict"].as_array().map(Vec::len), Some(document.claims.len()));
}

#[test]
fn what_a_store_says_is_no_markup() {
    let document = document(comparison(), Lang::En);
    let whole = rendered("html", &document);
    let html = still(&whole);
    assert!(!html.contains("<b>law") && html.contains("&lt;b&gt;law&lt;/b&gt; | *x*"), "{html}");
    // As plotly.js takes it: the entity of an entity, and nothing that could end the element.
    let (_, data) = whole.split_once("id=\"plots\">").unwrap();
    let (data, _) = data.split_once("</script>").unwrap();
    assert!(data.contains("&lt;b&gt;law&lt;/b&gt;") && !data.contains('<'), "{data}");
    for loads in ["<link", "<img", "src=", "href=", "url(", "@import"] {
        assert!(!html.contains(loads), "the page has {loads}");
    }
    let markdown = rendered("md", &document);
    assert!(markdown.contains(r"\<b>law\</b> \| \*x\*"), "{markdown}");
    let columns = |line: &str| line.replace(r"\|", "").matches('|').count();
    let table: Vec<usize> = markdown.lines().filter(|line| line.starts_with('|')).map(columns).collect();
    assert!(table.chunk_by(|a, b| a == b).count() <= 12, "rows of a table have one width: {table:?}");
}

#[test]
fn charts_are_drawn_of_what_there_is() {
    let whole = document(comparison(), Lang::En);
    let html = still(&rendered("html", &whole));
    assert_eq!(html.matches("<svg").count(), 5, "cost, times, duty, domains, weights");
    // Coordinates are numbers: an infinite or missing figure draws nothing rather than NaN.
    assert!(!html.contains("NaN") && !html.contains("inf"), "{html}");
    let mut bare = comparison();
    for standing in bare.standings.values_mut().flatten() {
        (standing.per_correct, standing.first, standing.whole) = (None, None, None);
    }
    let bare = rendered("html", &document(bare.declared(Vec::new()).weighed(&[]), Lang::Zh));
    assert_eq!(still(&bare).matches("<svg").count(), 1, "domains alone");
    let mut endless = comparison();
    for standing in endless.standings.values_mut().flatten() {
        standing.per_correct = Some(PerCorrect { estimate: f64::INFINITY, lower: 0.5, upper: None });
    }
    let html = still(&rendered("html", &document(endless.declared(Vec::new()).weighed(&[]), Lang::En)));
    assert!(html.matches("<svg").count() == 2 && html.contains("≥ $0.500"), "{html}");
}

#[test]
fn nothing_is_said_of_nothing() {
    for format in FORMATS {
        let text = rendered(format.name, &document(Comparison::default(), Lang::En));
        assert!(!text.is_empty(), "{}", format.name);
        assert!(format.name == "csv" || text.contains("There is nothing to compare"), "{}: {text}", format.name);
    }
}

#[test]
fn only_what_the_policy_names_may_run() {
    use base64::Engine as _;
    use sha2::Digest as _;
    let html = rendered("html", &document(comparison(), Lang::En));
    let policy = html.split_once("Content-Security-Policy\" content=\"").unwrap().1.split_once('"').unwrap().0;
    assert!(policy.starts_with("default-src 'none'; script-src 'sha256-"), "{policy}");
    let scripts: Vec<&str> =
        html.split("<script>").skip(1).map(|rest| rest.split_once("</script>").unwrap().0).collect();
    assert_eq!(scripts.len(), 2);
    assert!(scripts[0].contains("plotly.js v"));
    for script in scripts {
        let hash = base64::prelude::BASE64_STANDARD.encode(sha2::Sha256::digest(script.as_bytes()));
        assert!(policy.contains(&format!("'sha256-{hash}'")), "{hash} {policy}");
    }
    let quiet = rendered("html", &Document { scripts: false, ..document(comparison(), Lang::En) });
    assert!(
        quiet.contains("script-src 'none'") && !quiet.contains("<script") && quiet.len() < 200_000,
        "{}",
        quiet.len()
    );
}

#[test]
fn a_council_is_a_routing_table() {
    let whole = document(comparison(), Lang::En);
    let json: serde_json::Value = serde_json::from_str(&whole.routing().unwrap()).unwrap();
    assert_eq!(
        json["routes"][0],
        serde_json::json!({
            "domain": "law", "target": "own",
            "endpoint": { "api": "openai-chat", "url": "https://own.example.com/v1", "model": "own-large" },
        })
    );
    assert_eq!(json["otherwise"]["target"], "gpt-x");
    insta::assert_snapshot!(whole.litellm().unwrap().replace(env!("CARGO_PKG_VERSION"), "VERSION"));
    let mut bare = comparison();
    bare.declared.clear();
    let bare = document(bare, Lang::En);
    assert!(bare.routing().is_ok());
    assert_eq!(bare.litellm(), Err(RoutingError::NotDeclared("gpt-x".to_owned())));
    assert_eq!(document(Comparison::default(), Lang::En).routing(), Err(RoutingError::NoCouncil));
}

#[test]
fn runs_that_asked_unevenly_are_told() {
    let mut comparison = comparison();
    let plain = document(comparison.clone(), Lang::En).notes();
    let scenario = crate::domain::Name::new("work").unwrap();
    comparison.background.adaptive.push(("nightly".to_owned(), scenario.clone()));
    for (lang, words) in [(Lang::En, "not drawn evenly"), (Lang::Zh, "并非均匀抽取")] {
        let notes = document(comparison.clone(), lang).notes();
        let told: Vec<&String> = notes.iter().filter(|note| note.starts_with("nightly ")).collect();
        assert!(notes.len() == plain.len() + 1 && told.len() == 1, "{notes:?}");
        assert!(told[0].contains(words) && told[0].contains(scenario.as_str()));
    }
}
