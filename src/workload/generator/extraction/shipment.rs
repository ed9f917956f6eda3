//! A shipping note: what goes where, how heavy, by whom, when.

use super::words::{CITIES, NAMES, amount, code, dated, day, money, pick, say, word, words};
use super::{CORRECTED, Draft, Wanted, date, text, whole};
use rand::RngExt;
use rand_chacha::ChaCha8Rng;
use serde_json::{Value as Json, json};

const CARRIERS: (&[&str], &[&str]) =
    (&["Swiftline", "Parcelo", "NordFreight", "Bluebird Express"], &["迅达物流", "顺通快运", "北极星货运", "蓝鸟速递"]);

pub(super) fn draft(wanted: Wanted, rng: &mut ChaCha8Rng) -> Draft {
    let Wanted { difficulty, language, .. } = wanted;
    let mut draft = Draft::default();
    let (tracking, name) = (code(rng, 3, 7), word(rng, language, NAMES));
    let cities = words(rng, language, CITIES, 3);
    let [from, to, elsewhere] = [0, 1, 2].map(|at| cities.get(at).copied().unwrap_or(""));
    let carriers = words(rng, language, CARRIERS, 2);
    let (carrier, rival) = (carriers.first().copied().unwrap_or(""), carriers.get(1).copied().unwrap_or(""));
    draft.opening = if rng.random_bool(0.5) {
        say(
            language,
            format!("Parcel {tracking} has left our warehouse in {from}."),
            format!("包裹{tracking}已从{from}仓库发出。"),
        )
    } else {
        say(
            language,
            format!("Shipment {tracking} was handed over in {from}."),
            format!("货件{tracking}已在{from}交运。"),
        )
    };
    let (pieces, mut weight) = (rng.random_range(1..30), rng.random_range(50..9_000));
    let kilos = amount(weight);
    draft.fact(wanted, format!("It goes to {name} in {to}."), format!("收件人是{to}的{name}。"));
    draft.fact(
        wanted,
        format!("The number of pieces is {pieces} and the weight is {kilos} kg."),
        format!("共{pieces}件，重{kilos}公斤。"),
    );
    let (on, insured) = (day(rng), rng.random_bool(0.5).then(|| rng.random_range(5_000..90_000)));
    let d = dated(on, language, difficulty);
    draft.fact(wanted, format!("{carrier} delivers it on {d}."), format!("由{carrier}于{d}派送。"));
    let value = amount(insured.unwrap_or_default());
    if insured.is_some() {
        draft.fact(wanted, format!("It is insured for {value} EUR."), format!("保价{value}元。"));
    }

    let (second, closed) = (code(rng, 3, 7), dated(day(rng), language, difficulty));
    let (more, light) = (amount(rng.random_range(100..900)), pick(rng, &[2, 5, 10, 20], 5));
    let other = word(rng, language, NAMES);
    draft.noise(
        wanted,
        format!("Parcel {second} to {elsewhere} is still waiting."),
        format!("寄往{elsewhere}的包裹{second}仍在等待。"),
    );
    draft.noise(
        wanted,
        format!("Our office in {elsewhere} is closed on {closed}."),
        format!("本公司{elsewhere}办事处{closed}休息。"),
    );
    draft.noise(
        wanted,
        format!("{rival} now charges {more} EUR more per parcel."),
        format!("{rival}每件加收{more}元。"),
    );
    draft.noise(wanted, format!("Below {light} kg no signature is needed."), format!("{light}公斤以下无需签收。"));
    draft.noise(wanted, format!("Questions are answered by {other}."), format!("如有疑问请联系{other}。"));
    if difficulty >= CORRECTED {
        weight += rng.random_range(10..900);
        let kilos = amount(weight);
        draft.correction(
            wanted,
            format!("It was weighed again: {kilos} kg is right."),
            format!("经重新称重，应为{kilos}公斤。"),
        );
    }

    draft.field("tracking", json!({ "type": "string", "pattern": "^[A-Z]{3}-[0-9]{7}$" }), tracking);
    draft.field("origin", text(), from);
    draft.field("recipient", text(), name);
    draft.field("destination", text(), to);
    draft.field("pieces", whole(1), pieces);
    draft.field("weight_kg", json!({ "type": "number", "exclusiveMinimum": 0 }), money(weight));
    draft.field("carrier", text(), carrier);
    draft.field("delivery_date", date(), on.to_string());
    draft.field("insured_value", json!({ "type": ["number", "null"] }), insured.map_or(Json::Null, money));
    draft
}
