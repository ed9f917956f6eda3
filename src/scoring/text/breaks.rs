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
        r"|\p{Han}{4}[^\n。]{0,40}(?:因为|由于|以及|或者|并且|而且|但是|所以|因此|如果|其中|通过|根据|对于|关于|乘以|除以|加上|减去|等于|[和与及或将把被从于由向为是])\z",
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
