//! Many records in one table: a class, each with its own machine. Machines differ, so their figures
//! are not set against each other; what each bought with more workers is. Next: [`super::text`].

use super::Side;
use crate::analysis::{Analysis, WorkloadFigures};
use crate::format;
use crate::stats::median;

/// One record's best speed-up in one workload; an empty string: not measured.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Row {
    /// The record's name.
    pub record: String,
    /// Its processor and number of CPUs.
    pub machine: String,
    /// Name of the workload.
    pub workload: String,
    /// Where its best speed-up was measured: mode and number of workers.
    pub cell: String,
    /// Requests a second there.
    pub rps: String,
    /// Speed-up over one worker.
    pub speedup: String,
    /// Its interval.
    pub interval: String,
    /// What limits it.
    pub limit: &'static str,
    /// Whether it is the first row of its workload.
    pub first: bool,
}

/// All rows, by workload, then in the order given; and one sentence a workload.
#[must_use]
pub fn table(sides: &[Side<'_>]) -> (Vec<Row>, Vec<String>) {
    let analyses: Vec<(Side<'_>, Analysis<'_>)> =
        sides.iter().map(|side| (*side, Analysis::of(side.record))).collect();
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
        rows.extend(
            own.iter()
                .enumerate()
                .map(|(index, (side, workload))| Row { first: index == 0, ..row(*side, workload) }),
        );
        sentences.extend(sentence(name, &own));
    }
    (rows, sentences)
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
        row.interval =
            ratio.interval.map_or(String::new(), |(low, high)| format!("{low:.2}–{high:.2}"));
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
