//! Whether byte strings occur in a text.

use aho_corasick::{AhoCorasick, MatchKind};
use memchr::memmem;

use crate::{SaveError, SaveErrorKind};

/// Up to this many tokens are searched for one after the other.
const ONE_BY_ONE: usize = 4;

/// More are refused: each that is found makes a new search for the rest.
const MAX_TOKENS: usize = 1000;

/// For each token whether it occurs in `text`; one may overlap another.
///
/// # Errors
/// `InvalidInput` for more than 1,000 tokens, or more than an automaton can hold.
pub(crate) fn contained(text: &[u8], tokens: &[&str]) -> Result<Vec<bool>, SaveError> {
    let too_many = |what: String| SaveError::new(SaveErrorKind::InvalidInput, what, "tokens", "ask for fewer at once");
    if tokens.len() > MAX_TOKENS {
        return Err(too_many(format!("{} tokens are asked for, {MAX_TOKENS} are allowed", tokens.len())));
    }
    let mut found: Vec<bool> = tokens.iter().map(|token| token.is_empty()).collect();
    if tokens.len() <= ONE_BY_ONE {
        for (token, found) in tokens.iter().zip(&mut found) {
            *found = *found || memmem::find(text, token.as_bytes()).is_some();
        }
        return Ok(found);
    }
    let mut at = 0;
    // What was found once is taken out of the search: most of a text is passed with few tokens left.
    loop {
        let left: Vec<usize> = (0..tokens.len()).filter(|token| found.get(*token) == Some(&false)).collect();
        let patterns = left.iter().filter_map(|token| tokens.get(*token));
        if left.is_empty() {
            return Ok(found);
        }
        let searcher = AhoCorasick::builder().match_kind(MatchKind::LeftmostFirst).build(patterns);
        let searcher = searcher.map_err(|error| too_many(format!("the tokens are too long: {error}")))?;
        let Some(first) = text.get(at..).and_then(|rest| searcher.find(rest)) else { return Ok(found) };
        // Others may start at the same place; none that is left starts before it.
        at += first.start();
        let rest = text.get(at..).unwrap_or_default();
        for token in left {
            if tokens.get(token).is_some_and(|token| rest.starts_with(token.as_bytes()))
                && let Some(found) = found.get_mut(token)
            {
                *found = true;
            }
        }
    }
}
