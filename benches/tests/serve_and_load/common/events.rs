//! A cluster's event file, read as it grows, and what follows from the events.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::io::Read;
use std::path::PathBuf;
use std::sync::Mutex;

use serde_json::Value;

/// The events of a file, each parsed once.
#[derive(Debug)]
pub struct EventLog {
    path: PathBuf,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    file: Option<File>,
    /// The beginning of a line whose end is not there yet.
    rest: Vec<u8>,
    events: Vec<Value>,
}

impl EventLog {
    /// A log that need not exist yet.
    pub fn new(path: PathBuf) -> Self {
        Self { path, state: Mutex::default() }
    }

    /// All events so far.
    pub fn all(&self) -> Vec<Value> {
        let State { file, rest, events } = &mut *self.state.lock().unwrap();
        if file.is_none() {
            *file = File::open(&self.path).ok();
        }
        if let Some(file) = file {
            file.read_to_end(rest).unwrap();
        }
        if let Some(end) = rest.iter().rposition(|&byte| byte == b'\n') {
            for line in rest[..end].split(|&byte| byte == b'\n') {
                events.push(serde_json::from_slice(line).unwrap());
            }
            rest.drain(..=end);
        }
        events.clone()
    }
}

/// The processes that take connections after these events, by worker id.
pub fn serving(events: &[Value]) -> BTreeMap<u64, u32> {
    let mut serving = BTreeMap::new();
    for event in events {
        let (Some(id), Some(pid)) = (event["id"].as_u64(), event["pid"].as_u64()) else { continue };
        let pid = pid as u32;
        match event["event"].as_str() {
            Some("listening" | "recovered") => {
                serving.insert(id, pid);
            }
            Some("disconnect" | "stalled" | "exit") if serving.get(&id) == Some(&pid) => {
                serving.remove(&id);
            }
            _ => {}
        }
    }
    serving
}

/// The processes that were forked and have not ended.
pub fn living(events: &[Value]) -> BTreeSet<u64> {
    let mut living = BTreeSet::new();
    for event in events {
        match (event["event"].as_str(), event["pid"].as_u64()) {
            (Some("fork"), Some(pid)) => living.insert(pid),
            (Some("exit"), Some(pid)) => living.remove(&pid),
            _ => continue,
        };
    }
    living
}

/// What happened to these processes, a line an event, for the message of a test that fails.
pub fn about(events: &[Value], pids: &BTreeSet<u64>) -> Vec<String> {
    let of_them = |event: &&Value| event["pid"].as_u64().is_some_and(|pid| pids.contains(&pid));
    events.iter().filter(of_them).map(Value::to_string).collect()
}
