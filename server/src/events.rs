//! What happens in the cluster, told twice: lines for people on stdout, JSON lines in a file.
//!
//! Written by the master alone (in mode `single`, by the one process), unbuffered, so that a fork
//! never duplicates half a line.

use std::fs::File;
use std::io::{self, Write};
use std::net::SocketAddr;
use std::time::{Duration, Instant};

use serde::Serialize;

use crate::scoreboard::Counts;
use crate::sys::process::{CpuTime, Ending, pid};
use crate::{Error, Mode, Plan};

/// Something that happened.
#[derive(Debug, Clone, Serialize)]
#[serde(tag = "event", rename_all = "lowercase")]
pub(crate) enum Event {
    /// The master listens.
    Master { pid: u32, mode: Mode, workers: u32, address: SocketAddr },
    /// A process was forked for a worker.
    Fork(Who),
    /// It is running.
    Online(Who),
    /// It takes connections.
    Listening(Who),
    /// It takes no more.
    Disconnect(Who),
    /// It has ended; its counts over its whole life.
    Exit(Box<Exit>),
    /// All is over; nothing follows. How often a worker lost its turn, where there are turns.
    End { skips: u64 },
}

/// A process of a worker.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub(crate) struct Who {
    /// The worker's id, 1…N, stable over a replacement.
    pub id: u32,
    /// The process's id.
    pub pid: u32,
    /// How many processes the worker had before this one.
    pub generation: u32,
}

/// A process's end.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Exit {
    #[serde(flatten)]
    who: Who,
    code: Option<i32>,
    signal: Option<i32>,
    reason: Reason,
    #[serde(flatten)]
    counts: Counts,
    cpu_user_s: f64,
    cpu_sys_s: f64,
}

/// Why a process ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Reason {
    /// It was told to stop and finished what was under way.
    Drained,
    /// It ended without having been told to.
    Crashed,
    /// The master ended it, because it would not finish in time.
    Killed,
}

impl Event {
    /// A process's end.
    pub fn exit(who: Who, ending: Ending, reason: Reason, counts: Counts, cpu: CpuTime) -> Self {
        let (code, signal) = match ending {
            Ending::Code(code) => (Some(code), None),
            Ending::Signal(signal) => (None, Some(signal)),
        };
        Self::Exit(Box::new(Exit {
            who,
            code,
            signal,
            reason,
            counts,
            cpu_user_s: cpu.user.as_secs_f64(),
            cpu_sys_s: cpu.system.as_secs_f64(),
        }))
    }

    /// The line for people; `None` for what would only be noise to them.
    fn line(&self) -> Option<String> {
        match self {
            Self::Master { pid, mode, workers, address } => {
                let plural = if *workers == 1 { "" } else { "s" };
                Some(format!(
                    "Master {pid} is running\n\
                     Listening on http://{address} ({mode}, {workers} worker{plural})"
                ))
            }
            Self::Listening(who) => Some(format!("Worker {} started", who.pid)),
            Self::Exit(exit) => {
                let how = match (exit.code, exit.signal) {
                    (_, Some(signal)) => Ending::Signal(signal),
                    (code, None) => Ending::Code(code.unwrap_or_default()),
                };
                Some(format!("Worker {} died ({how})", exit.who.pid))
            }
            Self::Fork(_) | Self::Online(_) | Self::Disconnect(_) | Self::End { .. } => None,
        }
    }
}

/// Where events go.
#[derive(Debug)]
pub(crate) struct Events {
    begin: Instant,
    file: Option<File>,
}

impl Events {
    /// Opens the file, if one was asked for.
    pub fn open(plan: &Plan) -> Result<Self, Error> {
        let open = |path: &std::path::PathBuf| {
            File::create(path).map_err(|source| Error::Open { path: path.clone(), source })
        };
        Ok(Self { begin: Instant::now(), file: plan.events.as_ref().map(open).transpose()? })
    }

    /// Tells that this process listens.
    pub fn announce(&mut self, plan: &Plan, address: SocketAddr) {
        let (mode, workers) = (plan.mode, plan.workers);
        self.tell(&Event::Master { pid: pid(), mode, workers, address });
    }

    /// Tells an event. A reader who has gone away must not end the cluster, so failures to write
    /// are passed over.
    pub fn tell(&mut self, event: &Event) {
        if let Some(line) = event.line() {
            let _ = writeln!(io::stdout(), "{line}");
        }
        if let Some(file) = &mut self.file {
            let stamped = Stamped { t_s: self.begin.elapsed().as_secs_f64(), event };
            if let Ok(mut line) = serde_json::to_vec(&stamped) {
                line.push(b'\n');
                let _ = file.write_all(&line);
            }
        }
    }
}

/// Says on stderr what a stop waits for.
pub(crate) fn announce_stop(open: u64, timeout: Duration) {
    let connections = if open == 1 { "connection has" } else { "connections have" };
    eprintln!(
        "hello-cluster: stopping; {open} open {connections} {timeout:?} to finish \
         (a second signal ends it at once)"
    );
}

#[derive(Serialize)]
struct Stamped<'a> {
    t_s: f64,
    #[serde(flatten)]
    event: &'a Event,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_exit_tells_signal_reason_and_counts() {
        let who = Who { id: 2, pid: 77, generation: 1 };
        let counts = Counts { connections: 3, requests: 9, bytes: 100, lost: 0 };
        let event =
            Event::exit(who, Ending::Signal(9), Reason::Crashed, counts, CpuTime::default());
        assert_eq!(event.line().unwrap(), "Worker 77 died (signal 9)");
        let json = serde_json::to_value(Stamped { t_s: 0.5, event: &event }).unwrap();
        let expected = serde_json::json!({
            "t_s": 0.5, "event": "exit", "id": 2, "pid": 77, "generation": 1, "code": null,
            "signal": 9, "reason": "crashed", "connections": 3, "requests": 9, "bytes": 100,
            "lost": 0, "cpu_user_s": 0.0, "cpu_sys_s": 0.0,
        });
        assert_eq!(json, expected);
    }
}
