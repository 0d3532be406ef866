//! One fault per file, and what the cluster must still do.
//!
//! [`crate::common::clients`] is the load meanwhile; [`inspect`] looks into the processes.

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
