//! Commands of operators, and what the master answers. They talk to the admin process
//! ([`super::admin_process`]), which passes them on; some are given by signals, too.

use serde_json::json;

use super::command_error::CommandError;
use super::handle::{RunState, WorkerHandle};
use super::worker_slot::WorkerSlot;
use super::{Master, snapshot};
use crate::admin::wire::{Ask, Question, Reply};
use crate::events::log::EventLog;
use crate::events::{DisconnectReason, Event};
use crate::sys::process;
use crate::{Error, say};

impl Master<'_> {
    /// Receives the commands of operators, carries them out, and sends them what happens.
    pub(super) fn serve_admin(&mut self, woken: bool) -> Result<(), Error> {
        if let Some(channel) = self.admin_channel().filter(|_| woken) {
            channel.read();
        }
        while let Some(Question { number, ask }) = self.next_request() {
            let reply = self.execute(ask)?;
            if let Some(channel) = self.admin_channel() {
                channel.outbox.answer(number, reply);
            }
        }
        Ok(())
    }

    /// Sends what is on its way, and returns the next request: requests are left only while there
    /// is no room for more answers.
    fn next_request(&mut self) -> Option<Question> {
        self.admin.as_mut()?.publish(&mut self.context.events);
        self.admin_channel()?.next_question()
    }

    fn execute(&mut self, ask: Ask) -> Result<Reply, Error> {
        let events = &mut self.context.events;
        let result = match ask {
            Ask::Snapshot => return Ok(Reply::Snapshot(Box::new(snapshot::take(self)))),
            Ask::Kill { worker } => self.workers.current_mut(worker).and_then(kill),
            Ask::Continue { worker } => {
                self.workers.current_mut(worker).and_then(|handle| resume(handle, events))
            }
            _ if self.shutdown.has_begun() => Err(CommandError::Stopping),
            Ask::Stop { worker } => {
                self.workers.current_mut(worker).and_then(|handle| stop(handle, events))
            }
            Ask::Scale { workers } => {
                let resized = self.resize(workers);
                self.retire_unwanted()?;
                resized.map(|()| Reply::Begun(json!({ "workers": workers })))
            }
            Ask::Restart {} => {
                self.rolling_restart.begin(&mut self.context);
                Ok(Reply::Begun(json!({ "restart": "begun" })))
            }
            Ask::Mode { to } => {
                let Self { dispatcher, workers, listeners, .. } = self;
                dispatcher.switch_mode(to, workers, listeners, events).map(|changes| {
                    let answer = json!({ "mode": to });
                    if changes { Reply::Begun(answer) } else { Reply::Done(answer) }
                })
            }
        };
        self.workers.flush(&self.listeners.sockets)?;
        Ok(result.unwrap_or_else(|error| refusal(&error)))
    }

    /// Scales by a signal. That the cluster stops is plain.
    pub(super) fn scale_by(&mut self, change: i32) -> Result<(), Error> {
        if self.shutdown.has_begun() {
            return Ok(());
        }
        let wanted = self.workers.wanted;
        if let Err(error) = self.resize(wanted.saturating_add_signed(change)) {
            say::err(&format!("it stays at {wanted}: {error}"));
        }
        self.retire_unwanted()
    }

    /// Wants this many workers from now on, up to the plan's bound.
    fn resize(&mut self, wanted: u32) -> Result<(), CommandError> {
        let most = self.context.plan.max_workers;
        if !(1..=most).contains(&wanted) {
            return Err(CommandError::Workers { asked: wanted, most });
        }
        let sockets = self.dispatcher.policy().sockets(wanted);
        let grown = self.listeners.grow_to(sockets);
        grown.map_err(|error| CommandError::Sockets(error.to_string()))?;
        let Self { workers, context, .. } = self;
        for id in workers.wanted + 1..=wanted {
            match workers.slots.get_mut(id as usize - 1) {
                // It was there before, and may have been in a back-off.
                Some(slot) => slot.backoff.retry_now(),
                None => workers.slots.push(WorkerSlot::new(id)),
            }
        }
        if wanted != workers.wanted {
            workers.wanted = wanted;
            context.events.emit(Event::Scale { workers: wanted });
        }
        Ok(())
    }

    /// Drains whoever has a slot that is no longer wanted, the highest id first.
    fn retire_unwanted(&mut self) -> Result<(), Error> {
        let slots = self.workers.slots[self.workers.wanted as usize..].iter_mut().rev();
        let retired: Vec<WorkerHandle> =
            slots.flat_map(|slot| [slot.current.take(), slot.successor.take()]).flatten().collect();
        if retired.is_empty() {
            return Ok(());
        }
        // New connections must go elsewhere before the last one that serves a queue leaves.
        self.dispatcher.steer(&self.workers, &mut self.listeners)?;
        retired.into_iter().try_for_each(|handle| self.drain(handle, DisconnectReason::Scale))
    }
}

/// Kills a worker's process, as `kill -9` would.
fn kill(handle: &mut WorkerHandle) -> Result<Reply, CommandError> {
    process::kill_now(handle.process.pid)?;
    Ok(sent(handle, "SIGKILL"))
}

/// Stops a worker's process. It gets no new connections until it is continued, and its silence
/// is not held against it.
fn stop(handle: &mut WorkerHandle, events: &mut EventLog) -> Result<Reply, CommandError> {
    process::stop(handle.process.pid)?;
    if handle.run_state != RunState::Stopped {
        handle.run_state = RunState::Stopped;
        events.emit(Event::Stopped(handle.process));
    }
    Ok(sent(handle, "SIGSTOP"))
}

/// Continues a worker's process, whoever has stopped it.
fn resume(handle: &mut WorkerHandle, events: &mut EventLog) -> Result<Reply, CommandError> {
    process::go_on(handle.process.pid)?;
    handle.resume(events)?;
    Ok(sent(handle, "SIGCONT"))
}

fn sent(handle: &WorkerHandle, signal: &str) -> Reply {
    let process = handle.process;
    Reply::Done(json!({ "worker": process.id, "pid": process.pid, "signal": signal }))
}

fn refusal(error: &CommandError) -> Reply {
    let reason = error.to_string();
    match error {
        CommandError::Workers { .. } | CommandError::NotForked(_) => Reply::Bad(reason),
        CommandError::NoWorker { .. } => Reply::Unknown(reason),
        CommandError::Stopping
        | CommandError::Vacant(_)
        | CommandError::LoneSocket(_)
        | CommandError::NoGroup(_)
        | CommandError::Signal(_)
        | CommandError::Sockets(_) => Reply::Refused(reason),
    }
}
