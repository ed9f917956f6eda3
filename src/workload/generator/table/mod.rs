//! Generator `table`: questions on made-up tables of orders, staff, samples and books.
//!
//! `generator = { kind = "table", count = 200 }`. Domains: `lookup` (a value, or the row that is meant), `aggregate`
//! (sum, mean, largest, smallest, how many, of some rows), `grouping` (the group with the largest total, how many
//! different ones) and `join` (two tables). The harder, the more rows, conditions and columns.
//!
//! A table comes as Markdown, as CSV or in lines of prose. No question has a tie; means say how they are rounded.
//! Scorer `exact` for all; `number` for `domains = ["aggregate"]` alone.

mod ask;
mod data;
mod show;

use super::library::{Library, Made, Maker, Wanted};
use super::phrase::{closing, fill, one, said};
use super::{Generator, Kind};
use data::Data;
use rand_chacha::ChaCha8Rng;
use std::sync::Arc;

/// The line in the table of generators.
pub const KIND: Kind = Kind {
    name: "table",
    about: "values, sums, groups and joins of made-up tables in Markdown, CSV or prose; for scorer `exact`",
    build: |section| Some(Arc::new(Library::build(section, "table/1", Tables)?) as Arc<dyn Generator>),
};

struct Tables;

impl Maker for Tables {
    fn domains(&self) -> &'static [(&'static str, &'static str)] {
        &[("lookup", "extraction"), ("aggregate", "calculation"), ("grouping", "calculation"), ("join", "calculation")]
    }

    fn make(&self, wanted: Wanted, rng: &mut ChaCha8Rng) -> Made {
        let language = wanted.language;
        let data = Data::random(rng, language, 4 + 2 * wanted.difficulty as usize);
        let asked = ask::ask(rng, wanted, &data);
        let intro = one(
            rng,
            said(
                language,
                &[
                    "Here is a list of {things}.",
                    "These are all the {things} on record ({n} of them).",
                    "The following data describe {n} {things}.",
                ],
                &[
                    "下面是一份关于{things}的数据，共{n}条。",
                    "以下记录了全部{n}条{things}数据。",
                    "这里有{n}条{things}记录。",
                ],
            ),
        );
        let number = data.rows.len().to_string();
        let mut intro = fill(intro, &[("things", data.scene.things), ("n", &number)]);
        if wanted.domain == "join" {
            let more = said(language, " Below it, there is more about each “{c}”.", "后面另有每个“{c}”的资料。");
            intro.push_str(&fill(more, &[("c", data.scene.texts[0].0)]));
        }
        let body = show::body(rng, language, &data, wanted.domain == "join");
        let form = closing(rng, language, asked.what);
        Made {
            prompt: format!("{intro}\n\n{body}\n\n{}\n{form}", asked.text),
            answers: asked.answers,
            ..Made::default()
        }
    }
}

#[cfg(test)]
mod tests;
