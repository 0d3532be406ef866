//! `hello-cluster serve` and `hello-cluster load` as processes, seen from outside.
//!
//! [`common`] starts a cluster and talks to it. One folder per subject: [`serve`] for what every mode
//! does, [`http`] for each byte on the wire, [`unix_socket`], [`admin`] for the operators' address,
//! [`faults`] for what breaks, [`load_generator`] for the other side.
#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod admin;
mod common;
mod faults;
mod http;
mod load_generator;
mod serve;
mod unix_socket;
