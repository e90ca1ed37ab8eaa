//! The package clause and import declarations.

use super::super::flat_tree::NodeId;
use super::super::node_kind::{Field, NodeKind};
use super::super::scope::{FILE_SCOPE, Target};
use super::super::text::slice;
use super::super::uses::WhatName;
use super::Walk;

const MAX_PATH: u32 = 1024;

/// What the package of a path is most likely called: paths end in a version, and `go` in a name is decoration. The
/// language leaves it to the package's own clause.
fn package_name(path: &[u8]) -> Option<&[u8]> {
    let mut parts = path.rsplit(|byte| *byte == b'/');
    let last = parts.next()?;
    let is_version = last.strip_prefix(b"v").is_some_and(|n| !n.is_empty() && n.iter().all(u8::is_ascii_digit));
    let name = if is_version { parts.next().unwrap_or(last) } else { last };
    // gopkg.in/yaml.v3
    let name = match name.iter().rposition(|byte| *byte == b'.') {
        Some(dot) => name.get(..dot)?,
        None => name,
    };
    let name = name.strip_prefix(b"go-").unwrap_or(name);
    let name = name.strip_suffix(b"-go").unwrap_or(name);
    let is_name = |byte: &u8| byte.is_ascii_alphanumeric() || *byte == b'_' || !byte.is_ascii();
    (!name.is_empty() && name.iter().all(is_name)).then_some(name)
}

impl Walk<'_, '_, '_> {
    pub(super) fn package_clause(&mut self, node: NodeId) {
        if let Some(name) = self.tree.child_of_kind(node, NodeKind::Identifier) {
            let name = self.b.name_id(name);
            self.b.uses.belongs_to_package(name);
        }
    }

    pub(super) fn import(&mut self, node: NodeId) {
        let tree = self.tree;
        let Some(path) = tree.child(node, Field::Path).map(|path| tree.node(path)) else { return };
        let (start, end) = (path.start.saturating_add(1), path.end.saturating_sub(1));
        let text = slice(tree.source(), start, end);
        // `C` stands for what the comment before the import declares.
        if text.is_empty() || text == b"C" || end.saturating_sub(start) > MAX_PATH {
            return;
        }
        let module = self.b.scopes.name(text);
        let alias = tree.child(node, Field::Name);
        match alias.map(|alias| tree.bytes(alias)) {
            Some(b".") => {
                self.b.uses.import(module, WhatName::Everything);
            }
            Some(b"_") => {
                self.b.uses.import(module, WhatName::Nothing);
            }
            Some(alias) => {
                let import = self.b.uses.import(module, WhatName::Module);
                let name = self.b.scopes.name(alias);
                self.b.scopes.bind(FILE_SCOPE, name, Target::Import(import));
            }
            None => {
                let import = self.b.uses.import(module, WhatName::Module);
                if let Some(name) = package_name(text) {
                    let name = self.b.scopes.name(name);
                    self.guessed_imports.push((name, import));
                }
            }
        }
    }

    /// A guess gives way to what the file declares itself.
    pub(super) fn bind_guessed_imports(&mut self) {
        for (name, import) in std::mem::take(&mut self.guessed_imports) {
            if !self.package_names.contains(&name) {
                self.b.scopes.bind(FILE_SCOPE, name, Target::Import(import));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::package_name;

    #[test]
    fn versions_and_decoration_are_no_part_of_a_package_s_name() {
        for (path, name) in [
            ("fmt", Some("fmt")),
            ("net/http", Some("http")),
            ("example.com/a/v2", Some("a")),
            ("gopkg.in/yaml.v3", Some("yaml")),
            ("example.com/go-sqlite3", Some("sqlite3")),
            ("example.com/jwt-go/v4", Some("jwt")),
            ("example.com/nats.go", Some("nats")),
            ("v2", Some("v2")),
            ("example.com/a-b", None),
            ("", None),
        ] {
            assert_eq!(package_name(path.as_bytes()), name.map(str::as_bytes), "{path}");
        }
    }
}
