//! `git http-backend` behind HTTP on the loopback address, as much of it as git's protocol needs.

use std::{
    io::{BufRead, BufReader, Read, Write},
    net::{TcpListener, TcpStream},
    path::{Path, PathBuf},
    process::{Command, Stdio},
    thread,
};

use crate::Outcome;

/// Serves the repositories in a folder until the process ends; the port.
pub fn start(folder: PathBuf) -> Outcome<u16> {
    let listener = TcpListener::bind("127.0.0.1:0")?;
    let port = listener.local_addr()?.port();
    thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let folder = folder.clone();
            thread::spawn(move || answer(&stream, &folder).map_err(|e| eprintln!("server: {e}")));
        }
    });
    Ok(port)
}

fn answer(stream: &TcpStream, folder: &Path) -> Outcome<()> {
    // The answer comes in pieces, and none of them shall wait for the one before to be acknowledged.
    stream.set_nodelay(true)?;
    let mut reader = BufReader::new(stream);
    let mut line = String::new();
    reader.read_line(&mut line)?;
    let mut words = line.split_whitespace();
    let (Some(method), Some(target)) = (words.next(), words.next()) else { return Ok(()) };
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    let mut command = Command::new("git");
    command
        .arg("http-backend")
        .env("GIT_PROJECT_ROOT", folder)
        .env("GIT_HTTP_EXPORT_ALL", "1")
        .env("REQUEST_METHOD", method)
        .env("PATH_INFO", path)
        .env("QUERY_STRING", query);
    let (mut length, mut chunked) = (0, false);
    loop {
        let mut header = String::new();
        reader.read_line(&mut header)?;
        let Some((name, value)) = header.trim_end().split_once(':') else { break };
        match (name.to_ascii_lowercase().as_str(), value.trim()) {
            ("content-length", value) => length = value.parse()?,
            ("transfer-encoding", value) => chunked = value.eq_ignore_ascii_case("chunked"),
            ("content-type", value) => drop(command.env("CONTENT_TYPE", value)),
            ("content-encoding", value) => drop(command.env("HTTP_CONTENT_ENCODING", value)),
            ("git-protocol", value) => drop(command.env("GIT_PROTOCOL", value)),
            ("expect", _) => reader.get_mut().write_all(b"HTTP/1.1 100 Continue\r\n\r\n")?,
            _ => {}
        }
    }
    let body = if chunked { chunks(&mut reader)? } else { exactly(&mut reader, length)? };
    let mut child =
        command.env("CONTENT_LENGTH", body.len().to_string()).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn()?;
    child.stdin.take().ok_or("no stdin")?.write_all(&body)?;
    let mut output = BufReader::new(child.stdout.take().ok_or("no stdout")?);
    let (mut status, mut headers) = ("200 OK".to_owned(), String::new());
    loop {
        let mut header = String::new();
        output.read_line(&mut header)?;
        match header.trim_end().split_once(':') {
            Some(("Status", value)) => value.trim().clone_into(&mut status),
            Some(_) => headers.push_str(&format!("{}\r\n", header.trim_end())),
            None => break,
        }
    }
    let mut out = stream;
    write!(out, "HTTP/1.1 {status}\r\n{headers}Connection: close\r\n\r\n")?;
    let mut piece = vec![0; 128 * 1024];
    loop {
        match output.read(&mut piece)? {
            0 => break,
            n => out.write_all(piece.get(..n).unwrap_or_default())?,
        }
    }
    child.wait()?;
    Ok(())
}

fn exactly(reader: &mut impl Read, length: usize) -> Outcome<Vec<u8>> {
    let mut body = vec![0; length];
    reader.read_exact(&mut body)?;
    Ok(body)
}

fn chunks(reader: &mut impl BufRead) -> Outcome<Vec<u8>> {
    let mut body = Vec::new();
    loop {
        let mut line = String::new();
        reader.read_line(&mut line)?;
        let length = usize::from_str_radix(line.trim(), 16)?;
        body.extend(exactly(reader, length)?);
        reader.read_line(&mut String::new())?;
        if length == 0 {
            return Ok(body);
        }
    }
}
