//! Boards of made-up votes whose truth is known: how often 95 % intervals of ratings and ranks hold it, and how many odd and
//! honest voters are flagged. The boards are those of the library's own test, and many more of them.
//!
//! `cargo bench --bench arena -- BOARDS SEED`

#![expect(clippy::print_stdout, reason = "a table is what it is for")]

use assayd::contest::{Category, Conduct, Contest, Contests, Options, Prompt, Standing};
use assayd::{domain, stats};

#[path = "../../src/contest/simulate.rs"]
mod simulate;

use simulate::{Flagged, SplitMix, World, coverage, flagged};

fn main() {
    let mut words = std::env::args().skip(1).filter(|word| !word.starts_with('-'));
    let boards = words.next().and_then(|word| word.parse().ok()).unwrap_or(500);
    let seed = words.next().and_then(|word| word.parse().ok()).unwrap_or(1);
    let mut rng = SplitMix(seed);
    println!("# coverage: voters votes boards ratings-held ranks-held first-right half-width");
    for (honest, votes) in [(10, 60), (40, 60), (200, 60), (40, 300)] {
        let seen = coverage(&mut rng, World { honest, votes, prompts: 1_000, ..World::USUAL }, boards);
        let share = |part: u32, whole: u32| f64::from(part) / f64::from(whole.max(1));
        println!(
            "coverage {honest} {votes} {} {:.4} {:.4} {:.3} {:.1}",
            seen.boards,
            share(seen.held, seen.ratings),
            share(seen.ranks_held, seen.ratings),
            share(seen.firsts, seen.boards),
            seen.half_width
        );
    }
    println!("# flagged: conduct votes voters flagged named honest-flagged boards-wronged");
    let kinds = [
        ("chance", Conduct::Chance),
        ("against", Conduct::Against),
        ("partisan", Conduct::Partisan { target: 0, in_favour: false }),
    ];
    for (word, conduct) in kinds {
        for votes in [60, 120, 240, 480] {
            let odd = vec![(conduct.clone(), votes); 3];
            tell(&format!("{word} {votes}"), &flagged(&mut rng, World::USUAL, &odd, boards));
        }
    }
    for honest in [1, 2, 5, 10, 40] {
        for votes in [60, 240] {
            let world = World { honest, votes, ..World::USUAL };
            tell(&format!("none {honest}x{votes}"), &flagged(&mut rng, world, &[], boards));
        }
    }
}

fn tell(what: &str, seen: &Flagged) {
    let share = |part: u32, whole: u32| f64::from(part) / f64::from(whole.max(1));
    println!(
        "flagged {what} {} {:.4} {:.4} {:.6} {:.4}",
        seen.voters,
        share(seen.flagged, seen.voters),
        share(seen.named, seen.voters),
        share(seen.honest_flagged, seen.honest),
        share(seen.boards_wronged, seen.boards)
    );
}
