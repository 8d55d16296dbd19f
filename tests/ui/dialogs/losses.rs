//! Questions before something is lost: transfers that are cancelled or taken off the list, connections in use, changes
//! of who can read whose outcome is not known.

use bucketdrop::model::*;
use bucketdrop::ui::actions::Action;
use bucketdrop::ui::dialogs::{Dialog, Whose};
use egui::Key;
use egui::accesskit::Role;
use egui_kittest::Harness;

use super::stage::{
    Stage, click, click_button, connection, focused, is_enabled, location, open, press, show, spoken, tell,
};

const GB: u64 = 1_000_000_000;

/// Three transfers that have not ended, twelve that have failed.
pub(super) fn stake() -> QueueStake {
    QueueStake {
        open: TransferAmount { transfers: 3, bytes: 14 * GB, moved_bytes: 6 * GB },
        failed: TransferAmount { transfers: 12, bytes: 2 * GB, moved_bytes: 0 },
        progress: ScanProgress::Complete,
    }
}

fn asked(harness: &mut Harness<'_, Stage>) -> (RequestId, Selection) {
    let Command::CountTransfers { request, selection } = harness.state_mut().the_command() else { panic!("a count") };
    (request, selection)
}

/// A dialog that has asked what is at stake, and has been told this.
pub(super) fn told(harness: &mut Harness<'_, Stage>, dialog: Dialog, stake: QueueStake) -> Selection {
    show(harness, dialog);
    let (request, selection) = asked(harness);
    tell(harness, Event::TransfersCounted { request, stake: Box::new(stake) });
    selection
}

fn one() -> Whose {
    Whose::One { transfer: TransferId::next(), name: "launch-film-4k.mov".into() }
}

#[test]
fn cancelling_all_says_how_much_is_lost_and_keeping_has_the_focus() {
    let mut harness = open(Dialog::CancelTransfers(Whose::All));
    assert!(!is_enabled(&harness, "Cancel"), "nothing is cancelled before it is counted");
    assert_eq!(focused(&harness), "Keep transferring");
    let (request, selection) = asked(&mut harness);
    assert_eq!(selection, Selection::All);
    tell(&mut harness, Event::TransfersCounted { request, stake: Box::new(stake()) });
    let said = spoken(&harness);
    for words in [
        "Cancel 3 transfers?",
        "3 transfers have not finished, 14.0 GB in all",
        "6.0 GB of 14.0 GB has been transferred already and would be lost",
    ] {
        assert!(said.contains(words), "{words}: {said}");
    }
    // The figures follow the queue.
    let counts = TransferCounts { active: 2, ..TransferCounts::default() };
    tell(&mut harness, Event::Transfers(Box::new(TransfersView { counts, ..TransfersView::default() })));
    let (request, _) = asked(&mut harness);
    let open = TransferAmount { transfers: 2, ..stake().open };
    tell(&mut harness, Event::TransfersCounted { request, stake: Box::new(QueueStake { open, ..stake() }) });
    click_button(&mut harness, "Cancel 2 transfers");
    assert!(matches!(
        harness.state_mut().the_command(),
        Command::Transfers { selection: Selection::All, action: TransferAction::Cancel }
    ));
    assert!(!harness.state().dialogs.is_open());
}

#[test]
fn nothing_is_cancelled_that_has_ended_meanwhile_nor_by_the_safe_way_out() {
    let mut harness = open(Dialog::CancelTransfers(one()));
    let (request, selection) = asked(&mut harness);
    assert!(matches!(selection, Selection::One(_)));
    assert!(spoken(&harness).contains("Cancel “launch-film-4k.mov”?"));
    tell(&mut harness, Event::TransfersCounted { request, stake: Box::default() });
    assert!(spoken(&harness).contains("Nothing is left"));
    assert!(!is_enabled(&harness, "Cancel this transfer"));
    press(&mut harness, Key::Enter);
    assert!(!harness.state().dialogs.is_open() && harness.state_mut().take_commands().is_empty());
}

#[test]
fn failed_ones_are_removed_by_themselves_and_asked_about() {
    let mut harness = open(Dialog::RemoveFailed(Whose::All));
    let (request, _) = asked(&mut harness);
    tell(&mut harness, Event::TransfersCounted { request, stake: Box::new(stake()) });
    let said = spoken(&harness);
    assert!(said.contains("Remove 12 failed transfers?") && said.contains("2.0 GB in all"), "{said}");
    assert!(!said.contains("would be lost"), "nothing of them is at the server");
    assert_eq!(focused(&harness), "Keep in the list");
    click_button(&mut harness, "Remove 12 transfers");
    assert!(matches!(
        harness.state_mut().the_command(),
        Command::Transfers { selection: Selection::All, action: TransferAction::ForgetFailed }
    ));
}

#[test]
fn deleting_a_connection_names_its_transfers_and_cancels_only_those() {
    let mut harness = open(Dialog::DeleteConnection(connection().id));
    let (request, selection) = asked(&mut harness);
    assert_eq!(selection, Selection::Connection(connection().id));
    // Nothing goes through it.
    tell(&mut harness, Event::TransfersCounted { request, stake: Box::default() });
    click_button(&mut harness, "Delete connection");
    let Command::DeleteConnection { request, open, .. } = harness.state_mut().the_command() else { panic!("it goes") };
    assert_eq!(open, OpenTransfers::Ask, "what has come meanwhile was not shown");
    let failure = Box::new(Failure::new(FailureKind::ConnectionInUse).with("connection", "Studio AWS"));
    tell(&mut harness, Event::ConnectionDeleted { request, id: connection().id, result: Err(failure) });
    let (request, _) = asked(&mut harness);
    tell(&mut harness, Event::TransfersCounted { request, stake: Box::new(stake()) });
    let said = spoken(&harness);
    for words in [
        "3 transfers have not finished, 14.0 GB in all",
        "12 transfers have failed, 2.0 GB in all",
        "6.0 GB of 16.0 GB has been transferred already and would be lost",
        "They are cancelled and leave the list with it",
    ] {
        assert!(said.contains(words), "{words}: {said}");
    }
    click_button(&mut harness, "Delete it and cancel 15 transfers");
    let Command::DeleteConnection { request, id, open } = harness.state_mut().the_command() else { panic!("it goes") };
    assert_eq!((&id, open), (&connection().id, OpenTransfers::Cancel));
    tell(&mut harness, Event::ConnectionDeleted { request, id, result: Ok(()) });
    assert!(!harness.state().dialogs.is_open());
}

/// The editor has met transfers, and is asking about them.
pub(super) fn in_use(harness: &mut Harness<'_, Stage>) {
    show(harness, Dialog::EditConnection(connection().id));
    harness.state_mut().take_commands();
    let save = bucketdrop::ui::text::t(&harness.ctx, "connection-save");
    click_button(harness, &save);
    let Command::SaveConnection { request, open, .. } = harness.state_mut().the_command() else { panic!("a save") };
    assert_eq!(open, OpenTransfers::Ask);
    let failure = Box::new(Failure::new(FailureKind::ConnectionInUse).with("connection", "Studio AWS"));
    tell(harness, Event::ConnectionSaved { request, result: Err(failure) });
    let (request, _) = asked(harness);
    tell(harness, Event::TransfersCounted { request, stake: Box::new(stake()) });
}

#[test]
fn leading_a_connection_elsewhere_asks_what_becomes_of_its_transfers() {
    let answers = [
        ("Save and cancel 15 transfers", Some(OpenTransfers::Cancel)),
        ("Save and let them follow", Some(OpenTransfers::Follow)),
        ("Go back", None),
    ];
    for (button, wanted) in answers {
        let mut harness = super::stage::empty(super::stage::Looks::default());
        in_use(&mut harness);
        let said = spoken(&harness);
        assert!(said.contains("Transfers still go through this connection"), "{said}");
        assert!(said.contains("3 transfers have not finished, 14.0 GB in all"), "{said}");
        assert_eq!(focused(&harness), "Go back");
        click_button(&mut harness, button);
        if let Some(wanted) = wanted {
            let Command::SaveConnection { open, .. } = harness.state_mut().the_command() else { panic!("a save") };
            assert_eq!(open, wanted);
        } else {
            assert!(harness.state_mut().take_commands().is_empty());
            assert!(spoken(&harness).contains("Edit connection"), "the form is there again");
        }
    }
}

pub(super) fn sharing_plan() -> SharingPlan {
    SharingPlan {
        connection: location().connection,
        bucket: location().bucket,
        what: OpenWhat::Prefix(Prefix::new("photos/2026/")),
        policy_before: None,
        statement: Some("{ \"Sid\": \"BucketdropPublicRead1\" }".to_owned()),
        policy_after: Some("{ \"Statement\": [] }".to_owned()),
        objects: 1_204,
        is_more: false,
        blocked_by: Vec::new(),
    }
}

/// The request is out.
pub(super) fn applying(harness: &mut Harness<'_, Stage>) -> RequestId {
    let plan = sharing_plan();
    let (connection, bucket, what) = (plan.connection.clone(), plan.bucket.clone(), plan.what.clone());
    show(harness, Dialog::MakePublic { connection, bucket, what });
    let Command::PlanSharing { request, .. } = harness.state_mut().the_command() else { panic!("a plan") };
    tell(harness, Event::SharingPlanned { request, result: Ok(Box::new(plan)) });
    // The words are in the language of the picture.
    let understood = bucketdrop::ui::text::t(&harness.ctx, "dialog-share-understood");
    let apply = bucketdrop::ui::text::t(&harness.ctx, "dialog-share-apply");
    click(harness, Role::CheckBox, &understood);
    click_button(harness, &apply);
    let Command::ApplySharing { request, .. } = harness.state_mut().the_command() else { panic!("it is done") };
    request
}

/// Nobody knows what has become of it.
pub(super) fn unsure(harness: &mut Harness<'_, Stage>) -> SharingChange {
    let request = applying(harness);
    let plan = sharing_plan();
    let change = SharingChange {
        id: SharingId(7),
        connection: plan.connection,
        bucket: plan.bucket,
        what: plan.what,
        made_at: "2026-11-21T05:02:00Z".parse().unwrap(),
        undone_at: None,
    };
    let failure = Box::new(Failure::new(FailureKind::Offline).with("host", "s3.example.com"));
    tell(harness, Event::SharingUnsure { request, change: Box::new(change.clone()), failure });
    change
}

#[test]
fn what_is_being_made_public_cannot_be_left_as_if_nothing_was_done() {
    let mut harness = super::stage::empty(super::stage::Looks::default());
    applying(&mut harness);
    assert!(!is_enabled(&harness, "Cancel"));
    assert!(spoken(&harness).contains("The request is on its way and cannot be stopped any more"));
    press(&mut harness, Key::Escape);
    assert!(harness.state().dialogs.is_open());
}

#[test]
fn an_unknown_outcome_is_called_that_and_can_be_looked_at_and_taken_back() {
    let mut harness = super::stage::empty(super::stage::Looks::default());
    let change = unsure(&mut harness);
    let said = spoken(&harness);
    assert!(said.contains("weandb/photos/2026/ may be public now"), "{said}");
    click_button(&mut harness, "Look again");
    let Command::LookAtSharing { request, change: asked } = harness.state_mut().the_command() else { panic!("a look") };
    assert_eq!(asked, change.id);
    let offline = Box::new(Failure::new(FailureKind::Offline));
    tell(&mut harness, Event::SharingFound { request, change: change.id, result: Err(offline) });
    assert!(spoken(&harness).contains("may be public now"));
    click_button(&mut harness, "Look again");
    let Command::LookAtSharing { request, .. } = harness.state_mut().the_command() else { panic!("a look") };
    tell(&mut harness, Event::SharingFound { request, change: change.id, result: Ok(SharingStands::NotMade) });
    assert!(!spoken(&harness).contains("may be public now"));
    assert!(!is_enabled(&harness, "Make public"), "it has to be agreed to anew");

    let mut harness = super::stage::empty(super::stage::Looks::default());
    let change = unsure(&mut harness);
    click_button(&mut harness, "Take it back");
    let undone = |action: &Action| matches!(action, Action::UndoSharing(id) if *id == change.id);
    assert!(harness.state().actions.iter().any(undone));
    tell(&mut harness, Event::SharingUndone { request: RequestId::next(), change: change.id, result: Ok(()) });
    assert!(!harness.state().dialogs.is_open());
}

#[test]
fn what_came_during_a_deletion_is_told() {
    let targets = vec![Target::Folder(Prefix::new("photos/2026/"))];
    let mut harness = open(Dialog::DeleteObjects { at: location(), targets });
    let Command::CountObjects { request: counted, .. } = harness.state_mut().the_command() else { panic!("a count") };
    let count = Box::new(ObjectCount { objects: 3, total_bytes: 9, ..ObjectCount::default() });
    tell(&mut harness, Event::ObjectsCounted { request: counted, count, end: Some(Ok(())) });
    click_button(&mut harness, "Delete 3 objects");
    let Command::DeleteObjects { request, counted: agreed, .. } = harness.state_mut().the_command() else {
        panic!("a deletion");
    };
    assert_eq!(agreed, counted, "what was shown is what goes");
    let (at, failed) = (Box::new(location()), Vec::new());
    tell(&mut harness, Event::ObjectsDeleted { request, at, deleted: 3, came: 2, failed, end: Some(Ok(())) });
    let said = spoken(&harness);
    assert!(said.contains("3 objects were deleted"), "{said}");
    assert!(said.contains("2 objects came after the count and were left"), "{said}");
}

#[test]
fn a_count_that_is_not_agreed_to_is_given_back() {
    let targets = vec![Target::Folder(Prefix::new("photos/2026/"))];
    let mut harness = open(Dialog::DeleteObjects { at: location(), targets });
    let Command::CountObjects { request, .. } = harness.state_mut().the_command() else { panic!("a count") };
    let count = Box::new(ObjectCount { objects: 3, ..ObjectCount::default() });
    tell(&mut harness, Event::ObjectsCounted { request, count, end: Some(Ok(())) });
    press(&mut harness, Key::Escape);
    assert!(matches!(harness.state_mut().the_command(), Command::StopRequest { request: r } if r == request));
}
