//! Files of every size and name arrive byte for byte under the key a person expects.

use bucketdrop::model::Command;
use bucketdrop::model::{
    ConflictPolicy, Event, KeyProblem, NameAnswer, ObjectKey, PutOptions, SkipReason as Skip, SkippedItem,
    TransferState, TransferTab, Verified,
};

use crate::support::{MIB, Server, Setup, TestEngine, connected, folder_of, on_conflict, pattern};

#[test]
fn sizes_around_the_borders() {
    let (server, engine, at) = connected();
    let sizes = [0, 1, 65_535, 65_536, 8 * MIB - 1, 8 * MIB, 8 * MIB + 1, 16 * MIB, 17 * MIB + 3];
    let paths = sizes.iter().map(|size| engine.file(&format!("{size}.bin"), &pattern(*size))).collect();
    let summary = engine.upload(paths, &at, PutOptions::default());
    assert_eq!((summary.done, summary.failed, summary.skipped), (9, 0, 0), "{summary:?}");
    for size in sizes {
        assert!(server.bytes(&format!("{size}.bin")).unwrap() == pattern(size), "{size}");
    }
    assert_eq!(server.unfinished_uploads(), 0);
    assert_eq!(summary.done_bytes, sizes.iter().sum::<usize>() as u64);
    for _ in sizes {
        let report = engine.report();
        assert_eq!(report.state, TransferState::Done(Verified::Accepted), "the storage echoes our checksum");
        assert!(report.checksum.unwrap().starts_with("CRC64NVME:"));
        assert!(report.etag.is_some());
    }
    // A HEAD asks whether the key is taken before the large ones, and another one before they are put together, since
    // nobody knows yet what this service does with conditions then; small ones need no second request.
    assert_eq!(server.plan.count("PutObject"), 6);
    assert_eq!(server.plan.count("HeadObject"), 3 + 3);
    assert_eq!(server.plan.count("CompleteMultipartUpload"), 3);
    assert_eq!(server.plan.count("UploadPart"), 2 + 2 + 3);
}

#[test]
fn names_arrive_byte_for_byte() {
    let (server, engine, at) = connected();
    let names = [
        "plain.txt",
        "with space + plus % percent # hash?.txt",
        "[brackets] {braces} (parens) & 'quotes' \"double\".txt",
        "경복궁 가을 사진.txt",
        "\u{1100}\u{1161}\u{11a8} nfd.txt",
        "각 nfd.txt",
        "emoji 🦀 👨‍👩‍👧.txt",
        "a=b;c,d@e:f$g!h*.txt",
        "back\\slash.txt",
        "..two dots",
        "%2F.txt",
    ];
    for name in names {
        engine.file(&format!("폴더 [1]/sub dir/{name}"), name.as_bytes());
    }
    let summary = engine.upload(vec![engine.files.path().join("폴더 [1]")], &at, PutOptions::default());
    assert_eq!(summary.done, names.len() as u64, "{summary:?}");
    let mut expected: Vec<String> = names.iter().map(|name| format!("폴더 [1]/sub dir/{name}")).collect();
    expected.sort();
    assert_eq!(server.keys(), expected);
    for name in names {
        let (bytes, content_type) = server.get(&format!("폴더 [1]/sub dir/{name}")).unwrap();
        assert_eq!(bytes, name.as_bytes());
        if std::path::Path::new(name).extension().is_some_and(|e| e == "txt") {
            assert_eq!(content_type.unwrap(), "text/plain; charset=utf-8", "{name}");
        }
    }
}

#[test]
fn options_become_headers() {
    let (server, engine, at) = connected();
    let options = PutOptions {
        content_type: Some("application/x-test".into()),
        cache_control: Some("max-age=60".into()),
        metadata: vec![("color".into(), "blue".into())],
        ..PutOptions::default()
    };
    let paths = vec![engine.file("small.png", b"x"), engine.file("large.bin", &pattern(9 * MIB))];
    assert_eq!(engine.upload(paths, &at, options).done, 2);
    for key in ["small.png", "large.bin"] {
        let head = server.client().head_object().bucket(crate::support::BUCKET).key(key).send();
        let head = server.runtime.block_on(head).unwrap();
        assert_eq!(head.content_type(), Some("application/x-test"), "{key}");
        assert_eq!(head.cache_control(), Some("max-age=60"), "{key}");
        assert_eq!(head.metadata().unwrap().get("color").map(String::as_str), Some("blue"), "{key}");
    }
}

#[test]
fn what_is_left_out_is_listed() {
    let (server, engine, at) = connected();
    for name in ["d/.DS_Store", "d/._x", "d/keep", "d/no.tmp", "d/sub/Thumbs.db"] {
        engine.file(name, b"x");
    }
    let options = PutOptions { exclude: vec!["*.tmp".into()], ..PutOptions::default() };
    let missing = engine.files.path().join("gone");
    let batch = engine.enqueue(vec![engine.files.path().join("d"), missing.clone()], &at, options);
    let (counts, mut skipped) = engine.expect("BatchScanned", |event| match event {
        Event::BatchScanned { batch: b, counts, skipped, .. } if *b == batch => Some((counts.clone(), skipped.clone())),
        _ => None,
    });
    assert_eq!((counts.files, counts.skipped), (1, 5));
    skipped.sort_by(|a, b| a.path.cmp(&b.path));
    let reasons: Vec<_> = skipped.into_iter().map(|item| item.reason).collect();
    assert_eq!(reasons, [Skip::SystemFile, Skip::SystemFile, Skip::Excluded, Skip::SystemFile, Skip::Missing]);
    let summary = engine.finished(batch);
    assert_eq!((summary.done, summary.skipped), (1, 5));
    assert_eq!(server.keys(), ["d/keep"]);
}

#[test]
fn an_empty_batch_ends_at_once() {
    let (_server, engine, at) = connected();
    std::fs::create_dir(engine.files.path().join("empty")).unwrap();
    let folder = engine.files.path().join("empty");
    let batch = engine.enqueue(vec![folder.clone()], &at, PutOptions::default());
    let skipped = engine.expect("BatchScanned", |event| match event {
        Event::BatchScanned { batch: b, skipped, .. } if *b == batch => Some(skipped.clone()),
        _ => None,
    });
    assert_eq!(skipped, [SkippedItem { path: folder, reason: Skip::EmptyFolder }], "nothing to upload is told");
    let summary = engine.finished(batch);
    assert_eq!((summary.done, summary.failed, summary.skipped), (0, 0, 1));
}

#[cfg(unix)]
#[test]
fn impossible_names_are_asked_about_while_others_go_on() {
    use std::os::unix::ffi::OsStrExt as _;
    let (server, engine, at) = connected();
    let folder = folder_of(&engine.file("d/good", b"good"));
    let bad = |name: &[u8]| folder.join(std::ffi::OsStr::from_bytes(name));
    std::fs::write(bad(b"a\xff"), "one").unwrap();
    std::fs::write(bad(b"b\x07"), "two").unwrap();
    std::fs::write(bad(b"c\xfe"), "three").unwrap();
    let batch = engine.enqueue(vec![folder], &at, PutOptions::default());
    assert_eq!(engine.report().object.key.as_str(), "d/good");
    let questions = engine.expect("NamesNeeded", |event| match event {
        Event::NamesNeeded { batch: b, questions } if *b == batch => Some(questions.clone()),
        _ => None,
    });
    let suggestions: Vec<_> = questions.iter().map(|question| question.suggestion.as_str()).collect();
    assert_eq!(suggestions, ["d/a_", "d/b_", "d/c_"]);
    let answers = vec![
        NameAnswer::UseKey(ObjectKey::new("d/first")),
        NameAnswer::Skip,
        NameAnswer::UseKey(ObjectKey::new("d/good")),
    ];
    engine.send(Command::ResolveNames { batch, answers });
    // A key that the batch has already is asked about once more.
    let again = engine.expect("NamesNeeded", |event| match event {
        Event::NamesNeeded { questions, .. } => Some(questions.clone()),
        _ => None,
    });
    assert_eq!(again.iter().map(|question| question.problem).collect::<Vec<_>>(), [KeyProblem::Taken]);
    engine.send(Command::ResolveNames { batch, answers: vec![NameAnswer::Skip] });
    let summary = engine.finished(batch);
    assert_eq!((summary.done, summary.skipped), (2, 2), "declined twice");
    assert_eq!(server.keys(), ["d/first", "d/good"]);
    assert_eq!(server.bytes("d/first").unwrap(), b"one");
    assert_eq!(server.bytes("d/good").unwrap(), b"good");
}

#[test]
fn names_over_the_limit_are_asked_about() {
    let (server, engine, at) = connected();
    let folder = "긴".repeat(80);
    let path = engine.file(&format!("{folder}/{folder}/{folder}/{folder}/{folder}.txt"), b"deep");
    let batch = engine.enqueue(vec![engine.files.path().join(&folder)], &at, PutOptions::default());
    let suggestion = engine.expect("NamesNeeded", |event| match event {
        Event::NamesNeeded { questions, .. } => Some(questions[0].suggestion.clone()),
        _ => None,
    });
    assert!(path.exists() && suggestion.len() <= 1024 && suggestion.ends_with("긴.txt"));
    engine.send(Command::ResolveNames { batch, answers: vec![NameAnswer::UseKey(ObjectKey::new(&*suggestion))] });
    assert_eq!(engine.finished(batch).done, 1);
    assert_eq!(server.keys(), [suggestion]);
}

#[test]
fn many_small_files_and_a_large_one_share_the_line() {
    let (server, engine, at) = connected();
    engine.file("d/large.bin", &pattern(24 * MIB));
    for number in 0..300 {
        engine.file(&format!("d/small {number:03}"), format!("{number}").as_bytes());
    }
    let summary = engine.upload(vec![engine.files.path().join("d")], &at, on_conflict(ConflictPolicy::Overwrite));
    assert_eq!((summary.done, summary.failed), (301, 0), "{summary:?}");
    assert_eq!(summary.objects.len(), 301);
    assert_eq!(server.keys().len(), 301);
    assert_eq!(server.bytes("d/small 123").unwrap(), b"123");
    let row = engine.row(TransferTab::Done, |row| row.object.key.as_str() == "d/large.bin");
    assert_eq!((row.done_bytes, row.total_bytes), (24 * MIB as u64, 24 * MIB as u64));
}

#[test]
fn a_tiny_buffer_budget_only_slows() {
    let server = Server::start();
    let mut setup = Setup::default();
    setup.tuning.buffer_bytes = MIB;
    let engine = TestEngine::start(setup);
    let at = engine.connect(&server);
    let paths = vec![engine.file("large", &pattern(20 * MIB)), engine.file("small", &pattern(3 * MIB))];
    assert_eq!(engine.upload(paths, &at, PutOptions::default()).done, 2);
    assert!(server.bytes("large").unwrap() == pattern(20 * MIB));
}
