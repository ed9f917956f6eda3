//! Where the characters of an accepted name stand in a text and another, longer name is meant: 九华山 is not 华山, 上海南部
//! not 海南, West Virginia not Virginia. Chinese has no spaces, and a name found across the border of two words is found by
//! chance.

use super::words::Word;
use crate::scoring::choice::is_cjk;
use crate::scoring::text::{Pattern, before, pattern};
use std::ops::Range;
use std::sync::LazyLock;

/// Names that begin or end like others, or hold them: what a text is parted by, from its left, where a match stands. Only
/// such as hardly ever arise from two other words (其中山西: so no 中山 here).
static NAMES: LazyLock<Vec<&str>> = LazyLock::new(|| {
    concat!(
        "北京 天津 上海 重庆 河北 山西 辽宁 吉林 黑龙江 江苏 浙江 安徽 福建 江西 山东 河南 湖北 湖南 广东 海南 ",
        "四川 贵州 云南 陕西 甘肃 青海 台湾 内蒙古 广西 西藏 宁夏 新疆 香港 澳门 南京 西安 西宁 南昌 南宁 济南 ",
        "珠海 威海 海口 台北 台南 镇江 九江 丽江 湛江 阳江 牡丹江 长江 黄河 淮河 珠江 松花江 鸭绿江 钱塘江 嘉陵江 ",
        "澜沧江 运河 太湖 西湖 洞庭湖 鄱阳湖 青海湖 东海 南海 黄海 渤海 红海 黑海 里海 北海 地中海 日本海 阿拉伯海 ",
        "波罗的海 加勒比海 印度洋 太平洋 大西洋 北冰洋 印度河 几内亚湾 墨西哥湾 孟加拉湾 泰山 太行山 少华山 太平山 ",
        "印度尼西亚 印度支那 日本 越南 南苏丹 索马里 罗马尼亚 马里兰 几内亚比绍 赤道几内亚 巴布亚新几内亚 危地马拉 ",
        "新西兰 南美洲 北美洲 拉丁美洲 北爱尔兰 加拿大 意大利 澳大利亚 西班牙 葡萄牙 新墨西哥 西弗吉尼亚 ",
        "北卡罗来纳 南卡罗来纳 新泽西 不列颠哥伦比亚",
    )
    .split(" ")
    .collect()
});
/// The same in English: names that hold another place's name.
static ENGLISH: LazyLock<Vec<&str>> = LazyLock::new(|| {
    concat!(
        "new york, new jersey, new mexico, new hampshire, new england, new south wales, new zealand, new guinea, ",
        "new orleans, new caledonia, papua new guinea, equatorial guinea, guinea-bissau, guinea bissau, ",
        "west virginia, south sudan, nova scotia, northern ireland, inner mongolia, indian ocean, american samoa, ",
        "east timor, baja california, kansas city, gulf of mexico, sea of japan, gulf of guinea, lake michigan, ",
        "lake ontario, arabian sea, french guiana, british columbia, district of columbia",
    )
    .split(", ")
    .collect()
});
/// The longest of these, in characters.
const LONGEST: usize = 7;

/// What the names of mountains, waters, places and buildings end with.
const CLASSES: &str = "山江河湖海岛县市省州寺桥岭峰洋湾宫塔庙";
/// Words that end so and are no names: a new or a large one is still one.
static GENERIC: LazyLock<Vec<&str>> = LazyLock::new(|| {
    concat!(
        "城市 都市 海岛 半岛 群岛 火山 冰山 雪山 高山 青山 冰河 江河 天河 江湖 盐湖 咸水湖 淡水湖 大海 深海 沿海 ",
        "海洋 大洋 海湾 港湾 古寺 大桥 石桥 拱桥 铁桥 高峰 主峰 山峰 山岭 皇宫 王宫 铁塔 佛塔 灯塔 宝塔 寺庙 孔庙 ",
        "本州 九州",
    )
    .split(" ")
    .collect()
});
/// Before a name of a class these make another one of it.
const NUMERALS: &str = "一二三四五六七八九十百千万两双";
const EPITHETS: &str = "大小新老旧";
const DIRECTIONS: &str = "东西南北中";

/// Whether a match stands where another name is meant.
#[must_use]
pub fn is_another(text: &str, place: &Range<usize>) -> bool {
    // A word's full stop is part of its place.
    let name = text.get(place.clone()).unwrap_or("").trim_end_matches(|c: char| !c.is_alphanumeric());
    let head = text.get(..place.start).unwrap_or("");
    let tail = text.get(place.start + name.len()..).unwrap_or("");
    if name.is_ascii() {
        return is_within_english(name, head, tail);
    }
    let han = |c: Option<char>| c.is_some_and(is_cjk);
    if !han(name.chars().next()) || !han(name.chars().next_back()) || name.chars().count() < 2 {
        return false;
    }
    is_cut(name, head, tail)
        || is_parted(name, head, tail)
        || is_numbered(name, head)
        || is_other_compound(name, head)
        || is_direction(name, tail)
        || is_named_after(name, tail)
}

/// Whether a surname of an accepted answer stands as another one's given name: Jefferson Davis, where Thomas Jefferson is
/// meant. `accepted` are the words of the accepted answers.
#[must_use]
pub fn is_given_name(text: &str, place: &Range<usize>, accepted: &[Vec<Word>]) -> bool {
    static NEXT: LazyLock<Pattern> = LazyLock::new(|| pattern(r"\A (?P<next>\p{Lu}\p{Ll}+)"));
    let Some(next) = text.get(place.end..).and_then(|tail| NEXT.captures(tail)) else { return false };
    let generation = next.name("next").is_some_and(|next| matches!(next.as_str(), "Jr" | "Sr"));
    let name = text.get(place.clone()).unwrap_or("");
    let surname =
        |words: &Vec<Word>| words.len() > 1 && words.last().is_some_and(|w| w.text.eq_ignore_ascii_case(name));
    !generation && name.starts_with(char::is_uppercase) && accepted.iter().any(surname)
}

/// Whether the name is part of a longer one: West Virginia.
fn is_within_english(name: &str, head: &str, tail: &str) -> bool {
    let ends = |text: &str, with: &str| {
        text.len()
            .checked_sub(with.len())
            .and_then(|at| text.get(at..))
            .is_some_and(|end| end.eq_ignore_ascii_case(with))
    };
    let begins = |text: &str, with: &str| text.get(..with.len()).is_some_and(|start| start.eq_ignore_ascii_case(with));
    if name.is_empty() {
        return false;
    }
    let name = name.to_ascii_lowercase();
    ENGLISH.iter().filter(|long| long.len() > name.len()).any(|long| {
        long.find(&name).is_some_and(|at| {
            let (lead, rest) = (long.get(..at).unwrap_or(""), long.get(at + name.len()..).unwrap_or(""));
            // "Renew York" holds no "new".
            let apart = |head: &str| !head.ends_with(char::is_alphanumeric);
            ends(head, lead)
                && head.get(..head.len() - lead.len()).is_some_and(apart)
                && begins(tail, rest)
                && (at == 0 || lead.ends_with([' ', '-']))
                && (rest.is_empty() || rest.starts_with([' ', '-']))
        })
    })
}

/// Whether a compound's name is part of another one's: 亚硫酸 is not 硫酸.
fn is_other_compound(name: &str, head: &str) -> bool {
    name.contains('酸') && head.ends_with(['亚', '次', '高', '偏', '焦', '氢'])
}

/// Whether a longer name holds the match, whatever stands before it: 索马里, 印度尼西亚.
fn is_cut(name: &str, head: &str, tail: &str) -> bool {
    NAMES.iter().filter(|long| long.len() > name.len()).any(|long| {
        long.find(name).is_some_and(|at| {
            head.ends_with(long.get(..at).unwrap_or("")) && tail.starts_with(long.get(at + name.len()..).unwrap_or(""))
        })
    })
}

/// Whether a name that begins before the match ends within it, read from the left: 上海|南部.
fn is_parted(name: &str, head: &str, tail: &str) -> bool {
    const FAR: usize = 12;
    let near = before(head, head.len(), FAR);
    let from = near
        .char_indices()
        .rev()
        .find(|(_, c)| !is_cjk(*c) || !c.is_alphanumeric())
        .map_or(0, |(at, c)| at + c.len_utf8());
    let run = near.get(from..).unwrap_or("");
    if run.is_empty() {
        return false;
    }
    let whole: String = run.chars().chain(name.chars()).chain(tail.chars().take(LONGEST)).collect();
    let mut at = 0;
    while at < run.len() {
        let rest = whole.get(at..).unwrap_or("");
        let long = NAMES.iter().filter(|known| rest.starts_with(**known)).map(|known| known.len()).max();
        at += long.or_else(|| rest.chars().next().map(char::len_utf8)).unwrap_or(1);
    }
    at > run.len()
}

/// Whether a numeral or an epithet before the name of a mountain, a water or a place makes another one of it: 九华山.
fn is_numbered(name: &str, head: &str) -> bool {
    let short = name.chars().count() <= 3 && name.ends_with(|c| CLASSES.contains(c)) && !GENERIC.contains(&name);
    let mut back = head.chars().rev();
    let (Some(first), second) = (back.next(), back.next()) else { return false };
    if !short || NAMES.iter().any(|known| head.ends_with(known)) {
        return false;
    }
    let after = |words: &str| second.is_some_and(|c| words.contains(c));
    // 五岳之一华山, 第一华山; 伟大黄河, 古老黄河.
    NUMERALS.contains(first) && !after("之第唯其统专单如") && !after(NUMERALS)
        || EPITHETS.contains(first) && !after("伟巨最广宏强重盛高较更极浩庞全崭古长")
}

/// Whether a name's direction belongs to what follows: 上海南|部, 太行山东|麓.
fn is_direction(name: &str, tail: &str) -> bool {
    let mut back = name.chars().rev();
    let (last, previous) = (back.next().unwrap_or(' '), back.next().unwrap_or(' '));
    let mut next = tail.chars();
    let (first, then) = (next.next().unwrap_or(' '), next.next().unwrap_or(' '));
    // What the word goes on with that is no side: 海南|部分地区, 云南|边境, 海南|方言.
    let another = match first {
        '部' => "分门队落长委属署",
        '方' => "面言案法针式程",
        '面' => "积对临向条粉食馆貌",
        '边' => "境疆陲界防民贸",
        '侧' => "重",
        '端' => "午正庄",
        '岸' | '麓' => "",
        _ => return false,
    };
    DIRECTIONS.contains(last) && !DIRECTIONS.contains(previous) && !"正偏".contains(previous) && !another.contains(then)
}

/// Whether a street, a school or a paper is called after the place: 南京路, 海南大学.
fn is_named_after(name: &str, tail: &str) -> bool {
    let rest = tail.strip_prefix(|c| DIRECTIONS.contains(c)).unwrap_or(tail);
    let road =
        rest.strip_prefix('路').is_some_and(|rest| !rest.starts_with(['途', '程', '线', '上', '况', '过', '边', '段']));
    let named = ["大学", "银行", "日报", "晚报"].iter().any(|word| tail.starts_with(word));
    (road || named) && NAMES.contains(&name)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn another(text: &str, name: &str) -> bool {
        let at = text.find(name).unwrap();
        is_another(text, &(at..at + name.len()))
    }

    #[test]
    fn another_name_is_told_from_the_name() {
        for (text, name) in [
            ("著名的九华山", "华山"),
            ("小雁塔在西安", "雁塔"),
            ("坐落在上海南部的金山区", "海南"),
            ("江西安福县", "西安"),
            ("太行山东麓", "山东"),
            ("洞庭湖南岸", "湖南"),
            ("它在内蒙古", "蒙古"),
            ("它在索马里", "马里"),
            ("印度尼西亚", "印度"),
            ("毕业于海南大学", "海南"),
            ("位于南京西路", "南京"),
            ("生成的酸是亚硫酸", "硫酸"),
            ("it lies in West Virginia.", "Virginia"),
            ("New York is large", "York"),
            ("in Papua New Guinea", "Guinea"),
        ] {
            assert!(another(text, name), "{text}");
        }
        for (text, name) in [
            ("陕西华山", "华山"),
            ("位于海南", "海南"),
            ("海南省南部", "海南"),
            ("中国海南", "海南"),
            ("海南部分地区", "海南"),
            ("海南方言", "海南"),
            ("云南边境", "云南"),
            ("其中山西最多", "山西"),
            ("五岳之一华山", "华山"),
            ("加拿大休伦湖", "休伦湖"),
            ("一座新城市", "城市"),
            ("上海南京路", "上海"),
            ("西藏路途遥远", "西藏"),
            ("在中国的东南方", "东南"),
            ("北京大兴机场", "北京"),
            ("it lies in Virginia.", "Virginia"),
            ("the state of New York", "New York"),
            ("renew York", "York"),
        ] {
            assert!(!another(text, name), "{text}");
        }
    }
}
