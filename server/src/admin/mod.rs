//! The admin process: where operators look at a running cluster and act upon it, over HTTP.
//!
//! The master forks it, keeps it alive, and talks to it over a pair of sockets ([`wire`], [`hub`]). It
//! holds nothing of the cluster's, so its crash harms nobody. [`desk`] answers a request, [`resource`]
//! lists the paths, [`metrics`] and [`stream`] are two answers; access control is in [`crate::web`].

mod desk;
mod hub;
mod metrics;
mod resource;
mod stream;
pub(crate) mod wire;

use std::io;
use std::net::{SocketAddr, TcpListener};
use std::os::fd::OwnedFd;
use std::os::unix::net::UnixStream;
use std::sync::Arc;
use std::time::Duration;

use tokio::runtime::Builder;

use crate::say;
use crate::sys::process;
use crate::web::reception::receive;
use crate::web::token::Token;
use desk::Desk;
use hub::Hub;

/// How long those who read the events may take for the last of them.
const FAREWELL: Duration = Duration::from_millis(500);

/// An admin process about to live.
pub(crate) struct Admin {
    pub listener: OwnedFd,
    pub address: SocketAddr,
    pub token: Token,
    pub master: UnixStream,
}

impl Admin {
    /// Lives until the master hangs up, and returns the exit code.
    pub fn live(self) -> i32 {
        let runtime = Builder::new_current_thread().enable_all().build();
        let life = runtime.and_then(|runtime| runtime.block_on(self.serve()));
        match life {
            Ok(()) => 0,
            Err(error) => {
                say::err(&format!("admin {}: {error}", process::pid()));
                1
            }
        }
    }

    async fn serve(self) -> io::Result<()> {
        let (hub, hung_up) = Hub::open(self.master)?;
        let listener = tokio::net::TcpListener::from_std(TcpListener::from(self.listener))?;
        let desk = Arc::new(Desk::new(hub, self.address, self.token));
        tokio::select! {
            () = receive(&listener, &desk) => {}
            _ = hung_up => {}
        }
        drop(listener);
        let _ = tokio::time::timeout(FAREWELL, desk.readers_left()).await;
        Ok(())
    }
}
