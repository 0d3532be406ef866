//! What is looked at while a trial runs: on which CPUs each thread really was, and how long the
//! queue of connections that wait to be accepted grew.
//!
//! A few times a second, from a thread of its own, a fraction of a millisecond each time; its CPU
//! time is the suite's, and so among the others' in the accounts.

pub mod queue;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::thread::JoinHandle;
use std::time::Duration;

use procfs::process::Process;
use queue::Queue;

/// How often it looks.
const EVERY: Duration = Duration::from_millis(60);

/// A watch under way.
#[derive(Debug)]
pub struct Watch {
    stop: Sender<()>,
    thread: JoinHandle<Seen>,
}

/// What was seen.
#[derive(Debug, Default)]
pub struct Seen {
    /// CPUs of each thread that used CPU time, by process and thread.
    pub cpus: BTreeMap<u32, BTreeMap<u32, BTreeSet<u32>>>,
    /// The accept queue.
    pub queue: Queue,
}

impl Watch {
    /// Begins to watch these processes and the listening sockets on this port; `None` when the
    /// system has no thread to spare.
    pub fn begin(processes: Vec<u32>, port: Option<u16>) -> Option<Self> {
        let (stop, stopped) = channel();
        let watch = move || {
            let mut sight = Sight { seen: Seen::default(), times: BTreeMap::new() };
            sight.look_until(&stopped, &processes, port);
            sight.seen
        };
        let thread = std::thread::Builder::new().name("watch".to_owned()).spawn(watch).ok()?;
        Some(Self { stop, thread })
    }

    /// Ends, and tells what was seen.
    pub fn end(self) -> Seen {
        // A watch that has ended by itself does not listen.
        let _ = self.stop.send(());
        self.thread.join().unwrap_or_default()
    }
}

impl Seen {
    /// The CPUs on which a process was seen.
    pub fn cpus_of(&self, process: u32) -> Vec<u32> {
        let threads = self.cpus.get(&process).into_iter().flat_map(BTreeMap::values);
        threads.flatten().copied().collect::<BTreeSet<_>>().into_iter().collect()
    }

    /// The same of each of its threads but the first, in the order in which they were started.
    pub fn cpus_of_threads(&self, process: u32) -> Vec<Vec<u32>> {
        let threads = self.cpus.get(&process).into_iter().flatten();
        let others = threads.filter(|(thread, _)| **thread != process);
        others.map(|(_, cpus)| cpus.iter().copied().collect()).collect()
    }
}

struct Sight {
    seen: Seen,
    /// CPU ticks of each thread when it was looked at last.
    times: BTreeMap<u32, u64>,
}

impl Sight {
    fn look_until(&mut self, stopped: &Receiver<()>, processes: &[u32], port: Option<u16>) {
        loop {
            for process in processes {
                self.look_at(*process);
            }
            if let Some(port) = port {
                self.seen.queue.look(port);
            }
            match stopped.recv_timeout(EVERY) {
                Err(RecvTimeoutError::Timeout) => {}
                _ => return,
            }
        }
    }

    fn look_at(&mut self, process: u32) {
        let Ok(tasks) = Process::new(process.cast_signed()).and_then(|it| it.tasks()) else {
            return;
        };
        for task in tasks.flatten() {
            let Ok(stat) = task.stat() else { continue };
            let (thread, ticks) = (task.tid.cast_unsigned(), stat.utime + stat.stime);
            let Some(cpu) = stat.processor.map(i32::cast_unsigned) else { continue };
            // A thread that sleeps stays where it was last, which says nothing.
            let before = self.times.insert(thread, ticks);
            if before.is_some_and(|before| ticks > before) {
                let threads = self.seen.cpus.entry(process).or_default();
                threads.entry(thread).or_default().insert(cpu);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_busy_thread_is_seen_on_an_allowed_cpu() {
        let me = std::process::id();
        let watch = Watch::begin(vec![me], None).unwrap();
        let end = std::time::Instant::now() + Duration::from_secs(10);
        // A name that a careless reader of /proc would take for fields.
        let named = std::thread::Builder::new().name("a ) b) R 1".to_owned());
        let busy = named.spawn(move || {
            let start = std::time::Instant::now();
            let mut sum = 0_u64;
            while start.elapsed() < Duration::from_millis(400) && std::time::Instant::now() < end {
                sum = std::hint::black_box(sum + 1);
            }
        });
        busy.unwrap().join().unwrap();
        let cpus = watch.end().cpus_of(me);
        let allowed = crate::sys::clocks::allowed_cpus().unwrap();
        assert!(!cpus.is_empty() && cpus.iter().all(|cpu| allowed.contains(cpu)), "{cpus:?}");
    }
}
