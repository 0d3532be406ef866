//! `hello-cluster` as a library: [`main`] is the binary, [`harness`] is what its commands, the perf
//! recipes and the end-to-end tests start processes with.

#[cfg(target_os = "linux")]
mod bench;
mod cli;
#[cfg(target_os = "linux")]
mod demo;
#[cfg(target_os = "linux")]
pub mod harness;
#[cfg(target_os = "linux")]
mod sys;

pub use cli::main;
