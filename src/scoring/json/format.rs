//! The formats of texts that schemas name: by form, and days of the calendar. Whether an address exists is not asked.

/// Those that are checked.
pub const NAMES: [&str; 6] = ["date", "time", "date-time", "email", "uri", "uuid"];

/// Whether a text has a format; none for a format that is not known.
#[must_use]
pub fn fits(format: &str, text: &str) -> Option<bool> {
    Some(match format {
        "date" => is_date(text),
        "time" => is_time(text),
        "date-time" => {
            let split = text.char_indices().find(|(_, c)| matches!(c, 'T' | 't' | ' '));
            split.is_some_and(|(at, _)| {
                is_date(text.get(..at).unwrap_or("")) && is_time(text.get(at + 1..).unwrap_or(""))
            })
        }
        "email" => is_email(text),
        // A scheme and something behind it, without white space, which the parser would mend.
        "uri" => !text.contains(|c: char| c.is_whitespace() || c.is_control()) && url::Url::parse(text).is_ok(),
        "uuid" => {
            let parts: Vec<&str> = text.split('-').collect();
            parts.iter().map(|part| part.len()).eq([8, 4, 4, 4, 12])
                && parts.iter().all(|part| part.bytes().all(|b| b.is_ascii_hexdigit()))
        }
        _ => return None,
    })
}

/// A number of exactly so many digits, at the beginning; and the rest.
fn digits(text: &str, count: usize) -> Option<(u32, &str)> {
    let (head, rest) = text.split_at_checked(count)?;
    let all = head.bytes().all(|b| b.is_ascii_digit());
    Some((head.parse().ok().filter(|_| all)?, rest))
}

/// RFC 3339's full-date, of a day that there was.
fn is_date(text: &str) -> bool {
    let parts = || {
        let (year, rest) = digits(text, 4)?;
        let (month, rest) = digits(rest.strip_prefix('-')?, 2)?;
        let (day, rest) = digits(rest.strip_prefix('-')?, 2)?;
        let date = |n: u32| i8::try_from(n).ok();
        jiff::civil::Date::new(i16::try_from(year).ok()?, date(month)?, date(day)?).ok().filter(|_| rest.is_empty())
    };
    parts().is_some()
}

/// RFC 3339's full-time: with an offset.
fn is_time(text: &str) -> bool {
    let parts = || {
        let (hour, rest) = digits(text, 2)?;
        let (minute, rest) = digits(rest.strip_prefix(':')?, 2)?;
        let (second, rest) = digits(rest.strip_prefix(':')?, 2)?;
        let rest = match rest.strip_prefix('.') {
            Some(fraction) => {
                let after = fraction.trim_start_matches(|c: char| c.is_ascii_digit());
                (after.len() < fraction.len()).then_some(after)?
            }
            None => rest,
        };
        let offset = match rest.strip_prefix(['+', '-']) {
            Some(offset) => {
                let (hours, rest) = digits(offset, 2)?;
                let (minutes, rest) = digits(rest.strip_prefix(':')?, 2)?;
                hours < 24 && minutes < 60 && rest.is_empty()
            }
            None => matches!(rest, "Z" | "z"),
        };
        (hour < 24 && minute < 60 && second <= 60 && offset).then_some(())
    };
    parts().is_some()
}

fn is_email(text: &str) -> bool {
    let plain = |c: char| !c.is_whitespace() && !c.is_control() && !matches!(c, '@' | '<' | '>' | ',' | ';' | '"');
    let Some((name, domain)) = text.split_once('@') else { return false };
    let labels =
        domain.split('.').all(|label| !label.is_empty() && label.chars().all(|c| c.is_alphanumeric() || c == '-'));
    !name.is_empty() && name.chars().all(plain) && !name.starts_with('.') && !name.ends_with('.') && labels
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formats_are_told_from_what_only_looks_like_them() {
        for (format, good, bad) in [
            (
                "date",
                &["2024-02-29", "1999-12-31"][..],
                &["2023-02-29", "2024-1-5", "05.01.2024", "2024-01-05T00:00:00Z", "２０２４-01-05"][..],
            ),
            (
                "time",
                &["23:59:60Z", "09:30:00.25+08:00"],
                &["9:30:00Z", "09:30", "09:30:00", "24:00:00Z", "09:30:00.Z"],
            ),
            (
                "date-time",
                &["2024-02-29T09:30:00Z", "2024-02-29 09:30:00-05:00"],
                &["2024-02-29", "2024-02-30T09:30:00Z"],
            ),
            ("email", &["a.b+c@example.com", "x@localhost"], &["a@b@c", "@example.com", "a@", "a b@c.de", "a@b..c"]),
            (
                "uri",
                &["https://example.com/a?b#c", "mailto:a@b.c", "urn:isbn:1"],
                &["example.com", "https://a b", "/path"],
            ),
            (
                "uuid",
                &["123e4567-e89b-12d3-a456-426614174000"],
                &["123e4567e89b12d3a456426614174000", "123e4567-e89b-12d3-a456-42661417400g"],
            ),
        ] {
            for text in good {
                assert_eq!(fits(format, text), Some(true), "{format} {text}");
            }
            for text in bad {
                assert_eq!(fits(format, text), Some(false), "{format} {text}");
            }
        }
        assert_eq!(fits("hostname", "a"), None);
    }
}
