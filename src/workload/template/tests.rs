//! Templates: what comes out of each, and what is told of wrong ones.

use super::{Shot, Template, check, read};
use crate::config::{self, Source};
use crate::domain::{Item, Split, Tags, Turn};
use std::sync::Arc;

fn tags(domain: &str, language: &str) -> Tags {
    Tags::new(domain, "c", language, Split::Public)
}

fn options(all: &[&str]) -> Vec<String> {
    all.iter().map(|o| (*o).to_owned()).collect()
}

fn item(prompt: &str, all: &[&str], domain: &str, language: &str) -> Item {
    Item { options: options(all), ..Item::question("i", prompt, vec!["A".into()], tags(domain, language)) }
}

fn shot(prompt: &str, domain: &str, language: &str, explanation: Option<&str>) -> Shot {
    let explanation = explanation.map(str::to_owned);
    let (prompt, answer) = (prompt.to_owned(), "B".to_owned());
    Shot { tags: tags(domain, language), prompt, options: options(&["u", "v"]), answer, explanation }
}

/// A template out of a configuration with these examples; else its problems and warnings.
fn built(text: &str, shots: Vec<Shot>, sample: &[Item]) -> Result<(Template, Vec<String>), Vec<String>> {
    let sample: Vec<Arc<Item>> = sample.iter().cloned().map(Arc::new).collect();
    let source = Source::inline("c", text);
    let built = config::read(&source, |section| {
        let choice = read(section);
        section.finish();
        let template = choice?.with(section, shots)?;
        let fits = check(section, &template, &sample);
        let warnings = section.take_warnings().iter().map(ToString::to_string).collect();
        fits.then_some((template, warnings))
    });
    built.map_err(|problems| problems.iter().map(ToString::to_string).collect())
}

fn shown(text: &str, shots: Vec<Shot>, item: &Item) -> Vec<String> {
    let (template, warnings) = built(text, shots, std::slice::from_ref(item)).unwrap();
    assert!(warnings.is_empty(), "{warnings:?}");
    let said = vec!["…".to_owned(); item.turns.len().saturating_sub(1)];
    template.turn(item, &said).messages.iter().map(|m| format!("{}: {}", m.role.label(), m.content)).collect()
}

#[test]
fn zero_shot_asks_in_the_language_of_the_question() {
    let en = item("Which?", &["x", "y"], "law", "en");
    let asked = shown("template = 'zero-shot'", vec![shot("s", "law", "en", None)], &en);
    assert_eq!(asked, ["user: Which?\nA. x\nB. y\n\nReply with the letter of the right option and nothing else."]);
    let zh = item("哪个？", &["x", "y"], "law", "zh-CN");
    assert_eq!(shown("template = 'zero-shot'", vec![], &zh), ["user: 哪个？\nA. x\nB. y\n\n请只回答正确选项的字母。"]);
    let open = item("How many?", &[], "law", "en");
    assert_eq!(
        shown("template = 'zero-shot'", vec![], &open),
        ["user: How many?\n\nReply with the answer and nothing else."]
    );
}

#[test]
fn few_shot_shows_examples_in_turn_and_never_the_question_itself() {
    let shots =
        vec![shot("one", "law", "en", None), shot("Which?", "law", "en", None), shot("other", "art", "en", None)];
    let asked = shown("template = 'few-shot'", shots, &item("Which?", &["x", "y"], "law", "en"));
    assert_eq!(
        asked,
        [
            "system: Reply to each question as in the examples: with the letter of the right option and nothing else.",
            "user: one\nA. u\nB. v\nAnswer:",
            "assistant: B",
            "user: Which?\nA. x\nB. y\nAnswer:",
        ]
    );
}

#[test]
fn a_domain_without_examples_is_shown_those_of_others_and_that_is_told() {
    let asked = [item("Which?", &["x", "y"], "law", "en")];
    let (template, warnings) = built("template = 'few-shot'", vec![shot("other", "art", "en", None)], &asked).unwrap();
    assert_eq!(template.render(&asked[0]).messages.len(), 4);
    assert_eq!(warnings, ["c:1:12: template: 1 domains have no examples of their own, such as law: others' are shown"]);
}

#[test]
fn chain_of_thought_shows_the_working() {
    let shots = vec![shot("one", "law", "zh", Some("因为。"))];
    let asked = shown("template = 'few-shot-cot'", shots, &item("哪个？", &["x", "y"], "law", "zh"));
    assert_eq!(asked.get(1).unwrap(), "assistant: 因为。\n答案：B");
    assert!(asked.last().unwrap().ends_with("请逐步推理，最后另起一行，写“答案：”和正确选项的字母。"), "{asked:?}");
    let (_, warnings) = built("template = 'few-shot-cot'", vec![shot("one", "law", "zh", None)], &[]).unwrap();
    assert_eq!(
        warnings,
        ["c:1:12: template: no example says how its answer is come by\n  hint: few-shot shows answers alone"]
    );
    let open = shown("template = 'cot'", vec![], &item("How many?", &[], "law", "en"));
    assert_eq!(
        open,
        [
            "user: How many?\n\nThink it through step by step. Then write a last line of its own: \"Answer: \" and the final answer alone."
        ]
    );
}

#[test]
fn a_base_model_gets_one_text_to_go_on_with() {
    let shots = vec![shot("one", "college_physics", "zh", None), shot("two", "college_physics", "zh", None)];
    let zh = item("哪个？", &["x", "y"], "college_physics", "zh");
    assert_eq!(
        shown("template = 'base'", shots, &zh),
        [
            "user: 以下是大学物理的题目，每题后附答案。\n\n题目：one\nA. u\nB. v\n答案：B\n\n题目：two\nA. u\nB. v\n答案：B\n\n题目：哪个？\nA. x\nB. y\n答案："
        ]
    );
    let en = item("Which?", &[], "general", "en");
    assert_eq!(shown("template = 'base'", vec![], &en), ["user: Question: Which?\nAnswer:"]);
    let one = vec![shot("one", "general", "en", None)];
    assert_eq!(
        shown("template = { name = 'base', shots = 1 }", one, &en),
        ["user: Questions, each with its answer.\n\nQuestion: one\nA. u\nB. v\nAnswer: B\n\nQuestion: Which?\nAnswer:"]
    );
}

#[test]
fn templates_of_ones_own_name_all_that_there_is() {
    let text = "template = { system = '{{ tags.split }} {{ tags.hard }}', user = '{{ subject }}|{{ domain }}|{{ language }}|{% for o in options %}{{ o.letter }}={{ o.text }};{% endfor %}{{ prompt }}', answer = '<{{ answer }}|{{ explanation }}>' }";
    let asked = shown(text, vec![shot("one", "a_b", "en", Some("w"))], &item("q", &["x", "y"], "a_b", "en"));
    assert_eq!(
        asked,
        ["system: public False", "user: a b|a_b|en|A=u;B=v;one", "assistant: <B|w>", "user: a b|a_b|en|A=x;B=y;q"]
    );
}

#[test]
fn a_text_that_places_the_examples_itself_gets_them_all() {
    let text = "template = { user = '{% for s in shots %}[{{ s.prompt }} {{ s.options | length }} {{ s.answer }} {{ s.explanation }}]{% endfor %}{{ prompt }}', shots = 1 }";
    let shots = vec![shot("one", "law", "en", Some("w")), shot("two", "law", "en", None)];
    assert_eq!(shown(text, shots, &item("q", &[], "law", "en")), ["user: [one 2 B w]q"]);
}

#[test]
fn a_ready_made_template_takes_a_system_message_of_ones_own() {
    let text = "system = 'Be {brief}.'\ntemplate = 'few-shot'";
    let asked = shown(text, vec![shot("one", "law", "en", None)], &item("q", &[], "law", "en"));
    assert_eq!(asked.first().unwrap(), "system: Be {brief}.");
    assert_eq!(asked.len(), 4);
}

#[test]
fn turns_of_a_conversation_are_framed_alike() {
    let turn = |user: &str| Turn { user: user.into(), answers: vec![], options: vec![] };
    let talk = Item { turns: vec![turn("one"), turn("two")], ..item("one", &[], "law", "en") };
    let asked = shown("template = { user = 'Q: {{ prompt }}' }", vec![], &talk);
    assert_eq!(asked, ["user: Q: one", "assistant: …", "user: Q: two"]);
    let text = shown(
        "template = { user = 'Q: {{ prompt }}\nA:', form = 'completion' }".replace('\n', "").as_str(),
        vec![],
        &talk,
    );
    assert_eq!(text, ["user: Q: oneA:…\n\nQ: twoA:"]);
}

#[test]
fn mistakes_are_told_where_they_stand() {
    let sample = [item("q", &["x", "y"], "law", "en")];
    let told = |text: &str| built(text, vec![], &sample).err().unwrap_or_default();
    let mut wrong = Vec::new();
    for (text, want) in [
        (
            "template = { user = \"a\\n{{ prompt }\" }",
            "c:1:35: template.user: syntax error: unexpected `}`, expected end of variable block",
        ),
        (
            "[template]\nuser = '''\nQ: {{ promt }}\n'''",
            "c:3:7: template.user: can't be rendered for item \"i\": `promt` is not there\n  hint: did you mean `prompt`?",
        ),
        (
            "template = { user = '{{ prompt }}{{ options[7].text }}' }",
            "c:1:44: template.user: can't be rendered for item \"i\": undefined value\n  hint: known here: prompt, options, choice, subject, domain, language, shots, tags",
        ),
        (
            "template = { user = '{{ prompt | shout }}' }",
            "c:1:34: template.user: can't be rendered for item \"i\": unknown filter: filter shout is unknown",
        ),
        (
            "template = { user = '{% for i in range(100000) %}{% for j in range(100) %}{% endfor %}{% endfor %}{{ prompt }}' }",
            "c:1:62: template.user: can't be rendered for item \"i\": engine ran out of fuel",
        ),
        (
            "template = 'few-short'",
            "c:1:12: template: expected one of zero-shot, few-shot, cot, few-shot-cot, base, found \"few-short\"\n  hint: did you mean \"few-shot\"?",
        ),
        (
            "template = 'few-shot'",
            "c:1:12: template: few-shot needs examples, and the data have none\n  hint: give the dataset `shots_path`, a file or folder of questions with their answers",
        ),
        ("template = 'cot'\nprompt = '{prompt}'", "c:2:10: prompt: give template or prompt, not both"),
        (
            "template = 'base'\nsystem = 's'",
            "c:2:10: system: is for chats\n  hint: a completion is one text without roles: put it into the template",
        ),
        (
            "template = { form = 'chat' }",
            "c:1:12: template.user: is missing: expected a template such as \"{{ prompt }}\", a `file` of one, or the `name` of a ready-made one",
        ),
        ("template = { user = '{{ prompt }}', shots = 101 }", "c:1:45: template.shots: expected from 0 to 100"),
    ] {
        let got = told(text);
        wrong.extend((got != [want]).then(|| format!("{text}\n{got:?}")));
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn a_template_that_drops_what_is_asked_is_a_warning() {
    let sample = [item("Which?", &["x", "y"], "law", "en")];
    let (_, warnings) = built("template = { user = 'Hello {{ subject }}' }", vec![], &sample).unwrap();
    assert_eq!(
        warnings,
        [
            "c:1:12: template: 1 items have options, and for 1 of them the template does not show all\n  hint: {% for o in options %}{{ o.letter }}. {{ o.text }}{% endfor %}",
            "c:1:12: template: the prompt of 1 items is not in what is asked\n  hint: put {{ prompt }} where it belongs",
        ]
    );
}

#[test]
fn mistakes_in_a_file_are_told_in_the_file() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("t.jinja"), "first\n  {{ promt }}\n").unwrap();
    let source = Source { folder: folder.path().to_owned(), ..Source::inline("c", "template = { file = 't.jinja' }") };
    let sample = [Arc::new(item("q", &[], "law", "en"))];
    let problems = config::read(&source, |section| {
        let template = read(section)?.with(section, vec![])?;
        check(section, &template, &sample).then_some(())
    });
    let told = problems.unwrap_err().first().unwrap().to_string();
    let told = told.replace(&format!("{}/", folder.path().display()), "");
    assert_eq!(
        told,
        "t.jinja:2:6: can't be rendered for item \"i\": `promt` is not there\n  hint: did you mean `prompt`?"
    );
}

#[test]
fn whatever_changes_what_is_asked_changes_the_fingerprint() {
    let of = |text: &str, shots: Vec<Shot>| built(text, shots, &[]).unwrap().0.fingerprint();
    let one = || vec![shot("one", "law", "en", None)];
    let all = [
        of("", vec![]),
        of("template = 'zero-shot'", vec![]),
        of("template = 'cot'", vec![]),
        of("template = 'base'", vec![]),
        of("template = 'base'", one()),
        of("template = 'base'", vec![shot("two", "law", "en", None)]),
        of("template = { name = 'base', form = 'chat' }", one()),
        of("template = { user = '{{ prompt }}' }", vec![]),
        of("system = 's'\ntemplate = { user = '{{ prompt }}' }", vec![]),
    ];
    let unique: std::collections::BTreeSet<&String> = all.iter().collect();
    assert_eq!(unique.len(), all.len());
    assert_eq!(of("", vec![]), "(None, None)");
    assert_eq!(of("template = 'zero-shot'", one()), all[1]);
}
