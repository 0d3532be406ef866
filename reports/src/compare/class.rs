//! Many records in one table: a class, each with its own machine. Machines differ, so their figures
//! are not set against each other; what each bought with more workers is.

use super::Side;
use crate::analysis::{Analysis, WorkloadFigures};
use crate::charts::strip::{self, Strip};
use crate::charts::{Chart, ChartError};
use crate::format;
use crate::stats::median;

/// One record's best speed-up in one workload; an empty string: not measured.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Row {
    pub record: String,
    /// Its processor and number of CPUs.
    pub machine: String,
    pub workload: String,
    /// Where its best speed-up was measured: mode and number of workers.
    pub cell: String,
    pub rps: String,
    pub speedup: String,
    pub interval: String,
    pub limit: &'static str,
    pub first: bool,
}

/// All rows, by workload, then in the order given; and one sentence a workload.
pub fn table(sides: &[Side<'_>]) -> (Vec<Row>, Vec<String>) {
    let analyses = analysed(sides);
    let mut names: Vec<&str> = Vec::new();
    for workload in analyses.iter().flat_map(|(_, analysis)| &analysis.workloads) {
        if !workload.open() && !names.contains(&workload.name) {
            names.push(workload.name);
        }
    }
    let (mut rows, mut sentences) = (Vec::new(), Vec::new());
    for name in names {
        let own: Vec<(Side<'_>, &WorkloadFigures<'_>)> = analyses
            .iter()
            .filter_map(|(side, analysis)| {
                Some((*side, analysis.workloads.iter().find(|w| w.name == name)?))
            })
            .collect();
        for (index, (side, workload)) in own.iter().enumerate() {
            rows.push(Row { first: index == 0, ..row(*side, workload) });
        }
        sentences.extend(sentence(name, &own));
    }
    (rows, sentences)
}

fn analysed<'a>(sides: &[Side<'a>]) -> Vec<(Side<'a>, Analysis<'a>)> {
    sides.iter().map(|side| (*side, Analysis::of(side.record))).collect()
}

/// A strip chart for each workload, with its sentence.
pub(super) fn strips(sides: &[Side<'_>]) -> Result<Vec<(String, Vec<Chart>)>, ChartError> {
    let analyses = analysed(sides);
    let mut workloads: Vec<(&str, Vec<Strip>)> = Vec::new();
    for (side, analysis) in &analyses {
        for workload in &analysis.workloads {
            for figures in &workload.cells {
                let Some(ratio) = figures.speedup.ratio() else { continue };
                let (name, label) = (workload.name, figures.cell.label());
                let (_, strips) = entry(&mut workloads, |it| it.0 == name, || (name, Vec::new()));
                let series = figures.cell.series.label();
                let new = || Strip { series, label: label.clone(), speedups: Vec::new() };
                let strip = entry(strips, |strip| strip.label == label, new);
                strip.speedups.push((side.name.to_owned(), ratio.point));
            }
        }
    }
    let charts = workloads.into_iter().enumerate().map(|(index, (name, strips))| {
        let finding = finding(name, &strips);
        let chart = strip::draw(&format!("r{index}"), &strips, finding)?;
        Ok((name.to_owned(), chart.into_iter().collect()))
    });
    charts.collect()
}

/// The one entry that is meant, put in if it is not there.
fn entry<T>(all: &mut Vec<T>, meant: impl Fn(&T) -> bool, new: impl FnOnce() -> T) -> &mut T {
    let place = all.iter().position(meant).unwrap_or(all.len());
    if place == all.len() {
        all.push(new());
    }
    &mut all[place]
}

/// `hello: over all records the middle speed-up is largest for reuseport × 2 (1.40×)`.
fn finding(name: &str, strips: &[Strip]) -> String {
    let middles = strips.iter().filter_map(|strip| Some((strip.middle()?, strip)));
    match middles.max_by(|a, b| a.0.total_cmp(&b.0)) {
        Some((middle, strip)) => format!(
            "{name}: the middle of its records’ speed-ups is largest for {} ({})",
            strip.label,
            format::ratio(middle)
        ),
        None => format!("{name}: no speed-up was measured"),
    }
}

fn row(side: Side<'_>, workload: &WorkloadFigures<'_>) -> Row {
    let machine = &side.record.environment;
    let mut row = Row {
        record: side.name.to_owned(),
        machine: format!(
            "{}, {}",
            machine.cpu_model,
            format::count(u64::from(machine.cores), "CPU")
        ),
        workload: workload.name.to_owned(),
        ..Row::default()
    };
    let Some(best) = workload.best() else { return row };
    row.cell = best.cell.label();
    row.rps = best.throughput.map_or(String::new(), |rps| format::whole(rps.point));
    row.limit = best.diagnosis.as_ref().map_or("", |diagnosis| diagnosis.words());
    if let Some(ratio) = best.speedup.ratio() {
        row.speedup = format::ratio(ratio.point);
        row.interval = ratio.interval.map_or(String::new(), format::ratio_range);
    }
    row
}

/// `hello: best speed-ups from 0.98× to 3.10×, in the middle 1.40×, over 20 records.`
fn sentence(name: &str, own: &[(Side<'_>, &WorkloadFigures<'_>)]) -> Option<String> {
    let mut points: Vec<f64> = own
        .iter()
        .filter_map(|(_, workload)| Some(workload.best()?.speedup.ratio()?.point))
        .collect();
    points.sort_by(f64::total_cmp);
    let (least, most) = (points.first()?, points.last()?);
    Some(format!(
        "{name}: best speed-ups from {} to {}, in the middle {}, over {}.",
        format::ratio(*least),
        format::ratio(*most),
        format::ratio(median(&points)?),
        format::count(points.len() as u64, "record")
    ))
}
