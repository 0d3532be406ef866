//! How connections were spread over the workers, and what came of it: a row for each cell, a dot for
//! each worker in each trial, against an even share; connections also against what chance would do.

use plotters::element::Rectangle;
use plotters::style::Color as _;

use super::frame::{Axis, Plot, axes, put, row_label};
use super::scale::around_one;
use super::style::{Look, find};
use super::{Chart, ChartError, MaybeChart, Variant};
use crate::analysis::{Figures, WorkloadFigures, findings};
use crate::format;
use crate::record::Worker;
use crate::stats::fairness::fair_band;
use crate::svg::Canvas;
use crate::svg::marks::{Dots, Line};
use crate::svg::roles::{BAND, INK, Role};

/// More dots than this in a row are drawn as one line from the smallest to the largest share.
const MOST_DOTS: usize = 100;

/// The height of a row in pixels.
const ROW: u32 = 58;

/// What is counted, a panel each.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Count {
    /// Connections accepted, with the band that chance would give.
    Connections,
    Requests,
    /// CPU time used in the measured window.
    Cpu,
}

const COUNTS: [Count; 3] = [Count::Connections, Count::Requests, Count::Cpu];

impl Count {
    fn of(self, worker: &Worker) -> f64 {
        match self {
            Self::Connections => worker.connections as f64,
            Self::Requests => worker.requests.max(worker.client_requests) as f64,
            Self::Cpu => worker.cpu_user_s + worker.cpu_sys_s,
        }
    }

    fn name(self) -> &'static str {
        match self {
            Self::Connections => "connections",
            Self::Requests => "requests",
            Self::Cpu => "CPU time",
        }
    }
}

/// The shares of all workers in all valid trials, 1 being an even split.
struct Shares {
    workers: usize,
    /// `(position of the worker among its trial's, share)`.
    of: Vec<(usize, f64)>,
    /// Both ends of the band of chance.
    band: Option<(f64, f64)>,
    title: String,
}

/// One row: a cell, with what was recorded of it.
struct Row<'a> {
    look: &'a Look,
    label: String,
    shares: [Option<Shares>; 3],
}

/// Draws the chart of a workload; `None` when no cell has two workers with counts.
pub fn draw(id: &str, workload: &WorkloadFigures<'_>, looks: &[Look]) -> MaybeChart {
    let rows: Vec<Row<'_>> =
        workload.widest().into_iter().filter_map(|figures| row(figures, looks)).collect();
    let words = |row: &Row<'_>| {
        let titles: Vec<&str> = row.shares.iter().flatten().map(|it| it.title.as_str()).collect();
        titles.join("; ")
    };
    Chart::of((id, true), &rows, findings::fairness(workload), words, draw_panels)
}

fn row<'a>(figures: &Figures<'_>, looks: &'a [Look]) -> Option<Row<'a>> {
    let look = find(looks, &figures.cell.series)?;
    let shares = COUNTS.map(|count| shares(figures, count));
    shares.iter().any(Option::is_some).then(|| Row { look, label: figures.cell.label(), shares })
}

fn all_shares<'a>(rows: &'a [Row<'_>]) -> impl Iterator<Item = &'a Shares> {
    rows.iter().flat_map(|row| row.shares.iter().flatten())
}

fn shares(figures: &Figures<'_>, count: Count) -> Option<Shares> {
    let mut of = Vec::new();
    let (mut workers, mut total, mut trials) = (0, 0.0, 0_u64);
    for (_, result) in figures.cell.valid() {
        let sum: f64 = result.workers.iter().map(|worker| count.of(worker)).sum();
        if result.workers.len() < 2 || sum <= 0.0 {
            continue;
        }
        let even = sum / result.workers.len() as f64;
        of.extend(result.workers.iter().map(|w| count.of(w) / even).enumerate());
        workers = workers.max(result.workers.len());
        (total, trials) = (total + sum, trials + 1);
    }
    let (low, high) = ends(&of)?;
    let (label, name) = (figures.cell.label(), count.name());
    let (from, to) = (format::percent(low), format::percent(high));
    let band = (count == Count::Connections).then(|| fair_band(workers, total as u64 / trials));
    Some(Shares {
        workers,
        of,
        band: band.flatten(),
        title: format!("{label}: {name}, shares from {from} to {to}"),
    })
}

/// The smallest and the largest share.
fn ends(shares: &[(usize, f64)]) -> Option<(f64, f64)> {
    let all = || shares.iter().map(|&(_, share)| share);
    Some((all().min_by(f64::total_cmp)?, all().max_by(f64::total_cmp)?))
}

impl Shares {
    /// How far from an even split the marks reach.
    fn half_width(&self) -> f64 {
        let (low, high) = ends(&self.of).unwrap_or((1.0, 1.0));
        let (from, to) = self.band.unwrap_or((1.0, 1.0));
        (1.0 - low.min(from)).max(high.max(to) - 1.0)
    }

    /// Draws them in the row whose top is `top` rows from the chart's.
    fn draw(&self, plot: &mut Plot<'_>, role: Role, top: f64) -> Result<(), ChartError> {
        let inside = plot.x_range();
        if let Some((low, high)) = self.band {
            let (left, right) = (low.max(inside.start), high.min(inside.end));
            let corners = [(left, top + 0.42), (right, top + 0.98)];
            put(plot, Rectangle::new(corners, BAND.rgb().filled()))?;
        }
        let even = vec![(1.0, top + 0.40), (1.0, top + 1.0)];
        put(plot, Line { points: even, role: INK, width: 10, dash: "" })?;
        if self.of.len() > MOST_DOTS {
            let (low, high) = ends(&self.of).unwrap_or((1.0, 1.0));
            let points = vec![(low, top + 0.7), (high, top + 0.7)];
            return put(plot, Line { points, role, width: 60, dash: "" });
        }
        let step = 0.4 / self.workers as f64;
        let place =
            |&(worker, share): &(usize, f64)| (share, top + 0.5 + step * (worker as f64 + 0.5));
        let points = self.of.iter().map(place).collect();
        put(plot, Dots { points, role, radius: 34 })
    }
}

/// One panel for each count that any row has, side by side on one scale: requests and CPU time follow
/// connections, and where they do not, that is seen.
fn draw_panels(rows: &[Row<'_>], variant: Variant) -> Result<Canvas, ChartError> {
    let canvas = Canvas::new(variant.width(), 70 + ROW * rows.len() as u32);
    let shown: Vec<usize> = (0..COUNTS.len())
        .filter(|&count| rows.iter().any(|row| row.shares[count].is_some()))
        .collect();
    let half = all_shares(rows).map(Shares::half_width).fold(0.05, f64::max);
    let (ends, ticks) = around_one(half, if shown.len() > 1 { 1 } else { 2 });
    let places = canvas.area().split_evenly((1, shown.len()));
    let mut plots = Vec::new();
    for (&count, place) in shown.iter().zip(&places) {
        let x = Axis::linear(ends, ticks.clone(), &format::percent, COUNTS[count].name());
        plots.push((count, axes(&canvas, place, 0, &x, &Axis::of_rows(rows.len()))?));
    }
    for (index, row) in rows.iter().enumerate() {
        canvas.series(&row.look.series.label(), None, || {
            row_label(&plots[0].1, &row.label, index)?;
            for (count, plot) in &mut plots {
                let Some(shares) = &row.shares[*count] else { continue };
                canvas
                    .mark(&shares.title, None, || shares.draw(plot, row.look.role, index as f64))?;
            }
            Ok::<(), ChartError>(())
        })?;
    }
    Ok(canvas)
}
