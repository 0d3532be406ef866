//! The large figures at the top of the page.

use super::{evidence, with_workers};
use crate::analysis::{Analysis, Figures, WorkloadFigures};
use crate::format;
use crate::stats::latency::percentile_interval;
use crate::stats::ratio::Verdict;

/// One of the large figures at the top of the page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyFigure {
    /// What it is: the name of a workload.
    pub name: String,
    /// The figure.
    pub value: String,
    /// Its interval, or why it has none.
    pub evidence: String,
    /// Where it was measured, and what may be said of it.
    pub note: String,
}

/// The best speed-up over one worker for each workload; where there is none, the throughput.
pub fn key_figures(analysis: &Analysis<'_>) -> Vec<KeyFigure> {
    analysis.workloads.iter().filter_map(key_figure).collect()
}

/// At a rate: the lowest 99th percentile.
fn tail(workload: &WorkloadFigures<'_>) -> Option<KeyFigure> {
    let p99 = |f: &Figures<'_>| f.latency.readable(0.99);
    let rivals = workload.rivals();
    let least = |a: &&&Figures<'_>, b: &&&Figures<'_>| {
        let read = |f: &Figures<'_>| p99(f).unwrap_or(f64::INFINITY);
        read(a).total_cmp(&read(b))
    };
    let best = rivals.iter().filter(|f| p99(f).is_some()).min_by(least)?;
    let latencies = best.cell.valid().map(|(_, result)| &result.latency);
    let evidence = match percentile_interval(latencies, 0.99) {
        Some((low, high)) => format!("95 % {}–{}", format::micros(low), format::micros(high)),
        None => "too few trials for an interval".to_owned(),
    };
    Some(KeyFigure {
        name: format!("{}, 99 % of answers within", workload.name),
        value: format::micros(p99(best)?),
        evidence,
        note: format!(
            "{} {} at {} requests a second",
            best.cell.series.label(),
            with_workers(best),
            format::whole(best.cell.rate?)
        ),
    })
}

fn key_figure(workload: &WorkloadFigures<'_>) -> Option<KeyFigure> {
    let at = |f: &Figures<'_>| format!("{} {}", f.cell.series.label(), with_workers(f));
    if workload.open() {
        return tail(workload);
    }
    if let Some((best, ratio)) = workload.best().and_then(|f| Some((f, f.speedup.ratio()?))) {
        let verdict = match ratio.verdict() {
            Verdict::More | Verdict::TooFew => "",
            Verdict::Less => ": slower than one",
            Verdict::Same => ": no difference beyond 2 %",
            Verdict::Undecided => ": not to be told from chance",
        };
        return Some(KeyFigure {
            name: format!("{}, best speed-up", workload.name),
            value: format::ratio(ratio.point),
            evidence: evidence(ratio),
            note: format!("{}{verdict}", at(best)),
        });
    }
    let first = *workload.rivals().first()?;
    let throughput = first.throughput?;
    Some(KeyFigure {
        name: format!("{}, requests a second", workload.name),
        value: format::whole(throughput.point),
        evidence: throughput.interval.map_or_else(
            || format!("{}: too few for an interval", format::count(throughput.n as u64, "trial")),
            |(low, high)| format!("95 % {}–{}", format::whole(low), format::whole(high)),
        ),
        note: format!("{}; no one-worker cell to compare with", at(first)),
    })
}
