//! Which files are somewhere else: on a network share, or behind a program that answers in a file system's place. There
//! any question, also a mere look, may never be answered.

use std::collections::{BTreeMap, VecDeque};
use std::ffi::OsString;
use std::path::{Component, Path, PathBuf};
use std::sync::Arc;

/// Links in a row, after which a path leads in a circle.
const MOST_LINKS: u32 = 40;

/// A network share, or what a program shows as a file system.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct FarMount {
    /// The folder it is mounted on, or its own below that.
    pub root: PathBuf,
    /// Tells it from another one that is mounted on the same folder later.
    pub identity: String,
}

/// Whether the folder of a share is not there any more, as far as this user may look. Asks the share, and hangs with it.
pub fn is_share_gone(root: &Path) -> bool {
    let looked = std::fs::symlink_metadata(root);
    looked.is_err_and(|error| error.kind() != std::io::ErrorKind::PermissionDenied)
}

/// What is mounted where.
#[derive(Clone, Debug, Default)]
pub struct Mounts {
    /// By their folders; `None` is a disk of this computer.
    roots: BTreeMap<PathBuf, Option<Far>>,
    has_far: bool,
}

/// What is mounted on a folder and is far.
#[derive(Clone, Debug)]
struct Far {
    mount: Arc<FarMount>,
    /// So many folders below the mount tell shares apart that have nothing to do with each other: desktops show all of
    /// theirs in one. With 0 the mount is one share.
    shares_below: usize,
}

impl Far {
    /// The share that the rest of a path leads to, by its names alone; the folders above all shares count as another one.
    fn share_at<'a>(&self, rest: impl Iterator<Item = Component<'a>>) -> Arc<FarMount> {
        let names = rest.take_while(|name| matches!(name, Component::Normal(_))).take(self.shares_below);
        let below: PathBuf = names.collect();
        if below.as_os_str().is_empty() {
            return Arc::clone(&self.mount);
        }
        Arc::new(FarMount { root: self.mount.root.join(below), identity: self.mount.identity.clone() })
    }

    /// Whether a share is this, or in this.
    fn has(&self, share: &FarMount) -> bool {
        let below = share.root.strip_prefix(&self.mount.root).map(|below| below.components().count());
        share.identity == self.mount.identity && below.is_ok_and(|below| below <= self.shares_below)
    }
}

impl Mounts {
    /// As the system tells now. Asks the kernel only, no share.
    pub fn read() -> Self {
        read()
    }

    /// These, and nothing else but disks.
    pub fn of(far: impl IntoIterator<Item = FarMount>) -> Self {
        let one = |mount: FarMount| (mount.root.clone(), Some(Far { mount: Arc::new(mount), shares_below: 0 }));
        Self::collect(far.into_iter().map(one))
    }

    /// Of two on one folder the later one is seen.
    fn collect(all: impl Iterator<Item = (PathBuf, Option<Far>)>) -> Self {
        let roots: BTreeMap<_, _> = all.collect();
        let has_far = roots.values().any(Option::is_some);
        Self { roots, has_far }
    }

    /// Whether anything here can be far at all.
    pub fn may_be_far(&self) -> bool {
        self.has_far || !cfg!(target_os = "linux")
    }

    /// Whether a mount is still there.
    pub fn has(&self, mount: &FarMount) -> bool {
        !cfg!(target_os = "linux") || self.mounted(&mount.root).is_some_and(|(_, far)| far.has(mount))
    }

    /// The far mount that a path leads to, also by links. Looks at disks of this computer only: what stands on a share is
    /// not asked for.
    pub fn far_of(&self, path: &Path) -> Option<Arc<FarMount>> {
        if !self.may_be_far() {
            return None;
        }
        let (mut done, mut links) = (PathBuf::new(), 0);
        let mut left: VecDeque<OsString> = components(path).collect();
        while let Some(next) = left.pop_front() {
            match Path::new(&next).components().next() {
                Some(Component::ParentDir) => {
                    done.pop();
                    continue;
                }
                Some(Component::Normal(_)) => {}
                // A drive, or the root.
                _ => {
                    done.push(&next);
                    continue;
                }
            }
            let at = done.join(&next);
            if let Some(far) = self.innermost(&at, &left) {
                return Some(far);
            }
            match std::fs::read_link(&at) {
                Ok(target) if links < MOST_LINKS => {
                    links += 1;
                    for component in components(&target).collect::<Vec<_>>().into_iter().rev() {
                        left.push_front(component);
                    }
                }
                // No link; what is missing is told by whoever opens it.
                _ => done = at,
            }
        }
        self.innermost(&done, &left)
    }

    /// The share that a folder is on, or what is left of the path leads to from there.
    fn innermost(&self, at: &Path, left: &VecDeque<OsString>) -> Option<Arc<FarMount>> {
        let Some((folder, far)) = self.mounted(at) else { return shaped(at).map(Arc::new) };
        let inside = at.strip_prefix(folder).unwrap_or(Path::new(""));
        let rest = left.iter().flat_map(|name| Path::new(name).components());
        Some(far.share_at(inside.components().chain(rest)))
    }

    /// The innermost far mount above a path, and its folder.
    fn mounted(&self, path: &Path) -> Option<(&Path, &Far)> {
        let (folder, mounted) = path.ancestors().find_map(|folder| self.roots.get_key_value(folder))?;
        mounted.as_ref().map(|far| (folder.as_path(), far))
    }
}

fn components(path: &Path) -> impl Iterator<Item = OsString> {
    path.components().filter(|one| *one != Component::CurDir).map(|one| one.as_os_str().to_owned())
}

/// Types of file systems behind which there is a network, or a program.
#[cfg(target_os = "linux")]
fn is_far(kind: &str) -> bool {
    const FAR: &[&str] = &[
        "9p",
        "acfs",
        "afs",
        "autofs",
        "beegfs",
        "ceph",
        "cifs",
        "coda",
        "fuse",
        "gfs2",
        "glusterfs",
        "gpfs",
        "lustre",
        "ncpfs",
        "nfs",
        "nfs4",
        "ocfs2",
        "orangefs",
        "prl_fs",
        "pvfs2",
        "smb3",
        "smbfs",
        "vboxsf",
        "virtiofs",
        "vmhgfs",
    ];
    // "fuseblk" is a disk.
    FAR.contains(&kind) || kind.starts_with("fuse.")
}

/// How many folders below the mount tell the shares of a desktop apart: `gvfs/smb-share:server=nas,share=x`,
/// `kio-fuse-AbCdEf/smb/nas`.
#[cfg(target_os = "linux")]
fn shares_below(kind: &str) -> usize {
    match kind {
        "fuse.gvfsd-fuse" => 1,
        "fuse.kio-fuse" => 2,
        _ => 0,
    }
}

#[cfg(target_os = "linux")]
fn read() -> Mounts {
    match std::fs::read("/proc/self/mountinfo") {
        Ok(bytes) => parsed(&bytes),
        Err(error) => {
            tracing::debug!(%error, "what is mounted cannot be read");
            Mounts::default()
        }
    }
}

/// The lines of `/proc/self/mountinfo`: id, parent, device, root, folder, options, optional fields, `-`, type, source, …
#[cfg(target_os = "linux")]
fn parsed(mountinfo: &[u8]) -> Mounts {
    Mounts::collect(mountinfo.split(|byte| *byte == b'\n').filter_map(|line| {
        let mut fields = line.split(|byte| *byte == b' ');
        let (id, device, folder) = (fields.next()?, fields.nth(1)?, fields.nth(1)?);
        let kind = String::from_utf8_lossy(fields.by_ref().skip_while(|field| *field != b"-").nth(1)?);
        let root = unescaped(folder);
        let identity = format!("{} {}", String::from_utf8_lossy(id), String::from_utf8_lossy(device));
        let far = is_far(&kind).then(|| {
            let mount = Arc::new(FarMount { root: root.clone(), identity });
            Far { mount, shares_below: shares_below(&kind) }
        });
        Some((root, far))
    }))
}

/// White space and backslashes stand there as `\040`.
#[cfg(target_os = "linux")]
fn unescaped(field: &[u8]) -> PathBuf {
    use std::os::unix::ffi::OsStringExt as _;
    let (mut bytes, mut rest) = (Vec::with_capacity(field.len()), field);
    while let Some((first, after)) = rest.split_first() {
        let code = after.get(..3).filter(|_| *first == b'\\').and_then(|digits| std::str::from_utf8(digits).ok());
        if let Some(byte) = code.and_then(|digits| u8::from_str_radix(digits, 8).ok()) {
            bytes.push(byte);
            rest = after.get(3..).unwrap_or_default();
        } else {
            bytes.push(*first);
            rest = after;
        }
    }
    OsString::from_vec(bytes).into()
}

#[cfg(not(target_os = "linux"))]
fn read() -> Mounts {
    Mounts::default()
}

#[cfg(target_os = "linux")]
fn shaped(_path: &Path) -> Option<FarMount> {
    None
}

/// Shares and sticks alike stand there; to take a stick for a share only costs a thread.
#[cfg(all(unix, not(target_os = "linux")))]
fn shaped(path: &Path) -> Option<FarMount> {
    let mut folders = path.components().skip(1);
    let top = folders.next()?.as_os_str();
    if !["Volumes", "Network", "net", "mnt"].iter().any(|known| top == *known) {
        return None;
    }
    let root: PathBuf = [std::ffi::OsStr::new("/"), top, folders.next()?.as_os_str()].iter().collect();
    Some(FarMount { root, identity: String::new() })
}

/// Names of shares, and each drive but the system's: which letters are shares cannot be told from the path.
#[cfg(windows)]
fn shaped(path: &Path) -> Option<FarMount> {
    use std::path::Prefix;
    let Some(Component::Prefix(prefix)) = path.components().next() else { return None };
    let is_far = match prefix.kind() {
        Prefix::UNC(..) | Prefix::VerbatimUNC(..) => true,
        Prefix::Disk(letter) | Prefix::VerbatimDisk(letter) => {
            let system = std::env::var("SystemDrive").unwrap_or_else(|_unset| "C:".to_owned());
            system.bytes().next().is_none_or(|system| !system.eq_ignore_ascii_case(&letter))
        }
        _ => false,
    };
    is_far.then(|| FarMount { root: PathBuf::from(prefix.as_os_str()), identity: String::new() })
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;

    const MOUNTS: &str = "\
27 1 254:0 / / rw,relatime - ext4 /dev/vda rw
30 27 0:40 / /mnt/my\\040nas rw shared:1 master:2 - nfs4 nas:/x rw
31 30 0:41 / /mnt/my\\040nas/ram rw - tmpfs tmpfs rw
32 27 0:42 / /run/user/0/gvfs rw - fuse.gvfsd-fuse gvfsd-fuse rw
33 27 8:1 / /media/stick rw - fuseblk /dev/sda1 rw
34 27 0:43 / /srv rw - cifs //a/b rw
35 27 8:2 / /srv rw - ext4 /dev/sda2 rw
36 27 0:44 / /run/user/0/kio-fuse-AbCdEf rw - fuse.kio-fuse kio-fuse rw
";

    fn root_of(mounts: &Mounts, path: &str) -> Option<PathBuf> {
        mounts.far_of(Path::new(path)).map(|far| far.root.clone())
    }

    #[test]
    fn shares_are_told_from_disks() {
        let mounts = parsed(MOUNTS.as_bytes());
        let nas = Some(PathBuf::from("/mnt/my nas"));
        assert_eq!(root_of(&mounts, "/mnt/my nas/a/b"), nas);
        assert_eq!(root_of(&mounts, "/mnt/my nas"), nas);
        assert_eq!(root_of(&mounts, "/mnt/./x/../my nas/a"), nas);
        for near in ["/mnt/my", "/mnt", "/media/stick/x", "/home/me/f", "/srv/f"] {
            assert_eq!(root_of(&mounts, near), None, "{near}");
        }
        assert!(mounts.may_be_far() && !parsed(b"27 1 254:0 / / rw - ext4 /dev/vda rw\n").may_be_far());
    }

    #[test]
    fn the_shares_that_a_desktop_shows_in_one_mount_are_told_apart() {
        let mounts = parsed(MOUNTS.as_bytes());
        let run = Path::new("/run/user/0");
        for (path, root) in [
            ("gvfs", "gvfs"),
            ("gvfs/nas", "gvfs/nas"),
            ("gvfs/nas/a/b", "gvfs/nas"),
            ("gvfs/./nas/a/../b", "gvfs/nas"),
            ("gvfs/other/a", "gvfs/other"),
            ("kio-fuse-AbCdEf/smb", "kio-fuse-AbCdEf/smb"),
            ("kio-fuse-AbCdEf/smb/nas/a", "kio-fuse-AbCdEf/smb/nas"),
        ] {
            let far = mounts.far_of(&run.join(path)).unwrap();
            assert_eq!(far.root, run.join(root), "{path}");
            assert!(mounts.has(&far), "{path}");
        }
        let anew = parsed(MOUNTS.replace("32 27 0:42", "40 27 0:50").as_bytes());
        assert!(!anew.has(&mounts.far_of(&run.join("gvfs/nas")).unwrap()));
        assert!(!mounts.has(&FarMount { root: run.join("gvfs/nas/a"), identity: "32 0:42".to_owned() }));
        // By a link on a disk.
        let folder = tempfile::tempdir().unwrap();
        let link = folder.path().canonicalize().unwrap().join("link");
        std::os::unix::fs::symlink(run.join("gvfs"), &link).unwrap();
        assert_eq!(root_of(&mounts, &link.join("nas/a").to_string_lossy()), Some(run.join("gvfs/nas")));
    }

    #[test]
    fn one_that_is_mounted_anew_is_another_one() {
        let mounts = parsed(MOUNTS.as_bytes());
        let nas = mounts.far_of(Path::new("/mnt/my nas/a")).unwrap();
        assert!(mounts.has(&nas));
        assert!(!parsed(MOUNTS.replace("30 27 0:40", "40 27 0:50").as_bytes()).has(&nas));
    }

    #[test]
    fn links_to_a_share_are_found_without_asking_it() {
        let folder = tempfile::tempdir().unwrap();
        let here = folder.path().canonicalize().unwrap();
        let share = here.join("share");
        let mounts = Mounts::of([FarMount { root: share.clone(), identity: String::new() }]);
        std::os::unix::fs::symlink("share/deep", here.join("relative")).unwrap();
        std::os::unix::fs::symlink(here.join("relative"), here.join("absolute")).unwrap();
        std::os::unix::fs::symlink(here.join("circle"), here.join("circle")).unwrap();
        for (link, is_far) in [("relative", true), ("absolute", true), ("circle", false), ("plain", false)] {
            let found = mounts.far_of(&here.join(link).join("file"));
            assert_eq!(found.map(|far| far.root.clone()), is_far.then(|| share.clone()), "{link}");
        }
    }

    #[test]
    fn the_systems_own_list_can_be_read() {
        assert!(Mounts::read().roots.contains_key(Path::new("/")));
    }
}
