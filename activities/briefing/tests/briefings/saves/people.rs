//! Species, pops, leaders and factions.

use super::{Age, V2_3, V3_0, V3_4, V3_14, V4_0};

pub(super) fn species(age: Age) -> String {
    let row = |id: u32, text: &str, key: &str, class: &str, traits: &[&str]| {
        let traits: String = traits.iter().map(|name| format!("trait=\"trait_{name}\" ")).collect();
        let name = age.plain(text, key);
        let entry = format!("{{ name_list=\"X\" {name} class=\"{class}\" portrait=\"rep16\" traits={{ {traits}}} }}");
        if age < V3_0 { format!("\t{entry}\n") } else { format!("\t{id}={entry}\n") }
    };
    let mut text = age.since(V3_0, "species={\n", "species_db={\n\t0={ traits={ } gender=not_set }\n").to_owned();
    // By position before 3.0: the first is 0.
    if age < V3_0 {
        text += "\t{ traits={ } }\n";
    }
    text += &row(1, "Tarkan", "SPEC_Tarkan", "MAM", &["intelligent", "nomadic"]);
    text += &row(2, "Velor", "SPEC_Velor", "REP", &["strong"]);
    text += &row(3, "Ketlon", "SPEC_Ketlon", "MAM", &["rapid_breeders", "weak"]);
    text += &row(4, "Oss", "SPEC_Oss", "FUN", &[]);
    if age >= V3_0 {
        text += &row(16_777_221, "Tarkan", "SPEC_Tarkan", "MAM", &["intelligent", "cybernetic"]);
    }
    text + "}\n"
}

/// Which species each pop is of, its category, job, planet and happiness.
const POPS: [(u32, u32, &str, &str, u32, &str); 9] = [
    (1, 1, "ruler", "politician", 10, "0.900"),
    (2, 1, "specialist", "researcher", 10, "0.800"),
    (3, 1, "specialist", "soldier", 10, "0.700"),
    (4, 1, "worker", "miner", 10, "0.600"),
    (5, 2, "worker", "", 10, "0.500"),
    (6, 1, "worker", "miner", 20, "0.650"),
    (7, 2, "slave", "farmer", 20, ""),
    (8, 1, "worker", "technician", 30, "0.550"),
    (9, 2, "worker", "miner", 40, "0.400"),
];

pub(super) fn pops(age: Age) -> String {
    if age == V4_0 {
        return groups();
    }
    let mut text = "pop={\n".to_owned();
    for (id, species, category, job, planet, happiness) in POPS {
        if planet == 30 && age < V3_0 {
            continue;
        }
        let key = age.since(V3_0, "species_index", "species");
        text += &format!("\t{id}={{ {key}={species} ");
        text += if job.is_empty() { String::new() } else { format!("job=\"{job}\" ") }.as_str();
        text += &format!("category=\"{category}\" planet={planet} crime=0.66 ");
        text += if happiness.is_empty() { String::new() } else { format!("happiness={happiness} ") }.as_str();
        text += "}\n";
    }
    text + "\t16777226=none\n}\n"
}

fn groups() -> String {
    let mut text = "pop={\n}\npop_groups={\n".to_owned();
    for (id, species, category, _, planet, happiness) in POPS {
        let (category, size) = match id {
            3 => ("civilian", 120),
            5 => ("worker_unemployment", 7),
            4 => ("worker", 193),
            _ => (category, 100),
        };
        text += &format!(
            "\t{id}={{ key={{ species={species} category=\"{category}\" ethos={{ ethic=\"ethic_xenophile\" }} }} "
        );
        text += &format!("planet={planet} size={size} ");
        text += if happiness.is_empty() { String::new() } else { format!("happiness={happiness} ") }.as_str();
        text += "}\n";
    }
    text += "\t16777226=none\n}\npop_jobs={ 0={ type=\"researcher\" workforce=150 planet=10 } 1={ type=\"soldier\" workforce=200 planet=10 } \
             2={ type=\"miner\" workforce=100 planet=20 } 3={ type=\"soldier\" workforce=900 planet=40 } 4=none }\n";
    text
}

pub(super) fn leaders(age: Age) -> String {
    // Id, first name, second name, class (3.14 and later, before), level, age, when that held, more.
    let rows = [
        (1, "Ann", "Bel", ("official", "ruler"), 4, 30, "2250.04.11", "pre_ruler_date=\"2240.01.01\""),
        (2, "Cor", "Dan", ("scientist", "scientist"), 2, 41, "2280.04.12", "recruitment_date=\"2279.09.09\""),
        (3, "Eve", "", ("commander", "admiral"), 1, 0, "2286.01.01", "date_added=\"2286.02.02\""),
        (16_777_220, "Fay", "Gil", ("envoy", "governor"), 1, 25, "2287.04.11", "death_date=\"1.01.01\""),
        (50, "For", "Hire", ("scientist", "scientist"), 1, 30, "2287.04.11", ""),
        (60, "Not", "Ours", ("commander", "general"), 1, 30, "2287.04.11", ""),
    ];
    let mut text = "leaders={\n".to_owned();
    for (id, first, second, (late, early), level, years, date, more) in rows {
        let (class, owner) = (if age < V3_14 { early } else { late }, if id == 60 { 1 } else { 0 });
        text += &format!("\t{id}={{ name={{ {} }} ", leader_name(age, first, second));
        text += &format!("country={owner} class=\"{class}\" level={level} experience=12.5 date=\"{date}\" ");
        text += &format!("{more} {}", if years == 0 { String::new() } else { format!("age={years} ") });
        text += &if age < V3_14 {
            let ruler = if class == "ruler" { "" } else { "ruler={ trait=\"trait_ruler_x\" } " };
            format!("roles={{ {class}={{ trait=\"leader_trait_one\" trait=\"leader_trait_two\" }} {ruler}}} ")
        } else {
            "traits=\"leader_trait_one\" traits=\"leader_trait_two_2\" ".to_owned()
        };
        text += "}\n";
    }
    text + "\t61=none\n}\n"
}

fn leader_name(age: Age, first: &str, second: &str) -> String {
    let key = |name: &str| format!("key=\"X1_CHR_{name}\"");
    match age {
        V2_3 | V3_0 if second.is_empty() => format!("first_name=\"{first}\""),
        V2_3 | V3_0 => format!("first_name=\"{first}\" second_name=\"{second}\""),
        V3_4 => format!("first_name={{ {} }}", key(first)),
        _ if second.is_empty() => format!("full_names={{ {} }}", key(first)),
        _ => {
            let parts =
                format!("{{ key=\"1\" value={{ {} }} }} {{ key=\"2\" value={{ {} }} }}", key(first), key(second));
            format!("full_names={{ key=\"%LEADER_2%\" variables={{ {parts} }} }}")
        }
    }
}

pub(super) fn factions(age: Age) -> String {
    let support = |share: &str, power: &str| match age {
        V2_3 => format!("support={share}"),
        _ => format!("support_percent={share} support_power={power}"),
    };
    let mut text = "pop_factions={\n".to_owned();
    for (id, country, kind, name, share, power, rest) in [
        (3, 0, "progressive", "Liberty Now", "0.250", "25.5", "faction_approval=0.600 members={ 1 2 }"),
        (7, 0, "xenoist", "Open Arms", "0.750", "76.5", "members={ 4 6 8 }"),
        (8, 1, "supremacist", "Velor First", "1", "9", "faction_approval=1 members={ 9 }"),
    ] {
        let name = age.plain(name, &name.replace(' ', "_"));
        text += &format!("\t{id}={{ country={country} type=\"{kind}\" {name} {} {rest} }}\n", support(share, power));
    }
    text + "\t16777219=none\n}\n"
}
