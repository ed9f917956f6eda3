//! How to read a configuration: spanned sections, values with units, and problems with their place.
//!
//! Raw text and built plan are two types. Each room builds its own part out of a [`Section`]; every problem is
//! collected in [`Problems`] with `file:line:column`, so that a user sees all of them at once.

mod currency;
mod glob;
mod problem;
mod secret;
mod section;
mod shared;
mod tables;
mod text;
mod units;
mod value;

pub use currency::{Amount, Conversion, Currency};
pub use glob::matches;
pub use problem::{Problem, Problems, Source, suggest};
pub use secret::Secret;
pub use section::Section;
pub use shared::{fields, read};
pub use units::{ByteSize, Rate};
pub use value::{Expected, Placed, Value};
