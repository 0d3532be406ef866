//! A lab on its thread, from its first round to its end, and what it shows of it.

use std::path::{Path, PathBuf};
use std::sync::mpsc::Sender;

use super::{Manner, Ready};
use crate::demo::event::{Event, LabEnd};
use crate::demo::labs::{self, Scene};
use crate::harness::interrupt::Interrupt;

/// Numbers of the labs' servers and generators begin here: those of the free play are smaller.
const FIRST_NUMBER: u64 = 1 << 32;

pub(super) fn run(ready: &Ready, manner: &Manner, interrupt: &Interrupt, events: &Sender<Event>) {
    // Nobody listens any more when all ends.
    let send = |event| drop(events.send(event));
    let mut server = FIRST_NUMBER;
    let mut show = |scene| {
        if matches!(scene, Scene::Serving { .. }) {
            server += 1;
        }
        send(Event::Lab { server, scene });
    };
    let Ready { lab, guesses } = ready;
    let out = manner.out.as_deref().map(|out| a_new_one_in(out, lab.name()));
    let finished = labs::run(lab, guesses, manner.short, out.as_deref(), interrupt, &mut show);
    send(Event::LabEnded(match finished {
        Ok(finished) => {
            let lab = finished.record.lab.map(Box::new);
            let outcome = Some(lab.ok_or_else(|| "it left no sheet".to_owned()));
            LabEnd { outcome, folder: Some(finished.folder) }
        }
        Err(_) if interrupt.is_set() => LabEnd { outcome: None, folder: None },
        Err(why) => LabEnd { outcome: Some(Err(why.to_string())), folder: None },
    }));
}

/// A folder for a lab that may have been performed before: `NAME`, `NAME-2` and so on.
fn a_new_one_in(out: &Path, name: &str) -> PathBuf {
    let again = (2..).map(|number| out.join(format!("{name}-{number}")));
    let mut folders = std::iter::once(out.join(name)).chain(again);
    folders.find(|folder| !folder.exists()).unwrap_or_else(|| out.join(name))
}
