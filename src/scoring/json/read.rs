//! Reads one JSON value out of a text, strictly as RFC 8259 has it, or with what people and programs write in its place.
//!
//! Its own parser, since answers need what none gives at once: names that are there twice are a mistake, numbers keep
//! every digit, a value may be followed by other text, and a mistake tells whether the text ended inside the value.

use super::value::{Number, Value};
use std::collections::BTreeMap;

/// How deep values may be nested.
const DEEPEST: usize = 64;

/// Why a text is no value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Trouble {
    /// Not JSON.
    Syntax,
    /// The text ends inside it.
    Ended,
    /// A name is there twice: which one is meant can't be known.
    Twice,
    /// Nested too deep, or too much of it.
    Deep,
}

/// The value at the beginning of a text, and where it ends; or the trouble, and where that is. `lenient` also takes commas
/// before an end, comments, texts in single quotes, names without quotes, and Python's `True`, `False` and `None`.
///
/// # Errors
/// [`Trouble`] and its place in bytes.
pub fn prefix(text: &str, lenient: bool) -> Result<(Value, usize), (Trouble, usize)> {
    let mut reader = Reader { text, at: 0, lenient };
    match reader.value(DEEPEST) {
        Ok(value) => Ok((value, reader.at)),
        Err(trouble) => Err((trouble, reader.at)),
    }
}

/// A text that is one value and nothing else.
///
/// # Errors
/// [`Trouble`] and its place in bytes.
pub fn whole(text: &str, lenient: bool) -> Result<Value, (Trouble, usize)> {
    let mut reader = Reader { text, at: 0, lenient };
    let read = reader.value(DEEPEST).and_then(|value| {
        reader.space()?;
        if reader.rest().is_empty() { Ok(value) } else { Err(Trouble::Syntax) }
    });
    read.map_err(|trouble| (trouble, reader.at))
}

struct Reader<'a> {
    text: &'a str,
    at: usize,
    lenient: bool,
}

impl<'a> Reader<'a> {
    fn rest(&self) -> &'a str {
        self.text.get(self.at..).unwrap_or("")
    }

    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    /// What is wrong here: the end, or something else than was expected.
    fn trouble<T>(&self) -> Result<T, Trouble> {
        Err(if self.peek().is_none() { Trouble::Ended } else { Trouble::Syntax })
    }

    fn space(&mut self) -> Result<(), Trouble> {
        loop {
            while self.peek().is_some_and(|b| matches!(b, b' ' | b'\t' | b'\n' | b'\r')) {
                self.at += 1;
            }
            if !self.lenient {
                return Ok(());
            }
            let rest = self.rest();
            if rest.starts_with("//") || rest.starts_with('#') {
                self.at += rest.find('\n').unwrap_or(rest.len());
            } else if rest.starts_with("/*") {
                self.at += rest.find("*/").ok_or(Trouble::Ended)? + 2;
            } else {
                return Ok(());
            }
        }
    }

    fn value(&mut self, depth: usize) -> Result<Value, Trouble> {
        self.space()?;
        match self.peek() {
            None => Err(Trouble::Ended),
            Some(b'{' | b'[') if depth == 0 => Err(Trouble::Deep),
            Some(b'{') => self.object(depth - 1),
            Some(b'[') => self.list(depth - 1),
            Some(b'"') => self.string(b'"').map(Value::Text),
            Some(b'\'') if self.lenient => self.string(b'\'').map(Value::Text),
            Some(b'-' | b'0'..=b'9') => self.number(),
            Some(_) => self.word(),
        }
    }

    fn word(&mut self) -> Result<Value, Trouble> {
        const STRICT: [(&str, Value); 3] =
            [("true", Value::Bool(true)), ("false", Value::Bool(false)), ("null", Value::Null)];
        const PYTHON: [(&str, Value); 3] =
            [("True", Value::Bool(true)), ("False", Value::Bool(false)), ("None", Value::Null)];
        let rest = self.rest();
        let word = rest.split(|c: char| !c.is_alphanumeric() && c != '_').next().unwrap_or("");
        let mut known = STRICT.iter().chain(PYTHON.iter().take(if self.lenient { 3 } else { 0 }));
        if let Some((_, value)) = known.find(|(name, _)| *name == word) {
            self.at += word.len();
            return Ok(value.clone());
        }
        // A word that the end of the text may have cut.
        let cut = word.len() == rest.len() && STRICT.iter().any(|(name, _)| !word.is_empty() && name.starts_with(word));
        Err(if cut { Trouble::Ended } else { Trouble::Syntax })
    }

    fn number(&mut self) -> Result<Value, Trouble> {
        let rest = self.rest();
        let length = rest.bytes().take_while(|b| matches!(b, b'0'..=b'9' | b'-' | b'+' | b'.' | b'e' | b'E')).count();
        let text = rest.get(..length).unwrap_or("");
        // No other word may follow without a space.
        let more = rest.get(length..).and_then(|after| after.chars().next());
        let number = Number::read(text).filter(|_| !more.is_some_and(|c| c.is_alphanumeric() || c == '_'));
        match number {
            Some(number) => {
                self.at += length;
                Ok(Value::Number(number))
            }
            // Another digit would have made it one.
            None if length == rest.len() && Number::read(&format!("{text}0")).is_some() => Err(Trouble::Ended),
            None => Err(Trouble::Syntax),
        }
    }

    fn list(&mut self, depth: usize) -> Result<Value, Trouble> {
        self.at += 1;
        let mut all = Vec::new();
        loop {
            self.space()?;
            if self.peek() == Some(b']') && (all.is_empty() || self.lenient) {
                break;
            }
            all.push(self.value(depth)?);
            self.space()?;
            match self.peek() {
                Some(b',') => self.at += 1,
                Some(b']') => break,
                _ => return self.trouble(),
            }
        }
        self.at += 1;
        Ok(Value::List(all))
    }

    fn object(&mut self, depth: usize) -> Result<Value, Trouble> {
        self.at += 1;
        let mut all = BTreeMap::new();
        loop {
            self.space()?;
            if self.peek() == Some(b'}') && (all.is_empty() || self.lenient) {
                break;
            }
            let name = self.name()?;
            self.space()?;
            if self.peek() != Some(b':') {
                return self.trouble();
            }
            self.at += 1;
            let value = self.value(depth)?;
            if all.insert(name, value).is_some() {
                return Err(Trouble::Twice);
            }
            self.space()?;
            match self.peek() {
                Some(b',') => self.at += 1,
                Some(b'}') => break,
                _ => return self.trouble(),
            }
        }
        self.at += 1;
        Ok(Value::Object(all))
    }

    fn name(&mut self) -> Result<String, Trouble> {
        match self.peek() {
            Some(b'"') => self.string(b'"'),
            Some(b'\'') if self.lenient => self.string(b'\''),
            Some(_) if self.lenient => {
                let rest = self.rest();
                let word = rest.split(|c: char| !c.is_alphanumeric() && c != '_').next().unwrap_or("");
                self.at += word.len();
                if word.is_empty() { Err(Trouble::Syntax) } else { Ok(word.to_owned()) }
            }
            _ => self.trouble(),
        }
    }

    fn string(&mut self, quote: u8) -> Result<String, Trouble> {
        self.at += 1;
        let mut out = String::new();
        loop {
            let rest = self.rest();
            let length = rest.bytes().position(|b| b == quote || b == b'\\' || b < 0x20).ok_or(Trouble::Ended);
            let Ok(length) = length else {
                self.at = self.text.len();
                return Err(Trouble::Ended);
            };
            out.push_str(rest.get(..length).unwrap_or(""));
            self.at += length;
            match self.peek() {
                Some(b) if b == quote => {
                    self.at += 1;
                    return Ok(out);
                }
                Some(b'\\') => self.escape(&mut out)?,
                // Line breaks belong into escapes.
                Some(b) if self.lenient => {
                    out.push(char::from(b));
                    self.at += 1;
                }
                _ => return self.trouble(),
            }
        }
    }

    fn escape(&mut self, out: &mut String) -> Result<(), Trouble> {
        self.at += 1;
        let Some(letter) = self.peek() else { return Err(Trouble::Ended) };
        let plain = match letter {
            b'"' | b'\\' | b'/' => char::from(letter),
            b'\'' if self.lenient => '\'',
            b'b' => '\u{8}',
            b'f' => '\u{c}',
            b'n' => '\n',
            b'r' => '\r',
            b't' => '\t',
            b'u' => {
                self.at += 1;
                let unit = self.unit()?;
                out.push(self.scalar(unit)?);
                return Ok(());
            }
            _ => return Err(Trouble::Syntax),
        };
        self.at += 1;
        out.push(plain);
        Ok(())
    }

    /// Four hexadecimal digits.
    fn unit(&mut self) -> Result<u32, Trouble> {
        let rest = self.rest();
        let Some(digits) = rest.get(..4) else {
            return Err(if rest.len() < 4 { Trouble::Ended } else { Trouble::Syntax });
        };
        if !digits.bytes().all(|b| b.is_ascii_hexdigit()) {
            return Err(Trouble::Syntax);
        }
        self.at += 4;
        u32::from_str_radix(digits, 16).map_err(|_| Trouble::Syntax)
    }

    /// The character of a unit, with its second half where it is the first of a pair; half a pair alone is a mistake.
    fn scalar(&mut self, unit: u32) -> Result<char, Trouble> {
        if !(0xD800..0xDC00).contains(&unit) {
            return char::from_u32(unit).ok_or(Trouble::Syntax);
        }
        if !self.rest().starts_with("\\u") {
            return self.trouble();
        }
        self.at += 2;
        let low = self.unit()?;
        if !(0xDC00..0xE000).contains(&low) {
            return Err(Trouble::Syntax);
        }
        char::from_u32(0x1_0000 + ((unit - 0xD800) << 10) + (low - 0xDC00)).ok_or(Trouble::Syntax)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn strict(text: &str) -> Result<String, Trouble> {
        whole(text, false).map(|value| value.to_string()).map_err(|(trouble, _)| trouble)
    }

    #[test]
    fn what_is_json_is_read_and_nothing_else() {
        for (text, want) in [
            (
                r#" {"a": [1, 2.0, {"b": null}], "c": "x\u00e9\ud83d\ude00\n"} "#,
                Ok(r#"{"a": [1, 2, {"b": null}], "c": "xé😀\n"}"#),
            ),
            ("[]", Ok("[]")),
            ("true", Ok("true")),
            ("-1.5e3", Ok("-1500")),
            (r#"{"a": 1, "a": 2}"#, Err(Trouble::Twice)),
            (r#"{"a": 1, "\u0061": 1}"#, Err(Trouble::Twice)),
            (r#"{"a": 1,}"#, Err(Trouble::Syntax)),
            ("[1, 2,]", Err(Trouble::Syntax)),
            ("[1 2]", Err(Trouble::Syntax)),
            ("{'a': 1}", Err(Trouble::Syntax)),
            ("{a: 1}", Err(Trouble::Syntax)),
            ("[NaN]", Err(Trouble::Syntax)),
            ("[Infinity]", Err(Trouble::Syntax)),
            ("[True]", Err(Trouble::Syntax)),
            ("[1] // one", Err(Trouble::Syntax)),
            ("\"a\nb\"", Err(Trouble::Syntax)),
            (r#""\x41""#, Err(Trouble::Syntax)),
            (r#""\ud83d""#, Err(Trouble::Syntax)),
            ("01", Err(Trouble::Syntax)),
            ("1 2", Err(Trouble::Syntax)),
            ("12a", Err(Trouble::Syntax)),
            ("", Err(Trouble::Ended)),
            (r#"{"a": 1"#, Err(Trouble::Ended)),
            (r#"{"a": "x"#, Err(Trouble::Ended)),
            (r#"{"a": tr"#, Err(Trouble::Ended)),
            (r#"{"a": 1."#, Err(Trouble::Ended)),
            (r#"{"a""#, Err(Trouble::Ended)),
        ] {
            assert_eq!(strict(text), want.map(str::to_owned), "{text}");
        }
        assert_eq!(strict(&"[".repeat(100)), Err(Trouble::Deep));
    }

    #[test]
    fn lenience_takes_what_people_write_but_nothing_doubtful() {
        let lenient = |text| whole(text, true).map(|value| value.to_string()).map_err(|(trouble, _)| trouble);
        for (text, want) in [
            ("{'a': 'it\\'s', b: True, /* c */ \"d\": None, } // end", Ok(r#"{"a": "it's", "b": true, "d": null}"#)),
            ("[1, 2, ] # two", Ok("[1, 2]")),
            ("{\"a\": \"x\ny\"}", Ok(r#"{"a": "x\ny"}"#)),
            ("{a: 1, 'a': 2}", Err(Trouble::Twice)),
            ("[,]", Err(Trouble::Syntax)),
            ("[NaN]", Err(Trouble::Syntax)),
        ] {
            assert_eq!(lenient(text), want.map(str::to_owned), "{text}");
        }
    }

    proptest! {
        #[test]
        fn any_text_is_read_as_serde_reads_it_but_for_the_length_of_numbers(
            text in "(\\{|\\}|\\[|\\]|,|:|\"[a-c]?\"|\"\\\\u00e9\"|-?[0-9]{1,3}|\\.5|e2|true|null| |\\PC){0,12}"
        ) {
            let ours = whole(&text, false);
            match serde_json::from_str::<serde_json::Value>(&text) {
                Ok(json) => match ours {
                    Ok(value) => prop_assert_eq!(value, Value::from(&json)),
                    Err((trouble, _)) => prop_assert_eq!(trouble, Trouble::Twice),
                },
                Err(_) => prop_assert!(ours.is_err()),
            }
        }
    }
}
