//! The lab on the card: asked, running, or done. It runs on its own thread ([`lab_thread`]) and reports by
//! the controller's events; [`card`] is what the page shows.

mod card;
mod lab_thread;

use std::path::PathBuf;
use std::sync::mpsc::Sender;
use std::time::Instant;

use reports::record;
use serde_json::{Value, json};

use super::cluster::Cluster;
use super::event::{Event, LabEnd, Refusal};
use super::labs::{self, Lab, Scene};
use super::settings::{Load, Serving, Workload};
use crate::harness::interrupt::Interrupt;

#[derive(Debug, Clone, Default)]
pub struct Manner {
    pub short: bool,
    /// In which folder each lab gets one; `None`: where `bench` leaves its records.
    pub out: Option<PathBuf>,
}

#[derive(Debug, Clone)]
pub struct Ready {
    lab: &'static Lab,
    guesses: Vec<Option<f64>>,
}

#[derive(Debug)]
pub struct LabSession {
    manner: Manner,
    state: State,
}

#[derive(Debug)]
enum State {
    Free,
    Predict(&'static Lab),
    Running(Box<Running>),
    Result(&'static Lab, Box<record::Lab>),
    Failed(&'static Lab, String),
}

#[derive(Debug)]
pub struct Running {
    ready: Ready,
    interrupt: Interrupt,
    round: Option<Round>,
    pub server: u64,
    url: String,
    pub generator: Option<u32>,
}

#[derive(Debug)]
struct Round {
    number: u32,
    of: u32,
    title: &'static str,
    seconds: f64,
    began: Instant,
    serving: Serving,
    load: Load,
}

#[derive(Debug)]
pub struct CurrentSettings<'a> {
    pub serving: Serving,
    pub load: &'a Load,
    /// The server's; empty until the first one is ready.
    pub url: &'a str,
}

impl LabSession {
    pub fn new(manner: Manner) -> Self {
        Self { manner, state: State::Free }
    }

    pub fn catalog() -> Vec<Value> {
        let line =
            |lab: &Lab| json!({ "name": lab.name(), "title": lab.title, "minutes": lab.minutes.0 });
        labs::all().iter().map(line).collect()
    }

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
        events: Sender<Event>,
    ) -> Result<String, Refusal> {
        let interrupt = Interrupt::default();
        let (ours, manner, theirs) = (ready.clone(), self.manner.clone(), interrupt.clone());
        let run = move || {
            if let Some(cluster) = before {
                cluster.stop();
            }
            lab_thread::run(&ours, &manner, &theirs, &events);
        };
        let spawned = std::thread::Builder::new().name("lab".to_owned()).spawn(run);
        spawned.map_err(|why| Refusal::Failed(format!("cannot start the lab: {why}")))?;
        let began = format!("The lab \"{}\" begins.", ready.lab.title);
        let (round, server, url, generator) = (None, 0, String::new(), None);
        let running = Running { ready, interrupt, round, server, url, generator };
        self.state = State::Running(Box::new(running));
        Ok(began)
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

    pub fn update(&mut self, server: u64, scene: Scene) {
        let State::Running(running) = &mut self.state else { return };
        match scene {
            Scene::Round { number, of, round, workload, seconds } => {
                let began = Instant::now();
                let serving = Serving { mode: round.mode, workers: round.workers.0 };
                let load = Load {
                    rate: workload.rate_rps,
                    connections: workload.connections,
                    keepalive: workload.keepalive,
                    workload: Workload::new(workload.name, workload.path),
                    paused: false,
                };
                let title = &round.title;
                running.round = Some(Round { number, of, title, seconds, began, serving, load });
            }
            Scene::Serving { url, .. } => (running.server, running.url) = (server, url),
            Scene::Loading { pid } => running.generator = Some(pid),
            Scene::Closing => running.generator = None,
            Scene::Snapshot(_) | Scene::Did { .. } | Scene::Ended { .. } => {}
        }
    }

    pub fn end(&mut self, end: LabEnd) {
        let State::Running(running) = &self.state else { return };
        let lab = running.ready.lab;
        self.state = match end.outcome {
            Some(Ok(seen)) => State::Result(lab, seen),
            Some(Err(why)) => State::Failed(lab, why),
            None => State::Free,
        };
    }

    pub fn is_running(&self) -> bool {
        matches!(self.state, State::Running(_))
    }

    pub fn settings(&self) -> Option<CurrentSettings<'_>> {
        let running = self.running()?;
        let Round { serving, load, .. } = running.round.as_ref()?;
        Some(CurrentSettings { serving: *serving, load, url: &running.url })
    }

    pub fn running(&self) -> Option<&Running> {
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
    if let Some(guess) = outside {
        let line = format!("{guess} as guess: give {} to {} {}", bounds.min, bounds.max, lab.unit);
        return Err(Refusal::Bad(line.trim_end().to_owned()));
    }
    Ok(guesses.to_vec())
}
