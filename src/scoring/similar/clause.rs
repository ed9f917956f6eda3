//! The statement of a sentence in which a name stands, without what stands beside it: the clause that concedes, contrasts
//! or explains, the reason that leads up to it, the words that only say when or by what measure.
//!
//! A wrong answer that names the right one names its own answer too, and nearly always first: "The capital is Sydney, and
//! Canberra is …". So a clause behind a name may tell more or contrast, where it takes nothing back; a clause before it may
//! only lead up to it.

use crate::scoring::text::{Pattern, pattern};
use std::ops::Range;
use std::sync::LazyLock;

/// What others think, or what is conceded, before what the sentence says itself: "Many think Sydney, but the capital is
/// Canberra."
static OTHERS: LazyLock<Pattern> = LazyLock::new(|| {
    pattern(concat!(
        r"(?i)\A(?:(?:although|though|while|despite)\b[^,;]*,|[^,;]*\b(?:many|some|most|people|often|commonly)\b[^,;]*,?\s+but\b",
        r"|(?:虽然|尽管)?(?:很多人|许多人|不少人|有人|人们|大家|常有人)[^,;]*[,;]\s*(?:但是?|不过|然而|可是|其实|实际上)|(?:虽然|尽管)[^,;]*[,;]\s*(?:但是?|不过|然而|可是))\s*(?:actually,?|in\s+fact,?)?\s*",
    ))
});
/// The end of reasons: what follows is what they lead to.
static CONCLUDES: LazyLock<Pattern> = LazyLock::new(|| {
    pattern(
        r"(?i)[,;:.]\s*(?:and\s+)?(?:so|thus|hence|therefore|which\s+means(?:\s+that)?|meaning(?:\s+that)?)\b,?\s+|[,;:。](?:所以|因此|因而|可见|于是|从而|由此可知|故)",
    )
});
/// Words before a sentence's subject that only say when, where or by what measure.
static ADJUNCT: LazyLock<Pattern> = LazyLock::new(|| {
    pattern(concat!(
        r"(?i)\A[\s*]*(?:in|by|at|on|during|of|among|with|based\s+on|from|after|before|as\s+of|for|since|back\s+in|(?:standing|rising|located|situated|known|famous|founded|built|weighing|measuring|covering)\s+(?:at|in|on|for|over|to|with|as|by|about|nearly)|weighing|measuring|covering)\b(?:[^,;:.!?]|[,.]\d){1,80},\s*(?:\d{4},\s*)?",
        r"|\A[\s*]*[^,;:。是为]{0,14}?(?:时期?|年间?|世纪|朝|代|中|里|上|后|前|期间|以来|方面|看|来说|而言|起|日|月),",
    ))
});
/// Of such words those that lay the statement into another's mouth, another world or another time.
static ELSEWHERE: LazyLock<Pattern> = LazyLock::new(|| {
    pattern(
        r"(?i)\b(?:opinion|views?|eyes|stor(?:y|ies)|fiction\w*|dreams?|myths?|legends?|jokes?|game|version|alternate|alternative|world|hypothe\w*|former|past|contrast|addition|place|case|theory|mind|my|his|her|their)\b|假|如|若|据|按|说|传说|故事|小说|以前|过去|曾|游戏|梦|心目",
    )
});
/// Where a clause begins that concedes or contrasts; what English concedes has to say of what.
static CONTRAST: LazyLock<Pattern> = LazyLock::new(|| {
    pattern(concat!(
        r"(?i),?\s+(?P<concedes>although|though|even\s+though|even\s+if)\b|,?\s+(?:whereas|while)\b",
        r"|[,;]\s*(?:而|至于)?[^,;。是]{1,16}则|[,;]\s*而|(?P<another>[,;]\s*[^,;。是的也又就正这那它他她其均都并][^,;。是的]{1,9}是[^,;。]{1,16}的[^,;。是]{1,8}[。.]?\s*\z)|[,;]\s*[^,;。是的]{1,10}是[其他她它]|[,;]\s*[^,;。]{1,10}虽|[,;]\s*[^,;。是的]{1,10}只是|[,;]\s*(?:而)?(?:其次|第[二三四五六]|次之|次大|仅次|紧随|排名?在?第?[二三四])",
        r"|[,;。]\s*(?:(?:两者|二者|大家|同学们|但)?(?:请|注意|需要|千万)*(?:不要|不可|切勿|勿|别)(?:与|和|跟|将|把)?[^,;。]{0,20}(?:混淆|搞混|弄混|混为一谈))",
    ))
});
/// Where a Chinese clause begins that tells more of what the one before it names.
static MORE: LazyLock<Pattern> = LazyLock::new(|| {
    pattern(
        r"\s*—+\s*(?:the|an?|it|its|which|who|he|she|in|with|that)\b|[,;]\s*(?:(?P<means>比喻|形容|意思|意为|讲的是|讲述|说的是|寓意|告诉|说明|启示|讽刺|强调|体现|反映|指的?是|用来|用于)|(?:因此|所以|故)(?:[它他她其又也被]|得名)|[它他她其该这那此]|[被又也并曾字号以与即属]|原名|本名|享年|俗称|简称|位于|全长|表示|建立|表达|收录|至今|海拔|面积|体积|质量|距今|成为|享有|被誉)",
    )
});
/// What a concession is about.
static CONCEDED: LazyLock<Pattern> = LazyLock::new(|| {
    pattern(
        r"(?i)\A\W*(?:even\s+)?(?:although|though|if)\s+(?:it|he|she|they|this)\b|\b(?:many|most|some|people|often|commonly|sometimes|frequently)\b|\b(?:too|as\s+well|also)\b|\b(?:larger|bigger|smaller|older|better|higher|longer|taller|closer|heavier|deeper|wider|richer|more|most|largest|biggest|best|longest|tallest|highest)\b",
    )
});
/// What a clause beside a statement must not say: that another is right, or that nothing is sure.
static TAKES_BACK: LazyLock<Pattern> = LazyLock::new(|| {
    pattern(concat!(
        r"(?i)\?|\b(?:actually|really|truly|in\s+(?:fact|reality|truth)|instead|correct|right|answer|wrong|incorrect|false|untrue|sorry|mistaken|maybe|perhaps|possibly|probably|might|could|unsure|sure|certain|guess\w*|disput\w*|contest\w*|real|true|ignor\w*|rubric|grad\w+)\b",
        r"|\b\w+(?:ed|ote|nt|ade|uilt)\s+(?:it|them|this)\b|\bbut\b|—\s*(?:no|wait|oops|hmm+|scratch)\b",
        r"|[吗呢]|正确|答案|真正|实际|其实|应该|应当|才是|可能|也许|或许|误|错|更正|忽略|评分",
    ))
});
/// What makes a Chinese contrast a statement of its own: whose answer it is can't be told.
static NAMES: LazyLock<Pattern> = LazyLock::new(|| pattern(r"[是为叫由]|不是|并非"));

/// The longest clause that is looked at, in bytes.
const LONGEST: usize = 400;

/// The statement of a sentence.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Own {
    /// Where it stands, in bytes.
    pub range: Range<usize>,
    /// A contrasting clause behind it says of another what that is: …,而作者是杜甫.
    pub names_another: bool,
}

/// Where the statement stands in which a name has its place; none where what stands beside it takes it back.
#[must_use]
pub fn own(sentence: &str, place: &Range<usize>) -> Option<Own> {
    let mut start = 0;
    let rest = |from: usize| sentence.get(from..place.start).unwrap_or("");
    start += OTHERS.find(rest(start)).map_or(0, |found| found.end());
    start += CONCLUDES.find_iter(rest(start)).last().map_or(0, |found| found.end());
    let adjunct = ADJUNCT.find(rest(start)).filter(|found| !ELSEWHERE.is_match(found.as_str()));
    start += adjunct.map_or(0, |found| found.end());
    let tail = sentence.get(place.end..)?;
    let near = tail.get(..tail.floor_char_boundary(LONGEST)).unwrap_or(tail);
    let (mut end, mut names_another) = (sentence.len(), false);
    let denies = |found: &regex::Captures<'_>| {
        let side = near.get(found.get(0).map_or(0, |m| m.start())..).unwrap_or("").trim_start_matches([',', ';', ' ']);
        ["而不是", "而非", "而并", "而不"].iter().any(|word| side.starts_with(word))
    };
    if let Some(found) = CONTRAST.captures(near).filter(|found| !denies(found)) {
        let whole = found.get(0)?;
        let side = tail.get(whole.start()..)?;
        let (chinese, parallel) = (!whole.as_str().is_ascii(), whole.as_str().ends_with('则'));
        let conceded = found.name("concedes").is_none() || CONCEDED.is_match(side);
        names_another = found.name("another").is_some()
            || chinese && !parallel && whole.as_str().trim_end().ends_with('而') && NAMES.is_match(side);
        if TAKES_BACK.is_match(side) && !side.contains("混") || !conceded {
            return None;
        }
        end = place.end + whole.start();
    }
    if let Some(found) = MORE.captures(sentence.get(place.end..end)?) {
        let whole = found.get(0)?;
        let side = sentence.get(place.end + whole.start()..end)?;
        if found.name("means").is_none() && TAKES_BACK.is_match(side) {
            return None;
        }
        end = place.end + whole.start();
    }
    Some(Own { range: start..end, names_another })
}

/// Whether a sentence, or what is left of it, is what reasons lead to: "So …", 所以….
#[must_use]
pub fn concludes(sentence: &str) -> bool {
    static SO: LazyLock<Pattern> = LazyLock::new(|| {
        pattern(
            r"(?i)\A[\s*#>-]*(?:so|thus|hence|therefore|in\s+conclusion|in\s+short|in\s+summary|overall|accordingly|consequently)\b|\A[\s*#>-]*conclusion\s*:|\A[\s*#>-]*(?:结论\s*:|所以|因此|因而|可见|综上|综合(?:来看|以上|上述)|总的来[说看]|总而言之|总体[来而]|由此可知|总之|故)",
        )
    });
    SO.is_match(sentence)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_own_statement_is_what_is_left() {
        for (sentence, name, want) in [
            ("Canberra is the capital, although Sydney is larger.", "Canberra", Some("Canberra is the capital")),
            ("In 1932, Amelia Earhart flew there.", "Amelia", Some("Amelia Earhart flew there.")),
            ("Many say Sydney, but it is Canberra.", "Canberra", Some("it is Canberra.")),
            ("It is small, so it is Mercury.", "Mercury", Some("it is Mercury.")),
            ("It was patented by Bell, although Meucci invented it.", "Bell", None),
            ("It was Bell, although the correct answer is Meucci.", "Bell", None),
            ("咸水湖是青海湖,鄱阳湖则是淡水湖", "青海湖", Some("咸水湖是青海湖")),
            ("东汉时期,蔡伦改进了它", "蔡伦", Some("蔡伦改进了它")),
            ("李白是他的好友,而作者是杜甫", "李白", Some("李白是他的好友")),
            ("成语是画蛇添足,比喻多此一举,反而不好", "画蛇添足", Some("成语是画蛇添足")),
        ] {
            let at = sentence.find(name).unwrap();
            let found = own(sentence, &(at..at + name.len()));
            assert_eq!(found.and_then(|own| sentence.get(own.range)), want, "{sentence}");
        }
        assert!(concludes("So it is Paris.") && concludes("所以是北京") && !concludes("Sofia is a city."));
    }
}
