//! What the controller hears, and whom it answers.

use bytes::Bytes;
use serde_json::Value;
use tokio::sync::oneshot;

use crate::demo::command::Command;
use crate::demo::generator::Counted;
use crate::demo::lab_session::Shown;
use crate::demo::labs::Action;
use crate::harness::admin_client::AdminError;

/// What the controller hears.
#[derive(Debug)]
pub enum Event {
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
    Act { command: Command, viewer: Option<u64>, reply: Reply },
    /// An operation has come back from the cluster.
    Operated { action: Action, outcome: Result<Value, AdminError>, reply: Reply },
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
    Conflict(String),
    /// It went wrong.
    #[error("{0}")]
    Failed(String),
}
