//! What a module exports: the names in `__all__`, or without one those that do not start with an underscore.

use super::super::entities::Export;
use super::super::flat_tree::NodeId;
use super::super::node_kind::{Field, NodeKind};
use super::super::scope::FILE_SCOPE;
use super::super::text::slice;
use super::{Place, Walk};

impl Walk<'_, '_, '_> {
    pub(super) fn note_export_list(&mut self, assignment: NodeId, left: NodeId) {
        let is_list = self.frame().place == Place::Module && self.tree.bytes(left) == b"__all__";
        let Some(value) = self.tree.child(assignment, Field::Right).filter(|_| is_list) else { return };
        if self.tree.kind(value) == NodeKind::Assignment {
            return;
        }
        // Lists that are added up stand anywhere inside the expression; other values are not known here.
        let mut id = value;
        let end = self.tree.node(value).next;
        while id < end {
            if self.tree.kind(id) == NodeKind::String {
                self.export_string(id);
            }
            id = id.saturating_add(1);
        }
        self.has_export_list |= matches!(self.tree.kind(value), NodeKind::List | NodeKind::Tuple);
    }

    fn export_string(&mut self, string: NodeId) {
        let Some(content) = self.tree.child_of_kind(string, NodeKind::StringContent) else { return };
        let content = self.tree.node(content);
        let name = self.b.scopes.name(slice(self.tree.source(), content.start, content.end));
        self.b.export_name_id(FILE_SCOPE, name);
    }

    pub(super) fn settle_exports(&mut self) {
        if self.has_export_list {
            return;
        }
        for draft in &mut self.b.drafts {
            if draft.scope == FILE_SCOPE && draft.export == Export::Listed && !draft.definition.name.starts_with('_') {
                draft.export = Export::Yes;
            }
        }
    }
}
