//! Times of day, durations, and clocks in different time zones. What a zone's clocks show is told, so that no law about
//! summer time comes into it.

use super::{Answer, Style, any_day, plus};
use crate::workload::generator::prose::{Sentence, Teller};
use jiff::civil::Date;

/// Cities with what their clocks are ahead of UTC, in minutes.
const CITIES: [(&str, &str, i64); 16] = [
    ("Beijing", "北京", 480),
    ("Tokyo", "东京", 540),
    ("Delhi", "德里", 330),
    ("Dubai", "迪拜", 240),
    ("Nairobi", "内罗毕", 180),
    ("Singapore", "新加坡", 480),
    ("Bogotá", "波哥大", -300),
    ("Buenos Aires", "布宜诺斯艾利斯", -180),
    ("Reykjavik", "雷克雅未克", 0),
    ("Kathmandu", "加德满都", 345),
    ("Honolulu", "檀香山", -600),
    ("Phoenix", "凤凰城", -420),
    ("Lagos", "拉各斯", 60),
    ("Johannesburg", "约翰内斯堡", 120),
    ("Brisbane", "布里斯班", 600),
    ("Yangon", "仰光", 390),
];

const DAY: i64 = 24 * 60;

/// `07:45`.
fn time(minutes: i64) -> String {
    format!("{:02}:{:02}", minutes / 60, minutes % 60)
}

/// `UTC+5:30`, `UTC-3`, `UTC`.
fn zone(offset: i64) -> String {
    let sign = if offset < 0 { '-' } else { '+' };
    match (offset.abs() / 60, offset.abs() % 60) {
        (0, 0) => "UTC".to_owned(),
        (hours, 0) => format!("UTC{sign}{hours}"),
        (hours, minutes) => format!("UTC{sign}{hours}:{minutes:02}"),
    }
}

/// `2 hours and 5 minutes`, `45分钟`.
fn duration(tell: &Teller<'_>, minutes: i64) -> String {
    let (hours, rest) = (minutes / 60, minutes % 60);
    let words = [(hours, "hour", "小时"), (rest, "minute", "分钟")].into_iter().filter(|(count, ..)| *count > 0);
    let words: Vec<String> = words
        .map(|(count, english, chinese)| {
            let plural = if count == 1 { "" } else { "s" };
            tell.either(format!("{count} {english}{plural}"), format!("{count}{chinese}"))
        })
        .collect();
    words.join(tell.either(" and ", ""))
}

const ENDS: Sentence = (
    &[
        "A film starts at {t} and lasts {d}. At what time does it end?",
        "{who} puts something into the oven at {t}; it needs {d}. At what time is it done?",
        "A bus leaves at {t} and is on the road for {d}. When does it arrive?",
    ],
    &[
        "一部电影{t}开始，片长{d}，几点结束？",
        "{who}在{t}把东西放进烤箱，需要烤{d}。什么时候烤好？",
        "一辆班车{t}出发，路上用时{d}，几点到达？",
    ],
);
const BEGAN: Sentence = (
    &[
        "A meeting ended at {t} after {d}. At what time had it begun?",
        "{who} wants to be there at {t}, and the way takes {d}. At what time must the journey start?",
    ],
    &["会议开了{d}，在{t}结束。会议是几点开始的？", "{who}想在{t}到达，路上要{d}。应当几点出发？"],
);
const LASTS: Sentence = (
    &[
        "A night shift begins at {t} and ends at {u} on the next day. How many minutes does it last?",
        "{who} falls asleep at {t} and wakes up at {u} the following day, less than 24 hours later. How many minutes is that?",
    ],
    &[
        "夜班从{t}开始，到第二天{u}结束，一共多少分钟？",
        "{who}{t}睡着，次日{u}醒来，中间不到24小时。一共睡了多少分钟？",
    ],
);
const THERE: Sentence = (
    &[
        "Clocks in {a} show {za}, those in {b} {zb}. When it is {t} on {day} in {a}, what are date and time in {b}?",
        "Take {a} to be at {za} and {b} at {zb}. A call begins at {t} on {day}, {a} time. When is that by the clocks of {b}?",
    ],
    &[
        "{a}使用{za}，{b}使用{zb}。当{a}是{day} {t}时，{b}是几月几日几点？",
        "设{a}的时间为{za}，{b}的时间为{zb}。一场通话在{a}时间{day} {t}开始，换成{b}时间是什么时候？",
    ],
);
const FLIGHT: Sentence = (
    &[
        "Let {a} be at {za} and {b} at {zb}. A plane takes off from {a} at {t} on {day}, local time, and lands in {b} after {d}.",
        "A flight from {a} (clocks at {za}) to {b} (clocks at {zb}) starts at {t} on {day}, local time, and takes {d}.",
    ],
    &[
        "{a}使用{za}，{b}使用{zb}。一架飞机于当地时间{day} {t}从{a}起飞，{d}后降落在{b}。",
        "从{a}（时区为{za}）飞往{b}（时区为{zb}）的航班在当地时间{day} {t}出发，飞行{d}。",
    ],
);
const ONWARD: Sentence = (
    &["After {w} on the ground there, another plane flies on to {c} ({zc}) in {d}."],
    &["在那里停留{w}后，另一架飞机飞往{c}（{zc}），飞行{d}。"],
);
const ARRIVES: Sentence = (
    &[
        "What are the local date and time in {b} at the landing there?",
        "By the clocks of {b}, when does the journey end there?",
    ],
    &["降落在{b}时，当地是几月几日几点？", "按{b}的当地时间，什么时候到达那里？"],
);

/// A day and a time on it, moved by minutes.
fn moved(day: Date, minutes: i64, by: i64) -> (Date, i64) {
    let all = minutes + by;
    (plus(day, all.div_euclid(DAY)), all.rem_euclid(DAY))
}

/// A question of clocks: on one, or on several around the world.
pub fn ask(tell: &mut Teller<'_>, difficulty: u32) -> (Vec<String>, Answer) {
    // Round where it is to be easy.
    let grain = if difficulty < 3 { 5 } else { 1 };
    let start = grain * tell.between(0..=DAY / grain - 1);
    let lasting = |tell: &mut Teller<'_>, most: i64| grain * tell.between(5..=60 * most / grain);
    if difficulty < 4 {
        let who = tell.person();
        let minutes = lasting(tell, 2 + 2 * i64::from(difficulty));
        let long = duration(tell, minutes);
        let values: [(&str, &dyn std::fmt::Display); 3] = [("t", &time(start)), ("d", &long), ("who", &who)];
        return match tell.between(0..=2) {
            0 => (vec![tell.say(ENDS, &values)], Answer::Time((start + minutes).rem_euclid(DAY))),
            1 => (vec![tell.say(BEGAN, &values)], Answer::Time((start - minutes).rem_euclid(DAY))),
            _ => {
                let (from, until) =
                    (DAY - grain * tell.between(1..=300 / grain), grain * tell.between(1..=600 / grain));
                let text = tell.say(LASTS, &[("t", &time(from)), ("u", &time(until)), ("who", &who)]);
                (vec![text], Answer::Count(DAY - from + until, ("minutes", "分钟")))
            }
        };
    }
    let cities = tell.several(&CITIES, 4);
    let name = |city: usize| cities.get(city).map_or("", |(english, chinese, _)| tell.either(*english, *chinese));
    let offset = |city: usize| cities.get(city).map_or(0, |(_, _, offset)| *offset);
    let names: Vec<&str> = (0..cities.len()).map(name).collect();
    let name = |city: usize| names.get(city).copied().unwrap_or_default();
    let (style, day) = (Style::draw(tell), any_day(tell, 5));
    let values = [
        ("a", name(0).to_owned()),
        ("b", name(1).to_owned()),
        ("za", zone(offset(0))),
        ("zb", zone(offset(1))),
        ("t", time(start)),
        ("day", style.write(day)),
    ];
    let values: Vec<(&str, &dyn std::fmt::Display)> = values.iter().map(|(key, value)| (*key, value as _)).collect();
    let flights = match difficulty {
        4..6 => 0,
        6..8 => 1,
        8..10 => 2,
        _ => 3,
    };
    if flights == 0 {
        let (day, minutes) = moved(day, start, offset(1) - offset(0));
        return (vec![tell.say(THERE, &values)], Answer::DateTime(day, minutes));
    }
    let minutes = tell.between(240..=840);
    let long = duration(tell, minutes);
    let mut sentences = vec![tell.say(FLIGHT, &[values.as_slice(), &[("d", &long)]].concat())];
    let mut all = minutes;
    for flight in 1..flights {
        let (wait, minutes) = (tell.between(35..=360), tell.between(180..=780));
        let (w, d) = (duration(tell, wait), duration(tell, minutes));
        let values: [(&str, &dyn std::fmt::Display); 4] =
            [("w", &w), ("d", &d), ("c", &name(flight + 1)), ("zc", &zone(offset(flight + 1)))];
        sentences.push(tell.say(ONWARD, &values));
        all += wait + minutes;
    }
    sentences.push(tell.say(ARRIVES, &[("b", &name(flights))]));
    let (day, minutes) = moved(day, start, all + offset(flights) - offset(0));
    (sentences, Answer::DateTime(day, minutes))
}
