//! Writes first inputs for the targets into `corpus`, made of the fixtures of the tests.

use std::{env, error::Error, fs, path::Path};

use heavy_compute::syntax::Grammar;
use heavy_compute_fuzz::{LAYOUTS, SEPARATOR, read};

#[path = "../../activities/heavy-compute/tests/syntax_invariants/mod.rs"]
#[allow(dead_code, reason = "the order of the grammars is what is needed")]
mod syntax_invariants;

#[path = "../../activities/scip/tests/scip/encode.rs"]
#[allow(dead_code, reason = "a part of it is what is needed")]
mod encode;

const SYMBOLS: [&str; 7] = [
    "scip-typescript npm @scope/pkg 1.2.0 src/`a.ts`/Foo#bar().",
    "scip-python python shop 0 `shop.till`/Till#total().(self)",
    "scip-go gomod example.org/m . `example.org/m/sub`/T#M(+1).",
    "rust-analyzer cargo a  b 0.1 m/impl#[T][`Fn(A)`]f().[X]",
    "s . . . a/b.`c``d`:e!",
    "local 7(text)",
    "local a_$+-1",
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
        other => return Err(format!("there is no target {other}").into()),
    }
    Ok(())
}
