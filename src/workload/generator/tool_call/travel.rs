//! Tools of a journey: flights, trains, weather, taxis.

use super::{Parameter, Sort, Wanted, counted, date, hour, text, whole};
use crate::workload::generator::extraction::words::{CITIES, clock, dated, day, say, time, timed, word, words};
use rand::RngExt;
use rand_chacha::ChaCha8Rng;
use serde_json::{Value as Json, json};

const STREETS: (&[&str], &[&str]) = (
    &["Mill Lane", "Station Road", "Harbour Street", "Oak Avenue", "Castle Hill", "Bridge Street", "Market Square"],
    &["磨坊巷", "车站路", "港口街", "橡树大道", "城堡坡", "大桥街", "集市广场"],
);

fn journey() -> Vec<Parameter> {
    vec![
        Parameter("origin", text("city"), true),
        Parameter("destination", text("city"), true),
        Parameter("date", date(), true),
        Parameter("passengers", whole(), true),
    ]
}

pub(super) const TOOLS: &[Sort] = &[
    Sort {
        name: "search_flights",
        domain: "travel",
        about: ("Finds flights between two cities.", "查询两地之间的航班。"),
        parameters: || {
            let cabin = json!({ "type": "string", "enum": ["economy", "business", "first"], "default": "economy" });
            journey().into_iter().chain([Parameter("cabin", cabin, false)]).collect()
        },
        ask: flights,
        near: &[],
    },
    Sort {
        name: "search_trains",
        domain: "travel",
        about: ("Finds trains between two cities.", "查询两地之间的火车。"),
        parameters: journey,
        ask: trains,
        near: &[],
    },
    Sort {
        name: "get_weather",
        domain: "travel",
        about: ("Tells the weather of a city on a day.", "查询某城市某天的天气。"),
        parameters: || vec![Parameter("city", text("city"), true), Parameter("date", date(), true)],
        ask: weather,
        near: &[],
    },
    Sort {
        name: "book_taxi",
        domain: "travel",
        about: ("Books a taxi for today.", "预订今天的出租车。"),
        parameters: || {
            vec![
                Parameter("pickup", text("street and number"), true),
                Parameter("destination", text("street and number"), true),
                Parameter("time", hour(), true),
            ]
        },
        ask: taxi,
        near: &[],
    },
];

/// Two cities, a day and passengers: in arguments, and as they are said.
fn between(wanted: Wanted, rng: &mut ChaCha8Rng) -> (Json, [String; 4]) {
    let cities = words(rng, wanted.language, CITIES, 2);
    let [from, to] = [0, 1].map(|at| cities.get(at).copied().unwrap_or(""));
    let (on, passengers) = (day(rng), rng.random_range(1..7));
    let arguments = json!({ "origin": from, "destination": to, "date": on.to_string(), "passengers": passengers });
    let said = [from.into(), to.into(), dated(on, wanted.language, wanted.difficulty), counted(passengers, wanted)];
    (arguments, said)
}

fn flights(wanted: Wanted, rng: &mut ChaCha8Rng) -> (String, Json) {
    let (mut arguments, [from, to, on, passengers]) = between(wanted, rng);
    let business = rng.random_bool(0.4);
    let class = match (business, arguments.as_object_mut()) {
        (true, Some(all)) => {
            all.insert("cabin".to_owned(), "business".into());
            (" in business class", "，商务舱")
        }
        _ => ("", ""),
    };
    let words = say(
        wanted.language,
        format!("find flights from {from} to {to} on {on} for a party of {passengers}{}", class.0),
        format!("查询{on}从{from}到{to}的航班，{passengers}位乘客{}", class.1),
    );
    (words, arguments)
}

fn trains(wanted: Wanted, rng: &mut ChaCha8Rng) -> (String, Json) {
    let (arguments, [from, to, on, passengers]) = between(wanted, rng);
    let words = say(
        wanted.language,
        format!("find trains from {from} to {to} on {on} for a party of {passengers}"),
        format!("查询{on}从{from}到{to}的火车，{passengers}位乘客"),
    );
    (words, arguments)
}

fn weather(wanted: Wanted, rng: &mut ChaCha8Rng) -> (String, Json) {
    let (city, on) = (word(rng, wanted.language, CITIES), day(rng));
    let said = dated(on, wanted.language, wanted.difficulty);
    let words =
        say(wanted.language, format!("tell me the weather in {city} on {said}"), format!("查一下{city}{said}的天气"));
    (words, json!({ "city": city, "date": on.to_string() }))
}

fn taxi(wanted: Wanted, rng: &mut ChaCha8Rng) -> (String, Json) {
    let streets = words(rng, wanted.language, STREETS, 2);
    let [from, to] = [0, 1].map(|at| {
        let (street, number) = (streets.get(at).copied().unwrap_or(""), rng.random_range(1..90));
        say(wanted.language, format!("{street} {number}"), format!("{street}{number}号"))
    });
    let at = time(rng);
    let said = timed(at, wanted.language, wanted.difficulty);
    let words = say(
        wanted.language,
        format!("book a taxi from {from} to {to} at {said}"),
        format!("预订{said}从{from}到{to}的出租车"),
    );
    (words, json!({ "pickup": from, "destination": to, "time": clock(at) }))
}
