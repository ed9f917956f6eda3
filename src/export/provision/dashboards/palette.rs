//! Colours that the colour-blind can tell apart (Okabe & Ito 2008), and which series gets which. No colour stands alone: series
//! have names and dashes, values have words or numbers.
//!
//! Grafana colours series by their place in an answer, which changes as targets come and go, and out of a palette that can't be
//! changed. So colours are given by name here: a target has the same one on every panel, and two targets differ in colour or
//! dashes unless both their first and their last letters fall together.

use super::model::{Legend, Tone};
use serde_json::{Value, json};

/// Okabe and Ito's colours, with a grey in place of black, which a dark page would hide.
const COLOURS: [&str; 8] = ["#0072B2", "#E69F00", "#009E73", "#CC79A7", "#56B4E9", "#D55E00", "#8C8C8C", "#F0E442"];

/// Dashes of a line, in pixels drawn and left out.
const DASHES: [&[u32]; 2] = [&[10, 6], &[2, 5]];

impl Tone {
    /// Its colour.
    #[must_use]
    pub const fn colour(self) -> &'static str {
        match self {
            Self::Good => "#009E73",
            Self::Care => "#E69F00",
            Self::Bad => "#D55E00",
            Self::Neutral => "#56B4E9",
        }
    }
}

/// Letters and digits, those of a group at the same distance from each other: such as `a`, `i`, `q`, `y` of eight.
fn group(of: usize, groups: usize) -> String {
    ('a'..='z').chain('0'..='9').enumerate().filter(|(at, _)| at % groups == of).map(|(_, letter)| letter).collect()
}

fn by_name(pattern: &str, property: &str, value: &Value) -> Value {
    json!({"matcher": {"id": "byRegexp", "options": pattern}, "properties": [{"id": property, "value": value}]})
}

fn colour(colour: &str) -> Value {
    json!({"mode": "fixed", "fixedColor": colour})
}

/// What is different for each series, as Grafana's overrides.
pub(super) fn overrides(legend: Legend, dashed: bool) -> Vec<Value> {
    match legend {
        Legend::None => Vec::new(),
        Legend::Fixed(names) => {
            let each = names.iter().zip(COLOURS.iter().cycle()).enumerate();
            // An exact part of a name: what follows and precedes it is no letter of it.
            let one = |(at, (name, of)): (usize, (&&str, &&str))| {
                let pattern = format!("/(^|[ ·]){name}($|[ ·])/");
                let mut all = vec![by_name(&pattern, "color", &colour(of))];
                if dashed && at >= COLOURS.len() {
                    all.push(by_name(&pattern, "custom.lineStyle", &json!({"fill": "dash", "dash": DASHES[0]})));
                }
                all
            };
            each.flat_map(one).collect()
        }
        Legend::Targets => {
            let coloured = COLOURS
                .iter()
                .enumerate()
                .map(|(at, of)| by_name(&format!("/^[{}]/i", group(at, COLOURS.len())), "color", &colour(of)));
            let lines = DASHES.iter().enumerate().map(|(at, dash)| {
                let letters = group(at + 1, DASHES.len() + 1);
                let style = json!({"fill": "dash", "dash": dash});
                by_name(&format!("/^[^ ]*[{letters}]( |$)/i"), "custom.lineStyle", &style)
            });
            coloured.chain(lines.filter(|_| dashed)).collect()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_letter_has_one_colour() {
        let all: String = (0..COLOURS.len()).map(|at| group(at, COLOURS.len())).collect();
        let mut letters: Vec<_> = all.chars().collect();
        letters.sort_unstable();
        assert_eq!(letters, ('0'..='9').chain('a'..='z').collect::<Vec<_>>());
        assert_eq!(overrides(Legend::Targets, true).len(), 10);
        assert_eq!(overrides(Legend::Targets, false).len(), 8);
        let fixed = overrides(Legend::Fixed(&["correct", "wrong"]), true);
        assert_eq!(fixed.len(), 2);
        assert!(fixed[0].to_string().contains("(^|[ ·])correct($|[ ·])"), "{fixed:?}");
    }
}
