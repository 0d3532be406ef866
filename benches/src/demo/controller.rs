//! The controller: the one thread that holds all, hears what server, generators and pages tell, and
//! tells the pages what there is to see.
//!
//! Children die with the thread that started them, so it is the program's main thread. It never
//! waits for a cluster that runs: operations run on threads of their own and come back as
//! [`Event`].

mod commands;

use std::collections::BTreeSet;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender};
use std::time::{Duration, Instant};

use bytes::Bytes;
use serde::Serialize;
use serde_json::json;
use server::web::stream::event;

use super::clocks::Clocks;
use super::dashboard::happened::Happened;
use super::dashboard::{Commands, Dashboard, Surroundings};
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

/// The most workers that the page may ask for.
pub const MOST_WORKERS: u32 = 16;

/// All that runs and is shown.
pub struct Controller<'a> {
    began: Instant,
    inbox: Receiver<Event>,
    outbox: Sender<Event>,
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
    /// One who has not begun; the server runs.
    pub fn new(
        (outbox, inbox): (Sender<Event>, Receiver<Event>),
        interrupt: &'a Interrupt,
        page_server: PageServer,
        (serving, load): (Serving, Load),
        processes: Processes<'a>,
        lab: LabSession,
    ) -> Self {
        let clocks = Clocks::new();
        Self {
            began: Instant::now(),
            inbox,
            outbox,
            interrupt,
            page_server,
            dashboard: Dashboard::new(clocks.cpus()),
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

    /// Conducts until the user wants to stop.
    ///
    /// # Errors
    /// [`WaitError`] when the server cannot be started again.
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
            match self.inbox.recv_timeout(due.saturating_duration_since(now)) {
                Ok(input) => self.hear(input)?,
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => break,
            }
        }
        self.lab.leave();
        self.await_the_lab();
        self.processes.end(&self.inbox);
        Ok(())
    }

    /// Waits until a lab that was given up has cleaned up behind itself.
    fn await_the_lab(&mut self) {
        let deadline = Instant::now() + LAST_SCENE;
        while self.lab.is_running() {
            let left = deadline.saturating_duration_since(Instant::now());
            match self.inbox.recv_timeout(left) {
                Ok(Event::Lab(shown)) => self.lab.take(shown),
                Ok(_) => {}
                Err(_) => break,
            }
        }
    }

    fn now_s(&self) -> f64 {
        self.began.elapsed().as_secs_f64()
    }

    /// Reads the clocks and tells the pages what there is to see.
    fn tick(&mut self) -> Result<(), WaitError> {
        if self.lab.is_free() {
            self.processes.attend(&mut self.dashboard, self.serving, &self.load, self.interrupt)?;
        }
        let now_s = self.now_s();
        let mut generators = self.processes.generators();
        generators.extend(self.lab.generator());
        let reading = self.clocks.read(&self.dashboard.server_pids(), &generators);
        self.dashboard.clocks(now_s, &reading);
        let message = self.frame(now_s);
        self.page_server.tell(message);
        if self.lab.is_running() {
            self.tell("lab", &self.lab.card());
        }
        Ok(())
    }

    fn frame(&mut self, now_s: f64) -> Bytes {
        let scene = self.lab.settings().unwrap_or_else(|| CurrentSettings {
            serving: self.serving,
            load: (&self.load).into(),
            command: self.load.command(self.processes.url()),
        });
        let CurrentSettings { serving, load, command } = scene;
        let serve = serving.to_string();
        let busy = (self.operations > 0).then_some("an operation is under way");
        let frame = self.dashboard.frame(
            now_s,
            Surroundings {
                serving,
                load,
                busy,
                commands: Commands {
                    serve: &serve,
                    load: &command,
                    admin: self.processes.admin().map(|admin| format!("http://{}", admin.address)),
                    token_file: self.processes.token_file(),
                },
                viewers: self.viewers.len(),
                controllers: self.controllers.len(),
                playing: if self.lab.is_free() { "free" } else { "lab" },
            },
        );
        of("frame", &frame)
    }

    fn hear(&mut self, input: Event) -> Result<(), WaitError> {
        match input {
            Event::Server { number, name, json } => {
                if self.is_on_stage(number)
                    && let Some(happened) = self.dashboard.server_told(self.now_s(), &name, &json)
                {
                    self.tell("happened", &happened);
                }
            }
            Event::StreamEnded { number } => self.processes.lost(number),
            Event::Load { number, line } => self.dashboard.load_told(self.now_s(), number, &line),
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
            Event::Act { command, viewer, reply } => {
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
            Event::Lab(shown) => self.lab_shows(shown),
        }
        Ok(())
    }

    /// Whether this server's words are about what is on show.
    fn is_on_stage(&self, number: u64) -> bool {
        match self.lab.server() {
            Some(of_the_lab) => number == of_the_lab,
            None => self.processes.server() == Some(number),
        }
    }

    /// What somebody is told who comes.
    fn opening(&mut self, viewer: u64) -> Vec<Bytes> {
        let hello = json!({
            "viewer": viewer,
            "modes": server::Mode::ALL.into_iter().filter(|mode| mode.is_forked())
                .map(server::Mode::name).collect::<Vec<_>>(),
            "cores": self.clocks.cpus(),
            "most_workers": MOST_WORKERS,
            "labs": LabSession::catalog(),
        });
        let history = json!({ "points": self.dashboard.history() });
        vec![of("hello", &hello), of("history", &history), of("lab", &self.lab.card())]
    }

    fn say(&self, kind: &str, text: String) {
        self.tell("happened", &Happened::plain(self.now_s(), kind, text));
    }

    fn tell(&self, name: &str, what: &impl Serialize) {
        self.page_server.tell(of(name, what));
    }
}

/// An event of the stream.
fn of(name: &str, what: &impl Serialize) -> Bytes {
    // What is told is made of numbers, texts and lists of them: it always has a form in JSON.
    event(name, &serde_json::to_string(what).unwrap_or_default())
}
