//! The operators' address: a running cluster observed and controlled over HTTP.

mod access;
mod commands;
mod holding;
mod metrics;
pub mod operator;
mod outlook;
mod process;
mod streams;
mod switching;
