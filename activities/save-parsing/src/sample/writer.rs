//! Text in the layout that the game has: braces on lines of their own, list entries between lines of a single space.

pub(super) struct Writer {
    out: Vec<u8>,
    depth: usize,
}

impl Writer {
    pub(super) fn new(bytes: usize) -> Self {
        Self { out: Vec::with_capacity(bytes.min(1 << 30)), depth: 0 }
    }

    pub(super) fn into_bytes(self) -> Vec<u8> {
        self.out
    }

    fn indent(&mut self) {
        self.out.resize(self.out.len() + self.depth, b'\t');
    }

    fn line(&mut self, text: &str) {
        self.indent();
        self.out.extend_from_slice(text.as_bytes());
        self.out.push(b'\n');
    }

    /// `key=value`, as it is.
    pub(super) fn word(&mut self, key: impl std::fmt::Display, value: impl std::fmt::Display) {
        self.line(&format!("{key}={value}"));
    }

    pub(super) fn number(&mut self, key: &str, value: usize) {
        self.word(key, value);
    }

    /// `key="text"`, with quotes and backslashes escaped.
    pub(super) fn text(&mut self, key: &str, text: &str) {
        self.line(&format!("{key}=\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\"")));
    }

    /// A key at the start of its line, as the game writes some: `key` or, on a line of its own, `=value` behind it.
    pub(super) fn unindented(&mut self, key: impl std::fmt::Display) {
        self.out.extend_from_slice(format!("{key}=\n").as_bytes());
        self.line("{");
        self.line("}");
    }

    /// `key` on one line and `=value` on the next.
    pub(super) fn split(&mut self, key: &str, value: usize) {
        self.line(key);
        self.out.extend_from_slice(format!("={value}\n").as_bytes());
    }

    pub(super) fn block(&mut self, key: impl std::fmt::Display, fill: impl FnOnce(&mut Self)) {
        self.line(&format!("{key}="));
        self.group(fill);
    }

    fn group(&mut self, fill: impl FnOnce(&mut Self)) {
        self.line("{");
        self.depth += 1;
        fill(self);
        self.depth -= 1;
        self.line("}");
    }

    /// `key={ 1 2 3 }` on one line.
    pub(super) fn numbers(&mut self, key: &str, numbers: impl IntoIterator<Item = impl std::fmt::Display>) {
        let numbers: Vec<String> = numbers.into_iter().map(|number| format!("{number} ")).collect();
        self.block(key, |writer| {
            if !numbers.is_empty() {
                writer.line(&numbers.concat());
            }
        });
    }

    /// `key={ "a" "b" }`, one a line.
    pub(super) fn texts(&mut self, key: &str, texts: &[&str]) {
        self.block(key, |writer| texts.iter().for_each(|text| writer.line(&format!("\"{text}\""))));
    }

    /// A list of groups without keys.
    pub(super) fn list<T>(
        &mut self,
        key: &str,
        items: impl IntoIterator<Item = T>,
        mut fill: impl FnMut(&mut Self, T),
    ) {
        self.block(key, |writer| {
            for item in items {
                writer.indent();
                writer.out.push(b'\n');
                writer.group(|writer| fill(writer, item));
                writer.out.extend_from_slice(b" \n");
            }
        });
    }

    /// A name that is what it says.
    pub(super) fn literal(&mut self, text: &str) {
        self.block("name", |writer| {
            writer.text("key", text);
            writer.word("literal", "yes");
        });
    }

    pub(super) fn coordinate(&mut self, key: &str, x: i64, y: i64, origin: u32) {
        self.block(key, |writer| {
            writer.word("x", format_args!("{}.{:02}", x, x.unsigned_abs() % 97));
            writer.word("y", format_args!("{}.{:02}", y, y.unsigned_abs() % 89));
            writer.word("origin", origin);
            writer.word("randomized", "no");
            writer.word("visual_height", "0.000000");
        });
    }
}
