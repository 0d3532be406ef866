//! The load: `load` of this program, which tells how it goes until it is told to stop.
//!
//! Other settings are another process: it starts at once, and the old one finishes what is under way.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::mpsc::Sender;
use std::time::Duration;
use std::{io, thread};

use serde::{Deserialize, Serialize};

use super::event::Event;
use super::settings::Load;
use crate::harness::interrupt::Interrupt;
use crate::harness::load_process::{self, Bound, Schedule, snapshots_to};
use crate::harness::process::{Child, WaitError};
use crate::sys::child::{self, Signal};

/// How long it runs when nobody stops it: longer than any class.
const LONG: Duration = Duration::from_secs(24 * 60 * 60);

/// A running generator.
#[derive(Debug)]
pub struct Generator {
    /// Its process id.
    pub pid: u32,
}

/// What a generator counted, in the words of its own result (`load --json`).
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counted {
    /// Good answers.
    pub requests: u64,
    /// Failed requests, by class.
    pub errors: BTreeMap<String, serde_json::Value>,
}

impl Generator {
    /// Starts one; `inbox` gets what it tells under its `number`, and its result.
    ///
    /// # Errors
    /// [`WaitError::System`] when it cannot be started.
    pub fn start(
        program: &Path,
        load: &Load,
        url: &str,
        number: u64,
        inbox: Sender<Event>,
    ) -> Result<Self, WaitError> {
        let told = inbox.clone();
        // Nobody listens any more when all ends.
        let ear = snapshots_to(move |line| drop(told.send(Event::Load { number, line })));
        let mut child =
            Child::start(program, "load", &asked(program, load, url).arguments(), Some(ear))?;
        let pid = child.pid();
        let wait = move || {
            let end = child.await_end(2 * LONG, &Interrupt::default());
            let counted = end.map_err(|why| why.to_string()).and_then(|(status, output)| {
                serde_json::from_str::<Counted>(&output)
                    .map_err(|_| format!("load ended with {status}: {}", child.last_words()))
            });
            let _ = inbox.send(Event::LoadEnded { number, counted });
        };
        let waiting = thread::Builder::new().name("load".to_owned()).spawn(wait);
        waiting.map_err(|why: io::Error| WaitError::System {
            name: "load".to_owned(),
            what: "follow",
            why: why.to_string(),
        })?;
        Ok(Self { pid })
    }

    /// Has it stop sending, finish what is under way and end.
    pub fn stop(&self) {
        // It may have ended by itself.
        let _ = child::signal(self.pid, Signal::SIGINT);
    }
}

/// What is asked of it.
fn asked<'a>(program: &'a Path, load: &Load, url: &'a str) -> load_process::Load<'a> {
    let schedule = |rate_rps| Schedule { rate_rps, arrivals: "constant" };
    load_process::Load {
        program,
        url,
        paths: load.workload.paths(),
        schedule: load.rate.map(schedule),
        connections: load.connections,
        keepalive: load.keepalive,
        cpus: &[],
        seed: 0,
        bound: Bound::Time { warmup: Duration::ZERO, duration: LONG },
        tools: &[],
        snapshots: true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_settings_become_the_command_line_of_load() {
        let load = Load::default().with("workload=mixed&rate=50&keepalive=false").unwrap();
        let words: Vec<_> = asked(Path::new("hello-cluster"), &load, "http://127.0.0.1:1")
            .arguments()
            .into_iter()
            .map(|word| word.into_string().unwrap())
            .collect();
        let line = words.join(" ");
        for part in [
            "http://127.0.0.1:1/ -c 32 --mix 95:/,5:/work?rounds=200000 -R 50 ",
            " --no-keepalive ",
            " --warmup 0s -d 1day ",
            " --snapshots 200ms ",
        ] {
            assert!(line.contains(part), "{part} in {line}");
        }
        assert!(!line.contains("--cpus"), "{line}");
    }
}
