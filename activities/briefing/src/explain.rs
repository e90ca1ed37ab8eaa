//! Why a fact of the briefing is as it is, in words.

use std::fmt::Write;

use textwrap::{Options, fill};

use crate::{
    Briefing,
    fact::{Fact, NamedFact, Object, Why},
};

/// Columns of an explanation.
const WIDTH: usize = 80;
/// More facts than these are not explained at once.
const MAX_EXPLAINED: usize = 40;

/// There is nothing to explain at a path.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the briefing has nothing at `{path}`; {}", offer(.within, .offered))]
pub struct NotThere {
    /// The path that was asked for.
    pub path: String,
    /// How far it leads.
    pub within: String,
    /// What is there.
    pub offered: Vec<String>,
}

fn offer(within: &str, offered: &[String]) -> String {
    let place = if within.is_empty() { "at the top".to_owned() } else { format!("in `{within}`") };
    format!("{place} there are: {}", offered.join(", "))
}

/// A fact with where it stands and the explanation that holds for it.
struct Found<'b> {
    path: String,
    fact: &'b Fact,
    why: Option<&'b Why>,
    unknown: Option<&'b str>,
}

impl Briefing {
    /// Explains what stands at `path`, which has names and numbers of list items with dots between. Where the last name is not
    /// there, every fact beside it whose name contains it is explained: `situation.economy.net` tells of all the nets. An
    /// object is explained fact by fact.
    ///
    /// The briefing must have been made with [`crate::Options::explain`].
    ///
    /// # Errors
    /// [`NotThere`] with what is there instead.
    pub fn explanation(&self, path: &str) -> Result<String, NotThere> {
        let found = self.find(path)?;
        let mut text = String::new();
        for (at, found) in found.iter().take(MAX_EXPLAINED).enumerate() {
            if at > 0 {
                text.push('\n');
            }
            write_found(&mut text, found);
        }
        if found.len() > MAX_EXPLAINED {
            let _ = writeln!(text, "\n... and {} more; name one of them", found.len() - MAX_EXPLAINED);
        }
        Ok(text)
    }

    fn find(&self, path: &str) -> Result<Vec<Found<'_>>, NotThere> {
        let steps: Vec<&str> = path.split('.').map(str::trim).filter(|step| !step.is_empty()).collect();
        let mut way = String::new();
        let mut here = Place::Object(&self.parts);
        let (mut why, mut found) = (None, None);
        for (at, step) in steps.iter().enumerate() {
            let last = at + 1 == steps.len();
            match here.step(step) {
                Some((fact, named)) => {
                    why = named.and_then(|named| named.why.as_deref()).or(why);
                    if !way.is_empty() {
                        way.push('.');
                    }
                    way.push_str(step);
                    let unknown = named.and_then(|named| named.unknown.as_deref());
                    found = Some(Found { path: way.clone(), fact, why, unknown });
                    here = Place::of(fact);
                }
                None => {
                    let similar = if last { here.similar(step, &way, why) } else { Vec::new() };
                    if similar.is_empty() {
                        return Err(NotThere { path: path.to_owned(), within: way, offered: here.offered() });
                    }
                    return Ok(similar);
                }
            }
        }
        match found {
            Some(found) => Ok(vec![found].into_iter().flat_map(spread).collect()),
            None => Err(NotThere { path: path.to_owned(), within: way, offered: here.offered() }),
        }
    }
}

/// Where a path has led.
enum Place<'b> {
    Object(&'b Object),
    List(&'b [Fact]),
    End,
}

impl<'b> Place<'b> {
    fn of(fact: &'b Fact) -> Self {
        match fact {
            Fact::Object(object) => Self::Object(object),
            Fact::List(items) => Self::List(items),
            _ => Self::End,
        }
    }

    fn step(&self, step: &str) -> Option<(&'b Fact, Option<&'b NamedFact>)> {
        match self {
            Self::Object(object) => object.named(step).map(|named| (&named.fact, Some(named))),
            Self::List(items) => items.get(step.parse::<usize>().ok()?).map(|fact| (fact, None)),
            Self::End => None,
        }
    }

    /// The members whose name contains `step`.
    fn similar(&self, step: &str, way: &str, why: Option<&'b Why>) -> Vec<Found<'b>> {
        let Self::Object(object) = self else { return Vec::new() };
        let alike = object.members().iter().filter(|member| member.name.contains(step));
        alike.map(|member| member_of(member, way, why)).collect()
    }

    fn offered(&self) -> Vec<String> {
        match self {
            Self::Object(object) => object.members().iter().map(|member| member.name.to_string()).collect(),
            Self::List([]) => vec!["nothing, the list is empty".to_owned()],
            Self::List(items) => vec![format!("items 0 to {}", items.len() - 1)],
            Self::End => vec!["nothing further, it is a value".to_owned()],
        }
    }
}

fn member_of<'b>(member: &'b NamedFact, way: &str, why: Option<&'b Why>) -> Found<'b> {
    let path = if way.is_empty() { member.name.to_string() } else { format!("{way}.{}", member.name) };
    Found { path, fact: &member.fact, why: member.why.as_deref().or(why), unknown: member.unknown.as_deref() }
}

/// An object that has no explanation of its own is told fact by fact.
fn spread(found: Found<'_>) -> Vec<Found<'_>> {
    match found.fact {
        Fact::Object(object) if found.why.is_none() && !object.is_empty() => {
            object.members().iter().map(|member| member_of(member, &found.path, None)).collect()
        }
        _ => vec![found],
    }
}

fn write_found(text: &mut String, found: &Found<'_>) {
    let value = serde_json::to_string(found.fact).unwrap_or_default();
    let short: String = value.chars().take(200).collect();
    let cut = if short.len() < value.len() { " ..." } else { "" };
    let line = format!("{} = {short}{cut}", found.path);
    let wrapped = Options::new(WIDTH).subsequent_indent("    ");
    let _ = writeln!(text, "{}", fill(&printable(&line), wrapped));
    let below = Options::new(WIDTH).initial_indent("  ").subsequent_indent("  ");
    if let Some(reason) = found.unknown {
        let _ = writeln!(text, "{}", fill(&printable(&format!("Not known: {reason}.")), &below));
    }
    let Some(why) = found.why else {
        if found.unknown.is_none() {
            let _ = writeln!(text, "  As it stands; ask for one of its members.");
        }
        return;
    };
    let guess = if why.heuristic { " (A guess: the save does not say it.)" } else { "" };
    let _ = writeln!(text, "{}", fill(&printable(&format!("{}{guess}", why.rule)), &below));
    let widest = why.sources.iter().map(|source| source.path.chars().count()).max().unwrap_or(0).min(56);
    for source in &why.sources {
        let line = format!("{:<widest$}  {}", source.path, source.value);
        let options = Options::new(WIDTH).initial_indent("    ").subsequent_indent("        ");
        let _ = writeln!(text, "{}", fill(&printable(&line), options));
    }
}

fn printable(text: &str) -> String {
    text.chars().filter(|c| !c.is_control()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn briefing() -> Briefing {
        let mut economy = Object::new();
        economy.put("energy_net", -1.5).why(true, || {
            Why::rule("Income minus expenses.")
                .from("country.0.budget.income", 2)
                .from("country.0.budget.expenses", 3.5)
        });
        economy.put("minerals_net", 2.0).why(true, || Why::heuristic("A rule of thumb."));
        economy.unknown("opinion", "the version has none");
        economy.put("rows", vec![Object::from_iter([("ships", 3u32)])]).why(true, || Why::rule("Rows of the save."));
        let parts = Object::from_iter([("economy", economy)]);
        Briefing { parts, warnings: Vec::new() }
    }

    #[test]
    fn a_number_is_told_with_its_rule_and_its_sources() {
        let text = briefing().explanation("economy.energy_net").unwrap();
        assert_eq!(
            text,
            "economy.energy_net = -1.5\n  Income minus expenses.\n    country.0.budget.income    2\n    country.0.budget.expenses  3.5\n"
        );
    }

    #[test]
    fn a_number_in_a_row_is_told_by_the_rule_of_the_rows() {
        let text = briefing().explanation("economy.rows.0.ships").unwrap();
        assert_eq!(text, "economy.rows.0.ships = 3\n  Rows of the save.\n");
    }

    #[test]
    fn part_of_a_name_tells_of_all_facts_that_have_it_and_a_part_of_all_its_facts() {
        let text = briefing().explanation("economy.net").unwrap();
        assert!(
            text.contains("economy.energy_net") && text.contains("economy.minerals_net") && text.contains("A guess")
        );
        let whole = briefing().explanation("economy").unwrap();
        assert!(whole.contains("Not known: the version has none."), "{whole}");
    }

    #[test]
    fn a_path_that_leads_nowhere_says_what_is_there() {
        let error = briefing().explanation("economy.energie").unwrap_err().to_string();
        assert_eq!(
            error,
            "the briefing has nothing at `economy.energie`; in `economy` there are: energy_net, minerals_net, opinion, rows"
        );
        for (path, told) in [
            ("", "economy"),
            ("x.y", "economy"),
            ("economy.rows.5", "items 0 to 0"),
            ("economy.energy_net.z", "it is a value"),
        ] {
            let error = briefing().explanation(path).unwrap_err().to_string();
            assert!(error.contains(told), "{path}: {error}");
        }
    }
}
