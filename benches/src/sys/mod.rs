//! What the experiment asks of the system, behind safe functions.
//!
//! The only place of this package with `unsafe`. Next: [`child`] for processes that cannot outlive
//! the suite, [`clocks`] for CPU time, [`diag`] for listening sockets.

pub mod child;
pub mod clocks;
pub mod diag;
pub mod orphans;
