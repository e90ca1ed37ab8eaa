use std::process::Command;

use super::*;

fn unit() -> Unit {
    Unit {
        program: "/opt/my tools/100% real/gantry-shipping".into(),
        arguments: ["connect", "--token", "file:/h/a b & <c>/$token\\"].map(str::to_owned).to_vec(),
        environment: vec![("CLAUDE_CONFIG_DIR".to_owned(), "/h/with blank/50%".to_owned())],
        writable: vec!["/h/with blank/50%".into(), "/h/.codex".into()],
        error_file: "/h/Library/Logs/gantry-shipping.err".into(),
    }
}

#[test]
fn a_systemd_unit_quotes_every_word() {
    let text = unit().written_for(Manager::Systemd).unwrap();
    let line = |start: &str| text.lines().find(|line| line.starts_with(start)).unwrap().to_owned();
    assert_eq!(
        line("ExecStart"),
        r#"ExecStart=:"/opt/my tools/100%% real/gantry-shipping" "connect" "--token" "file:/h/a b & <c>/$token\\""#
    );
    assert_eq!(line("ReadWritePaths"), r#"ReadWritePaths="-/h/with blank/50%%""#);
    assert_eq!(line("Environment"), r#"Environment="CLAUDE_CONFIG_DIR=/h/with blank/50%%""#);
}

#[test]
fn systemd_accepts_the_unit() {
    let folder = tempfile::tempdir().unwrap();
    let program = folder.path().join("a b %n $d");
    std::fs::copy("/bin/true", &program).unwrap();
    let unit = Unit { program, writable: vec![folder.path().join("with blank")], ..unit() };
    let file = folder.path().join(format!("{NAME}.service"));
    std::fs::write(&file, unit.written_for(Manager::Systemd).unwrap()).unwrap();
    let mut verify = Command::new("systemd-analyze");
    verify.args(["--user", "verify", "--recursive-errors=no"]).arg(&file).env("XDG_RUNTIME_DIR", folder.path());
    let Ok(output) = verify.output() else {
        println!("skipped: there is no systemd-analyze");
        return;
    };
    let said = String::from_utf8_lossy(&output.stderr);
    // It also talks of units of the machine; what it says of ours names the file.
    let ours: Vec<_> = said.lines().filter(|line| line.contains(NAME)).collect();
    assert!(output.status.success() && ours.is_empty(), "{said}");
}

#[test]
fn a_launchd_agent_is_a_property_list_that_says_what_was_given() {
    let text = unit().written_for(Manager::Launchd).unwrap();
    let options = roxmltree::ParsingOptions { allow_dtd: true, ..Default::default() };
    let document = roxmltree::Document::parse_with_options(&text, options).unwrap();
    let top = document.root_element().first_element_child().unwrap();
    let elements: Vec<_> = top.children().filter(roxmltree::Node::is_element).collect();
    assert_eq!(elements.len() % 2, 0, "keys and values");
    let value = |key: &str| {
        let place = elements.iter().position(|e| e.has_tag_name("key") && e.text() == Some(key)).unwrap();
        elements[place + 1]
    };
    let words = |node: roxmltree::Node<'_, '_>| {
        let words = node.children().filter(roxmltree::Node::is_element);
        words.map(|word| word.text().unwrap().to_owned()).collect::<Vec<_>>()
    };
    let Unit { program, arguments, environment, .. } = unit();
    let mut expected = vec![program.to_str().unwrap().to_owned()];
    expected.extend(arguments);
    assert_eq!(words(value("ProgramArguments")), expected);
    let (name, folder) = environment[0].clone();
    assert_eq!(words(value("EnvironmentVariables")), [name, folder]);
    assert_eq!(value("Label").text(), Some(LABEL));
    assert_eq!(value("ProcessType").text(), Some("Background"));
    assert!(value("KeepAlive").has_tag_name("true") && value("LowPriorityIO").has_tag_name("true"));
}

#[test]
fn what_would_end_a_line_is_refused() {
    for manager in [Manager::Systemd, Manager::Launchd] {
        let broken = Unit { arguments: vec!["a\nExecStart=/bin/evil".to_owned()], ..unit() };
        assert!(matches!(broken.written_for(manager), Err(ServiceError::NotWritable(_))));
    }
}
