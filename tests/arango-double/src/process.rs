//! A stand-in as a process of its own, for tests.

use std::{
    io::{self, BufRead as _, BufReader, Read as _, Write as _},
    net::{SocketAddr, TcpStream},
    path::{Path, PathBuf},
    process::{Child, ChildStdin, ChildStdout, Command, Stdio},
};

use serde_json::Value;

/// A running stand-in. It ends with the process that started it.
pub struct Double {
    child: Child,
    /// Ends the process when it is closed, which waiting for a child would do.
    stdin: Option<ChildStdin>,
    /// Kept open: a test harness that runs it says after a minute that it still does, and ends if nobody listens.
    stdout: BufReader<ChildStdout>,
    /// Where it listens.
    pub address: SocketAddr,
    start: Start,
}

/// A process that listens.
struct Listening {
    child: Child,
    stdout: BufReader<ChildStdout>,
    address: SocketAddr,
}

/// What it takes to start it again.
struct Start {
    command: Box<dyn Fn() -> Command + Send + Sync>,
    data: PathBuf,
    more: Vec<String>,
}

impl Double {
    /// Starts one whose data is in the file `data`. `command` makes the process that calls [`crate::serve`] with the
    /// arguments that stand behind it, or in the variable `ARANGO_DOUBLE` with a line for each.
    ///
    /// # Errors
    /// When the process cannot be started, or ends at once.
    pub fn start(
        data: &Path,
        more: &[&str],
        command: impl Fn() -> Command + Send + Sync + 'static,
    ) -> io::Result<Self> {
        let more = more.iter().map(|&argument| argument.to_owned()).collect();
        let start = Start { command: Box::new(command), data: data.to_owned(), more };
        let Listening { mut child, stdout, address } = start.spawn("127.0.0.1:0")?;
        let stdin = child.stdin.take();
        Ok(Self { child, stdin, stdout, address, start })
    }

    /// Kills it, as `kill -9` does.
    ///
    /// # Errors
    /// When it cannot be killed.
    pub fn kill(&mut self) -> io::Result<()> {
        self.child.kill()?;
        self.child.wait().map(drop)
    }

    /// Waits until it is dead.
    ///
    /// # Errors
    /// When it cannot be waited for.
    pub fn wait(&mut self) -> io::Result<()> {
        self.child.wait().map(drop)
    }

    /// Starts it again at the same address, with the data that it had.
    ///
    /// # Errors
    /// As [`Self::start`].
    pub fn restart(&mut self) -> io::Result<()> {
        let Listening { mut child, stdout, .. } = self.start.spawn(&self.address.to_string())?;
        self.stdin = child.stdin.take();
        self.child = child;
        self.stdout = stdout;
        Ok(())
    }

    /// Gives an order; see [`order`].
    ///
    /// # Errors
    /// When it does not answer.
    pub fn order(&self, action: &str, body: &Value) -> io::Result<()> {
        order(self.address, action, body)
    }
}

/// Gives an order to the stand-in at an address: `fault`, `calm`, `expire`, `release`, `held?count=N`, `die`.
///
/// # Errors
/// When it does not answer, as after `die`.
pub fn order(address: SocketAddr, action: &str, body: &Value) -> io::Result<()> {
    let body = body.to_string();
    let mut stream = TcpStream::connect(address)?;
    write!(
        stream,
        "POST /_double/{action} HTTP/1.1\r\nhost: double\r\nconnection: close\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    )?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer)?;
    if answer.starts_with("HTTP/1.1 200") { Ok(()) } else { Err(io::Error::other(answer)) }
}

impl Drop for Double {
    fn drop(&mut self) {
        let _ = self.kill();
    }
}

impl Start {
    fn spawn(&self, listen: &str) -> io::Result<Listening> {
        let data = self.data.to_string_lossy().into_owned();
        let mut arguments = vec!["--listen".to_owned(), listen.to_owned(), "--data".to_owned(), data];
        arguments.extend(self.more.iter().cloned());
        let mut command = (self.command)();
        command.env("ARANGO_DOUBLE", arguments.join("\n")).stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut child = command.spawn()?;
        let Some(stdout) = child.stdout.take() else { return Err(io::Error::other("no standard output")) };
        let mut stdout = BufReader::new(stdout);
        let mut line = String::new();
        while stdout.read_line(&mut line)? > 0 {
            // A test harness may write something before it.
            if let Some((_, address)) = line.split_once("listening on ") {
                let address = address.trim().parse().map_err(io::Error::other)?;
                return Ok(Listening { child, stdout, address });
            }
            line.clear();
        }
        let _ = child.kill();
        Err(io::Error::other("the stand-in ended before it listened"))
    }
}
