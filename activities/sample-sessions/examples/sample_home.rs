//! Writes a generated home, and the manifest of its events:
//! `sample_home --out DIR --seed N --bytes N | --files N | --single BYTES [--manifest FILE]`.
#![allow(clippy::print_stdout, reason = "the figures are what this prints")]

use std::{
    fs::File,
    io::{BufWriter, sink},
    path::PathBuf,
    time::Instant,
};

use clap::Parser;
use sample_sessions::{ManifestWriter, Plan, Shape, write_home};

/// Writes a home with sessions of coding agents: the same seed, the same bytes.
#[derive(Parser)]
#[command(group = clap::ArgGroup::new("shape").required(true).multiple(true))]
struct Arguments {
    /// Folder that becomes the home.
    #[arg(long)]
    out: PathBuf,
    /// What everything is drawn from.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Bytes in all.
    #[arg(long, group = "shape")]
    bytes: Option<u64>,
    /// Number of files; together with --bytes, of that size in all.
    #[arg(long, group = "shape", conflicts_with = "single")]
    files: Option<u64>,
    /// One session of so many bytes.
    #[arg(long, group = "shape", conflicts_with = "bytes")]
    single: Option<u64>,
    /// With --files: every file of this size.
    #[arg(long, requires = "files", conflicts_with = "bytes")]
    each: Option<u64>,
    /// Where the expected events go, one JSON object a line.
    #[arg(long)]
    manifest: Option<PathBuf>,
}

fn main() -> std::io::Result<()> {
    let given = Arguments::parse();
    let shape = match (given.bytes, given.files, given.single, given.each) {
        (_, _, Some(bytes), _) => Shape::Single(bytes),
        (_, Some(files), _, Some(bytes)) => Shape::Equal { files, bytes },
        (Some(bytes), Some(files), ..) => Shape::FilesOfBytes { files, bytes },
        (None, Some(files), ..) => Shape::Files(files),
        (bytes, ..) => Shape::Bytes(bytes.unwrap_or_default()),
    };
    let start = Instant::now();
    let out: Box<dyn std::io::Write> = match &given.manifest {
        Some(path) => Box::new(BufWriter::new(File::create(path)?)),
        None => Box::new(sink()),
    };
    let mut manifest = ManifestWriter::new(out);
    let written = write_home(&given.out, &Plan { seed: given.seed, shape }, &mut |event| manifest.add(&event))?;
    manifest.finish()?;
    println!(
        "{} files, {} bytes, {} events in {:.2} s",
        written.files,
        written.bytes,
        written.events,
        start.elapsed().as_secs_f64()
    );
    Ok(())
}
