//! What happens in a cluster: the events, which the server writes and others read.
//!
//! `serve --events FILE` writes one [`Timestamped`] event a line as JSON, and the operators' address
//! streams the same text; [`parse`] reads such a file. Where events go to is in [`log`].

pub(crate) mod log;

use std::fmt;
use std::net::SocketAddr;

use serde::{Deserialize, Serialize};

use crate::Mode;
use crate::address::Address;
use crate::scoreboard::Counts;
use crate::sys::process::{CpuTime, Ending};

/// An event, and when it happened. As JSON it is one object with the fields of both.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Timestamped {
    /// Seconds since the cluster began.
    pub t_s: f64,
    /// What happened.
    #[serde(flatten)]
    pub event: Event,
}

/// Something that happened.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "snake_case")]
#[allow(missing_docs, reason = "pid, id, mode and address mean the same everywhere")]
pub enum Event {
    /// The master listens; `workers` are wanted.
    Master { pid: u32, mode: Mode, workers: u32, address: Address },
    /// A process was forked for the operators' address.
    Admin { pid: u32, address: SocketAddr },
    /// It has ended, with an exit `code` or by a `signal`; another one follows.
    AdminExit { pid: u32, code: Option<i32>, signal: Option<i32> },
    /// A process was forked for a worker.
    Fork(ProcessId),
    /// It is running.
    Online(ProcessId),
    /// It takes connections.
    Listening(ProcessId),
    /// It takes no more.
    Disconnect {
        #[serde(flatten)]
        process: ProcessId,
        reason: DisconnectReason,
    },
    /// It has not shown for `silent_s` seconds that its loop turns: it gets no new connections.
    Stalled {
        #[serde(flatten)]
        process: ProcessId,
        silent_s: f64,
    },
    /// It is back before it was ended.
    Recovered(ProcessId),
    /// An operator stopped it: it gets no new connections until it continues.
    Stopped(ProcessId),
    /// It was let go on.
    Continued(ProcessId),
    /// So many workers are wanted from now on.
    Scale { workers: u32 },
    /// Connections are shared out in this mode from now on.
    Mode { mode: Mode },
    /// Every worker accepts as the mode wants it.
    Switched { mode: Mode },
    /// A rolling restart begins.
    Restart {},
    /// Every worker has been replaced.
    Restarted {},
    /// A replacement of worker `id` would not start and ended `how`: the old workers serve on.
    RestartFailed { id: u32, how: String },
    /// It has ended; its counts over its whole life.
    Exit(Box<Exit>),
    /// All is over; nothing follows. How often a worker lost its turn, where there are turns.
    End { skips: u64 },
    /// An event of a later version; never written.
    #[serde(other, skip_serializing)]
    Unknown,
}

/// Names a process of a worker.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProcessId {
    /// The worker's id, 1…N, stable over a replacement.
    pub id: u32,
    /// The process's id.
    pub pid: u32,
    /// How many processes the worker had before this one.
    pub generation: u32,
}

/// A process's end.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "the other fields are what they are called")]
pub struct Exit {
    #[serde(flatten)]
    pub process: ProcessId,
    /// Its exit code; `None` if a signal ended it.
    pub code: Option<i32>,
    pub signal: Option<i32>,
    pub reason: ExitReason,
    /// Its counts over its whole life.
    #[serde(flatten)]
    pub counts: Counts,
    /// Seconds of CPU time in user mode over its whole life.
    pub cpu_user_s: f64,
    /// Seconds of CPU time in the kernel over its whole life.
    pub cpu_sys_s: f64,
}

/// Why a process is to take no more connections.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum DisconnectReason {
    /// The cluster stops.
    Stop,
    /// Fewer workers are wanted.
    Scale,
    /// It is replaced by a rolling restart.
    Restart,
    /// It has answered as many requests as it was to.
    MaxRequests,
    /// Somebody sent it a signal of its own.
    Signal,
}

/// Why a process ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ExitReason {
    /// It was told to stop and finished what was under way.
    Drained,
    /// It ended without having been told to.
    Crashed,
    /// The master ended it, because it would not finish in time.
    Killed,
    /// The master ended it, because it no longer showed that its loop turns.
    Stalled,
}

impl fmt::Display for ExitReason {
    /// The same word as in JSON.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.serialize(formatter)
    }
}

impl Event {
    /// A process's end.
    pub(crate) fn exit(
        process: ProcessId,
        ending: Ending,
        reason: ExitReason,
        counts: Counts,
        cpu: CpuTime,
    ) -> Self {
        let (code, signal) = code_or_signal(ending);
        let [cpu_user_s, cpu_sys_s] = [cpu.user, cpu.system].map(|time| time.as_secs_f64());
        let exit = Exit { process, code, signal, reason, counts, cpu_user_s, cpu_sys_s };
        Self::Exit(Box::new(exit))
    }

    /// The end of the process for the operators' address.
    pub(crate) fn admin_exit(pid: u32, ending: Ending) -> Self {
        let (code, signal) = code_or_signal(ending);
        Self::AdminExit { pid, code, signal }
    }

    /// The process of a worker that it is about, if it is about one.
    #[must_use]
    pub fn process(&self) -> Option<ProcessId> {
        match self {
            Self::Fork(process)
            | Self::Online(process)
            | Self::Listening(process)
            | Self::Disconnect { process, .. }
            | Self::Stalled { process, .. }
            | Self::Recovered(process)
            | Self::Stopped(process)
            | Self::Continued(process) => Some(*process),
            Self::Exit(exit) => Some(exit.process),
            _ => None,
        }
    }

    /// The line for people; `None` for what would only be noise to them.
    fn line(&self) -> Option<String> {
        match self {
            Self::Master { pid, mode, workers, address } => {
                let plural = if *workers == 1 { "" } else { "s" };
                Some(format!(
                    "Master {pid} is running\n\
                     Listening on {} ({mode}, {workers} worker{plural})",
                    address.url()
                ))
            }
            Self::Listening(process) => Some(format!("Worker {} started", process.pid)),
            Self::Exit(exit) => {
                let how = ending(exit.code, exit.signal);
                Some(format!("Worker {} died ({how})", exit.process.pid))
            }
            Self::AdminExit { pid, code, signal } => {
                Some(format!("Admin {pid} died ({})", ending(*code, *signal)))
            }
            _ => None,
        }
    }
}

fn code_or_signal(ending: Ending) -> (Option<i32>, Option<i32>) {
    match ending {
        Ending::Code(code) => (Some(code), None),
        Ending::Signal(signal) => (None, Some(signal)),
    }
}

fn ending(code: Option<i32>, signal: Option<i32>) -> Ending {
    signal.map_or(Ending::Code(code.unwrap_or_default()), Ending::Signal)
}

/// A line of an event file that is no event.
#[derive(Debug, thiserror::Error)]
#[error("the server wrote an event that is none: {0}")]
pub struct BadEvent(#[from] serde_json::Error);

/// Parses the text of an event file. A last line without its end is left alone: the server may be
/// writing it.
///
/// # Errors
/// [`BadEvent`] when a whole line is no event.
pub fn parse(text: &str) -> Result<Vec<Timestamped>, BadEvent> {
    let whole = text.rfind('\n').map_or("", |end| &text[..end]);
    whole.lines().map(|line| Ok(serde_json::from_str(line)?)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const PROCESS: ProcessId = ProcessId { id: 2, pid: 77, generation: 1 };

    fn exit() -> Event {
        let (connections, open, requests, bytes, busy_s) = (3, 1, 9, u64::MAX, 0.1);
        let counts = Counts { connections, open, requests, bytes, busy_s, ..Counts::default() };
        Event::exit(PROCESS, Ending::Signal(9), ExitReason::Crashed, counts, CpuTime::default())
    }

    const COUNTS: &str = r#""connections":3,"open":1,"requests":9,"bytes":18446744073709551615,"lost":0,"vain_wakes":0,"busy_s":0.1,"errors":{"bad_requests":0,"protocol":0,"broken_off":0,"too_large":0,"timeouts":0,"exhausted":0}"#;

    /// One event of each kind, its name, and its other fields as JSON.
    fn events() -> Vec<(Event, &'static str, String)> {
        let (process, mode) = (PROCESS, Mode::RoundRobin);
        let of = |fields: &str| format!(r#""id":2,"pid":77,"generation":1{fields}"#);
        let in_mode = || r#""mode":"round-robin""#.to_owned();
        let master =
            Event::Master { pid: 1, mode, workers: 2, address: "[::1]:8000".parse().unwrap() };
        let master_fields = format!(r#""pid":1,{},"workers":2,"address":"[::1]:8000""#, in_mode());
        let admin_exit = Event::admin_exit(5, Ending::Code(1));
        let admin = Event::Admin { pid: 5, address: "127.0.0.1:9000".parse().unwrap() };
        let disconnect = Event::Disconnect { process, reason: DisconnectReason::MaxRequests };
        let failed = Event::RestartFailed { id: 2, how: "code 1".into() };
        let exit_fields = format!(
            r#","code":null,"signal":9,"reason":"crashed",{COUNTS},"cpu_user_s":0.0,"cpu_sys_s":0.0"#
        );
        vec![
            (master, "master", master_fields),
            (admin, "admin", r#""pid":5,"address":"127.0.0.1:9000""#.into()),
            (admin_exit, "admin_exit", r#""pid":5,"code":1,"signal":null"#.into()),
            (Event::Fork(process), "fork", of("")),
            (Event::Online(process), "online", of("")),
            (Event::Listening(process), "listening", of("")),
            (disconnect, "disconnect", of(r#","reason":"max-requests""#)),
            (Event::Stalled { process, silent_s: 2.5 }, "stalled", of(r#","silent_s":2.5"#)),
            (Event::Recovered(process), "recovered", of("")),
            (Event::Stopped(process), "stopped", of("")),
            (Event::Continued(process), "continued", of("")),
            (Event::Scale { workers: 3 }, "scale", r#""workers":3"#.into()),
            (Event::Mode { mode }, "mode", in_mode()),
            (Event::Switched { mode }, "switched", in_mode()),
            (Event::Restart {}, "restart", String::new()),
            (Event::Restarted {}, "restarted", String::new()),
            (failed, "restart_failed", r#""id":2,"how":"code 1""#.into()),
            (exit(), "exit", of(&exit_fields)),
            (Event::End { skips: 7 }, "end", r#""skips":7"#.into()),
        ]
    }

    #[test]
    fn every_event_has_its_text_and_is_read_back_from_it() {
        for (event, name, fields) in events() {
            let stamped = Timestamped { t_s: 0.25, event };
            let json = serde_json::to_string(&stamped).unwrap();
            let comma = if fields.is_empty() { "" } else { "," };
            assert_eq!(json, format!(r#"{{"t_s":0.25,"event":"{name}"{comma}{fields}}}"#));
            assert_eq!(parse(&format!("{json}\n")).unwrap(), [stamped]);
        }
    }

    #[test]
    fn an_exit_is_told_to_people_with_its_signal() {
        assert_eq!(exit().line().unwrap(), "Worker 77 died (signal 9)");
    }

    #[test]
    fn a_half_written_last_line_is_left_alone() {
        let events = parse("{\"t_s\":0.5,\"event\":\"restart\"}\n{\"t_s\":0.6,\"even").unwrap();
        assert_eq!(events, [Timestamped { t_s: 0.5, event: Event::Restart {} }]);
        assert_eq!(parse("{\"t_s\"").unwrap(), []);
    }

    #[test]
    fn a_line_that_is_no_event_is_an_error_and_one_of_a_later_version_is_not() {
        for wrong in ["hello\n", "{\"event\":\"restart\"}\n", "{\"t_s\":1,\"event\":\"exit\"}\n"] {
            assert!(parse(wrong).is_err(), "{wrong}");
        }
        let later = parse("{\"t_s\":1.5,\"event\":\"moved\",\"to\":3}\n").unwrap();
        assert_eq!(later, [Timestamped { t_s: 1.5, event: Event::Unknown }]);
    }
}
