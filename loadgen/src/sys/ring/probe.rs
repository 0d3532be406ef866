//! Whether rings work here: tried, because containers and settings refuse what the kernel can do.

use std::io;
use std::os::fd::OwnedFd;
use std::os::unix::net::UnixStream;
use std::time::{Duration, Instant};

use super::{Completion, Ring, Setup};
use crate::sys::SysError;

/// How long a few bytes may take from one socket to another of the same thread.
const PATIENCE: Duration = Duration::from_secs(1);

/// Carries two texts over a pair of sockets by a ring of the kind that the engine uses.
pub fn probe() -> Result<(), SysError> {
    let texts = vec![b"told".to_vec(), b"quiet".to_vec()];
    let mut ring = Ring::new(Setup { texts, sockets: 2, table: true, in_turn: true })?;
    let (here, there) = UnixStream::pair().map_err(SysError::of("socketpair"))?;
    let [here, there] = [here, there].map(|end| ring.attach(OwnedFd::from(end)));
    for text in 0..2 {
        ring.send(here, &[text]);
        exchange(&mut ring, there, text).map_err(SysError::of("io_uring_enter"))?;
    }
    Ok(())
}

fn exchange(ring: &mut Ring, there: u32, text: usize) -> io::Result<()> {
    let deadline = Instant::now() + PATIENCE;
    while Instant::now() < deadline {
        ring.wait(10_000_000)?;
        for _ in 0..ring.ready() {
            match ring.take() {
                Some(Completion::Received(slot)) if slot == there => {
                    let whole = ring.input() == ring.texts[text];
                    return if whole { Ok(()) } else { Err(io::ErrorKind::InvalidData.into()) };
                }
                Some(Completion::Failed(_, error)) => return Err(error),
                _ => {}
            }
        }
    }
    Err(io::ErrorKind::TimedOut.into())
}
