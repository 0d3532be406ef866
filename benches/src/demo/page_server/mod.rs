//! The page's server: hands out the page, sends all viewers what happens, and takes their commands. It runs
//! on its own thread, sends [`super::event`]s, and authorizes like the admin address (`server::web`).

mod files;
mod handler;

use std::io;
use std::net::{SocketAddr, TcpListener};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::mpsc::Sender;
use std::thread;
use std::time::Duration;

use bytes::Bytes;
use server::Token;
use server::web::reception::receive;
use tokio::sync::{broadcast, oneshot, watch};

use super::event::Event;
use handler::PageHandler;

/// Messages that a viewer may lag behind.
const LAG: usize = 256;

/// How long viewers may take for the last of them.
const FAREWELL: Duration = Duration::from_millis(300);

#[derive(Debug)]
pub struct PageServer {
    pub address: SocketAddr,
    told: broadcast::Sender<Bytes>,
    /// The folder of the lab that ended last, for whoever wants its report.
    pub lab_folder: watch::Sender<Option<PathBuf>>,
    close: Option<oneshot::Sender<()>>,
    thread: Option<thread::JoinHandle<()>>,
}

impl PageServer {
    pub fn open(listener: TcpListener, token: Token, events: Sender<Event>) -> io::Result<Self> {
        let address = listener.local_addr()?;
        listener.set_nonblocking(true)?;
        let (told, _) = broadcast::channel(LAG);
        let (lab_folder, folder) = watch::channel(None);
        let handler = Arc::new(PageHandler::new(address, token, events, told.clone(), folder));
        let (close, closed) = oneshot::channel::<()>();
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let serve = async move {
            let Ok(listener) = tokio::net::TcpListener::from_std(listener) else { return };
            tokio::select! {
                () = receive(&listener, &handler) => {}
                _ = closed => {}
            }
            drop(listener);
            // What was told last is on its way.
            let _ = tokio::time::timeout(FAREWELL, handler.viewers_left()).await;
        };
        let run = move || runtime.block_on(serve);
        let thread = Some(thread::Builder::new().name("page_server".to_owned()).spawn(run)?);
        Ok(Self { address, told, lab_folder, close: Some(close), thread })
    }

    pub fn tell(&self, message: Bytes) {
        // An error only says that nobody watches.
        let _ = self.told.send(message);
    }
}

impl Drop for PageServer {
    fn drop(&mut self) {
        drop(self.close.take());
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}
