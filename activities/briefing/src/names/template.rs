//! Templates: a key with variables, each of which is a key that may have variables too.

use save_parsing::{Raw, RawBlock, RawField};

use super::{NameSource, Names, Reading, key, literal, text};

/// How deep variables may lie in variables; what lies deeper is read as a key without any.
pub(super) const MAX_DEPTH: usize = 16;

/// How sure a template with a rule of its own is, and one without.
pub(super) const KNOWN: f64 = 0.9;
const OTHER: f64 = 0.85;

/// The variables of a template by name: what they read, and the key that they are.
struct Variables<'s> {
    rows: Vec<Variable<'s>>,
}

struct Variable<'s> {
    name: String,
    key: String,
    value: Option<Raw<'s>>,
}

impl<'s> Variables<'s> {
    fn of(block: RawBlock<'s>) -> Self {
        let row = |item: Raw<'s>| {
            let (mut name, mut value) = (None, None);
            item.block()?.each(|RawField { key, value: what }| match key.unwrap_or_default() {
                b"key" => name = what.text(),
                b"value" => value = Some(what),
                _ => {}
            });
            let key = value.and_then(|value| match value {
                Raw::Block(block) => block.text("key"),
                other => other.text(),
            });
            Some(Variable { name: name?.into_owned(), key: key.unwrap_or_default().into_owned(), value })
        };
        Self { rows: block.items().into_iter().filter_map(row).collect() }
    }

    fn find(&self, name: &str) -> Option<&Variable<'s>> {
        self.rows.iter().find(|row| row.name == name)
    }

    /// The key or text itself, which is not translated: a number, a part of a designation.
    fn raw(&self, name: &str) -> &str {
        self.find(name).map(|row| row.key.as_str()).unwrap_or_default()
    }
}

/// A template at some depth, as its rules see it.
struct Template<'n, 's> {
    names: &'n Names,
    variables: Variables<'s>,
    depth: usize,
}

impl Template<'_, '_> {
    fn read(&self, row: &Variable<'_>) -> String {
        match row.value {
            Some(Raw::Block(block)) => read(self.names, block, self.depth + 1).display,
            Some(_) if !row.key.is_empty() => self.names.resolve_text(&row.key, "").display,
            _ => String::new(),
        }
    }

    fn value(&self, name: &str) -> String {
        self.variables.find(name).map(|row| self.read(row)).unwrap_or_default()
    }

    /// The values of these names with spaces between.
    fn values<const N: usize>(&self, names: [&str; N]) -> String {
        let values = names.map(|name| self.value(name));
        text::joined(values.iter().map(String::as_str))
    }

    fn all(&self) -> Vec<(String, String)> {
        self.variables.rows.iter().map(|row| (row.name.clone(), self.read(row))).collect()
    }
}

/// What a block of a key and its variables reads.
pub(super) fn read(names: &Names, block: RawBlock<'_>, depth: usize) -> Reading {
    let (mut name, mut variables, mut is_literal) = (None, None, false);
    block.each(|RawField { key, value }| match key.unwrap_or_default() {
        b"key" => name = value.text(),
        b"variables" => variables = value.block(),
        b"literal" => is_literal = value.is_yes(),
        _ => {}
    });
    let name = name.unwrap_or_default();
    if is_literal {
        return literal(&name);
    }
    let variables = variables.filter(|_| depth < MAX_DEPTH).map(Variables::of);
    match variables.filter(|variables| !variables.rows.is_empty()) {
        Some(variables) => with_variables(&Template { names, variables, depth }, &name),
        // A mark without a variable is a key itself: `$NAME_Lone_Defender_ship$`.
        None if text::has_marks(&name) => {
            Reading { display: names.filled(&name, &[], depth), source: NameSource::Template, confidence: KNOWN }
        }
        None => names.key(&name),
    }
}

fn with_variables(template: &Template<'_, '_>, key: &str) -> Reading {
    let names = template.names;
    // The game's own text wins if it has a place for the variables.
    let own = names.localised(key).filter(|text| text::has_marks(text) && !key.starts_with('%'));
    if let Some(own) = own {
        let display = names.filled(own, &template.all(), template.depth);
        return Reading { display, source: NameSource::LocalizationKey, confidence: 1.0 };
    }
    if text::has_marks(key) {
        let display = names.filled(key, &template.all(), template.depth);
        return Reading { display, source: NameSource::Template, confidence: KNOWN };
    }
    match known(template, key) {
        Some(display) => Reading { display: text::plain(&display), source: NameSource::Template, confidence: KNOWN },
        None => other(template, key),
    }
}

/// The templates with a rule of their own. That AofBpfx and AassocB are two words, and %ACRONYM% the initials, is [H].
fn known(template: &Template<'_, '_>, key: &str) -> Option<String> {
    Some(match key {
        "%ADJECTIVE%" => template.values(["adjective", "1"]),
        "%ADJ%" | "AofBpfx" | "AassocB" | "%LEADER_1%" | "%LEADER_2%" => template.values(["1", "2"]),
        "AofB" => format!("{} of {}", template.value("1"), template.value("2")),
        "war_vs_adjectives" | "war_name_vs_adj" => {
            format!("{} - {}", template.value("1"), template.values(["2", "3"]))
        }
        "%SEQ%" => sequence(template.variables.raw("fmt"), template.variables.raw("num")),
        "PREFIX_NAME_FORMAT" => template.values(["PREFIX", "NAME"]),
        "SUFFIX_NAME_FORMAT" => template.values(["NAME", "SUFFIX"]),
        "PLANET_NAME_FORMAT" | "SUBPLANET_NAME_FORMAT" => template.values(["PARENT", "NUMERAL"]),
        "ASTEROID_NAME_FORMAT" => {
            format!("{}{}", template.variables.raw("prefix"), template.variables.raw("suffix"))
        }
        "HABITAT_PLANET_NAME" => {
            let place = |row: &&Variable<'_>| row.name.contains("solar_system") || row.name.contains("planet.GetName");
            let rows = &template.variables.rows;
            let row = template.variables.find("NAME").or_else(|| rows.iter().find(place)).or(rows.first())?;
            format!("{} Habitat", template.read(row))
        }
        "TRANS_FLEET_NAME" => {
            format!("{} Transport Fleet {}", template.value("COUNTRY"), template.variables.raw("NUMBER"))
        }
        "%ACRONYM%" => {
            let initials = template.value("base");
            initials.split_whitespace().filter_map(|word| word.chars().next()).flat_map(char::to_uppercase).collect()
        }
        _ => return numbered(template, key),
    })
}

/// The templates whose key has a number or a class in it; that a star has a letter and a colony a number is [H].
fn numbered(template: &Template<'_, '_>, key: &str) -> Option<String> {
    if let Some((star, of)) = key.strip_prefix("STAR_NAME_").and_then(|rest| rest.split_once("_OF_")) {
        let name = template.value("NAME");
        if of == "1" {
            return Some(name);
        }
        let letter =
            star.parse::<u8>().ok().filter(|star| (1..=26).contains(star)).map(|star| char::from(b'A' + star - 1));
        return Some(letter.map_or(name.clone(), |letter| format!("{name} {letter}")));
    }
    if let Some(number) = key.strip_prefix("NEW_COLONY_NAME_") {
        return Some(format!("{} {number}", template.value("NAME")));
    }
    let class = key.strip_prefix("shipclass_")?.strip_suffix("_name")?;
    template.variables.find("PLANET")?;
    Some(format!("{} {}", template.value("PLANET"), key::words(class)))
}

/// A fleet is counted, an army or ship has its number before its name [H].
fn sequence(format: &str, number: &str) -> String {
    if format.is_empty() || format.contains("FLEET") {
        format!("Fleet #{number}")
    } else {
        format!("{number} {}", key::words(key::without_list(format)))
    }
}

/// Any other template [H]: its key, which is a word of the name unless it is a format, then the values.
fn other(template: &Template<'_, '_>, key: &str) -> Reading {
    let format =
        (key.starts_with('%') && key.ends_with('%')) || key.starts_with("format.") || key.contains("_NAME_FORMAT");
    let own = if format { String::new() } else { template.names.key(key).display };
    let values = template.all();
    let parts = std::iter::once(own.as_str()).chain(values.iter().map(|(_, value)| value.as_str()));
    Reading { display: text::joined(parts), source: NameSource::Fallback, confidence: OTHER }
}
