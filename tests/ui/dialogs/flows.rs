//! What each dialog asks of the engine, step by step, as a person would do it.

use bucketdrop::model::*;
use bucketdrop::ui::actions::Action;
use bucketdrop::ui::dialogs::Dialog;
use egui::Key;
use egui::accesskit::Role;
use egui_kittest::Harness;
use egui_kittest::kittest::Queryable as _;

use super::stage::{
    Looks, Stage, click, click_button, connection, empty, fill, focused, is_enabled, location, open, press, show,
    spoken, tell,
};

pub(super) fn conflict_of(object: ObjectRef, batch: BatchId, rest_of_batch: u64) -> Conflict {
    Conflict {
        transfer: TransferId::next(),
        batch,
        object,
        existing_bytes: Some(4_200_000),
        existing_modified: "2026-11-18T05:02:00Z".parse().ok(),
        new_bytes: 4_300_000,
        new_modified: "2026-11-20T08:15:00Z".parse().ok(),
        rest_of_batch,
    }
}

fn object(name: &str) -> ObjectRef {
    location().object(ObjectKey::new(format!("photos/2026/{name}")))
}

#[test]
fn conflicts_are_asked_one_at_a_time_and_skip_has_the_focus() {
    let mut harness = empty(Looks::default());
    let batch = BatchId::next();
    let (first, second) = (conflict_of(object("a.jpg"), batch, 1), conflict_of(object("b.jpg"), batch, 0));
    tell(&mut harness, Event::ConflictFound(Box::new(first.clone())));
    tell(&mut harness, Event::ConflictFound(Box::new(second.clone())));
    assert!(spoken(&harness).contains("“a.jpg” is already there") && !spoken(&harness).contains("b.jpg"));
    assert_eq!(focused(&harness), "Skip");
    click_button(&mut harness, "Keep both");
    let Command::ResolveConflict { transfer, policy, scope } = harness.state_mut().the_command() else {
        panic!("an answer");
    };
    assert_eq!((transfer, policy, scope), (first.transfer, ConflictPolicy::Rename, ConflictScope::This));
    assert!(spoken(&harness).contains("“b.jpg” is already there"));
    press(&mut harness, Key::Escape);
    let Command::ResolveConflict { transfer, policy, .. } = harness.state_mut().the_command() else {
        panic!("an answer");
    };
    assert_eq!((transfer, policy), (second.transfer, ConflictPolicy::Skip), "Esc takes the safe answer");
    assert!(!harness.state().dialogs.is_open());
}

#[test]
fn a_name_that_is_cut_is_told_whole() {
    let name = format!("report-{}-north-{}.pdf", "x".repeat(40), "y".repeat(40));
    let taken = object(&name);
    let whole = taken.to_string();
    let mut harness = empty(Looks::default());
    tell(&mut harness, Event::ConflictFound(Box::new(conflict_of(taken.clone(), BatchId::next(), 0))));
    assert!(spoken(&harness).contains(&format!("“{name}”")), "the title is spoken whole");
    let painted = crate::support::painted(&harness);
    assert!(!painted.iter().any(|(text, _)| text.contains(&name)), "and has no room for it");
    let told = |harness: &Harness<'_, Stage>| harness.query_all_by_label(&whole).count();
    assert_eq!(told(&harness), 1, "to screen readers");
    harness.get_by_label(&whole).hover();
    harness.run_steps(60);
    assert!(told(&harness) > 1, "and on hover");
    press(&mut harness, Key::Escape);
    let mut harness = open(Dialog::SignedLink(vec![taken]));
    harness.get_by_label(&whole).hover();
    harness.run_steps(60);
    assert!(told(&harness) > 1, "which of them a link is for");
}

#[test]
fn one_answer_can_hold_for_the_rest_of_the_batch() {
    let mut harness = empty(Looks::default());
    let batch = BatchId::next();
    for name in ["a.jpg", "b.jpg", "c.jpg"] {
        tell(&mut harness, Event::ConflictFound(Box::new(conflict_of(object(name), batch, 2))));
    }
    click(&mut harness, Role::CheckBox, "Do the same for every further name of this batch that is taken");
    click_button(&mut harness, "Overwrite");
    let Command::ResolveConflict { policy, scope, .. } = harness.state_mut().the_command() else {
        panic!("an answer");
    };
    assert_eq!((policy, scope), (ConflictPolicy::Overwrite, ConflictScope::RestOfBatch));
    assert!(!harness.state().dialogs.is_open(), "the others are not asked");
}

#[test]
fn a_conflict_that_is_gone_closes_and_one_behind_a_form_waits() {
    let mut harness = open(Dialog::CreateFolder(location()));
    let conflict = conflict_of(object("a.jpg"), BatchId::next(), 0);
    tell(&mut harness, Event::ConflictFound(Box::new(conflict.clone())));
    assert!(!spoken(&harness).contains("a.jpg"), "a form that is being filled in keeps the keyboard");
    press(&mut harness, Key::Escape);
    assert!(spoken(&harness).contains("“a.jpg” is already there"));
    tell(&mut harness, Event::ConflictGone(conflict.transfer));
    assert!(!harness.state().dialogs.is_open());
}

fn counted(objects: u64) -> Harness<'static, Stage> {
    let mut harness =
        open(Dialog::DeleteObjects { at: location(), targets: vec![Target::Folder(Prefix::new("photos/2026/"))] });
    let Command::CountObjects { request, .. } = harness.state_mut().the_command() else { panic!("a count") };
    assert!(!is_enabled(&harness, "Delete"), "nothing can be deleted before it is counted");
    let first_keys = vec![ObjectKey::new("photos/2026/a.jpg")];
    let count = ObjectCount { objects, total_bytes: 1_500_000, first_keys, ..ObjectCount::default() };
    tell(&mut harness, Event::ObjectsCounted { request, count: Box::new(count.clone()), end: None });
    assert!(spoken(&harness).contains("so far"));
    tell(&mut harness, Event::ObjectsCounted { request, count: Box::new(count), end: Some(Ok(())) });
    harness
}

#[test]
fn a_deletion_says_how_much_and_cancel_has_the_focus() {
    let mut harness = counted(3);
    let said = spoken(&harness);
    assert!(said.contains("3 objects, 1.5 MB in all") && said.contains("photos/2026/a.jpg"), "{said}");
    assert!(said.contains("Delete the folder “2026” with 3 objects?"), "{said}");
    assert_eq!(focused(&harness), "Cancel");
    click_button(&mut harness, "Delete 3 objects");
    let Command::DeleteObjects { request, at, targets, counted } = harness.state_mut().the_command() else {
        panic!("a deletion");
    };
    assert_eq!((at, targets), (location(), vec![Target::Folder(Prefix::new("photos/2026/"))]));
    assert_ne!(counted, request);
    let progress = |deleted, end| Event::ObjectsDeleted {
        request,
        at: Box::new(location()),
        deleted,
        came: 0,
        failed: Vec::new(),
        end,
    };
    tell(&mut harness, progress(1, None));
    assert!(spoken(&harness).contains("1 of 3 deleted"));
    press(&mut harness, Key::Escape);
    assert!(harness.state().dialogs.is_open(), "a running deletion is only ended by Stop");
    tell(&mut harness, progress(3, Some(Ok(()))));
    assert!(!harness.state().dialogs.is_open());
}

#[test]
fn many_objects_need_the_buckets_name() {
    let mut harness = counted(1_204);
    assert!(!is_enabled(&harness, "Delete 1,204 objects"));
    let label = "Type the bucket’s name, weandb, to confirm";
    fill(&mut harness, Role::TextInput, label, "weand");
    press(&mut harness, Key::Enter);
    assert!(harness.state_mut().take_commands().is_empty());
    fill(&mut harness, Role::TextInput, label, "weandb");
    assert!(is_enabled(&harness, "Delete 1,204 objects"));
    press(&mut harness, Key::Enter);
    assert!(matches!(harness.state_mut().the_command(), Command::DeleteObjects { .. }));
}

#[test]
fn what_could_not_be_deleted_is_listed() {
    let mut harness = counted(2);
    click_button(&mut harness, "Delete 2 objects");
    let Command::DeleteObjects { request, .. } = harness.state_mut().the_command() else { panic!("a deletion") };
    let failed = vec![(ObjectKey::new("photos/2026/locked.jpg"), Failure::new(FailureKind::AccessDenied))];
    let at = Box::new(location());
    tell(&mut harness, Event::ObjectsDeleted { request, at, deleted: 1, came: 0, failed, end: Some(Ok(())) });
    let said = spoken(&harness);
    assert!(said.contains("1 object was deleted") && said.contains("photos/2026/locked.jpg"), "{said}");
    click_button(&mut harness, "Close");
    assert!(!harness.state().dialogs.is_open());
}

#[test]
fn bucket_names_are_held_to_the_rules_while_typed() {
    let mut harness = open(Dialog::CreateBucket);
    let cases = [
        ("ab", "3 to 63 characters"),
        ("My-bucket", "“M” is not allowed"),
        ("my bucket", "Spaces are not allowed"),
        ("-abc", "begin and end with a letter"),
        ("a..b", "Two dots in a row"),
        ("192.168.5.4", "must not look like an IP address"),
        ("xn--abc", "reserved by Amazon"),
    ];
    for (name, words) in cases {
        fill(&mut harness, Role::TextInput, "Name", name);
        assert!(spoken(&harness).contains(words), "{name}: {words}");
        assert!(!is_enabled(&harness, "Create bucket"), "{name}");
    }
    fill(&mut harness, Role::TextInput, "Name", "my-bucket");
    press(&mut harness, Key::Enter);
    let Command::CreateBucket { request, name, region, .. } = harness.state_mut().the_command() else {
        panic!("a bucket");
    };
    assert_eq!((name.as_str(), region.as_str()), ("my-bucket", "ap-northeast-2"));
    let failure = Box::new(Failure::new(FailureKind::BucketOwnedByOther).with("bucket", "my-bucket"));
    tell(&mut harness, Event::BucketCreated { request, name: name.clone(), result: Err(failure) });
    assert!(harness.state().dialogs.is_open(), "another name can be tried");
    click_button(&mut harness, "Create bucket");
    let Command::CreateBucket { request, .. } = harness.state_mut().the_command() else { panic!("a bucket") };
    tell(&mut harness, Event::BucketCreated { request, name, result: Ok(()) });
    assert!(!harness.state().dialogs.is_open());
}

#[test]
fn an_empty_bucket_and_a_connection_are_deleted_after_asking() {
    let mut harness = open(Dialog::DeleteBucket(BucketName::new("weandb").unwrap()));
    assert_eq!(focused(&harness), "Cancel");
    click_button(&mut harness, "Delete bucket");
    let Command::DeleteBucket { request, name, .. } = harness.state_mut().the_command() else { panic!("a bucket") };
    let failure = Box::new(Failure::new(FailureKind::BucketNotEmpty).with("bucket", "weandb"));
    tell(&mut harness, Event::BucketDeleted { request, name, result: Err(failure) });
    assert!(harness.state().dialogs.is_open());

    let mut harness = open(Dialog::DeleteConnection(connection().id));
    let Command::CountTransfers { request, .. } = harness.state_mut().the_command() else { panic!("a count") };
    tell(&mut harness, Event::TransfersCounted { request, stake: Box::default() });
    assert!(spoken(&harness).contains("Its secret is deleted from the system keychain as well"));
    assert_eq!(focused(&harness), "Cancel");
    click_button(&mut harness, "Delete connection");
    let Command::DeleteConnection { request, id, open } = harness.state_mut().the_command() else {
        panic!("a connection")
    };
    assert_eq!(open, OpenTransfers::Ask);
    tell(&mut harness, Event::ConnectionDeleted { request, id, result: Ok(()) });
    assert!(!harness.state().dialogs.is_open());
}

#[test]
fn a_folder_is_made_below_the_shown_one() {
    let mut harness = open(Dialog::CreateFolder(location()));
    fill(&mut harness, Role::TextInput, "Name of the folder", "..");
    assert!(spoken(&harness).contains("cannot be part of a path"));
    press(&mut harness, Key::Enter);
    assert!(harness.state_mut().take_commands().is_empty());
    fill(&mut harness, Role::TextInput, "Name of the folder", "가을 사진/");
    press(&mut harness, Key::Enter);
    let Command::CreateFolder { at, .. } = harness.state_mut().the_command() else { panic!("a folder") };
    assert_eq!(at.prefix.as_str(), "photos/2026/가을 사진/");
}

#[test]
fn a_signed_link_is_copied_and_never_shown() {
    let mut harness = open(Dialog::SignedLink(vec![object("a.jpg")]));
    click(&mut harness, Role::RadioButton, "12 hours");
    click_button(&mut harness, "Copy link");
    let Command::SignLinks { request, expires_secs, .. } = harness.state_mut().the_command() else {
        panic!("a signature");
    };
    assert_eq!(expires_secs, 12 * 60 * 60);
    let link = SignedLink {
        object: object("a.jpg"),
        url: "https://weandb.s3.amazonaws.com/a.jpg?X-Amz-Signature=abc123".into(),
        expires: "2026-11-21T12:00:00Z".parse().unwrap(),
        keys_end: KeysEnd::Counted,
    };
    tell(&mut harness, Event::LinksSigned { request, result: Ok(vec![link]) });
    let copied =
        harness.state().actions.iter().any(
            |action| matches!(action, Action::HandOutSigned { links } if links[0].url.ends_with("Signature=abc123")),
        );
    assert!(copied);
    let said = spoken(&harness);
    assert!(said.contains("Works until 2026-11-21") && !said.contains("X-Amz-Signature"), "{said}");
}

#[test]
fn a_link_that_ends_with_its_keys_says_so() {
    for (life, says_so) in [(43_200, false), (2_400, true)] {
        let mut harness = open(Dialog::SignedLink(vec![object("a.jpg")]));
        click(&mut harness, Role::RadioButton, "12 hours");
        click_button(&mut harness, "Copy link");
        let Command::SignLinks { request, .. } = harness.state_mut().the_command() else { panic!("a signature") };
        let link = SignedLink {
            object: object("a.jpg"),
            url: format!("https://weandb.s3.amazonaws.com/a.jpg?X-Amz-Expires={life}&X-Amz-Signature=abc123"),
            expires: "2026-11-21T12:00:00Z".parse().unwrap(),
            keys_end: KeysEnd::Counted,
        };
        tell(&mut harness, Event::LinksSigned { request, result: Ok(vec![link]) });
        let said = spoken(&harness);
        let words = "Your keys end earlier: the link works for 40 min, not for the 12 h you chose";
        assert_eq!(said.contains(words), says_so, "{said}");
        assert!(!said.contains("do not say when they end"), "{said}");
    }
}

#[test]
fn a_link_that_ends_with_keys_of_unknown_end_says_so() {
    let mut harness = open(Dialog::SignedLink(vec![object("a.jpg")]));
    click_button(&mut harness, "Copy link");
    let Command::SignLinks { request, .. } = harness.state_mut().the_command() else { panic!("a signature") };
    let link = SignedLink {
        object: object("a.jpg"),
        url: "https://weandb.s3.amazonaws.com/a.jpg?X-Amz-Signature=abc123".into(),
        expires: "2026-11-21T12:00:00Z".parse().unwrap(),
        keys_end: KeysEnd::Unknown,
    };
    tell(&mut harness, Event::LinksSigned { request, result: Ok(vec![link]) });
    let said = spoken(&harness);
    assert!(said.contains("do not say when they end"), "{said}");
}

#[test]
fn quitting_while_busy_asks_and_staying_has_the_focus() {
    let mut harness = empty(Looks::default());
    let counts = TransferCounts { active: 3, ..TransferCounts::default() };
    tell(&mut harness, Event::Transfers(Box::new(TransfersView { counts, ..TransfersView::default() })));
    show(&mut harness, Dialog::Quit);
    assert!(spoken(&harness).contains("3 transfers are not done yet") && spoken(&harness).contains("Uploads are kept"));
    assert_eq!(focused(&harness), "Keep open");
    press(&mut harness, Key::Enter);
    assert!(!harness.state().dialogs.is_open() && harness.state().actions.is_empty());
    show(&mut harness, Dialog::Quit);
    click_button(&mut harness, "Quit");
    assert!(matches!(harness.state().actions.as_slice(), [Action::QuitNow]));
}

#[test]
fn quitting_promises_nothing_that_cannot_be_kept() {
    let mut harness = empty(Looks::default());
    harness.state_mut().model.settings.resume_at_start = ResumeAtStart::Ask;
    let counts = TransferCounts { active: 1, ..TransferCounts::default() };
    let view = TransfersView { counts, ..TransfersView::default() };
    tell(&mut harness, Event::Transfers(Box::new(view.clone())));
    show(&mut harness, Dialog::Quit);
    assert!(spoken(&harness).contains("the next start asks whether they go on"), "{}", spoken(&harness));
    let holds = vec![QueueHold::JournalStalled(Failure::new(FailureKind::JournalFull))];
    tell(&mut harness, Event::Transfers(Box::new(TransfersView { holds, ..view.clone() })));
    let said = spoken(&harness);
    assert!(said.contains("The disk is full") && said.contains("may be missing"), "{said}");
    assert!(!said.contains("Uploads are kept"), "{said}");
    tell(&mut harness, Event::Transfers(Box::new(view)));
    tell(&mut harness, Event::QueueNotKept(Box::new(Failure::new(FailureKind::JournalNewer))));
    let said = spoken(&harness);
    assert!(said.contains("a newer Bucketdrop") && said.contains("do not go on at the next start"), "{said}");
    assert!(!said.contains("Uploads are kept") && !said.contains("asks whether"), "{said}");
}

#[test]
fn what_a_batch_left_out_is_listed_and_copied() {
    let mut harness = empty(Looks::default());
    assert!(!harness.state().dialogs.has_skipped());
    let skipped = vec![SkippedItem { path: "/data/.DS_Store".into(), reason: SkipReason::SystemFile }];
    let (batch, counts) = (BatchId::next(), BatchCounts::default());
    tell(&mut harness, Event::BatchScanned { batch, counts, skipped, progress: ScanProgress::Complete });
    assert!(harness.state().dialogs.has_skipped() && !harness.state().dialogs.is_open());
    show(&mut harness, Dialog::Skipped(Some(batch)));
    assert!(spoken(&harness).contains("1 item was left out") && spoken(&harness).contains("/data/.DS_Store"));
    click_button(&mut harness, "Copy list");
    assert!(
        matches!(harness.state().actions.as_slice(), [Action::CopyText { text, .. }] if text.as_str().contains(".DS_Store"))
    );
}
