//! How much it is what hovers over the window. Dropped folders are walked, for no longer than somebody waits for an
//! answer: what a disk or share takes longer for is told as "more than". A thread that hangs in the kernel is let go.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use super::clock::Clock;
use super::far::{Far, Share};
use super::scan::{Rules, TopFiles};
use super::tools::Tools;
use crate::model::{DropExtent, DropSize, Event, Gathered, RequestId};

/// What was found until then is the answer.
const LONGEST: Duration = Duration::from_secs(2);
/// Within folders: no more is looked at.
const MOST_ENTRIES: usize = 100_000;

impl Tools {
    /// Answers once, within [`LONGEST`]; not at all after `stop`.
    pub(crate) async fn measure_drop(self, request: RequestId, paths: Vec<PathBuf>, stop: CancellationToken) {
        let rules = Rules::new(&self.book.settings().system_files, &[]);
        tokio::select! {
            biased;
            () = stop.cancelled() => {}
            size = measure(self.far, &*self.clock, rules, paths) => {
                self.sink.send(Event::DropMeasured { request, size });
            }
        }
    }
}

/// Counts what an upload of these would take. Dropped, it ends the walks.
async fn measure(far: Far, clock: &dyn Clock, rules: Rules, paths: Vec<PathBuf>) -> DropSize {
    let items = paths.iter().collect::<BTreeSet<_>>().len();
    let top_files = TopFiles::of(Gathered::Together, items);
    let walk = Walk(Arc::new(Inner { rules, top_files, most: MOST_ENTRIES, tally: Mutex::default() }));
    let stop = CancellationToken::new();
    let _ends_the_walks = stop.clone().drop_guard();
    tokio::select! {
        biased;
        () = walk.all(far, paths, &stop) => {}
        () = clock.watch(LONGEST) => walk.tally().size.extent = DropExtent::Part,
    }
    walk.tally().size
}

/// One walk, by several threads. Clones share it.
#[derive(Clone)]
struct Walk(Arc<Inner>);

struct Inner {
    rules: Rules,
    top_files: TopFiles,
    /// How many entries of folders are looked at.
    most: usize,
    tally: Mutex<Tally>,
}

/// What was found so far.
#[derive(Debug, Default)]
struct Tally {
    size: DropSize,
    entries: usize,
}

impl Walk {
    fn tally(&self) -> MutexGuard<'_, Tally> {
        self.0.tally.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn all(&self, far: Far, paths: Vec<PathBuf>, stop: &CancellationToken) {
        let (walk, stopped) = (self.clone(), stop.clone());
        // To look for links on disks takes a moment, too.
        let near = tokio::task::spawn_blocking(move || {
            let (near, on_shares) = sorted(&far, paths);
            walk.items(&near, &stopped);
            on_shares
        });
        let Ok(on_shares) = near.await else { return self.tally().size.extent = DropExtent::Part };
        let mut asked = JoinSet::new();
        for (share, paths) in on_shares {
            let (walk, stopped) = (self.clone(), stop.clone());
            asked.spawn(async move {
                let walking = walk.clone();
                let asking = share.ask(move || {
                    walking.items(&paths, &stopped);
                    Ok(())
                });
                let answer = asking.await;
                if answer.is_err() {
                    walk.tally().size.extent = DropExtent::Part;
                }
            });
        }
        asked.join_all().await;
    }

    /// Things that are dragged themselves: links among them stand for what they lead to, whatever they are called.
    fn items(&self, paths: &[PathBuf], stop: &CancellationToken) {
        for path in paths {
            if stop.is_cancelled() {
                return;
            }
            let Ok(metadata) = std::fs::metadata(path) else { continue };
            let is_left_out = || !path.is_symlink() && self.0.rules.leave_out(self.0.top_files, path);
            if metadata.is_dir() {
                self.tally().size.folders += 1;
                self.folder(path, stop);
            } else if metadata.is_file() && !is_left_out() {
                self.file(metadata.len());
            }
        }
    }

    fn file(&self, bytes: u64) {
        let size = &mut self.tally().size;
        size.files += 1;
        size.bytes = size.bytes.saturating_add(bytes);
    }

    /// All below a folder that an upload would take: no links, nothing that a rule leaves out.
    fn folder(&self, root: &Path, stop: &CancellationToken) {
        let mut folders = vec![root.to_owned()];
        while let Some(folder) = folders.pop() {
            let Ok(entries) = std::fs::read_dir(&folder) else { continue };
            for entry in entries.filter_map(Result::ok) {
                if stop.is_cancelled() || !self.may_look() {
                    return;
                }
                let path = entry.path();
                let relative = path.strip_prefix(root).unwrap_or(&path);
                if self.0.rules.verdict(relative, &entry.file_name()).is_some() {
                    continue;
                }
                let Ok(kind) = entry.file_type() else { continue };
                if kind.is_dir() {
                    folders.push(path);
                } else if kind.is_file()
                    && let Ok(metadata) = entry.metadata()
                {
                    self.file(metadata.len());
                }
            }
        }
    }

    /// Counts an entry of a folder; none is looked at any more once there were too many.
    fn may_look(&self) -> bool {
        let mut tally = self.tally();
        if tally.entries >= self.0.most {
            tally.size.extent = DropExtent::Part;
            return false;
        }
        tally.entries += 1;
        true
    }
}

/// What is on disks of this computer, and what is on which share.
fn sorted(far: &Far, paths: Vec<PathBuf>) -> (Vec<PathBuf>, Vec<(Share, Vec<PathBuf>)>) {
    let (mut near, mut on_shares): (Vec<PathBuf>, Vec<(Share, Vec<PathBuf>)>) = (Vec::new(), Vec::new());
    for path in paths {
        let Some(share) = far.share_of(&path) else {
            near.push(path);
            continue;
        };
        match on_shares.iter_mut().find(|(other, _)| other.root() == share.root()) {
            Some((_, paths)) => paths.push(path),
            None => on_shares.push((share, vec![path])),
        }
    }
    (near, on_shares)
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::future::Future;
    use std::pin::Pin;
    use std::sync::OnceLock;

    use tokio::sync::Notify;

    use super::*;
    use crate::engine::clock::SystemClock;
    use crate::platform::{FarMount, Mounts};

    /// Time stands until the test lets it run out.
    #[derive(Debug, Default)]
    struct Standing(Arc<Notify>);

    impl Clock for Standing {
        fn now(&self) -> jiff::Timestamp {
            SystemClock::new().now()
        }

        fn elapsed(&self) -> Duration {
            Duration::ZERO
        }

        fn sleep(&self, _duration: Duration) -> Pin<Box<dyn Future<Output = ()> + Send>> {
            let run_out = Arc::clone(&self.0);
            Box::pin(async move { run_out.notified().await })
        }
    }

    fn no_shares(clock: &Arc<Standing>) -> Far {
        Far::new(Arc::clone(clock) as Arc<dyn Clock>, || Mounts::of([]), |_root| {})
    }

    fn rules() -> Rules {
        Rules::new(&["Thumbs.db".to_owned()], &[])
    }

    /// `d/c` and `d/e/f` of 7 and 11 bytes, `a` of 3, and what no upload takes.
    fn tree() -> tempfile::TempDir {
        let home = tempfile::tempdir().unwrap();
        fs::create_dir_all(home.path().join("d/e")).unwrap();
        for (name, bytes) in [("a", 3), ("d/c", 7), ("d/e/f", 11), ("d/e/Thumbs.db", 100)] {
            fs::write(home.path().join(name), vec![0; bytes]).unwrap();
        }
        home
    }

    #[tokio::test]
    async fn folders_that_hover_are_counted_with_what_an_upload_would_take() {
        let (home, clock) = (tree(), Arc::new(Standing::default()));
        #[cfg(unix)]
        std::os::unix::fs::symlink(home.path().join("a"), home.path().join("d/link")).unwrap();
        let paths = ["a", "d", "gone"].map(|name| home.path().join(name)).to_vec();
        let size = measure(no_shares(&clock), &*clock, rules(), paths).await;
        assert_eq!(size, DropSize { files: 3, folders: 1, bytes: 21, extent: DropExtent::All });
    }

    #[tokio::test]
    async fn what_an_upload_leaves_out_of_several_things_is_not_counted() {
        let (home, clock) = (tree(), Arc::new(Standing::default()));
        let at = |name: &str| home.path().join(name);
        fs::write(at("Thumbs.db"), [0; 50]).unwrap();
        let sizes = async |paths| {
            let size = measure(no_shares(&clock), &*clock, rules(), paths).await;
            (size.files, size.bytes)
        };
        assert_eq!(sizes(vec![at("a"), at("Thumbs.db")]).await, (1, 3));
        // Dragged alone, it is what is wanted.
        assert_eq!(sizes(vec![at("Thumbs.db")]).await, (1, 50));
    }

    #[cfg(unix)]
    #[tokio::test]
    async fn a_link_that_hovers_is_what_it_leads_to() {
        let (home, clock) = (tree(), Arc::new(Standing::default()));
        let link = home.path().join("link");
        std::os::unix::fs::symlink(home.path().join("d/e"), &link).unwrap();
        let size = measure(no_shares(&clock), &*clock, rules(), vec![link]).await;
        assert_eq!(size, DropSize { files: 1, folders: 1, bytes: 11, extent: DropExtent::All });
    }

    #[test]
    fn no_more_is_looked_at_than_agreed_nor_after_a_stop() {
        let (home, stop) = (tree(), CancellationToken::new());
        let top_files = TopFiles::AllWanted;
        let walk = |most| Walk(Arc::new(Inner { rules: rules(), top_files, most, tally: Mutex::default() }));
        let (some, all) = (walk(2), walk(4));
        let root = [home.path().join("d")];
        some.items(&root, &stop);
        // Not in one expression: each look at the tally locks it.
        let looked_at = some.tally().entries;
        assert_eq!((looked_at, some.tally().size.extent), (2, DropExtent::Part));
        all.items(&root, &stop);
        assert_eq!(all.tally().size, DropSize { files: 2, folders: 1, bytes: 18, extent: DropExtent::All });
        stop.cancel();
        let none = walk(4);
        none.items(&root, &stop);
        assert_eq!(none.tally().size, DropSize::default());
    }

    #[tokio::test]
    async fn what_was_found_in_time_is_told_without_the_share_that_does_not_answer() {
        static IS_ASKED: OnceLock<Notify> = OnceLock::new();
        let nas = || Mounts::of([FarMount { root: "/mnt/nas".into(), identity: String::new() }]);
        let asked = IS_ASKED.get_or_init(Notify::new);
        let hang = |_root: &Path| {
            IS_ASKED.get().unwrap().notify_one();
            std::thread::park();
        };
        let (home, clock) = (tree(), Arc::new(Standing::default()));
        let far = Far::new(Arc::new(Standing::default()), nas, hang);
        let paths = vec!["/mnt/nas/photos".into(), home.path().join("a"), home.path().join("d")];
        let time = async {
            asked.notified().await;
            clock.0.notify_one();
        };
        let (size, ()) = tokio::join!(measure(far, &*clock, rules(), paths), time);
        assert_eq!(size, DropSize { files: 3, folders: 1, bytes: 21, extent: DropExtent::Part });
    }
}
