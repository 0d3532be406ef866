//! How a run was measured, as a list of facts: what, where, in which order, with which numbers.

mod machine;

use crate::analysis::tables::warmup::CLASSES;
use crate::format;
use crate::record::{Calibration, Record, Suite, Trial, Workload};

/// A fact and its name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fact {
    pub name: &'static str,
    pub text: String,
    /// Whether it is text for a machine, such as a command.
    pub code: bool,
}

/// All facts of a record that are known.
pub fn facts(record: &Record) -> Vec<Fact> {
    let mut facts = vec![
        Fact { name: "Command", text: record.command.clone(), code: true },
        plain("Run", format!("{}, begun {}", record.id, record.created)),
    ];
    facts.extend(experiment(&record.suite, record.seed));
    facts.extend(warm_up(&record.trials));
    facts.extend(targets(&record.suite));
    facts.extend(machine::facts(&record.environment));
    facts.retain(|fact| !fact.text.is_empty());
    facts
}

fn plain(name: &'static str, text: String) -> Fact {
    Fact { name, text, code: false }
}

/// [`plain`] with the text as for `format!`.
macro_rules! fact {
    ($name:literal, $($text:tt)+) => { plain($name, format!($($text)+)) };
}

fn experiment(suite: &Suite, seed: u64) -> Vec<Fact> {
    let description = suite.description.trim_end_matches('.');
    let blocks = format::count(u64::from(suite.blocks), "block");
    let (warmup_s, duration_s) = (suite.warmup_s, suite.duration_s);
    let mut facts = vec![
        fact!("Suite", "{}: {description}", suite.name),
        fact!("Order", "{blocks} of every cell, each block in an order shuffled by seed {seed}"),
        fact!(
            "Trial",
            "a fresh server and a fresh generator; {warmup_s} s of warm-up, then {duration_s} s measured"
        ),
        plain("Placement", suite.placement.clone()),
    ];
    facts.extend(suite.workloads.iter().map(|workload| plain("Workload", asked(workload))));
    facts.extend(suite.rates.iter().map(|found| {
        let [rate, capacity] = [found.rate_rps, found.capacity_rps].map(format::whole);
        let (name, share) = (&found.workload, format::percent(found.share));
        fact!(
            "Rate",
            "{name}: {rate} requests a second, {share} of the {capacity} that one worker answered \
             beforehand"
        )
    }));
    // The single one is in the list too, where there is a list.
    let sized: Vec<&Calibration> = if suite.calibrations.is_empty() {
        suite.calibration.iter().collect()
    } else {
        suite.calibrations.iter().collect()
    };
    facts.extend(sized.into_iter().map(|size| {
        let rounds = format::whole(size.rounds as f64);
        let [took, wanted] = [size.measured_us, size.target_us].map(format::micros);
        fact!("Calibration", "{rounds} rounds took {took} of CPU here (wanted: {wanted})")
    }));
    facts.extend(suite.notes.iter().map(|note| plain("Plan", note.clone())));
    facts
}

fn asked(workload: &Workload) -> String {
    let new = "a new connection for each request";
    let reuse = if workload.keepalive { "connections kept alive" } else { new };
    let pace = workload.rate_rps.map_or(String::new(), |rate| {
        let arrivals = match workload.arrivals.as_str() {
            "" => String::new(),
            arrivals => format!(", {arrivals} arrivals"),
        };
        format!(", {} requests a second{arrivals}", format::whole(rate))
    });
    format!(
        "{}: GET {} over {}, {reuse}{pace}",
        workload.name,
        workload.path,
        format::count(u64::from(workload.connections), "connection")
    )
}

/// How the trials' throughput went before and in their windows, with the number of each.
fn warm_up(trials: &[Trial]) -> Option<Fact> {
    let classes = trials.iter().filter_map(|trial| trial.result()?.warmup.as_ref());
    let classes: Vec<&str> =
        classes.map(|warmup| warmup.class.as_str()).filter(|class| !class.is_empty()).collect();
    let of = |class: &&str| {
        let trials = classes.iter().filter(|other| *other == class).count();
        (trials > 0).then(|| format!("{} {class}", format::count(trials as u64, "trial")))
    };
    let counts: Vec<String> = CLASSES.iter().filter_map(of).collect();
    (!counts.is_empty()).then(|| plain("Warm-up", format::listed(&counts)))
}

fn targets(suite: &Suite) -> Vec<Fact> {
    let measured = suite.targets.iter().map(|target| {
        let version = match target.version.as_str() {
            "" => String::new(),
            version => format!(" ({version})"),
        };
        let unchecked = "; it keeps no counts to compare with the generator’s";
        let books = if target.conservation { "" } else { unchecked };
        fact!("Target", "{}{version}: {}{books}", target.name, target.command)
    });
    let skipped = suite.skipped.iter().map(|it| fact!("Skipped", "{}: {}", it.target, it.why));
    measured.chain(skipped).collect()
}
