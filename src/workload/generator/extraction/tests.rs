//! Every text is read again by a reader of its own: patterns over the prompt's words, which know nothing of how it was made.

use super::*;
use crate::domain::Item;
use crate::workload::generator::library::check::verified;
use regex::{Captures, Regex};
use std::collections::BTreeMap;
use std::sync::{LazyLock, Mutex};

/// A pattern, compiled once; `{D}` is a day and `{T}` a time of day, as either language writes them.
fn pattern(text: &str) -> &'static Regex {
    static KNOWN: LazyLock<Mutex<BTreeMap<String, &'static Regex>>> = LazyLock::new(Mutex::default);
    let build = || {
        let day =
            r"(?:(?:[A-Z]\w+day, )?\d{1,2} [A-Z][a-z]+ \d{4}|\d{4}年\d{1,2}月\d{1,2}日(?:星期.)?|\d{4}-\d{2}-\d{2})";
        let time = r"(?:\d{1,2}:\d{2}(?: [ap]m)?|(?:上午|中午|下午)\d{1,2}点\d{2}分)";
        // Kept for the life of the test: a copy would begin with empty caches.
        let built = Regex::new(&text.replace("{D}", day).replace("{T}", time)).unwrap();
        &*Box::leak(Box::new(built))
    };
    KNOWN.lock().unwrap().entry(text.to_owned()).or_insert_with(build)
}

fn first(text: &str, of: &str) -> Option<String> {
    pattern(of).captures(text).map(|found| found[1].to_owned())
}

fn numbers(text: &str) -> Vec<i64> {
    pattern(r"\d+").find_iter(text).map(|n| n.as_str().parse().unwrap()).collect()
}

/// `2026-03-05` out of any form.
fn iso(text: &str) -> String {
    const MONTHS: &str = "JanFebMarAprMayJunJulAugSepOctNovDec";
    let found = pattern("[A-Z][a-z]{2}[a-z]* \\d{4}").find(text);
    match (found, numbers(text).as_slice()) {
        (Some(month), [day, year]) => {
            let at = MONTHS.find(&month.as_str()[..3]).unwrap() / 3 + 1;
            format!("{year}-{at:02}-{day:02}")
        }
        (_, [year, month, day]) => format!("{year}-{month:02}-{day:02}"),
        (_, other) => panic!("{text}: {other:?}"),
    }
}

/// The day of a date, or null.
fn day_of(text: Option<String>) -> Json {
    text.map_or(Json::Null, |text| iso(&text).into())
}

/// `2026-03` out of `March 2026` or `2026年3月`.
fn month_of(text: Option<String>) -> Json {
    text.map_or(Json::Null, |text| {
        let whole = iso(&if text.contains('年') { format!("{text}1日") } else { format!("1 {text}") });
        whole[..7].into()
    })
}

/// `14:30` out of any form.
fn hour_of(text: Option<String>) -> Json {
    text.map_or(Json::Null, |text| {
        let [hour, minute] = numbers(&text)[..] else { panic!("{text}") };
        let after_noon = text.contains("pm") || text.contains("下午");
        format!("{:02}:{minute:02}", if after_noon && hour < 12 { hour + 12 } else { hour }).into()
    })
}

fn number_of(text: Option<String>) -> Json {
    text.map_or(Json::Null, |text| serde_json::from_str(&text).unwrap())
}

fn orders(t: &str, english: bool) -> Json {
    let say = |en: &'static str, zh: &'static str| if english { en } else { zh };
    let get = |en: &'static str, zh: &'static str| first(t, say(en, zh));
    let line = |found: Captures<'_>| {
        let (product, quantity) = if english { (&found[2], &found[1]) } else { (&found[1], &found[2]) };
        (product.to_owned(), quantity.to_owned(), found[3].to_owned())
    };
    let lines = pattern(say(r"(\d+) × ([a-z ]+) at ([\d.]+) [A-Z]{3} each", r"(\p{Han}+)(\d+)件，单价([\d.]+)元"));
    let corrected =
        pattern(say(r"quantity of ([a-z ]+) is now (\d+)", r"应您要求，(\p{Han}+)的数量改为(\d+)件")).captures(t);
    let items = lines.captures_iter(t).map(line).map(|(product, quantity, price)| {
        let changed = corrected.as_ref().filter(|c| c[1] == product).map_or(quantity, |c| c[2].to_owned());
        json!({ "product": product, "quantity": number_of(Some(changed)), "unit_price": number_of(Some(price)) })
    });
    json!({
        "order_id": get(r"(?:your|received) order ([A-Z]{2}-\d{6})", r"(?:订单号为|您的订单|的订单)([A-Z]{2}-\d{6})"),
        "customer": get(r"^(?:Thank you for your order \S+ |Dear |We have received order \S+ from )(\w+ \w+)", r"^(?:感谢您的订购，|我们已收到)?(\p{Han}{2,3}?)(?:您好|！|的订单)"),
        "items": items.collect::<Vec<_>>(),
        "currency": if english { first(t, r"Shipping costs [\d.]+ ([A-Z]{3})").unwrap() } else { "CNY".into() },
        "shipping": number_of(get(r"Shipping costs ([\d.]+)", r"运费为([\d.]+)元")),
        "delivery_date": day_of(get(r"planned for ({D})", r"预计送达日期为({D})")),
        "coupon": get(r"coupon (\S+) was", r"优惠码([A-Z]+-\d+)"),
    })
}

fn appointments(t: &str, english: bool) -> Json {
    let get = |en: &'static str, zh: &'static str| first(t, if english { en } else { zh });
    let moved = |en: &'static str, zh: &'static str, en0: &'static str, zh0: &'static str| {
        get(en, zh).or_else(|| get(en0, zh0))
    };
    json!({
        "patient": get(r"^(?:This confirms the appointment of )?([A-Z]\w+ [A-Z]\w+)", r"^(?:现确认)?(\p{Han}{2,3}?)(?:您好|与)"),
        "doctor": get(r"with Dr\. (\w+)", r"(?:已预约|与)(\p{Han})医生"),
        "date": day_of(moved(r"new date is ({D})", r"新的时间为({D})", r"with Dr\. \w+ on ({D})", r"医生(?:的预约)?，时间为({D})")),
        "time": hour_of(moved(r"new date is {D} at ({T})", r"新的时间为{D}({T})", r"with Dr\. \w+ on {D} at ({T})", r"医生(?:的预约)?，时间为{D}({T})")),
        "room": get(r"come to room (\d+)", r"请到(\d+)室"),
        "minutes": number_of(get(r"takes about (\d+) minutes", r"约需(\d+)分钟")),
        "phone": get(r"reach us at ([\d-]+)", r"联系电话为([\d-]+)"),
    })
}

fn shipments(t: &str, english: bool) -> Json {
    let get = |en: &'static str, zh: &'static str| first(t, if english { en } else { zh });
    json!({
        "tracking": get(r"^\w+ ([A-Z]{3}-\d{7})", r"^\p{Han}+([A-Z]{3}-\d{7})"),
        "origin": get(r"^.*? in (\w+)\.", r"^\S*?[从在](\p{Han}+?)(?:仓库发出|交运)"),
        "recipient": get(r"goes to (\w+ \w+) in", r"收件人是\p{Han}{2}的(\p{Han}+)"),
        "destination": get(r"goes to \w+ \w+ in (\w+)", r"收件人是(\p{Han}{2})的"),
        "pieces": number_of(get(r"number of pieces is (\d+)", r"共(\d+)件")),
        "weight_kg": number_of(get(r"weighed again: ([\d.]+) kg", r"经重新称重，应为([\d.]+)公斤").or_else(|| get(r"weight is ([\d.]+) kg", r"重([\d.]+)公斤"))),
        "carrier": get(r"([A-Z]\w+(?: [A-Z]\w+)?) delivers it", r"由(\p{Han}+)于"),
        "delivery_date": day_of(get(r"delivers it on ({D})", r"于({D})派送")),
        "insured_value": number_of(get(r"insured for ([\d.]+) EUR", r"保价([\d.]+)元")),
    })
}

fn careers(t: &str, english: bool) -> Json {
    let get = |en: &'static str, zh: &'static str| first(t, if english { en } else { zh });
    let skills = get(r"Skills: ([^.]+)\.", r"技能：([^。]+)。").unwrap();
    let year = get(r"awarded in (\d{4})", r"学位授予于(\d{4})年")
        .or_else(|| get(r"Degree: [^.]*, (\d{4})", r"学历：[^。]*，(\d{4})年"));
    json!({
        "name": get(r"^(\w+ \w+) (?:was|has been)", r"^(\p{Han}+?)[自于]\d"),
        "title": get(r"^\w+ \w+ (?:was|has been) (.+?) at", r"^[^。]*任(\p{Han}+)。"),
        "company": get(r"^[^.]*? at (.+?) (?:since|from)", r"^[^。]*在(\p{Han}+)任"),
        "start": month_of(get(r"(?:since|from) ([A-Z][a-z]+ \d{4})", r"^\p{Han}+(\d{4}年\d+月)")),
        "end": month_of(get(r"from [A-Z][a-z]+ \d{4} to ([A-Z][a-z]+ \d{4})", r"^\p{Han}+\d{4}年\d+月至(\d{4}年\d+月)")),
        "skills": skills.split(if english { ", " } else { "、" }).collect::<Vec<_>>(),
        "degree": {
            "level": get(r"Degree: (\w+) in", r"学历：[^。，]*(..)，"),
            "subject": get(r"Degree: \w+ in ([^,]+),", r"学历：\p{Han}+?(?:大学|学院)([^，]+)..，"),
            "school": get(r"Degree: [^,]+, ([^,]+),", r"学历：(\p{Han}+?(?:大学|学院))"),
            "year": number_of(year),
        },
        "languages": number_of(get(r"Speaks (\d+)", r"会(\d+)种")),
    })
}

fn solve(item: &Item) -> Result<(), String> {
    let prompt = &item.messages[0].content;
    let english = &*item.tags.language == "en";
    let text = prompt.rsplit_once(if english { "\n\nText: " } else { "\n\n文本：" }).unwrap().1;
    let read = match &*item.tags.domain {
        "orders" => orders(text, english),
        "appointments" => appointments(text, english),
        "shipments" => shipments(text, english),
        _ => careers(text, english),
    };
    let expected: Json = serde_json::from_str(&item.answers[0]).unwrap();
    if read == expected { Ok(()) } else { Err(format!("{text}\nread     {read}\nexpected {expected}")) }
}

#[test]
fn texts_read_by_another_reader_give_the_same_facts() {
    verified(KIND.name, Extraction, solve);
}

#[test]
fn harder_texts_are_longer() {
    let items = Library::new("check", Extraction).draw(3, 800);
    let of = |level: &str| {
        let all = items.iter().filter(|item| item.id.as_str().contains(&format!("-en-{level}-")));
        let lengths: Vec<usize> = all.map(|item| item.messages[0].content.len()).collect();
        lengths.iter().sum::<usize>() / lengths.len()
    };
    assert!(of("1") + 200 < of("10"), "{} {}", of("1"), of("10"));
}
