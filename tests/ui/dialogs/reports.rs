//! What lies unfinished on the server, what a receipt says, what a service does with wrong writes: each dialog step by
//! step, as a person would go through it.

use bucketdrop::locale::Lang;
use bucketdrop::model::*;
use bucketdrop::ui::actions::Action;
use bucketdrop::ui::dialogs::Dialog;
use bucketdrop::ui::ui_command::UiCommand;
use egui::Key;
use egui::accesskit::Role;
use egui_kittest::Harness;
use egui_kittest::kittest::{NodeT as _, Queryable as _};

use super::stage::{
    Looks, Stage, click, click_button, connection, empty, fill, focused, location, open, press, show, spoken, tell,
};

fn bucket() -> BucketName {
    location().bucket
}

pub(super) fn upload(key: &str, owner: UploadOwner, held: Option<(u64, u64)>) -> UnfinishedUpload {
    UnfinishedUpload {
        key: ObjectKey::new(key),
        upload_id: format!("id-of-{key}"),
        started: "2026-11-17T09:30:00Z".parse().ok(),
        age_secs: Some(3 * 86_400 + 5),
        parts: held.map(|(parts, _)| parts),
        bytes: held.map(|(_, bytes)| bytes),
        owner,
    }
}

/// Ours in the queue, ours left over, somebody else's, and one that may not be looked into.
pub(super) fn uploads() -> Vec<UnfinishedUpload> {
    vec![
        upload("backup/전체 백업 2026-11.tar.zst", UploadOwner::Other, Some((412, 26_400_000_000))),
        upload("launch-film-4k.mov", UploadOwner::InQueue(TransferId::next()), Some((40, 335_000_000))),
        upload("photos/2026/party.mp4", UploadOwner::LeftByUs, Some((3, 25_200_000))),
        upload("locked/secret.bin", UploadOwner::Other, None),
    ]
}

pub(super) fn list(harness: &mut Harness<'_, Stage>, result: Result<Vec<UnfinishedUpload>, Failure>) {
    let (connection, bucket) = (connection().id, bucket());
    show(harness, Dialog::Unfinished { connection: connection.clone(), bucket: bucket.clone() });
    answer_list(harness, result);
}

fn answer_list(harness: &mut Harness<'_, Stage>, result: Result<Vec<UnfinishedUpload>, Failure>) {
    let Command::ListUnfinished { request, connection, bucket } = harness.state_mut().the_command() else {
        panic!("a list")
    };
    tell(harness, Event::UnfinishedListed { request, connection, bucket, result: result.map_err(Box::new) });
}

fn listed() -> Harness<'static, Stage> {
    let mut harness = empty(Looks::default());
    list(&mut harness, Ok(uploads()));
    harness
}

/// Confirms the abort of this key and answers it.
fn abort(harness: &mut Harness<'_, Stage>, key: &str, button: &str, result: Result<Option<u64>, Failure>) {
    click_button(harness, &format!("Abort the upload of {key}"));
    assert_eq!(focused(harness), "Cancel", "the safe button has the keyboard");
    click_button(harness, button);
    let Command::AbortUnfinished { request, connection, bucket, upload } = harness.state_mut().the_command() else {
        panic!("an abort")
    };
    assert_eq!(upload.key.as_str(), key);
    let object = Box::new(ObjectRef { connection, bucket, key: upload.key.clone() });
    let upload_id = upload.upload_id.clone();
    tell(harness, Event::UnfinishedAborted { request, object, upload_id, result: result.map_err(Box::new) });
}

#[test]
fn an_upload_of_the_same_id_elsewhere_stays_on_the_list() {
    let mut harness = listed();
    let UnfinishedUpload { key, upload_id, .. } = uploads().swap_remove(0);
    let here = ObjectRef { connection: connection().id, bucket: bucket(), key };
    let others = [
        ObjectRef { connection: ConnectionId::new("another"), ..here.clone() },
        ObjectRef { bucket: BucketName::new("another-bucket").unwrap(), ..here.clone() },
        ObjectRef { key: ObjectKey::new("another.bin"), ..here.clone() },
    ];
    for object in others {
        let request = RequestId::next();
        tell(
            &mut harness,
            Event::UnfinishedAborted {
                request,
                object: Box::new(object),
                upload_id: upload_id.clone(),
                result: Ok(Some(7)),
            },
        );
        let words = spoken(&harness);
        assert!(words.contains("4 uploads, at least 26.8 GB") && !words.contains("freed"), "{words}");
    }
    let request = RequestId::next();
    tell(&mut harness, Event::UnfinishedAborted { request, object: Box::new(here), upload_id, result: Ok(Some(7)) });
    assert!(spoken(&harness).contains("1 upload aborted"));
}

#[test]
fn unfinished_uploads_say_whose_they_are_and_what_they_hold() {
    let harness = listed();
    let words = spoken(&harness);
    for line in [
        "backup/전체 백업 2026-11.tar.zst, Someone else’s, begun 2026-11-17",
        "3 days ago · 412 parts, 26.4 GB, ~US$0.61 a month",
        "launch-film-4k.mov, In the transfers",
        "335 MB, under US$0.01 a month",
        "photos/2026/party.mp4, Left by Bucketdrop",
        "parts unknown, size unknown",
        "4 uploads, at least 26.8 GB",
        "roughly US$0.62 a month",
        "A rough figure: the list price of Amazon S3",
    ] {
        assert!(words.contains(line), "{line:?} is missing in {words}");
    }
}

#[test]
fn what_the_buckets_own_rules_do_about_unfinished_uploads_is_told_once_it_is_known() {
    let rule = |prefix: &str, days| CleaningRule { prefix: prefix.to_owned(), days };
    for (rules, english, korean) in [
        (BucketCleaning::Rules(vec![rule("", 1)]), "by itself a day after", "시작한 지 1일이 지난"),
        (
            BucketCleaning::Rules(vec![rule("", 7), rule("logs/", 3)]),
            "by itself 7 days after they were begun. There is another such rule.",
            "시작한 지 7일이 지난 끝나지 않은 업로드를 자동으로 중단합니다. 이런 규칙이 1개 더 있습니다.",
        ),
        (BucketCleaning::Rules(vec![rule("logs/", 3)]), "begin with “logs/” by itself 3 days", "접두사 “logs/” 아래"),
        (BucketCleaning::NoRule, "No lifecycle rule of this bucket aborts", "수명 주기 규칙이 없습니다"),
        (BucketCleaning::NotReadable, "These keys may not read whether", "이 키로는 읽을 수 없습니다"),
        (BucketCleaning::NotOffered, "This service does not tell of", "이 서비스는"),
    ] {
        for (lang, line) in [(Lang::En, english), (Lang::Ko, korean)] {
            let mut harness = empty(Looks { lang, ..Looks::default() });
            show(&mut harness, Dialog::Unfinished { connection: connection().id, bucket: bucket() });
            let Command::ListUnfinished { request, connection, bucket } = harness.state_mut().the_command() else {
                panic!("a list")
            };
            assert!(!spoken(&harness).contains(line), "nobody knows yet");
            tell(&mut harness, Event::UnfinishedRules { request: RequestId::next(), rules: BucketCleaning::NoRule });
            assert!(!spoken(&harness).contains(line), "an answer to another question");
            tell(&mut harness, Event::UnfinishedListed { request, connection, bucket, result: Ok(uploads()) });
            tell(&mut harness, Event::UnfinishedRules { request, rules: rules.clone() });
            let words = spoken(&harness);
            assert!(words.contains(line), "{line:?} is missing in {words}");
        }
    }
}

#[test]
fn the_upload_of_a_transfer_goes_on_or_is_cancelled_with_it() {
    let mut harness = listed();
    click_button(&mut harness, "Abort the upload of launch-film-4k.mov");
    let words = spoken(&harness);
    assert!(words.contains("its transfer is cancelled") && words.contains("Frees 335 MB in 40 parts"), "{words}");
    press(&mut harness, Key::Escape);
    assert!(harness.state_mut().take_commands().is_empty());
    abort(&mut harness, "launch-film-4k.mov", "Abort and free 335 MB", Ok(Some(335_000_000)));
    assert!(spoken(&harness).contains("1 upload aborted, 335 MB freed"));
    assert!(harness.query_by_label("Go on with launch-film-4k.mov").is_none());
}

#[test]
fn loading_nothing_and_refused_are_three_things() {
    let mut harness = open(Dialog::Unfinished { connection: connection().id, bucket: bucket() });
    assert!(spoken(&harness).contains("Asking for unfinished uploads…"));
    assert!(!spoken(&harness).contains("No unfinished uploads"), "nobody knows yet");
    answer_list(&mut harness, Ok(Vec::new()));
    assert!(spoken(&harness).contains("No unfinished uploads"));
    click_button(&mut harness, "Ask again");
    let refused = Failure::new(FailureKind::AccessDenied).with("action", "s3:ListBucketMultipartUploads");
    answer_list(&mut harness, Err(refused.detail("AccessDenied 4442587FB7D0A2F9")));
    let words = spoken(&harness);
    assert!(!words.contains("No unfinished uploads"), "refused is not empty: {words}");
    assert!(words.contains("s3:ListBucketMultipartUploads"), "{words}");
    click_button(&mut harness, "Details");
    assert!(spoken(&harness).contains("4442587FB7D0A2F9"));
}

#[test]
fn an_abort_names_what_and_how_much_and_tells_what_was_freed() {
    let mut harness = listed();
    click_button(&mut harness, "Abort the upload of backup/전체 백업 2026-11.tar.zst");
    let words = spoken(&harness);
    assert!(words.contains("s3://weandb/backup/전체 백업 2026-11.tar.zst"), "{words}");
    assert!(words.contains("Frees 26.4 GB in 412 parts"), "{words}");
    assert!(words.contains("If another program is still sending it, that upload fails"));
    press(&mut harness, Key::Escape);
    assert!(harness.state_mut().take_commands().is_empty(), "nothing is aborted without a word");

    abort(&mut harness, "photos/2026/party.mp4", "Abort and free 25.2 MB", Ok(Some(25_200_000)));
    let words = spoken(&harness);
    assert!(words.contains("1 upload aborted, 25.2 MB freed"), "{words}");
    assert!(harness.query_by_label_contains("party.mp4, Left").is_none());
    abort(&mut harness, "locked/secret.bin", "Abort upload", Ok(None));
    assert!(spoken(&harness).contains("what that has freed cannot be counted with these keys"));
}

#[test]
fn an_abort_that_fails_keeps_its_row_and_asks_the_list_again() {
    let mut harness = listed();
    let failure = Failure::new(FailureKind::ServerError);
    abort(&mut harness, "photos/2026/party.mp4", "Abort and free 25.2 MB", Err(failure));
    answer_list(&mut harness, Ok(uploads()));
    let words = spoken(&harness);
    assert!(words.contains("has a problem of its own"), "{words}");
    assert!(!words.contains("freed"), "nothing was: {words}");
}

#[test]
fn ours_in_the_queue_goes_on() {
    let mut harness = listed();
    click_button(&mut harness, "Go on with launch-film-4k.mov");
    assert!(!harness.state().dialogs.is_open());
    assert!(harness.state().actions.iter().any(|action| matches!(action, Action::GoOnWith(_))));
}

#[test]
fn a_bucket_that_is_not_empty_leads_to_what_no_listing_shows() {
    let mut harness = open(Dialog::DeleteBucket(bucket()));
    click_button(&mut harness, "Delete bucket");
    let Command::DeleteBucket { request, name, .. } = harness.state_mut().the_command() else { panic!("a deletion") };
    let failure = Box::new(Failure::new(FailureKind::BucketNotEmpty).with("bucket", "weandb"));
    tell(&mut harness, Event::BucketDeleted { request, name, result: Err(failure) });
    click_button(&mut harness, "Unfinished uploads…");
    assert!(matches!(harness.state_mut().the_command(), Command::ListUnfinished { .. }));
}

/// Two batches that are through.
pub(super) fn finished(harness: &mut Harness<'_, Stage>) {
    for (files, bytes) in [(128, 4_210_000_000), (1, 3_400)] {
        let summary = BatchSummary {
            to: location(),
            kind: TransferKind::Upload,
            done: files,
            skipped: 0,
            cancelled: 0,
            failed: 0,
            done_bytes: bytes,
            elapsed: std::time::Duration::from_secs(9),
            objects: Vec::new(),
            first_failure: None,
        };
        harness.state_mut().apply(&Event::BatchFinished { batch: BatchId::next(), summary: Box::new(summary) });
    }
    show(harness, Dialog::Receipts);
}

#[test]
fn receipts_are_made_of_finished_batches_the_newest_first() {
    let mut harness = empty(Looks::default());
    finished(&mut harness);
    let rows: Vec<String> =
        harness.query_all_by_role(Role::ListItem).filter_map(|row| row.accesskit_node().label()).collect();
    assert_eq!(rows, ["s3://weandb/photos/2026/, 1 file, 3.4 KB", "s3://weandb/photos/2026/, 128 files, 4.2 GB"]);
    let newest = harness.state().model.finished.last().map(|batch| batch.batch);
    let save = harness.query_all_by_label("Save the receipt of s3://weandb/photos/2026/").next().unwrap();
    save.click();
    harness.run();
    let asked = harness.state().actions.iter().find_map(|action| match action {
        Action::PickReceiptPlace(batch) => Some(*batch),
        _ => None,
    });
    assert_eq!(asked, newest);

    let mut harness = open(Dialog::Receipts);
    assert!(spoken(&harness).contains("also once they are off the list"));
    click_button(&mut harness, "Check a receipt…");
    assert!(harness.state().actions.iter().any(|action| matches!(action, Action::Ui(UiCommand::CheckReceipt))));
}

fn row(key: &str, verdict: ReceiptVerdict, why: Option<Failure>) -> CheckedRow {
    CheckedRow { bucket: bucket(), key: ObjectKey::new(key), verdict, why }
}

/// A check under way, with its request.
pub(super) fn checking(harness: &mut Harness<'_, Stage>) -> RequestId {
    show(harness, Dialog::CheckReceipt("/home/user/receipt-weandb.csv".into()));
    let label = bucketdrop::locale::text(bucketdrop::ui::text::lang(&harness.ctx), "dialog-receipt-check-start");
    click_button(harness, &label);
    let Command::CheckReceipt { request, connection, verify, .. } = harness.state_mut().the_command() else {
        panic!("a check")
    };
    assert_eq!((connection, verify), (None, VerifyWish::Proof));
    request
}

pub(super) fn with_problems(harness: &mut Harness<'_, Stage>) {
    let request = checking(harness);
    let refused = Failure::new(FailureKind::AccessDenied).with("bucket", "weandb");
    let rows = vec![
        row("photos/2026/a.jpg", ReceiptVerdict::Same, None),
        row("photos/2026/경복궁 가을.jpg", ReceiptVerdict::Changed, None),
        row("photos/2026/README.md", ReceiptVerdict::Gone, None),
        row("locked/b.jpg", ReceiptVerdict::Unknown, Some(refused)),
    ];
    let counts = ReceiptCounts { same: 125, changed: 1, gone: 1, unknown: 1 };
    tell(harness, Event::ReceiptChecked { request, rows, counts, end: Some(Ok(())) });
}

#[test]
fn a_checked_receipt_tells_counts_and_names_the_problems() {
    let mut harness = empty(Looks::default());
    with_problems(&mut harness);
    let words = spoken(&harness);
    for line in [
        "125 objects as they were stored",
        "1 object holds something else now",
        "1 object is gone",
        "1 object could not be checked",
        "s3://weandb/photos/2026/경복궁 가을.jpg, holds something else now",
        "s3://weandb/photos/2026/README.md, gone",
        "s3://weandb/locked/b.jpg, not known: ",
    ] {
        assert!(words.contains(line), "{line:?} is missing in {words}");
    }
    assert!(!words.contains("a.jpg, "), "what is right is only counted: {words}");
    click_button(&mut harness, "Copy problems");
    let copied = harness.state().actions.iter().find_map(|action| match action {
        Action::CopyText { text, .. } => Some(text.clone()),
        _ => None,
    });
    assert_eq!(copied.unwrap().as_str().lines().count(), 3);
}

#[test]
fn a_receipt_that_holds_says_so_and_one_that_was_stopped_does_not() {
    let mut harness = empty(Looks::default());
    let request = checking(&mut harness);
    let counts = ReceiptCounts { same: 2, ..ReceiptCounts::default() };
    let rows = vec![row("a", ReceiptVerdict::Same, None), row("b", ReceiptVerdict::Same, None)];
    tell(&mut harness, Event::ReceiptChecked { request, rows: rows.clone(), counts, end: None });
    assert!(spoken(&harness).contains("2 objects checked so far"));
    tell(&mut harness, Event::ReceiptChecked { request, rows: Vec::new(), counts, end: Some(Ok(())) });
    assert!(spoken(&harness).contains("All 2 objects of the receipt are in the bucket as they were stored"));

    click_button(&mut harness, "Check again");
    click_button(&mut harness, "Check");
    let Command::CheckReceipt { request, .. } = harness.state_mut().the_command() else { panic!("a check") };
    tell(&mut harness, Event::ReceiptChecked { request, rows, counts, end: None });
    click_button(&mut harness, "Stop");
    assert!(matches!(harness.state_mut().the_command(), Command::StopRequest { request: asked } if asked == request));
    let end = Some(Err(Box::new(Failure::new(FailureKind::Cancelled))));
    tell(&mut harness, Event::ReceiptChecked { request, rows: Vec::new(), counts, end });
    let words = spoken(&harness);
    assert!(words.contains("The check was stopped: the rest is not known"), "{words}");
    assert!(!words.contains("All 2 objects"), "{words}");
}

#[test]
fn a_receipt_can_be_checked_through_the_open_connection_and_byte_by_byte() {
    let mut harness = open(Dialog::CheckReceipt("/home/user/receipt.json".into()));
    click(&mut harness, Role::ComboBox, "Connection");
    click(&mut harness, Role::ListBoxOption, "Studio AWS");
    click(&mut harness, Role::ComboBox, "How");
    click(&mut harness, Role::ListBoxOption, "Fetch every object and compare its bytes");
    assert!(spoken(&harness).contains("Fetching downloads everything once"));
    click_button(&mut harness, "Check");
    let Command::CheckReceipt { request, connection: through, verify, .. } = harness.state_mut().the_command() else {
        panic!("a check")
    };
    assert_eq!((through, verify), (Some(connection().id), VerifyWish::ReadBack));
    let end = Some(Err(Box::new(Failure::new(FailureKind::NotAReceipt).with("path", "/home/user/receipt.json"))));
    let counts = ReceiptCounts::default();
    tell(&mut harness, Event::ReceiptChecked { request, rows: Vec::new(), counts, end });
    let words = spoken(&harness);
    assert!(words.contains("is no receipt of Bucketdrop"), "{words}");
    press(&mut harness, Key::Escape);
    assert!(!harness.state().dialogs.is_open());
}

/// A diagnosis that the user has agreed to.
pub(super) fn diagnosed(harness: &mut Harness<'_, Stage>, result: Result<WriteDiagnosis, Failure>) {
    show(harness, Dialog::Diagnose(location()));
    let lang = bucketdrop::ui::text::lang(&harness.ctx);
    click_button(harness, &bucketdrop::locale::text(lang, "dialog-diagnose-start"));
    let Command::DiagnoseConnection { request, at } = harness.state_mut().the_command() else { panic!("a diagnosis") };
    assert_eq!(at, location());
    tell(harness, Event::ConnectionDiagnosed { request, result: result.map(Box::new).map_err(Box::new) });
}

pub(super) const STRICT: WriteDiagnosis =
    WriteDiagnosis { takes_checksums: true, verifies_checksums: Some(true), honours_conditions: true, left: None };

#[test]
fn nothing_is_written_for_a_diagnosis_before_the_user_agrees() {
    let mut harness = open(Dialog::Diagnose(location()));
    let words = spoken(&harness);
    assert!(words.contains("s3://weandb/photos/2026/.bucketdrop-diagnosis-"), "it says where: {words}");
    assert!(words.contains("written a few times") && words.contains("removed"), "{words}");
    assert_eq!(focused(&harness), "Cancel");
    press(&mut harness, Key::Enter);
    assert!(harness.state_mut().take_commands().is_empty());
    assert!(!harness.state().dialogs.is_open());
}

#[test]
fn a_diagnosis_says_what_the_service_does() {
    let mut harness = empty(Looks::default());
    diagnosed(&mut harness, Ok(STRICT));
    let words = spoken(&harness);
    assert!(words.contains("Refuses an object whose bytes do not fit their checksum"), "{words}");
    assert!(words.contains("Refuses to overwrite when asked not to"), "{words}");
    assert!(words.contains("The small object is removed again"), "{words}");

    let mut harness = empty(Looks::default());
    let left = Some(ObjectKey::new("photos/2026/.bucketdrop-diagnosis-1"));
    let lax =
        WriteDiagnosis { takes_checksums: true, verifies_checksums: Some(false), honours_conditions: false, left };
    diagnosed(&mut harness, Ok(lax));
    let words = spoken(&harness);
    assert!(words.contains("stores an object whose bytes do not fit them"), "{words}");
    assert!(words.contains("Overwrites although asked not to"), "{words}");
    assert!(words.contains("delete it by hand: photos/2026/.bucketdrop-diagnosis-1"), "{words}");
}

#[test]
fn hours_with_another_speed_are_settings() {
    let mut harness = open(Dialog::Settings);
    click(&mut harness, Role::RadioButton, "Transfers");
    click(&mut harness, Role::ComboBox, "At certain hours");
    click(&mut harness, Role::ListBoxOption, "Another limit");
    let plan = |harness: &Harness<'_, Stage>| {
        let changed = harness.state().actions.iter().rev().find_map(|action| match action {
            Action::ChangeSettings(settings) => Some(settings.bandwidth),
            _ => None,
        });
        changed.and_then(|bandwidth| bandwidth.hours)
    };
    assert_eq!(plan(&harness), None, "no speed is typed yet");
    fill(&mut harness, Role::TextInput, "Speed then", "500 KB/s");
    press(&mut harness, Key::Enter);
    let night = BandwidthHours { from_minute: 22 * 60, to_minute: 6 * 60, limit: Some(500_000) };
    assert_eq!(plan(&harness), Some(night));
    assert!(spoken(&harness).contains("Over midnight"));
    for (field, time) in [("From", "09:00"), ("To", "17:30")] {
        click(&mut harness, Role::ComboBox, field);
        // The list is scrolled to what is chosen; a screen reader reaches every line of it.
        harness.get_by_role_and_label(Role::ListBoxOption, time).click_accesskit();
        harness.run();
    }
    let office = BandwidthHours { from_minute: 9 * 60, to_minute: 17 * 60 + 30, limit: Some(500_000) };
    assert_eq!(plan(&harness), Some(office));
    click(&mut harness, Role::ComboBox, "At certain hours");
    click(&mut harness, Role::ListBoxOption, "Upload nothing");
    assert_eq!(plan(&harness), Some(BandwidthHours { limit: Some(0), ..office }));
    click(&mut harness, Role::ComboBox, "At certain hours");
    click(&mut harness, Role::ListBoxOption, "No other speed");
    assert_eq!(plan(&harness), None);
}

#[test]
fn a_folder_name_with_a_slash_says_what_it_makes() {
    let mut harness = open(Dialog::CreateFolder(location()));
    fill(&mut harness, Role::TextInput, "Name of the folder", "photos/a");
    let words = spoken(&harness);
    assert!(words.contains("Makes 2 folders, one in the other: s3://weandb/photos/2026/photos/a/"), "{words}");
    fill(&mut harness, Role::TextInput, "Name of the folder", "plain/");
    assert!(!spoken(&harness).contains("one in the other"));
}

#[test]
fn korean_counts_and_names_the_same() {
    let mut harness = empty(Looks { lang: Lang::Ko, ..Looks::default() });
    list(&mut harness, Ok(uploads()));
    let words = spoken(&harness);
    assert!(words.contains("업로드 4개, 적어도 26.8 GB"), "{words}");
    assert!(words.contains("Bucketdrop이 남긴 것") && words.contains("파트 412개"), "{words}");
}
