//! Who answered: the worker's mark in an answer's head, or in its body as Node's cluster example
//! writes it.

/// How an answer names its worker; both parts are absent when it does not.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct WorkerKey {
    /// `x-worker-id`: stable over a replacement.
    pub id: Option<u32>,
    /// `x-worker-pid`, or the number after `worker` in the body.
    pub pid: Option<u32>,
}

impl WorkerKey {
    pub fn is_unknown(self) -> bool {
        self == Self::default()
    }

    /// What tells workers apart: the id, which a replacement keeps, else the process.
    pub fn identity(self) -> Self {
        Self { pid: self.pid.filter(|_| self.id.is_none()), ..self }
    }

    /// Looks for `worker <digits>` in a body, whatever the case of its first letter.
    pub fn in_body(body: &[u8]) -> Self {
        const REST: &[u8] = b"orker ";
        let mut from = 0;
        while let Some(found) = find(&body[from..], REST) {
            let at = from + found;
            from = at + REST.len();
            if at > 0
                && matches!(body[at - 1], b'w' | b'W')
                && let Some(pid) = number(&body[from..])
            {
                return Self { id: None, pid: Some(pid) };
            }
        }
        Self::default()
    }
}

/// The number at the beginning of `bytes`; `None` without a digit or beyond `u32`.
pub fn number(bytes: &[u8]) -> Option<u32> {
    let digits = bytes.iter().take_while(|byte| byte.is_ascii_digit()).count();
    std::str::from_utf8(&bytes[..digits]).ok()?.parse().ok()
}

fn find(haystack: &[u8], needle: &[u8]) -> Option<usize> {
    haystack.windows(needle.len()).position(|window| window == needle)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pid(body: &str) -> Option<u32> {
        WorkerKey::in_body(body.as_bytes()).pid
    }

    #[test]
    fn nodes_greetings_name_their_worker() {
        assert_eq!(pid("Hello from worker 4711\n"), Some(4711));
        assert_eq!(pid("Worker 7 says hello"), Some(7));
        assert_eq!(pid("a worker of worker 12."), Some(12));
    }

    #[test]
    fn a_body_without_a_number_names_nobody() {
        for body in
            ["", "hello world\n", "worker", "worker ", "worker x", "orker 5", "worker 99999999999"]
        {
            assert_eq!(pid(body), None, "{body:?}");
        }
    }
}
