//! From the bytes of a body to its events.

mod fields;

use std::fmt;

use serde::{
    Deserializer,
    de::{self, DeserializeSeed, IgnoredAny, MapAccess, SeqAccess},
};
use uuid::Uuid;

use self::fields::{Checks, EventFields, SessionFields};
use super::{Batch, Event, Failures, Role, SessionHead, text::kind};
use crate::refusal::{Refusal, SchemaFailure};

pub(super) fn parse(body: &[u8], most_events: u64) -> Result<Batch, Refusal> {
    let body = std::str::from_utf8(body)
        .map_err(|e| Refusal::Unreadable(format!("it is not UTF-8 at byte {}", e.valid_up_to())))?;
    let mut reading = Reading { batch: Batch::default(), failures: Failures::default(), events: 0, most_events };
    let mut reader = serde_json::Deserializer::from_str(body);
    Body(&mut reading).deserialize(&mut reader).and_then(|()| reader.end()).map_err(|e| not_read(&e))?;
    if reading.events > most_events {
        return Err(Refusal::TooLarge { limit: "events", most: most_events });
    }
    reading.failures.into_result()?;
    Ok(reading.batch)
}

/// Of all fields only `events` has a form that is asked for while it is read.
fn not_read(error: &serde_json::Error) -> Refusal {
    if error.is_data() {
        let failures = vec![SchemaFailure { at: "events".to_owned(), problem: error.to_string() }];
        return Refusal::Schema { failures, count: 1 };
    }
    Refusal::Unreadable(format!("it is not JSON: {error}"))
}

struct Reading {
    batch: Batch,
    failures: Failures,
    events: u64,
    most_events: u64,
}

struct Body<'r>(&'r mut Reading);

impl<'de> DeserializeSeed<'de> for Body<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

/// Everything that is not an object is one failure, and is passed over.
macro_rules! refuse_other_kinds {
    () => {
        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("an object")
        }

        fn visit_bool<E: de::Error>(self, _: bool) -> Result<(), E> {
            self.refuse();
            Ok(())
        }

        fn visit_i64<E: de::Error>(self, _: i64) -> Result<(), E> {
            self.refuse();
            Ok(())
        }

        fn visit_u64<E: de::Error>(self, _: u64) -> Result<(), E> {
            self.refuse();
            Ok(())
        }

        fn visit_f64<E: de::Error>(self, _: f64) -> Result<(), E> {
            self.refuse();
            Ok(())
        }

        fn visit_str<E: de::Error>(self, _: &str) -> Result<(), E> {
            self.refuse();
            Ok(())
        }

        fn visit_unit<E: de::Error>(self) -> Result<(), E> {
            self.refuse();
            Ok(())
        }

        fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<(), A::Error> {
            while seq.next_element::<IgnoredAny>()?.is_some() {}
            self.refuse();
            Ok(())
        }
    };
}

impl Body<'_> {
    fn refuse(self) {
        self.0.failures.add(|| "$".to_owned(), "must be an object");
    }
}

impl<'de> de::Visitor<'de> for Body<'_> {
    type Value = ();

    refuse_other_kinds!();

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        let reading = self.0;
        let mut fields = SessionFields::default();
        let mut has_events = false;
        fields.read(&mut map, |name, map| {
            let is_events = name == "events";
            if is_events {
                has_events = true;
                map.next_value_seed(Events(reading))?;
            }
            Ok(is_events)
        })?;
        let mut checks = Checks { failures: &mut reading.failures, event: None };
        if !has_events {
            checks.fail("events", "is missing");
        }
        let id = checks.required("id", fields.id).and_then(|id| {
            let parsed = Uuid::try_parse(&id).ok();
            if parsed.is_none() {
                checks.fail("id", "must be a UUID");
            }
            parsed.map(|id| id.to_string())
        });
        let provider = checks.required("provider", fields.provider);
        if provider.as_deref().is_some_and(|name| name.trim().is_empty()) {
            checks.fail("provider", "must not be empty");
        }
        let environment = checks.string("environment", fields.environment);
        let started_at = checks.required("started_at", fields.started_at);
        let ended_at = checks.string("ended_at", fields.ended_at);
        reading.batch.session = SessionHead {
            id: id.unwrap_or_default(),
            provider: provider.unwrap_or_default(),
            environment: environment.unwrap_or_else(|| "production".to_owned()),
            project: checks.string("project", fields.project),
            device_id: checks.string("device_id", fields.device_id),
            cwd: checks.string("cwd", fields.cwd),
            git_repo: checks.string("git_repo", fields.git_repo),
            git_branch: checks.string("git_branch", fields.git_branch),
            started_at: checks.moment("started_at", started_at).unwrap_or_default(),
            ended_at: checks.moment("ended_at", ended_at),
            provider_session_id: checks.string("provider_session_id", fields.provider_session_id),
        };
        Ok(())
    }
}

struct Events<'r>(&'r mut Reading);

impl<'de> DeserializeSeed<'de> for Events<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        struct Visit<'r>(&'r mut Reading);
        impl<'de> de::Visitor<'de> for Visit<'_> {
            type Value = ();

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an array of events")
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<(), A::Error> {
                while seq.next_element_seed(OneEvent(self.0))?.is_some() {}
                Ok(())
            }
        }
        deserializer.deserialize_seq(Visit(self.0))
    }
}

struct OneEvent<'r>(&'r mut Reading);

impl OneEvent<'_> {
    fn refuse(self) {
        let at = self.0.events;
        self.0.events += 1;
        self.0.failures.add(|| format!("events[{at}]"), "must be an object");
    }
}

impl<'de> DeserializeSeed<'de> for OneEvent<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> de::Visitor<'de> for OneEvent<'_> {
    type Value = ();

    refuse_other_kinds!();

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        let reading = self.0;
        let mut fields = EventFields::default();
        fields.read(&mut map, |_, _| Ok(false))?;
        let mut checks = Checks { failures: &mut reading.failures, event: Some(reading.events) };
        reading.events += 1;
        if reading.events > reading.most_events {
            return Ok(());
        }
        let role = checks.required("role", fields.role).and_then(|name| {
            let role = Role::of_name(&name);
            if role.is_none() {
                checks.fail("role", "must be user, assistant, tool or system");
            }
            role
        });
        let timestamp = checks.required("timestamp", fields.timestamp);
        let timestamp = checks.moment("timestamp", timestamp);
        if let Some(input) = fields.tool_input_json
            && !input.get().starts_with('{')
        {
            checks.fail("tool_input_json", format!("must be an object, not {}", kind(input)));
        }
        let event = Event {
            role: role.unwrap_or(Role::User),
            content_text: checks.string("content_text", fields.content_text),
            tool_name: checks.string("tool_name", fields.tool_name),
            tool_input_json: fields.tool_input_json.map(|input| input.get().to_owned()),
            tool_output_text: checks.string("tool_output_text", fields.tool_output_text),
            timestamp: timestamp.unwrap_or_default(),
            source_path: checks.string("source_path", fields.source_path).unwrap_or_default(),
            source_offset: checks.whole("source_offset", fields.source_offset).unwrap_or_default(),
            tool_call_id: checks.string("tool_call_id", fields.tool_call_id),
            item_index: checks.whole("item_index", fields.item_index),
            raw_json: checks.string("raw_json", fields.raw_json),
        };
        // A body is taken as a whole or not at all.
        if reading.failures.count == 0 {
            reading.batch.events.push(event);
        }
        Ok(())
    }
}
