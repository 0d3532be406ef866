//! What it takes to be drawn by plotters, said once: an element has places in the chart's coordinates,
//! and paints itself where plotters puts them.

use plotters_backend::BackendCoord;

use super::backend::SvgBackend;

/// Something that draws on [`SvgBackend`] alone.
pub trait Element {
    /// Its places in the chart's coordinates.
    fn places(&self) -> &[(f64, f64)];

    /// Writes it, its places now in plotters' units.
    fn paint(&self, places: &[BackendCoord], backend: &mut SvgBackend);
}

/// Makes an [`Element`] one of plotters': its two traits cannot be implemented for all of ours at once,
/// since they are not ours.
macro_rules! drawable {
    ($($element:ty),+) => {$(
        impl<'a> plotters::element::PointCollection<'a, (f64, f64)> for &'a $element {
            type Point = &'a (f64, f64);
            type IntoIter = std::slice::Iter<'a, (f64, f64)>;

            fn point_iter(self) -> Self::IntoIter {
                $crate::svg::element::Element::places(self).iter()
            }
        }

        impl plotters::element::Drawable<$crate::svg::SvgBackend> for $element {
            fn draw<I: Iterator<Item = plotters_backend::BackendCoord>>(
                &self,
                points: I,
                backend: &mut $crate::svg::SvgBackend,
                _: (u32, u32),
            ) -> Result<(), plotters_backend::DrawingErrorKind<std::convert::Infallible>> {
                let places: Vec<plotters_backend::BackendCoord> = points.collect();
                $crate::svg::element::Element::paint(self, &places, backend);
                Ok(())
            }
        }
    )+};
}

pub(crate) use drawable;
