//! Every request is understood again by a reader of its own: patterns that know the words, not how they came about.

use super::*;
use crate::domain::Item;
use crate::workload::generator::library::check::verified;
use regex::Regex;
use std::collections::BTreeSet;
use std::sync::LazyLock;

const DAY: &str =
    r"((?:[A-Z]\w+day, )?\d{1,2} [A-Z][a-z]+ \d{4}|\d{4}年\d{1,2}月\d{1,2}日(?:星期.)?|\d{4}-\d{2}-\d{2})";
const TIME: &str = r"(\d{1,2}:\d{2}(?: [ap]m)?|(?:上午|中午|下午)\d{1,2}点\d{2}分)";

/// A tool, the words by which it is asked for, and what each group of the pattern is: an argument, and how it is read.
type Reader = (&'static str, Regex, &'static [Group]);

fn same(text: &str) -> Json {
    text.into()
}

fn number(text: &str) -> Json {
    let words = "one two three four five six seven eight nine 一 两 三 四 五 六 七 八 九";
    match words.split(' ').position(|word| word == text) {
        Some(at) => (at % 9 + 1).into(),
        None => serde_json::from_str(text).unwrap(),
    }
}

fn degrees(text: &str) -> Json {
    text.parse::<f64>().unwrap().into()
}

fn iso(text: &str) -> Json {
    let numbers: Vec<u32> = text.split(|c: char| !c.is_ascii_digit()).filter_map(|n| n.parse().ok()).collect();
    let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
    let after_day = text.rsplit(", ").next().unwrap();
    let (year, month, day) = match numbers[..] {
        [year, month, day] => (year, month, day),
        [day, year] => (year, (1..).zip(months).find(|(_, m)| after_day.contains(m)).unwrap().0, day),
        _ => panic!("{text}"),
    };
    format!("{year}-{month:02}-{day:02}").into()
}

fn clock(text: &str) -> Json {
    let numbers: Vec<u32> = text.split(|c: char| !c.is_ascii_digit()).filter_map(|n| n.parse().ok()).collect();
    let later = (text.contains("pm") || text.contains("下午")) && numbers[0] < 12;
    format!("{:02}:{:02}", numbers[0] + if later { 12 } else { 0 }, numbers[1]).into()
}

fn room(text: &str) -> Json {
    let rooms =
        [("living room", "客厅", "living_room"), ("bedroom", "卧室", "bedroom"), ("kitchen", "厨房", "kitchen")];
    rooms.iter().find(|(en, zh, _)| *en == text || *zh == text).map_or("study", |(_, _, id)| id).into()
}

fn tongue(text: &str) -> Json {
    match text {
        "French" | "法语" => "fr",
        "German" | "德语" => "de",
        "Spanish" | "西班牙语" => "es",
        _ => "ja",
    }
    .into()
}

fn coin(text: &str) -> Json {
    match text {
        "US dollars" | "美元" => "USD",
        "euros" | "欧元" => "EUR",
        "British pounds" | "英镑" => "GBP",
        "Japanese yen" | "日元" => "JPY",
        _ => "CHF",
    }
    .into()
}

fn cabin(_: &str) -> Json {
    "business".into()
}

/// An argument, and how its words are read.
type Group = (&'static str, fn(&str) -> Json);

fn of(name: &'static str, pattern: &str, groups: &'static [Group]) -> Reader {
    (name, Regex::new(&pattern.replace("{D}", DAY).replace("{T}", TIME)).unwrap(), groups)
}

static READERS: LazyLock<Vec<Reader>> = LazyLock::new(|| {
    const JOURNEY: &[Group] =
        &[("origin", same), ("destination", same), ("date", iso), ("passengers", number), ("cabin", cabin)];
    const VOYAGE: &[Group] =
        &[("date", iso), ("origin", same), ("destination", same), ("passengers", number), ("cabin", cabin)];
    vec![
        of("set_timer", r#"timer of (\d+) minutes called "([^"]+)""#, &[("minutes", number), ("label", same)]),
        of("set_timer", r#"(\d+)分钟的计时器，名称为"([^"]+)""#, &[("minutes", number), ("label", same)]),
        of("set_alarm", r#"alarm for {T} called "([^"]+)""#, &[("time", clock), ("label", same)]),
        of("set_alarm", r#"{T}的闹钟，名称为"([^"]+)""#, &[("time", clock), ("label", same)]),
        of(
            "set_thermostat",
            r"thermostat in the ([a-z ]+) to ([\d.]+) degrees",
            &[("room", room), ("celsius", degrees)],
        ),
        of("set_thermostat", r"把(..)的温控器调到([\d.]+)度", &[("room", room), ("celsius", degrees)]),
        of("play_music", r#"play "([^"]+)" by ((?:[A-Z]\w+ ?)+)"#, &[("title", same), ("artist", same)]),
        of("play_music", r#"播放(\p{Han}+)的"([^"]+)""#, &[("artist", same), ("title", same)]),
        of("search_flights", r"flights from (\w+) to (\w+) on {D} for a party of (\w+)( in business class)?", JOURNEY),
        of("search_flights", r"查询{D}从(..)到(..)的航班，(\w)位乘客(，商务舱)?", VOYAGE),
        of("search_trains", r"trains from (\w+) to (\w+) on {D} for a party of (\w+)", JOURNEY),
        of("search_trains", r"查询{D}从(..)到(..)的火车，(\w)位乘客", VOYAGE),
        of("get_weather", r"weather in (\w+) on {D}", &[("city", same), ("date", iso)]),
        of("get_weather", r"查一下(..){D}的天气", &[("city", same), ("date", iso)]),
        of(
            "book_taxi",
            r"taxi from ([\w ]+?) to ([\w ]+?) at {T}",
            &[("pickup", same), ("destination", same), ("time", clock)],
        ),
        of(
            "book_taxi",
            r"预订{T}从(\S+?号)到(\S+?号)的出租车",
            &[("time", clock), ("pickup", same), ("destination", same)],
        ),
        of(
            "create_event",
            r#"put "([^"]+)" into the calendar on {D} at {T} for (\d+) minutes"#,
            &[("title", same), ("date", iso), ("start", clock), ("minutes", number)],
        ),
        of(
            "create_event",
            r#"日历中添加"([^"]+)"，{D}{T}开始，时长(\d+)分钟"#,
            &[("title", same), ("date", iso), ("start", clock), ("minutes", number)],
        ),
        of("add_reminder", r#"reminder "([^"]+)" for {D}"#, &[("text", same), ("date", iso)]),
        of("add_reminder", r#"添加{D}的提醒"([^"]+)""#, &[("date", iso), ("text", same)]),
        of("send_message", r#"send (\w+ \w+) the message "([^"]+)""#, &[("recipient", same), ("text", same)]),
        of("send_message", r#"给(\p{Han}+)发消息"([^"]+)""#, &[("recipient", same), ("text", same)]),
        of("translate_text", r#"translate "([^"]+)" into (\w+)"#, &[("text", same), ("language", tongue)]),
        of("translate_text", r#"把"([^"]+)"翻译成(\p{Han}+语)"#, &[("text", same), ("language", tongue)]),
        of(
            "convert_currency",
            r"convert ([\d.]+) ([A-Za-z ]+?) into (US dollars|euros|British pounds|Japanese yen|Swiss francs)",
            &[("amount", number), ("from", coin), ("to", coin)],
        ),
        of(
            "convert_currency",
            r"把([\d.]+)(\p{Han}+)换算成(美元|欧元|英镑|日元|瑞士法郎)",
            &[("amount", number), ("from", coin), ("to", coin)],
        ),
        of("get_stock_price", r"share price of ([A-Z]+)", &[("symbol", same)]),
        of("get_stock_price", r"查询股票([A-Z]+)的价格", &[("symbol", same)]),
        of(
            "transfer_money",
            r"transfer ([\d.]+) ([A-Za-z ]+?) to ([A-Z]\w+ [A-Z]\w+)",
            &[("amount", number), ("currency", coin), ("recipient", same)],
        ),
        of(
            "transfer_money",
            r"向(\p{Han}+)转账([\d.]+)(美元|欧元|英镑|日元|瑞士法郎)",
            &[("recipient", same), ("amount", number), ("currency", coin)],
        ),
        of("split_bill", r"bill of ([\d.]+) among (\w+) people", &[("total", number), ("people", number)]),
        of("split_bill", r"把([\d.]+)元的账单分给(\w)个人", &[("total", number), ("people", number)]),
    ]
});

/// The requests of a text, as sorted calls.
fn understood(text: &str) -> Vec<String> {
    let mut calls = Vec::new();
    for (name, pattern, groups) in READERS.iter() {
        for found in pattern.captures_iter(text) {
            let arguments: Map<String, Json> = (1..)
                .zip(*groups)
                .filter_map(|(at, (argument, read))| Some(((*argument).to_owned(), read(found.get(at)?.as_str()))))
                .collect();
            calls.push(json!({ "name": name, "arguments": arguments }).to_string());
        }
    }
    calls.sort();
    calls
}

fn solve(item: &Item) -> Result<(), String> {
    let text = &item.messages[0].content;
    let asked = understood(text);
    let offered: BTreeSet<&str> = item.tools.iter().map(|tool| tool.name.as_str()).collect();
    let is_offered = |call: &String| {
        let call: Json = serde_json::from_str(call).unwrap();
        offered.contains(call["name"].as_str().unwrap())
    };
    let serves = asked.iter().filter(|call| is_offered(call)).count();
    let spec = item.spec.as_ref().unwrap();
    let mut expected: Vec<String> = spec["calls"].as_array().unwrap().iter().map(Json::to_string).collect();
    expected.sort();
    let right = match expected.is_empty() {
        true => serves == 0 && asked.len() == 1,
        false => asked == expected && serves == asked.len(),
    };
    let known = offered.len() == item.tools.len() && item.tools.len() >= 2;
    if right && known {
        Ok(())
    } else {
        Err(format!("{text}\n{offered:?}\nunderstood {asked:?}\nexpected   {expected:?}"))
    }
}

#[test]
fn requests_understood_by_another_reader_are_the_same_calls() {
    verified(KIND.name, ToolCall, solve);
}

#[test]
fn one_two_or_no_tool_serves_as_the_difficulty_says() {
    let items = Library::new("check", ToolCall).draw(1, 2_000);
    let mut seen = BTreeSet::new();
    for item in &items {
        let difficulty: u32 = item.id.as_str().split('-').nth(2).unwrap().parse().unwrap();
        let calls = item.spec.as_ref().unwrap()["calls"].as_array().unwrap().len();
        assert!(calls == 1 || (calls == 0 && difficulty >= NONE) || (calls == 2 && difficulty >= TWO), "{item:?}");
        seen.insert(calls);
        let parameters: Json = serde_json::from_str(&item.tools[0].parameters).unwrap();
        assert_eq!(parameters["type"], "object");
    }
    assert_eq!(seen.into_iter().collect::<Vec<_>>(), [0, 1, 2]);
}
