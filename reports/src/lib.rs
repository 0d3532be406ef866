//! The record of a measurement, its statistics, its charts and the page that shows them.
//!
//! Knows nothing of how a measurement is made. Data flows one way: [`record`] → [`analysis`] (cells,
//! figures, sentences, tables; by way of [`stats`]) → charts → [`page`], [`compare`], [`export`]. Start at
//! [`record`].

pub mod analysis;
mod charts;
pub mod compare;
pub mod export;
pub mod format;
pub mod lab;
pub mod modes;
pub mod page;
pub mod record;
pub mod stats;
pub mod svg;
