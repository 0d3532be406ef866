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
        Finding {
            cause: Cause::SharedCores,
            loss: load / shared,
            evidence: format!(
                "on {} the generator used {} cores, the server {}",
                match shared {
                    1.0 => "the one CPU of both".to_owned(),
                    _ => format!("the {shared:.0} CPUs of both"),
                },
                format::cores(evidence.load),
                format::cores(evidence.at_work + evidence.master)
            ),
        }
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
        Finding {
            cause: Cause::Generator,
            loss: 1.0 - evidence.saturation(),
            evidence: format!(
                "it used {} of its {}, the workers {} of {}",
                format::cores(evidence.load),
                format::count(evidence.trial.cpus.load.len() as u64, "CPU"),
                format::cores(evidence.at_work),
                format::cores(evidence.usable)
            ),
        }
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
