//! What is handed out: the page and what it needs, and the last lab's report.

use std::path::Path;

use bytes::Bytes;
use hyper::header::{CONTENT_SECURITY_POLICY, HeaderName, HeaderValue, REFERRER_POLICY};
use hyper::{Response, StatusCode};
use server::web::answer::{self, Body};

use crate::demo::page;

/// What the page may do: ask this server, and show itself, but not inside another page.
const POLICY: HeaderValue = HeaderValue::from_static(
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; \
     img-src 'self' data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
);

const OF_A_LAB: [(&str, &str); 3] = [
    ("index.html", "text/html; charset=utf-8"),
    ("handout.html", "text/html; charset=utf-8"),
    ("record.json", "application/json"),
];

pub fn page(token: &str) -> Response<Body> {
    of_the_page("text/html; charset=utf-8", page::page(token).into())
}

pub fn asset(path: &str) -> Option<Response<Body>> {
    let (content_type, text) = page::asset(path)?;
    Some(of_the_page(content_type, Bytes::from_static(text.as_bytes())))
}

pub fn of_a_lab(folder: Option<&Path>, name: &str) -> Option<Response<Body>> {
    let (name, content_type) = OF_A_LAB.into_iter().find(|(known, _)| *known == name)?;
    // Its page has a policy of its own.
    let text = std::fs::read(folder?.join(name)).ok()?;
    Some(guarded(content_type, text.into()))
}

fn of_the_page(content_type: &'static str, text: Bytes) -> Response<Body> {
    let mut response = guarded(content_type, text);
    response.headers_mut().insert(CONTENT_SECURITY_POLICY, POLICY);
    response
}

fn guarded(content_type: &'static str, text: Bytes) -> Response<Body> {
    let content_type = HeaderValue::from_static(content_type);
    let mut response = answer::with_body(StatusCode::OK, content_type, Body::Whole(Some(text)));
    let headers = response.headers_mut();
    headers.insert(REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    headers.insert(
        HeaderName::from_static("cross-origin-resource-policy"),
        HeaderValue::from_static("same-origin"),
    );
    response
}
