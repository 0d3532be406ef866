//! The engine that uses reqwest, which also brings TLS and HTTP/2: one client per connection, so
//! that there are as many connections as were asked for and each is known.
//!
//! reqwest hides three things: bytes on the wire (heads are counted as HTTP/1.1 writes them, bodies
//! after decoding), answers longer than announced, and requests that it sends again because their
//! connection was closed before they were written.

use std::cell::RefCell;
use std::net::IpAddr;
use std::pin::Pin;
use std::rc::Rc;
use std::sync::Arc;
use std::task::{Context, Poll};

use http::{Request, Uri};
use hyper::ext::ReasonPhrase;
use reqwest::{Client as Library, Response, redirect, retry};
use rustls::ClientConfig;
use tower_layer::Layer;
use tower_service::Service;

use super::connection_state::{Answered, ConnectionState, Dials};
use super::failure::Failure;
use super::message::{self, Forms, Peek};
use super::office::Office;
use super::{Client, Shard, tls};
use crate::engine::dial::Dialler;
use crate::engine::transport::Text;
use crate::plan::Plan;
use crate::sys::SysError;

/// A connection by reqwest, or one lane of it.
#[derive(Clone)]
pub(crate) struct ReqwestClient {
    kit: Rc<Kit>,
    office: Rc<Office>,
    dials: Arc<Dials>,
    library: Library,
}

/// What the connections of a thread share.
pub(crate) struct Kit {
    forms: Forms,
    /// Where each part of the mix is found.
    urls: Vec<Uri>,
    tls: ClientConfig,
    dialler: RefCell<Dialler>,
}

impl Client for ReqwestClient {
    type Kit = Kit;

    fn kit(shard: &mut Shard) -> Result<Kit, SysError> {
        let plan = &shard.plan;
        let url = |path: &str| format!("{}{path}", plan.target.origin()).parse();
        let urls = plan.mix.iter().map(|part| url(&part.path)).collect::<Result<_, _>>();
        Ok(Kit {
            forms: Forms::new(plan, None),
            urls: urls.map_err(|error| SysError::of("URL")(std::io::Error::other(error)))?,
            tls: tls::config(plan).map_err(SysError::of("TLS"))?,
            dialler: RefCell::default(),
        })
    }

    fn lanes(
        kit: &Rc<Kit>,
        office: &Rc<Office>,
        connection: &ConnectionState,
        lanes: usize,
    ) -> Result<Vec<Self>, SysError> {
        let dials = Arc::clone(&connection.dials);
        let library = library(kit, office, &dials)
            .map_err(|error| SysError::of("reqwest")(std::io::Error::other(error)))?;
        let lane = Self { kit: Rc::clone(kit), office: Rc::clone(office), dials, library };
        Ok(vec![lane; lanes])
    }

    async fn ask(&mut self, text: Text) -> Result<Answered, Failure> {
        let forms = &self.kit.forms;
        let mut request = Request::new(forms.body.clone());
        *request.method_mut() = forms.method.clone();
        *request.uri_mut() = self.kit.urls[text.part].clone();
        *request.headers_mut() = forms.form(text).headers.clone();
        let request = reqwest::Request::try_from(request).map_err(|error| classify(&error))?;
        let answer = self.library.execute(request).await.map_err(|error| classify(&error))?;
        self.read(answer).await.map_err(|error| classify(&error))
    }

    /// A connection is closed with the request that is dropped on it, or asks to be closed itself.
    /// One of HTTP/2 only goes with its client.
    fn hang_up(&mut self) {
        let single = |shard: &Shard| shard.plan.per_connection.is_some() && is_http2(&shard.plan);
        if self.office.with_shard(single)
            && let Ok(library) = library(&self.kit, &self.office, &self.dials)
        {
            self.library = library;
        }
    }
}

impl ReqwestClient {
    async fn read(&self, mut answer: Response) -> reqwest::Result<Answered> {
        let status = answer.status();
        let version = message::version(answer.version());
        let reason = match answer.extensions().get::<ReasonPhrase>() {
            Some(reason) => reason.as_bytes().len(),
            None => status.canonical_reason().map_or(0, str::len),
        };
        let fields = answer.headers().iter();
        let fields: usize =
            fields.map(|(name, value)| name.as_str().len() + value.len() + ": \r\n".len()).sum();
        let head = "HTTP/1.1 200 \r\n\r\n".len() + reason + fields;
        let mut peek = Peek::new(answer.headers());
        while let Some(data) = answer.chunk().await? {
            peek.look_at(&data);
        }
        self.office.received(head + peek.length);
        let end = self.office.now();
        Ok(Answered { status: status.as_u16(), worker: peek.worker(), end, version })
    }
}

fn is_http2(plan: &Plan) -> bool {
    plan.http2 || plan.target.tls
}

/// A client of its own for one connection.
fn library(kit: &Kit, office: &Office, dials: &Arc<Dials>) -> reqwest::Result<Library> {
    office.with_shard(|shard| {
        let plan = &shard.plan;
        let mut builder = Library::builder()
            .no_proxy()
            .redirect(redirect::Policy::none())
            .retry(retry::never())
            .tcp_nodelay(true)
            .pool_idle_timeout(None)
            .local_address(kit.dialler.borrow_mut().source(shard).map(IpAddr::V4))
            .connector_layer(Count(Arc::clone(dials)))
            .tls_backend_preconfigured(kit.tls.clone());
        if let Some(path) = &plan.unix {
            builder = builder.unix_socket(path.as_path());
        }
        if plan.http2 {
            builder = builder.http2_prior_knowledge();
        } else if !plan.target.tls {
            builder = builder.http1_only();
        }
        builder.build()
    })
}

fn classify(error: &reqwest::Error) -> Failure {
    if error.is_connect() { Failure::to_connect(error) } else { Failure::to_answer(error) }
}

#[derive(Clone)]
struct Count(Arc<Dials>);

#[derive(Clone)]
struct Counted<S> {
    connector: S,
    dials: Arc<Dials>,
}

impl<S> Layer<S> for Count {
    type Service = Counted<S>;

    fn layer(&self, connector: S) -> Counted<S> {
        Counted { connector, dials: Arc::clone(&self.0) }
    }
}

impl<S, R> Service<R> for Counted<S>
where
    S: Service<R>,
    S::Future: Send + 'static,
{
    type Response = S::Response;
    type Error = S::Error;
    type Future = Pin<Box<dyn Future<Output = Result<S::Response, S::Error>> + Send>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.connector.poll_ready(context)
    }

    fn call(&mut self, request: R) -> Self::Future {
        self.dials.begin();
        let attempt = self.connector.call(request);
        let dials = Arc::clone(&self.dials);
        Box::pin(async move {
            let connection = attempt.await?;
            dials.succeed();
            Ok(connection)
        })
    }
}
