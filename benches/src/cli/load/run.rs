//! Carrying a plan out, on Linux.

use std::io::{self, IsTerminal};
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use loadgen::plan::Plan;
use loadgen::progress::TERMINAL_PERIOD;
use loadgen::run::{Control, Phase, RunError};
use loadgen::{Progress, Snapshot, summary};
use signal_hook::consts::{SIGINT, SIGTERM};
use signal_hook::flag;

use super::args::OutputArgs;
use super::write;
use crate::cli::Failure;

/// Runs a plan, writes what came of it, and fails as the result deserves.
pub fn run(plan: &Plan, output: &OutputArgs) -> Result<(), Failure> {
    let interrupted = on_interrupt().map_err(Failure::io)?;
    let mut on_phase = |phase: Phase| {
        if output.phases {
            eprintln!("phase {}", phase.name());
        }
    };
    let mut before = Snapshot::default();
    let mut draw = |snapshot: Snapshot| {
        eprint!("\r\x1b[K{}", snapshot.line(&before));
        before = snapshot;
    };
    let mut write = |snapshot: Snapshot| write::snapshot(&snapshot);
    let terminal = output.snapshots.is_none() && io::stderr().is_terminal();
    let progress = match output.snapshots {
        Some(period) => Some(Progress { period, tell: &mut write }),
        None if terminal => Some(Progress { period: TERMINAL_PERIOD, tell: &mut draw }),
        None => None,
    };
    let control = Control { interrupted: &interrupted, on_phase: &mut on_phase, progress };
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
pub fn failure(error: RunError) -> Failure {
    match error {
        RunError::Awake(_)
        | RunError::Cpu { .. }
        | RunError::Descriptors { .. }
        | RunError::Certificates(_)
        | RunError::Plan(_) => Failure::usage(error),
        _ => Failure::io(error),
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
