//! What another program says of itself, in one line and in bounded time.

use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// How long a program may take to tell its version.
const LIMIT: Duration = Duration::from_secs(3);

/// The first line that a command writes, on either stream; empty when it fails or takes too long.
#[must_use]
pub fn first_line(words: &[String]) -> String {
    said(words).unwrap_or_default()
}

fn said(words: &[String]) -> Option<String> {
    let (program, arguments) = words.split_first()?;
    let mut child = Command::new(program)
        .args(arguments)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .ok()?;
    let deadline = Instant::now() + LIMIT;
    while child.try_wait().ok()?.is_none() {
        if Instant::now() > deadline {
            let _ = child.kill();
        }
        std::thread::sleep(Duration::from_millis(2));
    }
    let output = child.wait_with_output().ok()?;
    let streams = [output.stdout, output.stderr];
    let text = streams.into_iter().find(|stream| !stream.is_empty()).unwrap_or_default();
    let line = String::from_utf8_lossy(&text).lines().next().unwrap_or_default().trim().to_owned();
    output.status.success().then_some(line)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(text: &str) -> Vec<String> {
        text.split(' ').map(str::to_owned).collect()
    }

    #[test]
    fn the_first_line_of_either_stream_is_taken() {
        assert_eq!(first_line(&words("echo v20 and more")), "v20 and more");
        let shell = ["sh", "-c", "echo one >&2; echo two >&2"].map(str::to_owned);
        assert_eq!(first_line(&shell), "one");
    }

    #[test]
    fn what_fails_says_nothing() {
        assert_eq!(first_line(&words("false")), "");
        assert_eq!(first_line(&words("no-such-program")), "");
    }
}
