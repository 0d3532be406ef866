//! Clocks that are cheap to read.

use nix::time::{ClockId, clock_gettime};

/// Milliseconds of the monotonic clock as of the kernel's last tick (`CLOCK_MONOTONIC_COARSE`): some
/// milliseconds late, and good for time-outs.
pub(crate) fn coarse_ms() -> u64 {
    clock_gettime(ClockId::CLOCK_MONOTONIC_COARSE).map_or(0, |now| {
        now.tv_sec().unsigned_abs() * 1000 + now.tv_nsec().unsigned_abs() / 1_000_000
    })
}

/// Seconds since 1970 as of the kernel's last tick (`CLOCK_REALTIME_COARSE`).
pub(crate) fn unix_seconds() -> u64 {
    clock_gettime(ClockId::CLOCK_REALTIME_COARSE).map_or(0, |now| now.tv_sec().unsigned_abs())
}
