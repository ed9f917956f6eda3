//! What `assayd run`, `serve`, `check` and `export` do, end to end through the real binary: budgets, signals, resuming,
//! and what is printed and kept.

mod adaptive;
mod boards;
mod ending;
mod figures;
mod money;
mod output;

use libtest_mimic::{Failed, Trial};

/// This module's tests.
pub fn tests() -> Vec<Trial> {
    [adaptive::tests(), boards::tests(), ending::tests(), figures::tests(), money::tests(), output::tests()]
        .into_iter()
        .flatten()
        .collect()
}

fn trial(name: &str, test: impl FnOnce() -> Result<(), Failed> + Send + 'static) -> Trial {
    Trial::test(format!("run::{name}"), test)
}
