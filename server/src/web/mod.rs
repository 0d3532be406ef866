//! HTTP for people who look at a cluster and act upon it: what every such address needs, whatever it
//! answers. The operators' address (`admin/`) is one; a program that shows a cluster may open another.
//!
//! [`reception`] lets visitors in, as guarded as a worker's clients (see [`crate::http`]); [`access`]
//! says who may ask, [`token`] what who acts must show; [`answer`] and [`stream`] are what they get.

pub mod access;
pub mod answer;
mod patience;
pub mod reception;
pub mod stream;
pub mod token;
