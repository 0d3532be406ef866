//! The admin process as its master sees it: kept alive like a worker, and never waited for. Its own
//! side is `crate::admin`.

use std::net::SocketAddr;
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::net::UnixStream;
use std::time::Instant;

use super::admin_channel::AdminChannel;
use super::backoff::Backoff;
use super::fd_reserve::FdReserve;
use crate::admin::Admin;
use crate::events::Event;
use crate::events::log::EventLog;
use crate::plan::AdminPlan;
use crate::status::AdminStatus;
use crate::sys::process::{self, Forked, Reaped};
use crate::sys::socket::set_send_buffer;
use crate::sys::{SysError, signal};
use crate::web::token::Token;
use crate::{Error, listener, say};

/// Connections that wait for the admin process to accept them.
const BACKLOG: u32 = 128;

/// Bytes that may wait in the kernel for somebody who reads an answer or the events: who does not
/// read is found out soon.
const SEND_BUFFER: usize = 32 * 1024;

/// The place of the admin process, which processes come to and leave.
#[derive(Debug)]
pub(super) struct AdminProcess {
    listener: OwnedFd,
    address: SocketAddr,
    token: Token,
    /// Whether the token was made at random: then somebody has to be told.
    secret_is_ours: bool,
    /// To the process, if there is one.
    pub channel: Option<AdminChannel>,
    backoff: Backoff,
    started: u32,
    missed_events: u64,
}

impl AdminProcess {
    pub fn open(plan: &AdminPlan) -> Result<Self, Error> {
        let (listener, address) = listener::alone(plan.listen, BACKLOG, "--admin")?;
        set_send_buffer(listener.as_fd(), SEND_BUFFER)?;
        let token = match &plan.token {
            Some(token) => token.clone(),
            None => Token::random().map_err(|source| Error::NoToken { source })?,
        };
        Ok(Self {
            listener,
            address,
            token,
            secret_is_ours: plan.token.is_none(),
            channel: None,
            backoff: Backoff::new(),
            started: 0,
            missed_events: 0,
        })
    }

    /// Says where it is and what to show there.
    pub fn announce(&self) {
        say::out(&format!("Admin on http://{}", self.address));
        if self.secret_is_ours {
            say::out(&format!("Admin token {}", self.token.secret()));
        }
    }

    pub fn status(&self) -> AdminStatus {
        AdminStatus {
            pid: self.channel.as_ref().map(|channel| channel.pid),
            restarts: self.started.saturating_sub(1),
            missed_events: self.missed_events,
        }
    }

    /// When there is something to do about it; `may_start`: whether one that is away is replaced.
    pub fn due(&self, may_start: bool) -> Option<Instant> {
        match &self.channel {
            Some(channel) => channel.kill_at,
            None => may_start.then_some(self.backoff.due()),
        }
    }

    pub fn kill_if_overdue(&mut self) -> Result<(), SysError> {
        if let Some(channel) = &mut self.channel
            && channel.kill_at.take_if(|at| *at <= Instant::now()).is_some()
        {
            process::kill_now(channel.pid)?;
        }
        Ok(())
    }

    /// Forks the process if it is away and due. In the child, returns its end of the channel.
    pub fn fork_if_due(
        &mut self,
        fd_reserve: &mut FdReserve,
        events: &mut EventLog,
    ) -> Option<UnixStream> {
        if self.channel.is_some() || !self.backoff.is_due() {
            return None;
        }
        fd_reserve.release();
        match channel_pair().and_then(|pair| Ok((pair, process::fork()?))) {
            Ok(((_, far), Forked::Child)) => return Some(far),
            Ok(((near, _), Forked::Parent(pid))) => {
                self.started += 1;
                self.channel = Some(AdminChannel::new(pid, near));
                events.emit(Event::Admin { pid, address: self.address });
            }
            Err(error) => {
                self.backoff.after_failed_fork();
                say::err(&format!("the admin process could not be started, trying again: {error}"));
            }
        }
        fd_reserve.refill();
        None
    }

    /// In the child: turns this process into the admin process, as far as that must happen before
    /// the master's descriptors are closed.
    pub fn become_admin(self, master: UnixStream, master_pid: u32) -> Admin {
        match signal::for_admin().and_then(|()| process::die_with_parent(master_pid)) {
            Ok(true) => {
                let Self { listener, address, token, .. } = self;
                Admin { listener, address, token, master }
            }
            Ok(false) => std::process::exit(1),
            Err(error) => {
                say::err(&format!("admin {}: {error}", process::pid()));
                std::process::exit(1)
            }
        }
    }

    /// Takes note of a child's end; returns whether it was the admin process, which is replaced.
    pub fn reap(&mut self, dead: &Reaped) -> bool {
        let ended = self.channel.take_if(|channel| channel.pid == dead.pid);
        if let Some(channel) = &ended {
            self.backoff.after_death(channel.born.elapsed());
        }
        ended.is_some()
    }

    /// Sends what has happened, as far as the process takes it. While it is away nothing is sent: its
    /// readers begin anew with the status.
    pub fn publish(&mut self, events: &mut EventLog) {
        let pending = events.drain_pending();
        let Some(channel) = &mut self.channel else { return };
        for event in pending {
            if !channel.outbox.event(event.name, event.json) {
                self.missed_events += 1;
            }
        }
        channel.flush();
    }
}

fn channel_pair() -> std::io::Result<(UnixStream, UnixStream)> {
    let (near, far) = UnixStream::pair()?;
    near.set_nonblocking(true)?;
    far.set_nonblocking(true)?;
    Ok((near, far))
}
