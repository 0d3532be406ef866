//! The master: forks workers, keeps them at their number, deals connections out where the mode says
//! so, and stops cleanly.
//!
//! Single-threaded and without an async runtime, because it forks again and again: a plain loop
//! over poll(2). [`handle`] is its view of a worker, [`supervise`] starts and buries them,
//! [`dealer`] passes connections, [`stop`] ends it all, [`wait`] sleeps until something happens.

mod backoff;
mod dealer;
mod handle;
mod stop;
mod supervise;
mod wait;

use crate::events::Events;
use crate::listener::Listeners;
use crate::mode::Sharing;
use crate::scoreboard::Scoreboard;
use crate::sys::fdpass::ControlBuffer;
use crate::sys::process;
use crate::sys::signal::{Caught, Signals};
use crate::worker::Worker;
use crate::{Error, Plan};
use dealer::Dealer;
use handle::Seat;
use stop::Stop;

/// How the master's loop ended.
pub(crate) enum Fate {
    /// The cluster has stopped.
    Over,
    /// This is a forked child: it has left the master's loop, which closed everything of the
    /// master's on the way, and is to live as this worker.
    BecameWorker(Worker),
}

/// Runs the cluster until a signal ends it.
pub(crate) fn run(plan: &Plan, sharing: Sharing) -> Result<Fate, Error> {
    let mut master = Master::open(plan, sharing)?;
    while !master.over() {
        if let Some(worker) = master.start_missing_workers() {
            return Ok(Fate::BecameWorker(worker));
        }
        master.give_up_if_nobody_starts()?;
        let woken = master.wait()?;
        master.hear_workers(&woken)?;
        master.deal(woken.listener)?;
        master.heed_signals(&woken)?;
        master.go_on_stopping()?;
    }
    master.close();
    Ok(Fate::Over)
}

/// The master's state.
struct Master<'a> {
    plan: &'a Plan,
    pid: u32,
    events: Events,
    scoreboard: Scoreboard,
    /// The listening sockets; none any more once the cluster stops.
    listeners: Listeners,
    signals: Signals,
    dealer: Dealer,
    /// One seat a worker id.
    seats: Vec<Seat>,
    /// Set once the cluster is to stop.
    stop: Option<Stop>,
    /// Whether a worker has ever been ready.
    ever_ready: bool,
    /// Processes that died before they were ready, as long as none has been.
    failed_starts: u32,
    /// How the last of them ended.
    last_failure: String,
    room: ControlBuffer,
}

impl<'a> Master<'a> {
    /// Opens all that can fail before the first fork.
    fn open(plan: &'a Plan, sharing: Sharing) -> Result<Self, Error> {
        let mut events = Events::open(plan)?;
        process::raise_descriptor_limit()?;
        let sockets = sharing.sockets(plan.workers);
        let listeners = Listeners::open(plan.listen, sockets, plan.backlog)?;
        if !plan.cpus.is_empty() {
            process::pin(&plan.cpus)?;
        }
        let signals = Signals::for_master()?;
        // Twice the workers: a replacement may be up before its predecessor is buried.
        let scoreboard = Scoreboard::new(2 * plan.workers)?;
        events.announce(plan, listeners.address);
        Ok(Self {
            plan,
            pid: process::pid(),
            events,
            scoreboard,
            listeners,
            signals,
            dealer: Dealer::new(sharing),
            seats: (1..=plan.workers).map(Seat::new).collect(),
            stop: None,
            ever_ready: false,
            failed_starts: 0,
            last_failure: String::new(),
            room: ControlBuffer::default(),
        })
    }

    /// Acts upon the signals that have come.
    fn heed_signals(&mut self, woken: &wait::Woken) -> Result<(), Error> {
        if !woken.signals {
            return Ok(());
        }
        while let Some(signal) = self.signals.next()? {
            match signal {
                Caught::ChildEnded => self.bury_the_dead()?,
                Caught::Stop => self.begin_or_force_stop()?,
            }
        }
        Ok(())
    }
}
