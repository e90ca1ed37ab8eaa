//! Looking things up in a briefing that is JSON.

use serde_json::Value;

/// A place in a briefing.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Look<'v>(pub(crate) &'v Value);

static NOTHING: Value = Value::Null;

impl<'v> Look<'v> {
    /// The place at a path of names with dots between; one that is not there is null.
    pub(crate) fn at(self, path: &str) -> Self {
        let found = path.split('.').try_fold(self.0, |value, step| value.get(step));
        Self(found.unwrap_or(&NOTHING))
    }

    /// The text there; empty if there is none.
    pub(crate) fn text(self, path: &str) -> &'v str {
        self.at(path).0.as_str().unwrap_or_default()
    }

    /// The number there.
    pub(crate) fn number(self, path: &str) -> Option<f64> {
        self.at(path).0.as_f64()
    }

    /// The number there as people read it; empty if there is none.
    pub(crate) fn figure(self, path: &str) -> String {
        self.number(path).map(super::figure).unwrap_or_default()
    }

    /// Whether it is true.
    pub(crate) fn is(self, path: &str) -> bool {
        self.at(path).0.as_bool().unwrap_or_default()
    }

    /// The items of a list.
    pub(crate) fn items(self, path: &str) -> impl ExactSizeIterator<Item = Look<'v>> + use<'v> {
        let items: &'v [Value] = self.at(path).0.as_array().map(Vec::as_slice).unwrap_or_default();
        items.iter().map(Look)
    }

    /// The texts of a list.
    pub(crate) fn texts(self, path: &str) -> Vec<&'v str> {
        self.items(path).filter_map(|item| item.0.as_str()).collect()
    }

    /// The members of the object that it is.
    pub(crate) fn all(self) -> Vec<(&'v str, Look<'v>)> {
        let members = self.0.as_object();
        members.into_iter().flatten().map(|(name, value)| (name.as_str(), Look(value))).collect()
    }

    /// The members of an object by name.
    pub(crate) fn members(self, path: &str) -> Vec<(&'v str, Look<'v>)> {
        self.at(path).all()
    }

    /// The members of an object that are numbers, the largest first.
    pub(crate) fn counts(self, path: &str) -> Vec<(&'v str, f64)> {
        let mut counts: Vec<(&str, f64)> =
            self.members(path).into_iter().filter_map(|(name, count)| Some((name, count.0.as_f64()?))).collect();
        counts.sort_by(|(_, one), (_, other)| other.total_cmp(one));
        counts
    }
}
