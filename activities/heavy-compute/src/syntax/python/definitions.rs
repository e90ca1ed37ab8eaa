//! Functions, methods, classes and type aliases.

use super::super::doc_comment;
use super::super::entities::{Export, Fold, Found, property_name};
use super::super::flat_tree::{NONE, NodeId};
use super::super::model::Kind;
use super::super::node_kind::{Field, NodeKind};
use super::super::scope::{FILE_SCOPE, Target};
use super::super::signature::parameter_text;
use super::super::text::{collapse, slice};
use super::super::uses::Owner;
use super::{Place, Walk};

/// What the decorators of a function say about it.
#[derive(Default)]
struct Decorators {
    is_overload: bool,
    is_static: bool,
    is_property: bool,
}

impl Walk<'_, '_, '_> {
    pub(super) fn function(&mut self, node: NodeId) {
        let Some(name) = self.tree.child(node, Field::Name) else { return };
        let frame = self.frame();
        let is_method = frame.place == Place::Class;
        let decorators = self.decorators(node);
        let text = property_name(self.tree, name);
        let list = self.tree.child(node, Field::Parameters);
        let parameters = list.map(|list| parameter_text(self.tree, list)).unwrap_or_default();
        let signature = if is_method {
            let owner = self.b.owner_prefix(frame.inside.parent);
            format!("{owner}{text}({parameters})")
        } else {
            format!("def {text}({parameters})")
        };
        let (start, end) = self.extent(node);
        let found = Found {
            kind: if is_method { Kind::Method } else { Kind::Function },
            export: self.visibility(&text),
            name: text,
            name_node: Some(name),
            signature: Some(signature),
            start,
            end,
            scope: frame.scope,
            has_body: !decorators.is_overload,
        };
        let known = self.b.drafts.len();
        let index = self.b.add_or_fold(found, frame.inside, frame.scope, Fold::Function).unwrap_or(NONE);
        if !decorators.is_overload || self.b.drafts.len() > known {
            self.describe(index, node, is_method && !decorators.is_static, !decorators.is_overload);
        }
        self.b.uses.made(node, index);
        if index != NONE {
            self.bind(name, frame.scope, Target::Callable(index));
            if is_method && decorators.is_property {
                self.b.uses.accessor(index);
            }
        }
        let receiver = is_method && !decorators.is_static;
        self.push_function(node, index, if receiver { frame.class } else { NONE });
    }

    fn push_function(&mut self, node: NodeId, index: u32, receiver_of: u32) {
        let mut frame = self.inner(node);
        let scope = self.b.scopes.open();
        frame.opened = scope;
        frame.scope = scope;
        frame.binding_scope = scope;
        frame.place = Place::Function;
        frame.counter = index;
        frame.inside = self.b.inside(index, frame.inside);
        if index != NONE {
            frame.owner = Owner::Definition(index);
        }
        self.frames.push(frame);
        if let Some(list) = self.tree.child(node, Field::Parameters) {
            self.bind_parameters(list, receiver_of);
        }
        if index != NONE
            && let Some(annotation) = self.tree.child(node, Field::ReturnType)
            && let Some(result) = self.type_path(annotation)
        {
            self.b.uses.type_of(index, NONE, result);
        }
    }

    pub(super) fn lambda(&mut self, node: NodeId) {
        let mut frame = self.inner(node);
        let scope = self.b.scopes.open();
        frame.opened = scope;
        frame.scope = scope;
        frame.binding_scope = scope;
        frame.place = Place::Function;
        frame.counter = NONE;
        self.frames.push(frame);
        if let Some(list) = self.tree.child(node, Field::Parameters) {
            self.bind_parameters(list, NONE);
        }
    }

    pub(super) fn class(&mut self, node: NodeId) {
        let Some(name) = self.tree.child(node, Field::Name) else { return };
        let frame = self.frame();
        let text = property_name(self.tree, name);
        let (start, end) = self.extent(node);
        let found = Found {
            kind: Kind::Class,
            export: self.visibility(&text),
            name: text,
            name_node: Some(name),
            signature: None,
            start,
            end,
            scope: frame.scope,
            has_body: true,
        };
        let index = self.b.add(found, frame.inside).unwrap_or(NONE);
        self.b.uses.made(node, index);
        let doc = self.docstring(node);
        if let Some(definition) = self.b.definition(index) {
            definition.doc = doc;
        }
        if index != NONE {
            self.bind(name, frame.scope, Target::Callable(index));
        }
        let class = self.b.classes.add(index);
        if let Some(draft) = self.b.drafts.get_mut(index as usize) {
            draft.class = class;
        }
        let mut inner = self.inner(node);
        let scope = self.b.scopes.open_class_body();
        inner.opened = scope;
        inner.scope = scope;
        inner.binding_scope = scope;
        inner.place = Place::Class;
        inner.class = class;
        inner.counter = NONE;
        inner.inside = self.b.inside(index, inner.inside);
        if index != NONE {
            inner.owner = Owner::Definition(index);
        }
        self.frames.push(inner);
    }

    pub(super) fn type_alias(&mut self, node: NodeId) {
        let Some(left) = self.tree.child(node, Field::Left) else { return };
        let text = self.tree.text(left);
        let name = text.split('[').next().unwrap_or_default().trim().to_owned();
        let length = u32::try_from(name.len()).unwrap_or_default();
        let frame = self.frame();
        let whole = self.tree.node(node);
        let found = Found {
            kind: Kind::Type,
            export: self.visibility(&name),
            name,
            name_node: Some(left),
            signature: None,
            start: whole.start,
            end: whole.end,
            scope: frame.scope,
            has_body: true,
        };
        if let Some(index) = self.b.add(found, frame.inside) {
            let text = self.tree.node(left);
            let name = self.b.scopes.name(slice(self.tree.source(), text.start, text.start.saturating_add(length)));
            if frame.binding_scope == FILE_SCOPE {
                self.module_names.insert(name);
            }
            self.b.scopes.bind(frame.scope, name, Target::Variable(index));
            let mut inner = self.inner(node);
            inner.owner = Owner::Definition(index);
            self.frames.push(inner);
        }
    }

    /// Decorators belong to what they decorate.
    fn extent(&self, node: NodeId) -> (u32, u32) {
        let own = self.tree.node(node);
        let around = self.tree.node(own.parent);
        if around.kind == NodeKind::DecoratedDefinition { (around.start, own.end) } else { (own.start, own.end) }
    }

    fn decorators(&self, node: NodeId) -> Decorators {
        let mut found = Decorators::default();
        let around = self.tree.parent(node);
        if self.tree.kind(around) != NodeKind::DecoratedDefinition {
            return found;
        }
        for decorator in self.tree.children(around) {
            let Some(expression) = self.tree.only_child(decorator) else { continue };
            let text = self.tree.bytes(expression);
            let last = text.rsplit(|byte| *byte == b'.').next().unwrap_or_default();
            match last {
                b"overload" => found.is_overload = true,
                b"staticmethod" => found.is_static = true,
                b"property" | b"cached_property" | b"setter" | b"getter" | b"deleter" => found.is_property = true,
                _ => {}
            }
        }
        found
    }

    fn describe(&mut self, index: u32, node: NodeId, has_receiver: bool, with_body: bool) {
        let count = self.tree.child(node, Field::Parameters).map_or(0, |list| {
            let real = |parameter: &NodeId| {
                matches!(
                    self.tree.kind(*parameter),
                    NodeKind::Identifier
                        | NodeKind::TypedParameter
                        | NodeKind::DefaultParameter
                        | NodeKind::TypedDefaultParameter
                        | NodeKind::ListSplatPattern
                        | NodeKind::DictionarySplatPattern
                        | NodeKind::TuplePattern
                )
            };
            self.tree.children(list).filter(real).count()
        });
        let count = if has_receiver { count.saturating_sub(1) } else { count };
        let is_async = self.tree.has_child(node, NodeKind::AsyncToken);
        let return_type = self.tree.child(node, Field::ReturnType).map(|node| collapse(&self.tree.text(node)));
        let doc = self.docstring(node);
        if let Some(definition) = self.b.definition(index) {
            definition.is_async = Some(is_async);
            definition.parameter_count = u32::try_from(count).ok();
            definition.return_type = return_type.filter(|text| !text.is_empty());
            definition.complexity = with_body.then_some(1);
            definition.doc = doc.or_else(|| definition.doc.take());
        }
    }

    fn docstring(&self, node: NodeId) -> Option<String> {
        let body = self.tree.child(node, Field::Body)?;
        let first = self.tree.only_child(body)?;
        if self.tree.kind(first) != NodeKind::ExpressionStatement {
            return None;
        }
        let string = self.tree.only_child(first).filter(|string| self.tree.kind(*string) == NodeKind::String)?;
        doc_comment::clean_docstring(&self.tree.text(string))
    }

    /// Names of the module are settled at the end, when `__all__` is known; in a class one underscore hides.
    pub(super) fn visibility(&self, name: &str) -> Export {
        let is_dunder = name.len() > 4 && name.starts_with("__") && name.ends_with("__");
        match self.frame().place {
            Place::Function => Export::No,
            Place::Module => Export::Listed,
            Place::Class if name.starts_with('_') && !is_dunder => Export::No,
            Place::Class => Export::Yes,
        }
    }

    pub(super) fn bind(&mut self, name: NodeId, scope: u32, target: Target) {
        let name = self.b.name_id(name);
        if scope == FILE_SCOPE {
            self.module_names.insert(name);
        }
        self.b.scopes.bind(scope, name, target);
    }
}
