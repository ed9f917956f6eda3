//! Tools of a home: timers, alarms, heating, music.

use super::{Parameter, Sort, Wanted, hour, text, whole};
use crate::workload::generator::extraction::words::{clock, pick, say, time, timed, word};
use rand::RngExt;
use rand_chacha::ChaCha8Rng;
use serde_json::{Value as Json, json};

const LABELS: (&[&str], &[&str]) = (
    &["tea", "laundry", "bread", "stretching", "medicine", "homework", "garden", "bath", "phone call", "soup"],
    &["泡茶", "洗衣", "烤面包", "拉伸", "吃药", "作业", "浇花", "泡澡", "打电话", "煲汤"],
);
const ARTISTS: (&[&str], &[&str]) = (
    &[
        "The Paper Boats",
        "Mira Sol",
        "Northern Brass",
        "Ada Lind",
        "Low Tide",
        "Kestrel",
        "Velvet Radio",
        "The Quiet Hours",
    ],
    &["纸船乐队", "林溪", "北方铜管", "苏禾", "退潮", "红隼", "丝绒电台", "静夜"],
);
const TITLES: (&[&str], &[&str]) = (
    &[
        "Harbour Lights",
        "Slow Train",
        "Winter Garden",
        "Paper Moon Street",
        "Seven Bridges",
        "Salt",
        "Morning Ferry",
        "Glass Hill",
        "Long Way Up",
        "Copper Sky",
    ],
    &["港口灯火", "慢车", "冬日花园", "纸月街", "七座桥", "盐", "早班渡轮", "玻璃山", "漫长上坡", "铜色天空"],
);
const ROOMS: [(&str, &str, &str); 4] = [
    ("living_room", "living room", "客厅"),
    ("bedroom", "bedroom", "卧室"),
    ("kitchen", "kitchen", "厨房"),
    ("study", "study", "书房"),
];

pub(super) const TOOLS: &[Sort] = &[
    Sort {
        name: "set_timer",
        domain: "home",
        about: ("Starts a timer that counts down.", "启动倒计时。"),
        parameters: || vec![Parameter("minutes", whole(), true), Parameter("label", text("its name"), true)],
        ask: timer,
        near: &["add_reminder", "create_event"],
    },
    Sort {
        name: "set_alarm",
        domain: "home",
        about: ("Sets an alarm for a time of day.", "设置闹钟。"),
        parameters: || vec![Parameter("time", hour(), true), Parameter("label", text("its name"), true)],
        ask: alarm,
        near: &["add_reminder", "create_event"],
    },
    Sort {
        name: "set_thermostat",
        domain: "home",
        about: ("Sets the temperature of a room.", "设置房间温度。"),
        parameters: || {
            let rooms = ROOMS.map(|(name, _, _)| name);
            vec![
                Parameter("room", json!({ "type": "string", "enum": rooms }), true),
                Parameter("celsius", json!({ "type": "number" }), true),
            ]
        },
        ask: thermostat,
        near: &[],
    },
    Sort {
        name: "play_music",
        domain: "home",
        about: ("Plays a piece of music.", "播放音乐。"),
        parameters: || {
            vec![Parameter("artist", text("who plays it"), true), Parameter("title", text("its title"), true)]
        },
        ask: music,
        near: &[],
    },
];

fn timer(wanted: Wanted, rng: &mut ChaCha8Rng) -> (String, Json) {
    let (minutes, label) = (rng.random_range(1..120), word(rng, wanted.language, LABELS));
    let words = say(
        wanted.language,
        format!("set a timer of {minutes} minutes called \"{label}\""),
        format!("设一个{minutes}分钟的计时器，名称为\"{label}\""),
    );
    (words, json!({ "minutes": minutes, "label": label }))
}

fn alarm(wanted: Wanted, rng: &mut ChaCha8Rng) -> (String, Json) {
    let (at, label) = (time(rng), word(rng, wanted.language, LABELS));
    let said = timed(at, wanted.language, wanted.difficulty);
    let words = say(
        wanted.language,
        format!("set an alarm for {said} called \"{label}\""),
        format!("设一个{said}的闹钟，名称为\"{label}\""),
    );
    (words, json!({ "time": clock(at), "label": label }))
}

fn thermostat(wanted: Wanted, rng: &mut ChaCha8Rng) -> (String, Json) {
    let (room, english, chinese) = pick(rng, &ROOMS, ("study", "study", "书房"));
    let celsius = f64::from(rng.random_range(30..52)) / 2.0;
    let words = say(
        wanted.language,
        format!("set the thermostat in the {english} to {celsius} degrees"),
        format!("把{chinese}的温控器调到{celsius}度"),
    );
    (words, json!({ "room": room, "celsius": celsius }))
}

fn music(wanted: Wanted, rng: &mut ChaCha8Rng) -> (String, Json) {
    let (artist, title) = (word(rng, wanted.language, ARTISTS), word(rng, wanted.language, TITLES));
    let words = say(wanted.language, format!("play \"{title}\" by {artist}"), format!("播放{artist}的\"{title}\""));
    (words, json!({ "artist": artist, "title": title }))
}
