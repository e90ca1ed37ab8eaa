//! Attempts that end early, and attempts beside each other.

use contracts::errors::ErrorType;
use heavy_compute::{memory::MemoryBudget, scip::Checkpoint, steps};
use kit::{Job, WorkError};

use crate::support::{Doc, World, failure};

fn many(files: usize) -> World {
    let documents: Vec<Doc> = (0..files)
        .map(|n| {
            let (path, other) = (format!("f{n:04}.ts"), (n + 1) % files);
            let text =
                format!("import {{ g{other} }} from './f{other:04}';\nexport function g{n}() {{ g{other}(); }}\n");
            Doc::new(&path, &text).defines(&format!("g{n}()"), 0, &format!("`{path}`/g{n}().")).refers(
                &format!("g{other}()"),
                0,
                &format!("`f{other:04}.ts`/g{other}()."),
            )
        })
        .collect();
    World::of(&documents)
}

#[test]
fn an_interrupted_join_goes_on_after_its_checkpoint_and_ends_the_same() {
    let world = many(300);
    let job = Job::detached();
    let latest = job.latest();
    let checkpoint: Checkpoint = std::thread::scope(|scope| {
        let watching = scope.spawn(|| {
            loop {
                if let Some(checkpoint) = latest.borrow().checkpoint.clone() {
                    job.interrupt();
                    break checkpoint;
                }
                std::thread::yield_now();
            }
        });
        let ended = steps::run_scip(&job, &world.settings, &world.input(), None);
        // A machine that is quick enough may be done before it is told.
        assert!(matches!(ended, Err(WorkError::Interrupted) | Ok(_)));
        watching.join().unwrap()
    });
    let resumed = steps::run_scip(&Job::detached(), &world.settings, &world.input(), Some(checkpoint)).unwrap();
    assert_eq!((resumed.covered_count, resumed.indexes[0].occurrences), (300, 900), "all is counted, once");
    world.rest(&resumed);
    let undisturbed = many(300);
    undisturbed.run();
    assert_eq!(world.export(), undisturbed.export());
    assert_eq!(world.edges_by("scip").len(), 300);
}

#[test]
fn what_is_cancelled_at_once_writes_nothing() {
    let world = many(20);
    let job = Job::detached();
    job.interrupt();
    assert!(matches!(steps::run_scip(&job, &world.settings, &world.input(), None), Err(WorkError::Interrupted)));
    assert_eq!(world.export(), "");
}

#[test]
fn too_little_memory_is_a_failure_that_is_tried_again() {
    let mut world = many(20);
    world.settings.memory = MemoryBudget::new(Some(1));
    let failed = failure(world.scip());
    assert_eq!(failed.error_type, ErrorType::MemoryPressure, "{failed}");
    world.settings.memory = MemoryBudget::default();
    world.run();
    assert_eq!(world.edges_by("scip").len(), 20);
}

#[test]
fn five_at_once_do_not_disturb_each_other() {
    let worlds: Vec<World> = (0..5).map(|n| many(40 + n)).collect();
    std::thread::scope(|scope| {
        for world in &worlds {
            scope.spawn(|| world.run());
        }
    });
    for (n, world) in worlds.iter().enumerate() {
        assert_eq!(world.edges_by("scip").len(), 40 + n);
    }
}
