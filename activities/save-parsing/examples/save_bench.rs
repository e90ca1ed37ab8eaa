//! What a save costs to open and to ask, beside what no reader can avoid: `save_bench SAVE...`.
#![allow(clippy::print_stdout, reason = "a program for a terminal")]

use std::{
    hint::black_box,
    path::Path,
    time::{Duration, Instant},
};

use jomini::text::TokenReader;
use save_parsing::{BufferPool, Limits, Operation, Save, SaveError, Schema};

/// Best of this many.
const RUNS: u32 = 9;

/// What a step took by the clock and of the processor; they differ on a machine that others use.
#[derive(Debug, Clone, Copy)]
struct Took {
    wall: Duration,
    cpu: Duration,
}

fn cpu() -> Duration {
    let time = rustix::time::clock_gettime(rustix::time::ClockId::ThreadCPUTime);
    Duration::try_from(time).unwrap_or_default()
}

fn once(work: impl FnOnce()) -> Took {
    let (start, before) = (Instant::now(), cpu());
    work();
    Took { cpu: cpu().saturating_sub(before), wall: start.elapsed() }
}

fn best(mut work: impl FnMut()) -> Took {
    (0..RUNS)
        .map(|_| once(&mut work))
        .reduce(|one, other| Took { wall: one.wall.min(other.wall), cpu: one.cpu.min(other.cpu) })
        .unwrap_or_else(|| once(|| {}))
}

fn row(what: &str, took: Took, floor: Took) {
    let ms = |time: Duration| time.as_secs_f64() * 1e3;
    println!("| {what} | {:.3} | {:.3} | {:.2} |", ms(took.wall), ms(took.cpu), ms(took.cpu) / ms(floor.cpu));
}

fn peak_mb() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find(|line| line.starts_with("VmHWM"))?;
    Some(line.split_whitespace().nth(1)?.parse::<u64>().ok()? / 1024)
}

fn ask(save: &Save, request: &str, out: &mut Vec<u8>) {
    let operation: Operation = serde_json::from_str(request).unwrap_or(Operation::Multi { ops: Vec::new() });
    out.clear();
    if let Err(error) = operation.answer(save, Schema::V1, out) {
        println!("{request}: {error}");
    }
}

fn iterate(save: &Save, section: &str, out: &mut Vec<u8>) -> Result<usize, SaveError> {
    let mut stream = save.iter_section(section, false, Schema::V1)?;
    let mut entries = 0;
    out.clear();
    while stream.write_next(out)? {
        entries += 1;
    }
    Ok(entries)
}

/// Only what nobody who reads the zip file can do without.
fn inflate(path: &Path) -> Option<Took> {
    let file = std::fs::read(path).unwrap_or_default();
    let archive = rawzip::ZipArchive::from_slice(file.as_slice()).ok()?;
    let mut entries = archive.entries();
    while let Ok(Some(entry)) = entries.next_entry() {
        if entry.file_path().as_ref() != b"gamestate" {
            continue;
        }
        let size = usize::try_from(entry.uncompressed_size_hint()).unwrap_or(0);
        let Ok(packed) = archive.get_entry(entry.wayfinder()) else { break };
        let mut text = vec![0; size];
        return Some(best(|| {
            let written = libdeflater::Decompressor::new().deflate_decompress(packed.data(), &mut text);
            black_box(written.is_ok());
        }));
    }
    None
}

fn measure(path: &Path) -> Result<(), SaveError> {
    let limits = Limits::default();
    let (start, before) = (Instant::now(), cpu());
    let save = Save::open(path, &limits)?;
    let mut out = Vec::new();
    ask(&save, r#"{"op":"extract_sections","sections":["meta","player"]}"#, &mut out);
    let first = Took { cpu: cpu().saturating_sub(before), wall: start.elapsed() };
    let first_peak = peak_mb();
    println!("\n{} ({} bytes of text)", path.display(), save.text().len());
    println!("| step | ms | ms of processor | of one pass of memchr3 |\n|---|---|---|---|");
    let text = save.text();
    let floor = best(|| {
        black_box(memchr::memchr3_iter(b'{', b'}', b'"', text).count());
    });
    row("memchr3 of braces and quote", floor, floor);
    row("start to first answer, cold", first, floor);
    let pool = BufferPool::default();
    let mut kept = None;
    row(
        "start to first answer, memory used again",
        best(|| {
            kept = None;
            kept = Save::open_with(path, &limits, &pool).ok();
        }),
        floor,
    );
    drop(kept);
    row(
        "TokenReader of jomini, all tokens",
        best(|| {
            let mut reader = TokenReader::from_slice(text);
            let mut tokens = 0u64;
            while let Ok(Some(_)) = reader.next() {
                tokens += 1;
            }
            black_box(tokens);
        }),
        floor,
    );
    if let Some(took) = inflate(path) {
        row("inflate alone, by libdeflate", took, floor);
    }
    let index = best(|| {
        black_box(save.reindexed());
    });
    row("index of the sections", index, floor);
    for section in ["country", "ships", "planets", "fleet", "leaders"] {
        let fresh = best(|| {
            black_box(save.section(section).map(|section| section.reindexed()));
        });
        row(&format!("index of {section}"), fresh, floor);
        let time = best(|| {
            black_box(iterate(&save, section, &mut out).ok());
        });
        row(&format!("iterate {section} ({} bytes of JSON)", out.len()), time, floor);
        let request = format!(r#"{{"op":"extract_sections","sections":["{section}"]}}"#);
        let time = best(|| ask(&save, &request, &mut out));
        row(&format!("extract {section}"), time, floor);
    }
    let countries = save.section("country").map(|section| section.entries()).transpose()?.into_iter().flatten();
    let biggest = countries.max_by_key(|entry| entry.value_text().len()).and_then(|entry| entry.key());
    let key = biggest.map(|key| key.text().into_owned()).unwrap_or_default();
    let mut player = String::new();
    let path = save_parsing::Query::parse("player[0].country")?;
    path.run(&save, Schema::V1, &save_parsing::QueryLimits::default(), &mut |_, value| {
        player = String::from_utf8_lossy(value).trim_matches('"').to_owned();
        save_parsing::Flow::Break(())
    })?;
    if let Some(entry) = save.entry("country", &player)? {
        let mut once = Vec::new();
        let time = best(|| {
            once.clear();
            black_box(entry.write(Schema::V1, &mut once).is_ok());
        });
        row(&format!("the player written anew ({} bytes)", once.len()), time, floor);
    }
    for (what, request) in [
        ("get_entry of the biggest country", format!(r#"{{"op":"get_entry","section":"country","key":"{key}"}}"#)),
        ("get_entry of the player", format!(r#"{{"op":"get_entry","section":"country","key":"{player}"}}"#)),
        ("get_entry_text of the player", format!(r#"{{"op":"get_entry_text","section":"country","key":"{player}"}}"#)),
        ("get_entry of a ship", r#"{"op":"get_entry","section":"ships","key":"0"}"#.to_owned()),
        ("get_entry_text", format!(r#"{{"op":"get_entry_text","section":"country","key":"{key}"}}"#)),
        (
            "get_duplicate_values",
            format!(r#"{{"op":"get_duplicate_values","section":"country","key":"{key}","field":"technology"}}"#),
        ),
        ("get_country_summaries", r#"{"op":"get_country_summaries","fields":["name","type"]}"#.to_owned()),
        ("count_keys, 3 keys", r#"{"op":"count_keys","keys":["name","trait","battles"]}"#.to_owned()),
        ("contains_tokens, absent", r#"{"op":"contains_tokens","tokens":["zqzqzq"]}"#.to_owned()),
        (
            "contains_tokens, 8 absent or late",
            r#"{"op":"contains_tokens","tokens":["war_in_heaven_x","great_khan_x","lgate_x","prethoryn_x","contingency_x","extradim_x","marauder_x","wraith_x"]}"#.to_owned(),
        ),
        ("contains_kv, absent", r#"{"op":"contains_kv","pairs":[["name","zqzqzq"]]}"#.to_owned()),
        ("multi, empty", r#"{"op":"multi","ops":[]}"#.to_owned()),
    ] {
        let time = best(|| ask(&save, &request, &mut out));
        row(&format!("{what} ({} bytes)", out.len()), time, floor);
    }
    row(
        "inspect",
        best(|| {
            black_box(save.inspect());
        }),
        floor,
    );
    println!("peak memory: {first_peak:?} MB at the first answer, {:?} MB in the end", peak_mb());
    Ok(())
}

fn main() {
    for path in std::env::args_os().skip(1) {
        if let Err(error) = measure(Path::new(&path)) {
            println!("{error}");
        }
    }
}
