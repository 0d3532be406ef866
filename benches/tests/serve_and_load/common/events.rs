//! What a cluster's events tell, by kind and all together.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Mutex;

use hello_cluster::harness;
use server::Mode;
use server::events::{DisconnectReason, Event, Exit, ProcessId, Timestamped};

/// Defines a function per kind of event, which gives what the tests read of it; `None` for others.
macro_rules! kinds {
    ($($name:ident -> $read:ty: $pattern:pat => $value:expr;)*) => {$(
        pub fn $name(event: &Event) -> Option<$read> {
            if let $pattern = event { Some($value) } else { None }
        }
    )*};
}

kinds! {
    fork -> ProcessId: Event::Fork(process) => *process;
    listening -> ProcessId: Event::Listening(process) => *process;
    stopped -> ProcessId: Event::Stopped(process) => *process;
    continued -> ProcessId: Event::Continued(process) => *process;
    recovered -> ProcessId: Event::Recovered(process) => *process;
    stalled -> (ProcessId, f64): Event::Stalled { process, silent_s } => (*process, *silent_s);
    disconnect -> DisconnectReason: Event::Disconnect { reason, .. } => *reason;
    exit -> Exit: Event::Exit(exit) => Exit::clone(exit);
    scale -> usize: Event::Scale { workers } => *workers as usize;
    mode -> Mode: Event::Mode { mode } => *mode;
    switched -> Mode: Event::Switched { mode } => *mode;
    restart -> (): Event::Restart {} => ();
    restarted -> (): Event::Restarted {} => ();
    restart_failed -> String: Event::RestartFailed { how, .. } => how.clone();
    admin -> u32: Event::Admin { pid, .. } => *pid;
    admin_exit -> (u32, Option<i32>): Event::AdminExit { pid, signal, .. } => (*pid, *signal);
    master -> String: Event::Master { address, .. } => address.to_string();
}

pub fn open(exits: &[Exit]) -> u64 {
    exits.iter().map(|exit| exit.counts.open).sum()
}

/// The events of a file that grows, each parsed once.
#[derive(Debug)]
pub struct EventLog(Mutex<(harness::event_log::EventLog, Vec<Timestamped>)>);

impl EventLog {
    /// A log that need not exist yet.
    pub fn new(path: std::path::PathBuf) -> Self {
        Self(Mutex::new((harness::event_log::EventLog::new(path), Vec::new())))
    }

    pub fn all(&self) -> Vec<Timestamped> {
        let (log, events) = &mut *self.0.lock().unwrap();
        events.extend(log.read().unwrap());
        events.clone()
    }
}

/// The processes that take connections after these events, by worker id.
pub fn serving(events: &[Timestamped]) -> BTreeMap<u32, u32> {
    let mut serving = BTreeMap::new();
    for Timestamped { event, .. } in events {
        match event {
            Event::Listening(process) | Event::Recovered(process) => {
                serving.insert(process.id, process.pid);
            }
            Event::Disconnect { .. } | Event::Stalled { .. } | Event::Exit(_) => {
                let of = event.process().unwrap();
                if serving.get(&of.id) == Some(&of.pid) {
                    serving.remove(&of.id);
                }
            }
            _ => {}
        }
    }
    serving
}

/// The processes that were forked and have not ended.
pub fn living(events: &[Timestamped]) -> BTreeSet<u32> {
    let mut living = BTreeSet::new();
    for Timestamped { event, .. } in events {
        match event {
            Event::Fork(process) => living.insert(process.pid),
            Event::Exit(exit) => living.remove(&exit.process.pid),
            _ => continue,
        };
    }
    living
}

/// What happened to these processes, a line an event, for the message of a test that fails.
pub fn about(events: &[Timestamped], pids: &BTreeSet<u32>) -> Vec<String> {
    let is_theirs = |it: &&Timestamped| it.event.process().is_some_and(|of| pids.contains(&of.pid));
    events.iter().filter(is_theirs).map(|event| format!("{event:?}")).collect()
}
