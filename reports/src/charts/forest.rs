//! Ratios of two records: a row a cell, a marker and its interval, against a line at 1.

use super::frame::{Axis, axes, put, row_label};
use super::scale::around_one;
use super::{Chart, ChartError, MaybeChart, Variant};
use crate::format;
use crate::svg::Canvas;
use crate::svg::data_key::Figure;
use crate::svg::marks::{Line, Marker, Shape};
use crate::svg::roles::{INK, SERIES};

/// One row.
pub struct Row {
    /// The mode, by which it is found in other charts.
    pub series: String,
    pub label: String,
    pub title: String,
    pub figure: Figure,
    /// The ratio, and both ends of its interval where there is one.
    pub point: f64,
    pub interval: Option<(f64, f64)>,
}

/// Draws these ratios; `None` when there are none.
pub fn draw(id: &str, rows: &[Row], finding: &str) -> MaybeChart {
    Chart::of((id, false), rows, finding.to_owned(), |row| row.title.clone(), draw_rows)
}

impl Row {
    fn ends(&self) -> (f64, f64) {
        self.interval.unwrap_or((self.point, self.point))
    }
}

fn draw_rows(rows: &[Row], variant: Variant) -> Result<Canvas, ChartError> {
    const ROW: u32 = 44;
    let canvas = Canvas::new(variant.width(), 70 + ROW * rows.len() as u32);
    let area = canvas.area();
    let reach = |row: &Row| (1.0 - row.ends().0).max(row.ends().1 - 1.0);
    let half = rows.iter().map(reach).fold(0.02, f64::max);
    let (ends, ticks) = around_one(half, variant.pick(3, 2));
    let label = |ratio| format!("{}×", format::tick(ratio));
    let x = Axis::linear(ends, ticks, &label, "throughput, B ÷ A");
    let mut plot = axes(&canvas, &area, 0, &x, &Axis::of_rows(rows.len()))?;
    let one = vec![(1.0, 0.0), (1.0, rows.len() as f64)];
    put(&mut plot, Line { points: one, role: INK, width: 10, dash: "" })?;
    for (index, row) in rows.iter().enumerate() {
        let y = index as f64 + 0.75;
        let (low, high) = row.ends();
        canvas.series(&row.series, None, || {
            row_label(&plot, &row.label, index)?;
            canvas.mark(&row.title, Some(&row.figure), || {
                let (points, role) = (vec![(low, y), (high, y)], SERIES[3]);
                put(&mut plot, Line { points, role, width: 25, dash: "" })?;
                let (at, shape) = ((row.point, y), Shape::Circle);
                put(&mut plot, Marker { at, shape, role, radius: 50, hollow: false })
            })
        })?;
    }
    Ok(canvas)
}
