//! What the controller receives: every producer (cluster, generator, page server, lab) holds a
//! `Sender<Event>` and knows nothing of the controller.

use std::collections::BTreeMap;
use std::path::PathBuf;

use bytes::Bytes;
use loadgen::Snapshot;
use reports::record;
use serde::{Deserialize, Serialize};
use tokio::sync::oneshot;

use super::command::Command;
use super::labs::{Action, Scene};
use crate::harness::admin_client::{AdminError, Answer, ServerMessage};

/// Something that the controller acts on. Servers and generators have numbers that no other has.
#[derive(Debug)]
pub enum Event {
    /// A server sent its status, or an event of its own.
    Server { number: u64, message: ServerMessage },
    /// A server's stream of events has ended.
    StreamEnded { number: u64 },
    /// A generator wrote a snapshot.
    Load { number: u64, snapshot: Box<Snapshot> },
    /// A generator has ended; what it counted, or its last words.
    LoadEnded { number: u64, counted: Result<Counted, String> },
    /// A viewer opened the stream; the reply is what the stream begins with.
    Joined { viewer: u64, reply: oneshot::Sender<Vec<Bytes>> },
    /// A viewer closed the stream.
    Left { viewer: u64 },
    /// A page sent a command.
    Command { command: Command, viewer: Option<u64>, reply: Reply },
    /// The cluster has answered an operation.
    Operated { action: Action, outcome: Result<Answer, AdminError>, reply: Reply },
    /// Somebody asks for what the generators that have ended counted, as JSON.
    Results { reply: oneshot::Sender<String> },
    /// A lab shows something; `server` is the number of its server and of its generator.
    Lab { server: u64, scene: Scene },
    /// A lab has ended.
    LabEnded(LabEnd),
}

#[derive(Debug)]
pub struct LabEnd {
    /// What was guessed and observed, or why it failed; `None`: it was given up.
    pub outcome: Option<Result<Box<record::Lab>, String>>,
    pub folder: Option<PathBuf>,
}

/// What a generator counted: a part of its own result (`load --json`).
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counted {
    pub requests: u64,
    pub errors: BTreeMap<String, serde_json::Value>,
}

pub type Reply = oneshot::Sender<Result<String, Refusal>>;

#[derive(Debug, thiserror::Error)]
pub enum Refusal {
    /// It makes no sense; the line says what would.
    #[error("{0}")]
    Bad(String),
    #[error("{0}")]
    Conflict(String),
    #[error("{0}")]
    Failed(String),
}
