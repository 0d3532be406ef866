//! The modes of `hello-cluster` in words, as far as the page explains them. A record may name modes
//! that are not listed here: those are shown with their figures and without an explanation.

/// How one mode shares connections out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Mode {
    /// Its name in the record.
    pub name: &'static str,
    /// Who binds the port.
    pub binds: &'static str,
    /// Who accepts a connection.
    pub accepts: &'static str,
    /// Who chooses the worker of a connection.
    pub chooses: &'static str,
    /// What to expect of it, in one sentence.
    pub remark: &'static str,
}

/// Every mode known here, in the order in which reports show them.
pub const MODES: [Mode; 6] = [
    Mode {
        name: "single",
        binds: "the one process",
        accepts: "the one process",
        chooses: "nobody",
        remark: "The baseline: no sharing out, so no cost of it either.",
    },
    Mode {
        name: "threads",
        binds: "the one process",
        accepts: "one task of it",
        chooses: "the work-stealing runtime, request by request",
        remark: "What one would do without forking: threads that take work from each other.",
    },
    Mode {
        name: "shared",
        binds: "the master, before the fork",
        accepts: "every worker, on the same socket",
        chooses: "whoever wakes first",
        remark: "Cheap, but a busy worker may keep taking connections.",
    },
    Mode {
        name: "reuseport",
        binds: "the master, one socket a worker",
        accepts: "each worker, on its own socket",
        chooses: "the kernel, by a hash of the addresses",
        remark: "No hand-over, but the hash deals by chance: few connections spread unevenly.",
    },
    Mode {
        name: "round-robin",
        binds: "the master",
        accepts: "the master",
        chooses: "the master, in strict turn",
        remark: "Even to one connection, at the price of a hand-over for each.",
    },
    Mode {
        name: "least-connections",
        binds: "the master",
        accepts: "the master",
        chooses: "the master: the worker with the fewest open connections",
        remark: "Evens out connections of unequal length, at the price of a hand-over for each.",
    },
];

/// The place of a mode in [`MODES`]; unknown ones come after all known ones.
pub(crate) fn rank(mode: &str) -> usize {
    MODES.iter().position(|known| known.name == mode).unwrap_or(MODES.len())
}

/// The mode of this name, if it is one of `hello-cluster`'s own.
pub(crate) fn find(mode: &str) -> Option<&'static Mode> {
    MODES.iter().find(|known| known.name == mode)
}
