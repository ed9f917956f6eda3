//! The five models inside the binary. How they were made: `tools/training/README.md`.

use super::gguf::GgufError;
use super::model::Model;

/// One embedded model file.
#[derive(Debug, Clone, Copy)]
pub struct Embedded {
    /// The name it is asked for by.
    pub name: &'static str,
    /// What it is there to show.
    pub about: &'static str,
    /// The GGUF file, weights as q8_0.
    pub file: &'static [u8],
}

/// All of them, smallest first.
pub const MODELS: [Embedded; 5] = [
    Embedded {
        name: "micro",
        about: "29 thousand parameters: small, well trained, cheap",
        file: include_bytes!("models/micro-q8_0.gguf"),
    },
    Embedded {
        name: "nano",
        about: "99 thousand: three times the size and price of micro, and no better",
        file: include_bytes!("models/nano-q8_0.gguf"),
    },
    Embedded {
        name: "specm",
        about: "99 thousand: knows only mul and mod, and is the best at mod",
        file: include_bytes!("models/specm-q8_0.gguf"),
    },
    Embedded {
        name: "leaky",
        about: "99 thousand: trained on the public test items, so that they flatter it",
        file: include_bytes!("models/leaky-q8_0.gguf"),
    },
    Embedded {
        name: "base",
        about: "357 thousand: best overall, slowest, dearest",
        file: include_bytes!("models/base-q8_0.gguf"),
    },
];

impl Embedded {
    /// Reads the weights.
    ///
    /// # Errors
    /// [`GgufError`]; a test shows that none of the embedded files gives one.
    pub fn load(&self) -> Result<Model, GgufError> {
        Model::read(self.file)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::demo::generate::Job;
    use crate::demo::sampler::Sampler;
    use crate::workload::generator::Generator;
    use crate::workload::generator::tasks::{Domain, Prompts, Tasks};
    use std::ops::ControlFlow;

    fn answer(model: &Model, prompt: &str) -> String {
        let job = Job { prompt: prompt.into(), max_tokens: Some(16), stop: Vec::new(), sampler: Sampler::Greedy };
        let mut text = String::new();
        let end = job.run(model, |part| {
            text += &part;
            ControlFlow::Continue(())
        });
        assert!(end.is_ok_and(|end| end.is_some()));
        text
    }

    /// Correct answers of 400 held-out prompts a domain, in the order of [`Domain::ALL`], as a llama.cpp server gave
    /// them with the same files: the independent reference for the forward pass.
    const REFERENCE: [(&str, [u32; 7]); 2] =
        [("micro", [333, 328, 145, 188, 400, 395, 216]), ("specm", [0, 0, 399, 361, 0, 0, 0])];

    /// Asks `each` fresh items a domain and compares with the reference, within four standard errors of the difference
    /// of two proportions (the reference's smoothed, so that 0 and 400 of 400 are no certainty).
    fn check(name: &str, each: u32) {
        let model = MODELS.iter().find(|m| m.name == name).unwrap().load().unwrap();
        let reference = REFERENCE.iter().find(|r| r.0 == name).unwrap().1;
        for (domain, reference) in Domain::ALL.into_iter().zip(reference) {
            let items = Tasks::new(vec![domain], Prompts::HeldOut, [].into()).draw(20, each as usize);
            let correct = items.iter().filter(|i| i.answers.contains(&answer(&model, i.id.as_str()))).count();
            let p = f64::from(reference + 1) / 402.0;
            let allowed = 4.0 * (p * (1.0 - p) * (1.0 / f64::from(each) + 1.0 / 400.0)).sqrt();
            let share = correct as f64 / f64::from(each);
            assert!((share - p).abs() < allowed, "{name} {domain:?}: {share} against {p} ± {allowed}");
        }
    }

    #[test]
    fn micro_answers_as_the_reference_does() {
        check("micro", 20);
    }

    #[test]
    fn specm_knows_its_niche_and_nothing_else() {
        check("specm", 12);
    }

    #[test]
    fn every_embedded_model_loads_with_its_size() {
        let sizes = MODELS.map(|m| (m.name, m.load().unwrap().parameters()));
        let expected = [("micro", 28_928), ("nano", 98_816), ("specm", 98_816), ("leaky", 98_816), ("base", 357_312)];
        assert_eq!(sizes, expected);
    }
}
