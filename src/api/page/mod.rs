//! The pages: HTML that is whole without a script, one file a page, over the shell of `layout`.
//!
//! A page is a pure function from facts to markup. Whatever a model, an endpoint or a file wrote is text to it: maud escapes
//! it, and the policy that every answer carries lets no script run but ours.

mod compare;
mod figures;
pub(super) mod layout;
mod matrix;
mod missing;
mod overview;
mod parts;
mod run;
mod sample;
mod samples;
mod target;

pub(super) use compare::{NOT_STORED, render as compare};
pub(super) use layout::POLICY;
pub(super) use matrix::{By, Figure, render as matrix};
pub(super) use missing::{failed, hidden, nothing, refused};
pub(super) use overview::render as overview;
pub(super) use run::render as run;
pub(super) use sample::{Question, render as sample};
pub(super) use samples::{Choices, render as samples};
pub(super) use target::{Known, render as target};
