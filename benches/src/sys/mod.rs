//! What the experiment asks of the system, behind safe functions: the only `unsafe` of this package.

pub mod child;
pub mod clocks;
pub mod diag;
pub mod orphans;
