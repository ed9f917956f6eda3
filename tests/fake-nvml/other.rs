//! A library that loads and has nothing to do with cards: whoever takes it for the driver finds no function of it.

/// Something to be exported.
#[unsafe(no_mangle)]
pub extern "C" fn nothing_to_do_with_it() -> u32 {
    42
}
