//! The lab on the card: asked, running, or done.
//!
//! It runs on a thread of its own, where its servers and generators are started, and shows what it
//! does by the conductor's inbox. Next: [`super::labs`], which performs it.

use std::path::{Path, PathBuf};
use std::sync::mpsc::Sender;
use std::thread;
use std::time::Instant;

use reports::record;
use serde_json::{Value, json};

use super::admin::Client;
use super::conductor::{Input, Refusal};
use super::labs::{self, Lab, Scene};
use super::settings::{Serving, command_line};
use super::stage::LoadSettings;
use crate::experiment::interrupt::Interrupt;

/// Numbers of the labs' servers and generators begin here: those of the free play are smaller.
const FIRST_NUMBER: u64 = 1 << 32;

/// Stands for the server's URL in a command line until the server has one.
const URL: &str = "URL";

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

/// How labs are performed here.
#[derive(Debug, Clone, Default)]
pub struct Manner {
    /// Shortened.
    pub short: bool,
    /// In which folder each lab gets one; `None`: where `bench` leaves its records.
    pub out: Option<PathBuf>,
}

/// The lab on the card.
#[derive(Debug)]
pub struct Performance {
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
pub struct Scenery {
    /// The server.
    pub serving: Serving,
    /// The generator.
    pub load: LoadSettings,
    /// Its command line.
    pub command: String,
}

impl Performance {
    /// No card; labs will be performed in this manner.
    pub fn new(manner: Manner) -> Self {
        Self { manner, state: State::Free }
    }

    /// The labs that there are, for a list.
    pub fn bill() -> Vec<Value> {
        let line =
            |lab: &Lab| json!({ "name": lab.name(), "title": lab.title, "minutes": lab.minutes.0 });
        labs::all().iter().map(line).collect()
    }

    /// Opens the card of a lab.
    pub fn open(&mut self, name: &str) -> Result<String, Refusal> {
        if self.is_running() {
            return Err(Refusal::NotNow("a lab is running: leave it first".to_owned()));
        }
        let lab = labs::find(name).map_err(|unknown| Refusal::Bad(unknown.to_string()))?;
        self.state = State::Predict(lab);
        Ok(format!("The lab \"{}\" asks a question.", lab.title))
    }

    /// Has the lab on the card run, with these guesses.
    pub fn run(
        &mut self,
        guesses: &[Option<f64>],
        outbox: Sender<Input>,
    ) -> Result<String, Refusal> {
        let State::Predict(lab) = self.state else {
            return Err(Refusal::NotNow("open the card of a lab first".to_owned()));
        };
        let guesses = check(lab, guesses)?;
        let interrupt = Interrupt::default();
        let (manner, theirs, kept) = (self.manner.clone(), interrupt.clone(), guesses.clone());
        let perform = move || perform(lab, &kept, &manner, &theirs, &outbox);
        let thread = thread::Builder::new().name("lab".to_owned()).spawn(perform);
        thread.map_err(|why| Refusal::Failed(format!("cannot start the lab: {why}")))?;
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

    /// Closes the card; whether a lab was running, which then ends in a moment.
    pub fn leave(&mut self) -> bool {
        let runs = self.is_running();
        if let State::Running(running) = &self.state {
            running.interrupt.raise();
        } else {
            self.state = State::Free;
        }
        runs
    }

    /// Has a lab that is running end: everything does.
    pub fn give_up(&mut self) {
        self.leave();
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
    pub fn settings(&self) -> Option<Scenery> {
        let running = self.running()?;
        let Round { serving, load, command, .. } = running.round.as_ref()?;
        let command = command.replace(URL, &running.url);
        Some(Scenery { serving: *serving, load: load.clone(), command })
    }

    fn running(&self) -> Option<&Running> {
        match &self.state {
            State::Running(running) => Some(running),
            _ => None,
        }
    }

    /// The card as the page shows it.
    pub fn card(&self) -> Value {
        let none: &[Option<f64>] = &[];
        match &self.state {
            State::Free => json!({ "stage": "none" }),
            State::Predict(lab) => question(lab, "predict", none),
            State::Running(running) => {
                let mut card = question(running.lab, "running", &running.guesses);
                if let Some(round) = &running.round {
                    let left_s = round.seconds - round.began.elapsed().as_secs_f64();
                    card["round"] = json!({ "number": round.number, "of": round.of,
                        "title": round.title, "left_s": left_s.max(0.0) });
                }
                card
            }
            State::Result(lab, seen) => {
                let mut card = question(lab, "result", none);
                card["items"] = json!(seen.items);
                card["explanation"] = json!(seen.explanation);
                card["discuss"] = json!(seen.discuss);
                card["figure"] = json!(reports::lab::figure(seen));
                card["report"] = json!("/lab/index.html");
                card["handout"] = json!("/lab/handout.html");
                card
            }
            State::Failed(lab, why) => {
                let mut card = question(lab, "failed", none);
                card["error"] = json!(why);
                card
            }
        }
    }
}

/// What is asked, without what is expected: nobody is to read the answer before the guess.
fn question(lab: &Lab, stage: &str, guesses: &[Option<f64>]) -> Value {
    let guess = lab.guess.get_ref();
    let items: Vec<Value> = lab
        .item
        .0
        .iter()
        .enumerate()
        .map(|(place, item)| {
            let guess = guesses.get(place).copied().flatten();
            json!({ "name": item.name, "guess": guess, "observed": null, "low": null, "high": null,
            "note": item.note })
        })
        .collect();
    json!({
        "stage": stage, "name": lab.name(), "title": lab.title, "minutes": lab.minutes.0,
        "aim": lab.aim, "question": lab.question, "quantity": lab.quantity, "unit": lab.unit,
        "min": guess.min, "max": guess.max, "step": guess.step, "items": items,
        "round": null, "explanation": "", "discuss": [], "error": "",
    })
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

/// Performs a lab to its end, and shows it.
fn perform(
    lab: &'static Lab,
    guesses: &[Option<f64>],
    manner: &Manner,
    interrupt: &Interrupt,
    outbox: &Sender<Input>,
) {
    // Nobody listens any more when all ends.
    let show = |shown| drop(outbox.send(Input::Lab(shown)));
    let mut number = FIRST_NUMBER;
    let out = manner.out.as_deref().map(|out| a_new_one_in(out, lab.name()));
    let performed = labs::perform(
        lab,
        guesses,
        manner.short,
        out.as_deref(),
        interrupt,
        &mut |scene: Scene<'_>| {
            if matches!(scene, Scene::Serving { .. }) {
                number += 1;
            }
            show(shown(scene, number));
        },
    );
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

/// A scene as the conductor keeps it.
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
