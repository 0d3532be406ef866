//! What the kernel says of a process: its CPU time and its share of memory.
//!
//! Next: [`super::figures`].

use std::fs;
use std::time::Duration;

use nix::time::{clock_getcpuclockid, clock_gettime};
use nix::unistd::Pid;

use super::Failure;

/// CPU time that a process has used so far, to the nanosecond: `/proc/PID/stat` counts in ticks of
/// 10 ms, about what an idle cluster uses in half a minute.
pub fn cpu(pid: u32) -> Result<Duration, Failure> {
    clock_getcpuclockid(Pid::from_raw(pid.cast_signed()))
        .and_then(clock_gettime)
        .map(Duration::from)
        .map_err(|errno| Failure::Broken(format!("cannot read the clock of {pid}: {errno}")))
}

/// Proportional set size in megabytes (of 10⁶ bytes): pages that n processes share count 1/n each.
pub fn proportional_set_mb(pid: u32) -> Result<f64, Failure> {
    let path = format!("/proc/{pid}/smaps_rollup");
    let text = fs::read_to_string(&path).map_err(Failure::of(&format!("read {path}")))?;
    let pss = text.lines().find_map(|line| line.strip_prefix("Pss:"));
    let kib = pss.and_then(|rest| rest.trim().strip_suffix(" kB")?.parse::<f64>().ok());
    kib.map(|kib| kib * 1024.0 / 1e6).ok_or(Failure::Broken(format!("{path} tells no Pss")))
}
