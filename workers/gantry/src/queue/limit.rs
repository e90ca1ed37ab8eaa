//! Rate limits as they are typed.

use std::str::FromStr;

/// Below this a queue hands out one task in hours, which nobody means.
const LOWEST: f32 = 0.001;

/// What becomes of a rate limit.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum LimitChange {
    /// No limit of ours; the server's own stays.
    Off,
    /// Tasks a second.
    To(f32),
}

impl LimitChange {
    /// Tasks a second, `None` for no limit.
    pub(crate) fn limit(self) -> Option<f32> {
        match self {
            Self::Off => None,
            Self::To(limit) => Some(limit),
        }
    }
}

impl FromStr for LimitChange {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if text == "off" {
            return Ok(Self::Off);
        }
        match text.parse::<f32>() {
            Ok(0.0) => Err("0 hands out nothing; `gantry queue pause` does that and can be undone".to_owned()),
            Ok(limit) if limit.is_finite() && limit >= LOWEST => Ok(Self::To(limit)),
            _ => Err(format!("expected tasks a second, a number of at least {LOWEST}, or `off`")),
        }
    }
}

/// The number as people wrote it: 0.1, not the 64-bit neighbour of its 32-bit self.
pub(crate) fn number(limit: f32) -> f64 {
    limit.to_string().parse().unwrap_or_else(|_| f64::from(limit))
}

/// A limit for people.
pub(crate) fn text(limit: Option<f32>) -> String {
    limit.map_or_else(|| "none".to_owned(), |limit| format!("{limit}/s"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_sensible_limits_are_taken() {
        assert_eq!("5".parse(), Ok(LimitChange::To(5.0)));
        assert_eq!("0.5".parse(), Ok(LimitChange::To(0.5)));
        assert_eq!("off".parse(), Ok(LimitChange::Off));
        for wrong in ["-1", "NaN", "nan", "inf", "-inf", "1e39", "1e-9", "five", ""] {
            assert!(wrong.parse::<LimitChange>().unwrap_err().contains("`off`"), "{wrong}");
        }
        assert_eq!(serde_json::json!(number(0.1)).to_string(), "0.1");
        assert!("0".parse::<LimitChange>().unwrap_err().contains("pause"));
        assert!("-0".parse::<LimitChange>().unwrap_err().contains("pause"));
    }
}
