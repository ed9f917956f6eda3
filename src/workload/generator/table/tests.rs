//! Tables are read again from their text, in whichever format, and questions are answered from that: by patterns that
//! are written here anew, in decimal arithmetic.

use super::super::library::check;
use super::super::show::show;
use super::*;
use regex::Regex;
use rust_decimal::prelude::FromPrimitive as _;
use rust_decimal::{Decimal, RoundingStrategy};
use std::collections::{BTreeMap, BTreeSet};

/// A row: what stands in each column.
type Record = BTreeMap<String, String>;

/// Reads a table of any format. The order of columns is kept in the first place of each row's key.
fn table(text: &str, english: &bool) -> Vec<Record> {
    let mut lines = text.lines();
    let first = text.lines().next().unwrap();
    let cut = |line: &str, by: char| -> Vec<String> { line.split(by).map(|cell| cell.trim().to_owned()).collect() };
    let record = |heads: &[String], cells: Vec<String>| -> Record { heads.iter().cloned().zip(cells).collect() };
    if first.starts_with('|') {
        let bare = |line: &str| cut(line.trim_matches('|'), '|');
        let heads = bare(lines.next().unwrap());
        assert!(lines.next().unwrap().starts_with("|---|"));
        return lines.map(|line| record(&heads, bare(line))).collect();
    }
    if !first.ends_with(['.', '。']) {
        let heads = cut(lines.next().unwrap(), ',');
        return lines.map(|line| record(&heads, cut(line, ','))).collect();
    }
    // Column names of two words are known by their second one, keys have a digit or stand alone.
    lines
        .map(|line| {
            let line = line.trim_end_matches(['.', '。']);
            let (head, rest) = line.split_once(if *english { ": " } else { "：" }).unwrap();
            let mut record = Record::new();
            if *english {
                let (name, key) = head.split_once(' ').unwrap();
                record.insert(name.to_owned(), key.to_owned());
                for cell in rest.split(", ") {
                    let name =
                        HEADS.iter().filter(|name| cell.starts_with(**name)).max_by_key(|name| name.len()).unwrap();
                    record.insert((*name).to_owned(), cell[name.len()..].trim().to_owned());
                }
            } else {
                let name = HEADS.iter().filter(|name| head.starts_with(**name)).max_by_key(|name| name.len()).unwrap();
                record.insert((*name).to_owned(), head[name.len()..].to_owned());
                for cell in rest.split('，') {
                    let (name, value) = cell.split_once('为').unwrap();
                    record.insert(name.to_owned(), value.to_owned());
                }
            }
            record
        })
        .collect()
}

const HEADS: &[&str] = &[
    "Product",
    "City",
    "Quantity",
    "Delivery days",
    "Supplier",
    "Unit price",
    "Department",
    "Office",
    "Age",
    "Hours",
    "Building",
    "Hourly rate",
    "Site",
    "Method",
    "Depth",
    "Mass",
    "Region",
    "Cost per metre",
    "Genre",
    "Branch",
    "Pages",
    "Loans",
    "Floor",
    "Points per loan",
    "订单号",
    "姓名",
    "样品编号",
    "图书编号",
    "产品",
    "部门",
    "地点",
    "类别",
];

fn amount(text: &str) -> Decimal {
    text.parse().unwrap_or_else(|_| panic!("{text:?} is no number"))
}

/// The conditions of a question, and what remains of it without them.
fn conditions<'t>(ask: &'t str, pattern: &Regex) -> (Vec<[&'t str; 3]>, String) {
    let all = pattern.captures_iter(ask).map(|found| {
        let part = |at: usize| found.get(at).map(|m| m.as_str());
        [part(1).unwrap(), part(2).unwrap(), part(3).or(part(4)).unwrap()]
    });
    (all.collect(), pattern.replace_all(ask, "").into_owned())
}

struct Solver {
    english: Regex,
    chinese: Regex,
    quoted: Regex,
    limit: Regex,
    rank: Regex,
    of_more: [Regex; 2],
    one_row: [Regex; 2],
}

impl Solver {
    fn new() -> Self {
        let regex = |pattern| Regex::new(pattern).unwrap();
        Self {
            of_more: [
                regex(
                    r" (?:that )?have a “([^”]+)” whose “([^”]+)” is ((?:ground|upper) floor|(?:North|East) Wing|\w+)",
                ),
                regex(r"“([^”]+)”对应的“([^”]+)”为(\p{Han}+?)(?:的那些|？)"),
            ],
            one_row: [
                regex(r"“([^”]+)” (?:of the|does the) \w+ ([\w-]+)(?: have)?\?$"),
                regex(r"^\p{Han}+为([\w-]+?)的\p{Han}+，“([^”]+)”是(?:什么|多少)？$"),
            ],
            // A value ends where the sentence goes on; a few have two words.
            english: regex(
                r"(?: and)? whose “([^”]+)” (is greater than|is less than|is) (?:([A-Za-z-]+)|(\d+(?:\.\d)?))",
            ),
            chinese: regex(r"且?“([^”]+)”(大于|小于|为)(?:([\p{Han}]+?)|(\d+(?:\.\d)?))(?:的|且)"),
            quoted: regex("“([^”]+)”"),
            limit: regex(r"(?:greater than|大于) ?(\d+(?:\.\d)?)[?？]$"),
            rank: regex("(second-|third-)?(largest|smallest) “|”(最|第二|第三)(大|小)的"),
        }
    }

    fn answer(&self, prompt: &str, domain: &str) -> Option<String> {
        let (_, rest) = prompt.split_once("\n\n")?;
        let (body, ask) = rest.rsplit_once("\n\n")?;
        let (ask, _) = ask.rsplit_once('\n')?;
        let english = !ask.chars().any(|c| ('\u{4e00}'..='\u{9fff}').contains(&c));
        let mut tables = body.split("\n\n").map(|text| table(text, &english));
        let (rows, more) = (tables.next()?, tables.next());
        if domain == "lookup"
            && let Some(answer) = self.one_row(ask, &rows)
        {
            return Some(answer);
        }
        // What the second table is asked for is no condition on the first.
        let (ask, wanted) = if more.is_some() {
            let of_more = &self.of_more[usize::from(!english)];
            let wanted = of_more.captures(ask).map(|c| [c[1].to_owned(), c[2].to_owned(), c[3].to_owned()]);
            (of_more.replace(ask, "").into_owned(), wanted)
        } else {
            (ask.to_owned(), None)
        };
        let (where_, bare) = conditions(&ask, if english { &self.english } else { &self.chinese });
        let fits = |row: &Record, [column, relation, value]: &[&str; 3]| {
            let cell = &row[*column];
            match *relation {
                "is" | "为" => cell == value,
                "is greater than" | "大于" => amount(cell) > amount(value),
                _ => amount(cell) < amount(value),
            }
        };
        let mut rows: Vec<Record> = rows.into_iter().filter(|row| where_.iter().all(|w| fits(row, w))).collect();
        let find = |table: &[Record], about: &str, row: &Record| -> Record {
            table.iter().find(|more| more[about] == row[about]).cloned().unwrap()
        };
        if let (Some([about, column, value]), Some(more)) = (&wanted, &more) {
            rows.retain(|row| find(more, about, row)[column] == *value);
        }
        let columns: Vec<&str> = self.quoted.captures_iter(&bare).map(|c| c.get(1).unwrap().as_str()).collect();
        let has = |words: &[&str]| words.iter().any(|word| bare.contains(word));
        let numbers = |column: &str| -> Vec<Decimal> { rows.iter().map(|row| amount(&row[column])).collect() };
        let count = |n: usize| Some(n.to_string());
        if let Some(rank) = self.rank.captures(&bare).filter(|_| domain == "lookup") {
            let part = |at: usize| rank.get(at).map_or("", |m| m.as_str());
            let place = match (part(1), part(3)) {
                ("second-", _) | (_, "第二") => 1,
                ("third-", _) | (_, "第三") => 2,
                _ => 0,
            };
            let key = *columns
                .iter()
                .find(|c| ["Order", "Name", "Sample", "Book", "订单号", "姓名", "样品编号", "图书编号"].contains(c))?;
            let by = *columns.iter().find(|c| **c != key)?;
            rows.sort_by_key(|row| amount(&row[by]));
            if part(2) == "largest" || part(4) == "大" {
                rows.reverse();
            }
            let only = rows.iter().filter(|row| row[by] == rows[place][by]).count() == 1;
            return only.then(|| rows[place][key].clone());
        }
        if has(&["How many different", "多少种不同"]) {
            return count(rows.iter().map(|row| &row[columns[0]]).collect::<BTreeSet<_>>().len());
        }
        if has(&[
            "How many are there?",
            "are there?",
            "How many of the",
            "记录一共有多少条",
            "记录有几条",
            "记录中，有几条的",
        ]) && columns.is_empty()
        {
            return count(rows.len());
        }
        if has(&["multiply", "乘以"]) {
            // By their names: the pieces come in another order in each way to say it.
            let more = more?;
            let factor = *columns
                .iter()
                .find(|c| more[0].contains_key(**c) && !rows.first().is_none_or(|r| r.contains_key(**c)))?;
            let about = *columns.iter().find(|c| more[0].contains_key(**c) && **c != factor)?;
            let by = *columns.iter().find(|c| **c != factor && **c != about)?;
            let sum: Decimal = rows.iter().map(|row| amount(&row[by]) * amount(&find(&more, about, row)[factor])).sum();
            return Some(sum.normalize().to_string());
        }
        if has(&["mean", "On average", "平均值"]) {
            let all = numbers(columns[0]);
            let mean = all.iter().sum::<Decimal>() / Decimal::from_usize(all.len())?;
            return Some(
                mean.round_dp_with_strategy(2, RoundingStrategy::MidpointAwayFromZero).normalize().to_string(),
            );
        }
        if has(&["exceed", "最小值大多少"]) {
            let all = numbers(columns[0]);
            return Some((all.iter().max()? - all.iter().min()?).normalize().to_string());
        }
        if has(&[
            "for each",
            "which has the",
            "按“",
            "各个“",
            "belongs to one",
            "属于一个",
            "occurs most often",
            "has the most",
            "出现的次数最多",
        ]) {
            return self.groups(&bare, &columns, &rows, more.as_deref());
        }
        if has(&["total of their", "合计是多少", "What is the total", "What is the sum", "总和是多少"]) {
            return Some(numbers(columns.first()?).iter().sum::<Decimal>().normalize().to_string());
        }
        if has(&["largest", "最大值"]) {
            return Some(numbers(columns[0]).iter().max()?.normalize().to_string());
        }
        if has(&["smallest", "最小值"]) {
            return Some(numbers(columns[0]).iter().min()?.normalize().to_string());
        }
        if has(&["only", "唯一", "只有一个"]) {
            let [row] = rows.as_slice() else { return None };
            return Some(row[columns[0]].clone());
        }
        None
    }

    fn one_row(&self, ask: &str, rows: &[Record]) -> Option<String> {
        let [english, chinese] = &self.one_row;
        let (column, key) = match (english.captures(ask), chinese.captures(ask)) {
            (Some(found), _) => (found[1].to_owned(), found[2].to_owned()),
            (_, Some(found)) => (found[2].to_owned(), found[1].to_owned()),
            _ => return None,
        };
        let row = rows.iter().find(|row| row.values().any(|cell| *cell == key))?;
        Some(row[&column].parse::<Decimal>().map_or_else(|_| row[&column].clone(), |n| n.normalize().to_string()))
    }

    fn groups(&self, bare: &str, columns: &[&str], rows: &[Record], more: Option<&[Record]>) -> Option<String> {
        let is_number =
            |column: &str| rows.first().and_then(|row| row.get(column)).is_some_and(|c| c.parse::<Decimal>().is_ok());
        let by = columns.iter().find(|column| is_number(column));
        let group = match more {
            Some(_) => *columns.get(1)?,
            None => *columns.iter().find(|column| !is_number(column))?,
        };
        let mut totals: BTreeMap<String, Decimal> = BTreeMap::new();
        for row in rows {
            let name = match more {
                Some(more) => more.iter().find(|m| m[columns[0]] == row[columns[0]])?[group].clone(),
                None => row[group].clone(),
            };
            *totals.entry(name).or_default() += by.map_or(Decimal::ONE, |by| amount(&row[*by]));
        }
        if let Some(limit) = self.limit.captures(bare) {
            return Some(totals.values().filter(|total| **total > amount(&limit[1])).count().to_string());
        }
        let least = bare.contains("smallest") || bare.contains("合计最小");
        let best = if least { totals.values().min() } else { totals.values().max() }?;
        let names: Vec<&String> = totals.iter().filter(|(_, total)| *total == best).map(|(name, _)| name).collect();
        if let [name] = names.as_slice() { Some((*name).clone()) } else { None }
    }
}

#[test]
fn ten_thousand_are_answered_from_their_text() {
    let solver = Solver::new();
    check::verified(KIND.name, Tables, |item| {
        let prompt = &item.messages[0].content;
        let got = solver.answer(prompt, &item.tags.domain);
        if got.as_ref().is_some_and(|got| item.answers.contains(got)) {
            return Ok(());
        }
        Err(format!("{got:?} and not {:?}:\n{prompt}", item.answers))
    });
}

#[test]
fn numbers_are_accepted_in_the_forms_in_which_they_are_written() {
    assert_eq!(ask::forms(123_450), ["1234.5", "1234.50", "1,234.5", "1,234.50"]);
    assert_eq!(ask::forms(700), ["7", "7.0", "7.00"]);
    assert_eq!(ask::forms(705), ["7.05"]);
}

#[test]
fn some_to_read() {
    show("table", &Tables);
}
