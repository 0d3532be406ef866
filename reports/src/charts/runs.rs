//! Two runs as two series: throughput against the number of workers and latency by percentile, for
//! each mode that both have.

use super::latency::{self, Curve};
use super::style::{Look, looks};
use super::throughput::{self, Point, Scaling};
use super::{Chart, ChartError, MaybeChart, Variant};
use crate::analysis::cells::Series;
use crate::analysis::{Figures, WorkloadFigures};
use crate::format;

/// One run's figures of a workload.
#[derive(Clone, Copy)]
pub struct Run<'a> {
    pub name: &'a str,
    pub workload: &'a WorkloadFigures<'a>,
}

impl<'a> Run<'a> {
    fn series(&self) -> Series {
        Series { target: self.name.to_owned(), mode: String::new() }
    }

    /// The cells of a mode that have a valid trial.
    fn of(&self, mode: &Series) -> impl Iterator<Item = &'a Figures<'a>> {
        let mode = mode.clone();
        self.workload.cells.iter().filter(move |f| f.cell.series == mode && f.throughput.is_some())
    }
}

fn both_looks(runs: &[Run<'_>; 2]) -> Vec<Look> {
    looks(&[runs[0].series(), runs[1].series()])
}

/// Draws throughput against workers of one mode.
pub fn throughput(
    id: &str,
    runs: &[Run<'_>; 2],
    mode: &Series,
    finding: String,
) -> Result<Chart, ChartError> {
    let points: Vec<Point> = runs
        .iter()
        .flat_map(|run| {
            run.of(mode).filter_map(throughput::point).map(|point| Point {
                series: run.series(),
                title: format!("{}: {}", run.name, point.title),
                figures: [None, None],
                ..point
            })
        })
        .collect();
    let scaling = Scaling {
        points,
        ideal: None,
        border: throughput::border(runs[0].workload),
        title: "requests a second",
        label: &format::tick,
    };
    let canvas = scaling.draw(&both_looks(runs), Variant::Narrow)?;
    Ok(Chart::small(id, finding, &scaling.description(), canvas))
}

/// Draws latency of one mode at the largest number of workers with a CPU each; `None` where neither
/// run has any.
pub fn latency(id: &str, runs: &[Run<'_>; 2], mode: &Series, finding: String) -> MaybeChart {
    let looks = both_looks(runs);
    let mut cells = Vec::new();
    let mut curves = Vec::new();
    for (run, look) in runs.iter().zip(&looks) {
        let Some(figures) = run.workload.widest().into_iter().find(|f| f.cell.series == *mode)
        else {
            continue;
        };
        if let Some(curve) = latency::curve(figures, look) {
            curves.push(curve.of_run(run.name));
            cells.push(figures);
        }
    }
    if curves.is_empty() {
        return Ok(None);
    }
    let description: Vec<&str> = curves.iter().map(Curve::title).collect();
    let title = latency::axis_title(&cells, &curves, Variant::Narrow);
    let canvas = latency::draw_curves(&curves, &title, Variant::Narrow)?;
    Ok(Some(Chart::small(id, finding, &description.join("; "), canvas)))
}
