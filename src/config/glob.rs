//! Patterns over names: `*` is any run of characters, `?` is any one.

/// Whether a whole name matches a pattern. Linear in the name for each `*` (no backtracking beyond the last one).
#[must_use]
pub fn matches(pattern: &str, name: &str) -> bool {
    let (mut p, mut n) = (pattern.chars(), name.chars());
    // Where to go on when what follows the last `*` does not fit: behind it, one more character of the name taken.
    let mut retry: Option<(std::str::Chars<'_>, std::str::Chars<'_>)> = None;
    loop {
        let (mut next_p, mut next_n) = (p.clone(), n.clone());
        match (next_p.next(), next_n.next()) {
            (Some('*'), _) => {
                retry = Some((next_p.clone(), n.clone()));
                p = next_p;
            }
            (None, None) => return true,
            (Some(wanted), Some(there)) if wanted == '?' || wanted == there => (p, n) = (next_p, next_n),
            _ => {
                let Some((behind, mut rest)) = retry.take() else { return false };
                if rest.next().is_none() {
                    return false;
                }
                (p, n) = (behind.clone(), rest.clone());
                retry = Some((behind, rest));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn stars_and_question_marks() {
        for (pattern, name, want) in [
            ("*", "", true),
            ("*", "gpt-4.1", true),
            ("gpt-*", "gpt-4.1", true),
            ("gpt-*", "xgpt-4", false),
            ("*-mini", "gpt-4.1-mini", true),
            ("*a*b", "aab", true),
            ("a?c", "abc", true),
            ("a?c", "ac", false),
            ("", "a", false),
            ("a**", "a", true),
        ] {
            assert_eq!(matches(pattern, name), want, "{pattern} {name}");
        }
    }

    /// The definition, without any cleverness.
    fn slow(p: &[char], n: &[char]) -> bool {
        match p.split_first() {
            None => n.is_empty(),
            Some(('*', rest)) => (0..=n.len()).any(|i| slow(rest, n.get(i..).unwrap_or_default())),
            Some((c, rest)) => n.split_first().is_some_and(|(d, tail)| (*c == '?' || c == d) && slow(rest, tail)),
        }
    }

    proptest! {
        #[test]
        fn agrees_with_the_definition(pattern in "[ab*?]{0,7}", name in "[ab]{0,8}") {
            let (p, n): (Vec<char>, Vec<char>) = (pattern.chars().collect(), name.chars().collect());
            prop_assert_eq!(matches(&pattern, &name), slow(&p, &n));
        }
    }
}
