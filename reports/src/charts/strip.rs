//! A strip chart of many records: a row a cell, a dot a record, a line at the median. Machines differ,
//! so a dot is a speed-up over one worker of the same machine.

use super::frame::{Axis, axes, put, row_label};
use super::scale::{Scale, linear_ticks};
use super::{Chart, ChartError, MaybeChart, Variant};
use crate::format;
use crate::stats::median;
use crate::svg::Canvas;
use crate::svg::marks::{Line, Marker, Shape};
use crate::svg::roles::{INK, SERIES};

/// The speed-ups of one cell.
pub struct Strip {
    /// The mode, by which it is found in other charts.
    pub series: String,
    pub label: String,
    /// Each record's name and its speed-up there.
    pub speedups: Vec<(String, f64)>,
}

impl Strip {
    fn title(&self, (record, speedup): &(String, f64)) -> String {
        format!("{record}, {}: {}", self.label, format::ratio(*speedup))
    }

    /// The median; `None` without a record.
    pub fn middle(&self) -> Option<f64> {
        median(&self.speedups.iter().map(|&(_, speedup)| speedup).collect::<Vec<_>>())
    }

    /// `reuseport × 2: 20 records, 1.40× in the middle`.
    fn summary(&self) -> String {
        let records = format::count(self.speedups.len() as u64, "record");
        let middle = self.middle().map_or(String::new(), format::ratio);
        format!("{}: {records}, {middle} in the middle", self.label)
    }
}

/// Draws the cells of one workload; `None` without a speed-up.
pub fn draw(id: &str, strips: &[Strip], finding: String) -> MaybeChart {
    Chart::of((id, false), strips, finding, Strip::summary, draw_rows)
}

fn draw_rows(strips: &[Strip], variant: Variant) -> Result<Canvas, ChartError> {
    const ROW: u32 = 48;
    let canvas = Canvas::new(variant.width(), 70 + ROW * strips.len() as u32);
    let area = canvas.area();
    let most = strips.iter().flat_map(|strip| &strip.speedups).map(|it| it.1).fold(1.0, f64::max);
    let ticks = linear_ticks(most, variant.pick(6, 4));
    let label = |ratio| format!("{}×", format::tick(ratio));
    let x = Axis::over(Scale::Linear, ticks, &label, "times the throughput of one worker");
    let mut plot = axes(&canvas, &area, 0, &x, &Axis::of_rows(strips.len()))?;
    let one = vec![(1.0, 0.0), (1.0, strips.len() as f64)];
    put(&mut plot, Line { points: one, role: INK, width: 10, dash: "3 3" })?;
    for (index, strip) in strips.iter().enumerate() {
        let at = index as f64 + 0.72;
        canvas.series(&strip.series, None, || {
            row_label(&plot, &strip.label, index)?;
            if let Some(middle) = strip.middle() {
                let points = vec![(middle, at - 0.24), (middle, at + 0.24)];
                put(&mut plot, Line { points, role: INK, width: 20, dash: "" })?;
            }
            for record in &strip.speedups {
                let (at, shape, role) = ((record.1, at), Shape::Circle, SERIES[3]);
                let marker = Marker { at, shape, role, radius: 40, hollow: false };
                canvas.mark(&strip.title(record), None, || put(&mut plot, marker))?;
            }
            Ok::<(), ChartError>(())
        })?;
    }
    Ok(canvas)
}
