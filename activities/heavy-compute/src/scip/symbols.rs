//! The symbols of one document, each read once.

use std::{collections::HashMap, hash::Hasher};

use scip_index::symbol::{DescriptorKind, GlobalSymbol, Symbol};
use siphasher::sip::SipHasher13;

use super::facts::{PackageName, SymbolForm};

/// How scip-python writes the module that a package is.
const PYTHON_MODULE: &str = "__init__:";

/// How scip-typescript writes a constructor.
const CONSTRUCTOR: &str = "`<constructor>`().";

/// What is known of a symbol by its text alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Known {
    /// Hash of it.
    pub(super) hash: u64,
    /// Hash of what it belongs to; 0 for none, and where it is that itself.
    pub(super) base: u64,
    /// Hash of what is behind its namespaces: equal for one name in several files of a package.
    pub(super) behind_namespaces: u64,
    pub(super) package: u32,
    pub(super) form: SymbolForm,
    /// Its own name, where it may be a member without entity.
    pub(super) member: Option<u32>,
    /// Whether it lies in the literal of a type or an object, which has no entity.
    pub(super) in_literal: bool,
}

/// Reads the symbols of one document.
pub(super) struct Symbols<'d> {
    /// What tells local symbols and those of packages without a name from the ones of other places.
    path: &'d str,
    root: &'d str,
    known: HashMap<&'d str, Option<Known>, foldhash::fast::RandomState>,
    packages: HashMap<PackageName, u32>,
    names: HashMap<String, u32>,
    package_list: Vec<PackageName>,
    name_list: Vec<String>,
}

impl<'d> Symbols<'d> {
    pub(super) fn new(path: &'d str, root: &'d str) -> Self {
        Self {
            path,
            root,
            known: HashMap::default(),
            packages: HashMap::new(),
            names: HashMap::new(),
            package_list: Vec::new(),
            name_list: Vec::new(),
        }
    }

    /// What a symbol is; none if it cannot be read.
    pub(super) fn get(&mut self, text: &'d str) -> Option<Known> {
        if let Some(known) = self.known.get(text) {
            return *known;
        }
        let known = match Symbol::parse(text) {
            Ok(Symbol::Global(symbol)) => Some(self.global(&symbol)),
            Ok(Symbol::Local(symbol)) => Some(self.local(symbol.id, symbol.descriptors)),
            Err(_) => None,
        };
        self.known.insert(text, known);
        known
    }

    pub(super) fn into_lists(self) -> (Vec<PackageName>, Vec<String>) {
        (self.package_list, self.name_list)
    }

    fn local(&mut self, id: &str, descriptors: &str) -> Known {
        let hash = hash(&["local", self.root, self.path, id, descriptors]);
        let package = self.package(PackageName { manager: String::new(), name: String::new(), module: String::new() });
        Known {
            hash,
            base: 0,
            behind_namespaces: hash,
            package,
            form: SymbolForm::Local,
            member: None,
            in_literal: false,
        }
    }

    fn global(&mut self, symbol: &GlobalSymbol<'d>) -> Known {
        let manager = symbol.package.manager.as_ref();
        let name = symbol.package.name.as_ref();
        // Packages without a name are as many as there are folders that an indexer ran in.
        let place = if name.is_empty() { self.root } else { "" };
        let descriptors = symbol.descriptor_text();
        let hash_of = |descriptors: &str| {
            let descriptors = descriptors.strip_suffix(PYTHON_MODULE).unwrap_or(descriptors);
            hash(&[manager, name, place, descriptors])
        };
        let before = symbol.text().len() - descriptors.len();
        let base = symbol.base_length().checked_sub(before).and_then(|end| descriptors.get(..end));
        let base = base.filter(|base| !base.is_empty() && !symbol.is_base() && !symbol.is_module());
        // A parameter of a constructor can be a property of the class, and then others use it too.
        let base = base.map(|base| base.strip_suffix(CONSTRUCTOR).unwrap_or(base)).map_or(0, hash_of);
        let mut namespaces = before;
        let mut first = None;
        let mut leading = true;
        let mut in_literal = false;
        for descriptor in symbol.descriptors() {
            leading &= descriptor.kind == DescriptorKind::Namespace;
            if leading {
                namespaces = descriptor.end;
                first.get_or_insert_with(|| descriptor.name.to_string());
            }
            let inner = descriptor.end < symbol.text().len();
            in_literal |= match descriptor.kind {
                DescriptorKind::Meta | DescriptorKind::Parameter => true,
                DescriptorKind::Term => inner,
                _ => false,
            };
        }
        let behind = symbol.text().get(namespaces..).unwrap_or_default();
        let last = symbol.last();
        let form = match last.kind {
            _ if symbol.is_module() => SymbolForm::Module,
            DescriptorKind::Namespace => SymbolForm::Namespace,
            DescriptorKind::Type => SymbolForm::Type,
            DescriptorKind::Method | DescriptorKind::Macro => SymbolForm::Method,
            DescriptorKind::Term => SymbolForm::Term,
            DescriptorKind::Meta => SymbolForm::Key,
            DescriptorKind::Parameter | DescriptorKind::TypeParameter => SymbolForm::Parameter,
        };
        let member = (matches!(form, SymbolForm::Term | SymbolForm::Method) && base != 0)
            .then(|| self.name(symbol.simple_name()));
        let package = PackageName {
            manager: manager.to_owned(),
            name: name.to_owned(),
            module: if manager == "python" { first.unwrap_or_default() } else { String::new() },
        };
        Known {
            hash: hash_of(descriptors),
            base,
            behind_namespaces: hash(&[behind]),
            package: self.package(package),
            form,
            member,
            in_literal,
        }
    }

    fn package(&mut self, package: PackageName) -> u32 {
        let next = count(self.package_list.len());
        *self.packages.entry(package).or_insert_with_key(|package| {
            self.package_list.push(package.clone());
            next
        })
    }

    fn name(&mut self, name: &str) -> u32 {
        if let Some(known) = self.names.get(name) {
            return *known;
        }
        let next = count(self.name_list.len());
        self.name_list.push(name.to_owned());
        self.names.insert(name.to_owned(), next);
        next
    }
}

/// The same in every run and on every machine, and never 0.
fn hash(parts: &[&str]) -> u64 {
    let mut hasher = SipHasher13::new();
    for part in parts {
        hasher.write(part.as_bytes());
        hasher.write_u8(0);
    }
    hasher.finish().max(1)
}

fn count(length: usize) -> u32 {
    u32::try_from(length).unwrap_or(u32::MAX)
}
