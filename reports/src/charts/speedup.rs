//! Speed-up over one worker against the number of workers: the ratio of each block a dot, their
//! geometric mean a marker, its interval a bar, the diagonal ideal.

use super::MaybeChart;
use super::style::Look;
use super::throughput::{Point, Scaling, border};
use crate::analysis::{Figures, Speedup, WorkloadFigures, findings};
use crate::format;

/// Draws the chart of a workload; `None` when no cell has a baseline.
pub fn draw(id: &str, workload: &WorkloadFigures<'_>, looks: &[Look]) -> MaybeChart {
    if workload.cells.iter().all(|figures| figures.speedup.ratio().is_none()) {
        return Ok(None);
    }
    let points: Vec<Point> = workload.cells.iter().filter_map(point).collect();
    let scaling = Scaling {
        points,
        ideal: Some(1.0),
        border: border(workload),
        title: "times the throughput of one worker",
        label: &|value| format!("{}×", format::tick(value)),
    };
    scaling.chart(id, findings::speedup(workload), looks).map(Some)
}

fn point(figures: &Figures<'_>) -> Option<Point> {
    let cell = &figures.cell;
    let (series, workers, label) = (cell.series.clone(), cell.workers, cell.label());
    match &figures.speedup {
        Speedup::NoBaseline => None,
        Speedup::Baseline => Some(Point {
            series,
            workers,
            dots: Vec::new(),
            centre: 1.0,
            interval: None,
            title: format!("{label}: the baseline"),
            figures: [Some(cell.figure("speedup")), None],
        }),
        Speedup::Over { baseline, ratio, .. } => Some(Point {
            series,
            workers,
            dots: ratio.blocks.clone(),
            centre: ratio.point,
            interval: ratio.interval,
            title: format!(
                "{label}: {} of {baseline} × 1 ({})",
                format::ratio(ratio.point),
                findings::evidence(ratio)
            ),
            figures: [
                Some(cell.figure("speedup")),
                ratio.interval.map(|_| cell.figure("speedup95")),
            ],
        }),
    }
}
