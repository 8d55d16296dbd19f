//! Every dialog in both languages and themes, at the usual and the smallest window: it settles, every control has
//! a name, every character a glyph, nothing sticks out of the window, and no text is cut.
//! With `BUCKETDROP_PICTURES=folder` each is also painted into a picture, to be looked at.

use std::path::PathBuf;

use bucketdrop::locale::Lang;
use bucketdrop::model::*;
use bucketdrop::ui::dialogs::{Dialog, PathWanted, Whose};
use egui_kittest::Harness;
use egui_kittest::kittest::{NodeT as _, Queryable as _};

use super::stage::{Looks, Stage, connection, empty, location, show, tell};
use super::{losses, reports};

pub(super) type Scene = fn(&mut Harness<'_, Stage>);

fn draft() -> ConnectionDraft {
    ConnectionDraft {
        name: "Studio AWS".into(),
        region: "ap-northeast-2".into(),
        access_key_id: "AKIAIOSFODNN7EXAMPLE".into(),
        secret_access_key: Secret::new("wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"),
        ..ConnectionDraft::default()
    }
}

fn click_id(harness: &mut Harness<'_, Stage>, id: &str) {
    let lang = bucketdrop::ui::text::lang(&harness.ctx);
    let label = bucketdrop::locale::text(lang, id);
    harness.get_by_role_and_label(egui::accesskit::Role::Button, &label).click();
    harness.run();
}

fn tested(harness: &mut Harness<'_, Stage>) {
    show(harness, Dialog::NewConnection(Box::new(draft())));
    click_id(harness, "connection-test");
    let Command::TestConnection { request, .. } = harness.state_mut().the_command() else { panic!("a test") };
    let lines = vec![
        TestLine::Reached { host: "s3.ap-northeast-2.amazonaws.com".into(), elapsed_ms: 31 },
        TestLine::Clock { offset_secs: 4 },
        TestLine::SignedIn { key: "AKIA…MPLE".into() },
        TestLine::MayNotListBuckets,
    ];
    tell(harness, Event::ConnectionTested { request, report: Box::new(TestReport { lines }) });
}

fn keychain_failed(harness: &mut Harness<'_, Stage>) {
    show(harness, Dialog::NewConnection(Box::new(draft())));
    click_id(harness, "connection-save");
    let Command::SaveConnection { request, .. } = harness.state_mut().the_command() else { panic!("a save") };
    let failure = Failure::new(FailureKind::KeychainSilent).detail("no answer in 5 s");
    tell(harness, Event::ConnectionSaved { request, result: Err(Box::new(failure)) });
}

fn field_errors(harness: &mut Harness<'_, Stage>) {
    let draft = ConnectionDraft { service: Service::Other, scopes: "/bad".into(), ..ConnectionDraft::default() };
    show(harness, Dialog::NewConnection(Box::new(draft)));
    click_id(harness, "connection-more");
    click_id(harness, "connection-save");
}

fn templates(harness: &mut Harness<'_, Stage>) {
    let row = |place: &str, pattern: &str, drop_prefix: &str| LinkDomainDraft {
        place: place.into(),
        pattern: pattern.into(),
        drop_prefix: drop_prefix.into(),
    };
    let rows = vec![
        row("", "https://cdn.example.com/media/{bucket}/{key}", ""),
        row("weandb/photos/", "http://{bucket}.s3-website-{region}.amazonaws.com/{key}", "photos/"),
        row("weandb", "https://img.example.com/{name}", ""),
    ];
    let draft = ConnectionDraft { scopes: "weandb".into(), link_domains: rows, ..draft() };
    show(harness, Dialog::NewConnection(Box::new(draft)));
    let lang = bucketdrop::ui::text::lang(&harness.ctx);
    let label = bucketdrop::locale::text_with(lang, "templates-test", &[("number", "2")]);
    let test = harness.get_by_role_and_label(egui::accesskit::Role::Button, &label);
    test.scroll_to_me();
    test.click_accesskit();
    harness.run();
}

fn profiles(harness: &mut Harness<'_, Stage>) {
    show(harness, Dialog::AwsProfiles);
    let Command::ListAwsProfiles { request } = harness.state_mut().the_command() else { panic!("profiles") };
    let result = Ok(vec!["default".into(), "studio-sso".into()]);
    tell(harness, Event::AwsProfilesListed { request, result });
}

fn conflict(harness: &mut Harness<'_, Stage>) {
    let object = location().object(ObjectKey::new("photos/2026/경복궁 가을.jpg"));
    tell(harness, Event::ConflictFound(Box::new(super::flows::conflict_of(object, BatchId::next(), 127))));
}

fn names(harness: &mut Harness<'_, Stage>) {
    let question = |path: &str, problem, suggestion: &str| NameQuestion {
        path: PathBuf::from(path),
        key: String::new(),
        problem,
        suggestion: suggestion.into(),
    };
    let questions = vec![
        question("/home/user/사진/bad\u{1}name.jpg", KeyProblem::ControlCharacter, "photos/2026/bad_name.jpg"),
        question("/home/user/photos/long.txt", KeyProblem::TooLong(1100), "photos/2026/long.txt"),
    ];
    tell(harness, Event::NamesNeeded { batch: BatchId::next(), questions });
}

fn skipped(harness: &mut Harness<'_, Stage>) {
    let item = |path: &str, reason| SkippedItem { path: PathBuf::from(path), reason };
    let skipped = vec![
        item("/home/user/photos/.DS_Store", SkipReason::SystemFile),
        item("/home/user/photos/latest", SkipReason::SymbolicLink),
        item("/home/user/photos/secret.txt", SkipReason::Unreadable("Permission denied".into())),
    ];
    let (batch, counts) = (BatchId::next(), BatchCounts::default());
    tell(harness, Event::BatchScanned { batch, counts, skipped, progress: ScanProgress::Complete });
    show(harness, Dialog::Skipped(None));
}

fn delete(harness: &mut Harness<'_, Stage>) {
    let targets = vec![Target::Folder(Prefix::new("photos/2026/"))];
    show(harness, Dialog::DeleteObjects { at: location(), targets });
    let Command::CountObjects { request, .. } = harness.state_mut().the_command() else { panic!("a count") };
    let first_keys = ["photos/2026/경복궁 가을.jpg", "photos/2026/boto3-objective.png", "photos/2026/README.md"];
    let count = ObjectCount {
        objects: 1_204,
        total_bytes: 52_800_000_000,
        first_keys: first_keys.map(ObjectKey::new).to_vec(),
        ..ObjectCount::default()
    };
    tell(harness, Event::ObjectsCounted { request, count: Box::new(count), end: Some(Ok(())) });
}

fn signed_link(harness: &mut Harness<'_, Stage>) {
    show(harness, Dialog::SignedLink(vec![location().object(ObjectKey::new("photos/2026/경복궁 가을.jpg"))]));
}

fn quit(harness: &mut Harness<'_, Stage>) {
    let counts = TransferCounts { active: 3, ..TransferCounts::default() };
    let remaining = Some(std::time::Duration::from_secs(130));
    let view = TransfersView { counts, remaining, ..TransfersView::default() };
    harness.state_mut().apply(&Event::Transfers(Box::new(view)));
    show(harness, Dialog::Quit);
}

fn details(harness: &mut Harness<'_, Stage>) {
    let failure = Failure::new(FailureKind::AccessDenied)
        .with("bucket", "weandb")
        .with("action", "s3:ListBucket")
        .detail("AccessDenied: User is not authorized to perform: s3:ListBucket\nrequest id 4442587FB7D0A2F9");
    show(harness, Dialog::ErrorDetails(Box::new(failure)));
}

fn settings_page(harness: &mut Harness<'_, Stage>, id: &str) {
    show(harness, Dialog::Settings);
    let lang = bucketdrop::ui::text::lang(&harness.ctx);
    let label = bucketdrop::locale::text(lang, id);
    harness.get_by_role_and_label(egui::accesskit::Role::RadioButton, &label).click();
    harness.run();
}

fn menu(harness: &mut Harness<'_, Stage>, id: &str) {
    show(harness, Dialog::NewConnection(Box::default()));
    let lang = bucketdrop::ui::text::lang(&harness.ctx);
    let label = bucketdrop::locale::text(lang, id);
    harness.get_by_role_and_label(egui::accesskit::Role::ComboBox, &label).click();
    harness.run();
}

fn deletion(harness: &mut Harness<'_, Stage>, end: Option<Result<(), Box<Failure>>>) {
    let targets = vec![Target::Object(ObjectKey::new("photos/2026/a.jpg"))];
    show(harness, Dialog::DeleteObjects { at: location(), targets });
    let Command::CountObjects { request, .. } = harness.state_mut().the_command() else { panic!("a count") };
    let count = ObjectCount {
        objects: 3,
        total_bytes: 1_500_000,
        first_keys: vec![ObjectKey::new("photos/a.jpg")],
        ..ObjectCount::default()
    };
    tell(harness, Event::ObjectsCounted { request, count: Box::new(count), end: Some(Ok(())) });
    let lang = bucketdrop::ui::text::lang(&harness.ctx);
    let label = bucketdrop::locale::text_count(lang, "dialog-delete-button", 3, &[]);
    harness.get_by_role_and_label(egui::accesskit::Role::Button, &label).click();
    harness.run();
    let Command::DeleteObjects { request, .. } = harness.state_mut().the_command() else { panic!("a deletion") };
    let failure = Failure::new(FailureKind::AccessDenied).with("bucket", "weandb").detail("AccessDenied 4442587FB7");
    let failed = if end.is_some() { vec![(ObjectKey::new("photos/2026/locked.jpg"), failure)] } else { Vec::new() };
    tell(harness, Event::ObjectsDeleted { request, at: Box::new(location()), deleted: 2, came: 0, failed, end });
}

fn hours(harness: &mut Harness<'_, Stage>) {
    let hours = Some(BandwidthHours { from_minute: 540, to_minute: 1050, limit: Some(500_000) });
    let bandwidth = BandwidthPlan { limit: Some(10_000_000), hours };
    let settings = Settings { bandwidth, ..harness.state().model.settings.clone() };
    harness.state_mut().apply(&Event::SettingsChanged(Box::new(settings)));
    settings_page(harness, "settings-transfers");
}

fn abort(harness: &mut Harness<'_, Stage>) {
    let upload = Box::new(reports::uploads().remove(0));
    show(harness, Dialog::AbortUpload { connection: connection().id, bucket: location().bucket, upload });
}

fn unfinished_refused(harness: &mut Harness<'_, Stage>) {
    let failure = Failure::new(FailureKind::AccessDenied).with("action", "s3:ListBucketMultipartUploads");
    reports::list(harness, Err(failure.with("bucket", "weandb").detail("AccessDenied 4442587FB7D0A2F9")));
}

fn diagnosed_lax(harness: &mut Harness<'_, Stage>) {
    let left = Some(ObjectKey::new("photos/2026/.bucketdrop-diagnosis-018f6c2a"));
    let found = WriteDiagnosis { verifies_checksums: Some(false), honours_conditions: false, left, ..reports::STRICT };
    reports::diagnosed(harness, Ok(found));
}

fn film() -> Whose {
    Whose::One { transfer: TransferId::next(), name: "launch-film-4k.mov".into() }
}

/// A deletion after which something new is there.
fn came(harness: &mut Harness<'_, Stage>) {
    let targets = vec![Target::Folder(Prefix::new("photos/2026/"))];
    show(harness, Dialog::DeleteObjects { at: location(), targets });
    let Command::CountObjects { request, .. } = harness.state_mut().the_command() else { panic!("a count") };
    let count = Box::new(ObjectCount { objects: 3, total_bytes: 9_000_000, ..ObjectCount::default() });
    tell(harness, Event::ObjectsCounted { request, count, end: Some(Ok(())) });
    let label =
        bucketdrop::locale::text_count(bucketdrop::ui::text::lang(&harness.ctx), "dialog-delete-button", 3, &[]);
    super::stage::click_button(harness, &label);
    let Command::DeleteObjects { request, .. } = harness.state_mut().the_command() else { panic!("a deletion") };
    let (at, failed) = (Box::new(location()), Vec::new());
    tell(harness, Event::ObjectsDeleted { request, at, deleted: 3, came: 2, failed, end: Some(Ok(())) });
}

/// Each dialog as somebody would meet it.
pub(super) const SCENES: [(&str, Scene); 52] = [
    ("cancel-all", |h| drop(losses::told(h, Dialog::CancelTransfers(Whose::All), losses::stake()))),
    ("cancel-one", |h| drop(losses::told(h, Dialog::CancelTransfers(film()), losses::stake()))),
    ("remove-failed", |h| drop(losses::told(h, Dialog::RemoveFailed(Whose::All), losses::stake()))),
    ("delete-connection-used", |h| {
        losses::told(h, Dialog::DeleteConnection(connection().id), losses::stake());
    }),
    ("connection-in-use", losses::in_use),
    ("share-applying", |h| {
        losses::applying(h);
    }),
    ("share-unsure", |h| drop(losses::unsure(h))),
    ("delete-came", came),
    ("sleep-failed", |h| {
        let stage = h.state_mut();
        stage.model.note_failed_at_end(3);
        stage.apply(&Event::SleepsSoon { in_secs: Some(30) });
        show(h, Dialog::SleepsSoon);
    }),
    ("unfinished", |h| reports::list(h, Ok(reports::uploads()))),
    ("unfinished-none", |h| reports::list(h, Ok(Vec::new()))),
    ("unfinished-refused", unfinished_refused),
    ("unfinished-asking", |h| {
        show(h, Dialog::Unfinished { connection: connection().id, bucket: location().bucket });
    }),
    ("unfinished-abort", abort),
    ("receipts", reports::finished),
    ("receipts-none", |h| show(h, Dialog::Receipts)),
    ("receipt-check", |h| show(h, Dialog::CheckReceipt("/home/user/receipt-weandb.csv".into()))),
    ("receipt-problems", reports::with_problems),
    ("receipt-path", |h| show(h, Dialog::EnterPath(PathWanted::SaveReceipt { batch: BatchId::next() }))),
    ("diagnose", |h| show(h, Dialog::Diagnose(location()))),
    ("diagnosed", |h| reports::diagnosed(h, Ok(reports::STRICT))),
    ("diagnosed-lax", diagnosed_lax),
    ("settings-hours", hours),
    ("menu-region", |h| menu(h, "connection-region")),
    ("menu-service", |h| menu(h, "connection-service")),
    ("delete-running", |h| deletion(h, None)),
    ("delete-ended", |h| deletion(h, Some(Ok(())))),
    ("connection-new", |h| show(h, Dialog::NewConnection(Box::default()))),
    ("connection-edit", |h| show(h, Dialog::EditConnection(connection().id))),
    ("connection-tested", tested),
    ("connection-keychain", keychain_failed),
    ("connection-errors", field_errors),
    ("connection-templates", templates),
    ("connection-profiles", profiles),
    ("conflict", conflict),
    ("names", names),
    ("skipped", skipped),
    ("delete-objects", delete),
    ("signed-link", signed_link),
    ("quit", quit),
    ("error-details", details),
    ("create-bucket", |h| show(h, Dialog::CreateBucket)),
    ("delete-bucket", |h| show(h, Dialog::DeleteBucket(BucketName::new("weandb").unwrap()))),
    ("delete-connection", |h| show(h, Dialog::DeleteConnection(connection().id))),
    ("create-folder", |h| show(h, Dialog::CreateFolder(location()))),
    ("add-place", |h| show(h, Dialog::AddPlace(location()))),
    ("enter-path", |h| show(h, Dialog::EnterPath(PathWanted::Upload { to: location() }))),
    ("settings-general", |h| settings_page(h, "settings-general")),
    ("settings-transfers", |h| settings_page(h, "settings-transfers")),
    ("settings-links", |h| settings_page(h, "settings-links")),
    ("settings-files", |h| settings_page(h, "settings-files")),
    ("delete-counting", |h| {
        let targets = vec![Target::Folder(Prefix::new("photos/2026/"))];
        show(h, Dialog::DeleteObjects { at: location(), targets });
    }),
];

#[test]
fn every_dialog_fits_and_speaks_in_both_languages_and_themes() {
    let pictures = std::env::var_os("BUCKETDROP_PICTURES").map(PathBuf::from);
    let wanted = std::env::var("BUCKETDROP_SCENE").unwrap_or_default();
    let scale = std::env::var("BUCKETDROP_SCALE").ok().and_then(|scale| scale.parse().ok()).unwrap_or(1.0);
    // The smallest window as a screen at 200 % shows it, too: there, letters have other widths.
    let windows = [([1280.0, 800.0], scale), ([900.0, 600.0], scale), ([900.0, 600.0], 2.0)];
    let mut missing = std::collections::BTreeSet::new();
    let mut cut = Vec::new();
    for (name, scene) in SCENES.into_iter().filter(|(name, _)| name.contains(&wanted)) {
        for (lang, theme) in [(Lang::En, egui::Theme::Light), (Lang::Ko, egui::Theme::Dark)] {
            for (size, scale) in windows {
                let mut harness = empty(Looks { lang, theme, size, scale });
                scene(&mut harness);
                fits(&harness, name, size);
                let where_shown = format!("{name} {} {size:?} at {scale}", lang.code());
                cut.extend(cut_texts(&harness).into_iter().map(|text| format!("{where_shown}: {text}")));
                let silent = crate::tree::problems(&harness.root());
                assert!(silent.is_empty(), "{name}: {silent:#?}");
                missing.extend(missing_texts(&harness));
                if let Some(folder) = &pictures {
                    let file = format!("{name}-{}-{}.png", lang.code(), size[0] * scale);
                    harness.render().unwrap().save(folder.join(file)).unwrap();
                }
            }
        }
    }
    assert!(cut.is_empty(), "texts are cut: {cut:#?}");
    assert!(missing.is_empty(), "texts are missing: {missing:?}");
}

/// Every button can be reached without scrolling sideways, and the footer is always in the window; the body scrolls.
fn fits(harness: &Harness<'_, Stage>, name: &str, [width, height]: [f32; 2]) {
    let mut has_footer = false;
    for node in harness.query_all_by_role(egui::accesskit::Role::Button) {
        let rect = node.rect();
        assert!(rect.min.x >= 0.0 && rect.max.x <= width, "{name}: {:?} at {rect:?}", node.accesskit_node().label());
        has_footer |= rect.min.y > height / 3.0 && rect.max.y <= height;
    }
    assert!(has_footer, "{name} has no button in the lower part of the window");
}

/// Texts that are not seen whole from left to right: cut by what they stand in, outside of
/// the dialog, or shortened by the toolkit. Fields scroll.
fn cut_texts(harness: &Harness<'_, Stage>) -> Vec<String> {
    use egui::accesskit::Role;
    fn collect(shape: &egui::Shape, clip: egui::Rect, cut: &mut Vec<(egui::Rect, String)>) {
        match shape {
            egui::Shape::Vec(shapes) => shapes.iter().for_each(|shape| collect(shape, clip, cut)),
            egui::Shape::Text(text) => {
                let rect = text.visual_bounding_rect();
                let sticks_out = rect.min.x < clip.min.x - 1.0 || rect.max.x > clip.max.x + 1.0;
                if rect.y_range().intersects(clip.y_range()) && (sticks_out || text.galley.elided) {
                    cut.push((rect, format!("{:?} at {rect:?} in {clip:?}", text.galley.text())));
                }
            }
            _ => {}
        }
    }
    // Behind the dialogs there are no texts.
    let cards = harness.query_all_by_role(Role::Dialog).map(|card| card.rect());
    let card = cards.reduce(egui::Rect::union).expect("a dialog");
    let mut cut = Vec::new();
    for clipped in &harness.output().shapes {
        let mut clip = clipped.clip_rect;
        (clip.min.x, clip.max.x) = (clip.min.x.max(card.min.x), clip.max.x.min(card.max.x));
        collect(&clipped.shape, clip, &mut cut);
    }
    let fields = [Role::TextInput, Role::MultilineTextInput, Role::PasswordInput];
    let fields: Vec<_> = fields.into_iter().flat_map(|role| harness.query_all_by_role(role)).collect();
    let is_in_field = |rect: &egui::Rect| {
        fields.iter().any(|field| field.rect().intersects(*rect) && field.rect().y_range().contains(rect.center().y))
    };
    cut.into_iter().filter(|(rect, _)| !is_in_field(rect)).map(|(_, told)| told).collect()
}

/// An id without a text is shown as itself.
fn missing_texts(harness: &Harness<'_, Stage>) -> Vec<String> {
    let families = ["dialog-", "connection-", "settings-", "failure-", "skip-", "notice-"];
    let spoken = super::stage::spoken(harness);
    let is_id = |line: &&str| families.iter().any(|family| line.starts_with(family));
    spoken.lines().filter(is_id).map(str::to_owned).collect()
}
