//! What is remembered of a file, read from any bytes, as a damaged store may hold them: it is refused, or is facts that
//! are written as they are read, and that the linker can stand.
#![no_main]

use graph_store::Repository;
use heavy_compute::{
    facts::FileFacts,
    link::{Manifests, link},
};
use gantry_fuzz::LAYOUTS;
use kit::Job;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: &[u8]| {
    let Some((first, bytes)) = input.split_first() else { return };
    let Some(facts) = FileFacts::from_bytes(bytes) else { return };
    assert_eq!(FileFacts::from_bytes(&facts.to_bytes()).as_ref(), Some(&facts));
    let repository = Repository { org_id: "default".into(), repo_id: "fuzz".into() };
    let paths = LAYOUTS[usize::from(*first) % LAYOUTS.len()];
    let files = paths.map(|path| (path.to_owned(), facts.clone())).into();
    link(&Job::<()>::detached(), &repository, files, &Manifests::default(), &|_, _| false, &mut |_| Ok(()))
        .unwrap_or_else(|error| panic!("nobody interrupts: {error:?}"));
});
