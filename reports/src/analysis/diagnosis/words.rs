//! The causes in plain words, and what would help.

use super::{Cause, State};

/// A cause as a clause.
pub fn cause(cause: Cause) -> &'static str {
    match cause {
        Cause::StalledWorker => "a worker stands still",
        Cause::Quota => "a quota on CPU time holds the server back",
        Cause::Neighbour => "a noisy neighbour takes CPU time away",
        Cause::SmallBacklog => "the queue for new connections is too small",
        Cause::FewConnections => "there are too few connections for so many workers",
        Cause::Acceptor => "the one process that accepts connections does not keep up",
        Cause::SlowHandler => "the handler is slow",
        Cause::SharedCores => "server and generator share the CPUs",
        Cause::Generator => "the generator is the limit",
    }
}

/// What would help, as a sentence.
pub fn advice(cause: Cause) -> &'static str {
    match cause {
        Cause::StalledWorker => "Look at what stops it: its state in ps, its last log line.",
        Cause::Quota => "Raise the bound (cpu.max), or measure with as many workers as it allows.",
        Cause::Neighbour => "End the other programs, or measure on a machine of one's own.",
        Cause::SmallBacklog => "Raise --backlog and net.core.somaxconn.",
        Cause::FewConnections => {
            "Use more connections, or a mode that deals in turn: a hash needs some sixteen a worker."
        }
        Cause::Acceptor => "Keep connections alive, or let the workers accept (reuseport).",
        Cause::SlowHandler => {
            "Make the handler faster; while it only waits, more connections help and cores do not."
        }
        Cause::SharedCores => {
            "Give the generator CPUs or a machine of its own: here both divide what there is."
        }
        Cause::Generator => "Give the generator more CPUs: this says nothing about the server.",
    }
}

/// What is said without a cause, as a clause.
pub fn state(state: State) -> &'static str {
    match state {
        State::Hardware => "nothing but the hardware: the workers use all the CPU they can",
        State::AsAsked => "nothing: the rate that was asked for was served",
        State::Unexplained => "CPUs stood idle, and no rule of this report says why",
        State::Unknown => "not known: the server's CPU time was not recorded",
    }
}
