//! The number of a conclusion that goes on: to its reason, or to an aside.

use super::prose::{AMISS, DOUBTFUL, last_sentence, prose_numbers, single};
use super::{MOST, Number};
use crate::scoring::text::{self, Pattern, is_undecided, pattern};
use std::sync::LazyLock;

/// The only number of a main clause that a reason follows, where it concludes or is all there is: "So she has 15 apples left after
/// giving 9 to 3 friends.", "It was −7 °C: it began at 4 and fell by 11."
pub(super) fn before_its_reason(text: &str) -> Option<Number> {
    static REASON: LazyLock<Pattern> =
        LazyLock::new(|| pattern(r"(?i):\s+[a-z]|,?\s(?:after|because|since|given\s+that)\s"));
    static SAYS: LazyLock<Pattern> =
        LazyLock::new(|| pattern(r"(?i)\b(?:is|was|are|were|has|have|had|leaves?|equals?|costs?|needs?)\s"));
    static SO: LazyLock<Pattern> =
        LazyLock::new(|| pattern(r"(?i)\A[\s*>-]*(?:so|therefore|thus|hence|altogether|in\s+total),?\s"));
    static GOES_ON: LazyLock<Pattern> = LazyLock::new(|| {
        pattern(r"(?i)[=≈;]|\b(?:so|therefore|thus|hence|total|altogether|answer|leaving|makes?|becomes?)\b")
    });
    let sentence = last_sentence(text).trim();
    let reason = REASON.find(sentence)?;
    let (clause, behind) = (sentence.get(..reason.start())?, sentence.get(reason.end()..)?);
    if !(SO.is_match(sentence) || sentence.len() == text.len()) || !SAYS.is_match(clause) || GOES_ON.is_match(behind) {
        return None;
    }
    let numbers = prose_numbers(clause);
    let [token] = numbers.as_slice() else { return None };
    let doubtful = DOUBTFUL.is_match(clause) || is_undecided(text) || AMISS.is_match(behind) || text::turns(behind);
    single(token).filter(|_| !doubtful)
}

/// The only number of a last conclusion, where what comes after it is an aside: "Therefore, she makes $18 a day. Over a
/// week that would be $126."
pub(super) fn concluded(text: &str) -> Option<Number> {
    static CONCLUDES: LazyLock<Pattern> = LazyLock::new(|| {
        pattern(
            r"(?im)(?:^|[.!?]\s+)[\s*>-]*(?:so|therefore|thus|hence|altogether|in\s+total|in\s+all|in\s+conclusion|consequently|as\s+a\s+result|overall|finally)\b",
        )
    });
    static ENDS: LazyLock<Pattern> = LazyLock::new(|| pattern(r"[.!?]\s+(?:\p{Lu}|\()|\n"));
    static ASIDE: LazyLock<Pattern> = LazyLock::new(|| {
        pattern(
            r"(?i)\A[\s.!?*(>-]*(?:(?:to|let(?:'s|\s+us|\s+me)|we\s+can)\s+(?:double-?\s?)?(?:check|verify|confirm|see)|as\s+a\s+(?:sanity\s+)?check|check(?:ing)?\b|verif|note\b|remember|over\s+an?\b|for\s+(?:comparison|reference|context)|if\s|incidentally|by\s+the\s+way|in\s+other\s+words)",
        )
    });
    let found = CONCLUDES.find_iter(text).take(MOST).last()?;
    let rest = text.get(found.end()..)?;
    let end = ENDS.find(rest).map_or(rest.len(), |m| m.start());
    let (said, behind) = rest.split_at_checked(end)?;
    if behind.trim_matches(|c: char| !c.is_alphanumeric()).is_empty()
        || !ASIDE.is_match(behind)
        || AMISS.is_match(behind)
    {
        return None;
    }
    let numbers = prose_numbers(said);
    let number = numbers.first().and_then(single)?;
    numbers.iter().all(|other| single(other).as_ref() == Some(&number)).then_some(number)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_number_before_its_reason_counts() {
        let shown = |text: &str| before_its_reason(text).map(|number| number.shown());
        for (text, want) in [
            ("So Maria has 15 apples left after giving 9 of them to her 3 friends.", Some("15")),
            ("The temperature was -7 °C: it began at 4 °C and fell by 11 degrees.", Some("-7")),
            ("He had 40 after 3 days, so 44 in all.", None),
            ("There were 40 of them. He gave 4 away since 3 asked.", None),
            ("It is not 40 because 3 are missing.", None),
        ] {
            assert_eq!(shown(text).as_deref(), want, "{text}");
        }
    }
}
