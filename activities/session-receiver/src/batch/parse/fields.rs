//! Fields of one object: taken as they stand, then checked one by one.

use std::fmt;

use serde::{
    Deserialize, Deserializer,
    de::{self, IgnoredAny, MapAccess},
};
use serde_json::value::RawValue;

use crate::{
    batch::{
        Failures,
        text::{decode, kind},
    },
    moment,
};

/// Names of fields, of which the unknown are passed over. A macro of one list, so that name and place cannot part.
macro_rules! fields {
    ($of:ident { $($name:ident),+ }) => {
        #[derive(Default)]
        pub(super) struct $of<'a> { $(pub(super) $name: Option<&'a RawValue>),+ }

        impl<'a> $of<'a> {
            pub(super) fn read<A: MapAccess<'a>>(&mut self, map: &mut A, mut other: impl FnMut(&str, &mut A) -> Result<bool, A::Error>) -> Result<(), A::Error> {
                while let Some(name) = map.next_key::<Name>()? {
                    match name.0.as_str() {
                        $(stringify!($name) => self.$name = Some(map.next_value()?).filter(|v: &&RawValue| v.get() != "null"),)+
                        unknown => if !other(unknown, map)? {
                            map.next_value::<IgnoredAny>()?;
                        },
                    }
                }
                Ok(())
            }
        }
    };
}

/// A name of a field, cut: those that are known are short.
struct Name(String);

impl<'de> Deserialize<'de> for Name {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Visit;
        impl de::Visitor<'_> for Visit {
            type Value = Name;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a name")
            }

            fn visit_str<E: de::Error>(self, name: &str) -> Result<Name, E> {
                Ok(Name(if name.len() > 40 { String::new() } else { name.to_owned() }))
            }
        }
        deserializer.deserialize_str(Visit)
    }
}

fields!(SessionFields {
    id,
    provider,
    environment,
    project,
    device_id,
    cwd,
    git_repo,
    git_branch,
    started_at,
    ended_at,
    provider_session_id
});
fields!(EventFields {
    role,
    content_text,
    tool_name,
    tool_input_json,
    tool_output_text,
    timestamp,
    source_path,
    source_offset,
    tool_call_id,
    item_index,
    raw_json
});

/// Checks fields of one object, and says of each what is wrong.
pub(super) struct Checks<'a> {
    pub(super) failures: &'a mut Failures,
    /// Ordinal of the event; nothing in the body itself.
    pub(super) event: Option<u64>,
}

impl Checks<'_> {
    pub(super) fn fail(&mut self, field: &str, problem: impl Into<String>) {
        let event = self.event;
        self.failures.add(|| event.map_or_else(|| field.to_owned(), |n| format!("events[{n}].{field}")), problem);
    }

    pub(super) fn string(&mut self, field: &str, value: Option<&RawValue>) -> Option<String> {
        let value = value?;
        let text = decode(value);
        if text.is_none() {
            self.fail(field, format!("must be a string, not {}", kind(value)));
        }
        text
    }

    pub(super) fn required(&mut self, field: &str, value: Option<&RawValue>) -> Option<String> {
        if value.is_none() {
            self.fail(field, "is missing");
        }
        self.string(field, value)
    }

    pub(super) fn moment(&mut self, field: &str, text: Option<String>) -> Option<i64> {
        let text = text?;
        let micros = moment::parse(&text);
        if micros.is_none() {
            self.fail(field, "must be a date and time of RFC 3339 with Z or an offset");
        }
        micros
    }

    pub(super) fn whole(&mut self, field: &str, value: Option<&RawValue>) -> Option<i64> {
        let value = value?;
        let number = value.get().parse::<i64>().ok().filter(|n| *n >= 0);
        if number.is_none() {
            self.fail(field, format!("must be a whole number from 0 to {}", i64::MAX));
        }
        number
    }
}
