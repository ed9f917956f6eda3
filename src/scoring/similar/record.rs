//! Answers that are no sentences but records: a row of a table, one JSON object, "Composer: Mozart".

use crate::scoring::text::{Pattern, pattern};
use std::sync::LazyLock;

/// Labels of what is not the answer.
static OTHER: LazyLock<Pattern> = LazyLock::new(|| {
    pattern(concat!(
        r"(?i)\b(?:rivals?|wrong|incorrect|not|runner\w*|second|third|other|others|alternatives?|notes?|hints?|examples?|quiz|users?|questions?|prompt|inputs?|previous|guess(?:es)?|candidates?|options?|choices?|distractors?|spouse|wife|husband|friend|neighbou?rs?|teacher|student|pupil|source|reference|topic|former|formerly|false|myth|mistake|misconception|predecessor|successor|similar|related|compare|vs|step|says?|said|think|thought|if)\b",
        r"|错|误|干扰|其他|其它|备选|对手|提示|示例|例如|问题|题目|题干|主题|关键词|近义|反义|相关|对比|前任|后任|老师|学生|好友|用户|注|来源|旧|曾|说|认为|以为|假|不|非|第二|第三|其次|如果",
    ))
});
/// Labels of what is asked about.
static TOPIC: LazyLock<Pattern> = LazyLock::new(|| {
    pattern(
        r"(?i)\A\W*(?:country|nation|title|work|book|novel|opera|film|subject|topic|event|国家|地区|作品|书名|篇名|题目|问题|事件|名称)\W*\z",
    )
});

/// Headings of a table that lists facts, one a row.
static FACTS: LazyLock<Pattern> = LazyLock::new(|| {
    pattern(
        r"(?i)\A\W*(?:item|field|attribute|property|category|aspect|detail|question|fact|key|项目|属性|类别|字段|问题|方面|要素|信息|条目|名称)s?\W*\z",
    )
});

/// The most rows and cells of a table that is read.
const MOST: usize = 40;

/// The one line that a text sets off as code under words that lead to it, with what stands around it.
#[must_use]
pub fn fenced(text: &str) -> Option<(&str, &str, &str)> {
    const FENCE: &str = "```";
    let (lead, rest) = text.split_once(FENCE)?;
    let (_, rest) = rest.split_once('\n')?;
    let (value, rest) = rest.split_once(FENCE)?;
    let lead = lead.trim();
    let one = !value.trim().is_empty() && !value.trim().contains('\n') && !rest.contains(FENCE);
    (one && (lead.is_empty() || lead.ends_with(':')) && !lead.contains('\n')).then_some((lead, value.trim(), rest))
}

/// The heading or the bold line below words that lead to it, with what stands around it.
#[must_use]
pub fn headed(text: &str) -> Option<(&str, &str, &str)> {
    static HEADED: LazyLock<Pattern> = LazyLock::new(|| {
        pattern(
            r"\A(?P<lead>[^\n]+:)[ \t]*\n+[ \t]*(?:#{1,6}[ \t]+(?P<heading>[^\n]{1,60})|\*\*(?P<bold>[^*\n]{1,60})\*\*)[ \t]*\n+(?P<rest>(?s:.*))\z",
        )
    });
    let found = HEADED.captures(text)?;
    let value = found.name("heading").or_else(|| found.name("bold"))?.as_str();
    Some((found.name("lead")?.as_str(), value, found.name("rest")?.as_str()))
}

/// Whether a label may stand before the answer.
#[must_use]
pub fn names_answer(label: &str) -> bool {
    label.contains(char::is_alphanumeric) && !OTHER.is_match(label)
}

/// Whether a label tells what is asked about: "Country: Spain".
#[must_use]
pub fn is_topic(label: &str) -> bool {
    TOPIC.is_match(label)
}

/// A label with what it stands before, where a line is only that: "**Composer:** Mozart".
#[must_use]
pub fn labelled(line: &str) -> Option<(&str, &str)> {
    let (label, value) = line.trim_end_matches(['.', '。', ';', ' ']).split_once(':')?;
    let words = label.split_whitespace().count() + label.chars().filter(|c| *c >= '\u{4E00}').count() / 3;
    (words <= 5 && value.contains(char::is_alphanumeric) && !value.contains(['.', '。'])).then_some((label, value))
}

/// The accepted answer that a table gives, and the text without the table.
#[must_use]
pub fn tabled(text: &str, is_one: &dyn Fn(&str) -> bool) -> Option<(String, String)> {
    let is_row = |line: &&str| line.trim().starts_with('|') && line.trim().len() > 1;
    if text.lines().filter(is_row).count() < 2 {
        return None;
    }
    let rest: Vec<&str> = text.lines().filter(|line| !is_row(line)).collect();
    let rows: Vec<Vec<&str>> = text.lines().filter(is_row).take(MOST).map(cells).collect();
    let is_rule = |row: &Vec<&str>| row.iter().all(|cell| cell.trim_matches(['-', ':', ' ']).is_empty());
    let at = rows.iter().position(is_rule)?;
    let (head, rows) = (rows.get(at.checked_sub(1)?)?, rows.get(at + 1..)?);
    let right = |cell: &&&str| is_one(cell);
    let bold: Vec<&&str> =
        rows.iter().flatten().filter(|cell| cell.starts_with("**") && cell.ends_with("**")).collect();
    let found = match (rows, bold.as_slice()) {
        ([row], _) => {
            let heads = head.iter().zip(row).filter(|(head, _)| names_answer(head) || FACTS.is_match(head));
            let mut named = heads.map(|(_, cell)| cell);
            match row.as_slice() {
                [label, value] if FACTS.is_match(head.first()?) => names_answer(label).then_some(value).filter(right),
                _ => named.find(right),
            }
        }
        (rows, _) if head.len() == 2 && FACTS.is_match(head.first()?) => {
            let facts = rows.iter().filter_map(|row| Some((row.first()?, row.get(1)?)));
            let mut named = facts.filter(|(label, _)| names_answer(label)).map(|(_, value)| value);
            named.find(right)
        }
        (_, [one]) => Some(*one).filter(right),
        _ => None,
    }?;
    Some(((*found).to_owned(), rest.join("\n").trim().to_owned()))
}

fn cells(row: &str) -> Vec<&str> {
    row.trim().trim_matches('|').split('|').map(str::trim).take(MOST).collect()
}

/// The first value of an answer that is a JSON object: what was asked for comes first, or by itself.
#[must_use]
pub fn object(text: &str) -> Option<Option<String>> {
    let inner = text.trim().trim_start_matches("```json").trim_matches(['`', ' ', '\n']);
    if !inner.starts_with('{') || !inner.ends_with('}') {
        return None;
    }
    let value: serde_json::Value = serde_json::from_str(inner).ok()?;
    let object = value.as_object()?;
    // The map is in the order of its keys: the first one of the text is looked up there.
    let first = object.iter().min_by_key(|(key, _)| inner.find(&format!("\"{key}\"")).unwrap_or(usize::MAX));
    let said = first.filter(|(key, _)| names_answer(key)).and_then(|(_, value)| value.as_str());
    Some(said.map(str::to_owned))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn records_are_read() {
        let is_one = |cell: &str| cell.trim_matches('*') == "Oslo";
        for (text, want) in [
            ("| City | Country |\n|---|---|\n| Oslo | Norway |", true),
            ("| Item | Detail |\n|---|---|\n| Country | Norway |\n| Capital | Oslo |", true),
            ("| Item | Detail |\n|---|---|\n| Capital | Bergen |\n| Rival | Oslo |", false),
            ("| City | Size |\n|---|---|\n| **Oslo** | 1 |\n| Bergen | 2 |", true),
            ("| City | Size |\n|---|---|\n| Oslo | 1 |\n| Bergen | 2 |", false),
            ("Oslo | Bergen", false),
        ] {
            assert_eq!(tabled(text, &is_one).is_some(), want, "{text}");
        }
        assert_eq!(object("{\"name\": \"Oslo\", \"was\": \"Kristiania\"}"), Some(Some("Oslo".into())));
        assert_eq!(object("{\"rival\": \"Oslo\"}"), Some(None));
        assert_eq!(object("Oslo"), None);
        assert_eq!(labelled("Composer: Mozart"), Some(("Composer", " Mozart")));
        assert_eq!(labelled("Composer: He. And more."), None);
    }
}
