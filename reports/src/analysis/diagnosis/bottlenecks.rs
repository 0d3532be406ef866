//! Who was busiest in a set-up without faults; and what is left to say when nobody was in the way.

use super::{Cause, Evidence, Finding, State};
use crate::format;

/// Workers that have or wait for this share of what they can use are saturated: the rest goes to
/// the kernel's own work and to switches.
const SATURATED: f64 = 0.85;

/// All rules that hold.
pub(super) fn all(evidence: &Evidence<'_>) -> Vec<Finding> {
    [shared_cores(evidence), generator(evidence)].into_iter().flatten().collect()
}

/// Both sides may run on the same CPUs, the generator takes a tenth of these or more, and they idle
/// for less than a seventh of the time.
fn shared_cores(evidence: &Evidence<'_>) -> Option<Finding> {
    const TAKEN: f64 = 0.10;
    const IDLE: f64 = 0.15;
    let shared = evidence.shared.len() as f64;
    let load = evidence.load.min(shared);
    let contested = shared > 0.0 && load >= TAKEN * shared;
    (contested && evidence.accounted() && evidence.idle_on(&evidence.shared) < IDLE).then(|| {
        let cpus = match shared {
            1.0 => "the one CPU of both".to_owned(),
            _ => format!("the {shared:.0} CPUs of both"),
        };
        let [used, server] = [evidence.load, evidence.at_work + evidence.master].map(format::cores);
        let words = format!("on {cpus} the generator used {used} cores, the server {server}");
        Finding::new(Cause::SharedCores, load / shared, words)
    })
}

/// The generator has CPUs of its own, used them up, and the workers want less than they could use.
fn generator(evidence: &Evidence<'_>) -> Option<Finding> {
    const BUSY: f64 = 0.9;
    let threads = &evidence.result.threads;
    let busy = threads.iter().filter(|thread| thread.elapsed_s > 0.0);
    let shares: Vec<f64> = busy.map(|thread| thread.cpu_s / thread.elapsed_s).collect();
    let used_up = !shares.is_empty() && shares.iter().all(|share| *share >= BUSY);
    let limited = evidence.result.generator_limited || used_up;
    let alone = evidence.shared.is_empty();
    (alone && limited && evidence.accounted() && evidence.saturation() < SATURATED).then(|| {
        let cpus = format::count(evidence.trial.cpus.load.len() as u64, "CPU");
        let [used, at_work, usable] =
            [evidence.load, evidence.at_work, evidence.usable].map(format::cores);
        let words = format!("it used {used} of its {cpus}, the workers {at_work} of {usable}");
        Finding::new(Cause::Generator, 1.0 - evidence.saturation(), words)
    })
}

/// What may be said without a cause.
pub(super) fn state(evidence: &Evidence<'_>) -> State {
    match evidence {
        e if !e.accounted() => State::Unknown,
        e if e.saturation() >= SATURATED => State::Hardware,
        e if !e.closed_loop() => State::AsAsked,
        _ => State::Unexplained,
    }
}
