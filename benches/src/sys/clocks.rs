//! CPU time of a process to the nanosecond, and the CPUs that it may use. `/proc/PID/stat` counts in ticks
//! of 10 ms, too coarse for a trial of a second; `clock_getcpuclockid(3)` is what the scheduler keeps.

use std::time::Duration;

use nix::sched::{CpuSet, sched_getaffinity, sched_setaffinity};
use nix::time::{clock_getcpuclockid, clock_gettime};
use nix::unistd::Pid;

/// CPU time that a process has used so far, all its threads together; `None` when it is gone.
#[must_use]
pub fn process_cpu(pid: u32) -> Option<Duration> {
    let clock = clock_getcpuclockid(Pid::from_raw(pid.cast_signed())).ok()?;
    clock_gettime(clock).ok().map(Duration::from)
}

/// The CPUs that this process may use, rising.
///
/// # Errors
/// The system's.
pub fn allowed_cpus() -> nix::Result<Vec<u32>> {
    let set = sched_getaffinity(Pid::from_raw(0))?;
    Ok((0..CpuSet::count())
        .filter(|cpu| set.is_set(*cpu) == Ok(true))
        .map(|cpu| cpu as u32)
        .collect())
}

/// Keeps a thread, by its id, on these CPUs; 0 is the calling thread, and threads that it starts
/// later stay there too.
/// `EINVAL`: none of them may be used.
pub fn pin(thread: u32, cpus: &[u32]) -> nix::Result<()> {
    let mut set = CpuSet::new();
    for cpu in cpus {
        set.set(*cpu as usize)?;
    }
    sched_setaffinity(Pid::from_raw(thread.cast_signed()), &set)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_own_clock_advances_with_work() {
        let before = process_cpu(std::process::id()).unwrap();
        let mut sum = 0_u64;
        while process_cpu(std::process::id()).unwrap() == before {
            sum = std::hint::black_box(sum + 1);
        }
    }

    #[test]
    fn a_process_that_is_not_there_has_no_clock() {
        // The kernel gives no process an id above 2²².
        assert_eq!(process_cpu(1 << 22), None);
    }

    #[test]
    fn some_cpu_is_allowed() {
        assert!(!allowed_cpus().unwrap().is_empty());
    }
}
