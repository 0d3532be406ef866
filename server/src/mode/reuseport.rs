//! `reuseport`: a listening socket a worker, and the kernel's hash chooses.
//!
//! | who binds | who accepts | who chooses |
//! |---|---|---|
//! | the master, one socket a worker | each worker its own | the kernel, by a hash of the addresses |
//!
//! The sockets form one `SO_REUSEPORT` group. They are the master's: when a worker dies, its queue
//! survives it. While nobody serves a socket (its worker is dead, starting, stalled or retired),
//! new connections are steered to the others, and the master accepts what is still queued and deals
//! it to them. The hash is fair only on average: of C connections a worker's share varies by about
//! √((k−1)/C) of its mean among k workers, which one sees with few connections.

use super::Intake;
use crate::listener::Steering;

/// Listening sockets that the master binds.
pub(super) fn sockets(workers: u32) -> u32 {
    workers
}

/// Worker `id` (from 1) owns the socket with index `id − 1`.
pub(super) fn intake(id: u32) -> Intake {
    Intake::Socket(id as usize - 1)
}

/// To the sockets of the workers that live; to all when none does, for then the queues have to hold
/// out.
pub(super) fn steer(live: &[bool]) -> Steering {
    let serving: Vec<usize> = (0..live.len()).filter(|&index| live[index]).collect();
    if serving.is_empty() || serving.len() == live.len() {
        return Steering::Hash;
    }
    Steering::Among(serving)
}

/// The queue of a socket whose worker does not serve it is the master's.
pub(super) fn master_serves(socket: usize, live: &[bool]) -> bool {
    !live.get(socket).copied().unwrap_or(false)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_kernel_chooses_when_all_live_and_only_among_the_living_when_not() {
        assert_eq!(steer(&[true, true, true]), Steering::Hash);
        assert_eq!(steer(&[true, false, true]), Steering::Among(vec![0, 2]));
        assert_eq!(steer(&[false, false]), Steering::Hash);
    }
}
