//! The master: forks workers, keeps them at their number, deals connections out where the mode says
//! so, and stops cleanly.
//!
//! Single-threaded and without an async runtime, because it forks again and again: a plain loop
//! over poll(2). [`handle`] is its view of a worker, [`supervise`] starts and buries them,
//! [`renewal`] and [`scale`] replace, add and retire them, [`health`] finds those that hang,
//! [`switch`] changes the mode ([`post`]), [`dealer`] and [`lane`] pass connections, [`admin`] keeps the process
//! that operators talk to and [`command`] does what they want, [`stop`] ends it all, [`wait`] sleeps
//! until something happens.

mod admin;
mod backoff;
mod clerk;
mod command;
mod dealer;
mod handle;
mod health;
mod lane;
mod post;
mod refusal;
mod renewal;
mod scale;
mod snapshot;
mod stop;
mod supervise;
mod switch;
mod wait;

use std::time::Instant;

use crate::admin::Admin;
use crate::events::log::EventLog;
use crate::listener::Group;
use crate::mode::Sharing;
use crate::scoreboard::Scoreboard;
use crate::status::Snapshot;
use crate::status::door::Door;
use crate::sys::fdpass::ControlBuffer;
use crate::sys::notify::Notifier;
use crate::sys::process;
use crate::sys::signal::{Caught, Signals, hang_up_is_a_closed_terminal};
use crate::worker::Worker;
use crate::{Error, Plan};
use admin::Office;
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
    /// This is a forked child, for operators to talk to; as below.
    BecameAdmin(Box<Admin>),
    /// This is a forked child: it has left the master's loop, which closed everything of the
    /// master's on the way, and is to live as this worker.
    BecameWorker(Box<Worker>),
}

/// Runs the cluster until a signal ends it.
pub(crate) fn run(plan: &Plan, sharing: Sharing) -> Result<Fate, Error> {
    let mut master = Master::open(plan, sharing)?;
    while !master.over() {
        if let Some(admin) = master.start_admin_if_due() {
            return Ok(Fate::BecameAdmin(Box::new(admin)));
        }
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
        master.go_on_switching();
        master.go_on_stopping()?;
        master.kill_the_overdue()?;
        master.answer_the_door(&woken);
        master.hear_admin(&woken)?;
    }
    Ok(Fate::Over)
}

/// The master's state.
struct Master<'a> {
    plan: &'a Plan,
    pid: u32,
    /// When the cluster began.
    epoch: Instant,
    events: EventLog,
    notifier: Notifier,
    door: Option<Door>,
    admin: Option<Office>,
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
    /// Which listening sockets those workers surely accept from, as of then.
    kept: Vec<Option<usize>>,
    /// Processes that were told to finish and end.
    leaving: Vec<WorkerHandle>,
    renewal: Option<Renewal>,
    /// Whether some workers may still accept as in the mode before.
    switching: bool,
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
        let mut events = EventLog::open(plan)?;
        process::raise_descriptor_limit()?;
        // Before there is a file to remove on every way out.
        let hang_up_stops = hang_up_is_a_closed_terminal();
        let signals = Signals::for_master()?;
        let mut group = Group::open(&plan.listen, plan.backlog)?;
        plan.mode.check_family(group.address.family())?;
        let sockets = sharing.sockets(plan.workers);
        if sockets > 1 && !group.may_grow() {
            return Err(Error::LoneSocket { mode: plan.mode });
        }
        group.grow_to(sockets)?;
        let admin = plan.admin.as_ref().map(Office::open).transpose()?;
        if !plan.cpus.is_empty() {
            process::pin(&plan.cpus)?;
        }
        let scoreboard = Scoreboard::new(PROCESSES_PER_WORKER * plan.max_workers)?;
        // Before anybody learns that there is something to ask.
        let door = Door::open(&group.address);
        events.announce(plan, &group.address);
        if let Some(office) = &admin {
            office.announce();
        }
        Ok(Self {
            plan,
            pid: process::pid(),
            epoch: Instant::now(),
            events,
            notifier: Notifier::open(),
            door,
            admin,
            scoreboard,
            group,
            signals,
            hang_up_stops,
            dealer: Dealer::new(sharing),
            seats: (1..=plan.workers).map(Seat::new).collect(),
            wanted: plan.workers,
            live: vec![false; plan.workers as usize],
            kept: vec![None; plan.workers as usize],
            switching: false,
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
                // It is refused only while the cluster stops.
                Caught::HangUp | Caught::Renew => drop(self.begin_renewal()),
                Caught::More => self.scale_up()?,
                Caught::Fewer => self.scale_down()?,
            }
        }
        Ok(())
    }

    /// Sends new connections only to sockets that somebody serves.
    fn steer(&mut self) -> Result<(), Error> {
        let wanted = &self.seats[..self.wanted as usize];
        self.live.clear();
        self.live.extend(wanted.iter().map(Seat::is_live));
        self.kept.clear();
        self.kept.extend(wanted.iter().map(Seat::keeps));
        let steering = self.dealer.sharing().steer(&self.kept, self.group.sockets.len());
        Ok(self.group.steer(&steering)?)
    }

    /// Tells the status to whoever asks.
    fn answer_the_door(&mut self, woken: &wait::Woken) {
        if let Some(door) = self.door.as_ref().filter(|_| woken.door) {
            // Its readers have a row a process, and a bound on the length of an answer.
            while door.answer(|| Snapshot { totals: Vec::new(), ..self.snapshot() }) {}
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
