//! What is read where nothing else of a text says which options it means: its last words ("… -> C", "the one that is no
//! mammal is D"), a sentence that states one option by its words and names no letter, and for several options the one
//! sentence that says which they are ("the risk factors are options A, C and E", "the remaining three — A, C, D — are").
//!
//! Two sets said of two kinds ("the odd ones are B and D; the even ones are A and C") are none.

use super::clauses::{is_question, sentences};
use super::cues;
use super::mentions::{Mention, mentions};
use super::options::{Options, index_of};
use super::set::Set;
use crate::scoring::similar;
use crate::scoring::text::{Pattern, is_undecided, pattern};
use std::sync::LazyLock;

/// The longest text that is read so, in bytes: what goes on for longer says its answer otherwise.
const LONGEST: usize = 4096;

/// What makes a sentence one on what is not meant.
static NOT_IT: LazyLock<Pattern> = LazyLock::new(|| {
    pattern(concat!(
        r"(?i)\b(?:not|no|never|none|neither|incorrect|wrong|false|untrue|except|exclud\w*|eliminat\w*|rul\w+\s+out|reject\w*|least|consider|discuss\w*|available|between|look|analy[sz]e|evaluate|examine|compare|candidates?|given|question|asks?|might|may|could|possibl[ey]|perhaps|if|distractors?|traps?|tempt\w*|first|initially|non|unsure|uncertain|doubt\w*|guess\w*)\b|n't\b",
        r"|不|非|没|错|误|排除|分析|逐[一项个]|考虑|比较|可能|如果|若|干扰|题目|有人|同学|起初|一开始|拿不准|确定|迷惑",
    ))
});
/// Ends where the letter of the answer follows.
static LAST: LazyLock<Pattern> = LazyLock::new(|| {
    pattern(concat!(
        r"(?i)(?:(?P<arrow>->|→|=>|⇒|⟶)\s*(?:option\s+|choice\s+|选项?)?",
        r"|\bthe\s+(?:only\s+)?(?:one|option|choice|statement|answer|word|item|exception|odd\s+one(?:\s+out)?)\s+(?:that|which|who|whose|with|to|without|left)\b[^.;!?\n]{0,80}?\bis\s+(?:option\s+|choice\s+)?",
        r"|\bletter(?:\s+is|\s*:)\s*)",
        r"\(?(?-i:(?P<letter>[A-J]))\)?(?P<then>[\s.!。)*]*\z|\s*—)",
    ))
});
static ARROW: LazyLock<Pattern> =
    LazyLock::new(|| pattern(r"(?i)(?:->|→|=>|⇒|⟶)\s*(?:option\s+|choice\s+|选项?)?\(?(?-i:([A-J]))\b"));

/// The one option that a text's last words name, or that it states by its words alone.
pub fn late_one(text: &str, cut: bool, options: &Options) -> Option<usize> {
    let text = text.trim();
    if cut || text.len() > LONGEST || cues::pleads(text) || is_undecided(text) {
        return None;
    }
    last_letter(text)
        .filter(|index| *index < options.count())
        .or_else(|| only_one(text, options))
        .or_else(|| below_question(text, options))
        .or_else(|| by_words(text, options))
        .or_else(|| predicate(text, options))
}

fn last_letter(text: &str) -> Option<usize> {
    let found = LAST.captures_iter(text).last()?;
    let index = index_of(found.name("letter")?.as_str().chars().next()?)?;
    // "Oxygen -> A, carbon -> B" matches things with each other.
    let mut arrows = ARROW.captures_iter(text).filter_map(|c| index_of(c.get(1)?.as_str().chars().next()?));
    let sole = found.name("arrow").is_none() || arrows.all(|other| other == index);
    let line = text.get(..found.get(0)?.start())?.rsplit(['\n', '.', ';']).next()?;
    (sole && !NOT_IT.is_match(line)).then_some(index)
}

/// "A makes ATP, C stores DNA, and only B makes proteins.": the one of which alone the last clause says something.
fn only_one(text: &str, options: &Options) -> Option<usize> {
    static ONLY: LazyLock<Pattern> = LazyLock::new(|| {
        pattern(
            r"(?:(?i:\bonly)\s+(?:[Oo]ption\s+|[Cc]hoice\s+|[Ss]tatement\s+)?|只有|唯有|仅有?)(?:选项)?\(?(?P<letter>[A-J])\)?\s?(?:选?项)?(?P<says>(?:\s[a-z]|\p{Han})[^,.;:。?!\n]{1,60})[.。!]?\s*\z",
        )
    });
    let found = ONLY.captures(text)?;
    let (whole, says) = (found.get(0)?, found.name("says")?.as_str());
    let index = index_of(found.name("letter")?.as_str().chars().next()?).filter(|index| *index < options.count())?;
    let head = text.get(..whole.start())?;
    let clause = head.rsplit([',', '.', ';', '。', '\n']).next().unwrap_or(head);
    let others = mentions(head, options).iter().all(|m| !m.set.iter().any(|i| i == index));
    (others && !NOT_IT.is_match(says) && !NOT_IT.is_match(clause) && !cues::supposes(clause)).then_some(index)
}

/// A last line that is only an option, under the question that it answers; or the whole text, such as A——长江.
fn below_question(text: &str, options: &Options) -> Option<usize> {
    static ENTRY: LazyLock<Pattern> =
        LazyLock::new(|| pattern(r"\A[\s*>]*\(?(?P<letter>[A-J])(?:[).:]|\s*[—-]+)\s*(?P<words>\S.*?)[\s*.。]*\z"));
    let (head, line) = text.rsplit_once('\n').unwrap_or(("", text));
    let asked = head.lines().all(|line| line.trim().is_empty() || line.trim_end().ends_with('?'));
    let found = ENTRY.captures(line)?;
    let index = index_of(found.name("letter")?.as_str().chars().next()?)?;
    (asked && options.by_text(found.name("words")?.as_str()) == Some(index)).then_some(index)
}

/// "The demand decreases when the price rises.": what happens, where the options say what may happen.
fn predicate(text: &str, options: &Options) -> Option<usize> {
    static HAPPENS: LazyLock<Pattern> = LazyLock::new(|| {
        pattern(concat!(
            r"(?i)\A(?:it\s+)?(?:increases?|decreases?|rises?|falls?|stays?|remains?|doubles?|halves|changes?|becomes?|expands?|contracts?|shifts?|moves?|slows?|speeds?|grows?|shrinks?|melts?|boils?|freezes?|floats?|sinks?|drops?|accelerates|decelerates|quadruples|triples)\b",
            r"|\A(?:增大|减小|变大|变小|不变|保持不变|升高|降低|增加|减少|上升|下降|上浮|下沉|变长|变短|变快|变慢|变亮|变暗)\z",
        ))
    });
    static BEHIND: LazyLock<Pattern> = LazyLock::new(|| {
        pattern(r"(?i)\A\s*(?:[.!。]*\s*\z|(?:when|as|because|since|whenever|by|with)\b[^.;!?]*[.!]?\s*\z)")
    });
    let verbs = (0..options.count()).filter(|index| HAPPENS.is_match(options.words(*index))).count();
    let all = mentions(text, options);
    let [mention] = all.as_slice() else { return None };
    let one = mention.set.iter().next().filter(|_| mention.set.len() == 1 && !mention.lettered)?;
    let (head, tail) = (text.get(..mention.span.start)?, text.get(mention.span.end..)?);
    // 逐渐增大 is not 增大.
    let alone = ["逐渐", "先", "再", "后", "一直", "不断", "缓慢", "略", "稍"]
        .iter()
        .all(|word| !head.trim_end().ends_with(word));
    let plain = alone && head.len() < 160 && !head.contains(['.', '。', ';', '?', '!', '\n', ':', '"']);
    let states = plain && head.contains(char::is_alphabetic) && BEHIND.is_match(tail) && !NOT_IT.is_match(head);
    (options.are_known() && verbs > 1 && HAPPENS.is_match(options.words(one)) && states).then_some(one)
}

/// "It's the outer core — the inner core is solid": what the text states, where it is one option's words.
fn by_words(text: &str, options: &Options) -> Option<usize> {
    let all = mentions(text, options);
    if !options.are_known() || all.iter().any(|m| m.lettered) {
        return None;
    }
    let first = all.first().filter(|m| m.set.len() == 1 && !m.open && !m.figure)?;
    let named: Set = all.iter().fold(Set::default(), |all, m| all.or(m.set));
    let mut stated = named.iter().filter(|index| similar::states(text, options.words(*index)));
    let index = stated.next()?;
    // An option that is named before another one is the one that is spoken of.
    (stated.next().is_none() && first.set.iter().eq([index]) && is_wordy(options.words(index))).then_some(index)
}

/// Whether an option is more than a figure or a sign, which a sentence may hold for any reason.
fn is_wordy(words: &str) -> bool {
    let letters = words.chars().filter(|c| c.is_alphabetic());
    !words.contains(|c: char| c.is_ascii_digit()) && letters.map(char::len_utf8).sum::<usize>() > 3
}

/// The set of options that the one sentence which says it names.
pub fn late_set(text: &str, options: &Options) -> Option<Set> {
    static ARE: LazyLock<Pattern> = LazyLock::new(|| {
        pattern(concat!(
            r#"(?i)\b(?:are|include|includes|remain|(?:set|combination|pair)\s+is)\s+(?:(?:all|both|just|only|the)\s+)?(?:options?|statements?|choices?|answers?|letters?|numbers?)?\s*:?\s*[{("'*]*\z"#,
            r"|(?:的(?:一?共?有|是|为|包括)|分别[是为]|包括|属于[^,。;]{1,12}的[是有])\s*:?\s*(?:选项)?\s*\z",
        ))
    });
    static ENDS: LazyLock<Pattern> =
        LazyLock::new(|| pattern(r#"\A[)}\]"'*]*\s*(?:[.;。!,(—-]|选?项|三[者项]|两[者项]|\z)"#));
    static REST: LazyLock<Pattern> = LazyLock::new(|| {
        pattern(
            r"(?i)(?:\b(?:remaining|rest|others?|left)\b[^.;!?]{0,24}|(?:其余|剩下|剩余|余下)[^。;]{0,8})[—,:(-]\s*\z",
        )
    });
    static THEY: LazyLock<Pattern> = LazyLock::new(|| {
        pattern(r"(?i)\A\s*[—,):-]*\s*(?:\b(?:are|fit|work|qualify|satisfy|remain)\b(?:\s+all)?|(?:都|均|全|皆))")
    });
    if text.len() > LONGEST || cues::pleads(text) || is_undecided(text) {
        return None;
    }
    let all = mentions(text, options);
    let mut found: Option<Set> = None;
    for range in sentences(text, &all) {
        let sentence = text.get(range.clone())?;
        for mention in all.iter().filter(|m| range.contains(&m.span.start) && m.set.len() > 1 && m.lettered && !m.open)
        {
            let (head, tail) = (text.get(range.start..mention.span.start)?, text.get(mention.span.end..range.end)?);
            let rest = REST.is_match(head) && THEY.is_match(tail) && !NOT_IT.is_match(tail);
            if options.are_known() && mention.set.len() as usize == options.count() {
                continue;
            }
            let grouped = rest || ARE.is_match(head) && ENDS.is_match(tail);
            if grouped && !is_question(sentence) {
                // Two groups, or one of what is not so.
                if found.is_some_and(|other| other != mention.set) || !rest && NOT_IT.is_match(clause(head)) {
                    return None;
                }
                found = Some(mention.set);
            }
        }
    }
    let found = found.or_else(|| in_one_sentence(text, &all)).or_else(|| listed_words(text, options));
    found
        .or_else(|| in_pairs(text, options))
        .or_else(|| against_others(text, &all, options))
        .or_else(|| spoken_of(text, &all, options))
        .or_else(|| against_rest(text))
        .or_else(|| only_one(text, options).map(|index| Set::of([index])))
}

/// "Dogs (A) and whales (C) are mammals.": letters in brackets behind what they stand for, in a text of one sentence.
fn in_one_sentence(text: &str, all: &[Mention]) -> Option<Set> {
    static BRACKETED: LazyLock<Pattern> =
        LazyLock::new(|| pattern(r"[\p{L}\p{N}\x22'*]\s?\((?:[Oo]ptions?\s+|选项)?([A-J])(?:选?项)?\)"));
    static SAYS: LazyLock<Pattern> = LazyLock::new(|| pattern(r"(?i)\b(?:are|include)\b|[是有]|属于|包括"));
    let text = text.trim().trim_end_matches(['.', '。', '!']);
    let one = !text.contains(['\n', '。', ';', '?', '!', ':']) && !text.contains(". ");
    let set = Set::of(BRACKETED.captures_iter(text).filter_map(|c| index_of(c.get(1)?.as_str().chars().next()?)));
    let lettered = all.iter().filter(|m| m.lettered).fold(Set::default(), |all, m| all.or(m.set));
    let contrasts = text.contains("while") || text.contains("whereas") || text.contains('而');
    (one && set.len() > 1 && set == lettered && SAYS.is_match(text) && !NOT_IT.is_match(text) && !contrasts)
        .then_some(set)
}

/// 属于哺乳动物的有狗和鲸。: options' words in a row, at the end of a text of one clause.
fn listed_words(text: &str, options: &Options) -> Option<Set> {
    static LIST: LazyLock<Pattern> = LazyLock::new(|| {
        pattern(
            r"\A(?P<head>[^,。;:?!\n]{1,40})(?:的?(?:一?共?有|包括)|的?是|分别[是为])(?P<all>[^。;:?!\n]{1,80}?)[。!]?\s*\z",
        )
    });
    if !options.are_known() {
        return None;
    }
    let found = LIST.captures(text.trim())?;
    let all = found.name("all")?.as_str();
    let words: Vec<&str> =
        all.split(['、', ',', '和', '与', '及']).map(str::trim).filter(|word| !word.is_empty()).collect();
    let named: Option<Vec<usize>> = words.iter().map(|word| options.by_text(word)).collect();
    let set = Set::of(named?);
    (set.len() > 1 && set.len() as usize == words.len() && !NOT_IT.is_match(text)).then_some(set)
}

/// "The irrational numbers are B) π and C) √2": letters, each with words of its own, at the end of the text.
fn in_pairs(text: &str, options: &Options) -> Option<Set> {
    static PAIRS: LazyLock<Pattern> = LazyLock::new(|| {
        pattern(
            r"(?i)(?P<head>[^.;!?\n]*)\b(?:are|include)\s*:?\s+(?-i:(?P<all>\(?[A-J]\)\s[^;:?()\n]{1,40}?(?:(?:,\s*(?:and\s+)?|\s+and\s+)\(?[A-J]\)\s[^;:?()\n]{1,40}?)+))[.!]?\s*\z",
        )
    });
    static LETTER: LazyLock<Pattern> = LazyLock::new(|| pattern(r"\b([A-J])\)"));
    let found = PAIRS.captures(text)?;
    let all = found.name("all")?.as_str();
    let set = Set::of(LETTER.captures_iter(all).filter_map(|c| index_of(c.get(1)?.as_str().chars().next()?)));
    let fits = set.iter().all(|index| index < options.count());
    (fits && !NOT_IT.is_match(found.name("head")?.as_str()) && !NOT_IT.is_match(all)).then_some(set)
}

/// "GET (A), PUT (C) and DELETE (D) are HTTP methods; PULL (B) is not.": the options of which it is said, where it is denied
/// of all others.
fn against_others(text: &str, all: &[Mention], options: &Options) -> Option<Set> {
    static PART: LazyLock<Pattern> =
        LazyLock::new(|| pattern(r"(?i);|,\s*(?:but|while|whereas)\b|\bwhile\b|\bwhereas\b|,\s*(?:而|但)|[,。]"));
    static ARE_NOT: LazyLock<Pattern> = LazyLock::new(|| {
        pattern(r"(?i)\b(?:is|are|does|do)(?:n't|\s+not)[\s.!]*\z|(?:不是|则?不属于|不符合|并非)[^,。;]{0,8}[\s。!]*\z")
    });
    static ARE: LazyLock<Pattern> = LazyLock::new(|| pattern(r"(?i)\b(?:are|is|belong|have|do)\b|是|属于|符合|为"));
    let text = text.trim();
    let lettered = |from: usize, to: usize| {
        all.iter()
            .filter(|m| m.lettered && (from..to).contains(&m.span.start))
            .fold(Set::default(), |all, m| all.or(m.set))
    };
    let parts: Vec<usize> = PART.find_iter(text).map(|m| m.start()).collect();
    parts.into_iter().rev().find_map(|at| {
        let (head, tail) = (text.get(..at)?, text.get(at..)?);
        let (said, denied) = (lettered(0, at), lettered(at, text.len()));
        let covers = options.are_known() && said.or(denied).len() as usize == options.count();
        let apart = said.len() > 1 && !denied.is_empty() && said.and(denied).is_empty() && covers;
        (apart && ARE_NOT.is_match(tail) && ARE.is_match(head) && !NOT_IT.is_match(head)).then_some(said)
    })
}

/// A、C、E都是金属: the options that a text of one sentence speaks of together, or that it sets against all
/// others that it names.
fn spoken_of(text: &str, all: &[Mention], options: &Options) -> Option<Set> {
    static ARE: LazyLock<Pattern> =
        LazyLock::new(|| pattern(r"\A[\s)]*(?:[两二三四五][者项个种])?(?:都|均|皆|全)(?:是|为|属于|能|可|有|会)"));
    static DENIES: LazyLock<Pattern> = LazyLock::new(|| {
        pattern(
            r"(?i)\A[\s)]*(?:(?:is|are|does|do|can|was|were)(?:n't|\s+not)|cannot|can't)\b|\A选?项?[都均皆]?(?:不是|不属于|不能|不会|并非|没有)",
        )
    });
    let (first, others) = all.split_first()?;
    let leads = text.get(..first.span.start)?.trim_matches(['*', ' ', '(', '"']).is_empty();
    let tail = text.get(first.span.end..)?;
    let clause = tail.split([',', '.', ';', '。', '\n']).next()?;
    let apart = others
        .iter()
        .all(|m| m.set.and(first.set).is_empty() && text.get(m.span.end..).is_some_and(|rest| DENIES.is_match(rest)));
    let sole = text.trim().trim_end_matches(['.', '。', '!']);
    let one =
        !sole.contains(['\n', '?', '!', ':']) && sole.matches(['。', ';']).count() + sole.matches(". ").count() < 2;
    let some = first.set.len() > 1 && options.are_known() && (first.set.len() as usize) < options.count();
    let said = leads && some && first.lettered && !first.open && ARE.is_match(tail) && !NOT_IT.is_match(clause);
    (said && one && apart && !OPTIONS.is_match(clause) && !THE_REST.is_match(tail)).then_some(first.set)
}

static OPTIONS: LazyLock<Pattern> =
    LazyLock::new(|| pattern(r"(?i)\b(?:options|choices|answers|letters)\b|选项|备选|干扰"));
/// What is not among those that are named.
static THE_REST: LazyLock<Pattern> =
    LazyLock::new(|| pattern(r"(?i)\b(?:rest|others?|remaining|else)\b|其[他它余]|剩|余下|另"));

/// "Mammals: A, D. Others: B, C.": what is set apart from the rest.
fn against_rest(text: &str) -> Option<Set> {
    static GROUPS: LazyLock<Pattern> = LazyLock::new(|| {
        pattern(
            r"(?i)\A[^:\n]{2,60}:\s*(?-i:(?P<set>[A-J](?:(?:\s*[,、]\s*|\s+and\s+|和)[A-J])*))\s*[.;。\n]\s*(?:(?:the\s+)?(?:others?|rest|remaining(?:\s+\w+)?)|not\s[^:\n]{2,30}|其[他它余][^:\n]{0,6}|不[^:\n]{1,10}):\s*(?-i:[A-J](?:(?:\s*[,、]\s*|\s+and\s+|和)[A-J])*)[.。]?\s*\z",
        )
    });
    let found = GROUPS.captures(text.trim())?;
    let head = text.split(':').next()?;
    let set = Set::of(found.name("set")?.as_str().chars().filter(char::is_ascii_uppercase).filter_map(index_of));
    (!NOT_IT.is_match(head)).then_some(set)
}

/// The last clause of what stands before a set.
fn clause(head: &str) -> &str {
    head.rsplit([';', ',']).next().unwrap_or(head)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scoring::tests::item;

    #[test]
    fn last_words_name_an_option() {
        let options = Options::of(&item(&["A"], &["Inner core", "Crust", "Outer core", "Mantle"]));
        for (text, want) in [
            ("it moves there -> C", Some(2)),
            ("Hence the one that is not rigid is D.", Some(3)),
            ("hot -> A, cold -> B", None),
            ("The wrong one that tempts is -> B", None),
            ("It's the outer core — the inner core is solid.", Some(2)),
            ("It's the outer core or the crust.", None),
            ("It isn't the outer core.", None),
            ("A is solid, B is thin, and only C is liquid.", Some(2)),
            ("Only A is not liquid.", None),
        ] {
            assert_eq!(late_one(text, false, &options), want, "{text}");
        }
    }

    #[test]
    fn one_sentence_says_which_they_are() {
        let options = Options::of(&item(&["A"], &["GET", "PULL", "PUT", "DELETE"]));
        let set = |all: &[usize]| Some(Set::of(all.iter().copied()));
        for (text, want) in [
            ("The safe ones are options A, C and D. Nothing else.", set(&[0, 2, 3])),
            ("The odd ones are B and D; the even ones are A and C.", None),
            ("The ones that are not safe are A and C.", None),
            ("So B is out; the remaining three — A, C, D — are safe.", set(&[0, 2, 3])),
            ("GET (A), PUT (C) and DELETE (D) are methods; PULL (B) is not.", set(&[0, 2, 3])),
            ("GET (A) and PUT (C) are not methods; PULL (B) is not.", None),
            ("A, C and D are on the list.", None),
            ("A and C are unsafe. The rest are safe.", None),
            ("A、C、D都是方法。", set(&[0, 2, 3])),
            ("Methods: A, C. Others: B, D.", set(&[0, 2])),
            ("Methods: A, C. Words: B, D.", None),
        ] {
            assert_eq!(late_set(text, &options), want, "{text}");
        }
    }
}
