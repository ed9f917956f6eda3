//! What adaptive testing saves, and how often it is right, on full passes whose truth is known: the tables that
//! `tests/show/adaptive` prints.
//!
//! `cargo bench --bench adaptive -- [MATRICES_OF_EACH_GAP [SEED [best|winner|precision|ranking|pairs]]] [OPTION …]`
//!
//! * `--matrix FILE.csv`: campaigns on a recorded full pass (its form: `docs/adaptive.md`) instead of made-up answers; the number is
//!   then that of all campaigns. Each takes other targets of it (`--targets 8`, or all when there are no more), and with `--strata N`
//!   the items of that many of its strata.
//! * Otherwise a matrix holds the answers of 8 targets (`--targets`; and of 10 earlier models, for the rows with history) to 1,000,
//!   2,000 or 3,000 items (`--items`) in ten domains, by the two-parameter logistic model: `--spread` is the standard deviation of
//!   abilities, `--shared` the part of items on which all have the same luck. Matrices are drawn until there are as many of each
//!   gap between the two best.
//!
//! Truth is the full pass: the mean score over all items.

#![expect(clippy::print_stdout, reason = "tables are what it is for")]

mod cases;
mod tables;

use assayd::stats::Recorded;
use cases::{Made, Part};

const USE: &str = "[MATRICES_OF_EACH_GAP [SEED [GOAL]]] [--matrix FILE [--strata N]] [--targets N] [--items N] [--spread SD] [--shared PART]";

fn main() -> Result<(), String> {
    let mut made = Made { targets: 8, items: None, spread: None, shared: 0.0 };
    let (mut file, mut strata, mut plain) = (None, None, Vec::new());
    let mut words = std::env::args().skip(1);
    while let Some(word) = words.next() {
        let mut value = || words.next().ok_or_else(|| format!("{word} needs a value"));
        match word.as_str() {
            // Cargo's own.
            "--bench" => {}
            "--matrix" => file = Some(value()?),
            "--strata" => strata = Some(number(&word, &value()?)?),
            "--targets" => made.targets = number(&word, &value()?)?,
            "--items" => made.items = Some(number(&word, &value()?)?),
            "--spread" => made.spread = Some(number(&word, &value()?)?),
            "--shared" => made.shared = number(&word, &value()?)?,
            option if option.starts_with('-') => return Err(format!("{option} is no option: {USE}")),
            _ => plain.push(word),
        }
    }
    if made.targets < 2 || made.items.is_some_and(|items| items < 50) || strata == Some(0) {
        return Err("at least 2 targets, 50 items and 1 stratum".to_owned());
    }
    let each = plain.first().map_or(Ok(500), |word| number("the number of matrices", word))?;
    let seed = plain.get(1).map_or(Ok(1), |word| number("the seed", word))?;
    let cases = match file {
        None => cases::made(&made, each, seed),
        Some(path) => {
            let text = std::fs::read_to_string(&path).map_err(|problem| format!("{path}: {problem}"))?;
            let pass = Recorded::parse(&text).map_err(|problem| format!("{path}: {problem}"))?;
            if pass.targets.len() < 2 {
                return Err(format!("{path}: one target alone can't be told from others"));
            }
            println!("# {path}: {} targets, {} items", pass.targets.len(), pass.items.len());
            let (cases, left_out) = cases::recorded(&pass, Part { targets: made.targets, strata }, each, seed);
            if left_out > 0 {
                println!("# {left_out} of {each} draws had too few items in common");
            }
            cases
        }
    };
    if cases.iter().all(Vec::is_empty) {
        return Err("there is nothing to play on".to_owned());
    }
    tables::print(&cases, plain.get(2).map(String::as_str))
}

fn number<T: std::str::FromStr>(what: &str, word: &str) -> Result<T, String> {
    word.parse().map_err(|_| format!("{what}: {word} is no number of its kind"))
}
