//! A keeper: the parent of somebody else's server, which ends all of it on every way out.
//!
//! Our own workers die with their master by the kernel's help. Others' do not: nginx's go on
//! serving when their master is killed, and a command may put itself into the background. So the
//! suite starts such a server by `hello-cluster keep -- COMMAND`, a process that adopts every
//! orphan below it (`PR_SET_CHILD_SUBREAPER`), passes SIGTERM on, and on SIGINT, which the kernel
//! sends it when the suite dies, kills the whole tree. When the command ends, so does what it left
//! behind.

use std::ffi::OsString;
use std::io::{self, Write};
use std::process::Command;
use std::time::{Duration, Instant};

use signal_hook::consts::{SIGCHLD, SIGINT, SIGTERM};
use signal_hook::iterator::Signals;

use super::cpu_snapshot::{self, descendants};
use crate::sys::child::{self, Signal};
use crate::sys::{clocks, orphans};

/// How long killed processes may take to be gone: one in the kernel's hands cannot be hurried.
const GONE: Duration = Duration::from_secs(2);

/// The exit code of a keeper that was told to end everything.
const INTERRUPTED: i32 = 130;

/// The word before the kept command's process id, on standard output.
pub const KEPT: &str = "Kept";

/// Runs a command on these CPUs until it or the suite ends; returns the command's exit code.
///
/// # Errors
/// The system's, when the command cannot be started.
pub fn keep(words: &[OsString], cpus: &[u32]) -> io::Result<i32> {
    let (program, arguments) =
        words.split_first().ok_or_else(|| io::Error::other("there is no command"))?;
    orphans::adopt_orphans()?;
    clocks::pin(0, cpus)?;
    let mut signals = Signals::new([SIGTERM, SIGINT, SIGCHLD])?;
    let mut command = Command::new(program);
    child::die_with_parent(command.args(arguments), Signal::SIGKILL);
    let root = command.spawn()?.id();
    writeln!(io::stdout(), "{KEPT} {root}")?;
    for signal in signals.forever() {
        match signal {
            SIGTERM => child::signal(root, Signal::SIGTERM)?,
            SIGINT => {
                end_all();
                return Ok(INTERRUPTED);
            }
            _ => {
                if let Some(code) = reap_until(root) {
                    end_all();
                    return Ok(code);
                }
            }
        }
    }
    Ok(INTERRUPTED)
}

/// Collects the children that have ended; the exit code when the command is among them.
fn reap_until(root: u32) -> Option<i32> {
    while let Ok(Some((pid, code))) = orphans::reap() {
        if pid == root {
            return Some(code);
        }
    }
    None
}

/// Kills every descendant, and those that appear meanwhile, until there is none.
fn end_all() {
    let deadline = Instant::now() + GONE;
    while Instant::now() < deadline {
        let Ok(processes) = cpu_snapshot::all_stats() else { return };
        for pid in descendants(&processes, std::process::id()) {
            let _ = child::signal(pid, Signal::SIGKILL);
        }
        loop {
            match orphans::reap() {
                Ok(Some(_)) => {}
                Ok(None) => break,
                // No children at all: orphans would have become ours.
                Err(_) => return,
            }
        }
        std::thread::sleep(Duration::from_millis(2));
    }
}
