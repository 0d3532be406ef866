//! The finding of the chart of other tools: how far apart their 99th percentiles of the same requests lie.

use crate::analysis::WorkloadFigures;
use crate::analysis::tool_estimate::{Medians, P99, medians};
use crate::format;

/// The lowest and the highest 99th percentile that tools would have printed of one cell, the one in which
/// they differ most, against the truth.
pub fn told(workload: &WorkloadFigures<'_>) -> String {
    let name = workload.name;
    let p99 = |medians: &Medians| medians.micros[P99].filter(|value| *value > 0.0);
    let widest = workload.widest();
    let spread = |cell: &String, rows: &[Medians]| {
        let (truth, tools) = rows.split_first()?;
        let named = |row: &Medians| Some((row.tool.clone(), p99(row)?));
        let mut told: Vec<(String, f64)> = tools.iter().filter_map(named).collect();
        told.sort_by(|a, b| a.1.total_cmp(&b.1));
        let (low, high) = (told.first()?.clone(), told.last()?.clone());
        Some((cell.clone(), p99(truth)?, low, high))
    };
    let cells = widest.iter().map(|figures| (figures.cell.label(), medians(figures)));
    let spreads = cells.filter_map(|(cell, rows)| spread(&cell, &rows));
    let most = spreads.max_by(|a, b| (a.3.1 / a.2.1).total_cmp(&(b.3.1 / b.2.1)));
    let Some((cell, truth, (lowest, low), (highest, high))) = most else {
        return format!("{name}: no tool would have printed a 99th percentile");
    };
    let truth = format::micros(truth);
    if lowest == highest {
        return format!(
            "{name}: of the same requests to {cell}, {lowest} would have printed a 99th percentile of \
             {}, where it was {truth}",
            format::micros(low)
        );
    }
    format!(
        "{name}: of the same requests to {cell}, tools would have printed a 99th percentile from {} \
         ({lowest}) to {} ({highest}), where it was {truth}",
        format::micros(low),
        format::micros(high)
    )
}
