//! Generator `program`: what a small program prints, in a tiny language whose rules are in the prompt.
//!
//! `generator = { kind = "program", count = 200 }`. Domains: `assignments`, `branches`, `loops`, `lists` and `functions`.
//! The harder, the more statements, the longer the loops and the deeper the nesting; functions call themselves from 6 on.
//! The language has two notations, which differ in their words, and in whether a list begins at 0 or at 1.
//!
//! A program prints one whole number: scorer `number`, or `exact` for those who keep to the form.

mod build;
mod language;
mod notation;

use super::library::{Library, Made, Maker, Wanted};
use super::phrase::{chance, closing, one, said};
use super::{Generator, Kind};
use notation::{Notation, Style};
use rand_chacha::ChaCha8Rng;
use std::sync::Arc;

/// The line in the table of generators.
pub const KIND: Kind = Kind {
    name: "program",
    about: "what a small program in a language told in the prompt prints, one whole number; for scorer `number`",
    build: |section| Some(Arc::new(Library::build(section, "program/1", Programs)?) as Arc<dyn Generator>),
};

struct Programs;

impl Maker for Programs {
    fn domains(&self) -> &'static [(&'static str, &'static str)] {
        &[("assignments", "code"), ("branches", "code"), ("loops", "code"), ("lists", "code"), ("functions", "code")]
    }

    fn make(&self, wanted: Wanted, rng: &mut ChaCha8Rng) -> Made {
        let language = wanted.language;
        let style = if chance(rng, 50) { Style::Braces { assign: one(rng, &["=", ":="]) } } else { Style::Words };
        let (program, printed) = build::program(rng, wanted, style.first_index());
        let (code, rules) = Notation::new(style, language).show(&program);
        let intro = one(
            rng,
            said(
                language,
                &[
                    "These are the rules of a small programming language. All numbers are whole numbers.",
                    "A tiny programming language that knows whole numbers only works like this:",
                    "Read the rules of this little language, in which every number is a whole number:",
                ],
                &[
                    "下面是一种小型编程语言的规则，其中的数都是整数。",
                    "有一种只处理整数的微型编程语言，规则如下：",
                    "请先阅读这种简单编程语言的规则（所有的数都是整数）：",
                ],
            ),
        );
        let ask = one(
            rng,
            said(
                language,
                &["What number does this program print?", "Run the program in your head. What does it print?"],
                &["这段程序会输出哪个数？", "请在脑中运行这段程序，它的输出是多少？"],
            ),
        );
        let form = closing(rng, language, said(language, "the number in digits", "阿拉伯数字"));
        let prompt = format!("{intro}\n{rules}\n\n```\n{code}\n```\n\n{ask}\n{form}");
        Made { prompt, answers: vec![printed.to_string()], ..Made::default() }
    }
}

#[cfg(test)]
mod tests;
