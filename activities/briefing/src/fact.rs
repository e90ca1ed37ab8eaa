//! What a briefing consists of: a tree of facts, each of which may say why it is as it is.

mod why;

use std::borrow::Cow;

use serde::{
    Serialize, Serializer,
    ser::{SerializeMap, SerializeSeq},
};

pub use why::{Source, Why};

/// A value of the briefing.
#[derive(Debug, Clone, PartialEq)]
pub enum Fact {
    /// Not known; [`Object::unknown`] says why.
    Null,
    /// Yes or no.
    Bool(bool),
    /// A count, an id, a year.
    Integer(i64),
    /// A number with decimals.
    Number(f64),
    /// A name, a type, a date.
    Text(String),
    /// Several of a kind.
    List(Vec<Fact>),
    /// Named facts.
    Object(Object),
}

impl Fact {
    /// A number rounded to so many decimals.
    pub fn rounded(number: f64, decimals: i32) -> Self {
        Self::Number(round(number, decimals))
    }

    /// A number as the game writes it, which may have decimals (`160.000`): whole if it is.
    #[expect(clippy::cast_possible_truncation, reason = "it is whole, and far from the ends of i64")]
    pub fn decimal(number: f64) -> Self {
        if number.fract() == 0.0 && number.abs() < 1e15 { Self::Integer(number as i64) } else { Self::from(number) }
    }

    /// A list of texts.
    pub fn texts<T: Into<String>>(texts: impl IntoIterator<Item = T>) -> Self {
        Self::List(texts.into_iter().map(|text| Self::Text(text.into())).collect())
    }

    /// The object, if it is one.
    pub fn object(&self) -> Option<&Object> {
        match self {
            Self::Object(object) => Some(object),
            _ => None,
        }
    }

    /// The number, if it is one.
    #[expect(clippy::cast_precision_loss, reason = "counts and years are far below 2^53")]
    pub fn number(&self) -> Option<f64> {
        match self {
            Self::Integer(integer) => Some(*integer as f64),
            Self::Number(number) => Some(*number),
            _ => None,
        }
    }

    /// What stands at `path` below it: names of members and numbers of items, with dots between.
    pub fn at(&self, path: &str) -> Option<&Self> {
        path.split('.').filter(|step| !step.is_empty()).try_fold(self, |fact, step| match fact {
            Self::Object(object) => object.get(step),
            Self::List(items) => items.get(step.parse::<usize>().ok()?),
            _ => None,
        })
    }
}

/// `number` with so many decimals; minus zero is zero.
pub fn round(number: f64, decimals: i32) -> f64 {
    let scale = 10f64.powi(decimals);
    let scaled = number * scale;
    // One too big to be scaled has no decimals.
    let rounded = if scaled.is_finite() { scaled.round() / scale } else { number };
    if rounded == 0.0 { 0.0 } else { rounded }
}

macro_rules! fact_of {
    ($($from:ty => $value:ident => $fact:expr),* $(,)?) => {
        $(impl From<$from> for Fact {
            fn from($value: $from) -> Self {
                $fact
            }
        })*
    };
}

fact_of! {
    bool => value => Self::Bool(value),
    i64 => value => Self::Integer(value),
    u32 => value => Self::Integer(i64::from(value)),
    i32 => value => Self::Integer(i64::from(value)),
    usize => value => Self::Integer(i64::try_from(value).unwrap_or(i64::MAX)),
    f64 => value => Self::Number(value),
    String => value => Self::Text(value),
    &str => value => Self::Text(value.to_owned()),
    Cow<'_, str> => value => Self::Text(value.into_owned()),
    Object => value => Self::Object(value),
}

impl<T: Into<Fact>> From<Vec<T>> for Fact {
    fn from(items: Vec<T>) -> Self {
        Self::List(items.into_iter().map(Into::into).collect())
    }
}

impl<T: Into<Fact>> From<Option<T>> for Fact {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Null, Into::into)
    }
}

impl Serialize for Fact {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Null => serializer.serialize_unit(),
            Self::Bool(value) => serializer.serialize_bool(*value),
            Self::Integer(value) => serializer.serialize_i64(*value),
            Self::Number(value) => serializer.serialize_f64(*value),
            Self::Text(value) => serializer.serialize_str(value),
            Self::List(items) => {
                let mut list = serializer.serialize_seq(Some(items.len()))?;
                for item in items {
                    list.serialize_element(item)?;
                }
                list.end()
            }
            Self::Object(object) => object.serialize(serializer),
        }
    }
}

/// A fact with its name, and with why it is so.
#[derive(Debug, Clone, PartialEq)]
pub struct NamedFact {
    /// Its name; that of a map comes from the save.
    pub name: Cow<'static, str>,
    /// The fact.
    pub fact: Fact,
    /// Why, if explanations were asked for.
    pub why: Option<Box<Why>>,
    /// Why it is null, if it is.
    pub unknown: Option<Cow<'static, str>>,
}

impl NamedFact {
    /// A fact without an explanation. What is no number, such as a sum beyond all bounds, is not known.
    fn new(name: Cow<'static, str>, fact: Fact) -> Self {
        match fact {
            Fact::Number(number) if !number.is_finite() => {
                let reason = "the numbers of the save are too big to be added up";
                Self { name, fact: Fact::Null, why: None, unknown: Some(Cow::Borrowed(reason)) }
            }
            Fact::Null => Self { name, fact, why: None, unknown: Some(Cow::Borrowed("the save does not say it")) },
            fact => Self { name, fact, why: None, unknown: None },
        }
    }
}

/// Facts with names, in the order in which they were put in.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Object {
    members: Vec<NamedFact>,
}

/// A fact that was put in just now, to which an explanation can be added.
#[derive(Debug)]
pub struct Put<'o> {
    member: Option<&'o mut NamedFact>,
}

impl Put<'_> {
    /// Says why, if `explaining`; else the closure is not called.
    pub fn why(self, explaining: bool, why: impl FnOnce() -> Why) {
        if explaining && let Some(member) = self.member {
            member.why = Some(Box::new(why()));
        }
    }
}

impl Object {
    /// An empty one.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a fact, or replaces the one of that name. A `None` is a null with a general reason: give a better one with [`Self::known_or`].
    pub fn put(&mut self, name: impl Into<Cow<'static, str>>, fact: impl Into<Fact>) -> Put<'_> {
        let (name, fact) = (name.into(), fact.into());
        let at = self.members.iter().position(|member| member.name == name).unwrap_or(self.members.len());
        if at == self.members.len() {
            self.members.push(NamedFact::new(name, fact));
        } else if let Some(member) = self.members.get_mut(at) {
            *member = NamedFact::new(name, fact);
        }
        Put { member: self.members.get_mut(at) }
    }

    /// Adds a null and why it is not known: a version that lacks the data, a section that is damaged.
    pub fn unknown(&mut self, name: impl Into<Cow<'static, str>>, reason: impl Into<Cow<'static, str>>) {
        if let Some(member) = self.put(name, Fact::Null).member {
            member.unknown = Some(reason.into());
        }
    }

    /// Adds a fact if there is one, else a null with the reason.
    pub fn known_or(
        &mut self,
        name: impl Into<Cow<'static, str>>,
        fact: Option<impl Into<Fact>>,
        reason: impl Into<Cow<'static, str>>,
    ) -> Put<'_> {
        let name = name.into();
        match fact {
            Some(fact) => self.put(name, fact),
            None => {
                self.unknown(name, reason);
                Put { member: self.members.last_mut() }
            }
        }
    }

    /// Adds a fact with all that is known of it, as another object has it: why it is so, why it is null.
    pub fn copy(&mut self, name: impl Into<Cow<'static, str>>, from: Option<&NamedFact>) {
        let name = name.into();
        match from {
            Some(named) => {
                self.put(name.clone(), named.fact.clone());
                if let Some(member) = self.members.iter_mut().find(|member| member.name == name) {
                    (member.why, member.unknown) = (named.why.clone(), named.unknown.clone());
                }
            }
            None => self.unknown(name, "another part does not have it"),
        }
    }

    /// The fact of that name.
    pub fn get(&self, name: &str) -> Option<&Fact> {
        self.named(name).map(|member| &member.fact)
    }

    /// The fact of that name with what is known of it.
    pub fn named(&self, name: &str) -> Option<&NamedFact> {
        self.members.iter().find(|member| member.name == name)
    }

    /// The facts in their order.
    pub fn members(&self) -> &[NamedFact] {
        &self.members
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.members.is_empty()
    }
}

/// Of names that differ, such as those of a map.
impl<K: Into<Cow<'static, str>>, V: Into<Fact>> FromIterator<(K, V)> for Object {
    fn from_iter<I: IntoIterator<Item = (K, V)>>(pairs: I) -> Self {
        let member = |(name, fact): (K, V)| NamedFact::new(name.into(), fact.into());
        Self { members: pairs.into_iter().map(member).collect() }
    }
}

impl Serialize for Object {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.members.len()))?;
        for member in &self.members {
            map.serialize_entry(&member.name, &member.fact)?;
        }
        map.end()
    }
}
