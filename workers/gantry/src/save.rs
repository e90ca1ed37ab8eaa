//! `gantry save`: questions about a save, asked of a worker that keeps it open.

use std::{
    io::Write,
    path::{Path, PathBuf},
    time::Duration,
};

use clap::{Args, Subcommand};
use contracts::{
    queues,
    save_parsing::{
        DEFAULT_SCHEMA_VERSION, ExportSection, ExportSectionInput, ExportSectionOutput, InspectSave, InspectSaveInput,
        InspectSaveOutput, QuerySave, QuerySaveInput, QuerySaveOutput,
    },
    shared::FileRef,
};
use serde::{Serialize, de::DeserializeOwned};
use serde_json::{Map, Value};
use temporalio_client::Client;

use crate::{
    blobs, connect,
    job::{self, Ran},
    places::Places,
    problem::Problem,
    report,
};

/// How long the worker of this host has to take a question. Nobody there: another worker gets the save itself.
const HOST: Duration = Duration::from_secs(2);

#[derive(Debug, Subcommand)]
pub(crate) enum SaveCommand {
    /// Tell what a save is: game, version, date, sections
    Inspect(InspectOptions),
    /// Ask a save
    Query(QueryOptions),
    /// Write a section of a save as lines of JSON
    Export(ExportOptions),
}

#[derive(Debug, Args)]
pub(crate) struct InspectOptions {
    /// The save
    #[arg(value_name = "SAVE")]
    save: PathBuf,
    /// Print one JSON object
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Args)]
#[command(group(clap::ArgGroup::new("question").required(true).multiple(false)))]
pub(crate) struct QueryOptions {
    /// The save
    #[arg(value_name = "SAVE")]
    save: PathBuf,
    /// A path into the save, for example country.0.name or fleet.*[military_power>1000].name
    #[arg(value_name = "PATH", group = "question")]
    path: Option<String>,
    /// An operation of `gantry-save-parsing serve` as JSON, for example '{"op": "count_keys", "keys": ["name"]}'. May be given
    /// several times
    #[arg(long, value_name = "JSON", group = "question", value_parser = operation)]
    op: Vec<Map<String, Value>>,
    /// 1: every scalar a string, the last of several equal keys; 2: nothing lost
    #[arg(long, value_name = "VERSION", default_value_t = DEFAULT_SCHEMA_VERSION, value_parser = clap::value_parser!(u8).range(1..=2))]
    schema_version: u8,
    /// Print one JSON object, with what else the worker says
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Args)]
pub(crate) struct ExportOptions {
    /// The save
    #[arg(value_name = "SAVE")]
    save: PathBuf,
    /// A top-level key, for example country
    #[arg(value_name = "SECTION")]
    section: String,
    /// File to write, one {"key", "value"} a line; standard output when it is - [default: only tell where the worker put it]
    #[arg(long, short, value_name = "FILE")]
    output: Option<PathBuf>,
    /// 1: every scalar a string, the last of several equal keys; 2: nothing lost
    #[arg(long, value_name = "VERSION", default_value_t = DEFAULT_SCHEMA_VERSION, value_parser = clap::value_parser!(u8).range(1..=2))]
    schema_version: u8,
    /// Print one JSON object
    #[arg(long)]
    json: bool,
}

fn operation(text: &str) -> Result<Map<String, Value>, String> {
    serde_json::from_str(text).map_err(|error| format!("no JSON object: {error}"))
}

pub(crate) async fn run(places: &Places, command: &SaveCommand) -> Result<(), Problem> {
    match command {
        SaveCommand::Inspect(options) => inspect(places, options).await,
        SaveCommand::Query(options) => query(places, options).await,
        SaveCommand::Export(options) => export(places, options).await,
    }
}

async fn inspect(places: &Places, options: &InspectOptions) -> Result<(), Problem> {
    let asking = Asking::new(places, &options.save).await?;
    let (answer, _): (InspectSaveOutput, _) =
        asking.ask::<InspectSave>(|save| InspectSaveInput { save, entries: true }).await?;
    if options.json {
        return report::data(&json_of(&answer)?.to_string());
    }
    report::data(&inspected(&answer))
}

async fn query(places: &Places, options: &QueryOptions) -> Result<(), Problem> {
    let asking = Asking::new(places, &options.save).await?;
    let ops = match &options.path {
        Some(path) => {
            vec![Map::from_iter([("op".to_owned(), "query".into()), ("path".to_owned(), path.as_str().into())])]
        }
        None => options.op.clone(),
    };
    let question = |save| QuerySaveInput { save, ops: ops.clone(), schema_version: options.schema_version };
    let (answer, _): (QuerySaveOutput, _) = asking.ask::<QuerySave>(question).await?;
    if options.json {
        return report::data(&json_of(&answer)?.to_string());
    }
    let refused = answer.results.iter().find_map(|result| result.get("error").map(|error| (error, result)));
    for result in &answer.results {
        report::data(&format!("{result:#}"))?;
    }
    match refused {
        None => Ok(()),
        Some((error, result)) => {
            let message = result.get("message").and_then(Value::as_str).unwrap_or_default();
            Err(Problem::input(format!("{}: {message}", error.as_str().unwrap_or("refused"))))
        }
    }
}

async fn export(places: &Places, options: &ExportOptions) -> Result<(), Problem> {
    let asking = Asking::new(places, &options.save).await?;
    let question =
        |save| ExportSectionInput { save, section: options.section.clone(), schema_version: options.schema_version };
    let (answer, _): (ExportSectionOutput, _) = asking.ask::<ExportSection>(question).await?;
    if let Some(output) = &options.output {
        let (compressed, output) = (job::fetch(places, &answer.blob).await?, output.clone());
        let written = tokio::task::spawn_blocking(move || write(&compressed, &output)).await;
        written.map_err(|e| Problem::filesystem(format!("writing the export: {e}")))??;
    }
    if options.json {
        return report::data(&json_of(&answer)?.to_string());
    }
    let told =
        format!("{} entries, {} bytes as JSON lines, compressed in {}", answer.entries, answer.bytes, answer.blob.uri);
    // Where the entries themselves are what comes out, the rest is beside it.
    if options.output.as_deref() == Some(Path::new("-")) {
        report::note(&told);
        return Ok(());
    }
    report::data(&told)
}

fn write(mut compressed: &[u8], output: &Path) -> Result<(), Problem> {
    let failed = |e: std::io::Error| Problem::io(&format!("writing {}", output.display()), &e);
    if output == Path::new("-") {
        return zstd::stream::copy_decode(&mut compressed, std::io::stdout().lock())
            .map_err(|e| Problem::io("writing to stdout", &e));
    }
    let folder = output.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let mut file = tempfile::NamedTempFile::new_in(folder).map_err(failed)?;
    zstd::stream::copy_decode(&mut compressed, &mut file).map_err(failed)?;
    file.flush().map_err(failed)?;
    file.persist(output).map_err(|e| failed(e.error))?;
    Ok(())
}

/// A save, and who can be asked about it.
pub(crate) struct Asking<'a> {
    places: &'a Places,
    client: Client,
    save: PathBuf,
}

impl<'a> Asking<'a> {
    async fn new(places: &'a Places, save: &Path) -> Result<Self, Problem> {
        Self::of(places, connect::client(places).await?, save)
    }

    /// With a client that is there.
    pub(crate) fn of(places: &'a Places, client: Client, save: &Path) -> Result<Self, Problem> {
        let real = save.canonicalize().map_err(|e| Problem::io(&format!("{}", save.display()), &e))?;
        Ok(Self { places, client, save: real })
    }

    /// Asks the worker of this host, which reads the file where it is; else any worker, which gets it by the blob store.
    /// Also returns the id of the job that it was.
    pub(crate) async fn ask<A>(&self, question: impl Fn(FileRef) -> A::Input) -> Result<(A::Output, String), Problem>
    where
        A: contracts::Activity,
        A::Input: Serialize,
        A::Output: DeserializeOwned,
    {
        let host = self.places.host_id();
        let queue = queues::host_queue(queues::SAVE_PARSING, &host);
        let path = self.save.to_str().ok_or_else(|| Problem::input("the path of the save is not UTF-8"))?;
        let here = json_of(&question(FileRef::Path { path: path.to_owned() }))?;
        let (ran, id) = match job::run_on::<A>(&self.client, here, &queue, Some(HOST)).await? {
            Ran::Answered { value, id } => (value, id),
            Ran::NobodyTookIt => {
                report::note(&format!("no worker of {queue}; another one gets the save by the blob store"));
                let blob = blobs::put(self.places, self.save.clone()).await?;
                let anywhere = json_of(&question(FileRef::Blob(blob)))?;
                match job::run_on::<A>(&self.client, anywhere, queues::SAVE_PARSING, None).await? {
                    Ran::Answered { value, id } => (value, id),
                    Ran::NobodyTookIt => return Err(Problem::network("no worker took the question")),
                }
            }
        };
        let whole = job::whole(self.places, ran).await?;
        let output = serde_json::from_value(whole)
            .map_err(|e| Problem::wrong_result(format!("the worker's answer is not what {} answers: {e}", A::NAME)))?;
        Ok((output, id))
    }
}

fn json_of(value: &impl Serialize) -> Result<Value, Problem> {
    serde_json::to_value(value).map_err(|e| Problem::wrong_result(format!("this cannot be written as JSON: {e}")))
}

/// What a save is, for people.
fn inspected(answer: &InspectSaveOutput) -> String {
    let unknown = || "unknown".to_owned();
    let rows = vec![
        vec!["name".to_owned(), answer.name.clone().unwrap_or_else(unknown)],
        vec!["version".to_owned(), answer.version.clone().unwrap_or_else(unknown)],
        vec!["date".to_owned(), answer.date.clone().unwrap_or_else(unknown)],
        vec!["ironman".to_owned(), if answer.ironman { "yes" } else { "no" }.to_owned()],
        vec!["file".to_owned(), format!("{:.1} MB", report::megabytes(answer.zip_bytes))],
        vec!["text".to_owned(), format!("{:.1} MB", report::megabytes(answer.text_bytes))],
        vec!["sha256".to_owned(), answer.sha256.clone()],
    ];
    let sections: Vec<Vec<String>> = answer
        .sections
        .iter()
        .map(|section| {
            vec![
                section.name.clone(),
                section.bytes.to_string(),
                section.occurrences.to_string(),
                section.entries.map(|n| n.to_string()).unwrap_or_default(),
            ]
        })
        .collect();
    format!(
        "{}\n\n{}",
        report::table(&["save", ""], &rows),
        report::table(&["section", "bytes", "times", "entries"], &sections)
    )
}

impl SaveCommand {
    /// What is printed as one object.
    #[cfg(test)]
    pub(crate) fn is_json(&self) -> bool {
        match self {
            Self::Inspect(options) => options.json,
            Self::Query(options) => options.json,
            Self::Export(options) => options.json,
        }
    }
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use crate::arguments::{Arguments, Command};

    #[test]
    fn a_question_is_a_path_or_operations_and_one_of_them() {
        let parse = |more: &[&str]| Arguments::try_parse_from([&["gantry", "save", "query", "a.sav"], more].concat());
        assert!(parse(&[]).is_err());
        assert!(parse(&["country.0", "--op", "{}"]).is_err());
        assert!(parse(&["--op", "[1]"]).is_err());
        let Command::Save { command } = parse(&["--op", "{\"op\": \"x\"}", "--op", "{}", "--json"]).unwrap().command
        else {
            panic!("another command")
        };
        assert!(command.is_json());
    }
}
