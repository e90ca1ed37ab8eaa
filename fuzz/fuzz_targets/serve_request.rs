//! Lines of a session: whatever they are, each gets frames of JSON with `ok` first, of which one ends the answer.
#![no_main]

use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;
use save_parsing::{
    Limits, Save, Schema,
    protocol::{Session, Turn},
};
use serde_json::Value;

static SAVE: LazyLock<Save> = LazyLock::new(|| {
    let text = b"meta={ x=y }\na={ 1={ x=y x=z } 2=none { 3 } \"q\\\"\"={ } }\na=7\nlist={ 1 2 }\nopen={ 1={ x=y }\n";
    Save::from_bytes(text.to_vec(), &Limits::default()).expect("it is a text")
});

fuzz_target!(|input: &[u8]| {
    let session = Session::new(&SAVE, Schema::V1);
    for line in input.split(|byte| *byte == b'\n') {
        let mut sent = Vec::new();
        let mut send = |frames: &[u8]| {
            sent.extend_from_slice(frames);
            Ok(())
        };
        let turn = session.answer(line, &mut send).expect("whoever listens is there");
        let mut answering = !line.trim_ascii().is_empty();
        let mut in_stream = false;
        for frame in sent.split_inclusive(|byte| *byte == b'\n') {
            assert!(answering && frame.starts_with(b"{\"ok\":") && frame.ends_with(b"\n"));
            let frame: Value = serde_json::from_slice(frame).expect("it is JSON");
            in_stream |= frame["stream"] == true;
            answering = in_stream && frame["ok"] == true && frame["done"] != true;
            assert_eq!(turn == Turn::Closed, frame["closed"] == true);
        }
        assert!(!answering, "an answer has an end");
        if turn == Turn::Closed {
            return;
        }
    }
});
