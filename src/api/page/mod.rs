//! The pages: HTML that is whole without a script, one file a page, over the shell of `layout`.
//!
//! A page is a pure function from facts to markup. Whatever a model, an endpoint or a file wrote is text to it: maud escapes
//! it, and the policy that every answer carries lets no script run but ours.

pub(super) mod layout;
mod overview;
mod parts;

pub(super) use layout::POLICY;
pub(super) use overview::render as overview;
