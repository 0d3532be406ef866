//! Engines of ordinary Rust clients, to show what they cost: an async runtime a thread, a task a
//! connection, and a client library.
//!
//! They share [`super::shift`] with the others. A *lane* is a task with one request under way at a
//! time; a connection has one lane, and with HTTP/2 one per request that may be under way on it.

mod connection_state;
mod failure;
mod hyper;
mod message;
mod office;
mod reqwest;
pub(crate) mod tls;

use std::rc::Rc;

use tokio::runtime::{Builder, LocalOptions, LocalRuntime};

use super::{Engine, EngineError, Ready, Shard};
use crate::plan::RETRY_PAUSE;
use crate::sys::SysError;
use crate::tally::{Tally, Window};
use connection_state::{Answered, ConnectionState};
use failure::Failure;
use office::{Office, Woken};

pub(crate) type HyperEngine = Clients<hyper::HyperClient>;

pub(crate) type ReqwestEngine = Clients<reqwest::ReqwestClient>;

/// A client library's way to carry the requests of one lane.
pub(crate) trait Client: Sized + 'static {
    /// What the clients of a thread share.
    type Kit;

    /// Gets ready what they share.
    fn kit(shard: &mut Shard) -> Result<Self::Kit, SysError>;

    /// The lanes of one connection, which is not open yet.
    fn lanes(
        kit: &Rc<Self::Kit>,
        office: &Rc<Office>,
        connection: &ConnectionState,
        lanes: usize,
    ) -> Result<Vec<Self>, SysError>;

    /// Sends a request, connecting before it where need be, and reads its answer to the end.
    ///
    /// # Errors
    /// [`Failure`]; the connection is gone then.
    fn ask(
        &mut self,
        text: super::transport::Text,
    ) -> impl Future<Output = Result<Answered, Failure>>;

    fn hang_up(&mut self);
}

pub(crate) struct Clients<C: Client> {
    runtime: LocalRuntime,
    office: Rc<Office>,
    kit: Rc<C::Kit>,
}

impl<C: Client> Engine for Clients<C> {
    fn prepare(mut shard: Shard) -> Result<Self, EngineError> {
        shard.settle_thread()?;
        let woken = Woken::new(shard.clock);
        let waker = woken.clone();
        let runtime = Builder::new_current_thread()
            .enable_all()
            .on_thread_unpark(move || waker.stamp())
            .build_local(LocalOptions::default())
            .map_err(SysError::of("epoll_create1"))?;
        let reached = !shard.ready.is_empty();
        let kit = Rc::new(C::kit(&mut shard)?);
        let office = {
            let _inside = runtime.enter();
            Rc::new(Office::new(shard, woken, reached)?)
        };
        Ok(Self { runtime, office, kit })
    }

    fn run(self, window: Window) -> Result<Tally, EngineError> {
        let Self { runtime, office, kit } = self;
        office.open(window);
        let (places, depth) = office.places();
        runtime.block_on(async {
            for place in 0..places {
                let connection = office.connection(place);
                let clients = C::lanes(&kit, &office, &connection, depth)?;
                for (lane, client) in (place * depth..).zip(clients) {
                    let (office, connection) = (Rc::clone(&office), connection.clone());
                    tokio::task::spawn_local(work(lane, office, connection, client));
                }
            }
            office.watch().await
        })?;
        // What is under way is dropped with its tasks, and booked after.
        drop(runtime);
        Ok(office.settle())
    }
}

/// The life of a lane: it asks for a request, carries it, and reports, until there are no more.
async fn work<C: Client>(
    lane: usize,
    office: Rc<Office>,
    connection: ConnectionState,
    mut client: C,
) {
    while let Some(text) = office.next(lane, &connection).await {
        let asked = tokio::time::timeout(office.patience(), client.ask(text)).await;
        let failure = match asked {
            Ok(Ok(answered)) => {
                office.answered(lane, &connection, &answered);
                if text.last {
                    client.hang_up();
                    connection.renew();
                }
                continue;
            }
            Ok(Err(failure)) => failure,
            Err(_elapsed) => Failure::timed_out(connection.is_connecting()),
        };
        let refused = failure.connecting.is_some();
        office.failed(lane, &connection, failure);
        client.hang_up();
        connection.renew();
        if refused {
            tokio::time::sleep(RETRY_PAUSE).await;
            office.doubt();
        }
    }
}
