//! Marks of the charts as plotters elements: markers of several shapes, dashed lines, interval bars.
//! They draw on [`SvgBackend`] alone, which has words for dashes.

use plotters_backend::BackendCoord;

use super::backend::{SvgBackend, number, path_data, stroke};
use super::element::{Element, drawable};
use super::outline::simplified;
use super::roles::{Role, SURFACE};
use crate::svg::data_key::Figure;

/// The outline of a marker.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shape {
    Circle,
    Square,
    Diamond,
    Triangle,
    Inverted,
    Plus,
}

/// A marker in the chart's coordinates.
pub struct Marker {
    pub at: (f64, f64),
    pub shape: Shape,
    pub role: Role,
    /// Half its size, in plotters' units.
    pub radius: i32,
    /// Whether it is only its outline: for what was guessed.
    pub hollow: bool,
}

/// Faint dots, each one of many.
pub struct Dots {
    pub points: Vec<(f64, f64)>,
    pub role: Role,
    /// Half their size, in plotters' units.
    pub radius: u32,
}

/// A line through points in the chart's coordinates.
pub struct Line {
    pub points: Vec<(f64, f64)>,
    pub role: Role,
    /// Its width in plotters' units.
    pub width: u32,
    /// Lengths of dashes and gaps in pixels, `6 3` for example; empty for a solid line.
    pub dash: &'static str,
}

/// An interval as an upright bar with caps.
pub struct Bar {
    pub ends: [(f64, f64); 2],
    pub role: Role,
    /// The interval, where a table has it too.
    pub figure: Option<Figure>,
}

impl Shape {
    /// The outline round a point, as SVG geometry with the element's name.
    fn geometry(self, (x, y): BackendCoord, r: i32) -> (&'static str, String) {
        let path = |points: &[BackendCoord]| ("path", format!("d=\"{}Z\"", path_data(points)));
        match self {
            Self::Circle => {
                ("circle", format!("cx=\"{}\" cy=\"{}\" r=\"{}\"", number(x), number(y), number(r)))
            }
            Self::Square => {
                let r = r * 9 / 10;
                path(&[(x - r, y - r), (x + r, y - r), (x + r, y + r), (x - r, y + r)])
            }
            Self::Diamond => {
                let r = r * 5 / 4;
                path(&[(x, y - r), (x + r, y), (x, y + r), (x - r, y)])
            }
            Self::Triangle => {
                let (up, down) = (r * 6 / 5, r * 9 / 10);
                path(&[(x, y - up), (x + up, y + down), (x - up, y + down)])
            }
            Self::Inverted => {
                let (up, down) = (r * 9 / 10, r * 6 / 5);
                path(&[(x, y + down), (x + down, y - up), (x - down, y - up)])
            }
            Self::Plus => {
                let (long, thin) = (r * 6 / 5, r * 2 / 5);
                let mut arm = [(-thin, -long), (thin, -long), (thin, -thin)];
                let mut points = Vec::new();
                for _ in 0..4 {
                    points.extend(arm.map(|(right, down)| (x + right, y + down)));
                    // A quarter turn leads to the next arm.
                    arm = arm.map(|(right, down)| (-down, right));
                }
                path(&points)
            }
        }
    }
}

drawable!(Marker, Line, Dots, Bar);

impl Element for Marker {
    fn places(&self) -> &[(f64, f64)] {
        std::slice::from_ref(&self.at)
    }

    fn paint(&self, places: &[BackendCoord], backend: &mut SvgBackend) {
        // A rim of the background keeps filled ones apart that lie on each other; hollow ones are filled
        // with it, so that all of them can be pointed at.
        let (fill, stroke, width) = if self.hollow {
            (SURFACE, self.role, " stroke-width=\"2\"")
        } else {
            (self.role, SURFACE, "")
        };
        let paint = format!(
            "class=\"f-{} k-{}\" fill=\"{}\" stroke=\"{}\"{width}",
            fill.name,
            stroke.name,
            fill.fallback(),
            stroke.fallback()
        );
        for &at in places {
            let (name, geometry) = self.shape.geometry(at, self.radius);
            backend.element(&format!("<{name} {paint} {geometry}/>"));
        }
    }
}

impl Element for Line {
    fn places(&self) -> &[(f64, f64)] {
        &self.points
    }

    fn paint(&self, places: &[BackendCoord], backend: &mut SvgBackend) {
        let paint = stroke(self.role, self.width);
        let dash = if self.dash.is_empty() {
            String::new()
        } else {
            format!(" stroke-dasharray=\"{}\"", self.dash)
        };
        backend.stroke(&format!("{paint}{dash}"), &simplified(places));
    }
}

impl Element for Dots {
    fn places(&self) -> &[(f64, f64)] {
        &self.points
    }

    fn paint(&self, places: &[BackendCoord], backend: &mut SvgBackend) {
        // Lines of no length with round ends: a tenth of what circles would take on the page.
        let dots = places.iter().map(|&at| path_data(&[at]) + "h0").collect::<Vec<_>>().concat();
        if !dots.is_empty() {
            backend.element(&format!(
                "<path {} stroke-linecap=\"round\" opacity=\".6\" d=\"{dots}\"/>",
                stroke(self.role, 2 * self.radius)
            ));
        }
    }
}

impl Element for Bar {
    fn places(&self) -> &[(f64, f64)] {
        &self.ends
    }

    fn paint(&self, places: &[BackendCoord], backend: &mut SvgBackend) {
        const CAP: i32 = 45;
        if let [(x, from), (_, to)] = *places {
            let data = [
                path_data(&[(x - CAP, from), (x + CAP, from)]),
                path_data(&[(x, from), (x, to)]),
                path_data(&[(x - CAP, to), (x + CAP, to)]),
            ]
            .concat();
            let figure = self.figure.as_ref().map_or(String::new(), Figure::attributes);
            backend.element(&format!("<path {} d=\"{data}\"{figure}/>", stroke(self.role, 15)));
        }
    }
}
