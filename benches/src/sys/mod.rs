//! What the experiment asks of the system, behind safe functions.
//!
//! The only place of this package with `unsafe`.

pub mod child;
pub mod clocks;
pub mod diag;
pub mod orphans;
