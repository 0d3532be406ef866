//! The threads of a run: started together, followed, and joined.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, Sender};
use std::sync::{Arc, Barrier, OnceLock};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use super::RunError;
use super::preflight::Preflight;
use super::watch::Watch;
use crate::address::Address;
use crate::clock::{Clock, nanos};
#[cfg(feature = "clients")]
use crate::engine::clients;
use crate::engine::epoll::EpollEngine;
use crate::engine::uring::UringEngine;
use crate::engine::{Engine, EngineError, Shard, Stop};
use crate::plan::{Bound, EngineKind, Model, Plan};
use crate::progress::Board;
use crate::sys::SysError;
use crate::tally::{Tally, Window};

/// How often an interruption is looked for.
const INTERRUPT_POLL_INTERVAL: Duration = Duration::from_millis(20);

/// Opens once every thread is ready and the window is known.
struct StartGate {
    ready: Barrier,
    window: OnceLock<Window>,
}

impl StartGate {
    fn pass(&self) -> Window {
        self.ready.wait();
        *self.window.wait()
    }
}

/// The threads at work.
pub(super) struct Threads {
    address: Address,
    /// What was counted before the run began.
    before: Option<Tally>,
    pub clock: Clock,
    pub window: Window,
    stop: Arc<Stop>,
    /// Whether the run was interrupted.
    pub stopped: bool,
    open: bool,
    handles: Vec<JoinHandle<Result<Tally, EngineError>>>,
    /// One message a thread that is done.
    done: Receiver<()>,
    working: usize,
}

impl Threads {
    /// Starts the threads; the clock of the window runs from when all of them are ready.
    pub fn start(
        plan: &Plan,
        kind: EngineKind,
        Preflight { address, mut ready, books: before, .. }: Preflight,
        board: Option<&Arc<Board>>,
    ) -> Result<Self, RunError> {
        let clock = Clock::start();
        let stop = Arc::new(Stop::default());
        let barrier = Barrier::new(plan.threads as usize + 1);
        let gate = Arc::new(StartGate { ready: barrier, window: OnceLock::new() });
        let plan_of_all = Arc::new(plan.clone());
        let (finished, done) = mpsc::channel();
        let mut handles = Vec::new();
        for thread in 0..plan.threads {
            let connections = plan.share(u64::from(plan.connections), thread) as u32;
            let shard = Shard {
                plan: Arc::clone(&plan_of_all),
                address: address.clone(),
                thread,
                connections,
                quota: match plan.bound {
                    Bound::Requests(requests) => Some(plan.share(requests, thread)),
                    Bound::Duration(_) => None,
                },
                ready: ready.drain(..ready.len().min(connections as usize)).collect(),
                clock,
                board: board.cloned(),
                stop: Arc::clone(&stop),
            };
            handles.push(spawn(kind, shard, Arc::clone(&gate), finished.clone())?);
        }
        gate.ready.wait();
        let begin = clock.now() + nanos(plan.warmup);
        let end = match plan.bound {
            Bound::Requests(_) => u64::MAX,
            Bound::Duration(duration) => begin.saturating_add(nanos(duration)),
        };
        let window = *gate.window.get_or_init(|| Window { begin, end });
        let open = matches!(plan.model, Model::Open { .. });
        let (working, stopped) = (handles.len(), false);
        Ok(Self { address, before, clock, window, stop, stopped, open, handles, done, working })
    }

    /// Waits until an instant, or until all threads are done, or for an interruption.
    pub fn follow(&mut self, until: u64, interrupted: &AtomicBool, watch: &mut Watch<'_>) {
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
            let sleep = Duration::from_nanos(until.min(watch.next()) - now);
            match self.done.recv_timeout(INTERRUPT_POLL_INTERVAL.min(sleep)) {
                Ok(()) => self.working -= 1,
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => self.working = 0,
            }
        }
    }

    /// Waits for all threads and adds up their tallies.
    pub fn join(self) -> Result<Tally, RunError> {
        let mut merged = Tally::new(self.window, self.open);
        if let Some(before) = &self.before {
            merged.merge(before);
        }
        for thread in self.handles {
            let tally = thread.join().map_err(|_| RunError::Panicked)?;
            merged.merge(&tally.map_err(|error| match error {
                EngineError::Unreachable(source) => {
                    RunError::Unreachable { address: self.address.clone(), source }
                }
                error @ EngineError::Sys(_) => RunError::Engine(error),
            })?);
        }
        Ok(merged)
    }
}

/// Starts one thread.
fn spawn(
    kind: EngineKind,
    shard: Shard,
    gate: Arc<StartGate>,
    finished: Sender<()>,
) -> Result<JoinHandle<Result<Tally, EngineError>>, EngineError> {
    let name = format!("load-{}", shard.thread);
    let work = move || {
        let tally = match kind {
            EngineKind::Uring => work::<UringEngine>(shard, &gate),
            EngineKind::Epoll => work::<EpollEngine>(shard, &gate),
            #[cfg(feature = "clients")]
            EngineKind::Hyper => work::<clients::HyperEngine>(shard, &gate),
            #[cfg(feature = "clients")]
            EngineKind::Reqwest => work::<clients::ReqwestEngine>(shard, &gate),
            #[cfg(not(feature = "clients"))]
            EngineKind::Hyper | EngineKind::Reqwest => {
                unreachable!("refused when the plan was checked")
            }
        };
        // The run may have been given up; then nobody listens.
        let _ = finished.send(());
        tally
    };
    Ok(thread::Builder::new().name(name).spawn(work).map_err(SysError::of("clone"))?)
}

/// Prepares an engine, waits for the start, and runs it.
fn work<E: Engine>(shard: Shard, gate: &StartGate) -> Result<Tally, EngineError> {
    let engine = E::prepare(shard);
    let window = gate.pass();
    engine?.run(window)
}
