//! Clients that notice every loss: new connections at a constant rate (an open loop), and kept connections
//! that are never idle (a closed loop), which the server must close between two requests.

use std::fmt;

use loadgen::RunResult;

use crate::env::figures::Bounds;
use crate::env::load::{Load, UNTIL_ENDED};
use crate::env::{Failure, TestEnv};

/// How much they ask, and for what.
#[derive(clap::Args)]
pub struct Clients {
    /// New connections a second
    #[arg(short = 'R', long, value_name = "RATE", default_value = "1000")]
    rate: u32,
    /// Busy kept connections
    #[arg(short, long, value_name = "N", default_value = "16")]
    connections: u32,
    /// What is asked for
    #[arg(long, value_name = "WEIGHT:PATH,…", default_value = super::MIX)]
    mix: String,
}

impl fmt::Display for Clients {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { rate, connections, mix } = self;
        write!(
            formatter,
            "{rate} new connections/s (an open loop), or {connections} busy kept ones (a closed \
             loop); asked for {mix}"
        )
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub enum ClientKind {
    Fresh,
    Kept,
}

impl ClientKind {
    pub const ALL: [Self; 2] = [Self::Fresh, Self::Kept];

    pub fn name(self) -> &'static str {
        match self {
            Self::Fresh => "a connection each",
            Self::Kept => "kept, busy",
        }
    }

    pub fn load<'a>(
        self,
        env: &'a TestEnv,
        url: &str,
        clients: &Clients,
    ) -> Result<Load<'a>, Failure> {
        let (rate, connections) = (clients.rate.to_string(), clients.connections.to_string());
        let mut arguments = vec!["--mix", &clients.mix, "-d", UNTIL_ENDED];
        match self {
            Self::Fresh => arguments.extend(["--no-keepalive", "-c", "4096", "-R", &rate]),
            Self::Kept => arguments.extend(["-c", &connections]),
        }
        Load::start(env, None, url, &arguments)
    }
}

pub fn require_none_failed(bounds: &mut Bounds, who: &str, result: &RunResult) {
    let failed = result.lifetime.failed;
    bounds.require(failed == 0, || {
        let classes = result.errors.by_class();
        let classes: Vec<_> =
            classes.iter().map(|(class, count)| format!("{count} {}", class.name())).collect();
        format!("{who}: {failed} failed ({})", classes.join(", "))
    });
}
