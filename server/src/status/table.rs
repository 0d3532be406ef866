//! A snapshot as a table for people.

use std::fmt;
use std::time::Duration;

use super::{ProcessStatus, Snapshot};

/// A column: its heading, and how a row fills it.
type Column = (&'static str, fn(&ProcessStatus) -> String);

/// All set to the right, since nearly all are numbers. `ALL` are the requests of the worker's id, by
/// whatever process.
const COLUMNS: [Column; 15] = [
    ("ID", |row| row.id.to_string()),
    ("PID", |row| row.pid.to_string()),
    ("GEN", |row| row.generation.to_string()),
    ("STATE", |row| row.state.to_string()),
    ("AGE", |row| seconds(row.age_s)),
    ("BEAT", |row| row.heartbeat_s.map_or_else(|| "never".into(), |s| format!("{s:.1}s"))),
    ("ACCEPTED", |row| row.counts.connections.to_string()),
    ("OPEN", |row| row.counts.open.to_string()),
    ("REQUESTS", |row| row.counts.requests.to_string()),
    ("ALL", |row| row.requests_of_id.to_string()),
    ("BYTES", |row| row.counts.bytes.to_string()),
    ("ERRORS", |row| row.counts.errors.total().to_string()),
    ("VAIN", |row| row.counts.vain_wakes.to_string()),
    ("BUSY", |row| share(row.counts.busy_s, row.age_s)),
    ("CPU user+sys", |row| format!("{:.2}+{:.2}s", row.cpu_user_s, row.cpu_sys_s)),
];

impl fmt::Display for Snapshot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let plural = if self.workers == 1 { "" } else { "s" };
        writeln!(
            f,
            "{} on {}, {} worker{plural}, master {}, up {}, {} waiting, {} skipped turns",
            self.mode,
            self.address.url(),
            self.workers,
            self.pid,
            seconds(self.uptime_s),
            self.waiting,
            self.skips,
        )?;
        let cells: Vec<Vec<String>> =
            self.rows.iter().map(|row| COLUMNS.map(|(_, cell)| cell(row)).to_vec()).collect();
        let widths: Vec<usize> = (0..COLUMNS.len())
            .map(|column| {
                let cells = cells.iter().map(|row| row[column].len());
                cells.chain([COLUMNS[column].0.len()]).max().unwrap_or(0)
            })
            .collect();
        let headings: Vec<String> = COLUMNS.iter().map(|(heading, _)| (*heading).into()).collect();
        for row in std::iter::once(&headings).chain(&cells) {
            let line: Vec<String> =
                row.iter().zip(&widths).map(|(cell, &width)| format!("{cell:>width$}")).collect();
            writeln!(f, "{}", line.join("  "))?;
        }
        Ok(())
    }
}

fn seconds(seconds: f64) -> String {
    humantime::format_duration(Duration::from_secs(seconds.max(0.0) as u64)).to_string()
}

fn share(part: f64, whole: f64) -> String {
    if whole > 0.0 { format!("{:.1}%", 100.0 * part / whole) } else { "-".into() }
}

#[cfg(test)]
mod tests {
    use crate::status::ProcessState;
    use crate::status::tests::snapshot;

    #[test]
    fn every_row_is_as_long_as_the_headings() {
        let mut snapshot = snapshot(1);
        let row = &mut snapshot.rows[0];
        (row.age_s, row.counts.busy_s, row.counts.requests) = (61.0, 6.1, 1_234_567_890);
        (row.heartbeat_s, row.cpu_user_s, row.cpu_sys_s) = (None, 0.5, 0.25);
        let text = snapshot.to_string();
        let lines: Vec<&str> = text.lines().collect();
        assert!(
            lines[0].starts_with("shared on http://127.0.0.1:8000, 1 worker, master 70, up 1m")
        );
        assert_eq!(lines[1].len(), lines[2].len(), "{text}");
        for shown in ["4194304", "never", "1234567890", "10.0%", "0.50+0.25s"] {
            assert!(lines[2].contains(shown), "{shown} in {text}");
        }
    }

    #[test]
    fn a_state_is_called_the_same_in_the_table_and_in_json() {
        for state in ProcessState::ALL {
            assert_eq!(serde_json::to_value(state).unwrap(), state.to_string());
        }
    }
}
