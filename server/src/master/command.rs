//! What operators want done, and what the master says to it. They talk to the admin process
//! ([`super::admin`]), which passes it on.

use serde_json::json;

use super::Master;
use super::handle::{Rest, State, WorkerHandle};
use super::refusal::Refusal;
use crate::Error;
use crate::admin::wire::{Ask, Reply};
use crate::events::Event;
use crate::events::log::EventLog;
use crate::sys::SysError;
use crate::sys::process;

impl Master<'_> {
    /// Does what is asked, or says why not.
    pub(super) fn obey(&mut self, ask: Ask) -> Result<Reply, Error> {
        let verdict = match ask {
            Ask::Snapshot => return Ok(Reply::Snapshot(Box::new(self.snapshot()))),
            Ask::Kill { worker } => self.kill_worker(worker),
            Ask::Stop { worker } => self.stop_worker(worker),
            Ask::Continue { worker } => self.continue_worker(worker),
            Ask::Scale { workers } => {
                self.scale_to(workers)?.map(|()| Reply::Begun(json!({ "workers": workers })))
            }
            Ask::Restart {} => {
                self.begin_renewal().map(|()| Reply::Begun(json!({ "restart": "begun" })))
            }
            Ask::Mode { to } => self.switch_mode(to).map(|changes| {
                let answer = json!({ "mode": to });
                if changes { Reply::Begun(answer) } else { Reply::Done(answer) }
            }),
        };
        self.flush_lanes()?;
        Ok(verdict.unwrap_or_else(|refusal| refused(&refusal)))
    }

    /// The process that serves as this worker.
    fn process_of(&mut self, id: u32) -> Result<&mut WorkerHandle, Refusal> {
        let last = self.wanted;
        if !(1..=last).contains(&id) {
            return Err(Refusal::NoWorker { id, last });
        }
        self.seats[id as usize - 1].current.as_mut().ok_or(Refusal::Vacant(id))
    }

    /// Kills a worker's process, as `kill -9` would.
    fn kill_worker(&mut self, id: u32) -> Result<Reply, Refusal> {
        let handle = self.process_of(id)?;
        process::kill_now(handle.who.pid)?;
        Ok(sent(handle, "SIGKILL"))
    }

    /// Stops a worker's process. It gets no new connections until it is continued, and its silence
    /// is not held against it.
    fn stop_worker(&mut self, id: u32) -> Result<Reply, Refusal> {
        if self.stop.is_some() {
            return Err(Refusal::Stopping);
        }
        let handle = self.process_of(id)?;
        process::stop(handle.who.pid)?;
        let (reply, who, fresh) =
            (sent(handle, "SIGSTOP"), handle.who, handle.rest != Rest::Stopped);
        handle.rest = Rest::Stopped;
        if fresh {
            self.events.emit(Event::Stopped(who));
        }
        Ok(reply)
    }

    /// Lets a worker's process go on, whoever has stopped it.
    fn continue_worker(&mut self, id: u32) -> Result<Reply, Refusal> {
        let handle = self.process_of(id)?;
        let (pid, reply) = (handle.who.pid, sent(handle, "SIGCONT"));
        process::go_on(pid)?;
        let Self { seats, events, .. } = self;
        if let Some(handle) = &mut seats[id as usize - 1].current {
            let_go_on(handle, events)?;
        }
        Ok(reply)
    }
}

/// Lets a process go on that an operator stopped: to serve, or because it has to leave.
pub(super) fn let_go_on(handle: &mut WorkerHandle, events: &mut EventLog) -> Result<(), SysError> {
    if handle.rest != Rest::Stopped || handle.state == State::Killed {
        return Ok(());
    }
    process::go_on(handle.who.pid)?;
    handle.go_on();
    events.emit(Event::Continued(handle.who));
    Ok(())
}

fn sent(handle: &WorkerHandle, signal: &str) -> Reply {
    Reply::Done(json!({ "worker": handle.who.id, "pid": handle.who.pid, "signal": signal }))
}

fn refused(refusal: &Refusal) -> Reply {
    let reason = refusal.to_string();
    match refusal {
        Refusal::Workers { .. } | Refusal::NotForked(_) => Reply::Bad(reason),
        Refusal::NoWorker { .. } => Reply::Unknown(reason),
        Refusal::Stopping
        | Refusal::Vacant(_)
        | Refusal::LoneSocket(_)
        | Refusal::NoGroup(_)
        | Refusal::Signal(_)
        | Refusal::Sockets(_) => Reply::Refused(reason),
    }
}
