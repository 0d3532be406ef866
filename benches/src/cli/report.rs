//! `hello-cluster report`.

use super::Failure;

/// Arguments of `report`.
#[derive(clap::Args)]
pub struct Args {}

/// Runs the command.
pub fn run(_args: Args) -> Result<(), Failure> {
    Err(Failure::usage("not wired yet"))
}
