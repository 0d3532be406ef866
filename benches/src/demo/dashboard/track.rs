//! A clock or a counter over the last moments, and how fast it rises.

use std::collections::VecDeque;

/// Values at times, the newest last, no further back than `WINDOW_MS` milliseconds need.
#[derive(Debug, Clone, Default)]
pub struct Track<const WINDOW_MS: u32>(VecDeque<(f64, f64)>);

impl<const WINDOW_MS: u32> Track<WINDOW_MS> {
    pub fn push(&mut self, now_s: f64, value: f64) {
        let begin_s = now_s - f64::from(WINDOW_MS) / 1e3;
        while self.0.len() > 1 && self.0[1].0 <= begin_s {
            self.0.pop_front();
        }
        self.0.push_back((now_s, value));
    }

    /// By how much the value rises a second; `None` before there are values at two times.
    pub fn slope(&self) -> Option<f64> {
        let (first, last) = (self.0.front()?, self.0.back()?);
        (last.0 > first.0).then(|| (last.1 - first.1) / (last.0 - first.0))
    }
}
