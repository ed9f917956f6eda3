//! Tools of an office: calendar, reminders, messages, translations.

use super::{Parameter, Sort, Wanted, date, hour, text, whole};
use crate::workload::generator::extraction::words::{NAMES, clock, dated, day, pick, say, time, timed, word};
use rand::RngExt;
use rand_chacha::ChaCha8Rng;
use serde_json::{Value as Json, json};

const TITLES: (&[&str], &[&str]) = (
    &[
        "budget review",
        "team lunch",
        "site visit",
        "project kick-off",
        "safety training",
        "job interview",
        "design review",
    ],
    &["预算评审", "团队午餐", "现场参观", "项目启动会", "安全培训", "面试", "设计评审"],
);
const TASKS: (&[&str], &[&str]) = (
    &[
        "renew the passport",
        "water the plants",
        "pay the rent",
        "send the invoice",
        "return the library books",
        "order toner",
    ],
    &["续签护照", "给植物浇水", "交房租", "寄发票", "归还图书", "订购墨粉"],
);
const MESSAGES: (&[&str], &[&str]) = (
    &[
        "I am ten minutes late",
        "The room has changed",
        "See you at the gate",
        "Please bring the contract",
        "The parcel is here",
        "Thanks for your help",
    ],
    &["我晚到十分钟", "会议室换了", "在门口见", "请带上合同", "包裹到了", "谢谢你的帮助"],
);
const TONGUES: [(&str, &str, &str); 4] =
    [("fr", "French", "法语"), ("de", "German", "德语"), ("es", "Spanish", "西班牙语"), ("ja", "Japanese", "日语")];

pub(super) const TOOLS: &[Sort] = &[
    Sort {
        name: "create_event",
        domain: "office",
        about: ("Puts an event into the calendar.", "在日历中添加日程。"),
        parameters: || {
            vec![
                Parameter("title", text("its title"), true),
                Parameter("date", date(), true),
                Parameter("start", hour(), true),
                Parameter("minutes", whole(), true),
            ]
        },
        ask: event,
        near: &["set_alarm", "set_timer"],
    },
    Sort {
        name: "add_reminder",
        domain: "office",
        about: ("Adds a reminder for a day.", "添加某天的提醒。"),
        parameters: || vec![Parameter("text", text("what to do"), true), Parameter("date", date(), true)],
        ask: reminder,
        near: &["set_alarm", "set_timer"],
    },
    Sort {
        name: "send_message",
        domain: "office",
        about: ("Sends somebody a message.", "给某人发送消息。"),
        parameters: || {
            vec![Parameter("recipient", text("full name"), true), Parameter("text", text("the message"), true)]
        },
        ask: message,
        near: &[],
    },
    Sort {
        name: "translate_text",
        domain: "office",
        about: ("Translates a text.", "翻译文本。"),
        parameters: || {
            let languages = TONGUES.map(|(tag, _, _)| tag);
            vec![
                Parameter("text", text("what is to be translated"), true),
                Parameter("language", json!({ "type": "string", "enum": languages }), true),
            ]
        },
        ask: translation,
        near: &[],
    },
];

fn event(wanted: Wanted, rng: &mut ChaCha8Rng) -> (String, Json) {
    let Wanted { language, difficulty, .. } = wanted;
    let (title, on, at) = (word(rng, language, TITLES), day(rng), time(rng));
    let minutes = rng.random_range(2..25) * 5;
    let (d, t) = (dated(on, language, difficulty), timed(at, language, difficulty));
    let words = say(
        language,
        format!("put \"{title}\" into the calendar on {d} at {t} for {minutes} minutes"),
        format!("在日历中添加\"{title}\"，{d}{t}开始，时长{minutes}分钟"),
    );
    (words, json!({ "title": title, "date": on.to_string(), "start": clock(at), "minutes": minutes }))
}

fn reminder(wanted: Wanted, rng: &mut ChaCha8Rng) -> (String, Json) {
    let (task, on) = (word(rng, wanted.language, TASKS), day(rng));
    let d = dated(on, wanted.language, wanted.difficulty);
    let words = say(wanted.language, format!("add a reminder \"{task}\" for {d}"), format!("添加{d}的提醒\"{task}\""));
    (words, json!({ "text": task, "date": on.to_string() }))
}

fn message(wanted: Wanted, rng: &mut ChaCha8Rng) -> (String, Json) {
    let (name, text) = (word(rng, wanted.language, NAMES), word(rng, wanted.language, MESSAGES));
    let words =
        say(wanted.language, format!("send {name} the message \"{text}\""), format!("给{name}发消息\"{text}\""));
    (words, json!({ "recipient": name, "text": text }))
}

fn translation(wanted: Wanted, rng: &mut ChaCha8Rng) -> (String, Json) {
    let lists = [MESSAGES, TASKS, TITLES];
    let list = pick(rng, &lists, MESSAGES);
    let text = word(rng, wanted.language, list);
    let (tag, english, chinese) = pick(rng, &TONGUES, ("fr", "French", "法语"));
    let words =
        say(wanted.language, format!("translate \"{text}\" into {english}"), format!("把\"{text}\"翻译成{chinese}"));
    (words, json!({ "text": text, "language": tag }))
}
