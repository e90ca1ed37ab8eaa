//! Figures and keys of the game as people read them.

/// A number with at most two decimals and spaces between the thousands: `12 345.6`.
pub(crate) fn figure(number: f64) -> String {
    let rounded = crate::fact::round(number, if number.abs() >= 1000.0 { 0 } else { 2 });
    let text = rounded.abs().to_string();
    let (whole, decimals) = text.split_once('.').map_or((text.as_str(), None), |(whole, rest)| (whole, Some(rest)));
    let mut grouped = String::new();
    for (at, digit) in whole.chars().enumerate() {
        if at > 0 && (whole.len() - at).is_multiple_of(3) {
            grouped.push('\u{202f}');
        }
        grouped.push(digit);
    }
    if let Some(decimals) = decimals {
        grouped.push('.');
        grouped.push_str(decimals);
    }
    if rounded < 0.0 { format!("-{grouped}") } else { grouped }
}

/// As [`figure`], with a plus before what is above zero.
pub(crate) fn signed(number: f64) -> String {
    if number > 0.0 { format!("+{}", figure(number)) } else { figure(number) }
}

/// `fanatic_militarist` as `fanatic militarist`.
pub(crate) fn words(key: &str) -> String {
    key.replace('_', " ")
}

/// `lost_colony` as `Lost colony`.
pub(crate) fn title_case(key: &str) -> String {
    let text = words(key);
    let mut characters = text.chars();
    characters.next().map_or_else(String::new, |first| first.to_uppercase().chain(characters).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_are_grouped_and_rounded() {
        let plain = |number| figure(number).replace('\u{202f}', " ");
        assert_eq!(
            [0.0, -0.0, 0.126, 999.999, 1234.5, -726.21, 320_249.826, -1_000_000.0].map(plain),
            ["0", "0", "0.13", "1 000", "1 235", "-726.21", "320 250", "-1 000 000"]
        );
        assert_eq!([signed(1.5), signed(0.0), signed(-2.0)], ["+1.5", "0", "-2"]);
    }

    #[test]
    fn keys_become_words() {
        assert_eq!(words("fanatic_militarist"), "fanatic militarist");
        assert_eq!([title_case("lost_colony"), title_case("")], ["Lost colony", ""]);
    }
}
