//! The activities that can be a job.

use contracts::{Declared, all_activities};
use serde_json::json;

use crate::{problem::Problem, report};

/// The activity of this name.
pub(crate) fn find(name: &str) -> Result<&'static Declared, Problem> {
    all_activities().find(|activity| activity.name == name).ok_or_else(|| {
        let names: Vec<&str> = all_activities().map(|activity| activity.name).collect();
        let meant = closest(name, names.iter().copied()).map(|meant| format!("; did you mean {meant}?"));
        Problem::input(format!("there is no activity {name:?}{}", meant.unwrap_or_default()))
            .hint(format!("the activities are: {}", names.join(", ")))
    })
}

/// Lists them.
pub(crate) fn list(as_json: bool) -> Result<(), Problem> {
    if as_json {
        let activities: Vec<_> = all_activities()
            .map(|a| {
                json!({
                    "name": a.name, "queue": a.queue, "summary": a.summary.trim(),
                    "startToCloseS": a.policy.start_to_close_s, "heartbeatS": a.policy.heartbeat_s,
                    "maxAttempts": a.policy.attempts.maximum(),
                })
            })
            .collect();
        return report::data(&json!({ "activities": activities }).to_string());
    }
    let rows: Vec<Vec<String>> =
        all_activities().map(|a| vec![a.name.to_owned(), a.queue.to_owned(), a.summary.trim().to_owned()]).collect();
    report::data(&report::table(&["activity", "queue", ""], &rows))
}

/// Prints the schema of an activity's input.
pub(crate) fn schema(activity: Option<&str>) -> Result<(), Problem> {
    let Some(name) = activity else { return list(false) };
    report::data(&format!("{:#}", (find(name)?.input_schema)()))
}

/// The candidate that is most probably meant, if one is near enough.
pub(crate) fn closest<'a>(typed: &str, candidates: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    // `repo_id`, `RepoID` and `repoId` are the same word to whoever types it.
    let plain = |text: &str| text.to_lowercase().replace(['_', '-', ' '], "");
    let typed = plain(typed);
    candidates
        .map(|candidate| (strsim::damerau_levenshtein(&typed, &plain(candidate)), candidate))
        .filter(|(distance, candidate)| *distance <= candidate.len().div_ceil(4))
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, candidate)| candidate)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_misspelt_activity_is_guessed_and_all_are_listed() {
        let problem = find("prepareWorkspce").err().unwrap();
        assert_eq!(problem.code, 1);
        assert!(problem.message.ends_with("did you mean prepareWorkspace?"), "{}", problem.message);
        assert!(problem.hint.unwrap().contains("runScip, parseRest, finishIndex"));
        assert!(!find("bake").err().unwrap().message.contains("mean"));
    }

    #[test]
    fn the_closest_word_is_near() {
        let fields = ["repoId", "path", "branch"];
        let meant = |typed| closest(typed, fields.into_iter());
        assert_eq!(meant("repo_id"), Some("repoId"));
        assert_eq!(meant("brnach"), Some("branch"));
        assert_eq!(meant("pth"), Some("path"));
        assert_eq!(meant("colour"), None);
    }
}
