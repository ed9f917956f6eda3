//! How often the 95 % interval of the cost per correct answer holds the truth, in simulated runs of many kinds: the table
//! that `tests/show/coverage` prints. The runs are those of the library's own test, and many more of each.
//!
//! `cargo bench --bench coverage -- RUNS SEED`

#![expect(clippy::print_stdout, reason = "a table is what it is for")]

use assayd::stats::{Level, RatioSums};

#[path = "../../src/stats/simulate.rs"]
mod simulate;

mod domain {
    pub use assayd::domain::Money;
}

fn main() {
    let mut words = std::env::args().skip(1).filter(|word| !word.starts_with('-'));
    let runs = words.next().and_then(|word| word.parse().ok()).unwrap_or(20_000);
    let seed = words.next().and_then(|word| word.parse().ok()).unwrap_or(1);
    let mut rng = simulate::SplitMix(seed);
    println!("  n    p  sigma  covered  both ends  covered of those");
    for cell in simulate::grid() {
        let simulate::Coverage { all, two_ended, covered } = simulate::run(&mut rng, cell, runs);
        let simulate::Cell { n, p, sigma } = cell;
        println!("{n:>3}  {p:.1}  {sigma:>5.1}   {all:.4}     {two_ended:.4}            {covered:.4}");
    }
}
