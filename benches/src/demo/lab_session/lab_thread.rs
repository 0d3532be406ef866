//! A lab on its thread, from its first round to its end, and what it shows of it.

use std::path::{Path, PathBuf};
use std::sync::mpsc::Sender;

use reports::record;

use super::{Manner, Ready};
use crate::demo::dashboard::LoadSettings;
use crate::demo::event::Event;
use crate::demo::labs::{self, Scene};
use crate::demo::settings::{Serving, command_line};
use crate::harness::admin_client::Client;
use crate::harness::interrupt::Interrupt;

/// Numbers of the labs' servers and generators begin here: those of the free play are smaller.
const FIRST_NUMBER: u64 = 1 << 32;

/// Stands for the server's URL in a command line until the server has one.
pub(super) const URL: &str = "URL";

/// What a lab shows while it runs.
#[derive(Debug)]
pub enum Shown {
    /// A round begins.
    Round {
        /// Which of them, from 1.
        number: u32,
        /// How many there are.
        of: u32,
        /// What it is called.
        title: String,
        /// How long it takes, in seconds.
        seconds: f64,
        /// How the server is.
        serving: Serving,
        /// What the generator does.
        load: LoadSettings,
        /// The generator's command line, but for the URL.
        command: String,
    },
    /// Its server is ready.
    Serving {
        /// Its number.
        number: u64,
        /// Its URL.
        url: String,
        /// The way to act upon it.
        admin: Client,
    },
    /// Its generator runs.
    Loading {
        /// Its process id.
        pid: u32,
    },
    /// How the generator goes.
    Snapshot {
        /// The generator's number.
        number: u64,
        /// The line.
        line: String,
    },
    /// Something was done.
    Did {
        /// What, and when.
        text: String,
    },
    /// The server is about to be stopped.
    Closing,
    /// The round is over.
    RoundEnded {
        /// What came out.
        text: String,
    },
    /// The lab is over.
    Over {
        /// What was guessed and seen, or why it failed; `None`: it was given up.
        outcome: Option<Result<Box<record::Lab>, String>>,
        /// Where its record, report and handout are.
        folder: Option<PathBuf>,
    },
}

/// Performs a lab to its end, and shows it.
pub(super) fn run(
    Ready { lab, guesses }: &Ready,
    manner: &Manner,
    interrupt: &Interrupt,
    outbox: &Sender<Event>,
) {
    // Nobody listens any more when all ends.
    let show = |shown| drop(outbox.send(Event::Lab(shown)));
    let mut number = FIRST_NUMBER;
    let out = manner.out.as_deref().map(|out| a_new_one_in(out, lab.name()));
    let performed =
        labs::run(lab, guesses, manner.short, out.as_deref(), interrupt, &mut |scene: Scene<
            '_,
        >| {
            if matches!(scene, Scene::Serving { .. }) {
                number += 1;
            }
            show(shown(scene, number));
        });
    let (outcome, folder) = match performed {
        Ok(finished) => {
            let seen =
                finished.record.lab.map(Box::new).ok_or_else(|| "it left no sheet".to_owned());
            (Some(seen), Some(finished.folder))
        }
        Err(_) if interrupt.is_set() => (None, None),
        Err(why) => (Some(Err(why.to_string())), None),
    };
    show(Shown::Over { outcome, folder });
}

/// A folder for a lab that may have been performed before: `NAME`, `NAME-2` and so on.
fn a_new_one_in(out: &Path, name: &str) -> PathBuf {
    let again = (2..).map(|number| out.join(format!("{name}-{number}")));
    let mut folders = std::iter::once(out.join(name)).chain(again);
    folders.find(|folder| !folder.exists()).unwrap_or_else(|| out.join(name))
}

/// A scene as the controller keeps it.
fn shown(scene: Scene<'_>, server: u64) -> Shown {
    match scene {
        Scene::Round { number, of, round, workload, seconds } => {
            let load = LoadSettings {
                rate: workload.rate_rps,
                connections: workload.connections,
                keepalive: workload.keepalive,
                workload: workload.name.clone(),
                paused: false,
            };
            Shown::Round {
                number,
                of,
                title: round.title.clone(),
                seconds,
                serving: Serving { mode: round.mode, workers: round.workers.0 },
                command: command_line(URL, &workload.path, &load),
                load,
            }
        }
        Scene::Serving { url, admin } => {
            Shown::Serving { number: server, url: url.to_owned(), admin: admin.clone() }
        }
        Scene::Loading { pid } => Shown::Loading { pid },
        Scene::Snapshot(line) => Shown::Snapshot { number: server, line: line.to_owned() },
        Scene::Did { t_s, text } => Shown::Did { text: format!("{t_s:.1} s: {text}") },
        Scene::Closing => Shown::Closing,
        Scene::Ended { text } => Shown::RoundEnded { text: text.to_owned() },
    }
}
