//! The lab on the card: asked, running, or done.
//!
//! It runs on a thread of its own ([`thread`]), where its servers and generators are started, and
//! shows what it does by the controller's inbox; [`card`] is what the page is shown.

mod card;
mod lab_thread;

use std::path::PathBuf;
use std::sync::mpsc::Sender;
use std::time::Instant;

use reports::record;
use serde_json::{Value, json};

use super::cluster::Cluster;
use super::dashboard::LoadSettings;
use super::event::{Event, Refusal};
use super::labs::{self, Lab};
use super::settings::Serving;
use crate::harness::interrupt::Interrupt;

pub use lab_thread::Shown;

/// How labs are performed here.
#[derive(Debug, Clone, Default)]
pub struct Manner {
    /// Shortened.
    pub short: bool,
    /// In which folder each lab gets one; `None`: where `bench` leaves its records.
    pub out: Option<PathBuf>,
}

/// A lab that can begin, and what the class guesses.
#[derive(Debug, Clone)]
pub struct Ready {
    lab: &'static Lab,
    guesses: Vec<Option<f64>>,
}

/// The lab on the card.
#[derive(Debug)]
pub struct LabSession {
    manner: Manner,
    state: State,
}

#[derive(Debug)]
enum State {
    /// No card.
    Free,
    /// The question is asked.
    Predict(&'static Lab),
    /// It runs.
    Running(Box<Running>),
    /// It is done.
    Result(&'static Lab, Box<record::Lab>),
    /// It failed.
    Failed(&'static Lab, String),
}

#[derive(Debug)]
struct Running {
    lab: &'static Lab,
    guesses: Vec<Option<f64>>,
    interrupt: Interrupt,
    round: Option<Round>,
    server: u64,
    url: String,
    generator: Option<u32>,
}

/// The round that is under way.
#[derive(Debug)]
struct Round {
    number: u32,
    of: u32,
    title: String,
    seconds: f64,
    began: Instant,
    serving: Serving,
    load: LoadSettings,
    command: String,
}

/// How server and generator are, for the page.
#[derive(Debug)]
pub struct CurrentSettings {
    /// The server.
    pub serving: Serving,
    /// The generator.
    pub load: LoadSettings,
    /// Its command line.
    pub command: String,
}

impl LabSession {
    /// No card; labs will be performed in this manner.
    pub fn new(manner: Manner) -> Self {
        Self { manner, state: State::Free }
    }

    /// The labs that there are, for a list.
    pub fn catalog() -> Vec<Value> {
        let line =
            |lab: &Lab| json!({ "name": lab.name(), "title": lab.title, "minutes": lab.minutes.0 });
        labs::all().iter().map(line).collect()
    }

    /// Opens the card of a lab.
    pub fn open(&mut self, name: &str) -> Result<String, Refusal> {
        if self.is_running() {
            return Err(Refusal::Conflict("a lab is running: leave it first".to_owned()));
        }
        let lab = labs::find(name).map_err(|unknown| Refusal::Bad(unknown.to_string()))?;
        self.state = State::Predict(lab);
        Ok(format!("The lab \"{}\" asks a question.", lab.title))
    }

    /// The lab on the card with these guesses, if it can begin.
    pub fn ready(&self, guesses: &[Option<f64>]) -> Result<Ready, Refusal> {
        let State::Predict(lab) = self.state else {
            return Err(Refusal::Conflict("open the card of a lab first".to_owned()));
        };
        Ok(Ready { lab, guesses: check(lab, guesses)? })
    }

    /// Has a lab run, once the cluster that was on show has ended.
    pub fn run(
        &mut self,
        ready: Ready,
        before: Option<Cluster>,
        outbox: Sender<Event>,
    ) -> Result<String, Refusal> {
        let Ready { lab, guesses } = ready.clone();
        let interrupt = Interrupt::default();
        let (manner, theirs) = (self.manner.clone(), interrupt.clone());
        let perform = move || {
            if let Some(cluster) = before {
                cluster.stop();
            }
            lab_thread::run(&ready, &manner, &theirs, &outbox);
        };
        let spawned = std::thread::Builder::new().name("lab".to_owned()).spawn(perform);
        spawned.map_err(|why| Refusal::Failed(format!("cannot start the lab: {why}")))?;
        self.state = State::Running(Box::new(Running {
            lab,
            guesses,
            interrupt,
            round: None,
            server: 0,
            url: String::new(),
            generator: None,
        }));
        Ok(format!("The lab \"{}\" begins.", lab.title))
    }

    /// Closes the card; a lab that runs ends in a moment, and then it is closed. What is said of it.
    pub fn leave(&mut self) -> &'static str {
        if let State::Running(running) = &self.state {
            running.interrupt.raise();
            return "The lab is given up; it ends in a moment.";
        }
        self.state = State::Free;
        "The lab's card is closed."
    }

    /// Takes note of what the lab shows.
    pub fn take(&mut self, shown: Shown) {
        let State::Running(running) = &mut self.state else { return };
        match shown {
            Shown::Round { number, of, title, seconds, serving, load, command } => {
                let began = Instant::now();
                let round = Round { number, of, title, seconds, began, serving, load, command };
                running.round = Some(round);
            }
            Shown::Serving { number, url, .. } => {
                running.server = number;
                running.url = url;
            }
            Shown::Loading { pid } => running.generator = Some(pid),
            Shown::Closing => running.generator = None,
            Shown::Over { outcome, .. } => {
                let lab = running.lab;
                self.state = match outcome {
                    Some(Ok(seen)) => State::Result(lab, seen),
                    Some(Err(why)) => State::Failed(lab, why),
                    None => State::Free,
                };
            }
            Shown::Snapshot { .. } | Shown::Did { .. } | Shown::RoundEnded { .. } => {}
        }
    }

    /// Whether a lab runs.
    pub fn is_running(&self) -> bool {
        matches!(self.state, State::Running(_))
    }

    /// Whether the cluster is the class's to play with.
    pub fn is_free(&self) -> bool {
        !self.is_running()
    }

    /// The number of the running lab's server.
    pub fn server(&self) -> Option<u64> {
        self.running().map(|running| running.server)
    }

    /// The running lab's generator.
    pub fn generator(&self) -> Option<u32> {
        self.running().and_then(|running| running.generator)
    }

    /// How server and generator of the round are; `None` without a round.
    pub fn settings(&self) -> Option<CurrentSettings> {
        let running = self.running()?;
        let Round { serving, load, command, .. } = running.round.as_ref()?;
        let command = command.replace(lab_thread::URL, &running.url);
        Some(CurrentSettings { serving: *serving, load: load.clone(), command })
    }

    fn running(&self) -> Option<&Running> {
        match &self.state {
            State::Running(running) => Some(running),
            _ => None,
        }
    }
}

/// One guess an item, each within its bounds.
fn check(lab: &Lab, guesses: &[Option<f64>]) -> Result<Vec<Option<f64>>, Refusal> {
    let items = lab.item.0.len();
    if guesses.len() != items {
        let line =
            format!("{} guesses: the lab asks for {items}, with a comma between", guesses.len());
        return Err(Refusal::Bad(line));
    }
    let bounds = lab.guess.get_ref();
    let outside =
        guesses.iter().flatten().find(|guess| !(bounds.min..=bounds.max).contains(*guess));
    match outside {
        Some(guess) => {
            let line =
                format!("{guess} as guess: give {} to {} {}", bounds.min, bounds.max, lab.unit);
            Err(Refusal::Bad(line.trim_end().to_owned()))
        }
        None => Ok(guesses.to_vec()),
    }
}
