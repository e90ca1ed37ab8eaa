//! Which language a file is in, by the extension of its name.

/// The language of a path, for example `typescript`; `None` for what is in none of the known ones.
pub fn of_path(path: &str) -> Option<&'static str> {
    let name = path.rsplit('/').next().unwrap_or(path);
    let (stem, extension) = name.rsplit_once('.')?;
    if stem.is_empty() {
        return None;
    }
    Some(match extension.to_ascii_lowercase().as_str() {
        "ts" | "tsx" | "mts" | "cts" => "typescript",
        "js" | "jsx" | "mjs" | "cjs" => "javascript",
        "py" | "pyi" => "python",
        "go" => "go",
        "rs" => "rust",
        "java" => "java",
        "kt" | "kts" => "kotlin",
        "c" | "h" => "c",
        "cc" | "cpp" | "cxx" | "hh" | "hpp" | "hxx" => "cpp",
        "cs" => "csharp",
        "php" | "phtml" => "php",
        "rb" | "rake" | "gemspec" => "ruby",
        "swift" => "swift",
        "scala" => "scala",
        "json" => "json",
        "yaml" | "yml" => "yaml",
        "toml" => "toml",
        "md" => "markdown",
        "css" => "css",
        "scss" => "scss",
        "html" => "html",
        "sql" => "sql",
        "sh" | "bash" => "shell",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::of_path;

    #[test]
    fn the_extension_decides_and_a_dot_file_has_none() {
        assert_eq!(of_path("a/b.d.ts"), Some("typescript"));
        assert_eq!(of_path("A.PY"), Some("python"));
        assert_eq!(of_path("dir.py/README"), None);
        assert_eq!(of_path(".bashrc"), None);
        assert_eq!(of_path("a/.sh"), None);
        assert_eq!(of_path("x.unknown"), None);
    }
}
