//! Walks a SCIP index and prints time and peak memory: `read_bench FILE [borrowed|checked|symbols|messages|lint]`.
//!
//! One way per process, because the peak is the process's.

#![allow(clippy::print_stdout, reason = "figures on a terminal")]

use std::error::Error;
use std::fs::{self, File};
use std::time::Instant;

use scip_index::lint::{Code, Linter};
use scip_index::{IndexReader, Occurrence, Part, Symbol};

#[derive(Debug, Default)]
struct Counts {
    documents: u64,
    occurrences: u64,
    definitions: u64,
    enclosing: u64,
    symbols: u64,
    external: u64,
    damaged: u64,
    unparsable: u64,
    bad_ranges: u64,
    base_bytes: usize,
}

impl Counts {
    fn occurrence(&mut self, occurrence: &Occurrence<'_>) {
        self.occurrences += 1;
        self.definitions += u64::from(occurrence.roles.is_definition());
        self.enclosing += u64::from(!occurrence.enclosing_range.is_missing());
        self.bad_ranges += u64::from(occurrence.range.range().is_err());
    }
}

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let path = arguments.next().ok_or("which file?")?;
    let way = arguments.next().unwrap_or_else(|| "borrowed".to_owned());
    let started = Instant::now();
    let mut reader = IndexReader::new(File::open(&path)?)?;
    if way == "lint" {
        let mut codes = std::collections::BTreeMap::<Code, (u64, String)>::new();
        let summary = Linter::new(None).index(&mut reader, |finding| {
            let code = codes.entry(finding.code).or_insert_with(|| (0, finding.to_string()));
            code.0 += 1;
        })?;
        println!("{summary:?}");
        for (code, (count, first)) in codes {
            println!("{count:>8} {}: {first}", code.name());
        }
    } else {
        println!("{:?}", walk(&mut reader, &way)?);
    }
    let status = fs::read_to_string("/proc/self/status")?;
    let peak = status.lines().find(|line| line.starts_with("VmHWM")).unwrap_or("VmHWM unknown");
    println!("{way}: {} bytes in {:?}, {peak}", reader.length(), started.elapsed());
    Ok(())
}

fn walk(reader: &mut IndexReader<File>, way: &str) -> Result<Counts, Box<dyn Error>> {
    let mut counts = Counts::default();
    while let Some(part) = reader.next_part()? {
        match part {
            Part::Metadata(block) => println!("{:?}", block.message()?),
            Part::ExternalSymbol(_) => counts.external += 1,
            Part::Damaged(damage) => {
                counts.damaged += 1;
                println!("{damage}");
            }
            Part::Document(block) if way == "messages" => {
                let document = block.message()?;
                counts.documents += 1;
                counts.symbols += document.symbols.len() as u64;
                for occurrence in document.occurrences {
                    counts.occurrences += 1;
                    counts.definitions += u64::from(occurrence.symbol_roles & 1 != 0);
                    counts.enclosing += u64::from(!occurrence.enclosing_range.is_empty());
                }
            }
            Part::Document(block) => {
                let document = if way == "checked" { block.checked_document()? } else { block.document()? };
                counts.documents += 1;
                for occurrence in document.occurrences() {
                    let occurrence = occurrence?;
                    counts.occurrence(&occurrence);
                    if way == "symbols" && !occurrence.symbol.is_empty() {
                        match Symbol::parse(occurrence.symbol) {
                            Ok(symbol) => counts.base_bytes += symbol.global().map_or(0, |global| global.base_length()),
                            Err(error) => {
                                counts.unparsable += 1;
                                println!("{error}: {}", occurrence.symbol);
                            }
                        }
                    }
                }
                for symbol in document.symbols() {
                    symbol?;
                    counts.symbols += 1;
                }
            }
        }
    }
    Ok(counts)
}
