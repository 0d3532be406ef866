//! The live demonstration: a cluster under load in the hands of a class, on one page.
//!
//! ```text
//! pages ⇄ page_server (a thread: HTTP, server-sent events) ⇄ controller (the main thread)
//!                                                            ├─ cluster: serve --admin, its events
//!                                                            ├─ generator: load --snapshots
//!                                                            └─ lab_session: a lab (a thread), its trials
//! ```
//! [`plan`] is what is asked; [`event`] what the controller receives; [`controller`] holds all and
//! decides; [`dashboard`] is what is shown, pure; [`command`] what pages may have done; [`page`] what
//! they are made of.

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
use std::sync::mpsc::channel;

use server::Token;

use crate::bench::report_output;
use crate::harness::interrupt::Interrupt;
use crate::harness::process::{WaitError, this_program};
use crate::harness::temp_dir::TempDir;
use controller::Controller;
use lab_session::LabSession;
use page_server::PageServer;
use plan::Plan;
use processes::Processes;

#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("cannot listen on {address}: {source}; --listen 127.0.0.1:0 takes a free port")]
    Bind { address: SocketAddr, source: io::Error },
    #[error("cannot {0}: {1}")]
    System(&'static str, io::Error),
    #[error(transparent)]
    Server(#[from] WaitError),
}

pub fn run(plan: Plan) -> Result<(), Error> {
    let listener = TcpListener::bind(plan.listen)
        .map_err(|source| Error::Bind { address: plan.listen, source })?;
    let token = Token::random().map_err(|why| Error::System("make a token", why))?;
    let interrupt = Interrupt::watch().map_err(|why| Error::System("watch for Ctrl-C", why))?;
    let folder = TempDir::private("hello-cluster-demo")
        .map_err(|why| Error::System("make a folder for files", why))?;
    let (sender, events) = channel();
    let page_server = PageServer::open(listener, token.clone(), sender.clone())
        .map_err(|why| Error::System("serve the page", why))?;
    let program = this_program().map_err(|why| Error::System("find this program", why))?;
    let mut processes = Processes::new(&program, folder.folder(), sender.clone());
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
    Controller::new((sender, events), &interrupt, page_server, parts, processes, lab_session)
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
