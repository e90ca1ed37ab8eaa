//! A path through a save or a value.

use super::{Field, Filter, Flow, QueryLimits, Step, Test};
use crate::{Save, SaveError, SaveErrorKind, Scalar, Schema, Tape, Value, json, save::no_section, text};

/// Where a walk stands: a value, the steps that are left, and the path that led here.
struct Place<'t> {
    value: Value<'t>,
    step: usize,
    path: String,
    key: Option<Scalar<'t>>,
}

/// Told where a value stands, the value, and which fields of it are asked for.
type Visit<'v, 'q, 't> = dyn FnMut(&str, Value<'t>, Option<&'q [Vec<String>]>) -> Flow + 'v;

/// Goes through `value` by the steps and hands out what is found at their end, in the order of the file, with the fields that
/// the last step asks for.
pub(super) fn walk<'q, 't>(steps: &'q [Step], value: Value<'t>, path: String, visit: &mut Visit<'_, 'q, 't>) -> Flow {
    walk_from(steps, Place { value, step: 0, path, key: None }, visit)
}

fn walk_from<'q, 't>(steps: &'q [Step], place: Place<'t>, visit: &mut Visit<'_, 'q, 't>) -> Flow {
    // The next place is on top. Members are put there all at once: no more than the value has.
    let mut stack = vec![place];
    while let Some(Place { value, step, path, key }) = stack.pop() {
        let from = stack.len();
        match steps.get(step) {
            None => visit(&path, value, None)?,
            Some(Step::Fields(fields)) => {
                if value.is_container() {
                    visit(&path, value, Some(fields))?;
                }
            }
            Some(Step::Name(name)) => {
                for field in value.fields().filter(|field| field.key.is_some_and(|key| is_named(key, name))) {
                    stack.push(Place { value: field.value, step: step + 1, path: joined(&path, name), key: field.key });
                }
            }
            Some(Step::Each) if !value.is_container() => stack.push(Place { value, step: step + 1, path, key }),
            Some(Step::Any | Step::Each) => push_members(value, step + 1, &path, &mut stack),
            Some(Step::At(wanted)) if value.has_fields() => {
                for field in value.fields().filter(|field| field.key.is_some_and(|key| is_named(key, wanted))) {
                    stack.push(Place {
                        value: field.value,
                        step: step + 1,
                        path: joined(&path, wanted),
                        key: field.key,
                    });
                }
            }
            Some(Step::At(wanted)) => {
                let item = wanted.parse().ok().and_then(|at| value.items().nth(at));
                if let Some(value) = item {
                    stack.push(Place { value, step: step + 1, path: joined(&path, wanted), key: None });
                }
            }
            Some(Step::Filter(filter)) => {
                if passes(filter, value, key) {
                    stack.push(Place { value, step: step + 1, path, key });
                }
            }
        }
        if let Some(pushed) = stack.get_mut(from..) {
            pushed.reverse();
        }
    }
    Flow::Continue(())
}

fn push_members<'t>(value: Value<'t>, step: usize, path: &str, stack: &mut Vec<Place<'t>>) {
    let mut items = 0usize;
    for member in value.members() {
        let name = match member.key {
            Some(key) => key.text().into_owned(),
            None => {
                items += 1;
                (items - 1).to_string()
            }
        };
        stack.push(Place { value: member.value, step, path: joined(path, &name), key: member.key });
    }
}

fn is_named(key: Scalar<'_>, name: &str) -> bool {
    key.bytes == name.as_bytes() || !key.bytes.is_ascii() && key.text() == name
}

/// A path with one more name, which is quoted where it would not be read as one.
fn joined(path: &str, name: &str) -> String {
    let plain = !name.is_empty()
        && name.chars().all(|one| one.is_alphanumeric() || matches!(one, '_' | '-' | ':' | '@') || !one.is_ascii());
    let dot = if path.is_empty() { "" } else { "." };
    if plain {
        format!("{path}{dot}{name}")
    } else {
        format!("{path}{dot}\"{}\"", name.replace('\\', "\\\\").replace('"', "\\\""))
    }
}

fn passes(filter: &Filter, value: Value<'_>, key: Option<Scalar<'_>>) -> bool {
    let found: Vec<Value<'_>> = match &filter.field {
        Field::Key => return key.is_some_and(|key| filter.test.as_ref().is_none_or(|test| holds(test, key))),
        Field::Path(names) => all_named(value, names),
    };
    match &filter.test {
        None => !found.is_empty(),
        Some((Test::NotEqual, expected)) => {
            let equal = (Test::Equal, expected.clone());
            !found.iter().any(|value| value.scalar().is_some_and(|scalar| holds(&equal, scalar)))
        }
        Some(test) => found.iter().any(|value| value.scalar().is_some_and(|scalar| holds(test, scalar))),
    }
}

/// Every value that names lead to.
fn all_named<'t>(value: Value<'t>, names: &[String]) -> Vec<Value<'t>> {
    let mut found = vec![value];
    for name in names {
        let fields = found.iter().flat_map(|value| value.fields());
        found =
            fields.filter(|field| field.key.is_some_and(|key| is_named(key, name))).map(|field| field.value).collect();
    }
    found
}

fn holds((test, expected): &(Test, String), scalar: Scalar<'_>) -> bool {
    let text = scalar.text();
    let order = match (number(&text), number(expected)) {
        (Some(one), Some(other)) => one.partial_cmp(&other),
        _ => match (date(&text), date(expected)) {
            (Some(one), Some(other)) => Some(one.cmp(&other)),
            _ => None,
        },
    };
    match test {
        Test::Equal => order.map_or(text == expected.as_str(), std::cmp::Ordering::is_eq),
        Test::NotEqual => !order.map_or(text == expected.as_str(), std::cmp::Ordering::is_eq),
        Test::Less => order.is_some_and(std::cmp::Ordering::is_lt),
        Test::LessOrEqual => order.is_some_and(std::cmp::Ordering::is_le),
        Test::Greater => order.is_some_and(std::cmp::Ordering::is_gt),
        Test::GreaterOrEqual => order.is_some_and(std::cmp::Ordering::is_ge),
        Test::Holds => text.contains(expected.as_str()),
    }
}

/// A number as a save writes it; `inf` and `nan` are words there.
fn number(text: &str) -> Option<f64> {
    let starts = text.bytes().next().is_some_and(|first| first.is_ascii_digit() || matches!(first, b'-' | b'+' | b'.'));
    if starts { text.parse().ok().filter(|number: &f64| number.is_finite()) } else { None }
}

fn date(text: &str) -> Option<(i32, u8, u8)> {
    let mut parts = text.splitn(3, '.');
    Some((parts.next()?.parse().ok()?, parts.next()?.parse().ok()?, parts.next()?.parse().ok()?))
}

/// What is handed out, counted.
struct Results<'v> {
    schema: Schema,
    limits: &'v QueryLimits,
    count: u64,
    bytes: u64,
    out: Vec<u8>,
    beyond: bool,
    visit: &'v mut dyn FnMut(&str, &[u8]) -> Flow,
}

impl Results<'_> {
    fn add(&mut self, path: &str, value: Value<'_>, fields: Option<&[Vec<String>]>) -> Flow {
        self.out.clear();
        match fields {
            Some(fields) => write_fields(value, fields, self.schema, &mut self.out),
            None => self.schema.write(value, &mut self.out),
        }
        self.count += 1;
        self.bytes += self.out.len() as u64;
        if self.count > self.limits.results || self.bytes > self.limits.bytes {
            self.beyond = true;
            return Flow::Break(());
        }
        (self.visit)(path, &self.out)
    }
}

fn write_fields(value: Value<'_>, fields: &[Vec<String>], schema: Schema, out: &mut Vec<u8>) {
    out.push(b'{');
    for names in fields {
        let found = all_named(value, names);
        let Some(last) = found.last() else { continue };
        json::separate(out);
        json::push_str(&names.join("."), out);
        out.push(b':');
        if schema == Schema::V1 || found.len() == 1 {
            schema.write(*last, out);
            continue;
        }
        out.push(b'[');
        for value in &found {
            json::separate(out);
            schema.write(*value, out);
        }
        out.push(b']');
    }
    out.push(b'}');
}

pub(super) fn run(
    steps: &[Step],
    save: &Save,
    schema: Schema,
    limits: &QueryLimits,
    visit: &mut dyn FnMut(&str, &[u8]) -> Flow,
) -> Result<(), SaveError> {
    let mut results = Results { schema, limits, count: 0, bytes: 0, out: Vec::new(), beyond: false, visit };
    let flow = through_sections(steps, save, &mut results)?;
    if flow.is_break() && results.beyond {
        return Err(SaveError::new(
            SaveErrorKind::LimitExceeded,
            format!("the query has more than {} results or {} bytes", limits.results, limits.bytes),
            "query",
            "ask for less, or raise its limits",
        ));
    }
    Ok(())
}

fn through_sections(steps: &[Step], save: &Save, results: &mut Results<'_>) -> Result<Flow, SaveError> {
    let mut tape = Tape::default();
    let (first, rest) = steps.split_first().unwrap_or((&Step::Any, &[]));
    let mut found = false;
    for section in save.sections() {
        let name = section.name();
        let wanted = match first {
            Step::Name(wanted) => *wanted == *name,
            _ => true,
        };
        if !wanted {
            continue;
        }
        found = true;
        // Entry by entry where the next step says which.
        let one_entry = match rest.first() {
            Some(Step::Name(key)) => Some(Some(key)),
            Some(Step::At(key)) if section.field_count()? > 0 => Some(Some(key)),
            Some(Step::Any | Step::Each) if section.is_container() => Some(None),
            _ => None,
        };
        let path = joined("", &name);
        let flow = match one_entry {
            None => {
                let value = section.parse(&mut tape)?;
                walk(rest, value, path, &mut |path, value, fields| results.add(path, value, fields))
            }
            Some(key) => {
                let rest = rest.get(1..).unwrap_or_default();
                through_entries(rest, section, key.map(String::as_str), &path, &mut tape, results)?
            }
        };
        if flow.is_break() {
            return Ok(flow);
        }
    }
    match first {
        Step::Name(name) if !found => Err(no_section(name)),
        _ => Ok(Flow::Continue(())),
    }
}

fn through_entries(
    rest: &[Step],
    section: crate::SectionView<'_>,
    key: Option<&str>,
    path: &str,
    tape: &mut Tape,
    results: &mut Results<'_>,
) -> Result<Flow, SaveError> {
    let mut entries: Vec<crate::EntryView<'_>> = Vec::new();
    match key {
        Some(key) => {
            entries.extend(section.entries_with(key)?);
            entries.reverse();
        }
        None => entries.extend(section.entries()?),
    }
    let mut items = 0usize;
    for entry in entries {
        let name = match entry.key() {
            Some(key) => text::characters(key.bytes).into_owned(),
            None => {
                items += 1;
                (items - 1).to_string()
            }
        };
        let place = Place { value: entry.parse(tape)?, step: 0, path: joined(path, &name), key: entry.key() };
        let flow = walk_from(rest, place, &mut |path, value, fields| results.add(path, value, fields));
        if flow.is_break() {
            return Ok(flow);
        }
    }
    Ok(Flow::Continue(()))
}
