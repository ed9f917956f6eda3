//! Made-up names and things, and how dates and times are written, for texts that facts are read out of.

use crate::workload::generator::library::Language;
use jiff::civil::{Date, Weekday};
use rand::{RngExt, seq::IndexedRandom};
use rand_chacha::ChaCha8Rng;

/// Where the words of both languages stand beside each other: English, Chinese.
pub type Both = (&'static [&'static str], &'static [&'static str]);

pub const NAMES: Both = (
    &[
        "Anna Berg",
        "Ben Carter",
        "Clara Diaz",
        "David Evans",
        "Emma Fischer",
        "Felix Grant",
        "Grace Hill",
        "Hugo Ivanov",
        "Iris Jensen",
        "Jonas Keller",
        "Karen Lopez",
        "Liam Moore",
        "Mia Novak",
        "Noah Olsen",
        "Olga Petrov",
        "Paul Quinn",
        "Rosa Silva",
        "Simon Turner",
        "Tara Underwood",
        "Victor Wagner",
    ],
    &[
        "王小明",
        "李思雨",
        "张建国",
        "刘洋",
        "陈静",
        "杨帆",
        "赵敏",
        "黄磊",
        "周婷",
        "吴昊",
        "徐丽",
        "孙鹏",
        "胡月",
        "朱琳",
        "高远",
        "林悦",
        "何俊",
        "郭雪",
        "马超",
        "罗兰",
    ],
);

pub const SURNAMES: Both = (
    &["Adler", "Brandt", "Costa", "Dubois", "Egger", "Ferrari", "Gomez", "Hansen", "Ito", "Jung"],
    &["钱", "冯", "蒋", "沈", "韩", "秦", "许", "吕", "施", "曹"],
);

pub const CITIES: Both = (
    &[
        "Oslo", "Lisbon", "Vienna", "Dublin", "Prague", "Turin", "Lyon", "Porto", "Bergen", "Basel", "Leeds", "Malmo",
        "Ghent", "Graz", "Cork", "Seville",
    ],
    &[
        "北京", "上海", "广州", "深圳", "杭州", "南京", "成都", "武汉", "西安", "苏州", "天津", "重庆", "青岛", "厦门",
        "长沙", "昆明",
    ],
);

pub const PRODUCTS: Both = (
    &[
        "desk lamp",
        "notebook",
        "office chair",
        "water bottle",
        "backpack",
        "keyboard",
        "coffee mug",
        "wall clock",
        "umbrella",
        "paper knife",
        "phone case",
        "bookshelf",
    ],
    &["台灯", "笔记本", "办公椅", "保温杯", "双肩包", "键盘", "咖啡杯", "挂钟", "雨伞", "裁纸刀", "手机壳", "书架"],
);

pub const COMPANIES: Both = (
    &[
        "Northwind Labs",
        "Bluefin Systems",
        "Harbor Foods",
        "Cedar Analytics",
        "Lumen Works",
        "Alpine Data",
        "Quartz Media",
        "Orchard Health",
    ],
    &["远航科技", "青禾数据", "海港食品", "云杉软件", "明灯传媒", "北辰机械", "石英能源", "橙园医疗"],
);

/// One of a list.
pub fn pick<T: Copy>(rng: &mut ChaCha8Rng, all: &[T], or: T) -> T {
    all.choose(rng).copied().unwrap_or(or)
}

/// One word of a language.
pub fn word(rng: &mut ChaCha8Rng, language: Language, (english, chinese): Both) -> &'static str {
    pick(rng, if language == Language::English { english } else { chinese }, "")
}

/// Distinct words of a language.
pub fn words(rng: &mut ChaCha8Rng, language: Language, (english, chinese): Both, count: usize) -> Vec<&'static str> {
    let all = if language == Language::English { english } else { chinese };
    all.sample(rng, count).copied().collect()
}

/// One of two, by the language.
pub fn say(language: Language, english: impl Into<String>, chinese: impl Into<String>) -> String {
    match language {
        Language::English => english.into(),
        Language::Chinese => chinese.into(),
    }
}

/// A day of 2026 or 2027.
pub fn day(rng: &mut ChaCha8Rng) -> Date {
    let first = Date::constant(2026, 1, 1);
    let later = jiff::Span::new().days(rng.random_range(0..730_i64));
    first.checked_add(later).unwrap_or(first)
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

/// The month's English name.
pub fn month(number: i8) -> &'static str {
    usize::try_from(number - 1).ok().and_then(|at| MONTHS.get(at)).copied().unwrap_or("")
}

/// A day as people write it, in more words where it is harder: `2026-03-05`, `5 March 2026`, `Thursday, 5 March 2026`.
pub fn dated(date: Date, language: Language, difficulty: u32) -> String {
    const DAYS: [(Weekday, &str, &str); 7] = [
        (Weekday::Monday, "Monday", "一"),
        (Weekday::Tuesday, "Tuesday", "二"),
        (Weekday::Wednesday, "Wednesday", "三"),
        (Weekday::Thursday, "Thursday", "四"),
        (Weekday::Friday, "Friday", "五"),
        (Weekday::Saturday, "Saturday", "六"),
        (Weekday::Sunday, "Sunday", "日"),
    ];
    let (_, english, chinese) = DAYS.into_iter().find(|(day, _, _)| *day == date.weekday()).unwrap_or(DAYS[0]);
    let (year, number, day) = (date.year(), date.month(), date.day());
    match (language, difficulty) {
        (_, 0..=3) => date.to_string(),
        (Language::English, 4..=6) => format!("{day} {} {year}", month(number)),
        (Language::English, _) => format!("{english}, {day} {} {year}", month(number)),
        (Language::Chinese, 4..=6) => format!("{year}年{number}月{day}日"),
        (Language::Chinese, _) => format!("{year}年{number}月{day}日星期{chinese}"),
    }
}

/// A time of day in quarters of an hour, between 8:00 and 19:45: hour and minute.
pub fn time(rng: &mut ChaCha8Rng) -> (u32, u32) {
    (rng.random_range(8..20), 15 * rng.random_range(0..4))
}

/// `14:30`.
pub fn clock((hour, minute): (u32, u32)) -> String {
    format!("{hour:02}:{minute:02}")
}

/// A time as people write it, of twelve hours where it is harder: `2:30 pm`, `下午2点30分`.
pub fn timed((hour, minute): (u32, u32), language: Language, difficulty: u32) -> String {
    let of_twelve = if hour > 12 { hour - 12 } else { hour };
    match (language, difficulty) {
        (_, 0..=4) => clock((hour, minute)),
        (Language::English, _) => format!("{of_twelve}:{minute:02} {}", if hour < 12 { "am" } else { "pm" }),
        (Language::Chinese, _) => {
            let part = match hour {
                0..=11 => "上午",
                12 => "中午",
                _ => "下午",
            };
            format!("{part}{of_twelve}点{minute:02}分")
        }
    }
}

/// Cents as an amount with two decimals.
pub fn amount(cents: u32) -> String {
    format!("{}.{:02}", cents / 100, cents % 100)
}

/// Cents as a JSON number.
pub fn money(cents: u32) -> serde_json::Value {
    (f64::from(cents) / 100.0).into()
}

/// Capital letters and digits, such as `AB-12345`.
pub fn code(rng: &mut ChaCha8Rng, letters: usize, digits: u32) -> String {
    let letters: String = (0..letters).map(|_| char::from(b'A' + rng.random_range(0..26_u8))).collect();
    let least = 10_u64.pow(digits.saturating_sub(1));
    format!("{letters}-{}", rng.random_range(least..least * 10))
}
