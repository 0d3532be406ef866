//! Writing a result where it was asked for, and the exit code that it deserves.

use std::io::{self, Write};
use std::path::Path;

use loadgen::RunResult;

use super::args::OutputArgs;
use crate::cli::Failure;

/// Writes the result: JSON, or the summary, or both. Fails as the result deserves.
pub fn result(
    output: &OutputArgs,
    result: &RunResult,
    summary: impl FnOnce() -> String,
) -> Result<(), Failure> {
    let object = || serde_json::to_string(result);
    emit(output.json.as_deref(), object, summary)?;
    verdict(output, result)
}

/// Writes an object to the standard output or a file, if asked for, and the summary unless the object
/// took its place.
pub fn emit(
    json: Option<&Path>,
    object: impl FnOnce() -> serde_json::Result<String>,
    summary: impl FnOnce() -> String,
) -> Result<(), Failure> {
    let text = match json {
        Some(path) => {
            let mut object = object()
                .map_err(|error| Failure::io(format!("cannot write the result: {error}")))?;
            object.push('\n');
            if path.as_os_str() == "-" {
                object
            } else {
                file(path, object.as_bytes())?;
                summary()
            }
        }
        None => summary(),
    };
    let mut out = io::stdout().lock();
    out.write_all(text.as_bytes())
        .and_then(|()| out.flush())
        .map_err(|error| Failure::io(format!("cannot write to the standard output: {error}")))
}

/// Writes a snapshot to the standard error, in one piece. Whoever asked for it may have gone; the run
/// goes on.
#[cfg(target_os = "linux")]
pub fn snapshot(snapshot: &loadgen::Snapshot) {
    if let Ok(mut line) = serde_json::to_string(snapshot) {
        line.push('\n');
        let _ = io::stderr().write_all(line.as_bytes());
    }
}

/// Writes the series and the histogram, if asked for.
#[cfg(target_os = "linux")]
pub fn extras(output: &OutputArgs, measured: &loadgen::Measured) -> Result<(), Failure> {
    if let Some(path) = &output.csv {
        file(path, loadgen::export::csv(&measured.result).as_bytes())?;
    }
    if let Some(path) = &output.hdr {
        let length = std::time::Duration::from_secs_f64(measured.result.elapsed_s);
        let log = loadgen::export::hdr_log(&measured.latency, measured.began, length)
            .map_err(|error| Failure::io(format!("cannot encode the histogram: {error}")))?;
        file(path, &log)?;
    }
    Ok(())
}

fn file(path: &Path, bytes: &[u8]) -> Result<(), Failure> {
    std::fs::write(path, bytes).map_err(|error| Failure::file("write", path, error))
}

fn verdict(output: &OutputArgs, result: &RunResult) -> Result<(), Failure> {
    let reasons = || result.reasons.join("; ");
    if result.interrupted {
        return Err(Failure::interrupted(reasons()));
    }
    if !result.valid {
        return Err(Failure::invalid(format!("the measurement is not valid: {}", reasons())));
    }
    let failed: Vec<_> =
        output.fail_if.iter().filter_map(|threshold| threshold.failure(result)).collect();
    if failed.is_empty() { Ok(()) } else { Err(Failure::check(failed.join("; "))) }
}
