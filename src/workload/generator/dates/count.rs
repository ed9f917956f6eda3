//! What is counted in calendars: leap years and working days.

use super::{Answer, Style, any_day, plus, weekday_word};
use crate::workload::generator::prose::{Sentence, Teller};
use jiff::civil::{Date, Weekday, date};

const LEAP_YEARS: Sentence = (
    &[
        "How many leap years are there from {y} to {z}, both years included (Gregorian calendar)?",
        "Count the Gregorian leap years from {y} up to and including {z}. How many are there?",
    ],
    &["按公历，从{y}年到{z}年（首尾两年都算）有多少个闰年？", "公历{y}年至{z}年（含首尾两年）一共有几个闰年？"],
);
const DAYS_OF_YEARS: Sentence = (
    &[
        "How many days do the years {y} to {z}, both included, have altogether (Gregorian calendar)?",
        "In the Gregorian calendar, how many days are there from January 1 of {y} to December 31 of {z}, both days counted?",
    ],
    &[
        "按公历，{y}年到{z}年（首尾两年都算）一共有多少天？",
        "公历从{y}年1月1日到{z}年12月31日，首尾两天都算，共有多少天？",
    ],
);
const NEXT_LEAP_YEAR: Sentence = (
    &[
        "Which is the first leap year after {y} in the Gregorian calendar?",
        "After the year {y}, which Gregorian year is the next leap year?",
    ],
    &["按公历，{y}年之后的第一个闰年是哪一年？", "公历{y}年以后，下一个闰年是哪年？"],
);
const FEBRUARY: Sentence = (
    &[
        "How many days does February {y} have in the Gregorian calendar?",
        "In the year {y} (Gregorian calendar), how long is February, in days?",
    ],
    &["按公历，{y}年的2月有多少天？", "公历{y}年2月共多少天？"],
);
const LEAP_DAYS: Sentence = (
    &[
        "How often does a February 29 occur from {a} to {b} in the Gregorian calendar?",
        "Between {a} and {b} (Gregorian calendar), how many times is it February 29?",
    ],
    &["按公历，从{a}到{b}之间一共有多少个2月29日？", "公历{a}至{b}期间，2月29日会出现几次？"],
);

const DAYS: (&str, &str) = ("days", "天");

/// Leap years and their days.
pub fn leap_years(tell: &mut Teller<'_>, difficulty: u32) -> (Vec<String>, Answer) {
    const MOST: [i64; 10] = [6, 10, 16, 25, 40, 60, 90, 130, 200, 400];
    let most = MOST.get(difficulty as usize - 1).copied().unwrap_or(400);
    let first = if difficulty < 5 { tell.between(1980..=2060) } else { tell.between(1650..=2350) };
    let last = first + tell.between(most / 3..=most);
    let new_year =
        |year: i64| i16::try_from(year).ok().map_or(date(2000, 1, 1), |year| Date::new(year, 1, 1).unwrap_or_default());
    let leap = |year: i64| new_year(year).in_leap_year();
    let count = || (first..=last).filter(|year| leap(*year)).count() as i64;
    let (text, answer) = match tell.between(0..=4) {
        0 | 1 => {
            (tell.say(LEAP_YEARS, &[("y", &first), ("z", &last)]), Answer::Count(count(), ("leap years", "个闰年")))
        }
        2 => {
            let answer = Answer::Count(365 * (last - first + 1) + count(), DAYS);
            (tell.say(DAYS_OF_YEARS, &[("y", &first), ("z", &last)]), answer)
        }
        3 if difficulty > 2 => {
            let style = Style::draw(tell);
            let inside = |tell: &mut Teller<'_>, year: i64| {
                // Never on the day itself, so that nobody need ask whether it counts.
                let day = plus(new_year(year), tell.between(0..=364));
                if day.month() == 2 && day.day() == 29 { plus(day, 1) } else { day }
            };
            let (a, b) = (inside(tell, first), inside(tell, last));
            let leap_days = (first..=last).filter_map(|year| Date::new(i16::try_from(year).ok()?, 2, 29).ok());
            let count = leap_days.filter(|day| (a..=b).contains(day)).count() as i64;
            (
                tell.say(LEAP_DAYS, &[("a", &style.write(a)), ("b", &style.write(b))]),
                Answer::Count(count, ("times", "次")),
            )
        }
        4 if difficulty < 4 => {
            let answer = Answer::Count(i64::from(28 + u8::from(leap(first))), DAYS);
            (tell.say(FEBRUARY, &[("y", &first)]), answer)
        }
        _ => {
            // Around the turn of a century, where the rule has its exception.
            let year = if difficulty > 5 { 100 * tell.between(16..=24) - tell.between(0..=6) } else { first };
            let next = (year + 1..=year + 8).find(|year| leap(*year)).unwrap_or(year);
            (tell.say(NEXT_LEAP_YEAR, &[("y", &year)]), Answer::Year(next))
        }
    };
    (vec![text], answer)
}

const WEEK: Sentence = (
    &[
        "Working days are Monday to Friday, except public holidays.",
        "A working day is any day from Monday to Friday that is not a public holiday.",
    ],
    &["工作日是指星期一到星期五，公共假日除外。", "周一至周五为工作日，但公共假日除外。"],
);
const NO_HOLIDAYS: Sentence = (&["There are no public holidays to consider."], &["这里不需要考虑公共假日。"]);
const HOLIDAYS: Sentence = (
    &["The only public holidays to consider: {list}.", "Public holidays are {list}; there are no others."],
    &["需要考虑的公共假日只有：{list}。", "公共假日为{list}，此外没有。"],
);
const KNOWN: Sentence =
    (&["{a} is a {day}.", "Note that {a} falls on a {day}."], &["{a}是{day}。", "已知{a}为{day}。"]);
const HOW_MANY: Sentence = (
    &[
        "How many working days are there from {a} to {b}, both days included?",
        "Counting both {a} and {b} themselves where they are working days, how many working days lie in this span?",
    ],
    &["从{a}到{b}（首尾两天都算）一共有多少个工作日？", "{a}至{b}期间，含首尾两天，工作日共有多少天？"],
);
const WHEN: Sentence = (
    &[
        "An order placed on {a} is ready {n} working days later, where the first working day after {a} counts as 1. On which date is it ready?",
        "Which date is the working day number {n} after {a}, if the first working day after that date is number 1?",
    ],
    &[
        "{a}下的订单要{n}个工作日后完成（{a}之后的第一个工作日算第1个）。哪一天完成？",
        "{a}之后的第{n}个工作日是哪一天（{a}之后的第一个工作日记为第1个）？",
    ],
);

/// Working days, with holidays that are told; some of them on weekends, where they change nothing.
pub fn working_days(tell: &mut Teller<'_>, difficulty: u32) -> (Vec<String>, Answer) {
    let many = i64::from(difficulty);
    let (style, first) = (Style::draw(tell), any_day(tell, difficulty.min(7)));
    let span = tell.between(4 + many..=6 + 5 * many);
    let mut places: Vec<i64> = tell.several(&(1..span).collect::<Vec<_>>(), difficulty as usize / 2);
    places.sort_unstable();
    let holidays: Vec<Date> = places.into_iter().map(|place| plus(first, place)).collect();
    let works = |day: &Date| !matches!(day.weekday(), Weekday::Saturday | Weekday::Sunday) && !holidays.contains(day);
    let a = style.write(first);
    let mut sentences = vec![tell.say(WEEK, &[])];
    if holidays.is_empty() {
        sentences.push(tell.say(NO_HOLIDAYS, &[]));
    } else {
        let list: Vec<String> = holidays.iter().map(|day| style.write(*day)).collect();
        // A date may have a comma of its own.
        let list = if tell.is_chinese() { list.join("、") } else { list.join("; ") };
        sentences.push(tell.say(HOLIDAYS, &[("list", &list)]));
    }
    if difficulty < 8 {
        let day = weekday_word(tell, first.weekday());
        sentences.push(tell.say(KNOWN, &[("a", &a), ("day", &day)]));
    }
    let days: Vec<Date> = (0..=span).map(|place| plus(first, place)).collect();
    let after: Vec<Date> = days.iter().skip(1).copied().filter(works).collect();
    let (question, answer) = if tell.chance(1, 2) && !after.is_empty() {
        let place = tell.place(after.len().min(2)) + 1;
        let number = (after.len() + 1 - place).max(1);
        let day = after.get(number - 1).copied().unwrap_or(first);
        (tell.say(WHEN, &[("a", &a), ("n", &number)]), Answer::Date(day))
    } else {
        let count = days.iter().copied().filter(works).count() as i64;
        (
            tell.say(HOW_MANY, &[("a", &a), ("b", &style.write(plus(first, span)))]),
            Answer::Count(count, ("working days", "个工作日")),
        )
    };
    sentences.push(question);
    (sentences, answer)
}
