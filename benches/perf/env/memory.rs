//! What the kernel says of a process's memory.

use procfs::process::Process;

use super::Failure;

/// A process's memory in bytes. Buffers in the kernel are not part of it.
#[derive(Debug, Clone, Copy)]
pub struct Memory {
    /// Proportional set size: pages that n processes share count 1/n each.
    pub proportional: f64,
    /// Resident set size: shared pages count whole.
    pub resident: f64,
}

impl Memory {
    pub fn read(pid: u32) -> Result<Self, Failure> {
        let rollup = Process::new(pid.cast_signed()).and_then(|process| process.smaps_rollup());
        let maps = rollup.map_err(Failure::cannot(format!("read the memory of {pid}")))?;
        let of_all = |name: &str| {
            let maps = maps.memory_map_rollup.iter();
            maps.filter_map(|map| map.extension.map.get(name)).sum::<u64>() as f64
        };
        Ok(Self { proportional: of_all("Pss"), resident: of_all("Rss") })
    }
}
