//! What the process may leave behind when it dies: nothing that holds a secret.

/// Forbids core dumps, which would hold every secret in memory. Best effort: a system that refuses is only logged.
///
/// For programs with a window. The stricter [`harden_fully`] hides `/proc/PID` from the user's other programs, too,
/// among them the desktop portal, which then opens no file dialog.
pub fn harden() {
    #[cfg(unix)]
    limit_core_size();
}

/// Forbids core dumps, and on Linux also that other programs of the user look into this one's memory.
pub fn harden_fully() {
    harden();
    #[cfg(target_os = "linux")]
    if let Err(error) = rustix::process::set_dumpable_behavior(rustix::process::DumpableBehavior::NotDumpable) {
        tracing::warn!(%error, "other programs may look into this one's memory");
    }
}

#[cfg(unix)]
fn limit_core_size() {
    use rustix::process::{Resource, Rlimit, setrlimit};
    // One byte rather than none: Linux pipes dumps to a handler in spite of a limit of 0, but not of 1; and 1 byte
    // is less than the smallest dump to a file.
    let limit = Rlimit { current: Some(1), maximum: Some(1) };
    let fallback = Rlimit { current: Some(0), maximum: Some(0) };
    if setrlimit(Resource::Core, limit).is_err()
        && let Err(error) = setrlimit(Resource::Core, fallback)
    {
        tracing::warn!(%error, "core dumps cannot be forbidden");
    }
}

#[cfg(all(test, unix))]
mod tests {
    use rustix::process::{Resource, getrlimit};

    #[test]
    fn core_dumps_are_forbidden() {
        super::harden();
        assert!(getrlimit(Resource::Core).current.is_some_and(|bytes| bytes <= 1));
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn memory_is_private() {
        super::harden_fully();
        let dumpable = rustix::process::dumpable_behavior().unwrap();
        assert_eq!(dumpable, rustix::process::DumpableBehavior::NotDumpable);
    }
}
