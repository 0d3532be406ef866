//! Somebody who looks on while a trial runs and acts on its server meanwhile: a lab of the
//! demonstration. A bench has nobody, and then nothing here is used.
//!
//! The trial only tells, by a channel, on its own thread; what the onlooker does about it can hold
//! nothing up. With an onlooker the server has an address for operators, and the generator tells
//! how it goes.

use std::sync::mpsc::Sender;
use std::time::Instant;

use loadgen::Snapshot;

use crate::harness::admin_client::Client;
use crate::harness::load_process::snapshots_to;
use crate::harness::process::StderrTap;
use crate::harness::server_counts::ServerCounts;
use crate::harness::target::Server;

/// What a trial tells, in this order.
#[derive(Debug)]
pub enum Told {
    /// The server is ready.
    Serving {
        url: String,
        /// Who may act on it; `None` for a server that is not ours.
        admin: Option<Client>,
    },
    /// The generator has been started.
    Loading {
        /// Its process id.
        pid: u32,
    },
    /// The measured window began then.
    Measuring(Instant),
    /// A line of the generator's, as `load --snapshots` writes it. The last ones come after
    /// [`Self::Measured`].
    Snapshot(serde_json::Result<Box<Snapshot>>),
    /// The measured window has ended.
    Measured,
    /// All has ended: the server's closing books.
    ServerCounts(ServerCounts),
}

/// The onlooker, as a trial knows it.
#[derive(Debug)]
pub struct Observer {
    told: Sender<Told>,
    most_workers: u32,
    kills: Vec<u32>,
}

impl Observer {
    /// One who listens at the other end of this channel, will want `most_workers` at most, and will
    /// kill the workers of these ids, each as often as it is named.
    pub fn new(told: Sender<Told>, most_workers: u32, kills: Vec<u32>) -> Self {
        Self { told, most_workers, kills }
    }

    /// The most workers that there will be on the onlooker's wish.
    pub fn most_workers(&self) -> u32 {
        self.most_workers
    }

    /// The workers that the onlooker kills.
    pub fn kills(&self) -> &[u32] {
        &self.kills
    }

    /// Tells something; one who has left does not hear it.
    pub fn tell(&self, told: Told) {
        let _ = self.told.send(told);
    }

    /// Passes on the generator's snapshots.
    pub fn ear(&self) -> StderrTap {
        let told = self.told.clone();
        // One who has left does not hear them.
        snapshots_to(move |snapshot| drop(told.send(Told::Snapshot(snapshot))))
    }
}

impl Told {
    /// That this server is ready.
    pub fn serving(server: &Server) -> Self {
        Self::Serving { url: server.url().to_owned(), admin: server.admin().cloned() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn snapshots_are_passed_on_and_other_lines_are_left() {
        let (told, hears) = std::sync::mpsc::channel();
        let keeps = Observer::new(told, 1, Vec::new()).ear();
        assert!(!keeps("phase drain"));
        assert!(keeps("{\"t_s\":0.2,\"good\":3}"));
        drop(keeps);
        let passed: Vec<Told> = hears.iter().collect();
        assert!(matches!(&passed[..], [Told::Snapshot(Ok(it))] if it.good == 3));
    }
}
