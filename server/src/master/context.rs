//! What every part of the master works with.

use std::time::Instant;

use crate::events::log::EventLog;
use crate::sys::notify::Notifier;
use crate::sys::process;
use crate::{Error, Plan};

/// The plan, and where the master says what happens.
pub(super) struct Context<'a> {
    pub plan: &'a Plan,
    pub pid: u32,
    pub epoch: Instant,
    pub events: EventLog,
    pub notifier: Notifier,
}

impl<'a> Context<'a> {
    pub fn open(plan: &'a Plan) -> Result<Self, Error> {
        let (pid, epoch, notifier) = (process::pid(), Instant::now(), Notifier::open());
        Ok(Self { plan, pid, epoch, events: EventLog::open(plan)?, notifier })
    }
}
