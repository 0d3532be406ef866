//! `hello-cluster demo`: labs without a page. Next: `demo::labs`.

use std::path::PathBuf;

use super::Failure;
use crate::demo::labs::{self, Ending, Lab, LabError};
use crate::experiment::interrupt::Interrupt;

/// Arguments of `demo`.
#[derive(clap::Args)]
pub struct Args {
    /// Perform a lab without a page
    #[arg(long, value_name = "NAME|all")]
    rehearse: String,
    /// Shorten the lab's rounds
    #[arg(long)]
    short: bool,
    /// Folder of the results instead of reports/out/<run-id>
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
}

/// Rehearses labs.
pub fn run(args: &Args) -> Result<(), Failure> {
    let labs: Vec<&Lab> = match args.rehearse.as_str() {
        "all" => labs::all().iter().collect(),
        name => vec![labs::find(name).map_err(|error| Failure::usage(error.to_string()))?],
    };
    let interrupt =
        Interrupt::watch().map_err(|why| Failure::io(format!("cannot watch for Ctrl-C: {why}")))?;
    match labs::rehearse(&labs, args.short, args.out.as_deref(), &interrupt) {
        Ok(Ending::Valid) => Ok(()),
        Ok(Ending::NotValid(rounds)) => {
            Err(Failure::invalid(format!("rounds that failed or are not valid: {rounds}")))
        }
        Err(error @ LabError::Interrupted { .. }) => Err(Failure::interrupted(error.to_string())),
        Err(error) => Err(Failure::io(error.to_string())),
    }
}
