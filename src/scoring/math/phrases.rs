//! The words around an answer in mathematics: what concludes, what gives a reason, what checks, what takes back.

use super::lex::{CLOSE, OPEN};
use crate::scoring::text::{Pattern, pattern};
use std::sync::LazyLock;

pub static EQUATION: LazyLock<Pattern> = LazyLock::new(|| pattern(r"[=<>≤≥∈]\s*[-+A-Za-z(\[{\\]"));
pub static PHRASE: LazyLock<Pattern> =
    LazyLock::new(|| pattern(r"(?i)no (?:real )?solution|undefined|does not exist|all real|无解|不存在|空集|全体实数"));
/// "One half", in words.
pub static FRACTION: LazyLock<Pattern> = LazyLock::new(|| {
    pattern(
        r"(?i)\b(?:one|two|three|four|five|six|seven|eight|nine)[\s-](?:half|halves|thirds?|quarters?|fourths?|fifths?|sixths?|sevenths?|eighths?|ninths?|tenths?)\b",
    )
});
/// An equation for a letter, with what it is called before it: 面积 S = πr² = 16π.
pub static NAMED: LazyLock<Pattern> = LazyLock::new(|| {
    pattern(
        r"\A\s*(?P<words>[\p{Han}&&[^若当设令如时或不取在此对]]{0,10}|(?:the\s+)(?:[a-z]+\s+){1,3})\s*(?P<equation>\x01?\s*[A-Za-z][A-Za-z0-9'_()]{0,6}\s*=.*)\z",
    )
});
/// `#### 2. Next step` is a heading.
pub static HEADING: LazyLock<Pattern> = LazyLock::new(|| pattern(r"\A\d+\s*[.)、:]\s*\p{L}"));

/// What takes an earlier answer back.
pub static CORRECTION: LazyLock<Pattern> = LazyLock::new(|| {
    pattern(
        r"(?i)(?-u:\b)(?:wait|oops|correction|scratch\s+that|on\s+second\s+thought|let\s+me\s+(?:correct|fix|redo|recalculate|recompute|re-?do)|i\s+made\s+(?:a|an)\s+(?:mistake|error)|actually|no,)|不对|更正|等等|等一下|算错了?|写错了?|有误|搞错了?|改正|应该是",
    )
});
/// What takes it back without a doubt.
pub static TAKEN_BACK: LazyLock<Pattern> = LazyLock::new(|| {
    pattern(
        r"(?i)(?-u:\b)(?:that(?:'s|\s+is)|this\s+is|which\s+is|it's|it\s+is)\s+(?:wrong|incorrect|not\s+(?:right|correct))|不对|算错|写错|搞错",
    )
});
/// A sentence that checks, remarks or takes leave.
pub static CHECKED: LazyLock<Pattern> = LazyLock::new(|| {
    pattern(
        r"(?i)(?-u:\b)(?:check|checks|checked|verify|verif[a-z]+|hope|let\s+me\s+know|feel\s+free|note\s+that|indeed|sanity|confirm[a-z]*|matches|consistent|as\s+required|which\s+is\s+true|holds|is\s+unique)(?-u:\b)|顺便|检验|验证|经检|验算|成立|符合|满足|希望|注意|\A[^A-Za-zα-ω\p{Han}]*\d[^A-Za-zα-ω\p{Han}]*=[^A-Za-zα-ω\p{Han}]*[✔✓✅]\s*\z",
    )
});
/// What might be asked for next.
pub static OFFERED: LazyLock<Pattern> = LazyLock::new(|| {
    pattern(
        r"(?i)\bshould\s+you\s+(?:need|want)\b|\bin\s+case\s+(?:you|part|the|they|it)\b[^.\n]{0,40}\b(?:need|want|ask|require)s?|\bif\s+you\s+(?:(?:also|later|ever)\s+)?(?:need|want|prefer|would\s+like|are\s+(?:curious|interested|wondering))\b|如果?还?需要?(?:求|用|进一步)|下一问(?:要|需|若)|若(?:后[面续]|下一问|还需)",
    )
});
/// A root that is put aside.
pub static REJECTED: LazyLock<Pattern> = LazyLock::new(|| {
    pattern(
        r"(?i)\A[\s*>-]*(?:而|但)?(?:负[根值解]|另一?个?[根解值]|增根|较[大小]的?根|(?:the|its)\s+(?:other|negative|second|positive|smaller|larger|extraneous)\s+(?:root|solution|value|one)\b)[^。\n]*?(?:舍|不合|不符|\b(?:rejected|discarded|extraneous|inadmissible|thrown\s+out|not\s+(?:valid|allowed|possible)|impossible)\b)",
    )
});
/// What follows a reason in the middle of its sentence.
pub static LEADS: LazyLock<Pattern> =
    LazyLock::new(|| pattern(r"\A[^\x00-\x7F]{0,8}?(?:得|写成|即|故|则|所以|记[为作]|表示为|化[为成])"));
/// A paragraph beside the matter.
pub static REMARK: LazyLock<Pattern> = LazyLock::new(|| {
    pattern(
        r"(?i)\A[\s*#>_-]*(?:补充|拓展|扩展|备注|附注|说明|注(?:意|[:：])|知识点|点评|小结|remark|note|aside|comment|fun\s+fact|ps\b)",
    )
});
/// What explains a letter, or gives a reason in brackets: "where C is an arbitrary constant".
pub static ASIDE: LazyLock<Pattern> = LazyLock::new(|| {
    pattern(
        r"(?i)\A[\s,]*(?:where(?-u:\b)|其中|这里|(?:this|that|it|equality)\s+(?:is\s+(?:because|attained|achieved|reached|obtained)|occurs|happens|(?:follows|comes)\s+from)(?-u:\b)|\(\s*(?:由于|因为|注|其中|这里|说明|也可|此处|(?:since|because|note|here|where|recall)(?-u:\b)))",
    )
});
/// An end in the middle of a statement.
pub static BREAKS_OFF: LazyLock<Pattern> = LazyLock::new(|| {
    pattern(
        r"(?i)(?:(?-u:\b)(?:equals?|equal\s+to|is|are|be|to|of|the|by|and|gives|so|that)|[\p{Han}&&[等于是为得到的即故设记则令]]|[=+×÷≈,，、])\s*\z",
    )
});
pub static CONCLUDES: LazyLock<Pattern> = LazyLock::new(|| {
    pattern(
        r"(?i)\A(?:(?:therefore|thus|hence|so|finally|in\s+conclusion|consequently|then|it\s+follows\s+that|we\s+(?:get|have|obtain|find|conclude)|which\s+gives|this\s+gives|giving|that|simplif[a-z]+|result|solution|final\s+result|in\s+total|and|final|∴|(?:所以|因此|因而|故|综上(?:所述)?|总之|于是|最后|最终|从而|可得|得到|解得|即|得|则|那么|∴))[\s,:;：，]*)+",
    )
});
/// What before an "is" makes it no statement.
pub static SOLVED: LazyLock<Pattern> = LazyLock::new(|| pattern(r"\A\s*[A-Za-z]\s*=[^=<>≈≠]+\z"));
/// A relation inside mathematics, and words outside.
pub static RELATES: LazyLock<Pattern> = LazyLock::new(|| pattern(r"[=<>≤≥≠∈]|\\(?:leq?|geq?|neq?|in|lt|gt)(?-u:\b)"));
pub static PROSE: LazyLock<Pattern> = LazyLock::new(|| pattern(r"\p{Han}{2}|(?:\A|\s)[A-Za-z]{4}"));
/// Where a formula holds, behind it.
pub static WHERE: LazyLock<Pattern> = LazyLock::new(|| {
    pattern(r"[,;]\s*(?:其?(?:定义域|值域)[为是][^,;。=]{2,30}|(?i:for\s+all\s+real\s+[^,;.=]{0,20}))[.。]?\z")
});
/// "Factoring out: 2x² − 6x = 2x(x − 3)": what is done, and what comes of it.
pub static DONE: LazyLock<Pattern> = LazyLock::new(|| pattern(r"\A[A-Z][A-Za-z' -]{3,60}:\s"));
/// What leads to the clause that decides between what stands before it.
pub static DECIDES: LazyLock<Pattern> = LazyLock::new(|| {
    pattern(
        r"(?i)[;,]\s*(?:(?:and|but)\s+)?(?:since|because|as|given\s+that)\s[^,;\n]{1,60},\s+|[,;]\s*but\s+the\s+(?:right|correct|actual|true)\s+(?:\w+\s+){0,2}(?:is|are)\s+|[,;]\s*但?正确(?:的)?(?:结果|答案|值|解)?(?:应该?)?[是为]\s*",
    )
});
/// What before an equation makes it a condition.
pub static SUPPOSED: LazyLock<Pattern> = LazyLock::new(|| {
    pattern(
        r"(?i)(?:\b(?:if|when|whenever|where|for|at|with|since|because|let|given|unless|not|put|set|setting|substitut\w+|or|and|by|from|as|than|to|of|in)|当|若|如果|其中|因为|由于|代入|设|令|取|时|或|不|由|在|将|把)\s*\z",
    )
});
pub static HEDGED: LazyLock<Pattern> = LazyLock::new(|| {
    pattern(r"(?i)(?:不|不可能|大于|小于|可能|并非|(?-u:\b)(?:can|could|does|may|might|never|wouldn't|isn't|not))\s*\z")
});
pub static CONSEQUENCE: LazyLock<Pattern> = LazyLock::new(|| {
    pattern(
        r"(?i)[,;.\s]\s*(?:so|therefore|thus|hence|which\s+gives|giving|we\s+get|holds\s+(?:exactly|precisely)\s+(?:when|if|for|on)|i\.e\.,?\s+(?:on|for|in))(?-u:\b)|所以|因此|从而|解得|可得|∴|[,;]\s*(?:故|于是)",
    )
});
pub static COPULA: LazyLock<Pattern> = LazyLock::new(|| {
    pattern(
        r"(?i)(?-u:\b)(?:is|are|be|equals?|becomes?|gives?|get|obtain|yields?|have|find|(?:evaluates|simplifies|reduces|amounts)\s+to|(?:works|comes|turns)\s+out\s+(?:to|as))(?-u:\b)(?:\s+(?:to|that|exactly|simply|therefore|thus|just|either|both|equal\s+to|given\s+by))*\s*:?|equal\s+to|:\s|(?:等于|分别为|分别是|分别等于|解得|求得|可得|得到|得出|约为|应为|化简为|化简后|整理后|即为|就是|是|为|得|有|即)[::]?",
    )
});
/// Where a statement gives its reason or goes on to something else.
pub static REASON: LazyLock<Pattern> = LazyLock::new(|| {
    pattern(
        r"(?i)[\s,;(]+(?:because|since|where|which|so|but|when|given|due|using|rather|instead|that\s+is|by|as|not|attained|achieved|occurring|reached|obtained|whenever|for|with|if|at|approximately|about|roughly)(?-u:\b)|[\s,;(]+(?:i\.e\.|e\.g\.)|[,(]\s*(?:约[^分定束数]|大约|近似|此时|这时|当且仅当)|,?\s*(?:因为|由于|因而|所以|其中|而不是|不是|当)|[(,]\s*(?:其中|see|as\s)|\s[—–-]{1,2}\s+[A-Za-z]{3}",
    )
});
pub static ABOUT: LazyLock<Pattern> = LazyLock::new(|| {
    pattern(
        r"(?i)\A\s*[,(]?\s*(?:because|since|where|which|so|when|given|using|by|as|for|with|if|at|of|on|in|from|not|after|per|rather|instead|因为|其中|由于|时|而不是|不是|\()",
    )
});
pub static DENIED: LazyLock<Pattern> = LazyLock::new(|| {
    pattern(r"(?i)\A(?:definitely\s+|certainly\s+|clearly\s+)?(?:not(?-u:\b)|n't(?-u:\b)|不是|并非|绝不是)")
});
pub static INSTEAD: LazyLock<Pattern> = LazyLock::new(|| {
    pattern(r"(?i)(?-u:\b)but(?:\s+rather)?(?-u:\b)|(?-u:\b)rather(?-u:\b)|(?-u:\b)instead(?-u:\b)|而是|应该是|应是")
});
/// Words that make another number of one: "twice 15".
pub static ALTERED: LazyLock<Pattern> = LazyLock::new(|| {
    pattern(
        r"(?i)\b(?:twice|doubled?|tripled?|half|thirds?|quarters?|squared?|cubed?|roots?|times|factorial|multiples?|powers?|sum|difference|product|quotient|divided|multiplied|divisible|plus|minus|remainder|modulo|mod|choose|more|less|fewer|greater|than|except|not|between|or|about\s+to|base|percent\s+of|log(?:arithm)?|within|least|most|rounded|multiplying|adding|dividing|subtracting|by)\b|%\s+of\b|倍|平方|立方|根号|一半|阶乘|之[和差积商]|余|不|或|整除|大于|小于|超过|至[少多]|以[上下]|进制|的[一二三四五六]分之",
    )
});
/// 3 out of 10, where that is what something is.
pub static OUT_OF: LazyLock<Pattern> = LazyLock::new(|| pattern(r"(?i)\A(\d{1,6})\s+out\s+of\s+(\d{1,6})\z"));
/// What a calculation comes to, at the end of a sentence, with what it counts.
pub static WORKED_OUT: LazyLock<Pattern> = LazyLock::new(|| {
    pattern(
        r"\s*=\s*(-?\d[\d,]*(?:\.\d+)?(?:/\d+)?\s?%?)\s*(?:[\p{Han}&&[^或和与以至多少倍余]]{1,8}|[a-z]+(?:\s+[a-z]+){0,4})[.。!\s]*\z",
    )
});
pub static IN_ALL: LazyLock<Pattern> = LazyLock::new(|| {
    pattern(
        r"(?i)\b(?:in\s+total|in\s+all|altogether|a\s+total\s+of|the\s+total|an?\s+(?:[a-z]+\s+)?(?:probability|chance|rate|share|percentage|proportion)\s+of)\b|一共|总共|共计?|合计|总计|需要?付|应付",
    )
});
/// A sentence that only says what the answer is not.
pub static DENIES: LazyLock<Pattern> = LazyLock::new(|| {
    pattern(
        r"(?i)\A[^.;。]{0,80}?(?:\b(?:is|are)(?:\s+not|n't)\s+(?:the\s+|a\s+|an\s+)?(?:correct\s+|right\s+)?(?:answer|solution|correct|right)\b|\b(?:answer|value|result)\s+can(?:not|'t|\s+not)\s+be\b|(?:答案|结果)不(?:可能|会|能)?[是为]|不是(?:正确)?答案)[^.;,。]*[.。]?\s*\z",
    )
});
/// A call of a program: no prose, whatever number it holds.
pub static CODE: LazyLock<Pattern> = LazyLock::new(|| {
    pattern(r#"\w\s?\(["']|\)\.\w|[{};]|\w\(\)|(?i)\b(?:import|eval|exec|print|system|lambda|return|assert)\b"#)
});
/// A first line of its own before an explanation.
pub static LEADING: LazyLock<Pattern> = LazyLock::new(|| {
    pattern(
        r"(?i)\A([^\n]{1,120})\n\s*(?:explanation|reason(?:ing)?|because|here(?:'s| is)|steps|solution|解析|解释|理由|因为|说明|解[::])",
    )
});

/// Whether the last line concludes on a piece, and then tells another quantity by its name.
pub fn follows_emphasis(text: &str, piece: &str) -> bool {
    static OTHER: LazyLock<Pattern> =
        LazyLock::new(|| pattern(r"(?i)\A\s*,\s*(?:and\s+)?(?:\p{Han}{2,6}[是为]|the\s+[a-z]+\s+is\b)"));
    let line: String = text.lines().next_back().unwrap_or("").replace([OPEN, CLOSE], "");
    let Some((head, rest)) = line.split_once(piece) else { return false };
    let led = head.trim_end().ends_with(['为', '是']) || head.trim_end().ends_with(" is");
    led && CONCLUDES.is_match(head.trim_start()) && OTHER.is_match(rest)
}
