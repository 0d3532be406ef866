//! What pages have done: by the cluster's master, by the generator, by a lab.

use std::thread;

use super::{Controller, MOST_WORKERS};
use crate::demo::cluster;
use crate::demo::command::Command;
use crate::demo::event::{Event, LabEnd, Refusal, Reply};
use crate::demo::labs::{Action, Scene};
use crate::demo::settings::Load;
use crate::harness::admin_client::{AdminError, Answer};
use crate::harness::process::WaitError;

const MOST_OPERATIONS: usize = 8;

impl Controller<'_> {
    pub(super) fn act(&mut self, command: Command, reply: Reply) -> Result<(), WaitError> {
        let about_labs =
            matches!(command, Command::OpenLab(_) | Command::RunLab(_) | Command::LeaveLab);
        if !about_labs && self.lab.is_running() {
            let line = "a lab is running: leave it first, or wait for its end";
            let _ = reply.send(Err(Refusal::Conflict(line.to_owned())));
            return Ok(());
        }
        let said = match command {
            Command::Operate(action) => {
                self.operate(action, reply);
                return Ok(());
            }
            Command::ChangeLoad(query) => match self.load.clone().with(&query) {
                Ok(load) => Ok(self.reload(load)?),
                Err(bad) => Err(Refusal::Bad(bad.to_string())),
            },
            Command::PauseLoad => Ok(self.reload(Load { paused: true, ..self.load.clone() })?),
            Command::ResumeLoad => Ok(self.reload(Load { paused: false, ..self.load.clone() })?),
            Command::OpenLab(name) => self.lab.open(&name),
            Command::RunLab(guesses) => self.run_lab(&guesses),
            Command::LeaveLab => Ok(self.lab.leave().to_owned()),
        };
        self.tell("lab", &self.lab.card());
        let _ = reply.send(said);
        Ok(())
    }

    /// Has the cluster's master do something, on a thread that waits for it.
    fn operate(&mut self, action: Action, reply: Reply) {
        let refuse = |reply: Reply, refusal| drop(reply.send(Err(refusal)));
        if let Action::Scale(workers) = action
            && workers > MOST_WORKERS
        {
            let line = format!("{workers} workers: give 1 to {MOST_WORKERS}");
            return refuse(reply, Refusal::Bad(line));
        }
        let Some(admin) = self.processes.cluster.as_ref().map(|it| it.admin.clone()) else {
            return refuse(reply, Refusal::Conflict("the server is being started".to_owned()));
        };
        if self.operations >= MOST_OPERATIONS {
            let line = "so many operations are under way: wait for them".to_owned();
            return refuse(reply, Refusal::Conflict(line));
        }
        let events = self.sender.clone();
        let ask = move || {
            let outcome = admin.post(&action.path());
            let _ = events.send(Event::Operated { action, outcome, reply });
        };
        match thread::Builder::new().name("operate".to_owned()).spawn(ask) {
            Ok(_) => self.operations += 1,
            // The reply went with the thread that was not: who asked sees it dropped.
            Err(why) => self.say("trouble", format!("Cannot ask the cluster: {why}")),
        }
    }

    pub(super) fn operated(
        &mut self,
        action: Action,
        outcome: Result<Answer, AdminError>,
        reply: Reply,
    ) {
        let said = match outcome {
            Ok(answer) => {
                match action {
                    Action::Scale(workers) => self.serving.workers = workers,
                    Action::Mode(mode) => self.serving.mode = mode,
                    _ => {}
                }
                Ok(action.done(answer))
            }
            Err(AdminError::Refused { status, line }) => Err(match status {
                400 | 404 => Refusal::Bad(line),
                _ => Refusal::Conflict(line),
            }),
            Err(error @ AdminError::Silent { .. }) => Err(Refusal::Failed(error.to_string())),
        };
        // Who asked may have left.
        let _ = reply.send(said);
    }

    fn reload(&mut self, load: Load) -> Result<String, WaitError> {
        let said = if load.paused {
            "The load pauses.".to_owned()
        } else {
            format!("From now on: {}", load.command_line(&self.processes.url))
        };
        if load != self.load {
            self.processes.load(&load)?;
            self.load = load;
            self.say("load", said.clone());
        }
        Ok(said)
    }

    /// Has the lab on the card run: it has the machine to itself, once the cluster has ended.
    fn run_lab(&mut self, guesses: &[Option<f64>]) -> Result<String, Refusal> {
        let ready = self.lab.ready(guesses)?;
        let cluster = self.processes.release();
        let said = self.lab.run(ready, cluster, self.sender.clone())?;
        self.dashboard.new_server();
        self.page_server.lab_folder.send_replace(None);
        self.say("lab", said.clone());
        Ok(said)
    }

    pub(super) fn lab_shows(&mut self, server: u64, scene: Scene) {
        match &scene {
            Scene::Serving { admin, .. } => {
                self.dashboard.new_server();
                if let Err(why) = cluster::follow(admin.clone(), server, self.sender.clone()) {
                    self.say("trouble", format!("Cannot follow the server: {why}"));
                }
            }
            Scene::Snapshot(snapshot) => {
                let snapshot = snapshot.as_ref().clone();
                return self.dashboard.curve.add(self.now_s(), server, snapshot);
            }
            Scene::Round { round, .. } => self.say("lab", format!("Round: {}", round.title)),
            Scene::Did { t_s, text } => self.say("lab", format!("{t_s:.1} s: {text}")),
            Scene::Ended { text } => self.say("lab", text.clone()),
            Scene::Loading { .. } | Scene::Closing => {}
        }
        self.lab.update(server, scene);
        self.tell("lab", &self.lab.card());
    }

    pub(super) fn lab_ended(&mut self, end: LabEnd) {
        self.page_server.lab_folder.send_replace(end.folder.clone());
        self.dashboard.new_server();
        self.lab.end(end);
        self.tell("lab", &self.lab.card());
    }
}
