//! What a call of a model costs.

use ingest::prices::{Prices, Tokens};

fn cost(model: &str, input: u64, output: u64, cache_read: u64, cache_write: u64) -> Option<f64> {
    let tokens = Tokens { input, output, cache_read, cache_write };
    Prices::default().cost(model, tokens).map(|cost| (cost * 1e9).round() / 1e9)
}

const M: u64 = 1_000_000;

#[test]
fn names_aliases_and_names_behind_a_provider() {
    for model in ["claude-sonnet-4-5-20250929", "claude-sonnet-4-5", "anthropic/claude-sonnet-4-5-latest"] {
        assert_eq!(cost(model, M, M, M, M), Some(3.0 + 15.0 + 0.3 + 3.75), "{model}");
    }
    assert_eq!(cost("openai/gpt-5", M, 0, 0, 0), Some(1.25));
    assert_eq!(cost("google/Gemini 3.1 Pro (Low)", 1000, 0, 0, 0), Some(0.002));
    assert_eq!(cost("nobody's model", M, M, 0, 0), None);
}

#[test]
fn a_band_begins_above_its_threshold_and_counts_the_whole_prompt() {
    assert_eq!(cost("gemini-2.5-pro", 200_000, M, 0, 0), Some(0.25 + 10.0));
    assert_eq!(cost("gemini-2.5-pro", 200_001, M, 0, 0), Some(0.500_002_5 + 15.0));
    assert_eq!(cost("gemini-2.5-pro", 100_000, 0, 100_001, 0), Some(0.25 + 0.025_000_25));
    assert_eq!(cost("gemini-2.5-pro", 0, M, 0, 0), Some(10.0));
}

#[test]
fn a_table_of_ones_own_and_what_is_wrong_with_it() {
    let header = "provider\tmodel\taliases\tabove_prompt_tokens\tinput\toutput\tcache_read\tcache_write\n";
    let own = Prices::parse(&format!("# mine\n{header}me\tm\ta,b\t0\t1\t2\t0\t0\n")).unwrap();
    assert_eq!(own.cost("b", Tokens { input: M, ..Tokens::default() }), Some(1.0));
    let bad = |line: &str| Prices::parse(&format!("{header}{line}")).unwrap_err().to_string();
    assert_eq!(bad("me\tm"), "line 2 of the price table: 2 columns, not 8");
    assert_eq!(bad("me\tm\t\t0\t1\t2\t0\tx"), "line 2 of the price table: four prices are expected");
    assert_eq!(bad("me\tm\t\tmany\t1\t2\t0\t0"), "line 2 of the price table: \"many\" is no count of tokens");
    assert!(Prices::parse("model\n").unwrap_err().what.starts_with("expected the columns"));
}
