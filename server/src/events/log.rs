//! Where the events of a cluster go: lines for people on stdout, JSON lines in a file, and the
//! admin process.
//!
//! Written by the master alone (in mode `single`, by the one process), unbuffered, so that a fork
//! never duplicates half a line.

use std::fs::File;
use std::io::Write;
use std::path::PathBuf;
use std::time::Instant;

use super::{Event, Timestamped};
use crate::address::Address;
use crate::sys::process::pid;
use crate::{Error, Plan, say};

#[derive(Debug)]
pub(crate) struct EventLog {
    begin: Instant,
    file: Option<File>,
    /// What is to be passed on to the admin process, if there is to be one.
    pending: Option<Vec<AdminEvent>>,
}

#[derive(Debug)]
pub(crate) struct AdminEvent {
    pub name: String,
    /// All of it, as in the file.
    pub json: String,
}

impl AdminEvent {
    fn new(stamped: &Timestamped) -> Option<Self> {
        let name = serde_json::to_value(&stamped.event).ok()?.get("event")?.as_str()?.to_owned();
        Some(Self { name, json: serde_json::to_string(stamped).ok()? })
    }
}

impl EventLog {
    pub fn open(plan: &Plan) -> Result<Self, Error> {
        let open = |path: &PathBuf| {
            File::create(path).map_err(|source| Error::Open { path: path.clone(), source })
        };
        let file = plan.events.as_ref().map(open).transpose()?;
        let pending = plan.admin.is_some().then(Vec::new);
        Ok(Self { begin: Instant::now(), file, pending })
    }

    /// Emits that this process listens.
    pub fn announce(&mut self, plan: &Plan, address: &Address) {
        let (mode, workers, address) = (plan.mode, plan.workers, address.clone());
        self.emit(Event::Master { pid: pid(), mode, workers, address });
    }

    /// Takes what has happened since the last call, for the admin process.
    pub fn drain_pending(&mut self) -> Vec<AdminEvent> {
        self.pending.as_mut().map(std::mem::take).unwrap_or_default()
    }

    /// Emits an event. A reader who has gone away must not end the cluster, so failures to write
    /// are passed over. The file comes first: whoever reads the line finds the event in it.
    pub fn emit(&mut self, event: Event) {
        let stamped = Timestamped { t_s: self.begin.elapsed().as_secs_f64(), event };
        if let Some(file) = &mut self.file
            && let Ok(mut line) = serde_json::to_vec(&stamped)
        {
            line.push(b'\n');
            let _ = file.write_all(&line);
        }
        if let Some(pending) = &mut self.pending {
            pending.extend(AdminEvent::new(&stamped));
        }
        if let Some(line) = stamped.event.line() {
            say::out(&line);
        }
    }
}
