//! Which indexer works on what.

use heavy_compute::indexer::{INDEXERS, Indexers, Limits, Ran, Shortfall};

use crate::support::{Project, TABLE};

fn found(plan: &heavy_compute::indexer::Plan) -> Vec<(&str, &str, &str)> {
    plan.planned.iter().map(|p| (p.indexer.name, p.root.as_str(), p.marker.as_str())).collect()
}

#[test]
fn an_indexer_works_on_each_package_that_holds_a_marker_of_its_own() {
    let project = Project::new("");
    for path in ["b/fake.toml", "a/x.fake", "a/fake.toml", "a/deep/fake.toml", "c/fake.lock", "d/y.fake", "d/x.fake"] {
        project.write(path, "");
    }
    let plan = project.plan(&["b", ".", "c", "a", "d", "missing"]);
    let expected =
        [("fake", ".", "fake.toml"), ("fake", "a", "fake.toml"), ("fake", "b", "fake.toml"), ("fake", "d", "x.fake")];
    assert_eq!(found(&plan), expected);
    assert!(plan.planned.iter().all(|p| p.command == project.bin.join("fake")));
    assert_eq!((plan.missing.len(), plan.held_back.len()), (0, 0));
    assert_eq!(found(&project.plan(&["", "c"])), [("fake", ".", "fake.toml")]);
}

#[test]
fn what_is_not_installed_or_builds_is_told() {
    let project = Project::new("");
    for path in ["a/other.toml", "other.toml", "b/build.toml"] {
        project.write(path, "");
    }
    project.install("builder", "#!/bin/sh\n");
    let plan = project.plan(&["a", "b", "."]);
    let names = |list: &[(&'static heavy_compute::indexer::Indexer, Vec<String>)]| {
        list.iter().map(|(indexer, roots)| format!("{} {}", indexer.name, roots.join(","))).collect::<Vec<_>>()
    };
    assert_eq!(names(&plan.missing), ["other .,a"]);
    assert_eq!(names(&plan.held_back), ["builder b"]);
    let warnings: Vec<_> = plan.warnings().collect();
    assert_eq!(warnings.iter().map(|(code, _)| *code).collect::<Vec<_>>(), ["indexerMissing", "indexerHeldBack"]);
    assert!(warnings[0].1.ends_with("in ., a") && warnings[1].1.contains("GANTRY_INDEXER_BUILDS=1"));
    let files: Vec<String> = project.files().into_keys().collect();
    let all = project.indexers().plan(&files, &["b".to_owned()], true);
    assert_eq!(found(&all), [("builder", "b", "build.toml")]);
    assert_eq!(project.indexers().installed(&files), ["builder", "fake"]);
}

#[test]
fn a_command_that_is_gone_or_does_not_work_is_not_installed() {
    let project = Project::new("echo index > \"$output\"");
    let planned = project.planned();
    let run = || project.run_with(&project.indexers(), &planned).unwrap();
    for broken in ["#!/bin/sh\nexit 1\n", "#!/bin/sh\n", "#!/no/such/interpreter\n", "no program"] {
        project.install("fake", broken);
        assert_eq!(run(), Ran::Failed(Shortfall::NotInstalled), "{broken}");
    }
    std::fs::remove_file(project.bin.join("fake")).unwrap();
    assert_eq!(run(), Ran::Failed(Shortfall::NotInstalled));
    let (code, message) = Shortfall::NotInstalled.warning(&planned);
    assert_eq!((code, message.starts_with("fake in .: ")), ("indexerMissing", true));
    assert_eq!(project.plan(&["."]).missing.len(), 1);
}

#[test]
fn a_command_beside_the_sources_is_never_taken() {
    let project = Project::new("");
    let relative = Indexers::new(TABLE, ["bin".into(), "".into(), ".".into()]);
    assert_eq!(relative.plan(&["fake.toml".to_owned()], &[".".to_owned()], false).missing.len(), 1);
    assert_eq!(project.indexers().plan(&["fake.toml".to_owned()], &[".".to_owned()], false).planned.len(), 1);
}

#[test]
fn the_known_indexers_have_the_markers_that_are_documented() {
    let names: Vec<&str> = INDEXERS.iter().map(|indexer| indexer.name).collect();
    assert_eq!(
        names,
        [
            "rust-analyzer",
            "scip-clang",
            "scip-dotnet",
            "scip-go",
            "scip-java",
            "scip-python",
            "scip-ruby",
            "scip-typescript"
        ]
    );
    assert!(!Limits::default().builds);
}
