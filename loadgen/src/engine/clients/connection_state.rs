//! What is known of one connection while a client library has it.

use std::cell::Cell;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use crate::clock::Clock;
use crate::worker::WorkerKey;

#[derive(Debug)]
pub(crate) struct Answered {
    pub status: u16,
    pub worker: WorkerKey,
    /// When its last byte was there.
    pub end: u64,
    pub version: &'static str,
}

/// A connection, as its lanes and its connector see it.
#[derive(Clone)]
pub(crate) struct ConnectionState {
    pub place: usize,
    pub used: Rc<Cell<u64>>,
    /// The place of its worker in the tally, once the first answer has told.
    pub worker: Rc<Cell<Option<usize>>>,
    /// What its connector tells; a library may run it anywhere.
    pub dials: Arc<Dials>,
}

#[derive(Debug)]
pub(crate) struct Dials {
    clock: Clock,
    /// When the last connection was made; 0 for none.
    made_at: AtomicU64,
    /// Connections made and not yet counted.
    made: AtomicU64,
    connecting: AtomicBool,
    /// Whether a connection has ever been made, here or elsewhere.
    proof: Arc<AtomicBool>,
}

impl Dials {
    pub fn begin(&self) {
        self.connecting.store(true, Ordering::Relaxed);
    }

    pub fn succeed(&self) {
        self.made.fetch_add(1, Ordering::Relaxed);
        self.made_at.store(self.clock.now(), Ordering::Relaxed);
        self.connecting.store(false, Ordering::Relaxed);
        self.proof.store(true, Ordering::Relaxed);
    }
}

impl ConnectionState {
    /// A connection that is not open; `proof` is set once one is made.
    pub fn new(place: usize, clock: Clock, proof: Arc<AtomicBool>) -> Self {
        let (made_at, made, connecting) = Default::default();
        let dials = Arc::new(Dials { clock, made_at, made, connecting, proof });
        Self { place, used: Rc::default(), worker: Rc::default(), dials }
    }

    pub fn is_connecting(&self) -> bool {
        self.dials.connecting.load(Ordering::Relaxed)
    }

    /// It was open before the run, and who answers on it has this place in the tally.
    pub(crate) fn recognise(&self, worker: usize) {
        self.worker.set(Some(worker));
        self.dials.connecting.store(false, Ordering::Relaxed);
    }

    /// When its last connection was made; 0 for never.
    pub(crate) fn made_at(&self) -> u64 {
        self.dials.made_at.load(Ordering::Relaxed)
    }

    /// Connections made since it was asked last. If there are any, what is known is of the last
    /// one.
    pub fn take_made(&self) -> u64 {
        let made = self.dials.made.swap(0, Ordering::Relaxed);
        if made > 0 {
            self.worker.set(None);
        }
        made
    }

    /// The connection is gone.
    pub fn renew(&self) {
        self.used.set(0);
        self.worker.set(None);
        self.dials.connecting.store(false, Ordering::Relaxed);
    }
}
