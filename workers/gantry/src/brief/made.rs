//! One briefing: equal saves are briefed once.

use std::path::{Path, PathBuf};

use contracts::{
    queues,
    save_parsing::{BriefingFormat, BuildBriefingOutput},
    shared::{FileRef, OrBlob},
    workflows::{BriefSave, BriefSaveInput, brief_save_id},
};
use sha2::{Digest, Sha256};
use temporalio_client::{Client, WorkflowIdReusePolicy};

use crate::{
    blobs,
    places::Places,
    problem::Problem,
    queue::survey,
    report,
    run::{self, Started, Title},
};

/// What is asked about saves beside the briefing itself.
#[derive(Debug, Clone, Default)]
pub(super) struct Asked {
    pub(super) explain: Option<String>,
    pub(super) player: Option<u32>,
    pub(super) localisation: Option<String>,
}

/// A briefing, and the run that made it.
pub(crate) struct Made {
    pub(crate) output: BuildBriefingOutput,
    pub(crate) started: Started<BriefSave>,
}

/// Briefs saves.
pub(super) struct Briefer<'a> {
    pub(super) places: &'a Places,
    pub(super) client: &'a Client,
    pub(super) asked: &'a Asked,
}

/// Where a save is.
pub(super) fn looked_at(save: &Path) -> Result<PathBuf, Problem> {
    let real = save.canonicalize().map_err(|e| Problem::io(&format!("{}", save.display()), &e))?;
    if real.is_dir() {
        return Err(Problem::input(format!("{} is a folder", save.display()))
            .hint("name a save in it, or the folder with --watch"));
    }
    Ok(real)
}

/// Briefs the first player of a save.
pub(crate) async fn brief_once(places: &Places, client: &Client, save: &Path) -> Result<Made, Problem> {
    Briefer { places, client, asked: &Asked::default() }.brief(save).await
}

impl Briefer<'_> {
    /// The briefing of a save: that of the run that made it before, if there is one, also of another file with the same
    /// content.
    pub(super) async fn brief(&self, save: &Path) -> Result<Made, Problem> {
        let sha256 = hash(save.to_owned()).await?;
        let id = self.id(&sha256);
        let input = self.input(save, sha256).await?;
        let started = self.start(&id, input.clone(), WorkflowIdReusePolicy::AllowDuplicateFailedOnly).await?;
        let made = self.followed(started).await?;
        // A briefing that an older worker made is made anew; one of a newer worker is what there is to have.
        if is_older(&made.output.engine_version, briefing::ENGINE_VERSION) {
            let started = self.start(&id, input, WorkflowIdReusePolicy::AllowDuplicate).await?;
            return self.followed(started).await;
        }
        Ok(made)
    }

    /// Equal questions about equal saves have one id.
    fn id(&self, sha256: &str) -> String {
        let mut id = brief_save_id(sha256);
        let Asked { explain, player, localisation } = self.asked;
        for (what, value) in [
            ("player", player.map(|player| player.to_string())),
            ("localisation", localisation.as_deref().map(short)),
            ("explain", explain.as_deref().map(|path| if path.len() > 100 { short(path) } else { path.to_owned() })),
        ] {
            if let Some(value) = value {
                id.push_str(&format!("/{what}-{value}"));
            }
        }
        id
    }

    async fn input(&self, save: &Path, sha256: String) -> Result<BriefSaveInput, Problem> {
        let host = self.places.host_id();
        let queue = queues::host_queue(queues::SAVE_PARSING, &host);
        let (save, host_id) = if survey::somebody_works_on(self.client, &queue).await? {
            let path = save.to_str().ok_or_else(|| Problem::input("the path of the save is not UTF-8"))?;
            (FileRef::Path { path: path.to_owned() }, Some(host))
        } else {
            if self.asked.localisation.is_some() {
                return Err(Problem::network(format!("no worker of {queue} reads the folder of --localisation"))
                    .hint("start gantry-save-parsing on this host, or leave --localisation out"));
            }
            report::note(&format!("no worker of {queue}; another one gets the save by the blob store"));
            (FileRef::Blob(blobs::put(self.places, save.to_owned()).await?), None)
        };
        let Asked { explain, player, localisation } = self.asked.clone();
        let format = BriefingFormat::Json;
        Ok(BriefSaveInput { save, format, sha256: Some(sha256), host_id, explain, player, localisation })
    }

    async fn start(
        &self,
        id: &str,
        input: BriefSaveInput,
        reuse: WorkflowIdReusePolicy,
    ) -> Result<Started<BriefSave>, Problem> {
        let named = match &input.save {
            FileRef::Path { path } => path.clone(),
            FileRef::Blob(blob) => blob.uri.clone(),
        };
        let title = Title {
            workflow_id: id.to_owned(),
            system: queues::SAVE_PARSING,
            repo: None,
            summary: format!("brief {named}"),
        };
        run::start_reusing(self.client, BriefSave, input, title, reuse).await
    }

    async fn followed(&self, started: Started<BriefSave>) -> Result<Made, Problem> {
        if let Some(link) = started.ui_link(self.places, self.client) {
            report::note(&format!("run: {link}"));
        }
        let output = whole(self.places, started.followed(self.client).await?).await?;
        Ok(Made { output, started })
    }
}

/// The output itself, where it was so long that the worker put it into the blob store.
pub(super) async fn whole(
    places: &Places,
    output: OrBlob<BuildBriefingOutput>,
) -> Result<BuildBriefingOutput, Problem> {
    match output {
        OrBlob::Value(output) => Ok(output),
        OrBlob::Blob(blob) => {
            let bytes = blobs::get(places, &blob.result_blob).await?;
            serde_json::from_slice(&bytes)
                .map_err(|e| Problem::wrong_result(format!("the briefing in {}: {e}", blob.result_blob.uri)))
        }
    }
}

/// SHA-256 of a file, in hexadecimal digits.
async fn hash(file: PathBuf) -> Result<String, Problem> {
    let hashed = tokio::task::spawn_blocking(move || {
        let mut hash = Sha256::new();
        std::fs::File::open(&file)
            .and_then(|mut from| std::io::copy(&mut from, &mut hash))
            .map_err(|e| Problem::io(&format!("{}", file.display()), &e))?;
        Ok(hex::encode(hash.finalize()))
    });
    hashed.await.map_err(|e| Problem::filesystem(format!("reading the save: {e}")))?
}

fn short(text: &str) -> String {
    let mut digits = hex::encode(Sha256::digest(text));
    digits.truncate(8);
    digits
}

/// Whether a version such as `0.1.0` comes before another one; one that cannot be read does not.
fn is_older(version: &str, than: &str) -> bool {
    let numbers = |version: &str| version.split('.').map(|part| part.parse().ok()).collect::<Option<Vec<u64>>>();
    matches!((numbers(version), numbers(than)), (Some(version), Some(than)) if version < than)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_compared_by_their_numbers() {
        assert!(is_older("0.9.2", "0.10.0") && is_older("1.2.3", "2.0.0"));
        assert!(!is_older("0.10.0", "0.10.0") && !is_older("0.10.1", "0.10.0") && !is_older("dev", "0.10.0"));
    }

    #[test]
    fn a_folder_and_what_is_not_there_are_told_before_anything_starts() {
        assert_eq!(looked_at(Path::new("/no/such.sav")).unwrap_err().code, 4);
        let problem = looked_at(Path::new("/")).unwrap_err();
        assert!(problem.code == 1 && problem.hint.unwrap().contains("--watch"));
    }
}
