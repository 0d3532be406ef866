//! `shared`: every worker accepts from the same socket, and whoever wakes first has the connection.
//!
//! | who binds | who accepts | who chooses |
//! |---|---|---|
//! | the master, before the fork | every worker, from one socket | whoever wakes first |
//!
//! The oldest way (Node's `SCHED_NONE`), and it shows the *thundering herd*: every worker waits for
//! the socket in its own edge-triggered epoll, so a new connection wakes all that are idle, one of
//! them gets it, and the others find nothing. Linux could wake just one (`EPOLLEXCLUSIVE`, or a
//! blocking accept in a thread of its own), but the runtime's reactor asks for neither, and a
//! second epoll inside the first defeats the former: readiness of the inner one wakes every outer
//! one. So the herd is left as it is and made visible: each worker counts its wake-ups in vain
//! (`vain_wakes` in the exit events and in `serve --status`). Load calms the herd, because a busy
//! worker does not wait; few connections spread unevenly: the last to sleep tends to wake first.

/// The one socket that all accept from.
pub(super) const SOCKET: usize = 0;
