//! Memory that a process shares with the children it forks later.

use std::num::NonZeroUsize;

use nix::sys::mman::{MapFlags, ProtFlags, mmap_anonymous};

use super::{Named, SysError};

/// Maps an array of `length` default values, shared with every child forked afterwards. It lives as
/// long as the process: there is one per cluster.
///
/// What a value points to is not shared: `T` is to consist of atomic integers.
pub(crate) fn shared_array<T: Default + Sync>(length: usize) -> Result<&'static [T], SysError> {
    const {
        assert!(!std::mem::needs_drop::<T>(), "shared values own nothing");
        assert!(align_of::<T>() <= 4096, "a mapping begins at a page");
    }
    let bytes = NonZeroUsize::new(length.max(1) * size_of::<T>()).unwrap_or(NonZeroUsize::MIN);
    // SAFETY: an anonymous mapping at an address of the kernel's choice aliases nothing.
    let start = unsafe {
        mmap_anonymous(
            None,
            bytes,
            ProtFlags::PROT_READ | ProtFlags::PROT_WRITE,
            MapFlags::MAP_SHARED,
        )
    }
    .named("mmap")?
    .cast::<T>()
    .as_ptr();
    for index in 0..length {
        // SAFETY: the mapping is `length` values long and aligned for them.
        unsafe { start.add(index).write(T::default()) };
    }
    // SAFETY: as above; it is never unmapped, and every value has been written. Sharing between
    // processes is sound because a `Sync` value that owns nothing changes only by atomics.
    Ok(unsafe { std::slice::from_raw_parts(start, length) })
}
