//! The end of a run on the terminal: a table and the result in words, at most 100 columns wide.

use super::text_table::{Column, grid, wrapped};
use crate::analysis::Analysis;
use crate::analysis::findings;
use crate::analysis::tables::{Row, rows};
use crate::lab;
use crate::page::embed;
use crate::record::{Lab, Record};

const COLUMNS: [Column<Row>; 9] = [
    ("workload", false, |row| row.workload.clone()),
    ("mode", false, |row| row.series.clone()),
    ("workers", true, |row| row.workers.clone()),
    ("requests/s", true, |row| row.rps.clone()),
    ("95 % interval", true, |row| row.rps_interval.clone()),
    ("speed-up", true, |row| row.speedup.clone()),
    ("p50", true, |row| row.latency[0].clone()),
    ("p99", true, |row| row.latency[2].clone()),
    ("valid", true, |row| row.trials.clone()),
];

/// The table, the result and the state of the trials, each line ending in a newline.
pub fn summary(record: &Record) -> String {
    // From what the page keeps, so that both show the same digits.
    let record = &*embed::kept(record);
    let analysis = Analysis::of(record);
    let (answer, limit) = findings::answer(&analysis);
    let rows = rows(&analysis);
    let mut text = record.lab.as_ref().map_or(String::new(), sheet);
    text.push_str(&grid(&COLUMNS, &rows, &[1, 0]));
    if rows.iter().any(|row| row.workers.ends_with('*')) {
        text.push_str("* more workers than CPUs\n");
    }
    for sentence in [answer, limit, findings::validity(&analysis)] {
        if !sentence.is_empty() {
            text.push('\n');
            text.push_str(&wrapped(&sentence));
        }
    }
    text
}

/// A lab's guesses and observations.
fn sheet(lab: &Lab) -> String {
    let rows = lab::rows::rows(lab);
    let columns: [Column<lab::rows::Row>; 4] = [
        ("for", false, |row| row.item.name.clone()),
        ("guess", true, |row| row.guess.clone()),
        ("observed", true, |row| row.observed.clone()),
        ("expected on two cores", true, |row| row.expected.clone()),
    ];
    let title = wrapped(&format!("{} ({})", lab.title, lab::words::quantity(lab)));
    let table = grid(&columns, &rows, &[0]);
    format!("{title}\n{table}\n{}\n", wrapped(&lab::words::finding(lab, &rows)))
}
