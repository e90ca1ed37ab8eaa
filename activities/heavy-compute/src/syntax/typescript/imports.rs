//! Import statements, and declarations that take a required module apart.

use super::super::flat_tree::NodeId;
use super::super::model::StatementForm;
use super::super::node_kind::{Field, NodeKind};
use super::super::scope::{NameId, ScopeId, Target, as_type};
use super::super::uses::WhatName;
use super::Walk;
use super::uses::required_module;

impl Walk<'_, '_, '_> {
    pub(super) fn import_statement(&mut self, node: NodeId) {
        let tree = self.tree;
        let require = tree.child_of_kind(node, NodeKind::ImportRequireClause);
        let source = tree.child(require.unwrap_or(node), Field::Source);
        let Some(module) = source.and_then(|source| self.module_name(source)) else { return };
        if let Some(clause) = require {
            if let Some(name) = tree.child_of_kind(clause, NodeKind::Identifier) {
                self.bind_import(name, module, WhatName::Required);
            }
            return;
        }
        let Some(clause) = tree.child_of_kind(node, NodeKind::ImportClause) else {
            self.b.uses.import(module, WhatName::Nothing);
            return;
        };
        for part in tree.children(clause) {
            match tree.kind(part) {
                NodeKind::Identifier => self.bind_import(part, module, WhatName::Default),
                NodeKind::NamespaceImport => {
                    if let Some(name) = tree.only_child(part) {
                        self.bind_import(name, module, WhatName::Module);
                    }
                }
                NodeKind::NamedImports => {
                    for specifier in tree.children(part) {
                        let Some(name) = tree.child(specifier, Field::Name) else { continue };
                        let local = tree.child(specifier, Field::Alias).unwrap_or(name);
                        let imported = self.imported_name(name);
                        self.bind_import(local, module, imported);
                    }
                }
                _ => {}
            }
        }
    }

    /// `import a = b.c`: another name for something of this file.
    pub(super) fn import_alias(&mut self, node: NodeId) {
        let scope = self.frame().scope;
        let mut parts = self.tree.children(node).filter(|part| self.tree.kind(*part) != NodeKind::Comment);
        let (Some(name), Some(value)) = (parts.next(), parts.next()) else { return };
        let noted = self.nested_path(value);
        let name = self.b.name_id(name);
        let target = noted.map_or(Target::Opaque, Target::Instance);
        self.b.scopes.bind(scope, name, target);
        self.b.scopes.bind(scope, as_type(name), target);
    }

    /// `export .. from`.
    pub(super) fn reexports(&mut self, node: NodeId, source: NodeId) {
        let tree = self.tree;
        self.brings_or_hands_out(StatementForm::Reexport, node);
        let Some(module) = self.module_name(source) else { return };
        if let Some(clause) = tree.child_of_kind(node, NodeKind::ExportClause) {
            for specifier in tree.children(clause) {
                let Some(name) = tree.child(specifier, Field::Name) else { continue };
                let exported = tree.child(specifier, Field::Alias).unwrap_or(name);
                let imported = self.imported_name(name);
                self.hand_on(exported, module, imported);
            }
        } else if let Some(space) = tree.child_of_kind(node, NodeKind::NamespaceExport) {
            if let Some(name) = tree.only_child(space) {
                self.hand_on(name, module, WhatName::Module);
            }
        } else {
            let import = self.b.uses.reexport(module, WhatName::Everything);
            self.b.uses.export_everything(import);
        }
    }

    fn hand_on(&mut self, exported: NodeId, module: NameId, imported: WhatName) {
        let import = self.b.uses.reexport(module, imported);
        let path = self.b.uses.path(super::super::uses::Start::Import(import), []);
        let name = self.b.name_id(exported);
        self.b.uses.export(name, path);
    }

    fn imported_name(&mut self, name: NodeId) -> WhatName {
        if self.tree.bytes(name) == b"default" {
            return WhatName::Default;
        }
        WhatName::Name(self.b.name_id(name))
    }

    fn bind_import(&mut self, local: NodeId, module: NameId, imported: WhatName) {
        let scope = self.frame().scope;
        let import = self.b.uses.import(module, imported);
        self.bind_to_import(local, scope, import);
    }

    fn bind_to_import(&mut self, local: NodeId, scope: ScopeId, import: u32) {
        let name = self.b.name_id(local);
        self.b.scopes.bind(scope, name, Target::Import(import));
        self.b.scopes.bind(scope, as_type(name), Target::Import(import));
    }

    /// `const x = require("m")`, `const { a, b: c } = await import("m")`: answers whether it is one.
    pub(super) fn required_value(&mut self, pattern: NodeId, value: NodeId, scope: ScopeId) -> bool {
        let tree = self.tree;
        let value =
            if tree.kind(value) == NodeKind::AwaitExpression { tree.only_child(value).unwrap_or(value) } else { value };
        let Some((module_node, dynamic)) = required_module(tree, value) else { return false };
        let Some(module) = self.module_name(module_node) else { return false };
        match tree.kind(pattern) {
            NodeKind::Identifier => {
                let imported = if dynamic { WhatName::Module } else { WhatName::Required };
                let import = self.b.uses.import(module, imported);
                self.bind_to_import(pattern, scope, import);
            }
            NodeKind::ObjectPattern => {
                for part in tree.children(pattern) {
                    let (name, local) = match tree.kind(part) {
                        NodeKind::ShorthandPropertyIdentifierPattern => (part, part),
                        NodeKind::PairPattern => {
                            let (Some(key), Some(local)) =
                                (tree.child(part, Field::Key), tree.child(part, Field::Value))
                            else {
                                continue;
                            };
                            (key, local)
                        }
                        _ => continue,
                    };
                    if !matches!(tree.kind(local), NodeKind::Identifier | NodeKind::ShorthandPropertyIdentifierPattern)
                    {
                        continue;
                    }
                    let imported = self.imported_name(name);
                    let import = self.b.uses.import(module, imported);
                    self.bind_to_import(local, scope, import);
                }
            }
            _ => {
                self.b.uses.import(module, WhatName::Nothing);
            }
        }
        self.noted_until = self.noted_until.max(module_node);
        true
    }
}
