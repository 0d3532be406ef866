//! The channel to an admin process: its requests, a line each, and what is sent to it.

use std::io::{ErrorKind, Read};
use std::net::Shutdown;
use std::os::fd::AsFd;
use std::os::unix::net::UnixStream;
use std::time::{Duration, Instant};

use crate::admin::wire::{Outbox, Question};
use crate::sys::poll::Watch;

/// The longest line that the admin process has to say: who says more is out of its mind.
const MAX_LINE: usize = 4096;

/// How long it may take to end once it is told to, or once it has hung up.
const GRACE: Duration = Duration::from_secs(1);

/// A process for operators to talk to.
#[derive(Debug)]
pub(super) struct AdminChannel {
    pub pid: u32,
    channel: UnixStream,
    /// The beginning of a line whose end is not there yet.
    inbox: Vec<u8>,
    pub outbox: Outbox,
    pub born: Instant,
    closed: bool,
    /// When it is killed, if it is told to end and does not.
    pub kill_at: Option<Instant>,
}

impl AdminChannel {
    pub fn new(pid: u32, channel: UnixStream) -> Self {
        let (inbox, outbox, closed, kill_at) = Default::default();
        Self { pid, channel, inbox, outbox, born: Instant::now(), closed, kill_at }
    }

    /// What to wait for. While too much waits to be sent nothing is heard.
    pub fn watch(&self) -> Option<Watch<'_>> {
        let fd = self.channel.as_fd();
        (!self.closed).then(|| {
            if self.outbox.is_full() {
                Watch::for_room(fd)
            } else {
                Watch::new(fd, !self.outbox.is_empty())
            }
        })
    }

    pub fn flush(&mut self) {
        if !self.closed && self.outbox.flush(&self.channel).is_err() {
            self.give_up();
        }
    }

    /// Has it end once it has passed on what it was told.
    pub fn dismiss(&mut self) {
        // What is on its way still arrives; a channel that is gone needs no shutting.
        let _ = self.channel.shutdown(Shutdown::Write);
        self.kill_at = Some(Instant::now() + GRACE);
    }

    /// Reads some of what has come, unless too much waits to be sent. One who talks nonsense without
    /// end, or has hung up, is to be ended.
    pub fn read(&mut self) {
        if self.outbox.is_full() {
            return;
        }
        let mut chunk = [0; MAX_LINE];
        match (&self.channel).read(&mut chunk) {
            Ok(count) if count > 0 => self.inbox.extend(&chunk[..count]),
            Err(error)
                if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::Interrupted) => {}
            Ok(_) | Err(_) => self.give_up(),
        }
        let last = self.inbox.iter().rposition(|&byte| byte == b'\n').map_or(0, |end| end + 1);
        if self.inbox.len() - last > MAX_LINE {
            self.give_up();
        }
    }

    /// The next question, if a whole one has come and there is room for the answer. A line that is
    /// no question is passed over, as on the channel of a worker.
    pub fn next_question(&mut self) -> Option<Question> {
        while !self.outbox.is_full() {
            let end = self.inbox.iter().position(|&byte| byte == b'\n')?;
            let line: Vec<u8> = self.inbox.drain(..=end).collect();
            if let Ok(question) = serde_json::from_slice(&line) {
                return Some(question);
            }
        }
        None
    }

    fn give_up(&mut self) {
        self.closed = true;
        self.inbox.clear();
        self.kill_at.get_or_insert(Instant::now() + GRACE);
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;
    use crate::admin::wire::{Ask, Reply};

    fn channel() -> (AdminChannel, UnixStream) {
        let (near, far) = UnixStream::pair().unwrap();
        near.set_nonblocking(true).unwrap();
        (AdminChannel::new(1, near), far)
    }

    fn question(number: u64) -> String {
        serde_json::to_string(&Question { number, ask: Ask::Snapshot }).unwrap() + "\n"
    }

    #[test]
    fn questions_are_heard_whole_and_garbage_is_passed_over() {
        let (mut channel, mut far) = channel();
        let (first, second) = (question(1), question(2));
        let (begin, rest) = second.split_at(10);
        write!(far, "{first}garbage\n{{}}\n{begin}").unwrap();
        channel.read();
        assert_eq!(channel.next_question().unwrap().number, 1);
        assert!(channel.next_question().is_none());
        far.write_all(rest.as_bytes()).unwrap();
        channel.read();
        assert_eq!(channel.next_question().unwrap().number, 2);
        assert!(!channel.closed);
    }

    #[test]
    fn one_who_talks_without_end_or_hangs_up_is_to_be_ended() {
        let (mut channel, mut far) = channel();
        far.write_all(&[b'x'; 2 * MAX_LINE]).unwrap();
        channel.read();
        channel.read();
        assert!(channel.closed && channel.kill_at.is_some());
        let (mut channel, far) = self::channel();
        drop(far);
        channel.read();
        assert!(channel.closed && channel.kill_at.is_some());
    }

    #[test]
    fn who_takes_no_answer_is_asked_to_wait_with_the_next_question() {
        let (mut channel, mut far) = channel();
        far.write_all(question(1).repeat(2).as_bytes()).unwrap();
        channel.read();
        assert!(channel.next_question().is_some());
        channel.outbox.answer(1, Reply::Bad("x".repeat(1_000_000)));
        channel.flush();
        assert!(channel.next_question().is_none(), "there is no room for the answer");
        assert!(!channel.closed);
    }
}
