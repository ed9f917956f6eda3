//! From bytes to visible text: whole characters only, and nothing that may yet turn out to be a stop sequence.

/// Text in the making.
#[derive(Debug)]
pub struct Visible {
    stops: Vec<String>,
    /// The beginning of a character whose other bytes have not come.
    partial: Vec<u8>,
    /// Text that is the beginning of a stop sequence.
    held: String,
}

/// What a byte led to.
#[derive(Debug, PartialEq, Eq)]
pub enum Step {
    /// This text can be shown; often empty.
    More(String),
    /// This is the last text: a stop sequence followed.
    Stopped(String),
}

impl Visible {
    /// Nothing yet. Empty stop sequences are ignored.
    #[must_use]
    pub fn new(mut stops: Vec<String>) -> Self {
        stops.retain(|s| !s.is_empty());
        Self { stops, partial: Vec::new(), held: String::new() }
    }

    /// Takes one byte. Bytes that are no UTF-8 become U+FFFD.
    pub fn push(&mut self, byte: u8) -> Step {
        self.partial.push(byte);
        self.decode();
        let found = self.stops.iter().filter_map(|stop| self.held.find(stop)).min();
        if let Some(at) = found {
            self.held.truncate(at);
            return Step::Stopped(std::mem::take(&mut self.held));
        }
        let mut starts = self.held.char_indices().map(|(at, _)| at);
        let is_beginning = |at: usize| self.stops.iter().any(|s| self.held.get(at..).is_some_and(|h| s.starts_with(h)));
        let keep = starts.find(|&at| is_beginning(at)).unwrap_or(self.held.len());
        let rest = self.held.split_off(keep);
        Step::More(std::mem::replace(&mut self.held, rest))
    }

    /// What is left at the end: what was held back, and U+FFFD for half a character.
    #[must_use]
    pub fn finish(mut self) -> String {
        if !self.partial.is_empty() {
            self.held.push(char::REPLACEMENT_CHARACTER);
        }
        self.held
    }

    /// Moves all whole characters over to the held text.
    fn decode(&mut self) {
        loop {
            match std::str::from_utf8(&self.partial) {
                Ok(text) => {
                    self.held.push_str(text);
                    self.partial.clear();
                    return;
                }
                Err(error) => {
                    let rest = self.partial.split_off(error.valid_up_to());
                    self.held.push_str(&String::from_utf8_lossy(&self.partial));
                    self.partial = rest;
                    let Some(wrong) = error.error_len() else { return };
                    self.held.push(char::REPLACEMENT_CHARACTER);
                    self.partial.drain(..wrong);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn run(bytes: &[u8], stops: &[&str]) -> (Vec<String>, bool) {
        let mut visible = Visible::new(stops.iter().map(|&s| s.into()).collect());
        let mut parts = Vec::new();
        for &byte in bytes {
            match visible.push(byte) {
                Step::More(text) => parts.push(text),
                Step::Stopped(text) => {
                    parts.push(text);
                    return (parts, true);
                }
            }
        }
        parts.push(visible.finish());
        (parts, false)
    }

    #[test]
    fn a_character_comes_whole() {
        assert_eq!(run("aé€".as_bytes(), &[]).0, ["a", "", "é", "", "", "€", ""]);
        assert_eq!(run(b"a\xffb\xe2\x82", &[]).0.concat(), "a\u{fffd}b\u{fffd}");
    }

    #[test]
    fn a_stop_sequence_is_never_shown_not_even_its_beginning() {
        assert_eq!(
            run(b"12END3", &["END"]),
            (vec!["1".into(), "2".into(), String::new(), String::new(), String::new()], true)
        );
        assert_eq!(
            run(b"12EN3", &["END"]),
            (vec!["1".into(), "2".into(), "".into(), "".into(), "EN3".into(), "".into()], false)
        );
        assert_eq!(run(b"EEND", &["END"]).0.concat(), "E");
        assert_eq!(run(b"12EN", &["END"]).0.concat(), "12EN");
        assert_eq!(run(b"abcd", &["cd", "bc", ""]).0.concat(), "a");
    }

    proptest! {
        #[test]
        fn without_stops_the_text_is_the_lossy_decoding(bytes: Vec<u8>) {
            prop_assert_eq!(run(&bytes, &[]).0.concat(), String::from_utf8_lossy(&bytes).into_owned());
        }

        #[test]
        fn with_a_stop_the_text_ends_where_it_first_occurs(text in "[ab]{0,12}", stop in "[ab]{1,3}") {
            let (parts, stopped) = run(text.as_bytes(), &[&stop]);
            let expected = text.split_once(&stop).map_or(text.as_str(), |(before, _)| before);
            prop_assert_eq!(parts.concat(), expected);
            prop_assert_eq!(stopped, text.contains(&stop));
        }
    }
}
