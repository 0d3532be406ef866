//! Descriptors that the master holds back for the channel of the next process: when clients have
//! used up all others, a dead worker can still be replaced.

use std::fs::File;

#[derive(Debug, Default)]
pub(super) struct FdReserve(Vec<File>);

impl FdReserve {
    /// Both ends of a channel.
    const SIZE: usize = 2;

    /// Gives the descriptors up for the moment.
    pub fn release(&mut self) {
        self.0.clear();
    }

    /// Takes them again, as far as there are any.
    pub fn refill(&mut self) {
        while self.0.len() < Self::SIZE
            && let Ok(file) = File::open("/dev/null")
        {
            self.0.push(file);
        }
    }
}
