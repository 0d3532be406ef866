//! `hello-cluster serve` and `hello-cluster load` as processes, seen from outside.
//!
//! [`common`] starts a cluster and talks to it; each folder has one subject.
#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod admin;
mod common;
mod faults;
mod http;
mod load_generator;
mod serve;
mod unix_socket;
