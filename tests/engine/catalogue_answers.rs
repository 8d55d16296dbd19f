//! Rows H of the fault catalogue: answers that are late, odd, broken or missing, and what is made of them.

use std::time::Duration;

use bucketdrop::local_storage::faults::{Action, Checksums, Conditions, Dialect, Etags, Fault, Profile, Then};
use bucketdrop::model::{ConflictPolicy, FailureKind, TransferState, Verified};

use crate::catalogue_common::{LARGE, SMALL, Scene};
use crate::support::{MIB, on_conflict, pattern};

const UPLOADING: [&str; 4] = ["PutObject", "CreateMultipartUpload", "UploadPart", "CompleteMultipartUpload"];

fn size_for(operation: &str) -> usize {
    if operation == "PutObject" { SMALL } else { LARGE }
}

fn spaces(then: Then) -> Action {
    Action::SpacesThen { count: 5, every: Duration::from_millis(20), then }
}

#[test]
fn h04_request_timeout() {
    for operation in UPLOADING {
        let scene = Scene::new().fault(Fault::on(operation, Action::error(400, "RequestTimeout")).times(5));
        scene.arrives("a", size_for(operation));
    }
}

#[test]
fn h05_gateway_error_without_a_code() {
    for (operation, status) in UPLOADING.into_iter().zip([502, 504, 502, 504]) {
        let scene = Scene::new().fault(Fault::on(operation, Action::gateway_error(status)).times(5));
        scene.arrives("a", size_for(operation));
    }
}

#[test]
fn h06_an_error_inside_a_200() {
    let complete = |then: Then| Fault::on("CompleteMultipartUpload", spaces(then)).times(1);
    Scene::new().fault(complete(Then::Answer)).arrives("late", LARGE);
    Scene::new().fault(complete(Then::Error("InternalError".into()))).arrives("failed", LARGE);
    Scene::new().fault(complete(Then::ErrorAfter("InternalError".into()))).arrives("done all the same", LARGE);
    let denied = Fault::on("CompleteMultipartUpload", spaces(Then::Error("AccessDenied".into())));
    let scene = Scene::new().fault(denied);
    assert_eq!(scene.fails("denied", LARGE).kind, FailureKind::AccessDenied);
    assert_eq!(scene.count("CompleteMultipartUpload"), 1, "what is denied is not asked again");
}

#[test]
fn h07_truncated_answer_to_complete() {
    for after_bytes in [1, 60, 200] {
        let cut = Fault::on("CompleteMultipartUpload", Action::TruncateAnswer { after_bytes }).times(1);
        Scene::new().fault(cut).arrives("a", LARGE);
    }
}

#[test]
fn h08_empty_answer_to_complete() {
    Scene::new().fault(Fault::on("CompleteMultipartUpload", Action::empty_answer()).times(1)).arrives("a", LARGE);
}

#[test]
fn h09_no_etag() {
    let scene = Scene::new();
    scene.server.plan.set_profile(Profile { etags: Etags::Absent, ..Profile::default() });
    scene.arrives("small", SMALL);
    scene.arrives("large", LARGE);
    let scene = Scene::new();
    for header in ["etag", "x-amz-checksum-crc64nvme"] {
        scene.server.plan.add(Fault::on("PutObject", Action::WithoutHeader(header.into())).attempt(1).key(header));
    }
    scene.arrives("etag", SMALL);
    scene.arrives("x-amz-checksum-crc64nvme", SMALL);
    assert_eq!(scene.count("PutObject"), 2, "nothing was sent twice");
}

#[test]
fn h21_the_server_forgets_the_upload() {
    let forget = Fault::on("UploadPart", Action::ForgetUpload).part(2).times(1);
    let scene = Scene::new().fault(forget);
    scene.arrives("a", LARGE);
    assert_eq!(scene.count("CreateMultipartUpload"), 2);
    let forget = Fault::on("CompleteMultipartUpload", Action::ForgetUpload).times(1);
    Scene::new().fault(forget).arrives("b", LARGE);
}

#[test]
fn h22_a_complete_that_was_done_already() {
    for policy in [ConflictPolicy::Ask, ConflictPolicy::Overwrite] {
        for action in [Action::CloseAfter, Action::ErrorAfter { status: 500, code: "InternalError".into() }] {
            let scene = Scene::new().fault(Fault::on("CompleteMultipartUpload", action).times(1));
            let paths = vec![scene.engine.file("a", &pattern(LARGE))];
            let summary = scene.engine.upload(paths, &scene.at, on_conflict(policy));
            assert_eq!((summary.done, summary.failed), (1, 0), "{summary:?}");
            scene.holds("a", &pattern(LARGE));
        }
    }
}

#[test]
fn h22_a_put_that_was_done_already() {
    for policy in [ConflictPolicy::Ask, ConflictPolicy::Rename, ConflictPolicy::Skip] {
        for times in [1, 5] {
            let scene = Scene::new().fault(Fault::on("PutObject", Action::CloseAfter).times(times));
            let paths = vec![scene.engine.file("a", &pattern(SMALL))];
            let summary = scene.engine.upload(paths, &scene.at, on_conflict(policy));
            assert_eq!((summary.done, summary.failed, summary.skipped), (1, 0, 0), "{summary:?}");
            scene.holds("a", &pattern(SMALL));
            assert_eq!(scene.server.keys(), ["a"]);
        }
    }
}

#[test]
fn h24_a_part_that_comes_twice() {
    let scene = Scene::new().fault(Fault::on("UploadPart", Action::CloseAfter).part(2).times(3));
    scene.arrives("a", LARGE);
    assert_eq!(scene.count("UploadPart"), 6);
}

#[test]
fn h25_parts_are_of_legal_sizes() {
    let scene = Scene::new();
    for size in [8 * MIB + 1, LARGE, 33 * MIB + 7] {
        scene.arrives(&size.to_string(), size);
    }
    let log = scene.server.plan.log();
    let parts: Vec<_> = log.iter().filter(|record| record.operation == "UploadPart").collect();
    for part in &parts {
        let is_last = !parts.iter().any(|other| other.key == part.key && other.part_number > part.part_number);
        assert!(is_last || part.request_bytes >= 5 * MIB as u64, "{part:?}");
    }
}

#[test]
fn h26_too_large_for_the_service() {
    for (operation, size) in [("PutObject", SMALL), ("UploadPart", LARGE)] {
        let too_large = Fault::on(operation, Action::error(400, "EntityTooLarge")).key("a");
        let scene = Scene::new().fault(too_large);
        assert_eq!(scene.fails("a", size).kind, FailureKind::TooLarge, "{operation}");
        let log = scene.server.plan.log();
        // The first refusal ends the file, so not every part has to be sent.
        let sent = log.iter().filter(|record| record.operation == operation);
        let mut parts: Vec<_> = sent.map(|record| record.part_number).collect();
        let sent = parts.len();
        parts.sort_unstable();
        parts.dedup();
        assert!(sent > 0 && parts.len() == sent, "what is too large is not sent again: {log:?}");
        // Others go. What of the refused one is there stays for another try, until the list is cleared of it.
        assert_eq!(scene.upload("another", &pattern(size)).done, 1);
        assert!(scene.server.bytes("another").unwrap() == pattern(size));
    }
}

#[test]
fn h27_no_more_parts_than_the_service_takes() {
    let refused = Fault::on("UploadPart", Action::error(400, "InvalidArgument"));
    let scene = Scene::new().fault(refused.part(2));
    // Were a plan wrong, the service would say so; that is told, and no part is sent for ever.
    let failure = scene.fails("a", LARGE);
    assert_eq!(failure.kind, FailureKind::Unsupported, "{failure:?}");
    let log = scene.server.plan.log();
    assert_eq!(log.iter().filter(|record| record.part_number == Some(2)).count(), 1);
}

#[test]
fn h36_somebody_else_was_first() {
    for size in [SMALL, LARGE] {
        let scene = Scene::new();
        scene.server.put("a", b"theirs");
        let paths = vec![scene.engine.file("a", &pattern(size))];
        let summary = scene.engine.upload(paths, &scene.at, on_conflict(ConflictPolicy::Skip));
        assert_eq!((summary.done, summary.skipped), (0, 1), "{summary:?}");
        scene.holds("a", b"theirs");
    }
}

#[test]
fn h36_a_conflict_of_conditions_is_tried_again() {
    let conflict = Action::error(409, "ConditionalRequestConflict");
    Scene::new().fault(Fault::on("PutObject", conflict.clone()).times(2)).arrives("a", SMALL);
    // A Complete that met with one ends its upload: everything is sent again.
    Scene::new().fault(Fault::on("CompleteMultipartUpload", conflict).times(1)).arrives("a", LARGE);
}

#[test]
fn h37_conditions_are_ignored() {
    let scene = Scene::new();
    scene.server.plan.set_profile(Profile { conditions: Conditions::Ignored, ..Profile::default() });
    scene.server.put("large", b"theirs");
    let paths = vec![scene.engine.file("large", &pattern(LARGE))];
    let summary = scene.engine.upload(paths, &scene.at, on_conflict(ConflictPolicy::Skip));
    assert_eq!((summary.done, summary.skipped), (0, 1), "a large file asks first: {summary:?}");
    scene.holds("large", b"theirs");
}

#[test]
fn h38_etags_that_say_nothing() {
    let scene = Scene::new();
    scene.server.plan.set_profile(Profile { etags: Etags::Random, ..Profile::default() });
    for (name, size) in [("small", SMALL), ("large", LARGE)] {
        scene.arrives(name, size);
        assert_eq!(scene.engine.report().state, TransferState::Done(Verified::Accepted), "{name}");
    }
}

#[test]
fn h01_a_tenth_of_all_requests_fails() {
    let scene = Scene::new();
    let rule = scene.server.plan.add(Fault::anywhere(Action::error(500, "InternalError")).per_mille(100, 2026));
    for n in 0..300 {
        scene.engine.file(&format!("d/{n:03}"), format!("{n}").as_bytes());
    }
    let paths = vec![scene.engine.files.path().join("d")];
    let summary = scene.engine.upload(paths, &scene.at, on_conflict(ConflictPolicy::Ask));
    assert_eq!((summary.done, summary.failed), (300, 0), "{summary:?}");
    let requests = scene.count("PutObject");
    assert!((301..=390).contains(&requests), "{requests} requests for 300 files");
    scene.server.plan.remove(rule);
    assert_eq!(scene.server.keys().len(), 300);
    scene.holds("d/123", b"123");
}

#[test]
fn h19_one_bit_turned_over_on_the_way() {
    for seed in 0..10 {
        let flip = Action::FlipBit { at_byte: 7_654_321 * seed };
        let scene = Scene::new().fault(Fault::on("PutObject", flip).times(1));
        scene.arrives("small", SMALL);
        assert_eq!(scene.count("PutObject"), 2);
    }
    for part in 1..=3 {
        let flip = Action::FlipBit { at_byte: 5_000_000 };
        let scene = Scene::new().fault(Fault::on("UploadPart", flip).part(part).times(1));
        scene.arrives("large", LARGE);
        assert_eq!(scene.count("UploadPart"), 4);
    }
}

#[test]
fn h20_services_that_refuse_checksum_headers() {
    for dialect in
        [Dialect::R2, Dialect::BackblazeB2, Dialect::GoogleCloud, Dialect::Linode, Dialect::OldCeph, Dialect::Swift]
    {
        let scene = Scene::new();
        scene.server.plan.set_profile(Profile { checksums: Checksums::Refused(dialect), ..Profile::default() });
        // A signature that is refused is taken for a wrong secret unless one has been good before.
        scene.look();
        for (name, size) in [("small", SMALL), ("large", LARGE)] {
            let summary = scene.upload(name, &pattern(size));
            assert_eq!((summary.done, summary.failed), (1, 0), "{dialect:?}, {name}: {summary:?}");
        }
        // Clients that ask for checksums cannot read from all of these.
        scene.server.plan.set_profile(Profile::default());
        scene.holds("small", &pattern(SMALL));
        scene.holds("large", &pattern(LARGE));
    }
}

#[test]
fn h19_services_that_verify_nothing_are_never_believed() {
    let scene = Scene::new();
    scene.server.plan.set_profile(Profile {
        checksums: Checksums::Ignored,
        etags: Etags::Random,
        ..Profile::default()
    });
    for (name, size) in [("small", SMALL), ("large", LARGE)] {
        scene.arrives(name, size);
        assert_eq!(scene.engine.report().state, TransferState::Done(Verified::Unverified), "{name}");
    }
}

#[test]
fn h23_a_part_that_the_server_lost() {
    let lost = Action::ForgetPart { number: 2 };
    let scene = Scene::new().fault(Fault::on("CompleteMultipartUpload", lost).times(1));
    scene.arrives("a", LARGE);
    assert_eq!((scene.count("UploadPart"), scene.count("CreateMultipartUpload")), (4, 1), "only that part again");
}
