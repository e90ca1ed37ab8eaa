//! `gantry job submit-many`: a job for each line of a file, with little memory however many they are.

use std::{
    fs::{self, File},
    io::{self, BufReader, BufWriter, IsTerminal, Read, Seek, SeekFrom, Write},
    path::{Path, PathBuf},
    thread,
    time::{Duration, Instant},
};

use futures::{StreamExt, future::BoxFuture, stream::FuturesOrdered};
use indicatif::{ProgressBar, ProgressStyle};
use serde_json::{Value, json};
use temporalio_client::{Client, grpc::WorkflowService};
use temporalio_common::protos::temporal::api::{
    enums::v1::ActivityIdReusePolicy, workflowservice::v1::DescribeNamespaceRequest,
};
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;
use tonic::{Code, IntoRequest, Status};

use super::{
    arguments::SubmitManyOptions,
    line::LineReader,
    lines::{Lines, Mark},
    order::Order,
    progress_file::{Progress, Target},
    start::{self, Answer, Failed},
    validate::Mistake,
};
use crate::{connect, dev::told_to_stop, places::Places, problem::Problem, report};

/// Longest line: an input of the greatest size, written with many escapes, and what stands around it.
const MAX_LINE: usize = 8 * 1024 * 1024;
const SAVE_EVERY: Duration = Duration::from_secs(1);

pub(crate) async fn run(places: &Places, options: &SubmitManyOptions) -> Result<(), Problem> {
    let reader = LineReader::new(options.activity.as_deref())?;
    let files = Files::of(options)?;
    let source = files.open()?;
    let client = connect::client(places).await?;
    let target = Target { namespace_id: namespace_id(&client).await?, activity: options.activity.clone() };
    let earlier = match &files.progress {
        Some(path) if !options.restart => Progress::load(path)?,
        _ => None,
    };
    let mut lines = Lines::new(BufReader::with_capacity(256 * 1024, source.bytes), MAX_LINE);
    let resumed = match earlier {
        Some(earlier) => Some(go_on(&mut lines, &target, earlier, &files)?),
        None => None,
    };
    let mut account = Account::open(options, files, target, resumed, lines.mark().clone(), source.size)?;
    let (send, receive) = mpsc::channel(usize::from(options.concurrency));
    let skip_invalid = options.skip_invalid;
    thread::spawn(move || read(lines, &reader, skip_invalid, &send));
    submit(&client, options, receive, &mut account).await?;
    account.end(options)
}

/// Where things are read from and written to.
#[derive(Debug)]
struct Files {
    /// `None` for stdin.
    source: Option<PathBuf>,
    progress: Option<PathBuf>,
    rejects: Option<PathBuf>,
}

struct Source {
    bytes: Box<dyn Read + Send>,
    /// In bytes, of a file that tells.
    size: Option<u64>,
}

impl Files {
    fn of(options: &SubmitManyOptions) -> Result<Self, Problem> {
        let source = Some(options.file.clone()).filter(|file| file.as_os_str() != "-");
        let beside = |suffix: &str| {
            let mut path = source.clone()?.into_os_string();
            path.push(suffix);
            Some(PathBuf::from(path))
        };
        let rejects = options.skip_invalid.then(|| options.rejects.clone().or_else(|| beside(".rejects")));
        if rejects == Some(None) {
            return Err(Problem::input("stdin has no name to make that of the rejected lines from")
                .hint("say where they go: --rejects PATH"));
        }
        Ok(Self {
            progress: options.progress.clone().or_else(|| beside(".progress")),
            rejects: rejects.flatten(),
            source,
        })
    }

    fn open(&self) -> Result<Source, Problem> {
        let Some(path) = &self.source else { return Ok(Source { bytes: Box::new(io::stdin()), size: None }) };
        let failed = |error: io::Error| Problem::io(&format!("opening {}", path.display()), &error);
        let file = File::open(path).map_err(failed)?;
        let about = file.metadata().map_err(failed)?;
        if about.is_dir() {
            return Err(Problem::input(format!("{} is a folder", path.display())).hint("give an NDJSON file, or -"));
        }
        Ok(Source { bytes: Box::new(file), size: Some(about.len()).filter(|_| about.is_file()) })
    }

    fn name(&self) -> String {
        self.source.as_ref().map_or_else(|| "stdin".to_owned(), |path| path.display().to_string())
    }
}

async fn namespace_id(client: &Client) -> Result<String, Problem> {
    let namespace = client.options().namespace.clone();
    let request = DescribeNamespaceRequest { namespace, ..Default::default() };
    let answer = client.clone().describe_namespace(request.into_request()).await;
    let answer = answer.map_err(|status| start::problem("asking for the namespace", &status))?.into_inner();
    Ok(answer.namespace_info.map(|info| info.id).unwrap_or_default())
}

/// Passes over what an earlier run has done, if it was this file that it did.
fn go_on<R: io::BufRead>(
    lines: &mut Lines<R>,
    target: &Target,
    earlier: Progress,
    files: &Files,
) -> Result<Progress, Problem> {
    let progress = files.progress.as_deref().unwrap_or(Path::new("")).display();
    let name = files.name();
    let other = |what: &str| {
        Problem::input(format!("{progress} tells of {what}"))
            .hint("--restart begins with the first line; what is there already is not submitted twice")
    };
    if earlier.target.namespace_id != target.namespace_id {
        return Err(other("another namespace or server"));
    }
    if earlier.target.activity != target.activity {
        return Err(other("a run with another --activity"));
    }
    let mark = lines
        .pass(earlier.offset, earlier.newlines)
        .map_err(|error| Problem::io(&format!("reading {name}"), &error))?;
    if mark.offset != earlier.offset || mark.sha256() != earlier.sha256 {
        return Err(other(&format!("other content: the first {} bytes of {name} have changed since", earlier.offset)));
    }
    Ok(earlier)
}

/// A line that was read.
struct Checked {
    number: u64,
    after: Mark,
    order: Result<Box<Order>, Rejected>,
}

/// A line that is no job.
struct Rejected {
    mistakes: Vec<Mistake>,
    /// The line, as far as it is text.
    text: Option<String>,
}

/// Reads and checks lines until there are no more, one is wrong, or nobody wants them any longer.
fn read<R: io::BufRead>(
    mut lines: Lines<R>,
    reader: &LineReader,
    skip_invalid: bool,
    send: &mpsc::Sender<io::Result<Checked>>,
) {
    loop {
        let line = match lines.next() {
            Ok(Some(line)) => line,
            Ok(None) => return,
            Err(error) => {
                // Whoever does not listen any more has a reason of its own.
                let _ = send.blocking_send(Err(error));
                return;
            }
        };
        if line.text.as_ref().is_some_and(|text| text.trim_ascii().is_empty()) {
            continue;
        }
        let order = match &line.text {
            None => Err(vec![Mistake::new("", format!("longer than {MAX_LINE} bytes"))]),
            Some(text) => reader.order(text),
        };
        let order = order.map(Box::new).map_err(|mistakes| Rejected {
            mistakes,
            text: line.text.as_deref().map(|text| String::from_utf8_lossy(text).into_owned()),
        });
        let last = order.is_err() && !skip_invalid;
        if send.blocking_send(Ok(Checked { number: line.number, after: line.after, order })).is_err() || last {
            return;
        }
    }
}

/// What became of a line.
enum Became {
    Submitted,
    /// There was a job of its id before.
    AlreadySubmitted,
    /// Another line of this run has its id.
    Duplicate,
    Invalid(Rejected),
    /// The server refused it, as it would each time.
    Refused(Status, Box<Order>),
    /// The server did not answer, or is not for us.
    Stuck(Failed),
    Unsendable(Problem),
}

struct Done {
    number: u64,
    after: Mark,
    became: Became,
}

/// Keeps a number of requests under way and takes their answers in the order of the lines.
async fn submit(
    client: &Client,
    options: &SubmitManyOptions,
    mut lines: mpsc::Receiver<io::Result<Checked>>,
    account: &mut Account,
) -> Result<(), Problem> {
    // Begins the request id of each request of this run, by which a line that is there twice is known.
    let run = uuid::Uuid::new_v4().to_string();
    let stop = CancellationToken::new();
    let mut under_way: FuturesOrdered<BoxFuture<'_, Done>> = FuturesOrdered::new();
    let mut reading = true;
    let interrupted = told_to_stop();
    tokio::pin!(interrupted);
    let mut listening = true;
    loop {
        let room = reading && !stop.is_cancelled() && under_way.len() < usize::from(options.concurrency);
        if !room && under_way.is_empty() {
            return Ok(());
        }
        tokio::select! {
            Some(done) = under_way.next() => {
                if account.take(done, options)? {
                    stop.cancel();
                }
            }
            line = lines.recv(), if room => match line {
                Some(Ok(line)) => under_way.push_back(Box::pin(deliver(client, line, &run, options.patience, &stop))),
                Some(Err(error)) => {
                    account.read_failed(&error);
                    reading = false;
                }
                None => reading = false,
            },
            () = &mut interrupted, if listening => {
                listening = false;
                account.interrupted();
                stop.cancel();
            }
        }
    }
}

async fn deliver(client: &Client, line: Checked, run: &str, patience: Duration, stop: &CancellationToken) -> Done {
    let Checked { number, after, order } = line;
    let became = match order {
        Err(rejected) => Became::Invalid(rejected),
        Ok(order) => {
            let request = order.request(client, format!("{run}/{number}"), ActivityIdReusePolicy::RejectDuplicate);
            match request.await {
                Err(problem) => Became::Unsendable(problem),
                Ok(request) => match start::start(client, &request, patience, stop).await {
                    Ok(Answer::Started { .. }) => Became::Submitted,
                    Ok(Answer::Exists { request_id, .. }) if request_id.starts_with(run) => Became::Duplicate,
                    Ok(Answer::Exists { .. }) => Became::AlreadySubmitted,
                    Err(Failed::Refused(status)) if is_about_the_line(&status) => Became::Refused(status, order),
                    Err(failed) => Became::Stuck(failed),
                },
            }
        }
    };
    Done { number, after, became }
}

fn is_about_the_line(status: &Status) -> bool {
    // A search attribute that is not registered is missing for every line.
    matches!(status.code(), Code::InvalidArgument | Code::OutOfRange) && !status.message().contains("search attribute")
}

/// What became of the lines so far, here and on disk.
struct Account {
    files: Files,
    target: Target,
    rejects: Option<Rejects>,
    bar: Option<ProgressBar>,
    begin: Instant,
    /// All lines before it are done.
    mark: Mark,
    saved: Instant,
    resumed_after: u64,
    problem: Option<Problem>,
    /// A line is not done, so the mark stays before it.
    blocked: bool,
    lines: u64,
    submitted: u64,
    already: u64,
    duplicates: u64,
    invalid: u64,
    failed: u64,
}

struct Rejects {
    file: BufWriter<File>,
    bytes: u64,
}

impl Account {
    fn open(
        options: &SubmitManyOptions,
        files: Files,
        target: Target,
        resumed: Option<Progress>,
        mark: Mark,
        size: Option<u64>,
    ) -> Result<Self, Problem> {
        let rejects = match &files.rejects {
            Some(path) => Some(Rejects::open(path, resumed.as_ref().map_or(0, |progress| progress.rejects_bytes))?),
            None => None,
        };
        if let Some(resumed) = resumed.as_ref().filter(|resumed| resumed.offset > 0) {
            report::note(&format!("going on after line {} of {}", resumed.newlines, files.name()));
        }
        let bar = (io::stderr().is_terminal() && !options.json).then(|| {
            let bar = size.map_or_else(ProgressBar::new_spinner, ProgressBar::new);
            if let Ok(style) = ProgressStyle::with_template("{bar:30} {bytes} of {total_bytes}  {elapsed}  {wide_msg}")
            {
                bar.set_style(style);
            }
            bar.enable_steady_tick(Duration::from_millis(200));
            bar
        });
        let mut account = Self {
            files,
            target,
            rejects,
            bar,
            begin: Instant::now(),
            mark,
            saved: Instant::now(),
            resumed_after: resumed.map_or(0, |progress| progress.newlines),
            problem: None,
            blocked: false,
            lines: 0,
            submitted: 0,
            already: 0,
            duplicates: 0,
            invalid: 0,
            failed: 0,
        };
        // A place that cannot be written to is better known before anything is sent.
        account.save()?;
        Ok(account)
    }

    /// Takes the next line in order; whether no further ones are to be sent.
    fn take(&mut self, done: Done, options: &SubmitManyOptions) -> Result<bool, Problem> {
        let Done { number, after, became } = done;
        let name = self.files.name();
        self.lines += 1;
        let problem = match became {
            Became::Submitted => {
                self.submitted += 1;
                None
            }
            Became::AlreadySubmitted => {
                self.already += 1;
                None
            }
            Became::Duplicate => {
                self.duplicates += 1;
                None
            }
            Became::Invalid(rejected) => {
                self.invalid += 1;
                self.reject(number, &rejected, options, || {
                    let texts: Vec<String> = rejected.mistakes.iter().map(|mistake| format!("  {mistake}")).collect();
                    Problem::input(format!("line {number} of {name} is no job:\n{}", texts.join("\n"))).hint(
                        "what stands before it is submitted; correct it and run the same again, or pass --skip-invalid",
                    )
                })?
            }
            Became::Refused(status, order) => {
                self.failed += 1;
                let mistakes = vec![Mistake::new("", format!("the server refused it: {}", status.message()))];
                let text =
                    Some(json!({ "activity": order.activity.name, "id": order.id, "input": order.input }).to_string());
                self.reject(number, &Rejected { mistakes, text }, options, || {
                    start::problem(&format!("line {number} of {name}"), &status)
                })?
            }
            Became::Stuck(failed) => {
                self.failed += 1;
                let problem = start::problem(&format!("line {number} of {name}"), failed.status());
                Some(if problem.code == 3 { problem.hint("run the same again to go on from there") } else { problem })
            }
            Became::Unsendable(problem) => {
                self.failed += 1;
                Some(problem)
            }
        };
        match problem {
            Some(problem) => {
                self.blocked = true;
                // The first one explains those that follow from it.
                self.problem.get_or_insert(problem);
            }
            None if !self.blocked => self.mark = after,
            None => {}
        }
        if let Some(bar) = &self.bar {
            bar.set_position(self.mark.offset);
            bar.set_message(format!("{} lines", self.lines));
        }
        if self.saved.elapsed() >= SAVE_EVERY {
            self.save()?;
        }
        Ok(self.blocked)
    }

    /// Puts a line aside, or ends with the problem that it is.
    fn reject(
        &mut self,
        number: u64,
        rejected: &Rejected,
        options: &SubmitManyOptions,
        problem: impl FnOnce() -> Problem,
    ) -> Result<Option<Problem>, Problem> {
        match &mut self.rejects {
            // What comes after a line that is not done is read again, and rejected then.
            Some(rejects) if options.skip_invalid && !self.blocked => {
                rejects.write(number, rejected, self.files.rejects.as_deref())?;
                Ok(None)
            }
            Some(_) if self.blocked => Ok(None),
            _ => Ok(Some(problem())),
        }
    }

    fn read_failed(&mut self, error: &io::Error) {
        self.problem.get_or_insert(Problem::io(&format!("reading {}", self.files.name()), error));
    }

    fn interrupted(&mut self) {
        self.problem
            .get_or_insert(Problem::input("interrupted before the end").hint("run the same again to go on from there"));
    }

    fn save(&mut self) -> Result<(), Problem> {
        let mut rejects_bytes = 0;
        if let (Some(rejects), Some(path)) = (&mut self.rejects, &self.files.rejects) {
            rejects.file.flush().map_err(|e| Problem::io(&format!("writing {}", path.display()), &e))?;
            rejects_bytes = rejects.bytes;
        }
        if let Some(path) = &self.files.progress {
            Progress::new(self.target.clone(), &self.mark, rejects_bytes).save(path)?;
        }
        self.saved = Instant::now();
        Ok(())
    }

    /// Writes down how far it is, and tells.
    fn end(mut self, options: &SubmitManyOptions) -> Result<(), Problem> {
        self.save()?;
        if let Some(bar) = self.bar.take() {
            bar.finish_and_clear();
        }
        let time = self.begin.elapsed();
        let per_second = (self.lines as f64 / time.as_secs_f64().max(0.001) * 10.0).round() / 10.0;
        if options.json {
            let mut object = json!({
                "lines": self.lines, "submitted": self.submitted, "alreadySubmitted": self.already,
                "duplicateLines": self.duplicates, "invalid": self.invalid, "failed": self.failed,
                "resumedAfterLine": self.resumed_after,
                "durationMs": super::times::millis(time), "perSecond": per_second,
            });
            if let (Some(fields), Some(path)) = (object.as_object_mut(), &self.files.rejects)
                && self.invalid + self.failed > 0
            {
                fields.insert("rejects".to_owned(), Value::from(path.display().to_string()));
            }
            report::data(&object.to_string())?;
        } else {
            report::data(&self.summary(time, per_second))?;
        }
        self.problem.map_or(Ok(()), Err)
    }

    fn summary(&self, time: Duration, per_second: f64) -> String {
        let time = super::times::span(time);
        let mut text =
            format!("{} jobs submitted of {} lines in {time}, {per_second} lines/s", self.submitted, self.lines);
        for (count, words) in [
            (self.already, "had been submitted before"),
            (self.duplicates, "name a job that another line names"),
            (self.invalid, "are no jobs"),
            (self.failed, "were not accepted"),
        ] {
            if count > 0 {
                text = format!("{text}\n{count} lines {words}");
            }
        }
        if let (Some(path), true) = (&self.files.rejects, self.invalid + self.failed > 0) {
            text = format!("{text}\nrejected lines: {}", path.display());
        }
        if self.lines == 0 && self.resumed_after > 0 && self.problem.is_none() {
            text = format!("{text}\nall lines had been submitted before; --restart begins anew");
        }
        text
    }
}

impl Rejects {
    /// Opens the file and drops what lies behind the first `bytes`: it belongs to lines that are read again.
    fn open(path: &Path, bytes: u64) -> Result<Self, Problem> {
        let open = || {
            let mut file = fs::OpenOptions::new().create(true).truncate(false).write(true).open(path)?;
            let bytes = bytes.min(file.metadata()?.len());
            file.set_len(bytes)?;
            file.seek(SeekFrom::End(0))?;
            Ok(Self { file: BufWriter::new(file), bytes })
        };
        open().map_err(|error: io::Error| Problem::io(&format!("opening {}", path.display()), &error))
    }

    fn write(&mut self, number: u64, rejected: &Rejected, path: Option<&Path>) -> Result<(), Problem> {
        let mistakes: Vec<Value> = rejected.mistakes.iter().map(Mistake::json).collect();
        let line = format!("{}\n", json!({ "line": number, "mistakes": mistakes, "text": rejected.text }));
        self.bytes += u64::try_from(line.len()).unwrap_or_default();
        let name = path.unwrap_or(Path::new("")).display();
        self.file.write_all(line.as_bytes()).map_err(|error| Problem::io(&format!("writing {name}"), &error))
    }
}
