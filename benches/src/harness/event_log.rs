//! A server's event file, read as it grows.

use std::fs::File;
use std::io::{self, Read};
use std::path::PathBuf;

use server::events::{Timestamped, parse};

/// The events of one file that have not been read yet.
#[derive(Debug)]
pub struct EventLog {
    path: PathBuf,
    file: Option<File>,
    /// The beginning of a line whose end has not been written yet.
    rest: Vec<u8>,
}

impl EventLog {
    /// Follows the file at `path`, which need not exist yet.
    #[must_use]
    pub fn new(path: impl Into<PathBuf>) -> Self {
        Self { path: path.into(), file: None, rest: Vec::new() }
    }

    /// Reads the events written since the last call.
    ///
    /// # Errors
    /// The system's, or `InvalidData` when a whole line is not an event.
    pub fn read(&mut self) -> io::Result<Vec<Timestamped>> {
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
        let lines = self.rest.drain(..whole).collect();
        let text = String::from_utf8(lines).map_err(invalid)?;
        parse(&text).map_err(invalid)
    }
}

fn invalid(why: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, why)
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use server::events::Event;

    use super::*;

    #[test]
    fn a_growing_file_is_read_line_by_whole_line() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("events.jsonl");
        let mut log = EventLog::new(&path);
        assert_eq!(log.read().unwrap(), []);
        let mut file = File::create(&path).unwrap();
        write!(file, "{{\"t_s\":1.0,\"event\":\"scale\",\"workers\":3}}\n{{\"t_s\":2.0,").unwrap();
        let events = log.read().unwrap();
        assert_eq!(events, [Timestamped { t_s: 1.0, event: Event::Scale { workers: 3 } }]);
        writeln!(file, "\"event\":\"restart\"}}").unwrap();
        assert_eq!(log.read().unwrap()[0].event, Event::Restart {});
        writeln!(file, "hello").unwrap();
        assert_eq!(log.read().unwrap_err().kind(), io::ErrorKind::InvalidData);
    }
}
