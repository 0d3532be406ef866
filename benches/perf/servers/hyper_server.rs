//! hyper on a tokio runtime of one thread, with our answer: untuned, and with our settings. [`ours`] differs
//! from `serve --mode single` by the latter's books (scoreboard, open connections), heartbeat, request
//! checks and routing.

use std::convert::Infallible;
use std::io;

use http_body_util::Full;
use hyper::Response;
use hyper::body::Bytes;
use hyper::header::{CONTENT_TYPE, HeaderName, HeaderValue};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::net::TcpListener;
use tokio::runtime::Builder;

const X_WORKER_ID: HeaderName = HeaderName::from_static("x-worker-id");
const X_WORKER_PID: HeaderName = HeaderName::from_static("x-worker-pid");
const TEXT: HeaderValue = HeaderValue::from_static("text/plain");

pub fn untuned() -> io::Result<()> {
    serve(&http1::Builder::new(), false)
}

/// Is hyper with the settings of `server::http::Http` and of its sockets: keep them the same.
pub fn ours() -> io::Result<()> {
    let mut http = http1::Builder::new();
    http.half_close(true);
    http.writev(false);
    serve(&http, true)
}

/// Listens on a free port, prints its URL, and serves; with `nodelay` answers are sent at once.
fn serve(http: &http1::Builder, nodelay: bool) -> io::Result<()> {
    let runtime = Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        println!("http://{}/", listener.local_addr()?);
        let hello = Hello::new();
        loop {
            let (stream, _) = listener.accept().await?;
            stream.set_nodelay(nodelay)?;
            let (http, hello) = (http.clone(), hello.clone());
            tokio::spawn(async move {
                let answer = service_fn(|_| async { Ok::<_, Infallible>(hello.respond()) });
                // A connection that breaks off is the generator's to count.
                let _ = http.serve_connection(TokioIo::new(stream), answer).await;
            });
        }
    })
}

#[derive(Clone)]
struct Hello {
    pid: HeaderValue,
    line: Bytes,
}

impl Hello {
    fn new() -> Self {
        let pid = std::process::id();
        Self { pid: pid.into(), line: format!("Hello from worker {pid}\n").into() }
    }

    /// `content-length` and `date` come from hyper.
    fn respond(&self) -> Response<Full<Bytes>> {
        let mut response = Response::new(Full::new(self.line.clone()));
        let headers = response.headers_mut();
        headers.insert(CONTENT_TYPE, TEXT);
        headers.insert(X_WORKER_ID, HeaderValue::from_static("1"));
        headers.insert(X_WORKER_PID, self.pid.clone());
        response
    }
}
