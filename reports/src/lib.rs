//! The record of a measurement, its statistics, its charts and the page that shows them.
//!
//! Knows nothing of how a measurement is made. Start at [`record`].

pub mod record;
