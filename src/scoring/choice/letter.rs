//! Reads which option a statement names at its beginning: a letter that stands for an option, or an option's own words.

use super::options::{Options, index_of, is_cjk};
use crate::scoring::text::{Pattern, pattern};
use std::sync::LazyLock;

/// What a statement comes to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reading {
    /// One option, by its index from 0.
    Said(usize),
    /// Several options, or a letter beside another option's words.
    Several,
    /// Nothing that names an option.
    Nothing,
}

/// Words between an announcement and the letter.
static LEAD_IN: LazyLock<Pattern> = LazyLock::new(|| {
    pattern(
        r#"(?i)\A(?:[\s\u{2009}"'“”‘’「『(\[【《{<:：=>→,✅✓✔☑👉➡⭐🎯\x{FE0F}-]|\b(?:option|choice|letter|answer|either|both|clearly|definitely|definitively|certainly|likely|probably|most|simply|therefore|thus|indeed|actually|still|obviously|only|correct|the|is|(?-i:[Bb]e)|as\s+follows)\b|100\s?%|正确|选项|选择|选|项|应|为|是|第)*"#,
    )
});
/// What may follow a letter that is followed by a word.
static CONNECTIVE: LazyLock<Pattern> = LazyLock::new(|| {
    pattern(
        r"(?i)\A[\s\u{2009}]+(?:because|since|as|and|or|but|not|rather|instead|which|for|due|is|was|are|with|option|choice|only|based|given|would|if|here|i\.e|it\s+is)\b",
    )
});
static AFTER_I: LazyLock<Pattern> =
    LazyLock::new(|| pattern(r"(?i)\A[\s\u{2009}]+(?:because|since|and|or|but|not|rather|is)\b"));
static BECAUSE: LazyLock<Pattern> = LazyLock::new(|| pattern(r"(?i)\A[\s\u{2009}]+(?:because|since)\b"));
/// A second letter asserted with the first.
static ALSO: LazyLock<Pattern> = LazyLock::new(|| {
    pattern(
        r#"(?i)\A[\s)\]】"'}]*(?:,|/|&|\+|、|-|~|\band\b|\bor\b|与|和|或|及|以及|还是|as\s+well\s+as)+\s*(?:also\s+|both\s+|perhaps\s+|maybe\s+)?(?:option\s+|choice\s+|选项?)?[(\["'【]?(?-i:([A-J])|\(([a-j])\))(?:\z|[^A-Za-z0-9'])"#,
    )
});
/// The first letter is denied and another one named instead.
static DENIED: LazyLock<Pattern> = LazyLock::new(|| {
    pattern(
        r"(?i)\A[\s,:]*(?:(?:正确)?(?:答案|选项))?(?:(?:is|are|was|it's|definitely|certainly|clearly)\s+)*(?:not\b|isn't\b|neither\b|never\b|不是|并非|不选|非)",
    )
});
static INSTEAD: LazyLock<Pattern> = LazyLock::new(|| {
    pattern(
        r"(?i)(?:\bbut(?:\s+rather)?|\brather\b|\bit(?:'s|\s+is)|\binstead\b|而是|应该是|应是|而应选|而选|,\s*是)[\s,:]*",
    )
});
static REASON: LazyLock<Pattern> = LazyLock::new(|| {
    pattern(
        r"(?i)\s*(?:[.;。!\n]|,\s|,(?:不|而|因|并)|\s-+\s|\s*—|</|\bbecause\b|\bsince\b|\bas\b|\bwhich\b|\bfor\b|因为|由于|\()",
    )
});

/// A statement of one option that is taken back at once, up to the next one.
static TAKEN_BACK: LazyLock<Pattern> = LazyLock::new(|| {
    pattern(concat!(
        r"(?i)\A[\s(\[]*(?:option\s+|选项?)?[A-J][)\]]*\s*[.,;:!?。…-]+\s*(?:(?:no|wait|hmm+|oops|sorry|correction|actually|i\s+mean|oh)\b[\s,.:;!…-]*)+(?:(?:it's|it\s+is|that's|rather|make\s+that|it\s+should\s+be|should\s+be|i\s+mean)\b[\s,:]*)*",
        r"|\A[\s(\[]*选?项?[A-J][)\]]*\s*[.,;:!?。…]+\s*(?:(?:哦不|哦|啊|不对|不[,.。!…]|等等|错了|更正|说错了)[\s,.:;!。…]*)+(?:应该?是|应为|是|应?选)?\s*",
    ))
});

/// Reads the option that a statement (one line or less) names at its beginning.
pub fn read(body: &str, options: &Options) -> Reading {
    // "A… wait, no, B": what comes after it counts, where it names an option.
    if let Some(found) = TAKEN_BACK.find(body) {
        match named(body.get(found.end()..).unwrap_or(""), options) {
            Reading::Nothing => {}
            reading => return reading,
        }
    }
    if DENIED.is_match(body) {
        // "not A but B" names B; without the other half it names nothing.
        return match INSTEAD.find(body) {
            Some(found) => named(body.get(found.end()..).unwrap_or(""), options),
            None => Reading::Nothing,
        };
    }
    named(body, options)
}

fn named(body: &str, options: &Options) -> Reading {
    let whole = body.split("</").next().unwrap_or(body).trim();
    // An option of several words can begin with what looks like a letter: B cells, A dog.
    let mut spoken = whole.chars().filter(|c| c.is_alphanumeric());
    let sole_letter = spoken.next().is_some_and(|c| index_of(c).is_some()) && spoken.next().is_none();
    if !sole_letter && let Some(reading) = by_words(whole, options) {
        return reading;
    }
    let lead = LEAD_IN.find(whole).map_or("", |m| m.as_str());
    let Some(start) = whole.get(lead.len()..) else { return Reading::Nothing };
    if let Some(index) = by_place(start, options) {
        return Reading::Said(index);
    }
    let wrapped = lead.ends_with(['(', '[', '【', '《', '{', '<', '"', '\'']);
    letter(start, wrapped, options)
}

/// The option that a statement names by its place: 第二项, "the second option".
fn by_place(start: &str, options: &Options) -> Option<usize> {
    static PLACE: LazyLock<Pattern> = LazyLock::new(|| {
        pattern(
            r"(?i)\A第?(?:(?P<n>[一二三四五六1-6])个?(?:选项|项)|(?P<en>first|second|third|fourth|fifth|last)\s+(?:option|choice|one|answer|statement)\b)\s*(?:[。.,;!)]|\z|because\b|since\b|is\s+(?:correct|right)\b|正确|符合)",
        )
    });
    let found = PLACE.captures(start).filter(|_| options.are_known())?;
    let place = |name: &str, all: &[&str]| {
        let word = found.name(name)?.as_str().to_lowercase();
        all.iter().position(|other| *other == word)
    };
    let index = place("n", &["一", "二", "三", "四", "五", "六"])
        .or_else(|| place("n", &["1", "2", "3", "4", "5", "6"]))
        .or_else(|| place("en", &["first", "second", "third", "fourth", "fifth"]))
        .or_else(|| place("en", &["last"]).map(|_| options.count().saturating_sub(1)))?;
    (index < options.count()).then_some(index)
}

/// The option whose words a statement gives: all of it, or up to where it gives its reason. With another option's letter
/// in brackets behind them it gives two.
fn by_words(text: &str, options: &Options) -> Option<Reading> {
    let lead = LEAD_IN.find(text).map_or(0, |m| m.end());
    // "It cannot be determined" beside the option "Cannot be determined".
    let without = IT.find(text).and_then(|m| text.get(m.end()..));
    let candidates = [Some(text), text.get(lead..), without];
    candidates.into_iter().flatten().find_map(|text| {
        let cuts = REASON.find_iter(text).take(8).map(|m| m.start()).chain([text.len()]);
        let mut cuts: Vec<usize> = cuts.collect();
        // The longest fit first: an option may itself hold a comma or a full stop.
        cuts.reverse();
        cuts.into_iter().find_map(|cut| {
            let index = options.by_text(text.get(..cut)?)?;
            let (head, rest) = text.split_at_checked(cut)?;
            // "chloroplast. (B) is where …": a sentence of its own on another option.
            let apart = head.ends_with(['.', '。', '!']) && NEXT.is_match(rest);
            let other = IN_BRACKETS.captures(rest).filter(|_| !apart).and_then(|found| found.get(1));
            let other = other.and_then(|m| m.as_str().chars().next()).and_then(index_of);
            Some(if other.is_none_or(|other| other == index) { Reading::Said(index) } else { Reading::Several })
        })
    })
}

static IT: LazyLock<Pattern> = LazyLock::new(|| pattern(r"(?i)\A(?:it|this|that)\s+"));
/// The letter that is given with an option's words.
static IN_BRACKETS: LazyLock<Pattern> =
    LazyLock::new(|| pattern(r"\A\s*[(\[](?:[Oo]ption\s+|[Cc]hoice\s+|选项)?([A-J])(?:选?项)?[)\]]"));
/// A sentence that begins with an option's label.
static NEXT: LazyLock<Pattern> =
    LazyLock::new(|| pattern(r"\A\s*[(\[](?:[Oo]ption\s+|选项)?[A-J](?:选?项)?[)\]]\s*(?:[a-z]|\p{Han})"));
/// An option, and a sentence on what another one is: "A) chloroplast. (B) is where …".
static TELLS: LazyLock<Pattern> = LazyLock::new(|| {
    pattern(r"\A[A-J][)\].:]?[^.。\n]{0,80}[.。]\s*[(\[][A-J][)\]]\s*(?:is|are|was|were|has|have|[a-z]{3,}s)\b")
});
/// A sentence behind a letter that tells of another option what it is for: B。输血(A)适用于….
static DESCRIBES: LazyLock<Pattern> =
    LazyLock::new(|| pattern(r"\A\s*。\s*[^。,;(]{1,30}\([A-J]\)\s*(?:[a-z]|\p{Han})"));
/// A condition on the first of two options.
static CONDITIONAL: LazyLock<Pattern> = LazyLock::new(|| {
    pattern(r"\A[\s,]*(?:if|when|unless|in\s+case)\b.*(?-u:\b)[A-J](?-u:\b)[\s,]*(?:if|when|otherwise|else)\b")
});
/// A label in a list of options.
static LISTED: LazyLock<Pattern> = LazyLock::new(|| pattern(r"(?:\A|[\s,;。])[(\[]?([A-J])[)\].、:]"));

/// Whether a text lists the options from the first one on.
fn lists_options(text: &str, options: &Options) -> bool {
    let listed =
        LISTED.captures_iter(text).filter_map(|found| found.get(1)?.as_str().chars().next().and_then(index_of));
    let run = listed.enumerate().take_while(|(place, index)| place == index).count();
    run >= 3.min(options.count())
}

/// Reads a letter at the beginning of a text.
fn letter(text: &str, wrapped: bool, options: &Options) -> Reading {
    let mut chars = text.chars();
    let Some(c) = chars.next() else { return Reading::Nothing };
    let Some(index) = index_of(c) else { return Reading::Nothing };
    let rest = chars.as_str();
    let next = rest.chars().next();
    // AB, ABD: several letters run together; longer or other words are words.
    let run = text.chars().take_while(char::is_ascii_alphanumeric).count();
    if run > 1 {
        let several = run <= 5 && text.chars().take(run).all(|c| c.is_ascii_uppercase() && index_of(c).is_some());
        return if several { Reading::Several } else { Reading::Nothing };
    }
    let joined = match next {
        Some('\'') => rest.get(1..).is_some_and(|r| r.starts_with(|c: char| c.is_alphabetic())),
        Some('-' | '_' | '^' | '=' | '*' | '/' | '\\' | '{') => {
            rest.get(1..).is_some_and(|r| r.starts_with(|c: char| c.is_alphanumeric()) && !ALSO.is_match(rest))
        }
        // C++, C#.
        Some('+' | '#') => !ALSO.is_match(rest),
        Some('?') => true,
        _ if rest.trim_start().starts_with('=') => true,
        _ => false,
    };
    if joined {
        return Reading::Nothing;
    }
    // "B, I think": no option.
    let also = ALSO.captures(rest).filter(|found| {
        let end = found.get(0).map_or(0, |m| m.end());
        let pronoun = found.get(1).is_some_and(|m| m.as_str() == "I");
        !(pronoun && rest.get(end..).is_some_and(|r| r.starts_with(|c: char| c.is_ascii_lowercase())))
    });
    if let Some(found) = also {
        let other = found.get(1).or_else(|| found.get(2)).and_then(|m| m.as_str().chars().next()).and_then(index_of);
        return if other == Some(index) { Reading::Said(index) } else { Reading::Several };
    }
    let word_follows = next.is_some_and(char::is_whitespace)
        && rest.trim_start().starts_with(|c: char| c.is_alphanumeric() && !is_cjk(c))
        && !rest.trim_start_matches([' ', '\t', '\u{2009}']).starts_with('\n');
    if CONDITIONAL.is_match(rest) || lists_options(text, options) && !TELLS.is_match(text) {
        return Reading::Several;
    }
    let reasoned = BECAUSE.is_match(rest);
    // 选b吧, 选c项.
    let spoken = next.is_some_and(|next| "。、吧项哈呀啊哦啦呢嘛".contains(next));
    if c.is_ascii_lowercase() && !wrapped && !reasoned && (word_follows || !spoken && next.is_some_and(is_cjk)) {
        return Reading::Nothing;
    }
    // "I would say": the pronoun takes most of the words that may follow a letter.
    let connective = if c == 'I' { &AFTER_I } else { &CONNECTIVE };
    if word_follows && !wrapped && !connective.is_match(rest) && !options.begins(rest, index) {
        // "A dog", "I think", "B cells": the letter is part of what follows.
        return Reading::Nothing;
    }
    if DESCRIBES.is_match(rest) {
        return Reading::Said(index);
    }
    // A letter beside the words of another option says two things.
    let beside = rest.trim_start_matches(|c: char| c.is_whitespace() || ")].:、,】\"'-".contains(c));
    match by_words(beside, options) {
        Some(other) if other != Reading::Said(index) => Reading::Several,
        _ => Reading::Said(index),
    }
}
