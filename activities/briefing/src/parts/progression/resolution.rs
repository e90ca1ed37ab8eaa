//! What resolutions of the galactic community are called.

/// What the types of resolutions begin with, the longer of two that share a beginning first, and how it is written.
const FAMILIES: [(&str, &str); 18] = [
    ("galactic_market_ban", "Galactic Market Ban"),
    ("galactic_market", "Galactic Market"),
    ("galacticreforms", "Galactic Reforms"),
    ("galacticstudies", "Galactic Studies"),
    ("greatergood", "Greater Good"),
    ("mutualdefense", "Mutual Defense"),
    ("bureaucraticsurveillance", "Bureaucratic Surveillance"),
    ("defenseprivatization", "Defense Privatization"),
    ("intergalacticdirective", "Intergalactic Directive"),
    ("rulesofwar", "Rules of War"),
    ("commerce", "Commerce"),
    ("ecology", "Ecology"),
    ("industry", "Industry"),
    ("divinity", "Divinity"),
    ("sanctions", "Sanctions"),
    ("community", "Community"),
    ("development", "Development"),
    ("tiyanki", "Tiyanki"),
];

/// The name of a resolution of this type: `Greater Good: Workers Rights`.
pub(super) fn name(kind: &str) -> String {
    let kind = kind.strip_prefix("resolution_").unwrap_or(kind);
    for (family, label) in FAMILIES {
        match kind.strip_prefix(family) {
            Some("") => return label.to_owned(),
            Some(rest) if rest.starts_with('_') => return format!("{label}: {}", title(rest)),
            _ => {}
        }
    }
    title(kind)
}

fn title(text: &str) -> String {
    let word = |word: &str| {
        let mut characters = word.chars();
        let first = characters.next().map(char::to_uppercase).into_iter().flatten();
        first.chain(characters).collect::<String>()
    };
    text.split('_').filter(|part| !part.is_empty()).map(word).collect::<Vec<_>>().join(" ")
}
