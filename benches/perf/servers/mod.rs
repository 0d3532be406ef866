//! The servers that are measured: ours in two modes, and those it is held against. All give the same
//! answer but [`BuiltIn::Short`].

mod answer;
mod competitors;
mod fixed_response;
mod hyper_server;
pub mod running;

use std::net::SocketAddr;
use std::process::Command;

use clap::ValueEnum;
use hello_cluster::harness::target::detect::find;

use crate::env::{Failure, TestEnv, this_program};
pub use answer::Answer;
use fixed_response::Answers;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Server {
    /// `hello-cluster serve --mode single`.
    Single,
    /// `hello-cluster serve --mode reuseport --workers 1`: a worker under its master.
    Supervised,
    /// nginx, one process.
    Nginx,
    /// Node's http module, one process.
    Node,
    /// Node's cluster module with its round robin, and so many workers.
    NodeCluster(u32),
    BuiltIn(BuiltIn),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum BuiltIn {
    /// hyper on tokio with no setting touched.
    Hyper,
    /// hyper with our settings, but nothing that counts, beats or guards.
    Plain,
    /// A loop over epoll that gives a fixed response.
    Bare,
    /// The same with a short response that no server gives.
    Short,
}

pub struct Program {
    pub command: Command,
    /// Where it will listen, if it does not say so itself.
    pub address: Option<SocketAddr>,
}

impl Server {
    pub fn name(self) -> &'static str {
        match self {
            Self::Single => "single",
            Self::Supervised => "reuseport, 1 worker",
            Self::Nginx => "nginx",
            Self::Node => "node",
            Self::NodeCluster(_) => "Node's round robin",
            Self::BuiltIn(BuiltIn::Hyper) => "hyper, untuned",
            Self::BuiltIn(BuiltIn::Plain) => "hyper, our settings",
            Self::BuiltIn(BuiltIn::Bare) => "bare epoll loop",
            Self::BuiltIn(BuiltIn::Short) => "bare server",
        }
    }

    pub fn program(self, env: &TestEnv) -> Result<Program, Failure> {
        let serve = |mode: &[&str]| {
            env.command(&[&["serve", "--listen", "127.0.0.1:0", "--mode"], mode].concat())
        };
        let command = match self {
            Self::Single => serve(&["single"]),
            Self::Supervised => serve(&["reuseport", "--workers", "1"]),
            Self::Nginx => return competitors::nginx(env),
            Self::Node => return competitors::node(env, "single", 1),
            Self::NodeCluster(workers) => return competitors::node(env, "round-robin", workers),
            Self::BuiltIn(which) => {
                let word = which
                    .to_possible_value()
                    .map_or_else(String::new, |it| it.get_name().to_owned());
                this_program(&["answer", &word])?
            }
        };
        Ok(Program { command, address: None })
    }

    /// Those of some that are installed; tells the others.
    pub fn installed(wanted: &[Self]) -> Vec<Self> {
        let is_here = |server: &Self| {
            let program = match server {
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

impl BuiltIn {
    pub fn serve(self) -> std::io::Result<()> {
        match self {
            Self::Hyper => hyper_server::untuned(),
            Self::Plain => hyper_server::ours(),
            Self::Bare => fixed_response::serve(&Answers::ours()),
            Self::Short => fixed_response::serve(&Answers::short()),
        }
    }
}
