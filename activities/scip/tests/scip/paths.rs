use scip_index::path::{PathError, check};

#[test]
fn a_path_stays_in_the_project_or_is_refused() {
    let cases = [
        ("src/a.ts", Ok(())),
        (".github/x", Ok(())),
        ("a/..b/c..", Ok(())),
        ("with blank/ünïcode.py", Ok(())),
        ("", Err(PathError::Empty)),
        ("/etc/passwd", Err(PathError::Absolute)),
        ("\\\\server\\share", Err(PathError::Absolute)),
        ("C:\\Windows", Err(PathError::Absolute)),
        ("..", Err(PathError::Parent)),
        ("a/../../b", Err(PathError::Parent)),
        ("a\\..\\..\\b", Err(PathError::Parent)),
        ("a\0b", Err(PathError::Nul)),
        ("./a", Err(PathError::NotCanonical)),
        ("a//b", Err(PathError::NotCanonical)),
        ("a/", Err(PathError::NotCanonical)),
    ];
    for (path, expected) in cases {
        assert_eq!(check(path), expected, "{path:?}");
    }
    assert!(PathError::Parent.escapes() && PathError::Absolute.escapes() && !PathError::NotCanonical.escapes());
}
