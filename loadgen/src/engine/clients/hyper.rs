//! The engine that uses hyper: one HTTP/1.1 connection after the other in each place, each driven
//! by a task of its own, as hyper's guide has it.

use std::cell::RefCell;
use std::os::fd::OwnedFd;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, ready};

use http_body_util::{BodyExt, Full};
use hyper::body::{Bytes, Incoming};
use hyper::client::conn::http1::{self, SendRequest};
use hyper::{Request, Response};
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::{TcpStream, UnixStream};
use tokio::task::JoinHandle;

use super::connection_state::{Answered, ConnectionState};
use super::failure::Failure;
use super::message::{self, Forms, Peek};
use super::office::Office;
use super::{Client, Ready, Shard};
use crate::engine::dial::Dialler;
use crate::engine::transport::Text;
use crate::sys::SysError;

/// A connection by hyper, or the place of one.
pub(crate) struct HyperClient {
    kit: Rc<Kit>,
    office: Rc<Office>,
    connection: ConnectionState,
    open: Option<Open>,
}

/// What the connections of a thread share.
pub(crate) struct Kit {
    forms: Forms,
    dialler: RefCell<Dialler>,
    /// Connections that are open already, for the first places.
    ready: RefCell<Vec<Option<Ready>>>,
}

/// An open connection: its two halves, as hyper parts them.
struct Open {
    sender: SendRequest<Full<Bytes>>,
    driver: JoinHandle<hyper::Result<()>>,
}

impl Client for HyperClient {
    type Kit = Kit;

    fn kit(shard: &mut Shard) -> Result<Kit, SysError> {
        let forms = Forms::new(&shard.plan, Some(&shard.plan.target.host_header()));
        let ready = shard.ready.drain(..).map(Some).collect();
        Ok(Kit { forms, dialler: RefCell::default(), ready: RefCell::new(ready) })
    }

    fn lanes(
        kit: &Rc<Kit>,
        office: &Rc<Office>,
        connection: &ConnectionState,
        _one: usize,
    ) -> Result<Vec<Self>, SysError> {
        let (kit, office) = (Rc::clone(kit), Rc::clone(office));
        Ok(vec![Self { kit, office, connection: connection.clone(), open: None }])
    }

    async fn ask(&mut self, text: Text) -> Result<Answered, Failure> {
        let open = match self.open.take() {
            Some(open) if !open.sender.is_closed() => open,
            _ => self.connect().await?,
        };
        let open = self.open.insert(open);
        let mut request = Request::new(Full::new(self.kit.forms.body.clone()));
        let form = self.kit.forms.form(text);
        *request.method_mut() = self.kit.forms.method.clone();
        *request.uri_mut() = form.path.clone();
        *request.headers_mut() = form.headers.clone();
        let sent = open.sender.send_request(request).await;
        let answer = sent.map_err(|error| Failure::to_answer(&error))?;
        let answered = self.read(answer).await?;
        self.check().await?;
        Ok(answered)
    }

    fn hang_up(&mut self) {
        self.open = None;
    }
}

impl HyperClient {
    /// Opens a connection and starts the task that drives it.
    async fn connect(&self) -> Result<Open, Failure> {
        self.connection.used.set(1);
        self.connection.dials.begin();
        let socket = self.socket().map_err(|error| Failure::to_connect(&error))?;
        let failed = |error: std::io::Error| Failure::to_connect(&error);
        if self.office.with_shard(|shard| shard.plan.unix.is_some()) {
            return self.start(UnixStream::from_std(socket.into()).map_err(failed)?).await;
        }
        let stream = TcpStream::from_std(socket.into()).map_err(failed)?;
        stream.writable().await.map_err(failed)?;
        match stream.take_error().map_err(failed)? {
            None => self.start(stream).await,
            Some(error) => Err(failed(error)),
        }
    }

    /// Starts HTTP on a connection that is made.
    async fn start<S>(&self, stream: S) -> Result<Open, Failure>
    where
        S: AsyncRead + AsyncWrite + Unpin + 'static,
    {
        if self.connection.is_connecting() {
            self.connection.dials.succeed();
        }
        let counted = Counted { stream, office: Rc::clone(&self.office) };
        let hands = http1::handshake(TokioIo::new(counted)).await;
        let (sender, driver) = hands.map_err(|error| Failure::to_answer(&error))?;
        Ok(Open { sender, driver: tokio::task::spawn_local(driver) })
    }

    /// The socket that is open before the run, or a new one that connects.
    fn socket(&self) -> std::io::Result<OwnedFd> {
        let ready =
            self.kit.ready.borrow_mut().get_mut(self.connection.place).and_then(Option::take);
        if let Some(Ready { socket, worker }) = ready {
            if let Some(worker) = worker {
                self.connection.recognise(self.office.place_of(worker));
            }
            return Ok(socket);
        }
        let dial = |shard: &Shard| self.kit.dialler.borrow_mut().open(shard);
        self.office.with_shard(dial)
    }

    async fn read(&self, answer: Response<Incoming>) -> Result<Answered, Failure> {
        let (head, mut body) = answer.into_parts();
        let mut peek = Peek::new(&head.headers);
        while let Some(frame) = body.frame().await {
            let frame = frame.map_err(|error| Failure::to_answer(&error))?;
            if let Some(data) = frame.data_ref() {
                peek.look_at(data);
            }
        }
        let (status, version) = (head.status.as_u16(), message::version(head.version));
        Ok(Answered { status, worker: peek.worker(), end: self.office.now(), version })
    }

    /// Whether the connection is sound after an answer: hyper ends it when more came than was
    /// asked for, and when the server wants no more requests, which is no failure.
    async fn check(&mut self) -> Result<(), Failure> {
        let Some(open) = &mut self.open else { return Ok(()) };
        if open.sender.ready().await.is_ok() {
            return Ok(());
        }
        let Some(mut open) = self.open.take() else { return Ok(()) };
        match (&mut open.driver).await {
            Ok(Err(error)) if !error.is_incomplete_message() => Err(Failure::to_answer(&error)),
            _ => Ok(()),
        }
    }
}

impl Drop for Open {
    /// The connection ends with us, whatever its task waits for.
    fn drop(&mut self) {
        self.driver.abort();
    }
}

struct Counted<S> {
    stream: S,
    office: Rc<Office>,
}

impl<S: AsyncRead + Unpin> AsyncRead for Counted<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<std::io::Result<()>> {
        let before = buffer.filled().len();
        ready!(Pin::new(&mut self.stream).poll_read(context, buffer))?;
        self.office.received(buffer.filled().len() - before);
        Poll::Ready(Ok(()))
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Counted<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<std::io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(context, bytes)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        pieces: &[std::io::IoSlice<'_>],
    ) -> Poll<std::io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write_vectored(context, pieces)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<std::io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<std::io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}
