//! What a symbol is and belongs to, by its descriptors alone.
//!
//! By position it would be wrong: a Python attribute is defined inside of a method and belongs to the class.

use super::descriptor::{Descriptor, DescriptorKind, Names};
use super::error::{SymbolError, SymbolFault};

/// What one pass over the descriptors tells.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Shape<'a> {
    pub(super) last: Descriptor<'a>,
    /// End of the base.
    pub(super) base: usize,
    /// End of the base of everything but the last descriptor.
    pub(super) owner: usize,
    pub(super) module: bool,
}

impl<'a> Shape<'a> {
    pub(super) fn of(text: &'a str, descriptors: usize) -> Result<Self, SymbolError> {
        let mut names = Names::new(text, descriptors);
        let mut shape = Self { base: descriptors, owner: descriptors, ..Self::default() };
        let mut only_namespaces = true;
        let mut open = true;
        while let Some(found) = names.read()? {
            shape.owner = shape.base;
            shape.module = false;
            match found.kind {
                DescriptorKind::Namespace => {
                    shape.module = only_namespaces;
                }
                DescriptorKind::Type | DescriptorKind::Method => only_namespaces = false,
                DescriptorKind::Term => {
                    // A variable of a module is a base of its own, a member of one is not.
                    if open && only_namespaces {
                        shape.base = found.end;
                    }
                    (open, only_namespaces) = (false, false);
                }
                DescriptorKind::Meta => {
                    shape.module = only_namespaces && shape.base > descriptors && found.name == "__init__";
                    (open, only_namespaces) = (false, false);
                }
                DescriptorKind::TypeParameter | DescriptorKind::Parameter | DescriptorKind::Macro => {
                    (open, only_namespaces) = (false, false);
                }
            }
            if open {
                shape.base = found.end;
            }
            shape.last = found;
        }
        if shape.last.end == 0 {
            return Err(SymbolError { offset: text.len(), fault: SymbolFault::NoDescriptor });
        }
        Ok(shape)
    }
}
