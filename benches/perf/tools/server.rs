//! The server of a comparison: one process of `hello-cluster serve`, which can be made to pause.

use std::error::Error;
use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::Duration;

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

use super::program::program;

/// When the server stands still after a run began, a warm-up of the tool included, and for how long.
const PAUSE: (Duration, Duration) = (Duration::from_secs(2), Duration::from_millis(300));

/// A running server; killed when dropped.
pub struct Server {
    child: Child,
    url: String,
}

impl Server {
    /// Starts it on a free port.
    pub fn start() -> Result<Self, Box<dyn Error>> {
        let mut child = Command::new(program()?)
            .args(["serve", "--mode", "single", "--listen", "127.0.0.1:0"])
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .spawn()?;
        let out = child.stdout.take().ok_or("the server has no output")?;
        let mut server = Self { child, url: String::new() };
        for line in BufReader::new(out).lines() {
            let line = line?;
            if let Some((_, rest)) = line.split_once("http://") {
                let end = rest.find(|c: char| c.is_whitespace() || c == '/').unwrap_or(rest.len());
                server.url = format!("http://{}/sleep?ms=50", &rest[..end]);
                return Ok(server);
            }
        }
        Err("the server did not say where it listens".into())
    }

    /// Does something with the server's URL, during which the server may pause once.
    pub fn meanwhile<T>(
        &self,
        pausing: bool,
        run: impl FnOnce(&str) -> Result<T, Box<dyn Error>>,
    ) -> Result<T, Box<dyn Error>> {
        let pid = Pid::from_raw(self.child.id().try_into()?);
        thread::scope(|scope| {
            if pausing {
                scope.spawn(move || {
                    thread::sleep(PAUSE.0);
                    // The server is this process's child and is reaped only when it is dropped.
                    let _ = kill(pid, Signal::SIGSTOP);
                    thread::sleep(PAUSE.1);
                    let _ = kill(pid, Signal::SIGCONT);
                });
            }
            run(&self.url)
        })
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
