//! The admin process's way to the master: questions out, answers and events in.
//!
//! The master is asked for the status at most ten times a second, and all who wait share the answer,
//! which is never older than the last event.

use std::collections::HashMap;
use std::io;
use std::os::unix::net::UnixStream;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use bytes::Bytes;
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::unix::{OwnedReadHalf, OwnedWriteHalf};
use tokio::sync::{broadcast, mpsc, oneshot};
use tokio::task::JoinHandle;

use super::wire::{Ask, Question, Reply, Told};
use crate::status::Snapshot;
use crate::web::stream;

/// The least time between two questions for the status.
const BREATH: Duration = Duration::from_millis(100);

/// How long the master may take to answer.
const PATIENCE: Duration = Duration::from_secs(5);

/// Questions that may wait to be sent.
const QUESTIONS: usize = 64;

/// Events that a reader may lag behind.
const EVENTS: usize = 1024;

#[derive(Debug, Clone, Copy, thiserror::Error)]
#[error("the master does not answer")]
pub(super) struct Silent;

/// The status as it was seen last.
#[derive(Debug)]
pub(super) struct Seen {
    pub snapshot: Snapshot,
    pub json: Bytes,
    /// The same as an event for a stream.
    pub event: Bytes,
    asked: Instant,
    /// How much had happened by then.
    changes: u64,
}

#[derive(Debug)]
pub(super) struct Hub {
    questions: mpsc::Sender<(Ask, oneshot::Sender<Reply>)>,
    /// To those who follow the events; `None` once the master has hung up.
    events: Mutex<Option<broadcast::Sender<Bytes>>>,
    seen: tokio::sync::Mutex<Option<Arc<Seen>>>,
    /// Counts what has happened: what was seen before is out of date.
    changes: AtomicU64,
    /// Those who wait for an answer, by their question's number.
    asking: Mutex<HashMap<u64, oneshot::Sender<Reply>>>,
}

impl Hub {
    /// Opens the way; the task ends when the master hangs up.
    pub fn open(master: UnixStream) -> io::Result<(Arc<Self>, JoinHandle<()>)> {
        let (read, write) = tokio::net::UnixStream::from_std(master)?.into_split();
        let (questions, to_send) = mpsc::channel(QUESTIONS);
        let hub = Arc::new(Self {
            questions,
            events: Mutex::new(Some(broadcast::channel(EVENTS).0)),
            seen: tokio::sync::Mutex::default(),
            changes: AtomicU64::new(0),
            asking: Mutex::default(),
        });
        // Two tasks: while one waits for room to ask, the other must go on reading, or master and
        // admin process would wait for each other.
        tokio::spawn(Arc::clone(&hub).send(to_send, write));
        let hung_up = tokio::spawn(Arc::clone(&hub).receive(read));
        Ok((hub, hung_up))
    }

    pub async fn ask(&self, ask: Ask) -> Result<Reply, Silent> {
        let (answer, answered) = oneshot::channel();
        self.questions.send((ask, answer)).await.map_err(|_| Silent)?;
        let reply = tokio::time::timeout(PATIENCE, answered).await;
        if ask != Ask::Snapshot {
            self.changes.fetch_add(1, Relaxed);
        }
        reply.map_err(|_| Silent)?.map_err(|_| Silent)
    }

    /// The status: as fresh as the last event and the last command, and asked for at most ten times
    /// a second.
    pub async fn status(&self) -> Result<Arc<Seen>, Silent> {
        // Those who come meanwhile wait here, and get what the first one is told.
        let turn = tokio::time::timeout(PATIENCE, self.seen.lock()).await;
        let mut seen = turn.map_err(|_| Silent)?;
        if let Some(last) = &*seen
            && let Some(left) = BREATH.checked_sub(last.asked.elapsed())
        {
            if last.changes == self.changes.load(Relaxed) {
                return Ok(Arc::clone(last));
            }
            tokio::time::sleep(left).await;
        }
        let (asked, changes) = (Instant::now(), self.changes.load(Relaxed));
        let Reply::Snapshot(snapshot) = self.ask(Ask::Snapshot).await? else { return Err(Silent) };
        let json = serde_json::to_string(&*snapshot).map_err(|_| Silent)?;
        let fresh = Arc::new(Seen {
            snapshot: *snapshot,
            event: stream::event("status", &json),
            json: json.into(),
            asked,
            changes,
        });
        *seen = Some(Arc::clone(&fresh));
        Ok(fresh)
    }

    /// Everything that happens from now on; `None` when nothing will any more.
    pub fn follow(&self) -> Option<broadcast::Receiver<Bytes>> {
        lock(&self.events).as_ref().map(broadcast::Sender::subscribe)
    }

    async fn send(
        self: Arc<Self>,
        mut questions: mpsc::Receiver<(Ask, oneshot::Sender<Reply>)>,
        mut master: OwnedWriteHalf,
    ) {
        let mut number = 0;
        while let Some((ask, answer)) = questions.recv().await {
            number += 1;
            let Ok(mut line) = serde_json::to_vec(&Question { number, ask }) else { continue };
            line.push(b'\n');
            {
                let mut asking = lock(&self.asking);
                // Those who have lost patience.
                asking.retain(|_, answer| !answer.is_closed());
                asking.insert(number, answer);
            }
            if master.write_all(&line).await.is_err() {
                return;
            }
        }
    }

    async fn receive(self: Arc<Self>, master: OwnedReadHalf) {
        let mut lines = BufReader::new(master).lines();
        while let Ok(Some(line)) = lines.next_line().await {
            match serde_json::from_str(&line) {
                Ok(Told::Answer { number, reply }) => {
                    if let Some(answer) = lock(&self.asking).remove(&number) {
                        // Who asked may have left.
                        let _ = answer.send(reply);
                    }
                }
                Ok(Told::Event { name, json }) => self.pass_on(&name, &json),
                Ok(Told::Missed { count }) => {
                    self.pass_on("missed", &format!("{{\"event\":\"missed\",\"count\":{count}}}"));
                }
                Err(_) => {}
            }
        }
        *lock(&self.events) = None;
        lock(&self.asking).clear();
    }

    fn pass_on(&self, name: &str, json: &str) {
        self.changes.fetch_add(1, Relaxed);
        if let Some(followers) = &*lock(&self.events) {
            // An error only says that nobody follows.
            let _ = followers.send(stream::event(name, json));
        }
    }
}

/// Nothing here panics while it holds a lock, and nothing is left half done if it did.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
