//! A small server with known faults, and the generator as a process of its own.

use std::io::{self, BufRead, BufReader, Lines, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::process::{Child, ChildStderr, Command, Stdio};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, OnceLock};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use serde_json::Value;

use crate::common::{Answer, hello_cluster, output, side_by_side};

/// An answer that names a worker in its body.
pub const HELLO: &str = "HTTP/1.1 200 OK\r\nContent-Length: 21\r\n\r\nHello from worker 77\n";

/// An answer after which the server closes.
pub const CLOSING: &str = "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 0\r\n\r\n";

/// What the server does with a connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Behaviour {
    Answer(&'static str),
    Drip(&'static str),
    /// Sends this and closes, whatever is asked next.
    AnswerAndClose(&'static str),
    /// Sends this to the first request of all, and stops listening before it does.
    AnswerAndVanish(&'static str),
    /// Names the connection's number, from 1, as the worker.
    NumberedWorker,
    Large(usize),
    /// Resets the connection when a request comes.
    Reset,
    /// Answers with 204, and stands still for a while once it has got this many requests.
    Pause {
        /// How many requests come before the pause.
        after: u64,
        length: Duration,
    },
    /// Answers with 204.
    Echo,
    /// Reads a body of a `Content-Length`, too, and answers with 204.
    Swallow,
    /// Answers one request at a time, with 204, each after this long.
    Serial(Duration),
    /// Answers with 204 so many times a second, and else with 503.
    AtMost(u32),
    Stall,
}

/// A server in this process; it ends with the test.
pub struct Server {
    address: SocketAddr,
    shared: Arc<Shared>,
}

/// What the threads of a server share.
#[derive(Default)]
pub struct Shared {
    answered: AtomicU64,
    heads: Mutex<Vec<String>>,
    /// Held by the thread that [`Behaviour::Serial`] serves.
    turn: Mutex<()>,
    over: AtomicBool,
    /// Whether its pause is over.
    resumed: AtomicBool,
    /// When [`Behaviour::AtMost`] gives out the next answer.
    next: Mutex<Option<Instant>>,
}

impl Server {
    pub fn start(behaviour: Behaviour) -> Self {
        Self::start_on("127.0.0.1", behaviour)
    }

    /// Listens on a free port of `host`.
    pub fn start_on(host: &str, behaviour: Behaviour) -> Self {
        let listener = TcpListener::bind((host, 0)).unwrap();
        let address = listener.local_addr().unwrap();
        let shared = serve_all(listener, behaviour, |listener| {
            let (stream, _) = listener.accept()?;
            let _ = stream.set_nodelay(true);
            Ok(stream)
        });
        Self { address, shared }
    }

    pub fn url(&self) -> String {
        format!("http://{}/", self.address)
    }

    pub fn heads(&self) -> Vec<String> {
        self.shared.heads()
    }

    pub fn answered(&self) -> u64 {
        self.shared.answered.load(Ordering::Relaxed)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.shared.over.store(true, Ordering::Relaxed);
        let _ = TcpStream::connect_timeout(&self.address, Duration::from_millis(200));
    }
}

impl Shared {
    pub fn heads(&self) -> Vec<String> {
        self.heads.lock().unwrap().clone()
    }

    /// Whether one more may be had, at this rate; a tenth of a second's may be had at once.
    fn grant(&self, rate: u32) -> bool {
        let (mut next, now) = (self.next.lock().unwrap(), Instant::now());
        let due = next.map_or(now, |next| next.max(now));
        let may = due <= now + Duration::from_millis(100);
        if may {
            *next = Some(due + Duration::from_secs(1) / rate);
        }
        may
    }
}

const NO_CONTENT: &[u8] = b"HTTP/1.1 204 No Content\r\n\r\n";

/// Serves every connection that a listener gives, in a thread each.
pub fn serve_all<L: Send + 'static, S: Read + Write + Send + 'static>(
    listener: L,
    behaviour: Behaviour,
    accept: fn(&L) -> io::Result<S>,
) -> Arc<Shared> {
    let shared = Arc::<Shared>::default();
    let ours = Arc::clone(&shared);
    thread::spawn(move || {
        let mut listener = Some(listener);
        for number in 1.. {
            let Some(Ok(stream)) = listener.as_ref().map(accept) else { return };
            if ours.over.load(Ordering::Relaxed) {
                return;
            }
            if matches!(behaviour, Behaviour::AnswerAndVanish(_)) {
                listener = None;
            }
            let shared = Arc::clone(&ours);
            thread::spawn(move || serve(stream, behaviour, number, &shared));
        }
    });
    shared
}

fn serve(mut stream: impl Read + Write, behaviour: Behaviour, number: u64, shared: &Shared) {
    loop {
        if behaviour == Behaviour::Reset {
            // Closing with unread input makes the kernel send a reset.
            let _ = stream.read(&mut [0]);
            return;
        }
        let Ok(Some(request)) = Answer::read_head(&mut stream) else { return };
        shared.heads.lock().unwrap().push(request.head.clone());
        let count = shared.answered.fetch_add(1, Ordering::Relaxed) + 1;
        let sent = match behaviour {
            Behaviour::Answer(text) => stream.write_all(text.as_bytes()),
            Behaviour::Drip(text) => text.bytes().try_for_each(|byte| stream.write_all(&[byte])),
            Behaviour::AnswerAndClose(text) | Behaviour::AnswerAndVanish(text) => {
                let _ = stream.write_all(text.as_bytes());
                return;
            }
            Behaviour::NumberedWorker => stream.write_all(numbered(number).as_bytes()),
            Behaviour::Large(length) => {
                let mut answer =
                    format!("HTTP/1.1 200 OK\r\nContent-Length: {length}\r\n\r\n").into_bytes();
                answer.resize(answer.len() + length, b'x');
                stream.write_all(&answer)
            }
            Behaviour::Pause { after, length } => {
                if count == after {
                    thread::sleep(length);
                    shared.resumed.store(true, Ordering::Release);
                }
                while count > after && !shared.resumed.load(Ordering::Acquire) {
                    thread::sleep(Duration::from_millis(1));
                }
                stream.write_all(NO_CONTENT)
            }
            Behaviour::Echo => stream.write_all(NO_CONTENT),
            Behaviour::Swallow => {
                let body = request.header("content-length").unwrap().parse().unwrap();
                let read = std::io::copy(&mut (&mut stream).take(body), &mut std::io::sink());
                assert_eq!(read.unwrap(), body);
                stream.write_all(NO_CONTENT)
            }
            Behaviour::Serial(service) => {
                let turn = shared.turn.lock().unwrap();
                thread::sleep(service);
                drop(turn);
                stream.write_all(NO_CONTENT)
            }
            Behaviour::AtMost(rate) => {
                let grant = shared.grant(rate);
                let status = if grant { "204 No Content" } else { "503 Service Unavailable" };
                let length = if grant { "" } else { "Content-Length: 0\r\n" };
                stream.write_all(format!("HTTP/1.1 {status}\r\n{length}\r\n").as_bytes())
            }
            Behaviour::Reset => return,
            Behaviour::Stall => Ok(()),
        };
        if sent.is_err() {
            return;
        }
    }
}

fn numbered(number: u64) -> String {
    let pid = 1000 + number;
    format!(
        "HTTP/1.1 200 OK\r\nx-worker-id: {number}\r\nx-worker-pid: {pid}\r\nContent-Length: 0\r\n\r\n"
    )
}

/// What `hello-cluster load` wrote and how it ended.
pub struct Run {
    pub code: i32,
    pub out: String,
    pub err: String,
}

impl Run {
    /// Checks that it ended with this code, without a result, and with one line that has these parts.
    #[track_caller]
    pub fn is_refused(&self, code: i32, says: &[&str]) {
        assert_eq!((self.code, self.out.as_str()), (code, ""), "{}", self.err);
        assert_eq!(self.err.lines().count(), 1, "{}", self.err);
        for part in says {
            assert!(self.err.contains(part), "'{part}' is missing in: {}", self.err);
        }
    }

    /// The result, of a run with `--json -` that ended with this code.
    #[track_caller]
    pub fn json_with(&self, code: i32) -> Value {
        assert_eq!(self.code, code, "{}{}", self.out, self.err);
        self.json()
    }

    /// The result, of a run with `--json -`.
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.out)
            .unwrap_or_else(|error| panic!("{error} in {}{}", self.out, self.err))
    }
}

#[track_caller]
pub fn number(result: &Value, pointer: &str) -> u64 {
    result
        .pointer(pointer)
        .and_then(Value::as_u64)
        .unwrap_or_else(|| panic!("{pointer} in {result}"))
}

#[track_caller]
pub fn numbers<const N: usize>(result: &Value, pointers: [&str; N]) -> [u64; N] {
    pointers.map(|pointer| number(result, pointer))
}

pub fn file_in(folder: &tempfile::TempDir, name: &str) -> String {
    folder.path().join(name).to_str().unwrap().to_owned()
}

pub fn read_json(file: &str) -> Value {
    serde_json::from_str(&std::fs::read_to_string(file).unwrap()).unwrap()
}

#[derive(Debug, Clone, Copy)]
pub struct Engine(pub &'static str);

/// All engines that work here. A test that cannot run on one of them says so.
pub fn engines() -> Vec<Engine> {
    static REFUSAL: OnceLock<Option<String>> = OnceLock::new();
    let refusal = REFUSAL.get_or_init(|| {
        let server = Server::start(Behaviour::Echo);
        let run = Engine("uring").drive(&server, &["-n", "1", "-c", "1"]);
        (run.code == 3 && run.err.contains("refuses")).then_some(run.err)
    });
    match refusal {
        None => vec![Engine("uring"), Engine("epoll"), Engine("hyper"), Engine("reqwest")],
        Some(refusal) => {
            println!("skipped: uring: {}", refusal.trim_end());
            vec![Engine("epoll"), Engine("hyper"), Engine("reqwest")]
        }
    }
}

/// Each of them, with a server of its own.
pub fn engines_with(behaviour: Behaviour) -> impl Iterator<Item = (Engine, Server)> {
    engines().into_iter().map(move |engine| (engine, Server::start(behaviour)))
}

/// Runs a test that mostly waits on every engine, all at the same time.
pub fn in_each_engine(test: impl Fn(Engine) + Sync) {
    side_by_side(engines(), test);
}

/// The engines that parse answers themselves, and so can pipeline.
pub fn own_engines() -> Vec<Engine> {
    let own = |engine: &Engine| matches!(engine.0, "uring" | "epoll");
    engines().into_iter().filter(own).collect()
}

impl Engine {
    /// `hello-cluster load` on this engine with these arguments, not started.
    pub fn command(self, arguments: &[&str]) -> Command {
        command(&[&["--engine", self.0], arguments].concat())
    }

    pub fn load(self, arguments: &[&str]) -> Run {
        run(self.command(arguments))
    }

    /// The result of a run against a server of its own.
    pub fn result(self, behaviour: Behaviour, arguments: &[&str]) -> Value {
        self.drive(&Server::start(behaviour), arguments).json()
    }

    /// Runs it against a server, `--json -` added. It says that it was this engine.
    pub fn drive(self, server: &Server, arguments: &[&str]) -> Run {
        let url = server.url();
        let run = self.load(&[&[url.as_str(), "--json", "-"], arguments].concat());
        assert!(run.out.is_empty() || run.json()["engine"] == self.0, "{}", run.out);
        run
    }
}

/// `hello-cluster load` with these arguments, not started.
pub fn command(arguments: &[&str]) -> Command {
    let mut command = hello_cluster();
    command.arg("load").args(arguments).stdin(Stdio::null());
    command
}

/// A run under way, whose standard error is read line by line.
pub struct Started {
    child: Child,
    /// Reads its standard output, so that it never waits for a reader of that.
    out: JoinHandle<String>,
    lines: Lines<BufReader<ChildStderr>>,
}

impl Started {
    /// Starts what [`command`] or [`Engine::command`] gives.
    pub fn start(mut command: Command) -> Self {
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let stdout = child.stdout.take().unwrap();
        let out = thread::spawn(move || std::io::read_to_string(stdout).unwrap());
        let lines = BufReader::new(child.stderr.take().unwrap()).lines();
        Self { child, out, lines }
    }

    pub fn read_until(&mut self, mut wanted: impl FnMut(&str) -> bool) {
        assert!(self.lines.any(|line| wanted(&line.unwrap())), "the run ended before that");
    }

    pub fn signal(&self, signal: Signal) {
        kill(Pid::from_raw(self.child.id().cast_signed()), signal).unwrap();
    }

    /// Waits for its end; the lines that had been read are left out.
    pub fn end(mut self) -> Run {
        let rest: Vec<String> = self.lines.map(Result::unwrap).collect();
        let code = self.child.wait().unwrap().code().unwrap_or(-1);
        Run { code, out: self.out.join().unwrap(), err: rest.join("\n") }
    }
}

/// Checks that each of these command lines is refused in one line with its hint.
#[track_caller]
pub fn refused(common: &[&str], cases: &[(&[&str], &str)]) {
    for (arguments, hint) in cases {
        load(&[common, arguments].concat()).is_refused(2, &[hint]);
    }
}

pub fn load(arguments: &[&str]) -> Run {
    run(command(arguments))
}

fn run(mut command: Command) -> Run {
    let (code, out, err) = output(&mut command);
    Run { code, out, err }
}
