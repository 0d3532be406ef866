//! A run: resolves the target, shows that somebody listens, starts one thread a share, follows the
//! phases and merges the books.

mod error;
mod preflight;
mod threads;
mod watch;

use std::sync::atomic::AtomicBool;
use std::time::SystemTime;

use hdrhistogram::Histogram;

use crate::clock::Clock;
use crate::engine::choice::{Choice, choose};
#[cfg(feature = "clients")]
use crate::engine::clients;
use crate::log::Log;
use crate::plan::{Model, Plan, PlanError};
use crate::progress::Progress;
use crate::result::{Cpu, Facts, RunResult};
use crate::sys::awake::Awake;
use crate::sys::cpu;
use crate::validity;

use preflight::Preflight;
use threads::Threads;
use watch::Watch;

pub use error::RunError;

/// Descriptors that are needed beside those of the connections.
const SPARE_DESCRIPTORS: u64 = 128;

named_enum! {
    /// A phase of a run; reported at the moment it begins.
    pub enum Phase {
        /// Requests are sent and not measured.
        WarmUp = "warm-up",
        /// The measured window.
        Measure = "measure",
        /// Nothing more is sent; what is outstanding is awaited.
        Drain = "drain",
        /// All is done.
        End = "end",
    }
}

/// What the caller holds on to during a run.
pub struct Control<'a> {
    /// Set it to end the run early: sending stops, what is outstanding is awaited shortly.
    pub interrupted: &'a AtomicBool,
    /// Called as each phase begins.
    pub on_phase: &'a mut dyn FnMut(Phase),
    /// Who follows it, if anybody does.
    pub progress: Option<Progress<'a>>,
}

/// What a run leaves behind.
pub struct Measured {
    /// The result.
    pub result: RunResult,
    /// Latencies of all measured requests, in nanoseconds with three significant digits.
    pub latency: Histogram<u64>,
    /// The measured requests one by one, where the plan asks for them.
    pub log: Option<Log>,
    /// When the measured window began, by the wall clock.
    pub began: SystemTime,
}

/// Carries a plan out. The plan has been checked.
///
/// # Errors
/// [`RunError`] when nothing could be measured at all; a server's failures are in the result.
pub fn run(plan: &Plan, control: Control<'_>) -> Result<Measured, RunError> {
    check_machine(plan)?;
    let _awake = plan.awake.then(Awake::keep).transpose().map_err(RunError::Awake)?;
    let choice = choose(plan).map_err(RunError::Refused)?;
    let opened = Preflight::new(plan, choice.kind, control.interrupted)?;
    let steered = opened.steered.clone();
    let mut watch = Watch::new(control.progress, plan.threads, opened.books.as_ref());
    let mut threads = Threads::start(plan, choice.kind, opened, watch.board())?;
    watch.open(threads.window.begin);
    let (on_phase, interrupted) = (control.on_phase, control.interrupted);

    on_phase(Phase::WarmUp);
    threads.follow(threads.window.begin, interrupted, &mut watch);
    on_phase(Phase::Measure);
    let began = SystemTime::now();
    let before = CpuReading::take(&threads.clock);
    threads.follow(threads.window.end, interrupted, &mut watch);
    let cpu = CpuReading::take(&threads.clock).since(&before);
    on_phase(Phase::Drain);
    threads.follow(u64::MAX, interrupted, &mut watch);
    let Choice { kind, note } = &choice;
    let note = note.as_deref();
    let interrupted = threads.stopped;
    let facts = Facts { plan, engine: kind.name(), note, steered, interrupted, cpu };
    let clock = threads.clock;
    let tally = threads.join()?;
    watch.end(&tally, clock.now());
    on_phase(Phase::End);
    let mut result = RunResult::new(&tally, facts);
    validity::assess(&mut result, &tally, plan);
    Ok(Measured { result, latency: tally.latency, log: tally.log, began })
}

fn check_machine(plan: &Plan) -> Result<(), RunError> {
    let allowed = cpu::allowed().unwrap_or_default();
    if let Some(&cpu) = plan.cpus.iter().find(|cpu| !allowed.contains(cpu)) {
        return Err(RunError::Cpu { cpu, allowed });
    }
    #[cfg(feature = "clients")]
    clients::tls::also(&plan.trust).map_err(RunError::Certificates)?;
    let spins = matches!(plan.model, Model::Open { spin: true, .. });
    if spins && plan.cpus.len() >= allowed.len() {
        return Err(RunError::Plan(PlanError::Spin(plan.threads)));
    }
    let connections = plan.connections;
    match cpu::raise_descriptor_limit() {
        Ok(limit) if u64::from(connections) + SPARE_DESCRIPTORS > limit => {
            Err(RunError::Descriptors { connections, limit })
        }
        _ => Ok(()),
    }
}

/// The process's CPU clocks at an instant.
struct CpuReading {
    instant: u64,
    user_s: f64,
    sys_s: f64,
}

impl CpuReading {
    fn take(clock: &Clock) -> Self {
        let (user_s, sys_s) = cpu::process_times().unwrap_or_default();
        Self { instant: clock.now(), user_s, sys_s }
    }

    fn since(&self, before: &Self) -> Cpu {
        Cpu {
            elapsed_s: (self.instant - before.instant) as f64 / 1e9,
            load_user_s: self.user_s - before.user_s,
            load_sys_s: self.sys_s - before.sys_s,
        }
    }
}
