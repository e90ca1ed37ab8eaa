//! What holds for every input: no panic, unique keys, valid indexes, signatures that formatting cannot move, no
//! dependence on the depth of the input, and an end when cancelled.

#![allow(clippy::unwrap_used, reason = "helpers of tests fail as tests do")]

mod syntax_invariants;

use std::cell::Cell;

use heavy_compute::syntax::{Error, FileSyntax, Grammar, Options, extract};
use proptest::prelude::*;
use syntax_invariants::{GRAMMARS, check, extracted};

/// The grammars that a query reads.
fn tagged() -> impl Iterator<Item = Grammar> {
    GRAMMARS.into_iter().skip(4)
}

const TAGGED_TOKENS: &[&str] = &[
    "a",
    "B",
    "fn",
    "def",
    "self",
    "this",
    "impl",
    "for",
    "struct",
    "class",
    "interface",
    "enum",
    "trait",
    "mod",
    "module",
    "namespace",
    "template",
    "typedef",
    "using",
    "operator",
    "function",
    "public",
    "private",
    "static",
    "const",
    "extern \"C\"",
    "record",
    "abstract",
    "async",
    "void",
    "int",
    "char",
    "if",
    "while",
    "match",
    "switch",
    "case",
    "default",
    "end",
    "do",
    "begin",
    "return",
    "new",
    "union",
    "macro_rules!",
    "#define",
    "#[a]",
    "@A",
    "attr_reader :a",
    "private :a",
    "<?php",
    "?>",
    "::",
    "->",
    "=>",
    "(",
    ")",
    "{",
    "}",
    "[",
    "]",
    "<",
    ">",
    "*",
    "&",
    "&&",
    "=",
    ";",
    ":",
    ",",
    ".",
    "...",
    "~",
    "$a",
    "\n",
    "/// d\n",
    "/** d */",
    "// c\n",
    "# c\n",
    "\"s\"",
    "1",
    "é",
];

/// Pieces that define the same names over and over, in several of the languages.
const COLLIDING: &[&str] = &[
    "struct A {}",
    "struct A { int x; void f(); A(); };",
    "impl A { fn f(&self) {} const X: u8 = 1; }",
    "impl D for A { fn f(&self) {} type T = u8; }",
    "impl E for A { fn f(&self) { fn f() {} } }",
    "impl A { struct A {} fn f() {} }",
    "impl Z { fn f() {} }",
    "trait A { fn f(&self); }",
    "mod a { fn f() {} struct A {} impl A { fn f(&self) {} } }",
    "mod a;",
    "fn f() {}",
    "macro_rules! f { () => {} }",
    "void f(int a);",
    "void f(int b) {}",
    "static void f(int) {}",
    "void A::f() {}",
    "class A::B { void f() {} };",
    "class B::A { void f() {} };",
    "namespace a { class A { void f(); }; }",
    "namespace a::b { void a::A::f() {} }",
    "namespace { void f() {} }",
    "template <class T> class A { template <class U> void f(); };",
    "typedef struct { int f; } A, B;",
    "typedef struct A { int f; } A;",
    "enum A { X, Y };",
    "int f, (*g)(int), A;",
    "#define f(a) a",
    "class A { void f() {} int f; A() {} }",
    "partial class A { void f() {} }",
    "namespace a;",
    "interface A { void f(); }",
    "class A\n def f; end\n private\n def f(a) = 1\n class << self\n def f; end\n end\nend",
    "module A\n X = 1\n module_function\n def f; end\n private :f\nend",
    "class A::B\n def f; f(1); self.f; A.f; end\nend",
    "function f() { f(); } class A { private $f; function f() { $this->f(); self::f(); } }",
    "f(); A::f(); this.f(); self.f();",
];

const TYPESCRIPT_TOKENS: &[&str] = &[
    "a",
    "b",
    "f",
    "C",
    "exports",
    "module",
    "prototype",
    "this",
    "super",
    "function",
    "class",
    "interface",
    "type",
    "enum",
    "namespace",
    "declare",
    "global",
    "const",
    "let",
    "var",
    "import",
    "export",
    "default",
    "from",
    "async",
    "static",
    "get",
    "set",
    "private",
    "abstract",
    "constructor",
    "new",
    "extends",
    "if",
    "for",
    "of",
    "catch",
    "try",
    "switch",
    "case",
    "return",
    "(",
    ")",
    "{",
    "}",
    "[",
    "]",
    "<",
    ">",
    "=>",
    "=",
    ".",
    "?.",
    ",",
    ";",
    ":",
    "?",
    "!",
    "&&",
    "...",
    "@",
    "#",
    "*",
    "`",
    "${",
    "'s'",
    "\"t\"",
    "/** d */",
    "// c\n",
    "/x/",
    "1",
    "& ",
    "import('x').T",
    "\n",
    "\r\n",
    "\u{feff}",
    "\0",
    "é",
    "😀",
];
const PYTHON_TOKENS: &[&str] = &[
    "a",
    "b",
    "f",
    "C",
    "self",
    "cls",
    "super",
    "__all__",
    "def ",
    "class ",
    "async ",
    "lambda ",
    "global ",
    "nonlocal ",
    "import ",
    "from ",
    "as ",
    "with ",
    "for ",
    " in ",
    "if ",
    "else",
    "try",
    "except ",
    "match ",
    "case ",
    "return ",
    "type ",
    "@",
    "overload",
    "property",
    "staticmethod",
    "(",
    ")",
    "[",
    "]",
    "{",
    "}",
    ":",
    ",",
    ".",
    "=",
    ":=",
    "*",
    "**",
    "->",
    "'s'",
    "\"\"\"d\"\"\"",
    "f'{a}'",
    "# c\n",
    "\n",
    "\n    ",
    "\n        ",
    "\r\n",
    "\\\n",
    "1",
    "\0",
    "é",
    "😀",
];
const GO_TOKENS: &[&str] = &[
    "package p\n",
    "import \"C\"\n",
    "a",
    "b",
    "f",
    "T",
    "_",
    "init",
    "func ",
    "func (",
    "(r *T) ",
    "type ",
    "struct",
    "interface",
    "const ",
    "var ",
    "map",
    "chan ",
    "if ",
    "else ",
    "for ",
    "range ",
    "switch ",
    "select ",
    "case ",
    "default",
    "return ",
    "go ",
    "defer ",
    ".(type)",
    "iota",
    "new",
    "(",
    ")",
    "{",
    "}",
    "[",
    "]",
    ":=",
    "=",
    ":",
    ",",
    ";",
    ".",
    "...",
    "*",
    "&",
    "<-",
    "~",
    "|",
    "&&",
    "\"s\"",
    "`r {`",
    "'c'",
    "// d\n",
    "/* d */",
    "//go:x\n",
    "1",
    "\n",
    "\n\n",
    "\r\n",
    "\u{feff}",
    "\0",
    "é",
    "😀",
];

fn soup(tokens: &'static [&'static str]) -> impl Strategy<Value = String> {
    prop::collection::vec((prop::sample::select(tokens), any::<bool>()), 0..120).prop_map(|parts| {
        parts.into_iter().map(|(token, blank)| if blank { format!("{token} ") } else { token.to_owned() }).collect()
    })
}

/// Definitions that collide on purpose.
fn colliding_typescript() -> impl Strategy<Value = String> {
    let leaf = prop::sample::select(
        &[
            "function f() {}",
            "const f = () => 1;",
            "class C { m() {} get m() {} }",
            "interface I { m(): void }",
            "x({ m() {}, a: { m() {} } });",
            "var v = { m() {} };",
            "exports.f = () => 1;",
            "type T = 1;",
            "enum E { A }",
            "class C { ['m@C']() {} }",
            "x({ 'm@a'() {} });",
        ][..],
    );
    let leaf = leaf.prop_map(str::to_owned);
    leaf.prop_recursive(4, 40, 6, |inner| {
        (
            prop::sample::select(&["function f()", "namespace N", "const f = () =>", ""][..]),
            prop::collection::vec(inner, 1..6),
        )
            .prop_map(|(head, parts)| format!("{head} {{ {} }}\n", parts.join("\n")))
    })
}

/// Declarations that need each other, in any order, and collide.
fn go_declaration() -> impl Strategy<Value = String> {
    let local = prop::sample::select(
        &[
            "type T struct { A int }",
            "type I interface { M() }",
            "x := T{}",
            "var f = func() { f() }",
            "f()",
            "switch x := x.(type) { case T: x.M(); default: f() }",
            "for f := range f() { f() }",
            "{ f := 1; f() }",
        ][..],
    );
    let body = prop::collection::vec(local, 0..5).prop_map(|parts| parts.join("\n"));
    let head = prop::sample::select(
        &[
            "func f()",
            "func init()",
            "func _()",
            "func (t *T) M()",
            "func (t T) M()",
            "func (i I) M()",
            "var f = func()",
        ][..],
    );
    let plain = prop::sample::select(
        &[
            "type T struct { A, B int; I }",
            "type (T struct { *T }; I interface { M(); T })",
            "type T = I",
            "type I interface { M() }",
            "var a, f = f(), 1",
            "const (A = iota; B; _\n)",
        ][..],
    );
    prop_oneof![(head, body).prop_map(|(head, body)| format!("{head} {{\n{body}\n}}")), plain.prop_map(str::to_owned)]
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(200) })]

    #[test]
    fn any_bytes_have_an_answer(source in prop::collection::vec(any::<u8>(), 0..400)) {
        for grammar in GRAMMARS {
            extracted(grammar, &source);
        }
    }

    #[test]
    fn any_order_of_typescript_tokens_has_an_answer(source in soup(TYPESCRIPT_TOKENS)) {
        extracted(Grammar::TypeScript, source.as_bytes());
        extracted(Grammar::Tsx, source.as_bytes());
    }

    #[test]
    fn any_order_of_python_tokens_has_an_answer(source in soup(PYTHON_TOKENS)) {
        extracted(Grammar::Python, source.as_bytes());
    }

    #[test]
    fn any_order_of_go_tokens_has_an_answer(source in soup(GO_TOKENS)) {
        extracted(Grammar::Go, source.as_bytes());
    }

    #[test]
    fn any_order_of_go_declarations_has_an_answer(parts in prop::collection::vec(go_declaration(), 1..8)) {
        let found = extracted(Grammar::Go, format!("package p\n{}", parts.join("\n")).as_bytes());
        prop_assert!(!found.has_errors);
    }

    #[test]
    fn any_order_of_tokens_has_an_answer(source in soup(TAGGED_TOKENS)) {
        for grammar in tagged() {
            extracted(grammar, source.as_bytes());
        }
        extracted(Grammar::Php, format!("<?php {source}").as_bytes());
    }

    #[test]
    fn colliding_items_get_keys_of_their_own(parts in prop::collection::vec(prop::sample::select(COLLIDING), 1..24)) {
        for grammar in tagged() {
            extracted(grammar, parts.join("\n").as_bytes());
        }
        extracted(Grammar::Php, format!("<?php {}", parts.join("\n")).as_bytes());
    }

    #[test]
    fn formatting_does_not_move_signatures(gaps in prop::collection::vec(0..C_GAPS.len(), 16)) {
        let parts = ["const", "char", "*a,", "int", "b,", "struct", "x", "c"];
        for (grammar, head, open, close) in [
            (Grammar::C, "void ", "", " {}"),
            (Grammar::Cpp, "void ", "", " {}"),
        ] {
            let plain = format!("{head}f({open}{}){close}", parts.join(" "));
            let mut noisy = format!("{head}f({open}");
            for (part, gap) in parts.iter().zip(&gaps) {
                noisy.push_str(C_GAPS[*gap]);
                noisy.push_str(part);
            }
            noisy.push_str(C_GAPS[gaps[12]]);
            noisy.push(')');
            noisy.push_str(close);
            prop_assert_eq!(signature(grammar, &plain), signature(grammar, &noisy));
        }
    }

    #[test]
    fn colliding_definitions_get_keys_of_their_own(parts in prop::collection::vec(colliding_typescript(), 1..8)) {
        let source = parts.join("\n");
        let found = extracted(Grammar::TypeScript, source.as_bytes());
        prop_assert!(!found.entities.is_empty());
    }

    #[test]
    fn formatting_does_not_move_typescript_signatures(gaps in prop::collection::vec(0..TYPESCRIPT_GAPS.len(), 24)) {
        let parts = ["a:", "string,", "{ b,", "c = 'x  /* y */ z' }:", "Props =", "{},", "d", "=", "`t  ${1}`,", "...rest:", "A[]"];
        let plain = format!("function f({}) {{}}", parts.join(" "));
        let mut noisy = "function f(".to_owned();
        for (part, gap) in parts.iter().zip(&gaps) {
            noisy.push_str(TYPESCRIPT_GAPS[*gap]);
            noisy.push_str(part);
        }
        noisy.push_str(TYPESCRIPT_GAPS[gaps[20]]);
        noisy.push_str(") {}");
        prop_assert_eq!(signature(Grammar::TypeScript, &plain), signature(Grammar::TypeScript, &noisy));
    }

    #[test]
    fn formatting_does_not_move_python_signatures(gaps in prop::collection::vec(0..PYTHON_GAPS.len(), 16)) {
        let parts = ["self,", "a:", "int", "=", "1,", "*args,", "b='x  # y',", "**rest"];
        let plain = format!("def f({}):\n    pass\n", parts.join(" "));
        let mut noisy = "def f(".to_owned();
        for (part, gap) in parts.iter().zip(&gaps) {
            noisy.push_str(PYTHON_GAPS[*gap]);
            noisy.push_str(part);
        }
        noisy.push_str(PYTHON_GAPS[gaps[10]]);
        noisy.push_str("):\n    pass\n");
        prop_assert_eq!(signature(Grammar::Python, &plain), signature(Grammar::Python, &noisy));
    }

    #[test]
    fn formatting_does_not_move_go_signatures(gaps in prop::collection::vec(0..GO_GAPS.len(), 16)) {
        // A line may end where no semicolon is put in: behind an opening parenthesis, a comma and `func`.
        let parts = ["a, b int,", "f func(string,", "...byte) error,", "m map[[' ']int]chan T,", "args ...any"];
        let plain = format!("package p; func f({}) {{}}", parts.join(" "));
        let mut noisy = "package p; func f(".to_owned();
        for (part, gap) in parts.iter().zip(&gaps) {
            noisy.push_str(GO_GAPS[*gap]);
            noisy.push_str(part);
        }
        noisy.push_str(if gaps[10] % 2 == 0 { ", // last\n) {}" } else { " /* last */) {}" });
        prop_assert_eq!(signature(Grammar::Go, &plain), signature(Grammar::Go, &noisy));
    }
}

const GO_GAPS: &[&str] =
    &[" ", "  ", "\n\t", "\r\n\t\t", " // why, not\n ", " /* a, b */ ", "/* ( */ ", " /* x */ /* y */\n"];
const C_GAPS: &[&str] = &[" ", "  ", "\n    ", "\r\n\t", " // why, not\n ", " /* a, b */ ", " /* x */ /* y */\n"];
const TYPESCRIPT_GAPS: &[&str] =
    &[" ", "  ", "\n    ", "\r\n\t", " // why, not\n ", " /* a, b */ ", "/* ( */ ", "\u{a0} ", " /* x */ /* y */\n"];
const PYTHON_GAPS: &[&str] = &[" ", "   ", "\n    ", "\r\n\t", "  # why, not\n    ", " \\\n  "];

fn signature(grammar: Grammar, source: &str) -> Option<String> {
    let found = extracted(grammar, source.as_bytes());
    assert!(!found.has_errors, "{source}");
    found.entities.first().and_then(|entity| entity.signature.clone())
}

#[test]
fn comments_and_trailing_commas_do_not_reach_a_signature() {
    let plain = signature(Grammar::TypeScript, "function f(a: A, b = 1) {}");
    for source in [
        "function f(a: A, b = 1,) {}",
        "function f(\n  a: A, // first\n  b = 1, // last\n) {}",
        "function f(/* all */ a: A /* first */, b = 1 /* last */) {}",
        "function f(a/* name */: A, /**/b = 1) {}",
    ] {
        assert_eq!(signature(Grammar::TypeScript, source), plain, "{source}");
    }
}

/// Nothing may recurse: each of these is nested far deeper than a stack would bear, and must stay fast.
#[test]
fn depth_does_not_matter() {
    const DEPTH: usize = 100_000;
    let nested = |open: &str, middle: &str, close: &str, depth: usize| {
        format!("{}{middle}{}", open.repeat(depth), close.repeat(depth))
    };
    let typescript = [
        nested("(", "f()", ")", DEPTH),
        nested("[", "f()", "]", DEPTH),
        nested("{", "let a; f()", "}", DEPTH),
        nested("(() => ", "f()", ")", DEPTH),
        nested("function f() {", "f()", "}", 20_000),
        nested("class C { m() {", "this.m()", "}}", 10_000),
        nested("x = { m(a = ", "1", ") {} }", 4_000),
        nested("x({ k: ", "{ m() {} }", "})", 20_000),
        nested("a = {b: ", "f()", "}", 20_000),
        nested("f(`${", "1", "}`)", 20_000),
        nested("import('x').", "f()", "", DEPTH),
        nested("!", "f()", "", DEPTH),
        nested("a.b.", "f()", "", DEPTH),
        nested("@a() ", "class C {}", "", 20_000),
        nested("const [", "a", "] = 1;", 20_000),
        "class C { ".to_owned() + &"@a ".repeat(20_000) + "m() {} }",
        nested("x = { [", "a", "]() {} }", 2_000),
        "f(".repeat(DEPTH),
        "{".repeat(DEPTH),
    ];
    for source in typescript {
        let found =
            extract(Grammar::TypeScript, source.as_bytes(), Options { include_members: true, places: false }, &|| {
                false
            });
        check(&found.unwrap(), source.as_bytes());
    }
    let jsx = nested("<A>", "{f()}", "</A>", 20_000);
    extracted(Grammar::Tsx, jsx.as_bytes());
    let python = [
        nested("(", "f()", ")", DEPTH),
        nested("[", "f()", "]", DEPTH),
        nested("lambda f: ", "f()", "", DEPTH),
        nested("not ", "f()", "", DEPTH),
        nested("f(", "1", ")", DEPTH),
        "@a\n".repeat(DEPTH) + "def f(): pass\n",
        "__all__ = ".repeat(DEPTH) + "['f']\n",
        (0..700).fold(String::new(), |mut source, depth| {
            source.push_str(&" ".repeat(depth));
            source.push_str("def f():\n");
            source
        }),
    ];
    for source in python {
        let found =
            extract(Grammar::Python, source.as_bytes(), Options { include_members: true, places: false }, &|| false);
        check(&found.unwrap(), source.as_bytes());
    }
    let go = [
        nested("(", "f()", ")", DEPTH),
        nested("{", "f := f(); f()", "}", DEPTH),
        nested("func() { f := ", "f()", "}", 20_000),
        nested("if f := f(); f {", "f()", "}", 20_000),
        nested("switch f := f.(type) { default: ", "f()", "}", 20_000),
        nested("struct { T; a ", "int", "}", 20_000),
        nested("func(a ", "int", ")", 20_000),
        nested("*", "T", "", DEPTH),
        nested("[]", "T", "", DEPTH),
        nested("f[", "T", "](1)", 20_000),
        nested("a.b().", "f()", "", DEPTH),
        nested("type T struct { _ [", "1", "]int }", 5_000),
        "f := f()\n".repeat(DEPTH),
        "x, f := f(), x\n".repeat(20_000),
        format!("switch f := f.(type) {{ {} }}", "case T:\nf()\n".repeat(20_000)),
        "}\ntype (\nT struct { T }\n)\n{".repeat(10_000),
        "}\nfunc (t *T) M() { t.M() }\n{".repeat(10_000),
        "}\n// d\n\n// e\nvar (\n// f\na, b, c = 1, 2, 3\n)\n{".repeat(10_000),
        "/**/".repeat(DEPTH),
    ];
    for body in go {
        for source in [format!("package p\nfunc f() {{ {body} }}"), format!("package p\nvar v = {body}"), body] {
            let found =
                extract(Grammar::Go, source.as_bytes(), Options { include_members: true, places: false }, &|| false);
            check(&found.unwrap(), source.as_bytes());
        }
    }
}

/// The same for what a query reads; also many definitions side by side, and many of one name.
#[test]
fn neither_depth_nor_number_matters_to_queries() {
    const DEPTH: usize = 20_000;
    let nested =
        |open: &str, middle: &str, close: &str| format!("{}{middle}{}", open.repeat(DEPTH), close.repeat(DEPTH));
    let numbered = |piece: &str| (0..DEPTH).map(|n| piece.replace('N', &n.to_string())).collect::<String>();
    let sources = [
        (Grammar::Rust, nested("mod a { ", "fn f() {}", "}")),
        (Grammar::Rust, nested("fn f() { ", "f()", "}")),
        (Grammar::Rust, nested("impl A { fn f(&self) { ", "self.f()", "}}")),
        (Grammar::Rust, nested("a(|x| ", "1", ")")),
        (Grammar::Rust, nested("#[a] /// d\n", "struct A;", "")),
        (Grammar::Rust, nested("if a { ", "", "}")),
        (Grammar::Rust, numbered("/// D\n#[a]\npub fn fN(a: u8) { f(N); }\nimpl TN { fn f(&self) {} }\n")),
        (Grammar::Rust, "impl A { fn f(&self) {} }\n".repeat(DEPTH)),
        (Grammar::Rust, "/// d\n".repeat(DEPTH) + &"\n".repeat(DEPTH) + "+ fn f() {}"),
        (Grammar::Java, nested("class A { ", "", "}")),
        (Grammar::Java, nested("class A { void f() { new B() { ", "", "}; } }")),
        (Grammar::Java, nested("@A(", "1", ")")),
        (Grammar::C, nested("int (", "f", ");")),
        (Grammar::C, nested("struct a { ", "int x;", "} a;")),
        (Grammar::C, "int ".to_owned() + &"a, *b, c(int), ".repeat(DEPTH) + "d;"),
        (Grammar::C, numbered("int f(int a);\nint f(int aN) { return f(N); }\n")),
        (Grammar::C, nested("{", "f();", "}")),
        (Grammar::C, nested("#if A\n", "int f;", "\n#endif\n")),
        (Grammar::Cpp, nested("namespace a { ", "int f();", "}")),
        (Grammar::Cpp, nested("template <class T> ", "void f() {}", "")),
        (Grammar::Cpp, numbered("int a::B::fN(int x) { return 1; }\nnamespace nN { class AN { void f(); }; }\n")),
        (Grammar::Cpp, format!("void f({}) {{}}", nested("int a = [](", "int b", "){}"))),
        (Grammar::Cpp, format!("void {}f() {{}}", "a::".repeat(DEPTH))),
        (Grammar::CSharp, nested("class A { ", "void F() {}", "}")),
        (Grammar::CSharp, "namespace a;\n".repeat(DEPTH)),
        (Grammar::CSharp, "partial class A { void F() {} }\n".repeat(DEPTH)),
        (Grammar::Php, "<?php ".to_owned() + &nested("function f() { ", "f();", "}")),
        (Grammar::Php, "<?php ".to_owned() + &nested("$a = function () { ", "f();", "};")),
        (Grammar::Php, "<?php ".to_owned() + &"namespace a; function f() {}\n".repeat(DEPTH)),
        (Grammar::Ruby, nested("module A\n", "def f; end", "\nend\n")),
        (Grammar::Ruby, "class A\n def f; f(1); end\n private :f\nend\n".repeat(DEPTH)),
        (Grammar::Ruby, nested("f(", "1", ")")),
        (Grammar::Ruby, "# c\n".repeat(DEPTH) + "def f; end"),
    ];
    for (grammar, source) in sources {
        let found = extract(grammar, source.as_bytes(), Options { include_members: true, places: false }, &|| false);
        check(&found.unwrap(), source.as_bytes());
    }
}

#[test]
fn cancelling_stops_the_query_as_well() {
    let sources = [
        (Grammar::Rust, "fn f() { g(1, 2, [3]); }\n"),
        (Grammar::Java, "class A { void f() { g(1, 2); } }\n"),
        (Grammar::C, "int f(void) { return g(1, 2); }\n"),
        (Grammar::Ruby, "def f\n g(1, 2)\nend\n"),
    ];
    for (grammar, line) in sources {
        let source = line.repeat(5000);
        let asked = Cell::new(0_u32);
        let count = || {
            asked.set(asked.get() + 1);
            false
        };
        extract(grammar, source.as_bytes(), Options::default(), &count).unwrap();
        let all = asked.get();
        for limit in [0, all / 2, all - 1] {
            asked.set(0);
            let cancelled = || {
                asked.set(asked.get() + 1);
                asked.get() > limit
            };
            let stopped = extract(grammar, source.as_bytes(), Options::default(), &cancelled);
            assert!(matches!(stopped, Err(Error::Cancelled)), "{grammar:?} {limit} of {all}");
            assert_eq!(asked.get(), limit + 1, "asked again after the answer");
        }
    }
}

#[test]
fn cancelling_stops_the_parser_and_leaves_it_usable() {
    let source = "function f() { return g(1, 2, [3]); }\n".repeat(20_000);
    for grammar in GRAMMARS.into_iter().take(3) {
        for limit in [0, 1, 50, 500] {
            let asked = Cell::new(0_u32);
            let cancelled = || {
                asked.set(asked.get() + 1);
                asked.get() > limit
            };
            let stopped = extract(grammar, source.as_bytes(), Options::default(), &cancelled);
            assert!(matches!(stopped, Err(Error::Cancelled)), "{grammar:?} {limit}");
            assert_eq!(asked.get(), limit + 1, "asked again after the answer");
        }
    }
    let after = extracted(Grammar::TypeScript, b"function f() {}");
    assert_eq!(after.entities.len(), 1);
}

#[test]
fn a_cancel_callback_may_extract_something_itself() {
    let nested =
        || extract(Grammar::Python, b"def f(): pass", Options::default(), &|| false).unwrap().entities.is_empty();
    let source = "const a = 1;\n".repeat(1000);
    let found = extract(Grammar::TypeScript, source.as_bytes(), Options::default(), &nested).unwrap();
    assert_eq!(found.entities.len(), 1);
}

#[test]
fn the_extension_chooses_the_grammar() {
    for (path, grammar) in [
        ("a/b.ts", Some(Grammar::TypeScript)),
        ("a/b.d.ts", Some(Grammar::TypeScript)),
        ("a/B.MTS", Some(Grammar::TypeScript)),
        ("b.cts", Some(Grammar::TypeScript)),
        ("b.tsx", Some(Grammar::Tsx)),
        ("b.js", Some(Grammar::Tsx)),
        ("b.cjs", Some(Grammar::Tsx)),
        ("b.pyi", Some(Grammar::Python)),
        ("a.ts/b", None),
        (".ts", None),
        ("b.go", Some(Grammar::Go)),
        ("go.mod", None),
        ("b.rs", Some(Grammar::Rust)),
        ("B.java", Some(Grammar::Java)),
        ("b.c", Some(Grammar::C)),
        ("b.h", Some(Grammar::Header)),
        ("b.hpp", Some(Grammar::Cpp)),
        ("b.cc", Some(Grammar::Cpp)),
        ("b.cs", Some(Grammar::CSharp)),
        ("b.php", Some(Grammar::Php)),
        ("b.rb", Some(Grammar::Ruby)),
        ("b.lua", None),
        ("", None),
    ] {
        assert_eq!(Grammar::for_path(path), grammar, "{path}");
    }
}

#[test]
fn line_ends_and_the_byte_order_mark_change_nothing_but_bytes() {
    let typescript = "/** D.\n * E. */\nexport function f(\n  a: A,\n) {\n  f();\n}\n";
    let go = "// No doc.\n\npackage p\n\n// D.\n//\n//\tE.\nfunc f(\n\ta int,\n) {\n\tf()\n}\n";
    let lines = |found: &FileSyntax| {
        let entity = found.entities.first().unwrap().clone();
        (entity.signature, entity.doc, entity.start_line, entity.end_line, found.links.clone())
    };
    for (grammar, unix) in [(Grammar::TypeScript, typescript), (Grammar::Go, go)] {
        let windows = format!("\u{feff}{}", unix.replace('\n', "\r\n"));
        let (unix, windows) = (extracted(grammar, unix.as_bytes()), extracted(grammar, windows.as_bytes()));
        assert!(!windows.has_errors);
        assert_eq!(lines(&unix), lines(&windows));
    }
}
