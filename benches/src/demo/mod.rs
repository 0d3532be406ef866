//! The live demonstration: a cluster under load in the hands of a class, on one page.
//!
//! ```text  pages ⇄ page_server (a thread: HTTP, server-sent events) ⇄ controller (the main thread)
//! ├─ cluster: serve --admin, its events                                                        ├─
//! generator: load --snapshots                                                        └─
//! lab_session: a lab (a thread), its trials ``` [`plan`] is what is asked; [`controller`] holds all
//! and decides; [`dashboard`] is what is shown, pure; [`action`] what pages may have done; [`page`]
//! what they are made of.

mod clocks;
mod cluster;
mod command;
mod controller;
mod dashboard;
mod event;
mod generator;
pub mod lab_session;
pub mod labs;
mod page;
mod page_server;
pub mod plan;
mod processes;
pub mod settings;

use std::io::{self, Write};
use std::net::{SocketAddr, TcpListener};
use std::path::PathBuf;
use std::sync::mpsc::channel;

use server::Token;

use crate::bench::report_output;
use crate::harness::interrupt::Interrupt;
use crate::harness::process::{WaitError, this_program};
use controller::Controller;
use lab_session::LabSession;
use page_server::PageServer;
use plan::Plan;
use processes::Processes;

/// Why a demonstration ended otherwise than by its user's wish.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The page's address cannot be had.
    #[error("cannot listen on {address}: {source}; --listen 127.0.0.1:0 takes a free port")]
    Bind {
        /// The address.
        address: SocketAddr,
        /// The system's reason.
        source: io::Error,
    },
    /// The system failed.
    #[error("cannot {0}: {1}")]
    System(&'static str, io::Error),
    /// The server does not start.
    #[error(transparent)]
    Server(#[from] WaitError),
}

/// Runs a demonstration until the user wants to stop.
///
/// # Errors
/// [`Error`].
pub fn run(plan: Plan) -> Result<(), Error> {
    let listener = TcpListener::bind(plan.listen)
        .map_err(|source| Error::Bind { address: plan.listen, source })?;
    let token = Token::random().map_err(|why| Error::System("make a token", why))?;
    let interrupt = Interrupt::watch().map_err(|why| Error::System("watch for Ctrl-C", why))?;
    let folder = Folder::create().map_err(|why| Error::System("make a folder for files", why))?;
    let (outbox, inbox) = channel();
    let page_server = PageServer::open(listener, token.clone(), outbox.clone())
        .map_err(|why| Error::System("serve the page", why))?;
    let program = this_program().map_err(|why| Error::System("find this program", why))?;
    let mut processes = Processes::new(&program, &folder.0, outbox.clone());
    match processes.serve(plan.serving, &interrupt) {
        Err(WaitError::Interrupted) => return Ok(()),
        served => served?,
    }
    let mut lab_session = LabSession::new(plan.manner);
    if let Some(name) = &plan.lab {
        // The plan has been checked.
        let _ = lab_session.open(name);
    }
    let address = address_of(page_server.address, &token);
    // A reader who has gone away must not end the demonstration.
    let _ = writeln!(io::stdout(), "Demonstration: {address}\nCtrl-C ends it.");
    if page_server.address.ip().is_unspecified() {
        let _ = writeln!(
            io::stdout(),
            "From another machine: with this one's address in the place of {}. The token in it lets \
             whoever has it act.",
            page_server.address.ip()
        );
    }
    if plan.open {
        report_output::show(address.as_ref());
    }
    let parts = (plan.serving, plan.load);
    Controller::new((outbox, inbox), &interrupt, page_server, parts, processes, lab_session)
        .run()?;
    Ok(())
}

/// The page's address; where others than this machine's users can come, with the token.
fn address_of(address: SocketAddr, token: &Token) -> String {
    if address.ip().to_canonical().is_loopback() {
        return format!("http://{address}/");
    }
    format!("http://{address}/#{}", token.secret())
}

/// A folder of this user's alone, removed at the end.
struct Folder(PathBuf);

impl Folder {
    fn create() -> io::Result<Self> {
        use std::os::unix::fs::DirBuilderExt as _;
        let name = format!("hello-cluster-demo-{}", std::process::id());
        let folder = std::env::temp_dir().join(name);
        // One that is there already was left over by somebody of the same number.
        let _ = std::fs::remove_dir_all(&folder);
        std::fs::DirBuilder::new().mode(0o700).create(&folder)?;
        Ok(Self(folder))
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}
