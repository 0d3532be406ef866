//! Where a run took place: the machine and its state.

use serde::{Deserialize, Serialize};

/// The machine and its state before the run.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Environment {
    /// Operating system, `Debian GNU/Linux 12` for example.
    pub os: String,
    /// Kernel release.
    pub kernel: String,
    /// Instruction set, `x86_64` for example.
    pub arch: String,
    /// The processor's name as the kernel tells it.
    pub cpu_model: String,
    /// CPUs that this run may use.
    pub cores: u32,
    /// Main memory in bytes.
    pub memory_bytes: u64,
    /// `kvm`, `container` and the like; empty when none was found.
    pub virtualisation: String,
    /// Load average over one minute before the run.
    pub load_1m: f64,
    /// The kernel's bound on an accept queue (`net.core.somaxconn`).
    pub somaxconn: u64,
    /// The bound on open descriptors a process (`RLIMIT_NOFILE`).
    pub open_files: u64,
    /// Version of hello-cluster.
    pub version: String,
    /// Git revision of the source, with `-dirty` where it was changed; empty when unknown.
    pub revision: String,
    /// SHA-256 of the program file, in hexadecimal.
    pub binary_sha256: String,
    /// `release` or `debug`.
    pub build: String,
    /// CPUs that are online.
    pub cpus_online: String,
    /// Physical cores among the CPUs that this run may use.
    pub physical_cores: u32,
    /// Sockets among them.
    pub packages: u32,
    /// NUMA nodes that are online.
    pub numa_nodes: String,
    /// Simultaneous multithreading: `on`, `off`, `notsupported`, … as the kernel tells it.
    pub smt: String,
    /// Groups of CPUs of unlike capacity, `0-7: 1024; 8-15: 420` for example; empty when all are
    /// alike or the machine does not tell.
    pub hybrid: String,
    /// The first CPU's caches, `L1d 48 KiB, L2 2 MiB, L3 36 MiB (CPUs 0-15)` for example.
    pub caches: String,
    /// Frequency driver and governor, `intel_pstate, powersave` for example; empty when hidden.
    pub governor: String,
    /// Frequencies in MHz: least, most, and now by CPU.
    pub frequency: String,
    /// Whether the CPU may run faster than its nominal frequency: `on`, `off`; empty when hidden.
    pub turbo: String,
    /// Power supply: `mains`, `battery 63 % (discharging)`; empty when there is none to see.
    pub power: String,
    /// How often the CPUs were slowed down for heat since the machine started; `None` when hidden.
    pub thermal_throttles: Option<u64>,
    /// The kernel's measures against flaws of the CPU, `spectre_v2: Mitigation: …`, by name.
    pub mitigations: String,
    /// Those options of the kernel's command line that a measurement depends on.
    pub kernel_command_line: String,
    /// The clock that the kernel uses.
    pub clocksource: String,
    /// The control group's bound on CPU time, in CPUs; `None` without one.
    pub cgroup_cpus: Option<f64>,
    /// The control group's bound on memory, in bytes; `None` without one.
    pub cgroup_memory_bytes: Option<u64>,
    /// The bound on processes of this user (`RLIMIT_NPROC`).
    pub processes: u64,
    /// The kernel's bound on half-open connections a socket (`net.ipv4.tcp_max_syn_backlog`).
    pub syn_backlog: u64,
    /// Local ports for outgoing connections (`net.ipv4.ip_local_port_range`).
    pub local_ports: String,
    /// Whether `SO_REUSEPORT` queues move when a socket closes (`net.ipv4.tcp_migrate_req`).
    pub tcp_migrate_req: String,
    /// The share of a core's time that others than this run used in the moment before it, all CPUs
    /// together.
    pub busy_before: f64,
    /// When the run was taken up again after an interruption: times (RFC 3339) and trials done.
    pub resumed: Vec<String>,
    /// What may spoil the measurement, one sentence each.
    pub warnings: Vec<String>,
}
