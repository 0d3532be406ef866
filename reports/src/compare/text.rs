//! A comparison on the terminal, at most 100 columns wide.

use super::class::{self, Row};
use super::{Compared, Comparison, Pair, Ratios, Side};
use crate::export::text_table::{Column, grid, wrapped};
use crate::format;
use crate::stats::welch::Unpaired;

/// The sentence that every comparison of two runs needs.
pub(crate) const CAVEAT: &str = "The two runs were not measured side by side: whatever else changed between \
                          them is in these ratios too. Each interval is Welch’s, for itself; \
                          verdicts are corrected after Holm for all cells together.";

/// The comparison as text, each line ending in a newline.
pub fn comparison(comparison: &Comparison<'_>) -> String {
    let mut text = format!("A: {}\nB: {}\n\n", comparison.a.name, comparison.b.name);
    if comparison.differences.is_empty() {
        text.push_str("Machines and plans are alike.\n");
    } else {
        let columns = [("differs", false), ("A", false), ("B", false)].map(Column::from);
        let rows: Vec<Vec<String>> = comparison
            .differences
            .iter()
            .map(|d| vec![d.what.clone(), d.a.clone(), d.b.clone()])
            .collect();
        text.push_str(&grid(&columns, &rows, &[2, 1, 0]));
    }
    text.push('\n');
    text.push_str(&cells(comparison));
    for pair in &comparison.pairs {
        if let Err(why) = &pair.outcome {
            let line = format!("{}, {}: not comparable because {why}.", pair.workload, pair.cell);
            text.push_str(&wrapped(&line));
        }
    }
    for cell in &comparison.unmatched {
        text.push_str(&wrapped(&format!("not compared: {cell}")));
    }
    text.push('\n');
    text.push_str(&wrapped(CAVEAT));
    text
}

/// The ratios of those cells that have any.
fn cells(comparison: &Comparison<'_>) -> String {
    let columns = [
        ("workload", false),
        ("mode × workers", false),
        ("A req/s", true),
        ("B req/s", true),
        ("B ÷ A", true),
        ("95 % interval", true),
        ("verdict", false),
        ("p99", true),
        ("CPU/req", true),
    ]
    .map(Column::from);
    let rows: Vec<Vec<String>> = comparison.pairs.iter().filter_map(row).collect();
    if rows.is_empty() { String::new() } else { grid(&columns, &rows, &[1, 0]) }
}

fn row(pair: &Pair) -> Option<Vec<String>> {
    let Ratios { throughput, p99, cpu } = pair.outcome.as_ref().ok()?;
    let of = |compared: &Option<Compared>, figure: fn(&Compared) -> String| {
        compared.as_ref().map_or(String::new(), figure)
    };
    Some(vec![
        pair.workload.clone(),
        pair.cell.clone(),
        of(throughput, |compared| format::whole(compared.a)),
        of(throughput, |compared| format::whole(compared.b)),
        of(throughput, |compared| format::ratio(compared.ratio.point)),
        of(throughput, |compared| interval(&compared.ratio)),
        of(throughput, |compared| compared.verdict.words().to_owned()),
        of(p99, |compared| format::ratio(compared.ratio.point)),
        of(cpu, |compared| format::ratio(compared.ratio.point)),
    ])
}

/// `0.91–0.97`; nothing with too few trials.
pub(crate) fn interval(ratio: &Unpaired) -> String {
    ratio.shown.map_or(String::new(), |shown| format::ratio_range(shown.interval))
}

/// `0.94× (95 % 0.91–0.97)`.
pub(crate) fn ratio(ratio: &Unpaired) -> String {
    let interval = match interval(ratio) {
        none if none.is_empty() => "too few trials for an interval".to_owned(),
        interval => format!("95 % {interval}"),
    };
    format!("{} ({interval})", format::ratio(ratio.point))
}

/// Many records as text.
pub fn class(sides: &[Side<'_>]) -> String {
    let columns = [
        ("workload", false),
        ("record", false),
        ("machine", false),
        ("best cell", false),
        ("requests/s", true),
        ("speed-up", true),
        ("95 % interval", true),
    ]
    .map(Column::from);
    let (rows, sentences) = class::table(sides);
    let values = |row: &Row| {
        vec![
            row.workload.clone(),
            row.record.clone(),
            row.machine.clone(),
            row.cell.clone(),
            row.rps.clone(),
            row.speedup.clone(),
            row.interval.clone(),
        ]
    };
    let rows: Vec<Vec<String>> = rows.iter().map(values).collect();
    let mut text = grid(&columns, &rows, &[2, 1, 3]);
    text.push('\n');
    for sentence in sentences {
        text.push_str(&wrapped(&sentence));
    }
    text
}
