//! A worker's life, on the child's side of the fork: take connections, answer, drain, end.
//!
//! [`intake`] brings connections in, [`connection`] speaks HTTP on one of them, [`service`] answers
//! a request. The master's view of the same process is `master/handle.rs`.

pub mod connection;
mod intake;
pub mod service;

use std::os::fd::OwnedFd;
use std::sync::Arc;
use std::time::Duration;

use tokio::io::Interest;

use crate::channel::Report;
use crate::scoreboard::Slot;
use crate::sys::process;
use crate::sys::readiness::watched;
use crate::sys::signal::Signals;
use connection::Front;
use intake::{Acceptor, Channel, Told};

/// Where a worker's connections come from.
#[derive(Debug)]
pub(crate) enum Connections {
    /// It accepts them from this socket.
    Accepted(OwnedFd),
    /// The master deals them out over the channel.
    Dealt,
}

/// A worker about to live.
#[derive(Debug)]
pub(crate) struct Worker {
    /// Its id, 1…N.
    pub id: u32,
    /// Where it counts.
    pub slot: &'static Slot,
    /// Its signals.
    pub signals: Signals,
    /// The channel to its master; `None` where it has none (mode `single`).
    pub master: Option<OwnedFd>,
    /// Where its connections come from.
    pub connections: Connections,
    /// How long requests in progress may take once it drains.
    pub drain_timeout: Duration,
}

impl Worker {
    /// Lives until it is told to end, and returns the exit code.
    pub fn live(self) -> i32 {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        match runtime.and_then(|runtime| runtime.block_on(self.serve())) {
            Ok(()) => 0,
            Err(error) => {
                eprintln!("hello-cluster: worker {}: {error}", process::pid());
                1
            }
        }
    }

    async fn serve(self) -> std::io::Result<()> {
        let service = service::Service::new(self.id, process::pid(), self.slot);
        let front = Arc::new(Front::new(service));
        let signals = watched(self.signals, Interest::READABLE)?;
        let acceptor = match self.connections {
            Connections::Accepted(socket) => Some(Acceptor::new(socket)?),
            Connections::Dealt => None,
        };
        let mut channel = self.master.map(Channel::new).transpose()?;
        if let Some(channel) = &mut channel {
            channel.report(Report::Online)?;
            channel.report(Report::Listening)?;
        }
        loop {
            tokio::select! {
                result = intake::accept_some(acceptor.as_ref(), &front) => result?,
                told = intake::hear(channel.as_mut(), &front) => match told? {
                    Told::Nothing => {}
                    Told::Drain | Told::MasterGone => break,
                },
                readable = signals.readable() => {
                    let mut readable = readable?;
                    while signals.get_ref().next().map_err(intake::to_io)?.is_some() {}
                    readable.clear_ready();
                    match &mut channel {
                        Some(channel) => channel.report(Report::Disconnecting)?,
                        None => break,
                    }
                }
            }
        }
        if let Some(acceptor) = acceptor {
            acceptor.take_what_is_queued(&front)?;
        }
        if channel.is_some() {
            // The master watches over the deadline and over a second signal.
            front.drain(self.drain_timeout).await;
        } else {
            front.announce_drain(self.drain_timeout);
            tokio::select! {
                () = front.drain(self.drain_timeout) => {}
                _ = signals.readable() => {}
            }
        }
        Ok(())
    }
}
