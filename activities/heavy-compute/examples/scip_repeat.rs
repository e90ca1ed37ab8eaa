//! Makes a large index of a real one by repetition: each copy has paths and a package of its own.
//!
//! ```text
//! cargo run --release --example scip_repeat -- INDEX COPIES OUT
//! ```
#![allow(clippy::print_stdout, reason = "a program that tells what it made")]

use std::{
    env,
    error::Error,
    fs::File,
    io::{BufWriter, Write},
};

use prost::Message;
use scip_index::{
    IndexReader, Part,
    proto::{Document, Metadata},
};

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = env::args().skip(1);
    let (Some(index), Some(copies), Some(out)) = (arguments.next(), arguments.next(), arguments.next()) else {
        return Err("usage: scip_repeat INDEX COPIES OUT".into());
    };
    let copies: usize = copies.parse()?;
    let mut out = BufWriter::new(File::create(out)?);
    let mut documents = 0;
    for copy in 0..copies {
        let mut reader = IndexReader::new(File::open(&index)?)?;
        while let Some(part) = reader.next_part()? {
            match part {
                Part::Metadata(block) if copy == 0 => write(&mut out, 1, &block.message()? as &Metadata)?,
                Part::Document(block) => {
                    let mut document = block.message()?;
                    rename(&mut document, copy);
                    write(&mut out, 2, &document)?;
                    documents += 1;
                }
                _ => {}
            }
        }
    }
    out.flush()?;
    println!("{documents} documents");
    Ok(())
}

fn write(out: &mut impl Write, field: u8, message: &impl Message) -> Result<(), Box<dyn Error>> {
    out.write_all(&[field << 3 | 2])?;
    out.write_all(&message.encode_length_delimited_to_vec())?;
    Ok(())
}

fn rename(document: &mut Document, copy: usize) {
    let symbol = |text: &mut String| {
        // The third of the fields is the package.
        let fields: Vec<&str> = text.splitn(4, ' ').collect();
        if let [scheme, manager, package, rest] = fields[..]
            && !text.starts_with("local ")
        {
            *text = format!("{scheme} {manager} {package}{copy} {rest}");
        }
    };
    document.relative_path = format!("copy{copy}/{}", document.relative_path);
    for occurrence in &mut document.occurrences {
        symbol(&mut occurrence.symbol);
    }
    for information in &mut document.symbols {
        symbol(&mut information.symbol);
        for relationship in &mut information.relationships {
            symbol(&mut relationship.symbol);
        }
    }
}
