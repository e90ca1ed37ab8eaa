//! A part of the briefing of a small save, and what is asked of it.

use briefing::{
    Options,
    fact::{Fact, Object},
    model::Model,
};
use save_parsing::{Limits, Query, Save};

/// A part.
pub(crate) struct Part(Object);

impl Part {
    /// The part of a save whose player is country 0.
    pub(crate) fn of(part: fn(&Model<'_>) -> Object, text: &str) -> Self {
        let text = format!("player={{ {{ name=\"p\" country=0 }} }}\n{text}\n");
        let save = Save::from_bytes(text.into_bytes(), &Limits::default()).unwrap();
        let options = Options { explain: true, ..Options::default() };
        Self(part(&Model::open(&save, &options).unwrap()))
    }

    pub(crate) fn at(&self, path: &str) -> Option<Fact> {
        path.split_once('.')
            .map_or_else(|| self.0.get(path).cloned(), |(first, rest)| self.0.get(first)?.at(rest).cloned())
    }

    pub(crate) fn number(&self, path: &str) -> Option<f64> {
        self.at(path)?.number()
    }

    pub(crate) fn text(&self, path: &str) -> Option<String> {
        match self.at(path)? {
            Fact::Text(text) => Some(text),
            _ => None,
        }
    }

    /// The texts of a list.
    pub(crate) fn texts(&self, path: &str) -> Vec<String> {
        match self.at(path) {
            Some(Fact::List(items)) => items
                .into_iter()
                .filter_map(|item| if let Fact::Text(text) = item { Some(text) } else { None })
                .collect(),
            _ => Vec::new(),
        }
    }

    pub(crate) fn count(&self, path: &str) -> Option<usize> {
        match self.at(path)? {
            Fact::List(items) => Some(items.len()),
            _ => None,
        }
    }

    /// The names of the members at a path, in their order.
    pub(crate) fn names(&self, path: &str) -> Vec<String> {
        let fact = self.at(path).unwrap();
        fact.object().unwrap().members().iter().map(|member| member.name.to_string()).collect()
    }

    /// Why what is null at a path is null.
    pub(crate) fn reason(&self, path: &str) -> Option<String> {
        let (parent, name) = path.rsplit_once('.').map_or((None, path), |(parent, name)| (Some(parent), name));
        let unknown = |object: &Object| object.named(name)?.unknown.as_ref().map(ToString::to_string);
        match parent {
            Some(parent) => unknown(self.at(parent)?.object()?),
            None => unknown(&self.0),
        }
    }

    /// The numbers that nothing explains, neither at them nor around them, and the sources that are no paths of a save.
    pub(crate) fn unexplained(&self) -> Vec<String> {
        let mut found = Vec::new();
        look(&Fact::Object(self.0.clone()), "", false, &mut found);
        found
    }
}

fn look(fact: &Fact, path: &str, explained: bool, found: &mut Vec<String>) {
    match fact {
        Fact::Object(object) => {
            for member in object.members() {
                let sources = member.why.iter().flat_map(|why| &why.sources);
                found.extend(sources.filter(|source| !answers(&source.path)).map(|source| source.path.clone()));
                look(&member.fact, &format!("{path}.{}", member.name), explained || member.why.is_some(), found);
            }
        }
        Fact::List(items) => {
            for (at, item) in items.iter().enumerate() {
                look(item, &format!("{path}.{at}"), explained, found);
            }
        }
        Fact::Integer(_) | Fact::Number(_) if !explained => found.push(path.to_owned()),
        _ => {}
    }
}

/// Whether a path can be asked of a save, whose sections these are.
fn answers(path: &str) -> bool {
    const SECTIONS: [&str; 12] = [
        "archaeological_sites",
        "country",
        "districts",
        "fleet",
        "galactic_object",
        "planets",
        "pop",
        "pop_groups",
        "pop_jobs",
        "ships",
        "species",
        "species_db",
    ];
    let section = path.split(['.', '[']).next().unwrap_or_default();
    Query::parse(path).is_ok() && SECTIONS.contains(&section)
}
