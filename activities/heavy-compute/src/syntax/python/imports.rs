//! Import statements.

use super::super::flat_tree::NodeId;
use super::super::node_kind::{Field, NodeKind};
use super::super::scope::{NameId, Target};
use super::super::text::slice;
use super::super::uses::WhatName;
use super::Walk;

impl Walk<'_, '_, '_> {
    pub(super) fn import(&mut self, node: NodeId) {
        let tree = self.tree;
        let scope = self.frame().binding_scope;
        let from = match tree.kind(node) {
            NodeKind::FutureImportStatement => Some(self.b.scopes.name(b"__future__")),
            NodeKind::ImportFromStatement => match tree.child(node, Field::ModuleName) {
                Some(module) => self.dotted(module),
                None => return,
            },
            _ => None,
        };
        if let Some(module) = from
            && tree.has_child(node, NodeKind::WildcardImport)
        {
            self.b.uses.import(module, WhatName::Everything);
            return;
        }
        for child in tree.children(node) {
            if tree.node(child).field != Field::Name {
                continue;
            }
            let (path, alias) = match tree.kind(child) {
                NodeKind::AliasedImport => (tree.child(child, Field::Name), tree.child(child, Field::Alias)),
                _ => (Some(child), None),
            };
            let Some(path) = path else { continue };
            match (from, alias) {
                (Some(module), alias) => {
                    let Some(name) = tree.only_child(path) else { continue };
                    let imported = self.b.name_id(name);
                    let import = self.b.uses.import(module, WhatName::Name(imported));
                    self.bind(alias.unwrap_or(name), scope, Target::Import(import));
                }
                (None, Some(alias)) => {
                    let Some(module) = self.dotted(path) else { continue };
                    let import = self.b.uses.import(module, WhatName::Module);
                    self.bind(alias, scope, Target::Import(import));
                }
                (None, None) => self.import_dotted(path, scope),
            }
        }
    }

    /// `import a.b.c` loads `a.b.c` and binds `a`.
    fn import_dotted(&mut self, path: NodeId, scope: u32) {
        let (Some(whole), Some(first)) = (self.dotted(path), self.tree.only_child(path)) else { return };
        let top = self.b.name_id(first);
        let import = self.b.uses.import(whole, WhatName::Module);
        let bound = if top == whole { import } else { self.b.uses.import_on_the_way(top) };
        self.bind(first, scope, Target::Import(bound));
    }

    /// A dotted name as one name. White space in it is legal and unheard of; such a module is not found.
    fn dotted(&mut self, path: NodeId) -> Option<NameId> {
        let node = self.tree.node(path);
        let length = node.end.saturating_sub(node.start);
        (length > 0 && length <= 1024).then(|| self.b.scopes.name(slice(self.tree.source(), node.start, node.end)))
    }
}
