//! Days between dates, weekdays, and dates that are so many days, weeks, months or years away.

use super::{Answer, Style, any_day, gap, plus, weekday_word};
use crate::workload::generator::prose::{Sentence, Teller};
use jiff::Span;
use jiff::civil::Date;

const BETWEEN: Sentence = (
    &[
        "How many days after {a} is {b}?",
        "A shop opens on {a} and is sold on {b}. How many days after the opening is the sale?",
        "{who} borrows a book on {a} and brings it back on {b}. How many days later is that?",
        "How many days pass from {a} until {b}, if the first day is not counted and the last one is?",
        "If the clock stands at noon on {a}, how many days is it until noon on {b}?",
    ],
    &[
        "从{a}到{b}相差多少天？",
        "{who}在{a}借了一本书，{b}归还。两个日期相差多少天？",
        "{b}是{a}之后多少天？",
        "一家店{a}开业，{b}转让。从开业那天到转让那天过了多少天（首日不计，末日计入）？",
        "从{a}中午到{b}中午，一共是多少天？",
    ],
);
const INCLUSIVE: Sentence = (
    &[
        "A festival runs from {a} to {b}, both days included. How many days does it last?",
        "{who} is away from {a} to {b}; the first and the last day both count. How many days is that?",
    ],
    &["艺术节从{a}办到{b}，首尾两天都算在内，一共多少天？", "{who}从{a}到{b}外出，第一天和最后一天都计入，共多少天？"],
);

/// Days from one date to another.
pub fn between(tell: &mut Teller<'_>, difficulty: u32) -> (Vec<String>, Answer) {
    let (style, who) = (Style::draw(tell), tell.person());
    let (first, days) = (any_day(tell, difficulty), gap(tell, difficulty));
    let inclusive = tell.chance(1, 3);
    let sentence = if inclusive { INCLUSIVE } else { BETWEEN };
    let (a, b) = (style.write(first), style.write(plus(first, days)));
    (
        vec![tell.say(sentence, &[("a", &a), ("b", &b), ("who", &who)])],
        Answer::Count(days + i64::from(inclusive), ("days", "天")),
    )
}

const AFTER_TODAY: Sentence = (
    &[
        "Today is {day}. What day of the week will it be in {n} days?",
        "If today is {day}, which weekday is it {n} days from now?",
    ],
    &["今天是{day}，{n}天后是星期几？", "如果今天是{day}，再过{n}天是星期几？"],
);
const BEFORE_TODAY: Sentence = (
    &[
        "Today is {day}. What day of the week was it {n} days ago?",
        "If today is {day}, which weekday was it {n} days ago?",
    ],
    &["今天是{day}，{n}天前是星期几？", "如果今天是{day}，那么{n}天以前是星期几？"],
);
const FROM_KNOWN: Sentence = (
    &[
        "{a} falls on a {day}. On which weekday does {b} fall?",
        "Given that {a} is a {day}, what day of the week is {b}?",
    ],
    &["{a}是{day}，{b}是星期几？", "已知{a}是{day}，问{b}是星期几。"],
);
const ABSOLUTE: Sentence = (
    &[
        "On which day of the week does {a} fall in the Gregorian calendar?",
        "Which weekday belongs to the date {a} (Gregorian calendar)?",
    ],
    &["按公历，{a}是星期几？", "公历{a}这一天是星期几？"],
);
const ABSOLUTE_AFTER: Sentence =
    (&["In the Gregorian calendar, which weekday is it {n} days after {a}?"], &["按公历，{a}之后{n}天是星期几？"]);

/// A weekday: by counting on, and by the calendar where it is hard.
pub fn weekday(tell: &mut Teller<'_>, difficulty: u32) -> (Vec<String>, Answer) {
    let (style, first) = (Style::draw(tell), any_day(tell, difficulty));
    let (day, word) = (first.weekday(), weekday_word(tell, first.weekday()));
    let a = style.write(first);
    let (text, answer) = match difficulty {
        ..4 => {
            let days = gap(tell, difficulty * 2);
            if tell.chance(1, 2) {
                (tell.say(AFTER_TODAY, &[("day", &word), ("n", &days)]), plus(first, days).weekday())
            } else {
                (tell.say(BEFORE_TODAY, &[("day", &word), ("n", &days)]), plus(first, -days).weekday())
            }
        }
        4..7 => {
            let days = gap(tell, difficulty - 1);
            let other = plus(first, if tell.chance(2, 3) { days } else { -days });
            let text = tell.say(FROM_KNOWN, &[("a", &a), ("day", &word), ("b", &style.write(other))]);
            (text, other.weekday())
        }
        7..9 => (tell.say(ABSOLUTE, &[("a", &a)]), day),
        _ => {
            let days = gap(tell, difficulty - 2);
            (tell.say(ABSOLUTE_AFTER, &[("a", &a), ("n", &days)]), plus(first, days).weekday())
        }
    };
    (vec![text], Answer::Weekday(answer))
}

/// A step through the calendar.
#[derive(Clone, Copy)]
enum Step {
    Days(i64),
    Weeks(i64),
    Months(i64),
    Years(i64),
}

impl Step {
    fn after(self, day: Date) -> Date {
        let span = Span::new();
        // What jiff does beyond the end of a month is the rule that the question states.
        let span = match self {
            Self::Days(n) => span.try_days(n),
            Self::Weeks(n) => span.try_weeks(n),
            Self::Months(n) => span.try_months(n),
            Self::Years(n) => span.try_years(n),
        };
        day.saturating_add(span.unwrap_or_default())
    }

    fn told(self, tell: &mut Teller<'_>) -> String {
        const FORWARD: Sentence = (
            &["Go {n} {unit} forward.", "Then add {n} {unit}.", "Count {n} {unit} on from there."],
            &["再过{n}{unit}。", "然后往后推{n}{unit}。", "再加上{n}{unit}。"],
        );
        const BACK: Sentence = (
            &["Go {n} {unit} back.", "Then subtract {n} {unit}.", "From there, count back {n} {unit}."],
            &["然后倒退{n}{unit}。", "再减去{n}{unit}。", "接着回到{n}{unit}以前。"],
        );
        let (n, english, chinese) = match self {
            Self::Days(n) => (n, ["day", "days"], "天"),
            Self::Weeks(n) => (n, ["week", "weeks"], "周"),
            Self::Months(n) => (n, ["month", "months"], "个月"),
            Self::Years(n) => (n, ["year", "years"], "年"),
        };
        let [one, many] = english;
        let unit = tell.either(if n.abs() == 1 { one } else { many }, chinese);
        tell.say(if n > 0 { FORWARD } else { BACK }, &[("n", &n.abs()), ("unit", &unit)])
    }
}

const START: Sentence = (
    &[
        "Start from {a}.",
        "The first date is {a}.",
        "Begin with the date {a}.",
        "A project begins on {a}; that is where we start.",
    ],
    &["从{a}开始。", "起始日期是{a}。", "先取{a}这一天。", "一个项目在{a}启动，从这一天算起。"],
);
const REACHED: Sentence = (
    &["Which date is reached?", "What date is it then?", "On what date does that end?"],
    &["最后是哪一天？", "这时的日期是哪天？", "最终得到的日期是什么？"],
);
const LATER: Sentence = (
    &[
        "Which date is {n} days after {a}?",
        "{who} orders something on {a}, and it arrives {n} days later. On which date does it arrive?",
    ],
    &["{a}之后{n}天是哪一天？", "{who}在{a}下单，{n}天后到货。到货日期是哪一天？"],
);
const EARLIER: Sentence = (
    &[
        "Which date is {n} days before {a}?",
        "A bill is due on {a}. A reminder was sent {n} days before that. On which date?",
    ],
    &["{a}之前{n}天是哪一天？", "账单在{a}到期，提醒是在到期日的{n}天前发出的。那天是哪一天？"],
);

/// Some in one direction or the other.
fn either_way(tell: &mut Teller<'_>, count: i64) -> i64 {
    if tell.chance(2, 3) { count } else { -count }
}

/// A date by days and weeks.
pub fn shift(tell: &mut Teller<'_>, difficulty: u32) -> (Vec<String>, Answer) {
    let (style, who, first) = (Style::draw(tell), tell.person(), any_day(tell, difficulty));
    let a = style.write(first);
    if difficulty < 4 {
        let days = gap(tell, difficulty);
        let forward = tell.chance(2, 3);
        let sentence = if forward { LATER } else { EARLIER };
        let text = tell.say(sentence, &[("a", &a), ("n", &days), ("who", &who)]);
        return (vec![text], Answer::Date(plus(first, if forward { days } else { -days })));
    }
    let steps = (0..1 + difficulty / 3).map(|at| {
        let days = gap(tell, (difficulty - at).min(7));
        let days = either_way(tell, days);
        if tell.chance(1, 3) { Step::Weeks((days / 7).abs().max(2) * days.signum()) } else { Step::Days(days) }
    });
    let steps: Vec<Step> = steps.collect();
    chain(tell, style, first, &steps, None)
}

/// A date by months and years, with the rule for the ends of months.
pub fn months(tell: &mut Teller<'_>, difficulty: u32) -> (Vec<String>, Answer) {
    const RULE: Sentence = (
        &[
            "Adding or subtracting months or years keeps the day of the month; if the month reached has no such day, its last day is taken. Each step starts from the date that the one before gave.",
            "Rule: a step of months or years leaves the day of the month as it is, but where the new month is too short, the last day of that month is taken, and any further step goes on from there.",
        ],
        &[
            "规则：加减月或年时，日不变；如果所到的月份没有这一天，就取该月的最后一天；每一步都从上一步得到的日期算起。",
            "约定：按月或按年推算时保持“日”不变，若目标月份没有那一天则取该月最后一天，之后的步骤从所得日期继续。",
        ],
    );
    let style = Style::draw(tell);
    let day = any_day(tell, difficulty);
    // The ends of months are where the rule matters.
    let first = if tell.chance(1, 2) { plus(day.last_of_month(), -tell.between(0..=2)) } else { day };
    let most = 3 + 3 * i64::from(difficulty);
    let steps = (0..1 + (difficulty - 1) / 3).map(|_| {
        let count = tell.between(1..=most);
        match tell.between(0..=4) {
            0 if difficulty > 2 => Step::Years(either_way(tell, count.min(12))),
            1 if difficulty > 4 => Step::Days(either_way(tell, count * 3)),
            _ => Step::Months(either_way(tell, count)),
        }
    });
    let steps: Vec<Step> = steps.collect();
    let rule = tell.say(RULE, &[]);
    chain(tell, style, first, &steps, Some(rule))
}

fn chain(
    tell: &mut Teller<'_>,
    style: Style,
    first: Date,
    steps: &[Step],
    rule: Option<String>,
) -> (Vec<String>, Answer) {
    let mut sentences = vec![tell.say(START, &[("a", &style.write(first))])];
    sentences.extend(steps.iter().map(|step| step.told(tell)));
    sentences.extend(rule);
    sentences.push(tell.say(REACHED, &[]));
    (sentences, Answer::Date(steps.iter().fold(first, |day, step| step.after(day))))
}
