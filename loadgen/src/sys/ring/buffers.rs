//! The buffers that a ring's receives take: the kernel picks one when bytes have come, so that an
//! idle connection needs none.
//!
//! Each buffer is always on exactly one side. The kernel's are those on the shared list; one that a
//! completion names is ours until it is given back.

use std::alloc::{Layout, alloc_zeroed, dealloc};
use std::io;
use std::ptr::NonNull;
use std::sync::atomic::{AtomicU16, Ordering};

use io_uring::IoUring;
use io_uring::types::BufRingEntry;

/// The number by which receives name this set of buffers.
pub const GROUP: u16 = 0;

const SIZE: usize = 16 * 1024;

/// From the begin of a buffer to that of the next: two cache lines more than its size, or the
/// begins of all of them would compete for the same few places of the cache.
const STRIDE: usize = SIZE + 128;

/// The kernel wants the list at the begin of a page.
const PAGE: usize = 4096;

/// The fewest and the most buffers of a ring; powers of two.
const FEWEST: u32 = 64;
const MOST: u32 = 1024;

/// A ring's buffers and the list on which they are given to the kernel.
pub struct Buffers {
    /// The list, then the buffers.
    memory: NonNull<u8>,
    layout: Layout,
    count: u16,
    /// Where the next one is put on the list; it wraps.
    tail: u16,
    leaked: bool,
}

impl Buffers {
    /// Makes buffers enough for this many connections to bring something at the same time, and
    /// gives all of them to the kernel.
    pub fn register(ring: &IoUring, connections: u32) -> io::Result<Self> {
        let count = connections.clamp(FEWEST, MOST).next_power_of_two() as u16;
        let size = Self::list_size(count) + usize::from(count) * STRIDE;
        let layout = Layout::from_size_align(size, PAGE).map_err(io::Error::other)?;
        // SAFETY: the size is not zero.
        let memory = unsafe { alloc_zeroed(layout) };
        let memory = NonNull::new(memory).ok_or(io::ErrorKind::OutOfMemory)?;
        let mut buffers = Self { memory, layout, count, tail: 0, leaked: false };
        // SAFETY: the list has room for `count` entries, and lives until the ring is gone: the ring
        // is dropped before its buffers.
        unsafe {
            let list = memory.as_ptr() as u64;
            ring.submitter().register_buf_ring_with_flags(list, count, GROUP, 0)?;
        }
        for id in 0..count {
            // SAFETY: it was never given.
            unsafe { buffers.give(id) };
        }
        Ok(buffers)
    }

    /// The first bytes of a buffer.
    ///
    /// # Safety
    /// The buffer is ours: a completion named it, and it was not given back since.
    pub unsafe fn bytes(&self, id: u16, length: usize) -> &[u8] {
        assert!(id < self.count && length <= SIZE, "the kernel names what it was given");
        // SAFETY: it lies within the memory, and the kernel does not write to what is ours.
        unsafe { std::slice::from_raw_parts(self.buffer(id), length) }
    }

    /// Gives a buffer to the kernel.
    ///
    /// # Safety
    /// The buffer is ours, and nothing refers to its bytes any more.
    #[expect(clippy::cast_ptr_alignment, reason = "the list begins at a page")]
    pub unsafe fn give(&mut self, id: u16) {
        let list = self.memory.as_ptr().cast::<BufRingEntry>();
        let at = usize::from(self.tail & (self.count - 1));
        self.tail = self.tail.wrapping_add(1);
        // SAFETY: the place is within the list, and the kernel reads it only once the tail is
        // beyond it, which is published last. The tail lies in a part of the first entry that
        // nobody else writes; a `u16` there is aligned.
        unsafe {
            let entry = &mut *list.add(at);
            entry.set_addr(self.buffer(id) as u64);
            entry.set_len(SIZE as u32);
            entry.set_bid(id);
            let tail = BufRingEntry::tail(list).cast::<AtomicU16>();
            (*tail).store(self.tail, Ordering::Release);
        }
    }

    /// Never frees the memory: the kernel may still write to it.
    pub fn leak(&mut self) {
        self.leaked = true;
    }

    fn buffer(&self, id: u16) -> *const u8 {
        let offset = Self::list_size(self.count) + usize::from(id) * STRIDE;
        self.memory.as_ptr().wrapping_add(offset)
    }

    fn list_size(count: u16) -> usize {
        (usize::from(count) * size_of::<BufRingEntry>()).next_multiple_of(PAGE)
    }
}

impl Drop for Buffers {
    fn drop(&mut self) {
        if !self.leaked {
            // SAFETY: it was allocated with this layout, and the ring that knew it is gone.
            unsafe { dealloc(self.memory.as_ptr(), self.layout) };
        }
    }
}
