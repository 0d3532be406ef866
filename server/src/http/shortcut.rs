//! The shortcut: a plain request whose answer lies ready is answered at once, and hyper never hears
//! of it.
//!
//! The guard has read such a request already; hyper would double the instructions that a `hello`
//! takes. The client gets the same answer byte for byte. The shortcut is taken only if the request came
//! alone and everything before it is answered. All else (bodies, pipelines, other methods and versions,
//! `Connection` fields) is hyper's.

use std::cell::RefCell;

use super::guard::Guard;
use super::progress::Progress;
use crate::sys::clock::unix_seconds;

/// An answer that lies ready: all of it but the date.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Ready<'a> {
    /// Status line and fields, up to the value of `date`, which comes last.
    pub before_date: &'a [u8],
    /// The body.
    pub body: &'a [u8],
}

/// The target of a request, if it came alone, is plain, and nothing else is under way. `new` is what
/// has just come, of which the guard let `passed` bytes through.
pub(super) fn target<'a>(
    new: &'a [u8],
    passed: usize,
    guard: &Guard,
    progress: &Progress,
) -> Option<&'a [u8]> {
    let came_alone = passed == new.len() && progress.is_next(guard.requests());
    if !came_alone || !guard.last_was_plain() || !progress.is_idle() {
        return None;
    }
    let target = new.strip_prefix(b"GET ")?;
    let end = target.iter().position(|&byte| byte == b' ')?;
    Some(&target[..end])
}

/// Puts an answer with today's date into `room`.
pub(super) fn write(answer: Ready<'_>, room: &mut Vec<u8>) {
    room.extend_from_slice(answer.before_date);
    DATE.with_borrow_mut(|date| room.extend_from_slice(date.now().as_bytes()));
    room.extend_from_slice(b"\r\n\r\n");
    room.extend_from_slice(answer.body);
}

thread_local! {
    static DATE: RefCell<Date> = const { RefCell::new(Date { second: 0, text: String::new() }) };
}

/// The date as a field has it (RFC 9110, section 5.6.7), put together once a second.
struct Date {
    second: u64,
    text: String,
}

impl Date {
    fn now(&mut self) -> &str {
        let now = unix_seconds();
        if now != self.second {
            let time = std::time::UNIX_EPOCH + std::time::Duration::from_secs(now);
            (self.second, self.text) = (now, httpdate::fmt_http_date(time));
        }
        &self.text
    }
}
