//! Lines for people, on stdout and stderr.
//!
//! A reader who is slow, stopped (Ctrl-S) or gone must not stop the cluster: a line that cannot be
//! taken at once is dropped. What has to be complete is in the file of events.

use std::io::{self, Write};
use std::os::fd::AsFd;
use std::time::Duration;

use crate::sys::poll::takes_a_line;

pub(crate) fn out(line: &str) {
    say(io::stdout(), &format!("{line}\n"));
}

pub(crate) fn err(line: &str) {
    say(io::stderr(), &format!("hello-cluster: {line}\n"));
}

pub(crate) fn announce_stop(open: u64, timeout: Duration) {
    let connections = if open == 1 { "connection has" } else { "connections have" };
    err(&format!(
        "stopping; {open} open {connections} {timeout:?} to finish \
         (a second signal ends it at once)"
    ));
}

/// Writes in one piece, so that lines of several processes do not mix.
fn say(mut to: impl Write + AsFd, text: &str) {
    if takes_a_line(to.as_fd()) {
        let _ = to.write_all(text.as_bytes());
    }
}

#[cfg(test)]
mod tests {
    use std::fs::File;
    use std::io::Read;
    use std::os::fd::OwnedFd;

    use super::*;

    #[test]
    fn a_reader_who_does_not_read_holds_nobody_up() {
        let (mut reader, writer) = io::pipe().unwrap();
        let writer = File::from(OwnedFd::from(writer));
        for _ in 0..10_000 {
            say(&writer, "a line that nobody reads\n");
        }
        drop(writer);
        let mut text = String::new();
        reader.read_to_string(&mut text).unwrap();
        assert!(text.lines().all(|line| line == "a line that nobody reads"));
        assert!((1..10_000).contains(&text.lines().count()));
    }
}
