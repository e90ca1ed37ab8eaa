//! Symbols back to strings, in the one form that every reader knows.

use std::fmt::{self, Display, Formatter, Write};

use super::descriptor::{Descriptor, DescriptorKind, is_plain};
use super::{GlobalSymbol, LOCAL, Package, Symbol};

impl Display for Symbol<'_> {
    fn fmt(&self, out: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::Local(symbol) => write!(out, "{LOCAL}{}{}", symbol.id, symbol.descriptors),
            Self::Global(symbol) => symbol.fmt(out),
        }
    }
}

impl Display for GlobalSymbol<'_> {
    fn fmt(&self, out: &mut Formatter<'_>) -> fmt::Result {
        write_global(out, &self.scheme, &self.package, self.descriptors())
    }
}

impl Display for Descriptor<'_> {
    fn fmt(&self, out: &mut Formatter<'_>) -> fmt::Result {
        let bracket = match self.kind {
            DescriptorKind::TypeParameter => "[",
            DescriptorKind::Parameter => "(",
            _ => "",
        };
        out.write_str(bracket)?;
        write_name(out, &self.name)?;
        match self.kind {
            DescriptorKind::Namespace => out.write_char('/'),
            DescriptorKind::Type => out.write_char('#'),
            DescriptorKind::Term => out.write_char('.'),
            DescriptorKind::Meta => out.write_char(':'),
            DescriptorKind::Macro => out.write_char('!'),
            DescriptorKind::Method => write!(out, "({}).", self.disambiguator),
            DescriptorKind::TypeParameter => out.write_char(']'),
            DescriptorKind::Parameter => out.write_char(')'),
        }
    }
}

/// The string of a symbol made of these parts. What comes out is read back the same if `scheme` is not empty and does not
/// begin with `local`, there is a descriptor, and no name is empty.
#[must_use]
pub fn format_global<'a>(
    scheme: &str,
    package: &Package<'_>,
    descriptors: impl IntoIterator<Item = Descriptor<'a>>,
) -> String {
    let mut text = String::new();
    // Writing to a string does not fail.
    let _ = write_global(&mut text, scheme, package, descriptors);
    text
}

fn write_global<'a>(
    out: &mut impl Write,
    scheme: &str,
    package: &Package<'_>,
    descriptors: impl IntoIterator<Item = Descriptor<'a>>,
) -> fmt::Result {
    write_field(out, scheme)?;
    for field in [&package.manager, &package.name, &package.version] {
        write_field(out, if field.is_empty() { "." } else { field })?;
    }
    for descriptor in descriptors {
        write!(out, "{descriptor}")?;
    }
    Ok(())
}

fn write_field(out: &mut impl Write, field: &str) -> fmt::Result {
    doubled(out, field, ' ')?;
    out.write_char(' ')
}

fn write_name(out: &mut impl Write, name: &str) -> fmt::Result {
    if !name.is_empty() && name.bytes().all(is_plain) {
        return out.write_str(name);
    }
    out.write_char('`')?;
    doubled(out, name, '`')?;
    out.write_char('`')
}

/// Writes `text` with each `special` twice.
fn doubled(out: &mut impl Write, text: &str, special: char) -> fmt::Result {
    for piece in text.split_inclusive(special) {
        out.write_str(piece)?;
        if piece.ends_with(special) {
            out.write_char(special)?;
        }
    }
    Ok(())
}
