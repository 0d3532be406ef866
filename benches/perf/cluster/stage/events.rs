//! The cluster's event file, read as it grows.
//!
//! Next: [`super::cluster`].

use std::fs::File;
use std::io::{self, Read};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use serde::Deserialize;

/// One event; fields that its kind does not have keep their defaults.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct Event {
    /// Its kind: `fork`, `listening`, `exit` and so on.
    #[serde(rename = "event")]
    pub kind: String,
    /// Where the cluster listens (of `master`).
    pub address: Option<SocketAddr>,
    /// The worker's id.
    pub id: u32,
    /// The process's id.
    pub pid: u32,
    /// Why a process ended or leaves.
    pub reason: Option<String>,
    /// Connections that a process had open at its end.
    pub open: u64,
}

/// A growing file of events.
pub struct Log {
    path: PathBuf,
    file: Option<File>,
    /// A line that has not come whole yet.
    rest: Vec<u8>,
}

impl Log {
    /// A log that need not exist yet.
    pub fn new(path: &Path) -> Self {
        Self { path: path.to_owned(), file: None, rest: Vec::new() }
    }

    /// The events that have come since the last call.
    pub fn read(&mut self) -> io::Result<Vec<Event>> {
        if self.file.is_none() {
            match File::open(&self.path) {
                Ok(file) => self.file = Some(file),
                Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
                Err(error) => return Err(error),
            }
        }
        if let Some(file) = &mut self.file {
            file.read_to_end(&mut self.rest)?;
        }
        let whole = self.rest.iter().rposition(|&byte| byte == b'\n').map_or(0, |end| end + 1);
        let lines: Vec<u8> = self.rest.drain(..whole).collect();
        let events = lines.split(|&byte| byte == b'\n').filter(|line| !line.is_empty());
        events.map(|line| Ok(serde_json::from_slice(line)?)).collect()
    }
}
