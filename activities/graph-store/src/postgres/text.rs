//! Names as PostgreSQL can hold and index them.

use std::borrow::Cow;

/// Characters of a name that are indexed: an index entry holds about 2,700 bytes, and names can be longer.
const INDEXED: usize = 256;

/// The name for a column of text, which holds no NUL: with U+0001 U+0001 for NUL and U+0001 U+0002 for U+0001. What is
/// ordered by its bytes stays ordered so, and what begins alike still does.
pub(super) fn storable(name: &str) -> Cow<'_, str> {
    if name.contains(['\0', '\u{1}']) {
        Cow::Owned(name.replace('\u{1}', "\u{1}\u{2}").replace('\0', "\u{1}\u{1}"))
    } else {
        Cow::Borrowed(name)
    }
}

/// [`storable`], with `a` to `z` for `A` to `Z`.
pub(super) fn folded(name: &str) -> String {
    storable(name).to_ascii_lowercase()
}

/// The beginning of a folded name by which it is indexed.
pub(super) fn indexed(folded: &str) -> &str {
    folded.char_indices().nth(INDEXED).and_then(|(end, _)| folded.get(..end)).unwrap_or(folded)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn order_beginnings_and_differences_are_kept(a in "[\0\u{1}\u{2}aA]{0,6}", b in "[\0\u{1}\u{2}aA]{0,6}") {
            prop_assert_eq!(storable(&a).cmp(&storable(&b)), a.cmp(&b));
            prop_assert_eq!(storable(&a).starts_with(&*storable(&b)), a.starts_with(&b));
            prop_assert!(!storable(&a).contains('\0'));
        }
    }

    #[test]
    fn long_names_are_indexed_by_how_they_begin() {
        assert_eq!(indexed("ab"), "ab");
        assert_eq!(indexed(&"é".repeat(300)), "é".repeat(256));
    }
}
