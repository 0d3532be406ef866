//! What the page shows, from what server and generator report: pure, so that tests need no clock.
//!
//! [`workers`] are the bars, [`load`] the generator's figures, [`cores`] the CPU time, [`diagnosis`] the line
//! about it, [`happened`] the lines of events. [`Dashboard`] makes a [`Frame`] of them every tick.

pub mod cores;
pub mod diagnosis;
pub mod happened;
pub mod load;
mod track;
pub mod workers;

use std::path::Path;

use serde::Serialize;

use super::settings::{Load, Serving};
use crate::harness::admin_client::ServerMessage;
use cores::{Cores, Reading, Spent};
use happened::Happened;
use load::Curve;
use workers::{Bar, WorkerTable};

#[derive(Debug)]
pub struct Dashboard {
    pub table: WorkerTable,
    pub curve: Curve,
    cores: Cores,
}

#[derive(Debug, Serialize)]
pub struct Frame<'a> {
    /// Seconds since the demonstration began.
    pub t_s: f64,
    pub settings: Settings<'a>,
    pub commands: Commands<'a>,
    pub workers: Vec<Bar>,
    pub master: Option<Master>,
    /// Connections that the master has accepted and nobody could take yet.
    pub waiting: usize,
    pub connects_rps: f64,
    pub load: load::Figures,
    pub killed: workers::Killed,
    pub cores: Spent,
    pub diagnosis: String,
    #[serde(flatten)]
    pub audience: Audience,
}

#[derive(Debug, Serialize)]
pub struct Settings<'a> {
    #[serde(flatten)]
    pub serving: Serving,
    pub busy: Option<&'a str>,
    pub load: &'a Load,
}

/// The command lines that do the same.
#[derive(Debug, Serialize)]
pub struct Commands<'a> {
    pub serve: String,
    pub load: String,
    /// The operators' address, as `http://127.0.0.1:PORT`; `None` while there is no server.
    pub admin: Option<String>,
    pub token_file: Option<&'a Path>,
}

#[derive(Debug, Clone, Copy, Serialize)]
pub struct Audience {
    pub viewers: usize,
    /// Pages that have acted and still watch.
    pub controllers: usize,
    /// `free`, or `lab`.
    pub playing: &'static str,
}

#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Master {
    pub pid: u32,
    /// CPU seconds a second.
    pub cpu: f64,
}

impl Dashboard {
    pub fn new(cpus: u32) -> Self {
        Self { table: WorkerTable::default(), curve: Curve::default(), cores: Cores::new(cpus) }
    }

    /// Another server follows: what is known of the old one's processes is let go.
    pub fn new_server(&mut self) {
        self.table.clear();
    }

    pub fn server_message(&mut self, now_s: f64, message: ServerMessage) -> Option<Happened> {
        match message {
            ServerMessage::Status(status) => {
                self.table.update(now_s, *status);
                None
            }
            ServerMessage::Event(stamped) => {
                let back = self.table.happened(now_s, &stamped);
                happened::happened(now_s, &stamped.event, back)
            }
            ServerMessage::Missed { .. } => None,
        }
    }

    pub fn clocks(&mut self, now_s: f64, reading: &Reading) {
        self.table.clocks(now_s, &reading.server);
        self.cores.add(now_s, reading);
    }

    /// What is shown now; counts what happened since the last frame.
    pub fn frame<'a>(
        &mut self,
        now_s: f64,
        settings: Settings<'a>,
        commands: Commands<'a>,
        audience: Audience,
    ) -> Frame<'a> {
        let workers = self.table.bars(now_s);
        let load = self.curve.figures(now_s);
        let cores = self.cores.spent();
        let diagnosis = diagnosis::of(&diagnosis::Inputs {
            serving: settings.serving,
            load: settings.load,
            bars: &workers,
            figures: &load,
            cores: &cores,
        });
        Frame {
            t_s: now_s,
            settings,
            commands,
            master: self.table.master(),
            waiting: self.table.waiting,
            connects_rps: self.table.connects_rps(),
            killed: self.table.killed,
            diagnosis,
            workers,
            load,
            cores,
            audience,
        }
    }
}

#[cfg(test)]
mod tests;
