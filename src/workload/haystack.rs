//! Long texts with facts in them: sentences about nothing in particular, made of parts, in paragraphs.
//!
//! None of them has a digit, a number of more than a dozen, or a place with a code, so that only facts can be what is
//! asked for.

use crate::domain::{Fact, Haystack, TOKEN, token_parts};
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

/// Words by the name that a sentence has for them.
type Words = &'static [(&'static str, &'static [&'static str])];

const ENGLISH: &[&str] = &[
    "{Who} {did} the {thing} before {when}, and nobody asked why.",
    "It had been {weather} since {when}, so {who} stayed {where} and {did} the {thing}.",
    "{Who} told {who} that the {thing} was {quality}, which turned out to be only half the story.",
    "Along the road there were {quality} fences, a {quality} barn, and now and then somebody carrying a {thing}.",
    "“You can leave the {thing} {where},” said {who}, “it has been {quality} long enough.”",
    "By {when} the market was full, and {who} had already sold the {quality} {thing} to {who}.",
    "Nobody remembered who had left the {thing} {where}, but {who} thought it looked {quality}.",
    "The letter spoke of {quality} days, of the {thing} that was lost {where}, and of {who}.",
    "When {who} came back, the {thing} was {where}, as {quality} as ever.",
    "After {when} the talk turned to the weather, which was {weather}, and then to the {thing}.",
    "{Who} liked to say that a {quality} {thing} is worth more than a new one.",
    "For a while the only sound was that of {who}, who {did} the {thing} {where}.",
    "There is a saying that {weather} mornings make {quality} evenings, though {who} never believed it.",
    "Some of the children {did} the {thing}; others sat {where} and waited for {when}.",
    "The path behind the houses was {quality}, and at {when} hardly anyone went there except {who}.",
    "{Who} wrote it down in a {quality} notebook and put the {thing} back {where}.",
    "Since it was {weather}, the guests moved inside, where {who} {did} the {thing} once more.",
    "Of all the things {where}, the {thing} was the one that {who} would have missed.",
    "“Do we still need the {thing}?” asked {who}, but it was {when} and everyone was tired.",
    "Later that week {who} painted the door, and the {thing} beside it, in a {quality} colour.",
    "What {who} wanted was simple: a {quality} chair, a {thing}, and {weather} weather.",
    "The bus was late again, and {who} read the same {quality} page until {when}.",
];
const ENGLISH_WORDS: Words = &[
    (
        "who",
        &[
            "the baker",
            "the teacher",
            "an old neighbour",
            "the postman",
            "her cousin",
            "the gardener",
            "his aunt",
            "the fiddler",
            "a stranger",
            "the ferryman",
            "the carpenter",
            "the new tenant",
            "the choir leader",
            "my uncle",
            "the tailor",
            "the beekeeper",
        ],
    ),
    (
        "Who",
        &[
            "The baker",
            "The teacher",
            "An old neighbour",
            "The postman",
            "Her cousin",
            "The gardener",
            "His aunt",
            "The fiddler",
            "A stranger",
            "The ferryman",
            "The carpenter",
            "The new tenant",
            "The choir leader",
            "My uncle",
            "The tailor",
            "The beekeeper",
        ],
    ),
    (
        "did",
        &[
            "mended",
            "carried away",
            "cleaned",
            "looked for",
            "wrapped up",
            "admired",
            "borrowed",
            "forgot",
            "drew",
            "weighed",
            "dusted",
            "hid",
            "turned over",
            "praised",
        ],
    ),
    (
        "thing",
        &[
            "ladder",
            "kettle",
            "blanket",
            "lantern",
            "basket",
            "clock",
            "wheelbarrow",
            "parasol",
            "cupboard",
            "violin",
            "saddle",
            "mirror",
            "map",
            "bucket",
            "curtain",
            "teapot",
            "bench",
            "rope",
        ],
    ),
    (
        "where",
        &[
            "by the window",
            "under the stairs",
            "at the far end of the garden",
            "in the shade",
            "near the bridge",
            "on the porch",
            "behind the hedge",
            "next to the stove",
            "beside the well",
            "on the upper shelf",
        ],
    ),
    (
        "when",
        &[
            "breakfast",
            "noon",
            "sunset",
            "the harvest",
            "supper",
            "the first frost",
            "midsummer",
            "dawn",
            "the fair",
            "the long weekend",
        ],
    ),
    ("weather", &["rainy", "mild", "windy", "foggy", "dry", "unusually cold", "grey", "clear", "stormy", "warm"]),
    (
        "quality",
        &[
            "quiet", "crooked", "dusty", "cheerful", "plain", "worn", "solid", "faded", "narrow", "handsome", "heavy",
            "modest", "strange", "sturdy",
        ],
    ),
];

const CHINESE: &[&str] = &[
    "{when}之前，{who}{did}了那{thing}，也没有人问为什么。",
    "{when}以来天气一直{weather}，{who}便留在{where}，{did}了那{thing}。",
    "{who}告诉{who}，那{thing}挺{quality}的，后来才知道事情只说对了一半。",
    "一路上能看到{quality}的篱笆、{quality}的院墙，偶尔有人扛着一{thing}走过。",
    "“把那{thing}放在{where}就行，”{who}说，“它已经够{quality}了。”",
    "到了{when}，集市上挤满了人，{who}早就把那{quality}的东西卖给了{who}。",
    "谁也想不起是谁把那{thing}落在了{where}，不过{who}觉得它看上去很{quality}。",
    "信里写到{quality}的日子，写到在{where}丢失的那{thing}，也写到了{who}。",
    "{who}回来的时候，那{thing}还在{where}，和从前一样{quality}。",
    "{when}过后，大家聊起了{weather}的天气，然后又说到那{thing}。",
    "{who}常说，一{thing}只要{quality}，就比新的更值得留下。",
    "有好一阵子，只听得见{who}在{where}忙碌，原来是{did}了那{thing}。",
    "俗话说早晨{weather}，傍晚就{quality}，可{who}从来不信。",
    "有的孩子{did}了那{thing}，有的坐在{where}等着{when}到来。",
    "屋后的小路很{quality}，{when}时分除了{who}几乎没有人走。",
    "{who}把这件事记在一个{quality}的本子上，又把那{thing}放回了{where}。",
    "因为天气{weather}，客人们都进了屋，{who}又一次{did}了那{thing}。",
    "在{where}的所有东西里，{who}最舍不得的就是那{thing}。",
    "“我们还用得着那{thing}吗？”{who}问道，可是已经到了{when}，大家都累了。",
    "那个星期的晚些时候，{who}给门刷了漆，连旁边的那{thing}也刷成了{quality}的颜色。",
    "{who}想要的很简单：一把{quality}的椅子，一{thing}，还有{weather}的天气。",
    "班车又晚点了，{who}把那{quality}的一页反复读到了{when}。",
];
const CHINESE_WORDS: Words = &[
    (
        "who",
        &[
            "面包师",
            "老师",
            "一位老邻居",
            "邮递员",
            "她的表姐",
            "园丁",
            "他的姑妈",
            "琴师",
            "一个陌生人",
            "摆渡人",
            "木匠",
            "新来的房客",
            "合唱队队长",
            "我的叔叔",
            "裁缝",
            "养蜂人",
        ],
    ),
    (
        "did",
        &[
            "修好",
            "搬走",
            "擦干净",
            "找到",
            "包好",
            "夸奖",
            "借走",
            "忘记",
            "画下",
            "掂量",
            "掸净",
            "藏起",
            "翻看",
            "收拾好",
        ],
    ),
    (
        "thing",
        &[
            "架梯子",
            "把水壶",
            "条毯子",
            "盏灯笼",
            "只篮子",
            "座挂钟",
            "辆手推车",
            "把雨伞",
            "个柜子",
            "把提琴",
            "副马鞍",
            "面镜子",
            "张地图",
            "只水桶",
            "幅窗帘",
            "把茶壶",
            "条长凳",
            "根绳子",
        ],
    ),
    (
        "where",
        &["窗边", "楼梯底下", "花园尽头", "树荫里", "桥头附近", "门廊上", "树篱后面", "炉子旁边", "水井边", "上层架子"],
    ),
    ("when", &["早饭", "正午", "日落", "秋收", "晚饭", "初霜", "仲夏", "黎明", "庙会", "假期"]),
    ("weather", &["多雨", "温和", "多风", "有雾", "干燥", "格外寒冷", "阴沉", "晴朗", "闷热", "暖和"]),
    (
        "quality",
        &[
            "安静", "歪斜", "陈旧", "喜气", "朴素", "破旧", "结实", "素净", "狭窄", "好看", "沉重", "普通", "古怪",
            "牢固",
        ],
    ),
];

/// The text of a recipe.
pub(super) fn text(recipe: &Haystack) -> String {
    let Haystack { tokens, facts, seed, is_chinese } = recipe;
    let whole = u64::from(*tokens) * TOKEN;
    let (sentences, words) = if *is_chinese { (CHINESE, CHINESE_WORDS) } else { (ENGLISH, ENGLISH_WORDS) };
    let mut facts: Vec<&Fact> = facts.iter().collect();
    facts.sort_by_key(|fact| std::cmp::Reverse(fact.depth));
    let mut rng = ChaCha8Rng::seed_from_u64(*seed);
    // A token is at most four bytes in English, and four and a half in Chinese.
    let mut text = String::with_capacity(*tokens as usize * 5);
    let (mut parts, mut left) = (0, 0_u32);
    while parts < whole || !facts.is_empty() {
        let from = text.len();
        if left == 0 {
            left = rng.random_range(4..9);
            text.push_str(if from == 0 { "" } else { "\n\n" });
        } else if !is_chinese {
            text.push(' ');
        }
        left -= 1;
        let due = |fact: &&&Fact| u64::from(fact.depth) * whole <= parts * u64::from(Haystack::WHOLE);
        if facts.last().filter(due).is_some() {
            text.push_str(facts.pop().map_or("", |fact| &fact.text));
        } else {
            write(&mut text, &mut rng, sentences, words);
        }
        parts += text.get(from..).map_or(0, token_parts);
    }
    text
}

/// One sentence.
fn write(text: &mut String, rng: &mut ChaCha8Rng, sentences: &[&str], words: Words) {
    let mut rest = sentences.get(rng.random_range(0..sentences.len())).copied().unwrap_or("");
    while let Some((before, after)) = rest.split_once('{') {
        let (name, after) = after.split_once('}').unwrap_or((after, ""));
        text.push_str(before);
        let known = words.iter().find(|(known, _)| *known == name).map_or(&[""][..], |(_, all)| all);
        text.push_str(known.get(rng.random_range(0..known.len())).copied().unwrap_or(""));
        rest = after;
    }
    text.push_str(rest);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::estimated_tokens;

    fn recipe(tokens: u32, depths: &[u32], is_chinese: bool) -> Haystack {
        let facts = depths.iter().map(|depth| Fact { depth: *depth, text: format!("Fact {depth}.") }).collect();
        Haystack { tokens, facts, seed: 7, is_chinese }
    }

    #[test]
    fn a_text_is_as_long_as_it_is_to_be_and_facts_stand_where_they_are_to() {
        for is_chinese in [false, true] {
            for tokens in [500, 2_000, 20_000] {
                let depths = [0, 2_500, 5_000, 9_999];
                let text = text(&recipe(tokens, &depths, is_chinese));
                let got = estimated_tokens(&text);
                assert!((u64::from(tokens)..u64::from(tokens) + 50).contains(&got), "{got} for {tokens}");
                for depth in depths {
                    let at = text.find(&format!("Fact {depth}.")).unwrap();
                    let share = token_parts(&text[..at]) as f64 / token_parts(&text) as f64;
                    let want = f64::from(depth) / f64::from(Haystack::WHOLE);
                    // Within two sentences.
                    assert!((share - want).abs() * f64::from(tokens) < 80.0, "{share} for {want} of {tokens}");
                }
            }
        }
    }

    #[test]
    fn the_same_recipe_is_the_same_text_and_no_other() {
        let one = recipe(1_000, &[100], false);
        assert_eq!(text(&one), text(&one));
        assert_ne!(text(&one), text(&Haystack { seed: 8, ..one.clone() }));
        // Facts come to be there even where there is no room.
        let crowded = text(&recipe(1, &[0, 9_000, 9_999], false));
        assert!(crowded.contains("Fact 9999."), "{crowded}");
    }

    #[test]
    fn what_is_around_the_facts_has_no_digit_and_is_varied() {
        for (sentences, words, is_chinese) in [(ENGLISH, ENGLISH_WORDS, false), (CHINESE, CHINESE_WORDS, true)] {
            let names = words.iter().map(|(name, _)| *name).collect::<Vec<_>>();
            for sentence in sentences {
                let used = sentence.split('{').skip(1).filter_map(|part| part.split_once('}')).map(|(name, _)| name);
                assert!(used.clone().count() > 1 && used.clone().all(|name| names.contains(&name)), "{sentence}");
            }
            let text = text(&recipe(20_000, &[], is_chinese));
            assert!(!text.contains(|c: char| c.is_numeric() || c == '{'));
            let all: Vec<&str> = text.split(['.', '。']).map(str::trim).collect();
            let distinct: std::collections::BTreeSet<_> = all.iter().collect();
            assert!(distinct.len() * 100 > all.len() * 95, "{} of {}", distinct.len(), all.len());
        }
    }
}
