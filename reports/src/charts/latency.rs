//! Latency by percentile, on an axis that gives each further nine the same room: the tail, which
//! users feel, is as wide as the middle.

use super::frame::{Axis, Plot, axes, put};
use super::multiples::{Layout, lay_out};
use super::scale::{Scale, fewer, log_ticks};
use super::style::{Look, find};
use super::{Chart, ChartError, MaybeChart, Variant};
use crate::analysis::{Figures, WorkloadFigures, findings};
use crate::format;
use crate::stats::latency::CURVE_POINTS;
use crate::svg::Canvas;
use crate::svg::data_key::Figure;
use crate::svg::marks::Line;

/// One curve.
pub(super) struct Curve<'a> {
    look: &'a Look,
    points: Vec<(f64, f64)>,
    /// The same answers, timed from their actual send; empty in a closed loop.
    sent: Vec<(f64, f64)>,
    title: String,
    stops: Vec<Stop>,
}

/// A percentile that a reader can point at.
struct Stop {
    at: (f64, f64),
    title: String,
    figure: Option<Figure>,
}

/// The percentiles that the table of latency has, with their names there.
const STOPS: [(f64, &str); 4] = [(0.5, "p50"), (0.9, "p90"), (0.99, "p99"), (0.999, "p999")];

/// Draws the chart of a workload, a curve for the widest cell of each series; `None` when no
/// latency was recorded.
pub fn draw(id: &str, workload: &WorkloadFigures<'_>, looks: &[Look]) -> MaybeChart {
    let widest = workload.widest();
    let curves: Vec<Curve<'_>> = widest
        .iter()
        .filter_map(|figures| curve(figures, find(looks, &figures.cell.series)?))
        .collect();
    let words = |curve: &Curve<'_>| curve.title.clone();
    Chart::of((id, false), &curves, findings::latency(workload), words, |curves, variant| {
        draw_curves(curves, &axis_title(&widest, curves, variant), variant)
    })
}

/// What the vertical axis shows: the loop, and which line is which where there are two.
pub(super) fn axis_title(cells: &[&Figures<'_>], curves: &[Curve<'_>], variant: Variant) -> String {
    let lines = variant.pick("; thin: from the actual send", "; thin: from the send");
    let two = curves.iter().any(|curve| !curve.sent.is_empty());
    format!("latency, {}{}", loop_name(cells), if two { lines } else { "" })
}

/// `closed loop`, `open loop`, or both where cells differ.
fn loop_name(cells: &[&Figures<'_>]) -> String {
    let mut names: Vec<&str> = cells
        .iter()
        .flat_map(|f| f.cell.valid())
        .map(|(_, result)| result.loop_model.as_str())
        .filter(|name| !name.is_empty())
        .collect();
    names.sort_unstable();
    names.dedup();
    if names.is_empty() {
        "loop unknown".to_owned()
    } else {
        format!("{} loop", names.join(" and "))
    }
}

/// The curve of a cell, in this look; `None` with too few answers for one.
pub(super) fn curve<'a>(figures: &Figures<'_>, look: &'a Look) -> Option<Curve<'a>> {
    let [mut points, sent] = [&figures.latency, &figures.service].map(|latency| {
        let mut points = latency.curve(CURVE_POINTS);
        points.retain(|&(_, value)| value > 0.0);
        points
    });
    let last = *points.last()?;
    let mut stops: Vec<Stop> = STOPS.iter().filter_map(|stop| self::stop(figures, *stop)).collect();
    points.extend(stops.iter().map(|stop| stop.at));
    points.sort_by(|a, b| a.0.total_cmp(&b.0));
    stops.push(end(figures, last));
    (points.len() > 1).then(|| Curve { look, points, sent, title: title(figures), stops })
}

/// A percentile of a cell; `None` where fewer than ten answers lie beyond it.
fn stop(figures: &Figures<'_>, (p, name): (f64, &str)) -> Option<Stop> {
    let value = figures.latency.readable(p).filter(|value| *value > 0.0)?;
    let (x, shown) = (1.0 / (1.0 - p), format::micros(value));
    Some(Stop {
        at: (x, value),
        title: format!("{}: {} within {shown}", figures.cell.label(), percentile_label(x)),
        figure: Some(figures.cell.figure(name)),
    })
}

/// Where a curve ends because ten answers are left.
fn end(figures: &Figures<'_>, at: (f64, f64)) -> Stop {
    let shown = format::micros(at.1);
    Stop {
        at,
        title: format!("{}: all but ten answers within {shown}", figures.cell.label()),
        figure: None,
    }
}

fn title(figures: &Figures<'_>) -> String {
    let read = |p: f64| figures.latency.percentile(p).map_or(String::new(), format::micros);
    let (half, most) = (read(0.5), read(0.99));
    let sent = figures.service.percentile(0.99).map_or(String::new(), |value| {
        format!(" (from the actual send within {})", format::micros(value))
    });
    format!("{}: half within {half}, 99 % within {most}{sent}", figures.cell.label())
}

/// `90 %` for 10, `99.9 %` for 1000: the percentile p at 1/(1−p).
fn percentile_label(x: f64) -> String {
    let nines = (x.log10().round() as usize).saturating_sub(2);
    format!("{:.nines$} %", 100.0 * (1.0 - 1.0 / x))
}

pub(super) fn draw_curves(
    curves: &[Curve<'_>],
    title: &str,
    variant: Variant,
) -> Result<Canvas, ChartError> {
    let looks: Vec<&Look> = curves.iter().map(|curve| curve.look).collect();
    let Layout { canvas, panels, title } = lay_out(&looks, variant, 300, title)?;
    let all = || curves.iter().flat_map(|curve| curve.points.iter().chain(&curve.sent));
    let end = all().map(|point| point.0).fold(10.0, f64::max);
    let low = all().map(|point| point.1).fold(f64::INFINITY, f64::min);
    let high = all().map(|point| point.1).fold(0.0, f64::max);
    let values = log_ticks(low, high);
    let scale = Scale::Log10;
    let nines = (1..=9).map(|power| 10_f64.powi(power)).filter(|x| *x <= end);
    let (ends, ticks) = ((0.0, scale.at(end)), std::iter::once(2.0).chain(nines).collect());
    let x = Axis { scale, ..Axis::linear(ends, ticks, &percentile_label, "percentile of answers") };
    let mut y = Axis::over(scale, values, &format::tick_micros, title);
    if panels.len() > 1 {
        y.ticks = fewer(y.ticks);
    }
    for panel in &panels {
        let mut plot = axes(&canvas, &panel.area, panel.top, &x, &y)?;
        for curve in curves.iter().filter(|curve| panel.shows(&curve.look.series)) {
            curve.draw(&canvas, &mut plot)?;
        }
    }
    Ok(canvas)
}

impl Curve<'_> {
    pub(super) fn title(&self) -> &str {
        &self.title
    }

    /// The same as a run's: its words begin with the run's name, and no table has its figures.
    pub(super) fn of_run(mut self, run: &str) -> Self {
        self.title = format!("{run}: {}", self.title);
        for stop in &mut self.stops {
            stop.title = format!("{run}: {}", stop.title);
            stop.figure = None;
        }
        self
    }

    fn draw(&self, canvas: &Canvas, plot: &mut Plot<'_>) -> Result<(), ChartError> {
        let scale = Scale::Log10;
        let at = |&(x, y): &(f64, f64)| (scale.at(x), scale.at(y));
        let [points, sent]: [Vec<(f64, f64)>; 2] =
            [&self.points, &self.sent].map(|points| points.iter().map(at).collect());
        let Look { role, dash, .. } = *self.look;
        let look = self.look;
        canvas.series(&look.series.label(), Some(&self.title), || {
            if !sent.is_empty() {
                put(plot, Line { points: sent, role, width: 8, dash: "" })?;
            }
            put(plot, Line { points, role, width: 20, dash })?;
            for stop in &self.stops {
                let marker = look.marker(at(&stop.at));
                canvas.mark(&stop.title, stop.figure.as_ref(), || put(plot, marker))?;
            }
            Ok::<(), ChartError>(())
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentiles_have_as_many_nines_as_they_need() {
        let labels = [2.0, 10.0, 100.0, 1000.0, 10_000.0].map(percentile_label);
        assert_eq!(labels, ["50 %", "90 %", "99 %", "99.9 %", "99.99 %"]);
    }
}
