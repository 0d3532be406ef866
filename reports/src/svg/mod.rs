//! A drawing back end for plotters that writes SVG fit for a web page: accessible (a name, a
//! description, groups), themable (each colour is a role with a class), with fractions of a pixel
//! and room for text as it is.
//!
//! plotters works in whole pixels, so charts are drawn [`SCALE`] times as large and the numbers
//! written with one decimal.

mod backend;
mod body;
mod canvas;
pub(crate) mod data_key;
pub(crate) mod element;
pub(crate) mod marks;
mod outline;
pub(crate) mod roles;
mod text;
pub(crate) mod tiles;

pub(crate) use backend::SvgBackend;
pub(crate) use canvas::Canvas;
pub use text::escaped;
pub(crate) use text::{TEXT_SIZE, width_em};

/// Units of plotters' coordinates in one unit of the SVG's.
pub(crate) const SCALE: i32 = 10;
