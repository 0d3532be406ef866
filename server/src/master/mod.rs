//! The master: forks workers, keeps them at their number, deals connections out where the mode says
//! so, and stops cleanly.
//!
//! Single-threaded and without an async runtime, because it forks again and again: a plain loop
//! over poll(2). [`handle`] is its view of a worker, [`supervise`] starts and buries them,
//! [`renewal`] and [`scale`] replace, add and retire them, [`health`] finds those that hang,
//! [`dealer`] and [`lane`] pass connections, [`stop`] ends it all, [`wait`] sleeps until something
//! happens.

mod backoff;
mod dealer;
mod handle;
mod health;
mod lane;
mod renewal;
mod scale;
mod stop;
mod supervise;
mod wait;

use std::time::Instant;

use crate::events::Events;
use crate::listener::Group;
use crate::mode::Sharing;
use crate::scoreboard::Scoreboard;
use crate::status::door::Door;
use crate::status::{Row, Snapshot};
use crate::sys::fdpass::ControlBuffer;
use crate::sys::notify::Notifier;
use crate::sys::process;
use crate::sys::signal::{Caught, Signals, hang_up_is_a_closed_terminal};
use crate::worker::Worker;
use crate::{Error, Plan};
use dealer::Dealer;
use handle::{Seat, WorkerHandle};
use health::Rounds;
use renewal::Renewal;
use stop::Stop;
use supervise::{Reserve, Starts};

/// Slots of the scoreboard for each worker that there may be: its process, its successor, and
/// predecessors that still drain.
const PROCESSES_PER_WORKER: u32 = 4;

/// How the master's loop ended.
pub(crate) enum Fate {
    /// The cluster has stopped.
    Over,
    /// This is a forked child: it has left the master's loop, which closed everything of the
    /// master's on the way, and is to live as this worker.
    BecameWorker(Box<Worker>),
}

/// Runs the cluster until a signal ends it.
pub(crate) fn run(plan: &Plan, sharing: Sharing) -> Result<Fate, Error> {
    let mut master = Master::open(plan, sharing)?;
    while !master.over() {
        if let Some(worker) = master.start_due_workers() {
            return Ok(Fate::BecameWorker(Box::new(worker)));
        }
        master.give_up_if_nobody_starts()?;
        master.steer()?;
        let woken = master.wait()?;
        master.hear_workers(&woken)?;
        master.deal(&woken.listeners)?;
        master.heed_signals(&woken)?;
        master.look_after_health()?;
        master.go_on_renewing()?;
        master.go_on_stopping()?;
        master.kill_the_overdue()?;
        master.answer_the_door(&woken);
    }
    master.close();
    Ok(Fate::Over)
}

/// The master's state.
struct Master<'a> {
    plan: &'a Plan,
    pid: u32,
    /// When the cluster began.
    epoch: Instant,
    events: Events,
    notifier: Notifier,
    door: Option<Door>,
    scoreboard: Scoreboard,
    /// The listening sockets; none any more once the cluster stops.
    group: Group,
    signals: Signals,
    /// Whether a hang-up means that a terminal was closed.
    hang_up_stops: bool,
    dealer: Dealer,
    /// One seat a worker id that there has ever been.
    seats: Vec<Seat>,
    /// How many of the seats are to be filled: the first so many.
    wanted: u32,
    /// Which of the wanted seats' workers take connections, as of the last steering.
    live: Vec<bool>,
    /// Processes that were told to finish and end.
    leaving: Vec<WorkerHandle>,
    renewal: Option<Renewal>,
    rounds: Rounds,
    starts: Starts,
    reserve: Reserve,
    /// Set once the cluster is to stop.
    stop: Option<Stop>,
    room: ControlBuffer,
}

impl<'a> Master<'a> {
    /// Opens all that can fail before the first fork.
    fn open(plan: &'a Plan, sharing: Sharing) -> Result<Self, Error> {
        let mut events = Events::open(plan)?;
        process::raise_descriptor_limit()?;
        let mut group = Group::open(plan.listen, plan.backlog)?;
        let sockets = sharing.sockets(plan.workers);
        if sockets > 1 && !group.may_grow() {
            return Err(Error::LoneSocket { mode: plan.mode });
        }
        group.grow_to(sockets)?;
        let hang_up_stops = hang_up_is_a_closed_terminal();
        if !plan.cpus.is_empty() {
            process::pin(&plan.cpus)?;
        }
        let signals = Signals::for_master()?;
        let scoreboard = Scoreboard::new(PROCESSES_PER_WORKER * plan.max_workers)?;
        // Before anybody learns that there is something to ask.
        let door = Door::open(group.address);
        events.announce(plan, group.address);
        Ok(Self {
            plan,
            pid: process::pid(),
            epoch: Instant::now(),
            events,
            notifier: Notifier::open(),
            door,
            scoreboard,
            group,
            signals,
            hang_up_stops,
            dealer: Dealer::new(sharing),
            seats: (1..=plan.workers).map(Seat::new).collect(),
            wanted: plan.workers,
            live: vec![false; plan.workers as usize],
            leaving: Vec::new(),
            renewal: None,
            rounds: Rounds::new(plan.pulse()),
            starts: Starts::default(),
            reserve: Reserve::default(),
            stop: None,
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
                Caught::HangUp if self.hang_up_stops => self.begin_or_force_stop()?,
                Caught::HangUp | Caught::Renew => self.begin_renewal(),
                Caught::More => self.scale_up(),
                Caught::Fewer => self.scale_down()?,
            }
        }
        Ok(())
    }

    /// Sends new connections only to sockets that somebody serves.
    fn steer(&mut self) -> Result<(), Error> {
        self.live.clear();
        self.live.extend(self.seats[..self.wanted as usize].iter().map(Seat::is_live));
        let steering = self.dealer.sharing().steer(&self.live);
        Ok(self.group.steer(&steering)?)
    }

    /// Tells the status to whoever asks.
    fn answer_the_door(&mut self, woken: &wait::Woken) {
        if let Some(door) = self.door.as_ref().filter(|_| woken.door) {
            while door.answer(|| self.snapshot()) {}
        }
    }

    fn snapshot(&self) -> Snapshot {
        let row = |handle: &WorkerHandle| {
            let mut of_id = handle.slot.counts();
            if let Some(seat) = self.seats.get(handle.who.id as usize - 1) {
                of_id.fold(&seat.past);
            }
            let born_ms = handle.born.saturating_duration_since(self.epoch).as_millis() as u64;
            let state = handle.state_in_a_word();
            Row::of(handle.who, state, handle.slot, self.epoch, born_ms, of_id)
        };
        let mut rows: Vec<Row> = self.handles().map(row).collect();
        rows.sort_by_key(|row| (row.id, row.generation));
        Snapshot {
            mode: self.plan.mode,
            address: self.group.address,
            pid: self.pid,
            uptime_s: self.epoch.elapsed().as_secs_f64(),
            workers: self.wanted,
            waiting: self.dealer.waiting(),
            skips: self.dealer.sharing().skips(),
            rows,
        }
    }

    /// All processes.
    fn handles(&self) -> impl Iterator<Item = &WorkerHandle> {
        self.seats.iter().flat_map(Seat::handles).chain(&self.leaving)
    }
}

/// All processes, to be changed. Not a method, so that the rest of the master stays in reach.
fn handles_mut<'a>(
    seats: &'a mut [Seat],
    leaving: &'a mut [WorkerHandle],
) -> impl Iterator<Item = &'a mut WorkerHandle> {
    seats.iter_mut().flat_map(Seat::handles_mut).chain(leaving)
}
