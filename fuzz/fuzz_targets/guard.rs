//! Arbitrary bytes in arbitrary parts for the server's guard; what must hold is in `guard_model`.
//!
//! The first byte of an input says how many of the next ones are cuts; the rest is what a client
//! sends. Run it with `just fuzz`.
#![no_main]

#[path = "../../server/tests/guard_model/mod.rs"]
mod guard_model;

use libfuzzer_sys::fuzz_target;

/// The most places at which an input is cut.
const MOST_CUTS: u8 = 8;

fuzz_target!(|data: &[u8]| {
    let Some((count, rest)) = data.split_first() else { return };
    let (cuts, input) = rest.split_at(rest.len().min(usize::from(count % MOST_CUTS)));
    let cuts: Vec<usize> = cuts.iter().map(|cut| usize::from(*cut)).collect();
    guard_model::holds(input, &cuts);
});
