//! Patience with wrong tokens: some are told so, a flood is put off.

use std::time::Instant;

/// Wrong tokens in a row that are answered in full, and so many more each second.
const WRONG_TOKENS: f64 = 10.0;

/// How many wrong tokens are still answered in full.
#[derive(Debug)]
pub(super) struct Patience {
    left: f64,
    since: Instant,
}

impl Patience {
    /// All of it.
    pub fn new(now: Instant) -> Self {
        Self { left: WRONG_TOKENS, since: now }
    }

    /// Takes note of a wrong token; whether there is patience for it.
    pub fn is_tried(&mut self, now: Instant) -> bool {
        let passed = now.saturating_duration_since(self.since).as_secs_f64();
        self.left = (self.left + passed * WRONG_TOKENS).min(WRONG_TOKENS);
        self.since = now;
        let enough = self.left >= 1.0;
        if enough {
            self.left -= 1.0;
        }
        enough
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn patience_comes_back_with_time_but_never_beyond_its_measure() {
        let begin = Instant::now();
        let mut patience = Patience::new(begin);
        let tried = |patience: &mut Patience, at: Instant| {
            (0..100).filter(|_| patience.is_tried(at)).count()
        };
        assert_eq!(tried(&mut patience, begin), 10);
        assert_eq!(tried(&mut patience, begin + Duration::from_millis(500)), 5);
        assert_eq!(tried(&mut patience, begin + Duration::from_secs(60)), 10);
    }
}
