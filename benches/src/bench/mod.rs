//! The experiment: a suite becomes a plan, a plan becomes trials, trials become a record.
//!
//! `suite.toml → plan of trials → (serve process ⇄ load process) → record.json → index.html`.
//! Read [`suite`] (what a person asks for), [`plan`] (what is done, and in which order), [`run`]
//! (from the first trial to the page), [`trial`] (one of them), [`observer`] (who may look on);
//! [`count_check`] and [`cpu_accounting`] are the two checks that make a trial's figures believable.
//! The processes of a trial are started by [`crate::harness`].
//! What a run looks like from outside is in this file.

mod calibrate;
mod count_check;
mod cpu_accounting;
mod manifest;
pub mod new_record;
pub mod observer;
pub mod placement;
pub mod plan;
mod plan_output;
mod progress;
pub mod report_output;
mod resume;
pub mod run;
pub mod store;
pub mod suite;
mod trial;
mod warmup;
pub mod watch;

use std::io;
use std::path::{Path, PathBuf};

pub use run::run;

use plan::Overrides;

/// What `bench` is asked to do, checked.
#[derive(Debug)]
pub struct Request {
    /// What is run.
    pub what: What,
    /// Only say what would be done.
    pub plan_only: bool,
    /// Show the page in a browser at the end.
    pub open: bool,
    /// The command line, for the record.
    pub command: String,
}

/// A new run, or one to go on with.
#[derive(Debug)]
pub enum What {
    /// A new one.
    New {
        /// The suite's file.
        file: suite::File,
        /// What the command line changes in it.
        overrides: Overrides,
        /// The seed of the order; `None`: a new one.
        seed: Option<u64>,
        /// The run's folder instead of `reports/out/<run-id>`.
        out: Option<PathBuf>,
    },
    /// The one in this folder.
    Resumed(PathBuf),
}

/// How a run that has left a record ended.
#[derive(Debug, PartialEq, Eq)]
pub enum Ending {
    /// Every trial ran and is valid.
    Valid,
    /// So many trials failed or are not valid.
    NotValid(usize),
    /// The user stopped it.
    Interrupted {
        /// Trials that are saved.
        trials: usize,
        /// The folder to go on with.
        folder: PathBuf,
    },
}

/// Why there is no record.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error(transparent)]
    Suite(#[from] suite::SuiteError),
    #[error(transparent)]
    Plan(#[from] plan::PlanError),
    #[error(transparent)]
    Resume(#[from] resume::ResumeError),
    #[error("cannot {what} {path}: {why}")]
    File { what: &'static str, path: String, why: io::Error },
    #[error("cannot draw the page: {0}")]
    Page(#[from] reports::page::PageError),
    #[error("cannot {0}: {1}")]
    System(&'static str, io::Error),
    #[error("cannot calibrate: {0}")]
    Calibration(String),
}

impl Error {
    /// Whether what was asked for is wrong, rather than the machine.
    pub fn is_usage(&self) -> bool {
        matches!(self, Self::Plan(_) | Self::Suite(suite::SuiteError::Unknown { .. }))
            || matches!(self, Self::Suite(suite::SuiteError::Bad { .. }))
    }

    /// Names the file in an error.
    pub fn of_file(what: &'static str, path: &Path) -> impl FnOnce(io::Error) -> Self {
        let path = path.display().to_string();
        move |why| Self::File { what, path, why }
    }
}
