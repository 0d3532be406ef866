//! Many rectangles of one colour as one element: a heat map of a thousand tiles in a few hundred
//! bytes a level. Next: [`crate::charts::heatmap`].

use std::fmt::Write as _;
use std::slice::Iter;

use plotters::element::{Drawable, PointCollection};
use plotters_backend::{BackendCoord, DrawingErrorKind};

use super::backend::{SvgBackend, fill, number};
use super::roles::Role;

/// Rectangles of one colour in the chart's coordinates.
pub struct Tiles {
    /// Two opposite corners of each, one after the other.
    pub corners: Vec<(f64, f64)>,
    /// Their colour.
    pub role: Role,
}

impl<'a> PointCollection<'a, (f64, f64)> for &'a Tiles {
    type Point = &'a (f64, f64);
    type IntoIter = Iter<'a, (f64, f64)>;

    fn point_iter(self) -> Self::IntoIter {
        self.corners.iter()
    }
}

impl Drawable<SvgBackend> for Tiles {
    fn draw<I: Iterator<Item = BackendCoord>>(
        &self,
        points: I,
        backend: &mut SvgBackend,
        _: (u32, u32),
    ) -> Result<(), DrawingErrorKind<std::convert::Infallible>> {
        let points: Vec<BackendCoord> = points.collect();
        let mut data = String::new();
        for corners in points.chunks_exact(2) {
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
        Ok(())
    }
}
