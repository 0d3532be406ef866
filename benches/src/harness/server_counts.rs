//! The server's event file: what each process did over its whole life, by its own count.
//!
//! `serve --events FILE` writes one JSON object a line. Only the exits matter here: they carry the
//! counters. A worker that was replaced has several exits under one id, which are added up.

use std::collections::BTreeMap;

use server::events::{Event, ExitReason, Timestamped, parse};

/// What a server's event file tells about its processes.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ServerCounts {
    /// The master's process id.
    pub master: Option<u32>,
    /// What each worker did, by id.
    pub workers: BTreeMap<u32, Life>,
    /// User and system CPU seconds of each process that has ended, by process id.
    pub ended: BTreeMap<u32, (f64, f64)>,
}

/// One worker id's whole life, replacements included.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Life {
    /// The process that bore the id last.
    pub pid: u32,
    /// Connections accepted.
    pub connections: u64,
    /// Requests answered.
    pub requests: u64,
    /// Processes of this id that have ended.
    pub exits: u32,
    /// Ends that nobody asked the server for.
    pub crashes: Vec<Crash>,
}

/// An end that nobody asked the server for.
#[derive(Debug, Clone, PartialEq)]
pub struct Crash {
    /// The process that ended.
    pub pid: u32,
    /// Why.
    pub reason: ExitReason,
    /// Connections that it had open.
    pub open: u64,
    /// When, in seconds since the server began.
    pub t_s: f64,
    /// How long after the next process of its id took connections; `None` when none did.
    pub back_after_s: Option<f64>,
}

#[cfg(test)]
impl Crash {
    /// A crash that took this many connections along.
    pub(crate) fn with_open(open: u64) -> Self {
        Self { pid: 1, reason: ExitReason::Crashed, open, t_s: 0.0, back_after_s: None }
    }
}

impl ServerCounts {
    /// Reads the file's text. A half-written last line is not counted: the server may be writing.
    ///
    /// # Errors
    /// One line for a person, when a whole line is not an event.
    pub fn read(text: &str) -> Result<Self, String> {
        let mut counts = Self::default();
        for event in parse(text).map_err(|error| error.to_string())? {
            counts.add(event);
        }
        Ok(counts)
    }

    /// Process ids by worker id.
    #[must_use]
    pub fn pids(&self) -> BTreeMap<u32, u32> {
        self.workers.iter().map(|(id, life)| (*id, life.pid)).collect()
    }

    fn add(&mut self, Timestamped { t_s, event }: Timestamped) {
        match event {
            Event::Master { pid, .. } => self.master = Some(pid),
            Event::Listening(process) => {
                let life = self.workers.entry(process.id).or_default();
                life.pid = process.pid;
                if let Some(crash) = life.crashes.last_mut() {
                    crash.back_after_s.get_or_insert(t_s - crash.t_s);
                }
            }
            Event::Exit(exit) => {
                let (pid, counts) = (exit.process.pid, exit.counts);
                self.ended.insert(pid, (exit.cpu_user_s, exit.cpu_sys_s));
                let life = self.workers.entry(exit.process.id).or_default();
                life.pid = pid;
                life.exits += 1;
                life.connections += counts.connections;
                life.requests += counts.requests;
                if exit.reason != ExitReason::Drained {
                    let (reason, open) = (exit.reason, counts.open);
                    life.crashes.push(Crash { pid, reason, open, t_s, back_after_s: None });
                }
            }
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FILE: &str = r#"{"t_s":0.0,"event":"master","pid":10,"mode":"reuseport","workers":2,"address":"127.0.0.1:1"}
{"t_s":0.1,"event":"fork","id":1,"pid":11,"generation":0}
{"t_s":0.1,"event":"listening","id":1,"pid":11,"generation":0}
{"t_s":0.1,"event":"listening","id":2,"pid":12,"generation":0}
{"t_s":0.5,"event":"exit","id":2,"pid":12,"generation":0,"code":null,"signal":9,"reason":"crashed","connections":3,"open":2,"requests":40,"bytes":1,"cpu_user_s":0.1,"cpu_sys_s":0.1}
{"t_s":0.6,"event":"listening","id":2,"pid":13,"generation":1}
{"t_s":0.9,"event":"exit","id":1,"pid":11,"generation":0,"code":0,"signal":null,"reason":"drained","connections":4,"requests":50,"bytes":1,"cpu_user_s":0.1,"cpu_sys_s":0.1}
{"t_s":0.9,"event":"exit","id":2,"pid":13,"generation":1,"code":0,"signal":null,"reason":"drained","connections":2,"requests":7,"bytes":1,"cpu_user_s":0.1,"cpu_sys_s":0.1}
{"t_s":1.0,"event":"end","skips":0}
"#;

    #[test]
    fn counts_of_a_replaced_worker_are_added_up_under_its_id() {
        let books = ServerCounts::read(FILE).unwrap();
        assert_eq!(books.master, Some(10));
        let second = &books.workers[&2];
        assert_eq!((second.connections, second.requests, second.exits), (5, 47, 2));
        let [crash] = &second.crashes[..] else { panic!("{second:?}") };
        assert_eq!((crash.pid, crash.reason, crash.open), (12, ExitReason::Crashed, 2));
        assert!(crash.back_after_s.is_some_and(|back_s| (back_s - 0.1).abs() < 1e-9));
        assert_eq!(books.pids(), BTreeMap::from([(1, 11), (2, 13)]));
        assert_eq!(books.ended.keys().copied().collect::<Vec<_>>(), [11, 12, 13]);
        assert_eq!(books.ended[&12], (0.1, 0.1));
    }

    #[test]
    fn a_half_written_line_is_left_alone() {
        let first = FILE.split_inclusive('\n').next().unwrap();
        let counts = ServerCounts::read(&format!("{first}{{\"event\":\"exi")).unwrap();
        assert_eq!(counts.master, Some(10));
    }

    #[test]
    fn a_line_that_is_no_event_is_an_error() {
        assert!(ServerCounts::read("hello\n").is_err());
    }
}
