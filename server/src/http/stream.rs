//! What hyper reads from and writes to: the client's connection, with the guard in between.
//!
//! Input is read into hyper's own buffer and checked there; only an incomplete head is held back, in a
//! buffer of its own. After a refusal hyper sees the end of the input, so that it finishes what was
//! asked before. What has an answer ready does not get to hyper at all: see [`super::shortcut`].

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use super::guard::Guard;
use super::progress::Progress;
use super::{Answers, shortcut};

/// How much of an unfinished head is read at a time.
const PIECE: usize = 2048;

pub(super) struct Guarded<'a, S, A> {
    stream: &'a mut S,
    guard: Guard,
    progress: &'a Progress,
    answers: &'a A,
    held: Held,
    /// An answer that took the shortcut, as far as the client has not taken it.
    unsent: Unsent,
}

/// What is to be written past hyper.
#[derive(Debug, Default)]
struct Unsent {
    bytes: Vec<u8>,
    /// So many of them, from the first, are written.
    sent: usize,
}

/// What has been read and not yet handed on.
#[derive(Debug, Default)]
struct Held {
    bytes: Vec<u8>,
    /// So many of them, from the first, have passed the guard.
    passed: usize,
}

impl Held {
    /// Hands on what has passed, as far as there is room.
    fn hand_on(&mut self, to: &mut ReadBuf<'_>) {
        let count = self.passed.min(to.remaining());
        to.put_slice(&self.bytes[..count]);
        self.bytes.drain(..count);
        self.passed -= count;
        if self.bytes.is_empty() {
            self.bytes = Vec::new();
        }
    }
}

impl<'a, S: AsyncRead + AsyncWrite + Unpin, A: Answers> Guarded<'a, S, A> {
    pub fn new(stream: &'a mut S, guard: Guard, progress: &'a Progress, answers: &'a A) -> Self {
        let (held, unsent) = (Held::default(), Unsent::default());
        Self { stream, guard, progress, answers, held, unsent }
    }

    fn note(&self) {
        self.progress.read(self.guard.part(), self.guard.requests());
        if let Some(refusal) = self.guard.refusal() {
            self.progress.refuse(refusal);
        }
    }

    /// Reads into hyper's buffer, and leaves there what passes.
    fn poll_straight(
        &mut self,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<Come>> {
        let before = buf.filled().len();
        ready!(Pin::new(&mut *self.stream).poll_read(cx, buf))?;
        let new = &buf.filled()[before..];
        if new.is_empty() {
            return Poll::Ready(Ok(Come::End));
        }
        let checked = self.guard.check(new);
        if let Some(target) = shortcut::target(new, checked.pass, &self.guard, self.progress)
            && let Some(answer) = self.answers.at_once(target)
        {
            shortcut::write(answer, &mut self.unsent.bytes);
            buf.set_filled(before);
            self.note();
            return Poll::Ready(Ok(Come::NothingYet));
        }
        if checked.pass < new.len() && checked.refused.is_none() {
            self.held.bytes.extend_from_slice(&new[checked.pass..]);
        }
        buf.set_filled(before + checked.pass);
        self.note();
        Poll::Ready(Ok(if checked.pass > 0 { Come::Something } else { Come::NothingYet }))
    }

    fn write_some(&mut self, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut *self.stream).poll_write(cx, bytes);
        if written.is_pending() {
            self.progress.stalled();
        } else {
            self.progress.written();
        }
        written
    }

    fn poll_unsent(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        while self.unsent.sent < self.unsent.bytes.len() {
            let bytes = std::mem::take(&mut self.unsent.bytes);
            let written = self.write_some(cx, &bytes[self.unsent.sent..]);
            self.unsent.bytes = bytes;
            match ready!(written)? {
                0 => return Poll::Ready(Err(io::ErrorKind::WriteZero.into())),
                count => self.unsent.sent += count,
            }
        }
        self.unsent.bytes.clear();
        self.unsent.sent = 0;
        self.progress.answered();
        Poll::Ready(Ok(()))
    }

    /// Reads more of a head that is not whole yet.
    fn poll_more(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<Come>> {
        let mut room = [0; PIECE];
        let mut piece = ReadBuf::new(&mut room);
        ready!(Pin::new(&mut *self.stream).poll_read(cx, &mut piece))?;
        if piece.filled().is_empty() {
            self.progress.break_off();
            return Poll::Ready(Ok(Come::End));
        }
        self.held.bytes.extend_from_slice(piece.filled());
        self.held.passed = self.guard.check(&self.held.bytes).pass;
        self.note();
        Poll::Ready(Ok(Come::NothingYet))
    }
}

/// What a read brought for hyper.
enum Come {
    Something,
    NothingYet,
    End,
}

impl<S: AsyncRead + AsyncWrite + Unpin, A: Answers> AsyncRead for Guarded<'_, S, A> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let this = &mut *self;
        loop {
            if !this.unsent.bytes.is_empty() {
                ready!(this.poll_unsent(cx))?;
            }
            if this.held.passed > 0 {
                this.held.hand_on(buf);
                return Poll::Ready(Ok(()));
            }
            if this.progress.is_closing() {
                return Poll::Ready(Ok(()));
            }
            let come = if this.held.bytes.is_empty() {
                ready!(this.poll_straight(cx, buf))?
            } else {
                ready!(this.poll_more(cx))?
            };
            match come {
                Come::Something | Come::End => return Poll::Ready(Ok(())),
                Come::NothingYet => {}
            }
        }
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin, A: Answers> AsyncWrite for Guarded<'_, S, A> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        self.write_some(cx, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut *self.stream).poll_flush(cx)
    }

    /// How the connection ends is not hyper's business: a refusal may have to follow.
    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    /// An answer is short, and to copy it is cheaper than to describe its pieces to the kernel.
    fn is_write_vectored(&self) -> bool {
        false
    }
}
