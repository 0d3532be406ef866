//! Carrying a plan out and writing what came of it.
//!
//! Next: the crate `loadgen`, from its `run`.

use std::io::{self, Write};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use loadgen::plan::Plan;
use loadgen::run::{Control, Phase, RunError};
use loadgen::{RunResult, summary};
use signal_hook::consts::{SIGINT, SIGTERM};
use signal_hook::flag;

use super::Output;
use crate::cli::Failure;

pub fn run(plan: &Plan, output: &Output) -> Result<(), Failure> {
    let interrupted = on_interrupt().map_err(|error| Failure::io(error.to_string()))?;
    let mut on_phase = |phase: Phase| {
        if output.phases {
            eprintln!("phase {}", phase.name());
        }
    };
    let control = Control { interrupted: &interrupted, on_phase: &mut on_phase };
    let result = loadgen::run(plan, control).map_err(|error| match error {
        RunError::Cpu { .. } | RunError::Descriptors { .. } => Failure::usage(error.to_string()),
        _ => Failure::io(error.to_string()),
    })?;
    write(output.json.as_deref(), plan, &result)?;
    verdict(&result)
}

/// The first Ctrl-C ends the run early, the second ends the program.
fn on_interrupt() -> io::Result<Arc<AtomicBool>> {
    let interrupted = Arc::new(AtomicBool::new(false));
    for signal in [SIGINT, SIGTERM] {
        flag::register_conditional_shutdown(signal, 130, Arc::clone(&interrupted))?;
        flag::register(signal, Arc::clone(&interrupted))?;
    }
    Ok(interrupted)
}

fn write(json: Option<&Path>, plan: &Plan, result: &RunResult) -> Result<(), Failure> {
    let text = match json {
        Some(path) => {
            let mut object = serde_json::to_string(result)
                .map_err(|error| Failure::io(format!("cannot write the result: {error}")))?;
            object.push('\n');
            if path.as_os_str() == "-" {
                object
            } else {
                std::fs::write(path, object).map_err(|error| {
                    Failure::io(format!("cannot write {}: {error}", path.display()))
                })?;
                summary::summary(plan, result)
            }
        }
        None => summary::summary(plan, result),
    };
    let mut out = io::stdout().lock();
    out.write_all(text.as_bytes())
        .and_then(|()| out.flush())
        .map_err(|error| Failure::io(format!("cannot write to the standard output: {error}")))
}

fn verdict(result: &RunResult) -> Result<(), Failure> {
    let reasons = || result.reasons.join("; ");
    if result.interrupted {
        return Err(Failure::interrupted(reasons()));
    }
    if !result.valid {
        return Err(Failure::invalid(format!("the measurement is not valid: {}", reasons())));
    }
    Ok(())
}
