//! What became of connections before a worker took them.

use serde::{Deserialize, Serialize};

/// The kernel's queue of connections that wait to be accepted, from the generator's start to the
/// end of the measured window.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct AcceptQueue {
    /// Room in the queue of one listening socket, after the kernel's own bound.
    pub backlog: u32,
    /// The longest that any listening socket's queue was found.
    pub longest: u32,
    /// The mean length of the fullest listening socket's queue, over samples.
    pub mean: f64,
    /// Connections that found the queue full (`ListenOverflows`, of the network namespace).
    pub overflows: u64,
    /// First packets that had to be sent again (`TCPSynRetrans`, of the network namespace).
    pub syn_retransmits: u64,
}
