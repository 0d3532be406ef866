//! The faults: what each is, which cause must be named, how it gets into a run of one trial.

mod cgroup;
mod injection;
pub mod recipe;
mod run;

use std::time::Duration;

use reports::analysis::diagnosis::Cause;

use super::suite::Suite;

const WARMUP: Duration = Duration::from_millis(500);
const WINDOW: Duration = Duration::from_secs(2);

pub struct Fault {
    pub name: &'static str,
    /// The cause that must be named first; `None` of the control: no fault may be named.
    pub right: Option<Cause>,
    suite: Suite<'static>,
    way: Way,
}

enum Way {
    /// It is in what the suite asks for, or there is none.
    Suite,
    /// The whole run may use one CPU only.
    OneCpu,
    /// The server is put into a control group with a bound on CPU time.
    Quota,
    /// The server gets a short accept queue.
    Backlog,
    /// A busy process has the server's CPU too, from before the window to its end.
    Neighbour,
    /// The master is stopped most of the time while it is under load.
    SlowMaster,
    /// A worker is stopped in the measured window, and stays so.
    StoppedWorker,
}

/// `hello` on one worker, which leaves a CPU to the generator where there is one.
const PLAIN: Suite<'static> = Suite {
    blocks: 1,
    warmup: WARMUP,
    duration: WINDOW,
    mode: "reuseport",
    workers: 1,
    path: "/",
    keepalive: true,
    connections: 64,
    targets: &[],
};

/// The control, then the eight faults.
pub static ALL: [Fault; 9] = [
    Fault { name: "control", right: None, suite: PLAIN, way: Way::Suite },
    Fault { name: "shared-cpu", right: Some(Cause::SharedCores), suite: PLAIN, way: Way::OneCpu },
    Fault { name: "quota", right: Some(Cause::Quota), suite: PLAIN, way: Way::Quota },
    Fault { name: "neighbour", right: Some(Cause::Neighbour), suite: PLAIN, way: Way::Neighbour },
    // Present whichever way the hash falls: with both connections on one worker the other has
    // nothing to do; with one each, each worker waits while its only client reads.
    Fault {
        name: "few-connections",
        right: Some(Cause::FewConnections),
        suite: Suite { workers: 2, connections: 2, ..PLAIN },
        way: Way::Suite,
    },
    // Milliseconds of CPU, and as this path is the suite's own, nothing is planned for it.
    Fault {
        name: "slow-handler",
        right: Some(Cause::SlowHandler),
        suite: Suite { path: "/work?rounds=500000", ..PLAIN },
        way: Way::Suite,
    },
    Fault {
        name: "slow-acceptor",
        right: Some(Cause::Acceptor),
        suite: Suite { mode: "round-robin", workers: 2, keepalive: false, ..PLAIN },
        way: Way::SlowMaster,
    },
    Fault {
        name: "tiny-backlog",
        right: Some(Cause::SmallBacklog),
        suite: Suite { keepalive: false, ..PLAIN },
        way: Way::Backlog,
    },
    Fault {
        name: "stopped-worker",
        right: Some(Cause::StalledWorker),
        suite: Suite { workers: 2, ..PLAIN },
        way: Way::StoppedWorker,
    },
];
