//! Health: a worker that no longer beats gets no connections, then is asked to abort, then is
//! killed. Its replacement is `supervise.rs`'s business, as after any death.

use std::time::{Duration, Instant};

use super::Master;
use super::handle::{Rest, State, WorkerHandle};
use crate::Error;
use crate::events::Event;
use crate::say;
use crate::sys::process;

/// How far the master has gone with a worker that does not beat. Later is worse.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Silence {
    /// It beats.
    None,
    /// Past the timeout: it gets no new connections, but may come back.
    Stalled,
    /// Past one and a half: it was sent SIGABRT, which ends a spinning one.
    Aborted,
    /// Past twice the timeout: it was killed, which ends a stopped one, too.
    Killed,
}

impl Silence {
    /// What a silence of this length calls for.
    fn after(silent: Duration, timeout: Duration) -> Self {
        match () {
            () if silent < timeout => Self::None,
            () if silent < timeout * 3 / 2 => Self::Stalled,
            () if silent < timeout * 2 => Self::Aborted,
            () => Self::Killed,
        }
    }
}

/// When to look next, and when the last look was.
#[derive(Debug, Clone, Copy)]
pub(super) struct Rounds {
    last: Instant,
    /// Between two looks.
    every: Duration,
}

impl Rounds {
    /// Looks at these intervals.
    pub fn new(every: Duration) -> Self {
        Self { last: Instant::now(), every }
    }

    /// When the next look is due.
    pub fn due(&self) -> Instant {
        self.last + self.every
    }

    /// Whether a look is due, given the time. `None` when it comes so late that the master itself
    /// must have been held up: then the workers may have been, too, and get another round to beat.
    fn begin(&mut self, now: Instant) -> Option<bool> {
        if now < self.due() {
            return Some(false);
        }
        let late = now - self.due();
        self.last = now;
        (late < self.every * 2).then_some(true)
    }
}

impl Master<'_> {
    /// Looks at every worker's pulse, when it is time to.
    pub(super) fn look_after_health(&mut self) -> Result<(), Error> {
        if self.rounds.begin(Instant::now()) != Some(true) || self.stop.is_some() {
            return Ok(());
        }
        let epoch = self.epoch;
        for handle in self.seats.iter_mut().flat_map(super::handle::Seat::handles_mut) {
            handle.full = is_full(handle);
            handle.try_post_again();
            let Some(timeout) = self.plan.heartbeat_timeout else { continue };
            let Rest::Awake { since } = handle.rest else { continue };
            if !matches!(handle.state, State::Starting | State::Ready) {
                continue;
            }
            let silent = silence(handle, epoch, since);
            let now = Silence::after(silent, timeout);
            if now == Silence::None && matches!(handle.silence, Silence::Stalled | Silence::Aborted)
            {
                handle.silence = now;
                self.events.emit(Event::Recovered(handle.who));
                say::err(&format!("worker {} answers again", handle.who.pid));
            }
            // One step at a look, however long the silence: each gives the worker a chance.
            if now > handle.silence {
                escalate(handle, silent, &mut self.events)?;
            }
        }
        Ok(())
    }
}

/// Since when the worker has not beaten; one that never has is given its time from birth, one that
/// was stopped on purpose from when it was let go on (`since`).
fn silence(handle: &WorkerHandle, epoch: Instant, since: Instant) -> Duration {
    let last = match handle.slot.heartbeat_ms.get() {
        0 => handle.born,
        beat => epoch + Duration::from_millis(beat),
    };
    last.max(since).elapsed()
}

fn escalate(
    handle: &mut WorkerHandle,
    silent: Duration,
    events: &mut crate::events::log::EventLog,
) -> Result<(), Error> {
    let pid = handle.who.pid;
    let silent_s = silent.as_secs_f64();
    match handle.silence {
        Silence::None => {
            handle.silence = Silence::Stalled;
            events.emit(Event::Stalled { process: handle.who, silent_s });
            say::err(&format!(
                "worker {pid} has been silent for {silent_s:.1} s: it gets no new \
                 connections"
            ));
        }
        Silence::Stalled => {
            handle.silence = Silence::Aborted;
            process::ask_to_abort(pid)?;
        }
        Silence::Aborted => {
            handle.silence = Silence::Killed;
            process::kill_now(pid)?;
        }
        Silence::Killed => {}
    }
    Ok(())
}

/// Whether a worker holds all the connections that its descriptors allow. One that was full has to
/// get rid of some first, or it would go back and forth with every connection.
fn is_full(handle: &WorkerHandle) -> bool {
    let (room, open) = (handle.slot.room.get(), handle.slot.open.get());
    let bound = if handle.full { room - room / 8 } else { room };
    room > 0 && open >= bound
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_silent_worker_is_passed_over_then_aborted_then_killed() {
        let timeout = Duration::from_secs(10);
        let at = |seconds| Silence::after(Duration::from_secs(seconds), timeout);
        assert_eq!(at(9), Silence::None);
        assert_eq!([at(10), at(14)], [Silence::Stalled; 2]);
        assert_eq!([at(15), at(19)], [Silence::Aborted; 2]);
        assert_eq!([at(20), at(1000)], [Silence::Killed; 2]);
    }

    #[test]
    fn a_master_that_was_held_up_itself_gives_its_workers_another_round() {
        let every = Duration::from_secs(1);
        let mut rounds = Rounds::new(every);
        let begin = rounds.last;
        assert_eq!(rounds.begin(begin + every / 2), Some(false));
        assert_eq!(rounds.begin(begin + every), Some(true));
        assert_eq!(rounds.begin(begin + every * 10), None);
        assert_eq!(rounds.begin(begin + every * 11), Some(true));
    }
}
