//! What a child gets, and how it ends.

use std::{
    collections::BTreeSet,
    fs,
    io::{BufRead, BufReader},
    path::{Path, PathBuf},
    sync::Mutex,
    time::Duration,
};

use contracts::errors::ErrorType;
use heavy_compute::indexer::{Ran, Shortfall};
use kit::WorkError;

use crate::support::Project;

/// A pipe that scripts write process numbers to, a line each: reading waits until they are there.
struct Numbers {
    path: PathBuf,
    // Open for writing too, so that no writer ever waits or comes too late.
    pipe: Mutex<BufReader<fs::File>>,
}

impl Numbers {
    fn new(project: &Project) -> Self {
        let path = project.bin.join("numbers");
        rustix::fs::mknodat(rustix::fs::CWD, &path, rustix::fs::FileType::Fifo, 0o600.into(), 0).unwrap();
        let pipe = fs::File::options().read(true).write(true).open(&path).unwrap();
        Self { path, pipe: Mutex::new(BufReader::new(pipe)) }
    }

    fn read(&self, count: usize) -> Vec<u32> {
        let mut pipe = self.pipe.lock().unwrap();
        (0..count)
            .map(|_| {
                let mut line = String::new();
                pipe.read_line(&mut line).unwrap();
                line.trim().parse().unwrap()
            })
            .collect()
    }
}

/// A process that is dead may still be waited for by whoever took it in.
fn is_alive(pid: u32) -> bool {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    stat.rsplit_once(") ").is_some_and(|(_, rest)| !rest.starts_with(['Z', 'X']))
}

#[test]
fn the_index_is_there_and_nothing_else_is_left_or_written() {
    let project = Project::new(
        r#"test "$PWD" = "$3"; test "$4" = fake.toml; test "$5" = work_space@0
           test "$(cat "${2#--scratch=}/settings.json")" = '[]'
           mkdir -p "$HOME/.cache/deep" "$TMPDIR/x"; echo cached > "$HOME/.cache/deep/file"
           echo "an index" > "$output""#,
    );
    let before = project.files();
    let Ran::Made(index) = project.run().unwrap() else { panic!() };
    assert_eq!((index.indexer, index.version.as_str(), index.root.as_str()), ("fake", "fake 1.0", "."));
    assert_eq!(fs::read_to_string(&index.path).unwrap(), "an index\n");
    assert_eq!(index.bytes, 9);
    assert_eq!(project.files(), before);
    let kept = project.kept();
    assert_eq!(kept.len(), 2, "{kept:?}");
    assert!(kept.iter().all(|name| name.starts_with("fake-")));
}

#[test]
fn a_child_gets_an_environment_of_its_own() {
    let project = Project::new(r#"env > "$output""#);
    let Ran::Made(index) = project.run().unwrap() else { panic!() };
    let text = fs::read_to_string(index.path).unwrap();
    let variables: Vec<(&str, &str)> = text.lines().filter_map(|line| line.split_once('=')).collect();
    // Shells set some of their own.
    let names: BTreeSet<&str> = variables.iter().map(|(name, _)| *name).collect();
    let names: Vec<&str> = names.into_iter().filter(|name| !["PWD", "OLDPWD", "SHLVL", "_"].contains(name)).collect();
    assert_eq!(names, ["FAKE_CACHE", "HOME", "LANG", "NODE_OPTIONS", "PATH", "TMPDIR"]);
    let value = |name: &str| variables.iter().find(|(n, _)| *n == name).unwrap().1;
    assert_eq!(value("NODE_OPTIONS"), "--max-old-space-size=2929");
    for own in ["HOME", "TMPDIR", "FAKE_CACHE"] {
        assert!(Path::new(value(own)).starts_with(project.folder()), "{own}");
    }
}

#[test]
fn what_a_child_says_is_kept_from_the_end_however_much_it_is() {
    let project = Project::new(
        r"head -c 100000000 /dev/zero | tr '\0' x >&2
          head -c 1000000 /dev/zero | tr '\0' y
          printf '\033[31mthe last words\033[0m\n' >&2; exit 3",
    );
    let shortfall = project.shortfall();
    let Shortfall::Refused { exit, said } = &shortfall else { panic!("{shortfall:?}") };
    assert_eq!(exit, "exit code 3");
    assert!(said.ends_with("the last words[0m") && said.len() <= 8 * 1024 && said.len() > 4 * 1024);
    assert!(!shortfall.retryable());
    let (code, message) = shortfall.warning(&project.planned());
    assert!(code == "indexerFailed" && message.contains("the last words") && message.len() < 1000, "{message}");
    assert_eq!(project.kept(), [""; 0]);
}

#[test]
fn no_index_an_empty_one_and_a_link_are_told_apart_from_an_index() {
    for script in ["true", ": > \"$output\"", "ln -s /etc/hostname \"$output\"", "mkdir \"$output\""] {
        let project = Project::new(&format!("echo nothing to do\n{script}"));
        let shortfall = project.shortfall();
        assert_eq!(shortfall, Shortfall::Empty { said: "nothing to do".to_owned() }, "{script}");
        assert!(!shortfall.retryable());
    }
}

#[test]
fn a_crash_is_its_own_fault_and_a_kill_somebody_elses() {
    let crash = Project::new("kill -SEGV $$").shortfall();
    assert!(
        matches!(&crash, Shortfall::Refused { exit, .. } if exit == "signal 11") && !crash.retryable(),
        "{crash:?}"
    );
    let killed = Project::new("kill -KILL $$").shortfall();
    assert!(matches!(&killed, Shortfall::Killed { signal: 9, .. }) && killed.retryable(), "{killed:?}");
}

#[test]
fn a_cancellation_kills_the_child_and_all_that_it_started() {
    let project = Project::new("");
    let numbers = Numbers::new(&project);
    // One that will not end when asked, one that left the group, and one whose parent is gone.
    let script = format!(
        "#!/bin/sh\nif [ \"$1\" = --version ]; then echo 1; exit; fi\ntrap '' TERM\n\
         (trap '' TERM; sleep 1000 & echo $!; wait) > '{0}' &\n\
         setsid sh -c 'echo $$ > \"{0}\"; exec sleep 1000' &\n\
         (setsid sh -c 'echo $$; exec sleep 1000' > '{0}' &) \n\
         echo $$ > '{0}'\nwhile true; do sleep 1000; done\n",
        numbers.path.display()
    );
    project.install("fake", &script);
    let mut alive = Vec::new();
    let ended = std::thread::scope(|scope| {
        let run = scope.spawn(|| project.run());
        alive = numbers.read(4);
        assert!(alive.iter().all(|pid| is_alive(*pid)), "{alive:?}");
        project.job.interrupt();
        run.join().unwrap()
    });
    assert_eq!(ended, Err(WorkError::Interrupted));
    assert!(!alive.iter().any(|pid| is_alive(*pid)), "{alive:?}");
    assert_eq!(project.kept(), [""; 0]);
}

#[test]
fn what_a_child_leaves_running_neither_lives_on_nor_is_waited_for() {
    let project = Project::new("");
    let numbers = Numbers::new(&project);
    let script = format!(
        "#!/bin/sh\nif [ \"$1\" = --version ]; then echo 1; exit; fi\n\
         setsid sh -c 'echo $$ > \"{0}\"; echo > \"{0}.told\"; exec sleep 1000' &\n\
         until [ -e \"{0}.told\" ]; do sleep 0.01; done\necho index > \"$1\"\n",
        numbers.path.display()
    );
    project.install("fake", &script);
    let made = project.run().unwrap();
    assert!(matches!(made, Ran::Made(_)), "{made:?}");
    assert!(!numbers.read(1).into_iter().any(is_alive));
}

#[test]
fn a_child_that_takes_too_long_is_killed() {
    let mut project = Project::new("echo working; exec sleep 1000");
    project.limits.time = Duration::from_millis(300);
    let planned = project.planned();
    let shortfall = project.shortfall();
    assert!(matches!(&shortfall, Shortfall::TimedOut { said, .. } if said == "working"), "{shortfall:?}");
    assert!(shortfall.retryable());
    assert_eq!(shortfall.into_failure(&planned).error_type, ErrorType::IndexerFailed);
}

#[test]
fn the_memory_of_all_processes_together_is_limited() {
    // tail keeps the one long line.
    let mut project = Project::new("{ head -c 200000000 /dev/zero; sleep 1000; } | tail > \"$output\"");
    project.limits.memory = 100_000_000;
    let shortfall = project.shortfall();
    let Shortfall::TooMuchMemory { resident, limit, .. } = shortfall else { panic!("{shortfall:?}") };
    assert!(resident > limit && limit == 100_000_000);
}

#[test]
fn progress_is_told_while_it_works() {
    let project = Project::new("");
    let (numbers, go_on) = (Numbers::new(&project), project.bin.join("go on"));
    let script = format!(
        "#!/bin/sh\nif [ \"$1\" = --version ]; then echo 1; exit; fi\necho $$ > '{}'\n\
         until [ -e '{}' ]; do sleep 0.01; done\necho index > \"$1\"\n",
        numbers.path.display(),
        go_on.display()
    );
    project.install("fake", &script);
    let mut latest = project.job.latest();
    std::thread::scope(|scope| {
        let run = scope.spawn(|| project.run());
        numbers.read(1);
        // That of the version ends sooner.
        while latest.borrow_and_update().progress.as_ref().is_none_or(|progress| progress.total != 600) {
            std::thread::yield_now();
        }
        let progress = latest.borrow().progress.clone().unwrap();
        assert_eq!((progress.phase.as_str(), progress.unit.as_str()), ("index", "s"));
        fs::write(&go_on, "").unwrap();
        assert!(matches!(run.join().unwrap(), Ok(Ran::Made(_))));
    });
}
