//! A comparison on the terminal, at most 100 columns wide.

use super::class::{self, Row};
use super::{Compared, Comparison, Difference, Pair, Ratios, Side};
use crate::export::text_table::{Column, grid, wrapped};
use crate::format;
use crate::stats::welch::Unpaired;

/// The sentence that every comparison of two runs needs.
pub(crate) const CAVEAT: &str = "The two runs were not measured side by side: whatever else changed between \
                          them is in these ratios too. Each interval is Welch’s, for itself; \
                          verdicts are corrected after Holm for all cells together.";

/// The comparison as text, each line ending in a newline.
#[must_use]
pub fn comparison(comparison: &Comparison<'_>) -> String {
    let mut text = format!("A: {}\nB: {}\n\n", comparison.a.name, comparison.b.name);
    if comparison.differences.is_empty() {
        text.push_str("Machines and plans are alike.\n");
    } else {
        let columns: [Column<Difference>; 3] = [
            ("differs", false, |it| it.what.clone()),
            ("A", false, |it| it.a.clone()),
            ("B", false, |it| it.b.clone()),
        ];
        text.push_str(&grid(&columns, &comparison.differences, &[2, 1, 0]));
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
    let columns: [Column<(&Pair, &Ratios)>; 9] = [
        ("workload", false, |(pair, _)| pair.workload.clone()),
        ("mode × workers", false, |(pair, _)| pair.cell.clone()),
        ("A req/s", true, |(_, of)| shown(of.throughput.as_ref(), |it| format::whole(it.a))),
        ("B req/s", true, |(_, of)| shown(of.throughput.as_ref(), |it| format::whole(it.b))),
        ("B ÷ A", true, |(_, of)| shown(of.throughput.as_ref(), point)),
        ("95 % interval", true, |(_, of)| shown(of.throughput.as_ref(), |it| interval(&it.ratio))),
        ("verdict", false, |(_, of)| {
            shown(of.throughput.as_ref(), |it| it.verdict.words().to_owned())
        }),
        ("p99", true, |(_, of)| shown(of.p99.as_ref(), point)),
        ("CPU/req", true, |(_, of)| shown(of.cpu.as_ref(), point)),
    ];
    let pairs = comparison.pairs.iter();
    let rows: Vec<(&Pair, &Ratios)> =
        pairs.filter_map(|pair| Some((pair, pair.outcome.as_ref().ok()?))).collect();
    if rows.is_empty() { String::new() } else { grid(&columns, &rows, &[1, 0]) }
}

fn shown(compared: Option<&Compared>, figure: fn(&Compared) -> String) -> String {
    compared.map_or(String::new(), figure)
}

fn point(compared: &Compared) -> String {
    format::ratio(compared.ratio.point)
}

/// `0.91–0.97`; nothing with too few trials.
pub(crate) fn interval(ratio: &Unpaired) -> String {
    ratio.shown.map_or(String::new(), |shown| format::ratio_range(shown.interval))
}

/// `95 % 0.91–0.97`, or why there is none.
pub(crate) fn evidence(ratio: &Unpaired) -> String {
    match interval(ratio) {
        none if none.is_empty() => "too few trials for an interval".to_owned(),
        interval => format!("95 % {interval}"),
    }
}

/// `0.94× (95 % 0.91–0.97)`.
pub(crate) fn ratio(ratio: &Unpaired) -> String {
    format!("{} ({})", format::ratio(ratio.point), evidence(ratio))
}

/// Many records as text.
#[must_use]
pub fn class(sides: &[Side<'_>]) -> String {
    let columns: [Column<Row>; 7] = [
        ("workload", false, |row| row.workload.clone()),
        ("record", false, |row| row.record.clone()),
        ("machine", false, |row| row.machine.clone()),
        ("best cell", false, |row| row.cell.clone()),
        ("requests/s", true, |row| row.rps.clone()),
        ("speed-up", true, |row| row.speedup.clone()),
        ("95 % interval", true, |row| row.interval.clone()),
    ];
    let (rows, sentences) = class::table(sides);
    let mut text = grid(&columns, &rows, &[2, 1, 3]);
    text.push('\n');
    for sentence in sentences {
        text.push_str(&wrapped(&sentence));
    }
    text
}
