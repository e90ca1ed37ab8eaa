//! Files over 4 GiB. They are sparse: nothing of that size is written or read.

use std::io::{Read, Seek, SeekFrom, Write};

use scip_index::{IndexReader, Part, ReadError};

use crate::encode::{Encoder, document};

/// Counts what is really read.
struct Counted<R> {
    input: R,
    read: u64,
}

impl<R: Read> Read for Counted<R> {
    fn read(&mut self, into: &mut [u8]) -> std::io::Result<usize> {
        let came = self.input.read(into)?;
        self.read += came as u64;
        Ok(came)
    }
}

impl<R: Seek> Seek for Counted<R> {
    fn seek(&mut self, to: SeekFrom) -> std::io::Result<u64> {
        self.input.seek(to)
    }
}

const HOLE: u64 = 4608 << 20;

#[test]
fn a_field_of_4_5_gib_is_passed_without_reading_it() {
    let mut file = tempfile::tempfile().unwrap();
    let first = Encoder::new().message(2, &document("first", &[], &[])).tag(77, 2).number(HOLE);
    file.write_all(&first.0).unwrap();
    let behind = first.0.len() as u64 + HOLE;
    // A document that announces more than its limit, and a whole one.
    let large = Encoder::new().tag(2, 2).number(HOLE);
    let last = Encoder::new().message(2, &document("last", &[], &[]));
    file.seek(SeekFrom::Start(behind)).unwrap();
    file.write_all(&large.0).unwrap();
    let place = behind + large.0.len() as u64 + HOLE;
    file.seek(SeekFrom::Start(place)).unwrap();
    file.write_all(&last.0).unwrap();

    let mut reader = IndexReader::new(Counted { input: &mut file, read: 0 }).unwrap();
    let Some(Part::Document(block)) = reader.next_part().unwrap() else { panic!() };
    assert_eq!(block.document().unwrap().relative_path, "first");
    let Some(Part::Damaged(damage)) = reader.next_part().unwrap() else { panic!() };
    assert_eq!((damage.offset, damage.end), (behind, place));
    let Some(Part::Document(block)) = reader.next_part().unwrap() else { panic!() };
    assert_eq!((block.offset(), block.document().unwrap().relative_path), (place, "last"));
    assert!(reader.next_part().unwrap().is_none());

    reader.resume(place).unwrap();
    assert!(matches!(reader.next_part().unwrap(), Some(Part::Document(_))));
    assert!(reader.into_inner().read < 4 << 20);
}

#[test]
fn a_length_of_the_sky_gets_no_memory() {
    let bytes = Encoder::new().tag(2, 2).number(u64::MAX - 1).raw(b"abc").0;
    let mut reader = IndexReader::new(std::io::Cursor::new(bytes)).unwrap();
    let error = reader.next_part().unwrap_err();
    assert!(matches!(error, ReadError::Truncated { offset: 0, left: 3, .. }), "{error}");
}

#[test]
fn a_document_larger_than_the_window_comes_whole_and_the_next_one_too() {
    let text = "x".repeat(3 << 20);
    let bytes = Encoder::new()
        .message(2, &document("large", &[], &[]).text(5, &text))
        .message(2, &document("small", &[], &[]))
        .0;
    let mut reader = IndexReader::new(std::io::Cursor::new(bytes)).unwrap();
    let Some(Part::Document(block)) = reader.next_part().unwrap() else { panic!() };
    assert_eq!(block.document().unwrap().text.0, text.as_bytes());
    let Some(Part::Document(block)) = reader.next_part().unwrap() else { panic!() };
    assert_eq!(block.document().unwrap().relative_path, "small");
}
