//! The 99th percentile that each load generator would have printed of the same requests: a row a tool, a
//! marker a series, below the row of what was measured.

use super::frame::{Axis, LINE, axes, legend, legend_height, put};
use super::scale::{Scale, log_ticks};
use super::style::{Look, find};
use super::{Chart, ChartError, MaybeChart, Variant};
use crate::analysis::findings;
use crate::analysis::tool_estimate::{Medians, P99, medians};
use crate::analysis::{Figures, WorkloadFigures};
use crate::format;
use crate::svg::data_key::Figure;
use crate::svg::{Canvas, SCALE};

/// The height of a row in pixels.
const ROW: u32 = 26;

/// One tool's 99th percentile of one cell.
struct Point {
    tool: String,
    value: f64,
    title: String,
    figure: Figure,
}

/// One cell.
struct Column<'a> {
    look: &'a Look,
    points: Vec<Point>,
}

/// Draws the chart of a workload, a marker for the widest cell of each series; `None` when no trial has
/// the figures of other tools.
pub fn draw(id: &str, workload: &WorkloadFigures<'_>, looks: &[Look]) -> MaybeChart {
    let columns: Vec<Column<'_>> =
        workload.widest().into_iter().filter_map(|figures| column(figures, looks)).collect();
    let words = |column: &Column<'_>| {
        let titles: Vec<&str> = column.points.iter().map(|point| point.title.as_str()).collect();
        titles.join("; ")
    };
    Chart::of((id, true), &columns, findings::told(workload), words, draw_rows)
}

fn column<'a>(figures: &Figures<'_>, looks: &'a [Look]) -> Option<Column<'a>> {
    let look = find(looks, &figures.cell.series)?;
    let point = |medians: &Medians| {
        let value = medians.micros[P99].filter(|value| *value > 0.0)?;
        let (label, shown) = (figures.cell.label(), format::micros(value));
        Some(Point {
            tool: medians.tool.clone(),
            value,
            title: format!("{label}, {}: 99 % within {shown}", medians.tool),
            figure: figures.cell.figure(&medians.quantity()),
        })
    };
    let points: Vec<Point> = medians(figures).iter().filter_map(point).collect();
    (!points.is_empty()).then_some(Column { look, points })
}

fn draw_rows(columns: &[Column<'_>], variant: Variant) -> Result<Canvas, ChartError> {
    let mut tools: Vec<&str> = Vec::new();
    for point in columns.iter().flat_map(|column| &column.points) {
        if !tools.contains(&point.tool.as_str()) {
            tools.push(&point.tool);
        }
    }
    let looks: Vec<&Look> = columns.iter().map(|column| column.look).collect();
    let top = legend_height(&looks, variant);
    let height = (top + 2 * LINE) / SCALE;
    let canvas =
        Canvas::new(variant.width(), 20 + height.unsigned_abs() + ROW * tools.len() as u32);
    let area = canvas.area();
    let values = || columns.iter().flat_map(|column| &column.points).map(|point| point.value);
    let scale = Scale::Log10;
    let ticks = log_ticks(values().fold(f64::INFINITY, f64::min), values().fold(0.0, f64::max));
    let x = Axis::over(scale, ticks, &format::tick_micros, "99th percentile of latency");
    let name = |position: f64| tools.get(position as usize).map_or("", |tool| tool).to_owned();
    let y = Axis {
        ticks: (0..tools.len()).map(|row| row as f64 + 0.5).collect(),
        label: &name,
        grid: true,
        ..Axis::of_rows(tools.len())
    };
    legend(&canvas, &area, &looks, variant)?;
    let mut plot = axes(&canvas, &area, top, &x, &y)?;
    for Column { look, points } in columns {
        canvas.series(&look.series.label(), None, || {
            for point in points {
                let row = tools.iter().position(|tool| *tool == point.tool).unwrap_or_default();
                let at = (scale.at(point.value), row as f64 + 0.5);
                let draw = || put(&mut plot, look.marker(at));
                canvas.mark(&point.title, Some(&point.figure), draw)?;
            }
            Ok::<(), ChartError>(())
        })?;
    }
    Ok(canvas)
}
