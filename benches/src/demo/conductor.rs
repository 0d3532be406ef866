//! The conductor: the one thread that holds all, hears what server, generators and pages tell, and
//! tells the pages what there is to see.
//!
//! Children die with the thread that started them, so it is the program's main thread. It never waits
//! for the cluster: operations run on threads of their own and come back as [`Input`].
//! Next: [`super::stage`] for what is shown, [`super::cast`] for what runs.

use std::collections::BTreeSet;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender};
use std::thread;
use std::time::{Duration, Instant};

use bytes::Bytes;
use serde::Serialize;
use serde_json::{Value, json};
use server::web::stream::event;
use tokio::sync::oneshot;

use super::action::Action;
use super::admin::AdminError;
use super::cast::Cast;
use super::clocks::Clocks;
use super::front::Front;
use super::generator::Counted;
use super::labs::Deed;
use super::performance::{Performance, Scenery, Shown};
use super::settings::{Load, Serving};
use super::stage::words::Happened;
use super::stage::{Commands, Frame, Stage, Surroundings};
use crate::experiment::children::WaitError;
use crate::experiment::interrupt::Interrupt;

/// How often the pages are told what there is to see.
const TICK: Duration = Duration::from_millis(200);

/// Operations that may be under way at a time.
const MOST_OPERATIONS: usize = 8;

/// The most workers that the page may ask for.
pub const MOST_WORKERS: u32 = 16;

/// What the conductor hears.
#[derive(Debug)]
pub enum Input {
    /// A server tells its status, or that something happened.
    Server { number: u64, name: String, json: String },
    /// Its stream of events has ended.
    StreamEnded { number: u64 },
    /// A generator says how it goes.
    Load { number: u64, line: String },
    /// It has ended; what it counted, or what it said last.
    LoadEnded { number: u64, counted: Result<Counted, String> },
    /// Somebody watches from now on, and is to be told what there is.
    Joined { viewer: u64, reply: oneshot::Sender<Vec<Bytes>> },
    /// He watches no more.
    Left { viewer: u64 },
    /// A page wants something done.
    Act { action: Action, viewer: Option<u64>, reply: Reply },
    /// An operation has come back from the cluster.
    Operated { deed: Deed, outcome: Result<Value, AdminError>, reply: Reply },
    /// Somebody wants what the generators that have ended counted.
    Results { reply: oneshot::Sender<String> },
    /// A lab shows something.
    Lab(Shown),
}

/// To whom the outcome of an action is told.
pub type Reply = oneshot::Sender<Result<String, Refusal>>;

/// Why an action was not carried out.
#[derive(Debug, thiserror::Error)]
pub enum Refusal {
    /// It makes no sense; the line says what would.
    #[error("{0}")]
    Bad(String),
    /// It makes none now.
    #[error("{0}")]
    NotNow(String),
    /// It went wrong.
    #[error("{0}")]
    Failed(String),
}

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
        self.lab.give_up();
        self.cast.end(&self.inbox);
        Ok(())
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
        of_frame(&frame)
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
            Input::Lab(shown) => self.lab_shows(shown)?,
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

    fn act(&mut self, action: Action, reply: Reply) -> Result<(), WaitError> {
        let about_labs =
            matches!(action, Action::OpenLab(_) | Action::RunLab(_) | Action::LeaveLab);
        if !about_labs && !self.lab.is_free() {
            let line = "a lab is running: leave it first, or wait for its end";
            let _ = reply.send(Err(Refusal::NotNow(line.to_owned())));
            return Ok(());
        }
        let said = match action {
            Action::Operate(deed) => {
                self.operate(deed, reply);
                return Ok(());
            }
            Action::Load(query) => match self.load.with(&query) {
                Ok(load) => Ok(self.reload(load)?),
                Err(bad) => Err(Refusal::Bad(bad.to_string())),
            },
            Action::Pause => Ok(self.reload(Load { paused: true, ..self.load })?),
            Action::Resume => Ok(self.reload(Load { paused: false, ..self.load })?),
            Action::OpenLab(name) => self.lab.open(&name),
            Action::RunLab(guesses) => self.run_lab(&guesses),
            Action::LeaveLab => Ok(self.leave_lab()),
        };
        self.tell("lab", &self.lab.card());
        let _ = reply.send(said);
        Ok(())
    }

    /// Has the cluster's master do something, on a thread that waits for it.
    fn operate(&mut self, deed: Deed, reply: Reply) {
        let refuse = |reply: Reply, refusal| drop(reply.send(Err(refusal)));
        if let Deed::Scale(workers) = deed
            && workers > MOST_WORKERS
        {
            let line = format!("{workers} workers: give 1 to {MOST_WORKERS}");
            return refuse(reply, Refusal::Bad(line));
        }
        let Some(admin) = self.cast.admin().cloned() else {
            return refuse(reply, Refusal::NotNow("the server is being started".to_owned()));
        };
        if self.operations >= MOST_OPERATIONS {
            let line = "so many operations are under way: wait for them".to_owned();
            return refuse(reply, Refusal::NotNow(line));
        }
        let outbox = self.outbox.clone();
        let ask = move || {
            let outcome = admin.post(&deed.path());
            let _ = outbox.send(Input::Operated { deed, outcome, reply });
        };
        match thread::Builder::new().name("operate".to_owned()).spawn(ask) {
            Ok(_) => self.operations += 1,
            // The reply went with the thread that was not: who asked sees it dropped.
            Err(why) => self.say("trouble", format!("Cannot ask the cluster: {why}")),
        }
    }

    fn operated(&mut self, deed: Deed, outcome: Result<Value, AdminError>, reply: Reply) {
        let said = match outcome {
            Ok(answer) => {
                match deed {
                    Deed::Scale(workers) => self.serving.workers = workers,
                    Deed::Mode(mode) => self.serving.mode = mode,
                    _ => {}
                }
                Ok(deed.done(&answer))
            }
            Err(AdminError::Refused { status, line }) => Err(match status {
                400 | 404 => Refusal::Bad(line),
                _ => Refusal::NotNow(line),
            }),
            Err(error @ AdminError::Silent { .. }) => Err(Refusal::Failed(error.to_string())),
        };
        // Who asked may have left.
        let _ = reply.send(said);
    }

    /// Has the load go on with other settings.
    fn reload(&mut self, load: Load) -> Result<String, WaitError> {
        let said = if load.paused {
            "The load pauses.".to_owned()
        } else {
            format!("From now on: {}", load.command(self.cast.url()))
        };
        if load != self.load {
            self.load = load;
            self.cast.load(&load)?;
            self.say("load", said.clone());
        }
        Ok(said)
    }

    /// Has the lab on the card run: it has the stage to itself.
    fn run_lab(&mut self, guesses: &[Option<f64>]) -> Result<String, Refusal> {
        let started = self.lab.run(guesses, self.outbox.clone())?;
        self.cast.leave_the_stage();
        self.stage.new_server();
        self.front.result().set(None);
        self.say("lab", started.clone());
        Ok(started)
    }

    fn leave_lab(&mut self) -> String {
        if self.lab.leave() {
            "The lab is given up; it ends in a moment.".to_owned()
        } else {
            "The lab's card is closed.".to_owned()
        }
    }

    fn lab_shows(&mut self, shown: Shown) -> Result<(), WaitError> {
        let now_s = self.now_s();
        match &shown {
            Shown::Serving { admin, number, .. } => {
                self.stage.new_server();
                if let Err(why) =
                    super::cluster::follow(admin.clone(), *number, self.outbox.clone())
                {
                    self.say("trouble", format!("Cannot follow the server: {why}"));
                }
            }
            Shown::Snapshot { number, line } => {
                self.stage.load_told(now_s, *number, line);
                return Ok(());
            }
            Shown::Round { title, .. } => self.say("lab", format!("Round: {title}")),
            Shown::Did { text } | Shown::RoundEnded { text } => self.say("lab", text.clone()),
            Shown::Loading { .. } | Shown::Closing => {}
            Shown::Over { folder, .. } => {
                self.front.result().set(folder.clone());
                self.stage.new_server();
            }
        }
        let over = matches!(shown, Shown::Over { .. });
        self.lab.take(shown);
        self.tell("lab", &self.lab.card());
        if over {
            // The free play goes on.
            self.cast.load(&self.load)?;
        }
        Ok(())
    }

    fn say(&self, kind: &str, text: String) {
        self.tell("happened", &Happened::plain(self.now_s(), kind, text));
    }

    fn tell(&self, name: &str, what: &impl Serialize) {
        self.front.tell(of(name, what));
    }
}

fn of_frame(frame: &Frame<'_>) -> Bytes {
    of("frame", frame)
}

/// An event of the stream.
fn of(name: &str, what: &impl Serialize) -> Bytes {
    // What is told is made of numbers, texts and lists of them: it always has a form in JSON.
    event(name, &serde_json::to_string(what).unwrap_or_default())
}
