//! Child processes that end with the test, and reading from them within a time limit.

use std::ffi::OsStr;
use std::io::{BufRead, BufReader, Read, Write};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::thread;
use std::time::Duration;

use libtest_mimic::Failed;

use crate::support::{Checked, failed, root, some};

/// How long a process may take for one thing. Far above what it needs, so that a slow machine fails nothing.
pub(super) const PATIENCE: Duration = Duration::from_secs(120);

/// A child process, killed when it is dropped.
pub(super) struct Process {
    name: String,
    child: Child,
    /// The lines of its standard output, then of its standard error; closed at the end of each.
    out: Receiver<String>,
    err: Receiver<String>,
}

impl Process {
    /// Starts a command with all three streams piped.
    pub(super) fn start(name: &str, command: &mut Command) -> Checked<Process> {
        let mut child = command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .map_err(|error| format!("{name} cannot be started: {error}"))?;
        let out = lines(some(child.stdout.take(), "the standard output")?);
        let err = lines(some(child.stderr.take(), "the standard error")?);
        Ok(Process { name: name.to_owned(), child, out, err })
    }

    /// The next line of its standard output.
    pub(super) fn next_line(&self) -> Checked<String> {
        match self.out.recv_timeout(PATIENCE) {
            Ok(line) => Ok(line),
            Err(RecvTimeoutError::Timeout) => failed(format!("{} said nothing in {PATIENCE:?}", self.name)),
            Err(RecvTimeoutError::Disconnected) => failed(format!("{} ended: {}", self.name, self.complaint())),
        }
    }

    /// Ends it; the lines of its standard output that nobody took.
    pub(super) fn kill(mut self) -> Checked<Vec<String>> {
        self.child.kill()?;
        self.child.wait()?;
        rest(&self.out).map_err(|()| Failed::from(format!("the output of {} did not end", self.name)))
    }

    /// What there is on its standard error.
    pub(super) fn complaint(&self) -> String {
        self.err.try_iter().collect::<Vec<_>>().join("\n")
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // It may have ended already.
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

/// Runs a script of `tests/python` to its end; its standard output.
pub(super) fn python<S: AsRef<OsStr>>(python: &Path, script: &str, arguments: &[S], input: Vec<u8>) -> Checked<String> {
    let mut child = Command::new(python)
        .arg(root().join("tests/python").join(script))
        .args(arguments)
        .env("PYTHONDONTWRITEBYTECODE", "1")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(|error| format!("{}: {error}", python.display()))?;
    let mut stdin = some(child.stdin.take(), "the standard input")?;
    // While it writes, its input may not be read to the end.
    let writer = thread::spawn(move || stdin.write_all(&input));
    let output = child.wait_with_output()?;
    let written = writer.join().map_err(|_| "the writer panicked")?;
    if !output.status.success() {
        return failed(format!("{script} ended with {}:\n{}", output.status, String::from_utf8_lossy(&output.stderr)));
    }
    written?;
    Ok(String::from_utf8(output.stdout)?)
}

fn lines(stream: impl Read + Send + 'static) -> Receiver<String> {
    let (sender, receiver) = channel();
    thread::spawn(move || {
        for line in BufReader::new(stream).lines().map_while(Result::ok) {
            if sender.send(line).is_err() {
                return;
            }
        }
    });
    receiver
}

/// All lines until the stream ends.
fn rest(stream: &Receiver<String>) -> Result<Vec<String>, ()> {
    let mut lines = Vec::new();
    loop {
        match stream.recv_timeout(PATIENCE) {
            Ok(line) => lines.push(line),
            Err(RecvTimeoutError::Disconnected) => return Ok(lines),
            Err(RecvTimeoutError::Timeout) => return Err(()),
        }
    }
}
