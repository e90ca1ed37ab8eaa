//! Paths through a save.

use save_parsing::{Flow, Query, QueryLimits, SaveErrorKind};

use crate::support::{V1, V2, save};

const TEXT: &str = "country={ 0={ name=\"A\" ethos={ ethic=x ethic=y } born=\"2200.05.01\" } 7={ name=B ethos={ ethic=z } } 9=none }
fleet={ 1={ name=F1 military_power=500.5 ships={ 3 4 } } 2={ name=F2 military_power=1500 ships={ 5 } station=yes } 3={ name=F3 } }
nebula={ r=1 }
nebula={ r=2 }
names={ \"a b\"={ x=1 } list={ { k=1 } { k=2 } } }
";

fn run(path: &str) -> Vec<String> {
    let mut found = Vec::new();
    let save = save(TEXT);
    Query::parse(path)
        .unwrap()
        .run(&save, V1, &QueryLimits::default(), &mut |path, value| {
            found.push(format!("{path}: {}", String::from_utf8_lossy(value)));
            Flow::Continue(())
        })
        .unwrap();
    found
}

#[test]
fn what_paths_find() {
    for (path, expected) in [
        ("country.*.name", &[r#"country.0.name: "A""#, r#"country.7.name: "B""#][..]),
        ("country[7].name", &[r#"country.7.name: "B""#]),
        ("country.7.name", &[r#"country.7.name: "B""#]),
        ("country[0].ethos.ethic[*]", &[r#"country.0.ethos.ethic: "x""#, r#"country.0.ethos.ethic: "y""#]),
        ("fleet.*[military_power>1000].{name,ships}", &[r#"fleet.2: {"name":"F2","ships":["5"]}"#]),
        ("fleet.*[military_power>100][station=yes].name", &[r#"fleet.2.name: "F2""#]),
        ("fleet[*][military_power].name", &[r#"fleet.1.name: "F1""#, r#"fleet.2.name: "F2""#]),
        ("fleet.*[station!=yes].name", &[r#"fleet.1.name: "F1""#, r#"fleet.3.name: "F3""#]),
        ("fleet.*[@key>=2].name", &[r#"fleet.2.name: "F2""#, r#"fleet.3.name: "F3""#]),
        ("fleet.*[name~2].ships[0]", &[r#"fleet.2.ships.0: "5""#]),
        ("fleet.1.ships[*]", &[r#"fleet.1.ships.0: "3""#, r#"fleet.1.ships.1: "4""#]),
        ("country.*[born<2201.01.01].name", &[r#"country.0.name: "A""#]),
        ("country.*[ethos.ethic=y].name", &[r#"country.0.name: "A""#]),
        ("nebula.r", &[r#"nebula.r: "1""#, r#"nebula.r: "2""#]),
        ("names.\"a b\".x", &[r#"names."a b".x: "1""#]),
        ("names.list[1].k", &[r#"names.list.1.k: "2""#]),
        ("country.9", &[r#"country.9: "none""#]),
        ("country.8", &[]),
        ("*.7", &[r#"country.7: {"name":"B","ethos":{"ethic":"z"}}"#]),
    ] {
        assert_eq!(run(path), expected, "{path}");
    }
}

#[test]
fn a_mistake_has_its_column() {
    for (path, column) in [
        ("", 1),
        ("country..name", 9),
        ("country[", 9),
        ("country[a>]", 11),
        ("country[a", 10),
        ("country.{a", 11),
        ("country.{a}.b", 12),
        ("country.\"a", 11),
        ("country name", 8),
        ("{a}", 1),
    ] {
        let error = Query::parse(path).unwrap_err();
        assert_eq!(error.kind, SaveErrorKind::InvalidInput);
        assert!(error.place.starts_with(&format!("column {column} of")), "{path}: {error}");
    }
    assert!(Query::parse(&"a.".repeat(3000)).is_err() && Query::parse(&format!("a{}", "[*]".repeat(65))).is_err());
}

#[test]
fn it_ends_where_the_visitor_or_a_limit_says() {
    let save = save(TEXT);
    let query = Query::parse("fleet.*.name").unwrap();
    let mut seen = 0;
    query
        .run(&save, V2, &QueryLimits::default(), &mut |_, _| {
            seen += 1;
            Flow::Break(())
        })
        .unwrap();
    assert_eq!(seen, 1);
    let two = QueryLimits { results: 2, ..QueryLimits::default() };
    let error = query.run(&save, V2, &two, &mut |_, _| Flow::Continue(())).unwrap_err();
    assert_eq!(error.kind, SaveErrorKind::LimitExceeded);
}

#[test]
fn an_unknown_section_is_named() {
    let error =
        Query::parse("fleets.*").unwrap().run(&save(TEXT), V1, &QueryLimits::default(), &mut |_, _| Flow::Continue(()));
    assert_eq!(error.unwrap_err().kind, SaveErrorKind::SectionNotFound);
}
