//! Writes first inputs for the targets into `corpus`, made of the fixtures of the tests.

use std::{env, error::Error, fs, path::Path};

use heavy_compute::syntax::Grammar;
use gantry_fuzz::{LAYOUTS, SEPARATOR, read};
use save_parsing::{Limits, Save, sample::SampleSave};

#[path = "../../activities/heavy-compute/tests/syntax_invariants/mod.rs"]
#[allow(dead_code, reason = "the order of the grammars is what is needed")]
mod syntax_invariants;

#[path = "../../activities/briefing/tests/briefings/saves/mod.rs"]
#[allow(dead_code, reason = "the texts are what is needed")]
mod saves;

#[path = "../../activities/scip/tests/scip/encode.rs"]
#[allow(dead_code, reason = "a part of it is what is needed")]
mod encode;

const EVENTS: [&str; 4] = [
    r#"{"session_id":"s","agent_type":"a","event_type":"error"}"#,
    r#"{"session_id":" s ","agent_type":"codex","event_type":"tool_use","event_id":"e","tokens_in":1e3,"cost_usd":0.5,"metadata":{"b":1.0,"10":[null,"\ud83d\ude00\n"],"b":{}},"client_timestamp":"2026-02-18T18:06:41+01:00"}"#,
    r#"{"session_id":"s","agent_type":"a","event_type":"llm_response","model":"gpt-5","client_timestamp":"Wed, 18 Feb 2026 18:06 GMT","metadata":{"command":"ls","type":[1,2,3],"filler":"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"}}"#,
    r#""{\"session_id\":\"s\",\"agent_type\":\"a\",\"event_type\":\"error\"}""#,
];

const SYMBOLS: [&str; 7] = [
    "scip-typescript npm @scope/pkg 1.2.0 src/`a.ts`/Foo#bar().",
    "scip-python python shop 0 `shop.till`/Till#total().(self)",
    "scip-go gomod example.org/m . `example.org/m/sub`/T#M(+1).",
    "rust-analyzer cargo a  b 0.1 m/impl#[T][`Fn(A)`]f().[X]",
    "s . . . a/b.`c``d`:e!",
    "local 7(text)",
    "local a_$+-1",
];

const SAVES: [&str; 5] = [
    "version=\"v4\"\nplayer=\n{\n\t\n\t{\n\t\tname=\"p\"\n\t\tcountry=1\n\t}\n \n}\n",
    "country=\n{\n\t0=\n\t{\n\t\tname=\"a } \\\" b\"\n\t\tethic=x\n\t\tethic=y\n\t}\n\t1=none\n}\nfleet={ 7={ ships={ 1 2 } } }\n",
    "a={ k=1 2 3 c=rgb { 1 2 3 } d>5 e!=6 f?=7 [[x] k=1 ] @[1 + 2] }\n# } {\nb=@v\n",
    "nebula={ r=1 }\nnebula={ r=2 }\nvariables=\n{\nlong\n=3\n}\na=\nb=1\n",
    "country={ 0={ name=\"a\"\n}\n}\n}\nfleet=\n{\n\t1={ a=\n}\nend=yes\n",
];

const SAVE_QUERIES: [&str; 8] = [
    "country.*[name=a].{name,ethic}",
    "country[0].ethic[*]",
    "fleet.*.ships[0]",
    "*.*[@key>=1]",
    r#"{"op":"get_entry","section":"country","key":"0"}"#,
    r#"{"op":"count_keys","keys":["name","ethic","k"]}"#,
    r#"{"op":"get_duplicate_values","section":"country","key":0,"field":"ethic"}"#,
    r#"{"op":"multi","ops":[{"op":"contains_kv","pairs":[["name","a"]]},{"op":"get_entry_text","section":"country","key":"1"}]}"#,
];

/// Files that import each other, in the order of the layouts.
const PROJECTS: [[&str; 3]; 3] = [
    [
        "export function f() {}\nexport class C { m() { return this.n(); } n() {} }\nexport interface I { m(): void }\n",
        "import { f, C, I } from './a';\nexport class D extends C implements I { m() { f(); super.m(); } }\nexport * from './a';\nexport { f as g } from './c';\n",
        "const { f } = require('./a');\nconst all = require('./b');\nmodule.exports = { f, h() { f(); new all.D().n(); } };\nimport('lodash/map');\n",
    ],
    [
        "from .a import A as B, f\nfrom . import b\nimport os.path\n",
        "from .b import *\nclass A:\n    def m(self):\n        return self.n()\n    @classmethod\n    def n(cls) -> 'A': ...\ndef f(): ...\n",
        "import pkg\nfrom ..pkg.a import A, f\nclass B(A):\n    def m(self, a: A):\n        super().m()\n        a.n()\n        pkg.f()\n",
    ],
    [
        "package p\nimport (\"fmt\"; s \"example.org/m/sub\")\ntype T struct { U; A int }\nfunc (t *T) M() { t.N(); fmt.Println(s.F()) }\n",
        "package p\ntype U struct{}\ntype I interface { M() }\nfunc (u U) N() I { return &T{} }\n",
        "package p_test\nimport . \"p\"\nfunc TestT() { var t T; t.M(); t.A = 1 }\n",
    ],
];

/// Lines of sessions of both agents that write lines, with what the rules take out.
const SESSION_LINES: [&str; 6] = [
    r#"{"type":"user","timestamp":"2026-02-15T10:00:00Z","cwd":"/w/p","message":{"content":"a \ud83d\ude00 1234-abc"}}"#,
    r#"{"type":"assistant","message":{"content":[{"type":"text","text":"x"},{"type":"tool_use","id":"t","name":"n","input":{"api_key":"k"}}]}}"#,
    r#"{"type":"user","message":{"content":[{"type":"tool_result","tool_use_id":"t","content":[{"type":"text","text":"\"password\":\"x\""}]}]}}"#,
    r#"{"type":"session_meta","payload":{"id":"0199a213-81c0-7800-8aa1-bbab2a035a53","cwd":"/w/p","git":{"branch":"b"}}}"#,
    r#"{"type":"response_item","payload":{"type":"function_call","name":"n","arguments":"{\"own\":\"x\",\"n\":1e400}","call_id":"c"}}"#,
    r#"{"type":"response_item","payload":{"type":"function_call_output","output":"{\"output\":\"-----BEGIN PRIVATE KEY----- x\"}"}}"#,
];

const GEMINI_DOCUMENT: &str = r#"{"sessionId":"s","startTime":1771149600,"messages":[{"type":"user","content":"a"},
{"type":"gemini","content":[{"text":"b"}],"toolCalls":[{"id":"c","name":"n","args":{"path":"/x"},"result":[{"functionResponse":{"response":{"output":"o"}}}]}]}]}"#;

const MANIFESTS: [&str; 17] = [
    "{ \"name\": \"root\", \"workspaces\": [\"app\", \"li*\", \"!sub\"] }",
    "{ // all\n \"compilerOptions\": { \"baseUrl\": \".\", \"paths\": { \"@/*\": [\"app/*\"] }, }, \"extends\": [\"./app/tsconfig\"] }",
    "{ \"extends\": \"../tsconfig.json\" }",
    "{ \"name\": \"lib\", \"exports\": { \".\": { \"types\": \"./src/index.ts\" }, \"./deep/*\": [\"./src/*.ts\"] }, \"main\": \"src\" }",
    "module example.org/m\nrequire (\n\tgopkg.in/x.v1 v1.0.0 // indirect\n)\n",
    "module \"example.org/m/sub\"\n",
    "go 1.22\nuse (\n ./sub\n)\n",
    "packages:\n  - 'app/**'\n  - '!lib'\n",
    "{ \"packages\": [\"*\"] }",
    "{}",
    "[workspace]\nmembers = [\"s*\"]\n",
    "[tool.uv.workspace]\nmembers = [\"{a,b}pp\"]\n",
    "<project><modules><module>sub</module></modules><profiles/></project>",
    "include 'app', ':lib:src' // x\n",
    "{}",
    "[package]\nname = \"sub\"\n",
    "include(\"sub\")\n",
];

const BODY: &str = r#"{"id":"0f6b1c1e-7a1d-4c55-9d0e-5a3f7f0c2b11","provider":"claude","started_at":"2026-03-04T05:06:07Z","ended_at":null,"events":[{"role":"user","content_text":"a \ud83e\udd80","timestamp":"2026-03-04T05:06:07+00:00","source_path":"/p","source_offset":0,"item_index":0,"raw_json":"{}"},{"role":"assistant","tool_name":"Bash","tool_call_id":"t","tool_input_json":{"a":[1,{}]},"timestamp":"2026-03-04T05:06:08.5-01:30","source_offset":9}]}"#;

/// A batch without events.
const BODY_GZIP: &[u8] = b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x02\x03\x0d\x8b\xc1\x0a\xc3\x20\x10\x05\xff\x65\xcf\x59\x78\x6b\xa2\x52\xbf\xa3\xa7\x96\x52\x8c\xbb\x42\x2e\x6d\x30\x92\x4b\xe8\xbf\xd7\xe3\x0c\x33\x17\x6d\x4a\x89\x50\xc3\x2a\x45\x8c\x63\x16\xe5\xa5\x78\xcf\x37\x85\xb1\xcf\x73\x8d\x15\xc5\xad\x22\x34\xd1\xde\xbe\xe7\xa6\xd6\xc6\xb1\x0f\x3c\x7a\x6e\xdd\xf4\x9d\xfb\x10\x0e\x2e\x30\x66\xc6\x72\x87\x4f\x08\x09\xf1\x31\x1a\x3b\xed\xd3\x0f\x4a\xcf\xd7\xef\x0f\x09\xe6\xbb\x26\x6c\x00\x00\x00";

/// What an older daemon leaves: a gap, a row that waits, one that was given up, a document.
const OLDER_STATE: &str = "
PRAGMA page_size = 512;
CREATE TABLE file_state (path TEXT PRIMARY KEY, provider TEXT NOT NULL, queued_offset INTEGER NOT NULL DEFAULT 0,
    acked_offset INTEGER NOT NULL DEFAULT 0, session_id TEXT, provider_session_id TEXT, last_updated TEXT NOT NULL);
CREATE TABLE spool_queue (id INTEGER PRIMARY KEY AUTOINCREMENT, provider TEXT NOT NULL, file_path TEXT NOT NULL,
    start_offset INTEGER NOT NULL, end_offset INTEGER NOT NULL, session_id TEXT, created_at TEXT NOT NULL,
    retry_count INTEGER DEFAULT 0, next_retry_at TEXT NOT NULL, last_error TEXT, status TEXT DEFAULT 'pending');
CREATE INDEX idx_spool_status ON spool_queue(status, next_retry_at);
INSERT INTO file_state VALUES ('/a.jsonl', 'claude', 90, 10, 's', 'p', '2026-02-15T10:00:00+00:00'),
    ('/b.json', 'gemini', 1770000000.5, 0, NULL, NULL, '');
INSERT INTO spool_queue (provider, file_path, start_offset, end_offset, created_at, next_retry_at, status)
    VALUES ('claude', '/a.jsonl', 20, 40, '2026', '2026-02-15T10:00:10+00:00', 'pending'), ('codex', '/c.jsonl', 0, 9, '', '', 'dead');
";
const OTLP: &str = r#"{"resourceLogs":[{"resource":{"attributes":[{"key":"service.name","value":{"stringValue":"codex"}}]},
"scopeLogs":[{"logRecords":[{"timeUnixNano":"1771927200123456789","severityText":"ERROR","body":{"stringValue":"{\"a\":1}"},
"attributes":[{"key":"event.name","value":{"stringValue":"codex.tool_result"}},{"key":"session.id","value":{"stringValue":"s"}},
{"key":"arguments","value":{"stringValue":"*** Update File: a\n+b"}},{"key":"input_token_count","value":{"intValue":"5"}}]}]}]}],
"resourceMetrics":[{"scopeMetrics":[{"metrics":[{"name":"claude_code.token.usage","sum":{"aggregationTemporality":2,
"dataPoints":[{"asDouble":5.5,"startTimeUnixNano":"1","attributes":[{"key":"type","value":{"stringValue":"output"}}]}]}}]}]}]}"#;

const BODIES: [&str; 4] = [
    r#"{"session_id":"s","agent_type":"a","event_type":"error","metadata":{"password":"x","n":[1.0,{"b":null}]}}"#,
    r#"{"events":[{"session_id":"s","agent_type":"a","event_type":"tool_use","client_timestamp":"2026-02-24"},5]}"#,
    r#""{\"session_id\":\"s\"}""#,
    "{\"a\":\"\\ud800\",\"b\":1e999}",
];

fn main() -> Result<(), Box<dyn Error>> {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    // `cargo fuzz run` puts an option of the fuzzer before it.
    let target = env::args().skip(1).find(|argument| !argument.starts_with('-')).ok_or("usage: seeds TARGET")?;
    let folder = here.join("corpus").join(&target);
    fs::create_dir_all(&folder)?;
    let write = |name: &str, bytes: &[u8]| fs::write(folder.join(format!("seed-{name}")), bytes);
    let join = |texts: &[&str]| -> Vec<u8> { texts.iter().flat_map(|text| text.bytes().chain([SEPARATOR])).collect() };
    match target.as_str() {
        "syntax" | "facts" => {
            for entry in fs::read_dir(here.join("../activities/heavy-compute/tests/syntax"))? {
                let path = entry?.path();
                let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default().to_owned();
                let Some(grammar) = Grammar::for_path(&name) else { continue };
                let text = fs::read(&path)?;
                if target == "facts" {
                    write(&name, &[&[0], read(&name, &text).0.facts.as_slice()].concat())?;
                } else {
                    let at = syntax_invariants::GRAMMARS.iter().position(|known| *known == grammar);
                    let first = at.and_then(|at| u8::try_from(at).ok()).ok_or("a grammar that is not in the list")?;
                    write(&name, &[&[first], text.as_slice()].concat())?;
                }
            }
        }
        "link" => {
            for (project, first) in PROJECTS.iter().zip(0..) {
                write(
                    LAYOUTS[usize::from(first)][0].split('/').next_back().unwrap_or_default(),
                    &[vec![first], join(project)].concat(),
                )?;
            }
        }
        "manifest" => write("all", &join(&MANIFESTS))?,
        "session_line" => {
            for (first, name) in [(0, "claude"), (1, "codex")] {
                write(name, &[&[first], SESSION_LINES.join("\n").as_bytes(), b"\n"].concat())?;
            }
        }
        "gemini_document" => write("all", GEMINI_DOCUMENT.as_bytes())?,
        "redaction" => {
            for (line, number) in SESSION_LINES.iter().zip(0..) {
                write(&number.to_string(), line.as_bytes())?;
            }
        }
        "ingest_event" => {
            for (event, number) in EVENTS.iter().zip(0_u8..) {
                write(&number.to_string(), &[&[number * 5], event.as_bytes()].concat())?;
            }
        }
        "ingest_batch" => {
            write("batch", format!("{{\"events\":[{}, 7]}}", EVENTS.join(",")).as_bytes())?;
            write("parts", &join(&EVENTS))?;
        }
        "ingest_lines" => write("lines", &[b"\x07\x06", EVENTS.join("\n").as_bytes()].concat())?,
        "ingest_query" => write("keys", b"limit=10&offset=-3&since=2026-02-18T18:06:41%2B01:00&agent_type=a+b&token=%C3%A9%zz")?,
        "import_line" => write("lines", format!("{}\n\n{{\"cut", EVENTS.join("\n")).as_bytes())?,
        "scip_symbol" => {
            for (symbol, number) in SYMBOLS.iter().zip(0..) {
                write(&number.to_string(), symbol.as_bytes())?;
            }
        }
        "scip_index" => {
            let occurrence = encode::occurrence(&[1, 2, 3], SYMBOLS[0], 1).packed(7, &[1, 2, 3, 4]);
            let old = encode::Encoder::new().unpacked(1, &[5, 0, -1, 9]).text(2, SYMBOLS[1]);
            let diagnostic = encode::Encoder::new().varint(1, 2).text(3, "said").packed(5, &[1, 2]);
            let other = encode::Encoder::new().text(1, SYMBOLS[2]).varint(2, 1).varint(3, 1);
            let information = encode::information(SYMBOLS[0]).text(3, "said").message(4, &other).varint(5, 7);
            let signature = encode::Encoder::new().text(4, "go").text(5, "func f()");
            let documents = [
                encode::document("a.ts", &[occurrence.clone(), old], &[information.clone().message(7, &signature)]),
                encode::document("b/c.go", &[occurrence.message(6, &diagnostic)], &[information]).unknown(),
            ];
            write("all", &encode::index(&documents).0)?;
        }
        "ignore_rules" => {
            write(
                "patterns",
                &join(&["*.py\n!/a/c/\n[a-c]/**/d\n\\[x\\]\n", "# no\n/c/\n!build\n", "**/x.ts\n", "new.ts"]),
            )?;
            write("names", &join(&["a/\n", "", "", "[x] !"]))?;
        }
        "ingest_body" => {
            // The first byte chooses the encoding: gzip, zstd, none.
            write("plain", &[b"\x02", BODY.as_bytes()].concat())?;
            write("gzip", &[b"\0", BODY_GZIP].concat())?;
        }
        "shipper_state" => {
            let file = folder.join("seed-older");
            let _ = fs::remove_file(&file);
            // Small pages: a whole database is shorter than the longest input.
            rusqlite::Connection::open(&file)?.execute_batch(OLDER_STATE)?;
            write("none", &[])?;
        }
        "briefing" => {
            for age in saves::AGES {
                // One section each beside a country that is small: a whole save is too long to be changed well.
                let save = Save::from_bytes(saves::text(age).into_bytes(), &Limits::default())?;
                for section in save.sections().filter(|section| section.is_container()) {
                    let name = section.name();
                    let country = if name == "country" { "" } else { "country={ 0={ type=\"default\" owned_fleets={ 110 } } }" };
                    let text = [name.as_bytes(), b"=", section.text(), b"\n", country.as_bytes()].concat();
                    write(&format!("{}-{name}", age.label()), &text)?;
                }
            }
        }
        "save_zip" => {
            let sample = SampleSave { seed: 1, text_bytes: 0 };
            write("sample", &sample.zip())?;
            write("text", b"EU4txt\ndate=1444.11.11\n")?;
        }
        "save_index" | "save_section" => {
            for (number, text) in SAVES.iter().enumerate() {
                write(&number.to_string(), text.as_bytes())?;
            }
        }
        "save_query" => {
            for (number, line) in SAVE_QUERIES.iter().enumerate() {
                for (other, text) in SAVES.iter().enumerate() {
                    write(&format!("{number}-{other}"), format!("{line}\n{text}").as_bytes())?;
                }
            }
        }
        "otlp_logs" | "otlp_metrics" => {
            write("json", OTLP.as_bytes())?;
            // A resource without attributes, and a scope without records, as protocol buffers.
            write("protobuf", &[0x0a, 0x04, 0x0a, 0x00, 0x12, 0x00])?;
        }
        "http_body" => {
            for (body, number) in BODIES.iter().zip(0_u8..) {
                write(&number.to_string(), &[&[0, number], body.as_bytes()].concat())?;
            }
        }
        other => return Err(format!("there is no target {other}").into()),
    }
    Ok(())
}
