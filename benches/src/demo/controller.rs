//! The controller: the one thread that owns all state, handles the events of server, generators and pages,
//! and sends the pages what they show.
//!
//! Children die with the thread that started them, so it is the main thread. It never waits for a running
//! cluster: operations run on their own threads and come back as [`Event`].

mod commands;

use std::collections::BTreeSet;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender};
use std::time::{Duration, Instant};

use bytes::Bytes;
use serde::Serialize;
use serde_json::json;
use server::web::stream;

use super::clocks::Clocks;
use super::dashboard::happened::Happened;
use super::dashboard::{Audience, Commands, Dashboard, Settings};
use super::event::Event;
use super::lab_session::{CurrentSettings, LabSession};
use super::page_server::PageServer;
use super::processes::Processes;
use super::settings::{Load, Serving};
use crate::harness::interrupt::Interrupt;
use crate::harness::process::WaitError;

/// How often the pages are told what there is to see.
const TICK: Duration = Duration::from_millis(200);

/// How long a lab may take to end when all does; what it started is killed with it in any case.
const LAST_SCENE: Duration = Duration::from_secs(5);

pub const MOST_WORKERS: u32 = 16;

pub struct Controller<'a> {
    began: Instant,
    events: Receiver<Event>,
    sender: Sender<Event>,
    interrupt: &'a Interrupt,
    page_server: PageServer,
    dashboard: Dashboard,
    clocks: Clocks,
    serving: Serving,
    load: Load,
    processes: Processes<'a>,
    lab: LabSession,
    operations: usize,
    viewers: BTreeSet<u64>,
    controllers: BTreeSet<u64>,
}

impl<'a> Controller<'a> {
    pub fn new(
        (sender, events): (Sender<Event>, Receiver<Event>),
        interrupt: &'a Interrupt,
        page_server: PageServer,
        (serving, load): (Serving, Load),
        processes: Processes<'a>,
        lab: LabSession,
    ) -> Self {
        let clocks = Clocks::new();
        Self {
            began: Instant::now(),
            events,
            sender,
            interrupt,
            page_server,
            dashboard: Dashboard::new(clocks.cpus),
            clocks,
            serving,
            load,
            processes,
            lab,
            operations: 0,
            viewers: BTreeSet::new(),
            controllers: BTreeSet::new(),
        }
    }

    /// Runs until the user wants to stop, or the server cannot be started again.
    pub fn run(mut self) -> Result<(), WaitError> {
        self.processes.load(&self.load)?;
        let mut due = Instant::now();
        while !self.interrupt.is_set() {
            let now = Instant::now();
            if now >= due {
                self.tick()?;
                // Ticks that were missed are not made up for.
                due = (due + TICK).max(now);
            }
            match self.events.recv_timeout(due.saturating_duration_since(now)) {
                Ok(event) => self.handle(event)?,
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => break,
            }
        }
        self.lab.leave();
        self.await_the_lab();
        self.processes.end(&self.events);
        Ok(())
    }

    fn await_the_lab(&mut self) {
        let deadline = Instant::now() + LAST_SCENE;
        while self.lab.is_running() {
            let left = deadline.saturating_duration_since(Instant::now());
            match self.events.recv_timeout(left) {
                Ok(Event::LabEnded(end)) => self.lab.end(end),
                Ok(_) => {}
                Err(_) => break,
            }
        }
    }

    fn now_s(&self) -> f64 {
        self.began.elapsed().as_secs_f64()
    }

    fn tick(&mut self) -> Result<(), WaitError> {
        if !self.lab.is_running() {
            self.processes.attend(&mut self.dashboard, self.serving, &self.load, self.interrupt)?;
        }
        let now_s = self.now_s();
        let mut generators = self.processes.generators();
        generators.extend(self.lab.running().and_then(|running| running.generator));
        let reading = self.clocks.read(&self.dashboard.table.pids(), &generators);
        self.dashboard.clocks(now_s, &reading);
        let message = self.frame(now_s);
        self.page_server.tell(message);
        if self.lab.is_running() {
            self.tell("lab", &self.lab.card());
        }
        Ok(())
    }

    fn frame(&mut self, now_s: f64) -> Bytes {
        let current = self.lab.settings().unwrap_or_else(|| CurrentSettings {
            serving: self.serving,
            load: &self.load,
            url: &self.processes.url,
        });
        let CurrentSettings { serving, load, url } = current;
        let busy = (self.operations > 0).then_some("an operation is under way");
        let cluster = self.processes.cluster.as_ref();
        let commands = Commands {
            serve: serving.to_string(),
            load: load.command_line(url),
            admin: cluster.map(|cluster| format!("http://{}", cluster.admin.address)),
            token_file: cluster.map(|cluster| cluster.token_file.as_path()),
        };
        let audience = Audience {
            viewers: self.viewers.len(),
            controllers: self.controllers.len(),
            playing: if self.lab.is_running() { "lab" } else { "free" },
        };
        let settings = Settings { serving, busy, load };
        message("frame", &self.dashboard.frame(now_s, settings, commands, audience))
    }

    fn handle(&mut self, event: Event) -> Result<(), WaitError> {
        match event {
            Event::Server { number, message } => {
                if self.is_on_show(number)
                    && let Some(happened) = self.dashboard.server_message(self.now_s(), message)
                {
                    self.tell("happened", &happened);
                }
            }
            Event::StreamEnded { number } => self.processes.lost(number),
            Event::Load { number, snapshot } => {
                self.dashboard.curve.add(self.now_s(), number, *snapshot);
            }
            Event::LoadEnded { number, counted } => {
                if let Some(trouble) = self.processes.load_ended(number, counted) {
                    self.say("load", trouble);
                }
            }
            Event::Joined { viewer, reply } => {
                self.viewers.insert(viewer);
                // He may have left again.
                let _ = reply.send(self.opening(viewer));
            }
            Event::Left { viewer } => {
                self.viewers.remove(&viewer);
                self.controllers.remove(&viewer);
            }
            Event::Command { command, viewer, reply } => {
                self.controllers.extend(viewer.filter(|viewer| self.viewers.contains(viewer)));
                self.act(command, reply)?;
            }
            Event::Operated { action, outcome, reply } => {
                self.operations -= 1;
                self.operated(action, outcome, reply);
            }
            Event::Results { reply } => {
                let _ = reply.send(self.processes.results());
            }
            Event::Lab { server, scene } => self.lab_shows(server, scene),
            Event::LabEnded(end) => self.lab_ended(end),
        }
        Ok(())
    }

    fn is_on_show(&self, number: u64) -> bool {
        match self.lab.running() {
            Some(running) => number == running.server,
            None => self.processes.cluster.as_ref().is_some_and(|it| it.number == number),
        }
    }

    fn opening(&mut self, viewer: u64) -> Vec<Bytes> {
        let hello = json!({
            "viewer": viewer,
            "modes": server::Mode::ALL.into_iter().filter(|mode| mode.is_forked())
                .map(server::Mode::name).collect::<Vec<_>>(),
            "cores": self.clocks.cpus,
            "most_workers": MOST_WORKERS,
            "labs": LabSession::catalog(),
        });
        let history = json!({ "points": self.dashboard.curve.history() });
        vec![
            message("hello", &hello),
            message("history", &history),
            message("lab", &self.lab.card()),
        ]
    }

    fn say(&self, kind: &'static str, text: String) {
        self.tell("happened", &Happened::plain(self.now_s(), kind, text));
    }

    fn tell(&self, name: &str, what: &impl Serialize) {
        self.page_server.tell(message(name, what));
    }
}

fn message(name: &str, what: &impl Serialize) -> Bytes {
    // What is told is made of numbers, texts and lists of them: it always has a form in JSON.
    stream::event(name, &serde_json::to_string(what).unwrap_or_default())
}
