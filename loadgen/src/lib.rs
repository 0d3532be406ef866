//! `loadgen`: an HTTP/1.1 load generator that accounts for every request and for itself.
//!
//! The way of a run: a validated [`Plan`] → [`run()`] starts one thread a core, each with an
//! engine of its own → every request ends in exactly one [`Outcome`] in its thread's
//! [`tally`] → the tallies are merged into a [`RunResult`] → [`summary`] for people, JSON for
//! programs. What is measured, and by which clock, is defined in [`result`].

#[macro_use]
mod named;

mod address;
pub mod export;
mod format;
pub mod latency;
mod log;
pub mod merge;
pub mod mix;
mod outcome;
pub mod pace;
pub mod plan;
pub mod progress;
pub mod request;
pub mod response;
pub mod result;
pub mod search;
mod series;
pub mod snapshot;
pub mod steer;
pub mod summary;
pub mod tally;
pub mod target;
pub mod threshold;
pub mod timestamps;
pub mod tool_emulation;
mod validity;
mod worker;

#[cfg(target_os = "linux")]
mod clock;
#[cfg(target_os = "linux")]
mod engine;
#[cfg(target_os = "linux")]
pub mod run;
#[cfg(target_os = "linux")]
mod sys;

#[cfg(test)]
mod oracle;

pub use outcome::Outcome;
pub use plan::{Bound, Plan};
pub use progress::Progress;
pub use result::RunResult;
#[cfg(target_os = "linux")]
pub use run::{Control, Measured, Phase, RunError, run};
pub use snapshot::Snapshot;
pub use target::Target;
