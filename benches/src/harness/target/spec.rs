//! What a server under test is: this project's own, a known peer, any command, or one that already
//! runs. [`super::Server`] starts and stops it.

use serde::Deserialize;

/// The name of this project's own server among the targets.
pub const OWN: &str = "hello-cluster";

/// The modes of Node's program.
pub const NODE_MODES: [&str; 3] = ["single", "round-robin", "shared"];

/// The modes of nginx.
pub const NGINX_MODES: [&str; 2] = ["shared", "reuseport"];

/// Servers whose way of starting is known here.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Peer {
    /// Node.js with the program in `benches/peers/hello.js`.
    Node,
    /// nginx with the configuration in `benches/peers/nginx.conf`.
    Nginx,
}

/// What answers tell of the worker that gave them.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Tells {
    /// Nothing: all processes are the server.
    #[default]
    None,
    /// Its process id.
    Pid,
}

/// A target whose keys have been checked: how it is started.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TargetSpec {
    /// Its name.
    pub name: String,
    /// How it is started.
    pub kind: Kind,
}

/// The ways of starting a target.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Kind {
    /// `serve` of this very program.
    HelloCluster,
    /// A peer, by this program.
    Peer(Peer, String),
    /// A command.
    Command(Command),
    /// It runs already, at this address.
    Running(String),
}

/// A server that a command starts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Command {
    /// Its words, not yet filled in.
    pub words: Vec<String>,
    /// A text in its output that says that it is ready.
    pub ready: Option<String>,
    /// What its answers tell.
    pub tells: Tells,
    /// Where it listens, if not at `{port}`.
    pub url: Option<String>,
    /// How to get it.
    pub get: Option<String>,
    /// The command that prints its version.
    pub version: Option<Vec<String>>,
}

impl TargetSpec {
    /// This project's own server.
    #[must_use]
    pub fn own() -> Self {
        Self { name: OWN.to_owned(), kind: Kind::HelloCluster }
    }

    /// The targets that need no `[[target]]`.
    #[must_use]
    pub fn built_in() -> Vec<Self> {
        let known = |name: &str, kind| Self { name: name.to_owned(), kind };
        vec![
            Self::own(),
            known("node", Kind::Peer(Peer::Node, "node".to_owned())),
            known("nginx", Kind::Peer(Peer::Nginx, "nginx".to_owned())),
        ]
    }

    /// The modes it has; `None`: any, they are words for its command.
    pub fn modes(&self) -> Option<Vec<&'static str>> {
        match self.kind {
            Kind::HelloCluster => Some(server::Mode::ALL.map(server::Mode::name).to_vec()),
            Kind::Peer(Peer::Node, _) => Some(NODE_MODES.to_vec()),
            Kind::Peer(Peer::Nginx, _) => Some(NGINX_MODES.to_vec()),
            Kind::Command(_) | Kind::Running(_) => None,
        }
    }

    /// Whether it answers `/work`.
    #[must_use]
    pub fn works(&self) -> bool {
        !matches!(self.kind, Kind::Peer(..))
    }
}
