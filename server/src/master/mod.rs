//! The master: forks workers, keeps them at their number, dispatches connections where the mode says
//! so, and shuts down cleanly.
//!
//! Single-threaded and without an async runtime, because it forks again and again: a plain loop
//! over poll(2). Each part of its state is a struct in a file of its own, whose step is one line of
//! the loop ([`workers`] has a [`worker_slot`] per id and a [`handle`] per process). What concerns
//! several parts at once is here, in [`children`] (what workers report and how they end) and in
//! [`command`] (what operators want).

mod accept_assignment;
mod admin_channel;
mod admin_process;
mod backoff;
mod children;
mod command;
mod command_error;
mod context;
mod dispatcher;
mod fd_reserve;
mod handle;
mod handoff_queue;
mod heartbeat;
mod poll;
mod rolling_restart;
mod shutdown;
mod snapshot;
mod spawner;
mod worker_slot;
mod workers;

use std::os::fd::AsFd;
use std::time::Instant;

use crate::admin::Admin;
use crate::channel::Queue;
use crate::events::DisconnectReason;
use crate::listener::Group;
use crate::mode::Sharing;
use crate::status::Snapshot;
use crate::status::door::Door;
use crate::sys::process;
use crate::sys::signal::{Caught, Signals, hang_up_is_a_closed_terminal};
use crate::worker::Worker;
use crate::{Error, Plan};
use admin_channel::AdminChannel;
use admin_process::AdminProcess;
use context::Context;
use dispatcher::Dispatcher;
use handle::WorkerHandle;
use heartbeat::CheckTimer;
use poll::{Poller, Wakeups};
use rolling_restart::RollingRestart;
use shutdown::Shutdown;
use spawner::Spawner;
use workers::Workers;

/// How the master's loop ended.
pub(crate) enum RunOutcome {
    Stopped,
    /// This is a forked child, for operators to talk to; as below.
    BecameAdmin(Box<Admin>),
    /// This is a forked child: it has left the master's loop, which closed everything of the
    /// master's on the way, and is to live as this worker.
    BecameWorker(Box<Worker>),
}

/// Runs the cluster until a signal ends it.
pub(crate) fn run(plan: &Plan, policy: Sharing) -> Result<RunOutcome, Error> {
    let mut master = Master::open(plan, policy)?;
    while !master.is_over() {
        if let Some(admin) = master.start_admin_if_due() {
            return Ok(RunOutcome::BecameAdmin(Box::new(admin)));
        }
        if let Some(worker) = master.start_due_workers() {
            return Ok(RunOutcome::BecameWorker(Box::new(worker)));
        }
        master.fail_if_never_ready()?;
        master.steer()?;
        let wakeups = master.poll()?;
        master.read_worker_messages(&wakeups.workers)?;
        master.dispatch(&wakeups.listeners)?;
        master.handle_signals(wakeups.signals)?;
        master.check_heartbeats()?;
        master.step_rolling_restart()?;
        master.step_mode_switch();
        master.step_shutdown()?;
        master.kill_overdue()?;
        master.serve_status(wakeups.status);
        master.serve_admin(wakeups.admin)?;
    }
    Ok(RunOutcome::Stopped)
}

/// The master's state, each part owned by its struct.
struct Master<'a> {
    context: Context<'a>,
    poller: Poller,
    /// The listening sockets; none any more once the cluster stops.
    listeners: Group,
    workers: Workers,
    spawner: Spawner,
    dispatcher: Dispatcher,
    heartbeat: CheckTimer,
    rolling_restart: RollingRestart,
    shutdown: Shutdown,
    admin: Option<AdminProcess>,
}

impl<'a> Master<'a> {
    /// Opens all that can fail before the first fork.
    fn open(plan: &'a Plan, policy: Sharing) -> Result<Self, Error> {
        let mut context = Context::open(plan)?;
        process::raise_descriptor_limit()?;
        // Before there is a file to remove on every way out.
        let hang_up_stops = hang_up_is_a_closed_terminal();
        let signals = Signals::for_master()?;
        let mut listeners = Group::open(&plan.listen, plan.backlog)?;
        plan.mode.check_family(listeners.address.family())?;
        let sockets = policy.sockets(plan.workers);
        if sockets > 1 && !listeners.may_grow() {
            return Err(Error::LoneSocket { mode: plan.mode });
        }
        listeners.grow_to(sockets)?;
        let admin = plan.admin.as_ref().map(AdminProcess::open).transpose()?;
        if !plan.cpus.is_empty() {
            process::pin(&plan.cpus)?;
        }
        let spawner = Spawner::open(plan.max_workers)?;
        // Before anybody learns that there is something to ask.
        let status_socket = Door::open(&listeners.address);
        context.events.announce(plan, &listeners.address);
        if let Some(admin) = &admin {
            admin.announce();
        }
        Ok(Self {
            context,
            poller: Poller { signals, hang_up_stops, status_socket },
            listeners,
            workers: Workers::new(plan.workers),
            spawner,
            dispatcher: Dispatcher::new(policy),
            heartbeat: CheckTimer::new(plan.pulse()),
            rolling_restart: RollingRestart::default(),
            shutdown: Shutdown::default(),
            admin,
        })
    }

    fn is_over(&self) -> bool {
        let admin = self.admin.as_ref().and_then(|admin| admin.channel.as_ref());
        self.shutdown == Shutdown::Ended && admin.is_none()
    }

    fn admin_channel(&mut self) -> Option<&mut AdminChannel> {
        self.admin.as_mut()?.channel.as_mut()
    }

    /// Forks the admin process if there is to be one and it is away. In the child, returns it.
    fn start_admin_if_due(&mut self) -> Option<Admin> {
        let admin = self.admin.as_mut().filter(|_| !self.shutdown.has_begun())?;
        let channel = admin.fork_if_due(&mut self.spawner.fd_reserve, &mut self.context.events)?;
        Some(self.admin.take()?.become_admin(channel, self.context.pid))
    }

    /// Forks the workers that are due. In a child, returns the worker that it is to be.
    fn start_due_workers(&mut self) -> Option<Worker> {
        let Self { workers, rolling_restart, dispatcher, listeners, context, .. } = self;
        if self.shutdown.has_begun() {
            return None;
        }
        self.spawner.start_due(workers, rolling_restart, dispatcher, listeners, context)
    }

    /// Ends the cluster when worker after worker died before any was ready.
    fn fail_if_never_ready(&mut self) -> Result<(), Error> {
        let fatal = self.spawner.startup.fatal(self.context.plan.workers);
        match fatal.filter(|_| !self.shutdown.has_begun()) {
            Some(error) => {
                self.workers.kill_all()?;
                Err(error)
            }
            None => Ok(()),
        }
    }

    fn steer(&mut self) -> Result<(), Error> {
        Ok(self.dispatcher.steer(&self.workers, &mut self.listeners)?)
    }

    fn poll(&self) -> Result<Wakeups, Error> {
        let sockets = &self.listeners.sockets;
        let indices = if self.shutdown.has_begun() {
            Vec::new()
        } else {
            self.dispatcher.sockets_to_accept_from(&self.workers, sockets.len())
        };
        let listeners = indices.into_iter().map(|index| (index, sockets[index].as_fd()));
        let channel = self.admin.as_ref().and_then(|admin| admin.channel.as_ref());
        let admin = channel.and_then(AdminChannel::watch);
        Ok(self.poller.wait(listeners, &self.workers, admin, self.next_due())?)
    }

    fn next_due(&self) -> Option<Instant> {
        let serves = !self.shutdown.has_begun();
        let start = || spawner::next_start(&self.workers, &self.rolling_restart);
        [
            self.workers.next_due(),
            self.dispatcher.next_due(&self.workers),
            self.shutdown.deadline(),
            serves.then(|| self.heartbeat.due()),
            serves.then(start).flatten(),
            self.admin.as_ref().and_then(|admin| admin.due(serves)),
        ]
        .into_iter()
        .flatten()
        .min()
    }

    fn dispatch(&mut self, readable: &[usize]) -> Result<(), Error> {
        Ok(self.dispatcher.dispatch(readable, &mut self.workers, &self.listeners)?)
    }

    fn handle_signals(&mut self, woken: bool) -> Result<(), Error> {
        while woken && let Some(signal) = self.poller.next_signal()? {
            match signal {
                Caught::ChildEnded => self.reap_children()?,
                Caught::Stop | Caught::HangUp => self.begin_or_force_shutdown()?,
                Caught::Renew if self.shutdown.has_begun() => {}
                Caught::Renew => self.rolling_restart.begin(&mut self.context),
                Caught::More => self.scale_by(1)?,
                Caught::Fewer => self.scale_by(-1)?,
            }
        }
        Ok(())
    }

    /// The first signal begins the shutdown, a second one forces it.
    fn begin_or_force_shutdown(&mut self) -> Result<(), Error> {
        if self.shutdown.has_begun() {
            return Ok(self.workers.kill_all()?);
        }
        self.rolling_restart.cancel();
        let Self { workers, dispatcher, listeners, context, .. } = self;
        Ok(self.shutdown.begin(workers, dispatcher, listeners, context)?)
    }

    fn check_heartbeats(&mut self) -> Result<(), Error> {
        if !self.shutdown.has_begun() {
            self.heartbeat.check_heartbeats(&mut self.workers, &mut self.context)?;
        }
        Ok(())
    }

    fn step_rolling_restart(&mut self) -> Result<(), Error> {
        let Self { workers, listeners, context, .. } = self;
        Ok(self.rolling_restart.step(workers, &listeners.sockets, context)?)
    }

    fn step_mode_switch(&mut self) {
        if !self.shutdown.has_begun() {
            self.dispatcher.step_mode_switch(&self.workers, &mut self.context.events);
        }
    }

    /// Carries a shutdown on; the admin process ends last.
    fn step_shutdown(&mut self) -> Result<(), Error> {
        let before = self.shutdown;
        self.shutdown.step(&mut self.workers, &self.dispatcher, &mut self.context)?;
        if self.shutdown == Shutdown::Ended
            && before != Shutdown::Ended
            && let Some(admin) = &mut self.admin
        {
            admin.publish(&mut self.context.events);
            if let Some(channel) = &mut admin.channel {
                channel.dismiss();
            }
        }
        Ok(())
    }

    fn kill_overdue(&mut self) -> Result<(), Error> {
        self.workers.kill_overdue()?;
        Ok(self.admin.as_mut().map_or(Ok(()), AdminProcess::kill_if_overdue)?)
    }

    fn serve_status(&self, woken: bool) {
        if woken {
            // Its readers have a row a process, and a bound on the length of an answer.
            self.poller.serve_status(|| Snapshot { totals: Vec::new(), ..snapshot::take(self) });
        }
    }

    /// Tells a process that has left its slot to finish and end; others serve its queue.
    fn drain(&mut self, handle: WorkerHandle, reason: DisconnectReason) -> Result<(), Error> {
        let sockets = &self.listeners.sockets;
        Ok(self.workers.drain(handle, reason, Queue::LeaveIt, sockets, &mut self.context)?)
    }
}
