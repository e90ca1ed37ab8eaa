//! `gantry index`: starts the workflow of a repository, or joins the one that runs, and follows it.

use std::{
    path::{Path, PathBuf},
    time::Instant,
};

use contracts::{
    queues,
    workflows::{IndexRepo, IndexRepoInput, IndexRepoOutput, index_repo_id},
};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use temporalio_client::Client;

use crate::{
    arguments::IndexOptions,
    connect,
    places::Places,
    problem::Problem,
    report,
    run::{self, Started, Title},
};

/// What is to be indexed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Request {
    pub(crate) org_id: String,
    pub(crate) repo_id: String,
    pub(crate) input: IndexRepoInput,
}

pub(crate) async fn run(places: &Places, options: &IndexOptions) -> Result<(), Problem> {
    let request = Request::of(options)?;
    let client = connect::client(places).await?;
    let begin = Instant::now();
    let started = start(&client, &request).await?;
    let link = started.ui_link(places, &client);
    if options.detach {
        if options.json {
            let mut object = json!({
                "workflowId": started.workflow_id, "runId": started.run_id, "repoId": request.repo_id,
            });
            add_link(&mut object, link);
            return report::data(&object.to_string());
        }
        report::data(&format!("started {} (run {})", started.workflow_id, started.run_id))?;
        return link.map_or(Ok(()), |link| report::data(&link));
    }
    if let Some(link) = &link {
        report::note(&format!("run: {link}"));
    }
    let output = started.followed(&client).await?;
    if options.json {
        let duration_ms = u64::try_from(begin.elapsed().as_millis()).unwrap_or(u64::MAX);
        return report::data(&answer(&started, &output, duration_ms, link).to_string());
    }
    report::data(&report::indexed(&output))
}

/// Starts the workflow, or joins it if the repository is being indexed already.
pub(crate) async fn start(client: &Client, request: &Request) -> Result<Started<IndexRepo>, Problem> {
    let source = request.input.path.as_ref().or(request.input.repo_url.as_ref()).cloned().unwrap_or_default();
    let title = Title {
        workflow_id: index_repo_id(&request.org_id, &request.repo_id),
        system: queues::HEAVY_COMPUTE,
        repo: Some(request.repo_id.clone()),
        summary: format!("index {source}"),
    };
    run::start(client, IndexRepo, request.input.clone(), title).await
}

fn answer(started: &Started<IndexRepo>, output: &IndexRepoOutput, duration_ms: u64, link: Option<String>) -> Value {
    let mut object = json!({
        "workflowId": started.workflow_id,
        "runId": started.run_id,
        "repoId": output.repo_id,
        "commit": output.commit,
        "files": output.counts.files,
        "entities": output.counts.entities,
        "edges": output.counts.edges,
        "byKind": output.counts.by_kind,
        "edgesByKind": output.counts.edges_by_kind,
        "byLanguage": output.counts.by_language,
        "skipped": output.skipped,
        "unchanged": output.unchanged,
        "written": output.written,
        "removed": output.removed,
        "calls": output.calls,
        "indexes": output.indexes,
        "covered": output.covered,
        "references": output.references,
        "activities": output.activities,
        "durationMs": duration_ms,
        "warnings": output.warnings,
    });
    if output.commit.is_none()
        && let Some(fields) = object.as_object_mut()
    {
        fields.remove("commit");
    }
    add_link(&mut object, link);
    object
}

fn add_link(object: &mut Value, link: Option<String>) {
    if let (Some(fields), Some(link)) = (object.as_object_mut(), link) {
        fields.insert("uiUrl".to_owned(), link.into());
    }
}

impl Request {
    fn of(options: &IndexOptions) -> Result<Self, Problem> {
        let (input, default_id) = source(&options.source)?;
        if options.branch.is_some() && input.path.is_some() {
            return Err(Problem::input("--branch goes with a URL; a folder is indexed as it is")
                .hint("check the branch out, or index it by URL: file:///FOLDER"));
        }
        if options.credential.as_ref().is_some_and(|c| !c.starts_with("env:") && !c.starts_with("file:")) {
            return Err(Problem::input(
                "--credential takes a reference, env:NAME or file:PATH, which the worker resolves",
            ));
        }
        let mut request = Self::new(input, options.repo_id.clone().unwrap_or(default_id), options.org_id.clone());
        request.input.branch.clone_from(&options.branch);
        request.input.credential.clone_from(&options.credential);
        request.input.indexers = match (options.no_indexers, options.indexer.as_slice()) {
            (true, _) => Some(Vec::new()),
            (false, []) => None,
            (false, named) => Some(named.to_vec()),
        };
        if !options.scip.is_empty() {
            let folder = request.input.path.as_deref().map(Path::new);
            let files: Result<_, _> = options.scip.iter().map(|file| scip_file(file, folder)).collect();
            request.input.scip_files = Some(files?);
        }
        Ok(request)
    }

    /// A request for a folder or URL under an id made from it.
    pub(crate) fn of_source(text: &str, org_id: &str) -> Result<Self, Problem> {
        let (input, id) = source(text)?;
        Ok(Self::new(input, id, org_id.to_owned()))
    }

    fn new(mut input: IndexRepoInput, repo_id: String, org_id: String) -> Self {
        input.repo_id = Some(repo_id.clone());
        input.org_id = Some(org_id.clone());
        Self { org_id, repo_id, input }
    }
}

/// A folder or a URL, with an id that two different sources do not share.
fn source(text: &str) -> Result<(IndexRepoInput, String), Problem> {
    let empty = IndexRepoInput {
        repo_url: None,
        path: None,
        repo_id: None,
        org_id: None,
        branch: None,
        credential: None,
        indexers: None,
        scip_files: None,
        host_timeout_seconds: None,
        after: None,
    };
    let short_ssh = text.split_once(':').is_some_and(|(host, _)| host.contains('@') && !host.contains('/'));
    if text.contains("://") || short_ssh {
        let id = match url::Url::parse(text) {
            Ok(url) if url.scheme() == "file" => id_of_folder(Path::new(url.path())),
            Ok(url) => {
                let port = url.port().map(|p| format!(":{p}")).unwrap_or_default();
                format!("{}{port}{}", url.host_str().unwrap_or_default(), url.path())
            }
            Err(_) => text.rsplit('@').next().unwrap_or(text).replace(':', "/"),
        };
        let id = id.trim_end_matches('/').trim_end_matches(".git").to_owned();
        return Ok((IndexRepoInput { repo_url: Some(text.to_owned()), ..empty }, id));
    }
    let path = Path::new(text);
    let real = path.canonicalize().map_err(|e| {
        Problem::io(&format!("{}", path.display()), &e).hint("give a folder, or the URL of a git repository")
    })?;
    if !real.is_dir() {
        return Err(
            Problem::input(format!("{} is no folder", path.display())).hint("give the folder that holds the sources")
        );
    }
    let Some(utf8) = real.to_str() else {
        return Err(Problem::input(format!("{}: the path is not UTF-8", real.display())).hint("rename the folder"));
    };
    let id = id_of_folder(&real);
    Ok((IndexRepoInput { path: Some(utf8.to_owned()), ..empty }, id))
}

/// An index as the worker finds it: by its absolute path, or relative to the sources. What only a checkout will have
/// cannot be looked for here.
fn scip_file(file: &Path, folder: Option<&Path>) -> Result<String, Problem> {
    let found: PathBuf = match (file.canonicalize(), folder) {
        (Ok(real), _) => real,
        (Err(_), None) => file.to_owned(),
        (Err(_), Some(folder)) if file.is_relative() && folder.join(file).exists() => file.to_owned(),
        (Err(error), Some(_)) => {
            return Err(Problem::io(&format!("{}", file.display()), &error)
                .hint("give --scip a file of the current folder or of the indexed one"));
        }
    };
    if found.is_dir() {
        return Err(Problem::input(format!("{} is a folder", file.display())).hint("give --scip the index itself"));
    }
    match found.to_str() {
        Some(utf8) => Ok(utf8.to_owned()),
        None => Err(Problem::input(format!("{}: the path is not UTF-8", found.display())).hint("rename the file")),
    }
}

/// The folder's name, and a few digits that tell it from other folders of that name.
fn id_of_folder(path: &Path) -> String {
    let name = path.file_name().map_or_else(|| "root".to_owned(), |n| n.to_string_lossy().into_owned());
    let digest = hex::encode(Sha256::digest(path.as_os_str().as_encoded_bytes()));
    format!("{}-{}", name.trim_end_matches(".git"), digest.get(..8).unwrap_or(&digest))
}

#[cfg(test)]
mod tests {
    use std::fs;

    use clap::Parser;

    use super::*;
    use crate::arguments::{Arguments, Command};

    #[test]
    fn the_id_is_made_from_the_source_and_holds_no_user() {
        let id = |text: &str| source(text).unwrap().1;
        assert_eq!(id("https://example.org/o/name.git"), "example.org/o/name");
        assert_eq!(id("http://localhost:8080/x/"), "localhost:8080/x");
        assert_eq!(id("ssh://git@example.org/o/name"), "example.org/o/name");
        assert_eq!(id("git@example.org:o/name.git"), "example.org/o/name");
        assert!(id("file:///srv/name.git").starts_with("name-"));
        assert_ne!(id("file:///srv/a/name"), id("file:///srv/b/name"));
    }

    #[test]
    fn a_folder_that_is_not_there_is_a_problem_of_the_filesystem() {
        assert_eq!(source("/no/such/folder").unwrap_err().code, 4);
        assert_eq!(source("/proc/self/status").unwrap_err().code, 1);
    }

    #[test]
    fn an_index_is_looked_for_here_and_then_in_the_sources() {
        let folder = tempfile::tempdir().unwrap();
        let (sources, index) = (folder.path().join("sources"), folder.path().join("index.scip"));
        fs::create_dir_all(sources.join("build")).unwrap();
        for file in [&index, &sources.join("build/own.scip")] {
            fs::write(file, "").unwrap();
        }
        let absolute = index.canonicalize().unwrap();
        assert_eq!(scip_file(&index, Some(&sources)).unwrap(), absolute.to_str().unwrap());
        let own = Path::new("build/own.scip");
        assert_eq!(scip_file(own, Some(&sources)).unwrap(), "build/own.scip");
        assert_eq!(scip_file(own, None).unwrap(), "build/own.scip", "a checkout may have it");
        assert_eq!(scip_file(Path::new("build/none.scip"), Some(&sources)).unwrap_err().code, 4);
        assert_eq!(scip_file(&sources, None).unwrap_err().code, 1);
    }

    #[test]
    fn indexers_are_all_some_or_none() {
        let indexers = |more: &[&str]| {
            let typed = Arguments::parse_from([&["gantry", "index", "https://example.org/o/name"], more].concat());
            let Command::Index(options) = typed.command else { panic!("another command") };
            Request::of(&options).unwrap().input.indexers
        };
        assert_eq!(indexers(&[]), None);
        assert_eq!(indexers(&["--no-indexers"]), Some(vec![]));
        let named = ["--indexer", "scip-go", "--indexer", "scip-python"];
        assert_eq!(indexers(&named), Some(vec!["scip-go".to_owned(), "scip-python".to_owned()]));
    }
}
