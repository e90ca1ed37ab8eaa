//! The first line as a request or a path, the rest as the save that it asks.
#![no_main]

use libfuzzer_sys::fuzz_target;
use save_parsing::{Flow, Limits, Operation, Query, QueryLimits, Save, Schema};

fuzz_target!(|input: &[u8]| {
    let at = input.iter().position(|byte| *byte == b'\n').unwrap_or(input.len());
    let (line, text) = input.split_at(at);
    let Ok(save) = Save::from_bytes(text.to_vec(), &Limits::default()) else { return };
    if let Ok(operation) = serde_json::from_slice::<Operation>(line) {
        let mut out = b"{".to_vec();
        if operation.answer(&save, Schema::V1, &mut out).is_ok() {
            out.push(b'}');
            serde_json::from_slice::<serde_json::Value>(&out).expect("it is JSON");
        }
    }
    let Ok(query) = std::str::from_utf8(line).map_err(|_| ()).and_then(|path| Query::parse(path).map_err(|_| ()))
    else {
        return;
    };
    let limits = QueryLimits { results: 1000, bytes: 1 << 20 };
    let _ = query.run(&save, Schema::V1, &limits, &mut |path, value| {
        // Where a result stands is a path itself, and leads to what was found.
        assert!(Query::parse(path).is_ok() || path.len() > 4096 || path.contains("\"\""), "{path}");
        serde_json::from_slice::<serde_json::Value>(value).expect("it is JSON");
        Flow::Continue(())
    });
});
