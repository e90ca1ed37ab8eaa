//! Nothing outside of the allowed folders is opened, or can be told to be there.
#![allow(clippy::unwrap_used, clippy::panic, reason = "in a test, what goes wrong ends it")]

use std::{
    ffi::OsStr,
    fs,
    io::Read,
    os::unix::{ffi::OsStrExt, fs::symlink},
    path::{Path, PathBuf},
    sync::atomic::{AtomicBool, Ordering},
};

use contracts::errors::ErrorType;
use kit::AllowedRoots;
use proptest::prelude::*;
use rustix::fs::{CWD, FileType, RenameFlags, mknodat, renameat_with};

/// A folder that is allowed, `inside`, beside one that is not, `outside`; in each a `file` that holds the folder's name.
struct Place {
    _folder: tempfile::TempDir,
    inside: PathBuf,
    outside: PathBuf,
}

impl Place {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let base = folder.path().canonicalize().unwrap();
        let (inside, outside) = (base.join("inside"), base.join("outside"));
        for (path, name) in [(&inside, "inside"), (&outside, "outside")] {
            fs::create_dir_all(path.join("deep")).unwrap();
            fs::write(path.join("file"), name).unwrap();
            fs::write(path.join("deep/file"), name).unwrap();
        }
        Self { _folder: folder, inside, outside }
    }

    fn roots(&self) -> AllowedRoots {
        AllowedRoots::new([self.inside.clone()])
    }
}

fn read(roots: &AllowedRoots, path: &Path) -> Result<String, ErrorType> {
    let mut opened = roots.open_file(path).map_err(|failure| failure.error_type)?;
    let mut text = String::new();
    opened.file.read_to_string(&mut text).unwrap();
    Ok(text)
}

#[test]
fn a_file_is_opened_by_every_path_that_stays_inside() {
    let place = Place::new();
    let inside = &place.inside;
    symlink(inside.join("deep"), inside.join("absolute")).unwrap();
    symlink("deep/file", inside.join("relative")).unwrap();
    symlink("../inside/deep", inside.join("out and in again")).unwrap();
    symlink("absolute/../relative", inside.join("chain")).unwrap();
    fs::write(inside.join("odd\n (deleted)"), "inside").unwrap();
    let not_utf8 = inside.join(OsStr::from_bytes(b"\xff\xfe"));
    fs::write(&not_utf8, "inside").unwrap();
    let names = ["file", "deep/file", "deep/../file", "./deep//./file", "absolute/file", "relative", "chain"];
    for name in
        names.into_iter().chain(["out and in again/file", "odd\n (deleted)", "../inside/file", "absolute/../file"])
    {
        assert_eq!(read(&place.roots(), &inside.join(name)), Ok("inside".into()), "{name}");
    }
    assert_eq!(read(&place.roots(), &not_utf8), Ok("inside".into()));
}

#[test]
fn what_is_there_and_what_is_not_look_the_same_from_outside() {
    let place = Place::new();
    let (inside, outside) = (&place.inside, &place.outside);
    symlink(outside, inside.join("folder")).unwrap();
    symlink(outside.join("file"), inside.join("link")).unwrap();
    symlink(outside.join("missing"), inside.join("dangling")).unwrap();
    symlink("../outside/file", inside.join("relative")).unwrap();
    symlink("../outside/missing", inside.join("relative dangling")).unwrap();
    symlink("folder/missing", inside.join("link to link")).unwrap();
    let paths = [
        outside.join("file"),
        outside.join("missing"),
        outside.join("missing/../../inside/file"),
        PathBuf::from("/root/secret"),
        inside.join("../outside/file"),
        inside.join("../outside/missing"),
        inside.join(".."),
        inside.join("folder/file"),
        inside.join("folder/missing"),
        inside.join("folder/deep/../../inside/file"),
        inside.join("link"),
        inside.join("dangling"),
        inside.join("relative"),
        inside.join("relative dangling"),
        inside.join("link to link"),
    ];
    for path in paths {
        let failure = place.roots().open_file(&path).unwrap_err();
        assert_eq!(failure.error_type, ErrorType::PathEscape, "{}", path.display());
        assert!(!failure.what.contains("inside") && !failure.hint.contains("outside"), "{failure}");
        assert_eq!(place.roots().folder(&path).unwrap_err(), failure);
    }
    assert_eq!(read(&place.roots(), &inside.join("missing")), Err(ErrorType::NotFound));
}

#[test]
fn what_is_no_regular_file_is_refused_and_not_waited_for() {
    let place = Place::new();
    let inside = &place.inside;
    mknodat(CWD, inside.join("pipe"), FileType::Fifo, 0o600.into(), 0).unwrap();
    let _socket = std::os::unix::net::UnixListener::bind(inside.join("socket")).unwrap();
    symlink("loop", inside.join("loop")).unwrap();
    for name in ["pipe", "socket", "deep", "loop", "file/below", ""] {
        assert_eq!(read(&place.roots(), &inside.join(name)), Err(ErrorType::InvalidInput), "{name}");
    }
    for path in ["file", "", "~/file", "\0", "/\0"] {
        assert_eq!(read(&place.roots(), Path::new(path)), Err(ErrorType::InvalidInput), "{path:?}");
    }
    let long = inside.join("x".repeat(300));
    assert_eq!(read(&place.roots(), &long), Err(ErrorType::InvalidInput));
}

#[test]
fn with_everything_allowed_the_kernels_own_files_are_still_refused() {
    let place = Place::new();
    let everything = AllowedRoots::new([PathBuf::from("/")]);
    assert_eq!(read(&everything, &place.outside.join("file")), Ok("outside".into()));
    symlink(place.outside.join("file"), place.inside.join("link")).unwrap();
    assert_eq!(read(&everything, &place.inside.join("link")), Ok("outside".into()));
    assert_eq!(read(&everything, &place.inside.join("../../../../../../../../missing")), Err(ErrorType::NotFound));
    for path in ["/proc/self/environ", "/proc/self/cwd/../../proc/self/environ", "/dev/null", "/dev/fd/0/x"] {
        assert!(
            matches!(read(&everything, Path::new(path)), Err(ErrorType::InvalidInput | ErrorType::NotFound)),
            "{path}"
        );
    }
    // A descriptor of this process is not a file of the input's.
    let (reader, _writer) = std::io::pipe().unwrap();
    let path = format!("/proc/self/fd/{}", std::os::fd::AsRawFd::as_raw_fd(&reader));
    assert_eq!(read(&everything, Path::new(&path)), Err(ErrorType::NotFound));
}

#[test]
fn an_allowed_folder_may_be_named_through_links_and_be_made_later() {
    let place = Place::new();
    let alias = place.outside.join("alias");
    symlink(&place.inside, &alias).unwrap();
    let later = AllowedRoots::new([alias.join("later"), alias.join("deep")]);
    fs::create_dir(place.inside.join("later")).unwrap();
    fs::write(place.inside.join("later/file"), "inside").unwrap();
    symlink(alias.join("deep/file"), place.inside.join("later/link")).unwrap();
    for path in [alias.join("later/file"), place.inside.join("later/file"), alias.join("later/link")] {
        assert_eq!(read(&later, &path), Ok("inside".into()), "{}", path.display());
    }
    assert_eq!(read(&later, &alias.join("deep/../deep/file")), Ok("inside".into()));
    assert_eq!(read(&later, &alias.join("file")), Err(ErrorType::PathEscape));
    assert_eq!(later.folder(&alias.join("later")).unwrap(), place.inside.join("later"));
}

#[test]
fn a_folder_inside_of_another_allowed_one_is_no_wall() {
    let place = Place::new();
    let roots = AllowedRoots::new([place.inside.join("deep"), place.inside.clone()]);
    assert_eq!(read(&roots, &place.inside.join("deep/../file")), Ok("inside".into()));
    assert_eq!(read(&roots, &place.inside.join("deep/../../outside/file")), Err(ErrorType::PathEscape));
}

#[test]
fn a_link_that_takes_a_folders_place_wins_nothing() {
    let place = Place::new();
    // `swapped` is by turns a folder inside and a link to the one outside.
    let (swapped, link) = (place.inside.join("swapped"), place.inside.join("link"));
    fs::create_dir(&swapped).unwrap();
    fs::write(swapped.join("file"), "inside").unwrap();
    symlink(&place.outside, &link).unwrap();
    let done = AtomicBool::new(false);
    let (mut opened, mut refused) = (0, 0);
    std::thread::scope(|scope| {
        scope.spawn(|| {
            while !done.load(Ordering::Relaxed) {
                renameat_with(CWD, &swapped, CWD, &link, RenameFlags::EXCHANGE).unwrap();
            }
        });
        let roots = place.roots();
        for turn in 0..1_000_000 {
            match read(&roots, &swapped.join("file")).as_deref() {
                Ok("inside") => opened += 1,
                Err(ErrorType::PathEscape) => refused += 1,
                other => {
                    done.store(true, Ordering::Relaxed);
                    panic!("{other:?}");
                }
            }
            match roots.folder(&swapped) {
                Ok(folder) => assert!(folder == swapped || folder == link),
                Err(failure) => assert_eq!(failure.error_type, ErrorType::PathEscape),
            }
            if turn >= 2_000 && opened > 0 && refused > 0 {
                break;
            }
        }
        done.store(true, Ordering::Relaxed);
    });
    assert!(opened > 0 && refused > 0, "the test never met both: {opened} opened, {refused} refused");
}

#[test]
fn a_folder_that_is_moved_out_is_not_followed() {
    let place = Place::new();
    let (here, there) = (place.inside.join("moved"), place.outside.join("moved"));
    fs::create_dir_all(here.join("a/b/c")).unwrap();
    let done = AtomicBool::new(false);
    let (mut found, mut missed) = (0, 0);
    let followed = std::thread::scope(|scope| {
        scope.spawn(|| {
            while !done.load(Ordering::Relaxed) {
                fs::rename(&here, &there).unwrap();
                fs::rename(&there, &here).unwrap();
            }
        });
        let roots = place.roots();
        let mut followed = None;
        for turn in 0..1_000_000 {
            match roots.folder(&here.join("a/b/c")) {
                Ok(folder) if folder == here.join("a/b/c") => found += 1,
                Err(failure) if matches!(failure.error_type, ErrorType::NotFound | ErrorType::PathEscape) => {
                    missed += 1;
                }
                other => followed = Some(other),
            }
            if followed.is_some() || turn >= 20_000 && found > 0 && missed > 0 {
                break;
            }
        }
        done.store(true, Ordering::Relaxed);
        followed
    });
    assert_eq!(followed, None);
    assert!(found > 0 && missed > 0, "the test never met both: {found} found, {missed} missed");
}

/// What is in the allowed folder of the property below: folders, and files that hold their own path.
const FOLDERS: [&str; 4] = ["", "a", "a/a", "inside"];
const FILES: [&str; 4] = ["b", "a/b", "a/a/b", "inside/base"];

/// Where the steps lead from the allowed folder, by text and the lists above alone.
fn by_the_book(root: &Path, steps: &[&str]) -> Result<String, ErrorType> {
    let mut at = root.to_owned();
    for step in steps.iter().filter(|step| !matches!(**step, "." | "")) {
        if *step == ".." {
            at.pop();
            continue;
        }
        let below = at.strip_prefix(root).ok().map(|p| p.to_str().unwrap().to_owned());
        if below.is_some_and(|below| FILES.contains(&below.as_str())) {
            return Err(ErrorType::InvalidInput);
        }
        at.push(step);
        match at.strip_prefix(root).ok().map(|p| p.to_str().unwrap()) {
            Some(below) if FOLDERS.contains(&below) || FILES.contains(&below) => {}
            Some(_) => return Err(ErrorType::NotFound),
            None if root.starts_with(&at) => {}
            None => return Err(ErrorType::PathEscape),
        }
    }
    match at.strip_prefix(root).map(|p| p.to_str().unwrap().to_owned()) {
        Err(_) => Err(ErrorType::PathEscape),
        Ok(below) if FILES.contains(&below.as_str()) => Ok(below),
        Ok(_) => Err(ErrorType::InvalidInput),
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]
    #[test]
    fn a_path_without_links_leads_where_its_steps_say(
        steps in prop::collection::vec(prop::sample::select(vec!["..", "..", ".", "", "a", "b", "base", "inside"]), 0..12),
    ) {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().canonicalize().unwrap().join("base/inside");
        for folder in FOLDERS {
            fs::create_dir_all(root.join(folder)).unwrap();
        }
        for file in FILES {
            fs::write(root.join(file), file).unwrap();
        }
        let path = format!("{}/{}", root.display(), steps.join("/"));
        let found = read(&AllowedRoots::new([root.clone()]), Path::new(&path));
        prop_assert_eq!(found, by_the_book(&root, &steps), "{}", path);
    }
}
