//! Before a run: the target's address, a first connection to it, and steered connections.

mod dial;

use std::collections::VecDeque;
use std::io;
use std::net::{TcpStream, ToSocketAddrs};
use std::os::fd::OwnedFd;
use std::sync::atomic::AtomicBool;
use std::thread;
use std::time::{Duration, Instant};

use super::RunError;
use crate::address::Address;
use crate::engine::Ready;
use crate::plan::{EngineKind, Plan, RETRY_PAUSE};
use crate::steer::Steered;
use crate::sys::socket;
use crate::tally::Tally;

pub(super) use dial::DialError;
use dial::{Dialled, dial};

/// What is open before a run begins.
pub(super) struct Preflight {
    pub address: Address,
    pub ready: VecDeque<Ready>,
    /// How the connections came to lie where they should, if they are steered.
    pub steered: Option<Steered>,
    /// What was asked for that.
    pub books: Option<Tally>,
}

impl Preflight {
    /// Opens what an engine of this kind needs for a plan.
    pub fn new(plan: &Plan, kind: EngineKind, interrupted: &AtomicBool) -> Result<Self, RunError> {
        let unsteered = |address, ready: Option<Ready>| {
            let ready = ready.into_iter().collect();
            Ok(Self { address, ready, steered: None, books: None })
        };
        // It makes all connections itself, the first of all included.
        if kind == EngineKind::Reqwest {
            return unsteered(resolve(plan)?, None);
        }
        let (address, first) = reach(plan)?;
        let Some(steer) = &plan.steer else {
            return unsteered(address, Some(Ready { socket: first, worker: None }));
        };
        let Dialled { ready, steered, tally } = dial(plan, steer, (&address, first), interrupted)?;
        Ok(Self { address, ready, steered: Some(steered), books: Some(tally) })
    }
}

/// Finds the first of the target's addresses on which somebody listens. The connection that shows
/// it is the run's first, so that the server sees no other connections than the run's.
fn reach(plan: &Plan) -> Result<(Address, OwnedFd), RunError> {
    let mut failure = None;
    for address in addresses(plan)? {
        match connect(&address, plan.timeout) {
            Ok(socket) => return Ok((address, socket)),
            Err(source) => failure = Some(RunError::Unreachable { address, source }),
        }
    }
    Err(failure.unwrap_or_else(|| no_address(plan)))
}

/// The target's first address, for an engine that finds by itself whether somebody listens.
fn resolve(plan: &Plan) -> Result<Address, RunError> {
    addresses(plan)?.into_iter().next().ok_or_else(|| no_address(plan))
}

fn addresses(plan: &Plan) -> Result<Vec<Address>, RunError> {
    if let Some(path) = &plan.unix {
        return Ok(vec![Address::Unix(path.clone())]);
    }
    let host = plan.target.host.clone();
    match (host.as_str(), plan.target.port).to_socket_addrs() {
        Ok(addresses) => Ok(addresses.map(Address::Tcp).collect()),
        Err(source) => Err(RunError::Resolve { host, source }),
    }
}

fn no_address(plan: &Plan) -> RunError {
    let source = io::Error::new(io::ErrorKind::NotFound, "no address");
    RunError::Resolve { host: plan.target.host.clone(), source }
}

/// A socket that is connected and does not block.
///
/// # Errors
/// The system's; `TimedOut`, or for a Unix socket whose accept queue stays full `EAGAIN`.
fn connect(address: &Address, timeout: Duration) -> io::Result<OwnedFd> {
    match address {
        Address::Tcp(address) => {
            let stream = TcpStream::connect_timeout(address, timeout)?;
            stream.set_nonblocking(true)?;
            stream.set_nodelay(true)?;
            Ok(stream.into())
        }
        Address::Unix(_) => connect_unix(address, timeout),
    }
}

/// Tries again as long as the accept queue is full, up to `timeout`.
fn connect_unix(address: &Address, timeout: Duration) -> io::Result<OwnedFd> {
    let deadline = Instant::now() + timeout;
    loop {
        match socket::open(address, None, false) {
            Err(error)
                if error.kind() == io::ErrorKind::WouldBlock && Instant::now() < deadline =>
            {
                thread::sleep(RETRY_PAUSE);
            }
            result => return result,
        }
    }
}
