//! The templates that have a name, in English and Chinese. Ours, not any board's: what a board published with its own words
//! is compared with by writing those as a template of one's own.

use super::Form;
use super::jinja::Part;
use std::collections::BTreeMap;

/// One of them.
pub(super) struct Ready {
    /// The configuration's word.
    pub(super) name: &'static str,
    pub(super) form: Form,
    /// Whether it shows examples: never, if there are some, or always.
    pub(super) shots: Shots,
    /// Whether examples are to show how the answer is come by.
    pub(super) working: bool,
    /// In English and in Chinese.
    system: Option<[&'static str; 2]>,
    user: [&'static str; 2],
    answer: [&'static str; 2],
}

/// Whether a template shows examples.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Shots {
    Never,
    IfThere,
    Always,
}

impl Ready {
    pub(super) fn texts(&self) -> BTreeMap<(Part, &'static str), String> {
        let Self { system, user, answer, .. } = self;
        let parts = [(Part::System, system.as_ref()), (Part::User, Some(user)), (Part::Answer, Some(answer))];
        let each = |(part, texts): (Part, Option<&[&'static str; 2]>)| {
            let texts = texts.copied().into_iter().flat_map(|texts| ["en", "zh"].into_iter().zip(texts));
            texts.map(move |(language, text)| ((part, language), text.to_owned())).collect::<Vec<_>>()
        };
        parts.into_iter().flat_map(each).collect()
    }
}

macro_rules! question {
    ($before:literal, $after:literal) => {
        concat!($before, "{{ prompt }}{% for o in options %}\n{{ o.letter }}. {{ o.text }}{% endfor %}", $after)
    };
}

const REASONED: [&str; 2] = [
    question!(
        "",
        "\n\nThink it through step by step. Then write a last line of its own: \"Answer: \" and {% if choice %}the letter \
         of the right option{% else %}the final answer alone{% endif %}."
    ),
    question!(
        "",
        "\n\n请逐步推理，最后另起一行，写“答案：”和{% if choice %}正确选项的字母{% else %}最终答案{% endif %}。"
    ),
];

/// All of them.
pub(super) static READY: [Ready; 5] = [
    Ready {
        name: "zero-shot",
        form: Form::Chat,
        shots: Shots::Never,
        working: false,
        system: None,
        user: [
            question!(
                "",
                "\n\n{% if choice %}Reply with the letter of the right option and nothing else.{% else %}Reply with the \
                 answer and nothing else.{% endif %}"
            ),
            question!(
                "",
                "\n\n{% if choice %}请只回答正确选项的字母。{% else %}请只回答答案，不要写其他内容。{% endif %}"
            ),
        ],
        answer: ["{{ answer }}", "{{ answer }}"],
    },
    Ready {
        name: "few-shot",
        form: Form::Chat,
        shots: Shots::Always,
        working: false,
        system: Some([
            "Reply to each question as in the examples: {% if choice %}with the letter of the right option{% else %}with \
             the answer{% endif %} and nothing else.",
            "请按照示例回答每个问题：{% if choice %}只写正确选项的字母{% else %}只写答案{% endif %}。",
        ]),
        user: [question!("", "\nAnswer:"), question!("", "\n答案：")],
        answer: ["{{ answer }}", "{{ answer }}"],
    },
    Ready {
        name: "cot",
        form: Form::Chat,
        shots: Shots::Never,
        working: true,
        system: None,
        user: REASONED,
        answer: ["{{ answer }}", "{{ answer }}"],
    },
    Ready {
        name: "few-shot-cot",
        form: Form::Chat,
        shots: Shots::Always,
        working: true,
        system: None,
        user: REASONED,
        answer: [
            "{% if explanation %}{{ explanation }}\n{% endif %}Answer: {{ answer }}",
            "{% if explanation %}{{ explanation }}\n{% endif %}答案：{{ answer }}",
        ],
    },
    Ready {
        name: "base",
        form: Form::Completion,
        shots: Shots::IfThere,
        working: false,
        system: Some([
            "{% if shots %}Questions{% if subject %} on {{ subject }}{% endif %}, each with its answer.{% endif %}",
            "{% if shots %}以下{% if subject %}是{{ subject }}的{% endif %}题目，每题后附答案。{% endif %}",
        ]),
        user: [question!("Question: ", "\nAnswer:"), question!("题目：", "\n答案：")],
        answer: [" {{ answer }}", "{{ answer }}"],
    },
];
