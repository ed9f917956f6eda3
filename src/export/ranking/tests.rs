//! The same boards in every format and both languages.

use super::*;
use crate::contest::{Category, Contest, Options, Prompt};
use crate::domain::{Name, Preference, Split, Tags};
use std::collections::BTreeSet;

/// Three targets, 160 prompts, twelve voters, of whom one votes against all others.
fn document(lang: Lang) -> Document {
    let name = |text: &str| Name::new(text).unwrap();
    let mut prompts = Vec::new();
    let mut at = 0;
    for n in 0..160_usize {
        let mut votes = Vec::new();
        for voter in 0..12 {
            let (first, second) = [(0, 1), (1, 2), (2, 0)][(n + voter) % 3];
            at += 1;
            // The lower number is better, one vote in seven apart.
            let better = if (n * 5 + voter * 3) % 7 == 0 { first > second } else { first < second };
            let preference = match (n + voter) % 11 {
                0 => Preference::Tie,
                1 => Preference::BothBad,
                _ if better == (voter != 5) => Preference::Left,
                _ => Preference::Right,
            };
            votes.push(Contest { first, second, preference, swapped: None, voter, at });
        }
        let domain = if n < 157 { "sums" } else { "code" };
        let tags = Tags::new(domain, "c", "en", Split::Private);
        prompts.push(Prompt { scenario: name("s"), tags, votes, scores: Vec::new() });
    }
    let contests = Contests {
        targets: ["one", "two", "three"].map(name).to_vec(),
        voters: (0..12).map(|n| format!("voter-number-{n}").into()).collect(),
        prompts,
        repeated: 3,
        left_out: vec![LeftOut { target: name("two"), scenario: name("s"), votes: 4 }],
    };
    let mut document = Document::of(From::Votes, &contests, lang);
    let flagged: BTreeSet<usize> =
        document.voters.iter().enumerate().filter(|(_, voter)| voter.is_flagged()).map(|(at, _)| at).collect();
    document.boards =
        contests.categories().iter().map(|category| contests.board(category, &flagged, Options::DEFAULT)).collect();
    assert_eq!(document.boards.first().map(|board| &board.category), Some(&Category::All));
    document.least_votes = 50;
    document.source = "sqlite://s.db".into();
    document
}

#[test]
fn tables_notes_and_numbers_agree() {
    let document = document(Lang::En);
    let render = |name: &str| (FORMATS.iter().find(|format| format.name == name).unwrap().render)(&document);
    let table = render("table");
    for words in [
        "Ranking by people's votes",
        "all: ",
        " votes on 160 prompts",
        "flagged voters",
        "against the others",
        "Too few votes",
    ] {
        assert!(table.contains(words), "{words} is not in {table}");
    }
    let csv = render("csv");
    let columns = csv.lines().next().unwrap().split(',').count();
    assert!(csv.lines().count() > 3 && csv.lines().all(|line| line.split(',').count() == columns), "{csv}");
    let json: serde_json::Value = serde_json::from_str(&render("json")).unwrap();
    assert_eq!(json["boards"][0]["targets"][0]["target"], "one");
    assert_eq!(json["voters"][5]["flagged"], true);
    assert!(render("md").contains("| target | rating (95 %) |"));
}

#[test]
fn it_speaks_chinese() {
    let text = text(&document(Lang::Zh));
    for word in ["按人工投票排名", "名次", "被标记的投票人", "票数不足以排名（少于 50）", "不同榜的评分不可比较"]
    {
        assert!(text.contains(word), "{word} is not in {text}");
    }
}
