//! An appointment with a doctor: whose, when, where, how long.

use super::words::{NAMES, SURNAMES, clock, dated, day, say, time, timed, word, words};
use super::{CORRECTED, Draft, Wanted, date, text, text_or_null, whole};
use rand::RngExt;
use rand_chacha::ChaCha8Rng;
use serde_json::json;

pub(super) fn draft(wanted: Wanted, rng: &mut ChaCha8Rng) -> Draft {
    let Wanted { difficulty, language, .. } = wanted;
    let mut draft = Draft::default();
    let name = word(rng, language, NAMES);
    let doctors = words(rng, language, SURNAMES, 2);
    let (doctor, other) = (doctors.first().copied().unwrap_or(""), doctors.get(1).copied().unwrap_or(""));
    let (mut on, mut at) = (day(rng), time(rng));
    let when = (dated(on, language, difficulty), timed(at, language, difficulty));
    let (d, t) = &when;
    draft.opening = if rng.random_bool(0.5) {
        say(
            language,
            format!("{name}, you have an appointment with Dr. {doctor} on {d} at {t}."),
            format!("{name}您好，您已预约{doctor}医生，时间为{d}{t}。"),
        )
    } else {
        say(
            language,
            format!("This confirms the appointment of {name} with Dr. {doctor} on {d} at {t}."),
            format!("现确认{name}与{doctor}医生的预约，时间为{d}{t}。"),
        )
    };
    let room = format!("{}{:02}", rng.random_range(1..9), rng.random_range(1..40));
    let minutes = rng.random_range(2..19) * 5;
    draft.fact(wanted, format!("Please come to room {room}."), format!("请到{room}室就诊。"));
    draft.fact(wanted, format!("It takes about {minutes} minutes."), format!("就诊约需{minutes}分钟。"));
    let phone = rng.random_bool(0.5).then(|| format!("555-{:04}", rng.random_range(0..10_000)));
    if let Some(phone) = &phone {
        draft.fact(wanted, format!("You can reach us at {phone}."), format!("联系电话为{phone}。"));
    }

    let (last, away) = (dated(day(rng), language, difficulty), dated(day(rng), language, difficulty));
    let (then, opens) = (timed(time(rng), language, difficulty), timed(time(rng), language, difficulty));
    let (closed, early) = (rng.random_range(100..900), rng.random_range(2..5) * 5);
    draft.noise(wanted, format!("Your last visit was on {last} at {then}."), format!("您上次就诊是在{last}{then}。"));
    draft.noise(wanted, format!("Dr. {other} is away until {away}."), format!("{other}医生休假至{away}。"));
    draft.noise(wanted, format!("The practice opens at {opens}."), format!("诊所{opens}开门。"));
    draft.noise(
        wanted,
        format!("The waiting area beside {closed} is closed for repairs."),
        format!("{closed}旁的候诊区正在维修。"),
    );
    draft.noise(wanted, format!("Be there {early} minutes early, please."), format!("请提前{early}分钟到达。"));
    if difficulty >= CORRECTED {
        (on, at) = (day(rng), time(rng));
        let (d, t) = (dated(on, language, difficulty), timed(at, language, difficulty));
        draft.correction(
            wanted,
            format!("We had to move it: the new date is {d} at {t}."),
            format!("因故改期：新的时间为{d}{t}。"),
        );
    }

    draft.field("patient", text(), name);
    draft.field("doctor", json!({ "type": "string", "description": "family name, without a title" }), doctor);
    draft.field("date", date(), on.to_string());
    draft.field("time", json!({ "type": "string", "pattern": "^[0-9]{2}:[0-9]{2}$" }), clock(at));
    draft.field("room", text(), room);
    draft.field("minutes", whole(1), minutes);
    draft.field("phone", text_or_null(), phone);
    draft
}
