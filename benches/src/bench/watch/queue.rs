//! The queue of connections that the kernel has taken and no worker has accepted yet, and what
//! became of those for which it had no room.

use std::fs;

use reports::record::AcceptQueue;

use crate::sys::diag;

/// What the samples say.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub struct Queue {
    backlog: u32,
    longest: u32,
    sum: u64,
    samples: u32,
}

/// Counters of the network namespace since it began.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub struct Refusals {
    overflows: u64,
    syn_retransmits: u64,
}

impl Queue {
    /// Adds a sample of the listening sockets on a port.
    pub fn look(&mut self, port: u16) {
        if let Ok(sockets) = diag::listening(port) {
            self.add(&sockets);
        }
    }

    fn add(&mut self, sockets: &[diag::Listening]) {
        let Some(fullest) = sockets.iter().max_by_key(|socket| socket.waiting) else { return };
        self.backlog = fullest.room;
        self.longest = self.longest.max(fullest.waiting);
        self.sum += u64::from(fullest.waiting);
        self.samples += 1;
    }

    /// The record's figures; `None` when there was nothing to look at.
    pub fn figures(&self, before: Refusals, after: Refusals) -> Option<AcceptQueue> {
        (self.samples > 0).then(|| AcceptQueue {
            backlog: self.backlog,
            longest: self.longest,
            mean: self.sum as f64 / f64::from(self.samples),
            overflows: after.overflows.saturating_sub(before.overflows),
            syn_retransmits: after.syn_retransmits.saturating_sub(before.syn_retransmits),
        })
    }
}

impl Refusals {
    /// Reads them now.
    pub fn read() -> Self {
        Self::parse(&fs::read_to_string("/proc/net/netstat").unwrap_or_default())
    }

    /// `/proc/net/netstat` has a line of names and a line of values for each group.
    fn parse(text: &str) -> Self {
        let mut lines = text.lines().filter_map(|line| line.strip_prefix("TcpExt:"));
        let (Some(names), Some(values)) = (lines.next(), lines.next()) else {
            return Self::default();
        };
        let value = |wanted: &str| {
            let mut pairs = names.split_whitespace().zip(values.split_whitespace());
            pairs.find(|(name, _)| *name == wanted).and_then(|(_, it)| it.parse().ok()).unwrap_or(0)
        };
        Self { overflows: value("ListenOverflows"), syn_retransmits: value("TCPSynRetrans") }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_fullest_socket_counts_in_each_sample() {
        let socket = |waiting| diag::Listening { waiting, room: 128 };
        let mut queue = Queue::default();
        queue.add(&[socket(3), socket(9)]);
        queue.add(&[socket(1), socket(0)]);
        queue.add(&[]);
        let figures = queue.figures(Refusals::default(), Refusals::default()).unwrap();
        assert_eq!((figures.backlog, figures.longest), (128, 9));
        assert!((figures.mean - 5.0).abs() < 1e-9);
        assert!(Queue::default().figures(Refusals::default(), Refusals::default()).is_none());
    }

    #[test]
    fn the_counters_are_found_by_name() {
        let text =
            "TcpExt: A ListenOverflows B TCPSynRetrans\nTcpExt: 1 2 3 4\nIpExt: X\nIpExt: 9\n";
        let refusals = Refusals::parse(text);
        assert_eq!((refusals.overflows, refusals.syn_retransmits), (2, 4));
        assert_eq!(Refusals::parse(""), Refusals::default());
    }
}
