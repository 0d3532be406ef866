//! What is asked of a demonstration, checked.

use std::net::SocketAddr;

use server::Mode;

use super::controller::MOST_WORKERS;
use super::lab_session::Manner;
use super::labs::{self, UnknownLab};
use super::settings::{Load, Serving};

#[derive(Debug)]
pub struct Plan {
    pub serving: Serving,
    pub load: Load,
    pub listen: SocketAddr,
    pub open: bool,
    /// The lab whose card is open at the beginning.
    pub lab: Option<String>,
    pub manner: Manner,
}

#[derive(Debug, thiserror::Error)]
pub enum PlanError {
    #[error(
        "mode {0} has no master that could replace a worker: give shared, reuseport, round-robin or \
         least-connections (bench compares the others)"
    )]
    NoMaster(Mode),
    #[error("{0} workers: give 1 to {MOST_WORKERS}")]
    Workers(u32),
    #[error(transparent)]
    Lab(#[from] UnknownLab),
}

impl Plan {
    pub fn check(self) -> Result<Self, PlanError> {
        let Serving { mode, workers } = self.serving;
        if !mode.is_forked() {
            return Err(PlanError::NoMaster(mode));
        }
        if !(1..=MOST_WORKERS).contains(&workers) {
            return Err(PlanError::Workers(workers));
        }
        if let Some(name) = &self.lab {
            labs::find(name)?;
        }
        Ok(self)
    }
}
