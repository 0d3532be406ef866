//! A suite file: what to measure, as a person wrote it, with every key checked.
//!
//! A suite says which workloads are run on which targets, in which modes, with how many workers,
//! and for how long. Worker counts may be left open (`"auto"`), so a suite means something on every
//! machine. Its keys are explained in `benches/suites/README.md`, which a test keeps complete.

pub mod check;
pub mod find;
pub mod rate;
pub mod target;
pub mod tools;
pub mod values;
pub mod workers;

use serde::Deserialize;
use toml::Spanned;

pub use find::{File, SuiteError};
use rate::{Arrivals, Rate};
use target::Target;
use tools::Tools;
use values::{Bounded, Length, Name, NonEmpty, Path};
use workers::Workers;

/// A suite: the whole of its file.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Suite {
    /// Its name, part of each run's id: letters, digits, `-` and `_`.
    pub name: Name,
    /// One sentence on what it is for.
    #[serde(default)]
    pub description: String,
    /// How often each cell is run; six or more for an interval, 1000 at most.
    pub blocks: Bounded<1, 1000>,
    /// Load before each measurement that no figure includes: `"300ms"`. Default: none.
    #[serde(default = "Length::zero")]
    pub warmup: Length,
    /// Length of each measurement, from 50 ms to 10 minutes: `"1s"`.
    #[serde(deserialize_with = "Length::measurement")]
    pub duration: Length,
    /// Time that the whole run may take: `"5m"`. Worker counts of `"auto"`, blocks and lengths are
    /// cut, in this order, until it does.
    pub budget: Option<Length>,
    /// What the clients ask for: `[[workload]]`.
    pub workload: NonEmpty<Workload>,
    /// Servers beside the built-in ones: `[[target]]`.
    #[serde(default)]
    pub target: Vec<Target>,
    /// Which workloads run on which targets in which modes with how many workers: `[[cells]]`.
    pub cells: NonEmpty<Cells>,
}

/// One `[[workload]]`: what the clients ask for.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Workload {
    /// Its name, to which `[[cells]]` refer.
    pub name: Spanned<Name>,
    /// One sentence on what a request costs the server.
    #[serde(default)]
    pub description: String,
    /// The target asked for, from `/` on. Default: `/`.
    pub path: Option<Spanned<Path>>,
    /// Instead of a path: CPU time that a request shall take, in microseconds, from 20 to 100,000.
    /// The number of rounds for it is found once a run and recorded.
    pub work_us: Option<Bounded<20, 100_000>>,
    /// Instead of both: several of them, each request one by chance.
    pub mix: Option<NonEmpty<Part>>,
    /// Whether a connection carries many requests; `false`: one connection a request.
    /// Default: `true`.
    #[serde(default = "yes")]
    pub keepalive: bool,
    /// Concurrent connections, the same in every cell: 1 to 10,000.
    pub connections: Bounded<1, 10_000>,
    /// Open loop: requests a second that are due, the same in every cell; a number, or a share such
    /// as `"50%"` of what one worker of `single` does in a closed loop. Default: closed loop.
    pub rate: Option<Rate>,
    /// How an open loop's requests lie around the rate. Default: `"constant"`.
    #[serde(default)]
    pub arrivals: Arrivals,
    /// Other load generators whose figures of the same requests are wanted beside the truth: `["wrk",
    /// "hey"]` or `["all"]`. Default: none.
    #[serde(default, rename = "as")]
    pub tools: Tools,
}

/// One part of a workload's `mix`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Part {
    /// How often it is asked for, beside the others' shares.
    pub share: Spanned<Bounded<1, 1_000>>,
    /// The target asked for. Default: `/`.
    pub path: Option<Path>,
    /// Instead of a path: CPU time that a request shall take, in microseconds.
    pub work_us: Option<Bounded<20, 100_000>>,
}

/// One `[[cells]]`: each of its workloads × targets × modes × worker counts.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Cells {
    pub workloads: NonEmpty<Spanned<Name>>,
    /// Names of targets. Default: `hello-cluster`.
    pub targets: Option<NonEmpty<Spanned<Name>>>,
    /// How connections are shared out; a `command` or `url` of one's own may go without.
    pub modes: Option<NonEmpty<Spanned<Name>>>,
    /// How many workers: a list, or `"auto"`, `"cores"`, `"twice-cores"`. The mode `single` has one
    /// in any case.
    pub workers: Workers,
}

impl Workload {
    /// Every amount of CPU time that one of its requests shall take, in microseconds.
    pub fn works(&self) -> impl Iterator<Item = u32> {
        let parts = self.mix.iter().flat_map(|mix| &mix.0).filter_map(|part| part.work_us);
        self.work_us.into_iter().chain(parts).map(|work_us| work_us.0)
    }

    /// Its targets with their weights, as `load --mix` takes them, or the one path; `path_of` tells
    /// the path of an amount of CPU time.
    pub fn paths(&self, path_of: impl Fn(u32) -> String) -> String {
        let one = |path: Option<&Path>, work_us: Option<Bounded<20, 100_000>>| match work_us {
            Some(work_us) => path_of(work_us.0),
            None => path.map_or("/", Path::as_str).to_owned(),
        };
        let Some(mix) = &self.mix else {
            return one(self.path.as_ref().map(Spanned::get_ref), self.work_us);
        };
        let part = |part: &Part| {
            format!("{}:{}", part.share.get_ref().0, one(part.path.as_ref(), part.work_us))
        };
        mix.0.iter().map(part).collect::<Vec<_>>().join(",")
    }
}

/// serde takes defaults from functions only.
fn yes() -> bool {
    true
}
