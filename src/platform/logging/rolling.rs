//! A log file per day, private to the user; those of more than a week ago are removed.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

/// How many daily files stay.
const KEPT_DAYS: usize = 7;
const PREFIX: &str = "bucketdrop-";
const SUFFIX: &str = ".log";

/// The day, as in the files' names.
pub(super) fn today() -> String {
    jiff::Zoned::now().date().to_string()
}

/// Appends to the file of the day. Programs that log at the same time share it, line by line.
pub(super) struct RollingFile {
    folder: PathBuf,
    day_now: fn() -> String,
    day: String,
    file: File,
}

impl RollingFile {
    pub(super) fn open(folder: &Path, day_now: fn() -> String) -> io::Result<Self> {
        let day = day_now();
        let file = open_day(folder, &day)?;
        remove_old(folder);
        Ok(Self { folder: folder.to_path_buf(), day_now, day, file })
    }

    fn turn_over(&mut self) {
        let day = (self.day_now)();
        if day == self.day {
            return;
        }
        // If the new file cannot be made, the old one goes on: a log in the wrong file is better than none.
        if let Ok(file) = open_day(&self.folder, &day) {
            self.file = file;
            remove_old(&self.folder);
        }
        self.day = day;
    }
}

impl Write for RollingFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.turn_over();
        self.file.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

fn open_day(folder: &Path, day: &str) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.append(true).create(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt as _;
        options.mode(0o600);
    }
    options.open(folder.join(format!("{PREFIX}{day}{SUFFIX}")))
}

/// Removes all but the newest files. Their names sort by date. What cannot be removed stays until the next day.
fn remove_old(folder: &Path) {
    let Ok(entries) = fs::read_dir(folder) else { return };
    let mut names: Vec<_> = entries
        .filter_map(Result::ok)
        .map(|entry| entry.file_name())
        .filter(|name| name.to_str().is_some_and(|name| name.starts_with(PREFIX) && name.ends_with(SUFFIX)))
        .collect();
    names.sort();
    let surplus = names.len().saturating_sub(KEPT_DAYS);
    for name in names.into_iter().take(surplus) {
        fs::remove_file(folder.join(name)).ok();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::cell::Cell;

    thread_local! { static DAY: Cell<u32> = const { Cell::new(10) } }

    #[test]
    fn a_file_a_day_and_a_week_of_them() {
        let temp = tempfile::tempdir().unwrap();
        fs::write(temp.path().join("other.log"), "not ours").unwrap();
        let mut log = RollingFile::open(temp.path(), || format!("2026-11-{}", DAY.get())).unwrap();
        for day in 10..22 {
            DAY.set(day);
            writeln!(log, "day {day}").unwrap();
        }
        let mut names: Vec<_> =
            fs::read_dir(temp.path()).unwrap().map(|e| e.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        assert_eq!(names.len(), KEPT_DAYS + 1, "{names:?}");
        assert_eq!(names[0], "bucketdrop-2026-11-15.log");
        assert_eq!(fs::read_to_string(temp.path().join("bucketdrop-2026-11-21.log")).unwrap(), "day 21\n");
        assert_eq!(names[KEPT_DAYS], "other.log");
    }
}
