//! What tests, benchmarks and proofs of several packages share. No program depends on it: packages name
//! it among their `dev-dependencies` only, so a build for use never compiles it.

#![allow(
    clippy::missing_panics_doc,
    clippy::must_use_candidate,
    reason = "whatever fails here fails the test that called it"
)]

pub mod browser;
pub mod records;
pub mod simulation;
