//! Opening the connections of a run where they should lie: each is asked once, one after the other,
//! and those that are too many are closed.
//!
//! What was asked is in the books like everything else, so that both sides' counts agree.

use std::collections::VecDeque;
use std::io;
use std::os::fd::OwnedFd;
use std::sync::atomic::{AtomicBool, Ordering};

use super::connect;
use crate::address::Address;
use crate::engine::Ready;
use crate::engine::connection::{Connection, Sent};
use crate::engine::rendered_requests::RenderedRequests;
use crate::plan::Plan;
use crate::response::Answer;
use crate::steer::{Fate, Steer, SteerFailure, Steered, Steering};
use crate::sys::socket::{Stream, Until};
use crate::tally::{Tally, Window};
use crate::worker::WorkerKey;

/// Why connections could not be opened where they should lie.
#[derive(Debug, thiserror::Error)]
pub enum DialError {
    #[error(transparent)]
    Steer(#[from] SteerFailure),
    #[error("--steer: a new connection was not answered on: {0}")]
    Ask(#[from] io::Error),
}

/// Connections where they should lie, and the books of how they came there.
pub struct Dialled {
    pub ready: VecDeque<Ready>,
    pub steered: Steered,
    pub tally: Tally,
}

/// Opens a plan's connections, the first of which is open already. An interruption ends it early.
pub fn dial(
    plan: &Plan,
    steer: &Steer,
    (address, first): (&Address, OwnedFd),
    interrupted: &AtomicBool,
) -> Result<Dialled, DialError> {
    let mut steering = Steering::new(steer.clone(), u64::from(plan.connections));
    let mut tally = Tally::new(Window { begin: 0, end: 0 }, false);
    let mut ready: VecDeque<Ready> = VecDeque::new();
    let requests = RenderedRequests::new(plan);
    let mut first = Some(first);
    while !steering.is_done() && !interrupted.load(Ordering::Relaxed) {
        if let Some(worker) = steering.surplus() {
            let of_worker = |ready: &Ready| ready.worker == Some(worker);
            if let Some(place) = ready.iter().position(of_worker) {
                ready.remove(place);
            }
            continue;
        }
        let socket = match first.take() {
            Some(first) => first,
            None => connect(address, plan.timeout)?,
        };
        let stream = Stream::from(socket);
        let answer = ask(plan, &stream, requests.bytes(0, false))?;
        book(&mut tally, answer.worker);
        if steering.opened(answer.worker)? == Fate::Keep {
            ready.push_back(Ready { socket: stream.into(), worker: Some(answer.worker) });
        }
    }
    Ok(Dialled { ready, steered: steering.steered(), tally })
}

/// Sends a request and reads its answer.
fn ask(plan: &Plan, stream: &Stream, mut request: &[u8]) -> io::Result<Answer> {
    while !request.is_empty() {
        let sent = patiently(stream, Until::Writable, plan, |stream| stream.write(request))?;
        request = &request[sent..];
    }
    let mut connection = Connection::new(plan.method == "HEAD");
    connection.outstanding.push_back(Sent { begin: 0, sent: 0 });
    let mut input = [0; 16 * 1024];
    let mut found = None;
    while found.is_none() {
        let length = patiently(stream, Until::Readable, plan, |stream| stream.read(&mut input))?;
        if length == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        let intake = connection.receive(&input[..length], |_, answer, _| found = Some(answer));
        intake.map_err(|error| io::Error::new(io::ErrorKind::InvalidData, error))?;
    }
    found.filter(|answer| answer.keep_alive).ok_or_else(|| {
        io::Error::other("the server closes each connection after one answer: nothing stays")
    })
}

/// Does something with a socket as soon as that is possible.
fn patiently(
    stream: &Stream,
    until: Until,
    plan: &Plan,
    mut act: impl FnMut(&Stream) -> io::Result<usize>,
) -> io::Result<usize> {
    loop {
        match act(stream) {
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                stream.wait(until, plan.timeout)?;
            }
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            result => return result,
        }
    }
}

/// Books a connection that was made, and a request that was answered on it.
fn book(tally: &mut Tally, worker: WorkerKey) {
    tally.lifetime.connections += 1;
    tally.lifetime.sent += 1;
    tally.lifetime.answered += 1;
    tally.answered_by(None, worker, 0, 0);
}
