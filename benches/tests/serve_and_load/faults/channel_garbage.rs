//! Garbage on the master's channels is ignored, and descriptors that come with it are closed.

use std::fs::File;
use std::io::IoSlice;
use std::os::fd::{AsRawFd, OwnedFd};

use nix::errno::Errno;
use nix::sys::socket::{ControlMessage, MsgFlags, sendmsg};

use super::inspect::{channels, open_descriptors};
use crate::common::clients::Clients;
use crate::common::{Cluster, eventually, in_each_forked_cluster};

/// Messages that are none: too short, too long, tags without a meaning, numbers without sense.
fn garbage() -> Vec<Vec<u8>> {
    let mut messages = vec![b"?".to_vec(), vec![0; 8], vec![0xff; 200], b"GET / HTTP/1.1".to_vec()];
    for tag in [0, 100, 200, 255] {
        let mut message = vec![tag];
        message.extend(u64::MAX.to_le_bytes());
        messages.push(message);
    }
    messages
}

/// Sends one message with some descriptors; a full channel is tried again.
fn send(channel: &OwnedFd, bytes: &[u8], descriptors: &[i32]) {
    let rights = [ControlMessage::ScmRights(descriptors)];
    let control = if descriptors.is_empty() { &[][..] } else { &rights[..] };
    let flags = MsgFlags::MSG_DONTWAIT | MsgFlags::MSG_NOSIGNAL;
    eventually("room in the channel", || {
        match sendmsg::<()>(channel.as_raw_fd(), &[IoSlice::new(bytes)], control, flags, None) {
            Ok(_) => true,
            Err(Errno::EAGAIN) => false,
            Err(error) => panic!("the channel is gone: {error}"),
        }
    });
}

/// Duplicates of both ends of every worker's channel; `None` where the system forbids it.
fn both_ends(cluster: &Cluster) -> Option<Vec<OwnedFd>> {
    let mut ends = Vec::new();
    for pid in cluster.first_workers().into_iter().chain([cluster.master()]) {
        match channels(pid) {
            Ok(found) => ends.extend(found),
            Err(error) => {
                eprintln!("skipped: no right to a process's descriptors: {error}");
                return None;
            }
        }
    }
    assert_eq!(ends.len(), 4, "two workers, two ends each");
    Some(ends)
}

#[test]
fn garbage_on_the_channel_is_passed_over_and_its_descriptors_are_closed() {
    in_each_forked_cluster(2, &[], |_, cluster| {
        let everybody: Vec<_> =
            cluster.first_workers().into_iter().chain([cluster.master()]).collect();
        let count = || everybody.iter().map(|&pid| open_descriptors(pid)).collect::<Vec<_>>();
        let before = count();
        let Some(ends) = both_ends(&cluster) else { return };
        let load = Clients::under_way(cluster.address, 10);
        let stray = File::open("/dev/null").unwrap();
        for _ in 0..20 {
            for end in &ends {
                for message in garbage() {
                    send(end, &message, &[]);
                    send(end, &message, &[stray.as_raw_fd(); 3]);
                }
            }
        }
        drop(ends);
        load.stop_after(50);
        eventually("as few descriptors as before", || count() == before);
        assert!(cluster.exits().is_empty(), "nobody had to be replaced");
    });
}
