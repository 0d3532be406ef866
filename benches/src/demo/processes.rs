//! What runs in the free play: the cluster, and the generator that asks it.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::mpsc::{Receiver, Sender};
use std::time::{Duration, Instant};

use super::cluster::Cluster;
use super::dashboard::Dashboard;
use super::event::{Counted, Event};
use super::generator::Generator;
use super::settings::{Load, Serving};
use crate::harness::interrupt::Interrupt;
use crate::harness::process::WaitError;

const MOST_RESULTS: usize = 256;

/// How long generators may take to finish at the end.
const LAST_ANSWERS: Duration = Duration::from_secs(3);

/// The least time between two starts of a server that ended by itself.
const BREATH: Duration = Duration::from_secs(1);

pub struct Processes<'a> {
    program: &'a Path,
    folder: &'a Path,
    events: Sender<Event>,
    /// The server; `None` while another one is to follow.
    pub cluster: Option<Cluster>,
    /// The server's, the last one's while there is none.
    pub url: String,
    servers: u64,
    started: Instant,
    generators: BTreeMap<u64, Generator>,
    current: Option<u64>,
    runs: u64,
    results: BTreeMap<u64, Counted>,
}

impl<'a> Processes<'a> {
    pub fn new(program: &'a Path, folder: &'a Path, events: Sender<Event>) -> Self {
        Self {
            program,
            folder,
            events,
            cluster: None,
            url: String::new(),
            servers: 0,
            started: Instant::now(),
            generators: BTreeMap::new(),
            current: None,
            runs: 0,
            results: BTreeMap::new(),
        }
    }

    pub fn serve(&mut self, serving: Serving, interrupt: &Interrupt) -> Result<(), WaitError> {
        self.servers += 1;
        self.started = Instant::now();
        let (program, number, folder) = (self.program, self.servers, self.folder);
        let cluster = Cluster::start(program, serving, number, folder, interrupt, &self.events)?;
        cluster.server.url().clone_into(&mut self.url);
        self.cluster = Some(cluster);
        Ok(())
    }

    /// Sees to it that a server runs: one that has ended by itself is followed by another.
    pub fn attend(
        &mut self,
        dashboard: &mut Dashboard,
        serving: Serving,
        load: &Load,
        interrupt: &Interrupt,
    ) -> Result<(), WaitError> {
        if self.cluster.is_some() || self.started.elapsed() < BREATH {
            return Ok(());
        }
        dashboard.new_server();
        match self.serve(serving, interrupt) {
            // The controller sees it, too.
            Err(WaitError::Interrupted) => return Ok(()),
            started => started?,
        }
        self.load(load)
    }

    pub fn lost(&mut self, number: u64) {
        drop(self.cluster.take_if(|cluster| cluster.number == number));
    }

    /// Has a generator with these settings ask the server, and the one before finish.
    pub fn load(&mut self, load: &Load) -> Result<(), WaitError> {
        let before = self.current.take();
        if !load.paused && self.cluster.is_some() {
            self.runs += 1;
            let generator =
                Generator::start(self.program, load, &self.url, self.runs, self.events.clone())?;
            self.generators.insert(self.runs, generator);
            self.current = Some(self.runs);
        }
        if let Some(generator) = before.and_then(|number| self.generators.get(&number)) {
            generator.stop();
        }
        Ok(())
    }

    /// A generator has ended; what there is to say of it, if it ended by itself.
    pub fn load_ended(&mut self, number: u64, counted: Result<Counted, String>) -> Option<String> {
        self.generators.remove(&number);
        let by_itself = self.current.take_if(|current| *current == number).is_some();
        match counted {
            Ok(counted) => {
                if self.results.len() >= MOST_RESULTS {
                    self.results.pop_first();
                }
                self.results.insert(number, counted);
                by_itself.then(|| "The load has come to its end.".to_owned())
            }
            Err(why) => Some(format!("The load is no more: {why}")),
        }
    }

    pub fn results(&self) -> String {
        serde_json::to_string(&self.results).unwrap_or_default()
    }

    pub fn generators(&self) -> Vec<u32> {
        self.generators.values().map(|generator| generator.pid).collect()
    }

    /// Ends the load and hands over the cluster to be ended: somebody else needs the machine.
    pub fn release(&mut self) -> Option<Cluster> {
        if let Some(generator) = self.current.take().and_then(|it| self.generators.get(&it)) {
            generator.stop();
        }
        self.cluster.take()
    }

    pub fn end(mut self, events: &Receiver<Event>) {
        let cluster = self.release();
        let deadline = Instant::now() + LAST_ANSWERS;
        while !self.generators.is_empty() {
            let left = deadline.saturating_duration_since(Instant::now());
            match events.recv_timeout(left) {
                Ok(Event::LoadEnded { number, counted }) => {
                    self.load_ended(number, counted);
                }
                Ok(_) => {}
                Err(_) => break,
            }
        }
        if let Some(cluster) = cluster {
            cluster.stop();
        }
    }
}
