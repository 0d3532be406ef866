//! The `[[target]]` tables of a suite file.

use serde::Deserialize;
use toml::Spanned;

use super::values::{Name, NonEmpty, Url};
use crate::harness::target::spec::{Peer, Tells};

/// One `[[target]]`: a server beside the built-in ones.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Target {
    /// Its name, to which `[[cells]]` refer.
    pub name: Spanned<Name>,
    /// Start it as the built-in target of this name, but with another `program`.
    pub like: Option<Peer>,
    /// The program to start instead of the usual one; with `like`.
    pub program: Option<String>,
    /// The command that starts it: words, in which `{port}`, `{workers}` and `{mode}` are filled in.
    pub command: Option<NonEmpty<String>>,
    /// A text in a line of its output that says that it is ready. Default: it is ready when it takes
    /// connections.
    pub ready: Option<String>,
    /// What its answers tell of the worker: `"pid"` (in `x-worker-pid`, or as `worker <pid>` in the
    /// body) or `"none"`. Default: `"none"`.
    #[serde(default)]
    pub worker: Tells,
    /// Where it listens, when it chooses that itself, or when it runs already.
    pub url: Option<Spanned<Url>>,
    /// How to get it, told when it is missing.
    pub get: Option<String>,
    /// The command that prints its version.
    pub version: Option<NonEmpty<String>>,
}
