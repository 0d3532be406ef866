//! One trial of a lab: it runs on its own thread; this one listens, shows, and acts when it is time.

use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::{Duration, Instant};

use loadgen::Snapshot;
use reports::record::{LabEvent, Outcome, Trial, Workload};

use super::Round;
use super::action::Act;
use crate::bench::observer::{Observer, Told};
use crate::bench::plan::sized::Inputs;
use crate::bench::run::Run;
use crate::harness::admin_client::Client;
use crate::harness::server_counts::ServerCounts;

#[derive(Debug)]
pub enum Scene {
    /// A round begins: `number` (from 1) of `of`. Its `workload` has everything sized.
    Round { number: u32, of: u32, round: &'static Round, workload: Workload, seconds: f64 },
    /// Its server is ready.
    Serving { url: String, admin: Client },
    /// Its generator has been started.
    Loading { pid: u32 },
    /// Its generator wrote a snapshot.
    Snapshot(Box<Snapshot>),
    /// Something was done to the cluster, `t_s` seconds after the measured window began.
    Did { t_s: f64, text: String },
    /// The measured window has ended, and the server is about to.
    Closing,
    /// The round has ended; how, in one line.
    Ended { text: String },
}

#[derive(Debug, Clone, Default)]
pub struct Seen {
    pub round: usize,
    pub did: Vec<LabEvent>,
    pub shots: Vec<Snapshot>,
    pub books: ServerCounts,
}

/// Runs one trial of a round before somebody; `None` when the user wants to stop.
pub fn drive(
    run: Run<'_>,
    inputs: Inputs<'_>,
    round: &Round,
    show: &mut dyn FnMut(Scene),
) -> Option<(Trial, Seen)> {
    let (told, hears) = channel();
    let onlooker = Observer::new(told, round.most_workers(), round.kills());
    let (trial, driver) = std::thread::scope(|scope| {
        // Its children die with this thread, and are gone before it ends.
        let trial = scope.spawn(move || run.trial(inputs, Some(&onlooker)));
        let mut driver = TrialDriver::new(inputs.planned.cell, round, show);
        driver.follow(&hears);
        let trial = trial.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic));
        (trial, driver)
    });
    let (seen, wrong) = (driver.seen, driver.wrong);
    let mut trial = trial?;
    if let Some(why) = wrong {
        trial.outcome = Outcome::Error(why);
    }
    Some((trial, seen))
}

struct TrialDriver<'a, 's> {
    round: &'a Round,
    show: &'s mut dyn FnMut(Scene),
    to_do: std::slice::Iter<'a, Act>,
    admin: Option<Client>,
    begin: Option<Instant>,
    seen: Seen,
    /// Why something could not be done or understood: then the trial shows nothing.
    wrong: Option<String>,
}

impl<'a, 's> TrialDriver<'a, 's> {
    fn new(place: usize, round: &'a Round, show: &'s mut dyn FnMut(Scene)) -> Self {
        let seen = Seen { round: place, ..Seen::default() };
        let to_do = round.acts.iter();
        Self { round, show, to_do, admin: None, begin: None, seen, wrong: None }
    }

    fn follow(&mut self, hears: &Receiver<Told>) {
        loop {
            let told = match self.time_to_act() {
                Some(time) => hears.recv_timeout(time),
                None => hears.recv().map_err(RecvTimeoutError::from),
            };
            match told {
                Ok(told) => self.hear(told),
                Err(RecvTimeoutError::Timeout) => self.act(),
                Err(RecvTimeoutError::Disconnected) => break,
            }
        }
    }

    fn time_to_act(&self) -> Option<Duration> {
        let due = self.begin? + self.to_do.as_slice().first()?.at.get_ref().0;
        Some(due.saturating_duration_since(Instant::now()))
    }

    fn hear(&mut self, told: Told) {
        match told {
            Told::Serving { url, admin } => {
                self.admin.clone_from(&admin);
                if let Some(admin) = admin {
                    (self.show)(Scene::Serving { url, admin });
                }
            }
            Told::Loading { pid } => (self.show)(Scene::Loading { pid }),
            Told::Measuring(begin) => self.begin = Some(begin),
            Told::Snapshot(Ok(snapshot)) => {
                self.seen.shots.push((*snapshot).clone());
                (self.show)(Scene::Snapshot(snapshot));
            }
            Told::Snapshot(Err(why)) => {
                self.give_up(format!("`load` wrote a snapshot that is none: {why}"));
            }
            Told::Measured => {
                if let Some(act) = self.to_do.next() {
                    self.give_up(format!("there was no time left to {}", act.action));
                    self.to_do = [].iter();
                }
                (self.show)(Scene::Closing);
            }
            Told::ServerCounts(books) => self.seen.books = books,
        }
    }

    fn act(&mut self) {
        let (Some(act), Some(begin)) = (self.to_do.next(), self.begin) else { return };
        let Some(admin) = &self.admin else { return };
        match admin.post(&act.action.path()) {
            Ok(answer) => {
                let (t_s, text) = (begin.elapsed().as_secs_f64(), act.action.done(answer));
                let round = self.round.title.clone();
                self.seen.did.push(LabEvent { round, t_s, text: text.clone() });
                (self.show)(Scene::Did { t_s, text });
            }
            Err(error) => self.give_up(format!("could not {}: {error}", act.action)),
        }
    }

    fn give_up(&mut self, why: String) {
        self.wrong.get_or_insert(why);
    }
}
