//! What it takes to run a trial: processes that cannot outlive their parent, the server under test,
//! the load generator, and what is read from both.
//!
//! [`crate::bench`], the live page, the perf recipes and the end-to-end tests stand on this module,
//! which knows none of them. [`target`] starts a server, [`load_process`] a generator; both are a
//! [`process::Child`].

pub mod admin_client;
pub mod cpu_quota;
pub mod cpu_snapshot;
pub mod event_log;
pub mod interrupt;
pub mod load_process;
pub mod process;
pub mod server_counts;
pub mod subreaper;
pub mod target;
pub mod temp_dir;
pub mod version_line;
