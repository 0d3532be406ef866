//! The record of a measurement, its statistics, its charts and the page that shows them.
//!
//! Knows nothing of how a measurement is made. Data flows one way: [`record`] → [`cells`] →
//! [`analysis`] → [`findings`], [`table`] and charts → [`page`] and [`text`]. Start at [`record`].

pub mod analysis;
pub mod cells;
pub mod charts;
pub mod compare;
pub mod contrasts;
pub mod diagnosis;
pub mod embed;
pub mod export;
pub mod facts;
pub mod figure;
pub mod findings;
pub mod format;
pub mod handout;
pub mod lab;
pub mod modes;
pub mod page;
pub mod record;
pub mod script;
pub mod slides;
pub mod stats;
pub mod svg;
pub mod table;
pub mod text;
pub mod validity;
pub mod verify;
