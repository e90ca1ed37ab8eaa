//! A save's text as a tree that tests change: taken apart slowly and simply, and written again.

/// What stands in a container: with or without a key.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Part {
    pub(crate) key: Option<String>,
    pub(crate) node: Node,
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Node {
    /// With its quotes, if it has some.
    Word(String),
    Block(Vec<Part>),
}

/// Takes apart what [`super::text`] writes: no comments, no operators but `=`.
pub(crate) fn parse(text: &str) -> Vec<Part> {
    let mut open: Vec<(Option<String>, Vec<Part>)> = vec![(None, Vec::new())];
    let mut key = None;
    let mut words = words(text).into_iter().peekable();
    while let Some(word) = words.next() {
        match word.as_str() {
            "{" => open.push((key.take(), Vec::new())),
            "}" => {
                let (key, parts) = open.pop().unwrap();
                open.last_mut().unwrap().1.push(Part { key, node: Node::Block(parts) });
            }
            _ if words.next_if(|next| next == "=").is_some() => key = Some(word),
            _ => open.last_mut().unwrap().1.push(Part { key: key.take(), node: Node::Word(word) }),
        }
    }
    assert_eq!(open.len(), 1, "a brace is missing");
    open.pop().unwrap().1
}

fn words(text: &str) -> Vec<String> {
    let mut words = Vec::new();
    let mut rest = text.trim_start();
    while let Some(first) = rest.chars().next() {
        let length = match first {
            '{' | '}' | '=' => 1,
            '"' => rest[1..].find('"').unwrap() + 2,
            _ => rest.find(|c: char| c.is_whitespace() || "{}=".contains(c)).unwrap_or(rest.len()),
        };
        words.push(rest[..length].to_owned());
        rest = rest[length..].trim_start();
    }
    words
}

/// In the layout of the game, which tells where a section begins when a brace or a quote is missing.
pub(crate) fn print(parts: &[Part]) -> String {
    let mut text = String::new();
    print_at(parts, 0, &mut text);
    text
}

fn print_at(parts: &[Part], depth: usize, text: &mut String) {
    let indent = "\t".repeat(depth);
    for part in parts {
        text.push_str(&indent);
        if let Some(key) = &part.key {
            text.push_str(key);
            text.push('=');
        }
        match &part.node {
            Node::Word(word) => text.push_str(word),
            Node::Block(parts) => {
                text.push_str(&format!("\n{indent}{{\n"));
                print_at(parts, depth + 1, text);
                text.push_str(&indent);
                text.push('}');
            }
        }
        text.push('\n');
    }
}

/// Every part below, in the order of the text, with its depth.
pub(crate) fn visit(parts: &mut [Part], see: &mut impl FnMut(&mut Part)) {
    for part in parts {
        see(part);
        if let Node::Block(below) = &mut part.node {
            visit(below, see);
        }
    }
}
