//! The `io_uring` engine: a turn of the loop hands over all that is to be sent and waits for one
//! completion in one system call; a request costs no other.
//!
//! It waits for one completion only: waiting for more would delay the answer that came first. A
//! batch is stamped with the end of the wait that brought it.

use std::collections::VecDeque;
use std::io;
use std::os::fd::OwnedFd;

use super::Shard;
use super::driver::{Driver, RETIRED};
use super::transport::{Event, Text, Transport};
use crate::engine::rendered_requests::RenderedRequests;
use crate::sys::SysError;
use crate::sys::ring::{Completion, Ring, Setup};

/// Completions taken between two rounds of sending: a cap, so that an answer's successor is not
/// held back long.
const BATCH: usize = 128;

/// A slot that is no place's: its socket is retired, or closed as far as we are concerned.
const NOBODY: usize = usize::MAX;

pub type UringEngine = Driver<Uring>;

pub struct Uring {
    ring: Ring,
    /// The slot of each place's socket.
    slots: Vec<Option<u32>>,
    /// The place of each slot's socket, or [`NOBODY`].
    places: Vec<usize>,
    /// Slots of sockets that the server is about to close.
    retired: VecDeque<u32>,
    /// Requests that begin together.
    output: Vec<usize>,
    /// Completions of the last wait that were not taken, and those of them in the batch.
    ready: usize,
    batch: usize,
}

impl Transport for Uring {
    fn new(shard: &Shard) -> Result<Self, SysError> {
        let plan = &shard.plan;
        let requests = RenderedRequests::new(plan);
        let both = |part| [false, true].map(|last| requests.bytes(part, last).to_vec());
        let setup = Setup {
            texts: (0..plan.mix.len()).flat_map(both).collect(),
            sockets: shard.connections + RETIRED as u32,
            table: !plan.is_one_each(),
            in_turn: plan.pipeline == 1,
        };
        let (ring, slots) = (Ring::new(setup)?, vec![None; shard.connections as usize]);
        let (places, retired, output, ready, batch) = Default::default();
        Ok(Self { ring, slots, places, retired, output, ready, batch })
    }

    fn is_open(&self, place: usize) -> bool {
        self.slots[place].is_some()
    }

    fn attach(&mut self, place: usize, socket: OwnedFd) {
        let slot = self.ring.attach(socket);
        self.slots[place] = Some(slot);
        if self.places.len() <= slot as usize {
            self.places.resize(slot as usize + 1, NOBODY);
        }
        self.places[slot as usize] = place;
    }

    fn put(&mut self, text: Text) {
        self.output.push(2 * text.part + usize::from(text.last));
    }

    /// Whether it went out is told later, as is whether the connection is made.
    fn transmit(&mut self, place: usize) -> io::Result<bool> {
        if let Some(slot) = self.slots[place] {
            self.ring.send(slot, &self.output);
        }
        self.output.clear();
        Ok(false)
    }

    /// Receiving goes on by itself.
    fn expect_more(&mut self, _place: usize) -> io::Result<()> {
        Ok(())
    }

    fn retire(&mut self, place: usize) {
        let Some(slot) = self.detach(place) else { return };
        self.retired.push_back(slot);
        if self.retired.len() > RETIRED
            && let Some(oldest) = self.retired.pop_front()
        {
            self.ring.release(oldest);
        }
    }

    fn close(&mut self, place: usize) {
        self.output.clear();
        if let Some(slot) = self.detach(place) {
            self.ring.release(slot);
        }
    }

    /// Nothing is waited for while something is left to be taken.
    fn wait(&mut self, nap_ns: u64) -> Result<bool, SysError> {
        let fresh = self.ready == 0;
        let result = if fresh { self.ring.wait(nap_ns) } else { self.ring.submit() };
        result.map_err(SysError::of("io_uring_enter"))?;
        if fresh {
            self.ready = self.ring.ready();
        }
        self.batch = self.ready.min(BATCH);
        Ok(fresh)
    }

    fn next(&mut self) -> Option<Event> {
        while self.batch > 0 {
            self.batch -= 1;
            self.ready -= 1;
            if let Some(completion) = self.ring.take()
                && let Some(event) = self.told(completion)
            {
                return Some(event);
            }
        }
        None
    }

    fn input(&self) -> &[u8] {
        self.ring.input()
    }
}

impl Uring {
    /// Parts a place from its socket.
    fn detach(&mut self, place: usize) -> Option<u32> {
        let slot = self.slots[place].take()?;
        self.places[slot as usize] = NOBODY;
        Some(slot)
    }

    /// What a completion means for the place whose socket it is about.
    fn told(&mut self, completion: Completion) -> Option<Event> {
        let (Completion::Connected(slot)
        | Completion::Received(slot)
        | Completion::Ended(slot)
        | Completion::Failed(slot, _)) = completion;
        let place = self.places[slot as usize];
        if place == NOBODY {
            self.on_retired(slot, &completion);
            return None;
        }
        Some(match completion {
            Completion::Connected(_) => Event::Connected(place),
            Completion::Received(_) => Event::Input(place),
            Completion::Ended(_) => Event::Closed(place),
            Completion::Failed(_, error) => Event::Broken(place, error),
        })
    }

    /// The server has closed a retired connection, or it has failed: nothing keeps it any more.
    fn on_retired(&mut self, slot: u32, completion: &Completion) {
        let over = matches!(completion, Completion::Ended(_) | Completion::Failed(..));
        if over && let Some(at) = self.retired.iter().position(|&retired| retired == slot) {
            self.retired.remove(at);
            self.ring.release(slot);
        }
    }
}
