//! Throughput against the number of workers: every trial a dot, the mean a marker, its interval a
//! bar, and the line that ideal scaling would take.

use super::frame::{Axis, Plot, axes, put, text, text_width, write};
use super::multiples::{Layout, Panel, lay_out};
use super::scale::{Scale, fewer, linear_ticks, log_ticks};
use super::style::Look;
use super::{Chart, ChartError, MaybeChart, Variant};
use crate::analysis::cells::Series;
use crate::analysis::{Figures, WorkloadFigures, findings};
use crate::format;
use crate::svg::data_key::Figure;
use crate::svg::marks::{Bar, Dots, Line, Marker};
use crate::svg::roles::{MUTED, SHADE};
use crate::svg::{Canvas, SCALE};

use plotters::element::Rectangle;
use plotters::style::Color as _;
use plotters::style::text_anchor::{HPos, Pos, VPos};

/// A point of a scaling chart: a cell with its dots, its mean and its interval, in the y axis' unit.
pub(super) struct Point {
    pub series: Series,
    pub workers: u32,
    pub dots: Vec<f64>,
    pub centre: f64,
    pub interval: Option<(f64, f64)>,
    pub title: String,
    /// Mean and interval as the table has them.
    pub figures: [Option<Figure>; 2],
}

/// What a chart of something against the number of workers needs to know.
pub(super) struct Scaling<'a> {
    pub points: Vec<Point>,
    /// The value of one ideal worker.
    pub ideal: Option<f64>,
    /// The largest number of workers with a CPU each, and the smallest without.
    pub border: (u32, Option<u32>),
    pub title: &'a str,
    pub label: &'a dyn Fn(f64) -> String,
}

/// Draws the chart of a workload; `None` without a valid trial.
pub fn draw(id: &str, workload: &WorkloadFigures<'_>, looks: &[Look]) -> MaybeChart {
    let points: Vec<Point> = workload.cells.iter().filter_map(point).collect();
    if points.is_empty() {
        return Ok(None);
    }
    let scaling = Scaling {
        points,
        ideal: ideal(workload),
        border: border(workload),
        title: "requests a second",
        label: &format::tick,
    };
    scaling.chart(id, findings::throughput(workload), looks).map(Some)
}

pub(super) fn point(figures: &Figures<'_>) -> Option<Point> {
    let throughput = figures.throughput?;
    let cell = &figures.cell;
    let mean = format::whole(throughput.point);
    let interval = throughput.interval.map_or(String::new(), format::whole_range);
    let evidence = if interval.is_empty() { String::new() } else { format!(" (95 % {interval})") };
    Some(Point {
        series: cell.series.clone(),
        workers: cell.workers,
        dots: cell.valid().map(|(_, result)| result.throughput_rps).collect(),
        centre: throughput.point,
        interval: throughput.interval,
        title: format!("{}: {mean} requests/s{evidence}", cell.label()),
        figures: [Some(cell.figure("rps")), throughput.interval.map(|_| cell.figure("rps95"))],
    })
}

/// One worker's throughput, to be multiplied: that of `single`, else of the first mode with one.
fn ideal(workload: &WorkloadFigures<'_>) -> Option<f64> {
    let ones = workload.cells.iter().filter(|f| f.cell.workers == 1 && f.throughput.is_some());
    Some(ones.min_by_key(|f| f.cell.series.mode != "single")?.throughput?.point)
}

/// The largest number of workers with a CPU each, and the smallest without, if any.
pub(super) fn border(workload: &WorkloadFigures<'_>) -> (u32, Option<u32>) {
    let workers = |over: bool| {
        workload.cells.iter().filter(move |f| f.cell.oversubscribed == over).map(|f| f.cell.workers)
    };
    (workers(false).max().unwrap_or(0), workers(true).min())
}

impl Scaling<'_> {
    pub(super) fn chart(
        &self,
        id: &str,
        finding: String,
        looks: &[Look],
    ) -> Result<Chart, ChartError> {
        Chart::draw(id, finding, &self.description(), |variant| self.draw(looks, variant))
    }

    pub(super) fn description(&self) -> String {
        let titles: Vec<&str> = self.points.iter().map(|point| point.title.as_str()).collect();
        titles.join("; ")
    }

    pub(super) fn draw(&self, looks: &[Look], variant: Variant) -> Result<Canvas, ChartError> {
        let shown: Vec<&Look> = looks
            .iter()
            .filter(|look| self.points.iter().any(|point| point.series == look.series))
            .collect();
        let Layout { canvas, panels, title } = lay_out(&shown, variant, 300, self.title)?;
        let counts = self.counts();
        let scale = scale_of(&counts);
        let ticks = counts.iter().map(|&n| f64::from(n)).collect();
        let ends = x_ends(&counts, scale);
        let x = Axis { scale, ..Axis::linear(ends, ticks, &format::whole, "workers").bare() };
        let mut y = Axis::over(scale, self.y_ticks(scale), self.label, title);
        if panels.len() > 1 {
            y.ticks = fewer(y.ticks);
        }
        for Panel { area, top, looks } in &panels {
            let mut plot = axes(&canvas, area, *top, &x, &y)?;
            self.shade(&canvas, &mut plot, &x, &y, variant)?;
            self.ideal_line(&canvas, &mut plot, &x, &y)?;
            for (index, look) in looks.iter().enumerate() {
                let room = 0.46 * gap(&counts, scale);
                let shift = room * ((index as f64 + 0.5) / looks.len() as f64 - 0.5);
                let label = look.series.label();
                canvas.series(&label, Some(&label), || {
                    self.series(&canvas, &mut plot, look, scale, shift)
                })?;
            }
        }
        Ok(canvas)
    }

    /// The numbers of workers that occur, rising.
    fn counts(&self) -> Vec<u32> {
        let mut counts: Vec<u32> = self.points.iter().map(|point| point.workers).collect();
        counts.sort_unstable();
        counts.dedup();
        counts
    }

    fn ideal_at(&self, workers: f64) -> Option<f64> {
        let useful =
            if self.border.0 == 0 { workers } else { workers.min(f64::from(self.border.0)) };
        self.ideal.map(|one| one * useful)
    }

    fn y_ticks(&self, scale: Scale) -> Vec<f64> {
        let values = self.points.iter().flat_map(|point| {
            let (low, high) = point.interval.unwrap_or((point.centre, point.centre));
            point.dots.iter().copied().chain([low, high, point.centre])
        });
        let ideals = self.counts().into_iter().filter_map(|n| self.ideal_at(f64::from(n)));
        let all: Vec<f64> = values.chain(ideals).filter(|v| v.is_finite() && *v > 0.0).collect();
        let max = all.iter().copied().fold(0.0, f64::max);
        if scale == Scale::Linear {
            return linear_ticks(max, 5);
        }
        let min = all.iter().copied().fold(f64::INFINITY, f64::min).min(max);
        log_ticks(min, max)
    }

    fn shade(
        &self,
        canvas: &Canvas,
        plot: &mut Plot<'_>,
        x: &Axis<'_>,
        y: &Axis<'_>,
        variant: Variant,
    ) -> Result<(), ChartError> {
        let (fit, Some(over)) = self.border else { return Ok(()) };
        let left = if fit == 0 {
            x.ends.0
        } else {
            f64::midpoint(x.scale.at(f64::from(fit)), x.scale.at(f64::from(over)))
        };
        canvas.group("oversubscribed", Some("more workers than CPUs"), || {
            let corners = [(left, y.ends.1), (x.ends.1, y.ends.0)];
            put(plot, Rectangle::new(corners, SHADE.rgb().filled()))?;
            let (start, _) = plot.backend_coord(&corners[0]);
            let (end, bottom) = plot.backend_coord(&corners[1]);
            let fits = |label: &&str| text_width(label) + 12 * SCALE < end - start;
            let labels = ["more workers than CPUs", "oversubscribed", "over"];
            if let Some(label) = labels.iter().find(|label| fits(label)) {
                let style = text(MUTED).pos(Pos::new(HPos::Center, VPos::Bottom));
                let at = (i32::midpoint(start, end), bottom - variant.pick(60, 40));
                write(plot, label, &style, at)?;
            }
            Ok(())
        })
    }

    fn ideal_line(
        &self,
        canvas: &Canvas,
        plot: &mut Plot<'_>,
        x: &Axis<'_>,
        y: &Axis<'_>,
    ) -> Result<(), ChartError> {
        let counts = self.counts();
        let (Some(&first), Some(&last)) = (counts.first(), counts.last()) else { return Ok(()) };
        if self.ideal.is_none() || first == last {
            return Ok(());
        }
        let bend = f64::from(self.border.0.clamp(first, last));
        let points: Vec<(f64, f64)> = [f64::from(first), bend, f64::from(last)]
            .into_iter()
            .filter_map(|n| Some((x.scale.at(n), y.scale.at(self.ideal_at(n)?))))
            .collect();
        canvas.group("ideal", Some("ideal"), || {
            // Four fifths up the slope, above it and to its left: nothing else is there.
            let along = |from: f64, to: f64| from + 0.8 * (to - from);
            let at = (along(points[0].0, points[1].0), along(points[0].1, points[1].1));
            put(plot, Line { points, role: MUTED, width: 12, dash: "3 3" })?;
            let (x, y) = plot.backend_coord(&at);
            let style = text(MUTED).pos(Pos::new(HPos::Right, VPos::Bottom));
            write(plot, "ideal", &style, (x - 60, y - 10))
        })
    }

    fn series(
        &self,
        canvas: &Canvas,
        plot: &mut Plot<'_>,
        look: &Look,
        scale: Scale,
        shift: f64,
    ) -> Result<(), ChartError> {
        let own: Vec<&Point> =
            self.points.iter().filter(|point| point.series == look.series).collect();
        let at = |point: &Point| scale.at(f64::from(point.workers)) + shift;
        let role = look.role;
        let line: Vec<_> = own.iter().map(|p| (at(p), scale.at(p.centre))).collect();
        if line.len() > 1 {
            put(plot, Line { points: line, role, width: 20, dash: look.dash })?;
        }
        for point in own {
            canvas.mark(&point.title, point.figures[0].as_ref(), || {
                point.draw(plot, look, |value| (at(point), scale.at(value)))
            })?;
        }
        Ok(())
    }
}

impl Point {
    /// Its dots, its interval, and its marker over them.
    fn draw(
        &self,
        plot: &mut Plot<'_>,
        look: &Look,
        at: impl Fn(f64) -> (f64, f64),
    ) -> Result<(), ChartError> {
        let role = look.role;
        let points = self.dots.iter().map(|&value| at(value)).collect();
        put(plot, Dots { points, role, radius: 24 })?;
        plot.draw_series(self.interval.map(|(low, high)| Bar {
            ends: [at(low), at(high)],
            role,
            figure: self.figures[1].clone(),
        }))?;
        put(plot, Marker { radius: 50, ..look.marker(at(self.centre)) })
    }
}

/// Small numbers as they are; a wide range by doublings on both axes, so that the ideal line stays
/// straight.
fn scale_of(counts: &[u32]) -> Scale {
    match (counts.first(), counts.last()) {
        (Some(&first), Some(&last)) if last > 8 * first.max(1) || last > 12 => Scale::Log2,
        _ => Scale::Linear,
    }
}

/// The smallest distance between two numbers of workers on the axis.
fn gap(counts: &[u32], scale: Scale) -> f64 {
    counts
        .windows(2)
        .map(|pair| scale.at(f64::from(pair[1])) - scale.at(f64::from(pair[0])))
        .fold(1.0, f64::min)
}

fn x_ends(counts: &[u32], scale: Scale) -> (f64, f64) {
    let at = |n: Option<&u32>| scale.at(f64::from(n.copied().unwrap_or(1)));
    let room = 0.5 * gap(counts, scale);
    (at(counts.first()) - room, at(counts.last()) + room)
}
