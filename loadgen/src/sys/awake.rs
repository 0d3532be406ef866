//! Keeping the CPUs from sleeping.

use std::fs::{File, OpenOptions};
use std::io::{self, Write};

/// Where the kernel takes requests: as long as the file is open, no CPU may enter an idle state from
/// which it wakes later than the microseconds written, 32 bits of them (the kernel's
/// `Documentation/power/pm_qos_interface.rst`).
const DEVICE: &str = "/dev/cpu_dma_latency";

/// As long as this lives, idle CPUs of the whole machine spin instead of sleeping.
pub struct Awake {
    _request: File,
}

impl Awake {
    /// Asks for it.
    ///
    /// # Errors
    /// The system's: the file is root's, and some kernels have none.
    pub fn keep() -> io::Result<Self> {
        let mut request = OpenOptions::new().write(true).open(DEVICE)?;
        request.write_all(&0_i32.to_ne_bytes())?;
        Ok(Self { _request: request })
    }
}
