//! What the project in a folder calls itself.

use std::path::Path;

use serde::Deserialize;

use crate::workspace::small_file;

/// Largest manifest that is read.
const LARGEST: u64 = 1024 * 1024;
/// No registry has longer names.
const LONGEST: usize = 100;

#[derive(Deserialize)]
struct PyProject {
    project: Option<Named>,
    tool: Option<Tool>,
}

#[derive(Deserialize)]
struct Tool {
    poetry: Option<Named>,
}

#[derive(Deserialize)]
struct Named {
    name: Option<String>,
}

/// The name in `pyproject.toml` or `setup.cfg`, else that of the folder: letters, digits, `.`, `_` and `-`, since it becomes
/// part of an argument. `project` where nothing of that is left.
pub(super) fn project_name(folder: &Path) -> String {
    let read = |name: &str| {
        let bytes = small_file::read(&folder.join(name), LARGEST).ok().flatten()?;
        String::from_utf8(bytes).ok()
    };
    let declared = read("pyproject.toml").as_deref().and_then(of_pyproject);
    let declared = declared.or_else(|| read("setup.cfg").as_deref().and_then(of_setup_cfg));
    let named = || folder.file_name().and_then(|name| clean(&name.to_string_lossy()));
    declared.or_else(named).unwrap_or_else(|| "project".to_owned())
}

fn of_pyproject(text: &str) -> Option<String> {
    let manifest: PyProject = toml::from_str(text).ok()?;
    let poetry = manifest.tool.and_then(|tool| tool.poetry);
    let names = [manifest.project, poetry].into_iter().flatten().filter_map(|section| section.name);
    names.filter_map(|name| clean(&name)).next()
}

fn of_setup_cfg(text: &str) -> Option<String> {
    let mut section = "";
    for line in text.lines().map(str::trim_end) {
        if let Some(name) = line.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
            section = name.trim();
        } else if let Some((key, value)) = line.split_once(['=', ':'])
            && section == "metadata"
            && key.trim_end() == "name"
        {
            return clean(value);
        }
    }
    None
}

fn clean(name: &str) -> Option<String> {
    let kept = |c: char| if c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-') { c } else { '_' };
    let name: String = name.trim().chars().map(kept).take(LONGEST).collect();
    let name = name.trim_matches(['_', '-']);
    (!name.is_empty()).then(|| name.to_owned())
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn the_name_is_the_declared_one_else_the_folders_and_never_an_option() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().join("my shop");
        fs::create_dir(&root).unwrap();
        assert_eq!(project_name(&root), "my_shop");
        fs::write(root.join("setup.cfg"), "[options]\nname = no\n[metadata]\nversion = 1\nname = from-cfg\n").unwrap();
        assert_eq!(project_name(&root), "from-cfg");
        fs::write(root.join("pyproject.toml"), "[tool.poetry]\nname = \"poem\"").unwrap();
        assert_eq!(project_name(&root), "poem");
        fs::write(root.join("pyproject.toml"), "[project]\nname = \"--output=/etc/passwd\"").unwrap();
        assert_eq!(project_name(&root), "output__etc_passwd");
        for broken in ["[project", "[project]\nname = 3", "project = []", "\0"] {
            fs::write(root.join("pyproject.toml"), broken).unwrap();
            assert_eq!(project_name(&root), "from-cfg", "{broken:?}");
        }
        assert_eq!(project_name(Path::new("/")), "project");
    }
}
