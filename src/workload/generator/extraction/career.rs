//! A line of a career: a post, from when to when, what was learnt and what can be done.

use super::words::{COMPANIES, NAMES, month, pick, say, word, words};
use super::{CORRECTED, Draft, Field, Language, Wanted, object, text, whole};
use rand::RngExt;
use rand_chacha::ChaCha8Rng;
use serde_json::json;

const TITLES: (&[&str], &[&str]) = (
    &["data engineer", "product manager", "accountant", "field technician", "copy editor", "buyer", "lab assistant"],
    &["数据工程师", "产品经理", "会计", "现场技术员", "文字编辑", "采购员", "实验员"],
);
const SKILLS: (&[&str], &[&str]) = (
    &["SQL", "Python", "negotiation", "welding", "bookkeeping", "proofreading", "statistics", "Spanish", "photography"],
    &["SQL", "Python", "谈判", "焊接", "记账", "校对", "统计", "西班牙语", "摄影"],
);
const SUBJECTS: (&[&str], &[&str]) = (
    &["physics", "economics", "linguistics", "biology", "history", "computer science"],
    &["物理学", "经济学", "语言学", "生物学", "历史学", "计算机科学"],
);
const SCHOOLS: (&[&str], &[&str]) = (
    &["Lakeside University", "Northern Technical College", "Hillcrest University", "Port City Institute"],
    &["湖滨大学", "北方理工学院", "山顶大学", "港城学院"],
);

fn month_of(year: i16, number: i8, language: Language) -> String {
    say(language, format!("{} {year}", month(number)), format!("{year}年{number}月"))
}

pub(super) fn draft(wanted: Wanted, rng: &mut ChaCha8Rng) -> Draft {
    let Wanted { difficulty, language, .. } = wanted;
    let mut draft = Draft::default();
    let people = words(rng, language, NAMES, 2);
    let (name, other) = (people.first().copied().unwrap_or(""), people.get(1).copied().unwrap_or(""));
    let companies = words(rng, language, COMPANIES, 3);
    let [company, before, third] = [0, 1, 2].map(|at| companies.get(at).copied().unwrap_or(""));
    let (title, second) = (word(rng, language, TITLES), word(rng, language, TITLES));
    let start: (i16, i8) = (rng.random_range(2008..2022), rng.random_range(1..13));
    let end: Option<(i16, i8)> =
        rng.random_bool(0.5).then(|| (start.0 + rng.random_range(1..4), rng.random_range(1..13)));
    let from = month_of(start.0, start.1, language);
    draft.opening = match end {
        None => say(
            language,
            format!("{name} has been {title} at {company} since {from}."),
            format!("{name}自{from}起在{company}任{title}。"),
        ),
        Some((year, number)) => {
            let to = month_of(year, number, language);
            say(
                language,
                format!("{name} was {title} at {company} from {from} to {to}."),
                format!("{name}于{from}至{to}在{company}任{title}。"),
            )
        }
    };
    let skills = words(rng, language, SKILLS, 2 + (difficulty / 3) as usize);
    draft.fact(wanted, format!("Skills: {}.", skills.join(", ")), format!("技能：{}。", skills.join("、")));
    let degree = if language == Language::English {
        pick(rng, &["BSc", "MSc", "PhD"], "BSc")
    } else {
        pick(rng, &["学士", "硕士", "博士"], "学士")
    };
    let (subject, school) = (word(rng, language, SUBJECTS), word(rng, language, SCHOOLS));
    let mut year: u32 = rng.random_range(1998..2008);
    draft.fact(
        wanted,
        format!("Degree: {degree} in {subject}, {school}, {year}."),
        format!("学历：{school}{subject}{degree}，{year}年。"),
    );
    let languages = rng.random_range(1..5_u32);
    draft.fact(wanted, format!("Speaks {languages} languages."), format!("会{languages}种语言。"));

    let (intern, articles, first) =
        (rng.random_range(1996..2008), rng.random_range(2..40), rng.random_range(1990..1998));
    draft.noise(
        wanted,
        format!("Before that came an internship at {before} in {intern}."),
        format!("此前{intern}年在{before}实习。"),
    );
    draft.noise(wanted, format!("Referee: {other}, {second} at {third}."), format!("推荐人：{third}{second}{other}。"));
    draft.noise(wanted, format!("Wrote {articles} articles."), format!("发表文章{articles}篇。"));
    draft.noise(wanted, format!("School was finished in {first}."), format!("{first}年中学毕业。"));
    draft.noise(wanted, format!("{other} led the team."), format!("团队由{other}带领。"));
    if difficulty >= CORRECTED {
        year += rng.random_range(1..4);
        draft.correction(
            wanted,
            format!("Correction: the degree was awarded in {year}."),
            format!("更正：学位授予于{year}年。"),
        );
    }

    let months = json!({ "type": "string", "pattern": "^[0-9]{4}-[0-9]{2}$", "description": "YYYY-MM" });
    let open = json!({ "type": ["string", "null"], "pattern": "^[0-9]{4}-[0-9]{2}$", "description": "YYYY-MM, null while it lasts" });
    let shown = |(year, number): (i16, i8)| format!("{year}-{number:02}");
    draft.field("name", text(), name);
    draft.field("title", text(), title);
    draft.field("company", text(), company);
    draft.field("start", months, shown(start));
    draft.field("end", open, end.map(shown));
    draft.field("skills", json!({ "type": "array", "items": text(), "minItems": 1, "uniqueItems": true }), skills);
    let (schema, value) = object(vec![
        Field("level", text(), degree.into()),
        Field("subject", text(), subject.into()),
        Field("school", text(), school.into()),
        Field("year", whole(1900), year.into()),
    ]);
    draft.field("degree", schema, value);
    draft.field("languages", whole(1), languages);
    draft
}
