//! What a text states without announcing it as its answer: "The capital of France is **Paris**.", 这个成语是“画蛇添足”。
//!
//! Read only where nothing else of a text equals an accepted answer. One sentence must say it, the last one (or the first,
//! where the others only tell more of it), by a copula or a colon; and nothing in that sentence may deny it, doubt it, ask
//! it, offer another or lay it into somebody else's mouth. What isn't plainly stated stays as wrong as it is without this.

use super::clause::concludes;
use super::place::{Role, placed, without_denied_other};
use super::record::{fenced, headed, is_topic, labelled, names_answer, object, tabled};
use crate::scoring::text::{Pattern, pattern, plain, turns};
use std::borrow::Cow;
use std::ops::Range;
use std::sync::LazyLock;

/// The longest sentence that is read, in bytes, and how many copulas of it are looked at.
const LONGEST: usize = 1024;
const COPULAS: usize = 16;

/// What links a subject to what it is.
static COPULA: LazyLock<Pattern> = LazyLock::new(|| {
    pattern(concat!(
        r"(?i)(?:\b(?:is|are|was|were)\b|\b(?:it|that|this|he|she)'s\b)(?:\s+(?:called|named|known\s+as|termed|simply|clearly|indeed|actually|definitely|of\s+course))*\s*:?\s*",
        r"|(?:叫[做作]|称之为|称[为作]|名为|[是为叫])\s*:?\s*|:\s*",
    ))
});
/// Chinese words that end like a copula and are none.
static NO_COPULA: LazyLock<Pattern> = LazyLock::new(|| {
    pattern(r"(?:[但可只于总要若凡或还倒老既]是|[因以认作行改变误视成更尤颇极甚较]为|[大喊尖鸣]叫)\s*:?\s*\z")
});
/// What leaves a statement none: negation, doubt, condition, alternative, another's words, an earlier time.
static OPEN: LazyLock<Pattern> = LazyLock::new(|| {
    pattern(concat!(
        r"(?i)\?|(?:\A|[.;])\s*before\s+(?:\d|the\b|that\b)|\b(?:no|not|nor|none|never|neither|nobody|nothing|nowhere|hardly|scarcely|false|untrue|wrong|wrongly|incorrect|incorrectly|inaccurate|impossible|excluding|except|without|unlike|besides|instead|rather|than|cannot|a\s+lie|fake|fiction|fictional|joke|kidding)\b|n't\b",
        r"|\b(?:may|maybe|might|could|would|should|can|perhaps|possibly|probably|presumably|likely|unlikely|seems?|seemingly|seemed|appears?|apparently|appeared|supposedly|allegedly|reportedly|arguably|unsure|uncertain|unclear|unknown|not\s+sure)\b",
        r"|\b(?:or|either|alternatively|another|others?|and/or|vs|versus|also|one\s+of|such\s+as|examples?|e\.g|candidates?|options?|choices?|possibilit\w*|distractors?|alternatives?|similar|nearby|runner-up|closest|near|almost|nearly|so-called|opposite)\b",
        r"|\b(?:if|unless|whether|when|whenever|suppos\w*|assum\w*|imagin\w*|pretend\w*|hypothe\w*|provided|otherwise|until|till)\b",
        r"|\b(?:but|however|although|though|yet|while|whereas|despite)\b",
        r"|\b(?:says?|said|saying|claim\w*|think\w*|thought|believ\w*|guess\w*|consider\w*|insist\w*|argu\w*|tells?|told|hear\w*|rumou?r\w*|suggest\w*|report\w*|alleg\w*|feels?|felt|doubt\w*|wonder\w*|hop(?:e|es|ed|ing)|wish\w*|expect\w*|accord\w*|stat(?:es|ed)\s+that|wr(?:ote|ites)\s+(?:that|in|of|to)|myths?|legend|misconception\w*|mistak\w*|misspell\w*|misprint\w*|misquot\w*|confus\w*|trick\w*|tempt\w*|people|user|prompt|quot(?:e|es|ed)|dream\w*)\b",
        r"|\b(?:once|former|formerly|previous|previously|originally|original|initially|initial|earlier|old|then|used\s+to|at\s+first|first\s+(?:idea|instinct|reaction)|instinct|intuition)\b",
        r"|\b(?:ignor\w*|disregard\w*|grad(?:er|ing|ed?)|rubric|output|reference|evaluator|mark(?:ed)?|accepted|hint|clue|note|question\s*:|source)\b",
        r"|[吗呢吧]|难道|岂|不|没|未|勿|莫|并非|绝非|而非|除非|无法|难以|否|错误|有误|假的|说错|弄错|可能|也许|或|恐怕|似乎|好像|大概|估计|仿佛|疑似|据说|听说|传说|相传|传闻|误|认为|以为|觉得|声称|宣称|号称|说法|(?:\A|[^小])说是|说:|说过|说道|声明|有人|有些|有的|很多人|许多人|不少人|人们(?:常|都|会|普遍|说|曾|多)|大家|常被|猜|看来|还是|如果|假如|假设|假使|倘若|(?:\A|[^主重需])要是|若是|假若|即使|除了|除外|但是|但|却|然而|虽|曾经|曾[是为被叫称]|原来|原本|原先|起初|最初|一度|以前|过去|之前|此前|旧称|另一|另外|例如|比如|(?:\A|[^分])之一|错的|选项|候选|提示|题目|来源|备注|注[:意]|忽略|评分|参考|标准答案|用户|类似|接近|差点|相反",
    ))
});
/// Of a negation or a doubt that is none.
static HARMLESS: LazyLock<Pattern> = LazyLock::new(|| {
    pattern(concat!(
        r"(?i),\s*(?:and\s+)?not\s+[\w .'-]{1,30},|,\s*而?不是[^,。]{1,12},|\bthe\s+people\s+of\b|\A\s*people\s+in\b|\b(?:is|was|are)(?:n't|\s+not)\s+[^,.;—]{1,40}?\s*[—;,-]+\s*(?:it|that|he|she)(?:'s|\s+is|\s+was)\b|\A\s*我(?:认为|相信)|\A\s*(?:i\s+(?:believe|think|would\s+say)|i'd\s+say)\b|,\s+probably\s+(?:around|about|in|between)\s+[\w ]{1,30}|(?:通行|通常|一般|普遍)的说法|不是[^,。;]{1,12}(?:,\s*[也更](?:不是|并非)[^,。;]{1,12}){1,3},\s*而是|\bit(?:\s+is|\s+was)?(?:n't|\s+(?:is|was)n't|\s+not)\s+[^,.;:—]{1,30},?\s+and\s+it\s+(?:(?:is|was)n't|(?:is|was)\s+not)\s+[^,.;:—]{1,30}:|\b(?:not\s+to|(?:should|must)\s+not|shouldn't)\s+be\s+confused\s+with\s+[^,.;)]*|\b(?:that|which|what)?\s*you(?:'re|\s+are|\s+were|'ve|\s+have)?\s+(?:(?:thinking\s+of|looking\s+for|asking\s+(?:about|for)|describing|described|referring\s+to|asked\s+(?:for|about)|mean|want|need|have\s+in\s+mind)\b)",
        r"|\b(?:that|it|this|which|answer)\s+(?:would|should|must|has\s+to)\s+be\b|\bnot\s+[^,.;]{1,40},?\s+but\b|不是[^,。;]{1,12},\s*而是|(?:一般|普遍|通常|公|学界|学术界|史学界)认为?|\bwithout\s+(?:a\s+)?doubt\b|\bno\s+doubt\b|\bopposite\s+of\s+[a-z]{5,}|(?:起初|最初)(?:是?由)|\b(?:was|were|is)\s+(?:first|originally)\s+\w+ed\b|不断|不同|不可或缺|毫无疑问|未来|莫过于",
    ))
});
/// A word that each of these has. It is asked first: the other takes long, however short the text.
static MAY_BE_HARMLESS: LazyLock<Pattern> = LazyLock::new(|| {
    pattern(
        r"(?i)n[o']t|people|believe|think|say|probably|you|(?:would|should|must|to)\s+be|doubt|opposite|first|originally|[不我说认初毫未莫]",
    )
});
/// Of what a sentence speaks that something has.
static HAS: LazyLock<Pattern> =
    LazyLock::new(|| pattern(r"(?i)\A[\s*]*(?:its|his|her|their)\s+([a-z]+)\b|\A\s*(?:它的|其)(\p{Han}{2,4})[是为]"));
/// A sentence that lays the next one in brackets: "The following is false:", "Suppose I am asked about Germany."
static FRAME: LazyLock<Pattern> = LazyLock::new(|| {
    pattern(concat!(
        r"(?i)\b(?:following|next)\b[^.]*\b(?:false|wrong|untrue|incorrect|lie|joke|example|myth|misconception)\b|\b(?:here(?:'s|\s+is)|this\s+is)\b[^.]*\b(?:false|wrong|untrue|incorrect|lie|joke|example|myth|misconception|mistake)\b",
        r"|\b(?:suppose|pretend|imagine|hypothetically)\b|\b(?:say|says|said|claim|claims|claimed|think|thought|wrote|believe|believes|insists?)\b[^.]*:\s*\z|(?:说|认为|以为|写道|声称)\s*:\s*\z|以下[^。]*(?:错|假|误)|下面[^。]*(?:错|假|误)|假设|假如|假定",
    ))
});
/// A sentence that begins as a question does, or whose subject is only one of several.
static ASKS: LazyLock<Pattern> = LazyLock::new(|| {
    pattern(
        r"(?i)\A[\s*#>-]*(?:(?:what|which|who|whom|whose|where|why|how|is|are|was|were|do|does|did)\b|(?:one|some|many|several|few|most)\s+(?:of|is|are|was|were|say|think|people|believe|might|may|would|could|possible|such|answer|option|candidate|example)s?\b)",
    )
});
/// What takes a statement back behind it, in a clause or sentence that tells more: fewer words than leave a statement open.
static DENIES: LazyLock<Pattern> = LazyLock::new(|| {
    pattern(concat!(
        r"(?i)\?|\b(?:no|not|never|neither|wrong|incorrect|false|untrue|mistaken?|sorry|actually|instead|rather|correction|joking|kidding|unless|if|but|however|although|though|maybe|perhaps|possibly|probably|might|guess|unsure|uncertain|ignor\w*|rubric|grad\w+)\b|n't\b|(?:\A|[,;]\s*)or\b",
        r"|[吗呢]|不[^断同可]|没|未[^来]|误|错|更正|假的|但|然而|却|可能|也许|或许|恐怕|大概|还是|如果|或者|(?:\A|,)或|忽略|评分",
    ))
});
/// What offers more, and says nothing of the matter.
static OFFERS: LazyLock<Pattern> = LazyLock::new(|| {
    pattern(
        r"(?i)\A[\s*]*(?:(?:surprising|amazing|cool|interesting|neat|right|isn't\s+that)\b[^.?]{0,20}\?|let\s+me\s+know|feel\s+free|would\s+you\s+like|do\s+you\s+want|(?:i\s+)?hope\s+(?:this|that|it)\s+helps?|if\s+you\s+(?:need|have|want|would|'d)|is\s+there\s+anything|(?:i'm\s+)?happy\s+to|need\s+anything|(?:surprising|amazing|cool|interesting|neat)\b[^.?]{0,20}\?|(?:what|which)\s+(?:other|else)\b[^.]*\byou\b[^.]*\?|(?:do|would|are|shall|can|could)\s+(?:you|i|we)\b[^.]*\?|(?:您|你)(?:还|想|要|需)[^。]*[?吗呢]|如果(?:你|您)(?:还|想|需)|如需|(?:全[诗文词]|原[诗文词句])(?:为|是|如下)|希望(?:这|能|对)|需要我|还(?:有|需要)(?:什么|其他))",
    )
});
/// Words before an answer that stands by itself: "So: Paris", "A: Diamond", 答:汞.
static LEAD: LazyLock<Pattern> = LazyLock::new(|| {
    pattern(
        r"(?i)\A[\s*_#>-]*(?:(?:a|answer|so|thus|hence|therefore|final(?:\s+answer)?|result|conclusion|in\s+short|short\s+answer|答|回答|所以|因此|综上|结论|结果|故)[\s*]*(?:[:,—-][\s*]*)+|(?:definitely|certainly|surely|obviously|clearly|undoubtedly),?\s+|(?:所以|因此|答)\s*)",
    )
});
/// An entry of a list.
static BULLET: LazyLock<Pattern> = LazyLock::new(|| pattern(r"\A\s*(?:[-*•]\s|\d{1,2}[.)]\s)"));
/// What is said before an answer, and says nothing of it.
static GREETS: LazyLock<Pattern> = LazyLock::new(|| {
    pattern(
        r"(?i)\A[\s*]*(?:(?:(?:great|good|nice|interesting|excellent|fun)\s+question|sure(?:\s+thing)?|certainly|of\s+course|absolutely|hello|hi(?:\s+there)?|okay|ok|got\s+it|no\s+problem|happy\s+to\s+help|(?:这是)?(?:一个)?(?:很)?好(?:的)?问题|你好|您好|当然|好的)[\s!.,。]*)+\z",
    )
});
/// How a sentence goes on that only tells more of what the first one stated.
static TELLS_MORE: LazyLock<Pattern> =
    LazyLock::new(|| pattern(r"(?i)\A[\s*]*(?:(?:it|he|she|they|this|its|his|her|their)\b|[它他她该]|这)"));
/// A short form before a full stop.
static SHORT: LazyLock<Pattern> =
    LazyLock::new(|| pattern(r"(?:\b(?:St|Dr|Mr|Mrs|Ms|Jr|Sr|No|Mt|vs|etc|e\.g|i\.e)|\b[A-Z])\z"));

/// How many sentences before the last are looked at, and of how long a text.
const MOST: usize = 8;

/// A text that states a short answer has at most so many bytes.
const LONGEST_TEXT: usize = 4_096;

/// The accepted answers, as they are looked for.
#[derive(Clone, Copy)]
pub struct Names<'a> {
    /// Whether a passage is one of them and nothing else.
    pub is_one: &'a dyn Fn(&str) -> bool,
    /// Where they stand in a sentence, in bytes, in its order.
    pub places: &'a dyn Fn(&str) -> Vec<Range<usize>>,
}

/// The accepted answer that a text states, as it stands there, and what it is in its sentence.
#[must_use]
pub fn stated(text: &str, cut: bool, names: &Names<'_>) -> Option<(String, Role)> {
    let text = text.trim();
    if cut && !text.ends_with(['.', '!', '。']) {
        return None;
    }
    // What goes on for longer is no short answer, and looking at each of its marks would take its time squared.
    if text.len() > LONGEST_TEXT {
        return None;
    }
    if let Some(first) = object(text) {
        return first.filter(|value| (names.is_one)(value)).map(|value| (value, Role::Alone));
    }
    if let Some((lead, value, rest)) = fenced(text) {
        let plainly = !OPEN.is_match(&without_harmless(lead)) && !FRAME.is_match(lead) && !ASKS.is_match(lead);
        let kept = sentences(rest).iter().all(|sentence| OFFERS.is_match(sentence));
        return (plainly && kept && (names.is_one)(value)).then(|| (value.to_owned(), Role::Alone));
    }
    if let Some((lead, value, rest)) = headed(text)
        && (names.is_one)(value)
    {
        let plainly = !OPEN.is_match(&without_harmless(lead)) && !FRAME.is_match(lead) && !DENIES.is_match(lead);
        let kept = sentences(rest).iter().all(|s| !turns(s) && !DENIES.is_match(s) && !names_briefly(s));
        return (plainly && kept).then(|| (value.to_owned(), Role::Alone));
    }
    if let Some((found, rest)) = tabled(text, names.is_one) {
        let others = sentences(&rest);
        let kept =
            !others.iter().any(|s| turns(s) || DENIES.is_match(s) || names_briefly(s) && said(s, names).is_none());
        return kept.then_some((found, Role::Alone));
    }
    let mut sentences = sentences(text);
    let aside = |sentence: &str| {
        let words = sentence.trim_start_matches(|c: char| !c.is_alphanumeric());
        OFFERS.is_match(words) || GREETS.is_match(words)
    };
    sentences.retain(|sentence| !aside(sentence));
    if sentences.iter().any(|sentence| sentence.len() > LONGEST) {
        return None;
    }
    let last = sentences.len().checked_sub(1)?;
    // The last sentence that states one; what stands behind it may only tell more: "It is Paris. It lies on the Seine."
    let looked = std::iter::once(last).chain((0..last).rev().take(MOST)).filter(|at| *at == last || last <= MOST);
    let (at, name, role) = looked.into_iter().find_map(|at| {
        let (name, role) = said(sentences.get(at)?, names)?;
        Some((at, name, role))
    })?;
    let (earlier, sentence) = (sentences.get(..at)?, sentences.get(at)?);
    // A record: the first line of it is what was asked for.
    let entry = |line: &&str| labelled(line).is_some() && !LEAD.is_match(line) && !line.ends_with('?');
    if sentences.len() > 1 && sentences.iter().all(entry) {
        let topic = |line: &&&str| labelled(line).is_some_and(|(label, _)| is_topic(label));
        let first = sentences.iter().find(|line| !topic(line));
        let first = first.filter(|line| labelled(line).is_some_and(|(label, _)| names_answer(label)))?;
        return said(first, names);
    }
    let behind = sentences.get(at + 1..)?;
    let framed = earlier.last().is_some_and(|before| FRAME.is_match(before) || asks_for_it(before, names));
    let asked = at > 0 && earlier.iter().all(|before| before.trim_end_matches(['"', '*', ' ']).ends_with('?'));
    let led = asked || LEAD.is_match(sentence) || concludes(sentence) || sentence.trim_start().starts_with("**");
    // A name by itself in a list, or under a list of others, is none that is stated.
    if framed || role == Role::Alone && !led && (at > 0 || BULLET.is_match(sentence)) {
        return None;
    }
    // "Salt is sodium chloride; its formula is NaCl": what that has is another matter.
    let of_its_own = HAS.captures(sentence).and_then(|found| found.get(1)).map(|noun| noun.as_str());
    let contradicted = earlier.iter().any(|other| {
        contradicts(other, names) && of_its_own.is_none_or(|noun| other.contains(noun))
            || role.is_spoken_of()
                && (does_another(other, names) || ends_briefly(other) && said(other, names).is_none())
            || is_cleft(other, names)
            || is_name(other) && said(other, names).is_none()
    });
    if contradicted && (role.is_spoken_of() || !concludes(sentence)) {
        return None;
    }
    (behind.iter().all(|more| explains(more, role, names)) && !another_number(&sentences, &name))
        .then_some((name, role))
}

/// Whether a sentence only greets, and says nothing of the matter.
pub fn is_greeting(sentence: &str) -> bool {
    GREETS.is_match(sentence)
}

/// A text without negations and doubts that are none.
fn without_harmless(text: &str) -> Cow<'_, str> {
    if MAY_BE_HARMLESS.is_match(text) { HARMLESS.replace_all(text, " ") } else { Cow::Borrowed(text) }
}

/// Whether a sentence behind a statement only tells more, and takes nothing back.
fn explains(sentence: &str, role: Role, names: &Names<'_>) -> bool {
    static EARLIER: LazyLock<Pattern> = LazyLock::new(|| {
        pattern(
            r"(?i)\b(?:before|until|formerly|previously|earlier|used\s+to|second|third|next|other)\b|\A[\s*]*(?:its|his|her|their)\b|其次|第[二三四]|以前|之前|曾|[它他她其]的|\A[^,。]{1,12}则",
        )
    });
    static IT_IS: LazyLock<Pattern> = LazyLock::new(|| {
        pattern(
            r"(?i)\A[\s*]*(?:(?:it|that|this|he|she)(?:'s|\s+(?:is|was))|the\s+(?:\w+\s+)?answer|[它他她这]就?[是为叫])",
        )
    });
    let same = (names.places)(sentence).first().is_some_and(|place| place.start < 4);
    // "Carotenoids are yellow": what several are is no other name.
    let several = COPULA.find_iter(sentence).last().is_some_and(|copula| copula.as_str().trim() == "are");
    let names_other = names_briefly(sentence) && !several && !EARLIER.is_match(sentence);
    let tells_more = same || TELLS_MORE.is_match(sentence) && !IT_IS.is_match(sentence);
    // "Lisbon", "Porto", a line each: a list.
    let listed = role == Role::Alone && is_name(sentence) && !same;
    !DENIES.is_match(&without_harmless(sentence))
        && !listed
        && !turns(sentence)
        && (tells_more || !names_other)
        && (!role.is_spoken_of() || !does_another(sentence, names))
}

/// Whether a question names an accepted answer itself: "Is it Paris?"
fn asks_for_it(sentence: &str, names: &Names<'_>) -> bool {
    sentence.trim_end_matches(['"', '*', ' ', ')']).ends_with('?') && !(names.places)(sentence).is_empty()
}

/// Whether a sentence says at its end what something is, in a word or two: "The animal is the lion."
fn ends_briefly(sentence: &str) -> bool {
    COPULA.find_iter(sentence).take(COPULAS).last().is_some_and(|copula| {
        let value = sentence.get(copula.end()..).unwrap_or("");
        copula.start() > 0
            && (1..4).contains(&value.split_whitespace().count())
            && value.chars().count() < 24
            && !OPEN.is_match(sentence)
    })
}

/// Whether a sentence is a name and nothing else: "Nikola Tesla."
pub fn is_name(sentence: &str) -> bool {
    static OTHER: LazyLock<Pattern> = LazyLock::new(|| {
        pattern(
            r"(?i)\A\W*(?:yes|no|indeed|great|well|right|correct|true|ok(?:ay)?|perfect|good|so|hello|explanation|answer|reasoning|analysis|solution|conclusion|summary|background|context|overview|details?|final\b.*|step\b.*|好|好的|当然|是的|没错|对|嗯|首先|答|答案|解析|分析|结论|解|解答|说明|背景|思路|理由|推理|步骤.*|第.步)\W*\z",
        )
    });
    let bare = sentence.trim_matches(|c: char| !c.is_alphanumeric());
    let short = match bare.chars().filter(|c| *c >= '\u{4E00}').count() {
        0 => bare.split_whitespace().count() < 5 && bare.split_whitespace().all(|w| w.starts_with(char::is_uppercase)),
        count => count < 7,
    };
    let whole = !sentence.trim_start().starts_with('#') && !sentence.trim_end().ends_with([':', '?']);
    let figures = bare.contains(|c: char| c.is_ascii_digit());
    short
        && whole
        && !figures
        && !bare.is_empty()
        && !COPULA.is_match(bare)
        && !bare.contains([',', '、'])
        && !OTHER.is_match(bare)
}

/// Whether a sentence says who it was: "It was Tesla who invented it."
fn is_cleft(sentence: &str, names: &Names<'_>) -> bool {
    static CLEFT: LazyLock<Pattern> = LazyLock::new(|| {
        pattern(
            r"\A[\s*]*(?:It|That)\s+(?:was|is)\s+(?:the\s+)?(?P<name>\p{Lu}[\p{L}. '-]{0,40}?)\s+(?:who|that|which)\b",
        )
    });
    CLEFT
        .captures(sentence)
        .and_then(|found| found.name("name"))
        .is_some_and(|name| (names.places)(name.as_str()).is_empty())
}

/// Whether a sentence speaks of another name as a statement does: "Bram Stoker wrote it."
fn does_another(sentence: &str, names: &Names<'_>) -> bool {
    static NAME: LazyLock<Pattern> = LazyLock::new(|| {
        pattern(
            r"\A[\s*]*(?P<name>(?:The\s+\p{Ll}[\p{L}-]*|\p{Lu}[\p{L}'-]*)(?:\s+(?:\p{Lu}[\p{L}.'-]*|d[aei]|v[ao]n|of|the)){0,4})\s+(?:is\s+the|was\s+the|(?:\w+ly\s+|first\s+)?(?:\w+ed|wrote|won|led|built|made|found|began|took)\b)|\A[\s*]*(?P<zh>[^,。;:是它他她其该这那此]{2,6})(?:是[^,。]+(?:[者人家都地]|的)(?:[,。;]|\z)|[^,。;是的]{0,8}(?:写|发明|提出|发现|创作|统一|建立)了)",
        )
    });
    static PRONOUN: LazyLock<Pattern> = LazyLock::new(|| {
        pattern(
            r"\A(?:This|That|These|Those|It|He|She|They|In|By|At|On|His|Her|Its|Their|We|I|There|Here|Many|Most|Some|And|So|Thus|Also|However)(?:\s|\z)",
        )
    });
    static BY: LazyLock<Pattern> =
        LazyLock::new(|| pattern(r"\bby\s+(?P<name>\p{Lu}[\p{L}'-]+(?:\s+\p{Lu}[\p{L}'.-]+){0,3})"));
    let by = BY.captures(sentence).and_then(|found| found.name("name"));
    if by.is_some_and(|name| (names.places)(name.as_str()).is_empty()) && !OPEN.is_match(sentence) {
        return true;
    }
    NAME.captures(sentence).and_then(|found| found.name("name").or_else(|| found.name("zh"))).is_some_and(|name| {
        !PRONOUN.is_match(name.as_str()) && (names.places)(name.as_str()).is_empty() && !OPEN.is_match(sentence)
    })
}

/// Whether a text gives another number of the kind that it states: another year, another month.
fn another_number(sentences: &[&str], name: &str) -> bool {
    static DIGITS: LazyLock<Pattern> = LazyLock::new(|| pattern(r"\d+月?"));
    let own: Vec<&str> = DIGITS.find_iter(name).map(|m| m.as_str()).collect();
    let Some(first) = own.first().filter(|_| name.starts_with(|c: char| c.is_ascii_digit())) else { return false };
    let month = |text: &str| text.ends_with('月');
    let alike = |other: &str| match (month(first), month(other)) {
        (true, true) => true,
        (false, false) => other.len() == first.len() && other.len() > 2,
        _ => false,
    };
    let mut others = sentences.iter().flat_map(|sentence| DIGITS.find_iter(sentence)).map(|m| m.as_str());
    others.any(|other| alike(other) && !own.contains(&other))
}

/// What one sentence states.
fn said(sentence: &str, names: &Names<'_>) -> Option<(String, Role)> {
    let alone = sentence.get(LEAD.find(sentence).map_or(0, |lead| lead.end())..)?;
    if (names.is_one)(alone) && !sentence.trim_end().ends_with('?') {
        return Some((alone.to_owned(), Role::Alone));
    }
    if sentence.len() > LONGEST || sentence.trim_end_matches(['"', ')', '*', ' ', '.']).ends_with('?') {
        return None;
    }
    let end = without_bracket(sentence);
    let whole = sentence.get(..end)?;
    let found = COPULA.find_iter(whole).take(COPULAS).find_map(|copula| {
        let ahead = whole.get(..copula.end())?;
        let value = whole.get(copula.end()..)?;
        let links = !NO_COPULA.is_match(ahead) && has_subject(whole, copula.start());
        (links && (names.is_one)(value) && !says_more(whole, copula.start())).then_some(copula.end()..end)
    });
    if let Some(span) = found.or_else(|| set_off(sentence, names))
        && plainly(sentence.get(..span.start)?, sentence.get(span.end..)?)
    {
        return sentence.get(span).map(|name| (name.to_owned(), Role::Complement));
    }
    let bare = plain(sentence).text.replace(['*', '`'], "");
    placed(&bare, &(names.places)(&bare)).find_map(|found| {
        let own = bare.get(found.own.clone())?;
        let span = found.place.start.checked_sub(found.own.start)?..found.place.end.checked_sub(found.own.start)?;
        let link = COPULA.find_iter(own.get(..span.start)?).take(COPULAS).last().map_or(0, |copula| copula.start());
        if found.role == Role::Complement && says_more(own, link) {
            return None;
        }
        plainly(own.get(..span.start)?, own.get(span.end..)?)
            .then(|| own.get(span).map(|name| (name.to_owned(), found.role)))?
    })
}

/// Whether what stands around a name neither denies nor doubts nor asks it.
fn plainly(head: &str, tail: &str) -> bool {
    let tail = without_denied_other(tail);
    // Behind a pause only more is told: "…, a former army doctor", 她于 2015 年或之后….
    let pause = tail.find([',', '(', ';', ':', '—', '–']).unwrap_or(tail.len());
    let (tail, more) = tail.split_at_checked(pause).unwrap_or((tail, ""));
    let around = format!("{head} | {tail}");
    let around = without_harmless(&without_quotes(&around)).replace('*', "");
    let more = without_harmless(more);
    !OPEN.is_match(&around) && !ASKS.is_match(&around) && !DENIES.is_match(&more)
}

/// Whether a sentence says of something else what that is, before a place: 首都是南京,最大的城市是北京.
fn says_more(sentence: &str, until: usize) -> bool {
    const BRIEF: usize = 6;
    static RELATIVE: LazyLock<Pattern> = LazyLock::new(|| pattern(r"(?i)\b(?:that|which|who)\s*\z"));
    let head = sentence.get(..until).unwrap_or("");
    COPULA.find_iter(head).take(COPULAS).any(|copula| {
        let value = head.get(copula.end()..).unwrap_or("");
        let value = value.split([',', '、']).next().unwrap_or(value).trim();
        let links = !copula.as_str().starts_with(':') && !NO_COPULA.is_match(head.get(..copula.end()).unwrap_or(""));
        let relative = RELATIVE.is_match(head.get(..copula.start()).unwrap_or(""));
        links
            && !relative
            && !head.get(..copula.start()).unwrap_or("").ends_with('不')
            && !value.starts_with("not ")
            && (copula.as_str().is_ascii() && !value.is_empty() || (1..=BRIEF).contains(&value.chars().count()))
    })
}

/// Whether anything is spoken of before a copula; a colon by itself needs more than a label of one word.
fn has_subject(sentence: &str, at: usize) -> bool {
    let head = sentence.get(..at).unwrap_or("").trim();
    let labels = sentence.get(at..).is_some_and(|rest| rest.starts_with(':'));
    let words = head.split_whitespace().count() + head.chars().filter(|c| *c >= '\u{4E00}').count();
    let pronoun = sentence.get(at..).is_some_and(|rest| rest.contains("'s"));
    words > usize::from(labels) || pronoun
}

/// The one passage in bold or in quotation marks, where a copula leads to it or follows it.
fn set_off(sentence: &str, names: &Names<'_>) -> Option<Range<usize>> {
    static BOLD: LazyLock<Pattern> = LazyLock::new(|| pattern(r"\*\*([^*]+)\*\*"));
    static QUOTED: LazyLock<Pattern> =
        LazyLock::new(|| pattern("\"([^\"]+)\"|「([^」]+)」|『([^』]+)』|【([^】]+)】|《([^》]+)》"));
    static LEADS: LazyLock<Pattern> = LazyLock::new(|| {
        pattern(r"(?i)\b(?:is|are|was|were|called|named)\s+(?:the\s+|an?\s+)?\z|[是为叫]\s*:?\s*\z|:\s*\z")
    });
    static THEN: LazyLock<Pattern> =
        LazyLock::new(|| pattern(r"(?i)\A\s*(?:[,.!(。]|\z|(?:in|of|from|by|on|at|for|which|who)\b)"));
    static FOLLOWS: LazyLock<Pattern> =
        LazyLock::new(|| pattern(r"(?i)\A\s*(?:(?:is|are|was|were)\s+(?:the|called)\b|[是为])"));
    let mut spans: Vec<Range<usize>> = BOLD.find_iter(sentence).take(3).map(|m| m.range()).collect();
    if spans.is_empty() {
        spans = QUOTED.find_iter(sentence).take(3).map(|m| m.range()).collect();
    }
    let [span] = spans.as_slice() else { return None };
    let (head, tail) = (sentence.get(..span.start)?, sentence.get(span.end..)?);
    let led = LEADS.is_match(head) && !NO_COPULA.is_match(head) && THEN.is_match(tail);
    let follows = !head.contains(char::is_alphanumeric) && FOLLOWS.is_match(tail);
    ((led || follows) && (names.is_one)(sentence.get(span.clone())?)).then(|| span.clone())
}

/// Whether another sentence says plainly what something is that is no accepted answer: of the same subject, or of another
/// one, and then which of both was asked for can't be told.
fn contradicts(other: &str, names: &Names<'_>) -> bool {
    names_briefly(other) && !OPEN.is_match(other) && said(other, names).is_none()
}

/// Whether a sentence ends in a copula and a name: "It was Lyon."
fn names_briefly(sentence: &str) -> bool {
    static ARTICLE: LazyLock<Pattern> = LazyLock::new(|| {
        pattern(
            r"(?i)\A(?:(?:the|an?|in|on|at|by|of|for|from|to|as|about|also|very|given|born|held|made|built|known|found|part|written|\w+ed|\w+ing)\b|[一\d])",
        )
    });
    // An article before a name that has one: "the Gobi Desert".
    static NAMED: LazyLock<Pattern> = LazyLock::new(|| pattern(r"\A(?:the|an?)\s+\p{Lu}"));
    COPULA.find_iter(sentence).take(COPULAS).last().is_some_and(|copula| {
        let value = sentence.get(copula.end()..).unwrap_or("");
        let value = NAMED.find(value).and_then(|the| value.get(the.end() - 1..)).unwrap_or(value);
        let cjk = value.chars().filter(|c| *c >= '\u{4E00}').count();
        // A list names nothing.
        let brief = !value.contains(['、', ','])
            && value.split_whitespace().count() < 4
            && value.chars().count() < 40
            && cjk < 9
            && !value.contains('的');
        brief && !ARTICLE.is_match(value) && value.contains(char::is_alphanumeric)
    })
}

/// Where a sentence ends without the bracket that it ends with.
fn without_bracket(sentence: &str) -> usize {
    let trimmed = sentence.trim_end_matches(['.', '!', '。', ' ', '*']);
    if !trimmed.ends_with(')') {
        return sentence.len();
    }
    trimmed.rfind('(').filter(|at| *at > 0).unwrap_or(sentence.len())
}

/// A sentence without what it quotes at length, whose words aren't its own.
fn without_quotes(sentence: &str) -> String {
    let mut kept = String::with_capacity(sentence.len());
    let mut parts = sentence.split('"').peekable();
    while let Some(own) = parts.next() {
        kept.push_str(own);
        if let Some(inner) = parts.next() {
            let long = inner.split_whitespace().count() > 2 || inner.chars().filter(|c| *c >= '\u{4E00}').count() > 3;
            // A mark without its fellow quotes nothing.
            if !long || parts.peek().is_none() {
                kept.push_str(inner);
            }
        }
    }
    kept
}

/// Whether a line goes on in the next one: it ends in a colon, or in the word that links a subject to what it is.
fn leads_on(line: &str) -> bool {
    let line = line.trim_end_matches([' ', '\n', '*']);
    [":", " is", " was", " are", "是", "叫做"].iter().any(|end| line.ends_with(end))
}

/// The sentences of a text; a colon at a line's end goes on in the next line.
pub fn sentences(text: &str) -> Vec<&str> {
    let mut all = Vec::new();
    let mut from = 0;
    let mut push = |range: Range<usize>| {
        let sentence = text.get(range).unwrap_or("").trim();
        if sentence.contains(char::is_alphanumeric) {
            all.push(sentence);
        }
    };
    for (at, c) in text.char_indices() {
        let end = at + c.len_utf8();
        let head = text.get(from..at).unwrap_or("");
        let rest = text.get(end..).unwrap_or("");
        // Quotation marks, brackets and stars that close belong to the sentence.
        let closing = rest.len() - rest.trim_start_matches(['"', '\'', ')', '*', '」', '』', '”', '】']).len();
        let next = rest.get(closing..).unwrap_or("");
        let ends = match c {
            '\n' => !leads_on(head) && !head.trim().is_empty(),
            '。' => true,
            ';' => {
                next.is_empty() || next.starts_with(char::is_whitespace) || next.starts_with(|c: char| c >= '\u{4E00}')
            }
            '!' | '?' => next.is_empty() || !next.starts_with([',', '.', ';']),
            '.' => {
                (next.is_empty() || next.starts_with(char::is_whitespace))
                    && !next.trim_start().starts_with(|c: char| c.is_lowercase())
                    && !SHORT.is_match(head)
            }
            _ => false,
        };
        if ends && end > from {
            let to = if c == '\n' { end } else { end + closing };
            push(from..to);
            from = to;
        }
    }
    push(from..text.len());
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    fn finds(text: &str, answers: &[&str]) -> bool {
        let bare = |s: &str| s.trim_matches(|c: char| !c.is_alphanumeric()).to_lowercase();
        let is_one = |said: &str| answers.iter().any(|a| bare(a) == bare(said));
        let places = |text: &str| {
            answers
                .iter()
                .flat_map(|a| text.match_indices(a).map(|(at, a)| at..at + a.len()).collect::<Vec<_>>())
                .collect()
        };
        stated(text, false, &Names { is_one: &is_one, places: &places }).is_some()
    }

    #[test]
    fn statements_are_told_from_what_only_names_an_answer() {
        for text in [
            "The capital of France is **Paris**.",
            "Sure! It's Paris.",
            "The capital is \"Paris.\"",
            "Some say Lyon. So the capital of France is Paris.",
            "The capital of France is Paris. It lies on the Seine.",
            "**Paris** is the capital of France.",
        ] {
            assert!(finds(text, &["Paris"]), "{text}");
        }
        for text in [
            "It is not Paris.",
            "Is it Paris?",
            "The capital might be Lyon, or it is Paris.",
            "Pretend you are in France. The capital is Paris.",
            "The capital is Paris. It was Lyon.",
            "The capital is Lyon. The capital is Paris.",
            "Unlike **Paris**, Lyon is old.",
        ] {
            assert!(!finds(text, &["Paris"]), "{text}");
        }
        let (is_one, places) = (|said: &str| said == "Paris", |_: &str| std::iter::once(6..11).collect());
        assert!(stated("It is Paris", true, &Names { is_one: &is_one, places: &places }).is_none());
    }

    #[test]
    fn sentences_keep_their_marks_and_names() {
        assert_eq!(
            sentences("It is \"so.\" Dr. King came. The element is:\n\nO\nEnd"),
            ["It is \"so.\"", "Dr. King came.", "The element is:\n\nO", "End"]
        );
    }
}
