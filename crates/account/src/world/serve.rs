//! The world over real HTTP, for clients that are not in this process: a deployed binary, the AWS CLI.

use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::thread;
use std::time::Duration;

use http::Request;

use super::World;
use crate::call::{Delivery, WireResponse};

/// The longest request line or header line.
const LINE_LIMIT: u64 = 64 * 1024;
/// The longest body: four times what SNS or DynamoDB accept.
const BODY_LIMIT: usize = 16 * 1024 * 1024;

/// How long a silent client may wait for a call that is never answered, with the thread behind it: longer than the longest run of a
/// Lambda function, 15 minutes ("Lambda quotas").
const HOLD_LIMIT: Duration = Duration::from_secs(16 * 60);

/// Serves a world on `listener` until the listener fails: HTTP/1.1 without TLS, a thread for each connection. Answers
/// come at once, whatever their virtual latency; a call that is never answered holds its connection until the client
/// closes it or says nothing for [`HOLD_LIMIT`].
///
/// # Errors
/// What the listener fails with.
pub fn serve(world: &World, listener: &TcpListener) -> io::Result<()> {
    loop {
        let (stream, _) = listener.accept()?;
        let world = world.clone();
        // An error of one connection, such as a client that breaks off, is no error of the server.
        thread::spawn(move || drop(converse(&world, stream)));
    }
}

fn converse(world: &World, stream: TcpStream) -> io::Result<()> {
    let mut writer = stream.try_clone()?;
    let mut reader = BufReader::new(stream);
    while let Some(request) = read(&mut reader, &mut writer)? {
        let WireResponse { response, delivery, .. } = world.respond(&request);
        match delivery {
            Delivery::Delivered => write(&mut writer, &response)?,
            Delivery::ConnectionReset => return Ok(()),
            Delivery::Unanswered | Delivery::CallerCrashed => {
                reader.get_ref().set_read_timeout(Some(HOLD_LIMIT))?;
                io::copy(&mut reader, &mut io::sink())?;
                return Ok(());
            }
        }
    }
    Ok(())
}

/// The next request of a connection; `None` at its end.
fn read(reader: &mut BufReader<TcpStream>, writer: &mut TcpStream) -> io::Result<Option<Request<Vec<u8>>>> {
    let Some(line) = read_line(reader)? else { return Ok(None) };
    let mut parts = line.split(' ');
    let (Some(method), Some(target)) = (parts.next(), parts.next()) else { return Err(malformed("request line")) };
    let mut builder = Request::builder().method(method).uri(target);
    let (mut length, mut chunked) = (0, false);
    while let Some(line) = read_line(reader)?.filter(|line| !line.is_empty()) {
        let (name, value) = line.split_once(':').ok_or_else(|| malformed("header"))?;
        let value = value.trim();
        match name.to_ascii_lowercase().as_str() {
            "content-length" => length = value.parse().map_err(|_| malformed("content length"))?,
            "transfer-encoding" => chunked = value.eq_ignore_ascii_case("chunked"),
            "expect" => writer.write_all(b"HTTP/1.1 100 Continue\r\n\r\n")?,
            _ => {}
        }
        builder = builder.header(name, value);
    }
    let body = if chunked { read_chunks(reader)? } else { read_exactly(reader, length)? };
    builder.body(body).map(Some).map_err(|_| malformed("request"))
}

fn read_line(reader: &mut BufReader<TcpStream>) -> io::Result<Option<String>> {
    let mut line = String::new();
    let count = reader.by_ref().take(LINE_LIMIT).read_line(&mut line)?;
    if count == 0 {
        return Ok(None);
    }
    if !line.ends_with('\n') {
        return Err(malformed("line"));
    }
    line.truncate(line.trim_end_matches(['\r', '\n']).len());
    Ok(Some(line))
}

fn read_exactly(reader: &mut BufReader<TcpStream>, length: usize) -> io::Result<Vec<u8>> {
    if length > BODY_LIMIT {
        return Err(malformed("body length"));
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body)?;
    Ok(body)
}

fn read_chunks(reader: &mut BufReader<TcpStream>) -> io::Result<Vec<u8>> {
    let mut body = Vec::new();
    loop {
        let line = read_line(reader)?.ok_or_else(|| malformed("chunk"))?;
        let digits = line.split(';').next().unwrap_or_default();
        let length = usize::from_str_radix(digits.trim(), 16).map_err(|_| malformed("chunk"))?;
        body.extend(read_exactly(reader, length)?);
        if body.len() > BODY_LIMIT {
            return Err(malformed("body length"));
        }
        read_line(reader)?;
        if length == 0 {
            return Ok(body);
        }
    }
}

fn write(writer: &mut TcpStream, response: &http::Response<Vec<u8>>) -> io::Result<()> {
    let status = response.status();
    let mut out =
        format!("HTTP/1.1 {} {}\r\n", status.as_u16(), status.canonical_reason().unwrap_or_default()).into_bytes();
    for (name, value) in response.headers() {
        out.extend_from_slice(name.as_str().as_bytes());
        out.extend_from_slice(b": ");
        out.extend_from_slice(value.as_bytes());
        out.extend_from_slice(b"\r\n");
    }
    out.extend_from_slice(format!("content-length: {}\r\n\r\n", response.body().len()).as_bytes());
    out.extend_from_slice(response.body());
    writer.write_all(&out)
}

fn malformed(what: &str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, format!("malformed {what}"))
}
