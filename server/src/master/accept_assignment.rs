//! A worker's accept assignment: which socket it is to accept from, if from any, and whether it has
//! confirmed that it does. Only then is the socket's queue its own.

use crate::mode::Intake;

/// Where a process is to accept from, and whether it does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct AcceptAssignment {
    intake: Intake,
    /// Which order to this process it was; 0: it was born to it.
    serial: u64,
    confirmation: Confirmation,
}

/// What has become of an order where to accept from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Confirmation {
    NotYet,
    Yes,
    /// It could not receive the socket: it accepts from none.
    Failed,
}

impl AcceptAssignment {
    /// That of a process which was forked for it.
    pub fn by_birth(intake: Intake) -> Self {
        Self { intake, serial: 0, confirmation: Confirmation::Yes }
    }

    pub fn next(self, intake: Intake) -> Self {
        Self { intake, serial: self.serial + 1, confirmation: Confirmation::NotYet }
    }

    /// Takes note of what the process says of an order; of an earlier one it no longer matters.
    pub fn confirm(&mut self, serial: u64, socket: bool) {
        if serial == self.serial {
            let confirmed = socket || self.intake == Intake::Dealt;
            self.confirmation = if confirmed { Confirmation::Yes } else { Confirmation::Failed };
        }
    }

    pub fn is_confirmed(self) -> bool {
        self.confirmation == Confirmation::Yes
    }

    /// Where the process was to accept from and could not.
    pub fn failed(self) -> Option<Intake> {
        (self.confirmation == Confirmation::Failed).then_some(self.intake)
    }

    pub fn serial(self) -> u64 {
        self.serial
    }

    /// The socket that the process accepts from for sure.
    pub fn accepting_socket(self) -> Option<usize> {
        match self.intake {
            Intake::Socket(index) if self.is_confirmed() => Some(index),
            Intake::Socket(_) | Intake::Dealt => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seen(assignment: AcceptAssignment) -> (Option<usize>, bool) {
        (assignment.accepting_socket(), assignment.is_confirmed())
    }

    #[test]
    fn a_queue_is_kept_only_once_the_worker_has_said_so_of_the_last_order() {
        let born = AcceptAssignment::by_birth(Intake::Socket(1));
        assert_eq!(born.accepting_socket(), Some(1));
        let mut assignment = born.next(Intake::Dealt).next(Intake::Socket(1));
        assert_eq!(assignment.accepting_socket(), None);
        assignment.confirm(1, false);
        assert_eq!(seen(assignment), (None, false), "of an earlier order");
        assignment.confirm(2, true);
        assert_eq!(seen(assignment), (Some(1), true));
    }

    #[test]
    fn a_worker_that_could_not_receive_its_socket_keeps_no_queue() {
        let mut assignment = AcceptAssignment::by_birth(Intake::Dealt).next(Intake::Socket(0));
        assignment.confirm(1, false);
        assert_eq!(seen(assignment), (None, false));
        let mut assignment = assignment.next(Intake::Dealt);
        assignment.confirm(2, false);
        assert!(assignment.is_confirmed(), "from none is as it is to be");
    }
}
