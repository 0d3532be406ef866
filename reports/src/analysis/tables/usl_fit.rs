//! The Universal Scalability Law as fitted to each series with enough worker counts.

use crate::analysis::Analysis;
use crate::format;
use crate::stats::usl::Usl;

/// One fitted law as it is shown.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Law {
    pub workload: String,
    pub series: String,
    /// Contention σ and coherency κ, each with its interval.
    pub parameters: [String; 2],
    /// Where the model has its peak, or that it shows none.
    pub peak: String,
}

/// The laws of a record; empty when no series has six worker counts.
pub fn rows(analysis: &Analysis<'_>) -> Vec<Law> {
    let all = analysis.workloads.iter().flat_map(|workload| {
        workload.laws.iter().map(move |(series, law)| Law {
            workload: workload.name.to_owned(),
            series: series.label(),
            parameters: parameters(law),
            peak: peak(law),
        })
    });
    all.collect()
}

fn parameters(law: &Usl) -> [String; 2] {
    let shown = |value: f64, interval: Option<(f64, f64)>| match interval {
        Some((low, high)) => format!("{value:.4} ({low:.4}–{high:.4})"),
        None => format!("{value:.4}"),
    };
    [
        shown(law.contention, law.intervals.map(|found| found.contention)),
        shown(law.coherency, law.intervals.map(|found| found.coherency)),
    ]
}

fn peak(law: &Usl) -> String {
    match (law.peak, law.intervals) {
        (Some((at, (low, high))), _) => format!(
            "model: {} workers ({}–{})",
            format::whole(at),
            format::whole(low),
            format::whole(high)
        ),
        (None, Some(_)) => "none shown: κ may be 0".to_owned(),
        (None, None) => "too few blocks for an interval".to_owned(),
    }
}
