//! What names of one file mean in another: each way to import, export, inherit and hold something.
#![allow(clippy::unwrap_used, reason = "in a test, what goes wrong ends it")]

mod support;

use support::Project;

/// Indexes the files; asserts that each of `wanted` (`FROM kind TO`) is an edge and none of `unwanted` is.
#[track_caller]
fn links(files: &[(&str, &str)], wanted: &[&str], unwanted: &[&str]) {
    let mut project = Project::with(files);
    project.run();
    let links = project.links();
    let all = || links.iter().map(String::as_str).collect::<Vec<_>>().join("\n");
    for link in wanted {
        assert!(links.contains(*link), "missing: {link}\nthere are:\n{}", all());
    }
    for link in unwanted {
        assert!(!links.contains(*link), "not wanted: {link}\nthere are:\n{}", all());
    }
}

#[test]
fn typescript_imports_and_exports_of_every_form() {
    links(
        &[
            (
                "lib.ts",
                "export function named() {}\nfunction hidden() {}\nexport { hidden as shown };\n\
                 export default class Main { static make() {} run() {} }\nexport const value = { go() {} };\n\
                 export enum Level { Low }\nexport type Shape = { a: 1 };\nexport namespace Space { export function deep() {} }\n",
            ),
            (
                "barrel.ts",
                "export * from './lib';\nexport { default as Renamed, named as again } from './lib';\nexport * as all from './lib';\n",
            ),
            (
                "use.ts",
                "import Main, { named, shown, value, Level, Space } from './lib.js';\nimport * as lib from './lib';\n\
                 import { Renamed, again, all, named as viaStar } from './barrel';\nimport type { Shape } from './barrel';\n\
                 export function caller(shape: Shape) { named(); shown(); Main.make(); new Main().run(); value.go(); return Level.Low; }\n\
                 export function spaces() { lib.named(); Space.deep(); all.named(); }\n\
                 export function barrels() { again(); viaStar(); const r = new Renamed(); r.run(); }\n",
            ),
        ],
        &[
            "caller calls named",
            "caller calls hidden",
            "caller calls make",
            "caller calls Main",
            "caller calls run",
            "caller calls go",
            "caller references Level",
            "caller references Shape",
            "spaces calls named",
            "spaces calls deep",
            "barrels calls named",
            "barrels calls Main",
            "barrels calls run",
            "use.ts imports lib.ts",
            "use.ts imports named",
            "use.ts imports barrel.ts",
            "barrel.ts imports lib.ts",
            "barrel.ts imports Main",
        ],
        &["caller calls lib.ts"],
    );
}

#[test]
fn typescript_classes_across_files() {
    links(
        &[
            ("base.ts", "export interface Store { load(): void }\nexport class Base { shared() {} replaced() {} }\n"),
            (
                "service.ts",
                "import { Base, Store } from './base';\nimport { Helper } from './helper';\n\
                 export class Service extends Base implements Store {\n  private helper = new Helper();\n\
                 constructor(private readonly other: Helper, public store?: Store) { super(); }\n\
                 load() { this.shared(); this.helper.help(); this.other.help(); this.store?.load(); }\n\
                 replaced() { super.replaced(); }\n  get made(): Helper { return this.helper; }\n\
                 chain() { this.made.help(); this.copy().help(); }\n  copy(): Helper { return this.helper; }\n}\n",
            ),
            (
                "helper.ts",
                "export class Helper { help() {} }\nexport async function find(): Promise<Helper | null> { return null; }\n",
            ),
            (
                "use.ts",
                "import { Service } from './service';\nimport { find } from './helper';\n\
                 export async function outside(service: Service) { service.shared(); service.load(); (await find())!.help(); }\n\
                 export async function local() { const found = await find(); found?.help(); }\n",
            ),
        ],
        &[
            "Service extends Base",
            "Service implements Store",
            "load calls shared",
            "load calls help",
            "load calls load",
            "load implements load",
            "replaced overrides replaced",
            "replaced calls replaced",
            "chain calls help",
            "chain references made",
            "chain calls copy",
            "constructor calls Base",
            "outside calls shared",
            "outside calls load",
            "outside calls find",
            "outside calls help",
            "local calls help",
        ],
        &["chain calls made"],
    );
}

#[test]
fn typescript_aliases_workspaces_and_packages() {
    links(
        &[
            (
                "tsconfig.base.json",
                "{ // shared\n \"compilerOptions\": { \"paths\": { \"@/*\": [\"./app/src/*\"], }, } }",
            ),
            ("app/tsconfig.json", "{ \"extends\": \"../tsconfig.base\" }"),
            ("app/src/deep/thing.tsx", "export const Thing = () => null;\n"),
            (
                "packages/core/package.json",
                "{ \"name\": \"@org/core\", \"main\": \"dist/index.js\", \"exports\": { \".\": \"./dist/index.js\", \"./extra/*\": \"./src/extra/*.ts\" } }",
            ),
            ("packages/core/src/index.ts", "export { core } from './core';\n"),
            ("packages/core/src/core.ts", "export function core() {}\n"),
            ("packages/core/src/extra/more.ts", "export function more() {}\n"),
            (
                "app/src/page.tsx",
                "import { Thing } from '@/deep/thing';\nimport { core } from '@org/core';\nimport { more } from '@org/core/extra/more';\n\
                 import React, { useState } from 'react';\nimport { readFile } from 'node:fs/promises';\nimport path from 'path';\n\
                 import x from '@/gone';\nimport deep from '@scope/name/deep';\n\
                 export function Page() { core(); more(); useState(1); readFile('x'); path.join(); x(); deep(); return <Thing />; }\n",
            ),
        ],
        &[
            "Page calls Thing",
            "Page calls core",
            "Page calls more",
            "Page calls react",
            "Page calls fs",
            "Page calls path",
            "Page calls @scope/name",
            "page.tsx imports react",
            "page.tsx imports index.ts",
            "page.tsx imports core",
        ],
        &["Page calls @", "page.tsx imports @org/core"],
    );
}

#[test]
fn commonjs_modules_and_dynamic_imports() {
    links(
        &[
            ("one.js", "module.exports = function one() {};\n"),
            (
                "many.js",
                "function a() {}\nconst b = () => {};\nmodule.exports = { a, renamed: b, own() {} };\nexports.late = function () {};\n",
            ),
            ("klass.js", "class Klass { run() {} }\nmodule.exports = Klass;\n"),
            (
                "use.js",
                "const one = require('./one');\nconst many = require('./many');\nconst { a, renamed } = require('./many');\n\
                 const Klass = require('./klass');\n\
                 function caller() { one(); many.a(); a(); renamed(); new Klass().run(); require('./one')(); }\n\
                 async function lazy() { const { a } = await import('./many.js'); a(); (await import('./many')).a(); }\n",
            ),
        ],
        &[
            "caller calls one",
            "caller calls a",
            "caller calls b",
            "caller calls Klass",
            "caller calls run",
            "lazy calls a",
            "use.js imports one.js",
            "use.js imports many.js",
        ],
        &[],
    );
}

#[test]
fn values_and_types_of_one_name_do_not_meet() {
    links(
        &[
            ("user.ts", "export const User = { parse() {} };\nexport interface User { id: string }\n"),
            (
                "use.ts",
                "import { User } from './user';\nexport function typed(user: User) {}\nexport function called() { User.parse(); }\n",
            ),
            (
                "own.ts",
                "const Row = () => 1;\ntype Row = { a: 1 };\nexport function own(row: Row) { Row(); }\nexport function shadowed<Row>(row: Row) {}\n",
            ),
        ],
        &["called calls parse", "own calls Row", "own references Row", "typed references User"],
        &["shadowed references Row"],
    );
}

#[test]
fn python_imports_of_every_form() {
    links(
        &[
            ("src/pkg/__init__.py", "from .core import run as start\nfrom . import util\n"),
            (
                "src/pkg/core.py",
                "from .util import helper\nfrom ..pkg import util as u\n\ndef run():\n    helper()\n    u.helper()\n",
            ),
            ("src/pkg/util.py", "def helper():\n    pass\n\n_private = 1\n"),
            ("src/pkg/sub/__init__.py", ""),
            ("src/pkg/sub/leaf.py", "class Leaf:\n    def grow(self):\n        pass\n"),
            (
                "app.py",
                "import pkg\nimport pkg.sub.leaf\nimport pkg.util as alias\nfrom pkg import start, util\nfrom pkg.sub import leaf\n\
                 from pkg.util import *\nimport os.path, requests\nfrom yaml import safe_load\n\n\
                 def main():\n    start()\n    pkg.start()\n    alias.helper()\n    util.helper()\n    helper()\n    pkg.sub.leaf.Leaf().grow()\n    leaf.Leaf()\n    os.path.join()\n    requests.get()\n    safe_load()\n    print()\n",
            ),
        ],
        &[
            "run calls helper",
            "main calls run",
            "main calls helper",
            "main calls Leaf",
            "main calls grow",
            "main calls os",
            "main calls requests",
            "main calls yaml",
            "app.py imports __init__.py",
            "app.py imports leaf.py",
            "app.py imports util.py",
            "app.py imports run",
            "app.py imports requests",
        ],
        &["main calls print"],
    );
}

#[test]
fn python_classes_across_files() {
    links(
        &[
            (
                "base.py",
                "from abc import ABC\n\nclass Base(ABC):\n    def __init__(self, name):\n        self.name = name\n    def shared(self): ...\n    def replaced(self): ...\n",
            ),
            (
                "store.py",
                "class Store:\n    def save(self): ...\n    @classmethod\n    def open(cls) -> 'Store':\n        return cls()\n",
            ),
            (
                "service.py",
                "import base\nfrom store import Store\nfrom typing import Optional\n\n\
                 class Service(base.Base):\n    fallback: Optional[Store] = None\n    def __init__(self, store: Store):\n        super().__init__('x')\n        self.store = store\n        self.opened = Store.open()\n\
                 \x20   def work(self):\n        self.shared()\n        self.store.save()\n        self.opened.save()\n        self.fallback.save()\n\
                 \x20   def replaced(self):\n        super().replaced()\n\n\
                 def build(store: \"Store\") -> Service:\n    with Store.open() as s:\n        s.save()\n    return Service(store)\n\n\
                 def use():\n    build(Store()).work()\n    service = build(Store())\n    service.shared()\n",
            ),
        ],
        &[
            "Service extends Base",
            "Base extends abc",
            "__init__ calls __init__",
            "__init__ calls open",
            "work calls shared",
            "work calls save",
            "replaced overrides replaced",
            "replaced calls replaced",
            "build references Store",
            "build calls save",
            "build calls Service",
            "use calls work",
            "use calls shared",
            "use calls Store",
        ],
        &["__init__ overrides __init__", "work calls Store"],
    );
}

#[test]
fn cycles_end() {
    let mut project = Project::with(&[
        (
            "a.ts",
            "export * from './b';\nexport { x } from './b';\nimport { x } from './b';\nexport const y = x;\nx();\n",
        ),
        (
            "b.ts",
            "export * from './a';\nexport { x } from './a';\nexport class C extends D {}\nexport class D extends C {}\nnew C().m();\n",
        ),
        ("c.py", "from d import *\nfrom d import f\nf()\n"),
        ("d.py", "from c import *\nfrom c import f\nf()\n"),
    ]);
    project.run();
    assert!(project.links().contains("C extends D"));
}

#[test]
fn types_that_are_parts_of_themselves_are_linked_as_any_other() {
    links(
        &[(
            "p/p.go",
            "package p\ntype T struct {\n\tT.a\n\tT.b\n\tT.c\n}\nfunc g() {}\nfunc f() {\n\tvar t T\n\tt.M()\n\tt.A = 0\n\tg()\n}\n",
        )],
        &["f calls g", "f references T"],
        &["f calls T"],
    );
}
