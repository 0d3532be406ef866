//! A worker's post: which socket it is to accept from, if from any, and whether it has said that it
//! does. Only then is a queue its own. Next: [`super::switch`], which gives new ones.

use crate::mode::Intake;

/// Where a process is to accept from, and whether it does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Post {
    intake: Intake,
    /// Which order to this process it was; 0: it was born to it.
    serial: u64,
    obeyed: Obeyed,
}

/// What has become of an order where to accept from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Obeyed {
    /// The process has not said yet.
    NotYet,
    Yes,
    /// It could not receive the socket: it accepts from none.
    Failed,
}

impl Post {
    /// That of a process which was forked for it.
    pub fn by_birth(intake: Intake) -> Self {
        Self { intake, serial: 0, obeyed: Obeyed::Yes }
    }

    /// The next order.
    pub fn next(self, intake: Intake) -> Self {
        Self { intake, serial: self.serial + 1, obeyed: Obeyed::NotYet }
    }

    /// Takes note of what the process says of an order; of an earlier one it no longer matters.
    pub fn confirm(&mut self, serial: u64, socket: bool) {
        if serial == self.serial {
            let obeyed = socket || self.intake == Intake::Dealt;
            self.obeyed = if obeyed { Obeyed::Yes } else { Obeyed::Failed };
        }
    }

    /// Whether the process accepts as it is to.
    pub fn is_taken(self) -> bool {
        self.obeyed == Obeyed::Yes
    }

    /// Where the process was to accept from and could not.
    pub fn failed(self) -> Option<Intake> {
        (self.obeyed == Obeyed::Failed).then_some(self.intake)
    }

    /// Which order it is.
    pub fn serial(self) -> u64 {
        self.serial
    }

    /// The socket that the process accepts from for sure.
    pub fn kept(self) -> Option<usize> {
        match self.intake {
            Intake::Socket(index) if self.is_taken() => Some(index),
            Intake::Socket(_) | Intake::Dealt => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_queue_is_kept_only_once_the_worker_has_said_so_of_the_last_order() {
        let born = Post::by_birth(Intake::Socket(1));
        assert_eq!(born.kept(), Some(1));
        let mut post = born.next(Intake::Dealt).next(Intake::Socket(1));
        assert_eq!(post.kept(), None);
        post.confirm(1, false);
        assert_eq!((post.kept(), post.is_taken()), (None, false), "of an earlier order");
        post.confirm(2, true);
        assert_eq!((post.kept(), post.is_taken()), (Some(1), true));
    }

    #[test]
    fn a_worker_that_could_not_receive_its_socket_keeps_no_queue() {
        let mut post = Post::by_birth(Intake::Dealt).next(Intake::Socket(0));
        post.confirm(1, false);
        assert_eq!((post.kept(), post.is_taken()), (None, false));
        let mut post = post.next(Intake::Dealt);
        post.confirm(2, false);
        assert!(post.is_taken(), "from none is as it is to be");
    }
}
