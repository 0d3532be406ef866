//! What of a record goes into its page: all of it where it is small, else all but what no figure,
//! chart or table needs. The page is drawn from what is kept, never from more, so whoever has the page
//! can draw it again.

use std::borrow::Cow;
use std::collections::BTreeSet;

use serde_json::Value;

use super::compress;
use crate::analysis::Analysis;
use crate::analysis::tables::tool_estimates;
use crate::record::{CellLatency, Condensed, Latency, Outcome, Record, SeriesPoint, TrialResult};

/// The largest packed record that is kept whole, in bytes: a tenth of what a small page may have.
const ROOM: usize = 30_000;

/// No record of more trials fits, so it is not tried.
const MOST_WHOLE_TRIALS: usize = 100;

/// What a condensed record says of itself.
const LEFT_OUT: [&str; 4] = [
    "each trial’s histogram of latencies (each cell’s merged one is there, in the steps of the curve)",
    "each trial’s latencies and errors by slice of time",
    "latencies from the actual send, but for those that a chart shows",
    "digits of times beyond a microsecond",
];

/// What it says as well where trials have the figures of other tools.
const WORDS: &str =
    "what each trial says of other tools (for each workload and tool those of one trial are there)";

/// The record that the page of this record is drawn from and holds. Keeping what was kept changes
/// nothing.
#[must_use]
pub fn kept(record: &Record) -> Cow<'_, Record> {
    let small = || compress::pack(record).is_ok_and(|data| data.len() <= ROOM);
    if record.condensed.is_some() || (record.trials.len() <= MOST_WHOLE_TRIALS && small()) {
        Cow::Borrowed(record)
    } else {
        Cow::Owned(condense(record))
    }
}

fn condense(record: &Record) -> Record {
    let analysis = Analysis::of(record);
    let latencies = analysis.workloads.iter().flat_map(|workload| {
        let widest = workload.widest();
        let shown = move |cell| widest.iter().any(|figures| std::ptr::eq(*figures, cell));
        workload.cells.iter().filter_map(move |figures| {
            let histogram = figures.latency.abridged();
            let shown = shown(figures);
            let heat = figures.heat.clone().filter(|_| shown);
            let service = if shown { figures.service.abridged() } else { Vec::new() };
            (!histogram.is_empty()).then(|| CellLatency {
                histogram,
                service,
                heat,
                ..CellLatency::of(figures.cell.trials[0])
            })
        })
    });
    let mut condensed =
        Condensed { left_out: LEFT_OUT.map(str::to_owned).into(), latencies: latencies.collect() };
    let mut record = in_microseconds(record.clone());
    if keep_first_words(&mut record, tool_estimates::words(&analysis)) {
        condensed.left_out.push(WORDS.to_owned());
    }
    for trial in &mut record.trials {
        if let Outcome::Result(result) = &mut trial.outcome {
            strip(result);
        }
    }
    record.condensed = Some(condensed);
    record
}

/// Keeps what is said of each tool in the first valid trial of a workload, and in no other; whether
/// anything was left out.
fn keep_first_words(record: &mut Record, words: Vec<tool_estimates::Words>) -> bool {
    let kept: BTreeSet<_> =
        words.into_iter().map(|words| (words.workload, words.tool, words.says)).collect();
    let mut left_out = false;
    for trial in &mut record.trials {
        let Outcome::Result(result) = &mut trial.outcome else { continue };
        for told in &mut result.tools {
            let words = (trial.workload.clone(), told.tool.clone(), told.says.clone());
            if !kept.contains(&words) && !told.says.is_empty() {
                told.says.clear();
                told.source.clear();
                left_out = true;
            }
        }
    }
    left_out
}

fn strip(result: &mut TrialResult) {
    let warmup = result.warmup.iter_mut().flat_map(|warmup| &mut warmup.series);
    for slice in result.series.iter_mut().chain(warmup) {
        *slice = SeriesPoint { t_s: slice.t_s, rps: slice.rps, ..SeriesPoint::default() };
    }
    for latency in std::iter::once(&mut result.latency).chain(&mut result.service_latency) {
        let Latency { histogram, answers, .. } = latency;
        *answers += histogram.drain(..).map(|(_, count)| count).sum::<u64>();
    }
}

/// The same with all times in seconds (fields whose names end in `_s`) rounded to microseconds: what
/// clocks have beyond is noise, and noise cannot be compressed.
fn in_microseconds(record: Record) -> Record {
    let rounded = serde_json::to_value(&record).map(|mut value| {
        round(&mut value);
        value
    });
    rounded.and_then(serde_json::from_value).unwrap_or(record)
}

fn round(value: &mut Value) {
    match value {
        Value::Array(items) => items.iter_mut().for_each(round),
        Value::Object(fields) => {
            for (name, field) in fields {
                match field.as_f64() {
                    Some(seconds) if name.ends_with("_s") => {
                        *field = Value::from((seconds * 1e6).round() / 1e6);
                    }
                    _ => round(field),
                }
            }
        }
        _ => {}
    }
}
