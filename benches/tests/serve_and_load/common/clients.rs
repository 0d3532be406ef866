//! Clients that ask again and again while something breaks, and keep count of what became of it.

use std::fmt;
use std::io::{ErrorKind, Write};
use std::net::{SocketAddr, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::Relaxed};
use std::sync::{Arc, Mutex};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use super::{Answer, PATIENCE, eventually};

/// Between two requests of a client: the load is there to be counted, not to be heavy.
const PAUSE: Duration = Duration::from_millis(1);

/// How many failures are kept word by word.
const KEPT_FAILURES: usize = 10;

/// What a client does with its connection after an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Habit {
    /// It closes it: every request has a connection of its own.
    Close,
    /// It asks again on it, until an answer says `Connection: close`.
    Keep,
}

/// Clients at work, each in a thread of its own.
pub struct Clients {
    stop: Arc<AtomicBool>,
    counts: Arc<Counts>,
    threads: Vec<JoinHandle<()>>,
}

#[derive(Debug, Default)]
struct Counts {
    answered: AtomicU64,
    refused: AtomicU64,
    failed: AtomicU64,
    failures: Mutex<Vec<String>>,
}

/// What became of all requests.
pub struct Tally {
    /// Answered in full, with status 200.
    pub answered: u64,
    /// The connection was refused.
    pub refused: u64,
    /// Anything else: a reset, an end without an answer, none in time.
    pub failed: u64,
    /// The first failures in words.
    failures: Vec<String>,
}

impl Tally {
    /// Checks that no connection was refused, and that no more requests failed than were open.
    #[track_caller]
    pub fn lost_at_most(&self, open: u64) {
        assert_eq!(self.refused, 0, "{self}");
        assert!(self.failed <= open, "{open} connections were open: {self}");
    }
}

impl fmt::Display for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { answered, refused, failed, failures } = self;
        write!(f, "{answered} answered, {refused} refused, {failed} failed: {failures:?}")
    }
}

impl Clients {
    /// Two clients of each habit, which ask for two milliseconds of sleep now and then, so that
    /// requests are under way whenever something happens.
    pub fn mixed(address: SocketAddr) -> Self {
        let mut clients = Self::start(address, Habit::Close, 2);
        let others = Self::start_counting(address, Habit::Keep, 2, &clients.stop, &clients.counts);
        clients.threads.extend(others);
        clients
    }

    /// This many clients of one habit.
    pub fn start(address: SocketAddr, habit: Habit, count: usize) -> Self {
        let (stop, counts) = (Arc::default(), Arc::default());
        let threads = Self::start_counting(address, habit, count, &stop, &counts);
        Self { stop, counts, threads }
    }

    fn start_counting(
        address: SocketAddr,
        habit: Habit,
        count: usize,
        stop: &Arc<AtomicBool>,
        counts: &Arc<Counts>,
    ) -> Vec<JoinHandle<()>> {
        let client = |_| {
            let (stop, counts) = (Arc::clone(stop), Arc::clone(counts));
            thread::spawn(move || Client { address, habit, kept: None }.run(&stop, &counts))
        };
        (0..count).map(client).collect()
    }

    /// Waits until this many more requests have been answered.
    pub fn wait_for_more(&self, count: u64) {
        let goal = self.counts.answered.load(Relaxed) + count;
        eventually("more answers", || self.counts.answered.load(Relaxed) >= goal);
    }

    /// Ends the load, each client after its last answer.
    pub fn stop(self) -> Tally {
        self.stop.store(true, Relaxed);
        for thread in self.threads {
            thread.join().unwrap();
        }
        Tally {
            answered: self.counts.answered.load(Relaxed),
            refused: self.counts.refused.load(Relaxed),
            failed: self.counts.failed.load(Relaxed),
            failures: self.counts.failures.lock().unwrap().clone(),
        }
    }

    /// Ends the load and fails the test when a single request was not answered.
    pub fn stop_without_a_failure(self) {
        let tally = self.stop();
        assert!(tally.refused == 0 && tally.failed == 0, "{tally}");
        assert!(tally.answered > 0, "nobody asked");
    }
}

impl Counts {
    fn book(&self, outcome: std::io::Result<()>) {
        let Err(error) = outcome else {
            self.answered.fetch_add(1, Relaxed);
            return;
        };
        let refused = error.kind() == ErrorKind::ConnectionRefused;
        let counter = if refused { &self.refused } else { &self.failed };
        counter.fetch_add(1, Relaxed);
        let mut failures = self.failures.lock().unwrap();
        if failures.len() < KEPT_FAILURES {
            failures.push(error.to_string());
        }
    }
}

struct Client {
    address: SocketAddr,
    habit: Habit,
    kept: Option<TcpStream>,
}

impl Client {
    fn run(mut self, stop: &AtomicBool, counts: &Counts) {
        for target in ["/", "/", "/sleep?ms=2"].into_iter().cycle() {
            if stop.load(Relaxed) {
                break;
            }
            counts.book(self.ask(target));
            thread::sleep(PAUSE);
        }
    }

    fn ask(&mut self, target: &str) -> std::io::Result<()> {
        let mut stream = match self.kept.take() {
            Some(kept) => kept,
            None => TcpStream::connect(self.address)?,
        };
        stream.set_read_timeout(Some(PATIENCE))?;
        let last = if self.habit == Habit::Close { "Connection: close\r\n" } else { "" };
        let request = format!("GET {target} HTTP/1.1\r\nHost: test\r\n{last}\r\n");
        stream.write_all(request.as_bytes())?;
        let answer = Answer::read_from(&mut stream)?;
        if answer.status() != 200 {
            return Err(std::io::Error::other(format!("answered {}", answer.status())));
        }
        if answer.header("connection") != Some("close") {
            self.kept = Some(stream);
        }
        Ok(())
    }
}
