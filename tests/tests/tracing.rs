//! One trace from the command line through the workflow to the activity, in three processes and two languages.
#![allow(clippy::unwrap_used, reason = "in a test, what goes wrong ends it")]

use e2e::{Collector, Repository, Span, World, wait_for};

#[tokio::test(flavor = "multi_thread")]
async fn a_run_is_one_trace_from_the_command_line_to_the_activity() {
    let collector = Collector::start().await;
    let mut world = World::new().await;
    world.set("OTEL_EXPORTER_OTLP_ENDPOINT", &collector.endpoint());
    world.set("OTEL_BSP_SCHEDULE_DELAY", "100");
    let _workers = (world.heavy_worker(&[]), world.workflow_worker());
    let repository = Repository::new(&world.path("sources"));
    repository.write("a.ts", b"export function a() { return 1; }\n");
    let (code, _, stderr) = world.gantry(&["index", &world.path("sources").display().to_string(), "--json"]).await;
    assert_eq!(code, 0, "{stderr}");

    let runs = wait_for("the span of the last activity", async || {
        Some(collector.named("RunActivity:finishIndex")).filter(|spans| !spans.is_empty())
    })
    .await;
    let path = wait_for("all spans above it", async || path_to_the_root(&collector.spans(), &runs[0])).await;
    let told: Vec<String> = path.iter().map(|span| format!("{} {}", span.service, span.name)).collect();
    assert_eq!(told.first().map(String::as_str), Some("gantry-heavy-compute RunActivity:finishIndex"));
    assert_eq!(told.last().map(String::as_str), Some("gantry StartWorkflow:indexRepo"), "{told:?}");
    assert!(told.iter().any(|span| span == "gantry-workflows RunWorkflow:indexRepo"), "{told:?}");
    let traces: std::collections::BTreeSet<Vec<u8>> =
        collector.spans().into_iter().filter(|s| s.name.starts_with("RunActivity:")).map(|s| s.trace_id).collect();
    assert_eq!(traces.len(), 1, "the activities of a run belong to different traces");
}

/// The span, the one it is part of, and so on to the first of the trace; `None` while one of them is missing.
fn path_to_the_root(spans: &[Span], last: &Span) -> Option<Vec<Span>> {
    let mut path = vec![last.clone()];
    while let Some(span) = path.last().filter(|span| !span.parent_id.is_empty()) {
        let parent = spans.iter().find(|s| s.span_id == span.parent_id && s.trace_id == span.trace_id)?;
        path.push(parent.clone());
    }
    Some(path)
}
