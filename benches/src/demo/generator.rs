//! The load: `load` of this program. New settings start another process; the old one finishes its requests.

use std::path::Path;
use std::sync::mpsc::Sender;
use std::thread;

use super::event::{Counted, Event};
use super::settings::{LONG, Load};
use crate::harness::interrupt::Interrupt;
use crate::harness::load_process::snapshots_to;
use crate::harness::process::{Child, WaitError};
use crate::sys::child::{self, Signal};

#[derive(Debug)]
pub struct Generator {
    pub pid: u32,
}

impl Generator {
    /// Starts one; `events` gets its snapshots and its result under its `number`.
    pub fn start(
        program: &Path,
        load: &Load,
        url: &str,
        number: u64,
        events: Sender<Event>,
    ) -> Result<Self, WaitError> {
        let snapshots = events.clone();
        let tap = snapshots_to(move |snapshot| {
            if let Ok(snapshot) = snapshot {
                // Nobody listens any more when all ends.
                let _ = snapshots.send(Event::Load { number, snapshot });
            }
        });
        let arguments = load.process(program, url).arguments();
        let mut child = Child::start(program, "load", &arguments, Some(tap))?;
        let pid = child.pid();
        let wait = move || {
            let end = child.await_end(2 * LONG, &Interrupt::default());
            let counted = end.map_err(|why| why.to_string()).and_then(|(status, output)| {
                serde_json::from_str::<Counted>(&output)
                    .map_err(|_| format!("load ended with {status}: {}", child.last_words()))
            });
            let _ = events.send(Event::LoadEnded { number, counted });
        };
        let waiting = thread::Builder::new().name("load".to_owned()).spawn(wait);
        waiting.map_err(|why| WaitError::system("load", "follow", why))?;
        Ok(Self { pid })
    }

    /// Has it stop sending, finish what is under way and end.
    pub fn stop(&self) {
        // It may have ended by itself.
        let _ = child::signal(self.pid, Signal::SIGINT);
    }
}
