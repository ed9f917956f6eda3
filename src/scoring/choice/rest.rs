//! What is left where a text rules options out and takes all others: 不选A，也不选D，其余两个都选.

use super::clauses::claims;
use super::cues::Stance;
use super::judged::judgements;
use super::options::Options;
use super::set::Set;
use crate::scoring::text::{Pattern, after, pattern};
use std::sync::LazyLock;

static OTHERS: LazyLock<Pattern> = LazyLock::new(|| {
    pattern(concat!(
        r"(?i)\b(?:the\s+)?(?:rest|(?:all\s+)?(?:the\s+)?others?|other\s+(?:one|two|three|four|options?|choices?|statements?|answers?)(?:\s+(?:options?|choices?|statements?|ones))?|remaining(?:\s+(?:one|two|three|four|options?|choices?|statements?|answers?|ones)){0,2}|everything\s+else|what(?:'s|\s+is)\s+left)\s+(?:(?:are|is|all|both|should|must|do|does|then|therefore|be|of\s+them)\s+)*(?:correct|right|true|valid|selected|chosen|hold|holds|apply|applies|work|works|the\s+(?:correct\s+|right\s+)?answers?)\b",
        r"|(?:其余|其他|其它|剩下|剩余|余下)的?(?:[一二两三四五六]?(?:个|项|者)|选项|几个|几项|各项|说法|全部|那[一二两三]?[个项])*(?:都|全|均|皆|就|便|才)*(?:应该?|要|可以?|能)?(?:选上|选|正确|对|是(?:正确|对)的?|是(?:正确)?答案|符合(?:题意)?|成立|当选|入选|是(?:[。,;!\s]|\z))",
    ))
});
/// What makes no statement of it.
static UNLESS: LazyLock<Pattern> =
    LazyLock::new(|| pattern(r"(?i)\A\s*(?:\?|吗|only\s+if\b|if\b|or\b|incorrect|不|错)"));
static SUPPOSED: LazyLock<Pattern> =
    LazyLock::new(|| pattern(r"(?i)\b(?:if|whether|not\s+all|unless)\b|如果|若|是否|假[如设]"));

/// The options that a text leaves where it rules the others out and says that those left are right; none where it says no
/// such thing, or anything else of an option.
#[must_use]
pub fn rest(text: &str, options: &Options) -> Option<Set> {
    if !options.are_known() {
        return None;
    }
    let found = OTHERS.find_iter(text).last()?;
    let (head, tail) = (text.get(..found.start())?, text.get(found.end()..)?);
    let sentence = head.rsplit(['。', '\n', ';']).next().unwrap_or(head);
    if UNLESS.is_match(after(tail, 0, 12)) || SUPPOSED.is_match(sentence) {
        return None;
    }
    let said = claims(head, options);
    let judged = judgements(head, options);
    let claimed = |wanted: bool| {
        said.all
            .iter()
            .filter(|c| matches!(c.stance, Stance::Wrong | Stance::Odd) == wanted)
            .fold(Set::default(), |all, c| all.or(c.set))
            .or(Set::of(judged.iter().filter(|j| j.right != wanted).map(|j| j.index)))
    };
    let (out, kept) = (claimed(true), claimed(false));
    let left = Set::of(0..options.count()).without(out);
    let all_said = said.mentioned.without(out).is_empty() && kept.is_empty();
    let later = claims(tail, options).mentioned;
    (all_said && !out.is_empty() && !left.is_empty() && later.without(left).is_empty()).then_some(left)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scoring::choice::name_of;
    use crate::scoring::tests::item;

    #[test]
    fn what_is_not_ruled_out_is_left() {
        let options = Options::of(&item(&[], &["铁", "铜", "铝", "硫"]));
        for (text, want) in [
            ("不选A,也不选D,其余两个都选。", Some("BC")),
            ("A and D are wrong; the other two are correct.", Some("BC")),
            ("排除B,剩下的都对。", Some("ACD")),
            ("A is right, and the other two are correct.", None),
            ("其余两个都选。", None),
            ("如果A错,其余都对。", None),
        ] {
            let names = rest(text, &options).map(|set| set.iter().map(name_of).collect::<String>());
            assert_eq!(names.as_deref(), want, "{text}");
        }
    }
}
