//! What the admin process and its master say to each other: a JSON object a line, over a pair of
//! stream sockets.
//!
//! The admin process sends numbered questions; the master answers them and sends every event. It never
//! waits for the admin process: events that it is too slow for are dropped and counted ([`Outbox`]).

use std::collections::VecDeque;
use std::io::{self, ErrorKind, Write};

use serde::{Deserialize, Serialize};

use crate::Mode;
use crate::status::Snapshot;

/// A question, and the number under which it is answered.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Question {
    pub number: u64,
    pub ask: Ask,
}

/// What operators ask of the master.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Ask {
    Snapshot,
    Kill { worker: u32 },
    Stop { worker: u32 },
    Continue { worker: u32 },
    Scale { workers: u32 },
    Restart {},
    Mode { to: Mode },
}

/// What the master tells.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Told {
    Answer {
        number: u64,
        reply: Reply,
    },
    Event {
        name: String,
        /// All of it, as in the file of events.
        json: String,
    },
    /// So many events were dropped before this.
    Missed {
        count: u64,
    },
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Reply {
    Snapshot(Box<Snapshot>),
    Done(serde_json::Value),
    Begun(serde_json::Value),
    /// It makes no sense; a line that says what would.
    Bad(String),
    Unknown(String),
    Refused(String),
}

/// Bytes that may wait for a slow reader: some seconds of a cluster in great distress.
const MOST_WAITING: usize = 256 * 1024;

/// Lines on their way to the admin process.
#[derive(Debug, Default)]
pub(crate) struct Outbox {
    bytes: VecDeque<u8>,
    /// Events dropped since the reader was last told of it.
    dropped: u64,
}

impl Outbox {
    pub fn is_empty(&self) -> bool {
        self.bytes.is_empty()
    }

    /// Whether the reader has to take something before it may ask for more.
    pub fn is_full(&self) -> bool {
        self.bytes.len() >= MOST_WAITING
    }

    pub fn answer(&mut self, number: u64, reply: Reply) {
        self.put(&Told::Answer { number, reply });
    }

    /// Puts an event on its way, unless too much waits already; says whether it did.
    pub fn event(&mut self, name: String, json: String) -> bool {
        if self.is_full() {
            self.dropped += 1;
            return false;
        }
        if self.dropped > 0 {
            self.put(&Told::Missed { count: self.dropped });
            self.dropped = 0;
        }
        self.put(&Told::Event { name, json });
        true
    }

    fn put(&mut self, told: &Told) {
        if let Ok(line) = serde_json::to_vec(told) {
            self.bytes.extend(line);
            self.bytes.push_back(b'\n');
        }
    }

    /// Sends what the other side takes at once.
    pub fn flush(&mut self, mut to: impl Write) -> io::Result<()> {
        while !self.bytes.is_empty() {
            match to.write(self.bytes.as_slices().0) {
                Ok(0) => return Err(ErrorKind::WriteZero.into()),
                Ok(count) => drop(self.bytes.drain(..count)),
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) if error.kind() == ErrorKind::WouldBlock => return Ok(()),
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn questions_and_answers_survive_the_wire() {
        let asks = [
            Ask::Snapshot,
            Ask::Kill { worker: 3 },
            Ask::Scale { workers: 2 },
            Ask::Restart {},
            Ask::Mode { to: Mode::LeastConnections },
        ];
        for ask in asks {
            let line = serde_json::to_string(&Question { number: 7, ask }).unwrap();
            let heard: Question = serde_json::from_str(&line).unwrap();
            assert_eq!((heard.number, heard.ask), (7, ask));
        }
    }

    #[test]
    fn a_reader_that_takes_nothing_costs_events_and_not_memory() {
        let mut outbox = Outbox::default();
        let event = || ("exit".to_owned(), "x".repeat(1000));
        let kept = (0..1000)
            .filter(|_| {
                let (name, json) = event();
                outbox.event(name, json)
            })
            .count();
        assert!((200..300).contains(&kept), "{kept}");
        assert!(outbox.bytes.len() < MOST_WAITING + 2000);
        let mut taken = Vec::new();
        outbox.flush(&mut taken).unwrap();
        let (name, json) = event();
        assert!(outbox.event(name, json));
        outbox.flush(&mut taken).unwrap();
        let lines: Vec<Told> = taken
            .split(|&byte| byte == b'\n')
            .filter(|line| !line.is_empty())
            .map(|line| serde_json::from_slice(line).unwrap())
            .collect();
        let missed = lines.iter().find_map(|told| match told {
            Told::Missed { count } => Some(*count),
            _ => None,
        });
        assert_eq!(missed, Some(1000 - kept as u64));
        assert_eq!(lines.len(), kept + 2, "every line is whole");
    }
}
