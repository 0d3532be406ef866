//! The operators' address: a running cluster looked at and acted upon over HTTP.
//!
//! [`operator`] is who asks. Read [`commands`] first, then [`switching`].
#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

#[path = "../common/mod.rs"]
mod common;

mod access;
mod commands;
mod holding;
mod metrics;
mod operator;
mod outlook;
mod process;
mod streams;
mod switching;
