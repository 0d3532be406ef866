//! `load --merge`: adding results that were written before.

use std::path::Path;

use loadgen::{RunResult, summary};

use super::args::OutputArgs;
use super::write;
use crate::cli::Failure;

pub fn run(output: &OutputArgs) -> Result<(), Failure> {
    let files = &output.merge;
    let results: Result<Vec<_>, _> = files.iter().map(|file| read(file)).collect();
    let Some(sum) = loadgen::merge::merge(&results?) else {
        return Err(Failure::usage("--merge needs at least two results"));
    };
    write::result(output, &sum, || {
        format!("Sum of {} results\n{}", files.len(), summary::figures(&sum))
    })
}

fn read(file: &Path) -> Result<RunResult, Failure> {
    let text = std::fs::read_to_string(file)
        .map_err(|error| Failure::io(format!("cannot read {}: {error}", file.display())))?;
    let value: serde_json::Value = serde_json::from_str(&text).unwrap_or_default();
    // Every field has a default; an object of another kind would read as an empty result.
    let result = value.get("latency").and_then(|_| serde_json::from_value(value.clone()).ok());
    result
        .ok_or_else(|| Failure::usage(format!("{} is not a result of load --json", file.display())))
}
