//! Clients that ask again and again while something breaks, and keep count of what became of it.

use std::fmt;
use std::io::{ErrorKind, Write};
use std::net::{SocketAddr, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::sync::{Arc, Mutex};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use super::{Answer, PATIENCE, eventually};

/// Between two requests of a client: the load is there to be counted, not to be heavy.
const PAUSE: Duration = Duration::from_millis(1);

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
    tally: Arc<Mutex<Tally>>,
    threads: Vec<JoinHandle<()>>,
}

/// What became of all requests.
#[derive(Debug, Default, Clone)]
pub struct Tally {
    /// Answered in full, with status 200.
    pub answered: u64,
    /// The connection was refused.
    pub refused: u64,
    /// Anything else: a reset, an end without an answer, none in time.
    pub failed: u64,
    /// The first failures.
    failures: Vec<String>,
}

impl Tally {
    fn record(&mut self, outcome: std::io::Result<()>) {
        let Err(error) = outcome else {
            self.answered += 1;
            return;
        };
        let refused = error.kind() == ErrorKind::ConnectionRefused;
        *(if refused { &mut self.refused } else { &mut self.failed }) += 1;
        if self.failures.len() < KEPT_FAILURES {
            self.failures.push(error.to_string());
        }
    }

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
    /// Two clients of each kind; some requests sleep, so that one is always in progress.
    pub fn mixed(address: SocketAddr) -> Self {
        Self::start(address, &[Habit::Close, Habit::Close, Habit::Keep, Habit::Keep])
    }

    /// The same, once they have been answered this often.
    pub fn under_way(address: SocketAddr, count: u64) -> Self {
        let clients = Self::mixed(address);
        clients.wait_for_more(count);
        clients
    }

    /// A client of each of these habits.
    pub fn start(address: SocketAddr, habits: &[Habit]) -> Self {
        let (stop, tally) = (Arc::<AtomicBool>::default(), Arc::<Mutex<Tally>>::default());
        let client = |&habit: &Habit| {
            let (stop, tally) = (Arc::clone(&stop), Arc::clone(&tally));
            thread::spawn(move || Client { address, habit, kept: None }.run(&stop, &tally))
        };
        let threads = habits.iter().map(client).collect();
        Self { stop, tally, threads }
    }

    /// Waits until this many more requests have been answered.
    pub fn wait_for_more(&self, count: u64) {
        let answered = || self.tally.lock().unwrap().answered;
        let goal = answered() + count;
        eventually("more answers", || answered() >= goal);
    }

    /// Ends the load, each client after its last answer.
    pub fn stop(self) -> Tally {
        self.stop.store(true, Relaxed);
        for thread in self.threads {
            thread.join().unwrap();
        }
        self.tally.lock().unwrap().clone()
    }

    /// Ends the load after this many more answers; not a single request may have failed.
    #[track_caller]
    pub fn stop_after(self, count: u64) {
        self.wait_for_more(count);
        let tally = self.stop();
        assert!(tally.refused == 0 && tally.failed == 0, "{tally}");
        assert!(tally.answered > 0, "nobody asked");
    }
}

struct Client {
    address: SocketAddr,
    habit: Habit,
    kept: Option<TcpStream>,
}

impl Client {
    fn run(mut self, stop: &AtomicBool, tally: &Mutex<Tally>) {
        for target in ["/", "/", "/sleep?ms=2"].into_iter().cycle() {
            if stop.load(Relaxed) {
                break;
            }
            let outcome = self.ask(target);
            tally.lock().unwrap().record(outcome);
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
