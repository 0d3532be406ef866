//! Where the lanes of a thread get their work and report: the thread's shift, an alarm, and who has
//! what under way.

use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use tokio::sync::Notify;

use super::connection_state::{Answered, ConnectionState};
use super::failure::Failure;
use crate::clock::{Clock, nanos};
use crate::engine::connection::Sent;
use crate::engine::shift::Shift;
use crate::engine::transport::Text;
use crate::engine::{EngineError, Shard};
use crate::outcome::Outcome;
use crate::sys::SysError;
use crate::sys::alarm::Alarm;
use crate::tally::{Tally, Window};
use crate::timestamps::Timestamps;
use crate::worker::WorkerKey;

/// When the runtime's thread last woke.
#[derive(Clone)]
pub(crate) struct Woken {
    clock: Clock,
    at: Arc<AtomicU64>,
}

impl Woken {
    pub fn new(clock: Clock) -> Self {
        Self { clock, at: Arc::default() }
    }

    pub fn stamp(&self) {
        self.at.store(self.clock.now(), Ordering::Relaxed);
    }

    fn at(&self) -> u64 {
        self.at.load(Ordering::Relaxed)
    }
}

enum Step {
    Ask(Text),
    Wait,
    Over,
}

pub(crate) struct Office {
    shift: RefCell<Shift>,
    /// The request that each lane has under way, and whose connection carries it.
    under_way: RefCell<Vec<Option<(Sent, ConnectionState)>>>,
    /// Whether a connection has ever been made.
    proof: Arc<AtomicBool>,
    /// Why a connection could not be made while none had been.
    unreachable: Cell<Option<std::io::Error>>,
    /// Whether that was a while ago.
    doubted: Cell<bool>,
    /// Wakes a lane that waits for work, the one that has waited longest.
    news: Notify,
    alarm: Alarm,
    woken: Woken,
    clock: Clock,
}

impl Office {
    /// An office that is not open yet; to be made inside the runtime.
    /// `reached` says whether a connection was made before.
    pub fn new(shard: Shard, woken: Woken, reached: bool) -> Result<Self, SysError> {
        let alarm = Alarm::new().map_err(SysError::of("timerfd"))?;
        let lanes = shard.connections as usize * shard.plan.pipeline as usize;
        Ok(Self {
            clock: shard.clock,
            under_way: RefCell::new((0..lanes).map(|_| None).collect()),
            shift: RefCell::new(Shift::new(shard)),
            proof: Arc::new(AtomicBool::new(reached)),
            unreachable: Cell::new(None),
            doubted: Cell::new(false),
            news: Notify::new(),
            alarm,
            woken,
        })
    }

    pub fn open(&self, window: Window) {
        self.shift.borrow_mut().open(window);
    }

    /// The connection of a place, which is not open.
    pub fn connection(&self, place: usize) -> ConnectionState {
        ConnectionState::new(place, self.clock, Arc::clone(&self.proof))
    }

    /// Connections, and lanes of each.
    pub fn places(&self) -> (usize, usize) {
        let shift = self.shift.borrow();
        (shift.shard.connections as usize, shift.shard.plan.pipeline as usize)
    }

    pub fn patience(&self) -> Duration {
        self.shift.borrow().shard.plan.timeout
    }

    pub fn now(&self) -> u64 {
        self.clock.now()
    }

    /// The thread's share of the plan, for those who dial.
    pub fn with_shard<R>(&self, read: impl FnOnce(&Shard) -> R) -> R {
        read(&self.shift.borrow().shard)
    }

    pub(crate) fn place_of(&self, worker: WorkerKey) -> usize {
        self.shift.borrow_mut().tally.worker(worker, 0)
    }

    /// Awaits a request for a lane and books it as sent; `None` when there will be none.
    pub(crate) async fn next(&self, lane: usize, connection: &ConnectionState) -> Option<Text> {
        loop {
            match self.step(lane, connection) {
                Step::Ask(text) => return Some(text),
                Step::Wait => self.news.notified().await,
                Step::Over => {
                    // Whoever watches may be able to go.
                    let _ = self.alarm.set(0);
                    return None;
                }
            }
        }
    }

    /// What a lane that has nothing under way does now.
    fn step(&self, lane: usize, connection: &ConnectionState) -> Step {
        let now = self.clock.now();
        let mut shift = self.shift.borrow_mut();
        shift.tick(now);
        let Some(sent) = self.take(&mut shift, now) else {
            let closed = shift.pacer.is_none();
            let over = shift.is_over(now) || (closed && !shift.may_begin(now));
            return if over { Step::Over } else { Step::Wait };
        };
        shift.outstanding += 1;
        shift.tally.lifetime.sent += 1;
        connection.used.set(connection.used.get() + 1);
        let last = shift.is_spent(connection.used.get());
        self.under_way.borrow_mut()[lane] = Some((sent, connection.clone()));
        Step::Ask(Text { part: shift.picker.pick(), last })
    }

    /// A request that begins now or was due.
    fn take(&self, shift: &mut Shift, now: u64) -> Option<Sent> {
        let Some(pacer) = &mut shift.pacer else {
            return shift.take(now).then_some(Sent { begin: now, sent: now });
        };
        let due = pacer.waiting.pop_front()?;
        let sent = self.clock.now();
        shift.tally.send(due.begin, due.noticed, sent);
        Some(Sent { begin: due.begin, sent })
    }

    pub fn answered(&self, lane: usize, connection: &ConnectionState, answered: &Answered) {
        let outcome = Outcome::of_status(answered.status);
        self.end(lane, connection, outcome, answered.end, |shift, begin| {
            shift.tally.version = Some(answered.version);
            let before = connection.worker.get();
            let place = shift.tally.answered_by(before, answered.worker, begin, answered.end);
            connection.worker.set(Some(place));
        });
    }

    pub fn failed(&self, lane: usize, connection: &ConnectionState, failure: Failure) {
        self.end(lane, connection, failure.outcome, self.clock.now(), |shift, begin| {
            if let Some(errno) = failure.errno {
                shift.tally.errno(begin, errno);
            }
        });
        if let Some(error) = failure.connecting
            && !self.is_proven()
        {
            self.unreachable.set(Some(error));
        }
    }

    /// A connection could not be made a while ago: if there still is none, nobody can be reached.
    pub(crate) fn doubt(&self) {
        if !self.is_proven() {
            self.doubted.set(true);
            let _ = self.alarm.set(0);
        }
    }

    fn is_proven(&self) -> bool {
        self.proof.load(Ordering::Relaxed)
    }

    fn end(
        &self,
        lane: usize,
        connection: &ConnectionState,
        outcome: Outcome,
        end: u64,
        also: impl FnOnce(&mut Shift, u64),
    ) {
        let Some((Sent { begin, sent }, _)) = self.under_way.borrow_mut()[lane].take() else {
            return;
        };
        let mut shift = self.shift.borrow_mut();
        shift.outstanding -= 1;
        shift.tally.lifetime.connections += connection.take_made();
        let times = Timestamps { begin, sent, woken: self.woken.at().min(end), end };
        shift.tally.end_on(times, outcome, connection.made_at());
        also(&mut shift, begin);
    }

    pub fn received(&self, bytes: usize) {
        let now = self.clock.now();
        self.shift.borrow_mut().tally.received(now, bytes);
    }

    /// Notices what is due and hands it out, until all is over.
    ///
    /// # Errors
    /// [`EngineError::Unreachable`] when nobody can be reached; the system's, if the alarm fails.
    pub async fn watch(&self) -> Result<(), EngineError> {
        loop {
            let nap = {
                let now = self.clock.now();
                let mut shift = self.shift.borrow_mut();
                shift.tick(now);
                shift.notice(now);
                let lost = !self.is_proven() && self.doubted.get();
                if shift.is_over(now) || lost {
                    return match self.unreachable.take() {
                        Some(error) if !self.is_proven() => Err(EngineError::Unreachable(error)),
                        _ => Ok(()),
                    };
                }
                let due = shift.pacer.as_ref().map_or(0, |pacer| pacer.waiting.len());
                let due = due.min(self.under_way.borrow().len());
                for _ in 0..due {
                    self.news.notify_one();
                }
                shift.nap(now, u64::MAX)
            };
            self.alarm.set(nap).map_err(SysError::of("timerfd_settime"))?;
            self.alarm.wait().await.map_err(SysError::of("timerfd"))?;
        }
    }

    /// Whatever is still under way when the run is cut short was never answered.
    pub fn settle(self: Rc<Self>) -> Tally {
        let now = self.clock.now();
        let mut shift = self.shift.borrow_mut();
        let timeout = nanos(shift.shard.plan.timeout);
        for (Sent { begin, sent }, connection) in self.under_way.borrow_mut().drain(..).flatten() {
            shift.tally.lifetime.connections += connection.take_made();
            let expired = sent + timeout <= now;
            let outcome = if expired {
                Shift::timed_out(!connection.is_connecting())
            } else {
                Outcome::Unanswered
            };
            let times = Timestamps { begin, sent, woken: now, end: now };
            shift.tally.end_on(times, outcome, connection.made_at());
        }
        shift.give_up_waiting(now);
        std::mem::replace(&mut shift.tally, Tally::new(Window { begin: 0, end: 0 }, false))
    }
}
