//! Every kind of form, and what all forms have in common.

use super::*;
use crate::domain::{Spec, Tags};
use crate::workload::generator::tasks::{Domain, Prompts, Question, Tasks, item as task};
use crate::workload::template::Template;

fn choice(id: &str, question: &str, options: &[&str], answer: &str) -> Item {
    let options = options.iter().map(|o| (*o).to_owned()).collect();
    let tags = Tags::new("d", "c", "en", Split::Public);
    Item { options, ..Item::question(id, question, vec![answer.into()], tags) }
}

fn metal(id: &str) -> Item {
    choice(id, "Which is a metal?", &["wood", "iron", "glass", "paper"], "B")
}

fn forms(kinds: &[&str], per_item: u32) -> Forms {
    let kinds = KINDS.iter().filter(|kind| kinds.contains(&kind.name)).copied().collect();
    Forms { kinds, per_item, seed: Seed::Fresh, sources: Sources::default() }
}

fn ids(items: &[Arc<Item>]) -> Vec<&str> {
    items.iter().map(|item| item.id.as_str()).collect()
}

/// What a model is shown, with the default template.
fn shown(item: &Item) -> String {
    Template::default().render(item).messages.last().unwrap().content.clone()
}

#[test]
fn forms_follow_their_item_and_belong_to_its_cluster() {
    let all = forms(&["shuffle", "reformat"], 2).of(vec![metal("q"), metal("r")], 7);
    let forms_of =
        |id: &str| ["", "~shuffle", "~shuffle2", "~reformat", "~reformat2"].map(|form| format!("{id}{form}"));
    assert_eq!(ids(&all), [forms_of("q"), forms_of("r")].concat());
    for item in &all {
        let base = item.id.as_str().split('~').next().unwrap();
        assert_eq!(item.cluster.as_str(), base);
        let form = item.variant.as_deref();
        assert_eq!(form.is_some(), item.id != item.cluster);
        assert_eq!(item.tags.split, if form.is_some() { Split::Fresh } else { Split::Public });
    }
}

#[test]
fn no_form_is_asked_twice_and_none_is_the_item_itself() {
    let all = forms(&["shuffle"], 30).of(vec![metal("q")], 7);
    assert!(all.len() > 15 && all.len() <= 24, "{} orders of four options", all.len());
    let distinct: BTreeSet<_> = all.iter().map(|item| item.options.clone()).collect();
    assert_eq!(distinct.len(), all.len());
}

#[test]
fn a_seed_gives_the_same_forms_whatever_else_is_asked() {
    let forms = forms(&["shuffle", "reformat"], 1);
    let (alone, among) =
        (forms.of(vec![metal("q")], 7), forms.of(vec![choice("p", "Which?", &["x", "y"], "A"), metal("q")], 7));
    assert_eq!(alone, among.into_iter().filter(|item| item.cluster.as_str() == "q").collect::<Vec<_>>());
    let other = (8..20).any(|seed| forms.of(vec![metal("q")], seed) != alone);
    assert!(other, "the seed makes no difference");
    let fixed = Forms { seed: Seed::Fixed(3), ..forms };
    assert_eq!(fixed.of(vec![metal("q")], 1), fixed.of(vec![metal("q")], 2));
    assert!(
        fixed.of(vec![metal("q")], 1).iter().all(|item| item.tags.split == Split::Public),
        "the split is the item's"
    );
}

#[test]
fn a_shuffled_answer_goes_with_its_option() {
    for item in forms(&["shuffle"], 10).of(vec![metal("q")], 1) {
        let place = (item.answers[0].as_bytes()[0] - b'A') as usize;
        assert_eq!(item.options[place], "iron");
    }
    let last = ["wood", "iron", "glass", "None of the above"];
    for item in forms(&["shuffle"], 10).of(vec![choice("q", "Which?", &last, "B")], 1) {
        assert_eq!(item.options[3], "None of the above");
    }
    for options in [["wood", "iron", "All of the above", "glass"], ["wood", "iron", "glass", "Both A and B"]] {
        assert_eq!(forms(&["shuffle"], 1).of(vec![choice("q", "Which?", &options, "B")], 1).len(), 1, "{options:?}");
    }
}

#[test]
fn relabelled_options_are_shown_once_under_their_new_letters() {
    let all = forms(&["relabel"], 1).of(vec![metal("q")], 1);
    assert_eq!(shown(&all[1]), "Which is a metal?\nE. wood\nF. iron\nG. glass\nH. paper");
    assert_eq!(all[1].answers, ["F"]);
    assert_eq!(forms(&["relabel"], 1).of(vec![choice("q", "Is it A or B?", &["x", "y"], "A")], 1).len(), 1);
    assert!(names_letters("Answer with A, B, C or D.") && !names_letters("Answer with the letter."));
}

#[test]
fn a_reformatted_question_keeps_its_words_and_shows_its_options_once() {
    for item in forms(&["reformat"], 4).of(vec![metal("q")], 2) {
        let text = shown(&item);
        for word in ["Which is a metal?", "wood", "iron", "glass", "paper"] {
            assert_eq!(text.matches(word).count(), 1, "{word} in {text}");
        }
        assert_eq!(item.answers, ["B"]);
    }
    let mut plain = Item::question("q", "1+1 \"=\"?", vec!["2".into()], Tags::new("d", "c", "zh-CN", Split::Public));
    let all = forms(&["reformat"], 9).of(vec![plain.clone()], 2);
    assert_eq!(all.len(), 5, "as many as there are layouts");
    assert!(all.iter().skip(1).all(|item| shown(item).contains("1+1") && shown(item).chars().any(|c| c > '一')));
    plain.turns = vec![crate::domain::Turn { user: "x".into(), answers: vec![], options: vec![] }];
    assert_eq!(forms(&["reformat"], 9).of(vec![plain], 2).len(), 1, "conversations have no forms");
}

fn apples(formula: serde_json::Value, answer: &str) -> Item {
    let spec: Spec = [("formula".to_owned(), formula)].into_iter().collect();
    let tags = Tags::new("d", "c", "en", Split::Public);
    let text = "Tom has 3 apples and 2 bags of 4. How many apples?";
    Item { spec: Some(Arc::new(spec)), ..Item::question("q", text, vec![answer.into()], tags) }
}

fn formula() -> serde_json::Value {
    serde_json::json!({
        "prompt": "Tom has {a} apples and {b} bags of {c}. How many apples?",
        "quantities": {"a": [2, 9], "b": [2, 9], "c": [2, 9]},
        "answer": "a + b * c",
        "where": ["a < b"],
    })
}

#[test]
fn renumbered_problems_have_their_own_right_answer() {
    let base = apples(formula(), "11");
    assert_eq!(check_formula(&base), Ok(()));
    let all = forms(&["renumber"], 20).of(vec![base], 3);
    assert_eq!(all.len(), 21);
    for item in all.iter().skip(1) {
        let numbers: Vec<i64> =
            asked(item).unwrap().split(|c: char| !c.is_ascii_digit()).filter_map(|n| n.parse().ok()).collect();
        let [a, b, c] = numbers.as_slice() else { panic!("{numbers:?}") };
        assert_eq!(item.answers, [(a + b * c).to_string()]);
        assert!(a < b);
    }
}

#[test]
fn a_formula_that_cannot_be_is_told() {
    let changed = |key: &str, value: serde_json::Value| {
        let mut formula = formula();
        formula[key] = value;
        check_formula(&apples(formula, "11")).unwrap_err()
    };
    for (key, value, want) in [
        ("answer", "a + d".into(), "its answer \"a + d\": \"d\" is no quantity"),
        (
            "answer",
            "a * b * c".into(),
            "its formula gives 24 for its own quantities, and that is not among its answers",
        ),
        (
            "where",
            serde_json::json!(["a > 100"]),
            "no quantities were found in 2000 draws for which its conditions hold",
        ),
        ("where", serde_json::json!(["a"]), "its condition \"a\": expected a comparison, such as a > b"),
        ("prompt", "Tom has {a} and {b}.".into(), "its formula's prompt does not show the quantity {c}"),
        (
            "quantity",
            1.into(),
            "its formula can't be read: unknown field `quantity`, expected one of `prompt`, `quantities`, `answer`, `where`",
        ),
    ] {
        assert_eq!(changed(key, value), want);
    }
}

#[test]
fn fresh_items_come_from_a_generator_and_none_twice() {
    let generator: Arc<dyn Generator> = Arc::new(Tasks::new(Domain::ALL.to_vec(), Prompts::HeldOut, BTreeSet::new()));
    let sources = Sources { generator: Some(generator), ..Sources::default() };
    let forms = Forms { sources, ..forms(&["fresh"], 1) };
    let base: Vec<Item> = ["23*6=", "12*7=", "3*4=", "6*9=", "rev 431="]
        .map(|prompt| task(&Question::read(prompt).unwrap(), Split::Public))
        .to_vec();
    let all = forms.of(base, 11);
    let prompts: BTreeSet<_> = all.iter().map(|item| asked(item).unwrap()).collect();
    assert_eq!((all.len(), prompts.len()), (10, 10));
    for pair in all.chunks(2) {
        assert_eq!((&pair[1].cluster, &pair[1].tags.domain), (&pair[0].id, &pair[0].tags.domain));
        assert_eq!(asked(&pair[0]).unwrap().len(), asked(&pair[1]).unwrap().len());
    }
}
