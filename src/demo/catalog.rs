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
