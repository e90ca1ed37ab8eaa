//! What people, models and programs write, of no meaning: sentences, source code, output of programs.

mod words;

use self::words::{EXTENSIONS, FOLDERS, NOUNS, PROJECTS, TYPES, VERBS, WORDS};
use crate::random::Random;

/// A project's name.
pub(crate) fn project(random: &mut Random) -> &'static str {
    random.pick(PROJECTS)
}

/// A path below a project.
pub(crate) fn path(random: &mut Random) -> String {
    format!("{}/{}_{}.{}", random.pick(FOLDERS), random.pick(VERBS), random.pick(NOUNS), random.pick(EXTENSIONS))
}

/// A command for a shell.
pub(crate) fn command(random: &mut Random) -> String {
    let path = path(random);
    match random.below(6) {
        0 => format!("cargo test -p {} -- --nocapture 2>&1 | tail -{}", random.pick(NOUNS), random.between(5, 90)),
        1 => format!("rg -n \"{}_{}\" {path}", random.pick(VERBS), random.pick(NOUNS)),
        2 => format!("git diff --stat HEAD~{} -- {path}", random.between(1, 9)),
        3 => format!("sed -n '{},{}p' {path}", random.between(1, 200), random.between(200, 900)),
        4 => format!("npm run build && node dist/{}.js --{} \"$HOME/{path}\"", random.pick(NOUNS), random.pick(VERBS)),
        _ => format!("ls -la {} && wc -l {path}", random.pick(FOLDERS)),
    }
}

/// Sentences of about so many bytes, without white space at the ends.
pub(crate) fn sentences(random: &mut Random, bytes: u64) -> String {
    let end = usize::try_from(bytes).unwrap_or(usize::MAX);
    let mut out = String::with_capacity(end + 64);
    loop {
        let start = out.len();
        let words = random.between(4, 18);
        for word in 0..words {
            if word > 0 {
                out.push(' ');
            }
            match random.below(40) {
                0 => out.push_str(&format!("`{}_{}`", random.pick(VERBS), random.pick(NOUNS))),
                1 => out.push_str(&path(random)),
                2 => out.push_str(&random.below(4096).to_string()),
                _ => out.push_str(random.pick(WORDS)),
            }
        }
        if let Some(first) = out.get_mut(start..start + 1) {
            first.make_ascii_uppercase();
        }
        out.push(random.pick(&['.', '.', '.', '.', ':', '?']));
        if out.len() >= end {
            return out;
        }
        out.push_str(random.pick(&[" ", " ", " ", "\n", "\n\n", "\n- "]));
    }
}

/// Source code of about so many bytes.
pub(crate) fn code(random: &mut Random, bytes: u64) -> String {
    let end = usize::try_from(bytes).unwrap_or(usize::MAX);
    let mut out = String::with_capacity(end + 256);
    while out.len() < end {
        let (verb, noun, other) = (random.pick(VERBS), random.pick(NOUNS), random.pick(NOUNS));
        match random.below(5) {
            0 => out.push_str(&format!(
                "/// {}\npub fn {verb}_{noun}(&mut self, {other}: {}) -> {} {{\n    let {noun} = self.{noun}.{verb}({other})?;\n",
                sentences(random, 40),
                random.pick(TYPES),
                random.pick(TYPES)
            )),
            1 => out.push_str(&format!("    if {noun}.len() > {} {{\n        return Err(Error::{verb}(\"{other}\"));\n    }}\n", random.below(4096))),
            2 => out.push_str(&format!("    // {}\n    self.{other}_{noun} += {};\n", sentences(random, 30), random.below(64))),
            3 => out.push_str(&format!("    for {noun} in self.{other}s.iter() {{\n\t{verb}_{noun}(&{noun}, {});\n    }}\n", random.below(1000))),
            _ => out.push_str("    Ok(())\n}\n\n"),
        }
    }
    out
}

/// What a program prints, of about so many bytes.
pub(crate) fn output(random: &mut Random, bytes: u64) -> String {
    let end = usize::try_from(bytes).unwrap_or(usize::MAX);
    let mut out = String::with_capacity(end + 256);
    let kind = random.below(5);
    let first = random.below(900);
    let mut number = first;
    while out.len() < end {
        number += 1;
        match kind {
            0 => {
                for line in code(random, 400).lines() {
                    out.push_str(&format!("{number:>6}→{line}\n"));
                    number += 1;
                }
            }
            1 => out.push_str(&format!("{}:{}:    {}\n", path(random), random.below(2000), sentences(random, 50))),
            2 => out.push_str(&format!(
                "test {}::{}_{} ... \u{1b}[32mok\u{1b}[0m\n",
                random.pick(NOUNS),
                random.pick(VERBS),
                random.pick(NOUNS)
            )),
            3 => out.push_str(&format!(
                "{{\"level\": \"info\", \"id\": \"{}\", \"took_ms\": {}, \"message\": \"{}\"}}\n",
                random.hex(12),
                random.below(900),
                sentences(random, 30).replace('\n', " ")
            )),
            _ => out.push_str(&format!(
                "-rw-r--r-- 1 dev dev {:>8} {} {:02}:{:02} {}\n",
                random.below(900_000),
                random.pick(&["Jan 04", "Mar 11", "Jun 23", "Sep 30"]),
                random.below(24),
                random.below(60),
                path(random)
            )),
        }
    }
    out.truncate(out.trim_end().len());
    out
}

/// What looks like base64 and cannot be compressed.
pub(crate) fn noise(random: &mut Random, bytes: u64) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut out = String::new();
    for _ in 0..bytes / 8 {
        let bits = random.next();
        (0..8).for_each(|at| out.push(char::from(DIGITS[usize::try_from(bits >> (at * 8) & 63).unwrap_or(0)])));
    }
    out
}
