//! What happens in the cluster, told twice: lines for people on stdout, JSON lines in a file.
//!
//! Written by the master alone (in mode `single`, by the one process), unbuffered, so that a fork
//! never duplicates half a line.

use std::fs::File;
use std::io::Write;
use std::net::SocketAddr;
use std::time::{Duration, Instant};

use serde::{Deserialize, Serialize};

use crate::address::Address;
use crate::scoreboard::Counts;
use crate::sys::process::{CpuTime, Ending, pid};
use crate::{Error, Mode, Plan, say};

/// Something that happened.
#[derive(Debug, Clone, Serialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub(crate) enum Event {
    /// The master listens.
    Master { pid: u32, mode: Mode, workers: u32, address: Address },
    /// A process was forked for the operators' address.
    Admin { pid: u32, address: SocketAddr },
    /// It has ended; another one follows.
    AdminExit { pid: u32, code: Option<i32>, signal: Option<i32> },
    /// A process was forked for a worker.
    Fork(Who),
    /// It is running.
    Online(Who),
    /// It takes connections.
    Listening(Who),
    /// It takes no more.
    Disconnect {
        #[serde(flatten)]
        who: Who,
        reason: Parting,
    },
    /// It has not shown for this long that its loop turns: it gets no new connections.
    Stalled {
        #[serde(flatten)]
        who: Who,
        silent_s: f64,
    },
    /// It is back before it was ended.
    Recovered(Who),
    /// An operator stopped it: it gets no new connections until it continues.
    Stopped(Who),
    /// It was let go on.
    Continued(Who),
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
    /// A replacement would not start: the old workers serve on.
    RestartFailed { id: u32, how: String },
    /// It has ended; its counts over its whole life.
    Exit(Box<Exit>),
    /// All is over; nothing follows. How often a worker lost its turn, where there are turns.
    End { skips: u64 },
}

/// A process of a worker.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
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

/// Why a process is to take no more connections.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Parting {
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
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Reason {
    /// It was told to stop and finished what was under way.
    Drained,
    /// It ended without having been told to.
    Crashed,
    /// The master ended it, because it would not finish in time.
    Killed,
    /// The master ended it, because it no longer showed that its loop turns.
    Stalled,
}

impl Event {
    /// A process's end.
    pub fn exit(who: Who, ending: Ending, reason: Reason, counts: Counts, cpu: CpuTime) -> Self {
        let (code, signal) = code_or_signal(ending);
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

    /// The end of the process for the operators' address.
    pub fn admin_exit(pid: u32, ending: Ending) -> Self {
        let (code, signal) = code_or_signal(ending);
        Self::AdminExit { pid, code, signal }
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
            Self::Listening(who) => Some(format!("Worker {} started", who.pid)),
            Self::Exit(exit) => {
                let how = ending(exit.code, exit.signal);
                Some(format!("Worker {} died ({how})", exit.who.pid))
            }
            Self::AdminExit { pid, code, signal } => {
                Some(format!("Admin {pid} died ({})", ending(*code, *signal)))
            }
            Self::Fork(_)
            | Self::Online(_)
            | Self::Disconnect { .. }
            | Self::Stalled { .. }
            | Self::Recovered(_)
            | Self::Stopped(_)
            | Self::Continued(_)
            | Self::Admin { .. }
            | Self::Scale { .. }
            | Self::Mode { .. }
            | Self::Switched { .. }
            | Self::Restart {}
            | Self::Restarted {}
            | Self::RestartFailed { .. }
            | Self::End { .. } => None,
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

/// Where events go.
#[derive(Debug)]
pub(crate) struct Events {
    begin: Instant,
    file: Option<File>,
    /// What is to be passed on to the admin process, if there is to be one.
    feed: Option<Vec<Fed>>,
}

/// An event for the admin process.
#[derive(Debug)]
pub(crate) struct Fed {
    /// Its name.
    pub name: String,
    /// All of it, as in the file.
    pub json: String,
}

impl Events {
    /// Opens the file, if one was asked for.
    pub fn open(plan: &Plan) -> Result<Self, Error> {
        let open = |path: &std::path::PathBuf| {
            File::create(path).map_err(|source| Error::Open { path: path.clone(), source })
        };
        Ok(Self {
            begin: Instant::now(),
            file: plan.events.as_ref().map(open).transpose()?,
            feed: plan.admin.is_some().then(Vec::new),
        })
    }

    /// Tells that this process listens.
    pub fn announce(&mut self, plan: &Plan, address: &Address) {
        let (mode, workers, address) = (plan.mode, plan.workers, address.clone());
        self.tell(&Event::Master { pid: pid(), mode, workers, address });
    }

    /// What has happened since the last call, for the admin process.
    pub fn take_feed(&mut self) -> Vec<Fed> {
        self.feed.as_mut().map(std::mem::take).unwrap_or_default()
    }

    /// Tells an event. A reader who has gone away must not end the cluster, so failures to write
    /// are passed over. The file comes first: whoever reads the line finds the event in it.
    pub fn tell(&mut self, event: &Event) {
        let stamped = Stamped { t_s: self.begin.elapsed().as_secs_f64(), event };
        if let Some(file) = &mut self.file
            && let Ok(mut line) = serde_json::to_vec(&stamped)
        {
            line.push(b'\n');
            let _ = file.write_all(&line);
        }
        if let Some(feed) = &mut self.feed {
            feed.extend(stamped.fed());
        }
        if let Some(line) = event.line() {
            say::out(&line);
        }
    }
}

/// Says on stderr what a stop waits for.
pub(crate) fn announce_stop(open: u64, timeout: Duration) {
    let connections = if open == 1 { "connection has" } else { "connections have" };
    say::err(&format!(
        "stopping; {open} open {connections} {timeout:?} to finish \
         (a second signal ends it at once)"
    ));
}

#[derive(Serialize)]
struct Stamped<'a> {
    t_s: f64,
    #[serde(flatten)]
    event: &'a Event,
}

impl Stamped<'_> {
    /// The same for the admin process.
    fn fed(&self) -> Option<Fed> {
        let name = serde_json::to_value(self.event).ok()?.get("event")?.as_str()?.to_owned();
        Some(Fed { name, json: serde_json::to_string(self).ok()? })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_exit_tells_signal_reason_and_counts() {
        let who = Who { id: 2, pid: 77, generation: 1 };
        let counts =
            Counts { connections: 3, open: 1, requests: 9, bytes: 100, ..Counts::default() };
        let event =
            Event::exit(who, Ending::Signal(9), Reason::Crashed, counts, CpuTime::default());
        assert_eq!(event.line().unwrap(), "Worker 77 died (signal 9)");
        let json = serde_json::to_value(Stamped { t_s: 0.5, event: &event }).unwrap();
        let expected = serde_json::json!({
            "t_s": 0.5, "event": "exit", "id": 2, "pid": 77, "generation": 1, "code": null,
            "signal": 9, "reason": "crashed", "connections": 3, "open": 1, "requests": 9,
            "bytes": 100, "lost": 0, "vain_wakes": 0, "busy_s": 0.0, "errors": {
                "bad_requests": 0, "protocol": 0, "broken_off": 0, "too_large": 0,
                "timeouts": 0, "exhausted": 0,
            }, "cpu_user_s": 0.0, "cpu_sys_s": 0.0,
        });
        assert_eq!(json, expected);
    }
}
