//! Traditional characters as simplified ones: 臺灣 and 台湾 are one answer, and a rule that reads 答案是 reads 答案為.
//!
//! Character by character, so that no text gets longer and no word is translated. What must be read as it was written
//! (`exact`, `json`, `instructions`, what a judge sees) is left alone.

use std::sync::LazyLock;

const FIRST: u32 = 0x3400;
const LAST: u32 = 0x9FFF;

/// The simplified character for each of the basic plane's, by its place.
static SIMPLE: LazyLock<Vec<char>> = LazyLock::new(|| {
    let once = |c: char| hanconv::t2s(c.to_string()).chars().next().filter(|s| s.len_utf8() == 3).unwrap_or(c);
    // Some come in two steps; more than two there are none.
    (FIRST..=LAST).filter_map(char::from_u32).map(|c| once(once(c))).collect()
});

/// The text with simplified characters.
#[must_use]
pub fn simplified(text: String) -> String {
    let simple = |c: char| {
        let at = u32::from(c).checked_sub(FIRST).and_then(|at| usize::try_from(at).ok());
        at.and_then(|at| SIMPLE.get(at)).copied().unwrap_or(c)
    };
    if text.is_ascii() || !text.chars().any(|c| simple(c) != c) {
        return text;
    }
    text.chars().map(simple).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scripts_become_one_and_nothing_else_changes() {
        for (raw, want) in [
            ("「刻舟求劍」", "「刻舟求剑」"),
            ("珠穆朗瑪峰位於中國", "珠穆朗玛峰位于中国"),
            ("臺灣、台湾", "台湾、台湾"),
            ("答案為：壹佰貳拾", "答案为：壹佰贰拾"),
            ("Straße 10² ½ かな 😀 𠮷", "Straße 10² ½ かな 😀 𠮷"),
        ] {
            assert_eq!(simplified(raw.to_owned()), want);
        }
    }

    #[test]
    fn it_is_stable_and_keeps_lengths() {
        let all: String = (FIRST..=LAST).filter_map(char::from_u32).collect();
        let once = simplified(all.clone());
        assert_eq!(once.len(), all.len());
        assert_eq!(simplified(once.clone()), once);
    }
}
