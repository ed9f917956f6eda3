//! Finds the JSON that a text gives as its answer: the whole text, a block of its own, or the last one in prose.
//!
//! What stands on a line of its own, in a fence, or behind a colon is an answer; what is mentioned inside a sentence or
//! called an example counts only where there is no other. Of several the last counts. Something that begins like JSON and
//! is none counts too: its parts are never taken for the answer, since a part of an answer is another answer. One pass.

use super::read::{self, Trouble};
use super::value::Value;
use crate::scoring::text::{Pattern, TAIL, after, before, pattern, tail};
use std::ops::Range;
use std::sync::LazyLock;

/// More pieces than this that begin like JSON are not looked at.
const MOST: usize = 4_000;

/// What kind of value is expected at the top: it tells an answer from brackets that mean something else.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wanted {
    /// An object.
    Object,
    /// An array.
    List,
    /// Neither: a text, a number, a truth value or null.
    Scalar,
    /// Not known.
    Any,
}

/// Where it was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// The whole text is JSON.
    Whole,
    /// In a fenced block.
    Fenced,
    /// In other text.
    Prose,
}

/// Something that is JSON, or begins like it.
#[derive(Debug, Clone, PartialEq)]
pub struct Found {
    /// The value, or why it is none.
    pub value: Result<Value, Trouble>,
    /// Where.
    pub place: Place,
    /// Its bytes in the text that was searched.
    pub range: Range<usize>,
    /// Given as an answer, not only mentioned.
    pub given: bool,
}

/// The answer of a text (as written, trimmed, without reasoning). `echo` says of a value that it is no answer, such as the
/// schema repeated. None where there is nothing like JSON.
pub fn answer(text: &str, wanted: Wanted, lenient: bool, echo: impl Fn(&Value) -> bool) -> Option<Found> {
    if text.len() <= TAIL
        && let Ok(value) = read::whole(text, lenient)
    {
        return Some(Found { value: Ok(value), place: Place::Whole, range: 0..text.len(), given: true });
    }
    let searched = tail(text);
    if wanted == Wanted::Scalar {
        return scalar(searched, lenient);
    }
    let mut all = all(searched, lenient);
    let headless = text.len() > searched.len() && all.last().is_some_and(|last| goes_on(searched, last.range.end));
    all.retain(|found| matters(found, wanted, searched) && !found.value.as_ref().is_ok_and(&echo));
    let chosen = all.iter().rposition(|found| found.given).or(all.len().checked_sub(1))?;
    let mut chosen = all.swap_remove(chosen);
    if headless {
        chosen.value = Err(Trouble::Ended);
    }
    Some(chosen)
}

/// Everything in a text that is JSON, or begins like it, in order; only objects and arrays, none inside another.
pub fn all(text: &str, lenient: bool) -> Vec<Found> {
    let fences: Vec<usize> = text.match_indices("\n```").map(|(at, _)| at).collect();
    let blanks: Vec<usize> = text.match_indices("\n\n").map(|(at, _)| at).collect();
    let next = |of: &[usize], from: usize| of.get(of.partition_point(|at| *at < from)).copied().unwrap_or(text.len());
    let (mut found, mut at, mut looked) = (Vec::new(), 0, 0_usize);
    while let Some(here) = text.get(at..).and_then(|rest| rest.find(['{', '['])).map(|offset| at + offset) {
        let rest = text.get(here..).unwrap_or("");
        if !begins(rest, true) {
            at = here + 1;
            continue;
        }
        looked += 1;
        if looked > MOST {
            let range = here..text.len();
            found.push(Found { value: Err(Trouble::Deep), place: Place::Prose, range, given: true });
            break;
        }
        let setting = Setting::of(text, here);
        if setting == Setting::Denied || !begins(rest, lenient || setting != Setting::Mentioned) {
            at = here + 1;
            if setting == Setting::Denied
                && let Ok((_, length)) = read::prefix(rest, lenient)
            {
                at = here + length;
            }
            continue;
        }
        let (value, end) = match read::prefix(rest, lenient) {
            Ok((value, length)) => (Ok(value), here + length),
            // An interval, a date, a reference.
            Err((Trouble::Syntax, _)) if begins_with_a_number(rest, setting == Setting::Mentioned) => {
                at = here + 1;
                continue;
            }
            Err((trouble, _)) => {
                // Broken, and so are its parts; where it never ends, a fence or an empty line ends it.
                let fence = next(&fences, here);
                let inside = text.get(here..fence).unwrap_or(rest);
                match closing(inside) {
                    Some(length) => (Err(trouble), here + length),
                    None => (Err(trouble), next(&blanks, here).min(fence)),
                }
            }
        };
        let fenced = fences.partition_point(|fence| *fence < here) + usize::from(text.starts_with("```"));
        let place = if fenced % 2 == 1 { Place::Fenced } else { Place::Prose };
        found.push(Found { value, place, range: here..end, given: setting == Setting::Given });
        at = end.max(here + 1);
    }
    found
}

/// A text, a number, a truth value or null, which only a whole text or a whole fenced block can be.
fn scalar(text: &str, lenient: bool) -> Option<Found> {
    let open = text.rfind("\n```").map_or(0, |close| text.get(..close).and_then(|t| t.rfind("```")).unwrap_or(0));
    let block = text.get(open..)?;
    let inner = match block.strip_prefix("```") {
        Some(rest) => rest.split_once('\n')?.1.rsplit_once("```")?.0,
        None => block.strip_prefix('`')?.strip_suffix('`')?,
    };
    let value = read::whole(inner, lenient).ok()?;
    Some(Found { value: Ok(value), place: Place::Fenced, range: open..text.len(), given: true })
}

/// Whether something that is expected could be meant by it.
fn matters(found: &Found, wanted: Wanted, text: &str) -> bool {
    let Found { value, range, .. } = found;
    match (wanted, value) {
        (Wanted::Object, Ok(Value::List(all))) => all.iter().any(Value::is_container),
        (Wanted::Object, Err(_)) => text.get(range.clone()).is_some_and(|broken| broken.contains('{')),
        _ => true,
    }
}

/// Whether what was found is a part of something that began before.
fn goes_on(text: &str, end: usize) -> bool {
    text.get(end..).is_some_and(|rest| rest.trim_start().starts_with([',', ']', '}']))
}

/// Whether a text that opens a bracket begins like JSON. `bare` also takes names without quotes.
fn begins(text: &str, bare: bool) -> bool {
    // Far enough for what people write; the rest of a long run of brackets or spaces is not looked through again and again.
    let head = after(text, 0, 128);
    let rest = head.trim_start_matches(|c: char| c == '[' || c.is_ascii_whitespace());
    let (object, rest) = match rest.strip_prefix('{') {
        Some(rest) => (true, rest.trim_start()),
        None => (false, rest),
    };
    let Some(first) = rest.chars().next() else { return head.len() == text.len() };
    if matches!(first, '"' | '\'' | '/' | '#') || first == if object { '}' } else { ']' } {
        return true;
    }
    if object {
        let name = rest.bytes().take(64).take_while(|b| b.is_ascii_alphanumeric() || *b == b'_').count();
        return bare && name > 0 && rest.get(name..).is_some_and(|after| after.trim_start().starts_with(':'));
    }
    first.is_ascii_digit() || first == '-' || ["true", "false", "null"].iter().any(|word| rest.starts_with(word))
}

/// Whether brackets hold a number first and, unless they are only mentioned, end in a round one: those mean something else.
fn begins_with_a_number(text: &str, mentioned: bool) -> bool {
    let inside = text.trim_start_matches(|c: char| c == '[' || c.is_ascii_whitespace());
    let closes = || inside.bytes().find(|b| matches!(b, b')' | b']' | b'}' | b'"' | b'\n'));
    inside.starts_with(|c: char| c.is_ascii_digit() || c == '-') && (mentioned || closes() == Some(b')'))
}

/// The length of what the first bracket of a text opens, texts in it passed over; none where it is not closed.
fn closing(text: &str) -> Option<usize> {
    let (mut depth, mut inside, mut escaped) = (0_usize, false, false);
    for (at, byte) in text.bytes().enumerate() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if inside => escaped = true,
            // A text ends with its line: a quote too many must not turn the rest inside out.
            b'\n' => inside = false,
            b'"' => inside = !inside,
            b'{' | b'[' if !inside => depth += 1,
            b'}' | b']' if !inside => {
                depth = depth.saturating_sub(1);
                if depth == 0 {
                    return Some(at + 1);
                }
            }
            _ => {}
        }
    }
    None
}

/// How something stands in a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Setting {
    Given,
    Mentioned,
    /// Said not to be the answer.
    Denied,
}

static EXAMPLE: LazyLock<Pattern> = LazyLock::new(|| {
    pattern(r"(?i)\b(?:examples?|e\.g|for\s+instance|template|placeholder)\b|例如|比如|譬如|示例|举例|模板")
});

static DENIED: LazyLock<Pattern> = LazyLock::new(|| {
    pattern(concat!(
        r"(?i)(?:\b(?:not|instead\s+of|rather\s+than)|不是|而非|不应(?:该|当)?是)[\s:`]*\z",
        r"|(?:\b(?:incorrect|wrong|invalid|bad)|错误的?|不正确的?)\s*(?:answer|json|output|result|version|form|call|答案|输出|结果|写法|形式)?",
        r"\s*(?:is|would\s+be|was|是|为)?\s*[:：]?\s*`*\z",
    ))
});

/// How far back a setting is looked for, in characters.
const BEFORE: usize = 120;

impl Setting {
    fn of(text: &str, at: usize) -> Self {
        let before = before(text, at, BEFORE);
        let (line, above) = match before.rsplit_once('\n') {
            Some((above, line)) => (line, above),
            None => (before, ""),
        };
        // The fence's own line, and what marks a list, a quotation or bold text.
        let line = line.trim_start_matches("```json").trim_matches(|c: char| c.is_whitespace() || "`*>-$".contains(c));
        let own = line.is_empty() || (line.starts_with("```") && !line.contains(' '));
        let header = if own {
            let mut lines = above.lines().rev().map(str::trim);
            lines.find(|line| !line.is_empty() && !line.starts_with("```")).unwrap_or("")
        } else {
            line
        };
        if DENIED.is_match(header) {
            return Self::Denied;
        }
        let announced = own || line.ends_with([':', '：', '=', '{', '>', '】', '|']);
        if announced && !EXAMPLE.is_match(header) { Self::Given } else { Self::Mentioned }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(text: &str, wanted: Wanted) -> String {
        match answer(text, wanted, false, |_| false) {
            None => "none".into(),
            Some(Found { value: Ok(value), .. }) => value.to_string(),
            Some(Found { value: Err(trouble), .. }) => format!("{trouble:?}"),
        }
    }

    #[test]
    fn the_answer_is_found_where_models_put_it() {
        for (text, want) in [
            (r#"{"a": 1}"#, r#"{"a": 1}"#),
            ("```json\n{\"a\": 1}\n```", r#"{"a": 1}"#),
            ("```json {\"a\": 1} ```", r#"{"a": 1}"#),
            ("```\n{\"a\": 1}", r#"{"a": 1}"#),
            ("Here you go: {\"a\": 1}. Anything else?", r#"{"a": 1}"#),
            ("结果如下：{\"a\": 1}。", r#"{"a": 1}"#),
            ("I first thought of {\"a\": 2}, but\n\n{\"a\": 1}", r#"{"a": 1}"#),
            ("```json\n{\"a\": 1}\n```\nI took `{\"b\": 2}` as given [1].", r#"{"a": 1}"#),
            ("```json\n{\"a\": 1}\n```\nWait, no. Corrected: {\"a\": 2}", r#"{"a": 2}"#),
            ("```json\n{\"a\": 1}\n```\nAn example of another form: {\"a\": 2}", r#"{"a": 1}"#),
            ("The answer is {\"a\": 1}, not {\"a\": 2}", r#"{"a": 1}"#),
            ("A wrong answer would be:\n```json\n{\"a\": 2}\n```\nRight:\n```json\n{\"a\": 1}\n```", r#"{"a": 1}"#),
            (r#"\boxed{{"a": 1}}"#, r#"{"a": 1}"#),
            ("Set {x} and [note] and f(x) = [0, 1) then\n{\"a\": 1}", r#"{"a": 1}"#),
            ("The sources are [1] and [2, 3].", "none"),
            ("no brackets at all", "none"),
            ("[{\"a\": 1}, {\"a\": 2}]", r#"[{"a": 1}, {"a": 2}]"#),
        ] {
            assert_eq!(found(text, Wanted::Object), want, "{text}");
        }
        assert_eq!(found("Tags:\n[\"x\"]\nas in source [1].", Wanted::List), r#"["x"]"#);
        for (text, want) in [("42", "42"), ("```json\n\"x\"\n```", "\"x\""), ("`true`", "true"), ("It is 42.", "none")]
        {
            assert_eq!(found(text, Wanted::Scalar), want, "{text}");
        }
    }

    #[test]
    fn parts_of_something_broken_are_not_the_answer() {
        for (text, want) in [
            (r#"{"a": 1, "b": [{"c": 2},], "d": {"e": 3}}"#, "Syntax"),
            ("{\"a\": {\"b\": 1}, \"c\": [{\"d\": 2}", "Ended"),
            ("```json\n{\"a\": {\"b\": 1}, // no\n}\n```", "Syntax"),
            ("{a: {\"b\": 1}}", "Syntax"),
            ("{'a': {\"b\": 1}}", "Syntax"),
            ("{\"a\": 1, \"a\": 2}", "Twice"),
            ("{\"a\": 1}\n\nOn reflection:\n{\"a\": 2, \"b\"", "Ended"),
            ("{\"a\": \n\nI start again:\n{\"a\": 1}", "{\"a\": 1}"),
        ] {
            assert_eq!(found(text, Wanted::Object), want, "{text}");
        }
        let long = format!("[{}]", vec!["{\"a\": 1}"; 5000].join(", "));
        assert_eq!(found(&long, Wanted::Object), "Ended", "its beginning is not seen");
        let behind = format!("{} so:\n{{\"a\": 1}}", "long thoughts ".repeat(5000));
        assert_eq!(found(&behind, Wanted::Object), "{\"a\": 1}");
    }

    #[test]
    fn an_echo_is_passed_over() {
        let text = "```json\n{\"a\": 1}\n```\nwhich follows\n```json\n{\"type\": \"object\"}\n```";
        let echo = |value: &Value| value.to_string().contains("type");
        let found = answer(text, Wanted::Object, false, echo).unwrap();
        assert_eq!(found.value.unwrap().to_string(), r#"{"a": 1}"#);
    }
}
