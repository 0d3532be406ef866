//! A CPU for the server and another one for the generator, the first two that this process may use,
//! and the CPU time of those who run.

use std::process::Command;
use std::time::Duration;

use hello_cluster::harness::cpu_snapshot::{allowed_cpus, process_cpu};
use nix::sys::resource::{UsageWho, getrusage};
use nix::sys::time::TimeValLike;

use super::{Failure, started_by};

#[derive(Debug, Clone, Copy)]
pub struct Cpus {
    pub server: u32,
    pub generator: u32,
}

impl Cpus {
    pub fn choose() -> Result<Self, Failure> {
        match allowed_cpus().map_err(Failure::cannot("tell the allowed CPUs"))?[..] {
            [server, generator, ..] => Ok(Self { server, generator }),
            _ => Err(Failure::broken("one CPU only: server and generator need one each")),
        }
    }
}

/// The same command on a CPU, if one is given.
pub fn on(cpu: impl Into<Option<u32>>, command: Command) -> Command {
    match cpu.into() {
        Some(cpu) => started_by(&["taskset", "-c", &cpu.to_string()], &command),
        None => command,
    }
}

pub fn cpu_time(pid: u32) -> Result<Duration, Failure> {
    process_cpu(pid).ok_or_else(|| Failure::Broken(format!("cannot read the clock of {pid}")))
}

/// CPU time of all children that have ended and were awaited.
pub fn of_ended_children() -> Result<Duration, Failure> {
    let usage = getrusage(UsageWho::RUSAGE_CHILDREN)
        .map_err(Failure::cannot("read the children's CPU time"))?;
    let total = usage.user_time() + usage.system_time();
    Ok(Duration::from_micros(total.num_microseconds().cast_unsigned()))
}
