//! The cluster on show: `serve` of this program with an admin address, whose events are followed.

use std::ops::ControlFlow;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::sync::mpsc::Sender;
use std::time::{Duration, Instant};
use std::{fs, io, thread};

use super::event::Event;
use super::settings::Serving;
use crate::harness::admin_client::Client;
use crate::harness::interrupt::Interrupt;
use crate::harness::process::WaitError;
use crate::harness::target::spec::TargetSpec;
use crate::harness::target::{Serve, Server};

const STATUS_EVERY: Duration = Duration::from_millis(200);

/// Failed attempts in a row after which the server is taken to have ended.
const ATTEMPTS: u32 = 5;

const PAUSE: Duration = Duration::from_millis(60);

/// A stream that lasted longer than this was a working one: the attempts start anew.
const LASTING: Duration = Duration::from_millis(300);

#[derive(Debug)]
pub struct Cluster {
    pub server: Server,
    pub admin: Client,
    /// Where its operators' token is, for whoever wants to do by hand what the page does.
    pub token_file: PathBuf,
    pub number: u64,
}

impl Cluster {
    /// Starts a cluster and waits until it is ready; its files go to `folder`.
    pub fn start(
        program: &Path,
        serving: Serving,
        number: u64,
        folder: &Path,
        interrupt: &Interrupt,
        events: &Sender<Event>,
    ) -> Result<Self, WaitError> {
        let failed = |why: io::Error| WaitError::system("serve", "watch", why);
        let (mode, workers) = (serving.mode.name(), serving.workers);
        let target = &TargetSpec::own();
        let serve = Serve { program, target, mode, workers, cpus: &[], admin: true };
        let server = Server::start(&serve, folder, interrupt)?;
        let admin = server
            .admin()
            .cloned()
            .ok_or_else(|| failed(io::Error::other("it has no operators' address")))?;
        let token_file = folder.join("token");
        keep_secret(&token_file, &admin.token).map_err(failed)?;
        follow(admin.clone(), number, events.clone()).map_err(failed)?;
        Ok(Self { server, admin, token_file, number })
    }

    pub fn stop(self) {
        // It is killed with all its workers if it will not.
        let _ = self.server.stop(&Interrupt::default());
    }
}

/// Follows a server on a thread that ends with it, through restarts of its admin process.
pub fn follow(admin: Client, number: u64, events: Sender<Event>) -> io::Result<()> {
    let follow = move || {
        let receive = |message| match events.send(Event::Server { number, message }) {
            Ok(()) => ControlFlow::Continue(()),
            Err(_) => ControlFlow::Break(()),
        };
        let mut attempts = 0;
        while attempts < ATTEMPTS {
            let began = Instant::now();
            // However it ended, what follows is whether anybody is there.
            let _ = admin.follow(STATUS_EVERY, receive);
            attempts = if began.elapsed() > LASTING { 0 } else { attempts + 1 };
            thread::sleep(PAUSE);
        }
        // Nobody listens any more when all ends.
        let _ = events.send(Event::StreamEnded { number });
    };
    thread::Builder::new().name("follow".to_owned()).spawn(follow).map(drop)
}

fn keep_secret(path: &Path, secret: &str) -> io::Result<()> {
    use io::Write as _;
    // One of an earlier server.
    let _ = fs::remove_file(path);
    let mut file = fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)?;
    writeln!(file, "{secret}")
}
