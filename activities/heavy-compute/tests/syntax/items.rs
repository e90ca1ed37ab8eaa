//! The file's own documentation belongs to no item.
#![allow(dead_code)]

use std::fmt;

/// How many.
pub const LIMIT: usize = 10;
static mut COUNTER: u32 = 0;

/// A point.
///
/// With two fields.
#[derive(Debug, Clone)]
pub struct Point {
    /// Across.
    pub x: i32,
    y: i32,
}

pub struct Pair<T>(pub T, T);
pub struct Unit;

pub enum Shape {
    /// Round.
    Circle(Point),
    Square { side: u32 },
    Nothing = 3,
}

union Bits {
    int: u32,
    float: f32,
}

pub type Result<T> = std::result::Result<T, Error>;
pub(crate) struct Error;

/** A block comment
 * is documentation as well. */
#[inline]
#[must_use] // not documentation
pub fn area(shape: &Shape, /* scale */ scale: u32,) -> u32 {
    match shape {
        Shape::Circle(_) if scale > 1 => helper(scale),
        Shape::Square { side } => side * side,
        _ => 0,
    }
}

// An ordinary comment is no documentation.
fn helper(n: u32) -> u32 {
    fn nested(a: u32) -> u32 {
        if a > 1 && a < 5 || a == 7 { a } else { nested(a - 1) }
    }
    let twice = |v: u32| if v > 0 { v * 2 } else { 0 };
    const INNER: u32 = 3;
    while nested(n) > INNER {
        return twice(n);
    }
    nested(n)
}

impl Point {
    pub const ORIGIN: Point = Point { x: 0, y: 0 };

    /// Makes one.
    pub fn new(x: i32, y: i32) -> Self {
        Self { x, y }
    }

    pub async fn load(&mut self, from: &str) -> Result<()> {
        self.check()?;
        Self::new(1, 2);
        Point::new(3, 4);
        from.parse_all();
        Ok(())
    }

    fn check(&self) -> Result<()> {
        Ok(())
    }
}

impl<T> Pair<T>
where
    T: Clone,
{
    fn first(self: Box<Self>) -> T {
        self.0.clone()
    }
}

impl fmt::Display for Point {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.x)
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("error")
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("error")
    }
}

impl Iterator for std::vec::Foreign<u8> {
    type Item = u8;
    fn next(&mut self) -> Option<u8> {
        None
    }
}

/// Has a name.
pub trait Named: fmt::Debug {
    type Key;
    const KIND: &'static str;

    /// The name.
    fn name(&self) -> String;

    fn shout(&self) -> String {
        self.name().to_uppercase()
    }
}

pub mod outer {
    pub mod inner {
        pub(super) fn deep() {
            super::sibling();
        }
    }

    pub fn sibling() {
        inner::deep();
    }

    pub(self) fn own() {}
}

mod elsewhere;

extern "C" {
    fn strlen(s: *const u8) -> usize;
    static environ: *const u8;
}

#[no_mangle]
pub unsafe extern "C" fn exported(s: *const u8) -> usize {
    unsafe { strlen(s) }
}

#[macro_export]
macro_rules! square {
    ($x:expr) => {
        $x * $x
    };
}

pub async fn fetch<'a, F>(url: &'a str, then: F) -> Result<&'a str>
where
    F: FnOnce(u32, u32) -> u32,
{
    let body = send(url).await?;
    for part in body {
        let Some(text) = part else { continue };
        then(square!(2), text);
    }
    loop {}
}

#[cfg(unix)]
fn twice() {}
#[cfg(windows)]
fn twice() {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn adds() {
        assert_eq!(area(&Shape::Nothing, 1), 0);
        helper(1);
    }
}
