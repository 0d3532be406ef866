//! `single`: one process binds, accepts and answers. The baseline that the others are compared with.
//!
//! | who binds | who accepts | who chooses |
//! |---|---|---|
//! | the process | the process | nobody |
//!
//! What it shares with `threads` is in `solo.rs`.

use tokio::runtime::Builder;

/// The runtime of a process with one thread.
pub(crate) fn runtime() -> Builder {
    Builder::new_current_thread()
}
