//! Which save it is: whose, of which day, of which campaign.

use crate::{
    fact::{Object, Why},
    model::Model,
    names::Name,
};

/// Which save it is.
pub fn meta(model: &Model<'_>) -> Object {
    let explaining = model.explaining;
    let mut out = Object::new();
    let (name, why) = own_name(model);
    out.put("empire_name", name).why(explaining, || why);
    for (fact, key, rule) in [
        ("save_name", "name", "the title of the save"),
        ("date", "date", "the day of the save as written"),
        ("version", "version", "the version of the game as written"),
    ] {
        let stated = model.save.stated(key);
        let source = stated.clone().unwrap_or_default();
        let put = out.known_or(fact, stated, format!("the save does not state its `{key}`"));
        put.why(explaining, || Why::rule(rule).from(key, source));
    }
    out.put("player_id", model.player).why(explaining, || {
        Why::rule("the country of the first player, unless another was asked for")
            .from("player.0.country", model.player)
    });
    let campaign = model.section("galaxy").and_then(|galaxy| galaxy.text("name"));
    let source = campaign.clone().unwrap_or_default();
    let put = out.known_or("campaign_id", campaign, "the galaxy has no name in this save");
    put.why(explaining, || {
        Why::rule("the name of the galaxy, which all saves of a campaign share").from("galaxy.name", source)
    });
    let players = model.players.iter().map(|(name, country)| {
        let mut row = Object::new();
        row.put("name", name.clone());
        row.put("country", *country);
        row
    });
    out.put("players", players.collect::<Vec<_>>()).why(explaining, || {
        let sources =
            model.players.iter().enumerate().map(|(at, (_, country))| (format!("player.{at}.country"), country));
        Why::rule("the people who play, in the order of the file: `name` and `country`").from_all(sources)
    });
    out
}

/// What the player's empire is called.
pub fn empire_name(model: &Model<'_>) -> String {
    own_name(model).0
}

/// The name of the player's country. The key of an empire that the game itself designed does not say its name; then the title
/// of the save does, which the game names after the empire of the first country.
fn own_name(model: &Model<'_>) -> (String, Why) {
    let default = format!("Empire {}", model.player);
    let name = model.names().resolve(model.own_country().and_then(|country| country.name), &default);
    let raw = name.raw_key.clone().unwrap_or_default();
    let title = model.save.stated("name").filter(|title| !title.trim().is_empty());
    match title {
        Some(title) if is_designed(&name) && model.player == 0 => {
            let why = Why::rule("the title of the save, as the country's name is but the key of a design of the game");
            (title.clone(), why.from("name", title).from(model.own_path("name"), raw))
        }
        _ => {
            let rule = "the country's name by the rules of names";
            let why = if name.confidence < 1.0 { Why::heuristic(rule) } else { Why::rule(rule) };
            (name.display, why.from(model.own_path("name"), raw))
        }
    }
}

/// Whether a name is the key of a designed empire and no localisation file tells what it reads.
fn is_designed(name: &Name) -> bool {
    let prescripted = |key: &String| key.starts_with("EMPIRE_DESIGN_") || key.starts_with("PRESCRIPTED_");
    name.confidence < 1.0 && name.raw_key.as_ref().is_some_and(prescripted)
}

#[cfg(test)]
mod tests {
    use save_parsing::{Limits, Save};
    use serde_json::{Value, json};

    use super::*;
    use crate::Options;

    fn part(text: &str, player: Option<u32>) -> Value {
        let save = Save::from_bytes(text.as_bytes().to_vec(), &Limits::default()).unwrap();
        let model = Model::open(&save, &Options { player, ..Options::default() }).unwrap();
        serde_json::to_value(meta(&model)).unwrap()
    }

    const HEAD: &str = r#"version="Phoenix v4.0.1" name="United Nations of Earth 2" date="2312.01.01"
        player={ { name="Ann" country=16777223 } { name="Bo" country=0 } } galaxy={ name="c3bd9889" }"#;

    #[test]
    fn the_empire_is_named_by_its_country_not_by_the_title_of_the_save() {
        let countries = r#" country={ 0={ name={ key="EMPIRE_DESIGN_humans1" } } 16777223={ name={ key="%ADJECTIVE%"
            variables={ { key="adjective" value={ key="SPEC_Bilnoc" } } { key="1" value={ key="Autocracy" } } } } } }"#;
        let meta = part(&format!("{HEAD}{countries}"), None);
        assert_eq!(
            meta,
            json!({
                "empire_name": "Bilnoc Autocracy", "save_name": "United Nations of Earth 2", "date": "2312.01.01",
                "version": "Phoenix v4.0.1", "player_id": 16_777_223, "campaign_id": "c3bd9889",
                "players": [{ "name": "Ann", "country": 16_777_223 }, { "name": "Bo", "country": 0 }],
            })
        );
    }

    #[test]
    fn the_title_names_an_empire_of_the_games_own_design() {
        let text = format!(
            "{HEAD} country={{ 0={{ name={{ key=\"EMPIRE_DESIGN_ixidar\" }} }} 5={{ name={{ key=\"EMPIRE_DESIGN_ixidar\" }} }} }}"
        );
        assert_eq!(part(&text, Some(0))["empire_name"], "United Nations of Earth 2");
        assert_eq!(part(&text, Some(5))["empire_name"], "Ixidar");
    }

    #[test]
    fn up_to_3_0_the_name_is_a_text_and_the_title_of_the_save_another() {
        let text =
            r#"name="mp_Order" player={ { name="A" country=0 } } country={ 0={ name="Order of the Eternal Flame" } }"#;
        let meta = part(text, None);
        assert_eq!(
            (&meta["empire_name"], &meta["save_name"]),
            (&json!("Order of the Eternal Flame"), &json!("mp_Order"))
        );
        assert_eq!((&meta["date"], &meta["campaign_id"]), (&Value::Null, &Value::Null));
    }
}
