//! What is found in dropped files and folders, and what is left out.

use super::*;
use std::fs;

fn scan_all(paths: Vec<PathBuf>, exclude: &[&str]) -> (Vec<String>, Vec<SkippedItem>, Vec<NameQuestion>) {
    scan_gathered(Gathered::Together, paths, exclude)
}

fn scan_gathered(
    gathered: Gathered,
    paths: Vec<PathBuf>,
    exclude: &[&str],
) -> (Vec<String>, Vec<SkippedItem>, Vec<NameQuestion>) {
    let (found, mut parts) = tokio::sync::mpsc::channel(1000);
    let request = ScanRequest {
        batch: BatchId::next(),
        paths,
        to: Prefix::new("to"),
        system_files: crate::model::Settings::default().system_files,
        gathered,
        exclude: exclude.iter().map(|pattern| (*pattern).to_owned()).collect(),
        at: Whereabouts::default(),
    };
    scan(request, &found, &CancellationToken::new());
    drop(found);
    let (mut keys, mut skipped, mut questions) = (Vec::new(), Vec::new(), Vec::new());
    while let Some(part) = parts.blocking_recv() {
        let plain = |f: &NewTransfer| format!("{}{}", f.folder.key_prefix, f.name.to_string_lossy());
        keys.extend(part.files.iter().map(|f| f.key.as_deref().map_or_else(|| plain(f), str::to_owned)));
        skipped.extend(part.skipped);
        questions.extend(part.questions.into_iter().map(|(question, _)| question));
    }
    (keys, skipped, questions)
}

#[test]
fn a_folder_keeps_its_name_however_it_is_called() {
    let top = tempfile::tempdir().unwrap();
    let inner = top.path().join("w/sub");
    fs::create_dir_all(&inner).unwrap();
    fs::write(inner.join("a.txt"), "a").unwrap();
    for dots in ["..", "../sub/.."] {
        assert_eq!(scan_all(vec![inner.join(dots)], &[]).0, ["to/w/sub/a.txt"], "{dots}");
    }
    let (keys, skipped, _) = scan_all(vec![inner.join("none/..")], &[]);
    assert_eq!((keys.len(), &skipped[0].reason), (0, &SkipReason::Missing));
}

#[test]
fn a_folder_keeps_its_name_and_structure() {
    let home = tempfile::tempdir().unwrap();
    let root = home.path().join("여행 [1]");
    fs::create_dir_all(root.join("b/c")).unwrap();
    for name in ["a+b %.txt", "b/x", "b/c/y", "z", ".DS_Store", "b/._x", "b/skip.tmp"] {
        fs::write(root.join(name), name).unwrap();
    }
    let (keys, skipped, questions) = scan_all(vec![root], &["*.tmp"]);
    assert_eq!(keys, ["to/여행 [1]/a+b %.txt", "to/여행 [1]/b/c/y", "to/여행 [1]/b/x", "to/여행 [1]/z"]);
    assert!(questions.is_empty());
    let reasons: Vec<_> = skipped.iter().map(|item| item.reason.clone()).collect();
    assert_eq!(reasons, [SkipReason::SystemFile, SkipReason::SystemFile, SkipReason::Excluded]);
}

#[test]
fn files_that_nobody_sees_are_left_out_of_many_and_taken_when_they_are_the_one() {
    let home = tempfile::tempdir().unwrap();
    let at = |name: &str| home.path().join(name);
    fs::create_dir(at("d")).unwrap();
    let hidden = ["Desktop.ini", "thumbs.db", ".ds_store", "._photo.jpg"];
    for name in hidden.into_iter().chain(["photo.jpg"]) {
        fs::write(at(name), name).unwrap();
        fs::write(at("d").join(name), name).unwrap();
    }
    let all = hidden.into_iter().chain(["photo.jpg", "d"]).map(at).collect();
    let (keys, skipped, _) = scan_all(all, &[]);
    assert_eq!(keys, ["to/photo.jpg", "to/d/photo.jpg"]);
    assert_eq!(skipped.len(), 2 * hidden.len(), "{skipped:?}");
    assert!(skipped.iter().all(|item| item.reason == SkipReason::SystemFile), "{skipped:?}");
    // The same file twice is one file, which is asked for by its name.
    for one in [vec![at("thumbs.db")], vec![at("thumbs.db"), at("thumbs.db")]] {
        let (keys, skipped, _) = scan_all(one, &[]);
        assert_eq!((keys, skipped.len()), (vec!["to/thumbs.db".to_owned()], 0));
    }
}

#[test]
fn what_was_named_one_by_one_goes_up_whatever_it_is_called() {
    let home = tempfile::tempdir().unwrap();
    let at = |name: &str| home.path().join(name);
    fs::create_dir(at("d")).unwrap();
    for name in ["report.txt", "desktop.ini", "d/desktop.ini", "d/a"] {
        fs::write(at(name), name).unwrap();
    }
    let named = ["report.txt", "desktop.ini", "d"].map(at).to_vec();
    let (keys, skipped, _) = scan_gathered(Gathered::ByName, named, &[]);
    // Nobody has named what is in the folder.
    assert_eq!(keys, ["to/report.txt", "to/desktop.ini", "to/d/a"]);
    assert_eq!(skipped, [SkippedItem { path: at("d/desktop.ini"), reason: SkipReason::SystemFile }]);
}

#[test]
fn what_the_user_leaves_out_is_told_from_other_case() {
    let home = tempfile::tempdir().unwrap();
    let root = home.path().join("d");
    fs::create_dir(&root).unwrap();
    for name in ["a.TMP", "b.tmp"] {
        fs::write(root.join(name), name).unwrap();
    }
    assert_eq!(scan_all(vec![root], &["*.tmp"]).0, ["to/d/a.TMP"]);
}

#[test]
fn empty_folders_do_not_vanish_in_silence() {
    let home = tempfile::tempdir().unwrap();
    let root = home.path().join("d");
    for folder in ["empty/inner", "full", "hidden"] {
        fs::create_dir_all(root.join(folder)).unwrap();
    }
    fs::write(root.join("full/x"), "x").unwrap();
    fs::write(root.join("hidden/.DS_Store"), "x").unwrap();
    let (keys, skipped, _) = scan_all(vec![root.clone()], &[]);
    assert_eq!(keys, ["to/d/full/x"]);
    let told: Vec<_> = skipped.into_iter().map(|item| (item.path, item.reason)).collect();
    let hidden = (root.join("hidden/.DS_Store"), SkipReason::SystemFile);
    assert_eq!(told, [(root.join("empty/inner"), SkipReason::EmptyFolder), hidden]);
}

#[test]
fn two_items_of_the_same_name_do_not_meet_in_silence() {
    let home = tempfile::tempdir().unwrap();
    fs::create_dir_all(home.path().join("1")).unwrap();
    fs::create_dir_all(home.path().join("2")).unwrap();
    fs::write(home.path().join("1/a"), "1").unwrap();
    fs::write(home.path().join("2/a"), "2").unwrap();
    let (keys, skipped, questions) = scan_all(vec![home.path().join("1/a"), home.path().join("2/a")], &[]);
    assert_eq!((keys, skipped.len()), (vec!["to/a".to_owned()], 0));
    let [question] = &questions[..] else { panic!("{questions:?}") };
    assert_eq!((question.problem, question.suggestion.as_str()), (KeyProblem::Taken, "to/a (2)"));
    assert_eq!(question.path, home.path().join("2/a"));
    let (keys, skipped, _) = scan_all(vec![home.path().join("1/a"), home.path().join("1/a")], &[]);
    assert_eq!((keys.len(), skipped.len()), (1, 0), "the same file twice is one file");
}

#[test]
fn missing_items_are_listed() {
    let (keys, skipped, _) = scan_all(vec![PathBuf::from("/nonexistent/file")], &[]);
    assert!(keys.is_empty());
    assert_eq!(skipped[0].reason, SkipReason::Missing);
}

#[cfg(unix)]
#[test]
fn links_and_special_files_are_listed_not_followed() {
    let home = tempfile::tempdir().unwrap();
    let root = home.path().join("d");
    fs::create_dir(&root).unwrap();
    std::os::unix::fs::symlink(&root, root.join("circle")).unwrap();
    std::os::unix::net::UnixListener::bind(root.join("socket")).unwrap();
    fs::write(root.join("file"), "").unwrap();
    let (keys, skipped, _) = scan_all(vec![root], &[]);
    assert_eq!(keys, ["to/d/file"]);
    let reasons: Vec<_> = skipped.iter().map(|item| item.reason.clone()).collect();
    assert_eq!(reasons, [SkipReason::SymbolicLink, SkipReason::SpecialFile]);
}

#[cfg(unix)]
#[test]
fn a_link_that_was_dropped_itself_is_followed() {
    let home = tempfile::tempdir().unwrap();
    let at = |name: &str| home.path().join(name);
    fs::create_dir_all(at("real/in")).unwrap();
    fs::write(at("real/in/file"), "1").unwrap();
    std::os::unix::fs::symlink(at("real"), at("folder")).unwrap();
    std::os::unix::fs::symlink("real/in/file", at("one.txt")).unwrap();
    std::os::unix::fs::symlink("nowhere", at("gone")).unwrap();
    std::os::unix::fs::symlink("/dev/null", at("device")).unwrap();
    let (keys, skipped, _) = scan_all(["folder", "one.txt", "gone", "device"].map(at).to_vec(), &[]);
    assert_eq!(keys, ["to/folder/in/file", "to/one.txt"]);
    let told: Vec<_> = skipped.into_iter().map(|item| (item.path, item.reason)).collect();
    assert_eq!(told, [(at("gone"), SkipReason::DeadLink), (at("device"), SkipReason::SpecialFile)]);
}

#[cfg(unix)]
#[test]
fn impossible_names_are_asked_about() {
    use std::os::unix::ffi::OsStrExt as _;
    let home = tempfile::tempdir().unwrap();
    let root = home.path().join("d");
    let odd_folder = root.join(OsStr::from_bytes(b"f\xff"));
    fs::create_dir_all(&odd_folder).unwrap();
    fs::write(odd_folder.join("in"), "").unwrap();
    fs::write(root.join(OsStr::from_bytes(b"a\xff.txt")), "").unwrap();
    fs::write(root.join(OsStr::from_bytes(b"a\xfe.txt")), "").unwrap();
    fs::write(root.join("c\u{7}.txt"), "").unwrap();
    fs::write(root.join("good"), "").unwrap();
    let (keys, _, questions) = scan_all(vec![root], &[]);
    assert_eq!(keys, ["to/d/good"]);
    let mut suggestions: Vec<_> = questions.iter().map(|question| question.suggestion.clone()).collect();
    suggestions.sort();
    assert_eq!(suggestions, ["to/d/a_ (2).txt", "to/d/a_.txt", "to/d/c_.txt", "to/d/f_/in"]);
}

#[test]
fn hangul_is_kept_byte_for_byte_in_both_forms() {
    let home = tempfile::tempdir().unwrap();
    let (nfc, nfd) = ("각.txt", "\u{1100}\u{1161}\u{11a8}.txt");
    fs::write(home.path().join(nfc), "c").unwrap();
    fs::write(home.path().join(nfd), "d").unwrap();
    let (keys, skipped, _) = scan_all(vec![home.path().join(nfc), home.path().join(nfd)], &[]);
    assert_eq!(keys, [format!("to/{nfc}"), format!("to/{nfd}")]);
    assert!(skipped.is_empty());
}
