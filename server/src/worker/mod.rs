//! A worker's life, on the child's side of the fork: take connections, answer, drain, end.
//!
//! [`intake`] brings connections in, [`connection`] speaks HTTP on one of them, [`service`] answers
//! a request, [`pulse`] shows that all is well. The master's view of the same process is
//! `master/handle.rs`.

pub mod connection;
mod intake;
mod pulse;
pub mod service;

use std::future::pending;
use std::io;
use std::os::fd::OwnedFd;
use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::io::Interest;
use tokio::io::unix::AsyncFd;
use tokio::runtime::Builder;

use crate::Plan;
use crate::address::Family;
use crate::channel::Report;
use crate::http::limits::Limits;
use crate::listener::SocketFile;
use crate::say;
use crate::scoreboard::Slot;
use crate::status::Snapshot;
use crate::status::door::Door;
use crate::sys::process;
use crate::sys::readiness::watched;
use crate::sys::signal::Signals;
use connection::Front;
use intake::{Acceptor, Channel, Told};
use service::{Service, Traits};

/// What all workers of a cluster are told about how to live.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Terms {
    pub family: Family,
    /// When the cluster began: heartbeats count from here.
    pub epoch: Instant,
    pub pulse: Duration,
    pub drain_timeout: Duration,
    pub limits: Limits,
    pub max_connections: Option<u64>,
    pub traits: Traits,
}

impl Terms {
    pub fn of(plan: &Plan, family: Family, epoch: Instant) -> Self {
        Self {
            family,
            epoch,
            pulse: plan.pulse(),
            drain_timeout: plan.drain_timeout,
            limits: plan.limits,
            max_connections: plan.max_connections,
            traits: Traits { chaos: plan.chaos, max_requests: plan.max_requests },
        }
    }
}

/// Answers those who ask for the status, where the worker has no master that would.
pub(crate) type StatusDoor = (Door, Box<dyn Fn() -> Snapshot + Send + Sync>);

pub(crate) struct Worker {
    pub id: u32,
    pub slot: &'static Slot,
    pub signals: Signals,
    /// The channel to its master; `None` where it has none (modes `single` and `threads`).
    pub master: Option<OwnedFd>,
    /// The file of the socket below, where this process has made it and is to remove it.
    pub file: Option<SocketFile>,
    /// The socket that it accepts from, if the mode has it accept.
    pub socket: Option<OwnedFd>,
    pub terms: Terms,
    pub door: Option<StatusDoor>,
}

/// How a worker's time of taking connections ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Leave {
    /// Nobody else will serve its accept queue: the cluster stops.
    WithTheQueue,
    /// Others take the queue over.
    Alone,
}

impl Worker {
    /// Lives until it is told to end, and returns the exit code.
    pub fn live(self, mut runtime: Builder) -> i32 {
        pulse::count_busy_time(&mut runtime, self.slot);
        let runtime = runtime.enable_all().build();
        // Spawned, not only waited for: in a runtime with several threads the caller's is not one
        // that tasks run on.
        let life = runtime.and_then(|runtime| {
            let life = runtime.spawn(self.serve());
            let life = runtime.block_on(life).unwrap_or_else(|panic| Err(io::Error::other(panic)));
            // The process ends next, and with it all connections: those that are still open at the
            // deadline stay on the books as open.
            std::mem::forget(runtime);
            life
        });
        match life {
            Ok(()) => 0,
            Err(error) => {
                say::err(&format!("worker {}: {error}", process::pid()));
                1
            }
        }
    }

    async fn serve(self) -> io::Result<()> {
        let Self { id, slot, signals, master, file, socket, terms, door } = self;
        let service = Service::new(id, process::pid(), slot, terms.traits);
        let front = Front::new(service, terms.limits, terms.max_connections, terms.family);
        let front = Arc::new(front);
        let signals = watched(signals, Interest::READABLE)?;
        let mut acceptor = socket.map(Acceptor::new).transpose()?;
        let mut channel = master.map(Channel::new).transpose()?;
        let door = door.map(|door| tokio::spawn(keep_door(door)));
        if let Some(channel) = &mut channel {
            channel.report(Report::Online)?;
        }
        // Before the master hears that it listens, and deals it more than it may hold.
        pulse::tell_room(slot, terms.max_connections);
        tokio::spawn(pulse::beat(slot, terms));
        if let Some(channel) = &mut channel {
            channel.report(Report::Listening)?;
        }
        let leave = take_connections(&front, &mut acceptor, channel.as_mut(), &signals).await?;
        drop(file);
        if leave == Leave::WithTheQueue
            && let Some(acceptor) = &acceptor
        {
            acceptor.take_what_is_queued(&front)?;
        }
        drop(acceptor);
        if channel.is_some() {
            // The master watches over the deadline and over a second signal.
            front.drain(terms.drain_timeout).await;
        } else {
            front.announce_drain(terms.drain_timeout);
            tokio::select! {
                () = front.drain(terms.drain_timeout) => {}
                _ = signals.readable() => {}
            }
        }
        if let Some(door) = door {
            door.abort();
            // Its end is the point: the door is gone then.
            let _ = door.await;
        }
        Ok(())
    }
}

/// Takes connections until there is a reason to leave.
async fn take_connections(
    front: &Arc<Front>,
    acceptor: &mut Option<Acceptor>,
    mut channel: Option<&mut Channel>,
    signals: &AsyncFd<Signals>,
) -> io::Result<Leave> {
    loop {
        tokio::select! {
            result = intake::accept_some(acceptor.as_ref(), front) => result?,
            told = intake::hear(channel.as_deref_mut(), front) => match told? {
                Told::Nothing => {}
                Told::Accept { socket, serial } => {
                    // One that cannot be watched is left to the master like one that never came.
                    *acceptor = socket.and_then(|socket| Acceptor::new(socket).ok());
                    if let Some(channel) = &mut channel {
                        channel.report(Report::Accepts { serial, socket: acceptor.is_some() })?;
                    }
                }
                Told::Retire => return Ok(Leave::Alone),
                Told::Stop | Told::MasterGone => return Ok(Leave::WithTheQueue),
            },
            () = front.outlived() => {
                if let Some(channel) = &mut channel {
                    channel.report(Report::Outlived)?;
                }
            }
            readable = signals.readable() => {
                let mut readable = readable?;
                while signals.get_ref().next()?.is_some() {}
                readable.clear_ready();
                match &mut channel {
                    Some(channel) => channel.report(Report::Disconnecting)?,
                    None => return Ok(Leave::WithTheQueue),
                }
            }
        }
    }
}

/// Answers whoever asks for the status; gives up, and only that, when the door fails.
async fn keep_door((door, snapshot): StatusDoor) {
    let Ok(door) = door.watched() else { return };
    loop {
        let Ok(mut ready) = door.readable().await else { return pending().await };
        while door.get_ref().answer(&snapshot) {}
        ready.clear_ready();
    }
}
