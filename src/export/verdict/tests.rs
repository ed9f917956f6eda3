//! Every format of one comparison that was made up, as snapshots; and that nothing of a store's text gets into a document as markup.

use super::*;
use crate::domain::{Money, Name, Verdict};
use crate::stats::{Interval, PerCorrect};
use crate::verdict::{Cabinet, Gap, KinPair, LeftOut, Pair, Quantiles, Standing, claims};

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
        first: Some(Quantiles { p50: 0.21, p99: 0.9 }),
        whole: Some(Quantiles { p50: 1.4, p99: 5.25 }),
        tokens: Some(104.5),
        joules: (target == "own").then_some(12.25),
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
        }),
        left_out: vec![LeftOut { target: name("own"), scenario: name("s"), samples: 41 }],
        runs: vec![("nightly".to_owned(), 1_790_000_000_000, Some("complete".to_owned()))],
        ..Comparison::default()
    };
    comparison.standings.insert(Part::All, all);
    comparison.standings.insert(hostile.clone(), law);
    comparison.pairs.insert(Part::All, pairs);
    comparison.pairs.insert(hostile, vec![pair("gpt-x", "own", -0.2, Some(2.9))]);
    comparison
}

fn document(comparison: Comparison, lang: Lang) -> Document {
    let claims = claims(&comparison);
    Document { comparison, claims, lang, made_unix_ms: 1_790_000_100_000, source: "sqlite://a.db".to_owned() }
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
    let html = rendered("html", &document);
    assert!(!html.contains("<b>law") && html.contains("&lt;b&gt;law&lt;/b&gt; | *x*"), "{html}");
    for loads in ["<script", "<link", "<img", "src=", "url(", "@import", "http:", "https:"] {
        assert!(!html.contains(loads), "the page has {loads}");
    }
    let markdown = rendered("md", &document);
    assert!(markdown.contains(r"\<b>law\</b> \| \*x\*"), "{markdown}");
    let columns = |line: &str| line.replace(r"\|", "").matches('|').count();
    let table: Vec<usize> = markdown.lines().filter(|line| line.starts_with('|')).map(columns).collect();
    assert!(table.chunk_by(|a, b| a == b).count() <= 4, "rows of a table have one width: {table:?}");
}

#[test]
fn charts_are_drawn_of_what_there_is() {
    let whole = document(comparison(), Lang::En);
    let html = rendered("html", &whole);
    assert_eq!(html.matches("<svg").count(), 2, "two charts");
    // Coordinates are numbers: an infinite or missing figure draws nothing rather than NaN.
    assert!(!html.contains("NaN") && !html.contains("inf"), "{html}");
    let mut bare = comparison();
    for standing in bare.standings.values_mut().flatten() {
        (standing.per_correct, standing.first, standing.whole) = (None, None, None);
    }
    assert_eq!(rendered("html", &document(bare, Lang::Zh)).matches("<svg").count(), 0);
    let mut endless = comparison();
    for standing in endless.standings.values_mut().flatten() {
        standing.per_correct = Some(PerCorrect { estimate: f64::INFINITY, lower: 0.5, upper: None });
    }
    let html = rendered("html", &document(endless, Lang::En));
    assert!(html.matches("<svg").count() == 1 && html.contains("≥ $0.500"), "{html}");
}

#[test]
fn nothing_is_said_of_nothing() {
    for format in FORMATS {
        let text = rendered(format.name, &document(Comparison::default(), Lang::En));
        assert!(!text.is_empty(), "{}", format.name);
        assert!(format.name == "csv" || text.contains("There is nothing to compare"), "{}: {text}", format.name);
    }
}
