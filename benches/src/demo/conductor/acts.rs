//! What pages have done: by the cluster's master, by the generator, by a lab.

use std::thread;

use serde_json::Value;

use super::{Conductor, Input, MOST_WORKERS, Refusal, Reply};
use crate::demo::action::Action;
use crate::demo::cluster;
use crate::demo::labs::Deed;
use crate::demo::performance::Shown;
use crate::demo::settings::Load;
use crate::harness::admin_client::AdminError;
use crate::harness::process::WaitError;

/// Operations that may be under way at a time.
const MOST_OPERATIONS: usize = 8;

impl Conductor<'_> {
    /// Does what a page wants, or says why not.
    pub(super) fn act(&mut self, action: Action, reply: Reply) -> Result<(), WaitError> {
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
            Action::LeaveLab => Ok(self.lab.leave().to_owned()),
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

    /// The cluster has answered: what was asked is told, and remembered.
    pub(super) fn operated(
        &mut self,
        deed: Deed,
        outcome: Result<Value, AdminError>,
        reply: Reply,
    ) {
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

    /// Has the lab on the card run: it has the machine to itself, once the cluster has ended.
    fn run_lab(&mut self, guesses: &[Option<f64>]) -> Result<String, Refusal> {
        let ready = self.lab.ready(guesses)?;
        let cluster = self.cast.leave_the_stage();
        let said = self.lab.run(ready, cluster, self.outbox.clone())?;
        self.stage.new_server();
        self.front.result().set(None);
        self.say("lab", said.clone());
        Ok(said)
    }

    /// A lab shows something: the pages are told.
    pub(super) fn lab_shows(&mut self, shown: Shown) {
        let now_s = self.now_s();
        match &shown {
            Shown::Serving { admin, number, .. } => {
                self.stage.new_server();
                if let Err(why) = cluster::follow(admin.clone(), *number, self.outbox.clone()) {
                    self.say("trouble", format!("Cannot follow the server: {why}"));
                }
            }
            Shown::Snapshot { number, line } => {
                self.stage.load_told(now_s, *number, line);
                return;
            }
            Shown::Round { title, .. } => self.say("lab", format!("Round: {title}")),
            Shown::Did { text } | Shown::RoundEnded { text } => self.say("lab", text.clone()),
            Shown::Loading { .. } | Shown::Closing => {}
            Shown::Over { folder, .. } => {
                self.front.result().set(folder.clone());
                self.stage.new_server();
            }
        }
        self.lab.take(shown);
        self.tell("lab", &self.lab.card());
    }
}
