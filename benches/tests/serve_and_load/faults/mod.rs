//! Faults, a file each: what breaks, on purpose, and what the cluster must still do.
//!
//! [`crate::common::clients`] is the load that runs meanwhile and counts what became of every request, [`inspect`]
//! looks into the cluster's processes and takes things away from them. Read [`kill`] first.

mod busy_port;
mod channel_garbage;
mod crash;
mod crash_at_start;
mod descriptors;
mod drain_deadline;
mod hung_worker;
mod inspect;
mod kill;
mod max_requests;
mod no_fork;
mod restart_and_scale;
mod restart_fails;
mod signal_storm;
mod status;
mod systemd;
mod terminal;
