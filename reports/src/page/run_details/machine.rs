//! The machine of a run, as far as it told.

use super::{Fact, plain};
use crate::format;
use crate::record::Environment;

/// What is known of the machine and its state.
pub(super) fn facts(environment: &Environment) -> Vec<Fact> {
    vec![
        plain("Machine", machine(environment)),
        plain("CPUs", processors(environment)),
        plain("Speed", speed(environment)),
        plain("System", system(environment)),
        plain("Flaws", environment.mitigations.clone()),
        plain("Bounds", bounds(environment)),
        plain("Load before", load(environment)),
        plain("Program", program(environment)),
        plain("Taken up again", environment.resumed.join("; ")),
    ]
}

/// Those parts that are known, with commas between them.
fn joined(parts: impl IntoIterator<Item = String>) -> String {
    parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(", ")
}

/// `name value`; nothing without a value.
fn named(name: &str, value: &str) -> String {
    if value.is_empty() { String::new() } else { format!("{name} {value}") }
}

fn machine(environment: &Environment) -> String {
    let Environment { cpu_model, cores, memory_bytes, virtualisation, .. } = environment;
    let gibibytes = *memory_bytes as f64 / f64::from(1 << 30);
    joined([
        cpu_model.clone(),
        format::count(u64::from(*cores), "CPU"),
        if *memory_bytes > 0 { format!("{gibibytes:.1} GiB of memory") } else { String::new() },
        named("virtualised:", virtualisation),
    ])
}

fn processors(environment: &Environment) -> String {
    let several = |number: u32, noun: &str| {
        if number > 0 { format::count(u64::from(number), noun) } else { String::new() }
    };
    joined([
        several(environment.physical_cores, "physical core"),
        several(environment.packages, "socket"),
        named("online", &environment.cpus_online),
        named("NUMA nodes", &environment.numa_nodes),
        named("multithreading", &environment.smt),
        named("unlike CPUs:", &environment.hybrid),
        environment.caches.clone(),
    ])
}

fn speed(environment: &Environment) -> String {
    joined([
        environment.governor.clone(),
        environment.frequency.clone(),
        named("turbo", &environment.turbo),
        named("power:", &environment.power),
        environment.thermal_throttles.map_or(String::new(), |times| {
            format!("slowed down for heat {} since the start", format::count(times, "time"))
        }),
    ])
}

fn system(environment: &Environment) -> String {
    joined([
        environment.os.clone(),
        environment.kernel.clone(),
        environment.arch.clone(),
        named("clock", &environment.clocksource),
    ])
}

fn bounds(environment: &Environment) -> String {
    let above = |number: u64, what: &str| {
        if number > 0 { format!("{what} {}", format::whole(number as f64)) } else { String::new() }
    };
    let bytes = environment.cgroup_memory_bytes.map(|bytes| bytes as f64 / f64::from(1 << 30));
    joined([
        above(environment.somaxconn, "accept queue (somaxconn)"),
        above(environment.syn_backlog, "half-open connections"),
        above(environment.open_files, "open files"),
        above(environment.processes, "processes"),
        named("local ports", &environment.local_ports),
        environment
            .cgroup_cpus
            .map_or(String::new(), |cpus| format!("{} CPUs (cgroup)", format::tick(cpus))),
        bytes.map_or(String::new(), |gibibytes| format!("{gibibytes:.1} GiB (cgroup)")),
    ])
}

fn load(environment: &Environment) -> String {
    let busy = if environment.busy_before > 0.0 {
        format!("; others used {} of a CPU just before", format::percent(environment.busy_before))
    } else {
        String::new()
    };
    format!("{:.2} (mean over one minute){busy}", environment.load_1m)
}

fn program(environment: &Environment) -> String {
    let hash: String = environment.binary_sha256.chars().take(12).collect();
    joined([
        format!("hello-cluster {}", environment.version),
        named("revision", &environment.revision),
        named("build", &environment.build),
        named("SHA-256", &hash),
    ])
}
