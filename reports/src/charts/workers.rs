//! How connections and requests were spread over the workers: a row for each cell, a dot for each
//! worker in each trial, against an even share and what chance would do. Next: [`super::cores`], [`super::warmup`].

use plotters::element::Rectangle;
use plotters::style::Color as _;
use plotters::style::text_anchor::{HPos, Pos, VPos};

use super::frame::{Axis, LINE, Plot, axes, strong};
use super::scale::{Scale, linear_ticks};
use super::style::{Look, find};
use super::{Chart, ChartError, Variant};
use crate::analysis::{Figures, WorkloadFigures};
use crate::record::Worker;
use crate::stats::fairness::fair_band;
use crate::svg::marks::{Dots, Line};
use crate::svg::roles::{BAND, INK};
use crate::svg::{Canvas, SCALE};
use crate::{findings, format};

/// More dots than this in a row are drawn as one line from the smallest to the largest share.
const MOST_DOTS: usize = 100;

/// What is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Count {
    /// Connections accepted, with the band that chance would give.
    Connections,
    /// Requests answered.
    Requests,
    /// CPU time used in the measured window.
    Cpu,
}

impl Count {
    fn of(self, worker: &Worker) -> f64 {
        match self {
            Self::Connections => worker.connections as f64,
            Self::Requests => worker.requests.max(worker.client_requests) as f64,
            Self::Cpu => worker.cpu_user_s + worker.cpu_sys_s,
        }
    }

    fn title(self) -> &'static str {
        match self {
            Self::Connections => "connections, share of an even split",
            Self::Requests => "requests, share of an even split",
            Self::Cpu => "CPU time, share of an even split",
        }
    }
}

/// One row: the shares of all workers in all valid trials, 1 being an even split.
struct Row<'a> {
    look: &'a Look,
    label: String,
    workers: usize,
    /// `(position of the worker among its trial's, share)`.
    shares: Vec<(usize, f64)>,
    /// Both ends of the band of chance.
    band: Option<(f64, f64)>,
}

/// Draws the chart of a workload; `None` when no cell has two workers with counts.
///
/// # Errors
/// [`ChartError`] from plotters.
pub fn draw(
    id: &str,
    workload: &WorkloadFigures<'_>,
    looks: &[Look],
    count: Count,
) -> Result<Option<Chart>, ChartError> {
    let widest = workload.widest();
    let rows: Vec<Row<'_>> = widest.iter().filter_map(|f| row(f, looks, count)).collect();
    if rows.is_empty() {
        return Ok(None);
    }
    let finding = match count {
        Count::Connections => findings::fairness(workload),
        Count::Requests => findings::requests_spread(workload),
        Count::Cpu => findings::cpu_spread(workload),
    };
    let description: Vec<String> = rows.iter().map(Row::title).collect();
    Chart::draw(id, finding, &description.join("; "), |variant| draw_rows(&rows, count, variant))
        .map(Some)
}

fn row<'a>(figures: &Figures<'_>, looks: &'a [Look], count: Count) -> Option<Row<'a>> {
    let look = find(looks, &figures.cell.series)?;
    let mut shares = Vec::new();
    let (mut workers, mut total, mut trials) = (0, 0.0, 0_u64);
    for (_, result) in figures.cell.valid() {
        let sum: f64 = result.workers.iter().map(|worker| count.of(worker)).sum();
        if result.workers.len() < 2 || sum <= 0.0 {
            continue;
        }
        let even = sum / result.workers.len() as f64;
        shares.extend(result.workers.iter().map(|w| count.of(w) / even).enumerate());
        workers = workers.max(result.workers.len());
        (total, trials) = (total + sum, trials + 1);
    }
    let band = if count == Count::Connections && trials > 0 {
        fair_band(workers, total as u64 / trials)
    } else {
        None
    };
    (!shares.is_empty()).then(|| Row { look, label: figures.cell.label(), workers, shares, band })
}

impl Row<'_> {
    fn ends(&self) -> (f64, f64) {
        let fold = |f: fn(f64, f64) -> f64, start| self.shares.iter().map(|s| s.1).fold(start, f);
        (fold(f64::min, f64::INFINITY), fold(f64::max, 0.0))
    }

    /// How far from an even split the row's marks reach.
    fn half_width(&self) -> f64 {
        let (low, high) = self.ends();
        let (from, to) = self.band.unwrap_or((1.0, 1.0));
        (1.0 - low.min(from)).max(high.max(to) - 1.0)
    }

    fn title(&self) -> String {
        let (low, high) = self.ends();
        format!("{}: shares from {} to {}", self.label, format::percent(low), format::percent(high))
    }

    /// Draws the row whose top is `top` rows from the chart's.
    fn draw(&self, plot: &mut Plot<'_>, top: f64) -> Result<(), ChartError> {
        let role = self.look.role;
        let ends = plot.x_range();
        if let Some((low, high)) = self.band {
            let (left, right) = (low.max(ends.start), high.min(ends.end));
            let corners = [(left, top + 0.42), (right, top + 0.98)];
            plot.draw_series([Rectangle::new(corners, BAND.rgb().filled())])?;
        }
        let even = vec![(1.0, top + 0.40), (1.0, top + 1.0)];
        plot.draw_series([Line { points: even, role: INK, width: 10, dash: "" }])?;
        if self.shares.len() > MOST_DOTS {
            let (low, high) = self.ends();
            let points = vec![(low, top + 0.7), (high, top + 0.7)];
            plot.draw_series([Line { points, role, width: 60, dash: "" }])?;
            return Ok(());
        }
        let step = 0.4 / self.workers as f64;
        let points = self
            .shares
            .iter()
            .map(|&(worker, share)| (share, top + 0.5 + step * (worker as f64 + 0.5)))
            .collect();
        plot.draw_series([Dots { points, role, radius: 34 }])?;
        Ok(())
    }
}

fn draw_rows(rows: &[Row<'_>], count: Count, variant: Variant) -> Result<Canvas, ChartError> {
    const ROW: u32 = 58;
    let canvas = Canvas::new(variant.width(), 70 + ROW * rows.len() as u32);
    let area = canvas.area();
    let half = rows.iter().map(Row::half_width).fold(0.0, f64::max);
    let steps = linear_ticks(half.max(0.05), variant.pick(3, 2));
    let half = steps[steps.len() - 1];
    let below = steps[1..].iter().rev().map(|step| 1.0 - step).filter(|share| *share > -1e-9);
    let x = Axis {
        scale: Scale::Linear,
        ends: ((1.0 - half).max(0.0), 1.0 + half),
        ticks: below.chain(steps.iter().map(|step| 1.0 + step)).collect(),
        label: &|share| format::percent(share),
        title: count.title(),
        grid: true,
    };
    let y = Axis::of_rows(rows.len());
    let mut plot = axes(&canvas, &area, 0, &x, &y)?;
    for (index, row) in rows.iter().enumerate() {
        canvas.series(&row.look.series.label(), None, || {
            row_label(&plot, &row.label, index)?;
            canvas.mark(&row.title(), None, || row.draw(&mut plot, index as f64))
        })?;
    }
    Ok(canvas)
}

/// Writes a row's label above its marks: however long it is, it has the chart's width.
pub(super) fn row_label(plot: &Plot<'_>, label: &str, row: usize) -> Result<(), ChartError> {
    let area = plot.plotting_area().strip_coord_spec();
    let (left, up) = area.get_base_pixel();
    let (x, y) = plot.backend_coord(&(plot.x_range().start, row as f64));
    let style = strong(INK).pos(Pos::new(HPos::Left, VPos::Center));
    area.draw_text(label, &style, (x - left + 2 * SCALE, y - up + LINE / 2 + 2 * SCALE))?;
    Ok(())
}
