//! The percentiles that people quote, with their intervals: a row for each series, on one axis.
//! The curve of [`super::latency`] shows all of the distribution and has no room for intervals.

use plotters::coord::Shift;
use plotters::drawing::DrawingArea;

use super::frame::{Axis, LINE, Plot, axes, beside, plane, put, row_label, text_width};
use super::scale::{Scale, log_ticks};
use super::style::{Look, find};
use super::{Chart, ChartError, MaybeChart, Variant};
use crate::analysis::{Figures, WorkloadFigures, findings};
use crate::format;
use crate::stats::latency::percentile_interval;
use crate::svg::data_key::Figure;
use crate::svg::marks::{Line, Marker, Shape};
use crate::svg::roles::{INK, MUTED};
use crate::svg::{Canvas, SCALE, SvgBackend};

/// The percentiles shown, with their markers, their names and those in the table.
const SHOWN: [(f64, Shape, &str, &str); 3] = [
    (0.5, Shape::Circle, "50 %", "p50"),
    (0.99, Shape::Diamond, "99 %", "p99"),
    (0.999, Shape::Triangle, "99.9 %", "p999"),
];

/// The height of a row in pixels.
const ROW: u32 = 48;

/// One percentile of a series.
struct Point {
    shape: Shape,
    name: &'static str,
    value: f64,
    interval: Option<(f64, f64)>,
    title: String,
    figure: Figure,
}

struct Row<'a> {
    look: &'a Look,
    label: String,
    points: Vec<Point>,
}

/// Draws the chart of a workload, a row for the widest cell of each series; `None` when no latency
/// was recorded.
pub fn draw(id: &str, workload: &WorkloadFigures<'_>, looks: &[Look]) -> MaybeChart {
    let rows: Vec<Row<'_>> =
        workload.widest().into_iter().filter_map(|figures| row(figures, looks)).collect();
    Chart::of((id, true), &rows, findings::percentiles(workload), Row::description, draw_rows)
}

fn row<'a>(figures: &Figures<'_>, looks: &'a [Look]) -> Option<Row<'a>> {
    let look = find(looks, &figures.cell.series)?;
    let label = figures.cell.label();
    let points: Vec<Point> = SHOWN
        .into_iter()
        .filter_map(|(p, shape, name, quantity)| {
            let value = figures.latency.readable(p).filter(|value| *value > 0.0)?;
            let trials = figures.cell.valid().map(|(_, result)| &result.latency);
            let interval = percentile_interval(trials, p);
            let range = interval.map_or(String::new(), |(low, high)| {
                format!(" (95 % {} to {})", format::micros(low), format::micros(high))
            });
            let shown = format::micros(value);
            let title = format!("{label}: {name} within {shown}{range}");
            let figure = figures.cell.figure(quantity);
            Some(Point { shape, name, value, interval, title, figure })
        })
        .collect();
    (!points.is_empty()).then_some(Row { look, label, points })
}

fn draw_rows(rows: &[Row<'_>], variant: Variant) -> Result<Canvas, ChartError> {
    let top = LINE;
    let canvas = Canvas::new(variant.width(), 70 + (top / SCALE) as u32 + ROW * rows.len() as u32);
    let area = canvas.area();
    let points = || rows.iter().flat_map(|row| &row.points);
    let ends = |point: &Point| point.interval.unwrap_or((point.value, point.value));
    let low = points().map(|p| p.value.min(ends(p).0)).fold(f64::INFINITY, f64::min);
    let high = points().map(|p| p.value.max(ends(p).1)).fold(0.0, f64::max);
    let x = Axis::over(Scale::Log10, log_ticks(low, high), &format::tick_micros, "latency");
    draw_key(&canvas, &area)?;
    let mut plot = axes(&canvas, &area, top, &x, &Axis::of_rows(rows.len()))?;

    for (index, row) in rows.iter().enumerate() {
        canvas.series(&row.look.series.label(), None, || {
            row_label(&plot, &row.label, index)?;
            row.draw(&canvas, &mut plot, index as f64 + 0.72)
        })?;
    }
    Ok(canvas)
}

impl Row<'_> {
    fn description(&self) -> String {
        let points = self
            .points
            .iter()
            .map(|point| format!("{} {}", point.name, format::micros(point.value)));
        format!("{}: {}", self.label, points.collect::<Vec<_>>().join(", "))
    }

    fn draw(&self, canvas: &Canvas, plot: &mut Plot<'_>, height: f64) -> Result<(), ChartError> {
        let scale = Scale::Log10;
        let role = self.look.role;
        for point in &self.points {
            canvas.mark(&point.title, Some(&point.figure), || {
                if let Some((low, high)) = point.interval {
                    let points = vec![(scale.at(low), height), (scale.at(high), height)];
                    put(plot, Line { points, role, width: 30, dash: "" })?;
                }
                let (at, shape) = ((scale.at(point.value), height), point.shape);
                put(plot, Marker { at, shape, role, radius: 48, hollow: false })
            })?;
        }
        Ok(())
    }
}

/// Which marker is which percentile, above the rows.
fn draw_key(canvas: &Canvas, area: &DrawingArea<SvgBackend, Shift>) -> Result<(), ChartError> {
    let plane = plane(area);
    canvas.group("legend", None, || {
        let mut x = 0;
        for (_, shape, name, _) in SHOWN {
            let (left, middle) = (x + 6 * SCALE, LINE / 2);
            let at = (f64::from(left), f64::from(middle));
            plane.draw(&Marker { at, shape, role: MUTED, radius: 48, hollow: false })?;
            area.draw_text(name, &beside(INK), (left + 9 * SCALE, middle))?;
            x = left + 9 * SCALE + text_width(name) + 16 * SCALE;
        }
        Ok(())
    })
}
