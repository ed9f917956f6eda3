//! Reads every question again out of its text, and works it out with a calendar of its own: all days from 1200 on, one
//! after the other.

use super::*;
use crate::domain::Item;
use crate::workload::generator::library::{Language, check};
use crate::workload::generator::prose::reading::{find, numbers, pattern, says, shown};
use rand::SeedableRng;
use std::collections::BTreeMap;
use std::sync::LazyLock;

type Day = (i64, i64, i64);

/// All days from the first of 1200, which was a Saturday as that of 2000: 400 years are whole weeks.
struct Calendar {
    days: Vec<Day>,
    places: BTreeMap<Day, i64>,
}

static CALENDAR: LazyLock<Calendar> = LazyLock::new(|| {
    let mut days = Vec::new();
    for year in 1200..2850 {
        for month in 1..=12 {
            days.extend((1..=length(year, month)).map(|day| (year, month, day)));
        }
    }
    let places = days.iter().copied().zip(0..).collect();
    Calendar { days, places }
});

fn is_leap(year: i64) -> bool {
    if year % 100 == 0 { year % 400 == 0 } else { year % 4 == 0 }
}

fn length(year: i64, month: i64) -> i64 {
    match month {
        2 if is_leap(year) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

fn place(day: Day) -> i64 {
    CALENDAR.places[&day]
}

fn day(place: i64) -> Day {
    CALENDAR.days[usize::try_from(place).unwrap()]
}

const WEEK: [&str; 7] = ["Saturday", "Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday"];
const CHINESE_WEEK: [&str; 7] = ["星期六", "星期日", "星期一", "星期二", "星期三", "星期四", "星期五"];

fn weekday(place: i64) -> usize {
    usize::try_from(place.rem_euclid(7)).unwrap()
}

fn iso((y, m, d): Day) -> String {
    format!("{y:04}-{m:02}-{d:02}")
}

/// The dates of a text, in their order.
fn dates(text: &str) -> Vec<Day> {
    let found = pattern(
        r"(?P<y>\d{4})(?:-|年)(?P<m>\d{1,2})(?:-|月)(?P<d>\d{1,2})日?|(?P<M>[A-Z][a-z]+) (?P<D>\d{1,2}), (?P<Y>\d{4})|(?P<e>\d{1,2}) (?P<N>[A-Z][a-z]+) (?P<Z>\d{4})",
    );
    let one = |found: regex::Captures<'_>| {
        let number = |name: &str| found.name(name).map(|m| m.as_str().parse::<i64>().unwrap());
        let month = |name: &str| {
            let word = found.name(name).map(|m| m.as_str())?;
            MONTHS.iter().position(|month| *month == word).map(|place| i64::try_from(place).unwrap() + 1)
        };
        number("y")
            .zip(number("m"))
            .zip(number("d"))
            .or_else(|| number("Y").zip(month("M")).zip(number("D")))
            .or_else(|| number("Z").zip(month("N")).zip(number("e")))
            .map(|((y, m), d)| (y, m, d))
    };
    found.captures_iter(text).filter_map(one).collect()
}

/// The question without what does not matter and without the form of the answer.
fn question(prompt: &str) -> String {
    let mut asked = prompt.to_owned();
    for (english, chinese) in [ONLY_THE_NUMBER, DATE_FORM, WEEKDAY_FORM, TIME_FORM, DATE_TIME_FORM] {
        for form in english.iter().chain(chinese) {
            asked = asked.strip_suffix(form).map(|rest| rest.trim_end().to_owned()).unwrap_or(asked);
        }
    }
    assert!(asked.len() < prompt.len(), "{prompt}");
    if says(&asked, "does not matter|last meeting|old calendar|has been closed|无关|会议的记录|旧日历|办公室")
    {
        return pattern(r"^(?:[(]?[^.。]*\.[)]? |（?[^。]*。）?)").replace(&asked, "").into_owned();
    }
    asked
}

fn solve(item: &Item) -> Result<(), String> {
    let prompt = &item.messages[0].content;
    let asked = question(prompt);
    let days = dates(&asked);
    let spoken =
        WEEK.iter().zip(CHINESE_WEEK).position(|(english, chinese)| asked.contains(english) || asked.contains(chinese));
    let right = match &*item.tags.domain {
        "between" => {
            let both = says(&asked, "both days included|both count|首尾两天|都计入");
            ((place(days[1]) - place(days[0])).abs() + i64::from(both)).to_string()
        }
        "weekday" => {
            let n = pattern(r"(\d+)( days|天)").captures(&asked).map_or(0, |found| found[1].parse::<i64>().unwrap());
            let n = if says(&asked, " ago|天前|以前") { -n } else { n };
            let at = match (days.as_slice(), spoken) {
                ([], Some(today)) => i64::try_from(today).unwrap() + n,
                ([known, other], Some(word)) if weekday(place(*known)) == word => place(*other),
                ([only], None) => place(*only) + n,
                _ => return Err(format!("{prompt}: {days:?} {spoken:?}")),
            };
            WEEK[weekday(at)].to_owned()
        }
        "days" | "months" => steps(&asked, days[0]),
        "leap-years" => leap_years(&asked, &days),
        "clock" => clock(&asked, &days),
        _ => working_days(&asked, &days, spoken)?,
    };
    let first = item.answers.first().ok_or("no answer")?;
    if *first != right || prompt.contains(['{', '}']) {
        return Err(format!("{prompt}: {first}, not {right}"));
    }
    Ok(())
}

/// Goes from a day step by step.
fn steps(asked: &str, mut at: Day) -> String {
    let found = pattern(
        r"(?:Go|add|Count|subtract|count back) (\d+) (day|week|month|year)s?( back)?|(?:再过|往后推|加上|倒退|减去|回到)(\d+)(天|周|个月|年)|(\d+)(?: days|天)",
    );
    for step in found.captures_iter(asked) {
        let whole = step.get(0).unwrap().as_str();
        let n: i64 = step.get(1).or(step.get(4)).or(step.get(6)).unwrap().as_str().parse().unwrap();
        let back =
            says(whole, "subtract|back|倒退|减去|回到") || (step.get(6).is_some() && says(asked, "before|之前|天前"));
        let n = if back { -n } else { n };
        let months = match step.get(2).or(step.get(5)).map_or("天", |unit| unit.as_str()) {
            "day" | "天" => {
                at = day(place(at) + n);
                continue;
            }
            "week" | "周" => {
                at = day(place(at) + 7 * n);
                continue;
            }
            "month" | "个月" => n,
            _ => 12 * n,
        };
        let all = at.0 * 12 + at.1 - 1 + months;
        let (year, month) = (all.div_euclid(12), all.rem_euclid(12) + 1);
        at = (year, month, at.2.min(length(year, month)));
    }
    iso(at)
}

fn leap_years(asked: &str, days: &[Day]) -> String {
    let n = numbers(asked);
    let year = |at: usize| n.iter().copied().filter(|n| *n > 1000).nth(at).unwrap();
    let count = |month_and_day: fn(&Day) -> bool, from: i64, to: i64| {
        (from..=to).map(day).filter(month_and_day).count().to_string()
    };
    if let [a, b] = days
        && says(asked, "February 29|2月29日")
    {
        return count(|day| (day.1, day.2) == (2, 29), place(*a), place(*b));
    }
    if says(asked, "How many leap|leap years from|闰年？$")
        && says(asked, "How many are there|How many leap|多少个|几个")
    {
        return count(|day| (day.1, day.2) == (2, 29), place((year(0), 1, 1)), place((year(1), 12, 31)));
    }
    if says(asked, "How many days do the|how many days are|一共有多少天|共有多少天") {
        return (place((year(1), 12, 31)) - place((year(0), 1, 1)) + 1).to_string();
    }
    if says(asked, "February|2月") {
        return (place((year(0), 3, 1)) - place((year(0), 2, 1))).to_string();
    }
    (year(0) + 1..).find(|year| CALENDAR.places.contains_key(&(*year, 2, 29))).unwrap().to_string()
}

fn clock(asked: &str, days: &[Day]) -> String {
    let times = pattern(r"\b(\d\d):(\d\d)\b|(\d\d):(\d\d)");
    let times: Vec<i64> = times
        .captures_iter(asked)
        .map(|found| {
            let part = |a, b| found.get(a).or(found.get(b)).unwrap().as_str().parse::<i64>().unwrap();
            60 * part(1, 3) + part(2, 4)
        })
        .collect();
    if says(asked, "How many minutes|多少分钟") {
        return (1440 - times[0] + times[1]).to_string();
    }
    let lasts = pattern(r"(\d+) ?(hour|minute|小时|分钟)").captures_iter(asked);
    let lasts: i64 =
        lasts.map(|f| f[1].parse::<i64>().unwrap() * if matches!(&f[2], "hour" | "小时") { 60 } else { 1 }).sum();
    let Some(start) = days.first() else {
        let back = says(asked, "ended at|wants to be|会议|想在");
        let at = (times[0] + if back { -lasts } else { lasts }).rem_euclid(1440);
        return format!("{:02}:{:02}", at / 60, at % 60);
    };
    let zones = pattern(r"UTC(?:([+-])(\d+)(?::(\d\d))?)?");
    let zones: Vec<i64> = zones
        .captures_iter(asked)
        .map(|found| {
            let part = |at: usize| found.get(at).map_or(0, |m| m.as_str().parse::<i64>().unwrap());
            let minutes = 60 * part(2) + part(3);
            if found.get(1).is_some_and(|sign| sign.as_str() == "-") { -minutes } else { minutes }
        })
        .collect();
    // By way of UTC.
    let departure = place(*start) * 1440 + times[0] - zones[0];
    let there = departure + lasts + zones.last().unwrap();
    let minutes = there.rem_euclid(1440);
    format!("{} {:02}:{:02}", iso(day(there.div_euclid(1440))), minutes / 60, minutes % 60)
}

fn working_days(asked: &str, days: &[Day], spoken: Option<usize>) -> Result<String, String> {
    let told = find(asked, r"(?:holidays to consider: |holidays are |假日只有：|假日为)([^.。，]*)");
    let told = told.map(|found| found[1].to_owned()).or_else(|| {
        find(asked, r"holidays (?:to consider: |are )(.*?)(?:\. |; there)").map(|found| found[1].to_owned())
    });
    let holidays = match find(asked, r"holidays (?:to consider: |are )(.*?)(?:\. |; there)") {
        Some(found) => dates(&found[1]),
        None => dates(&told.unwrap_or_default()),
    };
    if holidays.is_empty() != says(asked, "no public holidays|不需要考虑") {
        return Err(format!("{asked}: {holidays:?}"));
    }
    let rest = &days[holidays.len()..];
    let known = rest[0];
    let monday_to_friday = find(asked, r"([A-Z][a-z]+day)\.|(?:是|为)(星期[一二三四五六日])。");
    let given = monday_to_friday.and_then(|f| Some(f.get(1).or(f.get(2))?.as_str().to_owned()));
    if let Some(word) = given.filter(|word| WEEK.contains(&word.as_str()) || CHINESE_WEEK.contains(&word.as_str())) {
        let at = weekday(place(known));
        if WEEK[at] != word
            && CHINESE_WEEK[at] != word
            && says(asked, "falls on a|is a [A-Z]|已知|是星期")
            && spoken.is_some()
        {
            return Err(format!("{asked}: {known:?} is no {word}"));
        }
    }
    let works = |at: i64| weekday(at) > 1 && !holidays.contains(&day(at));
    if says(asked, "How many|how many|多少") {
        let last = *rest.last().unwrap();
        return Ok((place(known)..=place(last)).filter(|at| works(*at)).count().to_string());
    }
    let n =
        find(asked, r"(\d+) working days later|number (\d+) after|要(\d+)个|第(\d+)个工作日是").ok_or("no number")?;
    let n: i64 = n.iter().skip(1).flatten().next().unwrap().as_str().parse().unwrap();
    let mut left = n;
    let mut at = place(known);
    while left > 0 {
        at += 1;
        left -= i64::from(works(at));
    }
    Ok(iso(day(at)))
}

#[test]
fn answers_are_what_the_texts_say() {
    check::verified(KIND.name, Dates, solve);
}

#[test]
fn difficulty_makes_more_work() {
    // Days lie further apart; chains have more links, and each has a number.
    for domain in ["between", "days", "months", "clock", "working-days"] {
        let size = |difficulty| -> u64 {
            let made = (0..200).map(|seed| {
                let mut rng = ChaCha8Rng::seed_from_u64(seed);
                let wanted = Wanted { domain, difficulty, language: Language::Chinese };
                let asked = question(&Dates.make(wanted, &mut rng).prompt);
                match dates(&asked).as_slice() {
                    [a, b] if domain == "between" => place(*b).abs_diff(place(*a)),
                    _ => numbers(&asked).len() as u64,
                }
            });
            made.sum()
        };
        let all: Vec<u64> = [1, 5, 10].map(size).to_vec();
        assert!(all[0] < all[1] && all[1] < all[2], "{domain}: {all:?}");
    }
}

#[test]
fn prompts_read_like_this() {
    insta::assert_snapshot!(shown(&Dates));
}

#[test]
fn every_form_of_an_answer_is_accepted() {
    assert_eq!(weekday_forms(Weekday::Sunday).join(" "), "Sunday Sun 星期日 周日 礼拜日 星期天 周天 礼拜天");
    assert_eq!(weekday_forms(Weekday::Tuesday).join(" "), "Tuesday Tue 星期二 周二 礼拜二");
    assert_eq!(date_forms(date(2027, 3, 5)).join(" | "), "2027-03-05 | March 5, 2027 | 5 March 2027 | 2027年3月5日");
}
