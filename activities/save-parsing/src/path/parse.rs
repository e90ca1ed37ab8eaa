//! Text of a path to its steps.

use super::{Field, Filter, Query, Step, Test};
use crate::{SaveError, SaveErrorKind};

/// Bytes of a path.
const MAX_BYTES: usize = 4096;
/// Steps of a path.
const MAX_STEPS: usize = 64;

pub(super) fn query(path: &str) -> Result<Query, SaveError> {
    let mut parser = Parser { path, at: 0 };
    if path.len() > MAX_BYTES {
        return Err(parser.error("the path is longer than 4096 bytes"));
    }
    let mut steps = vec![parser.step()?];
    loop {
        match parser.peek() {
            None => break,
            Some(_) if matches!(steps.last(), Some(Step::Fields(_))) => {
                return Err(parser.error("nothing can follow { ... }"));
            }
            Some('.') => {
                parser.bump();
                steps.push(parser.step()?);
            }
            Some('[') => {
                parser.bump();
                steps.push(parser.select()?);
            }
            Some(_) => return Err(parser.error("expected '.' or '['")),
        }
        if steps.len() > MAX_STEPS {
            return Err(parser.error("the path has more than 64 steps"));
        }
    }
    match steps.first() {
        Some(Step::Fields(_)) => {
            parser.at = 0;
            Err(parser.error("a path begins with the name of a section or '*'"))
        }
        _ => Ok(Query { steps }),
    }
}

struct Parser<'p> {
    path: &'p str,
    at: usize,
}

fn is_name(character: char) -> bool {
    character.is_alphanumeric() || matches!(character, '_' | '-' | ':' | '@') || !character.is_ascii()
}

impl Parser<'_> {
    fn rest(&self) -> &str {
        self.path.get(self.at..).unwrap_or_default()
    }

    fn peek(&self) -> Option<char> {
        self.rest().chars().next()
    }

    fn bump(&mut self) {
        self.at += self.peek().map_or(0, char::len_utf8);
    }

    fn skip_space(&mut self) {
        while self.peek().is_some_and(|character| character == ' ') {
            self.bump();
        }
    }

    fn error(&self, what: &str) -> SaveError {
        let column = self.path.get(..self.at).map_or(0, |before| before.chars().count()) + 1;
        SaveError::new(
            SaveErrorKind::InvalidInput,
            format!("the path cannot be read: {what}"),
            format!("column {column} of {:?}", self.path.chars().take(200).collect::<String>()),
            "a path looks like fleet.*[military_power>1000].{name,ships}",
        )
    }

    fn step(&mut self) -> Result<Step, SaveError> {
        match self.peek() {
            Some('*') => {
                self.bump();
                Ok(Step::Any)
            }
            Some('{') => {
                self.bump();
                self.fields()
            }
            _ => Ok(Step::Name(self.name()?)),
        }
    }

    fn name(&mut self) -> Result<String, SaveError> {
        if self.peek() == Some('"') {
            return self.quoted();
        }
        let rest = self.rest();
        let end = rest.find(|character| !is_name(character)).unwrap_or(rest.len());
        let name = rest.get(..end).unwrap_or_default().to_owned();
        if name.is_empty() {
            return Err(self.error("expected a name, '*' or a quoted name"));
        }
        self.at += end;
        Ok(name)
    }

    fn quoted(&mut self) -> Result<String, SaveError> {
        self.bump();
        let mut text = String::new();
        loop {
            match self.peek() {
                None => return Err(self.error("a quote is never closed")),
                Some('"') => {
                    self.bump();
                    return Ok(text);
                }
                Some('\\') => {
                    self.bump();
                    // What follows stands for itself, a quote too.
                    text.extend(self.peek());
                    self.bump();
                }
                Some(character) => {
                    self.bump();
                    text.push(character);
                }
            }
        }
    }

    fn names(&mut self) -> Result<Vec<String>, SaveError> {
        let mut names = vec![self.name()?];
        while self.peek() == Some('.') {
            self.bump();
            names.push(self.name()?);
        }
        Ok(names)
    }

    fn fields(&mut self) -> Result<Step, SaveError> {
        let mut fields = Vec::new();
        loop {
            self.skip_space();
            fields.push(self.names()?);
            self.skip_space();
            match self.peek() {
                Some(',') => self.bump(),
                Some('}') => {
                    self.bump();
                    return Ok(Step::Fields(fields));
                }
                _ => return Err(self.error("expected ',' or '}'")),
            }
        }
    }

    fn select(&mut self) -> Result<Step, SaveError> {
        self.skip_space();
        let step = if self.peek() == Some('*') {
            self.bump();
            Step::Each
        } else {
            let quoted = self.peek() == Some('"');
            let names = self.names()?;
            self.skip_space();
            self.filter(quoted, names)?
        };
        self.skip_space();
        if self.peek() != Some(']') {
            return Err(self.error("expected ']'"));
        }
        self.bump();
        Ok(step)
    }

    fn filter(&mut self, quoted: bool, names: Vec<String>) -> Result<Step, SaveError> {
        let test = self.test();
        let field = |names: Vec<String>| if names == ["@key"] { Field::Key } else { Field::Path(names) };
        let Some(test) = test else {
            return Ok(match names.as_slice() {
                [one] if quoted || one.bytes().all(|byte| byte.is_ascii_digit()) => Step::At(one.clone()),
                _ => Step::Filter(Filter { field: field(names), test: None }),
            });
        };
        self.skip_space();
        let value = if self.peek() == Some('"') {
            self.quoted()?
        } else {
            let rest = self.rest();
            let end = rest.find([']', ' ']).unwrap_or(rest.len());
            let value = rest.get(..end).unwrap_or_default().to_owned();
            if value.is_empty() {
                return Err(self.error("expected a value"));
            }
            self.at += end;
            value
        };
        Ok(Step::Filter(Filter { field: field(names), test: Some((test, value)) }))
    }

    fn test(&mut self) -> Option<Test> {
        let tests = [
            ("==", Test::Equal),
            ("!=", Test::NotEqual),
            ("<=", Test::LessOrEqual),
            (">=", Test::GreaterOrEqual),
            ("=", Test::Equal),
            ("<", Test::Less),
            (">", Test::Greater),
            ("~", Test::Holds),
        ];
        let (text, test) = tests.into_iter().find(|(text, _)| self.rest().starts_with(text))?;
        self.at += text.len();
        Some(test)
    }
}
