//! Whose the core-seconds of a trial were, and who waited for a CPU or was kept from one.

use serde::{Deserialize, Serialize};

/// Owners of the core-seconds of the measured window: disjoint, and together cores × elapsed but
/// for `residual_s`.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Cpu {
    /// Length of the window over which CPU time was read, in seconds.
    pub elapsed_s: f64,
    /// CPUs in the machine, whose seconds are divided up here.
    pub cores: u32,
    /// Workers, user time.
    pub server_user_s: f64,
    /// Workers, system time.
    pub server_sys_s: f64,
    /// The master, user and system.
    pub master_s: f64,
    /// The generator, user time.
    pub load_user_s: f64,
    /// The generator, system time.
    pub load_sys_s: f64,
    /// All other processes, the suite itself included.
    pub other_s: f64,
    /// Taken by the hypervisor.
    pub steal_s: f64,
    /// Nobody's.
    pub idle_s: f64,
    /// What the lines above leave unexplained (may be negative).
    pub residual_s: f64,
    /// Soft-interrupt time; already part of the lines above.
    pub softirq_of_which_s: f64,
    /// CPU by CPU, as far as the machine tells.
    pub per_cpu: Vec<CpuShare>,
    /// How long threads were ready to run and had no CPU; `None` when not known.
    pub waiting: Option<Waiting>,
    /// The bound that the server's control group puts on CPU time; `None` without one.
    pub quota: Option<Quota>,
}

/// One CPU over the window.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct CpuShare {
    /// Its number.
    pub cpu: u32,
    /// Seconds in which nobody used it.
    pub idle_s: f64,
    /// Seconds that the hypervisor took.
    pub steal_s: f64,
}

/// Seconds in which threads were ready to run and had no CPU (the kernel's run delay), added up
/// over the threads of each side.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Waiting {
    /// All workers.
    pub server_s: f64,
    /// The master.
    pub master_s: f64,
    /// The generator.
    pub load_s: f64,
}

/// A control group's bound on CPU time (`cpu.max`, or `cpu.cfs_quota_us`), and what it did.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Quota {
    /// The bound, in CPUs.
    pub limit_cores: f64,
    /// Periods that passed.
    pub periods: u64,
    /// Periods in which the group was stopped until the next.
    pub throttled: u64,
    /// Seconds in which it was stopped, added up over its CPUs.
    pub throttled_s: f64,
}
