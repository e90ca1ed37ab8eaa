//! Saves made for one test.

use save_parsing::{Limits, Operation, Save, SaveError, Scalars, Schema};
use serde_json::Value as Json;

pub(crate) const V1: Schema = Schema::V1;
pub(crate) const V2: Schema = Schema::V2(Scalars::Text);

pub(crate) fn save(text: impl Into<Vec<u8>>) -> Save {
    Save::from_bytes(text.into(), &Limits::default()).unwrap()
}

/// The answer to one request, as text.
pub(crate) fn answer(save: &Save, schema: Schema, request: &Json) -> Result<String, SaveError> {
    let operation: Operation = serde_json::from_value(request.clone()).unwrap();
    let mut out = Vec::new();
    operation.answer(save, schema, &mut out)?;
    Ok(format!("{{{}}}", String::from_utf8(out).unwrap()))
}

pub(crate) fn json(save: &Save, schema: Schema, request: &Json) -> Json {
    serde_json::from_str(&answer(save, schema, request).unwrap()).unwrap()
}

/// The JSON text of what `text` holds as the value of a section.
pub(crate) fn section(schema: Schema, value: impl AsRef<[u8]>) -> String {
    let mut text = b"section=".to_vec();
    text.extend_from_slice(value.as_ref());
    text.push(b'\n');
    let save = save(text);
    let mut out = Vec::new();
    save.section("section").unwrap().write(schema, &mut out).unwrap();
    String::from_utf8(out).unwrap()
}

/// What the meta entry would say: the whole text as one object.
pub(crate) fn stream(save: &Save, name: &str, schema: Schema) -> Vec<String> {
    let mut entries = save.iter_section(name, false, schema).unwrap();
    let mut all = Vec::new();
    loop {
        let mut out = Vec::new();
        if !entries.write_next(&mut out).unwrap() {
            return all;
        }
        all.push(String::from_utf8(out).unwrap());
    }
}

/// An entry of a zip file; `declared` and `crc` replace what is true.
#[derive(Default, Clone)]
pub(crate) struct ZipEntry {
    pub(crate) name: &'static str,
    pub(crate) text: Vec<u8>,
    pub(crate) declared: Option<u32>,
    pub(crate) crc: Option<u32>,
    pub(crate) stored: bool,
}

pub(crate) fn entry(name: &'static str, text: impl Into<Vec<u8>>) -> ZipEntry {
    ZipEntry { name, text: text.into(), ..ZipEntry::default() }
}

pub(crate) fn zip(entries: &[ZipEntry]) -> Vec<u8> {
    let (mut file, mut directory) = (Vec::new(), Vec::new());
    for entry in entries {
        let mut packed = entry.text.clone();
        if !entry.stored {
            let mut compressor = libdeflater::Compressor::new(libdeflater::CompressionLvl::default());
            packed = vec![0; compressor.deflate_compress_bound(entry.text.len())];
            let written = compressor.deflate_compress(&entry.text, &mut packed).unwrap();
            packed.truncate(written);
        }
        let offset = file.len();
        let mut common = Vec::new();
        common.extend(20u16.to_le_bytes());
        common.extend(0u16.to_le_bytes());
        common.extend(if entry.stored { 0u16 } else { 8 }.to_le_bytes());
        common.extend([0; 4]);
        common.extend(entry.crc.unwrap_or(libdeflater::crc32(&entry.text)).to_le_bytes());
        common.extend(u32::try_from(packed.len()).unwrap().to_le_bytes());
        common.extend(entry.declared.unwrap_or(u32::try_from(entry.text.len()).unwrap()).to_le_bytes());
        common.extend(u16::try_from(entry.name.len()).unwrap().to_le_bytes());
        common.extend(0u16.to_le_bytes());
        file.extend(b"PK\x03\x04");
        file.extend(&common);
        file.extend(entry.name.as_bytes());
        file.extend(packed);
        directory.extend(b"PK\x01\x02\x14\x00");
        directory.extend(common);
        directory.extend([0; 10]);
        directory.extend(u32::try_from(offset).unwrap().to_le_bytes());
        directory.extend(entry.name.as_bytes());
    }
    let count = u16::try_from(entries.len()).unwrap().to_le_bytes();
    let (at, len) = (file.len(), directory.len());
    file.extend(directory);
    file.extend(b"PK\x05\x06\0\0\0\0");
    file.extend(count);
    file.extend(count);
    file.extend(u32::try_from(len).unwrap().to_le_bytes());
    file.extend(u32::try_from(at).unwrap().to_le_bytes());
    file.extend([0; 2]);
    file
}
