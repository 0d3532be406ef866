//! A client and a server in virtual time. The client keeps a schedule as the open loop does: it
//! notices what is due unless it is stopped, takes the connection that is free first, and books
//! every request. The server takes one request at a time, in order.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::ops::Range;

use super::defect::Defect;
use crate::outcome::Outcome;
use crate::tally::{Tally, Window};
use crate::timestamps::Timestamps;
use crate::worker::WorkerKey;

/// What happens to a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fate {
    Answer(u16),
    /// No answer ever.
    Silence,
    /// The connection is lost while the server works on it.
    Loss,
    /// The connection cannot be made.
    Refusal,
}

/// What is to be played. Times are nanoseconds.
#[derive(Debug, Clone)]
pub struct World {
    pub dues: Vec<u64>,
    /// How long the server works on each.
    pub service: Vec<u64>,
    /// What becomes of each; all are answered with 200 when this is empty.
    pub fates: Vec<Fate>,
    pub connections: usize,
    /// When the server stands still.
    pub server_stop: Range<u64>,
    /// When the client stands still.
    pub client_stop: Range<u64>,
    /// How long an answer is awaited.
    pub timeout: u64,
    pub window: Window,
}

pub struct Seen {
    pub tally: Tally,
    /// When each request was sent.
    pub sends: Vec<u64>,
}

/// The instant, or the end of the stop that it falls into.
fn after(stop: &Range<u64>, instant: u64) -> u64 {
    if stop.contains(&instant) { stop.end } else { instant }
}

impl World {
    /// Requests due at these times, on a sound server.
    pub fn new(dues: Vec<u64>, service: Vec<u64>) -> Self {
        Self {
            dues,
            service,
            fates: Vec::new(),
            connections: 1,
            server_stop: 0..0,
            client_stop: 0..0,
            timeout: u64::MAX / 4,
            window: Window { begin: 0, end: u64::MAX / 2 },
        }
    }

    pub fn play(&self, defect: Option<Defect>) -> Seen {
        let mut client = Client::new(self, defect);
        let mut server_free = 0;
        for index in 0..self.dues.len() {
            let Some((due, noticed)) = client.notice(index) else { continue };
            let sent = client.take_connection(noticed);
            if sent >= client.give_up_at {
                client.never_sent(due, noticed);
                continue;
            }
            let begun = after(&self.server_stop, server_free.max(sent));
            let finished = begun + self.service[index];
            let fate = self.fates.get(index).copied().unwrap_or(Fate::Answer(200));
            if matches!(fate, Fate::Answer(_) | Fate::Loss) {
                server_free = finished;
            }
            client.end(fate, due, noticed, sent, finished);
        }
        Seen { tally: client.tally, sends: client.sends }
    }
}

struct Client<'a> {
    world: &'a World,
    defect: Option<Defect>,
    tally: Tally,
    sends: Vec<u64>,
    /// When each connection is free again.
    free: BinaryHeap<Reverse<u64>>,
    give_up_at: u64,
    caught_up: u64,
}

/// How many requests a client with a capped catch-up sends after a stop.
const CAP: u64 = 10;

/// How many requests a client that keeps the first ones keeps.
const FIRST: u64 = 1_000;

/// How long after a refusal a connection is tried again.
const RETRY: u64 = 10_000_000;

impl<'a> Client<'a> {
    fn new(world: &'a World, defect: Option<Defect>) -> Self {
        let mut window = world.window;
        if defect == Some(Defect::WarmUpMeasured) {
            window.begin = 0;
        }
        Self {
            world,
            defect,
            tally: Tally::new(window, true),
            sends: Vec::new(),
            free: (0..world.connections).map(|_| Reverse(0)).collect(),
            give_up_at: world.window.end.saturating_add(world.timeout),
            caught_up: 0,
        }
    }

    fn has(&self, defect: Defect) -> bool {
        self.defect == Some(defect)
    }

    /// When a request is due and when the client notices; `None` when it never does.
    fn notice(&mut self, index: usize) -> Option<(u64, u64)> {
        let dues = &self.world.dues;
        let due = if self.has(Defect::BurstASecond) {
            dues[index] / 1_000_000_000 * 1_000_000_000
        } else {
            dues[index]
        };
        let noticed = after(&self.world.client_stop, due);
        if noticed > due {
            let last = dues.get(index + 1).is_none_or(|&next| next >= noticed);
            self.caught_up += 1;
            if self.has(Defect::SkippedTicks) && !last
                || self.has(Defect::CappedCatchUp) && self.caught_up > CAP
            {
                return None;
            }
        }
        Some((due, noticed))
    }

    /// When the request is sent on the connection that is free first.
    fn take_connection(&mut self, noticed: u64) -> u64 {
        let Reverse(free) = self.free.pop().expect("a connection");
        free.max(noticed)
    }

    fn never_sent(&mut self, due: u64, noticed: u64) {
        self.free.push(Reverse(self.give_up_at));
        if !self.has(Defect::UnansweredDropped) {
            self.tally.give_up(due, noticed, self.give_up_at);
        }
    }

    /// The request ends as its fate wills.
    fn end(&mut self, fate: Fate, due: u64, noticed: u64, sent: u64, finished: u64) {
        let in_time = finished <= sent.saturating_add(self.world.timeout);
        let (outcome, at) = match fate {
            Fate::Refusal => (Outcome::Refused, sent),
            Fate::Answer(status) if in_time => (Outcome::of_status(status), finished),
            Fate::Loss if in_time => (Outcome::ClosedEarly, finished),
            Fate::Answer(_) | Fate::Loss | Fate::Silence => {
                (Outcome::Timeout, sent + self.world.timeout)
            }
        };
        let end = after(&self.world.client_stop, at);
        let busy = if fate == Fate::Refusal { end + RETRY } else { end };
        self.free.push(Reverse(busy));
        let hidden = match outcome {
            Outcome::Timeout => self.has(Defect::TimeoutsLeftOut),
            Outcome::ClosedEarly => self.has(Defect::LossUnseen),
            Outcome::Refused => self.has(Defect::RetriesUncounted),
            _ => self.has(Defect::TailCut) && end >= self.world.window.end,
        };
        if !hidden {
            self.book(Timestamps { begin: due, sent, woken: end, end }, noticed, outcome);
        }
    }

    /// Books the request as the generator does, but for the defect.
    fn book(&mut self, mut times: Timestamps, noticed: u64, mut outcome: Outcome) {
        self.tally.lifetime.sent += 1;
        self.tally.send(times.begin, noticed, times.sent);
        self.sends.push(times.sent);
        match self.defect {
            Some(Defect::LateStamp) => times.begin = times.sent,
            Some(Defect::WakeStamp) => times.begin = noticed,
            Some(Defect::LagAsService) => times.sent = times.begin,
            Some(Defect::AnyStatusIsGood) if outcome == Outcome::Status => outcome = Outcome::Ok,
            Some(Defect::FirstOnesOnly) if self.tally.latency.len() >= FIRST => return,
            Some(Defect::WrongUnit) => times.end = times.begin + (times.end - times.begin) / 1_000,
            Some(Defect::BackFilled) if !self.tally.latency.is_empty() => {
                let mean = self.tally.latency.mean() as u64;
                let latency = times.end - times.begin;
                for missed in 1..latency / mean.max(1) {
                    self.tally.latency.saturating_record(latency - missed * mean);
                }
            }
            _ => {}
        }
        self.tally.end(times, outcome);
        if outcome.answered() {
            self.tally.answered_by(Some(0), WorkerKey::default(), times.begin, times.end);
        }
    }
}
