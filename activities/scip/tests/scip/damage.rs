//! What cannot be read is told with its place, and the rest is kept.

use std::io::{self, Cursor, Read, Seek, SeekFrom};

use scip_index::wire::WireFault;
use scip_index::{IndexReader, Limits, Part, ReadError};

use crate::encode::{Encoder, document, index, information, occurrence};

/// Paths of the documents that can be read whole, faults of those that cannot, and how it ended.
fn walk(input: impl Read + Seek, limits: Limits) -> (Vec<String>, Vec<WireFault>, Option<ReadError>) {
    let mut reader = IndexReader::with_limits(input, limits).unwrap();
    let (mut paths, mut faults) = (Vec::new(), Vec::new());
    loop {
        match reader.next_part() {
            Ok(None) => return (paths, faults, None),
            Ok(Some(Part::Document(block))) => match block.checked_document() {
                Ok(view) => paths.push(view.relative_path.to_owned()),
                Err(damage) => faults.push(damage.error.fault),
            },
            Ok(Some(Part::Damaged(damage))) => faults.push(damage.error.fault),
            Ok(Some(_)) => {}
            Err(error) => {
                assert!(reader.next_part().unwrap().is_none(), "nothing comes after an error");
                return (paths, faults, Some(error));
            }
        }
    }
}

fn read(bytes: &[u8]) -> (Vec<String>, Vec<WireFault>, Option<ReadError>) {
    walk(Cursor::new(bytes), Limits::default())
}

fn sample() -> (Vec<u8>, Vec<usize>) {
    let documents: Vec<_> = (0..3)
        .map(|number| {
            let occurrence = occurrence(&[1, 2, 3], "s m p v `a b`/f().", 1).packed(7, &[1, 0, 400, 1]).unknown();
            document(&format!("file{number}"), &[occurrence], &[information("s m p v f().").text(3, "text")]).unknown()
        })
        .collect();
    let mut ends = Vec::new();
    let mut out = Encoder::new().message(1, &Encoder::new().text(3, "file:///x"));
    for document in &documents {
        out = out.unknown().message(2, document);
        ends.push(out.0.len());
    }
    (out.unknown().0, ends)
}

#[test]
fn a_cut_index_gives_each_document_before_the_cut() {
    let (bytes, ends) = sample();
    for cut in 0..bytes.len() {
        let (paths, faults, error) = read(&bytes[..cut]);
        assert_eq!(paths.len(), ends.iter().filter(|&&end| end <= cut).count(), "cut at {cut}");
        assert!(faults.is_empty());
        if let Some(error) = error {
            assert!(matches!(error, ReadError::Truncated { .. }), "{error}");
            assert!(error.offset() < cut as u64);
            assert!(ends.iter().filter(|&&end| end <= cut).all(|&end| end as u64 <= error.offset()));
        }
    }
}

#[test]
fn any_byte_may_be_wrong_without_harm() {
    let (bytes, _) = sample();
    for at in 0..bytes.len() {
        for value in [0x00, 0x07, 0x0b, 0x0c, 0x7f, 0x80, 0xff] {
            let mut damaged = bytes.clone();
            damaged[at] = value;
            let (paths, ..) = read(&damaged);
            assert!(paths.len() <= 3);
        }
    }
}

#[test]
fn a_broken_document_is_left_out_and_told() {
    let broken = Encoder::new().text(1, "bad").bytes(2, &[0x0a, 0x7f]);
    let bytes = index(&[document("a", &[], &[]), broken, document("b", &[], &[])]).0;
    let (paths, faults, error) = read(&bytes);
    assert_eq!(paths, ["a", "b"]);
    assert_eq!(faults, [WireFault::CutOff { needed: 0x7f, left: 0 }]);
    assert!(error.is_none());

    let mut reader = IndexReader::new(Cursor::new(&bytes)).unwrap();
    while let Some(part) = reader.next_part().unwrap() {
        if let Part::Document(block) = part
            && let Err(damage) = block.checked_document()
        {
            // Tag, length, path (5), tag and length of the occurrence, tag and length of the range.
            assert_eq!(damage.error.offset, damage.offset + 2 + 5 + 2 + 2);
            assert_eq!((damage.offset, damage.end), (block.offset(), block.end()));
            assert!(damage.to_string().contains("127 bytes are announced and 0 are left"), "{damage}");
        }
    }
}

#[test]
fn every_fault_of_the_encoding_has_a_name() {
    let deep = (0..101).fold(Encoder::new(), |out, _| out.tag(50, 3));
    let cases: Vec<(Encoder, WireFault)> = vec![
        (Encoder::new().tag(7, 0).raw(&[0xff; 10]), WireFault::VarintTooLong),
        (Encoder::new().tag(7, 0).raw(&[0xff; 9]).raw(&[0x02]), WireFault::VarintTooLong),
        (Encoder::new().tag(7, 0).raw(&[0xff]), WireFault::CutOff { needed: 1, left: 0 }),
        (Encoder::new().tag(7, 1).raw(&[0; 7]), WireFault::CutOff { needed: 8, left: 7 }),
        (Encoder::new().tag(7, 5).raw(&[0; 3]), WireFault::CutOff { needed: 4, left: 3 }),
        (Encoder::new().tag(7, 2).number(u64::MAX), WireFault::CutOff { needed: u64::MAX, left: 0 }),
        (Encoder::new().raw(&[0x00, 0x00]), WireFault::FieldNumber(0)),
        (Encoder::new().number(1 << 32), WireFault::FieldNumber(1 << 29)),
        (Encoder::new().tag(7, 6), WireFault::WireType(6)),
        (Encoder::new().tag(7, 7), WireFault::WireType(7)),
        (Encoder::new().varint(1, 5), WireFault::FieldType { field: 1 }),
        (Encoder::new().varint(2, 5), WireFault::FieldType { field: 2 }),
        (Encoder::new().text(6, "x"), WireFault::FieldType { field: 6 }),
        (Encoder::new().tag(7, 4), WireFault::GroupEnd(7)),
        (Encoder::new().tag(7, 3).tag(8, 4), WireFault::GroupEnd(8)),
        (Encoder::new().tag(7, 3), WireFault::CutOff { needed: 1, left: 0 }),
        (deep, WireFault::GroupDepth),
        (Encoder::new().bytes(1, &[0xc0]), WireFault::NotUtf8 { field: 1 }),
    ];
    for (broken, fault) in cases {
        let bytes = index(&[broken.clone(), document("whole", &[], &[])]).0;
        let (paths, faults, error) = read(&bytes);
        assert_eq!((paths, faults), (vec!["whole".to_owned()], vec![fault.clone()]), "{broken:?}");
        assert!(error.is_none());

        // The same at the top: what can be passed is passed, the rest of the file is lost otherwise.
        let top = Encoder::new().message(2, &document("whole", &[], &[])).raw(&broken.0).0;
        let (paths, _, error) = read(&top);
        assert_eq!(paths, ["whole"], "{broken:?}");
        match (fault, error) {
            (WireFault::CutOff { .. }, Some(ReadError::Truncated { offset, .. })) => assert_eq!(offset, 9),
            (WireFault::FieldType { .. } | WireFault::NotUtf8 { .. }, None) => {}
            (fault, Some(ReadError::Lost { offset, error })) => assert_eq!((offset, error.fault), (9, fault)),
            other => panic!("{other:?}"),
        }
    }
}

#[test]
fn a_part_over_the_limit_is_told_and_the_next_one_read() {
    let large = document("large", &[occurrence(&[0, 0, 1], &"x".repeat(300), 0)], &[]);
    let bytes = index(&[document("a", &[], &[]), large, document("b", &[], &[])]).0;
    let (paths, faults, error) = walk(Cursor::new(&bytes), Limits { part_bytes: 200 });
    assert_eq!(paths, ["a", "b"]);
    assert_eq!(faults, [WireFault::TooLarge { limit: 200 }]);
    assert!(error.is_none());
}

/// Gives one byte at a time, and breaks where told.
struct Trickle {
    bytes: Cursor<Vec<u8>>,
    fails_at: u64,
}

impl Read for Trickle {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        if self.bytes.position() >= self.fails_at {
            return Err(io::Error::other("no more"));
        }
        let length = into.len().min(1);
        self.bytes.read(&mut into[..length])
    }
}

impl Seek for Trickle {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        self.bytes.seek(to)
    }
}

#[test]
fn the_size_of_reads_does_not_matter() {
    let (bytes, ends) = sample();
    let slow = Trickle { bytes: Cursor::new(bytes), fails_at: u64::MAX };
    assert_eq!(walk(slow, Limits::default()).0.len(), ends.len());
}

#[test]
fn a_failing_disk_is_told_with_its_place() {
    let (bytes, ends) = sample();
    let fails_at = ends[0] as u64 + 20;
    let (paths, _, error) = walk(Trickle { bytes: Cursor::new(bytes), fails_at }, Limits::default());
    assert_eq!(paths, ["file0"]);
    assert!(matches!(error, Some(ReadError::Io { offset, .. }) if offset >= fails_at), "{error:?}");
}
