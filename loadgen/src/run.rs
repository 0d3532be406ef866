//! A run: resolves the target, shows that somebody listens, starts one thread a share, follows the
//! phases and merges the books.

mod error;
mod preflight;
mod watch;

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError};
use std::sync::{Arc, Barrier, OnceLock};
use std::thread;
use std::time::{Duration, SystemTime};

use hdrhistogram::Histogram;

use crate::address::Address;
use crate::clock::{Clock, nanos};
use crate::engine::choice::{Choice, Kind, choose};
#[cfg(feature = "clients")]
use crate::engine::clients;
use crate::engine::epoll::EpollEngine;
use crate::engine::uring::UringEngine;
use crate::engine::{Engine, EngineError, Shard, Stop};
use crate::log::Log;
use crate::plan::{Bound, Model, Plan, PlanError};
use crate::progress::{Board, Progress};
use crate::result::{Cpu, Facts, RunResult};
use crate::sys::awake::Awake;
use crate::sys::{SysError, cpu};
use crate::tally::{Tally, Window};
use crate::validity;

use preflight::Preflight;
use watch::Watch;

pub use error::RunError;

/// How often an interruption is looked for.
const HEARTBEAT: Duration = Duration::from_millis(20);

/// Descriptors that are needed beside those of the connections.
const SPARE_DESCRIPTORS: u64 = 128;

/// A phase of a run; reported at the moment it begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Phase {
    /// Requests are sent and not measured.
    WarmUp,
    /// The measured window.
    Measure,
    /// Nothing more is sent; what is outstanding is awaited.
    Drain,
    /// All is done.
    End,
}

impl Phase {
    /// Its name, as scripts read it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::WarmUp => "warm-up",
            Self::Measure => "measure",
            Self::Drain => "drain",
            Self::End => "end",
        }
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
    let mut crew = Crew::start(plan, choice.kind, opened, watch.board())?;
    watch.open(crew.window.begin);
    let (on_phase, interrupted) = (control.on_phase, control.interrupted);

    on_phase(Phase::WarmUp);
    crew.follow(crew.window.begin, interrupted, &mut watch);
    on_phase(Phase::Measure);
    let began = SystemTime::now();
    let before = CpuReading::take(&crew.clock);
    crew.follow(crew.window.end, interrupted, &mut watch);
    let cpu = CpuReading::take(&crew.clock).since(&before);
    on_phase(Phase::Drain);
    crew.follow(u64::MAX, interrupted, &mut watch);
    let Choice { kind, note } = &choice;
    let note = note.as_deref();
    let interrupted = crew.stopped;
    let facts = Facts { plan, engine: kind.name(), note, steered, interrupted, cpu };
    let clock = crew.clock;
    let tally = crew.join()?;
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

/// The threads at work.
struct Crew {
    address: Address,
    /// What happened before the run began.
    books: Option<Tally>,
    clock: Clock,
    window: Window,
    stop: Arc<Stop>,
    stopped: bool,
    open: bool,
    threads: Vec<thread::JoinHandle<Result<Tally, EngineError>>>,
    /// One message a thread that is done.
    done: Receiver<()>,
    working: usize,
}

impl Crew {
    /// Starts the threads; the clock of the window runs from when all of them are ready.
    fn start(
        plan: &Plan,
        kind: Kind,
        Preflight { address, ready: mut opened, books, .. }: Preflight,
        board: Option<&Arc<Board>>,
    ) -> Result<Self, RunError> {
        let clock = Clock::start();
        let open = matches!(plan.model, Model::Open { .. });
        let stop = Arc::new(Stop::default());
        let ready = Arc::new(Barrier::new(plan.threads as usize + 1));
        let gate = Arc::new(OnceLock::new());
        let plan = Arc::new(plan.clone());
        let (tell, done) = mpsc::channel();
        let mut threads = Vec::new();
        for thread in 0..plan.threads {
            let connections = plan.share(u64::from(plan.connections), thread) as u32;
            let shard = Shard {
                plan: Arc::clone(&plan),
                address: address.clone(),
                thread,
                connections,
                quota: match plan.bound {
                    Bound::Requests(requests) => Some(plan.share(requests, thread)),
                    Bound::Duration(_) => None,
                },
                ready: opened.drain(..opened.len().min(connections as usize)).collect(),
                clock,
                board: board.cloned(),
                stop: Arc::clone(&stop),
            };
            let (ready, gate, tell) = (Arc::clone(&ready), Arc::clone(&gate), tell.clone());
            let work = move || {
                let start = || {
                    ready.wait();
                    *gate.wait()
                };
                let tally = match kind {
                    Kind::Uring => work::<UringEngine>(shard, start),
                    Kind::Epoll => work::<EpollEngine>(shard, start),
                    #[cfg(feature = "clients")]
                    Kind::Hyper => work::<clients::HyperEngine>(shard, start),
                    #[cfg(feature = "clients")]
                    Kind::Reqwest => work::<clients::ReqwestEngine>(shard, start),
                };
                // The run may have been given up; then nobody listens.
                let _ = tell.send(());
                tally
            };
            let handle = thread::Builder::new().name(format!("load-{thread}")).spawn(work);
            let started = handle.map_err(SysError::of("clone")).map_err(EngineError::from)?;
            threads.push(started);
        }
        ready.wait();
        let begin = clock.now() + nanos(plan.warmup);
        let end = match plan.bound {
            Bound::Requests(_) => u64::MAX,
            Bound::Duration(duration) => begin.saturating_add(nanos(duration)),
        };
        let window = *gate.get_or_init(|| Window { begin, end });
        let working = threads.len();
        Ok(Self {
            address,
            books,
            clock,
            window,
            stop,
            stopped: false,
            open,
            threads,
            done,
            working,
        })
    }

    /// Waits until an instant, or until all threads are done, or for an interruption.
    fn follow(&mut self, until: u64, interrupted: &AtomicBool, watch: &mut Watch<'_>) {
        while self.working > 0 {
            let now = self.clock.now();
            if now >= until {
                return;
            }
            if !self.stopped && interrupted.load(Ordering::Relaxed) {
                self.stop.at(now);
                self.window.end = self.window.end.min(now);
                self.stopped = true;
                return;
            }
            watch.look(now);
            let patience = Duration::from_nanos(until.min(watch.next()) - now);
            match self.done.recv_timeout(HEARTBEAT.min(patience)) {
                Ok(()) => self.working -= 1,
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => self.working = 0,
            }
        }
    }

    /// Waits for all threads and adds up their books.
    fn join(self) -> Result<Tally, RunError> {
        let mut merged = Tally::new(self.window, self.open);
        if let Some(books) = &self.books {
            merged.merge(books);
        }
        for thread in self.threads {
            let tally = thread.join().map_err(|_| RunError::Panicked)?;
            merged.merge(&tally.map_err(|error| match error {
                EngineError::Unreachable(source) => {
                    RunError::Unreachable { address: self.address.clone(), source }
                }
                error => RunError::Engine(error),
            })?);
        }
        Ok(merged)
    }
}

/// What one thread does: it gets ready, awaits the start, which tells the window, and runs.
fn work<E: Engine>(shard: Shard, start: impl FnOnce() -> Window) -> Result<Tally, EngineError> {
    let engine = E::prepare(shard);
    let window = start();
    engine?.run(window)
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
