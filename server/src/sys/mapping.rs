//! Memory that a process shares with the children it forks later.

use std::num::NonZeroUsize;

use nix::sys::mman::{MapFlags, ProtFlags, mmap_anonymous};

use super::{Named, SysError};
use crate::scoreboard::Slot;

/// Maps an array of `length` empty slots, shared with every child forked afterwards. It lives as
/// long as the process: there is one per cluster.
pub(crate) fn shared_array(length: usize) -> Result<&'static [Slot], SysError> {
    let bytes = NonZeroUsize::new(length.max(1) * size_of::<Slot>()).unwrap_or(NonZeroUsize::MIN);
    // SAFETY: an anonymous mapping at an address of the kernel's choice aliases nothing.
    let start = unsafe {
        mmap_anonymous(
            None,
            bytes,
            ProtFlags::PROT_READ | ProtFlags::PROT_WRITE,
            MapFlags::MAP_SHARED,
        )
    }
    .named("mmap")?;
    // SAFETY: the mapping is `length` slots long, page-aligned (so aligned for a slot), never
    // unmapped, and zeroed, which is a valid slot: all fields are atomic integers. Sharing between
    // processes is sound because every access goes through those atomics.
    Ok(unsafe { std::slice::from_raw_parts(start.cast::<Slot>().as_ptr(), length) })
}
