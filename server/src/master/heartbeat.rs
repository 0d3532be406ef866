//! Heartbeats: a worker that sends none gets no connections, then is sent SIGABRT, then is killed.
//! It is replaced as after any death.

use std::time::{Duration, Instant};

use super::context::Context;
use super::handle::{HeartbeatState, RunState, WorkerHandle};
use super::worker_slot::WorkerSlot;
use super::workers::Workers;
use crate::events::Event;
use crate::events::log::EventLog;
use crate::say;
use crate::sys::{SysError, process};

#[derive(Debug, Clone, Copy)]
pub(super) struct CheckTimer {
    last: Instant,
    interval: Duration,
}

impl CheckTimer {
    pub fn new(interval: Duration) -> Self {
        Self { last: Instant::now(), interval }
    }

    pub fn due(&self) -> Instant {
        self.last + self.interval
    }

    /// Whether to check at this time. A check that comes very late is left out: the master itself
    /// must have been held up, and its workers may have been, too.
    fn begin(&mut self, now: Instant) -> bool {
        let Some(late) = now.checked_duration_since(self.due()) else { return false };
        self.last = now;
        late < self.interval * 2
    }

    /// Checks every worker, when it is time to.
    pub fn check_heartbeats(
        &mut self,
        workers: &mut Workers,
        context: &mut Context<'_>,
    ) -> Result<(), SysError> {
        if !self.begin(Instant::now()) {
            return Ok(());
        }
        for handle in workers.slots.iter_mut().flat_map(WorkerSlot::handles_mut) {
            handle.full = is_full(handle);
            handle.retry_assignment();
            if let Some(timeout) = context.plan.heartbeat_timeout
                && let RunState::Running { since } = handle.run_state
                && handle.is_active()
            {
                let silent = silence(handle, context.epoch, since);
                check(handle, silent, timeout, &mut context.events)?;
            }
        }
        Ok(())
    }
}

/// Time since the last heartbeat, or since the fork if there was none; for a worker that was stopped
/// on purpose at most since it was continued (`since`).
fn silence(handle: &WorkerHandle, epoch: Instant, since: Instant) -> Duration {
    let last = match handle.counters.heartbeat_ms.get() {
        0 => handle.born,
        beat => epoch + Duration::from_millis(beat),
    };
    last.max(since).elapsed()
}

fn state_after(silent: Duration, timeout: Duration) -> HeartbeatState {
    match () {
        () if silent < timeout => HeartbeatState::Alive,
        () if silent < timeout * 3 / 2 => HeartbeatState::Stalled,
        () if silent < timeout * 2 => HeartbeatState::Aborted,
        () => HeartbeatState::Killed,
    }
}

/// Takes one step per check, however long the silence: each gives the worker a chance.
fn check(
    handle: &mut WorkerHandle,
    silent: Duration,
    timeout: Duration,
    events: &mut EventLog,
) -> Result<(), SysError> {
    let (worker, pid) = (handle.process, handle.process.pid);
    let now = state_after(silent, timeout);
    match handle.heartbeat {
        HeartbeatState::Stalled | HeartbeatState::Aborted if now == HeartbeatState::Alive => {
            handle.heartbeat = HeartbeatState::Alive;
            events.emit(Event::Recovered(worker));
            say::err(&format!("worker {pid} answers again"));
        }
        state if now <= state => {}
        HeartbeatState::Alive => {
            handle.heartbeat = HeartbeatState::Stalled;
            let silent_s = silent.as_secs_f64();
            events.emit(Event::Stalled { process: worker, silent_s });
            say::err(&format!(
                "worker {pid} has been silent for {silent_s:.1} s: it gets no new \
                 connections"
            ));
        }
        HeartbeatState::Stalled => {
            handle.heartbeat = HeartbeatState::Aborted;
            process::ask_to_abort(pid)?;
        }
        HeartbeatState::Aborted => {
            handle.heartbeat = HeartbeatState::Killed;
            process::kill_now(pid)?;
        }
        HeartbeatState::Killed => {}
    }
    Ok(())
}

/// Whether a worker holds all the connections that its descriptors allow. One that was full has to
/// get rid of some first, or it would go back and forth with every connection.
fn is_full(handle: &WorkerHandle) -> bool {
    let (capacity, open) = (handle.counters.room.get(), handle.counters.open.get());
    let bound = if handle.full { capacity - capacity / 8 } else { capacity };
    capacity > 0 && open >= bound
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_silent_worker_is_passed_over_then_aborted_then_killed() {
        let timeout = Duration::from_secs(10);
        let at = |seconds| state_after(Duration::from_secs(seconds), timeout);
        assert_eq!(at(9), HeartbeatState::Alive);
        assert_eq!([at(10), at(14)], [HeartbeatState::Stalled; 2]);
        assert_eq!([at(15), at(19)], [HeartbeatState::Aborted; 2]);
        assert_eq!([at(20), at(1000)], [HeartbeatState::Killed; 2]);
    }

    #[test]
    fn a_master_that_was_held_up_itself_gives_its_workers_another_round() {
        let interval = Duration::from_secs(1);
        let mut timer = CheckTimer::new(interval);
        let begin = timer.last;
        assert!(!timer.begin(begin + interval / 2));
        assert!(timer.begin(begin + interval));
        assert!(!timer.begin(begin + interval * 10));
        assert!(timer.begin(begin + interval * 11));
    }
}
