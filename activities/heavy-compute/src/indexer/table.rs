//! The SCIP indexers that are known, and how each is called. Data: what runs them knows none by name.

/// A SCIP indexer: the command that runs it, and when and how it is called.
///
/// In [`arguments`](Self::arguments) and [`environment`](Self::environment) stand, at most once in each text: `{root}` for
/// the package's folder, `{output}` for the file that the index is written to, `{scratch}` for a folder that is removed
/// afterwards, `{marker}` for the name of the marker file, `{project}` for the name of the project.
#[derive(Debug, PartialEq, Eq)]
pub struct Indexer {
    /// The command, which is also its name.
    pub name: &'static str,
    /// What makes the command tell its version.
    pub version: &'static [&'static str],
    /// Files that say it can work in their folder, the first that is there counts; `*.sln` is any name with that ending.
    pub markers: &'static [&'static str],
    /// The arguments.
    pub arguments: &'static [&'static str],
    /// Variables beside those that every indexer gets.
    pub environment: &'static [(&'static str, &'static str)],
    /// Variables that keep the worker's own value, or name a folder of the worker's home. None may lead to a secret.
    pub kept: &'static [(&'static str, &'static str)],
    /// Files that are written to the scratch folder before it starts: name and content.
    pub files: &'static [(&'static str, &'static str)],
    /// Languages that it reads, as [`crate::language`] names them.
    pub languages: &'static [&'static str],
    /// Files beside the markers that decide what it finds, in the package or in a folder above it.
    pub manifests: &'static [&'static str],
    /// Folders with installed dependencies, in the package or in a folder above it: it finds other things once they are
    /// there.
    pub dependencies: &'static [&'static str],
    /// Whether it runs the project's own build, which may do anything and writes beside the sources.
    pub builds: bool,
}

/// What an entry of the table need not say.
const PLAIN: Indexer = Indexer {
    name: "",
    version: &["--version"],
    markers: &[],
    arguments: &[],
    environment: &[],
    kept: &[],
    files: &[],
    languages: &[],
    manifests: &[],
    dependencies: &[],
    builds: false,
};

/// The indexers, ordered by name.
///
/// scip-php is not among them: it loads the project's own `vendor/autoload.php` and always writes `index.scip` into the
/// sources.
pub static INDEXERS: &[Indexer] = &[
    Indexer {
        name: "rust-analyzer",
        markers: &["Cargo.toml"],
        arguments: &["scip", "{root}", "--output", "{output}", "--config-path", "{scratch}/rust-analyzer.json"],
        // Build scripts and macros are code of the repository. Without a lock file, cargo would write one.
        files: &[(
            "rust-analyzer.json",
            r#"{"cargo":{"buildScripts":{"enable":false},"extraArgs":["--locked","--offline"]},"procMacro":{"enable":false}}"#,
        )],
        environment: &[("CARGO_NET_OFFLINE", "true"), ("CARGO_TARGET_DIR", "{scratch}/target")],
        // A command that rustup installed looks for its toolchain there.
        kept: &[("RUSTUP_HOME", ".rustup")],
        languages: &["rust"],
        manifests: &["Cargo.lock", "rust-toolchain", "rust-toolchain.toml"],
        ..PLAIN
    },
    Indexer {
        name: "scip-clang",
        markers: &["compile_commands.json"],
        arguments: &["--compdb-path={root}/{marker}", "--index-output-path={output}"],
        languages: &["c", "cpp"],
        ..PLAIN
    },
    Indexer {
        name: "scip-dotnet",
        markers: &["*.sln", "*.csproj"],
        arguments: &[
            "index",
            "--working-directory",
            "{root}",
            "--output",
            "{output}",
            "--skip-dotnet-restore",
            "{root}/{marker}",
        ],
        environment: &[("DOTNET_CLI_TELEMETRY_OPTOUT", "1"), ("DOTNET_NOLOGO", "1")],
        languages: &["csharp"],
        manifests: &["Directory.Build.props", "Directory.Packages.props", "global.json"],
        builds: true,
        ..PLAIN
    },
    Indexer {
        name: "scip-go",
        markers: &["go.mod"],
        arguments: &[
            "index",
            "--module-root={root}",
            // Or it would be the commit, and every symbol another one after each.
            "--module-version=0",
            "--output={output}",
        ],
        // Neither a toolchain nor a module is fetched because a repository asks for it.
        environment: &[("GOFLAGS", "-buildvcs=false"), ("GOPROXY", "off"), ("GOTOOLCHAIN", "local")],
        kept: &[("GOMODCACHE", "go/pkg/mod")],
        languages: &["go"],
        manifests: &["go.sum", "go.work", "go.work.sum"],
        dependencies: &["vendor"],
        ..PLAIN
    },
    Indexer {
        name: "scip-java",
        markers: &["pom.xml", "build.gradle", "build.gradle.kts"],
        arguments: &["index", "--output", "{output}", "--targetroot", "{scratch}/target"],
        languages: &["java", "kotlin", "scala"],
        manifests: &["gradle.properties", "settings.gradle", "settings.gradle.kts"],
        builds: true,
        ..PLAIN
    },
    Indexer {
        name: "scip-python",
        markers: &["pyproject.toml", "requirements.txt", "setup.cfg", "setup.py"],
        arguments: &[
            "index",
            "--cwd",
            "{root}",
            "--output",
            "{output}",
            "--project-name={project}",
            // Or it would be the commit, and every symbol another one after each.
            "--project-version=0",
            "--environment",
            "{scratch}/environment.json",
            "--quiet",
        ],
        // Without the list it runs pip.
        files: &[("environment.json", "[]")],
        // It asks an interpreter for its folders, which must take no module from the sources.
        environment: &[("PYTHONSAFEPATH", "1"), ("PYTHONDONTWRITEBYTECODE", "1")],
        languages: &["python"],
        manifests: &["pyrightconfig.json"],
        dependencies: &[".venv", "venv"],
        ..PLAIN
    },
    Indexer {
        name: "scip-ruby",
        markers: &["Gemfile"],
        arguments: &["--index-file", "{output}", "--gem-metadata", "{project}@0", "."],
        languages: &["ruby"],
        manifests: &["Gemfile.lock"],
        ..PLAIN
    },
    Indexer {
        name: "scip-typescript",
        markers: &["tsconfig.json", "jsconfig.json"],
        arguments: &["index", "--cwd", "{root}", "--output", "{output}", "--no-progress-bar", "{marker}"],
        languages: &["typescript", "javascript"],
        manifests: &[
            "package.json",
            "package-lock.json",
            "pnpm-lock.yaml",
            "tsconfig.base.json",
            "tsconfig.build.json",
            "yarn.lock",
        ],
        dependencies: &["node_modules"],
        ..PLAIN
    },
];

impl Indexer {
    /// Which of its markers a file is, if any: the first in its list is the best.
    pub(super) fn marker(&self, name: &str) -> Option<usize> {
        self.markers.iter().position(|marker| match marker.strip_prefix('*') {
            Some(ending) => name.len() > ending.len() && name.ends_with(ending),
            None => name == *marker,
        })
    }

    /// Whether a file decides what it finds.
    pub(crate) fn manifest(&self, name: &str) -> bool {
        self.marker(name).is_some() || self.manifests.contains(&name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_ordered_and_every_entry_says_where_the_index_goes() {
        assert!(INDEXERS.is_sorted_by_key(|indexer| indexer.name));
        for indexer in INDEXERS {
            assert!(indexer.arguments.iter().any(|argument| argument.contains("{output}")), "{}", indexer.name);
            assert!(!indexer.markers.is_empty() && !indexer.languages.is_empty(), "{}", indexer.name);
        }
    }

    #[test]
    fn a_marker_is_a_name_or_an_ending() {
        let dotnet = INDEXERS.iter().find(|indexer| indexer.name == "scip-dotnet").unwrap();
        assert_eq!(dotnet.marker("Shop.sln"), Some(0));
        assert_eq!(dotnet.marker("Shop.csproj"), Some(1));
        assert_eq!(dotnet.marker(".sln"), None);
        assert_eq!(dotnet.marker("Shop.slnx"), None);
    }
}
