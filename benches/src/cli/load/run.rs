//! Carrying a plan out, on Linux.
//!
//! Next: [`super::write`], and the crate `loadgen` from its `run`.

use std::io::{self, IsTerminal};
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use loadgen::plan::Plan;
use loadgen::run::{Control, Phase, RunError};
use loadgen::summary;
use signal_hook::consts::{SIGINT, SIGTERM};
use signal_hook::flag;

use super::{Output, write};
use crate::cli::Failure;

/// Runs a plan, writes what came of it, and fails as the result deserves.
pub fn run(plan: &Plan, output: &Output) -> Result<(), Failure> {
    let interrupted = on_interrupt().map_err(|error| Failure::io(error.to_string()))?;
    let mut on_phase = |phase: Phase| {
        if output.phases {
            eprintln!("phase {}", phase.name());
        }
    };
    let terminal = io::stderr().is_terminal();
    let mut draw = |line: &str| eprint!("\r\x1b[K{line}");
    let control = Control {
        interrupted: &interrupted,
        on_phase: &mut on_phase,
        on_progress: if terminal { Some(&mut draw) } else { None },
    };
    let measured = loadgen::run(plan, control);
    if terminal {
        eprint!("\r\x1b[K");
    }
    let measured = measured.map_err(failure)?;
    if let Some(note) = &measured.result.engine_note {
        eprintln!("note: {note}");
    }
    write::extras(output, &measured)?;
    write::result(output, &measured.result, || summary::summary(plan, &measured.result))
}

/// Why nothing was measured, with its exit code.
#[expect(clippy::needless_pass_by_value, reason = "it is made for `map_err`")]
pub fn failure(error: RunError) -> Failure {
    match error {
        RunError::Cpu { .. }
        | RunError::Descriptors { .. }
        | RunError::Certificates(_)
        | RunError::Plan(_) => Failure::usage(error.to_string()),
        _ => Failure::io(error.to_string()),
    }
}

/// The first Ctrl-C ends the run early, the second ends the program.
pub fn on_interrupt() -> io::Result<Arc<AtomicBool>> {
    let interrupted = Arc::new(AtomicBool::new(false));
    for signal in [SIGINT, SIGTERM] {
        flag::register_conditional_shutdown(signal, 130, Arc::clone(&interrupted))?;
        flag::register(signal, Arc::clone(&interrupted))?;
    }
    Ok(interrupted)
}
