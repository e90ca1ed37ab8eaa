use super::*;

fn at(milliseconds: u64) -> Moment {
    let steady = Duration::from_millis(milliseconds);
    Moment { steady, wall: steady + Duration::from_secs(1_000_000) }
}

/// A schedule whose first scan and replay are over at moment 0.
fn caught_up(live_threads: usize) -> Schedule {
    let mut schedule = Schedule::new(Timing::default(), live_threads, at(0));
    for task in [Task::Scan, Task::Replay] {
        assert_eq!(schedule.next(at(0)), Some(task.clone()));
        schedule.finished(&task, true, at(0));
    }
    schedule
}

fn live(paths: &[&str]) -> Option<Task> {
    Some(Task::Live(paths.iter().map(PathBuf::from).collect()))
}

#[test]
fn the_start_catches_up_and_the_spool_is_sent_beside_it() {
    let mut schedule = Schedule::new(Timing::default(), 1, at(0));
    assert_eq!(schedule.next(at(0)), Some(Task::Scan));
    assert_eq!(schedule.next(at(0)), Some(Task::Replay));
    assert_eq!(schedule.next(at(0)), None);
    assert_eq!(schedule.wait(at(0)), Duration::from_secs(5), "folders and token");
}

#[test]
fn a_quiet_file_is_given_at_once_and_then_gathers_for_15_ms() {
    let mut schedule = caught_up(1);
    schedule.changed("a".into(), at(100));
    assert_eq!(schedule.wait(at(100)), Duration::ZERO);
    let first = schedule.next(at(100)).unwrap();
    assert_eq!(Some(first.clone()), live(&["a"]));
    schedule.changed("a".into(), at(101));
    assert_eq!(schedule.next(at(120)), None, "the same file is never with two threads");
    schedule.finished(&first, true, at(103));
    schedule.changed("a".into(), at(104));
    assert_eq!((schedule.next(at(104)), schedule.wait(at(104))), (None, Duration::from_millis(11)));
    assert_eq!(schedule.next(at(115)), live(&["a"]), "both changes in one");
    schedule.finished(&Task::Live(vec!["a".into()]), true, at(116));
    assert_eq!(schedule.next(at(140)), None);
    schedule.changed("a".into(), at(200));
    assert_eq!(schedule.next(at(200)), live(&["a"]), "quiet again");
}

#[test]
fn what_changed_last_goes_first_and_a_long_backfill_delays_nothing() {
    let mut schedule = Schedule::new(Timing::default(), 2, at(0));
    assert_eq!(schedule.next(at(0)), Some(Task::Scan));
    schedule.changed("older".into(), at(10));
    schedule.changed("newer".into(), at(11));
    assert_eq!(schedule.next(at(12)), live(&["newer", "older"]));
    schedule.changed("third".into(), at(13));
    assert_eq!(schedule.next(at(13)), live(&["third"]), "the second thread");
    schedule.changed("fourth".into(), at(14));
    assert_eq!(schedule.next(at(14)), Some(Task::Replay), "both are taken");
    schedule.finished(&Task::Live(vec!["third".into()]), true, at(20));
    assert_eq!(schedule.next(at(20)), live(&["fourth"]));
}

#[test]
fn too_many_changes_become_a_scan() {
    let mut schedule = caught_up(0);
    for number in 0..2_048 {
        assert!(schedule.changed(format!("{number}").into(), at(1)));
    }
    assert!(schedule.changed("7".into(), at(2)), "known already");
    assert_eq!(schedule.next(at(2)), None);
    assert!(!schedule.changed("one more".into(), at(3)));
    assert_eq!(schedule.next(at(3)), Some(Task::Scan));
}

#[test]
fn a_scan_that_is_asked_for_during_one_follows_it_at_once() {
    let mut schedule = caught_up(1);
    schedule.scan_now(at(10));
    assert_eq!(schedule.next(at(10)), Some(Task::Scan));
    schedule.scan_now(at(20));
    assert_eq!(schedule.next(at(20)), None);
    schedule.finished(&Task::Scan, true, at(90));
    assert_eq!(schedule.next(at(90)), Some(Task::Scan));
    schedule.finished(&Task::Scan, true, at(95));
    assert_eq!(schedule.next(at(100)), None);
    assert_eq!(schedule.next(at(29_999)), Some(Task::Tend));
    assert_eq!(schedule.next(at(29_999)), None);
    assert_eq!(schedule.next(at(30_000)), Some(Task::Replay));
    assert_eq!(schedule.next(at(30_095)), Some(Task::Scan));
}

#[test]
fn sleep_of_the_machine_makes_everything_due() {
    let mut schedule = caught_up(1);
    assert!(!schedule.observe(at(5_000)));
    let woken = Moment { wall: at(6_000).wall + Duration::from_secs(3_600), ..at(6_000) };
    assert!(schedule.observe(woken));
    let due = std::iter::from_fn(|| schedule.next(woken)).collect::<Vec<_>>();
    assert_eq!(due, [Task::Tend, Task::Scan, Task::Replay]);
    assert!(!schedule.observe(woken), "told once");
    let set_back = Moment { wall: woken.wall - Duration::from_secs(60), ..at(6_001) };
    assert!(schedule.observe(set_back), "a clock that was set back may hold waits for ever");
}

#[test]
fn a_new_folder_is_looked_into_twice() {
    let mut schedule = caught_up(1);
    schedule.appeared("f".into(), at(10));
    assert_eq!(schedule.next(at(10)), Some(Task::Look("f".into())));
    assert_eq!((schedule.next(at(10)), schedule.wait(at(10))), (None, Duration::from_millis(100)));
    assert_eq!(schedule.next(at(110)), Some(Task::Look("f".into())));
    assert_eq!(schedule.next(at(110)), None);
}

#[test]
fn nothing_begins_after_the_stop() {
    let mut schedule = Schedule::new(Timing::default(), 1, at(0));
    schedule.changed("a".into(), at(1));
    schedule.stop();
    assert_eq!(schedule.next(at(60_000)), None);
}

#[test]
fn a_file_that_the_backfill_is_at_work_on_is_tried_again_and_then_left_to_the_next_scan() {
    let mut schedule = Schedule::new(Timing::default(), 1, at(0));
    assert_eq!((schedule.next(at(0)), schedule.next(at(0))), (Some(Task::Scan), Some(Task::Replay)));
    schedule.changed("a".into(), at(10));
    for (given, ended) in [(10, 11), (1_011, 1_012)] {
        assert_eq!(schedule.next(at(given - 1)), None);
        let task = schedule.next(at(given)).unwrap();
        assert_eq!(Some(task.clone()), live(&["a"]));
        schedule.finished(&task, false, at(ended));
    }
    assert_eq!(schedule.next(at(4_000)), None);
    schedule.finished(&Task::Scan, true, at(4_001));
    assert_eq!(schedule.next(at(4_001)), Some(Task::Scan), "at once, and not after 30 s");
}
