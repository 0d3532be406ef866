//! The floor: our answer, byte for byte but for the date, written by a loop that does nothing else.
//!
//! Next: `perf_load/bare_server.rs`, the loop.

use std::io;

use crate::bare_server::{self, Answers};

/// Serves until it is killed.
pub fn serve() -> io::Result<()> {
    let pid = std::process::id();
    let body = format!("Hello from worker {pid}\n");
    let kept = format!(
        "HTTP/1.1 200 OK\r\ncontent-type: text/plain\r\nx-worker-id: 1\r\nx-worker-pid: {pid}\r\n\
         content-length: {}\r\ndate: Thu, 01 Jan 1970 00:00:00 GMT\r\n\r\n{body}",
        body.len()
    );
    bare_server::serve(&Answers { kept: kept.as_bytes(), closing: None })
}
