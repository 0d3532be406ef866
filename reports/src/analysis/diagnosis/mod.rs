//! Why it is not N×: what held a trial back, from what the record holds of it, in plain words and
//! ranked. A pure function: the same trial gets the same answer, and each rule can be tested.
//!
//! Two kinds of causes, and the first kind comes first: *faults* of the set-up or the server (a
//! stalled worker, a quota, a neighbour, …) spoil whatever is measured beside them; *bottlenecks*
//! say who was busiest in a sound set-up. Within a kind, what costs more comes first. Next:
//! [`evidence`], then [`faults`].

mod bottlenecks;
mod evidence;
mod faults;
mod words;

use evidence::Evidence;
pub(crate) use words::{advice, cause, state};

use crate::record::{Calibration, Trial, Workload};

/// A reason why a server was not as fast as its workers could make it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Cause {
    /// A worker has work and does not run.
    StalledWorker,
    /// A control group's bound on CPU time stopped the server.
    Quota,
    /// Other programs, or other machines on the same hardware, took CPU time.
    Neighbour,
    /// Connections found the accept queue full.
    SmallBacklog,
    /// Too few connections to keep all workers busy, or for the hash to spread them.
    FewConnections,
    /// The one process that accepts does not keep up, and workers wait for it.
    Acceptor,
    /// A request waits in its handler, or costs more CPU than was planned.
    SlowHandler,
    /// Server and generator compete for the same CPUs.
    SharedCores,
    /// The generator used up its own CPUs.
    Generator,
}

impl Cause {
    /// Whether it is a fault rather than a bottleneck.
    #[must_use]
    pub fn is_fault(self) -> bool {
        self < Self::SharedCores
    }
}

/// A cause with its evidence.
#[derive(Debug, Clone, PartialEq)]
pub struct Finding {
    /// The cause.
    pub cause: Cause,
    /// The share of what the workers could have done that it took, between 0 and 1, roughly: it
    /// ranks causes of one kind and is no more exact than that.
    pub loss: f64,
    /// The figures that it was found by, as a clause.
    pub evidence: String,
}

impl Finding {
    fn new(cause: Cause, loss: f64, evidence: String) -> Self {
        Self { cause, loss, evidence }
    }
}

/// What may be said when no cause was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// The workers used all the CPU they can: nothing limits, this is the hardware.
    Hardware,
    /// An open loop whose rate was served: there was no more to do.
    AsAsked,
    /// CPUs were idle, and no rule says why.
    Unexplained,
    /// The record holds no CPU times of this server.
    Unknown,
}

/// What held one trial, or a cell, back.
#[derive(Debug, Clone, PartialEq)]
pub struct Diagnosis {
    /// The causes, the likeliest first; empty when none was found.
    pub causes: Vec<Finding>,
    /// What is left to say without a cause.
    pub state: State,
}

impl Diagnosis {
    /// The first cause.
    #[must_use]
    pub fn first(&self) -> Option<&Finding> {
        self.causes.first()
    }

    /// The first cause, or the state, as a clause: `server and generator share the CPUs`.
    #[must_use]
    pub fn words(&self) -> &'static str {
        self.first().map_or_else(|| state(self.state), |finding| cause(finding.cause))
    }
}

/// Diagnoses one trial; `None` for one without a result. `planned_us` is [`planned_us`].
#[must_use]
pub fn of_trial(trial: &Trial, planned_us: f64) -> Option<Diagnosis> {
    let evidence = Evidence::of(trial, planned_us)?;
    let mut causes = faults::all(&evidence);
    causes.extend(bottlenecks::all(&evidence));
    rank(&mut causes);
    Some(Diagnosis { causes, state: bottlenecks::state(&evidence) })
}

/// Diagnoses a cell: the causes found in more than half of its trials, with the evidence of the
/// trial in the middle. `None` when no trial has a result.
pub fn of_cell<'a>(
    trials: impl IntoIterator<Item = &'a Trial>,
    planned_us: f64,
) -> Option<Diagnosis> {
    let each: Vec<Diagnosis> =
        trials.into_iter().filter_map(|trial| of_trial(trial, planned_us)).collect();
    let mut all: Vec<&Finding> = each.iter().flat_map(|diagnosis| &diagnosis.causes).collect();
    all.sort_by(|a, b| a.cause.cmp(&b.cause).then(a.loss.total_cmp(&b.loss)));
    let mut causes: Vec<Finding> = all
        .chunk_by(|a, b| a.cause == b.cause)
        .filter(|same| 2 * same.len() > each.len())
        .map(|same| same[same.len() / 2].clone())
        .collect();
    rank(&mut causes);
    let state_of = |state| each.iter().filter(|diagnosis| diagnosis.state == state).count();
    let states = [State::Unknown, State::Unexplained, State::AsAsked, State::Hardware];
    let state = states.into_iter().max_by_key(|state| state_of(*state))?;
    (!each.is_empty()).then_some(Diagnosis { causes, state })
}

fn rank(causes: &mut [Finding]) {
    causes.sort_by(|a, b| {
        b.cause.is_fault().cmp(&a.cause.is_fault()).then(b.loss.total_cmp(&a.loss))
    });
}

/// CPU time of its handler that a request of a workload was planned to take, in microseconds: known
/// for `rounds` that the run has sized, weighted by the shares of a mix; 0 for `hello`.
pub(crate) fn planned_us(workload: &Workload, sized: &[Calibration]) -> f64 {
    let of_path = |path: &str| -> f64 {
        let rounds = path.split("rounds=").nth(1).and_then(|rest| {
            let digits = rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len());
            rest[..digits].parse::<f64>().ok()
        });
        let size = |rounds: f64| {
            let near = |size: &&Calibration| (size.rounds as f64 / rounds).ln().abs();
            let nearest = sized.iter().min_by(|a, b| near(a).total_cmp(&near(b)))?;
            Some(nearest.measured_us * rounds / nearest.rounds.max(1) as f64)
        };
        rounds.filter(|rounds| *rounds > 0.0).and_then(size).unwrap_or(0.0)
    };
    let parts: Vec<(f64, f64)> = workload
        .path
        .split(',')
        .filter_map(|part| {
            let (weight, path) = part.split_once(':')?;
            Some((weight.trim().parse::<f64>().ok()?, of_path(path)))
        })
        .collect();
    let weights: f64 = parts.iter().map(|(weight, _)| weight).sum();
    if weights > 0.0 {
        parts.iter().map(|(weight, us)| weight * us).sum::<f64>() / weights
    } else {
        of_path(&workload.path)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn planned(path: &str) -> f64 {
        let sized = [
            Calibration { target_us: 200.0, rounds: 1000, measured_us: 210.0 },
            Calibration { target_us: 10_000.0, rounds: 50_000, measured_us: 10_000.0 },
        ];
        planned_us(&Workload { path: path.to_owned(), ..Workload::default() }, &sized)
    }

    #[test]
    fn the_plan_of_a_request_is_read_from_its_path() {
        assert!(planned("/").abs() < 1e-9);
        assert!((planned("/work?rounds=1000") - 210.0).abs() < 1e-9);
        assert!((planned("95:/,5:/work?rounds=50000") - 500.0).abs() < 1e-9);
    }

    #[test]
    fn faults_come_before_bottlenecks_and_costly_ones_first() {
        let found = |cause, loss| Finding { cause, loss, evidence: String::new() };
        let mut causes = vec![
            found(Cause::SharedCores, 0.9),
            found(Cause::Neighbour, 0.1),
            found(Cause::FewConnections, 0.5),
        ];
        rank(&mut causes);
        let order: Vec<Cause> = causes.iter().map(|finding| finding.cause).collect();
        assert_eq!(order, [Cause::FewConnections, Cause::Neighbour, Cause::SharedCores]);
    }
}
