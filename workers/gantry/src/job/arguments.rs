//! What can be typed after `gantry job`.

use std::{path::PathBuf, time::Duration};

use clap::{ArgGroup, Args, Subcommand, ValueEnum};

#[derive(Debug, Subcommand)]
pub(crate) enum JobCommand {
    /// Submit one job
    Submit(SubmitOptions),
    /// Submit a job for each line of an NDJSON file; the same file again adds nothing
    SubmitMany(SubmitManyOptions),
    /// List jobs: those that are not done, newest first, then the others, last ended first
    List(ListOptions),
    /// Show how a job stands
    Describe(DescribeOptions),
    /// Print the result of a job that is done
    Result(ResultOptions),
    /// Follow jobs to their end
    Wait(WaitOptions),
    /// Ask jobs to stop
    Cancel(CancelOptions),
    /// Start jobs anew that failed, timed out or were stopped, with the same id, input and options
    Retry(RetryOptions),
    /// List the activities that can be a job
    Activities {
        /// Print one JSON object
        #[arg(long)]
        json: bool,
    },
    /// Print the JSON Schema of an activity's input, for editors and checks
    Schema {
        /// The activity; without it, they are listed
        activity: Option<String>,
    },
}

/// What happens when a job of the same id runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Conflict {
    /// It is an error
    Fail,
    /// The job that is there counts as submitted
    UseExisting,
}

/// What happens when a job of the same id has ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Reuse {
    /// It is not run again
    Reject,
    /// It is run again if it did not succeed
    AllowFailed,
    /// It is run again
    Allow,
}

#[derive(Debug, Args)]
pub(crate) struct SubmitOptions {
    /// One of `gantry job activities`
    pub(crate) activity: String,
    /// The input: JSON, @FILE, or @- for stdin. It is checked before anything is sent; `gantry job schema ACTIVITY` tells
    /// what it holds
    #[arg(long, value_name = "JSON|@FILE|@-", default_value = "{}", hide_default_value = true)]
    pub(crate) input: String,
    /// Names the job; submitting the same id again adds nothing [default: ACTIVITY/ and a random id, a new job each time]
    #[arg(long)]
    pub(crate) id: Option<String>,
    /// Another queue than the activity's own, for example a host queue
    #[arg(long, value_name = "QUEUE")]
    pub(crate) task_queue: Option<String>,
    /// 1 (first) to 5 (last) [default: 3]
    #[arg(long, value_name = "1..5")]
    pub(crate) priority: Option<u32>,
    /// Jobs with different keys take turns, if the server has fairness on
    #[arg(long, value_name = "KEY")]
    pub(crate) fairness_key: Option<String>,
    /// How large a share its key gets, 0.001 to 1000 [default: 1]
    #[arg(long, value_name = "WEIGHT")]
    pub(crate) fairness_weight: Option<f32>,
    /// Keep the job from starting for this long, for example 90s or 1h30m
    #[arg(long, value_parser = humantime::parse_duration)]
    pub(crate) delay: Option<Duration>,
    /// What to do when a job of this id runs; with `fail`, also one that has ended is an error
    #[arg(long, value_enum, default_value_t = Conflict::UseExisting, requires = "id")]
    pub(crate) conflict: Conflict,
    /// What to do when a job of this id has ended
    #[arg(long, value_enum, default_value_t = Reuse::Reject, requires = "id")]
    pub(crate) reuse: Reuse,
    /// One line that the Temporal UI shows beside the job
    #[arg(long, value_name = "TEXT")]
    pub(crate) summary: Option<String>,
    /// Give the job up after this long, waiting in the queue and all attempts included (schedule-to-close)
    #[arg(long, value_name = "DURATION", value_parser = humantime::parse_duration)]
    pub(crate) timeout: Option<Duration>,
    /// Follow the job to its end and print its result
    #[arg(long)]
    pub(crate) wait: bool,
    /// Print one JSON object
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, Args)]
pub(crate) struct SubmitManyOptions {
    /// A line for each job: {"activity": .., "input": {..}} and, as far as wanted, "id", "priority", "fairnessKey",
    /// "fairnessWeight", "delay", "timeout", "summary", "taskQueue"; - for stdin
    #[arg(value_name = "FILE|-")]
    pub(crate) file: PathBuf,
    /// The lines are bare inputs of this activity
    #[arg(long)]
    pub(crate) activity: Option<String>,
    /// Requests at once
    #[arg(long, value_name = "N", default_value_t = 32, value_parser = clap::value_parser!(u16).range(1..=1024))]
    pub(crate) concurrency: u16,
    /// Where to keep how far it is [default: FILE.progress; for stdin, nowhere]
    #[arg(long, value_name = "PATH")]
    pub(crate) progress: Option<PathBuf>,
    /// Begin with the first line, whatever an earlier run has done
    #[arg(long)]
    pub(crate) restart: bool,
    /// Write lines that are no jobs to a file and go on, instead of stopping there
    #[arg(long)]
    pub(crate) skip_invalid: bool,
    /// Where to write them, overwriting what an earlier run wrote [default: FILE.rejects]
    #[arg(long, value_name = "PATH", requires = "skip_invalid")]
    pub(crate) rejects: Option<PathBuf>,
    /// How long to go on trying when the server is overloaded or gone
    #[arg(long, value_name = "DURATION", default_value = "1m", value_parser = humantime::parse_duration)]
    pub(crate) patience: Duration,
    /// Print one JSON object
    #[arg(long)]
    pub(crate) json: bool,
}

/// The states that jobs can be listed by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum StatusFilter {
    /// Waiting, delayed or at work
    Running,
    /// Held back by an operator
    Paused,
    Completed,
    Failed,
    Cancelled,
    Terminated,
    TimedOut,
}

#[derive(Debug, Args)]
pub(crate) struct ListOptions {
    /// A visibility query, for example "ActivityType = 'parseRest' AND StartTime > '2026-01-01T00:00:00Z'"
    #[arg(long)]
    pub(crate) query: Option<String>,
    /// Only jobs of this status
    #[arg(long, value_enum)]
    pub(crate) status: Option<StatusFilter>,
    /// Only jobs of this activity
    #[arg(long)]
    pub(crate) activity: Option<String>,
    /// Only jobs on this task queue
    #[arg(long)]
    pub(crate) queue: Option<String>,
    /// At most this many
    #[arg(long, value_name = "N")]
    pub(crate) limit: Option<usize>,
    /// Only say how many there are
    #[arg(long, conflicts_with = "limit")]
    pub(crate) count: bool,
    /// Print one JSON object for each job, on a line of its own; with --count, one object
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, Args)]
pub(crate) struct DescribeOptions {
    pub(crate) id: String,
    /// A certain run of the job [default: the last one]
    #[arg(long)]
    pub(crate) run_id: Option<String>,
    /// Show the input as well
    #[arg(long)]
    pub(crate) input: bool,
    /// Print one JSON object
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, Args)]
pub(crate) struct ResultOptions {
    pub(crate) id: String,
    /// A certain run of the job [default: the last one]
    #[arg(long)]
    pub(crate) run_id: Option<String>,
    /// Print the reference to a result that is in the blob store, not what it refers to
    #[arg(long)]
    pub(crate) raw: bool,
    /// Print one JSON object with the status around the result
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, Args)]
pub(crate) struct WaitOptions {
    #[arg(value_name = "ID", required = true)]
    pub(crate) ids: Vec<String>,
    /// Stop following after this long; the jobs go on
    #[arg(long, value_name = "DURATION", value_parser = humantime::parse_duration)]
    pub(crate) timeout: Option<Duration>,
    /// Print one JSON object
    #[arg(long)]
    pub(crate) json: bool,
}

/// Which jobs.
#[derive(Debug, Args)]
#[command(group = ArgGroup::new("which").required(true).args(["ids", "query"]))]
pub(crate) struct Which {
    #[arg(value_name = "ID")]
    pub(crate) ids: Vec<String>,
    /// All jobs that a visibility query finds, for example "GantrySystem = 'heavy-compute'"
    #[arg(long)]
    pub(crate) query: Option<String>,
    /// Do not ask, however many they are
    #[arg(long)]
    pub(crate) yes: bool,
    /// Print one JSON object
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, Args)]
pub(crate) struct CancelOptions {
    #[command(flatten)]
    pub(crate) which: Which,
    /// Why; it stands in the job's description
    #[arg(long, value_name = "TEXT", default_value = "")]
    pub(crate) reason: String,
}

#[derive(Debug, Args)]
pub(crate) struct RetryOptions {
    #[command(flatten)]
    pub(crate) which: Which,
}
