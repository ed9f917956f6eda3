//! What is asked of the tables, and the answer.

use super::super::library::{Language, Wanted};
use super::super::phrase::{chance, fill, one, said};
use super::data::{Data, Row};
use rand::RngExt;
use rand_chacha::ChaCha8Rng;
use std::collections::BTreeMap;

/// A question with its answer.
pub(super) struct Asked {
    pub text: String,
    /// In which form the answer is wanted.
    pub what: &'static str,
    pub answers: Vec<String>,
}

/// Tries to find a question without a tie, before one is taken that can't have one.
const TRIES: usize = 80;

/// Asks something of a domain.
pub(super) fn ask(rng: &mut ChaCha8Rng, wanted: Wanted, data: &Data) -> Asked {
    for plain in std::iter::repeat_n(false, TRIES).chain([true]) {
        let mut asking = Asking { rng, wanted, data, plain };
        let asked = match wanted.domain {
            "lookup" => asking.lookup(),
            "aggregate" => asking.aggregate(),
            "grouping" => asking.grouping(),
            _ => asking.join(),
        };
        if let Some(asked) = asked {
            return asked;
        }
    }
    Asking { rng, wanted, data, plain: true }.count(&[])
}

/// What a row must be to count.
#[derive(Debug, Clone, Copy)]
enum Filter {
    Is(usize, &'static str),
    Above(usize, i64),
    Below(usize, i64),
}

impl Filter {
    fn admits(self, row: &Row) -> bool {
        match self {
            Self::Is(column, value) => row.texts[column] == value,
            Self::Above(column, value) => row.numbers[column] > value,
            Self::Below(column, value) => row.numbers[column] < value,
        }
    }
}

struct Asking<'a> {
    rng: &'a mut ChaCha8Rng,
    wanted: Wanted,
    data: &'a Data,
    /// Nothing that could fail.
    plain: bool,
}

impl<'a> Asking<'a> {
    fn language(&self) -> Language {
        self.wanted.language
    }

    fn say(&self, english: &'static str, chinese: &'static str) -> &'static str {
        said(self.language(), english, chinese)
    }

    /// One of some ways to say it, with the words put in that are the same in all questions.
    fn text(&mut self, english: &[&'static str], chinese: &[&'static str], with: &[(&str, &str)]) -> String {
        let template = one(self.rng, said(self.language(), english, chinese));
        let scene = self.data.scene;
        let common = [("thing", scene.thing), ("things", scene.things), ("key", scene.key)];
        fill(template, &[with, &common].concat())
    }

    /// Conditions: the harder, the more.
    fn filters(&mut self) -> Vec<Filter> {
        if self.plain {
            return Vec::new();
        }
        let difficulty = self.wanted.difficulty;
        let count = u32::from(chance(self.rng, 30 + 20 * difficulty))
            + u32::from(chance(self.rng, 12 * difficulty.saturating_sub(3)));
        let mut all = Vec::new();
        // Of what the second table is about, a condition would say what the question says too.
        let mut columns = if self.wanted.domain == "join" { vec![1, 2, 3] } else { vec![0, 1, 2, 3] };
        for _ in 0..count {
            let column = columns.swap_remove(self.rng.random_range(0..columns.len()));
            let row = &self.data.rows[self.rng.random_range(0..self.data.rows.len())];
            all.push(match column {
                0 | 1 => Filter::Is(column, row.texts[column]),
                _ if chance(self.rng, 50) => Filter::Above(column - 2, row.numbers[column - 2]),
                _ => Filter::Below(column - 2, row.numbers[column - 2]),
            });
        }
        all
    }

    fn admitted(&self, filters: &[Filter]) -> Vec<&'a Row> {
        self.data.rows.iter().filter(|row| filters.iter().all(|filter| filter.admits(row))).collect()
    }

    /// ` whose “City” is Oslo and whose “Quantity” is greater than 12`, or “城市”为昆明且“数量”大于12的.
    fn told(&self, filters: &[Filter]) -> String {
        let scene = self.data.scene;
        let mut parts = Vec::new();
        for filter in filters {
            let (template, column, value) = match *filter {
                Filter::Is(column, value) => {
                    (self.say("“{c}” is {v}", "“{c}”为{v}"), scene.texts[column].0, value.to_owned())
                }
                Filter::Above(column, value) => {
                    (self.say("“{c}” is greater than {v}", "“{c}”大于{v}"), scene.numbers[column].0, plain(value))
                }
                Filter::Below(column, value) => {
                    (self.say("“{c}” is less than {v}", "“{c}”小于{v}"), scene.numbers[column].0, plain(value))
                }
            };
            parts.push(fill(template, &[("c", column), ("v", &value)]));
        }
        match (self.language(), parts.is_empty()) {
            (_, true) => String::new(),
            (Language::English, _) => format!(" whose {}", parts.join(" and whose ")),
            (Language::Chinese, _) => format!("{}的", parts.join("且")),
        }
    }

    fn number(&self, text: String, hundredths: i64) -> Asked {
        let what = self.say("the number in digits, without a unit", "阿拉伯数字（不带单位）");
        Asked { text, what, answers: forms(hundredths) }
    }

    fn word(&self, text: String, word: &str) -> Asked {
        let what = self.say("the value as it is written in the data", "数据中的原文");
        Asked { text, what, answers: vec![word.to_owned()] }
    }

    fn lookup(&mut self) -> Option<Asked> {
        let scene = self.data.scene;
        let row = &self.data.rows[self.rng.random_range(0..self.data.rows.len())];
        let harder = chance(self.rng, 8 * self.wanted.difficulty) && !self.plain;
        if !harder {
            let column = self.rng.random_range(0..4);
            let chinese = if column < 2 {
                &["{key}为{k}的{thing}，“{c}”是什么？"]
            } else {
                &["{key}为{k}的{thing}，“{c}”是多少？"]
            };
            let english = &["What is the “{c}” of the {thing} {k}?", "Which “{c}” does the {thing} {k} have?"];
            let head = if column < 2 { scene.texts[column].0 } else { scene.numbers[column - 2].0 };
            let text = self.text(english, chinese, &[("c", head), ("k", &row.key)]);
            return Some(if column < 2 {
                self.word(text, row.texts[column])
            } else {
                self.number(text, row.numbers[column - 2] * 10)
            });
        }
        let filters = self.filters();
        let told = self.told(&filters);
        let admitted = self.admitted(&filters);
        if let ([only], false) = (admitted.as_slice(), filters.is_empty()) {
            let text = self.text(
                &["There is only one {thing}{w}. What is its “{key}”?", "Which “{key}” has the only {thing}{w}?"],
                &["{w}{thing}只有一个，它的“{key}”是什么？", "找出唯一一个{w}{thing}，它的“{key}”是什么？"],
                &[("w", &told)],
            );
            return Some(self.word(text, &only.key));
        }
        let column = self.rng.random_range(0..2);
        let most = chance(self.rng, 50);
        let place = self.rng.random_range(0..=(self.wanted.difficulty as usize / 4).min(2));
        let mut sorted = admitted;
        sorted.sort_by_key(|row| if most { -row.numbers[column] } else { row.numbers[column] });
        let ranked: Vec<i64> = sorted.iter().map(|row| row.numbers[column]).collect();
        // Neither the one before nor the one after may be as large.
        if ranked.len() < place + 2 || ranked.windows(2).take(place + 1).any(|pair| pair[0] == pair[1]) {
            return None;
        }
        let rank = match (most, self.language()) {
            (true, Language::English) => ["largest", "second-largest", "third-largest"][place],
            (false, Language::English) => ["smallest", "second-smallest", "third-smallest"][place],
            (true, Language::Chinese) => ["最大", "第二大", "第三大"][place],
            (false, Language::Chinese) => ["最小", "第二小", "第三小"][place],
        };
        let key = sorted.get(place)?.key.clone();
        let text = self.text(
            &[
                "Of all {things}{w}, which has the {r} “{c}”? Give its “{key}”.",
                "What is the “{key}” of the {thing} with the {r} “{c}”, among all {things}{w}?",
            ],
            &["在所有{w}{things}中，“{c}”{r}的那一条，“{key}”是什么？"],
            &[("w", &told), ("r", rank), ("c", scene.numbers[column].0)],
        );
        Some(self.word(text, &key))
    }

    fn count(&mut self, filters: &[Filter]) -> Asked {
        let (told, count) = (self.told(filters), self.admitted(filters).len());
        let text = self.text(
            &["How many {things}{w} are there?", "Count the {things}{w}. How many are there?"],
            &["{w}{things}记录一共有多少条？", "请数一数，{w}{things}记录有几条？"],
            &[("w", &told)],
        );
        self.number(text, i64::try_from(count).unwrap_or(0) * 100)
    }

    fn aggregate(&mut self) -> Option<Asked> {
        let filters = self.filters();
        let column = self.rng.random_range(0..2);
        let numbers: Vec<i64> = self.admitted(&filters).iter().map(|row| row.numbers[column]).collect();
        if numbers.len() < 2 {
            return None;
        }
        let (sum, count) = (numbers.iter().sum::<i64>(), i64::try_from(numbers.len()).ok()?);
        let (least, most) = (*numbers.iter().min()?, *numbers.iter().max()?);
        let told = self.told(&filters);
        let with = [("w", told.as_str()), ("c", self.data.scene.numbers[column].0)];
        let easy = self.wanted.difficulty < 3;
        let (text, hundredths) = match self.rng.random_range(0..if easy { 4 } else { 6 }) {
            0 if !filters.is_empty() && !self.plain => return Some(self.count(&filters)),
            0 | 1 => (
                self.text(
                    &[
                        "What is the total “{c}” of all {things}{w}?",
                        "Add up the “{c}” of all {things}{w}. What is the sum?",
                    ],
                    &["所有{w}{things}的“{c}”合计是多少？", "把所有{w}{things}的“{c}”加起来，总和是多少？"],
                    &with,
                ),
                sum * 10,
            ),
            2 => (
                self.text(
                    &["What is the largest “{c}” among the {things}{w}?"],
                    &["所有{w}{things}中，“{c}”的最大值是多少？"],
                    &with,
                ),
                most * 10,
            ),
            3 => (
                self.text(
                    &["What is the smallest “{c}” among the {things}{w}?"],
                    &["所有{w}{things}中，“{c}”的最小值是多少？"],
                    &with,
                ),
                least * 10,
            ),
            4 => (
                self.text(
                    &["By how much does the largest “{c}” exceed the smallest one, among the {things}{w}?"],
                    &["所有{w}{things}中，“{c}”的最大值比最小值大多少？"],
                    &with,
                ),
                (most - least) * 10,
            ),
            _ => {
                // A half of the last place can be rounded either way.
                let (hundredths, rest) = (sum * 10 / count, sum * 10 % count);
                if rest * 2 == count {
                    return None;
                }
                let text = self.text(
                    &[
                        "What is the mean “{c}” of the {things}{w}? Round to two decimal places if there are more.",
                        "On average, how large is the “{c}” of the {things}{w}? If there are more than two decimal places, round to two.",
                    ],
                    &["所有{w}{things}的“{c}”平均值是多少？如果小数超过两位，请四舍五入保留两位小数。"],
                    &with,
                );
                (text, hundredths + i64::from(rest * 2 > count))
            }
        };
        Some(self.number(text, hundredths))
    }

    fn grouping(&mut self) -> Option<Asked> {
        let group = self.rng.random_range(0..2);
        let column = self.rng.random_range(0..2);
        let scene = self.data.scene;
        let filters = self.filters();
        let told = self.told(&filters);
        let mut totals: BTreeMap<&str, (i64, i64)> = BTreeMap::new();
        for row in self.admitted(&filters) {
            let (sum, count) = totals.entry(row.texts[group]).or_default();
            *sum += row.numbers[column];
            *count += 1;
        }
        let with = [("w", told.as_str()), ("g", scene.texts[group].0), ("c", scene.numbers[column].0)];
        match self.rng.random_range(0..5) {
            _ if self.plain => {}
            0 => return self.best(&totals, true, &with),
            1 => return self.best(&totals, false, &with),
            2 => {
                let counts = totals.iter().map(|(name, (_, count))| (*count, *name));
                let name = single(counts.collect())?;
                let text = self.text(
                    &[
                        "Which “{g}” has the most {things}{w}?",
                        "Look at the {things}{w}: which “{g}” occurs most often among them?",
                    ],
                    &["在所有{w}{things}中，哪个“{g}”出现的次数最多？"],
                    &with,
                );
                return Some(self.word(text, name));
            }
            3 if totals.len() > 1 => {
                let sums: Vec<i64> = totals.values().map(|(sum, _)| *sum).collect();
                let near = sums[self.rng.random_range(0..sums.len())];
                let over = sums.iter().filter(|sum| **sum > near).count();
                let limit = plain(near);
                let text = self.text(
                    &["Add up the “{c}” of the {things}{w} for each “{g}”. How many of these totals are greater than {v}?"],
                    &["对所有{w}{things}，按“{g}”分别求“{c}”的合计，有几个合计大于{v}？"],
                    &[&with[..], &[("v", limit.as_str())]].concat(),
                );
                return Some(self.number(text, i64::try_from(over).ok()? * 100));
            }
            _ => {}
        }
        let text = self.text(
            &["How many different values of “{g}” are there among the {things}{w}?"],
            &["所有{w}{things}中，一共出现了多少种不同的“{g}”？"],
            &with,
        );
        (!totals.is_empty()).then(|| self.number(text, i64::try_from(totals.len()).unwrap_or(0) * 100))
    }

    /// Which group has the largest or the smallest total.
    fn best(&mut self, totals: &BTreeMap<&str, (i64, i64)>, most: bool, with: &[(&str, &str)]) -> Option<Asked> {
        let sign = if most { 1 } else { -1 };
        let name = single(totals.iter().map(|(name, (sum, _))| (sign * sum, *name)).collect())?;
        let how = if most { self.say("largest", "最大") } else { self.say("smallest", "最小") };
        // A group that does not occur has no total, rather than one of 0.
        let text = self.text(
            &[
                "Of the values of “{g}” that occur among the {things}{w}, which has the {r} total “{c}”?",
                "Add up the “{c}” of the {things}{w} for each “{g}” that occurs among them. Which “{g}” has the {r} total?",
            ],
            &[
                "在所有{w}{things}中出现过的各个“{g}”里，哪个的“{c}”合计{r}？",
                "把所有{w}{things}按“{g}”分组，“{c}”合计{r}的是哪个“{g}”？",
            ],
            &[with, &[("r", how)]].concat(),
        );
        Some(self.word(text, name))
    }

    fn join(&mut self) -> Option<Asked> {
        let (scene, data) = (self.data.scene, self.data);
        let filters = self.filters();
        let told = self.told(&filters);
        let rows = self.admitted(&filters);
        let column = self.rng.random_range(0..2);
        let with = [
            ("w", told.as_str()),
            ("m", scene.more.0),
            ("c", scene.numbers[column].0),
            ("a", scene.texts[0].0),
            ("x", scene.numbers[scene.multiplied].0),
            ("f", scene.factor.0),
        ];
        let hard = self.wanted.difficulty > 4 && !self.plain;
        let mut totals: BTreeMap<&str, (i64, i64)> = BTreeMap::new();
        let mut product = 0;
        for row in &rows {
            let more = data.more(row)?;
            let (sum, count) = totals.entry(more.word).or_default();
            *sum += row.numbers[column];
            *count += 1;
            // Tenths times tenths are hundredths.
            product += row.numbers[scene.multiplied] * more.factor;
        }
        match self.rng.random_range(0..if hard { 5 } else { 3 }) {
            3 if rows.len() > 1 => {
                let text = self.text(
                    &[
                        "For every one of the {things}{w}, multiply its “{x}” by the “{f}” of its “{a}”. What do these products add up to?",
                        "Take the {things}{w}, multiply the “{x}” of each by the “{f}” that belongs to its “{a}”, and add everything up. What is the result?",
                    ],
                    &["对每一条{w}{things}记录，用“{x}”乘以其“{a}”对应的“{f}”，这些乘积的总和是多少？"],
                    &with,
                );
                Some(self.number(text, product))
            }
            4 => {
                let name = single(totals.iter().map(|(name, (sum, _))| (*sum, *name)).collect())?;
                let text = self.text(
                    &["Every “{a}” belongs to one “{m}”. Which “{m}” has the largest total “{c}” over the {things}{w}?"],
                    &["每个“{a}”属于一个“{m}”。在所有{w}{things}中，哪个“{m}”的“{c}”合计最大？"],
                    &with,
                );
                Some(self.word(text, name))
            }
            kind => {
                let names: Vec<&str> = totals.keys().copied().collect();
                let name = *names.get(self.rng.random_range(0..names.len().max(1)))?;
                let (sum, count) = *totals.get(name)?;
                let with = [&with[..], &[("v", name)]].concat();
                if kind == 0 {
                    let text = self.text(
                        &["How many of the {things}{w} have a “{a}” whose “{m}” is {v}?"],
                        &["所有{w}{things}记录中，有几条的“{a}”对应的“{m}”为{v}？"],
                        &with,
                    );
                    return Some(self.number(text, count * 100));
                }
                let text = self.text(
                    &["Take only the {things}{w} that have a “{a}” whose “{m}” is {v}. What is the total of their “{c}”?"],
                    &["只看“{a}”对应的“{m}”为{v}的那些{w}{things}，它们的“{c}”合计是多少？"],
                    &with,
                );
                Some(self.number(text, sum * 10))
            }
        }
    }
}

/// The name with the largest number, if no other has it too and there are others.
fn single(mut all: Vec<(i64, &str)>) -> Option<&str> {
    all.sort_unstable();
    match all.as_slice() {
        [.., (second, _), (first, name)] if second < first => Some(name),
        _ => None,
    }
}

/// Tenths as a number without needless zeros.
fn plain(tenths: i64) -> String {
    if tenths % 10 == 0 { (tenths / 10).to_string() } else { format!("{}.{}", tenths / 10, tenths % 10) }
}

/// Hundredths as a number in the forms in which it may be written, the shortest first.
pub(super) fn forms(hundredths: i64) -> Vec<String> {
    let (whole, rest) = (hundredths / 100, hundredths % 100);
    let decimals: &[String] = &match (rest, rest % 10) {
        (0, _) => vec![String::new(), ".0".into(), ".00".into()],
        (_, 0) => vec![format!(".{}", rest / 10), format!(".{rest:02}")],
        _ => vec![format!(".{rest:02}")],
    };
    let mut wholes = vec![whole.to_string()];
    if whole >= 1000 {
        wholes.push(format!("{},{:03}", whole / 1000, whole % 1000));
    }
    wholes.iter().flat_map(|whole| decimals.iter().map(move |rest| format!("{whole}{rest}"))).collect()
}
