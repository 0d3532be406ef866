//! `reuseport`: a listening socket a worker, and the kernel's hash chooses.
//!
//! | who binds | who accepts | who chooses |
//! |---|---|---|
//! | the master, one socket a worker | each worker its own | the kernel, by a hash of the addresses |
//!
//! The sockets form one `SO_REUSEPORT` group. They are the master's: when a worker dies, its queue
//! survives it. While nobody serves a socket (its worker is dead, starting, stalled, retired or not
//! yet told to), new connections are steered to the others, and the master accepts what is still
//! queued and deals it to them. The hash is fair only on average: of C connections a worker's share
//! varies by about √((k−1)/C) of its mean among k workers, which one sees with few connections.

use super::Intake;
use super::reuseport_filter::ReuseportFilter;

/// Listening sockets that the master binds.
pub(super) fn sockets(workers: u32) -> u32 {
    workers
}

/// Worker `id` (from 1) owns the socket with index `id − 1`.
pub(super) fn intake(id: u32) -> Intake {
    Intake::Socket(id as usize - 1)
}

/// To the sockets that a worker surely accepts from; to all when there is none, for then the queues
/// have to hold out.
pub(super) fn steer(kept: &[Option<usize>], sockets: usize) -> ReuseportFilter {
    let serving: Vec<usize> = (0..sockets).filter(|&index| kept.contains(&Some(index))).collect();
    if serving.is_empty() || serving.len() == sockets {
        return ReuseportFilter::Hash;
    }
    ReuseportFilter::Among(serving)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_kernel_chooses_when_all_are_kept_and_only_among_those_when_not() {
        let kept = [Some(0), None, Some(2)];
        assert_eq!(steer(&[Some(0), Some(1), Some(2)], 3), ReuseportFilter::Hash);
        assert_eq!(steer(&kept, 3), ReuseportFilter::Among(vec![0, 2]));
        let retired = steer(&[Some(0), Some(1)], 4);
        assert_eq!(retired, ReuseportFilter::Among(vec![0, 1]), "others retired");
        assert_eq!(steer(&[None, None], 2), ReuseportFilter::Hash);
    }
}
