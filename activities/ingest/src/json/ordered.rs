//! Values whose keys must be put in order: read into a flat list, printed from it, both without recursion.

use std::{borrow::Cow, collections::HashMap};

use super::{Raw, Scanner, number, text::write_text};

enum Node<'a> {
    Scalar(Raw<'a>),
    Array(Vec<usize>),
    Object(Vec<(Cow<'a, str>, usize)>),
}

/// Appends a container that is known to be JSON.
pub(super) fn write(out: &mut String, raw: &str) {
    if let Some((nodes, root)) = read(raw) {
        print(out, &nodes, root);
    } else {
        // What was scanned once is read again: cannot be.
        out.push_str("{}");
    }
}

fn read(raw: &str) -> Option<(Vec<Node<'_>>, usize)> {
    let mut scanner = Scanner::new(raw);
    let (mut nodes, mut open): (Vec<Node<'_>>, Vec<Node<'_>>) = (Vec::new(), Vec::new());
    loop {
        // Before a key or a value.
        scanner.blanks();
        let mut done = None;
        if let Some(Node::Object(members)) = open.last_mut()
            && !scanner.next_is(b'}')
        {
            // The place of its value is filled in when that is read.
            members.push((scanner.key().ok()?.decode(), usize::MAX));
        }
        if scanner.eat(b'{') {
            open.push(Node::Object(Vec::new()));
        } else if scanner.eat(b'[') {
            open.push(Node::Array(Vec::new()));
        } else if !scanner.next_is(b'}') && !scanner.next_is(b']') {
            done = Some(Node::Scalar(scanner.value().ok()?));
        }
        // Behind a value: the ends of containers, then a comma.
        loop {
            if let Some(node) = done.take() {
                nodes.push(node);
                let place = nodes.len() - 1;
                match open.last_mut() {
                    None => return Some((nodes, place)),
                    Some(Node::Array(items)) => items.push(place),
                    Some(Node::Object(members)) => members.last_mut()?.1 = place,
                    Some(Node::Scalar(_)) => return None,
                }
            }
            scanner.blanks();
            if scanner.eat(b'}') || scanner.eat(b']') {
                done = Some(match open.pop()? {
                    Node::Object(members) => Node::Object(in_order(members)),
                    other => other,
                });
            } else {
                let _ = scanner.eat(b',');
                break;
            }
        }
    }
}

/// A key that JavaScript takes for the index of an array.
fn index(key: &str) -> Option<u32> {
    let plain = key == "0" || (!key.starts_with('0') && key.bytes().all(|byte| byte.is_ascii_digit()));
    key.parse().ok().filter(|index| plain && *index < u32::MAX)
}

fn in_order<'a>(members: Vec<(Cow<'a, str>, usize)>) -> Vec<(Cow<'a, str>, usize)> {
    let mut places: HashMap<Cow<'a, str>, usize> = HashMap::with_capacity(members.len());
    let mut kept: Vec<(Cow<'a, str>, usize)> = Vec::with_capacity(members.len());
    for (key, value) in members {
        match places.get(&key).and_then(|place| kept.get_mut(*place)) {
            Some(first) => first.1 = value,
            None => {
                places.insert(key.clone(), kept.len());
                kept.push((key, value));
            }
        }
    }
    // Stable: those that are no index keep their order.
    kept.sort_by_key(|(key, _)| index(key).map_or(u64::MAX, u64::from));
    kept
}

fn print(out: &mut String, nodes: &[Node<'_>], root: usize) {
    let mut open: Vec<(usize, usize)> = vec![(root, 0)];
    while let Some((place, done)) = open.pop() {
        match nodes.get(place) {
            None => {}
            Some(Node::Scalar(Raw::Number(raw))) => number::write_raw(out, raw),
            Some(Node::Scalar(Raw::Text(text))) => write_text(out, &text.decode()),
            Some(Node::Scalar(Raw::Bool(value))) => out.push_str(if *value { "true" } else { "false" }),
            Some(Node::Scalar(_)) => out.push_str("null"),
            Some(Node::Array(items)) => {
                separate(out, done, '[');
                match items.get(done) {
                    Some(item) => open.extend([(place, done + 1), (*item, 0)]),
                    None => close(out, items.is_empty(), ']'),
                }
            }
            Some(Node::Object(members)) => {
                separate(out, done, '{');
                match members.get(done) {
                    Some((key, value)) => {
                        write_text(out, key);
                        out.push(':');
                        open.extend([(place, done + 1), (*value, 0)]);
                    }
                    None => close(out, members.is_empty(), '}'),
                }
            }
        }
    }
}

/// Opens a container before its first part, and puts a comma before every other; the last is taken back by [`close`].
fn separate(out: &mut String, done: usize, bracket: char) {
    out.push(if done == 0 { bracket } else { ',' });
}

fn close(out: &mut String, empty: bool, bracket: char) {
    if !empty {
        out.pop();
    }
    out.push(bracket);
}
