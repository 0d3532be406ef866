//! Who is measured: ours in two modes, and those it is held against. All give the same answer.
//!
//! Next: [`peers`], programs of others; [`front`] and [`canned`], which this program starts itself
//! again for.

pub mod canned;
pub mod front;
mod peers;

use std::net::SocketAddr;
use std::process::Command;

use clap::ValueEnum;

use crate::server::own;
use crate::stage::{Failure, Stage};
pub use peers::find;

/// A server to measure.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Contender {
    /// `hello-cluster serve --mode single`.
    Single,
    /// `hello-cluster serve --mode reuseport --workers 1`: a worker under its master.
    Supervised,
    /// nginx, one process.
    Nginx,
    /// Node's http module, one process.
    Node,
    /// A server of this program's own.
    Built(Built),
}

/// The servers that are parts of this program.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Built {
    /// hyper on tokio with no setting touched.
    Hyper,
    /// hyper with our settings, but nothing that counts, beats or guards.
    Plain,
    /// A loop over epoll that answers a canned answer.
    Bare,
}

/// How a server is started.
pub struct Program {
    /// The command.
    pub command: Command,
    /// Where it will listen, if it does not say so itself.
    pub address: Option<SocketAddr>,
}

impl Program {
    /// One that prints its URL.
    fn tells(command: Command) -> Self {
        Self { command, address: None }
    }
}

impl Contender {
    /// What it is called in tables.
    pub fn name(self) -> &'static str {
        match self {
            Self::Single => "single",
            Self::Supervised => "reuseport, 1 worker",
            Self::Nginx => "nginx",
            Self::Node => "node",
            Self::Built(Built::Hyper) => "hyper, untuned",
            Self::Built(Built::Plain) => "hyper, our settings",
            Self::Built(Built::Bare) => "bare epoll loop",
        }
    }

    /// How it is started.
    pub fn program(self, stage: &Stage) -> Result<Program, Failure> {
        match self {
            Self::Single => Ok(serve(stage, &["--mode", "single"])),
            Self::Supervised => Ok(serve(stage, &["--mode", "reuseport", "--workers", "1"])),
            Self::Nginx => peers::nginx(stage),
            Self::Node => peers::node(stage),
            Self::Built(built) => Ok(Program::tells(own(&["answer", built.word()])?)),
        }
    }

    /// Those of some that are installed; tells the others.
    pub fn installed(wanted: &[Self]) -> Vec<Self> {
        let is_here = |contender: &Self| {
            let program = match contender {
                Self::Nginx => "nginx",
                Self::Node => "node",
                _ => return true,
            };
            let found = find(program).is_some();
            if !found {
                println!("skipped: {program} is not installed");
            }
            found
        };
        wanted.iter().copied().filter(is_here).collect()
    }
}

impl Built {
    fn word(self) -> &'static str {
        match self {
            Self::Hyper => "hyper",
            Self::Plain => "plain",
            Self::Bare => "bare",
        }
    }

    /// Is that server, until it is killed.
    pub fn serve(self) -> std::io::Result<()> {
        match self {
            Self::Hyper => front::serve(&front::untuned()),
            Self::Plain => front::serve(&front::ours()),
            Self::Bare => canned::serve(),
        }
    }
}

fn serve(stage: &Stage, arguments: &[&str]) -> Program {
    let mut command = Command::new(&stage.program);
    command.args(["serve", "--listen", "127.0.0.1:0"]).args(arguments);
    Program::tells(command)
}
