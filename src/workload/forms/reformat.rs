//! `reformat`: the same question in another dress: in a frame, as JSON, its options in one line or before it. No word of the
//! question is changed, and none of what is asked for.

use super::labels::letter;
use super::{Kind, Sources, asked, asking, is_chinese, pick, showing_options};
use crate::domain::Item;
use rand_chacha::ChaCha8Rng;
use serde_json::{Map, Value};

/// The line in the table of kinds.
pub(super) const KIND: Kind = Kind {
    name: "reformat",
    about: "another layout: framed, as JSON, options in one line or first",
    needs: "a single question",
    make,
    tries: 32,
};

/// A layout: the question, its options with their letters, and whether to speak Chinese.
type Layout = fn(&str, &[(char, &str)], bool) -> Option<String>;

/// Layouts of a question without options.
const PLAIN: &[Layout] = &[
    |q, _, zh| Some(if zh { format!("问题：{q}\n答案：") } else { format!("Question: {q}\nAnswer:") }),
    |q, _, zh| {
        Some(if zh {
            format!("请回答下面的问题。\n\n{q}")
        } else {
            format!("Answer the question below.\n\n{q}")
        })
    },
    |q, _, zh| {
        Some(if zh { format!("### 题目\n\n{q}\n\n### 答案") } else { format!("### Question\n\n{q}\n\n### Answer") })
    },
    |q, _, zh| {
        let (lead, key) = if zh {
            ("请回答以下 JSON 中的问题。", "问题")
        } else {
            ("Answer the question in this JSON object.", "question")
        };
        Some(format!("{lead}\n{}", json(&[(key, Value::from(q))])?))
    },
];

/// Layouts of a choice question.
const CHOICE: &[Layout] = &[
    |q, options, _| {
        let options: Vec<String> = options.iter().map(|(c, text)| format!("({c}) {text}")).collect();
        Some(format!("{q}\n{}", options.join("  ")))
    },
    |q, options, zh| {
        let (head, ask) = if zh { ("选项：", "题目：") } else { ("Options:", "Question: ") };
        Some(format!("{head}\n{}\n\n{ask}{q}", lines(options, ". ")))
    },
    |q, options, zh| {
        let head = if zh { "题目：" } else { "QUESTION: " };
        Some(format!("{head}{q}\n{}", lines(options, ") ")))
    },
    |q, options, zh| {
        let keys = if zh { ["问题", "选项"] } else { ["question", "options"] };
        let named: Map<String, Value> = options.iter().map(|(c, text)| (c.to_string(), Value::from(*text))).collect();
        let [ask, choose] = keys;
        json(&[(ask, Value::from(q)), (choose, Value::from(named))])
    },
];

fn lines(options: &[(char, &str)], after: &str) -> String {
    options.iter().map(|(c, text)| format!("{c}{after}{text}")).collect::<Vec<_>>().join("\n")
}

fn json(fields: &[(&str, Value)]) -> Option<String> {
    // By hand, since a map would sort the fields: the question comes first.
    let fields = fields
        .iter()
        .map(|(key, value)| Some(format!("{}: {}", Value::from(*key), serde_json::to_string(value).ok()?)));
    Some(format!("{{{}}}", fields.collect::<Option<Vec<_>>>()?.join(", ")))
}

fn make(item: &Item, _: &Sources, rng: &mut ChaCha8Rng) -> Option<Item> {
    let question = asked(item)?;
    if item.shows_options() {
        return None;
    }
    let options = item.options.iter().enumerate().map(|(place, text)| Some((letter(place)?, text.as_str())));
    let options: Vec<(char, &str)> = options.collect::<Option<_>>()?;
    let layout = pick(if options.is_empty() { PLAIN } else { CHOICE }, rng)?;
    let shown = asking(item, layout(question, &options, is_chinese(item))?)?;
    Some(if options.is_empty() { shown } else { showing_options(shown) })
}
