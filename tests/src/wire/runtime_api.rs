//! The Lambda Runtime API, as the service gives it to a function: the next invocation, its response, its error.

use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::{Duration, SystemTime};

use serde_json::Value;

use super::process::PATIENCE;
use crate::support::{Checked, failed};

/// What a function answers to an invocation.
#[derive(Debug)]
pub(super) enum Answer {
    /// `POST /runtime/invocation/{id}/response`.
    Response(Value),
    /// `POST /runtime/invocation/{id}/error`.
    Error(Value),
}

/// A server of the Runtime API for one function.
pub(super) struct RuntimeApi {
    /// What goes into `AWS_LAMBDA_RUNTIME_API`.
    pub(super) address: String,
    payloads: Sender<Value>,
    answers: Receiver<(String, Answer)>,
    invocations: u32,
}

/// What the connections share.
struct Shared {
    /// Payloads with their request ids; one poll waits at a time.
    payloads: Mutex<Numbered>,
    answers: Sender<(String, Answer)>,
    function_arn: String,
}

struct Numbered {
    payloads: Receiver<Value>,
    handed_out: u32,
}

impl RuntimeApi {
    /// Starts to serve on a free port.
    pub(super) fn start(function_arn: &str) -> Checked<RuntimeApi> {
        let listener = TcpListener::bind("127.0.0.1:0")?;
        let address = listener.local_addr()?.to_string();
        let (payloads, receiver) = channel();
        let (sender, answers) = channel();
        let shared = Arc::new(Shared {
            payloads: Mutex::new(Numbered { payloads: receiver, handed_out: 0 }),
            answers: sender,
            function_arn: function_arn.to_owned(),
        });
        thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                let shared = Arc::clone(&shared);
                // A function that is killed breaks off; what it did not answer, the test misses.
                thread::spawn(move || drop(converse(&shared, stream)));
            }
        });
        Ok(RuntimeApi { address, payloads, answers, invocations: 0 })
    }

    /// Invokes the function and waits for its answer.
    pub(super) fn invoke(&mut self, payload: Value) -> Checked<Answer> {
        self.payloads.send(payload)?;
        self.invocations += 1;
        let (id, answer) = self
            .answers
            .recv_timeout(PATIENCE)
            .map_err(|error| format!("no answer to invocation {}: {error}", self.invocations))?;
        if id != request_id(self.invocations) {
            return failed(format!("invocation {} was answered as {id}", self.invocations));
        }
        Ok(answer)
    }
}

/// A request id of the form that Lambda gives.
fn request_id(number: u32) -> String {
    format!("8476a536-e9f4-11e8-9739-{number:012}")
}

fn converse(shared: &Shared, stream: TcpStream) -> io::Result<()> {
    let mut writer = stream.try_clone()?;
    let mut reader = BufReader::new(stream);
    while let Some((method, path, body)) = read(&mut reader)? {
        let parts: Vec<&str> = path.trim_start_matches('/').split('/').collect();
        match (method.as_str(), parts.as_slice()) {
            ("GET", ["2018-06-01", "runtime", "invocation", "next"]) => next(shared, &mut writer)?,
            ("POST", ["2018-06-01", "runtime", "invocation", id, outcome @ ("response" | "error")]) => {
                let body = serde_json::from_slice(&body)?;
                let answer = if *outcome == "error" { Answer::Error(body) } else { Answer::Response(body) };
                write(&mut writer, "202 Accepted", "", b"")?;
                if shared.answers.send(((*id).to_owned(), answer)).is_err() {
                    return Ok(());
                }
            }
            _ => write(&mut writer, "404 Not Found", "", b"")?,
        }
    }
    Ok(())
}

/// Waits for the next payload and hands it out; the end of the test is the end of the connection.
fn next(shared: &Shared, writer: &mut TcpStream) -> io::Result<()> {
    let (payload, number) = {
        let mut numbered = shared.payloads.lock().unwrap_or_else(PoisonError::into_inner);
        let payload = numbered.payloads.recv().map_err(|_| io::Error::from(io::ErrorKind::BrokenPipe))?;
        numbered.handed_out += 1;
        (payload, numbered.handed_out)
    };
    let deadline = SystemTime::now() + Duration::from_secs(120);
    let deadline = deadline.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default().as_millis();
    let headers = format!(
        "Content-Type: application/json\r\nLambda-Runtime-Aws-Request-Id: {}\r\nLambda-Runtime-Deadline-Ms: {deadline}\r\n\
         Lambda-Runtime-Invoked-Function-Arn: {}\r\n\
         Lambda-Runtime-Trace-Id: Root=1-5bef4de7-ad49b0e87f6ef6c87fc2e700;Parent=9a9197af755a6419;Sampled=0\r\n",
        request_id(number),
        shared.function_arn
    );
    write(writer, "200 OK", &headers, payload.to_string().as_bytes())
}

/// Method, path and body of the next request of a connection; `None` at its end.
fn read(reader: &mut BufReader<TcpStream>) -> io::Result<Option<(String, String, Vec<u8>)>> {
    let mut line = String::new();
    if reader.read_line(&mut line)? == 0 {
        return Ok(None);
    }
    let mut parts = line.split_whitespace().map(str::to_owned);
    let (Some(method), Some(path)) = (parts.next(), parts.next()) else {
        return Err(io::Error::from(io::ErrorKind::InvalidData));
    };
    let mut length = 0;
    loop {
        let mut header = String::new();
        reader.read_line(&mut header)?;
        let Some((name, value)) = header.trim_end().split_once(':') else { break };
        if name.eq_ignore_ascii_case("content-length") {
            length = value.trim().parse().map_err(|_| io::Error::from(io::ErrorKind::InvalidData))?;
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body)?;
    Ok(Some((method, path, body)))
}

fn write(writer: &mut TcpStream, status: &str, headers: &str, body: &[u8]) -> io::Result<()> {
    let mut out = format!("HTTP/1.1 {status}\r\n{headers}Content-Length: {}\r\n\r\n", body.len()).into_bytes();
    out.extend_from_slice(body);
    writer.write_all(&out)
}
