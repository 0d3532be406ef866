//! A cluster on a Unix socket, in every mode that can be.

mod file;
mod serving;

use std::io::{Read, Write};
use std::os::unix::net::UnixStream;
use std::path::PathBuf;

use crate::common::{Cluster, PATIENCE, temporary_path};

/// The modes that share out the connections of one socket, with a number of workers.
const MODES: [(&str, usize); 5] =
    [("single", 1), ("threads", 2), ("shared", 2), ("round-robin", 2), ("least-connections", 2)];

/// A path for a socket, in a folder of its own.
struct Place {
    folder: tempfile::TempDir,
    path: PathBuf,
}

impl Place {
    fn new() -> Self {
        let (folder, path) = temporary_path("hello.sock");
        Self { folder, path }
    }

    /// What `--listen` is given, and what is printed.
    fn address(&self) -> String {
        format!("unix:{}", self.path.display())
    }

    fn start(&self, mode: &str, workers: usize, extra: &[&str]) -> Cluster {
        let address = self.address();
        Cluster::start(mode, workers, &[&["--listen", &address], extra].concat())
    }

    fn connect(&self) -> UnixStream {
        let stream = UnixStream::connect(&self.path).expect("it listens");
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        stream
    }

    /// One request on a connection of its own, and all that comes.
    fn get(&self, target: &str) -> String {
        let mut stream = self.connect();
        ask(&mut stream, target);
        answer(&mut stream)
    }

    fn get_hello(&self) {
        let hello = self.get("/");
        assert!(hello.starts_with("HTTP/1.1 200 OK\r\n"), "{hello}");
    }
}

/// Sends the last request of a connection.
fn ask(stream: &mut UnixStream, target: &str) {
    write!(stream, "GET {target} HTTP/1.1\r\nHost: test\r\nConnection: close\r\n\r\n").unwrap();
}

/// All that comes until the other side closes.
fn answer(stream: &mut UnixStream) -> String {
    let mut text = String::new();
    stream.read_to_string(&mut text).expect("a whole answer");
    text
}
