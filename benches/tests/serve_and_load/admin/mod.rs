//! The operators' address: a running cluster looked at and acted upon over HTTP.
//!
//! [`operator`] is who asks. Read [`commands`] first, then [`switching`].

mod access;
mod commands;
mod holding;
mod metrics;
pub mod operator;
mod outlook;
mod process;
mod streams;
mod switching;
