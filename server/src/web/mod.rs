//! HTTP for people who look at a cluster and act upon it: the operators' address (`admin/`), or that
//! of a program that shows a cluster.
//!
//! [`reception`] serves connections, as guarded as a worker's (see [`crate::http`]); [`access`] and
//! [`token`] say who may ask; [`answer`] and [`stream`] are what they get.

pub mod access;
pub mod answer;
mod patience;
pub mod reception;
pub mod stream;
pub mod token;
