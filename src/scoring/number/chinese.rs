//! Chinese numerals: 三十二, 一百零五, 两千, 一万二, 二〇二四, 三点一四, 百分之十二, 三分之二.

use super::value::Value;

/// A numeral at the beginning of a text: its value, whether it is a percentage, and what follows.
#[must_use]
pub fn numeral(text: &str) -> Option<(Value, bool, &str)> {
    let (negative, text) = match text.strip_prefix('负').or_else(|| text.strip_prefix('負')) {
        Some(rest) => (true, rest),
        None => (false, text),
    };
    if let Some(rest) = text.strip_prefix("一半") {
        return Some((Value::integer(1).quotient(&Value::integer(2))?, false, rest));
    }
    let thousandths = [("千分之", -3), ("万分之", -4)].into_iter().find_map(|(w, p)| Some((text.strip_prefix(w)?, p)));
    let (value, percent, rest) = match text.strip_prefix("百分之") {
        Some(rest) => {
            let (value, rest) = decimal(rest)?;
            (value, true, rest)
        }
        None if let Some((rest, power)) = thousandths => {
            let (value, rest) = decimal(rest)?;
            (value.scaled(power), false, rest)
        }
        None => {
            let (value, rest) = decimal(text)?;
            match rest.strip_prefix("分之") {
                // 三分之二 is two thirds: the denominator comes first.
                Some(rest) => {
                    let (numerator, rest) = decimal(rest)?;
                    (numerator.quotient(&value)?, false, rest)
                }
                // 两个半 is 2.5.
                None if rest.strip_prefix("个半").is_some_and(|rest| !rest.starts_with(['圆', '径', '球', '轴'])) => {
                    (value.sum(&Value::integer(5).scaled(-1))?, false, rest.strip_prefix("个半")?)
                }
                // 八成 is 80 %, 三又二分之一 three and a half, 两块五 2.5.
                None if let Some(rest) = rest.strip_prefix('成') => {
                    // 三成五 is 35 %.
                    let next = rest.chars().next().and_then(|c| Some((digit(c).filter(|d| *d > 0)?, c.len_utf8())));
                    match next.filter(|(_, length)| rest.get(*length..).is_none_or(|r| !r.starts_with(is_numeral))) {
                        Some((d, length)) => {
                            (value.scaled(1).sum(&Value::integer(i128::from(d)))?, true, rest.get(length..)?)
                        }
                        None => (value.scaled(1), true, rest),
                    }
                }
                None => match rest.strip_prefix('又').and_then(part) {
                    Some((part, rest)) => (value.sum(&part)?, false, rest),
                    None => match coins(&value, rest)
                        .or_else(|| rest.strip_prefix(['块', '元']).and_then(|r| tenths(&value, r)))
                    {
                        Some((value, rest)) => (value, false, rest),
                        None => (value, false, rest),
                    },
                },
            }
        }
    };
    Some((if negative { value.negated() } else { value }, percent, rest))
}

/// A fraction behind 又.
fn part(text: &str) -> Option<(Value, &str)> {
    let (denominator, rest) = whole(text)?;
    let text = rest.strip_prefix("分之")?;
    // 四分之三千克 are three quarters of a kilogram.
    if let Some((kilo, _)) = text.split_once('千').filter(|(_, unit)| unit.starts_with(['克', '米', '瓦']))
        && let Some((numerator, "")) = whole(kilo)
    {
        return Some((numerator.quotient(&denominator)?, text.get(kilo.len()..)?));
    }
    let (numerator, rest) = whole(text)?;
    Some((numerator.quotient(&denominator)?, rest))
}

/// What stands behind 块 or 元: 五, 五毛, 五角.
fn tenths<'t>(value: &Value, text: &'t str) -> Option<(Value, &'t str)> {
    let d = digit(text.chars().next()?).filter(|d| *d > 0)?;
    let rest = text.get(text.chars().next()?.len_utf8()..)?;
    let rest = rest.strip_prefix(['毛', '角']).unwrap_or(rest);
    let ends = !rest.starts_with(|c| digit(c).is_some() || unit(c).is_some());
    ends.then(|| Some((value.sum(&Value::integer(i128::from(d)).scaled(-1))?, rest)))?
}

/// What stands behind a sum's 元: 伍角陆分, 零五分, 五角整.
fn coins<'t>(value: &Value, text: &'t str) -> Option<(Value, &'t str)> {
    let mut rest = text.strip_prefix(['元', '圆', '块'])?;
    let mut sum = value.clone();
    let mut named = false;
    for (names, power) in [(['角', '毛'], -1), (['分', '分'], -2)] {
        let bare = rest.strip_prefix('零').unwrap_or(rest);
        let Some(d) = bare.chars().next().and_then(digit).filter(|d| *d > 0) else { continue };
        let behind = bare.get(bare.chars().next().map_or(0, char::len_utf8)..)?;
        if let Some(behind) = behind.strip_prefix(names).filter(|behind| !behind.starts_with('之')) {
            sum = sum.sum(&Value::integer(i128::from(d)).scaled(power))?;
            (rest, named) = (behind, true);
        }
    }
    let rest = rest.strip_prefix(['整', '正']).unwrap_or(rest);
    named.then_some((sum, rest))
}

fn decimal(text: &str) -> Option<(Value, &str)> {
    let (whole, rest) = whole(text)?;
    let Some(after) = rest.strip_prefix('点').or_else(|| rest.strip_prefix('點')) else { return Some((whole, rest)) };
    let mut digits = String::from("0.");
    let mut tail = after;
    while let Some((c, d)) = tail.chars().next().and_then(|c| Some((c, digit(c)?))) {
        digits.push(char::from_digit(d, 10)?);
        tail = tail.get(c.len_utf8()..)?;
    }
    if digits.len() == 2 {
        return Some((whole, rest));
    }
    Some((whole.sum(&Value::decimal(&digits, 0)?)?, tail))
}

fn whole(text: &str) -> Option<(Value, &str)> {
    let mut end = text.find(|c| digit(c).is_none() && unit(c).is_none()).unwrap_or(text.len());
    // 五百千克: the 千 is the unit's.
    if let Some(head) = text.get(..end).and_then(|numeral| numeral.strip_suffix('千'))
        && head.ends_with(|c| unit(c).is_some_and(|worth| worth < 10_000))
        && text.get(end..).is_some_and(|rest| rest.starts_with(['克', '米', '瓦', '卡', '帕', '焦']))
    {
        end = head.len();
    }
    let (numeral, rest) = text.split_at_checked(end)?;
    if numeral.is_empty() || numeral.chars().count() > 40 {
        return None;
    }
    if numeral.chars().all(|c| digit(c).is_some()) {
        // 三五个 is "three to five".
        if numeral.chars().count() == 2 && !numeral.contains(['零', '〇']) {
            return None;
        }
        // Digit by digit, as years are read.
        let digits: String = numeral.chars().filter_map(|c| char::from_digit(digit(c)?, 10)).collect();
        return Some((Value::decimal(&digits, 0)?, rest));
    }
    // Sections of 万 and 亿, each built from 千, 百, 十 and digits.
    let (mut total, mut section, mut current): (i128, i128, Option<i128>) = (0, 0, None);
    let mut last = 1_i128;
    for c in numeral.chars() {
        if let Some(d) = digit(c) {
            if current.is_some_and(|n| n != 0) {
                return None;
            }
            current = Some(i128::from(d));
            continue;
        }
        let u = unit(c)?;
        if u >= 10_000 {
            section = section.checked_add(current.take().unwrap_or(0))?;
            if section == 0 && total == 0 {
                return None;
            }
            // 一万亿: what stands before a larger unit is multiplied by it as a whole.
            total = if u > total {
                total.checked_add(section)?.checked_mul(u)?
            } else {
                total.checked_add(section.checked_mul(u)?)?
            };
            section = 0;
        } else {
            let count = match current.take() {
                Some(0) | None if u == 10 => 1,
                Some(n) if n > 0 => n,
                _ => return None,
            };
            section = section.checked_add(count.checked_mul(u)?)?;
        }
        last = u;
    }
    if let Some(n) = current {
        // 一万二 is 12000, but 一万零二 is 10002.
        let worth = if last > 10 && n > 0 && !has_zero_before_last(numeral) { last / 10 } else { 1 };
        section = section.checked_add(n.checked_mul(worth)?)?;
    }
    Some((Value::integer(total.checked_add(section)?), rest))
}

fn has_zero_before_last(numeral: &str) -> bool {
    numeral.chars().rev().nth(1).is_some_and(|c| digit(c) == Some(0))
}

const fn digit(c: char) -> Option<u32> {
    Some(match c {
        '零' | '〇' => 0,
        '一' | '壹' => 1,
        '二' | '两' | '兩' | '贰' => 2,
        '三' | '叁' => 3,
        '四' | '肆' => 4,
        '五' | '伍' => 5,
        '六' | '陆' => 6,
        '七' | '柒' => 7,
        '八' | '捌' => 8,
        '九' | '玖' => 9,
        _ => return None,
    })
}

/// Whether a character is part of numerals.
#[must_use]
pub const fn is_numeral(c: char) -> bool {
    digit(c).is_some() || unit(c).is_some() || matches!(c, '点' | '點' | '分' | '之' | '负' | '負')
}

/// A unit's worth: 10, 100, 1000, 10⁴ or 10⁸.
#[must_use]
pub const fn unit(c: char) -> Option<i128> {
    Some(match c {
        '十' | '拾' => 10,
        '百' | '佰' => 100,
        '千' | '仟' => 1_000,
        '万' | '萬' => 10_000,
        '亿' | '億' => 100_000_000,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn numerals_are_read() {
        for (text, want) in [
            ("三十二", Some("32")),
            ("十", Some("10")),
            ("十五", Some("15")),
            ("二十", Some("20")),
            ("一百零五", Some("105")),
            ("一百一十", Some("110")),
            ("一百二", Some("120")),
            ("两千", Some("2000")),
            ("两千零三", Some("2003")),
            ("一万二", Some("12000")),
            ("一万零二", Some("10002")),
            ("十二万三千四百五十六", Some("123456")),
            ("三亿", Some("300000000")),
            ("一亿二千万", Some("120000000")),
            ("一万亿", Some("1000000000000")),
            ("二〇二四", Some("2024")),
            ("零", Some("0")),
            ("三点一四", Some("3.14")),
            ("负五", Some("-5")),
            ("三分之二", Some("2/3")),
            ("四分之三", Some("0.75")),
            ("叁拾贰", Some("32")),
            ("万", None),
            ("百", None),
            ("一二十", None),
            ("三五", None),
            ("一半", Some("0.5")),
            ("千分之五", Some("0.005")),
            ("三又二分之一", Some("3.5")),
            ("两块五", Some("2.5")),
            ("两块五毛", Some("2.5")),
            ("两个半", Some("2.5")),
            ("壹仟贰佰叁拾肆元伍角陆分", Some("1234.56")),
            ("壹佰元零伍分", Some("100.05")),
            ("壹佰零伍元伍角整", Some("105.5")),
            ("八成", Some("80")),
            ("苹果", None),
        ] {
            assert_eq!(numeral(text).map(|(v, ..)| v.to_string()).as_deref(), want, "{text}");
        }
        let (value, _, rest) = numeral("三千五百千克").unwrap();
        assert_eq!((value.to_string().as_str(), rest), ("3500", "千克"));
        let (value, percent, rest) = numeral("百分之十二左右").unwrap();
        assert_eq!((value.to_string().as_str(), percent, rest), ("12", true, "左右"));
    }

    proptest! {
        #[test]
        fn any_numeral_is_read_or_refused(text in "[负百分之点零一二两三九十百千万亿]{0,50}") {
            let _ = numeral(&text);
        }
    }
}
