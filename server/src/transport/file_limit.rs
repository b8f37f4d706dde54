//! The operating system's limit on open files, of which each connection needs one.

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

/// The most connections, whatever the operating system allows: each may hold a request's head in memory.
const MOST: usize = 2_048;
/// Files for everything else: the database, the index, calls to Workato, checkpoints.
const OTHERS: u64 = 256;

/// Raises the limit as far as the system lets this process, and returns how many connections fit below it.
pub fn connections() -> usize {
    let Rlimit { current, maximum } = getrlimit(Resource::Nofile);
    let raised = Rlimit { current: maximum, maximum };
    let limit = match setrlimit(Resource::Nofile, raised) {
        Ok(()) => maximum,
        Err(error) => {
            tracing::warn!(%error, "cannot raise the limit on open files");
            current
        }
    };
    fitting(limit)
}

/// How many connections fit below a limit.
fn fitting(limit: Option<u64>) -> usize {
    let Some(limit) = limit else { return MOST };
    let others = OTHERS.min(limit / 2);
    usize::try_from(limit - others).unwrap_or(MOST).clamp(1, MOST)
}

#[cfg(test)]
mod tests {
    use super::fitting;

    #[test]
    fn connections_leave_files_for_everything_else() {
        for (limit, connections) in
            [(None, 2_048), (Some(1_048_576), 2_048), (Some(1_024), 768), (Some(256), 128), (Some(0), 1)]
        {
            assert_eq!(fitting(limit), connections, "{limit:?}");
        }
    }
}
