//! The load generator from outside: the real binary against servers with known behaviour.
#![cfg(target_os = "linux")]
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

#[path = "../common/mod.rs"]
mod common;

mod engines;
mod faults;
mod models;
mod oracle;
mod outputs;
mod runs;
mod search;
mod secure;
mod snapshots;
mod steer;
mod support;
mod tools;
mod unix;
