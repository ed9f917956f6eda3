//! Generator `dates`: reasoning about calendars and clocks, each question with the rule that makes its answer the only
//! one. The fields are those of the [library](super::library).
//!
//! Difficulty is how far apart the days are, how many steps there are, and from 6 on dates that have nothing to do with
//! it. Scorer `exact` for all domains; `number` reads `between` and `leap-years` alone as well. Dates are Gregorian.

mod clock;
mod count;
mod days;

use super::library::{Library, Made, Maker, Wanted};
use super::prose::{ONLY_THE_NUMBER, Sentence, Teller, written};
use super::{Generator, Kind};
use jiff::Span;
use jiff::civil::{Date, Weekday, date};
use rand_chacha::ChaCha8Rng;
use std::sync::Arc;

/// The line in the table of generators.
pub const KIND: Kind = Kind {
    name: "dates",
    about: "days between dates, weekdays, dates by days and months, leap years, clocks and time zones, working days",
    build: |section| Library::build(section, "dates/1", Dates).map(|library| Arc::new(library) as Arc<dyn Generator>),
};

/// The maker.
pub struct Dates;

const CAPABILITY: &str = "calendar";

impl Maker for Dates {
    fn domains(&self) -> &'static [(&'static str, &'static str)] {
        &[
            ("between", CAPABILITY),
            ("weekday", CAPABILITY),
            ("days", CAPABILITY),
            ("months", CAPABILITY),
            ("leap-years", CAPABILITY),
            ("clock", CAPABILITY),
            ("working-days", CAPABILITY),
        ]
    }

    fn make(&self, wanted: Wanted, rng: &mut ChaCha8Rng) -> Made {
        let mut tell = Teller::new(wanted.language, rng);
        let (difficulty, tell) = (wanted.difficulty, &mut tell);
        let (told, answer) = match wanted.domain {
            "between" => days::between(tell, difficulty),
            "weekday" => days::weekday(tell, difficulty),
            "days" => days::shift(tell, difficulty),
            "months" => days::months(tell, difficulty),
            "leap-years" => count::leap_years(tell, difficulty),
            "clock" => clock::ask(tell, difficulty),
            _ => count::working_days(tell, difficulty),
        };
        let mut sentences = told;
        if difficulty > 5 && wanted.domain != "clock" && wanted.domain != "leap-years" {
            // First, so that it stands between nothing that belongs together.
            sentences.insert(0, aside(tell));
        }
        let question = tell.join(&sentences);
        let (form, answers) = answer.told(tell);
        Made { prompt: tell.ask(&question, form), answers, ..Made::default() }
    }
}

/// An answer, of which there are several forms to be accepted; the first is the one that is asked for.
enum Answer {
    /// A number of what the question names, in English and Chinese.
    Count(i64, (&'static str, &'static str)),
    Year(i64),
    Weekday(Weekday),
    Date(Date),
    /// A time of day, in minutes.
    Time(i64),
    /// A day and a time of day, in minutes.
    DateTime(Date, i64),
}

impl Answer {
    /// The form that is asked for, and what is accepted.
    fn told(self, tell: &Teller<'_>) -> (Sentence, Vec<String>) {
        match self {
            Self::Count(n, unit) => {
                let unit = tell.either(format!(" {}", unit.0), unit.1.to_owned());
                let mut forms = vec![n.to_string(), written(n, true)];
                forms.dedup();
                let with_unit: Vec<String> = forms.iter().map(|number| format!("{number}{unit}")).collect();
                (ONLY_THE_NUMBER, [forms, with_unit].concat())
            }
            Self::Year(n) => (ONLY_THE_NUMBER, vec![n.to_string(), format!("{n}年")]),
            Self::Weekday(day) => (WEEKDAY_FORM, weekday_forms(day)),
            Self::Date(day) => (DATE_FORM, date_forms(day).to_vec()),
            Self::Time(minutes) => {
                let (hours, rest) = (minutes / 60, minutes % 60);
                let mut forms = vec![format!("{hours:02}:{rest:02}"), format!("{hours}:{rest:02}")];
                forms.dedup();
                (TIME_FORM, forms)
            }
            Self::DateTime(day, minutes) => {
                let time = format!("{:02}:{:02}", minutes / 60, minutes % 60);
                let chinese = format!("{}{time}", Style::Chinese.write(day));
                (
                    DATE_TIME_FORM,
                    vec![format!("{day} {time}"), format!("{day}T{time}"), format!("{day}, {time}"), chinese],
                )
            }
        }
    }
}

const DATE_FORM: Sentence = (
    &[
        "Give only the date, in the form YYYY-MM-DD.",
        "Answer with the date alone, written as YYYY-MM-DD.",
        "Write just the date as YYYY-MM-DD.",
    ],
    &["只给出日期，格式为 YYYY-MM-DD。", "最后只用 YYYY-MM-DD 的格式写出日期。", "答案只写日期，写成 YYYY-MM-DD。"],
);
const WEEKDAY_FORM: Sentence = (
    &[
        "Answer with the name of the weekday only.",
        "Give only the day of the week.",
        "Reply with just the weekday's name.",
    ],
    &["只回答星期几。", "答案只写星期几，例如“星期三”。", "最后只给出是星期几。"],
);
const TIME_FORM: Sentence = (
    &["Give only the time, in 24-hour form HH:MM.", "Answer with just the time as HH:MM (24 hours)."],
    &["只给出时间，用24小时制，格式为 HH:MM。", "答案只写时间，写成24小时制的 HH:MM。"],
);
const DATE_TIME_FORM: Sentence = (
    &[
        "Give only the local date and time, in the form YYYY-MM-DD HH:MM (24 hours).",
        "Answer with just date and time there, written as YYYY-MM-DD HH:MM in 24-hour form.",
    ],
    &[
        "只给出当地的日期和时间，格式为 YYYY-MM-DD HH:MM（24小时制）。",
        "答案只写当地日期和时间，用24小时制写成 YYYY-MM-DD HH:MM。",
    ],
);

/// How the dates of a question are written.
#[derive(Clone, Copy)]
enum Style {
    Iso,
    /// `March 5, 2027`.
    MonthFirst,
    /// `5 March 2027`.
    DayFirst,
    /// `2027年3月5日`.
    Chinese,
}

impl Style {
    fn draw(tell: &mut Teller<'_>) -> Self {
        const ENGLISH: &[Style] = &[Style::MonthFirst, Style::MonthFirst, Style::DayFirst, Style::DayFirst, Style::Iso];
        const CHINESE: &[Style] = &[Style::Chinese, Style::Chinese, Style::Chinese, Style::Iso];
        tell.pick(tell.either(ENGLISH, CHINESE))
    }

    fn write(self, day: Date) -> String {
        let (y, m, d) = (day.year(), day.month(), day.day());
        let month = usize::try_from(m - 1).ok().and_then(|m| MONTHS.get(m)).copied().unwrap_or_default();
        match self {
            Self::Iso => day.to_string(),
            Self::MonthFirst => format!("{month} {d}, {y}"),
            Self::DayFirst => format!("{d} {month} {y}"),
            Self::Chinese => format!("{y}年{m}月{d}日"),
        }
    }
}

const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];

fn date_forms(day: Date) -> [String; 4] {
    [Style::Iso, Style::MonthFirst, Style::DayFirst, Style::Chinese].map(|style| style.write(day))
}

/// English and Chinese, the usual forms of each.
fn weekday_forms(day: Weekday) -> Vec<String> {
    let place = usize::try_from(day.to_monday_zero_offset()).unwrap_or(0);
    let name = weekday_name(day);
    let chinese = ["一", "二", "三", "四", "五", "六", "日"].get(place).copied().unwrap_or_default();
    let mut forms = vec![name.to_owned(), name.chars().take(3).collect()];
    for last in [chinese, "天"].into_iter().take(if place == 6 { 2 } else { 1 }) {
        forms.extend(["星期", "周", "礼拜"].map(|week| format!("{week}{last}")));
    }
    forms
}

/// Its English name.
const fn weekday_name(day: Weekday) -> &'static str {
    match day {
        Weekday::Monday => "Monday",
        Weekday::Tuesday => "Tuesday",
        Weekday::Wednesday => "Wednesday",
        Weekday::Thursday => "Thursday",
        Weekday::Friday => "Friday",
        Weekday::Saturday => "Saturday",
        Weekday::Sunday => "Sunday",
    }
}

/// Its name in the language of the question.
fn weekday_word(tell: &Teller<'_>, day: Weekday) -> String {
    let forms = weekday_forms(day);
    forms.into_iter().nth(tell.either(0, 2)).unwrap_or_default()
}

/// So many days later, or earlier.
fn plus(day: Date, days: i64) -> Date {
    day.saturating_add(Span::new().try_days(days).unwrap_or_default())
}

/// A day to start from: near today where it is to be easy.
fn any_day(tell: &mut Teller<'_>, difficulty: u32) -> Date {
    let first = if difficulty < 6 { date(2018, 1, 1) } else { date(1905, 1, 1) };
    let days = if difficulty < 6 { 6_000 } else { 50_000 };
    plus(first, tell.between(0..=days))
}

/// A number of days: the harder, the more.
fn gap(tell: &mut Teller<'_>, difficulty: u32) -> i64 {
    const MOST: [i64; 11] = [12, 40, 90, 180, 365, 730, 1_500, 3_000, 8_000, 20_000, 50_000];
    let at = |place: u32| MOST.get(place as usize).copied().unwrap_or(50_000);
    tell.between(at(difficulty - 1) / 2..=at(difficulty))
}

/// A fact with a date that does not matter.
fn aside(tell: &mut Teller<'_>) -> String {
    const ASIDE: Sentence = (
        &[
            "{who} was born on {c}, which does not matter here.",
            "(The minutes of the last meeting are dated {c}.)",
            "An old calendar on the wall still shows {c}.",
            "The office has been closed since {c}.",
        ],
        &[
            "{who}的生日是{c}，与下面的问题无关。",
            "（上次会议的记录写的是{c}。）",
            "墙上的旧日历还停在{c}。",
            "那间办公室从{c}起就关着。",
        ],
    );
    // Of days that are past, as the sentences say.
    let (who, days, style) = (tell.person(), tell.between(0..=40_000), Style::draw(tell));
    let day = plus(date(1905, 1, 1), days);
    tell.say(ASIDE, &[("who", &who), ("c", &style.write(day))])
}

#[cfg(test)]
mod tests;
