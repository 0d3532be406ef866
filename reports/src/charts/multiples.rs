//! One plot for up to seven series; for more, small multiples: a panel a series, all on the same axes,
//! since nobody follows eight lines through each other.

use plotters::coord::Shift;
use plotters::drawing::DrawingArea;

use super::frame::{LINE, legend, legend_height, text};
use super::style::Look;
use super::{ChartError, Variant};
use crate::analysis::cells::Series;
use crate::svg::roles::MUTED;
use crate::svg::{Canvas, SCALE, SvgBackend};

/// So many series share a plot at most.
pub const MOST_TOGETHER: usize = 7;

/// The height of a panel in pixels, legend and labels included.
const PANEL: u32 = 160;

/// Where a chart's series are drawn.
pub struct Layout<'a> {
    /// The chart, legends drawn.
    pub canvas: Canvas,
    /// Its plots, all of the same size.
    pub panels: Vec<Panel<'a>>,
    /// What stands above each plot's vertical axis; empty where it stands above all of them.
    pub title: &'a str,
}

/// One plot.
pub struct Panel<'a> {
    /// Its ground, legend included.
    pub area: DrawingArea<SvgBackend, Shift>,
    /// Where the plot begins, below its legend, in plotters' units.
    pub top: i32,
    pub looks: Vec<&'a Look>,
}

impl Panel<'_> {
    pub fn shows(&self, series: &Series) -> bool {
        self.looks.iter().any(|look| look.series == *series)
    }
}

/// Lays out a chart of these series: `height` pixels and its legend where they share a plot. `title`
/// is that of the vertical axis.
pub fn lay_out<'a>(
    looks: &[&'a Look],
    variant: Variant,
    height: u32,
    title: &'a str,
) -> Result<Layout<'a>, ChartError> {
    if looks.len() <= MOST_TOGETHER {
        let top = legend_height(looks, variant);
        let canvas = Canvas::new(variant.width(), height + (top / SCALE) as u32);
        let area = canvas.area();
        legend(&canvas, &area, looks, variant)?;
        let panels = vec![Panel { area, top, looks: looks.to_vec() }];
        return Ok(Layout { canvas, panels, title });
    }
    let columns = variant.pick(2, 1);
    let rows = looks.len().div_ceil(columns);
    let canvas = Canvas::new(variant.width(), PANEL * rows as u32 + (LINE / SCALE) as u32);
    let (above, below) = canvas.area().split_vertically(LINE);
    above.draw_text(title, &text(MUTED), (0, 0))?;
    let places = below.split_evenly((rows, columns));
    let mut panels = Vec::new();
    for (area, &look) in places.into_iter().zip(looks) {
        legend(&canvas, &area, &[look], variant)?;
        panels.push(Panel { area, top: LINE, looks: vec![look] });
    }
    Ok(Layout { canvas, panels, title: "" })
}
