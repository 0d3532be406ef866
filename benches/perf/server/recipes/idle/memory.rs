//! What the kernel says of a process's memory.
//!
//! Next: back to [`super`].

use std::fs;

use crate::stage::Failure;

/// A process's memory in bytes. Buffers in the kernel are not part of it.
#[derive(Debug, Clone, Copy)]
pub struct Memory {
    /// Proportional set size: pages that n processes share count 1/n each.
    pub proportional: f64,
    /// Resident set size: shared pages count whole.
    pub resident: f64,
}

impl Memory {
    /// A process's memory now.
    pub fn of(pid: u32) -> Result<Self, Failure> {
        let path = format!("/proc/{pid}/smaps_rollup");
        let text = fs::read_to_string(&path).map_err(Failure::of(&format!("read {path}")))?;
        let bytes = |name: &str| {
            let rest = text.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(':'));
            let kib = rest.and_then(|rest| rest.trim().strip_suffix(" kB")?.parse::<f64>().ok());
            kib.map(|kib| kib * 1024.0)
                .ok_or_else(|| Failure::Broken(format!("{path} tells no {name}")))
        };
        Ok(Self { proportional: bytes("Pss")?, resident: bytes("Rss")? })
    }
}
