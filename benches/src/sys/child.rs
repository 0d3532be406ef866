//! Children that cannot outlive their parent, and the end of a whole process group.

use std::io;
use std::os::unix::process::CommandExt;
use std::process::Command;

use nix::sys::prctl::set_pdeathsig;
pub use nix::sys::signal::Signal;
use nix::sys::signal::killpg;
use nix::unistd::{Pid, getppid};

/// Puts the command's process into a group of its own and has the kernel send it `at_our_end` when
/// the calling *thread* ends, so call this on the thread that lives as long as the program.
///
/// A terminal's Ctrl-C reaches the foreground group only: the suite, which then ends its children in
/// order.
pub fn bind_to_parent(command: &mut Command, at_our_end: Signal) {
    command.process_group(0);
    die_with_parent(command, at_our_end);
}

/// The same, but in the group of the calling process.
pub fn die_with_parent(command: &mut Command, at_our_end: Signal) {
    let parent = Pid::this();
    let bind = move || {
        set_pdeathsig(at_our_end)?;
        // The parent may have died before the line above: then nobody would send the signal.
        if getppid() == parent { Ok(()) } else { Err(io::Error::other("the suite has ended")) }
    };
    // SAFETY: between fork and exec only async-signal-safe calls are allowed; `bind` makes two
    // system calls and allocates at most on the way out of a child that is about to end.
    unsafe { command.pre_exec(bind) };
}

/// Sends a signal to one process.
///
/// # Errors
/// The system's, `ESRCH` when the process is gone.
pub fn signal(process: u32, signal: Signal) -> io::Result<()> {
    Ok(nix::sys::signal::kill(pid(process), signal)?)
}

/// Kills a whole group at once; a group that is gone already is fine.
pub fn kill_group(leader: u32) {
    let _ = killpg(pid(leader), Signal::SIGKILL);
}

fn pid(number: u32) -> Pid {
    Pid::from_raw(number.cast_signed())
}
