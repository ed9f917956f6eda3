//! Units of measure and currencies beside a number: which there are, what they are worth in one another, and how they are
//! written. Lengths, masses, times, volumes, money and others each have a dimension of their own; units of one dimension
//! convert exactly, and units of two contradict each other. A word that is no unit known here (apples, 个) says nothing.

use super::value::Value;
use crate::scoring::text::THIN;
use std::collections::BTreeMap;
use std::sync::LazyLock;

/// What a unit measures, down to what converts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Base {
    /// In metres.
    Length,
    /// In grams.
    Mass,
    /// In seconds; up to weeks, which are the longest that have always as many.
    Time,
    /// In months: months have no fixed number of days.
    Months,
    /// In cents of a currency, which is told by its number.
    Money(u8),
    Angle,
    Celsius,
    Fahrenheit,
    Kelvin,
    /// In joules.
    Energy,
    Power,
    Force,
    Pressure,
    Voltage,
    Current,
    Resistance,
    Frequency,
    Charge,
    Amount,
    /// In bytes.
    Data,
}

/// One meaning of a unit's word: so many of its base, to a power; as a fraction.
#[derive(Debug, Clone, Copy)]
struct Meaning(Base, i8, i128, i128);

const fn of(base: Base, numerator: i128, denominator: i128) -> Meaning {
    Meaning(base, 1, numerator, denominator)
}

const USD: u8 = 0;

/// The words of each unit, with what they may mean. What has several meanings contradicts only what none of them fits.
const TABLE: &[(&str, &[Meaning])] = &[
    ("km kms kilometer kilometers kilometre kilometres 千米 公里", &[of(Base::Length, 1000, 1)]),
    ("m meter meters metre metres 米", &[of(Base::Length, 1, 1)]),
    ("dm decimeter decimeters decimetre decimetres 分米", &[of(Base::Length, 1, 10)]),
    ("cm cms centimeter centimeters centimetre centimetres 厘米 公分", &[of(Base::Length, 1, 100)]),
    ("mm millimeter millimeters millimetre millimetres 毫米", &[of(Base::Length, 1, 1000)]),
    ("μm µm um micrometer micrometers micron microns 微米", &[of(Base::Length, 1, 1_000_000)]),
    ("nm nanometer nanometers nanometre nanometres 纳米", &[of(Base::Length, 1, 1_000_000_000)]),
    ("mi mile miles 英里", &[of(Base::Length, 1_609_344, 1000)]),
    ("yd yds yard yards 码", &[of(Base::Length, 9144, 10_000)]),
    ("ft foot feet 英尺", &[of(Base::Length, 3048, 10_000)]),
    ("in inch inches 英寸", &[of(Base::Length, 254, 10_000)]),
    ("海里", &[of(Base::Length, 1852, 1)]),
    ("里", &[of(Base::Length, 500, 1)]),
    ("光年", &[of(Base::Length, 9_460_730_472_580_800, 1)]),
    ("kg kgs kilogram kilograms kilogramme kilogrammes kilo kilos 千克 公斤", &[of(Base::Mass, 1000, 1)]),
    ("g gram grams gramme grammes 克", &[of(Base::Mass, 1, 1)]),
    ("mg milligram milligrams 毫克", &[of(Base::Mass, 1, 1000)]),
    ("μg µg mcg microgram micrograms 微克", &[of(Base::Mass, 1, 1_000_000)]),
    ("斤 市斤", &[of(Base::Mass, 500, 1)]),
    ("两", &[of(Base::Mass, 50, 1)]),
    ("t tonne tonnes 吨 公吨", &[of(Base::Mass, 1_000_000, 1)]),
    ("ton tons", &[of(Base::Mass, 1_000_000, 1), of(Base::Mass, 90_718_474, 100)]),
    ("lb lbs 磅", &[of(Base::Mass, 45_359_237, 100_000)]),
    ("pound pounds", &[of(Base::Mass, 45_359_237, 100_000), of(Base::Money(2), 100, 1)]),
    (
        "oz ounce ounces 盎司",
        &[
            of(Base::Mass, 28_349_523_125, 1_000_000_000),
            Meaning(Base::Length, 3, 295_735_295_625, 10_000_000_000_000_000),
        ],
    ),
    ("h hr hrs hour hours 小时 个小时 钟头 个钟头", &[of(Base::Time, 3600, 1)]),
    ("时", &[of(Base::Time, 3600, 1)]),
    ("min mins minute minutes 分钟", &[of(Base::Time, 60, 1)]),
    ("分", &[of(Base::Time, 60, 1), of(Base::Money(1), 1, 1)]),
    ("s sec secs second seconds 秒 秒钟", &[of(Base::Time, 1, 1)]),
    ("ms millisecond milliseconds 毫秒", &[of(Base::Time, 1, 1000)]),
    ("μs µs us microsecond microseconds 微秒", &[of(Base::Time, 1, 1_000_000)]),
    ("ns nanosecond nanoseconds 纳秒", &[of(Base::Time, 1, 1_000_000_000)]),
    ("d day days 天 日", &[of(Base::Time, 86_400, 1)]),
    ("wk wks week weeks 周 星期 个星期 礼拜 个礼拜", &[of(Base::Time, 604_800, 1)]),
    ("month months mo 月 个月", &[of(Base::Months, 1, 1)]),
    ("year years yr yrs 年 岁", &[of(Base::Months, 12, 1)]),
    ("decade decades", &[of(Base::Months, 120, 1)]),
    ("century centuries 世纪 个世纪", &[of(Base::Months, 1200, 1)]),
    ("l L liter liters litre litres 升 公升", &[Meaning(Base::Length, 3, 1, 1000)]),
    ("dl dL deciliter deciliters 分升", &[Meaning(Base::Length, 3, 1, 10_000)]),
    ("cl cL centiliter centiliters", &[Meaning(Base::Length, 3, 1, 100_000)]),
    ("ml mL milliliter milliliters millilitre millilitres cc 毫升", &[Meaning(Base::Length, 3, 1, 1_000_000)]),
    ("gal gallon gallons 加仑", &[Meaning(Base::Length, 3, 3_785_411_784, 1_000_000_000_000)]),
    ("qt quart quarts", &[Meaning(Base::Length, 3, 946_352_946, 1_000_000_000_000)]),
    ("pint pints", &[Meaning(Base::Length, 3, 473_176_473, 1_000_000_000_000)]),
    ("cup cups", &[Meaning(Base::Length, 3, 2_365_882_365, 10_000_000_000_000)]),
    ("ha hectare hectares 公顷", &[Meaning(Base::Length, 2, 10_000, 1)]),
    ("acre acres 英亩", &[Meaning(Base::Length, 2, 40_468_564_224, 10_000_000)]),
    ("亩", &[Meaning(Base::Length, 2, 2000, 3)]),
    ("平米 平方", &[Meaning(Base::Length, 2, 1, 1)]),
    (
        "$ ¤ dollar dollars buck bucks",
        &[
            of(Base::Money(USD), 100, 1),
            of(Base::Money(7), 100, 1),
            of(Base::Money(8), 100, 1),
            of(Base::Money(9), 100, 1),
            of(Base::Money(10), 100, 1),
        ],
    ),
    ("USD US¤ US$ 美元 美金 美刀", &[of(Base::Money(USD), 100, 1)]),
    (
        "¢ cent cents 美分",
        &[of(Base::Money(USD), 1, 1), of(Base::Money(3), 1, 1), of(Base::Money(7), 1, 1), of(Base::Money(8), 1, 1)],
    ),
    ("yuan RMB CNY 元 块 块钱 元钱 人民币 元人民币 圆", &[of(Base::Money(1), 100, 1)]),
    ("角 毛 毛钱", &[of(Base::Money(1), 10, 1)]),
    ("分钱", &[of(Base::Money(1), 1, 1)]),
    ("¥ ￥", &[of(Base::Money(1), 100, 1), of(Base::Money(4), 100, 1)]),
    ("£ GBP 英镑 quid", &[of(Base::Money(2), 100, 1)]),
    ("pence penny 便士", &[of(Base::Money(2), 1, 1)]),
    ("€ EUR euro euros 欧元 欧", &[of(Base::Money(3), 100, 1)]),
    ("yen JPY 日元 円", &[of(Base::Money(4), 100, 1)]),
    ("₹ INR Rs rupee rupees 卢比", &[of(Base::Money(5), 100, 1)]),
    ("paise paisa", &[of(Base::Money(5), 1, 1)]),
    ("₩ KRW 韩元", &[of(Base::Money(6), 100, 1)]),
    ("CAD C¤ CA¤ 加元", &[of(Base::Money(7), 100, 1)]),
    ("AUD A¤ AU¤ 澳元", &[of(Base::Money(8), 100, 1)]),
    ("HKD HK¤ 港元 港币", &[of(Base::Money(9), 100, 1)]),
    ("SGD S¤ 新元 新币", &[of(Base::Money(10), 100, 1)]),
    ("CHF francs 法郎", &[of(Base::Money(11), 100, 1)]),
    ("RUB ruble rubles roubles ₽ 卢布", &[of(Base::Money(12), 100, 1)]),
    (
        "° degree degrees deg 度",
        &[of(Base::Angle, 1, 1), of(Base::Celsius, 1, 1), of(Base::Fahrenheit, 1, 1), of(Base::Energy, 3_600_000, 1)],
    ),
    ("rad radian radians 弧度", &[Meaning(Base::Angle, 2, 1, 1)]),
    ("°C ℃ C Celsius celsius 摄氏度", &[of(Base::Celsius, 1, 1)]),
    ("°F ℉ F Fahrenheit fahrenheit 华氏度", &[of(Base::Fahrenheit, 1, 1)]),
    ("K kelvin kelvins 开尔文 开", &[of(Base::Kelvin, 1, 1)]),
    ("J joule joules 焦耳 焦", &[of(Base::Energy, 1, 1)]),
    ("kJ kilojoule kilojoules 千焦", &[of(Base::Energy, 1000, 1)]),
    ("MJ 兆焦", &[of(Base::Energy, 1_000_000, 1)]),
    ("Wh", &[of(Base::Energy, 3600, 1)]),
    ("kWh 千瓦时", &[of(Base::Energy, 3_600_000, 1)]),
    ("cal calorie 卡 卡路里", &[of(Base::Energy, 4184, 1000), of(Base::Energy, 4184, 1)]),
    ("calories", &[of(Base::Energy, 4184, 1000), of(Base::Energy, 4184, 1)]),
    ("kcal kilocalorie kilocalories 千卡 大卡", &[of(Base::Energy, 4184, 1)]),
    ("W watt watts 瓦 瓦特", &[of(Base::Power, 1, 1)]),
    ("kW kilowatt kilowatts 千瓦", &[of(Base::Power, 1000, 1)]),
    ("MW megawatt megawatts 兆瓦", &[of(Base::Power, 1_000_000, 1)]),
    ("GW gigawatt gigawatts 吉瓦", &[of(Base::Power, 1_000_000_000, 1)]),
    ("N newton newtons 牛 牛顿", &[of(Base::Force, 1, 1)]),
    ("kN 千牛", &[of(Base::Force, 1000, 1)]),
    ("Pa pascal pascals 帕 帕斯卡", &[of(Base::Pressure, 1, 1)]),
    ("hPa 百帕", &[of(Base::Pressure, 100, 1)]),
    ("kPa kilopascal kilopascals 千帕", &[of(Base::Pressure, 1000, 1)]),
    ("MPa 兆帕", &[of(Base::Pressure, 1_000_000, 1)]),
    ("V volt volts 伏 伏特", &[of(Base::Voltage, 1, 1)]),
    ("mV millivolt millivolts 毫伏", &[of(Base::Voltage, 1, 1000)]),
    ("kV 千伏", &[of(Base::Voltage, 1000, 1)]),
    ("A amp amps ampere amperes 安 安培", &[of(Base::Current, 1, 1)]),
    ("mA milliamp milliamps 毫安", &[of(Base::Current, 1, 1000)]),
    ("Ω ohm ohms 欧姆", &[of(Base::Resistance, 1, 1)]),
    ("kΩ 千欧", &[of(Base::Resistance, 1000, 1)]),
    ("Hz hertz 赫兹 赫", &[of(Base::Frequency, 1, 1)]),
    ("kHz 千赫", &[of(Base::Frequency, 1000, 1)]),
    ("MHz 兆赫", &[of(Base::Frequency, 1_000_000, 1)]),
    ("GHz 吉赫", &[of(Base::Frequency, 1_000_000_000, 1)]),
    ("coulomb coulombs 库仑", &[of(Base::Charge, 1, 1)]),
    ("mol mole moles 摩尔", &[of(Base::Amount, 1, 1)]),
    ("mmol 毫摩尔", &[of(Base::Amount, 1, 1000)]),
    ("byte bytes 字节", &[of(Base::Data, 1, 1)]),
    ("bit bits 比特", &[of(Base::Data, 1, 8)]),
    ("KB kB kilobyte kilobytes", &[of(Base::Data, 1000, 1), of(Base::Data, 1024, 1)]),
    ("MB megabyte megabytes", &[of(Base::Data, 1_000_000, 1), of(Base::Data, 1_048_576, 1)]),
    ("GB gigabyte gigabytes", &[of(Base::Data, 1_000_000_000, 1), of(Base::Data, 1_073_741_824, 1)]),
    ("TB terabyte terabytes", &[of(Base::Data, 1_000_000_000_000, 1), of(Base::Data, 1_099_511_627_776, 1)]),
    // Speeds that are one word.
    ("mph 英里时", &[of(Base::Length, 1_609_344, 3_600_000)]),
    ("kph kmh kmph 迈", &[of(Base::Length, 1000, 3600)]),
];

/// The rows of the table whose unit is a length over a time.
const SPEEDS: [&str; 2] = ["mph 英里时", "kph kmh kmph 迈"];

static WORDS: LazyLock<BTreeMap<&'static str, u8>> = LazyLock::new(|| {
    let row = |(at, (names, _)): (usize, &(&'static str, &[Meaning]))| {
        u8::try_from(at).ok().map(|at| names.split_whitespace().map(move |name| (name, at)))
    };
    TABLE.iter().enumerate().filter_map(row).flatten().collect()
});

/// The longest name of a unit without spaces, in characters of Chinese and in letters.
const LONGEST: (usize, usize) = (5, 14);

/// A unit's row in the table, and the power it is raised to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Part {
    row: u8,
    power: i8,
}

impl Part {
    fn meanings(self) -> impl Iterator<Item = Meaning> {
        let all = TABLE.get(usize::from(self.row)).map_or(&[][..], |(_, all)| *all);
        all.iter().filter_map(move |Meaning(base, power, n, d)| {
            let times = u32::from(self.power.unsigned_abs());
            Some(Meaning(*base, power * self.power, n.checked_pow(times)?, d.checked_pow(times)?))
        })
    }

    fn is_speed(self) -> bool {
        TABLE.get(usize::from(self.row)).is_some_and(|(names, _)| SPEEDS.contains(names))
    }
}

/// A unit: one, or one for each of another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Unit {
    top: Part,
    per: Option<Part>,
}

impl Unit {
    /// How many of the other unit one of this is; none where they measure different things. Of several that ambiguous words
    /// allow, all that there are. What one is counted by counts only where both say it: 每小时60千米 is 60 km/h.
    pub fn in_terms_of(self, other: Self) -> Vec<Value> {
        let mut all = self.ratios(other);
        all.dedup();
        all
    }

    fn ratios(self, other: Self) -> Vec<Value> {
        let ratio = |a: Part, b: Part| -> Vec<(i128, i128)> {
            let pairs = a.meanings().flat_map(|x| b.meanings().map(move |y| (x, y)));
            let fits = pairs.filter(|(x, y)| x.0 == y.0 && x.1 == y.1);
            fits.filter_map(|(x, y)| Some((x.2.checked_mul(y.3)?, x.3.checked_mul(y.2)?))).collect()
        };
        let value = |n: i128, d: i128| Value::integer(n).quotient(&Value::integer(d));
        let timed = |unit: Self| unit.per.is_some() || unit.top.is_speed();
        // A speed that is one word is over a time already.
        if self.top.is_speed() != other.top.is_speed() && timed(self) && timed(other) {
            let seconds = |unit: Self| {
                unit.per.and_then(|p| p.meanings().find(|m| m.0 == Base::Time && m.1 == 1)).map(|m| (m.2, m.3))
            };
            let (mine, theirs) = (seconds(self), seconds(other));
            let (up, down) = match (mine, theirs) {
                (Some((n, d)), None) => (d, n),
                (None, Some((n, d))) => (n, d),
                _ => return Vec::new(),
            };
            return ratio(self.top, other.top)
                .into_iter()
                .filter_map(|(n, d)| value(n.checked_mul(up)?, d.checked_mul(down)?))
                .collect();
        }
        let tops = ratio(self.top, other.top);
        let (Some(a), Some(b)) = (self.per, other.per) else {
            return tops.into_iter().filter_map(|(n, d)| value(n, d)).collect();
        };
        let pers = ratio(b, a);
        let both = tops.iter().flat_map(|x| pers.iter().map(move |y| (*x, *y)));
        both.filter_map(|(x, y)| value(x.0.checked_mul(y.0)?, x.1.checked_mul(y.1)?)).collect()
    }

    /// Whether amounts in this unit go on in the other one, smaller: hours and minutes, 元 and 角.
    pub fn goes_on_in(self, smaller: Self) -> Option<Value> {
        let plain = |unit: Self| unit.per.is_none() && unit.top.power == 1;
        let parts = [Base::Length, Base::Mass, Base::Time, Base::Months];
        let kind = |m: Meaning| m.1 == 1 && (parts.contains(&m.0) || matches!(m.0, Base::Money(_)));
        let fits = plain(self) && plain(smaller) && self.top.meanings().any(kind);
        // One of the smaller in the larger: less than one.
        let worth = smaller.in_terms_of(self).into_iter().next().filter(|_| fits)?;
        let whole = self.in_terms_of(smaller).into_iter().next()?;
        (whole.is_whole() && whole != Value::integer(1)).then_some(worth)
    }
}

fn row(word: &str) -> Option<u8> {
    WORDS.get(word).copied()
}

/// A unit right behind a number, and how many bytes it takes, with the space before it.
pub fn behind(text: &str) -> Option<(Unit, usize)> {
    let start = text.trim_start_matches([' ', THIN]);
    // 12-hour.
    let start = match start.strip_prefix('-') {
        Some(rest) if rest.starts_with(|c: char| c.is_ascii_alphabetic()) && start.len() == text.len() => rest,
        _ => start,
    };
    let (top, rest) = part(start)?;
    // N·m, kW·h and m-1 are no units known here.
    if rest.starts_with(['·', '⋅', '*', '^'])
        || rest.starts_with('-') && rest.get(1..2).is_some_and(|c| c.chars().all(char::is_alphanumeric))
    {
        return None;
    }
    let per = PER.iter().find_map(|word| rest.trim_start_matches([' ', THIN]).strip_prefix(word));
    match per.and_then(|rest| part(rest.trim_start_matches([' ', THIN]))) {
        Some((per, rest)) => Some((Unit { top, per: Some(per) }, text.len() - rest.len())),
        None => Some((Unit { top, per: None }, text.len() - rest.len())),
    }
}

const PER: &[&str] = &["/", "per ", "a ", "an ", "each ", "every ", "每"];

/// One unit at the beginning of a text, to its power, and what follows.
fn part(text: &str) -> Option<(Part, &str)> {
    let powers = [
        ("square ", 2),
        ("Square ", 2),
        ("sq. ", 2),
        ("sq ", 2),
        ("cubic ", 3),
        ("cu. ", 3),
        ("cu ", 3),
        ("平方", 2),
        ("立方", 3),
    ];
    if let Some((rest, power)) = powers.iter().find_map(|(word, power)| Some((text.strip_prefix(word)?, *power)))
        && let Some((part, rest)) = named(rest)
        && TABLE.get(usize::from(part.row)).is_some_and(|(_, all)| all.iter().any(|m| m.0 == Base::Length && m.1 == 1))
    {
        return Some((Part { power, ..part }, rest));
    }
    let (one, rest) = named(text)?;
    let raised = [("²", 2), ("³", 3), ("^2", 2), ("^3", 3), ("^{2}", 2), ("^{3}", 3), ("2", 2), ("3", 3)];
    let is_length = TABLE
        .get(usize::from(one.row))
        .is_some_and(|(_, all)| all.iter().any(|m| m.1 == 1 && matches!(m.0, Base::Length | Base::Time)));
    let power = raised.iter().find_map(|(sign, power)| Some((rest.strip_prefix(sign)?, *power)));
    match power.filter(|(rest, _)| is_length && !rest.starts_with(|c: char| c.is_ascii_alphanumeric())) {
        Some((rest, power)) => Some((Part { power, ..one }, rest)),
        None => Some((one, rest)),
    }
}

fn named(text: &str) -> Option<(Part, &str)> {
    let one = |row: u8| Part { row, power: 1 };
    let first = text.chars().next()?;
    if first == '°' {
        let rest = text.get(first.len_utf8()..)?;
        let scale = rest.trim_start_matches([' ', THIN]);
        for (letter, name) in [('C', "°C"), ('F', "°F")] {
            if let Some(rest) =
                scale.strip_prefix(letter).filter(|r| !r.starts_with(|c: char| c.is_ascii_alphanumeric()))
            {
                return Some((one(row(name)?), rest));
            }
        }
        return Some((one(row("°")?), rest));
    }
    if first.is_ascii_alphabetic() || matches!(first, 'μ' | 'µ' | 'Ω') {
        let end = text.find(|c: char| !c.is_ascii_alphabetic() && !matches!(c, 'μ' | 'µ' | 'Ω')).unwrap_or(text.len());
        let (word, rest) = text.split_at_checked(end).filter(|_| end <= LONGEST.1)?;
        if matches!(word, "US" | "Canadian" | "Australian" | "metric" | "nautical") {
            let (part, rest) = named(rest.strip_prefix(' ')?)?;
            let country = match word {
                "US" => row("USD"),
                "Canadian" => row("CAD"),
                "Australian" => row("AUD"),
                "metric" => row("t"),
                _ => row("海里"),
            };
            let dollar = Some(part.row) == row("$");
            return Some((if dollar || matches!(word, "metric" | "nautical") { one(country?) } else { part }, rest));
        }
        let found = row(word).or_else(|| (word.len() > 2).then(|| row(&word.to_ascii_lowercase())).flatten())?;
        // "12 in total": a preposition.
        let next = rest.trim_start_matches([' ', THIN]);
        if word == "in" && next.starts_with(|c: char| c.is_alphabetic() || c.is_ascii_digit()) {
            return None;
        }
        if word.starts_with("deg") {
            let scale = next.trim_start_matches("of ");
            if let Some(rest) = ["Celsius", "celsius", "centigrade", "C"].iter().find_map(|s| scale.strip_prefix(s)) {
                return Some((one(row("°C")?), rest));
            }
            if let Some(rest) = ["Fahrenheit", "fahrenheit", "F"].iter().find_map(|s| scale.strip_prefix(s)) {
                return Some((one(row("°F")?), rest));
            }
        }
        return Some((one(found), rest));
    }
    if first.is_ascii() {
        return None;
    }
    let ends = text.char_indices().map(|(at, c)| at + c.len_utf8()).take(LONGEST.0);
    let (row, end) = ends.filter_map(|end| Some((row(text.get(..end)?)?, end))).last()?;
    Some((one(row), text.get(end..)?))
}

/// The currency that stands right before a number: "US$", "€", "RMB ", "Rs. ".
pub fn ahead(text: &str) -> Option<Unit> {
    let head = text.trim_end_matches(['-', '+', ' ', THIN, '.']);
    let sign = head.chars().next_back()?;
    let unit = |row: u8| Unit { top: Part { row, power: 1 }, per: None };
    let start = head.trim_end_matches(|c: char| c.is_ascii_alphabetic()).len();
    if matches!(sign, '¤' | '$') {
        let bare = head.trim_end_matches(['¤', '$']);
        let start = bare.trim_end_matches(|c: char| c.is_ascii_uppercase()).len();
        let country = format!("{}¤", bare.get(start..)?);
        return row(&country).or_else(|| row("$")).map(unit);
    }
    if matches!(sign, '€' | '£' | '¥' | '￥' | '₹' | '₩' | '₽') {
        return row(sign.encode_utf8(&mut [0; 4])).map(unit);
    }
    let word = head.get(start..).filter(|w| (2..=3).contains(&w.len()))?;
    if ["USD", "EUR", "GBP", "CNY", "RMB", "INR", "Rs", "JPY", "KRW", "CAD", "AUD", "HKD", "SGD", "CHF"].contains(&word)
    {
        return row(word).map(unit);
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn worth(a: &str, b: &str) -> Vec<String> {
        let unit = |text| behind(text).unwrap().0;
        unit(a).in_terms_of(unit(b)).iter().map(ToString::to_string).collect()
    }

    #[test]
    fn units_of_a_dimension_convert_and_others_do_not() {
        for (a, b, want) in [
            ("km", "m", "1000"),
            (" kilometres", "公里", "1"),
            ("km/h", "m/s", "5/18"),
            ("mph", "miles per hour", "1"),
            ("km/h", "kph", "1"),
            ("square meters", "cm^2", "10000"),
            ("L", "cm³", "1000"),
            ("公斤", "斤", "2"),
            ("小时", "min", "60"),
            ("元", "角", "10"),
            ("¤", "美元", "1"),
            ("cents", "dollars", "0.01"),
            ("km", "km/h", "1"),
            ("g/cm³", "kg/m³", "1000"),
            ("years", "months", "12"),
            ("cup", "oz", "8"),
            ("gal", "quarts", "4"),
            ("lb", "oz", "16"),
            ("degrees Celsius", "℃", "1"),
        ] {
            assert_eq!(worth(a, b), [want], "{a} {b}");
        }
        for (a, b) in
            [("km", "kg"), ("°C", "°F"), ("€", "¤"), ("days", "months"), ("m", "m²"), ("元", "美元"), ("h", "m")]
        {
            assert!(worth(a, b).is_empty(), "{a} {b}");
        }
        for text in ["apples", "in total", "个", "kW·h", "x", "", "mice", " people"] {
            assert_eq!(behind(text), None, "{text}");
        }
    }

    #[test]
    fn currencies_stand_before_numbers() {
        for (text, want) in [("it is US¤", "USD"), ("-€", "€"), ("RMB ", "元"), ("Rs. ", "₹"), ("¤", "¤")] {
            assert_eq!(ahead(text), behind(want).map(|(unit, _)| unit), "{text}");
        }
        assert_eq!(ahead("the "), None);
    }

    #[test]
    fn every_name_is_there_once() {
        let all: Vec<&str> = TABLE.iter().flat_map(|(names, _)| names.split_whitespace()).collect();
        assert_eq!(all.len(), WORDS.len());
        assert!(TABLE.len() < 256);
    }
}
