//! Journeys: stretches at a speed, for a time or over a distance, and stops.

use super::{Story, steps};
use crate::workload::generator::fraction::Fraction;
use crate::workload::generator::prose::{Sentence, Teller};

/// A part of a journey; times in minutes.
#[derive(Clone, Copy)]
enum Step {
    /// So many km/h for so long.
    ForTime(i64, i64),
    /// So many km/h over so many kilometres.
    OverDistance(i64, i64),
    Stop(i64),
}

impl Step {
    fn stretch(tell: &mut Teller<'_>, difficulty: u32, by_time: bool) -> Self {
        loop {
            let speed = if difficulty < 4 { 10 * tell.between(3..=11) } else { 2 * tell.between(15..=60) };
            let minutes = if difficulty < 3 { 30 * tell.between(1..=8) } else { 5 * tell.between(2..=48) };
            // Speeds are even and times are fives, so that one try in six gives whole kilometres.
            if speed * minutes % 60 == 0 {
                let distance = speed * minutes / 60;
                return if by_time { Self::ForTime(speed, minutes) } else { Self::OverDistance(speed, distance) };
            }
        }
    }

    const fn distance(self) -> i64 {
        match self {
            Self::ForTime(speed, minutes) => speed * minutes / 60,
            Self::OverDistance(_, distance) => distance,
            Self::Stop(_) => 0,
        }
    }

    const fn minutes(self) -> i64 {
        match self {
            Self::ForTime(_, minutes) | Self::Stop(minutes) => minutes,
            Self::OverDistance(speed, distance) => 60 * distance / speed,
        }
    }

    fn told(self, tell: &mut Teller<'_>, vehicle: Option<&str>) -> String {
        let who = vehicle.unwrap_or_default();
        match (self, vehicle) {
            (Self::ForTime(speed, minutes), _) => {
                let sentence = if vehicle.is_some() { FIRST_TIME } else { NEXT_TIME };
                let time = duration(tell, minutes);
                tell.say(sentence, &[("who", &who), ("v", &speed), ("time", &time)])
            }
            (Self::OverDistance(speed, distance), _) => {
                let sentence = if vehicle.is_some() { FIRST_DISTANCE } else { NEXT_DISTANCE };
                tell.say(sentence, &[("who", &who), ("v", &speed), ("km", &distance)])
            }
            (Self::Stop(minutes), _) => tell.say(STOP, &[("n", &minutes)]),
        }
    }
}

/// `2 hours`, `1 hour and 15 minutes`, `45分钟`.
fn duration(tell: &Teller<'_>, minutes: i64) -> String {
    let (hours, rest) = (minutes / 60, minutes % 60);
    if tell.is_chinese() {
        let hours = if hours > 0 { format!("{hours}小时") } else { String::new() };
        return if rest > 0 { format!("{hours}{rest}分钟") } else { hours };
    }
    let hours = match hours {
        0 => String::new(),
        1 => "1 hour".to_owned(),
        hours => format!("{hours} hours"),
    };
    match (hours.is_empty(), rest) {
        (_, 0) => hours,
        (true, rest) => format!("{rest} minutes"),
        (false, rest) => format!("{hours} and {rest} minutes"),
    }
}

const FIRST_TIME: Sentence = (
    &[
        "{who} travels at {v} km/h for {time}.",
        "For {time}, {who} moves at a steady {v} km/h.",
        "{who} sets out and goes at {v} km/h for {time}.",
    ],
    &["{who}以每小时{v}千米的速度行驶了{time}。", "{who}出发后，以{v}千米/时的速度开了{time}。"],
);
const FIRST_DISTANCE: Sentence = (
    &["{who} covers the first {km} km at {v} km/h.", "{who} sets out and does {km} km at {v} km/h."],
    &["{who}以每小时{v}千米的速度行驶了{km}千米。", "{who}出发后，前{km}千米的速度是{v}千米/时。"],
);
const NEXT_TIME: Sentence = (
    &["After that it goes on at {v} km/h for {time}.", "For the following {time} the speed is {v} km/h."],
    &["随后以每小时{v}千米的速度又行驶了{time}。", "接下来的{time}里，速度是{v}千米/时。"],
);
const NEXT_DISTANCE: Sentence = (
    &["The next {km} km are covered at {v} km/h.", "It then does another {km} km at {v} km/h."],
    &["接下来的{km}千米，速度是每小时{v}千米。", "然后又以{v}千米/时的速度走了{km}千米。"],
);
const STOP: Sentence = (
    &["Then there is a stop of {n} minutes.", "It stands still for {n} minutes."],
    &["然后停留{n}分钟。", "途中停了{n}分钟。"],
);
const DISTANCE: Sentence = (
    &["How many kilometres does it cover altogether?", "How long is the whole journey in kilometres?"],
    &["全程一共多少千米？", "总共行驶了多少千米？"],
);
const TIME: Sentence = (
    &["How many minutes does all of this take, with any stops?", "How many minutes pass from departure to arrival?"],
    &["从出发到到达一共用了多少分钟？", "整个行程（包括停留）共需多少分钟？"],
);
const SPEED: Sentence = (
    &[
        "What is its average speed in km/h, leaving out any time standing still?",
        "Not counting stops, what is the average speed in km/h?",
    ],
    &["不计停留时间，平均速度是每小时多少千米？", "去掉停留的时间，平均速度是多少千米/时？"],
);
const ASIDES: [Sentence; 3] = [
    (&["The driver has been in the job for {n} years."], &["司机已经工作了{n}年。"]),
    (&["The vehicle was built {n} years ago."], &["这辆车是{n}年前出厂的。"]),
    (&["It is {n} degrees Celsius outside."], &["车外气温是{n}摄氏度。"]),
];

const ENGLISH: &[&str] =
    &["a lorry", "a train", "a coach", "a delivery van", "a red car", "a minibus", "a camper van", "a taxi"];
const CHINESE: &[&str] =
    &["一辆货车", "一列火车", "一辆大巴", "一辆快递车", "一辆小轿车", "一辆面包车", "一辆房车", "一辆出租车"];

/// A journey and what is asked of it.
pub fn story(tell: &mut Teller<'_>, difficulty: u32) -> Story {
    let vehicle = tell.pick(tell.either(ENGLISH, CHINESE));
    let mut journey = Vec::new();
    for at in 0..steps(difficulty) {
        let moved = matches!(journey.last(), Some(Step::ForTime(..) | Step::OverDistance(..)));
        let step = if at > 1 && moved && tell.chance(1, 3) {
            Step::Stop(5 * tell.between(1..=12))
        } else {
            let by_time = tell.chance(3, 5);
            Step::stretch(tell, difficulty, by_time)
        };
        journey.push(step);
    }
    let facts = journey.iter().enumerate().map(|(at, step)| step.told(tell, (at == 0).then_some(vehicle)));
    let facts: Vec<String> = facts.map(|fact| capital(&fact)).collect();
    let asides = ASIDES.map(|aside| {
        let number = tell.between(3..=28);
        tell.say(aside, &[("n", &number)])
    });
    let distance: i64 = journey.iter().map(|step| step.distance()).sum();
    let minutes: i64 = journey.iter().map(|step| step.minutes()).sum();
    let moving: i64 = journey.iter().filter(|step| step.distance() > 0).map(|step| step.minutes()).sum();
    let average = Fraction::new(i128::from(60 * distance), moving.into()).decimal(1);
    let timed = journey.iter().all(|step| matches!(step, Step::ForTime(..) | Step::Stop(_)));
    let measured = journey.iter().all(|step| matches!(step, Step::OverDistance(..) | Step::Stop(_)));
    let (question, answer) = match (average, tell.between(0..=2)) {
        (Some(average), 0) if difficulty > 2 => (SPEED, average),
        // What is only a sum of what is told is not asked.
        (_, 1) if !timed => (TIME, minutes.to_string()),
        _ if measured => (TIME, minutes.to_string()),
        _ => (DISTANCE, distance.to_string()),
    };
    Story { facts, asides: asides.to_vec(), question: tell.say(question, &[]), answer }
}

/// With a capital letter.
fn capital(text: &str) -> String {
    let mut characters = text.chars();
    characters.next().map_or_else(String::new, |first| first.to_uppercase().chain(characters).collect())
}
