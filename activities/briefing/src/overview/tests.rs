use serde_json::json;

use super::*;

fn briefing() -> Value {
    json!({
        "meta": {"empire_name": "Bilnoc <Autocracy>", "date": "2312.01.01", "version": "Phoenix v4.0.1"},
        "identity": {"ethics": ["xenophobe", "fanatic_militarist"], "authority": "dictatorial", "species_name": "Bilnoc"},
        "situation": {"war_count": 1, "game_phase": "mid_late", "contact_count": 21, "empire_contact_count": 13},
        "economy": {
            "resources": {"stockpiles": {"minerals": 19855.09}, "monthly_income": {"energy": 474.53}, "monthly_expenses": {"energy": 1200.74}},
            "net_monthly": {"energy": -726.21, "minerals": 181.43},
        },
        "military": {"wars": {"wars": [{"name": "A war with a name that is much too long to stand on a single line of a terminal of eighty columns",
            "start_date": "2294.03.30", "our_side": "defender", "battle_stats": {"our_victories": 0, "their_victories": 11,
            "battle_locations": [{"system": "Eibriri", "battles": 3, "total_losses": 1}]}}]}},
        "_unknown": {"technology.repeatables": "reason"},
        "_warnings": ["fleet, line 3, column 4: the section never ends"],
    })
}

#[test]
fn the_text_keeps_to_80_columns_and_tells_what_matters() {
    let text = text(&briefing());
    for line in text.lines() {
        assert!(line.chars().count() <= 80, "{line}");
        assert_eq!(line.trim_end(), line);
    }
    for told in [
        "BILNOC <AUTOCRACY>",
        "fanatic militarist",
        "-726.21",
        "Minerals",
        "+181.43",
        "0 won, 11 lost !",
        "Warning: fleet",
    ] {
        assert!(text.contains(told), "{told} is not in\n{text}");
    }
}

#[test]
fn the_page_stands_alone_and_escapes_names() {
    let page = html(&briefing());
    assert!(page.starts_with("<!DOCTYPE html>"));
    assert!(page.contains("Bilnoc &lt;Autocracy&gt;") && !page.contains("<Autocracy>"));
    for foreign in ["http:", "https:", "<script", "src=", "@import", "url("] {
        assert!(!page.contains(foreign), "{foreign}");
    }
}

#[test]
fn an_empty_briefing_gives_an_empty_sheet_and_no_panic() {
    assert!(text(&json!({})).lines().count() < 20);
    assert!(html(&json!(null)).contains("</html>"));
}
