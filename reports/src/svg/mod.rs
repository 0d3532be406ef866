//! A drawing back end for plotters that writes SVG fit for a web page: accessible (a name, a
//! description, groups), themable (each colour is a role with a class), with fractions of a pixel
//! and room for text as it is.
//!
//! plotters works in whole pixels, so charts are drawn [`SCALE`] times as large and the numbers
//! written with one decimal.

mod backend;
mod body;
pub mod canvas;
pub mod data_key;
pub(crate) mod element;
pub mod marks;
mod outline;
pub mod roles;
mod text;
pub mod tiles;

pub use backend::SvgBackend;
pub use canvas::Canvas;
pub use text::{TEXT_SIZE, escaped, width_em};

/// Units of plotters' coordinates in one unit of the SVG's.
pub const SCALE: i32 = 10;
