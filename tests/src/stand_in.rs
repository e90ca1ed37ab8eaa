//! An implementation of `prepareWorkspace` that does what the test says. Everything around it is the real thing: runtime,
//! kit, contract.
//!
//! The input's `path` says what to do:
//!
//! | path | what happens |
//! | --- | --- |
//! | `/echo` | answers at once |
//! | `/record` | adds a line `<repoId> <attempt's process>` to the file `STAND_IN_LOG`, then answers |
//! | `/wait?until=FILE` | works until the file is there; stops when it is told to |
//! | `/steps?count=N&until=FILE` | N steps, each recorded as `<repoId> <step>` and checkpointed; after the last one as `wait` |
//! | `/block?until=FILE` | works until the file is there, whatever it is told |
//! | `/panic` | panics |
//! | `/large?bytes=N` | answers with N bytes |
//! | `/fail?type=TYPE` | fails with that error type |
//! | `/fail-until?file=FILE` | fails with `StoreUnavailable` until the file is there, then answers |
#![expect(missing_docs, reason = "the macro makes a public constant of each method, where no documentation can be put")]

use std::{collections::HashMap, fs::File, io::Write, path::Path, sync::Arc, thread, time::Duration};

use contracts::{
    Input,
    errors::ErrorType,
    heavy_compute::{PrepareWorkspace, PrepareWorkspaceInput, PrepareWorkspaceOutput},
    shared::{OrBlob, Phases, Warning},
};
use kit::{Failure, Job, Runner, WorkResult};
use temporalio_macros::activities;
use temporalio_sdk::activities::{ActivityContext, ActivityError};

/// The activities of the stand-in.
pub struct StandIn {
    /// What they run with.
    pub runner: Runner,
    /// The queue of this host.
    pub host_queue: String,
}

#[activities]
impl StandIn {
    /// Does what the path says.
    ///
    /// # Errors
    /// Those that the path asks for.
    #[activity(definition = PrepareWorkspace)]
    pub async fn prepare_workspace(
        self: Arc<Self>,
        ctx: ActivityContext,
        input: Input<PrepareWorkspaceInput>,
    ) -> Result<OrBlob<PrepareWorkspaceOutput>, ActivityError> {
        let host_queue = self.host_queue.clone();
        self.runner
            .run(&ctx, input, move |input, resume, job| {
                let warning = act(&input, resume, job)?;
                Ok(output(input, host_queue, warning))
            })
            .await
    }
}

/// Does what the path says; answers with the text of a warning.
fn act(input: &PrepareWorkspaceInput, resume: Option<u64>, job: &Job<u64>) -> WorkResult<String> {
    let path = input.path.as_deref().unwrap_or("/echo");
    let (verb, query) = path.split_once('?').unwrap_or((path, ""));
    let query: HashMap<&str, &str> = query.split('&').filter_map(|pair| pair.split_once('=')).collect();
    let text = |name: &str| query.get(name).copied().unwrap_or_default();
    let number = |name: &str| text(name).parse::<u64>().unwrap_or_default();
    match verb {
        "/record" => record(&format!("{} {}", input.repo_id, std::process::id()))?,
        "/wait" => wait(text("until"), job)?,
        "/steps" => {
            let count = number("count");
            for step in resume.unwrap_or(0)..count {
                job.proceed()?;
                record(&format!("{} {step}", input.repo_id))?;
                job.checkpoint(step + 1);
                job.progress("step", step + 1, count, "steps");
            }
            wait(text("until"), job)?;
        }
        "/block" => {
            while !Path::new(text("until")).exists() {
                thread::sleep(Duration::from_millis(10));
            }
        }
        #[expect(clippy::panic, reason = "that is what it is asked for")]
        "/panic" => panic!("the stand-in was told to panic"),
        "/large" => return Ok("x".repeat(usize::try_from(number("bytes")).unwrap_or_default())),
        "/fail" => {
            let error_type = ErrorType::from_name(text("type")).unwrap_or(ErrorType::Internal);
            return Err(Failure::new(error_type, "told to fail", path, "tell it something else").into());
        }
        "/fail-until" if !Path::new(text("file")).exists() => {
            return Err(Failure::new(ErrorType::StoreUnavailable, "told to fail for now", path, "make the file").into());
        }
        _ => {}
    }
    Ok(String::new())
}

fn wait(file: &str, job: &Job<u64>) -> WorkResult<()> {
    while !Path::new(file).exists() {
        job.proceed()?;
        thread::sleep(Duration::from_millis(10));
    }
    Ok(())
}

fn record(line: &str) -> Result<(), Failure> {
    let path = std::env::var_os("STAND_IN_LOG").unwrap_or_default();
    let path = Path::new(&path);
    // One write of a short line at the end of a file is never mixed with another's.
    let written = File::options().create(true).append(true).open(path);
    written
        .and_then(|mut file| file.write_all(format!("{line}\n").as_bytes()))
        .map_err(|e| Failure::io("writing STAND_IN_LOG", path, &e))
}

fn output(input: PrepareWorkspaceInput, host_queue: String, warning: String) -> PrepareWorkspaceOutput {
    let warnings = match warning.is_empty() {
        true => Vec::new(),
        false => vec![Warning { code: "standIn".to_owned(), message: warning, count: 1 }],
    };
    PrepareWorkspaceOutput {
        workspace_dir: input.path.unwrap_or_default(),
        host_queue,
        commit: None,
        branch: None,
        file_count: 0,
        languages: Vec::new(),
        package_roots: vec![input.repo_id],
        indexers: Vec::new(),
        fresh: true,
        warnings,
        phases: Phases::new(),
        peak_rss_bytes: kit::peak_rss_bytes(),
    }
}
