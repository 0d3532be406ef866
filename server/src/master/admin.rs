//! The admin process as its master sees it: kept alive like a worker, asked nothing, never waited
//! for. Next: [`super::clerk`], its end of the channel; what it passes on from operators is done in
//! [`super::command`]; its own life is `crate::admin`.

use std::net::SocketAddr;
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::net::UnixStream;
use std::time::{Duration, Instant};

use super::Master;
use super::backoff::Backoff;
use super::clerk::Clerk;
use super::supervise::FORK_PAUSE;
use super::wait::Woken;
use crate::admin::Admin;
use crate::admin::wire::Question;
use crate::events::Event;
use crate::plan::AdminPlan;
use crate::sys::poll::Watch;
use crate::sys::process::{self, Forked, Reaped};
use crate::sys::socket::set_send_buffer;
use crate::sys::{SysError, signal};
use crate::web::token::Token;
use crate::{Error, chance, listener, say, status};

/// Connections that wait for the admin process to accept them.
const BACKLOG: u32 = 128;

/// Bytes that may wait in the kernel for somebody who reads an answer or the events: who does not
/// read is found out soon.
const SEND_BUFFER: usize = 32 * 1024;

/// The place of the admin process, which processes come to and leave.
#[derive(Debug)]
pub(super) struct Office {
    listener: OwnedFd,
    address: SocketAddr,
    token: Token,
    /// Whether the token was made at random: then somebody has to be told.
    secret_is_ours: bool,
    current: Option<Clerk>,
    due: Instant,
    backoff: Backoff,
    /// How many processes there have been.
    started: u32,
    missed_events: u64,
}

impl Office {
    /// Binds the address.
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
            current: None,
            due: Instant::now(),
            backoff: Backoff::default(),
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

    /// For the status.
    pub fn status(&self) -> status::AdminStatus {
        status::AdminStatus {
            pid: self.current.as_ref().map(|clerk| clerk.pid),
            restarts: self.started.saturating_sub(1),
            missed_events: self.missed_events,
        }
    }

    /// Whether a process is still there.
    pub fn is_open(&self) -> bool {
        self.current.is_some()
    }

    /// When there is something to do about it; `may_start`: whether one that is away is replaced.
    pub fn due(&self, may_start: bool) -> Option<Instant> {
        match &self.current {
            Some(clerk) => clerk.kill_at,
            None => may_start.then_some(self.due),
        }
    }

    /// What to wait for. While too much waits to be sent nothing is heard.
    pub fn watch(&self) -> Option<Watch<'_>> {
        self.current.as_ref().and_then(Clerk::watch)
    }

    /// Has the process end once it has passed on what it was told.
    pub fn dismiss(&mut self) {
        if let Some(clerk) = &mut self.current {
            clerk.dismiss();
        }
    }

    /// Kills a process that was to end and had its time.
    pub fn kill_if_overdue(&mut self) -> Result<(), SysError> {
        if let Some(clerk) = &mut self.current
            && clerk.kill_at.is_some_and(|at| at <= Instant::now())
        {
            clerk.kill_at = None;
            process::kill_now(clerk.pid)?;
        }
        Ok(())
    }
}

impl Master<'_> {
    /// Forks the admin process if there is to be one and it is away. In the child, returns it.
    pub(super) fn start_admin_if_due(&mut self) -> Option<Admin> {
        let office = self.admin.as_ref().filter(|_| self.stop.is_none())?;
        if office.current.is_some() || office.due > Instant::now() {
            return None;
        }
        self.reserve.open_up();
        let pair = UnixStream::pair().and_then(|(near, far)| {
            near.set_nonblocking(true)?;
            far.set_nonblocking(true)?;
            Ok((near, far))
        });
        let forked = pair.map_err(|error| error.to_string()).and_then(|(near, far)| {
            match process::fork().map_err(|error| error.to_string())? {
                Forked::Child => Ok((None, far)),
                Forked::Parent(pid) => Ok((Some(pid), near)),
            }
        });
        match forked {
            Ok((None, channel)) => return self.become_admin(channel),
            Ok((Some(pid), channel)) => self.welcome(pid, channel),
            Err(reason) => self.admin_failed(&reason),
        }
        self.reserve.replenish();
        None
    }

    /// In the child: turns this process into the admin process, as far as that must happen before
    /// the master's descriptors are closed.
    fn become_admin(&mut self, channel: UnixStream) -> Option<Admin> {
        let office = self.admin.take()?;
        let ready = signal::for_admin().and_then(|()| process::die_with_parent(self.pid));
        match ready {
            Ok(true) => Some(Admin {
                listener: office.listener,
                address: office.address,
                token: office.token,
                master: channel,
            }),
            Ok(false) => std::process::exit(1),
            Err(error) => {
                say::err(&format!("admin {}: {error}", process::pid()));
                std::process::exit(1)
            }
        }
    }

    fn welcome(&mut self, pid: u32, channel: UnixStream) {
        let Some(office) = &mut self.admin else { return };
        office.started += 1;
        office.current = Some(Clerk::new(pid, channel));
        let address = office.address;
        self.events.emit(Event::Admin { pid, address });
    }

    fn admin_failed(&mut self, reason: &str) {
        let Some(office) = &mut self.admin else { return };
        let wait = office.backoff.after_death(Duration::ZERO, chance::unit());
        office.due = Instant::now() + wait.max(FORK_PAUSE);
        say::err(&format!("the admin process could not be started, trying again: {reason}"));
    }

    /// Buries the admin process, if it is the one that has ended, and has it replaced.
    pub(super) fn bury_admin(&mut self, dead: &Reaped) -> bool {
        let Some(office) = &mut self.admin else { return false };
        let Some(clerk) = office.current.take_if(|clerk| clerk.pid == dead.pid) else {
            return false;
        };
        let wait = office.backoff.after_death(clerk.born.elapsed(), chance::unit());
        office.due = Instant::now() + wait;
        if self.stop.is_none() {
            self.events.emit(Event::admin_exit(dead.pid, dead.ending));
        }
        true
    }

    /// Hears what operators want, and does it; tells them what happens meanwhile.
    pub(super) fn hear_admin(&mut self, woken: &Woken) -> Result<(), Error> {
        if let Some(clerk) = self.clerk().filter(|clerk| woken.admin && !clerk.outbox.is_full()) {
            clerk.read();
        }
        loop {
            // After each answer: questions are left only while there is no room for more.
            self.tell_admin();
            let Some(Question { number, ask }) = self.clerk().and_then(Clerk::next_question) else {
                return Ok(());
            };
            let reply = self.obey(ask)?;
            if let Some(clerk) = self.clerk() {
                clerk.outbox.answer(number, reply);
            }
        }
    }

    fn clerk(&mut self) -> Option<&mut Clerk> {
        self.admin.as_mut()?.current.as_mut()
    }

    /// Tells the admin process what has happened, as far as it takes it. While it is away nobody is
    /// told: its readers begin anew with the status.
    pub(super) fn tell_admin(&mut self) {
        let feed = self.events.drain_pending();
        let Some(office) = &mut self.admin else { return };
        let Some(clerk) = &mut office.current else { return };
        for event in feed {
            if !clerk.outbox.event(event.name, event.json) {
                office.missed_events += 1;
            }
        }
        clerk.flush();
    }
}
