//! The end of an engine in a test: it leaves by itself, and nothing of it is left that the next start could meet.

use std::path::Path;

use bucketdrop::model::{Command, Event, ShutdownMode};
use bucketdrop::platform::Home;

use crate::support::{PATIENCE, TestEngine};

impl TestEngine {
    /// Quits as a user does. Returns once its journal is free: a start before that would take a file beside it, and
    /// find nothing of what this one leaves.
    #[track_caller]
    pub(crate) fn leave(&self) {
        let before = locked_journals(&self.works_in);
        self.send(Command::Shutdown(ShutdownMode::Now));
        self.expect("ShutdownComplete", |event| matches!(event, Event::ShutdownComplete).then_some(()));
        self.handle.shutdown(PATIENCE);
        let end = std::time::Instant::now() + PATIENCE;
        while before > 0 && locked_journals(&self.works_in) >= before {
            assert!(std::time::Instant::now() < end, "the journal was not let go");
            std::thread::park_timeout(std::time::Duration::from_millis(5));
        }
    }
}

/// How many journals of a home this process has open. One that shows in any look is: the system's list is read in
/// pieces, and while other processes come and go a line of it may be missed.
#[cfg(target_os = "linux")]
fn locked_journals(home: &Path) -> usize {
    use std::os::unix::fs::MetadataExt as _;
    let first = Home::under(home).journal_file();
    let Some((folder, name)) = first.parent().zip(first.file_name()) else { return 0 };
    let Ok(entries) = std::fs::read_dir(folder) else { return 0 };
    let of_queue =
        entries.flatten().filter(|entry| entry.file_name().to_string_lossy().starts_with(&*name.to_string_lossy()));
    let inodes: Vec<String> = of_queue.filter_map(|entry| Some(entry.metadata().ok()?.ino().to_string())).collect();
    let process = std::process::id().to_string();
    let mut found = std::collections::BTreeSet::new();
    for _look in 0..4 {
        for lock in std::fs::read_to_string("/proc/locks").unwrap_or_default().lines() {
            let mut words = lock.split_whitespace().skip(4);
            let is_ours = words.next() == Some(&process);
            let inode = words.next().and_then(|file| file.rsplit(':').next());
            if let Some(inode) = inode.filter(|inode| is_ours && inodes.iter().any(|of| of == inode)) {
                found.insert(inode.to_owned());
            }
        }
    }
    found.len()
}

/// Not told here.
#[cfg(not(target_os = "linux"))]
fn locked_journals(_home: &Path) -> usize {
    0
}
