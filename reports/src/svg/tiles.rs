//! Many rectangles of one colour as one element: a heat map of a thousand tiles in a few hundred
//! bytes a level.

use std::fmt::Write as _;

use plotters_backend::BackendCoord;

use super::backend::{SvgBackend, fill, number};
use super::element::{Element, drawable};
use super::roles::Role;

/// Rectangles of one colour in the chart's coordinates.
pub struct Tiles {
    /// Two opposite corners of each, one after the other.
    pub corners: Vec<(f64, f64)>,
    pub role: Role,
}

drawable!(Tiles);

impl Element for Tiles {
    fn places(&self) -> &[(f64, f64)] {
        &self.corners
    }

    fn paint(&self, places: &[BackendCoord], backend: &mut SvgBackend) {
        let mut data = String::new();
        for corners in places.chunks_exact(2) {
            let [(x0, y0), (x1, y1)] = [corners[0], corners[1]];
            let (x, y) = (number(x0.min(x1)), number(y0.min(y1)));
            let (width, height) = ((x0 - x1).abs(), (y0 - y1).abs());
            let (right, down, left) = (number(width), number(height), number(-width));
            // Writing to a `String` cannot fail.
            let _ = write!(data, "M{x} {y}h{right}v{down}h{left}z");
        }
        if !data.is_empty() {
            backend.element(&format!("<path {} d=\"{data}\"/>", fill(self.role)));
        }
    }
}
