//! `threads`: one process with several threads that take work from each other.
//!
//! | who binds | who accepts | who chooses |
//! |---|---|---|
//! | the process | one task of it | the work-stealing runtime, whenever a connection has work |
//!
//! What Rust users would do without forking: no hand-over between processes, no unfairness between
//! connections, but shared state, and nothing survives a crash. The process is one worker, id 1,
//! however many threads it has. What it shares with `single` is in `solo.rs`.

use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

use tokio::runtime::Builder;

use crate::say;
use crate::sys::process;

/// The runtime of a process with so many threads, each on its CPU if there is a list.
pub(crate) fn runtime(threads: u32, cpus: &[u32]) -> Builder {
    let mut builder = Builder::new_multi_thread();
    builder.worker_threads(threads as usize);
    if !cpus.is_empty() {
        let (cpus, started) = (cpus.to_vec(), AtomicUsize::new(0));
        builder.on_thread_start(move || {
            let index = started.fetch_add(1, Relaxed);
            if let Err(error) = process::pin(&[cpus[index % cpus.len()]]) {
                say::err(&format!("a thread is not pinned: {error}"));
            }
        });
    }
    builder
}
