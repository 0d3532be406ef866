//! `server`: what the server's speed is beside others', what a request costs, and what idle connections
//! take.

use clap::Subcommand;

use crate::env::{Failure, TestEnv};
use contest::{Contest, Options};

mod contest;
mod idle;
mod instructions;
mod keepalive;
mod supervision_overhead;

#[derive(clap::Args)]
pub struct Arguments {
    #[command(flatten)]
    options: Options,
    #[command(subcommand)]
    recipe: Option<Recipe>,
}

#[derive(Subcommand)]
enum Recipe {
    /// Kept connections: beside nginx, Node, hyper as it comes, and a bare loop
    Keepalive,
    /// What supervision, scoreboard and guard cost
    Price,
    /// Ten thousand idle connections: memory, and what they do to busy ones
    Idle(idle::Options),
    /// User instructions a request, by callgrind
    Instructions(instructions::Options),
}

/// Makes the chosen measurement, or all in turn, even if one does not meet its bound.
pub fn run(env: &TestEnv, Arguments { options, recipe }: &Arguments) -> Result<(), Failure> {
    if !options.can_drive() {
        println!("skipped: wrk is not installed");
        return Ok(());
    }
    let contest = Contest::new(env, options)?;
    let Some(recipe) = recipe else {
        let mut broken = Vec::new();
        for recipe in Recipe::all() {
            match recipe.run(&contest) {
                Err(Failure::Bound(which)) => broken.push(which),
                outcome => outcome?,
            }
        }
        return if broken.is_empty() { Ok(()) } else { Err(Failure::Bound(broken.join("; "))) };
    };
    recipe.run(&contest)
}

impl Recipe {
    fn all() -> [Self; 4] {
        [
            Self::Keepalive,
            Self::Price,
            Self::Idle(idle::Options::default()),
            Self::Instructions(instructions::Options::default()),
        ]
    }

    fn run(&self, contest: &Contest<'_>) -> Result<(), Failure> {
        match self {
            Self::Keepalive => keepalive::run(contest),
            Self::Price => supervision_overhead::run(contest),
            Self::Idle(options) => idle::run(contest, options),
            Self::Instructions(options) => instructions::run(contest, options),
        }
    }
}
