//! How to read a configuration: spanned sections, values with units, and problems with their place.
//!
//! Raw text and built plan are two types. Each room builds its own part out of a [`Section`]; every problem is
//! collected in [`Problems`] with `file:line:column`, so that a user sees all of them at once.

mod problem;
mod section;
mod value;

pub use problem::{Problem, Problems, Source, suggest};
pub use section::{Section, read};
pub use value::{Expected, Rate, Secret, UsdAmount, Value};
