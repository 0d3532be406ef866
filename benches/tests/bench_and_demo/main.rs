//! `hello-cluster bench`, `report`, `compare` and `demo` as processes, seen from outside.
//!
//! [`bench`] runs suites, [`labs`] and [`demo`] what a class sees; [`report_pages`] and
//! [`compare_records`] need no server, and so run anywhere.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

#[cfg(target_os = "linux")]
mod bench;
mod compare_records;
#[cfg(target_os = "linux")]
mod demo;
#[cfg(target_os = "linux")]
mod labs;
mod program;
mod records;
mod report_pages;
#[cfg(target_os = "linux")]
mod support;
