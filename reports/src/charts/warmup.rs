//! How trials got going: throughput slice by slice from the first request on, as a share of what was
//! measured in the end; what was discarded lies on shaded ground.

use plotters::element::Rectangle;
use plotters::style::Color as _;

use super::frame::{Axis, Plot, axes, put};
use super::multiples::{Layout, MOST_TOGETHER, lay_out};
use super::scale::{Scale, linear_ticks};
use super::style::{Look, find};
use super::{Chart, ChartError, MaybeChart, Variant};
use crate::analysis::{Figures, WorkloadFigures, findings};
use crate::format;
use crate::record::TrialResult;
use crate::stats::median;
use crate::svg::Canvas;
use crate::svg::marks::Line;
use crate::svg::roles::SHADE;

/// One series: the median over trials of each slice.
struct Curve<'a> {
    look: &'a Look,
    points: Vec<(f64, f64)>,
    label: String,
}

impl Curve<'_> {
    fn title(&self) -> String {
        let first = self.points.first().map_or(0.0, |point| point.1);
        format!("{}: begins at {}", self.label, format::percent(first))
    }

    fn draw(&self, canvas: &Canvas, plot: &mut Plot<'_>) -> Result<(), ChartError> {
        let (points, look) = (self.points.clone(), self.look);
        let last = points[points.len() - 1];
        canvas.series(&look.series.label(), None, || {
            canvas.mark(&self.title(), None, || {
                put(plot, Line { points, role: look.role, width: 20, dash: look.dash })?;
                put(plot, look.marker(last))
            })
        })
    }
}

/// Draws the chart of a workload, a line for the widest cell of each series; `None` when no trial
/// kept its warm-up.
pub fn draw(id: &str, workload: &WorkloadFigures<'_>, looks: &[Look]) -> MaybeChart {
    let curves: Vec<Curve<'_>> =
        workload.widest().into_iter().filter_map(|figures| curve(figures, looks)).collect();
    let small = curves.len() <= MOST_TOGETHER;
    Chart::of((id, small), &curves, findings::warm_up(workload), Curve::title, draw_curves)
}

fn curve<'a>(figures: &Figures<'_>, looks: &'a [Look]) -> Option<Curve<'a>> {
    let look = find(looks, &figures.cell.series)?;
    let trials: Vec<Vec<(f64, f64)>> =
        figures.cell.valid().filter_map(|(_, result)| slices(result)).collect();
    let most = trials.iter().max_by_key(|slices| slices.len())?;
    let points: Vec<(f64, f64)> = most
        .iter()
        .filter_map(|&(at, _)| {
            let near = |slice: &&(f64, f64)| (slice.0 - at).abs() < 0.05;
            let values: Vec<f64> =
                trials.iter().filter_map(|slices| Some(slices.iter().find(near)?.1)).collect();
            Some((at, median(&values)?))
        })
        .collect();
    (points.len() > 1).then(|| Curve { look, points, label: figures.cell.label() })
}

/// A trial's slices, the discarded ones included: seconds, and share of its throughput. The last
/// slice of the window may be a stump, which says nothing.
fn slices(result: &TrialResult) -> Option<Vec<(f64, f64)>> {
    let warmup = result.warmup.as_ref().filter(|warmup| !warmup.series.is_empty())?;
    let whole = result.series.len().saturating_sub(1).max(1);
    let all = warmup.series.iter().chain(result.series.iter().take(whole));
    let share = |rps: f64| rps / result.throughput_rps;
    (result.throughput_rps > 0.0).then(|| all.map(|slice| (slice.t_s, share(slice.rps))).collect())
}

fn draw_curves(curves: &[Curve<'_>], variant: Variant) -> Result<Canvas, ChartError> {
    let looks: Vec<&Look> = curves.iter().map(|curve| curve.look).collect();
    let title = "share of the throughput measured";
    let Layout { canvas, panels, title } = lay_out(&looks, variant, 250, title)?;
    let all = || curves.iter().flat_map(|curve| &curve.points);
    let begin = all().map(|point| point.0).fold(0.0, f64::min);
    let end = all().map(|point| point.0).fold(0.1, f64::max);
    let most = all().map(|point| point.1).fold(1.0, f64::max);
    let step = linear_ticks(end - begin, 4).get(1).copied().unwrap_or(1.0);
    let first = (begin / step).ceil() as i32;
    let last = (end / step).floor() as i32;
    let ticks = (first..=last).map(|tick| f64::from(tick) * step).collect();
    let label = |at| format::tick(at).replace('-', "−");
    let seconds = "seconds from the measurement’s begin";
    let x = Axis::linear((begin, end), ticks, &label, seconds).bare();
    let y =
        Axis::over(Scale::Linear, linear_ticks(most, 4), &|share| format::percent(share), title);
    for panel in &panels {
        let mut plot = axes(&canvas, &panel.area, panel.top, &x, &y)?;
        canvas.group("discarded", Some("discarded"), || {
            let corners = [(begin, y.ends.1), (0.0, 0.0)];
            put(&mut plot, Rectangle::new(corners, SHADE.rgb().filled()))
        })?;
        for curve in curves.iter().filter(|curve| panel.shows(&curve.look.series)) {
            curve.draw(&canvas, &mut plot)?;
        }
    }
    Ok(canvas)
}
