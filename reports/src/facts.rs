//! How a run was measured, as a list of facts: what, where, in which order, with which numbers.
//! Next: [`crate::page`], which lists them.

use crate::format;
use crate::record::{Environment, Record, Suite};

/// A fact and its name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fact {
    /// What it is about.
    pub name: &'static str,
    /// The fact.
    pub text: String,
    /// Whether it is text for a machine, such as a command.
    pub code: bool,
}

/// All facts of a record that are known.
#[must_use]
pub fn facts(record: &Record) -> Vec<Fact> {
    let mut facts = vec![
        Fact { name: "Command", text: record.command.clone(), code: true },
        plain("Run", format!("{}, begun {}", record.id, record.created)),
    ];
    facts.extend(experiment(&record.suite, record.seed));
    facts.extend(machine(&record.environment));
    facts.retain(|fact| !fact.text.is_empty());
    facts
}

fn plain(name: &'static str, text: String) -> Fact {
    Fact { name, text, code: false }
}

fn experiment(suite: &Suite, seed: u64) -> Vec<Fact> {
    let description = suite.description.trim_end_matches('.');
    let mut facts = vec![
        plain("Suite", format!("{}: {description}", suite.name)),
        plain(
            "Order",
            format!(
                "{} of every cell, each block in an order shuffled by seed {seed}",
                format::count(u64::from(suite.blocks), "block")
            ),
        ),
        plain(
            "Trial",
            format!(
                "a fresh server and a fresh generator; {} s of warm-up, then {} s measured",
                suite.warmup_s, suite.duration_s
            ),
        ),
        plain("Placement", suite.placement.clone()),
    ];
    for workload in &suite.workloads {
        let reuse = if workload.keepalive {
            "connections kept alive"
        } else {
            "a new connection for each request"
        };
        facts.push(plain(
            "Workload",
            format!(
                "{}: GET {} over {}, {reuse}",
                workload.name,
                workload.path,
                format::count(u64::from(workload.connections), "connection")
            ),
        ));
    }
    if let Some(size) = &suite.calibration {
        facts.push(plain(
            "Calibration",
            format!(
                "{} rounds took {} of CPU here (wanted: {})",
                format::whole(size.rounds as f64),
                format::micros(size.measured_us),
                format::micros(size.target_us)
            ),
        ));
    }
    facts
}

fn machine(environment: &Environment) -> Vec<Fact> {
    let Environment { cpu_model, cores, memory_bytes, virtualisation, .. } = environment;
    let mut machine = vec![format!("{}, {}", cpu_model, format::count(u64::from(*cores), "CPU"))];
    if *memory_bytes > 0 {
        machine.push(format!("{:.1} GiB of memory", *memory_bytes as f64 / f64::from(1 << 30)));
    }
    if !virtualisation.is_empty() {
        machine.push(format!("virtualised: {virtualisation}"));
    }
    let system: Vec<&str> = [&environment.os, &environment.kernel, &environment.arch]
        .into_iter()
        .map(String::as_str)
        .filter(|part| !part.is_empty())
        .collect();
    let revision = match environment.revision.as_str() {
        "" => String::new(),
        revision => format!(", revision {revision}"),
    };
    let bounds = (environment.somaxconn > 0).then(|| {
        format!(
            "accept queue {} (somaxconn), {} open files",
            format::whole(environment.somaxconn as f64),
            format::whole(environment.open_files as f64)
        )
    });
    vec![
        plain("Machine", machine.join(", ")),
        plain("System", system.join(", ")),
        plain("Bounds", bounds.unwrap_or_default()),
        plain("Load before", format!("{:.2} (mean over one minute)", environment.load_1m)),
        plain("Program", format!("hello-cluster {}{revision}", environment.version)),
    ]
}
