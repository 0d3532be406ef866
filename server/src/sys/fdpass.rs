//! Messages with descriptors between master and worker, over a SEQPACKET pair.
//!
//! SEQPACKET keeps the bounds of messages, tells of the peer's end, and takes several descriptors a
//! message (unix(7), `SCM_RIGHTS`). What the messages mean is in [`crate::channel`].

use std::io::IoSlice;
use std::os::fd::{AsRawFd, BorrowedFd, FromRawFd, OwnedFd, RawFd};

use nix::errno::Errno;
use nix::sys::socket::{
    AddressFamily, ControlMessage, MsgFlags, SockFlag, SockType, sendmsg, socketpair,
};

use super::{Named, SysError};

/// The most descriptors that the kernel takes in one message (`SCM_MAX_FD`).
const MAX_DESCRIPTORS: usize = 253;

/// The most bytes in one message of ours.
const MAX_BYTES: usize = 24;

/// Both ends of a channel, non-blocking, closed on exec.
///
/// # Errors
/// `socketpair` fails when there are no descriptors left.
pub fn pair() -> Result<(OwnedFd, OwnedFd), SysError> {
    let flags = SockFlag::SOCK_NONBLOCK | SockFlag::SOCK_CLOEXEC;
    socketpair(AddressFamily::Unix, SockType::SeqPacket, None, flags).named("socketpair")
}

/// Whether a message went out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sent {
    /// It is in the peer's queue.
    Yes,
    /// The queue is full (or too many descriptors are under way): try again when it is writable.
    Full,
    /// The peer has closed its end.
    PeerGone,
}

/// Sends one message with at most [`MAX_DESCRIPTORS`] descriptors, without waiting. The sender's
/// copies stay open.
pub(crate) fn send(
    channel: BorrowedFd<'_>,
    bytes: &[u8],
    descriptors: &[BorrowedFd<'_>],
) -> Result<Sent, SysError> {
    let raw: Vec<_> = descriptors.iter().map(AsRawFd::as_raw_fd).collect();
    let rights = [ControlMessage::ScmRights(&raw)];
    let control: &[ControlMessage<'_>] = if raw.is_empty() { &[] } else { &rights };
    let flags = MsgFlags::MSG_DONTWAIT | MsgFlags::MSG_NOSIGNAL;
    loop {
        match sendmsg::<()>(channel.as_raw_fd(), &[IoSlice::new(bytes)], control, flags, None) {
            Ok(_) => return Ok(Sent::Yes),
            Err(Errno::EINTR) => {}
            Err(Errno::EAGAIN | Errno::ENOBUFS | Errno::ETOOMANYREFS) => return Ok(Sent::Full),
            Err(Errno::EPIPE | Errno::ECONNRESET) => return Ok(Sent::PeerGone),
            Err(errno) => return Err(SysError { call: "sendmsg", errno }),
        }
    }
}

/// What a channel had for its reader.
#[derive(Debug)]
pub(crate) enum Received {
    Message {
        bytes: Vec<u8>,
        /// The descriptors that came with it: fewer than were sent when this process may not open
        /// more (`MSG_CTRUNC`).
        descriptors: Vec<OwnedFd>,
    },
    /// Nothing yet.
    Empty,
    /// The peer has closed its end.
    PeerGone,
}

/// Room for one message's descriptors, kept by the reader so that none is made a message.
#[derive(Debug)]
pub struct ControlBuffer(Box<[u64]>);

impl Default for ControlBuffer {
    fn default() -> Self {
        let bytes = nix::cmsg_space!([RawFd; MAX_DESCRIPTORS]).capacity();
        // Words, not bytes: control messages are aligned like the header they begin with.
        Self(vec![0; bytes.div_ceil(size_of::<u64>())].into_boxed_slice())
    }
}

/// Receives one message, without waiting.
///
/// nix's own `recvmsg` hides the descriptors of a truncated message, which leaks them; so this
/// walks the control messages itself.
pub(crate) fn receive(
    channel: BorrowedFd<'_>,
    room: &mut ControlBuffer,
) -> Result<Received, SysError> {
    let mut buffer = [0_u8; MAX_BYTES];
    let mut slice = libc::iovec { iov_base: buffer.as_mut_ptr().cast(), iov_len: buffer.len() };
    // SAFETY: zeroed is a valid msghdr: null pointers with lengths of zero.
    let mut message: libc::msghdr = unsafe { std::mem::zeroed() };
    message.msg_iov = &raw mut slice;
    message.msg_iovlen = 1;
    message.msg_control = room.0.as_mut_ptr().cast();
    message.msg_controllen = size_of_val(&*room.0);
    let flags = libc::MSG_DONTWAIT | libc::MSG_CMSG_CLOEXEC;
    let length = loop {
        // SAFETY: the message's pointers are valid for writes of the lengths beside them.
        let length = unsafe { libc::recvmsg(channel.as_raw_fd(), &raw mut message, flags) };
        match Errno::result(length) {
            Ok(length) => break length.unsigned_abs(),
            Err(Errno::EINTR) => {}
            Err(Errno::EAGAIN) => return Ok(Received::Empty),
            Err(Errno::ECONNRESET) => return Ok(Received::PeerGone),
            Err(errno) => return Err(SysError { call: "recvmsg", errno }),
        }
    };
    if length == 0 {
        return Ok(Received::PeerGone);
    }
    let (bytes, descriptors) = (buffer[..length].to_vec(), descriptors_of(&message));
    Ok(Received::Message { bytes, descriptors })
}

/// Takes over the descriptors that a message brought.
fn descriptors_of(message: &libc::msghdr) -> Vec<OwnedFd> {
    let mut descriptors = Vec::new();
    // SAFETY: recvmsg has filled the control buffer in and set its length, which bounds the walk.
    let mut header = unsafe { libc::CMSG_FIRSTHDR(message) };
    while !header.is_null() {
        // SAFETY: CMSG_FIRSTHDR and CMSG_NXTHDR return a whole header within the buffer, or null.
        let (level, kind, length) =
            unsafe { ((*header).cmsg_level, (*header).cmsg_type, (*header).cmsg_len) };
        if level == libc::SOL_SOCKET && kind == libc::SCM_RIGHTS {
            // SAFETY: CMSG_LEN is arithmetic only.
            let head = unsafe { libc::CMSG_LEN(0) } as usize;
            // SAFETY: the header is valid (above), its data follow it.
            let data = unsafe { libc::CMSG_DATA(header) };
            // SAFETY: the kernel wrote `length` bytes, the header's among them.
            let bytes = unsafe { std::slice::from_raw_parts(data, length - head) };
            for raw in bytes.as_chunks().0 {
                // SAFETY: the kernel has just made this descriptor for this process, and nobody
                // else knows it.
                descriptors.push(unsafe { OwnedFd::from_raw_fd(RawFd::from_ne_bytes(*raw)) });
            }
        }
        // SAFETY: as for CMSG_FIRSTHDR.
        header = unsafe { libc::CMSG_NXTHDR(message, header) };
    }
    descriptors
}

#[cfg(test)]
mod tests {
    use std::io::{Read, Write};
    use std::os::fd::AsFd;
    use std::os::unix::net::UnixStream;

    use super::*;

    #[test]
    fn a_descriptor_that_was_passed_is_the_same_open_file() {
        let (left, right) = pair().unwrap();
        let (mut near, far) = UnixStream::pair().unwrap();
        assert_eq!(send(left.as_fd(), b"x", &[far.as_fd()]).unwrap(), Sent::Yes);
        drop(far);
        let Received::Message { bytes, mut descriptors } =
            receive(right.as_fd(), &mut ControlBuffer::default()).unwrap()
        else {
            panic!("no message came");
        };
        assert_eq!((bytes.as_slice(), descriptors.len()), (&b"x"[..], 1));
        let mut passed = UnixStream::from(descriptors.remove(0));
        passed.write_all(b"hello").unwrap();
        drop(passed);
        let mut text = String::new();
        near.read_to_string(&mut text).unwrap();
        assert_eq!(text, "hello");
    }

    #[test]
    fn the_peers_end_is_told_from_an_empty_channel() {
        let (left, right) = pair().unwrap();
        let mut control = ControlBuffer::default();
        assert!(matches!(receive(right.as_fd(), &mut control).unwrap(), Received::Empty));
        drop(left);
        assert!(matches!(receive(right.as_fd(), &mut control).unwrap(), Received::PeerGone));
        assert_eq!(send(right.as_fd(), b"x", &[]).unwrap(), Sent::PeerGone);
    }

    #[test]
    fn a_full_queue_is_said_and_not_waited_for() {
        let (left, _right) = pair().unwrap();
        let sent = (0..10_000).map(|_| send(left.as_fd(), b"x", &[]).unwrap());
        assert!(sent.into_iter().any(|sent| sent == Sent::Full));
    }
}
