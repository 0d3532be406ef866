//! The conductor: the one thread that holds all, hears what server, generators and pages tell, and
//! tells the pages what there is to see.
//!
//! Children die with the thread that started them, so it is the program's main thread. It never
//! waits for a cluster that runs: operations run on threads of their own and come back as
//! [`Input`].

mod acts;
mod input;

use std::collections::BTreeSet;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender};
use std::time::{Duration, Instant};

use bytes::Bytes;
use serde::Serialize;
use serde_json::json;
use server::web::stream::event;

use super::cast::Cast;
use super::clocks::Clocks;
use super::front::Front;
use super::performance::{Performance, Scenery};
use super::settings::{Load, Serving};
use super::stage::words::Happened;
use super::stage::{Commands, Stage, Surroundings};
use crate::harness::interrupt::Interrupt;
use crate::harness::process::WaitError;

pub use input::{Input, Refusal, Reply};

/// How often the pages are told what there is to see.
const TICK: Duration = Duration::from_millis(200);

/// How long a lab may take to end when all does; what it started is killed with it in any case.
const LAST_SCENE: Duration = Duration::from_secs(5);

/// The most workers that the page may ask for.
pub const MOST_WORKERS: u32 = 16;

/// All that runs and is shown.
pub struct Conductor<'a> {
    began: Instant,
    inbox: Receiver<Input>,
    outbox: Sender<Input>,
    interrupt: &'a Interrupt,
    front: Front,
    stage: Stage,
    clocks: Clocks,
    serving: Serving,
    load: Load,
    cast: Cast<'a>,
    lab: Performance,
    operations: usize,
    viewers: BTreeSet<u64>,
    controllers: BTreeSet<u64>,
}

impl<'a> Conductor<'a> {
    /// One who has not begun; the server runs.
    pub fn new(
        (outbox, inbox): (Sender<Input>, Receiver<Input>),
        interrupt: &'a Interrupt,
        front: Front,
        (serving, load): (Serving, Load),
        cast: Cast<'a>,
        lab: Performance,
    ) -> Self {
        let clocks = Clocks::new();
        Self {
            began: Instant::now(),
            inbox,
            outbox,
            interrupt,
            front,
            stage: Stage::new(clocks.cpus()),
            clocks,
            serving,
            load,
            cast,
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
    pub fn conduct(mut self) -> Result<(), WaitError> {
        self.cast.load(&self.load)?;
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
        self.cast.end(&self.inbox);
        Ok(())
    }

    /// Waits until a lab that was given up has cleaned up behind itself.
    fn await_the_lab(&mut self) {
        let deadline = Instant::now() + LAST_SCENE;
        while self.lab.is_running() {
            let left = deadline.saturating_duration_since(Instant::now());
            match self.inbox.recv_timeout(left) {
                Ok(Input::Lab(shown)) => self.lab.take(shown),
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
            self.cast.attend(&mut self.stage, self.serving, &self.load, self.interrupt)?;
        }
        let now_s = self.now_s();
        let mut generators = self.cast.generators();
        generators.extend(self.lab.generator());
        let reading = self.clocks.read(&self.stage.server_pids(), &generators);
        self.stage.clocks(now_s, &reading);
        let message = self.frame(now_s);
        self.front.tell(message);
        if self.lab.is_running() {
            self.tell("lab", &self.lab.card());
        }
        Ok(())
    }

    fn frame(&mut self, now_s: f64) -> Bytes {
        let scene = self.lab.settings().unwrap_or_else(|| Scenery {
            serving: self.serving,
            load: (&self.load).into(),
            command: self.load.command(self.cast.url()),
        });
        let Scenery { serving, load, command } = scene;
        let serve = serving.to_string();
        let busy = (self.operations > 0).then_some("an operation is under way");
        let frame = self.stage.frame(
            now_s,
            Surroundings {
                serving,
                load,
                busy,
                commands: Commands {
                    serve: &serve,
                    load: &command,
                    admin: self.cast.admin().map(|admin| format!("http://{}", admin.address)),
                    token_file: self.cast.token_file(),
                },
                viewers: self.viewers.len(),
                controllers: self.controllers.len(),
                playing: if self.lab.is_free() { "free" } else { "lab" },
            },
        );
        of("frame", &frame)
    }

    fn hear(&mut self, input: Input) -> Result<(), WaitError> {
        match input {
            Input::Server { number, name, json } => {
                if self.is_on_stage(number)
                    && let Some(happened) = self.stage.server_told(self.now_s(), &name, &json)
                {
                    self.tell("happened", &happened);
                }
            }
            Input::StreamEnded { number } => self.cast.lost(number),
            Input::Load { number, line } => self.stage.load_told(self.now_s(), number, &line),
            Input::LoadEnded { number, counted } => {
                if let Some(trouble) = self.cast.load_ended(number, counted) {
                    self.say("load", trouble);
                }
            }
            Input::Joined { viewer, reply } => {
                self.viewers.insert(viewer);
                // He may have left again.
                let _ = reply.send(self.opening(viewer));
            }
            Input::Left { viewer } => {
                self.viewers.remove(&viewer);
                self.controllers.remove(&viewer);
            }
            Input::Act { action, viewer, reply } => {
                self.controllers.extend(viewer.filter(|viewer| self.viewers.contains(viewer)));
                self.act(action, reply)?;
            }
            Input::Operated { deed, outcome, reply } => {
                self.operations -= 1;
                self.operated(deed, outcome, reply);
            }
            Input::Results { reply } => {
                let _ = reply.send(self.cast.results());
            }
            Input::Lab(shown) => self.lab_shows(shown),
        }
        Ok(())
    }

    /// Whether this server's words are about what is on show.
    fn is_on_stage(&self, number: u64) -> bool {
        match self.lab.server() {
            Some(of_the_lab) => number == of_the_lab,
            None => self.cast.server() == Some(number),
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
            "labs": Performance::bill(),
        });
        let history = json!({ "points": self.stage.history() });
        vec![of("hello", &hello), of("history", &history), of("lab", &self.lab.card())]
    }

    fn say(&self, kind: &str, text: String) {
        self.tell("happened", &Happened::plain(self.now_s(), kind, text));
    }

    fn tell(&self, name: &str, what: &impl Serialize) {
        self.front.tell(of(name, what));
    }
}

/// An event of the stream.
fn of(name: &str, what: &impl Serialize) -> Bytes {
    // What is told is made of numbers, texts and lists of them: it always has a form in JSON.
    event(name, &serde_json::to_string(what).unwrap_or_default())
}
