//! Where a text breaks off in the middle of a sentence, though nothing says that a limit cut it; and line ends that are
//! written out.

use super::before;
use super::pattern::{Pattern, pattern};
use regex::Captures;
use std::borrow::Cow;
use std::sync::LazyLock;

/// Words that no sentence ends with.
static HANGING: LazyLock<Pattern> = LazyLock::new(|| {
    pattern(concat!(
        r"(?:[\w'-]+,?\s+){4}(?:the|an|of|by|that|to|and|or|which|for|with|because|from|as|than|if|when|while|whose|into|between|per|since|where|but|so|its|their|our|your|is|are|was|were|this\s+is|we|they|therefore|thus|who|whom|has|had|has\s+been|let\s+us|(?:look|looking|recall|consider|know|determine|find(?:\s+out)?)\s+(?:at|what|how|where|the))\z",
        r"|\p{Han}{4}[^\n。]{0,40}(?:因为|由于|以及|或者|并且|而且|但是|所以|因此|如果|其中|通过|根据|对于|关于|乘以|除以|加上|减去|等于|[和与及或将把被从于由向为是]|(?:故应?|本题(?:应|答案)?|因此应?|所以应?|综上(?:所述)?,?)选)\z",
    ))
});

/// Whether a text ends where no text ends: at a word that something must follow, or inside displayed mathematics.
#[must_use]
pub fn breaks_off(text: &str) -> bool {
    let text = text.trim_end();
    let end = before(text, text.len(), 120);
    let dollars = (text.matches("$$").count() % 2 == 1).then(|| text.rfind("$$")).flatten();
    let open = dollars.or_else(|| text.rfind("\\["));
    end.ends_with(char::is_alphabetic) && HANGING.is_match(end)
        || open.and_then(|at| text.get(at + 2..)).is_some_and(|rest| {
            let count = |c| rest.matches(c).count();
            !rest.contains("\\]")
                && (count('{') > count('}') || rest.ends_with(['=', '+', '-', '*', '/', '^', '_', '\\']))
        })
}

/// Whether a text of several sentences ends in the middle of the last one, before it comes to a figure: "…, and the second leg
/// takes", 又由椭圆的定义可知; or at a step that is only named.
#[must_use]
pub fn trails_off(text: &str) -> bool {
    static STEP: LazyLock<Pattern> =
        LazyLock::new(|| pattern(r"(?i)\A[\s*#>-]*(?:step\s+\d+|第\s?[一二三四五六七八九十\d]+步)[^\d]*\z"));
    static WISHES: LazyLock<Pattern> =
        LazyLock::new(|| pattern(r"(?i)\b(?:luck|thanks?|hope|help|welcome)\b|祝|谢|希望|加油"));
    let text = text.trim_end_matches(|c: char| c.is_whitespace() || c == '*');
    let line = text.rfind('\n').map_or(0, |at| at + 1);
    let last = text.get(line..).unwrap_or("");
    if line > 0 && STEP.is_match(last) {
        return true;
    }
    // A letter by itself may be a variable.
    if before(text, text.len(), 2).chars().filter(|c| c.is_alphabetic()).count() < 2 {
        return false;
    }
    let stop = |at: usize, c: char| match c {
        '。' | '！' | '？' | ';' | '；' => true,
        '.' | '!' | '?' => text.get(at + 1..).is_some_and(|rest| rest.starts_with(char::is_whitespace)),
        _ => false,
    };
    let Some((at, c)) = text.char_indices().rev().find(|(at, c)| stop(*at, *c)) else { return false };
    let sentence = text.get(at + c.len_utf8()..).unwrap_or("");
    let sentence = sentence.rsplit("\n\n").next().unwrap_or(sentence);
    let clause = sentence.rsplit([',', '，', '、', ':', '：', '=']).next().unwrap_or(sentence);
    let spelled = before(clause, clause.len(), 5).contains(|c| "二三四五六七八九十百千万零".contains(c));
    // A heading, or a line of a list, ends so.
    let begun =
        sentence.split_whitespace().count() > 3 || sentence.chars().filter(|c| u32::from(*c) > 0x2E80).count() > 5;
    begun
        && !spelled
        && !clause.contains(|c: char| c.is_ascii_digit())
        && !WISHES.is_match(sentence)
        && !sentence.trim_start().starts_with(['#', '*', '-', '|'])
}

/// Whether a text ends within a sentence of prose: it [`breaks_off`], a comma ends it, or its last line has sentences with
/// their stops before one without.
#[must_use]
pub fn stops_short(text: &str) -> bool {
    static AMONG: LazyLock<Pattern> =
        LazyLock::new(|| pattern(r"[\p{L}\d)][.!?]\s+\p{Lu}[^.!?。]*\z|[。!?][^。!?:]{6,}\z"));
    let text = text.trim_end();
    let line = before(text, text.len(), 400).rsplit('\n').next().unwrap_or("");
    text.len() > 40 && text.ends_with([',', '、'])
        || text.ends_with(char::is_alphabetic) && (breaks_off(text) || AMONG.is_match(line))
}

/// A text in which line ends are written out as `\n`, with line ends in their place. Only a text without any real one, and
/// with an empty line written so, is one; the commands of LaTeX that begin with an n stay.
#[must_use]
pub fn line_ends(text: &str) -> Cow<'_, str> {
    static WRITTEN: LazyLock<Pattern> = LazyLock::new(|| pattern(r"\\(?:n[A-Za-z]*|r\\n)"));
    if text.contains('\n') || !text.contains("\\n\\n") {
        return Cow::Borrowed(text);
    }
    let line = |found: &Captures<'_>| {
        let command = found.get(0).map_or("", |m| m.as_str());
        let name = command.trim_start_matches('\\');
        if COMMANDS.contains(&name) {
            return command.to_owned();
        }
        format!("\n{}", name.strip_prefix('n').unwrap_or(""))
    };
    Cow::Owned(WRITTEN.replace_all(text, line).into_owned())
}

/// Commands of LaTeX that begin with an n.
const COMMANDS: &[&str] = &[
    "nu",
    "ne",
    "neq",
    "nabla",
    "not",
    "notin",
    "ni",
    "neg",
    "newline",
    "nonumber",
    "natural",
    "nearrow",
    "nexists",
    "nmid",
    "nparallel",
    "nsubseteq",
    "nleq",
    "ngeq",
    "nless",
    "ngtr",
    "ncong",
    "nsim",
    "normalsize",
    "nolimits",
    "nobreak",
    "nwarrow",
    "newcommand",
    "nRightarrow",
    "nrightarrow",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn written_line_ends_are_line_ends() {
        for (text, want) in [
            (r"答案：A\n\n解析：略。", "答案：A\n\n解析：略。"),
            (r"Answer: B\n\nTherefore $x \neq 3$\nand \nabla f", "Answer: B\n\nTherefore $x \\neq 3$\nand \\nabla f"),
            (r"$x \neq 3$ and $\nu = 2$", r"$x \neq 3$ and $\nu = 2$"),
            ("print('a\\n\\nb')\nB", "print('a\\n\\nb')\nB"),
        ] {
            assert_eq!(line_ends(text), want);
        }
    }

    #[test]
    fn a_text_that_ends_before_it_comes_to_a_figure_is_told() {
        for (text, want) in [
            ("The first leg is 30 km. It takes 1 hour, and the second leg takes", true),
            ("It is red: 4.\n\n**Step 3:** Add", true),
            ("由勾股定理得到一式。又由椭圆的定义可知", true),
            ("The first leg is 30 km. So it takes 1 hour", false),
            ("It is 42. Good luck with your test", false),
            ("It takes 1 hour.", false),
            ("共有6种。所以一共12种", false),
        ] {
            assert_eq!(trails_off(text), want, "{text}");
        }
    }

    #[test]
    fn a_sentence_that_stops_in_the_middle_is_told() {
        for (text, want) in [
            ("which means that we have to multiply it by the", true),
            ("so the elasticity is\n\n$$E = \\frac{2}{3", true),
            ("so it is\n\n\\[ x =", true),
            ("so it is\n\n$$ x = 3", false),
            ("这说明该选项与题意不符，因为", true),
            ("Answer: B", false),
            ("$$x$$", false),
            ("\\[ x \\]", false),
            ("This is it", false),
            ("I would go with B", false),
            ("故选B", false),
        ] {
            assert_eq!(breaks_off(text), want, "{text}");
        }
    }
}
