//! Offsets forgotten, and what was given up brought back.

use super::{Engine, Error, ErrorKind, Reset, ResetReport, sources};

pub(super) fn reset(engine: &Engine, reset: &Reset) -> Result<ResetReport, Error> {
    let now = engine.clock.now();
    engine.recover_gaps()?;
    let busy = |place: String| {
        Error::new(ErrorKind::Conflict, "it is being shipped at this moment", place, "try again when that is done")
    };
    match reset {
        Reset::All => {
            if !engine.claims.are_free() {
                return Err(busy(engine.config.database.display().to_string()));
            }
            Ok(ResetReport { files: engine.database.forget_all()?, revived: 0 })
        }
        Reset::File(path) => {
            let key = sources::key(path);
            let Some(_claim) = engine.claims.take(&key) else { return Err(busy(key)) };
            if !engine.database.forget(&key, now)? {
                let hint = "name it as `status` does, with its full path";
                return Err(Error::new(ErrorKind::NotFound, "this file is not tracked", key, hint));
            }
            Ok(ResetReport { files: 1, revived: 0 })
        }
        Reset::Quarantined => Ok(ResetReport { files: 0, revived: engine.database.revive_refused(now)? }),
        Reset::Dead => {
            let revived = engine.database.tend_dead(now, false, &|path| super::replay::exists(engine, path))?;
            Ok(ResetReport { files: 0, revived })
        }
    }
}
